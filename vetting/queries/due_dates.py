"""Due dates of cases: what the rules, the record and the calendar give, for one case or for many.

What a reader may not know yet takes no part: a unit that was not told the outcome gets no date that
would give it away.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date

from sqlalchemy import Connection, bindparam, select

from vetting.engine.calendar import Calendar, is_day
from vetting.engine.casefile import CaseFile
from vetting.engine.deadlines import (
    CONCLUDED,
    Derived,
    Known,
    derive,
    has_deadlines,
    needs_entered,
    uses_calendar,
)
from vetting.engine.definition import Definition
from vetting.engine.facts import FACTS, AboutConsultation, Moved
from vetting.engine.reading import Definitions
from vetting.queries.opened_case import tells_outcome
from vetting.records.calendars import calendar_of
from vetting.records.cases import case_of, cases
from vetting.records.conclusions import conclusions
from vetting.records.database import Statement
from vetting.records.history import entries, payloads, read_payload
from vetting.records.identity import Ids


@dataclass(frozen=True)
class Ground:
    """What the due dates of several cases are counted from, read once for all of them."""

    calendar: Calendar | None = None
    followed: Mapping[str, CaseFile] = field(default_factory=dict)  # by handle


def ground_of(
    connection: Connection, definitions: Definitions, asked: Iterable[CaseFile]
) -> Ground:
    """Read the calendar and the earlier cases, where any of these cases is counted from them."""
    counted = [case for case in asked if has_deadlines(_rules(definitions, case))]
    earlier = sorted({case.admission for case in counted if case.admission})
    return Ground(
        calendar=calendar_of(connection)
        if any(uses_calendar(_rules(definitions, case)) for case in counted)
        else None,
        followed={
            row["handle"]: case_of(row)
            for row in connection.execute(
                select(cases).where(cases.c.handle.in_(earlier))
            ).mappings()
        }
        if earlier
        else {},
    )


def due_dates(
    definitions: Definitions,
    case: CaseFile,
    ground: Ground,
    *,
    today: str | None = None,
    knows_outcome: bool = True,
    entered: Mapping[str, date] | None = None,
) -> tuple[Derived, ...]:
    """Return the deadlines of a case, as far as its reader may know what they hang on."""
    definition = _rules(definitions, case)
    followed = ground.followed.get(case.admission) if case.admission else None
    return derive(
        definition,
        Known(
            case=case if knows_outcome else _without_outcome(definition, case),
            today=date.fromisoformat(today) if today else None,
            calendar=ground.calendar,
            followed=followed,
            its_rules=_rules(definitions, followed) if followed else None,
            entered=entered or {},
        ),
    )


def due_dates_of_case(
    connection: Connection,
    definitions: Definitions,
    case: CaseFile,
    *,
    today: str,
    knows_outcome: bool = True,
) -> tuple[tuple[Derived, ...], Calendar | None]:
    """Return the deadlines of one case, and the calendar that they were counted on."""
    definition = _rules(definitions, case)
    if not has_deadlines(definition):
        return (), None
    ground = ground_of(connection, definitions, [case])
    entered = _entered(connection, definition, case, knows_outcome=knows_outcome)
    derived = due_dates(
        definitions,
        case,
        ground,
        today=today,
        knows_outcome=knows_outcome,
        entered=entered,
    )
    return derived, ground.calendar


def next_due(derived: Sequence[Derived]) -> Derived | None:
    """Return the deadline that comes first of those that something still has to meet."""
    waiting = [one for one in derived if one.open and one.due_on]
    return min(waiting, key=lambda one: one.due_on or date.max, default=None)


def _rules(definitions: Definitions, case: CaseFile) -> Definition:
    return definitions.of(case.case_type.value, case.definition_version)


def _without_outcome(definition: Definition, case: CaseFile) -> CaseFile:
    return replace(
        case,
        recorded={
            name: records
            for name, records in case.recorded.items()
            if name not in definition.fact_by_name
            or not tells_outcome(definition, definition.fact_by_name[name])
        },
    )


def _entered(
    connection: Connection, definition: Definition, case: CaseFile, *, knows_outcome: bool
) -> dict[str, date]:
    """Return the legal days on which states were last entered, where a deadline asks for them.

    What the authority concluded counts from the day it decided, not from the day of the entry.
    """
    found: dict[str, date] = {}
    if needs_entered(definition):
        ids = Ids()
        for row in _MOVES(connection, {"case_handle": case.handle}):
            if row.verb in _MOVED:
                state = str(read_payload(row.content)["target"])
                found[state] = date.fromisoformat(ids.legal_day(row.at))
    found.pop(CONCLUDED, None)
    if case.outcome is not None and knows_outcome:
        decided = _DECIDED(connection, {"case_handle": case.handle}).first()
        if decided is not None and is_day(decided.decided_on):
            found[CONCLUDED] = date.fromisoformat(decided.decided_on)
    return found


_MOVED = frozenset(
    verb
    for verb, kind in FACTS.items()
    if issubclass(kind, Moved) and not issubclass(kind, AboutConsultation)
)
_MOVES = Statement(
    select(entries.c.verb, entries.c.at, payloads.c.content)
    .join(
        payloads,
        (payloads.c.case_handle == entries.c.case_handle) & (payloads.c.number == entries.c.number),
    )
    .where(entries.c.case_handle == bindparam("case_handle"))
    .order_by(entries.c.number)
)
_DECIDED = Statement(
    select(conclusions.c.decided_on).where(conclusions.c.case_handle == bindparam("case_handle"))
)
