"""Recuse oneself: from here on the case does not exist for the officer, in no capacity."""

from vetting.engine.facts import ConsultationReleased
from vetting.engine.policy import Action
from vetting.engine.recuse import recused
from vetting.engine.refusals import Unknown
from vetting.engine.sentences import say
from vetting.engine.telling import RELEASED
from vetting.engine.vocabulary import HAT_OF_ROLE, Hat
from vetting.records.book import Book
from vetting.records.scope import not_kept_for_good
from vetting.records.stranding import Recused, refuse_stranding
from vetting.usecases.desk import Answer, Desk, Sent
from vetting.usecases.open_in_emergency import end_all_of


def recuse_oneself(desk: Desk, sent: Sent, case: str) -> Answer:
    """Declare that one must not deal with a case. It cannot be taken back, and why is not asked.

    It is refused as long as nobody else could take the steps that are open, or could open a
    restricted case again: somebody has to be entrusted or named first. Whoever reads the case in an
    emergency can declare it too, and reads no more.
    """

    def do(book: Book) -> Answer:
        who = book.principal
        body = who.organisation if HAT_OF_ROLE.get(who.role) is Hat.OPINE else None
        if not not_kept_for_good(book.connection, who, case):
            raise Unknown(say("There is no such case."))
        opened = book.case(case, bystander=True)
        leaving = Recused(book.today, officer=who.officer, case=case)
        refuse_stranding(book.connection, book.definitions, leaving, who.organisation)
        for fact in list(recused(book.consulting, opened, who.officer, body)):
            stated = book.state(case, fact)
            if isinstance(fact, ConsultationReleased) and fact.source == "signed":
                key = f"{case}/{stated.entry_count}/{fact.body}"
                book.give_notice(key, RELEASED, case, fact.body, "body")
        end_all_of(book, case)
        return {"case": case}

    return desk.act(Action.RECUSE, sent, {"case": case}, do)
