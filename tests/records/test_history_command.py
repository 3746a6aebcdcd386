"""`vetting history`: what it prints, and what it ends with."""

import json

import pytest
from click.testing import CliRunner
from sqlalchemy import select, text

from tests.builders import Cast, sent
from tests.records.conftest import province
from vetting.commands.history import history
from vetting.records.cases import cases
from vetting.records.sealing_key import make_sealing_key, read_public_half
from vetting.usecases.interrupt_case import withdraw_case

pytestmark = pytest.mark.leaves_it_unwell

NOTHING_WITNESSED = (
    "Nothing is known to have been signed by a witness: a database that was put back would not be "
    "found."
)


@pytest.fixture
def run(sqlite_url, tmp_path, monkeypatch):
    """Run the command on a province with one case that was concluded."""
    for database in province(sqlite_url):
        cast = Cast(database)
        case = cast.concluded()
        open_case = cast.filed()
        withdraw_case(cast.unit, sent(), open_case, "Đã rút")
        monkeypatch.setenv("VETTING_DATABASE_URL", sqlite_url)
        monkeypatch.setenv("VETTING_FOLDER", str(tmp_path))
        monkeypatch.setenv("VETTING_LANGUAGE", "en")

        def run(*words):
            done = CliRunner().invoke(history, words)
            assert done.exception is None or isinstance(done.exception, SystemExit)
            return done.exit_code, done.output

        run.case, run.database, run.folder = case, database, tmp_path
        yield run


def change(database, deed):
    with database.engine.connect() as connection:
        for name in connection.scalars(
            text("SELECT name FROM sqlite_master WHERE type = 'trigger'")
        ).all():
            connection.exec_driver_sql(f"DROP TRIGGER {name}")
        connection.exec_driver_sql(deed)


def test_nothing_is_sealed_without_a_key(run):
    code, said = run("seal")
    assert (code, said) == (2, "Error: There is no sealing key. Run `vetting init`.\n")


def test_what_was_sealed_is_verified_and_the_numbers_are_told(run):
    make_sealing_key(run.folder, "vetting/test")
    code, said = run("seal")
    assert (code, said.splitlines()[:2]) == (
        0,
        ["24 entries added, 24 in the log.", "vetting/test"],
    )
    code, said = run("verify", "--json")
    assert code == 0
    assert json.loads(said) == {
        "holds": True,
        "cases": 2,
        "entries": 24,
        "in_log": 24,
        "waiting": 0,
        "checkpoints": 1,
        "signatures_checked": True,
        "words_checked": True,
        "broken_cases": 0,
        "broken": [],
        "broken_log": [],
        "witnessed": None,
        "unlike_witnessed": None,
        "triggers": None,
        "declared_gaps": [],
    }
    code, said = run("verify", "--key", str(read_public_half(run.folder)))
    assert (code, said.splitlines()) == (
        0,
        [
            "2 cases, 24 entries, 1 checkpoints, 0 entries not in the log yet.",
            NOTHING_WITNESSED,
            "The history holds.",
        ],
    )
    code, said = run("verify", "--key", "nonsense")
    assert (code, said) == (2, "Error: This is not a public key that signs checkpoints.\n")


def test_the_first_broken_entry_is_named(run):
    change(run.database, "UPDATE payloads SET content = '{}' WHERE number = 3")
    code, said = run("verify")
    assert code == 1
    lines = said.splitlines()
    assert lines[1] == "There is no public key: signatures were not checked."
    reference = reference_of(run)
    assert f"Case {run.case} ({reference}), entry 3: what the entry says was changed." in lines
    assert lines[-1] == "The history does not hold."
    code, said = run("verify", "--json")
    told = json.loads(said)
    assert (code, told["broken_cases"]) == (1, 2)
    assert {
        "case": run.case,
        "reference": reference,
        "entry": 3,
        "what": "what the entry says was changed",
    } in told["broken"]


def test_of_a_case_that_has_no_reference_the_handle_alone_is_named(run):
    change(run.database, "UPDATE payloads SET content = '{}' WHERE number = 3")
    change(run.database, f"UPDATE cases SET reference = NULL WHERE handle = '{run.case}'")  # noqa: S608
    assert f"Case {run.case}, entry 3: what the entry says was changed." in run("verify")[1]
    told = json.loads(run("verify", "--json")[1])["broken"]
    assert [one["reference"] for one in told if one["case"] == run.case] == [None]


def reference_of(run):
    with run.database.reading() as connection:
        reference = connection.scalar(select(cases.c.reference).where(cases.c.handle == run.case))
    assert reference
    return reference


def test_rows_are_rebuilt_and_compared(run):
    assert run("rebuild", "--compare") == (
        0,
        "2 cases, 24 entries, 24 rows compared.\nEvery row is what follows from the entries.\n",
    )
    code, said = run("rebuild", "--compare", "--json")
    counts = {"cases": 2, "entries": 24, "rows": 24}
    assert (code, json.loads(said)) == (0, {"same": True, **counts, "differences": []})
    change(run.database, f"UPDATE cases SET name = 'Ai đó' WHERE handle = '{run.case}'")  # noqa: S608
    assert run("rebuild", "--compare") == (
        1,
        f"cases {run.case}: “name” is not what the entries say.\n",
    )
    code, said = run("rebuild", "--compare", "--json")
    assert (code, json.loads(said)) == (
        1,
        {
            "same": False,
            **counts,
            "differences": [
                {
                    "case": run.case,
                    "table": "cases",
                    "key": [run.case],
                    "column": "name",
                    "what": f"cases {run.case}: “name” is not what the entries say.",
                }
            ],
        },
    )


def test_entries_that_cannot_be_followed_are_named(run):
    change(run.database, "UPDATE payloads SET content = '{}' WHERE number = 1")
    code, said = run("rebuild", "--compare")
    assert code == 1
    assert f"The entries of case {run.case} cannot be followed." in said


@pytest.mark.parametrize("words", [("verify",), ("rebuild", "--compare")])
def test_a_file_that_is_no_database_or_a_torn_one_is_said_to_be_unreadable(run, words):
    run.database.close()
    file = run.folder / "vetting.sqlite"
    whole = file.read_bytes()
    for torn in (b"no database at all" * 100, whole[: len(whole) // 3], whole[:16] + bytes(4096)):
        file.write_bytes(torn)
        code, said = run(*words)
        assert code == 2
        assert said.startswith("Error: The database cannot be read")
