"""A case as it stood once: followed from its entries, shown as far as its reader may know today."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from types import SimpleNamespace

from sqlalchemy import Connection

from vetting.engine import facts
from vetting.engine.calendar import is_day
from vetting.engine.casefile import CaseFile
from vetting.engine.deadlines import CONCLUDED, Derived, Standing, Stop
from vetting.engine.definition import Definition, Title
from vetting.engine.facts import AboutConsultation, Moved, read_fact
from vetting.engine.policy import SEES_EVERY_OPINION
from vetting.engine.reading import Definitions
from vetting.engine.refusals import Forbidden
from vetting.engine.sentences import Sentence, say
from vetting.engine.vocabulary import AmendmentKind, CaseType, Need
from vetting.queries.amended import GONE, AmendmentLine, amendment_line, named_in_amendments
from vetting.queries.both_names import forms_in
from vetting.queries.case_page import (
    Basis,
    ConclusionLine,
    OpinionLine,
    PaperLine,
    ProposalLine,
    RecordLine,
    bases_of,
    by_substitutes,
    conclusion_line,
    named_in,
    opinion_line,
    papers_of,
    proposal_line,
    records_of,
    regulation_name,
    round_name,
)
from vetting.queries.due_dates import due_dates
from vetting.queries.names_of import names_of_officers, names_of_organisations
from vetting.queries.opened_case import OpenedCase
from vetting.queries.who_has_it import who_has_it
from vetting.records import history
from vetting.records.asked_unit import read_sets
from vetting.records.calendars import calendar_of
from vetting.records.cases import case_of
from vetting.records.consultations import consultation_of
from vetting.records.database import Row
from vetting.records.history import read_payload
from vetting.records.identity import Ids
from vetting.records.rebuild import Rows, rebuild
from vetting.records.running_deadlines import (
    Settled,
    frozen_at,
    ground_of,
    note_stop,
    put_at,
    terms_of_sets,
)
from vetting.records.validities import validity_as_concluded

_NOT_KEPT = frozenset({Standing.LATE, Standing.MET_LATE, Standing.OVERTAKEN_LATE})
OPEN = frozenset({"asked", "received", "drafting", "ready"})
_TOLD = facts.UnitNotified.verb


@dataclass(frozen=True)
class AskedThen:
    """One question put to a body, and how far it had come."""

    body: Title
    turn: int
    need: Need
    state_title: Title | Sentence
    asked_at: str
    received_at: str | None
    signed_at: str | None
    due_on: str | None
    late: bool  # not answered by its day, or after it


@dataclass(frozen=True)
class CaseThen:
    """All that is told of a case as it stood at the end of a day, or after one of its entries."""

    handle: str
    entries: int  # so many had been written
    reference: str | None
    case_type: CaseType
    version: int
    name: str
    born: str
    target: str
    position: str | None
    unit: Title
    round: Title | None
    state_title: Title
    since: str
    who: Sentence | Title
    missing: tuple[str, ...]
    level: int
    named: tuple[str, ...]
    recused: tuple[str, ...]
    waiting: tuple[str, ...]  # of them, or besides: nobody can take over yet
    asked: tuple[AskedThen, ...]
    papers: tuple[PaperLine, ...]
    records: tuple[RecordLine, ...]
    opinions: tuple[OpinionLine, ...]
    proposals: tuple[ProposalLine, ...]
    conclusion: ConclusionLine | None
    conclusion_valid: Derived | None  # until when it holds, where a rule says so
    due_dates: tuple[Derived, ...]
    bases: tuple[Basis, ...]
    regulation: Title | None
    authority: Title | None

    @property
    def late(self) -> bool:
        """Tell whether any step was late."""
        return any(one.late for one in self.asked) or bool(self.late_dates)

    @property
    def late_dates(self) -> tuple[Derived, ...]:
        """The deadlines that were not kept."""
        return tuple(one for one in self.due_dates if one.standing in _NOT_KEPT)


def only_for_whom_everything_is(opened: OpenedCase) -> None:
    """Refuse a unit and a body: what they may know of a case is no whole that once stood so."""
    if opened.seen_as not in SEES_EVERY_OPINION:
        raise Forbidden(say("Your role does not allow this."))


def known_state(state: str) -> str:
    """Return the state of a question as others know it of a past day.

    On which day a body drafted, and passed its draft on, is its own affair.
    """
    return "received" if state in {"drafting", "ready"} else state


def entries_until(connection: Connection, handle: str, at: str) -> list[Row]:
    """Return a case's entries up to a moment, with what they say."""
    return [row for row in history.with_payloads(connection, handle) if row["at"] <= at]


def can_be_followed(entries: Iterable[Row]) -> bool:
    """Tell whether what every one of these entries said is still there."""
    return all(entry["content"] is not None for entry in entries)


def opened_then(
    opened: OpenedCase, definitions: Definitions, entries: Sequence[Row]
) -> tuple[OpenedCase, Rows]:
    """Return a case as it was after these entries, and all rows that followed from them."""
    handle = opened.case.handle
    rows = rebuild(handle, entries)
    asked = tuple(
        sorted(
            rows["consultations"].values(),
            key=lambda row: (row["turn"], row["asked_at"], row["body"]),
        )
    )
    row = rows["cases"][handle,]
    case = case_of(row, [consultation_of(one) for one in asked])
    then = replace(
        opened,
        case=case,
        definition=definitions.of(case.case_type.value, case.definition_version),
        row=row,
        asked=asked,
        told=any(entry["verb"] == _TOLD for entry in entries),
    )
    return then, rows


def case_then(
    connection: Connection,
    definitions: Definitions,
    opened: OpenedCase,
    entries: Sequence[Row],
    on: str,
) -> CaseThen:
    """Return a case as it stood after these entries, with its dates as on that day."""
    then, rows = opened_then(opened, definitions, entries)
    case, definition = then.case, then.definition
    signed = sorted(
        rows["opinions"].values(),
        key=lambda row: (row["turn"], row["signed_at"], row["consultation"]),
    )
    proposed = sorted(rows["proposals"].values(), key=lambda row: -row["entry"])
    concluded = next(iter(rows["conclusions"].values()), None)
    codes = {case.unit, *(str(row["body"]) for row in then.asked)}
    if case.authority:
        codes.add(case.authority)
    names = names_of_organisations(connection, codes)
    amended = sorted(rows["amendments"].values(), key=lambda row: row["entry"])
    people = (
        named_in(signed, proposed, concluded) | case.named | case.recused | case.conflicts_waiting
    )
    officers = names_of_officers(connection, people | named_in_amendments(amended))
    substituted = by_substitutes(signed, proposed, concluded) or any(
        row["signed_for"] for row in amended
    )
    forms = forms_in(connection, case.handle) if substituted else {}
    by_subject: dict[str | None, tuple[AmendmentLine, ...]] = {}
    for row in amended:
        line = amendment_line(row, definition, officers, forms)
        by_subject[row["consultation"]] = (*by_subject.get(row["consultation"], ()), line)
    machine = definitions.consultation()
    unit = names.get(case.unit) or Title(vi=case.unit, en=case.unit)
    authority = names.get(case.authority) if case.authority else None
    return CaseThen(
        handle=case.handle,
        entries=len(entries),
        reference=case.reference,
        case_type=case.case_type,
        version=definition.version,
        name=case.name,
        born=case.born,
        target=case.target,
        position=case.position,
        unit=unit,
        round=round_name(connection, case.round),
        state_title=definition.state_by_name[case.state].title,
        since=str(then.row["since"]),
        who=who_has_it(definition, case, unit, authority),
        missing=case.missing,
        level=case.level,
        named=_people(case.named, officers),
        recused=_people(case.recused, officers),
        waiting=_people(case.conflicts_waiting, officers),
        asked=tuple(
            AskedThen(
                body=names[row["body"]],
                turn=row["turn"],
                need=Need(row["need"]),
                state_title=GONE[AmendmentKind(row["amended"])]
                if row["amended"] in GONE
                else machine.state_by_name[known_state(row["state"])].title,
                asked_at=row["asked_at"],
                received_at=row["received_at"],
                signed_at=row["signed_at"],
                due_on=row["due_on"],
                late=_is_late(row, on),
            )
            for row in then.asked
        ),
        papers=tuple(papers_of(definition, case, on)),
        records=tuple(records_of(then)),
        opinions=tuple(
            opinion_line(row, officers, forms, by_subject.get(row["consultation"], ()))
            for row in signed
        ),
        proposals=tuple(proposal_line(row, definition, officers, forms) for row in proposed),
        conclusion=conclusion_line(concluded, then, officers, forms, by_subject.get(None, ())),
        conclusion_valid=validity_as_concluded(
            definition, case, concluded["decided_on"], concluded["effective_on"], on
        )
        if concluded and then.knows_outcome
        else None,
        due_dates=_due_dates(connection, definitions, then, entries, on),
        bases=tuple(bases_of(connection, definition)),
        regulation=regulation_name(connection, case.regulation),
        authority=authority,
    )


def _people(handles: Iterable[str], officers: Mapping[str, str]) -> tuple[str, ...]:
    return tuple(sorted(officers.get(handle, handle) for handle in handles))


def _is_late(row: Row, on: str) -> bool:
    if row["due_on"] is None:
        return False
    if row["signed_at"]:
        return Ids().legal_day(row["signed_at"]) > str(row["due_on"])
    return row["state"] in OPEN and str(row["due_on"]) < on


def _due_dates(
    connection: Connection,
    definitions: Definitions,
    then: OpenedCase,
    entries: Sequence[Row],
    on: str,
) -> tuple[Derived, ...]:
    """Return the deadlines as they stood; an earlier case that this one follows as it stood too."""
    ground = ground_of(connection, definitions, [then.case], as_of=Ids().end_of(on))
    admission = then.case.admission
    if admission is not None and admission in ground.followed:
        earlier = entries_until(connection, admission, entries[-1]["at"])
        if earlier and can_be_followed(earlier):
            rows = rebuild(admission, earlier)
            ground = replace(ground, followed={admission: case_of(rows["cases"][admission,])})
    return due_dates(
        definitions,
        then.case,
        ground,
        today=on,
        settled=_settled(connection, then.definition, then.case, entries),
    )


def _settled(
    connection: Connection, definition: Definition, case: CaseFile, entries: Sequence[Row]
) -> Settled:
    stops: list[Stop] = []
    at: dict[str, str] = {}
    for entry in entries:
        fact = read_fact(entry["verb"], read_payload(entry["content"]))
        if isinstance(fact, facts.FactRecorded):
            at[fact.name] = entry["at"]
        if isinstance(fact, Moved) and not isinstance(fact, AboutConsultation):
            at[fact.target] = entry["at"]
            day = date.fromisoformat(Ids().legal_day(entry["at"]))
            reason = getattr(fact, "reason", None)
            note_stop(stops, fact.target, day, entry["officer"], reason)
    frozen = frozen_at(definition, at, entries[0]["at"] if entries else None)
    sets = read_sets(SimpleNamespace(**entry) for entry in entries)
    frozen |= put_at(definition, sets)
    stood = {name: calendar_of(connection, as_of=moment) for name, moment in frozen.items()}
    return Settled(
        _entered(entries),
        {name: calendar for name, calendar in stood.items() if calendar is not None},
        tuple(stops),
        terms_of_sets(definition, case, sets),
    )


def _entered(entries: Iterable[Row]) -> dict[str, date]:
    """Return the legal days on which states were last entered.

    What the authority concluded counts from the day it decided, not from the day of the entry.
    """
    ids = Ids()
    found: dict[str, date] = {}
    decided: dict[str, date] = {}
    for entry in entries:
        fact = read_fact(entry["verb"], read_payload(entry["content"]))
        if isinstance(fact, Moved) and not isinstance(fact, AboutConsultation):
            found[fact.target] = date.fromisoformat(ids.legal_day(entry["at"]))
        if isinstance(fact, facts.CaseConcluded):
            # A conclusion without a day was once let through; nothing is counted from it.
            decided = (
                {CONCLUDED: date.fromisoformat(fact.decided_on)} if is_day(fact.decided_on) else {}
            )
    found.pop(CONCLUDED, None)
    return found | decided
