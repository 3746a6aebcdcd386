"""Deadlines derived once for many cases are those that each case has by itself."""

import random
from datetime import date, timedelta

import pytest

from tests.builders import definitions
from tests.engine.test_calendar import province
from vetting.engine.casefile import CaseFile
from vetting.engine.deadlines import Known, derive, has_deadlines, needs_entered
from vetting.engine.derive_alike import Alike
from vetting.engine.record import without_outcome
from vetting.engine.vocabulary import AmendmentKind, CaseType

TODAY = date(2026, 9, 1)
COUNTED = [one for one in definitions() if has_deadlines(one) and not needs_entered(one)]


def some_case(chance, definition):
    """A case of which anything may be on record, more than once, from a few days."""
    days = [(TODAY + timedelta(days=30 * number)).isoformat() for number in range(-4, 4)]
    recorded = {}
    for fact in definition.facts:
        for _ in range(chance.choice((0, 0, 1, 2))):
            details = {
                one.name: chance.choice(days) if one.kind == "date" else str(chance.random())
                for one in fact.fields
            }
            recorded.setdefault(fact.name, []).append(details)
    return CaseFile(
        handle=str(chance.random()),
        case_type=CaseType(definition.case_type),
        definition_version=definition.version,
        state=chance.choice(definition.states).name,
        unit="so-y-te",
        name="Lê Văn Một",
        recorded=recorded,
        outcome=chance.choice((None, None, definition.outcomes[0].name)),
        amended=chance.choice((None, None, None, AmendmentKind.ANNULMENT)),
    )


@pytest.mark.parametrize("definition", COUNTED, ids=lambda one: one.case_type)
@pytest.mark.parametrize("calendar", [None, province()], ids=["no calendar", "calendar"])
def test_each_case_gets_what_it_has_by_itself(definition, calendar):
    chance = random.Random(7)  # noqa: S311  # no secret
    alike = Alike(calendar, TODAY)
    its_rules = definitions().of("party_admission", 1)
    found = set()
    for _ in range(300):
        case = some_case(chance, definition)
        knows = chance.random() < 0.5
        followed = chance.choice((None, some_case(chance, its_rules)))
        told = {"followed": followed, "its_rules": its_rules if followed else None}

        derived = alike.of(definition, case, knows_outcome=knows, **told)

        known = case if knows else without_outcome(definition, case)
        alone = derive(definition, Known(case=known, today=TODAY, calendar=calendar, **told))
        assert derived == alone
        assert [one.steps for one in derived] == [one.steps for one in alone]
        found.add(tuple((one.due_on, str(one.standing)) for one in derived))
    assert len(found) > 2  # met, not begun, and a date or none


def test_what_no_day_hangs_on_is_derived_once():
    definition = definitions().of("party_admission", 1)
    alike = Alike(province(), TODAY)
    one, other, later = (
        CaseFile(
            handle=number,
            case_type=CaseType.PARTY_ADMISSION,
            definition_version=1,
            state="filed",
            unit="so-y-te",
            recorded={"cell_resolution": [{"number": number, "passed_on": day}]},
        )
        for number, day in (("1", "2026-08-20"), ("2", "2026-08-20"), ("3", "2026-08-21"))
    )
    first = alike.of(definition, one, knows_outcome=True)
    assert alike.of(definition, other, knows_outcome=True) is first
    assert alike.of(definition, later, knows_outcome=True) != first
