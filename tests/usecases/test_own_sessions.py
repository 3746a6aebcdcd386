"""Officers end their own sessions and change their own password; on both databases."""

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from threading import Barrier

import pytest

from tests.builders import definitions
from tests.usecases.conftest import PASSWORD, SIGNS, comes_in, is_in, rows
from vetting.engine.canonical import moment
from vetting.engine.refusals import OutOfTurn, Unacceptable, Unknown
from vetting.engine.vocabulary import Role
from vetting.queries.own_sessions import own_login, own_sessions
from vetting.records.officers import login_sessions, officers
from vetting.usecases.change_own_password import WrongPassword, change_own_password
from vetting.usecases.end_sessions import end_other_sessions, end_session
from vetting.usecases.keep_officers import Assignment, change_password
from vetting.usecases.leave import disable_officer, end_role
from vetting.usecases.sign_in import Attempt, NotRecognised, TooSoon, recall, switch_capacity

ANOTHER = "con trâu đứng ngắm mưa"
FILES = Assignment(Role.CASE_OFFICER, "so-y-te")


@pytest.fixture
def session_of(door, database):
    def session_of(entered):
        with database.reading() as connection:
            return recall(door, connection, entered.token)

    return session_of


@pytest.fixture
def listed(door, database, session_of):
    """Return the open sessions that whoever entered sees: mark and whether it is this one."""

    def listed(entered):
        now = door.ids.clock()
        with database.reading() as connection:
            found = own_sessions(
                connection,
                session_of(entered).principal,
                door.ids.today(),
                seen_since=moment(now - door.idle),
                began_since=moment(now - door.longest),
            )
        return [(one.mark, one.is_this) for one in found]

    return listed


@pytest.fixture
def switch(door, database, session_of):
    """Have whoever entered go on in a capacity."""

    def switch(entered, to):
        session = session_of(entered)
        with database.reading() as connection:
            token = switch_capacity(
                door, connection, session, entered.token, to.organisation, to.role
            )
        return replace(entered, token=token)

    return switch


@pytest.fixture
def mark_of(session_of):
    return lambda entered: session_of(entered).principal.session


@pytest.fixture
def change(door, database, session_of):
    """Change the password of whoever entered; only what a test is about is said."""

    def change(entered, password=ANOTHER, *, present=PASSWORD, login="an", door=door):
        attempt = Attempt(login, present, "10.0.0.1")
        with database.reading() as connection:
            token = change_own_password(door, connection, session_of(entered), attempt, password)
        return replace(entered, token=token)

    return change


def end(door, database, session, mark):
    with database.reading() as connection:
        end_session(door, connection, session, mark)


def test_whoever_has_one_session_sees_it(door, enter, listed, mark_of):
    enter()
    me = comes_in(door)

    assert listed(me) == [(mark_of(me), True)]


def test_this_session_comes_first_then_the_one_seen_last(door, enter, clock, listed, mark_of):
    enter("binh")
    enter()
    comes_in(door, "binh")
    first = comes_in(door)
    clock.go_on(minutes=5)
    second, third = comes_in(door), comes_in(door)
    clock.go_on(minutes=5)
    mark = mark_of(third)  # seen just now

    assert listed(first) == [
        (mark_of(first), True),
        (mark, False),
        (mark_of(second), False),
    ]


def test_what_opens_nothing_any_more_is_not_listed(door, enter, clock, listed, session_of):
    enter()
    idle, old = comes_in(door), comes_in(door)
    for _ in range(2):
        clock.go_on(hours=4, seconds=1)
        session_of(old)
    me = comes_in(door)
    assert (session_of(idle), len(listed(me))) == (None, 2)
    clock.go_on(hours=4)

    assert (session_of(old), len(listed(me))) == (None, 1)


def test_a_session_in_a_capacity_that_is_over_is_not_listed(
    door, database, keeper, enter, listed, switch
):
    handle = enter(assignments=(SIGNS, FILES))
    me, filing = switch(comes_in(door), SIGNS), switch(comes_in(door), FILES)
    assert len(listed(me)) == 2
    end_role(keeper, definitions(), handle, FILES, "2026-01-04")

    assert [is_this for _, is_this in listed(me)] == [True]
    assert not is_in(door, database, filing)


def test_one_other_session_is_ended_and_no_further(door, database, enter, session_of, mark_of):
    enter()
    me, other, third = comes_in(door), comes_in(door), comes_in(door)
    mark = mark_of(other)
    end(door, database, session_of(me), mark)
    end(door, database, session_of(me), mark)  # once more changes nothing

    assert [is_in(door, database, one) for one in (me, other, third)] == [True, False, True]


def test_when_a_session_ended_is_kept(door, database, enter, clock, session_of, mark_of):
    handle = enter()
    me, other = comes_in(door), comes_in(door)
    mark = mark_of(other)
    for _ in range(2):
        end(door, database, session_of(me), mark)
        clock.go_on(minutes=1)

    assert {row["mark"]: row["ended_at"] for row in rows(database, login_sessions, handle)} == {
        mark: "2026-01-05T02:00:00.000000Z",
        mark_of(me): None,
    }


def test_nobody_ends_anothers_session(door, database, enter, session_of, mark_of):
    enter()
    enter("binh")
    me, other = comes_in(door), comes_in(door, "binh")
    for mark in (mark_of(other), "x" * 22, ""):
        with pytest.raises(Unknown, match="You have no such session"):
            end(door, database, session_of(me), mark)

    assert is_in(door, database, other)


def test_ones_own_session_is_ended_by_signing_out(door, database, enter, session_of, mark_of):
    enter()
    me = comes_in(door)
    with pytest.raises(Unacceptable, match="Sign out to end it"):
        end(door, database, session_of(me), mark_of(me))

    assert is_in(door, database, me)


def test_all_others_end_at_once(door, database, enter, session_of):
    enter()
    enter("binh")
    me, *others = (comes_in(door) for _ in range(4))
    binh = comes_in(door, "binh")
    with database.reading() as connection:
        end_other_sessions(door, connection, session_of(me))

    assert [is_in(door, database, one) for one in (me, *others, binh)] == [
        True,
        False,
        False,
        False,
        True,
    ]


def test_the_log_in_is_that_of_whoever_asks(door, database, enter, session_of):
    enter("binh")
    enter("AN")
    me = session_of(comes_in(door)).principal
    with database.reading() as connection:
        assert own_login(connection, me) == "an"


# ------------------------------------------------------------------ one's own password


def test_with_another_password_this_session_goes_on_renewed_and_all_others_end(
    door,
    database,
    enter,
    change,
    session_of,
    mark_of,
):
    enter()
    me, other = comes_in(door), comes_in(door)
    before = session_of(me)
    renewed = change(me)

    assert [is_in(door, database, one) for one in (renewed, me, other)] == [True, False, False]
    assert session_of(renewed) == before
    with pytest.raises(NotRecognised):
        comes_in(door)
    assert is_in(door, database, comes_in(door, password=ANOTHER))
    assert mark_of(renewed) == before.principal.session


@pytest.mark.parametrize("password", ["matkhau123456", "nguyen van an 79", "x" * 11, PASSWORD])
def test_a_password_that_will_not_do_changes_nothing(
    door,
    database,
    enter,
    change,
    password,
):
    enter()
    me, other = comes_in(door), comes_in(door)
    with pytest.raises(Unacceptable):
        change(me, password)

    assert [is_in(door, database, one) for one in (me, other)] == [True, True]
    assert is_in(door, database, comes_in(door))


def test_without_the_present_password_nothing_changes(door, database, enter, change):
    enter()
    me, other = comes_in(door), comes_in(door)
    with pytest.raises(WrongPassword):
        change(me, present="mot-mat-khau-khac")

    assert [is_in(door, database, one) for one in (me, other)] == [True, True]
    assert is_in(door, database, comes_in(door))


def test_anothers_password_opens_nothing(door, enter, change):
    enter()
    enter("binh", password="mot-mat-khau-khac")
    with pytest.raises(WrongPassword):
        change(comes_in(door), login="binh", present="mot-mat-khau-khac")


def test_guesses_at_the_present_password_count_as_at_the_door(door, enter, clock, change):
    enter()
    me = comes_in(door)
    for _ in range(3):
        with pytest.raises(WrongPassword):
            change(me, present="a wrong password")
    with pytest.raises(TooSoon):
        change(me)
    with pytest.raises(TooSoon):
        comes_in(door)
    clock.go_on(seconds=1)
    me = change(me)

    for _ in range(3):  # a success clears the count
        with pytest.raises(NotRecognised):
            comes_in(door)
    with pytest.raises(TooSoon):
        comes_in(door)


@pytest.fixture(params=["another password", "let in no more"])
def end_all(request, keeper, passwords):
    """Do what ends all sessions of an officer."""

    def end_all(handle):
        if request.param == "another password":
            change_password(keeper, passwords, handle, "mot-mat-khau-khac")
        else:
            disable_officer(keeper, definitions(), handle)

    return end_all


def test_a_session_that_ended_in_the_meantime_changes_no_password(
    door, database, enter, change, end_all
):
    handle = enter()
    me, kept = comes_in(door), []

    def new_token():  # asked for after the present password was checked
        end_all(handle)
        kept.extend(rows(database, officers, handle))
        return "t" * 43

    with pytest.raises(OutOfTurn, match="ended in the meantime"):
        change(me, door=replace(door, new_token=new_token))

    assert rows(database, officers, handle) == kept != []


def test_no_capacity_is_taken_on_from_a_session_that_ended(
    door, database, enter, session_of, end_all
):
    handle = enter(assignments=(SIGNS, FILES))
    me = comes_in(door)
    session = session_of(me)
    end_all(handle)
    with database.reading() as connection, pytest.raises(OutOfTurn):
        switch_capacity(door, connection, session, me.token, "so-y-te", Role.CASE_OFFICER)

    assert [row["ended_at"] is None for row in rows(database, login_sessions, handle)] == [False]


def test_of_two_changes_at_once_one_holds(door, database, enter, session_of):
    enter()
    wanted = {comes_in(door): password for password in (ANOTHER, "bốn mươi hộp bút chì")}
    both_are_in = {entered: session_of(entered) for entered in wanted}
    barrier = Barrier(2)

    def try_it(entered):
        barrier.wait()
        attempt = Attempt("an", PASSWORD, "10.0.0.1")
        try:
            with database.reading() as connection:
                token = change_own_password(
                    door, connection, both_are_in[entered], attempt, wanted[entered]
                )
        except (OutOfTurn, WrongPassword):
            return None
        return replace(entered, token=token), wanted[entered]

    with ThreadPoolExecutor(2) as several:
        done = [it for it in several.map(try_it, wanted) if it]

    [(renewed, password)] = done
    assert [is_in(door, database, it) for it in (renewed, *wanted)] == [True, False, False]
    assert is_in(door, database, comes_in(door, password=password))
