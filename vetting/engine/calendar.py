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

The day on which a count ends is found by how many days count up to a day, without going through
them; they are gone through one by one when somebody asks how that day came about, and where there
is no day, to say why.
"""

from bisect import bisect_left, bisect_right
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from functools import cached_property, partial
from itertools import count
from typing import NamedTuple

from vetting.engine.definition import LONGEST, Title
from vetting.engine.months import months_after
from vetting.engine.refusals import Unacceptable
from vetting.engine.sentences import Sentence, mark, say
from vetting.engine.vocabulary import Named

DAY = timedelta(days=1)
SATURDAY = 5
A_WEEK, WORKED_OF_IT = 7, 5
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
    """A term counted out; its days are gone through when somebody asks for them."""

    begins: date
    ends: date
    walk: Callable[[], tuple[Step, ...]] = field(compare=False, repr=False)

    @cached_property
    def steps(self) -> tuple[Step, ...]:
        """How it was counted, day by day."""
        return self.walk()

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
        still = tuple(pauses)
        walk = partial(self._walked, start, DAY, still, length)
        return _counted(start, self._end_after(start.toordinal(), length, still), walk)

    def working_days_before(self, end: date, length: int) -> Counted:
        """Count so many working days back from the day before *end*."""
        _refuse_length(length)
        walk = partial(self._walked, end, -DAY, (), length)
        return _counted(end, self._end_before(end.toordinal(), length), walk)

    def working_days_to(self, start: date, end: date) -> Counted:
        """Count the working days from the day after *start* to *end*, whatever day that is."""
        number = 0
        steps: list[Step] = []
        for step in self._kinds(_days(start, DAY, end), ()):
            number += step.number is not None
            steps.append(step if step.number is None else step._replace(number=number))
        return Counted(start, end, partial(tuple, steps))

    def _walked(
        self, start: date, step: timedelta, pauses: tuple[Pause, ...], length: int
    ) -> tuple[Step, ...]:
        return _counted_out(self._kinds(_days(start, step), pauses), length)

    def _end_after(self, start: int, length: int, pauses: tuple[Pause, ...]) -> int | None:
        if start + 1 < self.first.toordinal():
            return None
        reach = partial(self._reach, range(start + length, self.last.toordinal() + 1))
        return _end_after(start, length, pauses, self._worked_to, reach)

    def _end_before(self, end: int, length: int) -> int | None:
        first = self.first.toordinal()
        wanted = self._worked_to(end - 1) - length + 1
        if end - 1 > self.last.toordinal() or wanted <= self._worked_to(first - 1):
            return None
        return self._reach(range(first, end), wanted)

    def _reach(self, days: range, wanted: int) -> int | None:
        """Return the first of some days up to which so many are worked."""
        place = bisect_left(days, wanted, key=self._worked_to)
        return days[place] if place < len(days) else None

    def _worked_to(self, day: int) -> int:
        """Return how many days are worked up to a day, both by their ordinals.

        Only the difference of two days of the calendar means anything.
        """
        weeks, rest = divmod(day, A_WEEK)  # the first day of all was a Monday
        in_weeks = WORKED_OF_IT * weeks + min(rest, WORKED_OF_IT)
        unlike = self._unlike
        return in_weeks - bisect_right(unlike[0], day) + bisect_right(unlike[1], day)

    @cached_property
    def _unlike(self) -> tuple[list[int], list[int]]:
        """The days closed in a week and those worked at its end, in order."""
        closed = sorted(day.toordinal() for day in self.closures if day.weekday() < SATURDAY)
        worked = sorted(day.toordinal() for day in self.made_up if day.weekday() >= SATURDAY)
        return closed, worked

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
    still = tuple(pauses)
    walk = partial(_plain_walked, start, DAY, still, length)
    return _counted(start, _plain_end(start.toordinal(), length, still), walk)


def calendar_days_before(end: date, length: int) -> Counted:
    """Count so many days back from the day before *end*, whatever days they are."""
    _refuse_length(length)
    walk = partial(_plain_walked, end, -DAY, (), length)
    return _counted(end, _in_time(end.toordinal() - length), walk)


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


def _plain_walked(
    start: date, step: timedelta, pauses: tuple[Pause, ...], length: int
) -> tuple[Step, ...]:
    return _counted_out(_plain(_days(start, step), pauses), length)


def _whole_months(start: date, length: int, way: int, pauses: tuple[Pause, ...]) -> Counted:
    _refuse_length(length)
    try:
        base = months_after(start, way * length)
    except (ValueError, OverflowError) as error:
        raise Uncountable(_END_OF_TIME) from error
    end: int | None = base.toordinal()
    if pauses:
        still = _still(pauses, start.toordinal(), base.toordinal())
        end = still if still is None else _plain_end(base.toordinal(), still, pauses)
    walk = partial(_months_walked, start, length, way, pauses)
    return _counted(start, end, walk)


def _months_walked(
    start: date, length: int, way: int, pauses: tuple[Pause, ...]
) -> tuple[Step, ...]:
    months = tuple(
        Step(months_after(start, way * number), number, Because.MONTH)
        for number in range(1, length + 1)
    )
    base = months[-1].day
    paused = tuple(
        Step(day, None, Because.PAUSED, pause.reason)
        for day in (_days(start, DAY, base) if pauses else ())
        if (pause := _pause_on(pauses, day))
    )
    if not paused:
        return months
    after = _plain_walked(base, DAY, pauses, len(paused))
    added = (
        step if step.number is None else step._replace(number=None, because=Because.ADDED)
        for step in after
    )
    return (*sorted((*months, *paused), key=lambda step: step.day), *added)


def _counted(begins: date, end: int | None, walk: Callable[[], tuple[Step, ...]]) -> Counted:
    """Return what ends on a day, by its ordinal; where there is none, going through says why."""
    return Counted(begins, walk()[-1].day if end is None else date.fromordinal(end), walk)


def _counted_out(steps: Iterable[Step], length: int) -> tuple[Step, ...]:
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
    return tuple(taken)


def _end_after(
    start: int,
    length: int,
    pauses: tuple[Pause, ...],
    upto: Callable[[int], int],
    reach: Callable[[int], int | None],
) -> int | None:
    """Return the day on which so many have counted, or None where there is none.

    *upto* says how many days count up to a day, *reach* the first day up to which so many do; all
    days are given by their ordinals.
    """
    wanted = upto(start) + length
    end = reach(wanted)
    for first, last in merged(pauses):
        if end is None or first.toordinal() > end:
            break
        if last is None:
            return None
        wanted += max(upto(last.toordinal()) - upto(max(first.toordinal() - 1, start)), 0)
        end = reach(wanted)
    return end


def _plain_end(start: int, length: int, pauses: tuple[Pause, ...]) -> int | None:
    """Return the day on which so many have counted, whatever days they are."""
    return _end_after(start, length, pauses, _itself, _in_time) if length else start


def _still(pauses: tuple[Pause, ...], start: int, end: int) -> int | None:
    """Return on how many days after one up to another a clock stood still; None: it still does."""
    many = 0
    for first, last in merged(pauses):
        if first.toordinal() > end:
            break
        if last is None:
            return None
        many += max(min(last.toordinal(), end) - max(first.toordinal() - 1, start), 0)
    return many


def _itself(day: int) -> int:
    """Return how many days there are up to a day: as many as its ordinal says."""
    return day


def _in_time(day: int) -> int | None:
    """Return a day by its ordinal, or None outside the years that a date can have."""
    return day if 1 <= day <= _LAST else None


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
_LAST = date.max.toordinal()
