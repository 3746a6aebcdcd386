"""Where everybody needs a second factor, and where one was lost."""

from dataclasses import replace

import pytest
from sqlalchemy import select, update

from tests.builders import officer_of
from tests.web.browsing import links_of, text_of
from tests.web.conftest import PASSWORD
from tests.web.test_second_factor import Device, enrol  # noqa: F401  # a fixture
from vetting.config import Settings
from vetting.engine.vocabulary import Role
from vetting.records.factors import authenticators, factor_resets
from vetting.records.officers import NO_PASSWORD, login_sessions, officers

ME = officer_of("thanh-tra", Role.BODY_SIGNER)
RESET = f"/officers/{ME}/second-factor"


def come_in(app, login=ME):
    browser = app.test_client()
    browser.set_cookie("language", "en")
    return browser, browser.sign_in(login, PASSWORD)


class TestRequired:
    """With the setting that everybody needs one."""

    @pytest.fixture
    def settings(self, settings):
        return replace(settings, second_factor_required=True)

    def test_who_has_none_is_led_to_entering_one_and_nothing_else_opens(self, app):
        browser, answer = come_in(app)
        assert (answer.status_code, answer.location) == (303, "/")
        for page in ("/", "/help", "/inbox", "/sessions", "/capacity", "/officers", "/to-sign"):
            led = browser.get(page)
            assert (led.status_code, led.location) == (303, "/second-factor"), page
        page = browser.get("/second-factor")
        assert "until then nothing else opens" in text_of(page)
        assert {"/second-factor/authenticator", "/second-factor/passkey"} <= set(links_of(page))

    def test_no_form_is_taken_either(self, app, database):
        browser, _ = come_in(app)
        page = browser.get("/second-factor")
        token = page.text.split('name="csrf_token"')[1].split('value="')[1].split('"')[0]
        answer = browser.post("/password", data={"csrf_token": token})
        assert (answer.status_code, "Enter a second factor first" in text_of(answer)) == (403, True)
        with database.reading() as connection:
            assert connection.execute(select(authenticators)).all() == []

    def test_who_enters_one_goes_on_and_comes_in_by_it(self, app, enrol):  # noqa: F811
        browser, _ = come_in(app)
        device, answer = enrol(browser)
        assert (answer.status_code, browser.get("/help").status_code) == (200, 200)
        again, second = come_in(app)
        assert again.send(second.location, code=device.code()).status_code == 303
        assert again.get("/help").status_code == 200

    def test_one_may_go_out_and_read_in_another_language(self, app):
        browser, _ = come_in(app)
        page = browser.get("/second-factor")
        assert browser.send_form(page, to="/sign-out").location == "/sign-in"

    def test_nobody_removes_their_last(self, app, enrol):  # noqa: F811
        browser, _ = come_in(app)
        enrol(browser)
        removing = browser.get("/second-factor").text.split('action="/second-factor/')[1]
        handle = removing.split("/remove")[0]
        answer = browser.send("/second-factor", to=f"/second-factor/{handle}/remove")
        assert answer.status_code == 409
        assert "Everybody here needs a second factor" in text_of(answer)


def test_as_a_rule_it_is_optional():
    assert not Settings.from_env({}).second_factor_required
    assert not Settings.from_env({"VETTING_SECOND_FACTOR": "optional"}).second_factor_required
    assert Settings.from_env({"VETTING_SECOND_FACTOR": "required"}).second_factor_required
    with pytest.raises(SystemExit, match="must be optional or required"):
        Settings.from_env({"VETTING_SECOND_FACTOR": "yes"})


# ------------------------------------------------------------------ lost, and taken off


def test_the_administrator_takes_off_a_lost_factor_after_the_question(
    app,
    browser_of,
    enrol,  # noqa: F811
    clock,
    database,
):
    signer, administrator = browser_of(Role.BODY_SIGNER), browser_of(Role.ADMINISTRATOR)
    assert RESET not in links_of(administrator.get(f"/officers/{ME}"))
    enrol(signer)
    assert RESET in links_of(administrator.get(f"/officers/{ME}"))
    clock.go_on(minutes=6)
    question = administrator.send(RESET, to=None)
    assert question.status_code == 401
    assert signer.get("/help").status_code == 200
    done = administrator.send_form(question, proof_password=PASSWORD)

    assert (done.status_code, done.location) == (303, f"/officers/{ME}")
    assert "Second factor taken off: 05/01/2026 09:06" in " ".join(
        text_of(administrator.get(f"/officers/{ME}")).split()
    )
    assert signer.get("/help").status_code == 303
    with database.reading() as connection:
        assert connection.execute(select(factor_resets.c.officer)).scalars().all() == [ME]

    browser, answer = come_in(app)
    assert (answer.status_code, answer.location) == (303, "/")
    told = text_of(browser.get("/help"))
    assert "An administrator took off your second factor (05/01/2026 09:06)." in told
    assert "took off" not in text_of(browser.get("/help"))
    assert "05/01/2026 09:06" in text_of(browser.get("/second-factor"))


def test_nobody_takes_off_their_own_there(browser_of, enrol):  # noqa: F811
    administrator = browser_of(Role.ADMINISTRATOR)
    enrol(administrator)
    mine = officer_of("ban-to-chuc", Role.ADMINISTRATOR)
    answer = administrator.get(f"/officers/{mine}/second-factor")
    assert (answer.status_code, "are changed by another administrator" in text_of(answer)) == (
        403,
        True,
    )


def test_an_administrators_own_page_offers_no_change_of_what_they_may_do(browser_of):
    mine = f"/officers/{officer_of('ban-to-chuc', Role.ADMINISTRATOR)}"
    administrator = browser_of(Role.ADMINISTRATOR)
    page = administrator.get(mine)
    offered = {link.removeprefix(f"{mine}/") for link in links_of(page) if link.startswith(mine)}

    assert "withdrawn by another administrator" in text_of(page)
    assert offered == {"absences/new"}
    for way in ("roles", "roles/end", "disable"):
        answer = administrator.get(f"{mine}/{way}")
        said = "are changed by another administrator" in text_of(answer)
        assert (way, answer.status_code, said) == (way, 403, True)


def test_only_the_administrator_opens_the_page(browser_of):
    for role in set(Role) - {Role.ADMINISTRATOR}:
        assert browser_of(role).get(RESET).status_code == 403


# ------------------------------------------------------------------ nothing to be asked for


@pytest.fixture
def without_password(database, browser_of, clock):
    """An officer who came in through others, has no password here, and is asked again."""
    signer = browser_of(Role.BODY_SIGNER)
    with database.writing() as connection:
        connection.execute(update(officers).values(password_hash=NO_PASSWORD))
        connection.execute(update(login_sessions).values(method="oidc", proved_with="oidc"))
    page = signer.get("/second-factor/authenticator")
    clock.go_on(minutes=6)
    return signer, page


def test_who_has_neither_password_nor_factor_is_told_how_to_come_to_one(without_password, clock):
    signer, page = without_password
    answer = signer.send_form(page, code=Device(page, clock).code())

    assert answer.status_code == 401
    assert "Enter a second factor first" in text_of(answer)
    assert "proof_password" not in answer.text


def test_who_has_a_factor_is_asked_for_it_though_there_is_no_password(
    browser_of,
    enrol,  # noqa: F811
    clock,
    database,
):
    signer = browser_of(Role.BODY_SIGNER)
    device, _ = enrol(signer)
    with database.writing() as connection:
        connection.execute(update(officers).values(password_hash=NO_PASSWORD))
        connection.execute(update(login_sessions).values(method="oidc+totp"))
    clock.go_on(minutes=6)
    question = signer.send("/second-factor", to="/second-factor/recovery-codes")
    assert (question.status_code, "proof_code" in question.text) == (401, True)
    assert signer.send_form(question, proof_code=device.code()).status_code == 200
