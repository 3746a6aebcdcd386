"""Calendars of working days: how far each is known, and what is unlike an ordinary week.

Nothing about a day is overwritten: the latest line counts, and a line that somebody entered counts
before one that came with the program. A line of kind `ordinary` takes an earlier one back.

A body's own calendar lies on the province's: of a day of which it says nothing, or says that it is
as in every week, the province's counts. It is named by the code of the body.
"""

from collections.abc import Iterable
from dataclasses import replace
from datetime import date

from sqlalchemy import (
    CheckConstraint,
    Column,
    Connection,
    Index,
    Integer,
    PrimaryKeyConstraint,
    Table,
    Text,
    bindparam,
    case,
    func,
    select,
)

from vetting.engine.calendar import Calendar, DayKind, NewDay
from vetting.engine.definition import Title
from vetting.engine.vocabulary import Kind
from vetting.records.base import (
    CODE,
    DAY,
    HASH,
    METADATA,
    MOMENT,
    WORD,
    handle,
    optional,
    reference,
    required,
)
from vetting.records.database import Row, Statement
from vetting.records.organisations import organisation_kinds, organisations

PROVINCE = "province"
NOW = "9999"  # sorts after every moment
CLOSURE, WORKING, ORDINARY = (kind.value for kind in DayKind)

calendars = Table(
    "calendars",
    METADATA,
    Column("code", CODE, primary_key=True),
    reference("body", "organisations.code", CODE, nullable=True),  # none: the whole province's
    required("name_vi"),
    required("name_en"),
    required("first_day", DAY),
    required("last_day", DAY),
    optional("announced_to", DAY),  # until when the yearly swaps of days are known
    Column("source", Text, nullable=False, server_default=""),
    required("entered_at", MOMENT),
    CheckConstraint("first_day <= last_day", "first_before_last"),
)

calendar_days = Table(
    "calendar_days",
    METADATA,
    reference("calendar", "calendars.code", CODE),
    required("day", DAY),
    required("entered_at", MOMENT),
    required("kind", WORD),
    required("name_vi"),
    required("name_en"),
    Column("source", Text, nullable=False, server_default=""),
    reference("entered_by", "officers.handle", nullable=True),  # none: it came with the program
    PrimaryKeyConstraint("calendar", "day", "entered_at"),
    CheckConstraint("kind IN ('closure','working','ordinary')", "kind_known"),
    CheckConstraint("kind = 'ordinary' OR name_vi <> '' AND name_en <> ''", "named"),
)

# Who changed a calendar, when and why; its lines are those of this calendar and moment.
calendar_changes = Table(
    "calendar_changes",
    METADATA,
    handle(primary_key=True),
    reference("calendar", "calendars.code", CODE),
    required("at", MOMENT),
    reference("officer", "officers.handle"),
    reference("organisation", "organisations.code", CODE),
    required("role", WORD),
    required("reason"),
    Column("moved", Integer, nullable=False),  # so many deadlines, each with an entry in its case
    required("moved_hash", HASH),  # of the list of them that was shown and agreed to
    CheckConstraint("moved >= 0", "moved_counted"),
    CheckConstraint("reason <> ''", "reasoned"),
)
Index(
    "uq_calendar_changes_calendar_at",
    calendar_changes.c.calendar,
    calendar_changes.c.at,
    unique=True,
)


def calendar_of(connection: Connection, code: str = PROVINCE, as_of: str = NOW) -> Calendar | None:
    """Return a calendar as it stood at a moment, or None where none was entered.

    A body that has no calendar of its own goes by the province's.
    """
    row = _CALENDAR(connection, {"code": code}).mappings().first()
    if row is None:
        return None if code == PROVINCE else calendar_of(connection, as_of=as_of)
    if row["body"] is not None:
        below = calendar_of(connection, as_of=as_of)
        return below and calendar_on(connection, code, below, as_of)
    standing = counting(_LINES(connection, {"code": code, "as_of": as_of}).mappings())
    return Calendar(
        code=code,
        name=Title(vi=row["name_vi"], en=row["name_en"]),
        first=date.fromisoformat(row["first_day"]),
        last=date.fromisoformat(row["last_day"]),
        closures=_days(standing, CLOSURE),
        made_up=_days(standing, WORKING),
        announced_to=date.fromisoformat(row["announced_to"]) if row["announced_to"] else None,
        source=row["source"],
    )


def calendar_on(connection: Connection, code: str, below: Calendar, as_of: str = NOW) -> Calendar:
    """Return a body's calendar as it lies on the province's; without one of its own, that."""
    row = _CALENDAR(connection, {"code": code}).mappings().first()
    if row is None:
        return below
    standing = counting(_LINES(connection, {"code": code, "as_of": as_of}).mappings())
    name = Title(vi=row["name_vi"], en=row["name_en"])
    return replace(below.with_days(_new_days(standing), below), code=code, name=name)


def counting(lines: Iterable[Row]) -> dict[str, Row]:
    """Return, of lines in the order they were entered, the one that counts of each day."""
    found: dict[str, Row] = {}
    for line in lines:
        before = found.get(line["day"])
        if before is None or line["entered_by"] or not before["entered_by"]:
            found[line["day"]] = line
    return found


def calendar_to_change(
    connection: Connection, code: str
) -> tuple[Calendar | None, Calendar | None, bool]:
    """Return a calendar, the one that it lies on, and whether it is kept yet; None: no such one.

    Every consulted body has one to change, whether or not anything was ever said in it.
    """
    if code == PROVINCE:
        return calendar_of(connection), None, True
    body = _BODY(connection, {"code": code, "kind": Kind.CONSULTED_BODY.value}).mappings().first()
    below = calendar_of(connection)
    if body is None or below is None:
        return None, None, False
    kept = _CALENDAR(connection, {"code": code}).mappings().first() is not None
    if kept:
        return calendar_of(connection, code), below, True
    name = Title(vi=f"Lịch của {body['name_vi']}", en=f"Calendar of {body['name_en']}")
    return replace(below, code=code, name=name), below, False


def _new_days(standing: dict[str, Row]) -> list[NewDay]:
    return [
        NewDay(
            date.fromisoformat(day),
            DayKind(line["kind"]),
            Title(vi=line["name_vi"], en=line["name_en"]) if line["name_vi"] else None,
        )
        for day, line in standing.items()
    ]


def _days(standing: dict[str, Row], kind: str) -> dict[date, Title]:
    return {
        date.fromisoformat(day): Title(vi=line["name_vi"], en=line["name_en"])
        for day, line in standing.items()
        if line["kind"] == kind
    }


_loaded = calendar_days.alias("loaded")
_FIRST = (
    select(func.min(_loaded.c.entered_at))
    .where(_loaded.c.calendar == bindparam("code"))
    .scalar_subquery()
)
# What was already running when the first days were loaded is counted on them.
_GIVEN = bindparam("as_of", type_=MOMENT)
_AS_OF = case((_GIVEN < _FIRST, _FIRST), else_=_GIVEN)
_CALENDAR = Statement(calendars.select().where(calendars.c.code == bindparam("code")))
_LINES = Statement(
    select(calendar_days)
    .where(
        calendar_days.c.calendar == bindparam("code"),
        calendar_days.c.entered_at <= _AS_OF,
    )
    .order_by(calendar_days.c.day, calendar_days.c.entered_at)
)
_BODY = Statement(
    select(organisations.c.name_vi, organisations.c.name_en)
    .join(organisation_kinds, organisation_kinds.c.organisation == organisations.c.code)
    .where(
        organisations.c.code == bindparam("code"), organisation_kinds.c.kind == bindparam("kind")
    )
)
INSERT_CALENDAR = Statement(
    calendars.insert().values({column.name: bindparam(column.name) for column in calendars.c})
)
INSERT_DAY = Statement(
    calendar_days.insert().values(
        {column.name: bindparam(column.name) for column in calendar_days.c}
    )
)
INSERT_CHANGE = Statement(
    calendar_changes.insert().values(
        {column.name: bindparam(column.name) for column in calendar_changes.c}
    )
)
