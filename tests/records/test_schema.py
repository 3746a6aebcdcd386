"""The tables that migrations make are the tables that the program means, to the last check."""

import re
from pathlib import Path

import pytest
from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import CheckConstraint, create_engine, inspect, make_url, select, text

from tests.builders import Cast
from tests.records.conftest import province
from vetting.records.migrate import configuration, revisions, upgrade
from vetting.records.row_policies import take_down
from vetting.records.tables import METADATA


@pytest.fixture
def engine(engine_url):
    """The migrated database itself."""
    engine = create_engine(engine_url)
    yield engine
    engine.dispose()


def test_alembic_sees_no_difference(engine):
    with engine.connect() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": True})
        found = compare_metadata(context, METADATA)
    assert found == []


def test_every_check_is_there_and_says_the_same(engine, empty_models):
    assert checks(engine) == checks(empty_models)
    assert {
        (table.name, constraint.name)
        for table in METADATA.tables.values()
        for constraint in table.constraints
        if isinstance(constraint, CheckConstraint)
    } == {(table, name) for table, name, _ in checks(engine)}


def test_every_index_is_there_with_its_condition(engine, empty_models):
    assert indexes(engine) == indexes(empty_models)
    assert ("ix_cases_to_sequence", "sequenced<entry_count") in {
        (name, condition) for _, name, _, _, condition in indexes(engine)
    }


def test_every_column_has_the_same_type_default_and_emptiness(engine, empty_models):
    assert columns(engine) == columns(empty_models)


@pytest.fixture
def empty_models(engine_url, request, tmp_path):
    """A database of the same kind whose tables were made straight from the models."""
    url = (
        f"sqlite:///{tmp_path / 'models.sqlite'}"
        if engine_url.startswith("sqlite")
        else request.getfixturevalue("empty_postgresql_url")
    )
    engine = create_engine(url)
    METADATA.create_all(engine)
    yield engine
    engine.dispose()


def checks(engine):
    told = inspect(engine)
    return {
        (table, check["name"], bare(check["sqltext"]))
        for table in METADATA.tables
        for check in told.get_check_constraints(table)
    }


def indexes(engine):
    told = inspect(engine)
    dialect = engine.dialect.name
    return {
        (
            table,
            index["name"],
            tuple(index["column_names"]),
            bool(index["unique"]),
            bare(str(index.get("dialect_options", {}).get(f"{dialect}_where", ""))),
        )
        for table in METADATA.tables
        for index in told.get_indexes(table)
    }


def columns(engine):
    told = inspect(engine)
    return {
        (table, column["name"], str(column["type"]), column["nullable"], str(column["default"]))
        for table in METADATA.tables
        for column in told.get_columns(table)
    }


def bare(sql):
    """Return SQL without what a database adds of its own: spaces, brackets, casts."""
    return re.sub(r"::[a-z ]+(\[\])?|[\s()\"]", "", sql)


def test_up_and_down_and_up_again_with_a_province_in_it(engine_url):
    for database in province(engine_url):
        Cast(database).concluded()
        database.close()
        engine = create_engine(engine_url)
        before = columns(engine), checks(engine), indexes(engine), triggers(engine)
        with engine.connect() as connection:
            if engine.dialect.name == "postgresql":
                take_down(connection)  # the guards of rows name tables that go
            command.downgrade(configuration(connection), "base")
            connection.commit()
        assert set(inspect(engine).get_table_names()) <= {"alembic_version"}
        assert triggers(engine) == set()
        engine.dispose()
        upgrade(engine_url)
        engine = create_engine(engine_url)
        assert (columns(engine), checks(engine), indexes(engine), triggers(engine)) == before
        with engine.connect() as connection:
            stands, known = revisions(connection)
            assert stands == known
            for table in METADATA.sorted_tables:
                assert connection.execute(select(table)).first() is None
        engine.dispose()


def triggers(engine):
    names = (
        "SELECT name FROM sqlite_master WHERE type = 'trigger'"
        if engine.dialect.name == "sqlite"
        else "SELECT tgname FROM pg_trigger WHERE NOT tgisinternal"
    )
    with engine.connect() as connection:
        return set(connection.scalars(text(names)))


@pytest.mark.parametrize("stands_open", [False, True], ids=["new", "made by an earlier version"])
def test_nobody_else_on_the_machine_may_read_an_embedded_database(empty_sqlite_url, stands_open):
    file = Path(str(make_url(empty_sqlite_url).database))
    if stands_open:
        upgrade(empty_sqlite_url)
        file.chmod(0o644)

    upgrade(empty_sqlite_url)

    assert {
        it.name: oct(it.stat().st_mode & 0o777) for it in file.parent.glob(f"{file.name}*")
    } == {file.name: "0o600"}
