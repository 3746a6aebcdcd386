"""What a body has signed, and what became of it as far as the body may know."""

from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, Connection, exists, select

from vetting.engine.definition import Title
from vetting.engine.policy import Principal
from vetting.engine.reading import Definitions
from vetting.engine.sentences import Sentence, say
from vetting.engine.vocabulary import AmendmentKind, CaseType, Verdict
from vetting.queries.inbox import Choice, units_offered
from vetting.queries.keyset import PAGE, Page, beyond, paged, read_mark
from vetting.queries.opened_case import TOLD
from vetting.records.cases import cases
from vetting.records.consultations import consultations, opinions
from vetting.records.history import entries
from vetting.records.scope import addressed_to


@dataclass(frozen=True)
class Filter:
    """Which signed opinions are listed."""

    verdict: Verdict | None = None
    case_type: CaseType | None = None
    unit: str | None = None
    mine: bool = False  # those that the reader drafted or signed


@dataclass(frozen=True)
class SignedRow:
    """One signed opinion."""

    handle: str
    case: str
    reference: str
    name: str
    born: str
    target: str
    case_type: CaseType
    unit: str
    turn: int
    verdict: Verdict
    conditions: bool
    drafted_by: str
    signed_by: str
    signed_for: str | None  # in whose place
    signed_at: str
    became: Sentence
    outcome: Title | None  # only once the unit was notified
    amended: AmendmentKind | None = None  # what became of the opinion


@dataclass(frozen=True)
class SignedOpinions:
    """A page of signed opinions."""

    wanted: Filter
    page: Page[SignedRow]
    units: tuple[Choice, ...]

    @property
    def handles(self) -> list[str]:
        """The cases shown."""
        return [row.case for row in self.page.rows]


def signed_opinions(
    connection: Connection,
    principal: Principal,
    definitions: Definitions,
    wanted: Filter,
    *,
    after: str | None = None,
) -> SignedOpinions:
    """Return what the reader's body has signed, newest first, in two statements."""
    c, o, k = consultations.c, opinions.c, cases.c
    order = (c.signed_at, c.handle)
    told = exists().where(entries.c.case_handle == k.handle, entries.c.verb == TOLD)
    clauses: list[ColumnElement[bool]] = [addressed_to(principal), c.signed_at.is_not(None)]
    if wanted.verdict is not None:
        clauses.append(c.verdict == wanted.verdict.value)
    if wanted.case_type is not None:
        clauses.append(k.case_type == wanted.case_type.value)
    if wanted.unit is not None:
        clauses.append(k.unit == wanted.unit)
    if wanted.mine:
        clauses.append((o.signed_by == principal.officer) | (o.drafted_by == principal.officer))
    if mark := read_mark(after, len(order)):
        clauses.append(beyond(order, mark, backwards=True))
    rows = connection.execute(
        select(
            c.handle,
            c.case_handle,
            c.signed_at,
            o.turn,
            c.verdict,
            c.amended,
            o.drafted_by,
            o.signed_by,
            o.signed_for,
            k.reference,
            k.name,
            k.born,
            k.target,
            k.case_type,
            k.definition_version,
            k.unit,
            k.state,
            k.outcome,
            told.label("told"),
        )
        .select_from(
            consultations.join(opinions, o.consultation == c.handle).join(
                cases, k.handle == c.case_handle
            )
        )
        .where(*clauses)
        .order_by(c.signed_at.desc(), c.handle.desc())
        .limit(PAGE + 1)
    ).all()
    return SignedOpinions(
        wanted,
        paged(
            rows,
            PAGE,
            after,
            lambda row: (row.signed_at, row.handle),
            lambda row: _signed_row(definitions, row),
        ),
        units_offered(connection),
    )


def became(state: str, *, told: bool) -> Sentence:
    """Return what became of a case, as a body that was asked may know it."""
    if state == "withdrawn":
        return say("The unit withdrew the case")
    if state == "suspended":
        return say("Suspended")
    if told:
        return say("Outcome announced to the unit") if state != "closed" else say("Closed")
    if state == "consulting":
        return say("Waiting for other bodies")
    return say("Not yet announced")


def _signed_row(definitions: Definitions, row: Any) -> SignedRow:  # noqa: ANN401  # the row above
    definition = definitions.of(row.case_type, row.definition_version)
    shown = row.told and row.outcome is not None
    return SignedRow(
        handle=row.handle,
        case=row.case_handle,
        reference=row.reference,
        name=row.name,
        born=row.born,
        target=row.target,
        case_type=CaseType(row.case_type),
        unit=row.unit,
        turn=row.turn,
        verdict=Verdict(row.verdict),
        conditions=row.verdict == Verdict.CONDITIONS.value,
        drafted_by=row.drafted_by,
        signed_by=row.signed_by,
        signed_for=row.signed_for,
        signed_at=row.signed_at,
        became=became(row.state, told=bool(row.told)),
        outcome=definition.outcome_by_name[row.outcome].title if shown else None,
        amended=AmendmentKind(row.amended) if row.amended else None,
    )
