"""Tell the outcome: notify the unit, and close what has nothing left to do."""

from collections.abc import Sequence

from sqlalchemy import select

from vetting.engine.casefile import CaseFile
from vetting.engine.facts import CaseClosed, UnitNotified
from vetting.engine.policy import Action
from vetting.records.amendments import of_case
from vetting.records.book import Book
from vetting.records.conclusions import conclusions
from vetting.usecases.desk import Answer, Desk, Sent
from vetting.usecases.moves import each, step


def notify_units(desk: Desk, sent: Sent, cases: Sequence[str]) -> Answer:
    """Tell the units the outcome and its reasons."""

    def do(book: Book) -> Answer:
        opened = book.opened(cases, sent.seen)
        reasons = dict(
            book.connection.execute(
                select(conclusions.c.case_handle, conclusions.c.reasons).where(
                    conclusions.c.case_handle.in_([case.handle for case in opened])
                )
            ).all()
        )

        for handle in [case.handle for case in opened if case.amended is not None]:
            last = of_case(book.connection, handle)
            stands = [one for one in last if one["consultation"] is None][-1]
            reasons[handle] = stands["reasons"] or stands["reason"]

        def notify(case: CaseFile) -> CaseFile:
            made = step(book, case, "notify")
            fact = UnitNotified(made.source, made.target, case.outcome or "", reasons[case.handle])
            return book.state(case.handle, fact, move="notify")

        return each(opened, notify)

    return desk.act(Action.NOTIFY_UNIT, sent, {"cases": list(cases)}, do)


def close_cases(desk: Desk, sent: Sent, cases: Sequence[str]) -> Answer:
    """Close cases; none closes before it is on record that the candidate was told."""

    def do(book: Book) -> Answer:
        def close(case: CaseFile) -> CaseFile:
            made = step(book, case, "close")
            return book.state(case.handle, CaseClosed(made.source, made.target), move="close")

        return each(book.opened(cases, sent.seen), close)

    return desk.act(Action.CLOSE_CASE, sent, {"cases": list(cases)}, do)
