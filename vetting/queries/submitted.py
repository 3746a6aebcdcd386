"""What lies before the authority: the Board's proposals, longest waiting first."""

from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, Connection, and_, case, func, or_, select

from vetting.engine.policy import Principal
from vetting.engine.reading import Definitions
from vetting.engine.sentences import mark
from vetting.engine.vocabulary import AmendmentKind, CaseType, Named, Verdict
from vetting.queries.case_lines import COLUMNS, CaseLine, lines_of, page_of, values_of
from vetting.queries.keyset import PAGE, Page, beyond, read_mark
from vetting.queries.worklist import MOST_AT_ONCE
from vetting.records.cases import cases
from vetting.records.consultations import consultations
from vetting.records.scope import visible_to


class Before(Named):
    """Where a case that was put before the authority stands."""

    TO_CONCLUDE = "to_conclude", mark("To be concluded")
    CONCLUDED = "concluded", mark("Concluded")
    WITH_BOARD = "with_board", mark("Back with the Board")


_CLAUSE: dict[Before, ColumnElement[bool]] = {
    Before.TO_CONCLUDE: cases.c.state == "submitted",
    Before.CONCLUDED: or_(cases.c.outcome.is_not(None), cases.c.amended.is_not(None)),
    Before.WITH_BOARD: and_(
        cases.c.state != "submitted", cases.c.outcome.is_(None), cases.c.amended.is_(None)
    ),
}


@dataclass(frozen=True)
class Wanted:
    """Which of them are wanted."""

    stands: Before = Before.TO_CONCLUDE
    case_type: CaseType | None = None
    proposed: str | None = None  # the outcome the Board proposes


@dataclass(frozen=True)
class Submitted:
    """A page of what lies before the authority."""

    counts: dict[Before, int]
    page: Page[CaseLine]
    said: dict[str, tuple[tuple[Verdict, int], ...]]  # case: how many bodies said what, this turn

    @property
    def handles(self) -> list[str]:
        """The cases shown."""
        return [line.handle for line in self.page.rows]


def submitted(
    connection: Connection,
    principal: Principal,
    definitions: Definitions,
    wanted: Wanted,
    after: str | None = None,
) -> Submitted:
    """Return a page of them, in three statements."""
    statement = select(*COLUMNS).where(_clause(principal, wanted))
    if mark_ := read_mark(after, 2):
        statement = statement.where(beyond((cases.c.since, cases.c.handle), values_of(mark_)))
    rows = (
        connection.execute(statement.order_by(cases.c.since, cases.c.handle).limit(PAGE + 1))
        .mappings()
        .all()
    )
    shown = rows[:PAGE]
    return Submitted(
        counts=counts(connection, principal, wanted),
        page=page_of(rows, lines_of(shown, definitions), after, "since"),
        said=_said(connection, [row["handle"] for row in shown]),
    )


def handles_of(connection: Connection, principal: Principal, wanted: Wanted) -> list[str]:
    """Return every case of a filter, for an act on all of them."""
    return list(
        connection.scalars(
            select(cases.c.handle)
            .where(_clause(principal, wanted))
            .order_by(cases.c.since, cases.c.handle)
            .limit(MOST_AT_ONCE)
        )
    )


def _clause(principal: Principal, wanted: Wanted) -> ColumnElement[bool]:
    return and_(visible_to(principal.at_work), _CLAUSE[wanted.stands], *_narrowed(wanted))


def _narrowed(wanted: Wanted) -> list[ColumnElement[bool]]:
    clauses = []
    if wanted.case_type is not None:
        clauses.append(cases.c.case_type == wanted.case_type.value)
    if wanted.proposed is not None:
        clauses.append(cases.c.proposed_outcome == wanted.proposed)
    return clauses


def counts(connection: Connection, principal: Principal, wanted: Wanted) -> dict[Before, int]:
    """Return how many cases stand where, under the rest of the filter."""
    columns: list[ColumnElement[Any]] = [
        func.coalesce(func.sum(case((clause, 1), else_=0)), 0) for clause in _CLAUSE.values()
    ]
    row = connection.execute(
        select(*columns).where(visible_to(principal.at_work), *_narrowed(wanted))
    ).one()
    return {stands: int(many) for stands, many in zip(_CLAUSE, row, strict=True)}


def _said(connection: Connection, handles: list[str]) -> dict[str, tuple[tuple[Verdict, int], ...]]:
    c = consultations.c
    stands = or_(c.amended.is_(None), c.amended == AmendmentKind.CORRECTION.value)
    found: dict[str, dict[Verdict, int]] = {}
    for handle, verdict, many in connection.execute(
        select(c.case_handle, c.verdict, func.count())
        .join(cases, cases.c.handle == c.case_handle)
        .where(c.case_handle.in_(handles), c.turn == cases.c.turn, c.verdict.is_not(None), stands)
        .group_by(c.case_handle, c.verdict)
    ):
        found.setdefault(handle, {})[Verdict(verdict)] = many
    return {
        handle: tuple((verdict, said[verdict]) for verdict in Verdict if verdict in said)
        for handle, said in found.items()
    }
