"""Load: what a body or an officer has in hand, how long it waits, and whose the time was. Pure.

It tells what there is and ranks nobody. Age is counted in working days while the clock was on; the
time of what was answered by the clock, as in the figures of reports (`engine/figures.py`), so that
the parts add up: on the way to the body, the body's own, and while the clock stood still.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from itertools import accumulate
from statistics import median

from vetting.engine.calendar import Calendar, Pause, Uncountable, merged
from vetting.engine.sentences import say

_UNKNOWN = say("The calendar of working days does not know these days.")
Span = tuple[str, str | None]  # two moments; none while it goes on


@dataclass(frozen=True, slots=True)
class Answer:
    """An answer that is owed or was given."""

    body: str
    holder: str | None  # who has it, or had it when it was given
    asked_at: str
    asked_on: date  # the legal day of it
    received_at: str | None
    signed_at: str | None
    signed_on: date | None
    due_on: date | None
    off: tuple[Span, ...] = ()  # when its clock stood still
    days_off: tuple[Pause, ...] = ()  # the same in whole legal days


@dataclass(slots=True)
class Time:
    """Seconds, and whose they were."""

    own: int = 0
    on_the_way: int = 0
    off: int = 0

    @property
    def whole(self) -> int:
        """All of it."""
        return self.own + self.on_the_way + self.off

    @property
    def others(self) -> int:
        """What was not the body's own."""
        return self.on_the_way + self.off

    def share(self, part: int) -> int | None:
        """Return a part in hundredths of the whole, rounded; none where there is no time."""
        return round(100 * part / self.whole) if self.whole else None


@dataclass(slots=True)
class Load:
    """What is in one pair of hands."""

    open: int = 0
    late: int = 0  # of these, past the date
    no_date: int = 0  # of these, without any
    oldest_on: date | None = None  # when the oldest of these was asked
    ages: list[int] = field(default_factory=list)  # in working days
    uncounted: int = 0  # of these, that no calendar tells the age of
    came: int = 0  # in the period
    went: int = 0
    in_time: int = 0  # of what went
    too_late: int = 0
    went_no_date: int = 0
    time: Time = field(default_factory=Time)  # of all that went
    time_of_late: Time = field(default_factory=Time)

    @property
    def median_age(self) -> float | None:
        """Half of what is open waits longer; none where nothing can be counted."""
        half = median(self.ages) if self.ages else None
        return half if half is None or half % 1 else int(half)

    @property
    def dated(self) -> int:
        """How much of what went had a date to be late by."""
        return self.in_time + self.too_late


@dataclass(frozen=True)
class Period:
    """The days of which it is told what came and went, and the day on which it is told."""

    since: date
    until: date
    today: date

    def has(self, day: date | None) -> bool:
        """Tell whether a day lies in it."""
        return day is not None and self.since <= day <= self.until


class WorkedDays:
    """How many days were worked between two days, for a calendar that is asked many times."""

    def __init__(self, calendar: Calendar, first: date, last: date) -> None:
        """Count out the days from *first* to *last*, as far as the calendar knows them."""
        self._first = max(first, calendar.first)
        self._last = min(last, calendar.last)
        many = max((self._last - self._first).days + 1, 0)
        days = (self._first + timedelta(days=place) for place in range(many))
        self._upto = [0, *accumulate(int(calendar.is_working_day(day)) for day in days)]

    def between(self, begins: date, ends: date, pauses: Iterable[Pause] = ()) -> int:
        """Return the days worked after *begins* up to *ends*, without those of pauses.

        Raises `Uncountable` where the calendar does not know one of them.
        """
        worked = self._worked(begins + timedelta(days=1), ends)
        for first, last in merged(pauses):
            worked -= self._worked(max(first, begins + timedelta(days=1)), min(last or ends, ends))
        return worked

    def _worked(self, first: date, last: date) -> int:
        if last < first:
            return 0
        if first < self._first or last > self._last:
            raise Uncountable(_UNKNOWN)
        return self._upto[(last - self._first).days + 1] - self._upto[(first - self._first).days]


def loads(
    answers: Iterable[Answer], period: Period, worked: dict[str, WorkedDays | None]
) -> dict[tuple[str, str | None], Load]:
    """Return the load of each body and each of its officers; *worked* has the days of bodies."""
    found: dict[tuple[str, str | None], Load] = {}
    for one in answers:
        load = found.setdefault((one.body, one.holder), Load())
        _count(load, one, period, worked.get(one.body))
    return found


def together(several: Sequence[Load]) -> Load:
    """Return several loads as one."""
    whole = Load()
    for one in several:
        for name in _COUNTS:
            setattr(whole, name, getattr(whole, name) + getattr(one, name))
        whole.ages += one.ages
        days = [day for day in (whole.oldest_on, one.oldest_on) if day is not None]
        whole.oldest_on = min(days, default=None)
        for mine, theirs in ((whole.time, one.time), (whole.time_of_late, one.time_of_late)):
            mine.own += theirs.own
            mine.on_the_way += theirs.on_the_way
            mine.off += theirs.off
    return whole


_COUNTS = (
    "open",
    "late",
    "no_date",
    "uncounted",
    "came",
    "went",
    "in_time",
    "too_late",
    "went_no_date",
)


def _count(load: Load, one: Answer, period: Period, worked: WorkedDays | None) -> None:
    load.came += period.has(one.asked_on)
    if one.signed_at is None:
        _count_open(load, one, period.today, worked)
    elif period.has(one.signed_on):
        _count_given(load, one)


def _count_open(load: Load, one: Answer, today: date, worked: WorkedDays | None) -> None:
    load.open += 1
    load.no_date += one.due_on is None
    load.late += one.due_on is not None and one.due_on < today
    load.oldest_on = min(load.oldest_on or one.asked_on, one.asked_on)
    age = _age(one, today, worked)
    if age is None:
        load.uncounted += 1
    else:
        load.ages.append(age)


def _age(one: Answer, today: date, worked: WorkedDays | None) -> int | None:
    if worked is None:
        return None
    try:
        return worked.between(one.asked_on, today, one.days_off)
    except Uncountable:
        return None


def _count_given(load: Load, one: Answer) -> None:
    load.went += 1
    signed_at = str(one.signed_at)
    received = min(one.received_at or signed_at, signed_at)
    off_way = _off(one.off, one.asked_at, received)
    off_own = _off(one.off, received, signed_at)
    times = [load.time]
    if one.due_on is None:
        load.went_no_date += 1
    elif one.signed_on is not None and one.signed_on > one.due_on:
        load.too_late += 1
        times.append(load.time_of_late)
    else:
        load.in_time += 1
    for time in times:
        time.on_the_way += _seconds(one.asked_at, received) - off_way
        time.own += _seconds(received, signed_at) - off_own
        time.off += off_way + off_own


def _off(spans: Iterable[Span], begins: str, ends: str) -> int:
    """Return for how long a clock stood still between two moments; overlaps count once."""
    whole, upto = 0, begins
    for since, until in sorted(spans, key=lambda span: span[0]):
        first, last = max(since, upto), min(until or ends, ends)
        if first < last:
            whole += _seconds(first, last)
            upto = last
    return whole


def _seconds(begins: str, ends: str) -> int:
    """Return whole seconds; each moment is cut to the second, so that parts add up to the whole."""
    return max(_second(ends) - _second(begins), 0)


def _second(at: str) -> int:
    return int(datetime.fromisoformat(f"{at[:19]}+00:00").timestamp())
