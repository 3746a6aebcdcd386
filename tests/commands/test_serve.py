"""What may not be served is refused before anybody could reach it, in one sentence."""

import os
import subprocess
import sys

import pytest
from click.testing import CliRunner
from sqlalchemy import create_engine, func, select

from tests.builders import Cast
from tests.records.conftest import province
from vetting.commands.serve import serve
from vetting.commands.worker import worker
from vetting.config import ROOT
from vetting.records.database import Database
from vetting.records.jobs import jobs
from vetting.records.sealing_key import make_sealing_key, read_sealing_key
from vetting.usecases.seal_checkpoint import seal_checkpoint
from vetting.worker.run import Worker


@pytest.fixture
def put_back(sqlite_url, tmp_path, monkeypatch):
    """An installation whose folder knows that a witness signed more than the database has."""
    for database in province(sqlite_url):
        Cast(database).filed()
        make_sealing_key(tmp_path, "vetting/test")
        note = seal_checkpoint(database, read_sealing_key(tmp_path)).note
        (tmp_path / "witnessed").write_text(note.replace("\n2\n", "\n9\n"))
        for name, value in {
            "VETTING_DATABASE_URL": sqlite_url,
            "VETTING_FOLDER": str(tmp_path),
            "VETTING_SECRET_KEY": "a key for tests",
            "VETTING_LANGUAGE": "en",
        }.items():
            monkeypatch.setenv(name, value)
        yield tmp_path


SENTENCE = "A witness has signed a history of 9 entries that this database does not have: it has 2"


def begun(monkeypatch):
    """Serve, but for the server itself; returns how the command ended and what it began."""
    programs = []
    monkeypatch.setattr(subprocess, "Popen", programs.append)
    monkeypatch.setattr(os, "execv", lambda _, command: programs.append(command))
    done = CliRunner().invoke(serve)
    return done, programs


def test_a_database_that_was_put_back_is_refused_before_anything_begins(put_back, monkeypatch):
    refused, programs = begun(monkeypatch)
    assert (refused.exit_code, programs) == (2, [])
    assert refused.output.startswith(f"Error: {SENTENCE}")
    assert refused.output.count("\n") == 1

    (put_back / "witnessed").unlink()
    done, programs = begun(monkeypatch)
    assert (done.exit_code, len(programs)) == (0, 2)
    assert done.output == "Open http://127.0.0.1:5000/ in a browser.\n"


@pytest.mark.leaves_it_unwell
def test_a_worker_is_refused_alike_and_does_nothing(put_back, sqlite_url, monkeypatch):
    at_work, engine = [], create_engine(sqlite_url)
    monkeypatch.setattr(Worker, "run", lambda it: at_work.append(it.folder))
    monkeypatch.setattr(Worker, "end_on_signals", lambda _worker: None)
    refused = CliRunner().invoke(worker)
    assert (refused.exit_code, at_work) == (2, [])
    assert refused.output.startswith(f"Error: {SENTENCE}")
    with engine.connect() as connection:
        assert connection.scalar(select(func.count()).select_from(jobs)) == 0

    (put_back / "witnessed").unlink()
    assert CliRunner().invoke(worker).exit_code == 0
    assert len(at_work) == 1

    with engine.begin() as connection:
        connection.exec_driver_sql("DROP TRIGGER entries_no_update")
    engine.dispose()
    refused = CliRunner().invoke(worker)
    assert (refused.exit_code, len(at_work)) == (2, 1)
    assert refused.output.startswith("Error: The trigger entries_no_update is missing.")


def test_whatever_else_the_workers_would_be_refused_for_is_said_once(put_back, monkeypatch):
    (put_back / "witnessed").unlink()
    monkeypatch.delenv("VETTING_SECRET_KEY")
    refused, programs = begun(monkeypatch)
    assert (refused.exit_code, programs) == (1, [])
    assert "There is no secret key yet." in str(refused.output)


def test_gunicorn_ends_where_its_workers_are_refused(put_back):  # noqa: ARG001
    command = [sys.executable, "-m", "gunicorn", "--bind", "127.0.0.1:0", "--no-control-socket"]
    done = subprocess.run(
        [*command, "--workers", "1", "app:app"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert done.returncode != 0
    assert SENTENCE in done.stderr


@pytest.mark.leaves_it_unwell
def test_a_worker_at_work_stops_while_nobody_vouches_for_the_database_and_goes_on_by_itself(
    put_back, sqlite_url, caplog
):
    opened, asked = Database(sqlite_url), []
    at_work = Worker(opened, read_sealing_key(put_back), put_back, ask=lambda: asked.append(1))
    at_work.work_once()
    (put_back / "witnessed").unlink()
    at_work.work_once()
    assert len(asked) == 1

    with opened.writing() as connection:
        connection.exec_driver_sql("DROP TRIGGER entries_no_update")
    at_work.work_once()
    opened.close()
    assert len(asked) == 1
    behind, lacks = (one.getMessage() for one in caplog.records if one.name == "vetting.worker")
    assert behind.startswith(SENTENCE)
    assert lacks.startswith("The trigger entries_no_update is missing.")
    assert behind.endswith(" Nothing is done or sealed.")
