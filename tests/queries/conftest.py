"""A small province, and the people at work in it."""

from contextlib import contextmanager
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import event

from tests.builders import Cast, definitions
from vetting.engine.vocabulary import Role
from vetting.queries.case_history import case_history
from vetting.queries.case_page import case_page
from vetting.records.database import Database
from vetting.records.identity import Ids
from vetting.records.standing import Purpose

TODAY = "2026-02-01"


class Clock:
    """A clock that goes on by a minute each time it is looked at."""

    def __init__(self):
        self.now = datetime(2026, 1, 10, 1, 0, tzinfo=UTC)

    def __call__(self):
        self.now += timedelta(minutes=1)
        return self.now


class Readers(Cast):
    """The people of a small province, and what each of them reads."""

    @property
    def other_unit(self):
        return self.desk("so-noi-vu", Role.CASE_OFFICER)

    @property
    def overseer(self):
        return self.desk("uy-ban-kiem-tra", Role.SUPERVISOR)

    def page(self, desk, case):
        with self.database.reading() as connection:
            return case_page(connection, desk.principal, definitions(), case, today=TODAY)

    def history(self, desk, case):
        with self.database.reading() as connection:
            return case_history(connection, desk.principal, definitions(), case)

    def asks(self, desk, query, *args, **told):
        with self.database.reading() as connection:
            return query(connection, desk.principal, definitions(), *args, **told)


@pytest.fixture
def database(province_url):
    database = Database(province_url, purpose=Purpose.COMMAND)
    yield database
    database.close()


@pytest.fixture
def cast(database):
    return Readers(database, Ids(clock=Clock()))


@pytest.fixture
def statements(database):
    """Collect the statements that a block sends."""

    @contextmanager
    def collect():
        seen = []

        def note(_connection, _cursor, statement, *_):
            seen.append(statement)

        event.listen(database.engine, "before_cursor_execute", note)
        yield seen
        event.remove(database.engine, "before_cursor_execute", note)

    return collect
