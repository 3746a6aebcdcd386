"""A calendar of working days as a page shows it: a year at a time, and every line ever entered."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from sqlalchemy import Connection, select

from vetting.engine.calendar import SATURDAY, Calendar, DayKind
from vetting.engine.definition import Title
from vetting.engine.policy import Principal, Relation, relation
from vetting.engine.reading import Definitions
from vetting.engine.vocabulary import Kind
from vetting.records.book import matter_of
from vetting.records.calendars import (
    PROVINCE,
    calendar_changes,
    calendar_days,
    calendar_of,
    calendars,
)
from vetting.records.organisations import organisation_kinds, organisations
from vetting.records.running_deadlines import MovedDeadline, deadlines_moved, list_hash
from vetting.records.standing import Purpose, on_purpose


@dataclass(frozen=True)
class DayLine:
    """A day that is not as in every week."""

    day: date
    name: Title
    worked: bool  # a day off that is worked; otherwise a closure
    weekend: bool  # it lies on a Saturday or Sunday


@dataclass(frozen=True)
class EnteredLine:
    """What was once said of a day; a later line about it counts before this one."""

    day: date
    kind: DayKind
    name: Title | None


@dataclass(frozen=True)
class ChangeLine:
    """One change of the calendar: who said what of which days, when, why, and what it moved."""

    at: str
    officer: str
    reason: str
    moved: int
    days: tuple[EnteredLine, ...]


@dataclass(frozen=True)
class CalendarPage:
    """One year of a calendar."""

    calendar: Calendar
    year: int
    years: tuple[int, ...]
    days: tuple[DayLine, ...]
    working_days: int  # in the whole year
    announced: bool  # the swaps of this year are known
    own: bool  # a body's own calendar
    others: tuple[tuple[str, Title], ...]  # every calendar that is kept, by its code
    changes: tuple[ChangeLine, ...]  # of days of this year, the latest first


@dataclass(frozen=True)
class WhatMoves:
    """The running deadlines that a change would move: each that the reader may know of."""

    moved: tuple[MovedDeadline, ...]
    kept_from_reader: int  # so many more, in cases of which the reader may not know
    hash: str  # of the whole list


def calendar_page(connection: Connection, year: int, code: str = PROVINCE) -> CalendarPage | None:
    """Return a year of a calendar, or the nearest there is; None without any."""
    others = tuple(
        (row.code, Title(vi=row.name_vi, en=row.name_en))
        for row in connection.execute(
            select(calendars.c.code, calendars.c.name_vi, calendars.c.name_en).order_by(
                calendars.c.body.is_not(None), calendars.c.code
            )
        )
    )
    code = code if code in dict(others) else PROVINCE
    calendar = calendar_of(connection, code)
    if calendar is None:
        return None
    year = min(max(year, calendar.first.year), calendar.last.year)
    unlike = [(day, name, False) for day, name in calendar.closures.items()]
    unlike += [(day, name, True) for day, name in calendar.made_up.items()]
    days = tuple(
        DayLine(day, name, worked, day.weekday() >= SATURDAY)
        for day, name, worked in sorted(unlike, key=lambda one: one[0])
        if day.year == year
    )
    first = max(calendar.first, date(year, 1, 1))
    last = min(calendar.last, date(year, 12, 31))
    return CalendarPage(
        calendar=calendar,
        year=year,
        years=tuple(range(calendar.first.year, calendar.last.year + 1)),
        days=days,
        working_days=sum(
            calendar.is_working_day(date.fromordinal(number))
            for number in range(first.toordinal(), last.toordinal() + 1)
        ),
        announced=calendar.announced_to is None or last <= calendar.announced_to,
        own=code != PROVINCE,
        others=others,
        changes=_changes(connection, code, year),
    )


def calendars_to_change(connection: Connection) -> Sequence[tuple[str, Title | None]]:
    """Return the codes of the calendars that can be changed, a body's with the body's name."""
    rows = connection.execute(
        select(organisations.c.code, organisations.c.name_vi, organisations.c.name_en)
        .join(organisation_kinds, organisation_kinds.c.organisation == organisations.c.code)
        .where(organisation_kinds.c.kind == Kind.CONSULTED_BODY.value)
        .order_by(organisations.c.name_vi)
    )
    bodies = [(row.code, Title(vi=row.name_vi, en=row.name_en)) for row in rows]
    return [(PROVINCE, None), *bodies]


def what_moves(
    connection: Connection,
    principal: Principal,
    definitions: Definitions,
    before: Calendar,
    after: Calendar,
) -> WhatMoves:
    """Return what a change of a calendar would move, as far as its reader may know of the cases.

    It is counted for every case, whoever may know of it; of the others they learn how many.
    """
    with on_purpose(connection, Purpose.CHECKING):
        moved = deadlines_moved(connection, definitions, before, after)
    shown = tuple(
        one
        for one in moved
        if relation(principal, matter_of(one.case)) not in {Relation.NONE, Relation.EMERGENCY}
    )
    return WhatMoves(shown, len(moved) - len(shown), list_hash(moved))


def _changes(connection: Connection, code: str, year: int) -> tuple[ChangeLine, ...]:
    c, d = calendar_changes.c, calendar_days.c
    rows = connection.execute(
        select(c.at, c.officer, c.reason, c.moved, d.day, d.kind, d.name_vi, d.name_en)
        .join(calendar_days, (d.calendar == c.calendar) & (d.entered_at == c.at))
        .where(c.calendar == code, d.day.between(f"{year}-01-01", f"{year}-12-31"))
        .order_by(c.at.desc(), d.day)
    ).all()
    days: dict[str, list[EnteredLine]] = {}
    for row in rows:
        name = Title(vi=row.name_vi, en=row.name_en) if row.name_vi else None
        line = EnteredLine(date.fromisoformat(row.day), DayKind(row.kind), name)
        days.setdefault(row.at, []).append(line)
    by_moment = {row.at: row for row in rows}
    return tuple(
        ChangeLine(at, row.officer, row.reason, row.moved, tuple(days[at]))
        for at, row in by_moment.items()
    )
