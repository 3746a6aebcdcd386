"""The package of a case: what it tells, up to one entry, and the entry that says it was taken out.

It is made anew whenever it is wanted: nothing of it is kept but its hash, in that entry.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import Connection, bindparam, select

from vetting.engine.definition import Title
from vetting.engine.facts import (
    CaseExported,
    CaseResumed,
    CaseReturned,
    CaseSuspended,
    ConsultationTakenBack,
    ProposalReturned,
    ProposalReworked,
    read_fact,
)
from vetting.engine.policy import Principal
from vetting.engine.reading import Definitions
from vetting.engine.refusals import Unknown
from vetting.engine.sentences import say
from vetting.engine.vocabulary import Role
from vetting.queries.case_history import Line, lines_of
from vetting.queries.case_readers import Look, looks_before
from vetting.queries.case_then import CaseThen, can_be_followed, case_then
from vetting.queries.names_of import names_of_officers, names_of_organisations
from vetting.queries.opened_case import OpenedCase, open_to_act
from vetting.queries.receipt import is_in_the_log
from vetting.records import history
from vetting.records.database import Statement
from vetting.records.history import entries, payloads, read_payload
from vetting.records.identity import Ids

CAN_BE_TAKEN_OUT_FOR = timedelta(days=1)
# What holds a case up, or sends it a step back: with its reason it explains why a step was late.
_INTERRUPTIONS = frozenset(
    {
        CaseReturned.verb,
        CaseSuspended.verb,
        CaseResumed.verb,
        ConsultationTakenBack.verb,
        ProposalReworked.verb,
        ProposalReturned.verb,
    }
)


@dataclass(frozen=True)
class Withheld:
    """An entry of which the reader may know that it is there, and no more."""

    number: int


@dataclass(frozen=True)
class TakenOut:
    """Who had the package made, when and why."""

    name: str
    role: Role
    organisation: Title
    at: str
    reason: str


@dataclass(frozen=True)
class CasePackage:
    """All that the readable page of a package says."""

    handle: str
    reference: str | None
    name: str
    definition: tuple[str, int]
    taken_out: TakenOut
    then: CaseThen | None  # None where what an entry said was lawfully erased
    lines: tuple[Line | Withheld, ...]
    interruptions: tuple[Line, ...]
    looks: tuple[Look, ...]

    @property
    def withheld(self) -> int:
        """How many entries are withheld from the reader."""
        return sum(isinstance(line, Withheld) for line in self.lines)


@dataclass(frozen=True)
class Export:
    """One entry that says that a package was taken out, to whoever took it out."""

    handle: str
    reference: str | None
    name: str
    opened: OpenedCase
    number: int
    at: str
    reason: str
    manifest: str
    ready: bool  # the log has reached the entry, so that the package can be proved


def case_package(
    connection: Connection,
    principal: Principal,
    definitions: Definitions,
    opened: OpenedCase,
    *,
    upto: int,
    at: str,
    reason: str,
) -> CasePackage:
    """Return what a package tells of a case up to an entry, made at a moment."""
    case = opened.case
    rows = [row for row in history.with_payloads(connection, case.handle) if row["number"] <= upto]
    shown = lines_of(connection, principal, opened, rows)
    by_number = {line.number: line for line in shown}
    followed = can_be_followed(rows)
    then = (
        case_then(connection, definitions, opened, rows, Ids().legal_day(at)) if followed else None
    )
    interrupted = {row["number"] for row in rows if row["verb"] in _INTERRUPTIONS}
    return CasePackage(
        handle=case.handle,
        reference=then.reference if then else case.reference,
        name=then.name if then else case.name,
        definition=(opened.definition.case_type, opened.definition.version),
        taken_out=_taken_out(connection, principal, at, reason),
        then=then,
        lines=tuple(by_number.get(row["number"]) or Withheld(row["number"]) for row in rows),
        interruptions=tuple(line for line in shown if line.number in interrupted),
        looks=tuple(looks_before(connection, principal, case.handle, at)),
    )


def one_export(
    connection: Connection, principal: Principal, definitions: Definitions, handle: str, number: int
) -> Export:
    """Return the entry by which the reader had a package made; others' do not exist for them."""
    opened = open_to_act(connection, principal, definitions, handle)
    row = (
        _EXPORT(connection, {"case_handle": handle, "number": number, "verb": CaseExported.verb})
        .mappings()
        .first()
    )
    if row is None or (row["officer"], row["organisation"], row["role"]) != (
        principal.officer,
        principal.organisation,
        principal.role.value,
    ):
        raise Unknown(_NO_SUCH)
    fact = read_fact(row["verb"], read_payload(row["content"]))
    if not isinstance(fact, CaseExported):
        raise Unknown(_NO_SUCH)
    return Export(
        handle=handle,
        reference=opened.case.reference,
        name=opened.case.name,
        opened=opened,
        number=number,
        at=row["at"],
        reason=fact.reason,
        manifest=fact.manifest,
        ready=is_in_the_log(connection, handle, number),
    )


def is_over(export: Export, now: datetime) -> bool:
    """Tell whether a package was asked for so long ago that it has to be asked for anew."""
    return now - datetime.fromisoformat(export.at) > CAN_BE_TAKEN_OUT_FOR


def _taken_out(connection: Connection, principal: Principal, at: str, reason: str) -> TakenOut:
    who: Sequence[str] = principal.persons
    names = names_of_officers(connection, who)
    place = principal.organisation
    places = names_of_organisations(connection, {place})
    return TakenOut(
        name=", ".join(names.get(one, one) for one in who),
        role=principal.role,
        organisation=places.get(place, Title(vi=place, en=place)),
        at=at,
        reason=reason,
    )


_NO_SUCH = say("There is no such package.")
_EXPORT = Statement(
    select(entries, payloads.c.content)
    .join(
        payloads,
        (payloads.c.case_handle == entries.c.case_handle) & (payloads.c.number == entries.c.number),
    )
    .where(
        entries.c.case_handle == bindparam("case_handle"),
        entries.c.number == bindparam("number"),
        entries.c.verb == bindparam("verb"),
    )
)
