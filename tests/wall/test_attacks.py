"""What whoever can run SQL of their own as the application gets: no more than it needs itself."""

# ruff: noqa: S608  (the tables are named right here)

from collections.abc import Iterator
from uuid import uuid4

import pytest
from sqlalchemy import create_engine, make_url, text

from tests import postgres
from tests.builders import Cast
from tests.records.conftest import province
from vetting.records.database import Database
from vetting.records.database_roles import faults, steps_out, written_roles
from vetting.records.rights import RIGHTS, DatabaseRole
from vetting.records.tables import METADATA

pytestmark = pytest.mark.postgresql

HISTORY = ("entries", "payloads", "opinions", "sign_offs", "conclusions", "reads", "acts", "log")
DENIED = "42501"


@pytest.fixture(scope="module")
def database(postgresql_template) -> Iterator[Database]:
    """A small province with a case that was concluded; nothing that is tried here changes it."""
    # Of its own: tests of one file may be divided among workers.
    name = f"{postgresql_template.database}_attacked_{uuid4().hex[:6]}"
    server = postgresql_template.set(database="postgres")
    url = postgres.create_database(server, name, str(postgresql_template.database))
    for kept in province(url.render_as_string(hide_password=False)):
        Cast(kept).concluded()
        yield kept
    postgres.drop_database(server, name)


def tried(connection, sql: str) -> str:
    """Try SQL, take it back in the end, and return the code of what refused it."""
    connection.exec_driver_sql("BEGIN")
    try:
        connection.connection.cursor().execute(sql)
    except connection.dialect.loaded_dbapi.Error as refused:
        return str(refused.sqlstate)
    else:
        return "went through"
    finally:
        connection.exec_driver_sql("ROLLBACK")


def changes() -> Iterator[str]:
    """Yield every way to take a row away, or to change it, that the application has no use for."""
    for name, table in METADATA.tables.items():
        rights = RIGHTS[name]
        yield f"TRUNCATE {name}"
        if not rights.delete:
            yield f"DELETE FROM {name}"
        for column in table.c:
            if column.name not in rights.update:
                yield f"UPDATE {name} SET {column.name} = {column.name}"
        if not rights.insert:
            yield f"INSERT INTO {name} SELECT * FROM {name}"
    yield "UPDATE alembic_version SET version_num = 'x'"


TAKING_OVER = (
    "ALTER TABLE entries DISABLE TRIGGER USER",
    "ALTER TABLE entries ADD COLUMN x text",
    "ALTER TABLE entries OWNER TO CURRENT_USER",
    "DROP TRIGGER entries_no_update ON entries",
    "DROP TABLE entries CASCADE",
    "DROP FUNCTION refuse_change() CASCADE",
    "CREATE OR REPLACE FUNCTION refuse_change() RETURNS trigger LANGUAGE sql AS 'SELECT NEW'",
    "CREATE OR REPLACE FUNCTION database_role(kind text) RETURNS text LANGUAGE sql AS 'SELECT 1'",
    "CREATE TRIGGER x BEFORE INSERT ON entries FOR EACH ROW EXECUTE FUNCTION refuse_change()",
    "CREATE RULE x AS ON INSERT TO entries DO INSTEAD NOTHING",
    "CREATE INDEX x ON entries (at)",
    "CREATE TABLE x (y text)",
    "CREATE FUNCTION x() RETURNS int LANGUAGE sql AS 'SELECT 1'",
    "CREATE SCHEMA x",
    "CREATE EXTENSION file_fdw",
    "SET session_replication_role = replica",
    "SELECT setval(pg_get_serial_sequence('reads', 'number'), 1)",
    "ALTER SEQUENCE reads_number_seq RESTART",
)
LEAVING = (
    "COPY entries TO PROGRAM 'cat'",
    "COPY entries TO '/tmp/entries'",
    "COPY entries FROM '/etc/passwd'",
    "SELECT pg_read_file('/etc/passwd')",
    "SELECT pg_ls_dir('/')",
    "SELECT lo_import('/etc/passwd')",
    "SELECT * FROM pg_authid",
    "SELECT * FROM pg_shadow",
    "SELECT pg_reload_conf()",
    "CREATE ROLE x SUPERUSER",
    "ALTER ROLE CURRENT_USER BYPASSRLS",
    "ALTER ROLE CURRENT_USER SUPERUSER",
)


def test_every_table_has_its_rights_and_no_right_is_of_nothing():
    assert set(RIGHTS) == set(METADATA.tables) | {"alembic_version"}
    for name, table in METADATA.tables.items():
        rights = RIGHTS[name]
        of_the_sequencer = {column for of in (rights.sequencer or {}).values() for column in of}
        assert {*rights.update, *rights.secret, *of_the_sequencer} <= set(table.c.keys()), name
    for name in HISTORY:
        assert not RIGHTS[name].update, name
        assert not RIGHTS[name].delete, name


def test_the_application_changes_nothing_that_it_does_not_have_to(database):
    with database.reading() as connection:
        told = {sql: tried(connection, sql) for sql in changes()}
    assert told == dict.fromkeys(told, DENIED)
    assert "UPDATE entries SET seal = seal" in told
    assert "DELETE FROM reads" in told


def test_the_application_can_neither_take_over_the_tables_nor_leave_the_database(database):
    with database.reading() as connection:
        told = {sql: tried(connection, sql) for sql in (*TAKING_OVER, *LEAVING)}
    assert told == dict.fromkeys(told, DENIED)


def test_the_owner_is_held_back_by_the_triggers_alone(database):
    """So the attempts above are refused because of who tries them, not because they are wrong."""
    with database.acting_as(DatabaseRole.OWNER).reading() as connection:
        told = {sql: tried(connection, sql) for sql in TAKING_OVER[:5]}
        kept = tried(connection, "UPDATE entries SET seal = seal")
    assert told == dict.fromkeys(told, "went through")
    assert kept not in {"went through", DENIED}


def test_the_sequencer_writes_the_log_and_reads_no_case(database):
    with database.acting_as(DatabaseRole.SEQUENCER).reading() as connection:
        told = {
            sql: tried(connection, sql)
            for sql in (
                "SELECT content FROM payloads",
                "SELECT name FROM cases",
                "SELECT officer FROM entries",
                "SELECT * FROM opinions",
                "SELECT * FROM officers",
                "UPDATE cases SET state = state",
                "UPDATE log SET seal = seal",
                "DELETE FROM checkpoints",
                "INSERT INTO entries SELECT * FROM entries",
            )
        }
        may = tried(connection, "UPDATE cases SET sequenced = sequenced")
    assert told == dict.fromkeys(told, DENIED)
    assert may == "went through"


def test_the_auditor_reads_all_but_secrets_and_writes_nothing(database):
    with database.acting_as(DatabaseRole.AUDITOR).reading() as connection:
        for name, rights in RIGHTS.items():
            if not rights.secret:
                assert tried(connection, f"SELECT * FROM {name}") == "went through"
            for column in rights.secret:
                assert tried(connection, f"SELECT {column} FROM {name}") == DENIED
            for sql in (f"INSERT INTO {name} DEFAULT VALUES", f"DELETE FROM {name}"):
                assert tried(connection, sql) == DENIED


def test_a_login_of_its_own_cannot_become_anybody_else(database):
    names = login_of_its_own(database)
    url = make_url(database.url).set(username=f"{names[DatabaseRole.APPLICATION]}_in")
    own = Database(url.render_as_string(hide_password=False))
    try:
        with own.reading() as connection:
            assert faults(connection) == []
            assert not steps_out(connection)
            connection.exec_driver_sql("RESET ROLE")
            for sql in (
                f'SET ROLE "{names[DatabaseRole.OWNER]}"',
                f'SET ROLE "{names[DatabaseRole.SEQUENCER]}"',
                "SET ROLE postgres",
                "SET SESSION AUTHORIZATION postgres",
                "ALTER TABLE entries DISABLE TRIGGER USER",
                "UPDATE entries SET seal = seal",
            ):
                assert tried(connection, sql) == DENIED, sql
    finally:
        own.close()


def test_one_login_for_everything_can_step_out_of_the_role_and_is_known_to(database):
    with database.reading() as connection:
        assert steps_out(connection)
        connection.exec_driver_sql("RESET ROLE")
        assert tried(connection, "ALTER TABLE entries DISABLE TRIGGER USER") == "went through"
        connection.invalidate()


def login_of_its_own(database: Database) -> dict[DatabaseRole, str]:
    """Make a login that may work as the application and as nobody else."""
    engine = create_engine(database.url)
    with engine.begin() as connection:
        names = written_roles(connection)
        application = names[DatabaseRole.APPLICATION]
        connection.execute(
            text(
                f"DO $$ BEGIN CREATE ROLE {application}_in LOGIN IN ROLE {application}; "
                "EXCEPTION WHEN duplicate_object THEN NULL; END $$"
            )
        )
    engine.dispose()
    return names
