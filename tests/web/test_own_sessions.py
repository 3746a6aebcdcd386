"""The pages about one's own log-in sessions and password, and what ends sessions at once."""

import pytest
from sqlalchemy import select, update

from tests.builders import officer_of
from tests.web.browsing import forms_of, links_of, text_of, the_form
from tests.web.conftest import PASSWORD
from vetting.engine.vocabulary import Role
from vetting.records.officers import login_sessions, officers
from vetting.usecases.keep_officers import Assignment, Keeper, change_password
from vetting.usecases.leave import disable_officer, end_role

ME = officer_of("thanh-tra", Role.BODY_SIGNER)
ANOTHER = "con trâu đứng ngắm mưa"


@pytest.fixture
def me(browser_of):
    return browser_of(Role.BODY_SIGNER)


@pytest.fixture
def elsewhere(browser_of, me):  # noqa: ARG001  # signed in first
    return browser_of(Role.BODY_SIGNER)


@pytest.fixture
def marks_of(database):
    """Return the public marks of an officer's sessions."""

    def marks_of(officer):
        s = login_sessions.c
        with database.reading() as connection:
            return connection.scalars(
                select(s.mark).where(s.officer == officer, s.ended_at.is_(None))
            ).all()

    return marks_of


def is_in(browser):
    return browser.get("/help").status_code == 200


def ways_to_end(answer):
    """The addresses by which a page ends sessions."""
    return [form.action for form in forms_of(answer) if form.action.startswith("/sessions/")]


def change(browser, password=ANOTHER, *, present=PASSWORD, again=None):
    return browser.send(
        "/password",
        password=present,
        new_password=password,
        new_password_again=password if again is None else again,
    )


def test_the_page_is_one_step_from_everywhere(me):
    assert "/sessions" in links_of(me.get("/help"))
    assert "/password" in links_of(me.get("/sessions"))


def test_the_only_session_is_this_one_and_there_is_nothing_to_end(me):
    answer = me.get("/sessions")

    assert ways_to_end(answer) == []
    assert (
        "Signer of a consulted body, Office thanh-tra another browser on another system "
        "Address: 127.0.0.1 05/01/2026 09:00 Proved by: password 05/01/2026 09:00 This session"
    ) in text_of(answer)


def test_when_sessions_began_and_were_seen_stands_there(me, browser_of, clock):
    clock.go_on(minutes=30)
    browser_of(Role.BODY_SIGNER)
    clock.go_on(minutes=90)
    text = text_of(me.get("/sessions"))

    assert "05/01/2026 09:00 Proved by: password 05/01/2026 11:00 This session" in text
    assert (
        "05/01/2026 09:30 Proved by: password 05/01/2026 09:30 End it : the session that began "
        "05/01/2026 09:30" in text
    )


def test_no_token_and_no_hash_stands_on_the_page(me, elsewhere, database):
    page = me.get("/sessions").text
    with database.reading() as connection:
        hashes = connection.scalars(select(login_sessions.c.token_hash)).all()
    secrets = [*hashes, me.get_cookie("officer").value, elsewhere.get_cookie("officer").value]

    assert [secret for secret in secrets if secret in page] == []


def test_another_session_is_ended_and_its_next_request_refused(me, elsewhere):
    [address, _] = ways_to_end(me.get("/sessions"))
    answer = me.send("/sessions", to=address)

    assert (answer.status_code, answer.location) == (303, "/sessions")
    assert "The session has ended." in text_of(me.get("/sessions"))
    assert (is_in(me), is_in(elsewhere)) == (True, False)


def test_a_second_click_ends_nothing_more_and_is_no_fault(me, elsewhere):
    opened = me.get("/sessions")
    [address, _] = ways_to_end(opened)
    answers = [me.send_form(opened, to=address) for _ in range(2)]

    assert [(it.status_code, it.location) for it in answers] == [(303, "/sessions")] * 2
    assert (is_in(me), is_in(elsewhere)) == (True, False)


def test_all_others_are_ended_at_once(me, browser_of):
    others = [browser_of(Role.BODY_SIGNER) for _ in range(3)]
    stranger = browser_of(Role.BODY_OFFICER)
    answer = me.send("/sessions", to="/sessions/end-others")

    assert (answer.status_code, answer.location) == (303, "/sessions")
    assert [is_in(one) for one in others] == [False, False, False]
    assert (is_in(me), is_in(stranger)) == (True, True)
    assert ways_to_end(me.get("/sessions")) == []


def test_anothers_mark_is_nothing_that_is_there(me, elsewhere, browser_of, marks_of):
    stranger = browser_of(Role.BODY_OFFICER)
    opened = me.get("/sessions")
    [address, _] = ways_to_end(opened)
    filled = the_form(opened, to=address).filled
    [theirs] = marks_of(officer_of("thanh-tra", Role.BODY_OFFICER))
    answers = [me.post(f"/sessions/{mark}/end", data=filled) for mark in (theirs, "x" * 22)]

    assert [answer.status_code for answer in answers] == [404, 404]
    assert (is_in(stranger), is_in(elsewhere)) == (True, True)


def test_this_session_is_ended_by_signing_out_only(me, elsewhere, marks_of):
    opened = elsewhere.get("/sessions")
    [address, _] = ways_to_end(opened)
    filled = the_form(opened, to=address).filled
    [mine] = set(marks_of(ME)) - {address.split("/")[2]}
    answer = elsewhere.post(f"/sessions/{mine}/end", data=filled)

    assert answer.status_code == 422
    assert "Sign out to end it." in text_of(answer)
    assert (is_in(me), is_in(elsewhere)) == (True, True)


def test_a_form_without_its_key_ends_nothing(me, elsewhere):
    opened = me.get("/sessions")
    for address in ways_to_end(opened):
        token = the_form(opened, to=address).filled["csrf_token"]
        assert me.post(address, data={"csrf_token": token}).status_code == 422

    assert is_in(elsewhere)


# ------------------------------------------------------------------ one's own password


def test_a_changed_password_goes_on_here_and_ends_all_others(me, elsewhere, app):
    before = me.get_cookie("officer").value
    answer = change(me)

    assert (answer.status_code, answer.location) == (303, "/sessions")
    assert "Your password is changed." in text_of(me.get("/sessions"))
    assert (is_in(me), is_in(elsewhere)) == (True, False)
    thief = app.test_client()
    thief.set_cookie("officer", before)
    assert not is_in(thief)
    assert app.test_client().sign_in(ME, PASSWORD).status_code == 422
    assert app.test_client().sign_in(ME, ANOTHER).status_code == 303


WRONG = {
    "the present password is not right": (
        {"present": "a wrong password"},
        "Present password: Your present password is not right.",
    ),
    "no present password": ({"present": ""}, "Present password: Write your present password."),
    "a slip of the finger": ({"again": "con trâu đứng ngắm mây"}, "This is not the same"),
    "too short": ({"password": "ngắn quá"}, "Field must be between 12 and 256 characters long."),
    "a common one": (
        {"password": "Mật khẩu 2026!"},
        "New password: This password is easy to guess.",
    ),
    "ones own name": ({"password": f"{ME} 2026"}, "This password is easy to guess."),
    "the present one": (
        {"password": PASSWORD},
        "New password: Choose a password other than the present one.",
    ),
}


@pytest.mark.parametrize(("told", "words"), WRONG.values(), ids=WRONG.keys())
def test_what_is_wrong_is_said_and_nothing_changes(me, elsewhere, database, told, words):
    def kept():
        with database.reading() as connection:
            return connection.scalar(select(officers.c.password_hash).where(officers.c.login == ME))

    before = kept()
    answer = change(me, **told)

    assert answer.status_code == 422
    assert words in text_of(answer)
    assert kept() == before
    assert (is_in(me), is_in(elsewhere)) == (True, True)


def test_no_password_comes_back_on_the_page(me):
    answer = change(me, "Mật khẩu 2026!", present="a wrong password")

    assert "Mật khẩu 2026!" not in answer.text
    assert "a wrong password" not in answer.text


def test_no_password_is_shown_for_copying_after_the_session_ended(me, clock):
    opened = me.get("/password")
    clock.go_on(hours=9)
    answer = me.send_form(
        opened, password=PASSWORD, new_password=ANOTHER, new_password_again=ANOTHER
    )

    assert answer.status_code == 401
    assert PASSWORD not in answer.text
    assert ANOTHER not in answer.text


def test_guessing_the_present_password_becomes_slower(me, clock):
    answers = [change(me, present="a wrong password") for _ in range(4)]

    assert [answer.status_code for answer in answers] == [422, 422, 422, 429]
    assert answers[-1].headers["Retry-After"] == "1"
    assert change(me).status_code == 429
    clock.go_on(seconds=1)
    assert change(me).status_code == 303


def test_the_administrator_gives_no_guessable_password(browser_of):
    answer = browser_of(Role.ADMINISTRATOR).send(
        "/officers/new",
        name="Thiều Thị Quyên",
        login="quyen",
        password="ThieuThiQuyen1979",
        organisation="thanh-tra",
        role="body_officer",
    )

    assert answer.status_code == 422
    assert "This password is easy to guess." in text_of(answer)
    assert "ThieuThiQuyen1979" not in answer.text


# ------------------------------------------------------------------ what ends sessions at once

ENDS_ALL = {
    "let in no more": lambda kept: disable_officer(
        Keeper(kept.database, kept.ids, by=None), kept.definitions, ME
    ),
    "given another password": lambda kept: change_password(
        Keeper(kept.database, kept.ids, by=None), kept.door.passwords, ME, ANOTHER
    ),
    "role ended": lambda kept: end_role(
        Keeper(kept.database, kept.ids, by=None),
        kept.definitions,
        ME,
        Assignment(Role.BODY_SIGNER, "thanh-tra"),
        "2026-01-04",
    ),
}


@pytest.mark.parametrize("ends", ENDS_ALL.values(), ids=ENDS_ALL.keys())
def test_the_next_request_of_every_open_session_is_refused(app, browser_of, ends):
    mine = [browser_of(Role.BODY_SIGNER) for _ in range(3)]
    stranger = browser_of(Role.BODY_OFFICER)
    forms = [the_form(one.get("/help"), to="/language").filled for one in mine]
    ends(app.extensions["vetting"])
    asked = [one.get("/help") for one in mine[:2]]
    sent = mine[2].post("/sessions/end-others", data=forms[2])

    assert [answer.location for answer in asked] == ["/sign-in?next=/help"] * 2
    assert sent.status_code == 401
    assert is_in(stranger)


def test_an_act_that_was_under_way_is_not_done_for_an_ended_session(
    app, browser_of, cast, monkeypatch
):
    case = cast.filed()
    head, kept = browser_of(Role.BOARD_HEAD), app.extensions["vetting"]

    def meanwhile(_content):
        with kept.database.writing() as connection:
            connection.execute(update(login_sessions).values(ended_at=kept.ids.now()))

    form = the_form(head.get(f"/cases/{case}/take-up")).filled
    monkeypatch.setattr("vetting.usecases.desk.refuse_unwritable", meanwhile)
    answer = head.post(f"/cases/{case}/take-up", data=form)
    assert answer.status_code == 409
    assert "Your session has ended in the meantime." in text_of(answer)


def test_an_administrator_whose_session_has_ended_meanwhile_keeps_no_officers(
    app, browser_of, monkeypatch
):
    kept = app.extensions["vetting"]

    def meanwhile(connection, _officer, at):
        connection.execute(update(login_sessions).values(ended_at=at))

    monkeypatch.setattr("vetting.records.sessions.end_all_of", meanwhile)
    answer = browser_of(Role.ADMINISTRATOR).send(f"/officers/{ME}/disable")
    assert answer.status_code == 409
    with kept.database.reading() as connection:
        assert (
            connection.scalar(select(officers.c.disabled_at).where(officers.c.handle == ME)) is None
        )
