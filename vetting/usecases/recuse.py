"""Recuse oneself: from here on the case does not exist for the officer, in no capacity."""

from vetting.engine.policy import Action
from vetting.engine.recuse import recused
from vetting.engine.vocabulary import HAT_OF_ROLE, Hat
from vetting.records.book import Book
from vetting.records.stranding import Recused, refuse_stranding
from vetting.usecases.desk import Answer, Desk, Sent


def recuse_oneself(desk: Desk, sent: Sent, case: str) -> Answer:
    """Declare that one must not deal with a case. It cannot be taken back, and why is not asked.

    It is refused as long as nobody else could take the steps that are open: somebody has to be
    entrusted first.
    """

    def do(book: Book) -> Answer:
        who = book.principal
        body = who.organisation if HAT_OF_ROLE.get(who.role) is Hat.OPINE else None
        opened = book.case(case, bystander=True)
        leaving = Recused(book.today, officer=who.officer, case=case)
        refuse_stranding(book.connection, book.definitions, leaving)
        for fact in list(recused(book.consulting, opened, who.officer, body)):
            book.state(case, fact)
        return {"case": case}

    return desk.act(Action.RECUSE, sent, {"case": case}, do)
