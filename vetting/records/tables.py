"""Every table, brought together so that migrations and checks can see them all."""

from vetting.records import (
    absences,
    acts,
    calendars,
    cases,
    conclusions,
    consultations,
    counters,
    directory_identities,
    emergencies,
    factors,
    half_sign_ins,
    history,
    legal_bases,
    letters,
    log,
    log_nodes,
    officers,
    organisations,
    outbox,
    reads,
    submissions,
    tallies,
    withheld,
    witnessed,
)
from vetting.records.base import METADATA

# Whoever writes one of these has to play the part already (migrations/versions/0008).
for written in (
    history.entries,
    consultations.consultations,
    consultations.sign_offs,
    consultations.opinions,
    conclusions.proposals,
    conclusions.conclusions,
):
    written.add_is_dependent_on(cases.participations)

__all__ = [
    "METADATA",
    "absences",
    "acts",
    "calendars",
    "cases",
    "conclusions",
    "consultations",
    "counters",
    "directory_identities",
    "emergencies",
    "factors",
    "half_sign_ins",
    "history",
    "legal_bases",
    "letters",
    "log",
    "log_nodes",
    "officers",
    "organisations",
    "outbox",
    "reads",
    "submissions",
    "tallies",
    "withheld",
    "witnessed",
]
