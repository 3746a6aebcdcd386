"""Record a dated fact, such as a hearing, or refer to a paper of the file."""

from collections.abc import Mapping, Sequence
from datetime import date

from vetting.engine import record
from vetting.engine.canonical import Json
from vetting.engine.casefile import CaseFile
from vetting.engine.facts import FactRecorded
from vetting.engine.membership import ceremony_of, considered_too_early
from vetting.engine.policy import Action
from vetting.engine.refusals import HeldBack
from vetting.records.book import Book
from vetting.usecases.desk import Answer, Desk, Sent
from vetting.usecases.moves import each

CELL_RESOLUTION = "cell_resolution"


def record_fact(
    desk: Desk, sent: Sent, cases: Sequence[str], name: str, details: Mapping[str, str]
) -> Answer:
    """Record a dated fact, the same in each of the cases named."""

    def do(book: Book) -> Answer:
        today = date.fromisoformat(book.today)

        def write_down(case: CaseFile) -> CaseFile:
            fact = record.record_fact(
                book.definition(case), case, name, details, book.actor, today=today
            )
            _not_too_early(book, case, fact)
            return book.state(case.handle, fact, move=name)

        return each(book.opened(cases, sent.seen), write_down)

    content: dict[str, Json] = {"cases": list(cases), "name": name, "details": dict(details)}
    return desk.act(Action.RECORD_FACT, sent, content, do)


def _not_too_early(book: Book, case: CaseFile, fact: FactRecorded) -> None:
    """Refuse a cell's resolution on full membership that came before the probation had ended."""
    admission = book.admission_of(case) if fact.name == CELL_RESOLUTION else None
    ceremony = ceremony_of(admission) if admission else None
    if ceremony is None:
        return
    considered = date.fromisoformat(str(fact.details["passed_on"]))
    held = considered_too_early(book.definition(case), ceremony, considered)
    if held is not None:
        raise HeldBack(held)


def record_paper(
    desk: Desk, sent: Sent, case: str, name: str, details: Mapping[str, str]
) -> Answer:
    """Refer to a paper of the file: its number, date, custodian and pages, not its content."""

    def do(book: Book) -> Answer:
        now = book.case(case, sent.seen)
        fact = record.record_paper(
            book.definition(now),
            now,
            name,
            details,
            book.actor,
            today=date.fromisoformat(book.today),
        )
        book.state(case, fact)
        return {"case": case}

    content: dict[str, Json] = {"case": case, "name": name, "details": dict(details)}
    return desk.act(Action.RECORD_FACT, sent, content, do)
