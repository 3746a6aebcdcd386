"""The days off of Viet Nam, as the package `holidays` knows them.

The yearly swaps of days are announced by the government; the package lists those of the past and
of the year last announced. Beyond that year it knows the holidays that the law names, with Tết
reckoned ahead, and no swap. The calendar ends five years later: what lies further is not offered.
"""

import re
from dataclasses import dataclass
from datetime import date
from importlib.metadata import version

from holidays import country_holidays

from vetting.engine.definition import Title

FIRST_YEAR = 2013  # since then Tết has five days
YEARS_AHEAD = 5
_NEWEST_THERE_CAN_BE = 2100
_SWAPPED = re.compile(r"(?P<one>\d\d)/(?P<two>\d\d)/(?P<year>\d{4})")


@dataclass(frozen=True)
class KnownDays:
    """What is known of the days of a country."""

    first: date
    last: date
    announced_to: date
    closures: dict[date, Title]
    worked: dict[date, Title]
    source: str


def days_of_vietnam() -> KnownDays:
    """Return the holidays, the substitute days off, and the Saturdays worked instead."""
    years = range(FIRST_YEAR, _NEWEST_THERE_CAN_BE + 1)
    vi = country_holidays("VN", years=years, language="vi")
    en = country_holidays("VN", years=years, language="en_US")
    worked_for = {
        date(int(found["year"]), int(found["two"]), int(found["one"])): day
        for day in vi
        if (found := _SWAPPED.search(vi[day]))
    }
    announced = max(day.year for day in worked_for.values())
    first, last = date(FIRST_YEAR, 1, 1), date(announced + YEARS_AHEAD, 12, 31)
    return KnownDays(
        first=first,
        last=last,
        announced_to=date(announced, 12, 31),
        closures={
            day: Title(vi=vi[day], en=_day_first(en[day]))
            for day in sorted(vi)
            if first <= day <= last
        },
        worked={
            day: Title(
                vi=f"Làm việc bù cho ngày nghỉ {_written(worked_for[day])}",
                en=f"Worked in place of {_written(worked_for[day])}",
            )
            for day in sorted(worked_for)
            if first <= day <= last
        },
        source=f"holidays {version('holidays')}",
    )


def _day_first(text: str) -> str:
    """Write the dates in a name as everywhere else; the package has the month first in English."""
    return _SWAPPED.sub(r"\g<two>/\g<one>/\g<year>", text)


def _written(day: date) -> str:
    return f"{day.day:02}/{day.month:02}/{day.year}"
