"""A substitute's pages, both names on them, and what whoever was away reads when they are back."""

import pytest
from sqlalchemy import select, update

from tests.builders import add_officer, as_owner, officer_of, opinion, sent
from tests.web.browsing import forms_of, links_of, text_of
from tests.web.conftest import PASSWORD
from vetting.engine.vocabulary import Role
from vetting.records.absences import absences
from vetting.records.officers import officers
from vetting.records.withheld import recusals
from vetting.usecases.draft_opinion import draft_and_pass_on

BODY = "thanh-tra"
SIGNER = officer_of(BODY, Role.BODY_SIGNER)
TODAY = {"first_day": "05/01/2026", "last_day": "06/01/2026"}
BACK = "Done in your name while you were away"


@pytest.fixture
def case(cast):
    """A case whose opinion waits for a signature."""
    case = cast.consulting()
    draft_and_pass_on(cast.drafter(BODY), sent(), cast.asked(case)[BODY], opinion())
    return case


@pytest.fixture
def substitute(app, database, browser_of, case, kept_password):  # noqa: ARG001  # it waits first
    """The browser of an officer who acts for the signer."""
    with database.writing() as connection:
        add_officer(connection, "Trần Thị Bình", BODY, Role.BODY_OFFICER)
        connection.execute(
            update(officers)
            .where(officers.c.handle == "Trần Thị Bình")
            .values(password_hash=kept_password, language="en", login="binh")
        )
    named = {"substitute": f"{BODY} body_signer Trần Thị Bình", "form": "kt"}
    away = browser_of(Role.BODY_SIGNER)
    assert away.send("/absences/new", **TODAY, **named).status_code == 303
    browser = app.test_client()
    assert browser.sign_in("binh", PASSWORD).status_code == 303
    return browser


def act_for(browser):
    page = browser.get("/capacity")
    assert f"K/T {SIGNER}: Signer of a consulted body" in text_of(page)
    return browser.send("/capacity", capacity=f"body_signer@{BODY}@{SIGNER}")


def test_a_substitute_chooses_for_whom_they_act_and_every_page_says_so(substitute):
    assert "K/T" not in text_of(substitute.get("/help"))
    assert act_for(substitute).status_code == 303
    page = text_of(substitute.get("/to-sign"))
    assert f"K/T {SIGNER}" in page
    assert "Trần Thị Bình" in page


def sign(browser, cast, case):
    consultation = cast.asked(case)[BODY]
    address = f"/consultations/{consultation}"
    assert browser.get(address).status_code == 200
    read = text_of(browser.get("/to-sign/read"))
    for page in (read, text_of(browser.get(address))):
        assert f"It will be signed: Trần Thị Bình, for {SIGNER} (K/T)." in page
        assert "Workflow: Planning, version 1." in page
    answer = browser.send(address, to=f"{address}/sign")
    assert answer.status_code == 303, answer.text
    return address


def test_what_they_sign_stands_under_both_names_in_both_languages(
    substitute, cast, case, browser_of
):
    act_for(substitute)
    address = sign(substitute, cast, case)
    english = f"Trần Thị Bình, for {SIGNER} (K/T)"
    assert f"Signed by {english}" in text_of(substitute.get(address))
    head = browser_of(Role.BOARD_HEAD)
    assert f"Signed by {english}" in text_of(head.get(f"/cases/{case}"))
    supervisor = browser_of(Role.SUPERVISOR)
    assert english in text_of(supervisor.get(f"/cases/{case}/history"))
    supervisor.send("/help", to="/language", language="vi")
    vietnamese = text_of(supervisor.get(f"/cases/{case}/history"))
    assert f"K/T {SIGNER} – Trần Thị Bình" in vietnamese


def test_who_is_back_is_led_to_what_was_done_until_they_have_read_it(
    substitute, cast, case, browser_of, database
):
    act_for(substitute)
    sign(substitute, cast, case)
    back = browser_of(Role.BODY_SIGNER)
    assert BACK not in text_of(back.get("/help"))
    [absence] = _kept(database)
    assert back.send(f"/absences/{absence.handle}", to=f"/absences/{absence.handle}/end")
    assert BACK in text_of(back.get("/help"))
    assert substitute.get("/to-sign").status_code == 303  # to the door: the capacity is over
    done = f"/absences/{absence.handle}/done"
    page = back.get(done)
    assert f"Trần Thị Bình, for {SIGNER} (K/T) signed the opinion" in text_of(page)
    assert f"/cases/{case}" in page.text
    assert back.send(done, to=done).status_code == 303
    assert BACK not in text_of(back.get("/help"))
    assert [row.seen_at is None for row in _kept(database)] == [False]
    # Nobody else finds it there.
    assert browser_of(Role.BODY_OFFICER).get(done).status_code == 404
    assert browser_of(Role.ADMINISTRATOR).get(done).status_code == 404


def test_what_followed_by_itself_stands_below_the_act_and_under_no_name(
    substitute, cast, case, browser_of, database
):
    """The last opinion lets the case go on: that is nobody's deed."""
    for body in cast.asked(case):
        if body != BODY:
            cast.sign(case, body)
    act_for(substitute)
    sign(substitute, cast, case)
    back = browser_of(Role.BODY_SIGNER)
    [absence] = _kept(database)
    back.send(f"/absences/{absence.handle}", to=f"/absences/{absence.handle}/end")
    page = text_of(back.get(f"/absences/{absence.handle}/done"))
    signed = page.index("signed the opinion")
    went_on = page.index("Every body that must answer has signed")
    assert signed < went_on
    assert page.count(f"Trần Thị Bình, for {SIGNER}") == 1
    assert "While you were away from 05/01/2026 to 05/01/2026 (ended early)" in page


@pytest.mark.leaves_it_unwell
def test_cases_that_are_not_seen_in_the_present_capacity_are_only_counted(
    substitute, cast, case, browser_of, database
):
    from vetting.records.consultations import consultations  # noqa: PLC0415

    act_for(substitute)
    sign(substitute, cast, case)
    with database.writing() as connection:
        connection.execute(
            update(absences).values(ended_by=SIGNER, ended_at="2026-01-05T03:00:00.000000Z")
        )
        connection.execute(
            update(consultations)
            .where(consultations.c.body == BODY)
            .values(state="withdrawn", verdict=None)
        )
    [absence] = _kept(database)
    page = browser_of(Role.BODY_SIGNER).get(f"/absences/{absence.handle}/done")
    assert "1 further entries are in cases that you do not see" in text_of(page)
    assert case not in page.text


def _kept(database):
    with database.reading() as connection:
        return connection.execute(select(absences)).all()


def test_a_substitute_whose_turn_has_ended_is_told_why_on_the_way_in(
    substitute, app, browser_of, database
):
    sentence = f"{SIGNER} is back; standing in has ended. Sign in again in your own role."
    act_for(substitute)
    [absence] = _kept(database)
    back = browser_of(Role.BODY_SIGNER)
    back.send(f"/absences/{absence.handle}", to=f"/absences/{absence.handle}/end")

    led = substitute.get("/to-sign")
    assert led.location.startswith("/sign-in")
    assert sentence in text_of(substitute.get(led.location))
    assert sentence not in text_of(substitute.get(led.location))  # the browser has no session more
    stranger = app.test_client()
    stranger.set_cookie("language", "en")
    stranger.set_cookie("officer", "x" * 43)
    told = text_of(stranger.get("/sign-in"))
    assert "Your session has ended. Sign in again to go on." in told
    assert "is back" not in told


def test_whoever_acted_for_somebody_let_in_no_more_is_not_told_that_they_are_back(
    substitute, database
):
    act_for(substitute)
    with database.writing() as connection:
        connection.execute(
            update(officers)
            .where(officers.c.handle == SIGNER)
            .values(disabled_at="2026-01-05T02:00:00.000000Z")
        )
    led = substitute.get("/to-sign")
    told = text_of(substitute.get(led.location))
    assert "Your session has ended. Sign in again to go on." in told
    assert "is back" not in told


# --------------------------------------------------------------- told, and led there


def test_a_substitute_is_told_and_led_from_the_own_first_page_into_the_capacity(substitute):
    inbox = substitute.get("/inbox")
    assert f"1 waits where you act for {SIGNER} (Signer of a consulted body)." in text_of(inbox)
    form = next(one for one in forms_of(inbox) if one.filled.get("capacity"))
    assert form.filled["capacity"] == [f"body_signer@{BODY}@{SIGNER}"]
    assert substitute.post("/capacity", data=form.filled).location == "/"
    assert f"K/T {SIGNER}" in text_of(substitute.get("/to-sign"))
    assert "where you act for" not in text_of(substitute.get("/to-sign"))


def test_the_page_of_capacities_says_how_much_waits_in_each(substitute, cast):
    page = text_of(substitute.get("/capacity"))
    assert f"K/T {SIGNER}: Signer of a consulted body, Office {BODY} – 1 waits" in page
    assert f"Officer of a consulted body, Office {BODY} – 1 waits" in page
    cast.consulting()
    page = text_of(substitute.get("/capacity"))
    assert f"Signer of a consulted body, Office {BODY} – 1 waits" in page
    assert f"Officer of a consulted body, Office {BODY} – 2 wait" in page


@pytest.mark.leaves_it_unwell
def test_what_is_kept_from_whoever_is_away_is_in_no_number(substitute, cast, case):
    """The number is that of the capacity's own list: what one of the two may not see is not in."""
    with as_owner(cast.database).writing() as connection:
        connection.execute(recusals.insert(), {"case_handle": case, "officer": SIGNER})
    assert "where you act for" not in text_of(substitute.get("/inbox"))
    assert f"Signer of a consulted body, Office {BODY} – 0 wait" in text_of(
        substitute.get("/capacity")
    )


def test_a_substitute_reads_in_the_notice_for_whom_they_act_and_when(
    substitute, browser_of, database
):
    page = substitute.get("/notices")
    assert "You are to act for somebody who is away" in text_of(page)
    where = f"in place of {SIGNER}, Signer of a consulted body, 05/01/2026 – 06/01/2026"
    assert where in text_of(page)
    [notice] = [one for one in links_of(page) if one.endswith("/substitute_named")]
    told = text_of(substitute.get(notice))
    assert f"In place of {SIGNER}" in told
    assert "05/01/2026 – 06/01/2026" in told
    assert "no longer" not in told
    [absence] = _kept(database)
    away = browser_of(Role.BODY_SIGNER)
    away.send(f"/absences/{absence.handle}", to=f"/absences/{absence.handle}/end")
    assert "You act for somebody no more" in text_of(substitute.get("/notices"))
    assert "You are to act for" not in text_of(browser_of(Role.BODY_OFFICER).get("/notices"))
