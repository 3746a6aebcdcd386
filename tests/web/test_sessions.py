"""Log-in sessions: how they begin, how long they last, and what ends them."""

from dataclasses import replace

import pytest
from sqlalchemy import select, update

from tests.builders import officer_of
from tests.web.browsing import Browser, text_of, the_form
from tests.web.conftest import PASSWORD
from vetting.engine.vocabulary import Role
from vetting.records.officers import login_sessions, officers, role_assignments
from vetting.web import create_app

ME = officer_of("thanh-tra", Role.BODY_SIGNER)


@pytest.fixture
def me(browser_of):
    return browser_of(Role.BODY_SIGNER)


@pytest.fixture
def kept(database):
    """Return the sessions that are kept, oldest first."""

    def kept():
        with database.reading() as connection:
            rows = connection.execute(
                select(login_sessions).order_by(login_sessions.c.began_at)
            ).mappings()
            return [dict(row) for row in rows]

    return kept


def is_in(browser):
    return browser.get("/help").status_code == 200


def test_the_token_is_random_and_only_its_hash_is_kept(me, kept):
    token = me.get_cookie("officer")
    [row] = kept()

    assert (len(token.value), token.http_only, token.same_site) == (43, True, "Strict")
    assert token.value not in str(row)
    assert row == {
        "token_hash": row["token_hash"],
        "mark": row["mark"],
        "officer": ME,
        "organisation": "thanh-tra",
        "role": "body_signer",
        "method": "password",
        "began_at": "2026-01-05T02:00:00.000000Z",
        "seen_at": "2026-01-05T02:00:00.000000Z",
        "ended_at": None,
        "proved_at": "2026-01-05T02:00:00.000000Z",
        "proved_with": "password",
        "on_behalf_of": None,
        "form": None,
        "own_role": None,
        "case_types": None,
        "address": "127.0.0.1",
        "device": "other/other",
    }
    assert (len(row["token_hash"]), len(row["mark"])) == (64, 22)


def test_every_sign_in_makes_a_token_of_its_own(browser_of):
    tokens = {browser_of(Role.BODY_SIGNER).get_cookie("officer").value for _ in range(3)}

    assert len(tokens) == 3


def test_a_token_from_outside_is_not_taken_over(app):
    browser = app.test_client()
    browser.set_cookie("officer", "a" * 43)
    browser.sign_in(ME, PASSWORD)

    assert browser.get_cookie("officer").value != "a" * 43


def test_a_session_idles_out(me, clock):
    clock.go_on(hours=8)
    assert is_in(me)
    clock.go_on(hours=8, seconds=1)

    assert not is_in(me)


def test_an_idle_session_stays_out(me, clock):
    clock.go_on(hours=8, seconds=1)
    assert not is_in(me)

    assert not is_in(me)


def test_a_session_in_use_ends_after_twelve_hours(me, clock):
    for _ in range(6):
        clock.go_on(hours=2)
        assert is_in(me)
    clock.go_on(seconds=1)

    assert not is_in(me)


def test_when_it_was_last_used_is_noted_at_most_once_a_minute(me, clock, kept):
    clock.go_on(seconds=60)
    is_in(me)
    assert kept()[0]["seen_at"] == "2026-01-05T02:00:00.000000Z"
    clock.go_on(seconds=1)
    is_in(me)

    assert kept()[0]["seen_at"] == "2026-01-05T02:01:01.000000Z"


@pytest.mark.usefixtures("database")
def test_the_idle_limit_is_a_setting(settings, ids, passwords, clock):
    app = create_app(replace(settings, idle_minutes=5), ids=ids, passwords=passwords)
    app.test_client_class = Browser
    browser = app.test_client()
    browser.sign_in(ME, PASSWORD)
    clock.go_on(minutes=5)
    assert is_in(browser)
    clock.go_on(minutes=5, seconds=1)

    assert not is_in(browser)


def test_signing_out_kills_the_token_at_once(me, app, kept):
    token = me.get_cookie("officer").value
    answer = me.send("/help", to="/sign-out")

    assert (answer.status_code, answer.location) == (303, "/sign-in")
    assert answer.headers["Clear-Site-Data"] == '"cache", "storage"'
    assert me.get_cookie("officer") is None
    assert kept()[0]["ended_at"] == "2026-01-05T02:00:00.000000Z"
    thief = app.test_client()
    thief.set_cookie("officer", token)
    assert not is_in(thief)


@pytest.mark.parametrize("token", ["", "a", "a" * 43, "ộ" * 30, "../x" * 20, "a" * 4_000, "'; --"])
def test_a_token_that_nobody_gave_out_opens_nothing(app, token):
    browser = app.test_client()
    browser.set_cookie("officer", token)

    assert not is_in(browser)


def test_a_disabled_officer_is_out_at_once(me, database):
    with database.writing() as connection:
        connection.execute(update(officers).values(disabled_at="2026-01-05T02:00:00.000000Z"))

    assert not is_in(me)


def test_a_role_takes_its_sessions_along_when_its_last_legal_day_is_over(
    browser_of, database, clock
):
    clock.go_on(hours=14)  # 23:00 where the officers are
    me = browser_of(Role.BODY_SIGNER)
    with database.writing() as connection:
        connection.execute(update(role_assignments).values(valid_to="2026-01-05"))
    clock.go_on(minutes=59)
    assert is_in(me)
    clock.go_on(minutes=1)

    assert not is_in(me)


def test_whoever_was_signed_out_is_told_so(me, clock):
    clock.go_on(hours=9)
    answer = me.get("/help", follow_redirects=True)

    assert "Your session has ended." in text_of(answer)
    assert me.get_cookie("officer") is None


@pytest.fixture
def two_roles(database, me):  # noqa: ARG001  # signed in before there was a second role
    """An officer who signs for one body and files for a unit."""
    with database.writing() as connection:
        connection.execute(
            role_assignments.insert(),
            {"officer": ME, "organisation": "so-y-te", "role": Role.CASE_OFFICER.value},
        )


def test_whoever_has_one_role_is_offered_no_other(me):
    assert "Change capacity" not in me.get("/help").text


@pytest.mark.usefixtures("two_roles")
def test_who_has_several_capacities_is_told_at_the_door_in_which_they_work(me, app):
    told = "You have other capacities: “Change capacity” at the top"
    assert told not in text_of(me.get("/help"))
    again = app.test_client()
    again.sign_in(ME, PASSWORD)
    page = again.get("/help")
    assert f"You work now as: Signer of a consulted body, Office thanh-tra. {told}" in text_of(page)
    assert "data-capacity" in page.text
    assert told not in text_of(again.get("/help"))


@pytest.mark.usefixtures("two_roles")
def test_an_officer_with_two_roles_works_in_one_and_can_change(me, kept):
    before = me.get_cookie("officer").value
    assert "Change capacity" in me.get("/help").text
    answer = me.send("/capacity", capacity="case_officer@so-y-te")

    assert (answer.status_code, answer.location) == (303, "/")
    assert "Case officer of a requesting unit, Office so-y-te" in text_of(me.get("/help"))
    old, new = sorted(kept(), key=lambda row: row["ended_at"] is None)
    assert (old["organisation"], old["ended_at"]) == ("thanh-tra", "2026-01-05T02:00:00.000000Z")
    assert (new["organisation"], new["role"], new["ended_at"]) == ("so-y-te", "case_officer", None)
    assert me.get_cookie("officer").value != before


@pytest.mark.usefixtures("two_roles")
def test_changing_capacity_does_not_prolong_the_day(me, clock):
    clock.go_on(hours=7)
    me.send("/capacity", capacity="case_officer@so-y-te")
    clock.go_on(hours=5, seconds=1)

    assert not is_in(me)


@pytest.mark.usefixtures("two_roles")
def test_a_form_of_one_capacity_is_not_taken_in_another(me):
    form = the_form(me.get("/capacity"), {"capacity"})
    me.send("/capacity", capacity="case_officer@so-y-te")
    answer = me.post("/capacity", data=form.filled)

    assert answer.status_code == 403


@pytest.mark.usefixtures("two_roles")
def test_the_capacity_of_last_time_comes_back(me, browser_of, clock):
    clock.go_on(minutes=5)
    me.send("/capacity", capacity="case_officer@so-y-te")
    clock.go_on(minutes=5)

    assert "Office so-y-te" in text_of(browser_of(Role.BODY_SIGNER).get("/help"))


@pytest.mark.parametrize(
    "capacity",
    ["supervisor@uy-ban-kiem-tra", "body_signer@thue", "body_officer@thanh-tra", "@", ""],
)
def test_nobody_takes_on_a_capacity_that_is_not_theirs(me, capacity, kept):
    answer = me.send("/capacity", capacity=capacity)

    assert answer.status_code == 422
    assert [(row["organisation"], row["role"]) for row in kept()] == [("thanh-tra", "body_signer")]


def test_what_was_typed_after_the_session_ended_is_shown_for_copying(me, clock):
    form = the_form(me.get("/help"), to="/language")
    clock.go_on(hours=9)
    answer = me.post(
        "/capacity", data={**form.filled, "capacity": "một câu dài", "password": "bí mật"}
    )

    assert answer.status_code == 401
    assert "một câu dài" in answer.text
    assert "bí mật" not in answer.text
