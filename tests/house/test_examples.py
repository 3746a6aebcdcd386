"""Whatever runs over all routes knows what to put in their arguments, and meets every state."""

from tests.builders import definitions
from tests.house.province import ONE_A_ROLE, VISITORS
from tests.house.site import CONCERNS, EXAMPLES
from vetting.engine.vocabulary import CaseType, Role
from vetting.records.cases import cases
from vetting.records.consultations import consultations


def test_every_argument_of_a_route_has_an_example(site):
    wanting = {
        (route.rule.rule, key)
        for route in site.routes()
        for key in route.arguments
        if key not in EXAMPLES and route.choices(key[1]) is None
    }

    assert wanting == set(), "name an example in tests/house/site.py"


def test_of_every_example_it_is_told_whom_it_concerns():
    assert EXAMPLES.keys() == CONCERNS.keys()


def test_no_example_is_left_over(site):
    assert EXAMPLES.keys() - {key for route in site.routes() for key in route.arguments} == set()


def test_a_case_stands_in_every_state(site):
    with site.database.reading() as connection:
        found = set(connection.execute(cases.select().with_only_columns(cases.c.state)).scalars())

    states = {
        state.name
        for one in definitions()
        if one.case_type in set(CaseType)
        for state in one.states
    }
    assert found == states


def test_at_one_body_a_question_stands_in_every_state(site):
    c = consultations.c
    with site.database.reading() as connection:
        query = c.handle.table.select().with_only_columns(c.state)
        found = set(
            connection.execute(
                query.where(c.handle.in_(site.province.consultations.values()))
            ).scalars()
        )

    assert found == {state.name for state in definitions().consultation().states}


def test_there_is_a_case_of_every_act(site):
    assert set(site.province.types.values()) == {one.value for one in CaseType}


def test_somebody_visits_in_every_role():
    assert [VISITORS[one][0] for one in ONE_A_ROLE] == list(Role)
