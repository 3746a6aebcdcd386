"""Projections: the rows that follow from entries, whether they are written now or rebuilt later."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import Any, Self

from vetting.engine import facts
from vetting.engine.casefile import CaseFile
from vetting.engine.facts import Fact
from vetting.records import amendments, conclusions, consultations
from vetting.records.database import Row, Statement

NO_TIMES: dict[str, str | None] = {"asked_at": None, "received_at": None, "signed_at": None}


@dataclass(frozen=True)
class Times:
    """When things happened to a case: taken from its entries, never from a clock."""

    opened_at: str
    changed_at: str
    since: str  # in the present state
    filed_at: str | None = None
    # As the rows keep them, among other columns.
    consultations: Mapping[str, Row] = field(default_factory=dict)

    @classmethod
    def of(cls, row: Row, asked: Iterable[Row]) -> Self:
        """Read the times that rows keep."""
        return cls(
            row["opened_at"],
            row["changed_at"],
            row["since"],
            row["filed_at"],
            {c["handle"]: c for c in asked},
        )

    def after(self, fact: Fact, at: str, *, moved: bool) -> Self:
        """Return the times after a fact."""
        times = replace(self, changed_at=at, since=at if moved else self.since)
        match fact:
            case facts.CaseFiled() if self.filed_at is None:
                return replace(times, filed_at=at)
            case facts.BodyAsked():
                return times._with(fact.consultation, asked_at=at)  # noqa: SLF001  # our own
            case facts.OpinionSigned():
                return times._with(fact.consultation, signed_at=at)  # noqa: SLF001
            case (
                facts.ConsultationReceived()
                | facts.OpinionDrafted()
                | (facts.ConsultationAssigned())
            ) if self.consultations[fact.consultation]["received_at"] is None:
                return times._with(fact.consultation, received_at=at)  # noqa: SLF001
            case _:
                return times

    def of_case(self) -> dict[str, Any]:
        """Return a case's columns that tell times."""
        return {
            "opened_at": self.opened_at,
            "changed_at": self.changed_at,
            "since": self.since,
            "filed_at": self.filed_at,
        }

    def of_consultation(self, handle: str) -> Mapping[str, str | None]:
        """Return a consultation's columns that tell times."""
        kept = self.consultations[handle]
        return {name: kept[name] for name in NO_TIMES}

    def _with(self, consultation: str, **when: str) -> Self:
        before = self.consultations.get(consultation, NO_TIMES)
        return replace(self, consultations={**self.consultations, consultation: {**before, **when}})


def rows_of(fact: Fact, entry: Row, case: CaseFile) -> Iterator[tuple[Statement, dict[str, Any]]]:
    """Yield the rows that an entry adds beside the case itself; *case* is as it then stands."""
    match fact:
        case facts.OpinionCountersigned() | facts.OpinionAmendmentCountersigned():
            yield consultations.INSERT_SIGN_OFF, _sign_off(fact, entry, "countersign")
        case facts.MoreTimeGranted() | facts.AnswerDateMoved():
            yield (
                consultations.INSERT_EXTENSION,
                {
                    "consultation": fact.consultation,
                    "entry": entry["number"],
                    "case_handle": case.handle,
                    "body": fact.body,
                    "due_on": fact.due_on,
                    "until": fact.until,
                },
            )
        case facts.OpinionSigned():
            yield (
                consultations.INSERT_OPINION,
                {
                    "consultation": fact.consultation,
                    "case_handle": case.handle,
                    "body": fact.body,
                    "turn": case.consultation(fact.consultation).turn,
                    "body_name": fact.body_name,
                    "verdict": fact.verdict,
                    "reasons": fact.reasons,
                    "conditions": consultations.texts(fact.conditions),
                    "evidence": consultations.texts(fact.evidence),
                    "hash": fact.hash,
                    "drafted_by": fact.drafted_by,
                    "drafted_for": fact.drafted_for,
                    "signed_by": entry["officer"],
                    "signed_for": entry["on_behalf_of"],
                    "signed_at": entry["at"],
                },
            )
            yield consultations.INSERT_SIGN_OFF, _sign_off(fact, entry, "sign")
        case facts.CaseProposed():
            yield (
                conclusions.INSERT_PROPOSAL,
                {
                    "case_handle": case.handle,
                    "entry": entry["number"],
                    "outcome": fact.outcome,
                    "reasons": fact.reasons,
                    "proposed_by": fact.by,
                    "proposed_for": fact.on_behalf_of,
                    "proposed_at": entry["at"],
                    "submitted_by": None,
                    "submitted_for": None,
                    "submitted_at": None,
                },
            )
        case facts.CaseSubmitted():
            yield (
                conclusions.SUBMIT_PROPOSAL,
                {
                    "case_": case.handle,
                    "before_": entry["number"],
                    "submitted_by": entry["officer"],
                    "submitted_for": entry["on_behalf_of"],
                    "submitted_at": entry["at"],
                },
            )
        case facts.CaseConcluded():
            yield (
                conclusions.INSERT_CONCLUSION,
                {
                    "case_handle": case.handle,
                    "outcome": fact.outcome,
                    "reasons": fact.reasons,
                    "decided_on": fact.decided_on,
                    "document": fact.document,
                    "votes_for": fact.votes_for,
                    "votes_against": fact.votes_against,
                    "votes_abstained": fact.votes_abstained,
                    "effective_on": fact.effective_on,
                    "authority": case.authority,
                    "recorded_by": entry["officer"],
                    "recorded_for": entry["on_behalf_of"],
                    "recorded_at": entry["at"],
                },
            )
        case facts.OpinionAmended() | facts.ConclusionAmended():
            yield amendments.INSERT, _amendment(fact, entry)


def _amendment(fact: facts.OpinionAmended | facts.ConclusionAmended, entry: Row) -> dict[str, Any]:
    names = (
        "amends kind ground reason basis decided_on effective_on document reasons outcome verdict "
        "votes_for votes_against votes_abstained consultation hash body_name drafted_by drafted_for"
    )
    return {name: getattr(fact, name, None) for name in names.split()} | {
        "case_handle": entry["case_handle"],
        "entry": entry["number"],
        "conditions": consultations.texts(getattr(fact, "conditions", ())),
        "evidence": consultations.texts(getattr(fact, "evidence", ())),
        "signed_by": entry["officer"],
        "signed_for": entry["on_behalf_of"],
        "organisation": entry["organisation"],
        "signed_at": entry["at"],
    }


def _sign_off(
    fact: facts.OpinionSigned | facts.OpinionCountersigned | facts.OpinionAmendmentCountersigned,
    entry: Row,
    kind: str,
) -> dict[str, Any]:
    return {
        "consultation": fact.consultation,
        "officer": entry["officer"],
        "on_behalf_of": entry["on_behalf_of"],
        "kind": kind,
        "organisation": entry["organisation"],
        "role": entry["role"],
        "hash": fact.hash,
        "session": entry["session"],
        "method": entry["method"],
        "at": entry["at"],
    }
