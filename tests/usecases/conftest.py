"""What tests of officers and their sessions share: a small province, a clock, and a door."""

from datetime import UTC, datetime, timedelta

import pytest
from argon2.profiles import CHEAPEST
from sqlalchemy import select

from tests.builders import as_served
from vetting.engine.vocabulary import Role
from vetting.records.database import Database
from vetting.records.identity import Ids
from vetting.records.officers import officers
from vetting.records.passwords import Passwords
from vetting.records.standing import Purpose
from vetting.usecases.keep_officers import Assignment, Keeper, NewOfficer, create_officer
from vetting.usecases.sign_in import Attempt, Door, recall, sign_in

PASSWORD = "mot-mat-khau-dai"
SIGNS = Assignment(Role.BODY_SIGNER, "thanh-tra")


@pytest.fixture(scope="module")
def passwords():
    return Passwords(CHEAPEST)


class Clock:
    """A clock that stands still until it is told to go on."""

    def __init__(self):
        self.now = datetime(2026, 1, 5, 2, 0, tzinfo=UTC)

    def __call__(self):
        return self.now

    def go_on(self, **time):
        self.now += timedelta(**time)


@pytest.fixture
def clock():
    return Clock()


@pytest.fixture
def ids(clock):
    return Ids(clock=clock)


@pytest.fixture
def database(province_url):
    database = Database(province_url, purpose=Purpose.COMMAND)
    yield database
    database.close()


@pytest.fixture
def keeper(database, ids):
    """Whoever can run a command on the machine."""
    return Keeper(as_served(database), ids, by=None)


@pytest.fixture
def enter(keeper, passwords):
    """Enter an officer of whom only what a test is about is said."""

    def enter(login="an", assignments=(SIGNS,), **told):
        told = {"name": "Nguyễn Văn Ân", "password": PASSWORD, **told}
        return create_officer(keeper, passwords, NewOfficer(login, assignments=assignments, **told))

    return enter


@pytest.fixture
def door(database, ids, passwords):
    return Door(as_served(database), passwords, ids)


def comes_in(door, login="an", password=PASSWORD):
    return sign_in(door, Attempt(login, password, "10.0.0.1"))


def is_in(door, database, entered):
    with database.reading() as connection:
        return recall(door, connection, entered.token) is not None


def rows(database, table, officer):
    column = table.c.handle if table is officers else table.c.officer
    with database.reading() as connection:
        found = connection.execute(select(table).where(column == officer)).mappings()
        return [dict(row) for row in found]
