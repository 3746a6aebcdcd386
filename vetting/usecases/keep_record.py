"""Keep the record of a case: hold it, lift a hold, say by which class it is kept."""

from vetting.engine.canonical import Json
from vetting.engine.facts import HoldLifted, RecordClassed, RecordHeld
from vetting.engine.policy import Action
from vetting.engine.refusals import OutOfTurn, Unacceptable, Unknown
from vetting.engine.sentences import say
from vetting.records import disposals
from vetting.records.book import Book
from vetting.usecases.desk import Answer, Desk, Sent

_WITH_A_REASON = say("Give a reason.")


def hold_record(desk: Desk, sent: Sent, case: str, reason: str) -> Answer:
    """Hold a record: nothing of it is disposed of while the hold stands."""

    def do(book: Book) -> Answer:
        _refuse(book, case, sent, reason)
        book.state(case, RecordHeld(reason.strip()))
        return {"case": case}

    return desk.act(Action.HOLD_RECORD, sent, {"case": case, "reason": reason}, do)


def lift_hold(desk: Desk, sent: Sent, case: str, hold: int, reason: str) -> Answer:
    """Lift one hold; those that others placed stay."""

    def do(book: Book) -> Answer:
        if hold not in book.case(case, bystander=True).holds:
            raise Unknown(say("There is no such hold."))
        _refuse(book, case, sent, reason)
        book.state(case, HoldLifted(hold, reason.strip()))
        return {"case": case}

    content: dict[str, Json] = {"case": case, "hold": hold, "reason": reason}
    return desk.act(Action.HOLD_RECORD, sent, content, do)


def class_record(desk: Desk, sent: Sent, case: str, record_class: str, reason: str) -> Answer:
    """Say by which retention class a record is kept, where it is not the one of its case type."""

    def do(book: Book) -> Answer:
        _refuse(book, case, sent, reason)
        if record_class not in disposals.schedules(book.connection):
            raise Unacceptable(say("Choose one of the retention classes that there are."))
        if book.case(case, bystander=True).record_class == record_class:
            raise OutOfTurn(say("The record is kept by this class already."))
        book.state(case, RecordClassed(record_class, reason.strip()))
        return {"case": case}

    content = {"case": case, "class": record_class, "reason": reason}
    return desk.act(Action.CLASS_RECORD, sent, content, do)


def _refuse(book: Book, case: str, sent: Sent, reason: str) -> None:
    book.case(case, sent.seen, bystander=True)
    if not reason.strip():
        raise Unacceptable(_WITH_A_REASON)
