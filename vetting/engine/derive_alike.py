"""Derive alike: the deadlines of many cases, derived once for all in which they come out the same.

What is due in a case, and when, hangs on very little of it: where it stands, whether it was
concluded, and a few days on record. Nothing else of a case is handed to whoever derives them, so
nothing else can change what comes out, and the cases of a province share most of it.

This is for workflows whose deadlines hang on nothing that has to be read in a case's entries
(`needs_entered`); the others are derived case by case.
"""

from collections.abc import Mapping, Sequence
from datetime import date
from typing import NamedTuple, TypeAlias

from vetting.engine.calendar import Calendar
from vetting.engine.canonical import Json
from vetting.engine.casefile import CaseFile
from vetting.engine.deadlines import FOLLOWED, Derived, Known, derive
from vetting.engine.definition import Definition
from vetting.engine.record import tells_outcome
from vetting.engine.vocabulary import CaseType

_Days: TypeAlias = tuple[str | None, ...]
_NO_OUTCOME, _OUTCOME = None, "-"  # which one it was, no day hangs on


class _Fact(NamedTuple):
    """A fact that a deadline starts from or is met by, and its days that matter."""

    name: str
    days: tuple[str, ...]


class Alike:
    """Derives the deadlines of cases, each of its kind once, on one calendar and one day."""

    def __init__(self, calendar: Calendar | None, today: date) -> None:
        """Take what all of them are counted on."""
        self._calendar = calendar
        self._today = today
        self._facts: dict[tuple[int, bool], tuple[tuple[_Fact, ...], tuple[_Fact, ...]]] = {}
        self._derived: dict[tuple[object, ...], tuple[Derived, ...]] = {}

    def of(
        self,
        definition: Definition,
        case: CaseFile,
        *,
        knows_outcome: bool,
        followed: CaseFile | None = None,
        its_rules: Definition | None = None,
    ) -> tuple[Derived, ...]:
        """Return the deadlines of a case, as far as its reader may know what they hang on."""
        rules = id(definition), knows_outcome
        facts = self._facts.get(rules)
        if facts is None:
            facts = self._facts[rules] = _facts_of(definition, knows_outcome=knows_outcome)
        own, earlier = facts
        days = _days(case, own)
        before = _days(followed, earlier) if followed is not None and earlier else None
        alike = (*rules, case.state, case.concluded, days, before, id(its_rules))
        derived = self._derived.get(alike)
        if derived is None:
            derived = self._derived[alike] = derive(
                definition,
                Known(
                    case=_bare(definition, case.state, own, days, concluded=case.concluded),
                    today=self._today,
                    calendar=self._calendar,
                    followed=_bare(definition, case.state, earlier, before or (), concluded=False)
                    if followed is not None
                    else None,
                    its_rules=its_rules,
                ),
            )
        return derived


def _facts_of(
    definition: Definition, *, knows_outcome: bool
) -> tuple[tuple[_Fact, ...], tuple[_Fact, ...]]:
    """Return the facts that deadlines hang on: of the case, and of the one that it follows."""
    own: dict[str, set[str]] = {}
    earlier: dict[str, set[str]] = {}
    for deadline in definition.deadlines:
        source, *rest = deadline.start.split(".")
        if source == FOLLOWED:
            name, day = rest
            earlier.setdefault(name, set()).add(day)
        elif rest:
            own.setdefault(source, set()).update(rest)
        for name in deadline.met_by:
            if name in definition.fact_by_name:
                fields = definition.fact_by_name[name].fields
                own.setdefault(name, set()).update(
                    [one.name for one in fields if one.kind == "date"][:1]
                )
    known = {
        name: days
        for name, days in own.items()
        if knows_outcome
        or name not in definition.fact_by_name
        or not tells_outcome(definition, definition.fact_by_name[name])
    }
    return _listed(known), _listed(earlier)


def _listed(found: Mapping[str, set[str]]) -> tuple[_Fact, ...]:
    return tuple(_Fact(name, tuple(sorted(days))) for name, days in sorted(found.items()))


def _days(case: CaseFile, facts: Sequence[_Fact]) -> tuple[_Days | None, ...]:
    """Return of each fact its days on record; none: it is not on record."""
    return tuple(_days_of(case, fact) if fact.name in case.recorded else None for fact in facts)


def _days_of(case: CaseFile, fact: _Fact) -> _Days:
    record = case.last_recorded(fact.name) or {}
    return tuple(day if isinstance(day := record.get(name), str) else None for name in fact.days)


def _bare(
    definition: Definition,
    state: str,
    facts: Sequence[_Fact],
    days: Sequence[_Days | None],
    *,
    concluded: bool,
) -> CaseFile:
    """Return a case of which nothing is known but this."""
    recorded: dict[str, Json] = {
        fact.name: [dict(zip(fact.days, those, strict=True))]
        for fact, those in zip(facts, days, strict=False)
        if those is not None
    }
    return CaseFile(
        handle="",
        case_type=CaseType(definition.case_type),
        definition_version=definition.version,
        state=state,
        unit="",
        recorded=recorded,
        outcome=_OUTCOME if concluded else _NO_OUTCOME,
    )
