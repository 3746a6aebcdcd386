"""My cases: all that a unit filed or began, where each stands and who has it."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, RowMapping, Select, and_, case, func, literal, or_, select

from vetting.engine.casefile import CaseFile
from vetting.engine.deadlines import name_of_set
from vetting.engine.definition import Definition, Title
from vetting.engine.policy import Principal
from vetting.engine.reading import Definitions
from vetting.engine.sentences import Sentence
from vetting.engine.vocabulary import CaseType
from vetting.queries.due_dates import due_dates, next_due
from vetting.queries.names_of import names_of_organisations
from vetting.queries.who_has_it import who_has_it
from vetting.records import acts
from vetting.records.asked_unit import QuestionSet, sets_of_cases
from vetting.records.cases import case_of, cases
from vetting.records.running_deadlines import Ground, Settled, ground_of, settled_for_list
from vetting.records.scope import visible_to
from vetting.records.submissions import rounds

PAGE = 50
# What waits for the unit itself comes first.
_FIRST = {"returned": 0, "draft": 1}
_REST = 2
# Where a unit knows what was concluded.
_TOLD = frozenset({"notified", "closed"})
_OVER = frozenset({"concluded", "withdrawn"})  # where nobody waits for an answer any more


@dataclass(frozen=True)
class Wanted:
    """Which of the cases the reader wants to see; nothing chosen means all."""

    state: str | None = None
    case_type: str | None = None
    round: str | None = None


@dataclass(frozen=True)
class AskedLine:
    """A set of questions that the Board waits for."""

    number: int
    at: str  # when it was put
    due_on: str | None  # none: no day was set
    deadline: str | None  # by which name its derivation is found; none: the Board's own word
    late: bool


@dataclass(frozen=True)
class OwnCase:
    """One case in the list."""

    handle: str
    reference: str | None
    name: str
    born: str
    target: str
    case_type: CaseType
    state: str
    state_title: Title
    group: int  # 0 returned or asked, 1 draft, 2 the rest
    asked: tuple[AskedLine, ...]
    who: Sentence | Title
    since: str
    due_on: str | None  # the earliest date by which something about the case is due
    deadline: str | None  # whose date that is
    missing: tuple[str, ...]


@dataclass(frozen=True)
class Choice:
    """One value of a filter, with how many cases have it."""

    value: str
    title: Title | CaseType
    count: int


@dataclass(frozen=True)
class OwnCases:
    """One page of the list."""

    rows: tuple[OwnCase, ...]
    count: int  # of all that the filter lets through
    states: tuple[Choice, ...]
    case_types: tuple[Choice, ...]
    rounds: tuple[Choice, ...]
    after: str | None  # where the next page begins


def own_cases(
    connection: Connection,
    principal: Principal,
    definitions: Definitions,
    wanted: Wanted,
    after: str | None = None,
    *,
    today: str,
) -> OwnCases:
    """Return one page of the unit's cases: returned ones, then drafts, then the rest."""
    counted = list(
        connection.execute(
            select(
                cases.c.state,
                cases.c.case_type,
                cases.c.round,
                func.max(cases.c.definition_version).label("version"),
                func.count().label("count"),
            )
            .where(visible_to(principal))
            .group_by(cases.c.state, cases.c.case_type, cases.c.round)
        ).mappings()
    )
    asked = and_(cases.c.open_questions != literal("{}"), cases.c.state.not_in(_TOLD | _OVER))
    rank = case(
        (asked, _FIRST["returned"]),
        *((cases.c.state == state, place) for state, place in _FIRST.items()),
        else_=_REST,
    )
    statement: Select[Any] = (
        select(cases, rank.label("rank"))
        .where(visible_to(principal), *_clauses(wanted))
        .order_by(rank, cases.c.since.desc(), cases.c.handle)
        .limit(PAGE + 1)
    )
    place = _place(after)
    if place is not None:
        group, since, handle = place
        statement = statement.where(
            or_(
                rank > group,
                and_(rank == group, cases.c.since < since),
                and_(rank == group, cases.c.since == since, cases.c.handle > handle),
            )
        )
    found = connection.execute(statement).mappings().all()
    shown = found[:PAGE]
    files = [case_of(row) for row in shown]
    ground = ground_of(connection, definitions, files)
    settled = settled_for_list(connection, definitions, [(one, _is_told(one)) for one in files])
    sets = sets_of_cases(connection, [one.handle for one in files if _waits_for_answers(one)])
    names = names_of_organisations(
        connection,
        {row["unit"] for row in shown} | {row["authority"] for row in shown if row["authority"]},
    )
    return OwnCases(
        rows=tuple(
            _row(
                row,
                definitions,
                names,
                ground,
                settled.get(row["handle"]),
                _asked(sets.get(row["handle"], ()), today),
            )
            for row in shown
        ),
        count=sum(row["count"] for row in counted if _fits(row, wanted)),
        states=tuple(_states(counted, wanted, definitions)),
        case_types=tuple(_case_types(counted, wanted)),
        rounds=tuple(_rounds(connection, counted, wanted)),
        after=_after(shown[-1]) if len(found) > PAGE else None,
    )


def count_unfinished(connection: Connection, principal: Principal) -> int:
    """Return how many cases wait for the unit itself: those that the list puts first."""
    counted = select(func.count()).select_from(cases)
    first = cases.c.state.in_(sorted(_FIRST))
    return connection.scalar(counted.where(visible_to(principal), first)) or 0


def _clauses(wanted: Wanted) -> Iterator[Any]:
    if wanted.state:
        yield cases.c.state == wanted.state
    if wanted.case_type:
        yield cases.c.case_type == wanted.case_type
    if wanted.round:
        yield cases.c.round == wanted.round


def _waits_for_answers(case: CaseFile) -> bool:
    """Tell whether the Board waits for the unit to answer something in a case."""
    return bool(case.open_questions) and case.state not in _TOLD | _OVER


def _asked(sets: Iterable[QuestionSet], today: str) -> tuple[AskedLine, ...]:
    return tuple(
        AskedLine(
            one.number,
            one.at,
            one.put.answer_by,
            name_of_set(one.number) if one.put.term is not None else None,
            late=one.put.answer_by is not None and one.put.answer_by < today,
        )
        for one in sets
        if one.is_open
    )


def _is_told(case: CaseFile) -> bool:
    """Tell whether the unit was told the outcome."""
    return case.state in _TOLD


def _row(
    row: RowMapping,
    definitions: Definitions,
    names: dict[str, Title],
    ground: Ground,
    settled: Settled | None,
    asked: tuple[AskedLine, ...],
) -> OwnCase:
    filed: CaseFile = case_of(row)
    definition = definitions.of(filed.case_type.value, filed.definition_version)
    authority = names.get(filed.authority) if filed.authority else None
    told = _is_told(filed)
    due = next_due(due_dates(definitions, filed, ground, knows_outcome=told, settled=settled))
    return OwnCase(
        handle=filed.handle,
        reference=filed.reference,
        name=filed.name,
        born=filed.born,
        target=filed.target,
        case_type=filed.case_type,
        state=filed.state,
        state_title=definition.state_by_name[filed.state].title,
        group=row["rank"],
        asked=asked,
        who=who_has_it(definition, filed, names[filed.unit], authority),
        since=row["since"],
        due_on=due.due_on.isoformat() if due and due.due_on else None,
        deadline=due.name if due else None,
        missing=filed.missing,
    )


def _fits(row: RowMapping, wanted: Wanted, besides: str = "") -> bool:
    return all(
        name == besides or not value or row[name] == value
        for name, value in (
            ("state", wanted.state),
            ("case_type", wanted.case_type),
            ("round", wanted.round),
        )
    )


def _counts(counted: Iterable[RowMapping], wanted: Wanted, name: str) -> dict[str, int]:
    """Count the values of one filter under the other filters, as they stand."""
    counts: dict[str, int] = {}
    for row in counted:
        if row[name] is not None and _fits(row, wanted, name):
            counts[row[name]] = counts.get(row[name], 0) + row["count"]
    return counts


def _states(
    counted: list[RowMapping], wanted: Wanted, definitions: Definitions
) -> Iterator[Choice]:
    counts = _counts(counted, wanted, "state")
    ordered: dict[str, Title] = {}
    for row in counted:
        for state in definitions.of(row["case_type"], row["version"]).states:
            ordered.setdefault(state.name, state.title)
    for name, title in ordered.items():
        if name in counts:
            yield Choice(name, title, counts[name])


def _case_types(counted: list[RowMapping], wanted: Wanted) -> Iterator[Choice]:
    counts = _counts(counted, wanted, "case_type")
    for case_type in CaseType:
        if case_type.value in counts:
            yield Choice(case_type.value, case_type, counts[case_type.value])


def _rounds(connection: Connection, counted: list[RowMapping], wanted: Wanted) -> Iterator[Choice]:
    counts = _counts(counted, wanted, "round")
    if not counts:
        return
    rows = connection.execute(
        select(rounds.c.handle, rounds.c.name_vi, rounds.c.name_en)
        .where(rounds.c.handle.in_(counts))
        .order_by(rounds.c.opened_on.desc(), rounds.c.handle)
    )
    for row in rows:
        yield Choice(row.handle, Title(vi=row.name_vi, en=row.name_en), counts[row.handle])


def _after(row: RowMapping) -> str:
    return f"{row['rank']}~{row['since']}~{row['handle']}"


def _place(after: str | None) -> tuple[int, str, str] | None:
    """Read where a page begins; what is no such place begins at the beginning."""
    words = (after or "").split("~")
    if len(words) != len(("rank", "since", "handle")) or words[0] not in {"0", "1", "2"}:
        return None
    return int(words[0]), words[1], words[2]


# --------------------------------------------------------------- what a form needs


@dataclass(frozen=True)
class Filing:
    """What the form of a new case offers to choose from."""

    definition: Definition
    rounds: tuple[tuple[str, Title], ...]
    admissions: tuple[CaseFile, ...]  # that a case of this type can follow


def filing(
    connection: Connection, principal: Principal, definition: Definition, today: str
) -> Filing:
    """Return the rounds that are open, and the unit's own cases that a new one can follow."""
    return Filing(
        definition,
        open_rounds(connection, definition.case_type, today),
        tuple(_to_follow(connection, principal, definition)),
    )


def open_rounds(
    connection: Connection, case_type: str | None, today: str
) -> tuple[tuple[str, Title], ...]:
    """Return the rounds that are open today, for one act or for any, newest first."""
    c = rounds.c
    statement = select(c.handle, c.name_vi, c.name_en).where(
        or_(c.closed_on.is_(None), c.closed_on >= today)
    )
    if case_type is not None:
        statement = statement.where(c.case_type == case_type)
    rows = connection.execute(statement.order_by(c.opened_on.desc(), c.handle))
    return tuple((row.handle, Title(vi=row.name_vi, en=row.name_en)) for row in rows)


def _to_follow(
    connection: Connection, principal: Principal, definition: Definition
) -> Iterator[CaseFile]:
    follows = definition.follows
    if follows is None:
        return
    rows = connection.execute(
        select(cases)
        .where(
            visible_to(principal),
            cases.c.case_type == follows.case_type.value,
            cases.c.outcome == follows.outcome,
        )
        .order_by(cases.c.name_sort, cases.c.handle)
    ).mappings()
    for row in rows:
        earlier = case_of(row)
        if all(name in earlier.recorded for name in follows.recorded):
            yield earlier


def was_done(connection: Connection, key: str) -> bool:
    """Tell whether a form was sent before: its second sending is about no other case."""
    return acts.FIND(connection, {"key": key}).first() is not None
