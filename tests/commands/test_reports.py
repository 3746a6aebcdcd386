"""`vetting reports check` counts what was kept by SQL alone, and names what is not the same."""

import json

import pytest
from click.testing import CliRunner
from sqlalchemy import update

from tests.builders import sent
from tests.random_histories import random_history
from tests.records.conftest import province
from vetting.commands import main
from vetting.engine.vocabulary import Role
from vetting.records.reports import report_figures
from vetting.usecases.make_report import make_report


@pytest.fixture
def database(sqlite_url, tmp_path, monkeypatch):
    monkeypatch.setenv("VETTING_DATABASE_URL", sqlite_url)
    monkeypatch.setenv("VETTING_FOLDER", str(tmp_path))
    for database in province(sqlite_url):
        cast = random_history(database, tmp_path, seed=3, steps=40)
        desk = cast.desk("uy-ban-kiem-tra", Role.SUPERVISOR)
        make_report(desk, sent(), "2026-01-01", "2026-12-31")
        yield database


def checked():
    told = CliRunner().invoke(main, ["reports", "check", "--json"])
    return told.exit_code, [one["unlike"] for one in json.loads(told.output)]


def test_reports_are_counted_a_second_time(database):
    assert checked() == (0, [[]])
    with database.writing() as connection:
        connection.exec_driver_sql("DROP TRIGGER report_figures_no_update")
        kept = report_figures.c.name == "requests"
        connection.execute(update(report_figures).where(kept).values(rows="[]"))
    assert checked() == (1, [["requests"]])
