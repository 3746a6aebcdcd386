"""Confirm that somebody can take over what an officer left who must not deal with a case."""

from vetting.engine.facts import ConflictTakenOver
from vetting.engine.policy import Action
from vetting.engine.refusals import OutOfTurn
from vetting.engine.sentences import say
from vetting.records.book import Book
from vetting.records.history import bodies_of_declarations
from vetting.records.standing import Purpose, on_purpose
from vetting.records.stranding import as_told_to, steps_of_nobody
from vetting.usecases.desk import Answer, Desk, Sent


def confirm_takeover(desk: Desk, sent: Sent, case: str) -> Answer:
    """Confirm it for every declaration in a case that waits: no open step is left to nobody.

    It is refused as long as one is, and as long as whoever declared it is still the only one who
    could open the case again. The head of the Board confirms it, and no clock ever does.
    """

    def do(book: Book) -> Answer:
        opened = book.case(case, sent.seen)
        waiting = opened.conflicts_waiting
        if not waiting:
            raise OutOfTurn(say("No declared conflict of interest waits in this case."))
        if not waiting <= opened.recused:
            raise OutOfTurn(
                say(
                    "Whoever declared it is still the only one who could open the case again. They "
                    "have to leave it to another head of the Board, and to declare it once more."
                )
            )
        with on_purpose(book.connection, Purpose.STAFFING):
            steps = list(steps_of_nobody(book.connection, book.definitions, book.today, case))
        left = as_told_to(book.principal.organisation, steps)
        if left:
            raise OutOfTurn(
                say(
                    "%(count)s open steps of this case have nobody yet who could take them. "
                    "Entrust somebody first.",
                    count=len(left),
                )
            )
        bodies = bodies_of_declarations(book.connection, case)
        for officer in sorted(waiting):
            book.state(case, ConflictTakenOver(officer, bodies.get(officer)))
        return {"case": case}

    return desk.act(Action.CONFIRM_TAKEOVER, sent, {"case": case}, do)
