"""What an officer needs to see beside the form of an act on one case."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from sqlalchemy import Connection, select

from vetting.engine.canonical import Json
from vetting.engine.casefile import CaseFile
from vetting.engine.decide import Offer, offers
from vetting.engine.definition import Definition, Outcome, Paper, RecordedFact, Title
from vetting.engine.names import title_key
from vetting.engine.policy import Principal
from vetting.engine.reading import Definitions
from vetting.engine.record import REFERENCE
from vetting.engine.sentences import Sentence
from vetting.engine.vocabulary import CaseType, Kind, Need
from vetting.queries.opened_case import OpenedCase, actor_of, open_case, open_to_act
from vetting.queries.opinion_matrix import Matrix, opinion_matrix
from vetting.records import rules
from vetting.records.conclusions import proposals
from vetting.records.legal_bases import authority_rules, regulations
from vetting.records.organisations import organisation_kinds, organisations


@dataclass(frozen=True)
class Proposal:
    """What the Board proposed last, and who."""

    outcome: Title
    reasons: str
    proposed_by: str
    proposed_at: str
    submitted_by: str | None
    submitted_at: str | None


@dataclass(frozen=True)
class Recorded:
    """A dated fact or a paper of the file, as it was recorded last."""

    name: str
    title: Title
    fields: tuple[tuple[Title, Json], ...]
    times: int


@dataclass(frozen=True)
class ActPage:
    """One case with everything on record that a decision rests on."""

    case: CaseFile
    definition: Definition
    title: Title  # of the state
    since: str
    matrix: Matrix
    proposal: Proposal | None
    recorded: tuple[Recorded, ...]
    missing_papers: tuple[Paper, ...]
    offers: tuple[Offer, ...]
    seen: int  # entries that the reader may know of

    @property
    def handle(self) -> str:
        """The case's handle."""
        return self.case.handle

    @property
    def held_back(self) -> Mapping[str, Sentence | None]:
        """The moves open to the reader from here, each with what holds it back."""
        return {offer.move.name: offer.held_back for offer in self.offers}

    @property
    def heard(self) -> bool:
        """Whether the candidate was heard, or why not is on record."""
        return bool({"hearing", "hearing_absent"} & self.case.recorded.keys())

    @property
    def outcomes_proposed(self) -> tuple[Outcome, ...]:
        """What the Board may propose."""
        return tuple(outcome for outcome in self.definition.outcomes if outcome.proposed)

    @property
    def outcomes_concluded(self) -> tuple[Outcome, ...]:
        """What the authority may conclude."""
        return tuple(outcome for outcome in self.definition.outcomes if outcome.concluded)


def act_page(
    connection: Connection, principal: Principal, definitions: Definitions, handle: str
) -> ActPage:
    """Return the page beside an act, in five statements; a case out of sight does not exist."""
    found = open_to_act(connection, principal, definitions, handle)
    return _beside(connection, principal, definitions, found)


def matrix_page(
    connection: Connection, principal: Principal, definitions: Definitions, handle: str
) -> ActPage:
    """Return the same to be read alone, as it also is in an emergency."""
    found = open_case(connection, principal, definitions, handle)
    return _beside(connection, principal, definitions, found)


def _beside(
    connection: Connection, principal: Principal, definitions: Definitions, found: OpenedCase
) -> ActPage:
    case, definition = found.case, found.definition
    return ActPage(
        case=case,
        definition=definition,
        title=definition.state_by_name[case.state].title,
        since=found.row["since"],
        matrix=opinion_matrix(connection, case, definitions.consultation()),
        proposal=_proposal(connection, case.handle, definition),
        recorded=tuple(_recorded(case, definition)),
        missing_papers=tuple(
            paper
            for paper in definition.papers
            if paper.required and paper.name not in case.recorded
        ),
        offers=offers(definition, case, actor_of(principal)),
        seen=found.seen,
    )


def outcomes_of(
    kinds: Iterable[tuple[CaseType, int]], definitions: Definitions, *, concluded: bool
) -> tuple[Outcome, ...]:
    """Return the outcomes that all of these workflows have, so that one act can say them of all."""
    found: list[dict[str, Outcome]] = [
        {
            outcome.name: outcome
            for outcome in definitions.of(case_type, version).outcomes
            if (outcome.concluded if concluded else outcome.proposed)
        }
        for case_type, version in dict.fromkeys(kinds)
    ]
    if not found:
        return ()
    return tuple(
        outcome
        for name, outcome in found[0].items()
        if all(other.get(name) == outcome for other in found[1:])
    )


@dataclass(frozen=True)
class Competent:
    """Who is competent to conclude at a management level, by the authority table."""

    level: str
    case_type: str
    authority: str


@dataclass(frozen=True)
class Competence:
    """What the authority table says today, and the authorities that can be named beside it."""

    rows: tuple[Competent, ...]
    authorities: tuple[tuple[str, str, str], ...]  # code and names

    def found(self, level: str | None, case_type: str) -> str | None:
        """Return the authority of the table for a level and a case type."""
        return next(
            (
                row.authority
                for row in self.rows
                if (row.level, row.case_type) == (level, case_type)
            ),
            None,
        )


def competence(connection: Connection, case_types: Iterable[str], today: str) -> Competence:
    """Return the rows of the authority table in force today, in two statements."""
    a, o, k = authority_rules.c, organisations.c, organisation_kinds.c
    rows = connection.execute(
        select(a.management_level, a.case_type, a.authority)
        .where(
            a.case_type.in_(sorted(set(case_types))),
            a.valid_from <= today,
            (a.valid_to.is_(None)) | (a.valid_to >= today),
        )
        .order_by(a.management_level, a.case_type, a.valid_from.desc())
    )
    named = connection.execute(
        select(o.code, o.name_vi, o.name_en)
        .join(organisation_kinds, k.organisation == o.code)
        .where(k.kind == Kind.AUTHORITY.value, (o.valid_to.is_(None)) | (o.valid_to >= today))
    )
    in_order = sorted(named, key=lambda row: title_key(row.name_vi))
    return Competence(
        tuple(Competent(*row) for row in rows), tuple((r[0], r[1], r[2]) for r in in_order)
    )


@dataclass(frozen=True)
class BodyToAsk:
    """A body that will be asked, and why: the rule it rests on."""

    body: str
    need: Need
    own_rule: bool  # the workflow has a rule for this very body


@dataclass(frozen=True)
class WhoIsAsked:
    """Whom the regulation in force names."""

    regulation: str
    name_vi: str
    name_en: str
    legal_basis: str | None
    bodies: tuple[BodyToAsk, ...]


def who_is_asked(
    connection: Connection, regulation: str, definition: Definition, today: str
) -> WhoIsAsked:
    """Return whom a case bound to *regulation* asks, in two statements."""
    row = (
        connection.execute(
            select(regulations.c.name_vi, regulations.c.name_en, regulations.c.legal_basis).where(
                regulations.c.code == regulation
            )
        )
        .mappings()
        .one()
    )
    own = {rule.body for rule in definition.consultation}
    return WhoIsAsked(
        regulation=regulation,
        name_vi=row["name_vi"],
        name_en=row["name_en"],
        legal_basis=row["legal_basis"],
        bodies=tuple(
            BodyToAsk(body, definition.rule_for(body).need, body in own)
            for body in rules.bodies_of(connection, regulation, today)
        ),
    )


def _proposal(connection: Connection, handle: str, definition: Definition) -> Proposal | None:
    p = proposals.c
    row = connection.execute(
        select(p.outcome, p.reasons, p.proposed_by, p.proposed_at, p.submitted_by, p.submitted_at)
        .where(p.case_handle == handle)
        .order_by(p.entry.desc())
        .limit(1)
    ).first()
    if row is None:
        return None
    return Proposal(definition.outcome_by_name[row.outcome].title, *row[1:])


def _recorded(case: CaseFile, definition: Definition) -> Iterable[Recorded]:
    for name in case.recorded:
        known = definition.fact_by_name.get(name) or definition.paper_by_name.get(name)
        last = case.last_recorded(name)
        if known is None or last is None:
            continue
        fields = known.fields if isinstance(known, RecordedFact) else REFERENCE
        yield Recorded(
            name,
            known.title,
            tuple((field.title, last[field.name]) for field in fields if field.name in last),
            case.times_recorded(name),
        )
