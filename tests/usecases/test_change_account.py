"""Another password, name or log-in, and being let in again; on both databases."""

import random
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from itertools import cycle
from threading import Barrier, BrokenBarrierError

import pytest
from sqlalchemy import func, select

from tests.builders import as_served, definitions
from tests.usecases.conftest import comes_in, is_in, rows
from vetting.engine.names import sort_key
from vetting.engine.refusals import OutOfTurn, ProveAgain, Unacceptable, Unknown
from vetting.engine.vocabulary import Role
from vetting.records import sessions
from vetting.records.guessable_passwords import is_guessable
from vetting.records.officer_changes import officer_changes
from vetting.records.officers import officers, role_assignments
from vetting.usecases.change_account import (
    GivenBefore,
    drawn_password,
    give_password,
    let_in_again,
    rename_officer,
)
from vetting.usecases.change_own_password import change_own_password
from vetting.usecases.keep_officers import (
    Assignment,
    BadLogin,
    BadName,
    Keeper,
    LoginTaken,
    change_password,
)
from vetting.usecases.leave import disable_officer
from vetting.usecases.sign_in import Attempt, NotRecognised, recall

NOW = "2026-01-05T02:00:00.000000Z"


@pytest.fixture
def administrator(database, door, ids, enter):
    """An administrator in a session, who proved a moment ago that it is them."""
    enter("quantri", (Assignment(Role.ADMINISTRATOR, "ban-to-chuc"),), name="Lê Thị Cúc")
    entered = comes_in(door, "quantri")
    with database.reading() as connection:
        principal = recall(door, connection, entered.token).principal
    return Keeper(as_served(database), ids, principal)


def history(database, officer):
    return [(one["kind"], one["value"]) for one in rows(database, officer_changes, officer)]


def test_a_given_password_ends_every_session_and_asks_for_ones_own(
    door, database, administrator, passwords, enter
):
    handle = enter()
    before = comes_in(door)
    given = give_password(administrator, passwords, handle)

    assert not is_in(door, database, before)
    with pytest.raises(NotRecognised):
        comes_in(door)
    entered = comes_in(door, password=given)
    with database.reading() as connection:
        session = recall(door, connection, entered.token)
        assert session.password_given_at == NOW
        attempt = Attempt("an", given, "10.0.0.1")
        token = change_own_password(door, connection, session, attempt, "sáu hộp bút chì màu")
    with database.reading() as connection:
        assert recall(door, connection, token).password_given_at is None
    [_, change] = rows(database, officer_changes, handle)
    by = administrator.by
    assert change == {
        "handle": change["handle"],
        "officer": handle,
        "kind": "password",
        "value": "",
        "done_by": by.officer,
        "session": by.session,
        "at": NOW,
    }


def test_a_password_that_a_command_gives_is_given_too(database, keeper, passwords, enter):
    handle = enter()
    change_password(keeper, passwords, handle, "mot-mat-khau-khac")

    assert rows(database, officers, handle)[0]["password_given_at"] == NOW
    assert [(one["kind"], one["done_by"]) for one in rows(database, officer_changes, handle)] == [
        ("entered", None),
        ("password", None),
    ]


def test_drawn_passwords_are_long_unlike_each_other_and_never_guessable():
    lot = random.Random(38)  # noqa: S311  # to be drawn again
    drawn = {drawn_password(lot.choice, ("an", "Nguyễn Văn Ân")) for _ in range(40)}
    signs = cycle("ba" * 12 + "dotikugamisolenupahuvire")
    again = drawn_password(lambda _: next(signs), ())

    assert len(drawn) == 40
    assert {len(one) for one in drawn} == {27}
    assert not any(is_guessable(one) for one in drawn)
    assert again == "dotiku-gamiso-lenupa-huvire"  # the first was the same syllable twelve times


def test_who_is_let_in_again_has_their_roles_and_is_in_nobodys_browser(
    door, database, administrator, enter
):
    handle = enter()
    entered = comes_in(door)
    roles = rows(database, role_assignments, handle)
    disable_officer(administrator, definitions(), handle)
    disable_officer(administrator, definitions(), handle)  # once more changes nothing
    let_in_again(administrator, handle)

    assert not is_in(door, database, entered)
    assert is_in(door, database, comes_in(door))
    assert rows(database, role_assignments, handle) == roles
    assert history(database, handle) == [("entered", "an"), ("disabled", ""), ("let_in", "")]
    with pytest.raises(OutOfTurn, match="may sign in already"):
        let_in_again(administrator, handle)


def test_whoever_is_let_in_no_more_gets_a_password_that_waits_for_them(
    door, database, administrator, passwords, enter
):
    handle = enter()
    disable_officer(administrator, definitions(), handle)
    given = give_password(administrator, passwords, handle, key="form")
    with pytest.raises(GivenBefore):
        give_password(administrator, passwords, handle, key="form")
    with pytest.raises(NotRecognised):
        comes_in(door, password=given)
    let_in_again(administrator, handle)
    assert is_in(door, database, comes_in(door, password=given))


def test_another_name_and_log_in_are_kept_with_those_from_before(
    door, database, administrator, enter
):
    handle = enter()
    entered = comes_in(door)
    rename_officer(administrator, handle, "  Nguyễn  Văn Ấn", " An2 ")
    rename_officer(administrator, handle, "Nguyễn Văn Ấn", "an2")  # once more changes nothing

    [kept] = rows(database, officers, handle)
    assert (kept["name"], kept["login"]) == ("Nguyễn Văn Ấn", "an2")
    assert kept["sort_key"] == sort_key("Nguyễn Văn Ấn")
    assert is_in(door, database, entered)
    assert is_in(door, database, comes_in(door, "an2"))
    with pytest.raises(NotRecognised):
        comes_in(door, "an")
    assert history(database, handle)[1:] == [
        ("name", "Nguyễn Văn Ân\nNguyễn Văn Ấn"),
        ("login", "an\nan2"),
    ]


def test_a_name_that_is_none_and_a_log_in_of_another_change_nothing(database, administrator, enter):
    handle = enter()
    enter("binh")
    before = rows(database, officers, handle)
    for name, login, refusal in (
        ("Ân", "BINH", LoginTaken),
        ("Ân", "hai từ", BadLogin),
        (" ", "an", BadName),
    ):
        with pytest.raises(refusal):
            rename_officer(administrator, handle, name, login)

    assert rows(database, officers, handle) == before
    assert history(database, handle) == [("entered", "an")]


DEEDS = {
    "a password": give_password,
    "a name": lambda keeper, _, officer: rename_officer(keeper, officer, "Lê Thị Cúc", "cuc"),
    "a log-in again": lambda keeper, _, officer: let_in_again(keeper, officer),
}


@pytest.mark.parametrize("deed", DEEDS.values(), ids=DEEDS.keys())
def test_nobody_does_it_to_themself_unproven_or_to_nobody(
    database, clock, passwords, administrator, enter, deed
):
    mine = administrator.by.officer
    handle = enter()
    with pytest.raises(Unacceptable, match="withdrawn by another administrator"):
        deed(administrator, passwords, mine)
    with pytest.raises(Unknown):
        deed(administrator, passwords, "nobody")
    clock.go_on(minutes=6)
    with pytest.raises(ProveAgain):
        deed(administrator, passwords, handle)

    assert history(database, handle) == [("entered", "an")]
    assert history(database, mine) == [("entered", "quantri")]


def test_a_program_gets_neither_password_nor_name(keeper, passwords, enter):
    handle = enter(
        "chuong-trinh", (Assignment(Role.CASE_OFFICER, "so-y-te"),), password=None, robot=True
    )
    for deed in (DEEDS["a password"], DEEDS["a name"]):
        with pytest.raises(OutOfTurn, match="This is a program"):
            deed(keeper, passwords, handle)


@pytest.fixture
def two_administrators(database, door, ids, enter):
    """Two administrators, each in a session, proved a moment ago."""
    keepers = []
    for login in ("quantri", "quantri2"):
        enter(login, (Assignment(Role.ADMINISTRATOR, "ban-to-chuc"),), name="Lê Thị Cúc")
        with database.reading() as connection:
            principal = recall(door, connection, comes_in(door, login).token).principal
        keepers.append(Keeper(as_served(database), ids, principal))
    return keepers


TO_EACH_OTHER = {
    "a password": give_password,
    "no way in": lambda keeper, _, other: disable_officer(keeper, definitions(), other),
}


@pytest.mark.parametrize("do", TO_EACH_OTHER.values(), ids=TO_EACH_OTHER)
def test_of_two_administrators_who_end_each_others_sessions_at_once_one_is_refused(
    two_administrators, database, passwords, monkeypatch, do
):
    both_have = Barrier(2)
    end_all_of = sessions.end_all_of

    def end_and_wait(*given):
        end_all_of(*given)
        with suppress(BrokenBarrierError):  # where one waits for the other before that
            both_have.wait(1)

    monkeypatch.setattr(sessions, "end_all_of", end_and_wait)
    one, other = two_administrators

    def act(keeper, whom):
        try:
            do(keeper, passwords, whom.by.officer)
        except OutOfTurn:
            return "refused"
        return "done"

    with ThreadPoolExecutor(2) as pool:
        ends = sorted(pool.map(act, (one, other), (other, one)))

    assert ends == ["done", "refused"]
    with database.reading() as connection:
        assert (
            connection.scalar(
                select(func.count()).where(
                    officer_changes.c.kind.in_(("password", "disabled")),
                    officer_changes.c.officer.in_((one.by.officer, other.by.officer)),
                )
            )
            == 1
        )
