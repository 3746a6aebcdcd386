"""The start refuses a database in which a role may do more, or less, than it should."""

import pytest
from click.testing import CliRunner
from sqlalchemy import create_engine, make_url, text

from vetting.commands import main
from vetting.config import Settings
from vetting.records.database import Database
from vetting.records.database_roles import NoSuchName, faults, names_under
from vetting.records.migrate import make_roles
from vetting.records.rights import DatabaseRole
from vetting.usecases.seal_checkpoint import ensure_key
from vetting.web import create_app
from vetting.worker.run import Worker

pytestmark = pytest.mark.postgresql


@pytest.fixture
def own(postgresql_url):
    """A database whose roles are nobody else's, so that a test may spoil them."""
    make_roles(postgresql_url, str(make_url(postgresql_url).database))
    return postgresql_url


def spoil(url, *statements):
    """Do what an administrator might, with the roles' names in the gaps."""
    names = names_under(str(make_url(url).database))
    engine = create_engine(url, isolation_level="AUTOCOMMIT")
    with engine.connect() as connection:
        for statement in statements:
            filled = statement.format(**{role.value: f'"{name}"' for role, name in names.items()})
            connection.execute(text(filled))
    engine.dispose()


def told(url, role=DatabaseRole.APPLICATION):
    database = Database(url, role)
    with database.reading() as connection:
        found = [str(fault) for fault in faults(connection, role)]
    database.close()
    prefix = str(make_url(url).database)
    return [fault.replace(f"{prefix}_", "") for fault in found]


WRONG = {
    "is a superuser": (
        ["ALTER ROLE {application} SUPERUSER"],
        [
            "The database role application has SUPERUSER, and must not.",
            "The database role application may make tables, and must not.",
        ],
    ),
    "passes every policy on rows": (
        ["ALTER ROLE {application} BYPASSRLS"],
        ["The database role application has BYPASSRLS, and must not."],
    ),
    "makes roles": (
        ["ALTER ROLE {sequencer} CREATEROLE"],
        ["The database role sequencer has CREATEROLE, and must not."],
    ),
    "belongs to another role": (
        ["GRANT {owner} TO {application}"],
        [
            "The database role application belongs to owner, and must belong to none.",
            "The database role application may make tables, and must not.",
        ],
    ),
    "looks at the server": (
        ["GRANT pg_monitor TO {application}"],
        [
            "The database role application belongs to pg_monitor, and must belong to none.",
        ],
    ),
    "owns a function": (
        ["ALTER FUNCTION refuse_change() OWNER TO {application}"],
        ["The database role application owns the function refuse_change, and must own nothing."],
    ),
    "makes tables": (
        ["GRANT CREATE ON SCHEMA public TO {application}"],
        ["The database role application may make tables, and must not."],
    ),
    "changes history": (
        ["GRANT UPDATE ON entries TO {application}"],
        ["The database role application may UPDATE entries, and must not."],
    ),
    "changes a column too many": (
        ["GRANT UPDATE (handle) ON cases TO {application}"],
        ["The database role application may UPDATE cases.handle, and must not."],
    ),
    "everybody reads": (
        ["GRANT SELECT ON payloads TO PUBLIC"],
        ["The database role PUBLIC may SELECT payloads, and must not."],
    ),
    "an auditor reads a secret": (
        ["GRANT SELECT (password_hash) ON officers TO {auditor}"],
        ["The database role auditor may SELECT officers.password_hash, and must not."],
    ),
    "lacks a right": (
        ["REVOKE INSERT ON reads FROM {application}"],
        ["The database role application may not INSERT reads, and must. Run `vetting db roles`."],
    ),
    "a table is another's": (
        ["ALTER TABLE entries OWNER TO postgres"],
        ["The table entries belongs to postgres and not to owner. Run `vetting db roles`."],
    ),
}


@pytest.mark.parametrize("wrong", WRONG)
def test_what_is_wrong_is_named(own, wrong):
    assert told(own) == []
    statements, sentences = WRONG[wrong]

    spoil(own, *statements)

    assert told(own) == sentences


def test_the_application_does_not_start_and_a_command_says_why(own, tmp_path, monkeypatch):
    spoil(own, "GRANT DELETE ON entries TO {application}")
    name = str(make_url(own).database)
    sentence = f"The database role {name}_application may DELETE entries, and must not."

    with pytest.raises(SystemExit, match=sentence):
        create_app(Settings(own, tmp_path, secret_key="x" * 32))
    monkeypatch.setenv("VETTING_DATABASE_URL", own)
    monkeypatch.setenv("VETTING_LANGUAGE", "en")
    refused = CliRunner().invoke(main, ["officers", "list"])
    assert refused.exit_code == 2
    assert sentence in refused.output

    written = CliRunner().invoke(main, ["db", "roles"])
    assert written.output == "The database has its roles, and each may do what it has to.\n"
    assert CliRunner().invoke(main, ["officers", "list"]).exit_code == 0


def test_a_database_without_roles_serves_nobody_unless_one_login_is_all_there_is(
    own, tmp_path, monkeypatch
):
    spoil(own, "DROP FUNCTION database_role(text)")
    with pytest.raises(SystemExit, match="has no roles yet"):
        create_app(Settings(own, tmp_path, secret_key="x" * 32))
    create_app(Settings(own, tmp_path, secret_key="x" * 32, one_database_login=True))

    monkeypatch.setenv("VETTING_DATABASE_URL", own)
    assert CliRunner().invoke(main, ["officers", "list"]).exit_code == 2
    monkeypatch.setenv("VETTING_ONE_DATABASE_LOGIN", "1")
    assert CliRunner().invoke(main, ["officers", "list"]).exit_code == 0


def test_a_login_that_may_not_take_a_role_is_told_so(own, tmp_path):
    name = str(make_url(own).database)
    spoil(own, f'CREATE ROLE "{name}_stranger" LOGIN')
    url = make_url(own).set(username=f"{name}_stranger").render_as_string(hide_password=False)
    with pytest.raises(SystemExit, match="may not work as its application"):
        create_app(Settings(url, tmp_path, secret_key="x" * 32))


def test_what_is_printed_for_an_administrator_does_the_same(own, monkeypatch):
    monkeypatch.setenv("VETTING_DATABASE_URL", own)
    printed = CliRunner().invoke(main, ["db", "roles", "--sql"])
    assert printed.exit_code == 0
    spoil(own, "GRANT TRUNCATE ON entries TO {application}", "DROP FUNCTION database_role(text)")

    engine = create_engine(own, isolation_level="AUTOCOMMIT")
    with engine.connect() as connection:
        connection.connection.cursor().execute(printed.output)
    engine.dispose()

    assert told(own) == []


def test_names_are_not_cut_off():
    with pytest.raises(NoSuchName):
        names_under("x" * 60)
    with pytest.raises(NoSuchName):
        names_under("")


def test_an_embedded_database_has_no_roles(sqlite_url, monkeypatch):
    assert told(sqlite_url) == []
    monkeypatch.setenv("VETTING_DATABASE_URL", sqlite_url)
    monkeypatch.setenv("VETTING_LANGUAGE", "en")
    refused = CliRunner().invoke(main, ["db", "roles"])
    assert (refused.exit_code, "Only PostgreSQL has roles" in refused.output) == (2, True)


@pytest.fixture
def login_in(own, monkeypatch, tmp_path):
    """Log in as somebody who has some of the database's roles, and carry out commands so."""
    monkeypatch.setenv("VETTING_LANGUAGE", "en")
    monkeypatch.setenv("VETTING_FOLDER", str(tmp_path))
    url = make_url(own)
    made = []

    def log_in(*roles):
        name = f"{url.database}_login_{len(made)}"
        spoil(own, f'CREATE ROLE "{name}" LOGIN')
        made.append(name)
        spoil(own, *(f'GRANT {{{role}}} TO "{name}"' for role in roles))
        given = url.set(username=name).render_as_string(hide_password=False)
        monkeypatch.setenv("VETTING_DATABASE_URL", given)

    yield log_in
    spoil(own, *(f'DROP ROLE "{name}"' for name in made))


@pytest.mark.parametrize("roles", [("sequencer",), ("application", "sequencer")])
def test_a_worker_seals_with_the_login_it_is_given_and_does_jobs_where_that_may(
    login_in, roles, tmp_path, monkeypatch
):
    ensure_key(tmp_path)
    login_in(*roles)
    benches = []

    def once(worker):
        benches.append(worker.bench)
        worker.work_once()

    monkeypatch.setattr(Worker, "run", once)
    monkeypatch.setattr(Worker, "end_on_signals", lambda _worker: None)

    worked = CliRunner().invoke(main, ["worker"])

    assert (worked.exit_code, worked.exception) == (0, None), worked.output
    assert [bench is not None for bench in benches] == ["application" in roles]
    assert ("may only seal" in worked.output) is ("application" not in roles)


def test_a_login_that_may_not_says_so_and_what_to_do(login_in):
    login_in("application")

    made_ready = CliRunner().invoke(main, ["init"])
    roles = CliRunner().invoke(main, ["db", "roles"])
    worked = CliRunner().invoke(main, ["worker"])

    assert (made_ready.exit_code, roles.exit_code) == (2, 2)
    assert "may not work as its owner" in made_ready.output
    assert "This login may not make roles." in roles.output
    assert worked.exit_code == 2
    assert "may not work as its sequencer" in worked.output
