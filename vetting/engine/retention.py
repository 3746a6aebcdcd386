"""Retention: until when a record is kept, and what keeps it from being disposed of.

How long is in no program: a schedule is entered from a rule that somebody has in hand. Without one
nothing runs out, and nothing is disposed of.
"""

from dataclasses import dataclass
from datetime import date

from vetting.engine.casefile import CaseFile
from vetting.engine.definition import Title
from vetting.engine.months import months_after
from vetting.engine.sentences import Sentence, mark, say
from vetting.engine.vocabulary import CaseType, Named

OVER = frozenset({"closed", "withdrawn"})  # from here a case goes nowhere, and is only kept
MOST_YEARS = 200
IN_ONES_OWN_NAME = say("Of a record one disposes in one’s own name alone.")


class RetentionStanding(Named):
    """How a record stands with its schedule."""

    IN_WORK = "in_work", mark("the case is not over")
    NO_SCHEDULE = "no_schedule", mark("no schedule was entered")
    KEPT = "kept", mark("kept until its schedule runs out")
    HELD = "held", mark("held")
    ASKED_ABOUT = "asked_about", mark("a request of the candidate waits for its answer")
    RUN_OUT = "run_out", mark("its schedule has run out")
    ASKED = "asked", mark("waits for a second person")


@dataclass(frozen=True, slots=True)
class Schedule:
    """One retention class: for which case types it is meant, and how long it keeps a record."""

    code: str
    title: Title
    case_types: frozenset[CaseType]
    years: int | None  # none: nobody has entered how long
    basis: str


@dataclass(frozen=True, slots=True)
class Retention:
    """By what a record is kept, and until when."""

    record_class: str | None
    schedule: Schedule | None
    over_on: str | None  # the legal day on which the case was over
    runs_out_on: str | None  # the last day on which it is kept
    standing: RetentionStanding


def class_of(case: CaseFile, schedules: dict[str, Schedule]) -> str | None:
    """Return the class of a record: as somebody said, or else the one meant for its case type."""
    if case.record_class is not None:
        return case.record_class
    meant = sorted(code for code, one in schedules.items() if case.case_type in one.case_types)
    return meant[0] if len(meant) == 1 else None


def retention_of(
    case: CaseFile, schedules: dict[str, Schedule], over_on: str, today: str
) -> Retention:
    """Return how a record stands; *over_on* is the day on which it came to where it stands."""
    name = class_of(case, schedules)
    schedule = schedules.get(name) if name is not None else None
    if case.state not in OVER:
        return Retention(name, schedule, None, None, RetentionStanding.IN_WORK)
    runs_out_on = None
    if schedule is not None and schedule.years is not None:
        runs_out_on = months_after(date.fromisoformat(over_on), schedule.years * 12).isoformat()
    return Retention(name, schedule, over_on, runs_out_on, _standing(case, runs_out_on, today))


def _standing(case: CaseFile, runs_out_on: str | None, today: str) -> RetentionStanding:
    if case.holds:
        return RetentionStanding.HELD
    if case.open_requests:
        return RetentionStanding.ASKED_ABOUT
    if runs_out_on is None:
        return RetentionStanding.NO_SCHEDULE
    if today <= runs_out_on:
        return RetentionStanding.KEPT
    return RetentionStanding.ASKED if case.disposal is not None else RetentionStanding.RUN_OUT


def why_not_disposed_of(kept: Retention) -> Sentence | None:
    """Say what keeps a record from being disposed of, or None where nothing does."""
    match kept.standing:
        case RetentionStanding.IN_WORK:
            return say("The case is not over.")
        case RetentionStanding.HELD:
            return say("The record is held. Nothing of it is disposed of.")
        case RetentionStanding.ASKED_ABOUT:
            return say("A request of the candidate waits for its answer.")
        case RetentionStanding.NO_SCHEDULE:
            return say("No schedule was entered for this record, so nothing of it is disposed of.")
        case RetentionStanding.KEPT:
            return say("The record is kept until its schedule has run out.")
        case _:
            return None
