"""The page of one case: where it stands, what its reader may see of it and do about it."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import Connection, bindparam, or_, select

from vetting.engine.canonical import Json
from vetting.engine.casefile import CaseFile
from vetting.engine.deadlines import Derived
from vetting.engine.decide import offers, offers_of_consultation
from vetting.engine.definition import Definition, Outcome, Title
from vetting.engine.facts import (
    FACTS,
    AboutConsultation,
    CaseRestricted,
    CaseReturned,
    Moved,
)
from vetting.engine.guards import Actor
from vetting.engine.names import sort_key
from vetting.engine.policy import (
    PERMITTED,
    SEES_EVERY_OPINION,
    Action,
    Principal,
    Relation,
    is_of_body,
    sees_entry,
)
from vetting.engine.questions import why_not_put
from vetting.engine.reading import Definitions
from vetting.engine.record import (
    RECORDS_PAPERS,
    REFERENCE,
    offers_of_facts,
    papers_too_old,
    tells_outcome,
)
from vetting.engine.sentences import Sentence, say
from vetting.engine.validity import OF_CONCLUSION, validity_of_paper
from vetting.engine.vocabulary import CaseType, Need, Role, Verdict
from vetting.queries.amended import (
    GONE,
    Amended,
    AmendmentLine,
    amendment_line,
    named_in_amendments,
    whom_they_reached,
)
from vetting.queries.both_names import Forms, both_names, forms_in
from vetting.queries.due_dates import due_dates_of_case, next_due
from vetting.queries.history_sentences import words_of_record
from vetting.queries.names_of import names_of_officers, names_of_organisations
from vetting.queries.opened_case import OpenedCase, actor_of, open_case
from vetting.queries.same_candidate import SameCandidate, same_candidate
from vetting.queries.stranded_steps import StrandedSteps, stranded_steps
from vetting.queries.unit_questions import (
    Clarification,
    SetLine,
    clarifications,
    unit_questions,
)
from vetting.queries.who_has_it import who_has_it
from vetting.records.amendments import of_case
from vetting.records.cases import cases
from vetting.records.conclusions import conclusions, proposals
from vetting.records.consultations import opinions, read_texts
from vetting.records.database import Row, Statement
from vetting.records.history import bodies_of_declarations, entries, payloads, read_payload
from vetting.records.legal_bases import legal_bases, regulations
from vetting.records.scope import visible_to
from vetting.records.standing import Purpose, on_purpose
from vetting.records.stranding import as_told_to, steps_of_nobody
from vetting.records.submissions import rounds
from vetting.records.validities import validities_of

_OPEN = ("asked", "received", "drafting", "ready")
# What a body has done so far, in the words of its lane; the state itself is told beside it.
_STAGES = {
    "asked": say("Asked"),
    "received": say("Received"),
    "drafting": say("Drafting"),
    "ready": say("Ready to sign"),
    "signed": say("Signed"),
}


@dataclass(frozen=True)
class Stage:
    """One station of a body's lane."""

    name: str
    title: Sentence
    reached: bool
    now: bool
    at: str | None  # when, where that is known to the reader


@dataclass(frozen=True)
class Lane:
    """The way of one question through one body."""

    consultation: str
    body: Title
    turn: int
    need: Need
    state: str
    state_title: Title | Sentence
    stages: tuple[Stage, ...]
    due_on: str | None
    late: bool
    mine: bool  # the reader is of this body
    gone: AmendmentLine | None = None  # by which its opinion stands no more


@dataclass(frozen=True)
class ToDo:
    """Something the reader's role could do now, with what holds it back."""

    act: str
    title: Title
    held_back: Sentence | None
    consultation: str | None = None


@dataclass(frozen=True)
class FactToDo:
    """A dated fact that the reader's role could record now."""

    name: str
    title: Title
    held_back: Sentence | None


@dataclass(frozen=True)
class PaperLine:
    """A paper the case type asks for, and whether the file refers to it."""

    name: str
    title: Title
    required: bool
    fresh_months: int | None
    too_old: bool
    record: tuple[tuple[Any, Any], ...] | None  # the latest reference, field by field
    valid: Derived | None = None  # until when it may be used, where a rule says so


@dataclass(frozen=True)
class RecordLine:
    """A dated fact on record."""

    title: Title
    words: tuple[tuple[Any, Any], ...]


@dataclass(frozen=True)
class OpinionLine:
    """A signed opinion that the reader may see."""

    body: str  # as it was called on the day
    turn: int
    verdict: Verdict
    reasons: str
    conditions: tuple[str, ...]
    evidence: tuple[str, ...]
    signed_by: str | Title
    signed_at: str
    amendments: tuple[AmendmentLine, ...] = ()  # oldest first


@dataclass(frozen=True)
class ProposalLine:
    """What the Board proposed."""

    outcome: Title
    reasons: str
    proposed_by: str | Title
    proposed_at: str
    submitted_by: str | Title | None
    submitted_at: str | None


@dataclass(frozen=True)
class ConclusionLine:
    """What the authority concluded."""

    outcome: Title
    reasons: str
    decided_on: str
    document: str | None
    votes_for: int | None
    votes_against: int | None
    votes_abstained: int | None
    effective_on: str | None
    recorded_by: str | Title | None  # None for whom it is a notice
    amendments: tuple[AmendmentLine, ...] = ()  # oldest first


@dataclass(frozen=True)
class AsksTime:
    """A body that asks for more time, and until when."""

    consultation: str
    body: str
    until: str


@dataclass(frozen=True)
class RestrictionLine:
    """To whom a case is kept, by whom and since when."""

    level: int  # the clearance that it takes; 0: no more than to be named
    named: tuple[str, ...]  # who they are; empty: everybody of the level
    by: str | Title
    at: str


@dataclass(frozen=True)
class Basis:
    """A legal basis that the case's workflow rests on."""

    number: str
    date: str
    issuer: str
    title: Title | None  # None while the register does not have it


@dataclass(frozen=True)
class Link:
    """Another case that this one hangs together with."""

    handle: str
    reference: str | None
    case_type: CaseType
    name: str
    follows: bool  # the other case follows this one; otherwise this one follows it


@dataclass(frozen=True)
class ConflictLine:
    """Declared conflicts of interest that wait until somebody can take over."""

    who: tuple[str, ...]
    steps: tuple[StrandedSteps, ...]  # that nobody could take today
    still_lifts: bool  # whoever declared it has to leave the case to another head first

    @property
    def can_be_confirmed(self) -> bool:
        """Tell whether somebody else can take every step that is open."""
        return not self.steps and not self.still_lifts


@dataclass(frozen=True)
class CasePage:
    """All that the page of a case says to one reader."""

    handle: str
    reference: str | None
    case_type: CaseType
    workflow: str
    version: int
    seen_as: Relation
    emergency: bool  # open to be read for a few hours, and for nothing else
    declared: bool  # the reader must not deal with it, and nobody else could open it yet
    conflict: ConflictLine | None  # told to whoever sees every opinion; to a body, of its own
    restriction: RestrictionLine | None  # told to whoever sees every opinion
    name: str
    born: str
    target: str
    position: str | None
    management_level: str | None
    unit: Title
    round: Title | None
    state: str
    state_title: Title
    since: str
    who: Sentence | Title | None  # None where the reader may not know
    due_on: str | None
    due_for: str | None  # the question whose answer is due then
    late: bool
    missing: tuple[str, ...]
    returned_because: str | None  # while something is missing
    lanes: tuple[Lane, ...]
    sees_lanes: bool
    sees_file: bool  # the papers and facts of the file
    to_do: tuple[ToDo, ...]
    facts_to_do: tuple[FactToDo, ...]
    adds_papers: bool
    papers: tuple[PaperLine, ...]
    records: tuple[RecordLine, ...]
    opinions: tuple[OpinionLine, ...]
    sees_proposal: bool
    proposals: tuple[ProposalLine, ...]
    conclusion: ConclusionLine | None
    conclusion_valid: Derived | None  # until when it holds, where a rule says so
    sees_conclusion: bool
    reached: tuple[Amended, ...]  # of what was amended, whom that has reached; to those inside
    amends: bool  # the reader can amend the conclusion
    tells_candidate: bool  # and can write down that the candidate was told of it
    due_dates: tuple[Derived, ...]
    next_due: Derived | None  # of those deadlines, the first that something has to meet
    bases: tuple[Basis, ...]
    regulation: Title | None
    authority: Title | None
    links: tuple[Link, ...]
    same: tuple[SameCandidate, ...]
    seen: int
    question_sets: tuple[SetLine, ...] = ()
    may_ask_unit: bool = False
    clarifications: tuple[Clarification, ...] = ()  # what bodies want the Board to ask
    asks_time: tuple[AsksTime, ...] = ()  # bodies that want the Board to give them more time
    to_ask_again: tuple[Title, ...] = ()  # bodies whose opinion stands no more

    @property
    def only_read(self) -> bool:
        """Tell whether the reader can do nothing with the case."""
        return self.emergency or self.declared


def case_page(
    connection: Connection,
    principal: Principal,
    definitions: Definitions,
    handle: str,
    *,
    today: str,
) -> CasePage:
    """Return the page of a case; for whom the case does not concern there is none."""
    opened = open_case(connection, principal, definitions, handle)
    case, definition, seen_as = opened.case, opened.definition, opened.seen_as
    own = principal.organisation if seen_as is Relation.ASKED else None
    asked = [
        row
        for row in opened.asked
        if seen_as in SEES_EVERY_OPINION or (own is not None and row["body"] == own)
    ]
    signed = _opinions(connection, handle, own) if asked else []
    proposed = _proposals(connection, handle) if seen_as in SEES_EVERY_OPINION else []
    concluded = _conclusion(connection, opened) if opened.knows_outcome else None
    amended = [
        row
        for row in (of_case(connection, handle) if _was_amended(case) else ())
        if (opened.knows_outcome if row["consultation"] is None else _is_of(asked, row))
    ]
    names = names_of_organisations(
        connection,
        {case.unit, *(row["body"] for row in asked), *({case.authority} - {None})},  # type: ignore[arg-type]
    )
    people = named_in(signed, proposed, concluded) | named_in_amendments(amended)
    officers = names_of_officers(connection, people)
    substituted = by_substitutes(signed, proposed, concluded) or _amended_by_substitutes(amended)
    forms = forms_in(connection, handle) if substituted else {}
    lines = {
        row["entry"]: amendment_line(
            row,
            definition,
            officers,
            forms,
            inside=seen_as in _INSIDE or row["consultation"] is not None,
        )
        for row in amended
    }
    sees_file = seen_as is not Relation.ASKED
    answers_bodies = seen_as is Relation.BOARD and not opened.only_read
    deadlines: tuple[Derived, ...] = ()
    if sees_file:
        deadlines, _ = due_dates_of_case(
            connection, definitions, case, today=today, knows_outcome=opened.knows_outcome
        )
    state, since = _known_state(connection, opened)
    due_on, due_for = _due_on(asked)
    unit = names[case.unit]
    authority = names.get(case.authority) if case.authority else None
    actor = actor_of(principal)
    return CasePage(
        handle=handle,
        reference=case.reference,
        case_type=case.case_type,
        workflow=definition.case_type,
        version=definition.version,
        seen_as=seen_as,
        emergency=opened.emergency,
        declared=opened.declared,
        conflict=conflict_of(connection, opened, definitions, principal, today),
        restriction=restriction_of(connection, opened),
        name=case.name,
        born=case.born,
        target=case.target,
        position=case.position,
        management_level=case.management_level if sees_file else None,
        unit=unit,
        round=round_name(connection, case.round),
        state=state,
        state_title=definition.state_by_name[state].title,
        since=since,
        who=_who(opened, own, unit, authority, names),
        due_on=due_on,
        due_for=due_for,
        late=due_on is not None and due_on < today,
        missing=case.missing if seen_as in _KNOW_WHAT_IS_MISSING else (),
        returned_because=why_returned(connection, case)
        if seen_as in _KNOW_WHAT_IS_MISSING
        else None,
        lanes=tuple(
            _lanes(connection, opened, definitions, asked, names, own, today, _gone(amended, lines))
        ),
        sees_lanes=seen_as is not Relation.UNIT,
        sees_file=sees_file,
        to_do=() if opened.only_read else tuple(_to_do(opened, definitions, actor)),
        facts_to_do=() if opened.only_read else tuple(_facts_to_do(opened, actor)),
        adds_papers=not opened.only_read
        and actor.role in RECORDS_PAPERS
        and actor.role in definition.state_by_name[case.state].acts
        and bool(definition.papers),
        papers=tuple(papers_of(definition, case, today)) if sees_file else (),
        records=tuple(records_of(opened)) if sees_file else (),
        opinions=tuple(
            opinion_line(row, officers, forms, _of(amended, lines, row["consultation"]))
            for row in signed
        ),
        sees_proposal=seen_as in SEES_EVERY_OPINION,
        proposals=tuple(proposal_line(row, definition, officers, forms) for row in proposed),
        conclusion=conclusion_line(concluded, opened, officers, forms, _of(amended, lines, None)),
        conclusion_valid=next(
            (
                one
                for one in validities_of(
                    connection, definition, case, today=today, knows_outcome=opened.knows_outcome
                )
                if one.name == OF_CONCLUSION
            ),
            None,
        )
        if sees_file
        else None,
        reached=whom_they_reached(
            connection, handle, amended, lines, _first_signed(signed, concluded)
        )
        if amended and seen_as in _INSIDE
        else (),
        amends=not opened.only_read
        and actor.role is Role.SECRETARY
        and case.concluded
        and case.outcome is not None,
        tells_candidate=not opened.only_read
        and actor.role in _TELL_CANDIDATES
        and opened.told
        and case.amended is not None,
        sees_conclusion=seen_as is not Relation.ASKED,
        due_dates=deadlines,
        next_due=next_due(deadlines),
        bases=tuple(bases_of(connection, definition)),
        regulation=regulation_name(connection, case.regulation),
        authority=authority,
        links=tuple(_links(connection, principal, case)),
        same=same_candidate(
            connection,
            principal,
            definitions,
            [(case.name, case.born)],
            case.case_type,
            besides=handle,
        )
        if sees_file
        else (),
        seen=opened.seen,
        question_sets=unit_questions(connection, case, definition),
        may_ask_unit=not opened.only_read
        and actor.role in PERMITTED[Action.ASK_UNIT]
        and why_not_put(definition, case) is None,
        clarifications=tuple(clarifications(connection, case)) if answers_bodies else (),
        asks_time=tuple(
            AsksTime(one.handle, one.body, one.time_until)
            for one in case.consultations
            if answers_bodies and one.time_until is not None
        ),
        to_ask_again=tuple(names[body] for body in case.lacking())
        if seen_as in SEES_EVERY_OPINION and case.state in _BEFORE_THE_END
        else (),
    )


# While the opinions still count for what is proposed and concluded.
_BEFORE_THE_END = frozenset({"consulting", "assembling", "proposed", "submitted"})


def _gone(rows: Iterable[Row], lines: Mapping[int, AmendmentLine]) -> Mapping[str, AmendmentLine]:
    """Return what annulled or revoked opinions, by the question they answered."""
    last = {row["consultation"]: lines[row["entry"]] for row in rows if row["consultation"]}
    return {asked: line for asked, line in last.items() if line.kind in GONE}


_INSIDE = frozenset({Relation.BOARD, Relation.OVERSEER, Relation.AUTHORITY})
_TELL_CANDIDATES = frozenset({Role.CASE_OFFICER, Role.BOARD_OFFICER, Role.BOARD_HEAD})
_KNOW_WHAT_IS_MISSING = _INSIDE | {Relation.UNIT}


def restriction_of(connection: Connection, opened: OpenedCase) -> RestrictionLine | None:
    """Return to whom a case is kept, for those who may know that it is kept from anybody."""
    case = opened.case
    if not (case.level or case.named) or opened.seen_as not in SEES_EVERY_OPINION:
        return None
    e = entries.c
    row = connection.execute(
        select(e.officer, e.on_behalf_of, e.at)
        .where(e.case_handle == case.handle, e.verb == CaseRestricted.verb)
        .order_by(e.number.desc())
        .limit(1)
    ).one()
    # Whoever declared a conflict of interest is named still, and no reader of it.
    named = case.named - case.recused
    names = names_of_officers(connection, {row.officer, *named, *({row.on_behalf_of} - {None})})
    forms = forms_in(connection, case.handle) if row.on_behalf_of else {}
    return RestrictionLine(
        case.level,
        tuple(sorted((names[one] for one in named), key=sort_key)),
        both_names(names, row.officer, row.on_behalf_of, forms),
        row.at,
    )


def conflict_of(
    connection: Connection,
    opened: OpenedCase,
    definitions: Definitions,
    principal: Principal,
    today: str,
) -> ConflictLine | None:
    """Return whose declaration waits in a case, and which of its steps wait for somebody.

    A body is told of its own officers and steps.
    """
    case, who = opened.case, opened.case.conflicts_waiting
    whole = opened.seen_as in SEES_EVERY_OPINION
    if who and not whole:
        of = bodies_of_declarations(connection, case.handle) if is_of_body(principal) else {}
        who = frozenset(one for one in who if of.get(one) == principal.organisation)
    if not who:
        return None
    names = names_of_officers(connection, who)
    with on_purpose(connection, Purpose.STAFFING):
        steps = [
            one
            for one in steps_of_nobody(connection, definitions, today, case.handle)
            if whole or one.organisation == principal.organisation
        ]
    return ConflictLine(
        tuple(sorted((names[one] for one in who), key=sort_key)),
        tuple(stranded_steps(connection, as_told_to(principal.organisation, steps))),
        still_lifts=not who <= case.recused,
    )


def why_returned(connection: Connection, case: CaseFile) -> str | None:
    """Return the reason for which a case lies with its unit for completion."""
    if not case.missing:
        return None
    content = connection.scalar(
        select(payloads.c.content)
        .join(
            entries,
            (payloads.c.case_handle == entries.c.case_handle)
            & (payloads.c.number == entries.c.number),
        )
        .where(entries.c.case_handle == case.handle, entries.c.verb == CaseReturned.verb)
        .order_by(entries.c.number.desc())
        .limit(1)
    )
    return str(read_payload(content)["reason"]) if content else None


# --------------------------------------------------------------- where it stands


def _known_state(connection: Connection, opened: OpenedCase) -> tuple[str, str]:
    """Return the state as the reader may know it, and since when.

    A body knows a case by the steps that concern it: what the Board and the authority do after the
    bodies were asked is not told to them.
    """
    if opened.seen_as is not Relation.ASKED:
        return opened.case.state, opened.row["since"]
    row = (
        connection.execute(
            select(entries.c.at, payloads.c.content)
            .join(
                payloads,
                (payloads.c.case_handle == entries.c.case_handle)
                & (payloads.c.number == entries.c.number),
            )
            .where(
                entries.c.case_handle == opened.case.handle,
                entries.c.verb.in_(_STEPS_KNOWN_TO_BODIES),
            )
            .order_by(entries.c.number.desc())
            .limit(1)
        )
        .mappings()
        .first()
    )
    if row is None:
        return "consulting", opened.row["since"]
    return str(read_payload(row["content"])["target"]), row["at"]


_STEPS_KNOWN_TO_BODIES = sorted(
    verb
    for verb, kind in FACTS.items()
    if issubclass(kind, Moved)
    and not issubclass(kind, AboutConsultation)
    and sees_entry(Relation.ASKED, "", verb, None)
)


def _who(
    opened: OpenedCase,
    own: str | None,
    unit: Title,
    authority: Title | None,
    names: Mapping[str, Title],
) -> Sentence | Title | None:
    if own is not None:
        waiting = any(row["body"] == own and row["state"] in _OPEN for row in opened.asked)
        return names[own] if waiting else None
    return who_has_it(opened.definition, opened.case, unit, authority)


def _due_on(asked: Iterable[Row]) -> tuple[str, str] | tuple[None, None]:
    """Return the earliest due date of what is open and known to the reader, and of which it is."""
    return min(
        (
            (row["due_on"], row["handle"])
            for row in asked
            if row["state"] in _OPEN and row["due_on"]
        ),
        default=(None, None),
    )


def _lanes(  # noqa: PLR0913, PLR0917  # a lane is drawn from all of this
    connection: Connection,
    opened: OpenedCase,
    definitions: Definitions,
    asked: list[Row],
    names: Mapping[str, Title],
    own: str | None,
    today: str,
    gone: Mapping[str, AmendmentLine],
) -> Iterator[Lane]:
    machine = definitions.consultation()
    inner = _inner_work(connection, opened.case.handle, own) if own and asked else []
    for row in asked:
        when = {
            "asked": row["asked_at"],
            "received": row["received_at"],
            "signed": row["signed_at"],
        }
        for verb, at in inner:
            if at >= row["asked_at"]:
                when.setdefault(_STAGE_OF[verb], at)
        state = row["state"]
        no_more = gone.get(row["handle"])
        place = list(_STAGES).index(state) if state in _STAGES else -1
        yield Lane(
            consultation=row["handle"],
            body=names[row["body"]],
            turn=row["turn"],
            need=Need(row["need"]),
            state=state,
            state_title=GONE[no_more.kind] if no_more else machine.state_by_name[state].title,
            stages=tuple(
                Stage(
                    name,
                    GONE[no_more.kind] if no_more and name == "signed" else title,
                    reached=number <= place or bool(when.get(name)),
                    now=name == state,
                    at=when.get(name) if number <= place or place < 0 else None,
                )
                for number, (name, title) in enumerate(_STAGES.items())
            ),
            due_on=row["due_on"],
            late=bool(row["due_on"]) and row["due_on"] < today and state in _OPEN,
            mine=row["body"] == own,
            gone=no_more,
        )


_STAGE_OF = {"opinion.drafted": "drafting", "opinion.passed_on": "ready"}


def _inner_work(connection: Connection, handle: str, own: str) -> list[tuple[str, str]]:
    """Return when the reader's own body drafted and passed on."""
    rows = connection.execute(
        select(entries.c.verb, entries.c.at)
        .where(
            entries.c.case_handle == handle,
            entries.c.body == own,
            entries.c.verb.in_(_STAGE_OF),
        )
        .order_by(entries.c.number)
    )
    return [(row.verb, row.at) for row in rows]


# --------------------------------------------------------------- what the reader can do


def _to_do(opened: OpenedCase, definitions: Definitions, actor: Actor) -> Iterator[ToDo]:
    if opened.seen_as is Relation.ASKED:
        for asked in opened.case.asked_now():
            if asked.body != actor.organisation:
                continue
            for offer in offers_of_consultation(
                definitions.consultation(), opened.definition, opened.case, asked, actor
            ):
                yield ToDo(offer.move.name, offer.move.title, offer.held_back, asked.handle)
        return
    for offer in offers(opened.definition, opened.case, actor):
        yield ToDo(offer.move.name, offer.move.title, offer.held_back)


def _facts_to_do(opened: OpenedCase, actor: Actor) -> Iterator[FactToDo]:
    if opened.seen_as is Relation.ASKED:
        return
    for offer in offers_of_facts(opened.definition, opened.case, actor):
        if not opened.knows_outcome and tells_outcome(opened.definition, offer.fact):
            continue  # offering it, or saying why not, would tell the outcome
        yield FactToDo(offer.fact.name, offer.fact.title, offer.held_back)


# --------------------------------------------------------------- the file


def papers_of(definition: Definition, case: CaseFile, today: str) -> Iterator[PaperLine]:
    """Yield the papers that the workflow asks for, with the latest reference to each."""
    too_old = {paper.name for paper in papers_too_old(definition, case, date.fromisoformat(today))}
    for paper in definition.papers:
        last = case.last_recorded(paper.name)
        yield PaperLine(
            paper.name,
            paper.title,
            paper.required,
            paper.fresh_months,
            paper.name in too_old,
            words_of_record(REFERENCE, last) if last else None,
            validity_of_paper(case, paper, date.fromisoformat(today)),
        )


def records_of(opened: OpenedCase) -> Iterator[RecordLine]:
    """Yield the dated facts on record that the reader may know."""
    for fact in opened.definition.facts:
        if not opened.knows_outcome and tells_outcome(opened.definition, fact):
            continue
        for details in all_recorded(opened.case, fact.name):
            yield RecordLine(fact.title, words_of_record(fact.fields, details))


def all_recorded(case: CaseFile, name: str) -> list[Mapping[str, Json]]:
    """Return every record of a dated fact or a paper, oldest first."""
    records = case.recorded.get(name)
    if not isinstance(records, list | tuple):
        return []
    return [record for record in records if isinstance(record, Mapping)]


# --------------------------------------------------------------- opinions, proposal, conclusion


def _opinions(connection: Connection, handle: str, own: str | None) -> list[Row]:
    statement = select(opinions).where(opinions.c.case_handle == handle)
    if own is not None:
        statement = statement.where(opinions.c.body == own)
    return list(
        connection.execute(
            statement.order_by(opinions.c.turn, opinions.c.signed_at, opinions.c.consultation)
        ).mappings()
    )


def _was_amended(case: CaseFile) -> bool:
    """Tell whether anything that was signed in a case was amended."""
    return case.amended is not None or any(one.amended for one in case.consultations)


def _is_of(asked: Iterable[Row], amended: Row) -> bool:
    return any(row["handle"] == amended["consultation"] for row in asked)


def _of(
    rows: Iterable[Row], lines: Mapping[int, AmendmentLine], consultation: str | None
) -> tuple[AmendmentLine, ...]:
    return tuple(lines[row["entry"]] for row in rows if row["consultation"] == consultation)


def _amended_by_substitutes(rows: Iterable[Row]) -> bool:
    return any(row["signed_for"] is not None for row in rows)


def _first_signed(signed: Iterable[Row], concluded: Row | None) -> dict[str | None, str]:
    found: dict[str | None, str] = {row["consultation"]: row["signed_at"] for row in signed}
    return found | ({None: concluded["recorded_at"]} if concluded is not None else {})


def opinion_line(
    row: Row,
    officers: Mapping[str, str],
    forms: Forms,
    amended: tuple[AmendmentLine, ...] = (),
) -> OpinionLine:
    """Return a signed opinion as it is read."""
    return OpinionLine(
        row["body_name"],
        row["turn"],
        Verdict(row["verdict"]),
        row["reasons"],
        read_texts(row["conditions"]),
        read_texts(row["evidence"]),
        both_names(officers, row["signed_by"], row["signed_for"], forms),
        row["signed_at"],
        amended,
    )


def _proposals(connection: Connection, handle: str) -> list[Row]:
    return list(
        connection.execute(
            select(proposals)
            .where(proposals.c.case_handle == handle)
            .order_by(proposals.c.entry.desc())
        ).mappings()
    )


def proposal_line(
    row: Row, definition: Definition, officers: Mapping[str, str], forms: Forms
) -> ProposalLine:
    """Return a proposal as it is read."""
    submitted_by = row["submitted_by"]
    return ProposalLine(
        outcome_title(definition, row["outcome"]),
        row["reasons"],
        both_names(officers, row["proposed_by"], row["proposed_for"], forms),
        row["proposed_at"],
        both_names(officers, submitted_by, row["submitted_for"], forms) if submitted_by else None,
        row["submitted_at"],
    )


def _conclusion(connection: Connection, opened: OpenedCase) -> Row | None:
    return (
        connection.execute(
            select(conclusions).where(conclusions.c.case_handle == opened.case.handle)
        )
        .mappings()
        .first()
    )


def conclusion_line(
    row: Row | None,
    opened: OpenedCase,
    officers: Mapping[str, str],
    forms: Forms,
    amended: tuple[AmendmentLine, ...] = (),
) -> ConclusionLine | None:
    """Return the conclusion as the reader may read it."""
    if row is None:
        return None
    inside = opened.seen_as in _INSIDE
    return ConclusionLine(
        outcome=outcome_title(opened.definition, row["outcome"]),
        reasons=row["reasons"],
        decided_on=row["decided_on"],
        document=row["document"],
        votes_for=row["votes_for"] if inside else None,
        votes_against=row["votes_against"] if inside else None,
        votes_abstained=row["votes_abstained"] if inside else None,
        effective_on=row["effective_on"],
        recorded_by=both_names(officers, row["recorded_by"], row["recorded_for"], forms)
        if inside
        else None,
        amendments=amended,
    )


def outcome_title(definition: Definition, name: str) -> Title:
    """Return what an outcome is called."""
    known: Outcome | None = definition.outcome_by_name.get(name)
    return known.title if known else Title(vi=name, en=name)


_PROPOSERS = ("proposed_by", "proposed_for", "submitted_by", "submitted_for")


def by_substitutes(signed: Iterable[Row], proposed: Iterable[Row], concluded: Row | None) -> bool:
    """Tell whether somebody acted for another in any of this."""
    return (
        any(row["signed_for"] for row in signed)
        or any(row["proposed_for"] or row["submitted_for"] for row in proposed)
        or (concluded is not None and concluded["recorded_for"] is not None)
    )


def named_in(
    signed: Iterable[Row],
    proposed: Iterable[Row],
    concluded: Row | None,
) -> set[str]:
    """Return everybody who is named in any of this."""
    handles = {row[name] for row in signed for name in ("signed_by", "signed_for")}
    handles |= {row[name] for row in proposed for name in _PROPOSERS}
    if concluded is not None:
        handles |= {concluded["recorded_by"], concluded["recorded_for"]}
    return handles - {None}


# --------------------------------------------------------------- rules and links


def bases_of(connection: Connection, definition: Definition) -> Iterator[Basis]:
    """Yield the legal bases that a workflow rests on."""
    if not definition.legal_bases:
        return
    c = legal_bases.c
    found = {
        row.key: row
        for row in connection.execute(
            select(c.key, c.title_vi, c.title_en).where(c.key.in_(definition.legal_bases))
        )
    }
    for key in definition.legal_bases:
        number, day, issuer = key.split(";")
        row = found.get(key)
        yield Basis(number, day, issuer, Title(vi=row.title_vi, en=row.title_en) if row else None)


def regulation_name(connection: Connection, code: str | None) -> Title | None:
    """Return what a coordination regulation is called."""
    if code is None:
        return None
    row = _REGULATION(connection, {"code": code}).mappings().one()
    return Title(vi=row["name_vi"], en=row["name_en"])


def round_name(connection: Connection, handle: str | None) -> Title | None:
    """Return what a round is called."""
    if handle is None:
        return None
    row = _ROUND(connection, {"handle": handle}).mappings().one()
    return Title(vi=row["name_vi"], en=row["name_en"])


def _links(connection: Connection, principal: Principal, case: CaseFile) -> Iterator[Link]:
    c = cases.c
    wanted = [c.admission == case.handle]
    if case.admission is not None:
        wanted.append(c.handle == case.admission)
    rows = connection.execute(
        select(c.handle, c.reference, c.case_type, c.name, c.admission)
        .where(or_(*wanted), visible_to(principal))
        .order_by(c.opened_at, c.handle)
    )
    for row in rows:
        yield Link(
            row.handle,
            row.reference,
            CaseType(row.case_type),
            row.name,
            follows=row.admission == case.handle,
        )


_REGULATION = Statement(
    select(regulations.c.name_vi, regulations.c.name_en).where(
        regulations.c.code == bindparam("code")
    )
)
_ROUND = Statement(
    select(rounds.c.name_vi, rounds.c.name_en).where(rounds.c.handle == bindparam("handle"))
)
