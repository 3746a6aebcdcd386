"""Record a dated fact, such as a hearing, or refer to a paper of the file."""

from collections.abc import Mapping, Sequence
from datetime import date

from vetting.engine import record
from vetting.engine.canonical import Json
from vetting.engine.casefile import CaseFile
from vetting.engine.policy import Action
from vetting.records.book import Book
from vetting.usecases.desk import Answer, Desk, Sent
from vetting.usecases.moves import each


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
            return book.state(case.handle, fact, move=name)

        return each(book.opened(cases, sent.seen), write_down)

    content: dict[str, Json] = {"cases": list(cases), "name": name, "details": dict(details)}
    return desk.act(Action.RECORD_FACT, sent, content, do)


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
