"""A database without the triggers that migrations give is not served, and does not verify."""

import json

import pytest
from click.testing import CliRunner

from tests.builders import as_owner
from vetting.commands.history import history
from vetting.commands.serve import serve
from vetting.config import Settings
from vetting.records.trigger_faults import trigger_fault
from vetting.web import create_app

pytestmark = pytest.mark.leaves_it_unwell

WHAT_TO_DO = (
    " Somebody worked on the database past the program: find out who, and bring back a backup "
    "that has every trigger."
)
NO_UPDATE = "CREATE TRIGGER entries_no_update BEFORE UPDATE ON entries"


def faults_after(database, *deeds):
    """Return what is found once the owner of the tables did this."""
    with as_owner(database).reading() as connection:
        for deed in deeds:
            connection.exec_driver_sql(deed)
    with database.reading() as connection:
        fault = trigger_fault(connection)
    return None if fault is None else str(fault).removesuffix(WHAT_TO_DO)


def test_the_triggers_of_a_database_are_those_that_the_migrations_give(database):
    assert faults_after(database) is None


def test_a_trigger_that_is_gone_or_too_many_is_named(database):
    sqlite = database.engine.dialect.name == "sqlite"
    on = "" if sqlite else " ON entries"
    added = "BEGIN SELECT 1; END" if sqlite else "FOR EACH ROW EXECUTE FUNCTION refuse_change()"
    assert [
        faults_after(database, f"CREATE TRIGGER added BEFORE UPDATE ON entries {added}"),
        faults_after(database, f"DROP TRIGGER added{on}", f"DROP TRIGGER entries_no_delete{on}"),
    ] == [
        "The trigger added is not the program’s.",
        "The trigger entries_no_delete is missing.",
    ]


def test_a_trigger_that_refuses_no_more_is_named(database):
    if database.engine.dialect.name == "sqlite":
        deeds = ["DROP TRIGGER entries_no_update", f"{NO_UPDATE} BEGIN SELECT 1; END"]
    else:
        deeds = ["ALTER TABLE entries DISABLE TRIGGER entries_no_update"]
    assert faults_after(database, *deeds) == "The trigger entries_no_update was changed."


def test_a_database_without_its_triggers_is_not_served_and_does_not_verify(
    database, tmp_path, monkeypatch
):
    on = "" if database.engine.dialect.name == "sqlite" else " ON entries"
    said = faults_after(database, f"DROP TRIGGER entries_no_update{on}") + WHAT_TO_DO
    url = database.engine.url.render_as_string(hide_password=False)
    settings = {"DATABASE_URL": url, "FOLDER": tmp_path, "SECRET_KEY": "a key", "LANGUAGE": "en"}
    for name, value in settings.items():
        monkeypatch.setenv(f"VETTING_{name}", str(value))

    with pytest.raises(SystemExit) as refused:
        create_app(Settings(database_url=url, folder=tmp_path, secret_key="a key for tests"))
    assert str(refused.value) == said
    assert CliRunner().invoke(serve).output == f"Error: {said}\n"
    done = CliRunner().invoke(history, ["verify"])
    assert (done.exit_code, done.output.splitlines()[-3::2]) == (
        1,
        [said, "The history does not hold."],
    )
    told = json.loads(CliRunner().invoke(history, ["verify", "--json"]).output)
    assert (told["holds"], told["triggers"], told["broken"]) == (False, said, [])
