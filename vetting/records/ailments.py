"""Ailments as the records show them: of every open case, or of one.

Each is one statement for all cases or for one, so that an act asks again what a page has shown.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date

from sqlalchemy import Connection, and_, exists, func, or_, select, true

from vetting.engine.ailments import Ailment, Finding, Remedy
from vetting.engine.calendar import FIRST_YEAR, written
from vetting.engine.sentences import Organisations, say
from vetting.engine.staffing import BODY_ROLES
from vetting.engine.vocabulary import Kind, Role
from vetting.records.cases import cases
from vetting.records.conclusions import conclusions
from vetting.records.consultations import IS_OPEN, UNFINISHED, consultations
from vetting.records.officers import officers, role_assignments
from vetting.records.organisations import organisation_kinds, organisations, successions
from vetting.records.withheld import named_readers, recusals, restrictions


def ineligible_holders(
    connection: Connection, today: str, case: str | None = None
) -> Iterator[Finding]:
    """Yield open questions held, or drafted, by somebody who may not hold them there."""
    c, o, a = consultations.c, officers.c, role_assignments.c
    r, n, x = recusals.c, named_readers.c, restrictions.c
    works_there = exists().where(
        a.officer == o.handle,
        a.organisation == c.body,
        a.role.in_([role.value for role in BODY_ROLES]),
        a.valid_from <= today,
        or_(a.valid_to.is_(None), a.valid_to >= today),
        a.clearance >= func.coalesce(x.level, 0),
    )
    stepped_aside = exists().where(r.case_handle == c.case_handle, r.officer == o.handle)
    named = exists().where(n.case_handle == c.case_handle, n.officer == o.handle)
    rows = connection.execute(
        select(c.handle, c.case_handle, c.body)
        .distinct()
        .select_from(
            consultations.join(
                officers,
                or_(o.handle == c.officer, o.handle == c.draft_by, o.handle == c.draft_for),
            )
            .join(cases, cases.c.handle == c.case_handle)
            .outerjoin(restrictions, x.case_handle == c.case_handle)
        )
        .where(
            IS_OPEN,
            c.state.in_(UNFINISHED),
            or_(
                o.disabled_at.is_not(None),
                o.robot == 1,
                ~works_there,
                stepped_aside,
                and_(x.named_only == 1, ~named),
            ),
            cases.c.state == "consulting",
            c.case_handle == case if case is not None else true(),
        )
        .order_by(c.case_handle, c.handle)
    )
    for row in rows:
        # Who it is, is the body's own affair.
        yield Finding(
            Ailment.INELIGIBLE_HOLDER,
            row.case_handle,
            say(
                "At %(body)s somebody has the question in hand who may not deal with it.",
                body=Organisations((row.body,)),
            ),
            Role.BOARD_HEAD,
            Remedy.HAND_BACK,
            row.handle,
            row.body,
        )


def holders_to_release(
    connection: Connection, today: str, case: str, consultation: str
) -> set[str]:
    """Return who holds a question, or drafted it, and may not."""
    amiss = {one.consultation for one in ineligible_holders(connection, today, case)}
    if consultation not in amiss:
        return set()
    c = consultations.c
    row = connection.execute(
        select(c.officer, c.draft_by, c.draft_for).where(c.handle == consultation)
    ).one()
    return {officer for officer in row if officer is not None}


def dayless_conclusions(connection: Connection, case: str | None = None) -> Iterator[Finding]:
    """Yield cases that were concluded on a day that is none; nothing can be counted from it."""
    c = conclusions.c
    for handle in connection.scalars(
        select(c.case_handle)
        .where(
            c.decided_on < f"{FIRST_YEAR}-01-01",
            c.case_handle == case if case is not None else true(),
        )
        .order_by(c.case_handle)
    ):
        yield Finding(
            Ailment.DAYLESS_CONCLUSION,
            handle,
            say("The conclusion is written down without the day on which it was decided."),
            Role.SECRETARY,
            instead=say(
                "What was signed is not changed. The authority can amend the conclusion, with a "
                "reason that names the day."
            ),
        )


@dataclass(frozen=True)
class Successor:
    """The one body that took over from another, or why there is none to ask instead."""

    code: str | None
    many: int = 0
    asked_already: bool = False


def day_said(day: str) -> str:
    """Return a day as it is written in a sentence."""
    return written(date.fromisoformat(day))


def questions_at_dissolved_bodies(
    connection: Connection, today: str, case: str | None = None
) -> Iterator[Finding]:
    """Yield open questions at bodies that have ended."""
    c, o = consultations.c, organisations.c
    rows = connection.execute(
        select(c.handle, c.case_handle, c.body, o.valid_to)
        .join(organisations, o.code == c.body)
        .join(cases, cases.c.handle == c.case_handle)
        .where(
            IS_OPEN,
            o.valid_to < today,
            cases.c.state == "consulting",
            cases.c.turn == c.turn,
            c.case_handle == case if case is not None else true(),
        )
        .order_by(c.case_handle, c.handle)
    ).all()
    for row in rows:
        found = successor_of(connection, today, row.case_handle, row.body)
        body = Organisations((row.body,))
        if found.code is not None:
            sentence = say(
                "%(body)s ended on %(day)s and has not answered. %(successor)s took over.",
                body=body,
                day=day_said(row.valid_to),
                successor=Organisations((found.code,)),
            )
        elif found.asked_already:
            sentence = say(
                "%(body)s ended on %(day)s and has not answered. Its successor is asked already.",
                body=body,
                day=day_said(row.valid_to),
            )
        else:
            sentence = say(
                "%(body)s ended on %(day)s and has not answered. "
                "The registers name no single body that took over.",
                body=body,
                day=day_said(row.valid_to),
            )
        yield Finding(
            Ailment.DISSOLVED_BODY,
            row.case_handle,
            sentence,
            Role.BOARD_HEAD,
            Remedy.REDIRECT if found.code is not None else None,
            row.handle,
            row.body,
            instead=None
            if found.code is not None
            else say("The Board can take the question back, or ask another body besides."),
        )


def successor_of(connection: Connection, today: str, case: str, body: str) -> Successor:
    """Return the body to ask instead: the only one that took over, is there, and is not asked."""
    s, o, k, c = successions.c, organisations.c, organisation_kinds.c, consultations.c
    codes = connection.scalars(
        select(s.successor)
        .join(organisations, o.code == s.successor)
        .join(organisation_kinds, k.organisation == s.successor)
        .where(
            s.predecessor == body,
            k.kind == Kind.CONSULTED_BODY.value,
            or_(s.from_date.is_(None), s.from_date <= today),
            or_(o.valid_from.is_(None), o.valid_from <= today),
            or_(o.valid_to.is_(None), o.valid_to >= today),
        )
        .order_by(s.successor)
    ).all()
    if len(codes) != 1:
        return Successor(None, len(codes))
    asked = connection.scalar(
        select(c.handle)
        .join(cases, cases.c.handle == c.case_handle)
        .where(
            c.case_handle == case,
            c.body == codes[0],
            or_(cases.c.turn == c.turn, IS_OPEN),
        )
        .limit(1)
    )
    return Successor(None, 1, asked_already=True) if asked is not None else Successor(codes[0], 1)
