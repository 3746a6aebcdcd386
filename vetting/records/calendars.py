"""Calendars of working days: how far each is known, and what is unlike an ordinary week.

Nothing about a day is overwritten: the latest line counts, and a line that somebody entered counts
before one that came with the program. A line of kind `ordinary` takes an earlier one back.
"""

from collections.abc import Iterable
from datetime import date

from sqlalchemy import (
    CheckConstraint,
    Column,
    Connection,
    PrimaryKeyConstraint,
    Table,
    Text,
    bindparam,
    select,
)

from vetting.engine.calendar import Calendar
from vetting.engine.definition import Title
from vetting.records.base import CODE, DAY, METADATA, MOMENT, WORD, optional, reference, required
from vetting.records.database import Row, Statement

PROVINCE = "province"
CLOSURE, WORKING, ORDINARY = "closure", "working", "ordinary"

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


def calendar_of(connection: Connection, code: str = PROVINCE) -> Calendar | None:
    """Return a calendar as it stands now, or None where none was entered."""
    row = _CALENDAR(connection, {"code": code}).mappings().first()
    if row is None:
        return None
    standing = counting(_LINES(connection, {"code": code}).mappings())
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


def counting(lines: Iterable[Row]) -> dict[str, Row]:
    """Return, of lines in the order they were entered, the one that counts of each day."""
    found: dict[str, Row] = {}
    for line in lines:
        before = found.get(line["day"])
        if before is None or line["entered_by"] or not before["entered_by"]:
            found[line["day"]] = line
    return found


def _days(standing: dict[str, Row], kind: str) -> dict[date, Title]:
    return {
        date.fromisoformat(day): Title(vi=line["name_vi"], en=line["name_en"])
        for day, line in standing.items()
        if line["kind"] == kind
    }


_CALENDAR = Statement(calendars.select().where(calendars.c.code == bindparam("code")))
_LINES = Statement(
    select(calendar_days)
    .where(calendar_days.c.calendar == bindparam("code"))
    .order_by(calendar_days.c.day, calendar_days.c.entered_at)
)
