"""The master key of an installation: made, changed, lost and brought back."""

import json
from pathlib import Path

import pytest
from click.testing import CliRunner
from sqlalchemy import select

from tests import MASTER_KEY
from tests.builders import Cast, small_province
from vetting.commands import main
from vetting.config import Settings
from vetting.records.candidate_keys import data_key
from vetting.records.database import Database
from vetting.records.history import payloads
from vetting.records.master_key import MasterKeyFile, MasterKeys, hold, make_master_key
from vetting.records.migrate import upgrade
from vetting.records.standing import Purpose
from vetting.web import create_app


@pytest.fixture
def run(tmp_path, monkeypatch):
    """Run a command on an installation that keeps its master key in its folder."""
    url = f"sqlite:///{tmp_path}/vetting.sqlite"
    monkeypatch.delenv("VETTING_MASTER_KEY")
    monkeypatch.setenv("VETTING_DATABASE_URL", url)
    monkeypatch.setenv("VETTING_FOLDER", str(tmp_path / "keys"))
    monkeypatch.setenv("VETTING_LANGUAGE", "en")

    def run(*words):
        hold(None)  # as a program that has just begun
        data_key.cache_clear()
        done = CliRunner().invoke(main, words)
        assert done.exception is None or isinstance(done.exception, SystemExit), done.exception
        return done.exit_code, done.output

    run.file, run.url = tmp_path / "keys" / "master_key", url
    make_master_key(run.file)
    hold(MasterKeyFile(run.file))
    upgrade(url)
    database = Database(url, purpose=Purpose.COMMAND)
    with database.writing() as connection:
        small_province(connection)
    Cast(database).accepted(name="Nguyễn Thị Ân")
    database.close()
    yield run
    hold(MasterKeys(MASTER_KEY))
    data_key.cache_clear()


def names(run):
    return MasterKeyFile(run.file).names


def test_the_master_key_is_made_once_for_the_installations_own_account(run):
    for file in (run.file, Path(run.url.removeprefix("sqlite:///"))):
        file.unlink()
    assert run("init")[0] == 0
    [name] = names(run)
    assert run.file.stat().st_mode & 0o777 == 0o600
    assert run("init")[0] == 0
    assert names(run) == (name,)


def test_it_is_changed_and_the_old_one_let_go_of(run):
    [first] = names(run)

    code, said = run("keys", "rotate")

    second, kept = names(run)
    assert (code, kept) == (0, first)
    assert said.splitlines() == [
        f"Master key {second}: 1 candidates’ keys wrapped anew.",
        (
            f"Older master keys are still there: {first}. Start every server anew, then run "
            "`vetting keys retire`."
        ),
    ]
    assert run("history", "verify")[0] == run("history", "rebuild", "--compare")[0] == 0
    code, said = run("keys", "retire")
    assert (code, said) == (0, f"Master key {second}: 0 candidates’ keys wrapped anew.\n")
    assert names(run) == (second,)
    assert run("history", "rebuild", "--compare")[0] == 0


def test_a_key_that_is_given_is_changed_by_the_order_in_which_they_are_given(run, monkeypatch):
    old = run.file.read_text().strip()
    run.file.unlink()
    monkeypatch.setenv("VETTING_MASTER_KEY", f"{MASTER_KEY} {old}")
    newest = MasterKeys(MASTER_KEY).newest.name

    code, said = run("keys", "rotate")

    assert code == 0
    assert said.startswith(f"Master key {newest}: 1 candidates")
    assert not run.file.exists()
    monkeypatch.setenv("VETTING_MASTER_KEY", MASTER_KEY)
    assert run("history", "rebuild", "--compare")[0] == 0


def test_a_lost_master_key_stops_all_but_the_proof_of_what_is_left(run):
    kept = run.file.read_bytes()
    run.file.unlink()

    for words in (("doctor",), ("history", "rebuild", "--compare"), ("keys", "rotate"), ("init",)):
        code, said = run(*words)
        assert (code, said.startswith("Error: There is no master key that opens")) == (2, True), (
            said
        )
    assert not run.file.exists()  # no other one was put in its place
    code, said = run("history", "verify", "--json")
    told = json.loads(said)
    assert (code, told["holds"], told["words_checked"]) == (0, True, False)
    assert told["entries"] > 3
    assert "what the entries say was not compared" in run("history", "verify")[1]
    settings = Settings(run.url, run.file.parent, "x" * 32)
    with pytest.raises(SystemExit, match="Bring back the file of the master key"):
        create_app(settings)
    run.file.write_text(MASTER_KEY)  # somebody makes another
    run.file.chmod(0o600)
    with pytest.raises(SystemExit, match="Bring back the file of the master key"):
        create_app(settings)
    assert run("history", "verify")[0] == 2

    run.file.write_bytes(kept)

    assert run("history", "verify", "--json")[0] == 0
    create_app(settings)


def test_others_may_not_read_the_file(run):
    run.file.chmod(0o644)
    assert run("doctor")[0] == 2
    with pytest.raises(SystemExit, match="Others may read the file of the master key"):
        create_app(Settings(run.url, run.file.parent, "x" * 32))


def test_the_database_alone_opens_no_word_of_the_history(run):
    """A file that was carried off without the master key."""
    database = Database(run.url, purpose=Purpose.COMMAND)
    with database.reading() as connection:
        said = max(connection.scalars(select(payloads.c.content)).all(), key=len)
        salts = connection.scalars(select(payloads.c.salt)).all()
    database.close()
    content = Path(run.url.removeprefix("sqlite:///")).read_bytes()
    assert said.encode() not in content
    assert not any(salt.encode() in content for salt in salts)
