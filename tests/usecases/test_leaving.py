"""Roles that end and officers who leave: never so that open steps are left to nobody.

What somebody who leaves had in hand goes back to their body.
"""

from datetime import timedelta

import pytest
from sqlalchemy import select

from tests.builders import Cast, add_officer, definitions, officer_of, opinion, proved, sent
from vetting.engine.policy import Principal
from vetting.engine.refusals import OutOfTurn
from vetting.engine.staffing import Duty
from vetting.engine.vocabulary import Role
from vetting.queries.held_by import Holding, held_by
from vetting.records import tallies
from vetting.records.consultations import consultations
from vetting.records.history import entries
from vetting.records.officers import officers, role_assignments
from vetting.records.rebuild import compare
from vetting.records.stranding import Stranding
from vetting.usecases.draft_opinion import draft_opinion
from vetting.usecases.keep_officers import Assignment, Keeper, disable_officer, end_role
from vetting.usecases.receive_consultation import assign_consultations, receive_consultations

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
    me = proved(Principal("admin", "admin", Role.ADMINISTRATOR, "ban-to-chuc", "s-admin"))
    return Keeper(database, ids, me, timedelta(days=10_000))


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
