"""Triggers: how a migration makes the database itself refuse, whoever holds the connection.

A rule is a condition that has to hold for a row before it is written. It is said once, in SQL that
SQLite and PostgreSQL read alike; `{in_}` stands before the name of every table that it looks into,
and `{day_of[NEW.at]}` for the legal day of a moment, which each of them works out in its own words.
On PostgreSQL it is asked with the rights of the owner and in the schema of the table itself, so
that no policy on rows and no temporary table of the same name hides what it looks for.

What is written here is compared word by word with what databases have (`trigger_faults.py`).
Whoever puts a trigger otherwise puts it so for those that there are, too, by a migration.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import Connection

# What the refusal begins with, and what is said to a person for it (records/book.py).
DUTIES = "separation of duties"
ROBOTS = "robots sign nothing"
SUPERVISES = "nobody supervises their own work"
OWN_RIGHTS = "nobody changes what they may do themself"
TOLD_POSTGRESQL = "told PostgreSQL"
SCHEMA = "$schema"  # in what PostgreSQL would be told: the schema of the tables, as it is written
_ONE_AT_A_TIME = 7_204  # no other lock on a word begins with it
TWO_GIVE = "two administrators give a role"
DATED = "whoever changes a calendar says why"
SCHEDULED = "nothing is disposed of before its time"
SECOND_PERSON = "three people open a case in an emergency"
TWO_DECLARE = "two people declare a gap"


@dataclass(frozen=True)
class Rule:
    """What has to hold for a row of a table when it is written."""

    table: str
    name: str
    event: str  # INSERT, UPDATE, or UPDATE OF some columns
    holds: str
    about: str = DUTIES
    when: str = ""  # for which rows it is asked at all; looks into no other table
    one_at_a_time: str = ""  # rows alike in this wait for each other: two rules ask for the other's

    @property
    def trigger(self) -> str:
        """The name in the database."""
        return f"{self.table}_{self.name}"


@dataclass(frozen=True)
class _DayOf:
    """The legal day (records/identity.py) of a moment that a row has, as one database says it."""

    said: str

    def __getitem__(self, moment: str) -> str:
        return self.said.format(moment=moment)


# By whole seconds: SQLite would round the last half of a millisecond into the next day.
_DAY_ON_SQLITE = _DayOf("date(substr({moment}, 1, 19), '+7 hours')")
# By names that nobody's own types and functions take the place of.
_DAY_ON_POSTGRESQL = _DayOf(
    "pg_catalog.to_char(CAST({moment} AS timestamp with time zone) "
    "AT TIME ZONE 'Asia/Ho_Chi_Minh', 'YYYY-MM-DD')"
)


def on_postgresql(connection: Connection, *statements: str) -> None:
    """Carry out what puts up or takes down triggers on PostgreSQL and their functions.

    On SQLite, it is taken down where somebody asked what PostgreSQL would have been told.
    """
    if connection.dialect.name == "postgresql":
        for statement in statements:
            connection.exec_driver_sql(statement.replace("%", "%%"))
    elif (told := connection.info.get(TOLD_POSTGRESQL)) is not None:
        told.extend(statements)


def _schema(connection: Connection) -> str:
    if connection.dialect.name != "postgresql":
        return SCHEMA
    found: str = connection.exec_driver_sql("SELECT quote_ident(current_schema())").scalar_one()
    return found


def enforce(connection: Connection, rules: Sequence[Rule]) -> None:
    """Have the database refuse every row for which a rule does not hold, or cannot be answered."""
    for rule in rules:
        _enforce_on_postgresql(connection, rule)
        if connection.dialect.name != "postgresql":
            _enforce_on_sqlite(connection, rule)


def enforce_no_more(connection: Connection, rules: Sequence[Rule]) -> None:
    """Take the rules back."""
    for rule in rules:
        on_postgresql(
            connection,
            f"DROP TRIGGER {rule.trigger} ON {rule.table}",
            f"DROP FUNCTION {rule.trigger}()",
        )
        if connection.dialect.name != "postgresql":
            connection.exec_driver_sql(f"DROP TRIGGER {rule.trigger}")


def never_change(
    connection: Connection,
    table: str,
    same_row: Sequence[str],
    deeds: Sequence[str] = ("UPDATE", "DELETE"),
) -> None:
    """Keep what was written to a table as it was written.

    *same_row* says what makes a row of it the same row as another: on SQLite one that is put in
    the place of another takes it away without asking the trigger on DELETE.
    """
    never_change_on_postgresql(connection, table, deeds)
    if connection.dialect.name == "postgresql":
        return
    refusal = f"the history is never changed: {table}"
    for deed in deeds:
        connection.exec_driver_sql(
            f"CREATE TRIGGER {table}_no_{deed.lower()} BEFORE {deed} ON {table} "
            f"BEGIN SELECT RAISE(ABORT, '{refusal}'); END"
        )
    for number, same in enumerate(same_row, 1):
        connection.exec_driver_sql(
            f"CREATE TRIGGER {table}_no_replace_{number} BEFORE INSERT ON {table} "  # noqa: S608
            f"WHEN EXISTS (SELECT 1 FROM {table} WHERE {same}) "
            f"BEGIN SELECT RAISE(ABORT, '{refusal}'); END"
        )


def never_change_on_postgresql(connection: Connection, table: str, deeds: Sequence[str]) -> None:
    """Do so on PostgreSQL, where no row takes another's place."""
    on_postgresql(
        connection,
        *(
            f"CREATE TRIGGER {table}_no_{deed.lower()} BEFORE {deed} ON {table} "
            "FOR EACH ROW EXECUTE FUNCTION refuse_change()"
            for deed in deeds
        ),
        f"CREATE TRIGGER {table}_no_truncate BEFORE TRUNCATE ON {table} "
        "FOR EACH STATEMENT EXECUTE FUNCTION refuse_change()",
    )


def change_again(
    connection: Connection,
    table: str,
    same_row: Sequence[str],
    deeds: Sequence[str] = ("UPDATE", "DELETE"),
) -> None:
    """Take `never_change` back."""
    names = [f"{table}_no_{deed.lower()}" for deed in deeds]
    on_postgresql(
        connection,
        *(f"DROP TRIGGER {name} ON {table}" for name in (*names, f"{table}_no_truncate")),
    )
    if connection.dialect.name == "postgresql":
        return
    names += [f"{table}_no_replace_{number}" for number, _ in enumerate(same_row, 1)]
    for name in names:
        connection.exec_driver_sql(f"DROP TRIGGER {name}")


def only_as_listed(  # all of it is one rule
    connection: Connection,
    table: str,
    key: str,
    deed: str,
    emptied: str = "",
    columns: Sequence[str] = (),
    *,
    kept_before: bool = True,
) -> None:
    """Refuse a deed on a row unless an approved disposal lists it and is not carried out yet.

    *key* names the row as it stands on the list, by `OLD`. A row that is emptied has to end as
    *emptied* says, and be the same in all *columns* besides.
    """
    where = "{in_}disposal_items i JOIN {in_}disposals d ON d.case_handle = i.case_handle"
    same = "".join(f" AND NEW.{name} IS NOT DISTINCT FROM OLD.{name}" for name in columns)
    holds = (
        f"EXISTS (SELECT 1 FROM {where} WHERE d.erased_at IS NULL "  # noqa: S608  # our own names only
        f"AND i.item = '{table}:' || {key}){' AND ' + emptied if emptied else ''}{same}"
    )
    refusal = f"the history is never changed: {table}"
    trigger = f"{table}_no_{deed.lower()}"
    on_postgresql(
        connection,
        *([f"DROP TRIGGER {trigger} ON {table}"] if kept_before else []),
        f"CREATE FUNCTION {trigger}() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER AS "
        f"$$ BEGIN IF ({holds.format(in_=f'{_schema(connection)}.')}) THEN "
        f"RETURN {'OLD' if deed == 'DELETE' else 'NEW'}; END IF; "
        f"RAISE EXCEPTION '{refusal}'; END $$",
        f"CREATE TRIGGER {trigger} BEFORE {deed} ON {table} "
        f"FOR EACH ROW EXECUTE FUNCTION {trigger}()",
    )
    if connection.dialect.name == "postgresql":
        return
    if kept_before:
        connection.exec_driver_sql(f"DROP TRIGGER {trigger}")
    row = " AND NEW.rowid = OLD.rowid" if deed == "UPDATE" else ""
    connection.exec_driver_sql(
        f"CREATE TRIGGER {trigger} BEFORE {deed} ON {table} "
        f"WHEN ({holds.format(in_='')}{row}) IS NOT TRUE "
        f"BEGIN SELECT RAISE(ABORT, '{refusal}'); END"
    )


def never_again(connection: Connection, table: str, deed: str, *, kept_before: bool = True) -> None:
    """Take `only_as_listed` back."""
    trigger, refusal = f"{table}_no_{deed.lower()}", f"the history is never changed: {table}"
    before = (
        f"CREATE TRIGGER {trigger} BEFORE {deed} ON {table} "
        "FOR EACH ROW EXECUTE FUNCTION refuse_change()"
    )
    on_postgresql(
        connection,
        f"DROP TRIGGER {trigger} ON {table}",
        f"DROP FUNCTION {trigger}()",
        *([before] if kept_before else []),
    )
    if connection.dialect.name == "postgresql":
        return
    connection.exec_driver_sql(f"DROP TRIGGER {trigger}")
    if kept_before:
        connection.exec_driver_sql(
            f"CREATE TRIGGER {trigger} BEFORE {deed} ON {table} "
            f"BEGIN SELECT RAISE(ABORT, '{refusal}'); END"
        )


def _enforce_on_postgresql(connection: Connection, rule: Rule) -> None:
    holds = rule.holds.format(in_=f"{_schema(connection)}.", same_row="", day_of=_DAY_ON_POSTGRESQL)
    # On SQLite there is one writer. Here the other's row is seen only once it is committed.
    waits = (
        f"PERFORM pg_catalog.pg_advisory_xact_lock({_ONE_AT_A_TIME}, "
        f"pg_catalog.hashtext({rule.one_at_a_time})); "
        if rule.one_at_a_time
        else ""
    )
    when = f"WHEN ({rule.when}) " if rule.when else ""
    on_postgresql(
        connection,
        f"CREATE FUNCTION {rule.trigger}() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER AS "
        f"$$ BEGIN {waits}IF ({holds}) THEN RETURN NEW; END IF; "
        f"RAISE EXCEPTION '{rule.about}: {rule.trigger}' "
        "USING ERRCODE = 'check_violation'; END $$",
        f"CREATE TRIGGER {rule.trigger} BEFORE {rule.event} ON {rule.table} "
        f"FOR EACH ROW {when}EXECUTE FUNCTION {rule.trigger}()",
    )


def _enforce_on_sqlite(connection: Connection, rule: Rule) -> None:
    # Without this a row could be moved onto the place of another, which then is gone.
    holds = rule.holds.format(in_="", same_row="AND NEW.rowid = OLD.rowid ", day_of=_DAY_ON_SQLITE)
    when = f"({rule.when}) AND " if rule.when else ""
    connection.exec_driver_sql(
        f"CREATE TRIGGER {rule.trigger} BEFORE {rule.event} ON {rule.table} "
        f"WHEN {when}({holds}) IS NOT TRUE "
        f"BEGIN SELECT RAISE(ABORT, '{rule.about}: {rule.trigger}'); END"
    )
