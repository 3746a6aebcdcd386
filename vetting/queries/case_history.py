"""The history of one case, in sentences, as far as the reader may know of it."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from sqlalchemy import Connection

from vetting.engine import facts
from vetting.engine.definition import Title
from vetting.engine.facts import Fact, read_fact
from vetting.engine.policy import SEES_EVERY_OPINION, Principal, Relation, sees_entry
from vetting.engine.reading import Definitions
from vetting.engine.record import tells_outcome
from vetting.engine.vocabulary import Role
from vetting.queries.both_names import Chains, Forms, both_names, forms_in, passed_on_in
from vetting.queries.history_sentences import Names, Told, told_of
from vetting.queries.names_of import names_of_officers, names_of_organisations
from vetting.queries.opened_case import OpenedCase, open_case
from vetting.records import history
from vetting.records.database import Row


@dataclass(frozen=True)
class Line:
    """One entry: who, for which organisation, in which role, when, and what."""

    number: int | None  # None for whom the gaps between numbers would tell of hidden entries
    at: str
    who: str | Title  # both names, where somebody acted for another
    role: Role
    organisation: Title
    told: Told | None  # None where what the entry says was lawfully erased
    method: str  # how who did it had proved who they are


@dataclass(frozen=True)
class CaseHistory:
    """All that the page of a case's history says."""

    handle: str
    reference: str | None
    name: str
    lines: tuple[Line, ...]
    whole: bool  # the reader may know of whatever happened beside the bodies' inner work
    checked: bool  # the reader is one who is shown whether the history holds
    broken_at: int | None  # the first entry from which it does not hold


def case_history(
    connection: Connection, principal: Principal, definitions: Definitions, handle: str
) -> CaseHistory:
    """Return a case's history, oldest first."""
    opened = open_case(connection, principal, definitions, handle)
    rows = list(history.with_payloads(connection, handle))
    lines = lines_of(connection, principal, opened, rows)
    whole = opened.seen_as in SEES_EVERY_OPINION
    checked = opened.seen_as is Relation.OVERSEER
    broken = history.check_chain(iter(rows), opened.row) if checked else None
    return CaseHistory(
        handle=handle,
        reference=opened.case.reference,
        name=opened.case.name,
        lines=lines,
        whole=whole,
        checked=checked,
        broken_at=broken.number if broken else None,
    )


def lines_of(
    connection: Connection, principal: Principal, opened: OpenedCase, rows: Sequence[Row]
) -> tuple[Line, ...]:
    """Return those of a case's entries that the reader may know of, as they are read."""
    shown = [
        (row, fact)
        for row in rows
        if sees_entry(opened.seen_as, principal.organisation, row["verb"], row["body"])
        and not _gives_outcome_away(opened, fact := _fact_of(row))
    ]
    acted = any(row["on_behalf_of"] is not None for row, _ in shown)
    forms = forms_in(connection, opened.case.handle) if acted else {}
    chains = passed_on_in(connection, [opened.case.handle]) if acted else {}
    names = Names(
        opened.definition,
        names_of_organisations(connection, _organisations(shown)),
        names_of_officers(connection, _officers(shown) | _on_chains(chains)),
    )
    numbered = opened.seen_as in SEES_EVERY_OPINION
    return tuple(_line(row, fact, names, forms, chains, numbered=numbered) for row, fact in shown)


def lines_of_many(
    connection: Connection, definitions: Definitions, rows: Sequence[Row]
) -> list[tuple[Line, Row]]:
    """Return entries of several cases as they are read; the reader may know of each of them."""
    shown = [(row, _fact_of(row)) for row in rows]
    organisations = names_of_organisations(connection, _organisations(shown))
    acted = {row["case_handle"] for row in rows if row["on_behalf_of"] is not None}
    forms: dict[str, Forms] = {case: forms_in(connection, case) for case in acted}
    chains = passed_on_in(connection, acted) if acted else {}
    officers = names_of_officers(connection, _officers(shown) | _on_chains(chains))
    lines = []
    for row, fact in shown:
        case_type, _, version = row["definition"].partition("/v")
        names = Names(definitions.of(case_type, int(version)), organisations, officers)
        in_which = forms.get(row["case_handle"], {})
        lines.append((_line(row, fact, names, in_which, chains, numbered=True), row))
    return lines


def _on_chains(chains: Chains) -> set[str]:
    return {officer for between in chains.values() for officer in between}


def _line(  # an entry, and what it is told with
    row: Row, fact: Fact | None, names: Names, forms: Forms, chains: Chains, *, numbered: bool
) -> Line:
    between = chains.get(row["session"], ()) if row["on_behalf_of"] is not None else ()
    return Line(
        number=row["number"] if numbered else None,
        at=row["at"],
        who=both_names(names.officers, row["officer"], row["on_behalf_of"], forms, between),
        role=Role(row["role"]),
        organisation=names.organisation(row["organisation"]),
        told=told_of(fact, replace(names, first=row["number"] == 1)) if fact else None,
        method=row["method"],
    )


def _fact_of(row: Row) -> Fact | None:
    if row["content"] is None:
        return None
    return read_fact(row["verb"], history.read_payload(row["content"]))


def _gives_outcome_away(opened: OpenedCase, fact: Fact | None) -> bool:
    """Tell whether a recorded fact would tell a reader an outcome not yet announced to them."""
    if opened.knows_outcome or not isinstance(fact, facts.FactRecorded):
        return False
    known = opened.definition.fact_by_name.get(fact.name)
    return known is not None and tells_outcome(opened.definition, known)


def _organisations(shown: list[tuple[Row, Fact | None]]) -> set[str]:
    codes = {row["organisation"] for row, _ in shown}
    for _, fact in shown:
        match fact:
            case facts.CaseAccepted():
                codes.add(fact.authority)
            case facts.AboutConsultation() | facts.BodyLeftOut():
                codes.add(fact.body)
            case facts.BodyReplaced():
                codes |= {fact.before, fact.after}
            case _:
                pass
    return codes


def _officers(shown: list[tuple[Row, Fact | None]]) -> set[str]:
    handles = {row["officer"] for row, _ in shown}
    handles |= {row["on_behalf_of"] for row, _ in shown if row["on_behalf_of"] is not None}
    for _, fact in shown:
        match fact:
            case (
                facts.ConsultationAssigned()
                | facts.ConsultationReleased()
                | facts.ConflictTakenOver()
            ):
                handles.add(fact.officer)
            case facts.OpinionAmended():
                handles.update(fact.countersigned_by)
            case facts.CaseRestricted():
                handles.update(fact.named)
            case facts.RequestAnswered() | facts.RequestRefused() | facts.RequestExtended():
                handles.add(fact.prepared_by)
            case _:
                pass
    return handles
