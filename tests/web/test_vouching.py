"""A database that is put back, or loses a trigger, under a running server is served to nobody."""

import json
import shutil
from pathlib import Path
from threading import Thread

import pytest
from sqlalchemy import make_url

from tests.builders import as_superuser, without_rules
from tests.web.browsing import text_of
from vetting.engine.vocabulary import Role
from vetting.records.database import Database
from vetting.records.history import entries
from vetting.records.sealing_key import make_sealing_key, read_sealing_key
from vetting.usecases.seal_checkpoint import seal_checkpoint
from vetting.web.vouching import LOOK_AGAIN

NOT_SERVED = (
    "The history in this database is not what was witnessed, or is not guarded as it has to be. "
    "Nothing is shown or taken from it until that is settled."
)


@pytest.fixture
def filed(cast, database, settings, ids):
    """File a case and seal the log; returns what a witness signs of it."""

    def file_and_seal():
        cast.filed()
        return seal_checkpoint(database, read_sealing_key(settings.folder), ids).note

    make_sealing_key(settings.folder, "vetting/test")
    return file_and_seal


@pytest.fixture
def lose(filed, settings):
    """Have a witness sign more than the database has."""
    return lambda: (settings.folder / "witnessed").write_text(filed().replace("\n2\n", "\n9\n"))


@pytest.fixture
def later(clock):
    """Let so much time go by that it is asked again."""
    return lambda: clock.go_on(seconds=LOOK_AGAIN.seconds)


def test_what_a_witness_signed_is_asked_for_again_while_pages_are_served(
    lose, later, settings, browser_of, browser
):
    supervisor, unit = browser_of(Role.SUPERVISOR), browser_of(Role.CASE_OFFICER)
    form = unit.get("/cases/new/planning")
    lose()
    assert supervisor.get("/oversight").status_code == 200  # it was asked at the start

    later()
    page = supervisor.get("/oversight")
    typed = unit.send_form(form, name="Nguyễn Thị Ân", do="draft")
    stranger = browser.get("/sign-in")

    assert [one.status_code for one in (page, typed, stranger)] == [503] * 3
    said = text_of(page)
    assert "Nothing is served now" in said
    assert NOT_SERVED in said
    assert "Nothing was done. Tell the administrator at once, with the number below" in said
    assert "9 entries" not in said
    assert "Sign out" not in said  # nor is it asked who this is
    assert "for copying Field 1 Nguyễn Thị Ân Open the page again" in text_of(typed)
    assert browser.get("/static/vetting.css", buffered=True).status_code == 200
    assert browser.get("/health/live").status_code == 200
    assert browser.get("/health/ready").status_code == 503

    (settings.folder / "witnessed").unlink()
    later()
    assert supervisor.get("/oversight").status_code == 200


def test_the_log_says_why_nothing_is_served(lose, later, browser, caplog):
    lose()
    later()
    with caplog.at_level("ERROR", "vetting.web"):
        browser.get("/sign-in")
    [line] = [json.loads(one.getMessage()) for one in caplog.records]
    assert (line["kind"], line["session"]) == ("NotVouchedFor", None)
    assert line["because"].startswith("A witness has signed a history of 9 entries")


@pytest.mark.leaves_it_unwell
def test_a_trigger_that_is_taken_away_is_missed(database, browser_of, later):
    head = browser_of(Role.BOARD_HEAD)
    with as_superuser(database) as connection:
        without_rules(connection, entries)
    assert head.get("/help").status_code == 200
    later()
    assert head.get("/help").status_code == 503
    assert head.get("/health/ready").json == {"ready": False}


def test_a_look_that_hangs_is_no_answer(app, browser, clock):
    """Whoever is held up by another's look is refused, and served when it has come to an end."""
    vouching = app.extensions["vetting"].vouching
    vouching.patience = 0
    with vouching._one:  # noqa: SLF001
        assert browser.get("/sign-in").status_code == 200
        clock.go_on(seconds=LOOK_AGAIN.seconds)
        assert browser.get("/sign-in").status_code == 503
    assert browser.get("/sign-in").status_code == 200


def test_whoever_comes_while_another_looks_waits_for_that_answer(app, clock, lose):
    """However long nobody had come: nobody is served from what was found before."""
    vouching, looks, answers = app.extensions["vetting"].vouching, [], []
    lose()
    clock.go_on(hours=9)
    look, others = vouching._look, []  # noqa: SLF001

    def slow():
        looks.append(1)
        others.extend(Thread(target=lambda: answers.append(vouching.fault())) for _ in range(3))
        for other in others:
            other.start()
        return look()

    vouching._look = slow  # noqa: SLF001
    answers.append(vouching.fault())
    for other in others:
        other.join()
    assert len(looks) == 1
    assert [str(one).partition(" entries")[0] for one in answers] == [
        "A witness has signed a history of 9"
    ] * 4


def test_a_clock_that_goes_back_puts_no_look_off(lose, clock, browser):
    lose()
    clock.go_on(days=-3)
    assert browser.get("/sign-in").status_code == 503


def test_a_file_put_in_the_place_of_the_database_is_what_is_asked(
    filed, later, settings, browser_of, tmp_path
):
    if not settings.database_url.startswith("sqlite"):
        pytest.skip("PostgreSQL has no file that could be put back under open connections")
    file, last_week = Path(make_url(settings.database_url).database), tmp_path / "last week"
    head = browser_of(Role.BOARD_HEAD)
    shutil.copy(file, last_week)
    (settings.folder / "witnessed").write_text(filed())
    later()
    assert head.get("/help").status_code == 200

    last_week.replace(file)
    later()
    assert head.get("/help").status_code == 503


@pytest.mark.leaves_it_unwell
def test_no_empty_file_is_made_in_the_place_of_one_that_is_gone(later, settings, browser_of):
    if not settings.database_url.startswith("sqlite"):
        pytest.skip("PostgreSQL has no file that could be taken away under open connections")
    file = Path(make_url(settings.database_url).database)
    head = browser_of(Role.BOARD_HEAD)
    file.rename(file.with_suffix(".away"))
    later()
    assert head.get("/help").status_code == 500
    assert head.get("/health/ready").status_code == 503
    assert not file.exists()

    file.with_suffix(".away").rename(file)
    assert head.get("/help").status_code == 200


def test_a_connection_that_was_opened_in_between_hides_no_older_one(sqlite_url, tmp_path):
    file, other = Path(make_url(sqlite_url).database), tmp_path / "other"
    database = Database(sqlite_url)
    with database.writing() as connection:
        connection.exec_driver_sql("CREATE TABLE said (which TEXT)")
    shutil.copy(file, other)
    with database.reading() as before:
        before.exec_driver_sql("INSERT INTO said VALUES ('before')")
        other.replace(file)
        with database.reading() as after:
            assert after.exec_driver_sql("SELECT * FROM said").all() == []
    database.let_go_of_replaced()
    with database.reading() as one, database.reading() as two:
        told = [each.exec_driver_sql("SELECT * FROM said").all() for each in (one, two)]
    database.close()
    assert told == [[], []]
