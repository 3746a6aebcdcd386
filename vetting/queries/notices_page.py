"""The notices of an officer: what they were told in their capacity, newest first.

What one act told them stands on one line, however many cases it was about. A case that is kept from
the reader takes its notices with it. One that is the reader's no more leaves the notice that says
so, and nothing about the case.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import Any

from sqlalchemy import ColumnElement, Connection, Select, and_, case, func, literal, or_, select

from vetting.engine.definition import Title
from vetting.engine.notices import CATALOGUE, TOLD_WHERE_KEPT, Catalogued, title_of
from vetting.engine.policy import Principal
from vetting.engine.reading import Definitions
from vetting.engine.refusals import Unknown
from vetting.engine.sentences import say
from vetting.engine.vocabulary import CaseType, Role
from vetting.queries.keyset import PAGE, Page, beyond, paged, read_mark
from vetting.queries.opened_case import is_handle
from vetting.records.absences import absences, substitutions
from vetting.records.cases import cases
from vetting.records.consultations import consultations
from vetting.records.database import Statement
from vetting.records.officers import officers
from vetting.records.outbox import notice_steps, outbox, recipients
from vetting.records.scope import (
    Bound,
    bound,
    concerns,
    in_scope,
    shape_of,
    values_of,
    visible_to,
    withheld_from,
)
from vetting.records.standing import Purpose, on_purpose

WINDOW = 500  # notices that are looked at first for a page of lines
MOST_COUNTED = 200  # unopened notices, of which the newest are counted for the menu
_RELEASED = sorted({on for (on, _), told in CATALOGUE.items() if told.released})
_BODY_ROLES = frozenset({Role.BODY_OFFICER, Role.BODY_SIGNER})

_o, _r, _k = outbox.c, recipients.c, cases.c


@dataclass(frozen=True)
class ToldCase:
    """The case that a notice is about, as the reader may see it."""

    handle: str
    reference: str | None
    name: str
    born: str
    target: str
    case_type: CaseType
    unit: str
    question: str | None  # where the reader's body was asked about it


@dataclass(frozen=True)
class ToldNaming:
    """Whom the reader was named to act for, as it is written down now."""

    name: str
    organisation: str
    role: Role
    first: str
    last: str


@dataclass(frozen=True)
class NoticeLine:
    """What one act told the reader."""

    telling: str
    on: str
    at: str
    title: Title
    told: Catalogued
    count: int  # cases
    unopened: int
    waits: bool  # for the reader to say that they know
    one: ToldCase | None  # the case, where it is about one that the reader sees
    naming: ToldNaming | None = None  # where it is about no case


@dataclass(frozen=True)
class NoticesPage:
    """A page of notices."""

    page: Page[NoticeLine]
    only_unopened: bool
    unopened: int  # on this page
    too_much_read: bool = False  # the cases are left out, since their reader may see no more today

    @property
    def without_cases(self) -> "NoticesPage":
        """The same notices, without saying about whom they are."""
        rows = tuple(replace(line, one=None) for line in self.page.rows)
        return replace(self, page=replace(self.page, rows=rows), too_much_read=True)

    @property
    def cases(self) -> list[str]:
        """The cases shown."""
        return [line.one.handle for line in self.page.rows if line.one is not None]


@dataclass(frozen=True)
class NoticePage:
    """One notice, with the cases that it is about."""

    line: NoticeLine
    page: Page[ToldCase]
    hidden: int  # cases that are the reader's no more
    acknowledged_at: str | None


@dataclass(frozen=True)
class Unopened:
    """How many notices a reader has not opened."""

    count: int
    and_more: bool


def notices_page(
    connection: Connection,
    principal: Principal,
    definitions: Definitions,
    *,
    only_unopened: bool = False,
    after: str | None = None,
) -> NoticesPage:
    """Return what the reader was told, newest first, in a few statements."""
    with on_purpose(connection, Purpose.TELLING):  # some are about a case that is kept from them
        return _notices_page(
            connection, principal, definitions, only_unopened=only_unopened, after=after
        )


def _notices_page(
    connection: Connection,
    principal: Principal,
    definitions: Definitions,
    *,
    only_unopened: bool = False,
    after: str | None = None,
) -> NoticesPage:
    """Read the newest notices.

    However much somebody was told, only the newest is looked at: as many notices as fill a page
    in all likelihood, and more of them as long as they do not.
    """
    order = (_r.at, _o.telling, _o.on_move)
    statement = _lines(principal).order_by(*(column.desc() for column in order)).limit(PAGE + 1)
    own = [_r.officer == principal.officer, _r.organisation == principal.organisation]
    if only_unopened:
        own.append(_r.opened_at.is_(None))
    if mark := read_mark(after, len(order)):
        statement = statement.where(beyond(order, mark, backwards=True))
        own.append(_r.at <= mark[0])
    statement = statement.where(*own)
    window, rows = WINDOW, list[Any]()
    while len(rows) <= PAGE:
        newest = select(_r.at).where(*own).order_by(_r.at.desc()).offset(window).limit(1)
        since = connection.scalar(newest)
        narrow = statement if since is None else statement.where(_r.at >= since)
        rows = list(connection.execute(narrow))
        if since is None:
            break
        window *= 8
    make = _Lines(connection, principal, definitions, rows[:PAGE])
    page = paged(rows, PAGE, after, lambda row: (row.at, row.telling, row.on_move), make)
    return NoticesPage(page, only_unopened, sum(line.unopened for line in page.rows))


def notice_page(
    connection: Connection,
    principal: Principal,
    definitions: Definitions,
    telling: str,
    on: str,
    *,
    after: str | None = None,
) -> NoticePage:
    """Return one notice; for whom it is not, or not any more, there is none."""
    with on_purpose(connection, Purpose.TELLING):
        return _notice_page(connection, principal, definitions, telling, on, after=after)


def _notice_page(
    connection: Connection,
    principal: Principal,
    definitions: Definitions,
    telling: str,
    on: str,
    *,
    after: str | None = None,
) -> NoticePage:
    if not is_handle(telling):
        raise Unknown(say("There is no such notice."))
    of_this = and_(_o.telling == telling, _o.on_move == on)
    rows = connection.execute(_lines(principal).where(of_this)).all()
    if not rows:
        raise Unknown(say("There is no such notice."))
    line = _Lines(connection, principal, definitions, rows)(rows[0])
    order = (_k.reference, _k.handle)
    statement = (
        _seen(principal, _k.handle, _k.reference)
        .where(of_this, visible_to(principal))
        .order_by(*order)
        .limit(PAGE + 1)
    )
    if mark := read_mark(after, len(order)):
        statement = statement.where(beyond(order, mark))
    found = connection.execute(statement).all()
    told = _told_cases(connection, principal, [row.handle for row in found])
    page = paged(
        found, PAGE, after, lambda row: (row.reference, row.handle), lambda row: told[row.handle]
    )
    visible = connection.scalar(
        select(func.count()).select_from(
            _seen(principal, _k.handle).where(of_this, visible_to(principal)).subquery()
        )
    )
    known = rows[0].acknowledged_at if rows[0].acknowledged == line.count else None
    hidden = 0 if line.naming is not None else line.count - int(visible or 0)
    return NoticePage(line, page, hidden, known)


def unopened(connection: Connection, principal: Principal) -> Unopened:
    """Return how many notices the reader has not opened, in one statement; of many, the newest.

    Every page asks it for its menu, so it is built once for all readers of one shape.
    """
    statement = _count_unopened(*shape_of(principal))
    with on_purpose(connection, Purpose.TELLING):
        [row] = statement(connection, values_of(principal))
    return Unopened(row.lines, row.all == MOST_COUNTED)


@lru_cache(maxsize=256)
def _count_unopened(role: Role, persons: int, emergency: int, case_types: int | None) -> Statement:
    newest = (
        _seen(bound(role, persons, emergency, case_types), _o.telling, _o.on_move)
        .where(_r.opened_at.is_(None))
        .order_by(_r.at.desc())
        .limit(MOST_COUNTED)
        .subquery()
    )
    lines = newest.c.telling + "/" + newest.c.on_move
    return Statement(
        select(func.count(lines.distinct()).label("lines"), func.count().label("all")).select_from(
            newest
        )
    )


def _seen(principal: Principal | Bound, *columns: ColumnElement[Any]) -> Select[Any]:
    """Return the query for what the reader was told, in their capacity, and may still know of."""
    return (
        select(*columns)
        .select_from(
            recipients.join(outbox, _o.key == _r.notice).outerjoin(
                cases, _k.handle == _o.case_handle
            )
        )
        .where(
            _r.officer == principal.officer,
            _r.organisation == principal.organisation,
            or_(
                visible_to(principal),
                _released(principal),
                _told_where_kept(principal),
                _o.naming.is_not(None),
            ),
        )
    )


def _told_where_kept(principal: Principal | Bound) -> ColumnElement[bool]:
    """Return the clause that something is told of a case of the reader's work, kept or not.

    That it was opened to others in an emergency, or restricted: that, and nothing about it.
    """
    return and_(
        _o.on_move.in_([literal(on) for on in sorted(TOLD_WHERE_KEPT)]), concerns(principal)
    )


def _released(principal: Principal | Bound) -> ColumnElement[bool]:
    """Return the clause that a case is the reader's no more, and is kept from them by nothing."""
    return and_(
        _o.on_move.in_([literal(move) for move in _RELEASED]),
        _k.handle.not_in(withheld_from(principal)),
        in_scope(principal),
    )


def _lines(principal: Principal) -> Select[Any]:
    acknowledged = notice_steps.alias("acknowledged")
    a = acknowledged.c
    columns = (
        _o.telling,
        _o.on_move,
        _r.at,
        func.min(_o.audience).label("audience"),
        func.min(_o.case_handle).label("case_handle"),
        func.min(_o.naming).label("naming"),
        func.count().label("cases"),
        func.sum(case((_r.opened_at.is_(None), 1), else_=0)).label("unopened"),
        func.count(a.notice).label("acknowledged"),
        func.min(a.at).label("acknowledged_at"),
    )
    seen = _seen(principal, *columns)
    of_notice = and_(a.notice == _r.notice, a.officer == _r.officer, a.kind == "acknowledged")
    return seen.outerjoin(acknowledged, of_notice).group_by(_o.telling, _o.on_move, _r.at)


class _Lines:
    """What turns rows into lines, reading every case once."""

    def __init__(
        self,
        connection: Connection,
        principal: Principal,
        definitions: Definitions,
        rows: Sequence[Any],
    ) -> None:
        self._definitions = definitions
        single = [row.case_handle for row in rows if row.case_handle is not None]
        self._namings = _told_namings(connection, [row.naming for row in rows if row.naming])
        self._told = _told_cases(connection, principal, single)
        found = connection.execute(
            select(_k.handle, _k.case_type, _k.definition_version).where(_k.handle.in_(single))
        )
        self._versions = {row.handle: (row.case_type, row.definition_version) for row in found}

    def __call__(self, row: Any) -> NoticeLine:  # noqa: ANN401  # of `_lines`
        told = CATALOGUE[row.on_move, row.audience]
        if row.naming is not None:
            naming = self._namings[row.naming]
            unopened = int(row.unopened)
            return NoticeLine(
                telling=row.telling,
                on=row.on_move,
                at=row.at,
                title=told.title,
                told=told,
                count=0,
                unopened=unopened,
                waits=False,
                one=None,
                naming=naming,
            )
        definition = self._definitions.of(*self._versions[row.case_handle])
        consulting = self._definitions.consultation()
        return NoticeLine(
            telling=row.telling,
            on=row.on_move,
            at=row.at,
            title=title_of(definition, consulting, row.on_move, row.audience),
            told=told,
            count=row.cases,
            unopened=int(row.unopened),
            waits=told.acknowledged and row.acknowledged < row.cases,
            one=self._told.get(row.case_handle) if row.cases == 1 else None,
        )


def _told_namings(connection: Connection, handles: Sequence[str]) -> dict[str, ToldNaming]:
    """Return whom somebody was named to act for."""
    if not handles:
        return {}
    s, a = substitutions.c, absences.c
    rows = connection.execute(
        select(s.handle, officers.c.name, s.organisation, s.role, a.first_day, a.last_day)
        .join(absences, a.handle == s.absence)
        .join(officers, officers.c.handle == s.absent)
        .where(s.handle.in_(sorted(set(handles))))
    )
    return {
        row.handle: ToldNaming(
            row.name, row.organisation, Role(row.role), row.first_day, row.last_day
        )
        for row in rows
    }


def _told_cases(
    connection: Connection, principal: Principal, handles: Sequence[str]
) -> dict[str, ToldCase]:
    """Return those of the cases that the reader sees."""
    if not handles:
        return {}
    rows = connection.execute(
        select(_k.handle, _k.reference, _k.name, _k.born, _k.target, _k.case_type, _k.unit).where(
            _k.handle.in_(sorted(set(handles))), visible_to(principal)
        )
    ).all()
    questions: dict[str, str] = {}
    if rows and principal.role in _BODY_ROLES:
        c = consultations.c
        questions = {
            row.case_handle: row.handle
            for row in connection.execute(
                select(c.case_handle, c.handle)
                .where(
                    c.case_handle.in_([row.handle for row in rows]),
                    c.body == principal.organisation,
                    c.state != "withdrawn",
                )
                .order_by(c.turn)
            )
        }
    return {
        row.handle: ToldCase(
            row.handle,
            row.reference,
            row.name,
            row.born,
            row.target,
            CaseType(row.case_type),
            row.unit,
            questions.get(row.handle),
        )
        for row in rows
    }
