"""Recuse oneself: from here on the case does not exist for the officer, in no capacity."""

from vetting.engine.canonical import Json
from vetting.engine.facts import ConflictDeclaredWaiting, ConsultationReleased, Fact
from vetting.engine.notices import CONFLICT_WAITING
from vetting.engine.policy import Action
from vetting.engine.recuse import has_declared, recused
from vetting.engine.refusals import OutOfTurn, Unknown
from vetting.engine.sentences import say
from vetting.engine.staffing import Duty
from vetting.engine.telling import RELEASED
from vetting.engine.vocabulary import HAT_OF_ROLE, Hat
from vetting.records.book import Book
from vetting.records.scope import not_kept_for_good
from vetting.records.stranding import Recused, Stranding, refuse_stranding
from vetting.usecases.desk import Answer, Desk, Sent
from vetting.usecases.open_in_emergency import end_all_of


def recuse_oneself(desk: Desk, sent: Sent, case: str, *, waiting: bool = False) -> Answer:
    """Declare that one must not deal with a case. It cannot be taken back, and why is not asked.

    It is refused as long as nobody else could take the steps that are open, or could open a
    restricted case again, unless the declaration is left *waiting* for somebody who can: then it
    is written down and holds at once, and the Board and whoever supervises are told. Where nobody
    else could open the case again, the officer keeps that one act, and the sight of the case,
    until they have left it to somebody. Whoever reads the case in an emergency can declare it too,
    and reads no more.
    """

    def do(book: Book) -> Answer:
        who = book.principal
        body = who.organisation if HAT_OF_ROLE.get(who.role) is Hat.OPINE else None
        if not not_kept_for_good(book.connection, who, case):
            raise Unknown(say("There is no such case."))
        opened = book.case(case, bystander=True)
        leaving = Recused(book.today, officer=who.officer, case=case)
        waits: Fact | None = None
        try:
            refuse_stranding(book.connection, book.definitions, leaving, who.organisation)
        except Stranding as stranding:
            if not waiting:
                raise
            buried = any(step.duty is Duty.LIFT for step in stranding.steps)
            if buried and has_declared(opened, {who.officer}):
                raise OutOfTurn(
                    say(
                        "You have declared this already, and nobody else can open the case yet. "
                        "Open its restriction to another head of the Board first."
                    )
                ) from stranding
            waits = ConflictDeclaredWaiting(who.officer, body, buried)
        for fact in list(recused(book.consulting, opened, who.officer, body, waits)):
            stated = book.state(case, fact)
            if isinstance(fact, ConsultationReleased) and fact.source == "signed":
                key = f"{case}/{stated.entry_count}/{fact.body}"
                book.give_notice(key, RELEASED, case, fact.body, "body")
        if waits is not None:
            book.tell_of_conflict(case, CONFLICT_WAITING, body)
        end_all_of(book, case)
        return {"case": case, "waits": waits is not None, "still_lifts": _still_lifts(waits)}

    content: dict[str, Json] = {"case": case}
    if waiting:
        content["waiting"] = True
    return desk.act(Action.RECUSE, sent, content, do)


def _still_lifts(waits: Fact | None) -> bool:
    return isinstance(waits, ConflictDeclaredWaiting) and waits.still_lifts
