"""Emergencies: who asked to read a case that is kept from them, and what was said to it.

Neither a request nor what was said is ever changed. A request keeps the reference as it was typed,
whether there is such a case or not.
"""

from collections import defaultdict
from collections.abc import Iterable
from typing import Any

from sqlalchemy import (
    CheckConstraint,
    Column,
    ColumnElement,
    Connection,
    Index,
    Integer,
    PrimaryKeyConstraint,
    Table,
    bindparam,
    exists,
    func,
    literal,
    literal_column,
    select,
)

from vetting.engine.emergency import Emergency, Said, Step
from vetting.engine.vocabulary import Role
from vetting.records.base import (
    CODE,
    HANDLE,
    METADATA,
    MOMENT,
    WORD,
    handle,
    optional,
    reference,
    required,
)
from vetting.records.database import Statement
from vetting.records.officers import login_sessions

emergency_requests = Table(
    "emergency_requests",
    METADATA,
    handle(primary_key=True),
    required("reference"),  # as it was typed
    reference("case_handle", "cases.handle", nullable=True),  # empty: there was none
    reference("officer", "officers.handle"),
    reference("organisation", "organisations.code", CODE),
    required("role", WORD),
    required("session", HANDLE),
    required("reason"),
    Column("hours", Integer, nullable=False),
    required("asked_at", MOMENT),
    CheckConstraint("hours IN (1,4,24)", "bounded"),
    CheckConstraint("reason <> ''", "with_a_reason"),
)
Index("ix_emergency_requests_officer", emergency_requests.c.officer, emergency_requests.c.asked_at)
Index("ix_emergency_requests_case_handle", emergency_requests.c.case_handle)
Index("ix_emergency_requests_asked_at", emergency_requests.c.asked_at)

emergency_steps = Table(
    "emergency_steps",
    METADATA,
    reference("request", "emergency_requests.handle"),
    required("kind", WORD),
    reference("officer", "officers.handle"),
    reference("organisation", "organisations.code", CODE),
    required("role", WORD),
    required("session", HANDLE),
    required("method", WORD),
    required("sentence"),
    required("at", MOMENT),
    optional("until", MOMENT),
    optional("on_behalf_of", HANDLE),  # whoever was away, in whose name it was said
    PrimaryKeyConstraint("request", "kind"),
    CheckConstraint("kind IN ('opened','refused','ended','reviewed')", "known_kind"),
    CheckConstraint("(kind = 'opened') = (until IS NOT NULL)", "limited"),
)
# It is agreed to or refused, whoever comes first.
_answer = emergency_steps.c.kind.in_(["opened", "refused"])
Index(
    "uq_emergency_steps_one_answer",
    emergency_steps.c.request,
    unique=True,
    sqlite_where=_answer,
    postgresql_where=_answer,
)

_r, _s = emergency_requests.c, emergency_steps.c
INSERT = Statement(emergency_requests.insert().values({c.name: bindparam(c.name) for c in _r}))
INSERT_STEP = Statement(emergency_steps.insert().values({c.name: bindparam(c.name) for c in _s}))


def find(connection: Connection, request: str) -> Emergency | None:
    """Return a request, if there is one."""
    found = emergencies(connection, _r.handle == request)
    return found[0] if found else None


def emergencies(
    connection: Connection,
    *wanted: ColumnElement[bool],
    limit: int | None = None,
    oldest_first: bool = False,
) -> list[Emergency]:
    """Return the requests that are wanted, newest first, with what was said to each."""
    order = [column.asc() if oldest_first else column.desc() for column in (_r.asked_at, _r.handle)]
    rows = connection.execute(
        select(emergency_requests).where(*wanted).order_by(*order).limit(limit)
    ).all()
    said = _said(connection, [row.handle for row in rows])
    return [
        Emergency(
            row.handle,
            row.reference,
            row.case_handle,
            row.officer,
            row.organisation,
            Role(row.role),
            row.reason,
            row.hours,
            row.asked_at,
            said[row.handle],
        )
        for row in rows
    ]


def count_waiting(connection: Connection, officer: str, since: str) -> int:
    """Return how many requests of an officer wait for an answer, of those asked since a moment."""
    wanted = (
        _r.officer == officer,
        _r.asked_at > since,
        ~has_step(Step.OPENED, Step.REFUSED, Step.ENDED),
    )
    counted = select(func.count()).select_from(emergency_requests).where(*wanted)
    return connection.scalar(counted) or 0


def has_step(*kinds: Step) -> ColumnElement[bool]:
    """Return the clause that a request has one of these steps."""
    return exists().where(
        _s.request == _r.handle, _s.kind.in_([literal(kind.value) for kind in kinds])
    )


def _said(connection: Connection, requests: Iterable[str]) -> dict[str, dict[Step, Said]]:
    said: dict[str, dict[Step, Said]] = defaultdict(dict)
    for row in connection.execute(
        select(emergency_steps).where(_s.request.in_(list(requests))).order_by(_s.at)
    ):
        said[row.request][Step(row.kind)] = Said(
            row.officer,
            Role(row.role),
            row.organisation,
            row.at,
            row.sentence,
            row.until,
            row.on_behalf_of,
        )
    return said


_opened, _ended = emergency_steps.alias("opened"), emergency_steps.alias("ended")
_KIND_OPENED: ColumnElement[str] = literal_column("'opened'")
_KIND_ENDED: ColumnElement[str] = literal_column("'ended'")
_COMMA: Any = literal_column("','")  # said in the text, so that the driver is given none
# The cases that are open at a moment to whoever holds a log-in session, in its capacity. Nobody
# reads in an emergency in the place of somebody else.
OPEN_NOW = (
    select(func.aggregate_strings(_r.case_handle, _COMMA))
    .join_from(emergency_requests, _opened, _opened.c.request == _r.handle)
    .where(
        _r.officer == login_sessions.c.officer,
        _r.organisation == login_sessions.c.organisation,
        _r.role == login_sessions.c.role,
        login_sessions.c.on_behalf_of.is_(None),
        _opened.c.kind == _KIND_OPENED,
        _opened.c.until > bindparam("now"),
        ~exists(
            select(_ended.c.request).where(
                _ended.c.request == _r.handle, _ended.c.kind == _KIND_ENDED
            )
        ),
    )
    .correlate(login_sessions)
    .scalar_subquery()
)
