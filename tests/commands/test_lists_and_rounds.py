"""Lists filed and whole rounds played from the command line."""

import json
from pathlib import Path

import pytest
import xlsxwriter
from click.testing import CliRunner
from sqlalchemy import create_engine, text

from vetting.commands import main
from vetting.commands.demonstration import PASSWORD

ROWS = [
    ("Nguyễn Văn Ân", "02/04/1970", "Phó Bí thư", "Kinh"),
    ("TRẦN THỊ ĐÀO", "1975", "Bí thư", "Kinh"),
    ("Lê Quốc Minh", "31/02/1980", "Bí thư", "Kinh"),
    ("Nguyễn Văn Ân", "02/04/1970", "Phó Bí thư", "Kinh"),
]


@pytest.fixture
def run(monkeypatch, tmp_path):
    """Run `vetting` in English, in a folder of this test's own."""
    monkeypatch.setenv("VETTING_FOLDER", str(tmp_path / "kept"))
    monkeypatch.setenv("VETTING_LANGUAGE", "en")

    def run(*words, url=None):
        if url is not None:
            monkeypatch.setenv("VETTING_DATABASE_URL", url)
        return CliRunner().invoke(main, [str(word) for word in words])

    return run


@pytest.fixture
def write_list(tmp_path):
    """Write a list as a unit sends it."""

    def write_list(unit, name="list.xlsx", rows=ROWS):
        folder = tmp_path / "lists"
        folder.mkdir(exist_ok=True)
        with xlsxwriter.Workbook(str(folder / name)) as book:
            sheet = book.add_worksheet()
            sheet.write(0, 0, f"Đơn vị: {unit}")
            sheet.write(1, 0, "DANH SÁCH QUY HOẠCH")
            sheet.write_row(
                3, 0, ["STT", "Họ và tên", "Ngày sinh", "Chức danh quy hoạch", "Dân tộc"]
            )
            for number, row in enumerate(rows, 1):
                sheet.write_row(3 + number, 0, [number, *row])
        return folder / name

    return write_list


def told(file, unit, cases):
    return {
        "files": [
            {
                "file": file.name,
                "unit": unit,
                "accepted": [
                    {
                        "row": 5,
                        "name": "Nguyễn Văn Ân",
                        "born": "1970-04-02",
                        "target": "Phó Bí thư",
                        "case": cases[0],
                    },
                    {
                        "row": 6,
                        "name": "Trần Thị Đào",
                        "born": "1975",
                        "target": "Bí thư",
                        "case": cases[1],
                    },
                ],
                "refused": [
                    {
                        "row": 7,
                        "reason": "birth_invalid",
                        "message": "“31/02/1980” in row 7 is not a date or year of birth; "
                        "write it as day/month/year, or the year alone.",
                    },
                    {
                        "row": 8,
                        "reason": "duplicate_row",
                        "message": "Row 8 repeats row 5: same name, birth and title.",
                    },
                ],
                "not_kept": ["Dân tộc"],
            }
        ]
    }


def test_a_dry_run_says_everything_and_needs_no_database(run, write_list):
    file = write_list("Sở Y tế")

    answer = run("lists", "import", file, "--case-type", "planning", "--dry-run", "--json")

    assert answer.exit_code == 0, answer.output
    assert json.loads(answer.output) == told(file, "Sở Y tế", [None, None])


def test_every_good_row_becomes_a_case_with_a_number_of_its_unit(run, write_list, empty_url):
    file = write_list("Sở Y tế")
    assert run("init", url=empty_url).exit_code == 0

    answer = run("lists", "import", file, "--case-type", "planning", "--json")

    assert answer.exit_code == 0, answer.output
    found = json.loads(answer.output)
    cases = [row["case"] for row in found["files"][0]["accepted"]]
    assert found == told(file, "Sở Y tế", cases)
    assert [case.rsplit("-", 1)[0][:2] for case in cases] == ["QH", "QH"]
    assert [case.rsplit("-", 2)[1] for case in cases] == ["0001", "0002"]
    assert run("history", "verify").exit_code == 0


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        (["--unit", "Sở Không Có"], "there is no requesting unit “Sở Không Có” in the register."),
        ([], "There is no database yet. Run `vetting init` first."),
    ],
)
def test_what_cannot_be_filed_ends_in_one_sentence(run, write_list, tmp_path, words, sentence):
    file = write_list("Sở Y tế")
    url = f"sqlite:///{tmp_path}/none.sqlite"

    answer = run("lists", "import", file, "--case-type", "planning", *words, url=url)

    assert answer.exit_code == 2
    assert sentence in answer.output


def test_a_file_that_is_no_list_files_nothing_of_the_others(run, write_list, tmp_path, sqlite_url):
    good, broken = write_list("Sở Y tế"), tmp_path / "broken.xlsx"
    broken.write_bytes(b"PK\x03\x04 nothing of the kind")
    assert run("init", url=sqlite_url).exit_code == 0

    answer = run("lists", "import", good, broken, "--case-type", "planning")

    assert answer.exit_code == 2
    engine = create_engine(sqlite_url)
    with engine.connect() as connection:
        assert connection.scalar(text("SELECT count(*) FROM cases")) == 0
    engine.dispose()


def test_a_whole_round_is_played_to_its_end(run, write_list, empty_url):
    folder = write_list("Sở Y tế", "01.xlsx").parent
    write_list("Tỉnh đoàn", "02.xlsx", ROWS[:1])

    answer = run("demo", "round", folder, "--json", url=empty_url)

    assert answer.exit_code == 0, answer.output
    found = json.loads(answer.stdout)
    assert {
        name: found[name] for name in found if name not in {"seconds", "peak_mb", "entries"}
    } == {
        "cases": 3,
        "refused_rows": 2,
        "consultations": 24,
        "opinions": 24,
        "concluded": 3,
        "closed": 3,
        "history_holds": True,
    }
    again = run("demo", "round", folder, "--json")
    assert again.exit_code == 2
    assert "already holds cases" in again.output


def test_a_second_start_keeps_the_demonstration_as_it_is(run, tmp_path):
    url = f"sqlite:///{tmp_path}/demonstration.sqlite"
    first = run("init", "--demonstration", url=url)
    engine = create_engine(url)
    with engine.connect() as connection:
        entries = connection.scalar(text("SELECT count(*) FROM entries"))

    second = run("init", "--demonstration")

    with engine.connect() as connection:
        assert connection.scalar(text("SELECT count(*) FROM entries")) == entries
    engine.dispose()
    assert (first.exit_code, second.exit_code) == (0, 0)
    assert "donvi" in second.output
    assert "Loaded organisations: 75 new." in first.output
    assert "Loaded" not in second.output
    for output in (first.output, second.output):
        assert "  quantri2     Administrator\n" in output
        assert output.count("(cleared for restricted cases: level 2)\n") == 3
        assert output.count("(cleared for restricted cases: level 1)\n") == 1
    assert f"all with the password {PASSWORD}:" in second.output
    run("officers", "password", "donvi", "--password", "con trâu đứng ngắm mưa")
    assert PASSWORD not in run("init", "--demonstration").output
    assert (Path(tmp_path) / "kept" / "secret_key").stat().st_mode & 0o777 == 0o600


@pytest.mark.postgresql
def test_the_demonstration_is_played_on_postgresql_too(run, postgresql_url):
    played = run("init", "--demonstration", url=postgresql_url)

    assert (played.exit_code, played.exception) == (0, None)
    engine = create_engine(postgresql_url)
    with engine.connect() as connection:
        states = set(connection.scalars(text("SELECT DISTINCT state FROM cases")))
    engine.dispose()
    assert states >= {"filed", "accepted", "consulting", "submitted", "concluded", "closed"}
