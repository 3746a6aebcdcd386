"""Take out the package of a case: an act that changes nothing in it and stands in its history."""

from collections.abc import Callable

from vetting.engine.facts import CaseExported
from vetting.engine.policy import Action
from vetting.engine.refusals import Unacceptable
from vetting.engine.sentences import say
from vetting.records.book import Book
from vetting.usecases.desk import Answer, Desk, Sent


def export_case(
    desk: Desk, sent: Sent, case: str, reason: str, make: Callable[[int, str, str], str]
) -> Answer:
    """Write down that a package was taken out, and what was in it.

    *make* returns the hash of the package: up to which entry it goes, when it was made, what for.
    It is asked within the transaction, so that nothing comes between the package and its entry.
    """

    def do(book: Book) -> Answer:
        if not reason.strip():
            raise Unacceptable(say("Give a reason."))
        opened = book.case(case, bystander=True)
        manifest = make(opened.entry_count, book.at, reason)
        exported = book.state(case, CaseExported(reason, manifest))
        return {"case": case, "number": exported.entry_count}

    return desk.act(Action.EXPORT_CASE, sent, {"case": case, "reason": reason}, do)
