"""`vetting deadlines`: the same as the page says, for whoever works without a browser."""

import json
from datetime import UTC, datetime
from pathlib import Path

import pytest
from click.testing import CliRunner

from tests.builders import Cast, as_owner, definitions, sent, small_province
from tests.queries.test_deadlines import RESOLUTION
from vetting.commands import main
from vetting.engine.vocabulary import CaseType
from vetting.queries.deadline_page import deadline_page
from vetting.records.database import Database
from vetting.records.identity import Ids
from vetting.usecases.load_calendar import load_calendar
from vetting.usecases.record_fact import record_fact


@pytest.fixture
def cast(sqlite_url, tmp_path, monkeypatch):
    database = Database(sqlite_url)
    with as_owner(database).writing() as connection:
        small_province(connection)
    cast = Cast(database, Ids(clock=lambda: datetime(2026, 9, 1, 1, 0, tzinfo=UTC)))
    load_calendar(database, cast.ids)
    monkeypatch.setenv("VETTING_DATABASE_URL", sqlite_url)
    monkeypatch.setenv("VETTING_FOLDER", str(tmp_path))
    monkeypatch.setenv("VETTING_LANGUAGE", "en")
    yield cast
    database.close()


@pytest.fixture
def admission(cast):
    case = cast.filed(case_type=CaseType.PARTY_ADMISSION, target="Đảng viên")
    record_fact(
        cast.unit, sent(), [case], "cell_resolution", RESOLUTION | {"passed_on": "2026-08-20"}
    )
    return case


def run(*words):
    done = CliRunner().invoke(main, ["deadlines", *words])
    assert done.exception is None or isinstance(done.exception, SystemExit), done.exception
    return done.exit_code, done.output


def told(*words):
    code, said = run(*words, "--json")
    assert code == 0
    return json.loads(said)


def test_the_command_says_the_same_as_the_page(cast, admission):
    with cast.database.reading() as connection:
        page = deadline_page(
            connection,
            cast.board.principal,
            definitions(),
            admission,
            "decision",
            today="2026-09-01",
        )

    explained = told("explain", admission)

    decision = explained["deadlines"][0]
    assert (decision["begins_on"], decision["due_on"], decision["latest_on"]) == (
        page.begins_on,
        page.due_on,
        page.latest_on,
    )
    assert [(day["day"], day["number"], day["because"]) for day in decision["days"]] == [
        (step.day.isoformat(), step.number, step.because.value) for step in page.counted.steps
    ]
    assert decision["days"][10]["name"] == {
        "vi": "Ngày nghỉ (thay cho ngày 22/08/2026)",
        "en": "Day off (substituted from 22/08/2026)",
    }
    assert decision["rule"] == {
        "unit": "working_days",
        "length": 60,
        "counted": "after",
        "extension": 30,
        "granted": 0,
        "text": "60 working days",
        "basis": "29-QĐ/TW;2016-07-25;Trung ương Đảng",
    }
    assert explained["workflow"] == {"case_type": "party_admission", "version": 1}
    assert explained["calendar"]["last"] == "2031-12-31"
    assert [one["standing"] for one in explained["deadlines"][1:]] == ["not_begun", "not_begun"]


def test_a_reference_does_as_well_as_a_handle(admission):
    by_handle = told("explain", admission)
    assert told("explain", by_handle["case"]) == by_handle


def test_the_days_are_printed_for_people(admission):
    code, said = run("explain", admission)
    assert code == 0
    lines = [line.strip() for line in said.splitlines()]
    assert "22/08/2026     2  make-up working day: Worked in place of 31/08/2026" in lines
    assert "24/11/2026" not in said  # the term ends before
    assert "16/11/2026    60  working day" in lines
    assert "Legal basis: 29-QĐ/TW, 2016-07-25, Trung ương Đảng" in lines


def test_a_case_without_deadlines_says_so(cast):
    code, said = run("explain", cast.filed())
    assert (code, said.splitlines()[-1]) == (0, "No rule gives this case a deadline.")


def test_a_case_that_does_not_exist_is_wrong_use(cast):  # noqa: ARG001  # the database is needed
    assert run("explain", "nothing") == (2, "Error: There is no such case.\n")


def test_a_sweep_lists_what_is_late_and_what_is_due_and_changes_nothing(cast, admission):
    before = cast.database.engine.url.database
    bytes_before = Path(before).read_bytes()

    due = told("sweep", "--today", "2026-11-10", "--within", "6")
    late = told("sweep", "--today", "2026-11-17", "--within", "0")
    early = told("sweep", "--today", "2026-11-10", "--within", "5")

    assert [(one["handle"], one["deadline"], one["due_on"]) for one in due["due"]] == [
        (admission, "decision", "2026-11-16")
    ]
    assert (due["late"], due["without_date"]) == ([], [])
    assert [(one["handle"], one["due_on"]) for one in late["late"]] == [(admission, "2026-11-16")]
    assert (late["due"], early["due"], early["late"]) == ([], [], [])
    assert Path(before).read_bytes() == bytes_before


def test_a_sweep_ends_with_its_numbers(admission):  # noqa: ARG001
    code, said = run("sweep", "--today", "2026-11-17")
    assert code == 0
    assert said.splitlines()[-1] == "1 late, 0 due within 5 days, 0 without a date."
    assert said.startswith("late     16/11/2026  ")


@pytest.mark.parametrize(
    "words", [("--within", "-1"), ("--within", "x"), ("--today", "2026-02-30")]
)
def test_a_sweep_refuses_what_is_no_day(cast, words):  # noqa: ARG001
    assert run("sweep", *words)[0] == 2
