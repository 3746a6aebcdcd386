"""Reminders: which rung of a schedule is due on a day for what is still owed. Pure.

A workflow says how many working days before or after the last day whom is told, of an answer that a
body owes or of a deadline of the case itself; where it says nothing nobody is. Every rung is told
once for a last day. Of several that were missed only the newest is told: nobody gets three
reminders of one thing at once.
"""

from collections.abc import Iterable, Iterator
from datetime import date, datetime, time, timedelta

from vetting.engine.calendar import Calendar, Uncountable
from vetting.engine.definition import Definition, Reminder

OPENS, CLOSES = time(8, 0), time(17, 0)  # when people are reminded, on a working day
AUDIENCE = {"owing": "body", "head": "head", "coordinator": "board"}
DUE, LATE = "answer_due", "answer_late"
DEADLINE_DUE, DEADLINE_LATE = "deadline_due", "deadline_late"


def is_time_to_remind(calendar: Calendar | None, now: datetime) -> bool:
    """Tell whether somebody may be reminded now; *now* is where the officers are."""
    if calendar is None or not OPENS <= now.time() < CLOSES:
        return False
    try:
        return calendar.is_working_day(now.date())
    except Uncountable:  # of that day nothing is known
        return False


def returns_on(calendar: Calendar, day: date) -> date:
    """Return the day itself, or the next that is worked; raises `Uncountable` where none is known.

    What was set aside until a day comes back then, when people are at work.
    """
    while not calendar.is_working_day(day):
        day += timedelta(days=1)
    return day


def rungs_due(
    reminders: Iterable[Reminder], calendar: Calendar, asked_on: date, due_on: date, today: date
) -> Iterator[Reminder]:
    """Yield what is to be told by *today*, at most one rung for each of those to be told.

    Once the last day has passed nobody is told that it is near.
    """
    newest: dict[str, tuple[date, Reminder]] = {}
    for rung in reminders:
        if rung.days <= 0 and today > due_on:
            continue
        try:
            on = day_of(rung, calendar, due_on)
        except Uncountable:
            continue
        before = newest.get(rung.to)
        if asked_on < on <= today and (before is None or before[0] < on):
            newest[rung.to] = (on, rung)
    for _, rung in newest.values():
        yield rung


def next_rung(
    reminders: Iterable[Reminder], calendar: Calendar, asked_on: date, due_on: date, today: date
) -> date | None:
    """Return the next day after *today* on which a rung of these is due, or None."""
    days = []
    for rung in reminders:
        try:
            days.append(day_of(rung, calendar, due_on))
        except Uncountable:
            continue
    return min((day for day in days if day > today and day > asked_on), default=None)


def day_of(rung: Reminder, calendar: Calendar, due_on: date) -> date:
    """Return the day of a rung; raises `Uncountable` outside the calendar."""
    if rung.days > 0:
        return calendar.working_days_after(due_on, rung.days).ends
    if rung.days < 0:
        return calendar.working_days_before(due_on, -rung.days).ends
    return due_on


def trigger_of(rung: Reminder) -> str:
    """Return by which trigger the catalogue knows what a rung tells of an answer."""
    return LATE if rung.days > 0 else DUE


def trigger_of_deadline(rung: Reminder) -> str:
    """Return by which trigger the catalogue knows what a rung tells of a deadline of a case."""
    return DEADLINE_LATE if rung.days > 0 else DEADLINE_DUE


def audience_of_deadline(rung: Reminder, owed_by: str) -> str:
    """Return whom a rung tells of a deadline of a case that somebody owes."""
    return {"owing": owed_by, "head": "board_head", "coordinator": "board"}[rung.to]


def reminds_of_deadlines(definition: Definition) -> bool:
    """Tell whether a workflow has anybody reminded of deadlines of its cases."""
    own = [
        *definition.deadlines,
        definition.questions,
        *(one.deadline for one in definition.states),
    ]
    return any(deadline is not None and deadline.reminders for deadline in own)
