"""Restrict a case: to those of a clearance, or to some by name; or open it again."""

from collections.abc import Collection, Sequence

from sqlalchemy import func, select

from vetting.engine.canonical import Json
from vetting.engine.casefile import HIGHEST_LEVEL
from vetting.engine.facts import CaseRestricted
from vetting.engine.notices import RESTRICTED
from vetting.engine.policy import Action
from vetting.engine.recuse import has_declared
from vetting.engine.refusals import OutOfTurn, Unacceptable
from vetting.engine.sentences import say
from vetting.records.book import Book
from vetting.records.officers import officers
from vetting.records.stranding import Restricted, refuse_stranding
from vetting.usecases.desk import Answer, Desk, Sent

NOBODY_IS_LEFT_OUT = say(
    "The case is open to everybody whose work it is. Choose a level, or those who may know of it."
)


def restrict_case(
    desk: Desk, sent: Sent, case: str, level: int, named: Sequence[str] = ()
) -> Answer:
    """Keep a case to a level and to those named; level 0 and nobody named opens it again.

    Whoever restricts it is always among those named, and must be cleared for the level. It is
    refused where a step that is open now would be left to nobody, and where no head of the Board
    would be left who could open it again, as where a substitute keeps it to themself. Whoever
    supervises is told that it was done, also where the case is kept from them.
    """

    def do(book: Book) -> Answer:
        if not 0 <= level <= HIGHEST_LEVEL:
            raise Unacceptable(say("Choose one of the levels that there are."))
        if level > book.principal.clearance:
            raise Unacceptable(say("You are not cleared for this level yourself."))
        opened = book.case(case, sent.seen, declared=True)
        names = frozenset({*named, book.principal.officer}) if named else frozenset()
        if (level, names) == (opened.level, opened.named):
            if not level and not names:
                raise OutOfTurn(NOBODY_IS_LEFT_OUT, about="level")
            raise OutOfTurn(say("The case is restricted in just this way already."))
        to_fewer = bool(names) and not (opened.named and opened.named <= names)
        narrower = level > opened.level or to_fewer
        if narrower and has_declared(opened, book.principal.persons):
            raise OutOfTurn(
                say(
                    "You have declared that you must not deal with this case. You can only open it "
                    "to more people, so that another head of the Board can take it over."
                )
            )
        _refuse_unknown(book, names)
        change = Restricted(book.today, level=level, named=names, case=case)
        by = book.principal.organisation
        refuse_stranding(book.connection, book.definitions, change, by)
        book.state(case, CaseRestricted(level, tuple(sorted(names))))
        book.tell_overseers(case, RESTRICTED)
        return {"case": case}

    content: dict[str, Json] = {"case": case, "level": level, "named": list(named)}
    return desk.act(Action.RESTRICT_CASE, sent, content, do)


def _refuse_unknown(book: Book, names: Collection[str]) -> None:
    o = officers.c
    known = book.connection.scalar(
        select(func.count()).where(o.handle.in_(names), o.disabled_at.is_(None))
    )
    if known != len(names):
        raise Unacceptable(say("Name officers who can sign in."))
