"""A database without the triggers that migrations give is not served, and does not verify."""

import json

import pytest
from click.testing import CliRunner
from sqlalchemy import create_engine, text

from tests.builders import as_owner
from vetting.commands.history import history
from vetting.commands.serve import serve
from vetting.config import Settings
from vetting.records.database import Database
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


def test_a_trigger_whose_condition_became_a_text_is_named(sqlite_url):
    sqlite_database = Database(sqlite_url)
    whole = trigger_of(sqlite_database, "entries_one_hat")
    when, then = whole.index("WHEN ") + 5, whole.index(" BEGIN ")
    never = f'{whole[:when]}"{whole[when:then]}"{whole[then:]}'  # the same, as SQLite quotes names
    deeds = ["DROP TRIGGER entries_one_hat", never]
    assert faults_after(sqlite_database, *deeds) == "The trigger entries_one_hat was changed."


def trigger_of(database, name):
    with database.reading() as connection:
        return connection.scalar(
            text("SELECT sql FROM sqlite_master WHERE name = :name"), {"name": name}
        )


PASSES = "RETURNS trigger LANGUAGE plpgsql"
ONE_HAT = "CREATE TRIGGER entries_one_hat BEFORE INSERT ON entries FOR EACH ROW"
REVIEWED = "CREATE TRIGGER amendments_reviewed_by_others BEFORE INSERT ON amendments FOR EACH ROW"
EMPTIED = {
    "everything that is refused": (
        [f"CREATE OR REPLACE FUNCTION refuse_change() {PASSES} AS 'BEGIN RETURN OLD; END'"],
        "function refuse_change",
    ),
    "a rule returns early": (
        [
            (
                "DO $do$ BEGIN EXECUTE replace(pg_get_functiondef('entries_one_hat'::regproc), "
                "'$ BEGIN', '$ BEGIN RETURN NEW;'); END $do$"
            )
        ],
        "function entries_one_hat",
    ),
    "a rule is asked with the rights of whoever writes": (
        ["ALTER FUNCTION entries_one_hat() SECURITY INVOKER"],
        "function entries_one_hat",
    ),
    "a rule looks into another schema first": (
        ["ALTER FUNCTION entries_one_hat() SET search_path = elsewhere"],
        "function entries_one_hat",
    ),
    "another function is called": (
        [
            f"CREATE FUNCTION passes() {PASSES} AS 'BEGIN RETURN NEW; END'",
            "DROP TRIGGER entries_one_hat ON entries",
            f"{ONE_HAT} EXECUTE FUNCTION passes()",
        ],
        "trigger entries_one_hat",
    ),
    "a rule is never asked": (
        [
            "DROP TRIGGER entries_one_hat ON entries",
            f"{ONE_HAT} WHEN (false) EXECUTE FUNCTION entries_one_hat()",
        ],
        "trigger entries_one_hat",
    ),
    "a rule is asked for what there is not": (
        [
            "DROP TRIGGER amendments_reviewed_by_others ON amendments",
            (
                f"{REVIEWED} WHEN (NEW.ground = 'REVIEW') "
                "EXECUTE FUNCTION amendments_reviewed_by_others()"
            ),
        ],
        "trigger amendments_reviewed_by_others",
    ),
    "only another server’s rows are asked about": (
        ["ALTER TABLE entries ENABLE REPLICA TRIGGER entries_one_hat"],
        "trigger entries_one_hat",
    ),
}


@pytest.mark.parametrize("deed", EMPTIED)
def test_a_trigger_on_postgresql_that_is_there_and_refuses_nothing_is_named(postgresql_cast, deed):
    statements, named = EMPTIED[deed]
    kind, name = named.split()
    calls = ", which triggers call," if kind == "function" else ""
    said = f"The {kind} {name}{calls} was changed."
    assert faults_after(postgresql_cast.database, *statements) == said


def test_a_connection_for_which_no_trigger_works_is_named(postgresql_cast):
    engine = create_engine(postgresql_cast.database.url)
    with engine.connect() as connection:
        connection.exec_driver_sql("SET session_replication_role = replica")
        assert " was changed." in str(trigger_fault(connection))
    engine.dispose()


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
