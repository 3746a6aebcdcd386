"""Repair a case: what the doctor found and what can be mended without deciding anything.

Each repair is asked for again in its own transaction, done by the facts that the same act would
have anywhere else, and stands in the case's history with its reason.
"""

from vetting.engine.ailments import Remedy
from vetting.engine.casefile import CaseFile
from vetting.engine.facts import RowsRebuilt
from vetting.engine.policy import Action
from vetting.engine.recuse import handed_back
from vetting.engine.refusals import MoveNotOffered, Unacceptable
from vetting.engine.sentences import say
from vetting.records.ailments import holders_to_release, successor_of
from vetting.records.book import Book
from vetting.records.rebuild import mend_case
from vetting.records.standing import Purpose, on_purpose
from vetting.usecases.change_bodies import ask_instead
from vetting.usecases.desk import Answer, Desk, Sent


def repair_case(
    desk: Desk, sent: Sent, case: str, remedy: Remedy, consultation: str | None, reason: str
) -> Answer:
    """Repair one thing in a case, with a reason; refused where it is amiss no longer."""
    if not reason.strip():
        raise Unacceptable(say("Give a reason."))

    def do(book: Book) -> Answer:
        mended: tuple[str, ...] = ()
        if remedy is Remedy.REBUILD:
            book.case(case)  # it exists for whoever repairs it, before anything is written
            with on_purpose(book.connection, Purpose.CHECKING):
                mended = mend_case(book.connection, case)
            book.forget(case)
        opened = book.case(case, sent.seen)
        match remedy:
            case Remedy.REBUILD:
                if not mended:
                    raise _well()
                book.state(case, RowsRebuilt(mended, reason))
            case Remedy.HAND_BACK:
                _hand_back(book, opened, consultation or "", reason)
            case Remedy.REDIRECT:
                _redirect(book, opened, consultation or "", reason)
        return {"case": case}

    content = {
        "case": case,
        "remedy": remedy.value,
        "consultation": consultation,
        "reason": reason,
    }
    return desk.act(Action.REPAIR_CASE, sent, content, do)


def _well() -> MoveNotOffered:
    return MoveNotOffered(say("There is nothing to repair here any more. Look again."))


def _hand_back(book: Book, case: CaseFile, consultation: str, reason: str) -> None:
    """Give a question back to its body from whoever may not hold it there."""
    done = False
    for officer in sorted(
        holders_to_release(book.connection, book.today, case.handle, consultation)
    ):
        for fact in list(handed_back(book.consulting, case, officer, None)):
            if fact.consultation == consultation:
                case = book.state(case.handle, fact.because(reason))
                done = True
    if not done:
        raise _well()


def _redirect(book: Book, case: CaseFile, consultation: str, reason: str) -> None:
    """Ask the one body that took over, under the same need and date, by a letter of its own."""
    if all(one.handle != consultation for one in case.consultations):
        raise _well()
    asked = case.consultation(consultation)
    found = successor_of(book.connection, book.today, case.handle, asked.body)
    if found.code is None:
        raise MoveNotOffered(say("There is no single body to ask instead."))
    ask_instead(book, case, consultation, found.code, reason)
