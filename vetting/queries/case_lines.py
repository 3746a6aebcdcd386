"""A case as a line of a list: the same few columns wherever cases are listed for the Board."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, RowMapping, and_, or_, select

from vetting.engine.definition import Title
from vetting.engine.policy import Principal
from vetting.engine.reading import Definitions
from vetting.engine.vocabulary import AmendmentKind, CaseType, Need
from vetting.queries.keyset import BETWEEN, Page
from vetting.records.cases import cases
from vetting.records.consultations import consultations
from vetting.records.scope import visible_to

BLANK = ":_"  # how a blank is written in a mark; it stands in no moment, name key or reference
CHUNK = 500  # as many handles as go into one statement
NO_MORE = (AmendmentKind.ANNULMENT, AmendmentKind.REVOCATION)
OPEN_STATES = ("asked", "received", "drafting", "ready")

COLUMNS = (
    cases.c.handle,
    cases.c.reference,
    cases.c.name,
    cases.c.born,
    cases.c.target,
    cases.c.unit,
    cases.c.case_type,
    cases.c.definition_version,
    cases.c.state,
    cases.c.since,
    cases.c.turn,
    cases.c.missing,
    cases.c.proposed_outcome,
    cases.c.proposed_by,
    cases.c.outcome,
    cases.c.authority,
    cases.c.regulation,
    cases.c.management_level,
    cases.c.entry_count,
    cases.c.name_sort,
)


@dataclass(frozen=True)
class Owing:
    """A body that was asked and whose answer is not there, or not any more."""

    body: str
    need: Need
    asked_at: str
    due_on: str | None  # none where nobody set a date
    again: bool = False  # it had answered, and its opinion stands no more


@dataclass(frozen=True)
class CaseLine:
    """One case in a list."""

    handle: str
    reference: str
    name: str
    born: str
    target: str
    unit: str
    case_type: CaseType
    state: str
    title: Title  # of the state
    since: str
    turn: int
    proposed: Title | None
    proposed_by: str | None
    outcome: Title | None
    authority: str | None
    regulation: str | None
    management_level: str | None
    definition_version: int
    entry_count: int
    owing: tuple[Owing, ...] = ()
    lacking: tuple[Owing, ...] = ()  # of bodies that must answer, what stands no more


def lines_of(
    rows: Iterable[RowMapping],
    definitions: Definitions,
    owing: Mapping[str, Sequence[Owing]] | None = None,
) -> tuple[CaseLine, ...]:
    """Return rows with the columns above as lines."""
    return tuple(_line(row, definitions, (owing or {}).get(row["handle"], ())) for row in rows)


def page_of(
    found: Sequence[RowMapping], lines: tuple[CaseLine, ...], after: str | None, by: str
) -> Page[CaseLine]:
    """Return a page of lines; *found* may hold one row more, which tells that there are others."""
    more = len(found) > len(lines)
    last = found[len(lines) - 1] if more else None
    further = None
    if last is not None:
        further = BETWEEN.join((last[by].replace(" ", BLANK), last["handle"]))
    return Page(lines, further, after or None)


def values_of(mark: tuple[str, ...]) -> tuple[str, ...]:
    """Return what a mark of `page_of` stands for."""
    by, handle = mark
    return by.replace(BLANK, " "), handle


def owing_in(connection: Connection, handles: Sequence[str]) -> dict[str, list[Owing]]:
    """Return the bodies that owe an answer, or another, by case; in statements of a fixed size."""
    found: dict[str, list[Owing]] = {}
    c = consultations.c
    for start in range(0, len(handles), CHUNK):
        rows = connection.execute(
            select(c.case_handle, c.body, c.need, c.asked_at, c.due_on, c.state)
            .join(cases, cases.c.handle == c.case_handle)
            .where(
                c.case_handle.in_(handles[start : start + CHUNK]),
                c.turn == cases.c.turn,
                or_(
                    c.state.in_(OPEN_STATES),
                    and_(
                        c.state == "signed",
                        c.need == Need.MUST.value,
                        c.amended.in_([kind.value for kind in NO_MORE]),
                    ),
                ),
            )
            .order_by(c.due_order, c.asked_at, c.body)
        )
        for row in rows:
            found.setdefault(row.case_handle, []).append(
                Owing(
                    row.body,
                    Need(row.need),
                    row.asked_at,
                    row.due_on,
                    again=row.state not in OPEN_STATES,
                )
            )
    return found


def chosen(
    connection: Connection, principal: Principal, definitions: Definitions, handles: Sequence[str]
) -> tuple[CaseLine, ...]:
    """Return the lines of cases that somebody ticked, in the order ticked.

    What the reader may not know of is not there.
    """
    wanted = list(dict.fromkeys(handles))
    found: dict[str, CaseLine] = {}
    for start in range(0, len(wanted), CHUNK):
        rows = connection.execute(
            select(*COLUMNS).where(
                cases.c.handle.in_(wanted[start : start + CHUNK]), visible_to(principal)
            )
        ).mappings()
        found |= {line.handle: line for line in lines_of(rows, definitions)}
    return tuple(found[handle] for handle in wanted if handle in found)


def _line(
    row: Mapping[str, Any] | RowMapping, definitions: Definitions, owing: Sequence[Owing]
) -> CaseLine:
    definition = definitions.of(row["case_type"], row["definition_version"])

    def outcome(name: str | None) -> Title | None:
        return definition.outcome_by_name[name].title if name else None

    return CaseLine(
        handle=row["handle"],
        reference=row["reference"] or "",
        name=row["name"],
        born=row["born"],
        target=row["target"],
        unit=row["unit"],
        case_type=CaseType(row["case_type"]),
        state=row["state"],
        title=definition.state_by_name[row["state"]].title,
        since=row["since"],
        turn=row["turn"],
        proposed=outcome(row["proposed_outcome"]),
        proposed_by=row["proposed_by"],
        outcome=outcome(row["outcome"]),
        authority=row["authority"],
        regulation=row["regulation"],
        management_level=row["management_level"],
        definition_version=row["definition_version"],
        entry_count=row["entry_count"],
        owing=tuple(one for one in owing if not one.again),
        lacking=tuple(one for one in owing if one.again),
    )
