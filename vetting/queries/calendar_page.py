"""The calendar of working days as a page shows it: a year at a time."""

from dataclasses import dataclass
from datetime import date

from sqlalchemy import Connection

from vetting.engine.calendar import SATURDAY, Calendar
from vetting.engine.definition import Title
from vetting.records.calendars import calendar_of


@dataclass(frozen=True)
class DayLine:
    """A day that is not as in every week."""

    day: date
    name: Title
    worked: bool  # a day off that is worked; otherwise a closure
    weekend: bool  # it lies on a Saturday or Sunday


@dataclass(frozen=True)
class CalendarPage:
    """One year of a calendar."""

    calendar: Calendar
    year: int
    years: tuple[int, ...]
    days: tuple[DayLine, ...]
    working_days: int  # in the whole year
    announced: bool  # the swaps of this year are known


def calendar_page(connection: Connection, year: int) -> CalendarPage | None:
    """Return a year of the province's calendar, or the nearest there is; None without any."""
    calendar = calendar_of(connection)
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
    )
