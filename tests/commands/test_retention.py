"""`vetting retention`: schedules are loaded whole or not at all, listed, and records destroyed."""

from unittest.mock import patch

import pytest
from click.testing import CliRunner
from sqlalchemy import func, select

from tests.builders import Cast
from tests.disposing import CLASS, Disposing, schedule
from tests.records.conftest import province
from vetting.commands import main
from vetting.engine.policy import Action
from vetting.records.disposals import disposals, retention_schedules
from vetting.records.scrub import NotScrubbed
from vetting.records.standing import Purpose
from vetting.usecases import forget as forgetting
from vetting.usecases.look import look

HEADINGS = "code,name_vi,name_en,case_types,years,basis,source\n"
ROW = "quy-hoach,Hồ sơ quy hoạch,Planning records,planning,20,Quy định 01,bản ký\n"
OPEN = "chua-ro,Chưa nhập,Not entered,,,,\n"


@pytest.fixture
def database(sqlite_url, tmp_path, monkeypatch):
    monkeypatch.setenv("VETTING_DATABASE_URL", sqlite_url)
    monkeypatch.setenv("VETTING_FOLDER", str(tmp_path))
    monkeypatch.setenv("LANG", "en_US.UTF-8")
    monkeypatch.setenv("VETTING_LANGUAGE", "en")
    yield from province(sqlite_url)


@pytest.fixture
def due(database):
    """A case of which two people have agreed that it is destroyed."""
    schedule(database)
    cast = Cast(database)
    case = cast.closed()
    people = Disposing(cast)
    people.let_pass()
    people.ask(case)
    people.agree(case)
    return cast, people, case


def retention(*words):
    told = CliRunner().invoke(main, ["retention", *map(str, words)])
    return told.exit_code, told.output


def load(tmp_path, text, encoding="utf-8"):
    file = tmp_path / "lich.csv"
    file.write_bytes(text.encode(encoding))
    return retention("load", file)


def kept(database):
    with database.reading(Purpose.COMMAND) as connection:
        c = retention_schedules.c
        return connection.execute(select(c.code, c.years).order_by(c.code)).all()


def test_a_file_is_loaded_once_and_again_changes_nothing(database, tmp_path):
    code, told = load(tmp_path, HEADINGS + ROW + OPEN)
    assert (code, [word for word in told.split() if word.isdigit()]) == (0, ["2", "0", "0"])
    code, told = load(tmp_path, HEADINGS + ROW.replace("20", "50") + OPEN)
    assert (code, [word for word in told.split() if word.isdigit()]) == (0, ["0", "1", "1"])
    assert kept(database) == [("chua-ro", None), ("quy-hoach", 50)]


def test_a_file_with_anything_wrong_is_loaded_not_at_all(database, tmp_path):
    code, told = load(tmp_path, HEADINGS + ROW + OPEN.replace(",,,,", ",khac,0,,"))
    assert code == 2
    assert "lich.csv:3:" in told
    assert "lich.csv:2:" not in told
    assert kept(database) == []
    assert load(tmp_path, HEADINGS + ROW, "utf-16")[0] == 2
    assert retention("load", tmp_path / "khong-co.csv")[0] == 2


@pytest.mark.usefixtures("database")
def test_what_was_entered_is_listed_and_what_was_not_is_said(tmp_path):
    code, told = retention("list")
    assert (code, told.count("\n")) == (0, 1)
    load(tmp_path, HEADINGS + ROW + OPEN)
    code, told = retention("list")
    assert code == 0
    first, second = told.splitlines()
    assert second == "quy-hoach · planning · 20 · Quy định 01"
    assert first.startswith("chua-ro · ")
    assert len(set(first.split(" · ")[1:])) == 1


def test_what_two_people_agreed_to_is_destroyed_by_the_command(due):
    cast, _, case = due
    code, told = retention("run")
    assert code == 0, told
    assert "1" in told
    with cast.database.reading(Purpose.COMMAND) as connection:
        gone = connection.scalar(
            select(func.count()).where(
                disposals.c.case_handle == case, disposals.c.erased_at.is_not(None)
            )
        )
    assert gone == 1
    assert retention("run")[0] == 0  # there is nothing left to do


def test_files_that_could_not_be_cleaned_are_told_and_cleaned_by_the_next_run(due):
    _, _, case = due
    with patch.object(forgetting, "scrub", side_effect=NotScrubbed):
        code, told = retention("run")
    assert code == 1
    assert "Of 1 destroyed records" in told
    examined = CliRunner().invoke(main, ["doctor"])
    assert examined.exit_code == 1
    assert ": The record of case" in examined.output
    assert case not in examined.output  # it is named as its page names it
    code, told = retention("run")
    assert (code, told.splitlines()[-2:]) == (
        0,
        ["0 records destroyed.", "The files of the database are clean of 1 destroyed records."],
    )
    assert CliRunner().invoke(main, ["doctor"]).exit_code == 0


def test_what_is_another_list_by_now_is_not_destroyed_and_is_named(due):
    cast, _, case = due
    look(cast.head, Action.SEE_CASE, cases=[case], purpose="Đối chiếu đơn.")
    code, told = retention("run")
    assert code == 1
    assert case in told
    with cast.database.reading(Purpose.COMMAND) as connection:
        assert connection.scalar(select(disposals.c.erased_at)) is None


def test_without_a_database_the_command_says_what_to_do(tmp_path, monkeypatch):
    monkeypatch.setenv("VETTING_DATABASE_URL", f"sqlite:///{tmp_path / 'none.sqlite'}")
    monkeypatch.setenv("VETTING_FOLDER", str(tmp_path))
    code, told = retention("run")
    assert code == 2
    assert "vetting init" in told
    assert CLASS not in told
