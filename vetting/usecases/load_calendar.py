"""Load the province's calendar from what the program brings along; twice changes nothing.

A day that the program names otherwise than before gets a new line; the earlier one stays. What an
administrator entered of a day counts before either.
"""

from collections.abc import Iterator
from typing import Any

from sqlalchemy import Connection, select, update

from vetting.records.calendars import (
    CLOSURE,
    ORDINARY,
    PROVINCE,
    WORKING,
    calendar_days,
    calendars,
)
from vetting.records.database import Database, Row
from vetting.records.identity import Ids
from vetting.records.rights import DatabaseRole
from vetting.registers.vietnam import KnownDays, days_of_vietnam
from vetting.usecases.load_registers import Loaded

NAME = {"name_vi": "Lịch của tỉnh", "name_en": "The province’s calendar"}


def load_calendar(
    database: Database, ids: Ids | None = None, known: KnownDays | None = None
) -> list[Loaded]:
    """Bring the province's calendar to what the program knows."""
    known = known or days_of_vietnam()
    at = (ids or Ids()).now()
    with database.acting_as(DatabaseRole.OWNER).writing() as connection:
        return [_load_calendar(connection, known, at), _load_days(connection, known, at)]


def _load_calendar(connection: Connection, known: KnownDays, at: str) -> Loaded:
    row: dict[str, Any] = {
        **NAME,
        "first_day": known.first.isoformat(),
        "last_day": known.last.isoformat(),
        "announced_to": known.announced_to.isoformat(),
    }
    kept = (
        connection.execute(select(calendars).where(calendars.c.code == PROVINCE)).mappings().first()
    )
    if kept is None:
        connection.execute(
            calendars.insert(), {"code": PROVINCE, **row, "source": known.source, "entered_at": at}
        )
        return Loaded(calendars.name, 1, 0, 0)
    if all(kept[name] == value for name, value in row.items()):
        return Loaded(calendars.name, 0, 0, 1)
    connection.execute(
        update(calendars)
        .where(calendars.c.code == PROVINCE)
        .values(**row, source=known.source, entered_at=at)
    )
    return Loaded(calendars.name, 0, 1, 0)


def _load_days(connection: Connection, known: KnownDays, at: str) -> Loaded:
    c = calendar_days.c
    kept: dict[str, Row] = {
        line["day"]: line
        for line in connection.execute(
            select(calendar_days)
            .where(c.calendar == PROVINCE, c.entered_by.is_(None))
            .order_by(c.day, c.entered_at)
        ).mappings()
    }
    wanted = {line["day"]: line for line in _lines(known)}
    for day, line in kept.items():
        if day not in wanted and line["kind"] != ORDINARY:
            wanted[day] = {"day": day, "kind": ORDINARY, "name_vi": "", "name_en": ""}
    new = [
        line
        for day, line in wanted.items()
        if day not in kept or any(kept[day][name] != value for name, value in line.items())
    ]
    if new:
        connection.execute(
            calendar_days.insert(),
            [
                {**line, "calendar": PROVINCE, "entered_at": at, "source": known.source}
                for line in new
            ],
        )
    added = sum(1 for line in new if line["day"] not in kept)
    return Loaded(calendar_days.name, added, len(new) - added, len(wanted) - len(new))


def _lines(known: KnownDays) -> Iterator[dict[str, str]]:
    for kind, days in ((CLOSURE, known.closures), (WORKING, known.worked)):
        for day, name in days.items():
            yield {"day": day.isoformat(), "kind": kind, "name_vi": name.vi, "name_en": name.en}
