"""More time for an answer: a body asks, and somebody of the Board gives it or does not."""

from vetting.engine import more_time
from vetting.engine.calendar import refuse_no_day
from vetting.engine.canonical import Json
from vetting.engine.casefile import CaseFile, Consultation
from vetting.engine.more_time import Owed, Wanted
from vetting.engine.policy import Action
from vetting.engine.refusals import Unknown
from vetting.engine.sentences import say
from vetting.records.book import Book
from vetting.records.calendars import calendar_of
from vetting.usecases.desk import Answer, Desk, Sent


def ask_more_time(desk: Desk, sent: Sent, consultation: str, wanted: Wanted, reason: str) -> Answer:
    """Ask for a later day for the answer of one's own body. Nothing moves by that."""

    def do(book: Book) -> Answer:
        refuse_no_day(wanted.until)
        case = book.case_of(consultation, sent.seen)
        owed = _owed(book, case, case.consultation(consultation))
        book.state(case.handle, more_time.ask(owed, book.actor, wanted, reason))
        return {"case": case.handle, "consultation": consultation}

    content: dict[str, Json] = {
        "consultation": consultation,
        "working_days": wanted.working_days,
        "until": wanted.until,
        "reason": reason,
    }
    return desk.act(Action.ASK_MORE_TIME, sent, content, do)


def answer_more_time(
    desk: Desk, sent: Sent, case: str, consultation: str, *, gives: bool, reason: str
) -> Answer:
    """Give a body the time that it asked for, or leave its day as it is; both with a reason."""

    def do(book: Book) -> Answer:
        now = book.case(case, sent.seen)
        asked = _of_the_case(now, consultation)
        if gives:
            owed = _owed(book, now, asked)
            book.state(case, more_time.grant(owed, book.actor, reason))
        else:
            book.state(case, more_time.refuse(now, asked, book.actor, reason))
        return {"case": case}

    content: dict[str, Json] = {
        "case": case,
        "consultation": consultation,
        "gives": gives,
        "reason": reason,
    }
    return desk.act(Action.ANSWER_MORE_TIME, sent, content, do)


def _owed(book: Book, case: CaseFile, asked: Consultation) -> Owed:
    calendar = calendar_of(book.connection, asked.body)
    return Owed(case, book.definition(case), asked, calendar, book.today)


def _of_the_case(case: CaseFile, consultation: str) -> Consultation:
    found = next((one for one in case.consultations if one.handle == consultation), None)
    if found is None:
        raise Unknown(say("There is no such consultation."))
    return found
