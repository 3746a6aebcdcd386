"""Every table, brought together so that migrations and checks can see them all."""

from vetting.records import (
    absences,
    acts,
    calendars,
    cases,
    conclusions,
    consultations,
    counters,
    history,
    legal_bases,
    letters,
    log,
    officers,
    organisations,
    outbox,
    reads,
    submissions,
    tallies,
)
from vetting.records.base import METADATA

__all__ = [
    "METADATA",
    "absences",
    "acts",
    "calendars",
    "cases",
    "conclusions",
    "consultations",
    "counters",
    "history",
    "legal_bases",
    "letters",
    "log",
    "officers",
    "organisations",
    "outbox",
    "reads",
    "submissions",
    "tallies",
]
