"""Validities: until when the conclusion and the papers of a case hold, from what is on record."""

from collections.abc import Mapping, Sequence
from datetime import date
from typing import NamedTuple

from sqlalchemy import Connection, select

from vetting.engine.calendar import is_day
from vetting.engine.casefile import ERASED, CaseFile
from vetting.engine.deadlines import Derived
from vetting.engine.definition import CONCLUSION, Definition
from vetting.engine.validity import date_on_record, validity_of_conclusion, validity_of_paper
from vetting.records.conclusions import conclusions


class ConclusionDays(NamedTuple):
    """When a conclusion was decided, and from when it counts."""

    decided: date | None
    effective: date | None


NO_DAYS = ConclusionDays(None, None)


def conclusion_days(connection: Connection, handles: Sequence[str]) -> dict[str, ConclusionDays]:
    """Return the days of the conclusions of some cases, by case."""
    c = conclusions.c
    rows = connection.execute(
        select(c.case_handle, c.decided_on, c.effective_on).where(c.case_handle.in_(handles))
    )
    return {
        row.case_handle: ConclusionDays(_day(row.decided_on), _day(row.effective_on))
        for row in rows
    }


def validity_as_concluded(
    definition: Definition,
    case: CaseFile,
    decided_on: str | None,
    effective_on: str | None,
    on: str,
) -> Derived | None:
    """Return until when what stands of a conclusion holds, as on a day; None without a rule."""
    return validity_of_conclusion(
        definition,
        case,
        decided=_day(decided_on),
        effective=_day(effective_on),
        today=date.fromisoformat(on),
    )


def validities_of(
    connection: Connection,
    definition: Definition,
    case: CaseFile,
    *,
    today: str,
    knows_outcome: bool,
) -> tuple[Derived, ...]:
    """Return until when the conclusion and the papers of a case hold, for whoever may know it."""
    on = date.fromisoformat(today)
    found: list[Derived | None] = []
    if definition.validity is not None and knows_outcome and case.outcome is not None:
        days = conclusion_days(connection, [case.handle]).get(case.handle, NO_DAYS)
        found.append(
            validity_of_conclusion(
                definition, case, decided=days.decided, effective=days.effective, today=on
            )
        )
    found += [validity_of_paper(case, paper, on) for paper in definition.papers]
    return tuple(one for one in found if one is not None)


def ends_of(
    definition: Definition, case: CaseFile, days: ConclusionDays, today: date
) -> Mapping[str, date]:
    """Return what ends in a case that somebody may be told ahead of, and when.

    A paper matters as long as nothing was concluded, a conclusion and a term where one stands.
    """
    found: dict[str, date] = {}
    state = definition.state_by_name.get(case.state)
    if case.state == ERASED or state is None:
        return found
    if not case.concluded and not state.final:
        for paper in definition.papers:
            until = validity_of_paper(case, paper, today)
            if until is not None and until.due_on is not None:
                found[paper.name] = until.due_on
    if case.outcome is not None:
        until = validity_of_conclusion(
            definition, case, decided=days.decided, effective=days.effective, today=today
        )
        if until is not None and until.due_on is not None:
            found[CONCLUSION] = until.due_on
        for rule in definition.ahead:
            day = date_on_record(case, rule.of) if "." in rule.of else None
            if day is not None:
                found[rule.of] = day
    return found


def _day(text: str | None) -> date | None:
    return date.fromisoformat(text) if text and is_day(text) else None
