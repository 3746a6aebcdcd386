"""Due dates of a case: what its workflow lays down, counted as far as it can be counted.

Working days are counted only with a calendar of working days; where none has been entered the
rule is shown and no date.
"""

from dataclasses import dataclass
from datetime import date, timedelta

from vetting.engine.casefile import CaseFile
from vetting.engine.definition import CaseDeadline, Definition, Title
from vetting.engine.months import months_after
from vetting.engine.sentences import Sentence, say


@dataclass(frozen=True)
class DueDate:
    """One deadline of a case, and why it is what it is."""

    title: Title
    rule: Sentence  # how long it is
    basis: str
    begins_on: str | None  # None while what it is counted from has not happened
    due_on: str | None  # None where it cannot be counted
    met: bool
    runs: bool  # something can meet it; otherwise it is a mere span of time


def due_dates(
    definition: Definition, case: CaseFile, followed: CaseFile | None
) -> tuple[DueDate, ...]:
    """Return the deadlines of a case; *followed* is the earlier case that it is linked to."""
    return tuple(
        _due_date(definition, deadline, case, followed) for deadline in definition.deadlines
    )


def _due_date(
    definition: Definition, deadline: CaseDeadline, case: CaseFile, followed: CaseFile | None
) -> DueDate:
    begins = _begins(definition, deadline, case, followed)
    due = _counted(deadline, begins) if begins else None
    return DueDate(
        title=deadline.title,
        rule=_rule(deadline),
        basis=deadline.basis,
        begins_on=begins.isoformat() if begins else None,
        due_on=due.isoformat() if due else None,
        met=any(
            name in case.recorded or (name == "concluded" and case.outcome is not None)
            for name in deadline.met_by
        ),
        runs=bool(deadline.met_by),
    )


def _begins(
    definition: Definition, deadline: CaseDeadline, case: CaseFile, followed: CaseFile | None
) -> date | None:
    """Return the day a deadline is counted from, where that day is on record."""
    words = deadline.start.split(".")
    if words[0] == "admission":
        return _recorded(followed, words[1:]) if followed else None
    if len(words) > 1:
        return _recorded(case, words)
    for other in definition.deadlines:
        if other.name == words[0] and other.name != deadline.name:
            begun = _begins(definition, other, case, followed)
            return _counted(other, begun) if begun else None
    return None


def _recorded(case: CaseFile, words: list[str]) -> date | None:
    record = case.last_recorded(words[0])
    value = record.get(words[1]) if record else None
    return date.fromisoformat(value) if isinstance(value, str) else None


def _counted(deadline: CaseDeadline, begins: date) -> date | None:
    length = -deadline.length if deadline.counted == "before" else deadline.length
    match deadline.unit:
        case "months":
            return months_after(begins, length)
        case "calendar_days":
            return begins + timedelta(days=length)
        case "working_days":
            return None


def _rule(deadline: CaseDeadline) -> Sentence:
    match deadline.unit:
        case "months":
            return say("%(count)s months", count=deadline.length)
        case "calendar_days":
            return say("%(count)s days", count=deadline.length)
        case "working_days":
            return say("%(count)s working days", count=deadline.length)
