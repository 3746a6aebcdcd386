"""Due dates of cases: what the rules, the record and the calendar give, for one case or for many.

What a reader may not know yet takes no part: a unit that was not told the outcome gets no date that
would give it away.
"""

from collections.abc import Sequence
from datetime import date

from sqlalchemy import Connection

from vetting.engine.calendar import Calendar
from vetting.engine.casefile import CaseFile
from vetting.engine.deadlines import Derived, has_deadlines
from vetting.engine.reading import Definitions
from vetting.engine.record import without_outcome
from vetting.records.running_deadlines import (
    Ground,
    Settled,
    deadlines_of,
    deadlines_of_requests,
    ground_of,
    rules_of,
    settled_in,
)


def due_dates(
    definitions: Definitions,
    case: CaseFile,
    ground: Ground,
    *,
    today: str | None = None,
    knows_outcome: bool = True,
    settled: Settled | None = None,
) -> tuple[Derived, ...]:
    """Return the deadlines of a case, as far as its reader may know what they hang on."""
    shown = case if knows_outcome else without_outcome(rules_of(definitions, case), case)
    return deadlines_of(definitions, shown, ground, today=today, settled=settled)


def due_dates_of_case(
    connection: Connection,
    definitions: Definitions,
    case: CaseFile,
    *,
    today: str,
    knows_outcome: bool = True,
) -> tuple[tuple[Derived, ...], Calendar | None]:
    """Return the deadlines of one case, and the calendar that they were counted on."""
    definition = rules_of(definitions, case)
    asked, counted_on = deadlines_of_requests(connection, definitions, case, today=today)
    if not has_deadlines(definition):
        return asked, counted_on
    ground = ground_of(connection, definitions, [case])
    settled = settled_in(connection, definition, case, knows_outcome=knows_outcome)
    derived = due_dates(
        definitions,
        case,
        ground,
        today=today,
        knows_outcome=knows_outcome,
        settled=settled,
    )
    return (*derived, *asked), ground.calendar or counted_on


def next_due(derived: Sequence[Derived]) -> Derived | None:
    """Return the deadline that comes first of those that something still has to meet."""
    waiting = [one for one in derived if one.open and one.due_on]
    return min(waiting, key=lambda one: one.due_on or date.max, default=None)
