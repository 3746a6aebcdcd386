"""Receive consultations and assign them: what a body does before there is an opinion."""

from collections.abc import Sequence

from vetting.engine.facts import ConsultationAssigned, ConsultationReceived
from vetting.engine.policy import Action, may_be_told
from vetting.engine.refusals import OutOfTurn, Unacceptable
from vetting.engine.sentences import say
from vetting.records import officers
from vetting.records.book import Book, matter_of
from vetting.usecases.desk import Answer, Desk, Sent
from vetting.usecases.moves import each_consultation, step_of_consultation


def receive_consultations(desk: Desk, sent: Sent, consultations: Sequence[str]) -> Answer:
    """Confirm that the body received the questions."""

    def do(book: Book) -> Answer:
        def receive(consultation: str) -> None:
            case = book.case_of(consultation)
            made, asked = step_of_consultation(book, case, consultation, "receive")
            fact = ConsultationReceived(made.source, made.target, consultation, asked.body)
            book.state(case.handle, fact, move="receive")

        return each_consultation(book, consultations, sent.seen, receive)

    return desk.act(Action.RECEIVE_CONSULTATION, sent, {"consultations": list(consultations)}, do)


def assign_consultations(
    desk: Desk, sent: Sent, consultations: Sequence[str], officer: str
) -> Answer:
    """Give questions to an officer of the body."""

    def do(book: Book) -> Answer:
        body = book.principal.organisation
        clearance = officers.clearance_of(book.connection, officer, body, book.today)
        if clearance is None:
            raise Unacceptable(say("Choose an officer of your own body."))

        def assign(consultation: str) -> None:
            case = book.case_of(consultation)
            made, asked = step_of_consultation(book, case, consultation, "assign")
            if officer in case.recused:
                raise OutOfTurn(say("This officer must not deal with the case; choose another."))
            if not may_be_told(officer, clearance, matter_of(case)):
                raise OutOfTurn(say("This officer may not know of the case; choose another."))
            fact = ConsultationAssigned(made.source, made.target, consultation, asked.body, officer)
            book.state(case.handle, fact, move="assign")

        return each_consultation(book, consultations, sent.seen, assign)

    content = {"consultations": list(consultations), "officer": officer}
    return desk.act(Action.ASSIGN_CONSULTATION, sent, content, do)
