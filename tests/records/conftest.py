"""A small province on each kind of database, and its people."""

import pytest

from tests.builders import Cast, as_owner, small_province
from vetting.records.database import Database
from vetting.records.standing import Purpose


@pytest.fixture
def database(province_url):
    """A small province, on SQLite and on PostgreSQL in turn."""
    database = Database(province_url, purpose=Purpose.COMMAND)
    yield database
    database.close()


@pytest.fixture
def cast(database):
    """The people of that province."""
    return Cast(database)


def province(url):
    """Settle a small province in a migrated database, and leave it in the end."""
    database = Database(url, purpose=Purpose.COMMAND)
    with as_owner(database).writing() as connection:
        small_province(connection)
    yield database
    database.close()


@pytest.fixture
def postgresql_cast(postgresql_province_url):
    """The people of a small province on PostgreSQL."""
    database = Database(postgresql_province_url, purpose=Purpose.COMMAND)
    yield Cast(database)
    database.close()
