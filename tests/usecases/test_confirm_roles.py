"""A role is given by one administrator and confirmed by another; on both databases."""

from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy import insert, select, update

from tests.builders import (
    add_officer,
    add_session,
    as_owner,
    as_served,
    definitions,
    officer_of,
    proved,
)
from tests.usecases.conftest import SIGNS, rows
from vetting.engine.policy import Principal
from vetting.engine.refusals import Forbidden, OutOfTurn, ProveAgain, Unacceptable, Unknown
from vetting.engine.vocabulary import Role
from vetting.queries.officer_list import officer_page
from vetting.queries.waiting_roles import count_waiting, waiting_roles
from vetting.records.officers import officers, role_assignments
from vetting.records.organisations import organisations
from vetting.records.role_changes import role_changes
from vetting.records.role_proposals import role_answers, waiting
from vetting.usecases.change_account import give_password
from vetting.usecases.confirm_roles import confirm_roles, refuse_roles, take_back_role
from vetting.usecases.keep_officers import Assignment, Keeper, assign_role
from vetting.usecases.leave import clear_officer

OFFICER = officer_of("thanh-tra", Role.BODY_OFFICER)
GIVEN = Assignment(Role.BODY_SIGNER, "thanh-tra", "2026-01-05", "2026-12-31", 1)
ALL = timedelta(days=10_000)
OTHERS = "another administrator confirms or refuses it"


@pytest.fixture
def administrators(database, ids):
    """Three administrators who have each proved a moment ago who they are."""
    with database.writing() as connection:
        for name in ("first", "second", "third"):
            add_officer(connection, name, "ban-to-chuc", Role.ADMINISTRATOR)
            add_session(connection, f"s-{name}", name, "ban-to-chuc", Role.ADMINISTRATOR)
        if OFFICER not in connection.scalars(select(officers.c.handle)).all():
            add_officer(connection, OFFICER, "thanh-tra", Role.BODY_OFFICER)
    return {
        name: Keeper(
            as_served(database),
            ids,
            proved(Principal(name, name, Role.ADMINISTRATOR, "ban-to-chuc", f"s-{name}")),
            ALL,
        )
        for name in ("first", "second", "third")
    }


def shown(database):
    """Return what waits as a page shows it: the hash of each, by handle."""
    with database.reading() as connection:
        return {one.handle: one.hash for one in waiting(connection)}


def roles_of(database, officer):
    return [
        (row["role"], row["valid_from"], row["valid_to"], row["clearance"])
        for row in rows(database, role_assignments, officer)
    ]


def kept(database, table):
    with database.reading() as connection:
        return connection.execute(select(table)).mappings().all()


def test_a_role_is_in_force_once_a_second_administrator_confirms_it(database, administrators):
    before = roles_of(database, OFFICER)
    assign_role(administrators["first"], OFFICER, GIVEN)
    assert (roles_of(database, OFFICER), kept(database, role_changes)) == (before, [])
    confirm_roles(administrators["second"], shown(database))

    assert roles_of(database, OFFICER) == [*before, ("body_signer", "2026-01-05", "2026-12-31", 1)]
    [done] = kept(database, role_changes)
    assert {**done, "handle": "x"} == {
        "handle": "x",
        "officer": OFFICER,
        "organisation": "thanh-tra",
        "role": "body_signer",
        "kind": "given",
        "value": "2026-01-05/2026-12-31/1",
        "done_by": "first",
        "session": "s-first",
        "at": "2026-01-05T02:00:00.000000Z",
        "confirmed_by": "second",
    }
    assert shown(database) == {}


def test_a_higher_clearance_waits_and_a_lower_one_does_not(database, administrators):
    held = Assignment(Role.BODY_OFFICER, "thanh-tra")
    told = [clear_officer(administrators["first"], definitions(), OFFICER, held, 2)]
    assert roles_of(database, OFFICER)[0][3] == 0
    confirm_roles(administrators["second"], shown(database))
    assert roles_of(database, OFFICER)[0][3] == 2
    told.append(clear_officer(administrators["first"], definitions(), OFFICER, held, 1))

    assert (told, roles_of(database, OFFICER)[0][3]) == ([False, True], 1)
    assert {(one["value"], one["confirmed_by"]) for one in kept(database, role_changes)} == {
        ("2", "second"),
        ("1", None),
    }


def test_neither_who_gave_it_nor_whose_it_is_says_yes_or_no(database, administrators):
    assign_role(administrators["first"], "second", GIVEN)
    waits = shown(database)
    for name in ("first", "second"):
        for deed in (confirm_roles, lambda *told: refuse_roles(*told, "Không.")):
            with pytest.raises(Unacceptable, match=OTHERS):
                deed(administrators[name], waits)
    with database.reading() as connection:
        counts = [count_waiting(connection, one.by) for one in administrators.values()]
    assert counts == [0, 0, 1]
    confirm_roles(administrators["third"], waits)
    assert [row[0] for row in roles_of(database, "second")] == ["administrator", "body_signer"]


def test_it_takes_a_fresh_proof_a_role_and_what_was_shown(database, administrators):
    assign_role(administrators["first"], OFFICER, GIVEN)
    second, waits = administrators["second"], shown(database)
    [handle] = waits
    for wrong in ("", "0" * 64):
        with pytest.raises(OutOfTurn, match="not what you were shown"):
            confirm_roles(second, {handle: wrong})
    for nothing in ({}, {"nothing": "0" * 64}, {**waits, "nothing": "0" * 64}):
        with pytest.raises(Unknown):
            confirm_roles(second, nothing)
    with pytest.raises(Forbidden):
        confirm_roles(replace(second, by=replace(second.by, role=Role.BOARD_HEAD)), waits)
    with pytest.raises(ProveAgain):
        confirm_roles(replace(second, proved_for=timedelta(0)), waits)
    with pytest.raises(Unacceptable, match="Say with --by"):
        confirm_roles(replace(second, by=None), waits)
    assert (shown(database), kept(database, role_answers)) == (waits, [])


def test_it_is_refused_with_a_sentence_that_the_first_can_read(database, administrators):
    assign_role(administrators["first"], OFFICER, GIVEN)
    before, waits = roles_of(database, OFFICER), shown(database)
    with pytest.raises(Unacceptable, match="Say why it is refused"):
        refuse_roles(administrators["second"], waits, "  ")
    refuse_roles(administrators["second"], waits, "Chưa có quyết định phân công.")
    for deed in (confirm_roles, lambda *told: refuse_roles(*told, "Không.")):
        with pytest.raises(OutOfTurn, match="has answered this already"):
            deed(administrators["third"], waits)

    assert (roles_of(database, OFFICER), shown(database)) == (before, {})
    with database.reading() as connection:
        [told] = officer_page(connection, OFFICER).changes
    assert (told.kind, told.by, told.second, told.sentence) == (
        "refused",
        "first",
        "second",
        "Chưa có quyết định phân công.",
    )
    assign_role(administrators["first"], OFFICER, GIVEN)  # it can be given anew
    assert len(shown(database)) == 1


def test_a_second_click_says_the_same_once_and_another_answer_is_refused(database, administrators):
    first, second = administrators["first"], administrators["second"]
    assign_role(first, OFFICER, GIVEN)
    waits = shown(database)
    for _ in range(2):
        refuse_roles(second, waits, "Không có quyết định.")
    for deed in (confirm_roles, lambda *told: refuse_roles(*told, "Không đúng người.")):
        with pytest.raises(OutOfTurn, match="has answered this already"):
            deed(second, waits)
    assign_role(first, OFFICER, GIVEN)
    again = shown(database)
    for _ in range(2):
        confirm_roles(second, again)
    with pytest.raises(OutOfTurn, match="has answered this already"):
        take_back_role(first, *again)
    later = replace(GIVEN, valid_from="2026-01-06")
    assign_role(first, OFFICER, later)
    [taken] = shown(database)
    for _ in range(2):
        take_back_role(first, taken)

    assert [row["kind"] for row in kept(database, role_answers)] == [
        "refused",
        "confirmed",
        "taken_back",
    ]
    assert len(kept(database, role_changes)) == 1


def test_a_role_that_would_be_over_already_is_not_given(database, administrators):
    over = replace(GIVEN, valid_from="2020-01-01", valid_to="2020-12-31")
    with pytest.raises(Unacceptable, match="would be over already") as refused:
        assign_role(administrators["first"], OFFICER, over)
    assert (refused.value.about, shown(database)) == ("valid_to", {})


def test_only_who_gave_it_takes_it_back_and_only_while_it_waits(database, administrators):
    assign_role(administrators["first"], OFFICER, GIVEN)
    [handle] = waits = shown(database)
    with pytest.raises(Unacceptable, match="Only whoever gave it"):
        take_back_role(administrators["second"], handle)
    take_back_role(administrators["first"], handle)
    with pytest.raises(OutOfTurn):
        confirm_roles(administrators["second"], waits)
    with database.reading() as connection:
        [told] = officer_page(connection, OFFICER).changes
    assert (told.kind, told.by, told.second) == ("taken_back", "first", None)


def test_the_same_is_given_once_while_it_waits_and_not_at_all_where_it_is_held(
    database, administrators
):
    assign_role(administrators["first"], OFFICER, GIVEN)
    for name in ("first", "second"):
        with pytest.raises(OutOfTurn, match="waits for a second administrator already"):
            assign_role(administrators[name], OFFICER, replace(GIVEN, clearance=3))
    with pytest.raises(OutOfTurn, match="has this role already"):
        assign_role(administrators["first"], OFFICER, Assignment(Role.BODY_OFFICER, "thanh-tra"))
    assert len(shown(database)) == 1


IMPOSSIBLE = {
    "The officer is let in no more.": lambda connection: connection.execute(
        update(officers).where(officers.c.handle == OFFICER).values(disabled_at="2026-01-05")
    ),
    "The organisation is over.": lambda connection: connection.execute(
        update(organisations).where(organisations.c.code == "so-y-te").values(valid_to="2026-01-04")
    ),
    "The officer has this already.": lambda connection: connection.execute(
        insert(role_assignments),
        {"officer": OFFICER, "organisation": "so-y-te", "role": "case_officer"},
    ),
}


@pytest.mark.parametrize("why", IMPOSSIBLE)
def test_what_has_become_impossible_is_named_and_of_several_none_is_in_force(
    database, administrators, why
):
    assign_role(administrators["first"], OFFICER, Assignment(Role.CASE_OFFICER, "so-y-te"))
    assign_role(administrators["first"], "third", GIVEN)
    with as_owner(database).writing() as connection:
        IMPOSSIBLE[why](connection)
    before, waits = roles_of(database, OFFICER), shown(database)
    with pytest.raises(OutOfTurn) as refusal:
        confirm_roles(administrators["second"], waits)

    told = dict(refusal.value.sentence.params)
    assert (told["name"], told["role"], str(told["why"])) == (OFFICER, Role.CASE_OFFICER, why)
    assert (roles_of(database, OFFICER), shown(database)) == (before, waits)


@pytest.mark.parametrize(
    ("by", "of"), [("first", "second"), ("second", "first")], ids=["confirms", "gave"]
)
def test_two_of_whom_one_was_given_their_password_by_the_other_are_one_hand(
    database, administrators, passwords, by, of
):
    """Whoever gave a password can come in with it before its owner does."""
    assign_role(administrators["first"], OFFICER, GIVEN)
    waits = shown(database)
    give_password(administrators[by], passwords, of)
    with database.writing() as connection:
        add_session(connection, "anew", of, "ban-to-chuc", Role.ADMINISTRATOR)
    hand = administrators["second"]
    if of == "second":
        hand = replace(hand, by=replace(hand.by, session="anew"))
    with pytest.raises(Unacceptable, match="so this would be one hand"):
        confirm_roles(hand, waits)
    assert shown(database) == waits
    confirm_roles(administrators["third"], waits)
    assert shown(database) == {}


def test_what_was_given_by_whoever_is_let_in_no_more_is_confirmed_no_more(database, administrators):
    assign_role(administrators["first"], OFFICER, GIVEN)
    with database.writing() as connection:
        connection.execute(
            update(officers).where(officers.c.handle == "first").values(disabled_at="x")
        )
    with pytest.raises(OutOfTurn, match="Whoever gave it is let in no more"):
        confirm_roles(administrators["second"], shown(database))
    refuse_roles(administrators["second"], shown(database), "Người giao đã thôi việc.")
    assert shown(database) == {}


def test_on_the_machine_itself_it_is_in_force_at_once(database, keeper, enter):
    handle = enter(assignments=())
    assign_role(keeper, handle, SIGNS)
    assert (len(roles_of(database, handle)), shown(database)) == (1, {})


def test_hundreds_are_listed_page_by_page_oldest_first(
    database, administrators, clock, monkeypatch
):
    monkeypatch.setattr("vetting.queries.waiting_roles.AT_ONCE", 2)
    for day in range(5):
        assign_role(
            administrators["first"], OFFICER, replace(GIVEN, valid_from=f"2026-02-0{day + 1}")
        )
        clock.go_on(seconds=1)
    found, after = [], None
    with database.reading() as connection:
        while True:
            page = waiting_roles(connection, administrators["second"].by, after)
            found.append([row.proposal.valid_from for row in page.rows])
            after = page.next
            if after is None:
                break
    assert found == [
        ["2026-02-01", "2026-02-02"],
        ["2026-02-03", "2026-02-04"],
        ["2026-02-05"],
    ]
