"""Calendar: which days are worked, and on which day a term ends that is counted on them.

How days are counted (docs/decisions has the reasons):

- The day on which a term begins does not count; the next one is the first that can.
- The last day counts whole: what is due on a day is in time until that day ends at midnight.
- Counted before a day, that day does not count either, and the count goes back from there.
- Monday to Friday are worked unless the calendar closes them; Saturday and Sunday are not, unless
  the calendar makes them up.
- A pause is whole days, its first and its last among them. Paused days do not count.
- Months end on the day of the same number, or on the last of a month that has no such day. Paused
  days are then added, one for one. The end of months or of calendar days is not moved off a
  closed day: no rule that was entered says so.
- A count that leaves the calendar is refused. Nothing is guessed.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from itertools import count
from typing import NamedTuple

from vetting.engine.definition import LONGEST, Title
from vetting.engine.months import months_after
from vetting.engine.refusals import Unacceptable
from vetting.engine.sentences import Sentence, mark, say
from vetting.engine.vocabulary import Named

DAY = timedelta(days=1)
SATURDAY = 5
FIRST_YEAR = 1900  # of what is written down as a day; an earlier one is a slip of the pen
MOST_AT_ONCE = 31  # days of one change of a calendar


def is_day(text: str) -> bool:
    """Tell whether a text is a day as it is kept, that there is and that somebody can mean."""
    try:
        day = date.fromisoformat(text)
    except ValueError:
        return False
    return day.isoformat() == text and day.year >= FIRST_YEAR


def refuse_no_day(*days: str | None) -> None:
    """Refuse what is given as a day and is none; what was left open is not asked."""
    if not all(day is None or is_day(day) for day in days):
        raise Unacceptable(say("There is no such day."))


class Uncountable(Exception):
    """There is no date, and why."""

    def __init__(self, sentence: Sentence) -> None:
        super().__init__(str(sentence))
        self.sentence = sentence


class Because(Named):
    """Why a day counts, or does not."""

    WORKING = "working", mark("working day")
    MADE_UP = "made_up", mark("make-up working day")
    CALENDAR_DAY = "calendar_day", mark("calendar day")
    MONTH = "month", mark("month completed")
    ADDED = "added", mark("added for a paused day")
    WEEKEND = "weekend", mark("weekend")
    CLOSED = "closed", mark("closed")
    PAUSED = "paused", mark("the clock stood still")


class DayKind(Named):
    """What a line of a calendar says of a day."""

    CLOSURE = "closure", mark("closed")
    WORKING = "working", mark("make-up working day")
    ORDINARY = "ordinary", mark("as in every week")


class NewDay(NamedTuple):
    """What is to be said of a day from now on."""

    day: date
    kind: DayKind
    name: Title | None = None  # none where it is as in every week


class Step(NamedTuple):
    """One day of a count."""

    day: date
    number: int | None  # which one it is of those that count; none: it does not count
    because: Because
    name: Title | None = None  # of the holiday, the make-up day or the pause


@dataclass(frozen=True)
class Pause:
    """Whole days on which a clock stands still, the first and the last among them."""

    first: date
    last: date | None = None  # none while it goes on
    reason: Title | None = None

    def __post_init__(self) -> None:
        if self.last is not None and self.last < self.first:
            raise Uncountable(
                say("A pause cannot end before it begins, on %(day)s.", day=written(self.first))
            )

    def covers(self, day: date) -> bool:
        """Tell whether the clock stands still on *day* for this reason."""
        return self.first <= day and (self.last is None or day <= self.last)


@dataclass(frozen=True)
class Counted:
    """A term counted out, day by day."""

    begins: date
    ends: date
    steps: tuple[Step, ...]

    @property
    def active(self) -> int:
        """How many days or months counted."""
        return sum(1 for step in self.steps if step.number is not None)

    @property
    def paused(self) -> int:
        """How many days the clock stood still."""
        return sum(1 for step in self.steps if step.because is Because.PAUSED)


@dataclass(frozen=True)
class Calendar:
    """The days of a place, from the first to the last of which anything is known."""

    code: str
    name: Title
    first: date
    last: date
    closures: Mapping[date, Title] = field(default_factory=dict)
    made_up: Mapping[date, Title] = field(default_factory=dict)
    announced_to: date | None = None  # until when the yearly swaps of days are known
    source: str = ""

    def __post_init__(self) -> None:
        if self.last < self.first:
            raise Uncountable(say("The calendar “%(calendar)s” has no days.", calendar=self.name))
        if both := self.closures.keys() & self.made_up.keys():
            raise Uncountable(
                say(
                    "The calendar “%(calendar)s” says both closed and worked of %(day)s.",
                    calendar=self.name,
                    day=written(min(both)),
                )
            )

    def with_days(self, days: Iterable[NewDay], under: "Calendar | None" = None) -> "Calendar":
        """Return the calendar with days as they are from now on.

        What is as in every week is so in the calendar *under* this one, where there is one: a
        body's calendar lies on the province's.
        """
        closures, made_up = dict(self.closures), dict(self.made_up)
        for one in days:
            closures.pop(one.day, None)
            made_up.pop(one.day, None)
            if one.kind is DayKind.CLOSURE and one.name is not None:
                closures[one.day] = one.name
            elif one.kind is DayKind.WORKING and one.name is not None:
                made_up[one.day] = one.name
            elif under is not None and one.day in under.closures:
                closures[one.day] = under.closures[one.day]
            elif under is not None and one.day in under.made_up:
                made_up[one.day] = under.made_up[one.day]
        return replace(self, closures=closures, made_up=made_up)

    def why(self, day: date) -> tuple[Because, Title | None]:
        """Say what kind of day it is; of a day outside the calendar nothing is known."""
        if not self.first <= day <= self.last:
            raise Uncountable(self._outside(day))
        if day in self.closures:
            return Because.CLOSED, self.closures[day]
        if day.weekday() < SATURDAY:
            return Because.WORKING, None
        if day in self.made_up:
            return Because.MADE_UP, self.made_up[day]
        return Because.WEEKEND, None

    def is_working_day(self, day: date) -> bool:
        """Tell whether a day is worked."""
        because, _ = self.why(day)
        return because in _WORKED

    def working_days_after(self, start: date, length: int, pauses: Iterable[Pause] = ()) -> Counted:
        """Count so many working days from the day after *start*."""
        _refuse_length(length)
        return _counted_out(start, self._kinds(_days(start, DAY), tuple(pauses)), length)

    def working_days_before(self, end: date, length: int) -> Counted:
        """Count so many working days back from the day before *end*."""
        _refuse_length(length)
        return _counted_out(end, self._kinds(_days(end, -DAY), ()), length)

    def working_days_to(self, start: date, end: date) -> Counted:
        """Count the working days from the day after *start* to *end*, whatever day that is."""
        number = 0
        steps: list[Step] = []
        for step in self._kinds(_days(start, DAY, end), ()):
            number += step.number is not None
            steps.append(step if step.number is None else step._replace(number=number))
        return Counted(start, end, tuple(steps))

    def _kinds(self, days: Iterable[date], pauses: tuple[Pause, ...]) -> Iterator[Step]:
        for day in days:
            because, name = self.why(day)
            if because in _WORKED and (pause := _pause_on(pauses, day)):
                yield Step(day, None, Because.PAUSED, pause.reason)
            else:
                yield Step(day, 1 if because in _WORKED else None, because, name)

    def _outside(self, day: date) -> Sentence:
        if day > self.last:
            return say(
                "The count goes past %(day)s, where the calendar “%(calendar)s” ends; what lies "
                "beyond is not guessed.",
                day=written(self.last),
                calendar=self.name,
            )
        return say(
            "The count goes back before %(day)s, where the calendar “%(calendar)s” begins; what "
            "lies before is not guessed.",
            day=written(self.first),
            calendar=self.name,
        )


_WORKED = frozenset({Because.WORKING, Because.MADE_UP})


def calendar_days_after(start: date, length: int, pauses: Iterable[Pause] = ()) -> Counted:
    """Count so many days from the day after *start*, whatever days they are."""
    _refuse_length(length)
    return _counted_out(start, _plain(_days(start, DAY), tuple(pauses)), length)


def calendar_days_before(end: date, length: int) -> Counted:
    """Count so many days back from the day before *end*, whatever days they are."""
    _refuse_length(length)
    return _counted_out(end, _plain(_days(end, -DAY), ()), length)


def whole_months_after(start: date, length: int, pauses: Iterable[Pause] = ()) -> Counted:
    """Count so many months from *start*; a day is added for each day of a pause."""
    return _whole_months(start, length, 1, tuple(pauses))


def whole_months_before(end: date, length: int) -> Counted:
    """Count so many months back from *end*."""
    return _whole_months(end, length, -1, ())


def entered_days(
    calendar: Calendar,
    days: tuple[date, date],
    kind: DayKind,
    name: Title | None,
    under: Calendar | None = None,
) -> tuple[NewDay, ...]:
    """Return what a change of a calendar says, or refuse it with a sentence.

    Days outside the calendar are not entered, and neither is what the calendar says already. Of
    several days in a row the weekends are left as they are: a closed week closes its working days.
    """
    first, last = days
    if last < first:
        raise Unacceptable(say("The last day lies before the first."), "last")
    if (last - first).days >= MOST_AT_ONCE:
        raise Unacceptable(
            say("At most %(most)s days are entered at once.", most=MOST_AT_ONCE), "last"
        )
    if kind is not DayKind.ORDINARY and name is None:
        raise Unacceptable(say("Say what the day is called."), "name_vi")
    wanted: list[NewDay] = []
    try:
        for day in (first + number * DAY for number in range((last - first).days + 1)):
            because, named = calendar.why(day)
            if first != last and because is Because.WEEKEND:
                continue
            one = NewDay(day, kind, None if kind is DayKind.ORDINARY else name)
            if calendar.with_days([one], under).why(day) != (because, named):
                wanted.append(one)
    except Uncountable as outside:
        raise Unacceptable(
            say(
                "The calendar “%(calendar)s” is known from %(first)s to %(last)s; a day outside it "
                "is not entered.",
                calendar=calendar.name,
                first=written(calendar.first),
                last=written(calendar.last),
            ),
            "first",
        ) from outside
    if not wanted:
        raise Unacceptable(say("The calendar says this already; nothing would change."))
    return tuple(wanted)


def merged(pauses: Iterable[Pause]) -> tuple[tuple[date, date | None], ...]:
    """Return the days of pauses as intervals that neither overlap nor touch."""
    found: list[tuple[date, date | None]] = []
    for pause in sorted(pauses, key=lambda one: one.first):
        if found and (found[-1][1] is None or pause.first <= found[-1][1] + DAY):
            first, last = found.pop()
            together = None if last is None or pause.last is None else max(last, pause.last)
            found.append((first, together))
        else:
            found.append((pause.first, pause.last))
    return tuple(found)


def written(day: date) -> str:
    """Write a day as people read it."""
    return f"{day.day:02}/{day.month:02}/{day.year:04}"


def _plain(days: Iterable[date], pauses: tuple[Pause, ...]) -> Iterator[Step]:
    for day in days:
        if pause := _pause_on(pauses, day):
            yield Step(day, None, Because.PAUSED, pause.reason)
        else:
            yield Step(day, 1, Because.CALENDAR_DAY)


def _whole_months(start: date, length: int, way: int, pauses: tuple[Pause, ...]) -> Counted:
    _refuse_length(length)
    try:
        months = tuple(
            Step(months_after(start, way * number), number, Because.MONTH)
            for number in range(1, length + 1)
        )
    except (ValueError, OverflowError) as error:
        raise Uncountable(_END_OF_TIME) from error
    base = months[-1].day
    paused = tuple(
        Step(day, None, Because.PAUSED, pause.reason)
        for day in (_days(start, DAY, base) if pauses else ())
        if (pause := _pause_on(pauses, day))
    )
    if not paused:
        return Counted(start, base, months)
    after = _counted_out(base, _plain(_days(base, DAY), pauses), len(paused))
    added = (
        step if step.number is None else step._replace(number=None, because=Because.ADDED)
        for step in after.steps
    )
    steps = sorted((*months, *paused), key=lambda step: step.day)
    return Counted(start, after.ends, (*steps, *added))


def _counted_out(begins: date, steps: Iterable[Step], length: int) -> Counted:
    """Take days until enough of them count, and number those."""
    taken: list[Step] = []
    number = 0
    for step in steps:
        if step.number is None:
            taken.append(step)
            continue
        number += 1
        taken.append(step._replace(number=number))
        if number == length:
            break
    return Counted(begins, taken[-1].day, tuple(taken))


def _days(start: date, step: timedelta, last: date | None = None) -> Iterator[date]:
    """Yield the days after *start*, or before it, to *last* where there is one."""
    for number in count(1):
        try:
            day = start + number * step
        except OverflowError as error:
            raise Uncountable(_END_OF_TIME) from error
        if last is not None and day > last:
            return
        yield day


def _pause_on(pauses: tuple[Pause, ...], day: date) -> Pause | None:
    for pause in pauses:
        if pause.covers(day):
            if pause.last is None:
                raise Uncountable(
                    say(
                        "The clock has stood still since %(day)s; there is no date until it runs "
                        "again.",
                        day=written(pause.first),
                    )
                )
            return pause
    return None


def _refuse_length(length: int) -> None:
    if length < 1:
        raise Uncountable(say("A term is at least one day or one month long."))
    if length > LONGEST:
        raise Uncountable(
            say("A term of more than %(most)s days or months is not counted.", most=LONGEST)
        )


_END_OF_TIME = say("The count leaves the years that a date can have.")
