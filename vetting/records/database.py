"""The database: how it is opened, read and written. Nothing else in the code commits."""

import fcntl
import json
import os
import re
import sqlite3
import threading
from collections import namedtuple
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, contextmanager, nullcontext
from pathlib import Path
from typing import Any, TypeAlias

from sqlalchemy import (
    Connection,
    Dialect,
    Engine,
    Executable,
    RowMapping,
    Table,
    TypeDecorator,
    create_engine,
    event,
)
from sqlalchemy.engine import make_url
from sqlalchemy.exc import IntegrityError, OperationalError
from sqlalchemy.pool import ConnectionPoolEntry, PoolProxiedConnection
from sqlalchemy.sql.compiler import SQLCompiler
from sqlalchemy.sql.dml import Insert, Update, UpdateBase
from sqlalchemy.sql.elements import ClauseElement

from vetting.engine.refusals import OutOfTurn, Refusal
from vetting.engine.sentences import say
from vetting.records.rights import DatabaseRole
from vetting.records.standing import Purpose, Standing, forget_at_return, work_for

Row: TypeAlias = Mapping[str, Any] | RowMapping
WAL_IS_SAFE_FROM = (3, 51, 3)  # older versions can corrupt a WAL database in a race
WAIT_FOR_LOCK_MS = 30_000
MANY = 20  # rows, from which one statement for all is cheaper than one each


class Database:
    """One database, shared by all threads of a process."""

    def __init__(
        self,
        url: str,
        role: DatabaseRole = DatabaseRole.APPLICATION,
        purpose: Purpose | None = None,  # what its connections are for, where no officer asks
    ) -> None:
        self.url = url
        self.role = role
        self.purpose = purpose
        self.engine = _engine(url, role)
        self._clash: type[Exception] = self.engine.dialect.loaded_dbapi.IntegrityError
        self._queue: AbstractContextManager[None] | WriterQueue = nullcontext()
        self._file: Path | None = None
        self._opened: set[tuple[int, int] | None] = set()  # the files that connections lead to
        self._was_there = False
        if self.engine.dialect.name == "sqlite":
            self._file = Path(str(make_url(url).database))
            self._queue = WriterQueue(Path(f"{self._file}.queue"))
            event.listen(self.engine, "do_connect", self._refuse_gone)
            event.listen(self.engine, "connect", self._note_file)
        self._others: dict[DatabaseRole, Database] = {}

    def acting_as(self, role: DatabaseRole) -> "Database":
        """Return the same database in another of its roles, where it has roles."""
        if role is self.role or self.engine.dialect.name == "sqlite":
            return self
        if role not in self._others:
            self._others[role] = Database(self.url, role, self.purpose)
        return self._others[role]

    @contextmanager
    def reading(self, standing: Standing = None) -> Iterator[Connection]:
        """Give a connection that only reads, and works for *standing*."""
        with self.engine.connect() as connection:
            work_for(connection, standing or self.purpose)
            yield connection

    @contextmanager
    def writing(
        self, connection: Connection | None = None, standing: Standing = None
    ) -> Iterator[Connection]:
        """Keep everything the block writes for *standing*, or nothing.

        Two acts that a constraint does not let stand side by side end in a refusal of the later;
        of two that wait for each other the database lets one go on, and the other is refused.
        """
        if connection is None:
            with self.reading(standing) as own, self.writing(own) as ready:
                yield ready
            return
        if standing is not None:
            work_for(connection, standing)
        with self._queue:
            try:
                _begin(connection)
                yield connection
                _commit(connection)
            except (IntegrityError, self._clash) as clash:
                _roll_back(connection)
                raise clash_refusal(clash) from clash
            except BaseException as error:
                _roll_back(connection)
                if _waited_for_each_other(error):
                    raise OutOfTurn(_JUST_NOW) from error
                raise

    @contextmanager
    def alone(self) -> Iterator[Connection]:
        """Give a connection, while nobody else writes, for what is no transaction."""
        with self.reading() as connection, self._queue:
            yield connection

    def let_go_of_replaced(self) -> None:
        """Let go of connections to a file of SQLite in whose place another was put.

        They would go on reading, and writing, what nobody else has any more.
        """
        if self._opened - {self._identity()}:
            self._opened.clear()
            self.engine.dispose()

    def _refuse_gone(self, *_: object) -> None:
        """Make no empty file in the place of one that was there, as SQLite does."""
        if self._was_there and self._identity() is None:
            raise sqlite3.OperationalError("the file of the database is gone")

    def _note_file(self, _connection: object, _entry: ConnectionPoolEntry) -> None:
        self._opened.add(self._identity())
        self._was_there = True

    def _identity(self) -> tuple[int, int] | None:
        if self._file is None or not self._file.exists():
            return None
        found = self._file.stat()
        return found.st_dev, found.st_ino

    def close(self) -> None:
        """Let go of all connections."""
        self.engine.dispose()
        for other in self._others.values():
            other.close()


def _begin(connection: Connection) -> None:
    driver: Any = connection.connection.driver_connection
    try:
        driver.execute("BEGIN IMMEDIATE" if connection.dialect.name == "sqlite" else "BEGIN")
    except connection.dialect.loaded_dbapi.Error as error:
        raise OperationalError("BEGIN", None, error) from error


def _commit(connection: Connection | PoolProxiedConnection) -> None:
    if isinstance(connection, Connection) and not connection.in_transaction():
        connection = connection.connection  # SQLAlchemy was not asked for anything in between
    connection.commit()


def _roll_back(connection: Connection) -> None:
    connection.rollback()
    connection.connection.rollback()  # what was begun without SQLAlchemy's knowing


def _waited_for_each_other(error: BaseException) -> bool:
    """Tell whether the database ended this act because it and another waited for each other."""
    cause = getattr(error, "orig", error)
    return getattr(cause, "sqlstate", None) == DEADLOCK


DEADLOCK = "40P01"  # as PostgreSQL says it
_JUST_NOW = say("Somebody else acted on this just now. Look again.")


def clash_refusal(clash: Exception) -> Refusal:
    """Say what a constraint's refusal means to a person."""
    for name, sentence in _CONSTRAINTS.items():
        if name in str(clash):
            return sentence
    return OutOfTurn(_JUST_NOW)


_CONSTRAINTS: dict[str, Refusal] = {}


def on_clash(constraint: str, refusal: Refusal) -> None:
    """Register what to say when *constraint* is broken."""
    _CONSTRAINTS[constraint] = refusal


class Found:
    """What a statement found, read whole: the rows of a page, never a table."""

    __slots__ = ("_columns", "_rows")

    def __init__(self, columns: type[tuple[Any, ...]], rows: Sequence[tuple[Any, ...]]) -> None:
        self._columns = columns
        self._rows = rows

    def __iter__(self) -> Iterator[Any]:
        """Yield the rows, each with its columns as attributes."""
        return map(self._columns._make, self._rows)  # type: ignore[attr-defined]  # a named tuple

    def all(self) -> list[Any]:
        """Return the rows."""
        return list(self)

    def first(self) -> Any:  # noqa: ANN401  # the columns of a row are as many types
        """Return the first row, or None."""
        return next(iter(self), None)

    def scalar_one(self) -> Any:  # noqa: ANN401
        """Return the only column of the only row."""
        [[value]] = self._rows
        return value

    def mappings(self) -> "FoundMappings":
        """Return the rows as mappings."""
        names = self._columns._fields  # type: ignore[attr-defined]
        return FoundMappings(dict(zip(names, row, strict=True)) for row in self._rows)


class FoundMappings(list[Row]):
    """Rows as mappings from the name of a column."""

    def first(self) -> Row | None:
        """Return the first row, or None."""
        return self[0] if self else None

    def one(self) -> Row:
        """Return the only row."""
        [row] = self
        return row

    def all(self) -> list[Row]:
        """Return the rows."""
        return self


class Statement:
    """A statement compiled once a dialect and given straight to the driver.

    The hot path pays for SQL, not for building it. Parameters are bound as they are, so it is for
    text and whole numbers only. What the clause says itself is given beside them.
    """

    __slots__ = ("_at_once", "_clause", "_columns", "_opened", "_said", "_texts", "place")

    def __init__(self, clause: Executable) -> None:
        self._clause = clause
        self._columns: type[tuple[Any, ...]] | None = None
        self._texts: dict[str, str] = {}
        self._at_once: str | None = None
        self._said: Row = {}  # the values that the clause itself says
        self._opened: dict[int, Callable[[Any], Any]] = {}  # what is read as it is not written
        self.place: int | None = None  # of its table, in the order of references

    @property
    def table(self) -> Table:
        """The table that it writes to."""
        table = self._clause.table if isinstance(self._clause, UpdateBase) else None
        if not isinstance(table, Table):
            raise TypeError("a statement that only reads writes to no table")
        return table

    def __call__(self, connection: Connection, params: Row | Sequence[Row]) -> Found:
        """Run it and read what it finds."""
        cursor = self.run(connection, params)
        if cursor.description is None:
            return Found(_NO_COLUMNS, ())
        if self._columns is None:
            self._columns = namedtuple("Columns", [part[0] for part in cursor.description])  # type: ignore[misc]  # noqa: PYI024  # known only now
        rows = cursor.fetchall()
        if self._opened:
            rows = [self._open(row) for row in rows]
        return Found(self._columns, rows)

    def _open(self, row: Sequence[Any]) -> tuple[Any, ...]:
        return tuple(
            self._opened[at](value) if at in self._opened else value for at, value in enumerate(row)
        )

    def run(self, connection: Connection, params: Row | Sequence[Row]) -> Any:  # noqa: ANN401
        """Run it with one set of parameters or with many, and return the driver's cursor."""
        text = self._texts.get(connection.dialect.name) or self._compile(connection)
        cursor: Any = connection.connection.cursor()
        if isinstance(params, Mapping):
            cursor.execute(text, {**self._said, **params} if self._said else params)
        elif len(params) == 1:
            cursor.execute(text, params[0])
        elif len(params) >= MANY and self._at_once and connection.dialect.name == "postgresql":
            cursor.execute(self._at_once, {"rows": json.dumps(params)})
        else:
            cursor.executemany(text, params)
        return cursor

    def _compile(self, connection: Connection) -> str:
        clause = self._clause
        if not isinstance(clause, ClauseElement):
            raise TypeError(f"{clause!r} cannot be compiled")
        compiled = clause.compile(dialect=connection.dialect)
        if isinstance(compiled, SQLCompiler):
            binds = compiled.binds.items()
            # SQLite says more than PostgreSQL does; what one does not ask for, it does not read.
            self._said = {
                **self._said,
                **{name: bind.value for name, bind in binds if not bind.required},
            }
            self._opened = {
                at: opened
                for at, column in enumerate(compiled._result_columns)  # noqa: SLF001  # no public name
                if (opened := _opening(column.type, connection.dialect)) is not None
            }
        text = str(compiled)
        self._texts[connection.dialect.name] = text
        if connection.dialect.name == "postgresql":
            self._at_once = _at_once(clause, connection.dialect)
        return text


def _opening(kind: object, dialect: Dialect) -> Callable[[Any], Any] | None:
    """Return what turns a value of the driver's into ours, where a type of ours asks for it."""
    return kind.result_processor(dialect, None) if isinstance(kind, TypeDecorator) else None


def _at_once(clause: ClauseElement, dialect: Dialect) -> str | None:
    """Return how PostgreSQL writes many rows in one statement, which it plans and runs once.

    The values are text and whole numbers, so they come through JSON as they are.
    """
    compiled = clause.compile(dialect=dialect)
    if not isinstance(compiled, SQLCompiler):
        return None
    columns = [f'"{name}" {bind.type.compile(dialect)}' for name, bind in compiled.binds.items()]
    rows = f"json_to_recordset(%(rows)s::json) AS given ({', '.join(columns)})"
    text = _PARAMETER.sub(r'given."\1"', str(compiled))
    if isinstance(clause, Insert) and clause._post_values_clause is None:  # noqa: SLF001
        head, _, values = text.partition(" VALUES (")
        values = values.partition(" RETURNING ")[0].removesuffix(")")
        return f"{head} SELECT {values} FROM {rows}"  # noqa: S608  # our own names only
    if isinstance(clause, Update):
        head, _, tail = text.partition(" WHERE ")
        return f"{head} FROM {rows} WHERE {tail}"
    return None


_PARAMETER = re.compile(r"%\((\w+)\)s")
_NO_COLUMNS: type[tuple[Any, ...]] = namedtuple("_NO_COLUMNS", ())  # noqa: PYI024


@contextmanager
def in_one_trip(connection: Connection) -> Iterator[None]:
    """Send what the block runs to the database in one go, where the driver can."""
    driver = connection.connection.driver_connection
    if connection.dialect.name == "postgresql" and driver is not None:
        with driver.pipeline():
            yield
    else:
        yield


class WriterQueue:
    """A fair queue of writers for SQLite, whose own busy handler lets some starve.

    Each thread waits on a lock of the side file with a descriptor of its own, so that it holds
    between threads as well as between processes.
    """

    def __init__(self, file: Path) -> None:
        self._file = file
        self._own = threading.local()

    def __enter__(self) -> None:
        descriptor = getattr(self._own, "descriptor", None)
        if descriptor is None or self._own.process != os.getpid():
            descriptor = os.open(self._file, os.O_CREAT | os.O_RDWR | os.O_CLOEXEC, 0o600)
            self._own.descriptor, self._own.process = descriptor, os.getpid()
        fcntl.flock(descriptor, fcntl.LOCK_EX)

    def __exit__(self, *_: object) -> None:
        fcntl.flock(self._own.descriptor, fcntl.LOCK_UN)


def _engine(url: str, role: DatabaseRole) -> Engine:
    parsed = make_url(url)
    if parsed.get_backend_name() == "sqlite":
        if not parsed.database:
            raise SystemExit("VETTING_DATABASE_URL must name a file: sqlite:///path/to/file")
        engine = create_engine(
            parsed,
            isolation_level="AUTOCOMMIT",
            paramstyle="named",
            connect_args={"timeout": WAIT_FOR_LOCK_MS / 1000, "check_same_thread": False},
        )
        event.listen(engine, "connect", set_pragmas)
        return engine
    engine = create_engine(parsed, isolation_level="AUTOCOMMIT", pool_size=16, pool_pre_ping=False)
    event.listen(engine, "connect", take_role(role))
    forget_at_return(engine)
    return engine


class RoleRefused(Exception):
    """The login may not work in the role of the database that is needed, or it is not there."""


def take_role(role: DatabaseRole) -> Callable[[Any, ConnectionPoolEntry], None]:
    """Return what brings a new connection into a role of the database.

    Where no roles were written the connection stays what its login is; the start refuses that
    (records/database_roles.py).
    """

    def taken(connection: Any, _entry: ConnectionPoolEntry) -> None:  # noqa: ANN401  # a driver's
        cursor = connection.cursor()
        # A statement that is prepared is planned once: to plan what finds a session anew for its
        # values takes longer than to run it.
        cursor.execute("SET plan_cache_mode = force_generic_plan")
        cursor.execute("SELECT to_regproc('database_role')")
        if cursor.fetchone()[0] is not None:
            try:
                cursor.execute("SELECT set_config('role', database_role(%s), false)", [role.value])
            except connection.Error as error:
                connection.close()
                raise RoleRefused(role.value) from error
        cursor.close()

    return taken


def set_pragmas(connection: sqlite3.Connection, _entry: ConnectionPoolEntry | None = None) -> None:
    """Make a commit mean that it is on the disk, and the database keep its own rules."""
    wal = sqlite3.sqlite_version_info >= WAL_IS_SAFE_FROM
    for pragma in (
        f"journal_mode={'WAL' if wal else 'DELETE'}",
        f"synchronous={'FULL' if wal else 'EXTRA'}",
        "foreign_keys=ON",
        "secure_delete=ON",
        "trusted_schema=OFF",
    ):
        connection.execute(f"PRAGMA {pragma}")
