"""A million dates, each counted twice: by the program, and by somebody who takes a day at a time.

A trial is a calendar with closures and make-up days, a start, a term in one of the three units,
forwards or backwards, and pauses that may overlap or still go on; it is counted, then days are
declared closed or worked afterwards, as somebody changes a calendar, and it is counted again. The
oracle shares no line with the program: days are whole numbers, a calendar is two sets of them, and
it goes from one day to the next. The program finds the day without going through those before it;
the days that it tells of when it is asked must lead to that very day. Where the program refuses,
the oracle must have left the calendar, or come to a pause that has not ended.

`make prove-deadlines` counts a million, or as many as it is told; the tests count some thousands,
and that each of the planted defects is found by them.
"""

import random
import sys
import time
from collections.abc import Callable, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass, replace
from datetime import date, timedelta

from vetting.engine.calendar import (
    Calendar,
    Counted,
    DayKind,
    NewDay,
    Pause,
    Uncountable,
    calendar_days_after,
    calendar_days_before,
    whole_months_after,
    whole_months_before,
)
from vetting.engine.definition import Title

TRIALS = 1_000_000
SEED = 20261129
CORES = 2
A_BATCH = 5_000
OF_ONE_CALENDAR = 20  # trials, in between which days are declared
FIRST, YEARS = date(2024, 1, 1), 4
NAME = Title(vi="Lịch", en="Calendar")
TOLD_OTHERWISE = date.max  # where the days that are told lead to another day than the one found
A_WEEK, SATURDAY = 7, 6
UNITS = ("working_days", "working_days", "working_days", "calendar_days", "months")


@dataclass(frozen=True)
class Trial:
    """What is counted."""

    unit: str
    back: bool
    start: date
    length: int
    pauses: tuple[Pause, ...]


Counting = Callable[[Trial, Calendar, Calendar], date | None]


# ------------------------------------------------------------------ the program


def by_program(trial: Trial, calendar: Calendar, _before: Calendar) -> date | None:
    """Count as pages do; None where it is refused."""
    try:
        counted = _counted(trial, calendar)
    except Uncountable:
        return None
    told = counted.steps[-1].day
    return counted.ends if counted.ends == told else TOLD_OTHERWISE


def _counted(trial: Trial, calendar: Calendar) -> Counted:
    start, length, pauses = trial.start, trial.length, trial.pauses
    match trial.unit, trial.back:
        case "working_days", False:
            return calendar.working_days_after(start, length, pauses)
        case "working_days", True:
            return calendar.working_days_before(start, length)
        case "calendar_days", False:
            return calendar_days_after(start, length, pauses)
        case "calendar_days", True:
            return calendar_days_before(start, length)
        case "months", False:
            return whole_months_after(start, length, pauses)
        case _:
            return whole_months_before(start, length)


# ------------------------------------------------------------------ the oracle


@dataclass
class Ledger:
    """A calendar as the oracle keeps it: numbers of days, and no more."""

    first: int
    last: int
    closed: set[int]
    worked: set[int]

    def declare(self, kind: str, day: int) -> None:
        """Say something of a day from now on."""
        self.closed.discard(day)
        self.worked.discard(day)
        if kind == "closure":
            self.closed.add(day)
        elif kind == "working":
            self.worked.add(day)

    def is_worked(self, day: int) -> bool:
        """Tell whether it is: the first of January of the year 1 was a Monday."""
        if day in self.closed:
            return False
        return (day - 1) % A_WEEK + 1 < SATURDAY or day in self.worked


def by_oracle(trial: Trial, ledger: Ledger) -> date | None:
    """Take a day at a time, and strike it off or not."""
    day, left = trial.start.toordinal(), trial.length
    spans = [
        (one.first.toordinal(), one.last.toordinal() if one.last else None)
        for one in (() if trial.back else trial.pauses)
    ]
    if trial.unit == "months":
        return _months(trial, spans)
    while left:
        day += -1 if trial.back else 1
        if trial.unit == "working_days":
            if not ledger.first <= day <= ledger.last:
                return None
            if not ledger.is_worked(day):
                continue
        stands = _stands_still(day, spans)
        if stands is None:
            return None
        if not stands:
            left -= 1
    return date.fromordinal(day)


def _months(trial: Trial, spans: Sequence[tuple[int, int | None]]) -> date | None:
    year, month, wanted = trial.start.year, trial.start.month, trial.start.day
    for _ in range(trial.length):
        month += -1 if trial.back else 1
        if month in {0, 13}:
            year, month = (year - 1, 12) if trial.back else (year + 1, 1)
    while True:
        try:
            end = date(year, month, wanted).toordinal()
            break
        except ValueError:
            wanted -= 1
    if trial.back:
        return date.fromordinal(end)
    owed, day = 0, trial.start.toordinal()
    while day < end or owed:
        day += 1
        stands = _stands_still(day, spans)
        if stands is None:
            return None
        if day <= end:
            owed += stands
        elif not stands:
            owed -= 1
    return date.fromordinal(day)


def _stands_still(day: int, spans: Sequence[tuple[int, int | None]]) -> bool | None:
    """Tell whether the clock stands still on a day; None: and nobody knows until when."""
    still: bool | None = False
    for first, last in spans:
        if first <= day and last is None:
            return None
        if last is not None and first <= day <= last:
            still = True
    return still


# ------------------------------------------------------------------ what is counted


def batch(seed: int, trials: int, counting: Counting = by_program) -> list[str]:
    """Count so many trials, and return a line for each that came out otherwise."""
    chance, wrong = random.Random(seed), []  # noqa: S311  # no secret
    done = 0
    while done < trials:
        calendar, ledger = _calendar(chance)
        for _ in range(OF_ONE_CALENDAR):
            trial = _trial(chance, calendar)
            before = calendar
            wrong += _unlike(trial, calendar, before, ledger, counting)
            day = calendar.first + timedelta(days=_some(chance, calendar))
            near = trial.start + timedelta(days=chance.randint(-9, 9) * (1 + trial.length // 20))
            for one in (day, near):
                if calendar.first <= one <= calendar.last:
                    kind = chance.choice(list(DayKind))
                    name = None if kind is DayKind.ORDINARY else NAME
                    calendar = calendar.with_days([NewDay(one, kind, name)])
                    ledger.declare(kind.value, one.toordinal())
            wrong += _unlike(trial, calendar, before, ledger, counting)
            done += 1
    return wrong


def _unlike(
    trial: Trial, calendar: Calendar, before: Calendar, ledger: Ledger, counting: Counting
) -> list[str]:
    counted, struck = counting(trial, calendar, before), by_oracle(trial, ledger)
    return [] if counted == struck else [f"{trial}: {counted}, a day at a time {struck}"]


def _some(chance: random.Random, calendar: Calendar) -> int:
    return chance.randint(0, (calendar.last - calendar.first).days)


def _calendar(chance: random.Random) -> tuple[Calendar, Ledger]:
    first = FIRST + timedelta(days=chance.randint(0, 400))
    last = first + timedelta(days=chance.randint(30, 365 * YEARS))
    days = [first + timedelta(days=number) for number in range((last - first).days + 1)]
    closed = set(chance.sample(days, min(len(days), chance.randint(0, 60))))
    if len(days) > 40:  # a long holiday, as Tết is
        tet = chance.randint(0, len(days) - 10)
        closed |= set(days[tet : tet + chance.randint(3, 9)])
    weekends = [day for day in days if day.weekday() > 4 and day not in closed]
    made_up = set(chance.sample(weekends, min(len(weekends), chance.randint(0, 12))))
    calendar = Calendar(
        "province", NAME, first, last, dict.fromkeys(closed, NAME), dict.fromkeys(made_up, NAME)
    )
    ledger = Ledger(
        first.toordinal(),
        last.toordinal(),
        {day.toordinal() for day in closed},
        {day.toordinal() for day in made_up},
    )
    return calendar, ledger


def _trial(chance: random.Random, calendar: Calendar) -> Trial:
    unit = chance.choice(UNITS)
    start = calendar.first + timedelta(days=_some(chance, calendar))
    longest = chance.choice((5, 30, 90)) if unit != "months" else 14
    pauses = []
    for _ in range(chance.choice((0, 0, 1, 2, 4))):
        begin = start + timedelta(days=chance.randint(-10, 60))
        end = begin + timedelta(days=chance.choice((0, 1, 7, 30)))
        pauses.append(Pause(begin, end if chance.random() > 0.03 else None))
    back = chance.random() < 0.2
    return Trial(unit, back, start, chance.randint(1, longest), tuple(pauses))


# ------------------------------------------------------------------ planted defects


def _the_first_day_counts(trial: Trial, calendar: Calendar, before: Calendar) -> date | None:
    return by_program(replace(trial, start=trial.start - timedelta(days=1)), calendar, before)


def _make_up_days_are_forgotten(trial: Trial, calendar: Calendar, before: Calendar) -> date | None:
    return by_program(trial, replace(calendar, made_up={}), before)


def _what_is_declared_later_is_ignored(
    trial: Trial, _calendar: Calendar, before: Calendar
) -> date | None:
    return by_program(trial, before, before)


def _the_last_day_of_a_pause_counts(
    trial: Trial, calendar: Calendar, before: Calendar
) -> date | None:
    shorter = tuple(
        one if one.last is None else replace(one, last=max(one.first, one.last - timedelta(days=1)))
        for one in trial.pauses
    )
    return by_program(replace(trial, pauses=shorter), calendar, before)


def _only_the_first_pause_is_seen(
    trial: Trial, calendar: Calendar, before: Calendar
) -> date | None:
    return by_program(replace(trial, pauses=trial.pauses[:1]), calendar, before)


def _months_are_thirty_days(trial: Trial, calendar: Calendar, before: Calendar) -> date | None:
    if trial.unit == "months":
        trial = replace(trial, unit="calendar_days", length=30 * trial.length)
    return by_program(trial, calendar, before)


def _beyond_the_calendar_it_is_guessed(
    trial: Trial, calendar: Calendar, before: Calendar
) -> date | None:
    longer = replace(calendar, last=date(2040, 12, 31), first=date(2010, 1, 1))
    return by_program(trial, longer, before)


def _a_pause_without_end_is_a_day(
    trial: Trial, calendar: Calendar, before: Calendar
) -> date | None:
    ended = tuple(replace(one, last=one.last or one.first) for one in trial.pauses)
    return by_program(replace(trial, pauses=ended), calendar, before)


def _saturdays_are_worked(trial: Trial, calendar: Calendar, before: Calendar) -> date | None:
    number = range((calendar.last - calendar.first).days + 1)
    days = (calendar.first + timedelta(days=one) for one in number)
    more = {one: NAME for one in days if one.weekday() == 5 and one not in calendar.closures}
    return by_program(trial, replace(calendar, made_up={**calendar.made_up, **more}), before)


PLANTED: tuple[Counting, ...] = (
    _the_first_day_counts,
    _make_up_days_are_forgotten,
    _what_is_declared_later_is_ignored,
    _the_last_day_of_a_pause_counts,
    _only_the_first_pause_is_seen,
    _months_are_thirty_days,
    _beyond_the_calendar_it_is_guessed,
    _a_pause_without_end_is_a_day,
    _saturdays_are_worked,
)


def main() -> int:
    """Count a million trials on two cores, or as many as it is told."""
    began, wrong = time.monotonic(), []
    batches = max(1, (int(sys.argv[1]) if len(sys.argv) > 1 else TRIALS) // A_BATCH)
    seeds = range(SEED, SEED + batches)
    with ProcessPoolExecutor(CORES) as cores:
        for number, found in enumerate(cores.map(batch, seeds, [A_BATCH] * len(seeds)), 1):
            wrong += found
            if sys.stderr.isatty():
                sys.stderr.write(f"\r{number * A_BATCH:,} of {batches * A_BATCH:,}")
    seconds = time.monotonic() - began
    print(  # noqa: T201
        f"{batches * A_BATCH:,} trials, each counted before and after days were declared, in "
        f"{seconds:.0f} s: {len(wrong)} unlike a count day by day; seed {SEED}"
    )
    for line in wrong[:20]:
        print(line)  # noqa: T201
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
