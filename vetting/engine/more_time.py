"""More time for an answer: who may have it, how much, and on which day it ends. Pure.

A body asks, and somebody of the Board answers. Where the workflow names limits they hold; where it
names none, no limit is claimed and the Board decides each time. What was granted in working days is
counted on the calendar of the body, and counted anew when that calendar changes.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta

from vetting.engine import facts
from vetting.engine.calendar import Calendar, Counted, Uncountable
from vetting.engine.casefile import CaseFile, Consultation
from vetting.engine.deadlines import Stop
from vetting.engine.definition import Definition, MoreTime
from vetting.engine.guards import Actor
from vetting.engine.refusals import Forbidden, HeldBack, MoveNotOffered, Unacceptable
from vetting.engine.sentences import Sentence, say

MOST_DAYS = 250  # working days in one request: about a year

GIVES = "gives"  # the answer to a request, as it is asked for
_WORKING, _DAY, _STILL = "+", "=", "~"


def granted(until: str, working_days: int | None) -> str:
    """Return how the record of a question keeps what was granted."""
    return f"{_WORKING}{working_days}" if working_days else f"{_DAY}{until}"


def stood_still(days: int) -> str:
    """Return how it keeps that its clock stood still for so many days."""
    return f"{_STILL}{days}"


def times_granted(consultation: Consultation) -> int:
    """Return how often a body was given more time for an answer."""
    return sum(not one.startswith(_STILL) for one in consultation.longer)


@dataclass(frozen=True)
class Part:
    """One part of the way to a day: from where, to where, and how it was counted."""

    begins: date
    ends: date
    counted: Counted | None  # none: the day was named
    stood_still: int = 0


def parts_of(first: date, longer: Iterable[str], calendar: Calendar | None) -> tuple[Part, ...]:
    """Return how the day of an answer came about from the day that was set first.

    Raises `Uncountable` where days are counted that the calendar does not know.
    """
    found: list[Part] = []
    day = first
    for one in longer:
        kind, said = one[0], one[1:]
        if kind == _DAY:
            part = Part(day, date.fromisoformat(said), None)
        elif kind == _STILL:
            part = Part(day, day + timedelta(days=int(said)), None, int(said))
        else:
            counted = _on(calendar).working_days_after(day, int(said))
            part = Part(day, counted.ends, counted)
        found.append(part)
        day = part.ends
    return tuple(found)


def day_after(first: date, longer: Iterable[str], calendar: Calendar | None) -> date:
    """Return the day to which all of it leads."""
    parts = parts_of(first, longer, calendar)
    return parts[-1].ends if parts else first


@dataclass(frozen=True)
class Owed:
    """An answer, with all that its day hangs on."""

    case: CaseFile
    definition: Definition  # the case type's, whose rules name the limits
    consultation: Consultation
    calendar: Calendar | None  # of the body
    today: str


@dataclass(frozen=True)
class Wanted:
    """How much more time: so many working days after the day that stands, or until a day."""

    working_days: int | None = None
    until: str | None = None


def ask(owed: Owed, actor: Actor, wanted: Wanted, reason: str) -> facts.MoreTimeAsked:
    """Return that a body asks for more time; refused with the reason why it cannot."""
    case, consultation, calendar = owed.case, owed.consultation, owed.calendar
    working_days, until = wanted.working_days, wanted.until
    if (held := why_not_ask(case, consultation)) is not None:
        raise MoveNotOffered(held)
    if not reason.strip():
        raise Unacceptable(say("Give a reason."), "reason")
    about = "until" if working_days is None else "working_days"
    if (working_days is None) == (until is None):
        raise Unacceptable(
            say("Ask either for so many working days or for a day, not for both."), "working_days"
        )
    due_on = str(consultation.due_on)
    if working_days is not None:
        if not 0 < working_days <= MOST_DAYS:
            raise Unacceptable(
                say("Ask for at least one working day and at most %(most)s.", most=MOST_DAYS), about
            )
        try:
            counted = _on(calendar).working_days_after(date.fromisoformat(due_on), working_days)
        except Uncountable as none:
            raise Unacceptable(none.sentence, about) from none
        until = counted.ends.isoformat()
    day = str(until)
    _refuse_no_later(day, due_on, owed.today, about)
    if (beyond := beyond_limits(owed, day)) is not None:
        raise HeldBack(beyond, about)
    return facts.MoreTimeAsked(
        consultation.handle,
        consultation.body,
        due_on,
        day,
        reason.strip(),
        actor.officer,
        working_days,
        actor.on_behalf_of,
    )


def why_not_ask(case: CaseFile, consultation: Consultation) -> Sentence | None:
    """Say why a body cannot ask for more time now, or nothing."""
    if not _is_open(case, consultation):
        return say("The case is no longer waiting for this opinion.")
    if consultation.due_on is None:
        return say("No day was set for this answer, so there is none to be moved.")
    if consultation.time_until is not None:
        return say("Your body has asked for more time already; the Board has not answered yet.")
    return None


def grant(owed: Owed, actor: Actor, reason: str) -> facts.MoreTimeGranted:
    """Return that the Board gives the time that was asked for.

    It is counted once more: the calendar may have changed since it was asked for.
    """
    consultation, calendar = owed.consultation, owed.calendar
    _refuse_unasked(owed.case, consultation, actor, reason)
    due_on, days = str(consultation.due_on), consultation.time_days
    until = str(consultation.time_until)
    if days is not None:
        try:
            counted = _on(calendar).working_days_after(date.fromisoformat(due_on), days)
        except Uncountable as none:
            raise HeldBack(none.sentence, GIVES) from none
        until = counted.ends.isoformat()
    _refuse_no_later(until, due_on, owed.today, GIVES)
    if (beyond := beyond_limits(owed, until)) is not None:
        raise HeldBack(beyond, GIVES)
    rule = limits_of(owed.definition, consultation.body)
    return facts.MoreTimeGranted(
        consultation.handle,
        consultation.body,
        due_on,
        until,
        reason.strip(),
        str(consultation.time_by),
        days,
        rule.basis if rule else None,
    )


def refuse(
    case: CaseFile, consultation: Consultation, actor: Actor, reason: str
) -> facts.MoreTimeRefused:
    """Return that the Board does not give it; the day stands."""
    _refuse_unasked(case, consultation, actor, reason)
    return facts.MoreTimeRefused(
        consultation.handle,
        consultation.body,
        str(consultation.due_on),
        str(consultation.time_until),
        reason.strip(),
        str(consultation.time_by),
    )


def limits_of(definition: Definition, body: str) -> MoreTime | None:
    """Return the limits that a workflow names, or none where nobody entered a rule."""
    return definition.rule_for(body).more_time


def beyond_limits(owed: Owed, until: str) -> Sentence | None:
    """Say which limit of the rule a day goes beyond, or nothing; no rule has no limit."""
    consultation = owed.consultation
    rule = limits_of(owed.definition, consultation.body)
    if rule is None:
        return None
    if rule.times is not None and times_granted(consultation) >= rule.times:
        return say(
            "The rule gives more time at most %(times)s times, and so often it was given: "
            "%(basis)s.",
            times=rule.times,
            basis=rule.basis,
        )
    if rule.working_days is None:
        return None
    first = date.fromisoformat(str(consultation.first_due_on or consultation.due_on))
    try:
        counted = _on(owed.calendar).working_days_to(first, date.fromisoformat(until))
    except Uncountable as none:
        return none.sentence
    if counted.active <= rule.working_days:
        return None
    return say(
        "The rule gives at most %(days)s working days in all after the day first set; this would "
        "be %(more)s: %(basis)s.",
        days=rule.working_days,
        more=counted.active,
        basis=rule.basis,
    )


def days_to_add(owed: Consultation, asked: date, stops: Iterable[Stop], today: date) -> int:
    """Return by how many days an answer is put off because its clock stood still until *today*.

    Whole days, the first and the last among them, days that overlap once; none of them before the
    body was asked, and none that was added already. After its day there is nothing to stand still.
    """
    due_on = date.fromisoformat(str(owed.due_on))
    still: set[int] = set()
    for stop in stops:
        first, last = max(stop.first, asked + timedelta(days=1)), stop.last or today
        if first <= due_on:
            still.update(range(first.toordinal(), min(last, today).toordinal() + 1))
    added = sum(int(one[1:]) for one in owed.longer if one.startswith(_STILL))
    return max(len(still) - added, 0)


def is_open(case: CaseFile, consultation: Consultation) -> bool:
    """Tell whether a case still waits for an answer, so that its day can be another."""
    return _is_open(case, consultation)


def _is_open(case: CaseFile, consultation: Consultation) -> bool:
    return (
        case.state == "consulting"
        and consultation.turn == case.turn
        and consultation.state not in {"signed", "withdrawn"}
    )


def _refuse_unasked(case: CaseFile, consultation: Consultation, actor: Actor, reason: str) -> None:
    if consultation.state == "signed":
        raise MoveNotOffered(say("The body has signed its opinion; no more time is needed."))
    if consultation.time_until is None or not _is_open(case, consultation):
        raise MoveNotOffered(say("Nobody waits for an answer to a request for more time here."))
    if not actor.persons.isdisjoint({consultation.time_by, consultation.time_for} - {None}):
        raise Forbidden(say("Whoever asks for more time does not answer that themself."))
    if not reason.strip():
        raise Unacceptable(say("Give a reason."), "reason")


def _refuse_no_later(until: str, due_on: str, today: str, about: str) -> None:
    if until <= due_on:
        raise Unacceptable(say("That day is no later than the one that stands."), about)
    if until < today:
        raise Unacceptable(say("That day lies in the past."), about)


def _on(calendar: Calendar | None) -> Calendar:
    if calendar is None:
        raise Uncountable(say("The calendar of working days has not been entered."))
    return calendar
