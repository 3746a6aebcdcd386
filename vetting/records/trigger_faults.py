"""Trigger faults: whether a database still has the triggers by which it refuses what must not be.

Which these are the migrations alone say: they are run once more, on an empty database in memory,
and take down there what PostgreSQL would have been told.
"""

import re
from collections.abc import Iterable
from functools import cache
from typing import NamedTuple, TypeAlias

from alembic import command
from sqlalchemy import Connection, create_engine, text

from vetting.engine.sentences import Sentence, say
from vetting.records.migrate import configuration
from vetting.records.triggers import SCHEMA, TOLD_POSTGRESQL

Triggers: TypeAlias = dict[tuple[str, str], str]  # by table and name: as it is written down
Functions: TypeAlias = dict[str, str]  # by name: what makes it do what it does


class _Given(NamedTuple):
    on_sqlite: Triggers
    on_postgresql: Triggers
    functions: Functions  # that those on PostgreSQL call


def trigger_fault(connection: Connection) -> Sentence | None:
    """Name the first trigger that is missing, not as the migrations give it, or one too many.

    On PostgreSQL it is the function as well that a trigger calls: who owns it can give it another
    body under the same name, and the trigger then is as it was and refuses nothing.
    """
    given = _given()
    if connection.dialect.name != "postgresql":
        return _fault_of(given.on_sqlite, _on_sqlite(connection))
    there, functions = _on_postgresql(connection)
    return _fault_of(given.on_postgresql, there) or _fault_of_functions(
        _in_schema_of(connection, given.functions), functions
    )


def _fault_of(given: Triggers, found: Triggers) -> Sentence | None:
    for key in sorted(given.keys() | found.keys()):
        if key not in found:
            return _said(say("The trigger %(trigger)s is missing.", trigger=key[1]))
        if key not in given:
            return _said(say("The trigger %(trigger)s is not the program’s.", trigger=key[1]))
        if given[key] != found[key]:
            return _said(say("The trigger %(trigger)s was changed.", trigger=key[1]))
    return None


def _fault_of_functions(given: Functions, found: Functions) -> Sentence | None:
    for name in sorted(found):
        if found[name] != given[name]:
            return _said(
                say("The function %(function)s, which triggers call, was changed.", function=name)
            )
    return None


def _said(what: Sentence) -> Sentence:
    return say(
        "%(what)s Somebody worked on the database past the program: find out who, and bring back "
        "a backup that has every trigger.",
        what=what,
    )


@cache
def _given() -> _Given:
    engine = create_engine("sqlite://")
    with engine.connect() as connection:
        told = connection.info[TOLD_POSTGRESQL] = list[str]()
        command.upgrade(configuration(connection), "head")
        on_sqlite = _on_sqlite(connection)
    engine.dispose()
    return _Given(on_sqlite, *_once_told(told))


def _once_told(told: Iterable[str]) -> tuple[Triggers, Functions]:
    """Return what there is on PostgreSQL once it was told all this, in this order."""
    triggers, functions = Triggers(), Functions()
    for statement in told:
        if made := _MAKES_FUNCTION.match(statement):
            functions[made["name"]] = _function(made["body"], definer=bool(made["definer"]))
        elif put := _PUTS_TRIGGER.match(statement):
            triggers[put["table"], put["name"]] = _bare(statement)
        elif taken := _TAKES_TRIGGER.fullmatch(statement):
            del triggers[taken["table"], taken["name"]]
        elif taken := _TAKES_FUNCTION.fullmatch(statement):
            del functions[taken["name"]]
        else:
            raise ValueError(statement)
    return triggers, functions


_MAKES_FUNCTION = re.compile(
    r"CREATE FUNCTION (?P<name>\w+)\(\) RETURNS trigger LANGUAGE plpgsql "
    r"(?P<definer>SECURITY DEFINER )?AS \$\$(?P<body>.*)\$\$\Z",
    re.DOTALL,
)
_PUTS_TRIGGER = re.compile(
    r"CREATE TRIGGER (?P<name>\w+) BEFORE [A-Z]+(?: OF [\w, ]+)? ON (?P<table>\w+) "
)
_TAKES_TRIGGER = re.compile(r"DROP TRIGGER (?P<name>\w+) ON (?P<table>\w+)")
_TAKES_FUNCTION = re.compile(r"DROP FUNCTION (?P<name>\w+)\(\)")


def _function(body: str, *, definer: bool, language: str = "plpgsql", settings: str = "") -> str:
    """Return all by which a function does one thing and not another; the body is kept verbatim."""
    return "|".join((language, "definer" if definer else "invoker", settings, body))


def _in_schema_of(connection: Connection, functions: Functions) -> Functions:
    schema = str(connection.scalar(text("SELECT quote_ident(current_schema())")))
    return {name: body.replace(SCHEMA, schema) for name, body in functions.items()}


def _bare(statement: str) -> str:
    """Return what puts up a trigger without what PostgreSQL writes otherwise than it was told.

    It writes conditions with more brackets, with the types of words, and with arrays for lists.
    Words in quotes stay as they are. No condition has both AND and OR: brackets decide nothing.
    """
    parts = re.split(r"('(?:[^']|'')*')", statement)
    for at in range(0, len(parts), 2):
        part = re.sub(r"::(?:text|character varying)(?:\[\])?", "", parts[at].lower())
        part = re.sub(r"[\s()\[\]]", "", part)
        parts[at] = part.replace("=anyarray", "in").replace("<>allarray", "notin")
    return "".join(parts)


def _on_sqlite(connection: Connection) -> Triggers:
    return {
        (table, name): " ".join(_QUOTED_NAME.sub(r"\1", sql).split())
        for table, name, sql in connection.execute(
            text("SELECT tbl_name, name, sql FROM sqlite_master WHERE type = 'trigger'")
        )
    }


# SQLite quotes the names of what it renames. Anything else in such quotes it may read as a text,
# and a condition that became a text is never true.
_QUOTED_NAME = re.compile(r'"([a-z_][a-z0-9_]*)"')


def _on_postgresql(connection: Connection) -> tuple[Triggers, Functions]:
    """Return the triggers, each that is switched off as nothing, and what they call."""
    triggers, functions = Triggers(), Functions()
    for row in connection.execute(
        text(
            "SELECT c.relname, t.tgname, pg_get_triggerdef(t.oid, true) AS put, p.proname, "
            "t.tgenabled = 'A' OR (t.tgenabled = 'O' "
            "AND current_setting('session_replication_role') <> 'replica') AS works, "
            "p.prosrc, p.prosecdef, l.lanname, coalesce(p.proconfig::text, '') AS settings "
            "FROM pg_trigger t JOIN pg_class c ON c.oid = t.tgrelid "
            "JOIN pg_proc p ON p.oid = t.tgfoid JOIN pg_language l ON l.oid = p.prolang "
            "WHERE NOT t.tgisinternal AND c.relnamespace = current_schema()::regnamespace"
        )
    ):
        triggers[row.relname, row.tgname] = _bare(row.put) if row.works else ""
        functions[row.proname] = _function(
            row.prosrc, definer=row.prosecdef, language=row.lanname, settings=row.settings
        )
    return triggers, functions
