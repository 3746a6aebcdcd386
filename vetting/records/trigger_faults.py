"""Trigger faults: whether a database still has the triggers by which it refuses what must not be.

Which these are the migrations alone say: they are run once more, on an empty database in memory.
"""

import re
from functools import cache
from typing import TypeAlias

from alembic import command
from sqlalchemy import Connection, create_engine, text

from vetting.engine.sentences import Sentence, say
from vetting.records.migrate import configuration

Triggers: TypeAlias = dict[tuple[str, str], str]  # by table and name: as it is written down
_ON = "on"  # all that is compared on PostgreSQL, which writes a trigger in words of its own


def trigger_fault(connection: Connection) -> Sentence | None:
    """Name the first trigger that is missing, not as the migrations give it, or one too many.

    On PostgreSQL, where nobody but the owner changes one, it is that it is there and switched on.
    """
    if connection.dialect.name == "postgresql":
        given, found = _as_on_postgresql(_given()), _on_postgresql(connection)
    else:
        given, found = _given(), _on_sqlite(connection)
    for key in sorted(given.keys() | found.keys()):
        if key not in found:
            return _said(say("The trigger %(trigger)s is missing.", trigger=key[1]))
        if key not in given:
            return _said(say("The trigger %(trigger)s is not the program’s.", trigger=key[1]))
        if given[key] != found[key]:
            return _said(say("The trigger %(trigger)s was changed.", trigger=key[1]))
    return None


def _said(what: Sentence) -> Sentence:
    return say(
        "%(what)s Somebody worked on the database past the program: find out who, and bring back "
        "a backup that has every trigger.",
        what=what,
    )


@cache
def _given() -> Triggers:
    engine = create_engine("sqlite://")
    with engine.connect() as connection:
        command.upgrade(configuration(connection), "head")
        given = _on_sqlite(connection)
    engine.dispose()
    return given


def _as_on_postgresql(given: Triggers) -> Triggers:
    """Return them as PostgreSQL has them: no row takes another's place there, but TRUNCATE all."""
    return {(table, _REPLACES.sub("_no_truncate", name)): _ON for table, name in given}


_REPLACES = re.compile(r"_no_replace(_\d+)?$")


def _on_sqlite(connection: Connection) -> Triggers:
    return {
        (table, name): " ".join(sql.replace('"', "").split())  # SQLite quotes what it renames
        for table, name, sql in connection.execute(
            text("SELECT tbl_name, name, sql FROM sqlite_master WHERE type = 'trigger'")
        )
    }


def _on_postgresql(connection: Connection) -> Triggers:
    return {
        (table, name): _ON if enabled in {"O", "A"} else enabled
        for table, name, enabled in connection.execute(
            text(
                "SELECT c.relname, t.tgname, t.tgenabled::text FROM pg_trigger t "
                "JOIN pg_class c ON c.oid = t.tgrelid WHERE NOT t.tgisinternal "
                "AND c.relnamespace = current_schema()::regnamespace"
            )
        )
    }
