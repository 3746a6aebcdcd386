"""The supervisor's overview: where cases stand, what has stood still, who still owes an answer."""

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import Connection, case, func, select

from vetting.engine.definition import Title
from vetting.engine.policy import Principal
from vetting.engine.reading import Definitions
from vetting.engine.vocabulary import CaseType
from vetting.queries.case_lines import (
    COLUMNS,
    OPEN_STATES,
    CaseLine,
    lines_of,
)
from vetting.queries.round_page import OVER, RoundLine, round_list
from vetting.records import history
from vetting.records.cases import cases
from vetting.records.consultations import consultations
from vetting.records.history import Broken
from vetting.records.scope import visible_to

LONGEST = 20  # as many of the longest waiting as a person reads at once


@dataclass(frozen=True)
class StatesOfType:
    """How many cases of one type stand where."""

    case_type: CaseType
    by_state: dict[str, int]

    @property
    def total(self) -> int:
        """All cases of the type."""
        return sum(self.by_state.values())


@dataclass(frozen=True)
class BodyOwing:
    """What one body still owes."""

    body: str
    many: int
    oldest: str  # when the oldest of them was asked
    late: int
    without_date: int


@dataclass(frozen=True)
class Overview:
    """What a supervisor sees first."""

    states: tuple[tuple[str, Title], ...]
    types: tuple[StatesOfType, ...]
    rounds: tuple[RoundLine, ...]
    longest: tuple[CaseLine, ...]
    returned: tuple[CaseLine, ...]
    returned_in_all: int
    owing: tuple[BodyOwing, ...]

    @property
    def handles(self) -> list[str]:
        """The cases shown."""
        return [line.handle for line in (*self.longest, *self.returned)]


def overview(
    connection: Connection, principal: Principal, definitions: Definitions, today: str
) -> Overview:
    """Return the overview, in five statements."""
    types = _types(connection, principal)
    seen = {state for found in types for state in found.by_state}
    road: dict[str, Title] = {}
    for definition in definitions:
        if definition.case_type in {found.case_type for found in types}:
            road |= {
                state.name: state.title for state in definition.states if state.name not in road
            }
    returned = _longest(connection, principal, definitions, ["returned"])
    return Overview(
        states=tuple((name, title) for name, title in road.items() if name in seen),
        types=types,
        rounds=round_list(connection, principal),
        longest=_longest(
            connection,
            principal,
            definitions,
            sorted(road.keys() - OVER - {"draft", "returned"}),
        ),
        returned=returned,
        returned_in_all=sum(found.by_state.get("returned", 0) for found in types),
        owing=_owing(connection, principal, today),
    )


def known_cases(connection: Connection, principal: Principal) -> int:
    """Return how many cases the reader may know of: of others not even their number is told."""
    counted = select(func.count()).select_from(cases).where(visible_to(principal))
    return connection.scalar(counted) or 0


def check_case(connection: Connection, principal: Principal, handle: str) -> Broken | None:
    """Return where a case's history is broken, or None if it holds."""
    head = (
        connection.execute(
            select(cases.c.handle, cases.c.entry_count, cases.c.last_seal).where(
                cases.c.handle == handle, visible_to(principal)
            )
        )
        .mappings()
        .one()
    )
    return history.check_chain(history.with_payloads(connection, handle), head)


def _types(connection: Connection, principal: Principal) -> tuple[StatesOfType, ...]:
    found: dict[CaseType, dict[str, int]] = {}
    for case_type, state, many in connection.execute(
        select(cases.c.case_type, cases.c.state, func.count())
        .where(visible_to(principal))
        .group_by(cases.c.case_type, cases.c.state)
    ):
        found.setdefault(CaseType(case_type), {})[state] = many
    return tuple(
        StatesOfType(case_type, found[case_type]) for case_type in CaseType if case_type in found
    )


def _longest(
    connection: Connection, principal: Principal, definitions: Definitions, states: Sequence[str]
) -> tuple[CaseLine, ...]:
    rows = connection.execute(
        select(*COLUMNS)
        .where(cases.c.state.in_(states), visible_to(principal))
        .order_by(cases.c.since, cases.c.handle)
        .limit(LONGEST)
    ).mappings()
    return lines_of(rows.all(), definitions)


def _owing(connection: Connection, principal: Principal, today: str) -> tuple[BodyOwing, ...]:
    c = consultations.c
    late = case((c.due_on < today, 1), else_=0)
    dateless = case((c.due_on.is_(None), 1), else_=0)
    rows = connection.execute(
        select(c.body, func.count(), func.min(c.asked_at), func.sum(late), func.sum(dateless))
        .join(cases, cases.c.handle == c.case_handle)
        .where(c.state.in_(OPEN_STATES), c.turn == cases.c.turn, visible_to(principal))
        .group_by(c.body)
        .order_by(func.min(c.asked_at), c.body)
    )
    return tuple(BodyOwing(*row) for row in rows)
