"""Pages of passkeys: entered, used at the second step, and where the program asks again."""

from html import unescape

import pytest
from sqlalchemy import select

from tests.builders import officer_of
from tests.passkeys import SecurityKey
from tests.web.browsing import forms_of, text_of, the_form
from tests.web.conftest import PASSWORD
from vetting.engine.vocabulary import Role
from vetting.records.consultations import sign_offs
from vetting.records.history import entries
from vetting.records.passkeys import passkeys

ME = officer_of("thanh-tra", Role.BODY_SIGNER)
NOT_ACCEPTED = "This passkey was not accepted. Try once more, or use a code."
PAGE = "/second-factor/passkey"


def question(page):
    """What a page asks of a device."""
    return unescape(page.text.split('data-passkey="')[1].split('"')[0])


@pytest.fixture
def enrol(clock):
    """Let whoever sits at a browser enter a passkey; return the key and the answer."""

    def enrol(browser, name="key at work", **told):
        page, key = browser.get(PAGE), SecurityKey(**told)
        answer = browser.send_form(page, passkey=key.make(question(page)), name=name)
        clock.go_on(seconds=30)
        return key, answer

    return enrol


@pytest.fixture
def signer(browser_of):
    return browser_of(Role.BODY_SIGNER)


@pytest.fixture
def key(signer, enrol):
    return enrol(signer)[0]


@pytest.fixture
def ready(cast):
    """A consultation that waits for the signature of the one who signs."""
    case = cast.consulting()
    consultation = cast.asked(case)["thanh-tra"]
    cast.ready(case, consultation, "thanh-tra")
    return consultation


def half_way(app):
    """A browser in which the password was right, and the page of the second step."""
    browser = app.test_client()
    browser.set_cookie("language", "en")
    answer = browser.send("/sign-in", login=ME, password=PASSWORD)
    return browser, browser.get(answer.location)


def methods(database, table=sign_offs):
    with database.reading() as connection:
        return connection.scalars(select(table.c.method).where(table.c.officer == ME)).all()


# ------------------------------------------------------------------ entering one


def test_a_passkey_is_entered_and_gives_recovery_codes_once(signer, enrol):
    _, answer = enrol(signer)
    listed = text_of(signer.get("/second-factor"))

    assert (answer.status_code, answer.text.count("<li><code>")) == (200, 10)
    assert "key at work Passkey" in " ".join(listed.split())
    assert "You have 10 recovery codes left." in listed
    assert enrol(signer, "another")[1].status_code == 303


def test_a_passkey_is_removed(signer, key):
    [removing] = [
        form.action
        for form in forms_of(signer.get("/second-factor"))
        if form.action.endswith("/remove")
    ]
    assert signer.send("/second-factor", to=removing).status_code == 303
    assert "You have no second factor yet" in text_of(signer.get("/second-factor"))
    assert key.count == 0


def test_what_a_device_answers_is_refused_on_the_page_and_stands_on_none(signer):
    page, key = signer.get(PAGE), SecurityKey()
    told = key.make(question(page), "https://vetting.example.com")
    answer = signer.send_form(page, passkey=told, name="mine")

    assert (answer.status_code, NOT_ACCEPTED in text_of(answer)) == (422, True)
    assert key.name not in unescape(answer.text)
    assert the_form(answer, {"passkey"}).filled["name"] == ["mine"]
    again = signer.send_form(answer, passkey=key.make(question(answer)))
    assert again.status_code == 200


def test_a_form_that_brings_no_answer_enters_nothing(signer, database):
    assert signer.send(PAGE, passkey="", name="mine").status_code == 422
    with database.reading() as connection:
        assert connection.execute(select(passkeys)).all() == []


def test_without_script_the_page_leads_to_an_authenticator_app(signer):
    page = signer.get(PAGE)
    assert "Enter an authenticator app instead." in text_of(page)
    assert "script-src 'self';" in page.headers["Content-Security-Policy"]
    assert "unsafe" not in page.headers["Content-Security-Policy"]


def test_it_is_asked_again_before_a_passkey_is_entered_and_the_answer_is_kept(signer, clock):
    page, key = signer.get(PAGE), SecurityKey()
    told = key.make(question(page))
    clock.go_on(minutes=5)
    assert signer.send_form(page, passkey=told).status_code == 200  # both are still good

    signer_page = signer.get(PAGE)
    clock.go_on(minutes=5, seconds=1)
    asked = signer.send_form(signer_page, passkey=SecurityKey().make(question(signer_page)))
    assert asked.status_code == 401


# ------------------------------------------------------------------ where a passkey is for


def test_a_host_that_only_the_request_names_is_no_site(signer):
    for host in ("vetting.example.com", "10.0.0.7", "localhost.example.com"):
        page = signer.get(PAGE, base_url=f"https://{host}")
        assert 'data-passkey="' not in page.text


# ------------------------------------------------------------------ at the door


def test_who_has_a_passkey_comes_in_by_it(app, key):
    browser, page = half_way(app)
    assert "One of your recovery codes." in text_of(page)
    assert "six digits" not in text_of(page)
    answer = browser.send_form(page, passkey=key.prove(question(page)))

    assert (answer.status_code, answer.location) == (303, "/")
    assert browser.get("/help").status_code == 200


def test_a_refused_passkey_is_said_and_a_fresh_question_put(app, key):
    browser, page = half_way(app)
    wrong = key.prove(question(page), "https://vetting.example.com")
    answer = browser.send_form(page, passkey=wrong)

    assert (answer.status_code, NOT_ACCEPTED in text_of(answer)) == (422, True)
    assert question(answer) != question(page)
    done = browser.send_form(answer, passkey=key.prove(question(answer)))
    assert done.status_code == 303


def test_neither_a_code_nor_a_passkey_is_said_at_the_code(app, key):
    browser, page = half_way(app)
    answer = browser.send_form(page, code="")
    assert (answer.status_code, "Code: Write the code." in text_of(answer)) == (422, True)
    assert key.count == 0


def test_an_answer_of_one_browser_is_refused_in_another(app, key):
    (mine, page), (_, other) = half_way(app), half_way(app)
    answer = mine.send_form(page, passkey=key.prove(question(other)))
    assert (answer.status_code, NOT_ACCEPTED in text_of(answer)) == (422, True)


def test_no_question_is_put_to_who_has_no_passkey(browser_of, app):
    assert "data-passkey=" not in browser_of(Role.BODY_OFFICER).get("/second-factor").text
    assert 'data-passkey="' not in app.test_client().get("/sign-in").text


# ------------------------------------------------------------------ asked again


def test_a_signature_is_proved_by_a_passkey_and_the_entry_says_so(
    signer, key, ready, clock, database
):
    clock.go_on(minutes=6)
    asked = signer.send(f"/consultations/{ready}", to=f"/consultations/{ready}/sign")
    assert (asked.status_code, methods(database)) == (401, [])
    told = key.prove(question(asked))
    done, again = (signer.send_form(asked, proof_passkey=told) for _ in range(2))

    assert (done.status_code, again.status_code) == (303, 303)  # a second click is one act
    assert methods(database) == methods(database, entries) == ["password+passkey/passkey"]


def test_an_answer_to_another_question_signs_nothing(signer, key, ready, clock, database):
    clock.go_on(minutes=6)
    asked = signer.send(f"/consultations/{ready}", to=f"/consultations/{ready}/sign")
    told = key.prove(question(asked), "https://vetting.example.com")
    wrong = signer.send_form(asked, proof_passkey=told)

    assert (wrong.status_code, NOT_ACCEPTED in text_of(wrong)) == (422, True)
    assert methods(database) == []
    assert "vetting.example.com" not in wrong.text
    done = signer.send_form(wrong, proof_passkey=key.prove(question(wrong)))
    assert done.status_code == 303
