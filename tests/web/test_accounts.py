"""An officer's account on the administrator's pages: password, name, log-in, clearance, let in."""

import html
import re

import pytest
from sqlalchemy import insert, select, update

from tests.builders import add_officer, as_owner, officer_of, sent
from tests.web.browsing import links_of, text_of, the_form
from tests.web.conftest import PASSWORD, confirm_all
from tests.web.test_restriction import clear, cleared, everybody
from vetting.engine.vocabulary import Role
from vetting.records.officer_changes import officer_changes
from vetting.records.officers import login_sessions, officers
from vetting.records.organisations import organisations, successions
from vetting.usecases.restrict_case import restrict_case

SIGNER = officer_of("thanh-tra", Role.BODY_SIGNER)
OTHER = officer_of("thanh-tra", Role.BODY_OFFICER)
ME = officer_of("ban-to-chuc", Role.ADMINISTRATOR)
PAGE = f"/officers/{SIGNER}"
OWN = "sáu hộp bút chì màu"


@pytest.fixture
def administrator(browser_of):
    return browser_of(Role.ADMINISTRATOR)


def given_by(administrator):
    """Give the signer a new password, and read it from the page that shows it once."""
    answer = administrator.send(f"{PAGE}/password")
    assert answer.status_code == 200
    return re.search(r"<code class=\"key\">([a-z-]{27})</code>", answer.text)[1]


def come_in(app, password, login=SIGNER):
    browser = app.test_client()
    browser.set_cookie("language", "en")
    return browser, browser.sign_in(login, password)


def test_a_given_password_opens_nothing_but_the_choice_of_ones_own(app, administrator, browser_of):
    before = browser_of(Role.BODY_SIGNER)
    given = given_by(administrator)

    assert given not in administrator.get(PAGE).text
    assert "not replaced yet" in text_of(administrator.get(PAGE))
    assert before.get("/to-sign").location.startswith("/sign-in")
    assert come_in(app, PASSWORD)[1].status_code == 422
    browser, answer = come_in(app, given)
    assert answer.location == "/"
    for page in ("/", "/to-sign", "/help", "/sessions", "/capacity", "/second-factor"):
        led = browser.get(page)
        assert (led.status_code, led.location) == (303, "/password"), page
    page = browser.get("/password")
    assert "You came in with a password that somebody else gave you" in text_of(page)
    assert {link for link in links_of(page) if link.startswith("/")} == {"/"}
    refused = browser.post("/absences/new", data={"csrf_token": "x"})
    assert (refused.status_code, "Choose a password of your own first" in text_of(refused)) == (
        403,
        True,
    )
    same = browser.send("/password", password=given, new_password=given, new_password_again=given)
    assert (same.status_code, browser.get("/help").status_code) == (422, 303)
    chosen = browser.send("/password", password=given, new_password=OWN, new_password_again=OWN)
    assert (chosen.status_code, browser.get("/help").status_code) == (303, 200)
    assert "not replaced yet" not in text_of(administrator.get(PAGE))


def test_whoever_has_only_a_given_password_may_go_out_and_read_in_another_language(
    app, administrator
):
    browser, _ = come_in(app, given_by(administrator))
    page = browser.get("/password")
    assert browser.send_form(page, to="/language", language="vi").status_code == 303
    assert "mật khẩu riêng" in text_of(browser.get("/password"))
    assert browser.send_form(browser.get("/password"), to="/sign-out").location == "/sign-in"


def test_a_session_of_another_door_is_not_asked_for_a_password(administrator, database, browser_of):
    signer = browser_of(Role.BODY_SIGNER)
    with database.writing() as connection:
        s = login_sessions.c
        connection.execute(update(login_sessions).where(s.officer == SIGNER).values(method="oidc"))
        connection.execute(update(officers).values(password_given_at="2026-01-05"))
    assert signer.get("/help").status_code == 200
    assert administrator.get("/help").location == "/password"


def test_each_change_asks_again_who_it_is(administrator, second, clock, database):
    for way, answers in (
        ("password", {}),
        ("name", {"name": "Trần Văn Bé", "login": "be"}),
        ("roles/clearance", {"role": "body_signer thanh-tra ", "level": "1"}),
    ):
        clock.go_on(minutes=6)
        question = administrator.send(f"{PAGE}/{way}", **answers)
        assert (way, question.status_code) == (way, 401)
        with database.reading() as connection:
            found = select(officer_changes.c.kind).where(officer_changes.c.kind == way)
            assert connection.execute(found).all() == []
        done = administrator.send_form(question, proof_password=PASSWORD)
        assert (way, done.status_code) == (way, 200 if way == "password" else 303)
    clock.go_on(minutes=6)
    waits = second.get("/role-proposals")
    [shown] = re.findall(r'name="given"\s+value="([^"]+)"', waits.text)
    question = second.send_form(waits, to="/role-proposals/confirm", given=[shown])
    assert question.status_code == 401
    assert "cleared: Level 1" not in text_of(administrator.get(PAGE))
    assert second.send_form(question, proof_password=PASSWORD).status_code == 303
    page = text_of(administrator.get(PAGE))
    assert "log-in changed from" in page
    assert f"cleared: Level 1 {ME} {officer_of('ban-to-chuc', Role.ADMINISTRATOR, 2)}" in page


def test_a_name_and_a_log_in_are_changed_and_a_clash_stands_beside_its_field(administrator):
    page = administrator.get(f"{PAGE}/name")
    clash = administrator.send_form(page, name="Trần Văn Bé", login=OTHER.upper())
    assert clash.status_code == 409
    assert 'aria-describedby="login-hint login-error"' in clash.text
    assert 'value="Trần Văn Bé"' in clash.text
    assert "Another officer has this log-in" in text_of(clash)
    assert administrator.send(f"{PAGE}/name", name=" ", login="be").status_code == 422
    assert administrator.send_form(clash, login="be").location == PAGE
    shown = text_of(administrator.get(PAGE))
    assert f"log-in changed from “{SIGNER}” to “be”" in shown
    assert "to “Trần Văn Bé”" in shown
    assert "be" in text_of(administrator.get("/officers?q=tran+van+be"))


def test_whoever_was_let_in_no_more_is_let_in_again(app, administrator, database):
    with database.writing() as connection:
        connection.execute(
            update(officers).where(officers.c.handle == SIGNER).values(disabled_at="2026-01-04")
        )
    assert come_in(app, PASSWORD)[1].status_code == 422
    assert f"{PAGE}/let-in" in links_of(administrator.get(PAGE))
    told = text_of(administrator.get(f"{PAGE}/let-in"))
    assert "These roles have not ended and count again at once" in told
    assert administrator.send(f"{PAGE}/let-in").location == PAGE
    assert come_in(app, PASSWORD)[1].status_code == 303
    assert "let in again" in text_of(administrator.get(PAGE))
    again = administrator.send(f"{PAGE}/let-in")
    assert (again.status_code, "may sign in already" in text_of(again)) == (409, True)


def test_less_clearance_is_refused_where_it_would_leave_a_step_to_nobody(
    administrator, second, cast, database
):
    clear(database, 2)
    case = cast.consulting()
    restrict_case(cleared(cast.head, 2), sent(), case, 2)
    bodies = everybody(database)
    clear(database, 0, *(one for one in bodies if one.startswith("thanh-tra/bs")))
    clear(database, 2, SIGNER)
    way = f"{PAGE}/roles/clearance"
    held = "body_signer thanh-tra "
    assert "now: Level 2" in text_of(administrator.get(way))
    assert administrator.send(way, role=held, level="").status_code == 422
    refused = administrator.send(way, role=held, level="1")
    assert refused.status_code == 409
    assert "Steps that nobody could take any more" in text_of(refused)
    assert "now: Level 2" in text_of(administrator.get(way))
    assert administrator.send_form(refused, level="3").location == PAGE
    confirm_all(second)
    assert "cleared: Level 3" in text_of(administrator.get(PAGE))


def test_none_of_it_is_done_to_oneself_and_the_page_says_so_at_once(administrator, database):
    mine = f"/officers/{ME}"
    form = the_form(administrator.get(f"{PAGE}/password")).filled
    for way in (
        "password",
        "let-in",
        "name",
        "mail",
        "disable",
        "roles",
        "roles/end",
        "roles/clearance",
        "second-factor",
    ):
        answer = administrator.post(f"{mine}/{way}", data=form)
        said = "withdrawn by another administrator" in text_of(answer)
        assert (way, answer.status_code, said) == (way, 422, True)
        opened = administrator.get(f"{mine}/{way}")
        assert (way, opened.status_code) == (way, 403)
        assert "are changed by another administrator" in text_of(opened)
        assert "send it again" not in text_of(opened)
        assert mine in links_of(opened)
        assert f"{mine}/{way}" not in links_of(opened)
    page = administrator.get(mine)
    assert not {link for link in links_of(page) if link.startswith(f"{mine}/")} - {
        f"{mine}/absences/new"
    }
    with database.reading() as connection:
        assert not connection.execute(select(officer_changes)).all()


def test_a_form_that_is_sent_again_gives_no_second_password(app, administrator, database):
    page = administrator.get(f"{PAGE}/password")
    first = administrator.send_form(page)
    given = re.search(r"<code class=\"key\">([a-z-]{27})</code>", first.text)[1]
    again = administrator.send_form(page)
    assert again.status_code == 409
    assert "This password was given at" in text_of(again)
    assert 'class="key"' not in again.text
    assert come_in(app, given)[1].location == "/"
    with database.reading() as connection:
        kinds = connection.scalars(select(officer_changes.c.kind)).all()
    assert kinds == ["password"]
    assert given_by(administrator) != given


def test_whoever_is_let_in_no_more_is_given_a_password_before_they_are_let_in(app, administrator):
    administrator.send(f"{PAGE}/disable")
    assert f"{PAGE}/password" in links_of(administrator.get(PAGE))
    answer = administrator.send(f"{PAGE}/password")
    assert "may not sign in yet" in text_of(answer)
    given = re.search(r"<code class=\"key\">([a-z-]{27})</code>", answer.text)[1]
    assert come_in(app, given)[1].status_code == 422
    administrator.send(f"{PAGE}/let-in")
    assert come_in(app, given)[1].location == "/"


def test_a_role_does_not_end_before_it_was_given(administrator, second):
    given = administrator.send(
        f"{PAGE}/roles", organisation="thanh-tra", role="body_officer", clearance="0"
    )
    told = "The role is written down and waits for a second administrator."
    assert told in text_of(administrator.get(given.location))
    confirm_all(second)
    way, role = f"{PAGE}/roles/end", "body_officer thanh-tra "
    refused = administrator.send(way, role=role, last_day="04/01/2026")
    assert refused.status_code == 422
    error = re.search(r'id="last_day-error">(.*?)</p>', refused.text, re.DOTALL)
    assert "The last day cannot be before the role was given." in error[1]
    done = administrator.send(way, role=role, last_day="05/01/2026")
    assert "The role ends with 05/01/2026." in text_of(administrator.get(done.location))


def test_an_impossible_first_day_is_one_error(administrator):
    answer = administrator.send(
        f"{PAGE}/roles",
        organisation="thanh-tra",
        role="body_officer",
        valid_from="31/02/2026",
        valid_to="01/03/2026",
    )
    assert answer.status_code == 422
    assert text_of(answer).count("There is no such day") == 2  # in the summary, and at the field
    assert "A role cannot end before it begins." not in text_of(answer)


def test_that_one_administrator_would_be_left_is_said_before_it_is_confirmed(
    administrator, database
):
    warning = "Only one administrator would be left."
    assert warning not in text_of(administrator.get(f"{PAGE}/disable"))
    with database.writing() as connection:
        add_officer(connection, "another", "ban-to-chuc", Role.ADMINISTRATOR)
    for way in ("disable", "roles/end"):
        assert warning in text_of(administrator.get(f"/officers/another/{way}")), way
        assert warning not in text_of(administrator.get(f"{PAGE}/{way}")), way
    with database.writing() as connection:
        add_officer(connection, "third", "ban-to-chuc", Role.ADMINISTRATOR)
    assert warning not in text_of(administrator.get("/officers/another/disable"))


# ------------------------------------------------------------------ somebody new

NEW = {
    "name": "Nguyễn Thị Mới",
    "login": "moi",
    "password": "con trâu đứng ngắm mưa",
    "organisation": "thanh-tra",
    "role": "body_officer",
    "valid_from": "",
    "valid_to": "",
}
BESIDE = {
    "login": ({"login": SIGNER}, 409, "Another officer has this log-in."),
    "login of two words": ({"login": "hai từ"}, 422, "A log-in is one word"),
    "name": ({"name": " "}, 422, "An officer needs a name."),
    "password": ({"password": "con trâu"}, 422, "12"),
    "password that is guessed": ({"password": "mật khẩu 2026!"}, 422, "easy to guess"),
    "organisation": ({"organisation": ""}, 422, "Choose an organisation."),
    "role": ({"role": "secretary"}, 422, "is a role in another kind of organisation"),
    "valid_from": ({"valid_from": "31/02/2026"}, 422, "There is no such day; write day/month/year"),
    "valid_to": (
        {"valid_from": "02/02/2026", "valid_to": "01/02/2026"},
        422,
        "A role cannot end before it begins.",
    ),
}


@pytest.mark.parametrize("field", BESIDE)
def test_what_is_wrong_stands_beside_its_field_and_what_was_typed_stays(administrator, field):
    changes, status, told = BESIDE[field]
    answer = administrator.send("/officers/new", **{**NEW, **changes})
    name = field.split()[0]
    error = re.search(rf'id="{name}-error">(.*?)</p>', answer.text, re.DOTALL)

    assert answer.status_code == status
    assert told in html.unescape(error[1])
    assert f'<a href="#{name}">' in answer.text
    typed = the_form(answer, {"login"}).filled
    for kept, value in {**NEW, **changes}.items():
        if kept != "password" and "31/02" not in value:
            assert typed[kept] == [" ".join(value.split())], kept
    assert typed["password"] == [""]
    assert "con trâu" not in answer.text


@pytest.fixture
def mergers(database):
    """A body that ended and one that was merged and is still asked; a unit that is to be merged."""
    with as_owner(database).writing() as connection:
        o = organisations.c
        connection.execute(
            update(organisations).where(o.code == "thue").values(valid_to="2026-01-04")
        )
        connection.execute(
            insert(successions),
            [
                {"predecessor": "cong-an", "successor": "thanh-tra", "from_date": None},
                {"predecessor": "so-y-te", "successor": "so-noi-vu", "from_date": "2026-01-05"},
                {"predecessor": "so-noi-vu", "successor": "so-y-te", "from_date": "2026-01-06"},
            ],
        )


def offered(answer, field="organisation"):
    options = re.search(rf'<select[^>]*id="{field}".*?</select>', answer.text, re.DOTALL)[0]
    return dict(re.findall(r'<option[^>]*value="([^"]+)"[^>]*>([^<]*)<', options))


@pytest.mark.usefixtures("mergers")
def test_where_an_organisation_is_over_nobody_new_is_entered(administrator):
    there = offered(administrator.get("/officers/new"))
    roles = offered(administrator.get(f"{PAGE}/roles"))

    assert there.keys() >= {"so-noi-vu", "thanh-tra", "ban-to-chuc"}
    assert not there.keys() & {"so-y-te", "thue", "cong-an"}
    assert roles.keys() - there.keys() == {"cong-an"}
    assert roles["cong-an"] == "Office cong-an (over, still asked)"
    assert administrator.send("/officers/new", **{**NEW, "organisation": "thue"}).status_code == 422
    assert "Office thue" in text_of(administrator.get("/officers?q=thue"))


@pytest.mark.usefixtures("mergers")
def test_nobody_is_named_where_an_organisation_is_over_unless_it_is_still_asked(
    database, administrator
):
    with database.writing() as connection:
        for body in ("thue", "cong-an"):
            add_officer(connection, f"{body}/other", body, Role.BODY_SIGNER)
    for body, count in (("thue", 0), ("cong-an", 1)):
        page = administrator.get(f"/officers/{officer_of(body, Role.BODY_SIGNER)}/absences/new")
        found = [one for one in offered(page, "substitute") if one.endswith("/other")]
        assert (body, len(found)) == (body, count)


def test_a_body_that_ended_is_offered_while_a_question_waits_there(administrator, cast, request):
    cast.consulting()
    request.getfixturevalue("mergers")

    assert "thue" not in offered(administrator.get("/officers/new"))
    assert offered(administrator.get(f"{PAGE}/roles"))["thue"] == "Office thue (over, still asked)"
