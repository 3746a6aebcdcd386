"""Roles that end and officers who leave: never so that open steps are left to nobody.

What somebody who leaves had in hand goes back to their body.
"""

from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy import select, update

from tests.builders import (
    Cast,
    add_officer,
    add_session,
    as_served,
    definitions,
    officer_of,
    opinion,
    proved,
    sent,
)
from vetting.engine.policy import Principal
from vetting.engine.refusals import OutOfTurn, Unacceptable
from vetting.engine.staffing import Duty
from vetting.engine.vocabulary import Role
from vetting.queries.held_by import Holding, held_by
from vetting.queries.officer_list import officer_page
from vetting.records import tallies
from vetting.records.consultations import consultations
from vetting.records.history import entries
from vetting.records.officers import officers, role_assignments
from vetting.records.rebuild import compare
from vetting.records.role_proposals import waiting
from vetting.records.stranding import Stranding
from vetting.usecases.confirm_roles import confirm_roles
from vetting.usecases.draft_opinion import draft_opinion
from vetting.usecases.keep_officers import (
    Assignment,
    Keeper,
    assign_role,
    change_password,
    reset_factors,
)
from vetting.usecases.leave import clear_officer, disable_officer, end_role
from vetting.usecases.receive_consultation import assign_consultations, receive_consultations
from vetting.usecases.restrict_case import restrict_case

BODY = "thanh-tra"
SIGNER, DRAFTER = officer_of(BODY, Role.BODY_SIGNER), officer_of(BODY, Role.BODY_OFFICER)
SIGNS = Assignment(Role.BODY_SIGNER, BODY)


@pytest.fixture
def cast(database):
    return Cast(database)


def last_day_of(database, officer):
    a = role_assignments.c
    with database.reading() as connection:
        return connection.scalar(select(a.valid_to).where(a.officer == officer))


def is_let_in(database, officer):
    o = officers.c
    with database.reading() as connection:
        return connection.scalar(select(o.disabled_at).where(o.handle == officer)) is None


def test_the_only_signer_is_not_let_go_while_an_opinion_is_open(database, keeper, cast):
    cast.consulting()
    with pytest.raises(Stranding) as refusal:
        disable_officer(keeper, definitions(), SIGNER)
    assert [(s.duty, s.organisation) for s in refusal.value.steps] == [(Duty.SIGN, BODY)]
    assert is_let_in(database, SIGNER)
    with database.writing() as connection:
        add_officer(connection, "bình", BODY, Role.BODY_SIGNER)
    disable_officer(keeper, definitions(), SIGNER)
    assert not is_let_in(database, SIGNER)


def test_a_role_does_not_end_on_a_day_after_which_nobody_could_sign(database, keeper, cast):
    cast.consulting()
    with pytest.raises(Stranding) as refusal:
        end_role(keeper, definitions(), SIGNER, SIGNS, "2026-01-20")
    assert [step.day for step in refusal.value.steps] == ["2026-01-21"]
    assert last_day_of(database, SIGNER) is None
    with database.writing() as connection:
        add_officer(connection, "bình", BODY, Role.BODY_SIGNER)
    end_role(keeper, definitions(), SIGNER, SIGNS, "2026-01-20")
    assert last_day_of(database, SIGNER) == "2026-01-20"


def test_a_role_may_end_at_the_end_of_time_and_on_no_day_that_is_none(database, keeper, cast):
    cast.consulting()
    for none in ("", " ", "2026-02-30", "0001-01-01"):
        with pytest.raises(Unacceptable):
            end_role(keeper, definitions(), SIGNER, SIGNS, none)
    end_role(keeper, definitions(), SIGNER, SIGNS, "9999-12-31")
    assert last_day_of(database, SIGNER) == "9999-12-31"


def test_what_whoever_leaves_still_holds_is_told_by_body(database, cast):
    ready, asked = cast.consulting(), cast.consulting(name="Lê Văn Bình")
    cast.ready(ready, cast.asked(ready)[BODY], BODY)
    assert asked
    with database.reading() as connection:
        assert held_by(connection, DRAFTER) == []  # it waits for its signature
        assert held_by(connection, SIGNER) == []


@pytest.fixture
def administrator(database, ids):
    """An administrator who has proved who they are, keeping officers."""
    with database.writing() as connection:
        add_officer(connection, "admin", "ban-to-chuc", Role.ADMINISTRATOR)
        add_session(connection, "s-admin", "admin", "ban-to-chuc", Role.ADMINISTRATOR)
    me = proved(Principal("admin", "admin", Role.ADMINISTRATOR, "ban-to-chuc", "s-admin"))
    return Keeper(as_served(database), ids, me, timedelta(days=10_000))


@pytest.fixture
def in_hand(database, cast):
    """One question given to the officer, one drafted by them, and one that waits to be signed."""
    cases = [cast.consulting(name=name) for name in ("Lê Văn Bình", "Trần Thị Cúc", "Võ Văn Ân")]
    given, drafted, ready = (cast.asked(case)[BODY] for case in cases)
    receive_consultations(cast.drafter(BODY), sent(), [given])
    assign_consultations(cast.signer(BODY), sent(), [given], DRAFTER)
    draft_opinion(cast.drafter(BODY), sent(), drafted, opinion())
    cast.ready(cases[2], ready, BODY)
    with database.writing() as connection:
        add_officer(connection, "bình", BODY, Role.BODY_OFFICER)
    return given, drafted, ready


def stands(database, handle):
    c = consultations.c
    with database.reading() as connection:
        return tuple(
            connection.execute(
                select(c.state, c.officer, c.draft_by).where(c.handle == handle)
            ).one()
        )


def test_what_somebody_who_leaves_has_in_hand_goes_back_to_the_bodys_queue(
    database, administrator, in_hand
):
    with database.reading() as connection:
        assert held_by(connection, DRAFTER) == [Holding(BODY, 2, 1)]

    disable_officer(administrator, definitions(), DRAFTER)

    assert [stands(database, one) for one in in_hand] == [
        ("received", None, None),
        ("received", None, None),
        ("ready", DRAFTER, DRAFTER),
    ]
    e = entries.c
    with database.reading() as connection:
        assert tallies.waiting_at(connection, BODY) == {
            ("", "received"): 2,
            (DRAFTER, "ready"): 1,
        }
        by = select(e.officer, e.role).where(e.verb == "consultation.released")
        assert connection.execute(by).all() == [("admin", "administrator")] * 2
        assert list(compare(connection)) == []
        assert held_by(connection, DRAFTER) == []


def test_a_role_that_is_over_gives_back_what_was_in_hand_and_a_later_last_day_does_not(
    database, administrator, in_hand
):
    drafts = Assignment(Role.BODY_OFFICER, BODY)
    end_role(administrator, definitions(), DRAFTER, drafts, "2026-01-20")
    assert stands(database, in_hand[1]) == ("drafting", DRAFTER, DRAFTER)

    end_role(administrator, definitions(), DRAFTER, drafts, "2026-01-05")
    assert stands(database, in_hand[1]) == ("received", None, None)


def test_nothing_goes_back_where_the_officer_goes_on_answering_for_the_body(
    database, administrator, in_hand
):
    with database.writing() as connection:
        connection.execute(
            role_assignments.insert(),
            {"officer": DRAFTER, "organisation": BODY, "role": Role.BODY_SIGNER.value},
        )
    drafts = Assignment(Role.BODY_OFFICER, BODY)
    end_role(administrator, definitions(), DRAFTER, drafts, "2026-01-05")

    assert stands(database, in_hand[1]) == ("drafting", DRAFTER, DRAFTER)


def test_a_command_gives_nothing_back_in_nobodys_name(database, keeper, in_hand):
    with pytest.raises(OutOfTurn, match="Say with --by"):
        disable_officer(keeper, definitions(), DRAFTER)
    assert is_let_in(database, DRAFTER)
    assert stands(database, in_hand[1]) == ("drafting", DRAFTER, DRAFTER)


# --- cleared for less


@pytest.fixture
def kept(database, cast):
    """A case of the second level, for which all who work on it are cleared."""
    case = cast.consulting()
    with database.writing() as connection:
        connection.execute(update(role_assignments).values(clearance=2))
    head = replace(cast.head, principal=replace(cast.head.principal, clearance=2))
    restrict_case(head, sent(), case, 2)
    return case


def level_of(database, officer):
    a = role_assignments.c
    with database.reading() as connection:
        return connection.scalar(select(a.clearance).where(a.officer == officer))


def test_the_only_signer_is_not_cleared_for_less_while_a_restricted_opinion_is_open(
    database, keeper, kept
):
    with pytest.raises(Stranding) as refusal:
        clear_officer(keeper, definitions(), SIGNER, SIGNS, 1)
    assert [(s.duty, s.case) for s in refusal.value.steps] == [(Duty.SIGN, kept)]
    assert level_of(database, SIGNER) == 2
    with database.writing() as connection:
        add_officer(connection, "bình", BODY, Role.BODY_SIGNER)
        connection.execute(
            update(role_assignments).where(role_assignments.c.officer == "bình").values(clearance=2)
        )
    clear_officer(keeper, definitions(), SIGNER, SIGNS, 1)
    assert level_of(database, SIGNER) == 1


@pytest.mark.usefixtures("kept")
def test_who_could_take_the_step_over_is_a_cleared_colleague_without_the_role(database, keeper):
    with database.writing() as connection:
        add_officer(connection, "bình", BODY, Role.BODY_OFFICER)
        add_officer(connection, "cúc", BODY, Role.BODY_OFFICER)
        connection.execute(
            update(role_assignments).where(role_assignments.c.officer == "bình").values(clearance=3)
        )
    with pytest.raises(Stranding) as refusal:
        clear_officer(keeper, definitions(), SIGNER, SIGNS, 0)
    assert [step.could for step in refusal.value.steps] == [("bình", DRAFTER)]


@pytest.mark.usefixtures("kept")
@pytest.mark.parametrize(
    ("officer", "role", "level"),
    [(SIGNER, SIGNS, 2), (SIGNER, SIGNS, 3)],
)
def test_whoever_stays_cleared_enough_is_asked_nothing(database, keeper, officer, role, level):
    clear_officer(keeper, definitions(), officer, role, level)

    assert level_of(database, officer) == level


def test_whom_no_restricted_case_needs_is_cleared_for_less(database, keeper, cast):
    cast.consulting()
    clear_officer(keeper, definitions(), SIGNER, SIGNS, 0)

    assert level_of(database, SIGNER) == 0


# --- nobody to themself


def acts_on(officer, passwords):
    """Everything that an administrator does to what an officer may do."""
    gives = Assignment(Role.BOARD_HEAD, "ban-to-chuc", clearance=3)
    own = Assignment(Role.ADMINISTRATOR, "ban-to-chuc")
    return {
        "gives a role": lambda keeper: assign_role(keeper, officer, gives),
        "clears": lambda keeper: clear_officer(keeper, definitions(), officer, own, 3),
        "ends a role": lambda keeper: end_role(keeper, definitions(), officer, own, "2026-01-20"),
        "lets in no more": lambda keeper: disable_officer(keeper, definitions(), officer),
        "takes factors off": lambda keeper: reset_factors(keeper, officer),
        "gives a password": lambda keeper: change_password(
            keeper, passwords, officer, "con trâu đứng ngắm mưa"
        ),
    }


@pytest.mark.parametrize("at_the_command_line", [False, True])
def test_nobody_changes_what_they_may_do_themself(
    database, administrator, passwords, at_the_command_line
):
    keeper = administrator
    if at_the_command_line:
        keeper = replace(keeper, by=None, named=keeper.by)
    for what, act in acts_on("admin", passwords).items():
        with pytest.raises(Unacceptable, match="withdrawn by another administrator"):
            act(keeper)
        assert what

    a = role_assignments.c
    with database.reading() as connection:
        held = connection.execute(
            select(a.role, a.clearance, a.valid_to).where(a.officer == "admin")
        )
        assert held.all() == [("administrator", 0, None)]
        assert is_let_in(database, "admin")


def test_who_changed_a_role_is_kept(database, administrator, keeper):
    given = Assignment(Role.BODY_OFFICER, BODY, "2026-01-05", "2026-12-31", 1)
    with database.writing() as connection:
        add_officer(connection, "second", "ban-to-chuc", Role.ADMINISTRATOR)
    assign_role(administrator, SIGNER, given)
    with database.reading() as connection:
        [waits] = waiting(connection)
    by = replace(administrator.by, officer="second", name="second")
    confirm_roles(replace(keeper, named=by), {waits.handle: waits.hash})
    clear_officer(keeper, definitions(), SIGNER, given, 2)
    end_role(administrator, definitions(), SIGNER, given, "2026-02-01")

    with database.reading() as connection:
        told = officer_page(connection, SIGNER).changes
    assert sorted(
        (one.kind, one.valid_from, one.last_day, one.level, one.by, one.second) for one in told
    ) == [
        ("cleared", None, None, 2, None, None),
        ("ended", None, "2026-02-01", 0, "admin", None),
        ("given", "2026-01-05", "2026-12-31", 1, "admin", "second"),
    ]
