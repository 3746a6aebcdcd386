"""Change who is asked while consultations run: add a body, or ask another instead of one.

Each is said with a reason and written down for everybody who may know of it. What the body that is
no longer asked had drafted stays in the history and in its question: not lost, and no opinion.
"""

from vetting.engine.calendar import refuse_no_day
from vetting.engine.casefile import CaseFile, Consultation
from vetting.engine.facts import BodyAdded, BodyAsked, BodyReplaced, ConsultationTakenBack
from vetting.engine.policy import Action
from vetting.engine.refusals import MoveNotOffered, Unacceptable, Unknown
from vetting.engine.sentences import Organisations, say
from vetting.engine.vocabulary import Need
from vetting.records import counters, letters, rules
from vetting.records.book import Book
from vetting.usecases.desk import Answer, Desk, Sent
from vetting.usecases.moves import step_of_consultation


def add_body(  # each of them is said on the form
    desk: Desk,
    sent: Sent,
    case: str,
    body: str,
    reason: str,
    *,
    due_on: str | None = None,
    instead_of: str | None = None,
) -> Answer:
    """Ask one body more in the present turn, or one instead of another, with a reason."""

    def do(book: Book) -> Answer:
        refuse_no_day(due_on)
        if due_on is not None and due_on < book.today:
            raise Unacceptable(say("The day by which an answer is due lies in the past."))
        now = book.case(case, sent.seen)
        if not reason.strip():
            raise Unacceptable(say("Give a reason."))
        _refuse_body(book, now, body)
        if instead_of is None:
            need = book.definition(now).rule_for(body).need
            asked = ask_one_more(book, now, body, need, due_on, reason.strip())
        else:
            if all(one.handle != instead_of for one in now.consultations):
                raise Unknown(say("There is no such consultation."))
            asked = ask_instead(book, now, instead_of, body, reason.strip(), due_on)
        return {"case": case, "consultation": asked}

    content = {
        "case": case,
        "body": body,
        "reason": reason,
        "due_on": due_on,
        "instead_of": instead_of,
    }
    return desk.act(Action.ADD_BODY, sent, content, do)


def ask_instead(  # all of it is one act
    book: Book,
    case: CaseFile,
    consultation: str,
    body: str,
    reason: str,
    due_on: str | None = None,
) -> str:
    """Ask another body under the same need, by the same day unless another is named."""
    made, before = step_of_consultation(book, case, consultation, "take_back", reason=reason)
    taken = ConsultationTakenBack(made.source, made.target, consultation, before.body, reason)
    case = book.state(case.handle, taken, move="take_back")
    asked = ask_one_more(book, case, body, before.need, due_on or before.due_on, reason)
    book.state(case.handle, BodyReplaced(consultation, asked, before.body, body, reason))
    return asked


def ask_one_more(  # a question to a body is all of this
    book: Book, case: CaseFile, body: str, need: Need, due_on: str | None, reason: str
) -> str:
    """Ask one body more in the present turn, by a letter of its own; returns its question."""
    letter, asked = book.ids.handle(), book.ids.handle()
    book.state(
        case.handle,
        BodyAsked(
            consultation=asked,
            body=body,
            turn=case.turn,
            need=need.value,
            letter=letter,
            due_on=due_on,
        ),
    )
    book.state(case.handle, BodyAdded(asked, body, case.turn, reason))
    sender, year = book.principal.organisation, int(book.today[:4])
    [number] = counters.take(book.connection, f"letter/{sender}/{year}", 1)
    book.insert(
        letters.INSERT,
        {
            "handle": letter,
            "direction": "outgoing",
            "sender": sender,
            "receiver": body,
            "year": year,
            "number": number,
            "symbol": None,
            "dated": None,
            "covers": 1,
            "written_by": book.principal.officer,
            "written_at": book.at,
        },
    )
    return asked


def _refuse_body(book: Book, case: CaseFile, body: str) -> None:
    if case.state != "consulting":
        raise MoveNotOffered(say("Bodies are added while the case waits for opinions."))
    if not rules.is_consulted_body(book.connection, body, book.today):
        raise Unacceptable(say("Choose a consulted body of the register."))
    if _asked_this_turn(case, body) is not None:
        raise MoveNotOffered(
            say(
                "%(body)s was asked in this turn already; it can be asked again in the next one.",
                body=Organisations((body,)),
            )
        )


def _asked_this_turn(case: CaseFile, body: str) -> Consultation | None:
    turn = (one for one in case.consultations if one.turn == case.turn)
    return next((one for one in turn if one.body == body), None)
