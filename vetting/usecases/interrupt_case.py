"""Interrupt a case: the unit withdraws it, the Board suspends and resumes it."""

from vetting.engine.casefile import CaseFile
from vetting.engine.facts import (
    CaseResumed,
    CaseSuspended,
    CaseWithdrawn,
    ConsultationTakenBack,
)
from vetting.engine.policy import Action
from vetting.engine.refusals import OutOfTurn, Unknown
from vetting.engine.sentences import say
from vetting.engine.vocabulary import Need
from vetting.records.book import Book
from vetting.usecases.desk import Answer, Desk, Sent
from vetting.usecases.moves import settle, step, step_of_consultation


def withdraw_case(desk: Desk, sent: Sent, case: str, reason: str) -> Answer:
    """Withdraw a request. Bodies still asked are released; what they signed stays."""

    def do(book: Book) -> Answer:
        before = book.case(case, sent.seen)
        made = step(book, before, "withdraw", reason=reason)
        now = book.state(case, CaseWithdrawn(made.source, made.target, reason), move="withdraw")
        for asked in now.asked_now():
            if asked.state != "signed":
                book.state(
                    case,
                    ConsultationTakenBack(
                        asked.state, "withdrawn", asked.handle, asked.body, reason
                    ),
                    move="take_back",
                )
        return {"case": case}

    return desk.act(Action.WITHDRAW_CASE, sent, {"case": case, "reason": reason}, do)


def suspend_case(desk: Desk, sent: Sent, case: str, reason: str) -> Answer:
    """Suspend a case where it stands."""

    def do(book: Book) -> Answer:
        made = step(book, book.case(case, sent.seen), "suspend", reason=reason)
        book.state(case, CaseSuspended(made.source, made.target, reason), move="suspend")
        return {"case": case}

    return desk.act(Action.SUSPEND_CASE, sent, {"case": case, "reason": reason}, do)


def resume_case(desk: Desk, sent: Sent, case: str, reason: str) -> Answer:
    """Take a suspended case up again where it stood."""

    def do(book: Book) -> Answer:
        made = step(book, book.case(case, sent.seen), "resume", reason=reason)
        now = book.state(case, CaseResumed(made.source, made.target, reason), move="resume")
        settle(book, now)
        return {"case": case}

    return desk.act(Action.SUSPEND_CASE, sent, {"case": case, "reason": reason}, do)


def take_back_consultation(
    desk: Desk, sent: Sent, case: str, consultation: str, reason: str
) -> Answer:
    """No longer ask a body, with a reason; the case moves on if nobody else owes an answer."""

    def do(book: Book) -> Answer:
        before: CaseFile = book.case(case, sent.seen)
        if all(one.handle != consultation for one in before.consultations):
            raise Unknown(say("There is no such consultation."))
        made, asked = step_of_consultation(book, before, consultation, "take_back", reason=reason)
        others = [one for one in before.asked_now() if one.handle != consultation]
        if asked.need is Need.MUST and not any(one.need is Need.MUST for one in others):
            raise OutOfTurn(
                say("This is the last body that must answer; without an answer nothing follows.")
            )
        fact = ConsultationTakenBack(made.source, made.target, consultation, asked.body, reason)
        settle(book, book.state(case, fact, move="take_back"))
        return {"case": case}

    content = {"case": case, "consultation": consultation, "reason": reason}
    return desk.act(Action.TAKE_BACK_CONSULTATION, sent, content, do)
