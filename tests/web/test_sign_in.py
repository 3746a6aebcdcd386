"""Coming in: what is asked, what is answered, and how guessing becomes slow."""

import pytest
from sqlalchemy import delete, insert, select, update

from tests.builders import officer_of
from tests.web.browsing import text_of, the_form
from tests.web.conftest import PASSWORD
from vetting.engine.vocabulary import Role
from vetting.records.officers import failed_logins, officers, role_assignments

ME = officer_of("thanh-tra", Role.BODY_SIGNER)
NOT_RIGHT = "The log-in or the password is not right."


@pytest.fixture
def elsewhere(app):
    """Open a browser at another address."""

    def browser(address):
        return_to = app.test_client()
        return_to.environ_base["REMOTE_ADDR"] = address
        return_to.set_cookie("language", "en")
        return return_to

    return browser


def failed(browser, times, login=ME):
    return [browser.sign_in(login, f"wrong {n}").status_code for n in range(times)]


def test_who_comes_in_goes_on_to_where_they_were_going(browser):
    asked = browser.get("/help?x=1")
    assert (asked.status_code, asked.location) == (303, "/sign-in?next=/help?x%3D1")
    answer = browser.send(asked.location, login=ME, password=PASSWORD)

    assert (answer.status_code, answer.location) == (303, "/help?x=1")


@pytest.mark.parametrize(
    "elsewhere",
    [
        "https://example.org/",
        "//example.org",
        "/\\example.org",
        "javascript:alert(1)",
        "x",
    ],
)
def test_nobody_is_led_to_another_site(browser, elsewhere):
    answer = browser.send("/sign-in", login=ME, password=PASSWORD, next=elsewhere)

    assert (answer.status_code, answer.location) == (303, "/")


def test_a_link_that_leads_nowhere_hinders_nobody(browser):
    answer = browser.send("/sign-in?next=/a%0D%0Ab", login=ME, password=PASSWORD)

    assert (answer.status_code, answer.location) == (303, "/")


def test_a_log_in_is_taken_however_it_is_typed(browser):
    assert browser.sign_in(f"  {ME.upper()} ", PASSWORD).status_code == 303


def test_who_is_in_already_goes_on(browser):
    browser.sign_in(ME, PASSWORD)

    assert browser.get("/sign-in").location == "/"


def test_an_empty_form_says_what_is_missing(browser):
    answer = browser.send("/sign-in", login="", password="")

    assert answer.status_code == 422
    assert "Log-in: Write your log-in." in text_of(answer)
    assert "Password: Write your password." in text_of(answer)


def test_the_log_in_stays_typed_and_the_password_does_not(browser):
    answer = browser.sign_in(ME, "not my password")

    assert answer.status_code == 422
    assert the_form(answer, {"login"}).filled["login"] == [ME]
    assert "not my password" not in answer.text


def change(database, **values):
    with database.writing() as connection:
        connection.execute(update(officers).where(officers.c.handle == ME).values(**values))


def let_a_robot_have_my_log_in(database):
    change(database, login="somebody else")
    robot = {"handle": "robot", "login": ME, "name": "Robot", "sort_key": "robot", "robot": 1}
    with database.writing() as connection:
        kept = select(officers.c.password_hash).where(officers.c.handle == ME)
        connection.execute(insert(officers).values(**robot, password_hash=kept.scalar_subquery()))


def undo(database):
    with database.writing() as connection:
        connection.execute(delete(officers).where(officers.c.handle == "robot"))
    change(database, login=ME, disabled_at=None)


REFUSED = {
    "a wrong password": lambda _: None,
    "nobody of this name": lambda database: change(database, login="somebody else"),
    "a disabled officer": lambda database: change(database, disabled_at="2026-01-01T00:00:00Z"),
    "a robot": let_a_robot_have_my_log_in,
    "an officer without a password": lambda database: change(database, password_hash="!"),
}


@pytest.fixture
def verified(app, monkeypatch):
    """Count how often a password is checked at full cost."""
    seen = []
    hasher = app.extensions["vetting"].door.passwords._hasher  # noqa: SLF001
    verify = type(hasher).verify

    def counted(self, kept, password):
        seen.append(kept.startswith("$argon2id$v=19$m=8,t=1,p=1$"))
        return verify(self, kept, password)

    monkeypatch.setattr(type(hasher), "verify", counted)
    return seen


def test_every_refusal_is_the_same_answer_and_the_same_work(elsewhere, database, verified):
    pages = {}
    for number, (reason, prepare) in enumerate(REFUSED.items(), 1):
        prepare(database)
        password = PASSWORD if reason in {"a disabled officer", "a robot"} else "wrong password"
        answer = elsewhere(f"10.0.0.{number}").sign_in(ME, password)
        filled = the_form(answer, {"login"}).filled
        page = answer.text
        for hidden in ("csrf_token", "key"):
            page = page.replace(filled[hidden][0], "")
        pages[reason] = (answer.status_code, page)
        undo(database)

    assert NOT_RIGHT in pages["a wrong password"][1]
    assert {reason for reason, page in pages.items() if page != pages["a wrong password"]} == set()
    assert verified == [True] * len(REFUSED)


def test_who_has_no_role_today_is_told_so_once_the_password_is_right(browser, database):
    with database.writing() as connection:
        connection.execute(update(role_assignments).values(valid_to="2026-01-04"))

    assert NOT_RIGHT in text_of(browser.sign_in(ME, "wrong"))
    answer = browser.sign_in(ME, PASSWORD)
    assert answer.status_code == 422
    assert "You have no role today." in text_of(answer)


def test_guessing_becomes_slower_and_a_wait_is_all_it_ever_is(browser, clock):
    assert failed(browser, 4) == [422, 422, 422, 429]
    answer = browser.sign_in(ME, PASSWORD)
    assert (answer.status_code, answer.headers["Retry-After"]) == (429, "1")
    assert "Wait 1 seconds" in text_of(answer)
    clock.go_on(seconds=1)

    assert browser.sign_in(ME, PASSWORD).status_code == 303


def test_each_failure_doubles_the_wait_up_to_a_minute(browser, clock):
    waits = []
    failed(browser, 3)
    for _ in range(9):
        answer = browser.sign_in(ME, "wrong")
        waits.append(int(answer.headers["Retry-After"]))
        clock.go_on(seconds=waits[-1])
        assert browser.sign_in(ME, "wrong").status_code == 422

    assert waits == [1, 2, 4, 8, 16, 32, 60, 60, 60]


def test_a_log_in_that_does_not_exist_makes_one_wait_as_well(browser):
    assert failed(browser, 4, "nobody") == [422, 422, 422, 429]


def test_a_success_clears_the_count(browser, clock):
    failed(browser, 3)
    clock.go_on(seconds=1)
    browser.sign_in(ME, PASSWORD)
    browser.send("/help", to="/sign-out")

    assert failed(browser, 3) == [422, 422, 422]


def test_a_failure_counts_for_a_quarter_of_an_hour(browser, clock):
    failed(browser, 3)
    clock.go_on(minutes=15, seconds=1)

    assert failed(browser, 4) == [422, 422, 422, 429]


def test_guesses_from_elsewhere_never_lock_the_officer_out(elsewhere, clock):
    for number in range(60):
        failed(elsewhere(f"10.1.{number}.1"), 3)
    mine = elsewhere("10.2.0.1")
    answer = mine.sign_in(ME, PASSWORD)
    wait = int(answer.headers["Retry-After"])
    assert (answer.status_code, wait <= 30) == (429, True)
    for number in range(60):  # they go on while I wait
        failed(elsewhere(f"10.3.{number}.1"), 1)
    clock.go_on(seconds=wait)

    assert mine.sign_in(ME, PASSWORD).status_code == 303


def test_a_browser_that_got_in_before_waits_for_nobody_elses_failures(elsewhere):
    mine = elsewhere("10.2.0.1")
    mine.sign_in(ME, PASSWORD)
    mine.send("/help", to="/sign-out")
    failed(elsewhere("10.2.0.1"), 20)
    for number in range(30):
        failed(elsewhere(f"10.1.{number}.1"), 3)

    assert mine.sign_in(ME, PASSWORD).status_code == 303


def test_the_mark_of_a_browser_is_good_for_one_log_in_and_cannot_be_made_up(elsewhere):
    mine = elsewhere("10.2.0.1")
    mine.sign_in(ME, PASSWORD)
    mine.send("/help", to="/sign-out")
    other = officer_of("thanh-tra", Role.BODY_OFFICER)
    assert failed(mine, 4, other) == [422, 422, 422, 429]
    forger = elsewhere("10.2.0.2")
    forger.set_cookie("browser", f"{'a' * 22}.{'0' * 64}")

    assert failed(forger, 4) == [422, 422, 422, 429]


def test_a_source_that_tries_many_log_ins_has_to_wait(elsewhere, clock):
    sprayer = elsewhere("10.4.0.1")
    answers = [sprayer.sign_in(f"somebody-{n}", "the same").status_code for n in range(51)]
    assert answers == [422] * 50 + [429]
    clock.go_on(seconds=10)

    assert sprayer.sign_in(ME, PASSWORD).status_code == 303


def test_what_is_counted_keeps_no_word_that_was_typed(browser, database):
    browser.sign_in("my password by mistake", "x")
    with database.reading() as connection:
        kept = [tuple(row) for row in connection.execute(select(failed_logins))]

    assert len(kept) == 1
    assert "mistake" not in str(kept)


def test_a_password_as_long_as_a_book_costs_nothing(browser, verified):
    answer = browser.sign_in(ME, "x" * 100_000)

    assert answer.status_code == 422
    assert verified == []
