"""A slice of the matrix, and policies that it must see through; `make prove-matrix` asks it all."""

import random

import pytest
from sqlalchemy import insert

from tests.house.site import NOBODY
from tests.proofs.matrix import (
    EVERYBODY,
    Asked,
    cells_for_mutants,
    cells_of,
    differs,
    prove,
    prove_served,
    survivors,
    with_outsiders,
)
from tests.proofs.mutants import NOT_MET, SECOND_WALLS, every_mutant
from tests.proofs.running import another, token_of
from tests.proofs.serving import served
from vetting.engine import policy
from vetting.engine.policy import PERMITTED, Action
from vetting.engine.vocabulary import Role
from vetting.queries import act_page, opened_case
from vetting.records import book
from vetting.records.counters import counters
from vetting.web import gate, recording, sessions

SEED = 7
A_SLICE, OVER_THE_WIRE = 80, 150
RULES, PAIRS = 6, 24
FORMS = {"interruptions.suspend", "recording.fact", "recording.paper"}


@pytest.fixture(scope="module")
def asked(made):
    with another(made) as site:
        yield with_outsiders(site)


def a_slice(site, visitor):
    lot = random.Random(f"{SEED}/{visitor}")  # noqa: S311  # a sample, no secret
    return lot.sample(list(cells_of(site, visitor)), A_SLICE)


@pytest.mark.parametrize("visitor", EVERYBODY)
def test_what_the_policy_says_is_what_the_program_answers(asked, visitor):
    found = prove(asked, a_slice(asked.site, visitor))

    assert found.wrong == []
    assert found.tried == A_SLICE


def test_the_whole_has_a_cell_for_everybody_everywhere(site):
    cells = [cell for visitor in ("unit", NOBODY) for cell in cells_of(site, visitor)]
    routes = {(route.endpoint, route.method) for route in site.routes()}
    met = {(cell.endpoint, cell.method) for cell in cells}

    assert len(cells) // 2 * len(EVERYBODY) >= 100_000
    assert routes - met == {("sign_in.leave", "POST")}
    assert {cell.wanted for cell in cells} == {None, 303, 401, 403, 404, 405}


@pytest.mark.postgresql
def test_over_the_wire_on_postgresql_the_answers_are_the_same(made, empty_postgresql_url, tmp_path):
    with served(empty_postgresql_url, tmp_path) as there:
        found = prove_served(made, there, OVER_THE_WIRE, SEED)

    assert found.wrong == []
    assert found.tried > OVER_THE_WIRE


@pytest.fixture(scope="module")
def all_cells(asked):
    return cells_for_mutants(asked.site)


def test_a_policy_that_differs_in_any_one_line_is_seen(asked, all_cells):
    lot = random.Random(SEED)  # noqa: S311  # a sample, no secret
    rules = [mutant for mutant in every_mutant() if mutant.action is None]
    pairs = [mutant for mutant in every_mutant() if mutant.action is not None]
    found = survivors(asked, all_cells, lot.sample(rules, RULES) + lot.sample(pairs, PAIRS))

    assert found.wrong == []


def test_there_is_a_mutant_for_every_line(site):  # noqa: ARG001  # whose routes name the actions
    mutants = every_mutant()
    names = {mutant.name for mutant in mutants}

    assert len(names) == len(mutants)
    assert {mutant.name for mutant in mutants if mutant.action is not None} == {
        f"{action.name} {'without' if role in PERMITTED[action] else 'with'} {role.name}"
        for action in set(Action) - {Action.OPEN}
        for role in Role
    }
    assert names >= SECOND_WALLS.keys() | NOT_MET.keys()
    assert len([mutant for mutant in mutants if mutant.action is None]) >= 30


# ------------------------------------------------------------------ planted


def test_a_route_that_looks_at_no_role_is_seen(asked, all_cells, monkeypatch):
    view = asked.site.app.view_functions["oversight.show"]
    monkeypatch.setitem(gate.ACTION_OF, view, Action.SIGNED_IN)
    cells = [cell for cell in all_cells if cell.endpoint == "oversight.show"]

    assert {cell.visitor for cell in cells if differs(cell, asked(cell))} == {
        cell.visitor for cell in cells if cell.wanted == 403
    }


def test_a_form_that_an_emergency_opens_is_seen(asked, monkeypatch):
    handle = asked.site.province.cases["kept by name"]
    cells = cells_of(asked.site, "board", ("GET",), ())
    own = [cell for cell in cells if handle in cell.address and cell.endpoint in FORMS]
    assert {cell.wanted for cell in own} == {403}
    assert [cell for cell in own if differs(cell, asked(cell))] == []
    monkeypatch.setattr(recording, "open_to_act", opened_case.open_case)
    monkeypatch.setattr(act_page, "open_to_act", opened_case.open_case)

    assert {cell.endpoint for cell in own if differs(cell, asked(cell))} == FORMS


def test_a_book_that_acts_in_an_emergency_is_seen(made, monkeypatch):
    with another(made) as site:
        asked = Asked(site, {"board": token_of(site, "board")}, [])
        handle = site.province.cases["kept by name"]
        [suspend] = [
            cell
            for cell in cells_of(site, "board", ("POST",), ())
            if cell.address == f"/cases/{handle}/suspend"
        ]
        assert suspend.wanted == 403
        assert differs(suspend, asked(suspend)) is None
        monkeypatch.setattr(act_page, "open_to_act", opened_case.open_case)
        assert differs(suspend, asked(suspend)) is None  # the book still refuses
        monkeypatch.setattr(book, "relation", policy.relation_by_role)

        assert differs(suspend, asked(suspend)) is not None


def test_a_session_that_outlives_its_end_is_seen(asked, monkeypatch):
    over = asked.site.browsers["signed out"].get_cookie("officer").value
    signer = asked.site.province.tokens["signer"]
    recall = sessions.recall
    monkeypatch.setattr(
        sessions,
        "recall",
        lambda door, connection, token, *here: recall(
            door, connection, signer if token == over else token, *here
        ),
    )
    cells = cells_of(asked.site, "signed out")
    [inbox] = [cell for cell in cells if (cell.endpoint, cell.method) == ("inbox.show", "GET")]

    assert differs(inbox, asked(inbox)) == "200, the policy says 303"


def test_an_act_that_is_refused_and_done_all_the_same_is_seen(made, monkeypatch):
    with another(made) as site:
        asked = Asked(site, {"unit": token_of(site, "unit")}, [])
        cells = [
            cell
            for cell in cells_of(site, "unit", ("POST",), ())
            if (cell.endpoint, cell.wanted) == ("worklist.take_up", 403)
        ]

        def act_first():
            if gate.request.endpoint == "worklist.take_up":
                with site.database.writing() as connection:
                    connection.execute(insert(counters).values(name="half", last=1))

        functions = site.app.before_request_funcs[None]
        monkeypatch.setitem(site.app.before_request_funcs, None, [act_first, *functions])
        found = prove(asked, cells)

    assert found.wrong == ["what is refused has changed counters"]
