"""Absences: who is away from when to when, whom they named in their place, and who wrote it down.

Nothing of it is ever taken away: an absence that ends early and a naming that is revoked keep who
did that and when.
"""

import json
from collections.abc import Collection, Iterable

from sqlalchemy import (
    CheckConstraint,
    Column,
    ColumnElement,
    Connection,
    ForeignKey,
    Index,
    Table,
    Text,
    and_,
    or_,
    select,
)

from vetting.engine.substitutes import EVERY_TYPE, Away, Form, Naming
from vetting.engine.vocabulary import CaseType, Role
from vetting.records.base import (
    CODE,
    DAY,
    HANDLE,
    METADATA,
    MOMENT,
    WORD,
    handle,
    optional,
    reference,
    required,
)
from vetting.records.database import Row

absences = Table(
    "absences",
    METADATA,
    handle(primary_key=True),
    reference("officer", "officers.handle"),
    required("first_day", DAY),
    required("last_day", DAY),
    reference("recorded_by", "officers.handle"),
    required("recorded_at", MOMENT),
    reference("ended_by", "officers.handle", nullable=True),  # before its last day
    optional("ended_at", MOMENT),
    optional("seen_at", MOMENT),  # when the officer had read what was done meanwhile
    CheckConstraint("first_day <= last_day", "in_order"),
    CheckConstraint("(ended_by IS NULL) = (ended_at IS NULL)", "ended_by_somebody"),
)
Index("ix_absences_officer", absences.c.officer, absences.c.last_day)

substitutions = Table(
    "substitutions",
    METADATA,
    handle(primary_key=True),
    reference("absence", "absences.handle"),
    reference("absent", "officers.handle"),
    reference("organisation", "organisations.code", CODE),
    required("role", WORD),
    reference("substitute", "officers.handle"),
    required("form", WORD),
    Column("case_types", Text, nullable=False),  # a list of them; empty: all
    reference("named_by", "officers.handle"),
    required("named_at", MOMENT),
    reference("revoked_by", "officers.handle", nullable=True),
    optional("revoked_at", MOMENT),
    CheckConstraint("absent <> substitute", "somebody_else"),
    CheckConstraint("form IN ('kt','tl')", "known_form"),
    CheckConstraint("role <> 'administrator'", "never_an_administrator"),
    CheckConstraint("(revoked_by IS NULL) = (revoked_at IS NULL)", "revoked_by_somebody"),
)
Index("ix_substitutions_absence", substitutions.c.absence)
Index("ix_substitutions_substitute", substitutions.c.substitute)

# By which links of a chain a session acts for somebody: when one of them goes, so does the session.
session_links = Table(
    "session_links",
    METADATA,
    Column("session", HANDLE, ForeignKey("login_sessions.mark"), primary_key=True),
    Column("substitution", HANDLE, ForeignKey("substitutions.handle"), primary_key=True),
)

IS_LIVE: ColumnElement[bool] = absences.c.ended_at.is_(None) & substitutions.c.revoked_at.is_(None)


def written_types(case_types: Collection[CaseType]) -> str:
    """Write the scope of a naming into one column."""
    whole = not case_types or set(case_types) == EVERY_TYPE
    return json.dumps([] if whole else sorted(one.value for one in case_types))


def read_types(written: str) -> frozenset[CaseType]:
    """Read the scope of a naming."""
    return frozenset(CaseType(one) for one in json.loads(written)) or EVERY_TYPE


def away_of(connection: Connection, officers: Iterable[str], since: str) -> list[Away]:
    """Return when these officers are away, from *since* on."""
    a = absences.c
    rows = connection.execute(
        select(a.officer, a.first_day, a.last_day)
        .where(a.officer.in_(sorted(set(officers))), a.ended_at.is_(None), a.last_day >= since)
        .order_by(a.first_day)
    )
    return [Away(row.officer, row.first_day, row.last_day) for row in rows]


def namings_at(connection: Connection, organisations: Iterable[str], since: str) -> list[Naming]:
    """Return whom people of these organisations named in their place, from *since* on."""
    a, s = absences.c, substitutions.c
    rows = connection.execute(
        select(substitutions, a.first_day, a.last_day)
        .join(absences, a.handle == s.absence)
        .where(s.organisation.in_(sorted(set(organisations))), IS_LIVE, a.last_day >= since)
        .order_by(a.first_day, s.handle)
    ).mappings()
    return [naming_of(row) for row in rows]


def away_as_of(connection: Connection, day: str, until: str | None) -> list[Away]:
    """Return who is away on a day, as it was written down by a moment; None: by now."""
    a = absences.c
    rows = connection.execute(
        select(a.officer, a.first_day, a.last_day).where(
            a.first_day <= day,
            a.last_day >= day,
            a.ended_at.is_(None)
            if until is None
            else and_(a.recorded_at <= until, or_(a.ended_at.is_(None), a.ended_at > until)),
        )
    )
    return [Away(row.officer, row.first_day, row.last_day) for row in rows]


def namings_as_of(connection: Connection, day: str, until: str | None) -> list[Naming]:
    """Return who was named in whose place for a day, as it was written down by a moment."""
    a, s = absences.c, substitutions.c
    known = IS_LIVE
    if until is not None:
        known = and_(
            s.named_at <= until,
            or_(s.revoked_at.is_(None), s.revoked_at > until),
            or_(a.ended_at.is_(None), a.ended_at > until),
        )
    rows = connection.execute(
        select(substitutions, a.first_day, a.last_day)
        .join(absences, a.handle == s.absence)
        .where(a.first_day <= day, a.last_day >= day, known)
        .order_by(s.handle)
    ).mappings()
    return [naming_of(row) for row in rows]


def naming_of(row: Row) -> Naming:
    """Return the naming that a row keeps, with the days of its absence."""
    return Naming(
        row["handle"],
        row["absent"],
        row["substitute"],
        row["organisation"],
        Role(row["role"]),
        row["first_day"],
        row["last_day"],
        read_types(row["case_types"]),
        Form(row["form"]),
    )
