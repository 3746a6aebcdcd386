"""The inbox: what its pages cost over very many open questions, beside the same over few.

The questions are laid down set by set: they have no history, but everything that the pages read.
"""

import secrets
import sqlite3
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from statistics import median, mode
from typing import Any, Self

import psycopg
from argon2.profiles import CHEAPEST
from flask.testing import FlaskClient
from sqlalchemy import Connection, Dialect, event, select, text

from vetting.commands.bench_databases import Databases
from vetting.commands.casting import Part, cast, cast_officers
from vetting.config import Settings
from vetting.engine.vocabulary import Role
from vetting.queries.inbox import Tab
from vetting.records.consultations import NEVER
from vetting.records.database import Database
from vetting.records.identity import Ids
from vetting.records.legal_bases import regulation_bodies
from vetting.records.passwords import Passwords
from vetting.records.rights import DatabaseRole
from vetting.records.standing import Purpose
from vetting.registers import Registers
from vetting.usecases.load_registers import load_registers
from vetting.usecases.sign_in import Attempt, Door, sign_in

PASSWORD = "measured, not kept"  # noqa: S105  # of people who exist while it is measured
A_LETTER = 25  # cases
WARMING = 5

NUMBERS = (
    "WITH RECURSIVE numbers (i) AS (SELECT 0 UNION ALL SELECT i + 1 FROM numbers WHERE i < :last) "
)
DAY = "substr(CAST(101 + i % 28 AS TEXT), 2)"
AT = f"'2026-01-' || {DAY} || 'T08:00:00.000000Z'"
CASES = f"""
INSERT INTO cases (handle, reference, case_type, definition_version, state, unit, name, name_folded,
  name_sort, born, target, regulation, authority, turn, owing, recorded, missing, before_authority,
  opened_at, changed_at, filed_at, since, entry_count, last_seal)
{NUMBERS}
SELECT 'case' || i, 'R' || i, 'planning', 1, 'consulting', :unit, 'Nguyễn Thị Minh Nguyệt ' || i,
  'nguyen thi minh nguyet ' || i, 'nguyet ' || i, '1975-05-' || {DAY}, 'Phó Giám đốc', :regulation,
  :authority, 1, :bodies, '{{}}', '[]', 0, {AT}, {AT}, {AT}, {AT}, 4 + :bodies, :seal
FROM numbers
"""  # noqa: S608  # our own words only
LETTERS = f"""
INSERT INTO letters (handle, direction, sender, receiver, year, number, covers, written_by,
  written_at)
{NUMBERS}
SELECT 'letter' || :place || '-' || i, 'outgoing', :board, :body, 2026, i * :bodies + :number,
  :covers, :officer, {AT}
FROM numbers
"""  # noqa: S608
DRAFTERS = f"""
INSERT INTO participations (case_handle, officer, hat, organisation)
{NUMBERS}
SELECT 'case' || i, CASE i / 4 % 2 WHEN 0 THEN :officer ELSE :other END, 'opine', :body
FROM numbers WHERE i % 4 = 3
"""  # noqa: S608
CONSULTATIONS = f"""
INSERT INTO consultations (handle, case_handle, body, turn, need, state, version, officer, letter,
  due_on, due_order, asked_at, received_at, draft_verdict, draft_reasons, draft_conditions,
  draft_evidence, draft_by, draft_hash, countersigned_by)
{NUMBERS}, questions AS (
  SELECT i, CASE i % 4 WHEN 0 THEN 'asked' WHEN 1 THEN 'received' WHEN 2 THEN 'drafting'
    ELSE 'ready' END AS state, CASE i / 4 % 2 WHEN 0 THEN :officer ELSE :other END AS holder,
    i % 10 < 9 AS has_due
  FROM numbers
)
SELECT 'ask' || :place || '-' || i, 'case' || i, :body, 1, 'must', state, 1 + i % 4,
  CASE state WHEN 'asked' THEN NULL ELSE holder END, 'letter' || :place || '-' || (i / :covers),
  CASE WHEN has_due THEN '2026-02-' || {DAY} END,
  CASE WHEN has_due THEN '2026-02-' || {DAY} ELSE :never END, {AT},
  CASE state WHEN 'asked' THEN NULL ELSE {AT} END,
  CASE state WHEN 'ready' THEN 'no_objection' END,
  CASE state WHEN 'ready' THEN 'Không có thông tin.' END, '[]', '[]',
  CASE state WHEN 'ready' THEN holder END, CASE state WHEN 'ready' THEN :seal END, '[]'
FROM questions
"""  # noqa: S608
TALLIES = """
INSERT INTO tallies (body, holder, state, counted_by, waiting)
SELECT body, coalesce(officer, ''), state, coalesce(officer, :board_officer), count(*)
FROM consultations GROUP BY 1, 2, 3, 4
"""


@dataclass(frozen=True)
class InboxSize:
    """How many cases are few and how many are many, and how often each page is read."""

    few: int
    many: int
    times: int


@dataclass(frozen=True)
class InboxCost:
    """What was measured."""

    cost_100k_over_1k: float  # of the page that suffers most
    statements: int  # of one page, with those that begin and commit the line about who read it
    statements_over_few: int
    page_ms: float
    page_ms_over_few: float


@dataclass
class Count:
    """How many statements went to the driver."""

    statements: int = 0
    on: bool = False

    def add(self, *_: object) -> None:
        """Count one."""
        self.statements += self.on


@dataclass
class Reader:
    """An officer of a body, signed in, who reads pages of an inbox."""

    client: FlaskClient
    count: Count
    waits: dict[Tab, list[float]] = field(default_factory=lambda: {tab: [] for tab in Tab})
    statements: dict[Tab, list[int]] = field(default_factory=lambda: {tab: [] for tab in Tab})

    def read(self, tab: Tab, *, timed: bool = True) -> None:
        """Read one page and look at nothing but that it came."""
        self.count.statements, self.count.on = 0, True
        began = time.perf_counter()
        answer = self.client.get(f"/inbox?tab={tab.value}")
        took = time.perf_counter() - began
        self.count.on = False
        if answer.status_code != 200 or b"ask" not in answer.data:  # noqa: PLR2004
            raise RuntimeError(f"the inbox answered {answer.status}")
        if timed:
            self.waits[tab].append(took)
            self.statements[tab].append(self.count.statements)

    def median_of(self, tab: Tab) -> float:
        """Return the median of a page, in seconds."""
        return median(self.waits[tab])

    @property
    def most_statements(self) -> int:
        """Return those of the page that takes most, but for what is asked every few seconds."""
        return max(mode(counted) for counted in self.statements.values())


def measure_inbox(
    databases: Databases,
    registers: Registers,
    size: InboxSize,
    folder: Path,
    tick: Callable[[int], None],
) -> InboxCost:
    """Read all three tabs over few and over many questions in turn."""
    urls = []
    for name, cases in (("few", size.few), ("many", size.many)):
        urls.append(_laid_down(databases.new(name), registers, cases))
        tick(1)
    with _reading(urls[0], folder) as over_few, _reading(urls[1], folder) as over_many:
        for turn in range(WARMING + size.times):
            for tab in Tab:
                order = (over_few, over_many) if turn % 2 else (over_many, over_few)
                for reader in order:
                    reader.read(tab, timed=turn >= WARMING)
    for url in urls:
        databases.drop(url)
    tick(1)
    worst = max(Tab, key=lambda tab: over_many.median_of(tab) / over_few.median_of(tab))
    return InboxCost(
        cost_100k_over_1k=round(over_many.median_of(worst) / over_few.median_of(worst), 3),
        statements=over_many.most_statements,
        statements_over_few=over_few.most_statements,
        page_ms=round(1000 * over_many.median_of(worst), 2),
        page_ms_over_few=round(1000 * over_few.median_of(worst), 2),
    )


def _laid_down(url: str, registers: Registers, count: int) -> str:
    database = Database(url, purpose=Purpose.COMMAND)
    load_registers(database, registers)
    parts = cast_officers(database, Passwords(CHEAPEST).hash(PASSWORD), Ids())
    with database.writing() as connection:
        _lay_down(connection, parts, count)
    if database.engine.dialect.name == "postgresql":
        # As its own housekeeping does after a while; by whom the tables belong to, since anybody
        # else is passed over with a mere warning.
        with database.acting_as(DatabaseRole.OWNER).reading() as connection:
            connection.exec_driver_sql("VACUUM ANALYZE")
    database.close()
    return url


def _lay_down(connection: Connection, parts: Sequence[Part], count: int) -> None:
    b = regulation_bodies.c
    [regulation, *_] = connection.scalars(select(b.regulation).order_by(b.regulation)).all()
    bodies = connection.scalars(
        select(b.body).where(b.regulation == regulation).order_by(b.position)
    ).all()
    board, unit, secretary = (
        next(part for part in parts if part.role is role)
        for role in (Role.BOARD_OFFICER, Role.CASE_OFFICER, Role.SECRETARY)
    )
    shared: dict[str, Any] = {
        "last": count - 1,
        "bodies": len(bodies),
        "covers": A_LETTER,
        "seal": "0" * 64,
        "never": NEVER,
    }

    def run(statement: str, **more: object) -> None:
        params = {**shared, **more}
        used = {name: value for name, value in params.items() if f":{name}" in statement}
        connection.execute(text(statement), used)

    run(
        CASES,
        unit=unit.organisation,
        regulation=regulation,
        authority=secretary.organisation,
    )
    for place, body in enumerate(bodies):
        officers = [
            part.officer
            for part in parts
            if part.role is Role.BODY_OFFICER and part.organisation == body
        ]
        letters = {"board": board.organisation, "officer": board.officer}
        run(
            LETTERS,
            last=(count - 1) // A_LETTER,
            place=str(place),
            number=place,
            body=body,
            **letters,
        )
        people = {"body": body, "officer": officers[0], "other": officers[1]}
        run(DRAFTERS, **people)
        run(CONSULTATIONS, place=str(place), **people)
    run(TALLIES, board_officer=board.officer)


@contextmanager
def _reading(url: str, folder: Path) -> Iterator[Reader]:
    from vetting.web import create_app  # noqa: PLC0415  # no other command needs the pages

    app = create_app(Settings(url, folder, secrets.token_urlsafe(32)))
    database: Database = app.extensions["vetting"].database
    count = Count()
    event.listen(database.engine, "do_connect", _counting(count))
    b = regulation_bodies.c
    with database.reading() as connection:
        body = connection.scalar(select(b.body).order_by(b.regulation, b.position).limit(1))
    officer = next(
        part
        for part in cast(database)
        if part.role is Role.BODY_OFFICER and part.organisation == body
    )
    door = Door(database, Passwords(CHEAPEST))
    entered = sign_in(door, Attempt(officer.login, PASSWORD, "127.0.0.1"))
    client = app.test_client()
    client.set_cookie("officer", entered.token)
    try:
        yield Reader(client, count)
    finally:
        database.close()


def _counting(count: Count) -> Callable[..., None]:
    """Return what has new connections count the statements that they are given."""

    class SqliteCursor(sqlite3.Cursor):
        """A cursor that counts."""

        def execute(self, *given: Any) -> Self:  # noqa: ANN401
            """Count one statement."""
            count.add()
            return super().execute(*given)

        def executemany(self, *given: Any) -> Self:  # noqa: ANN401
            """Count one statement with many sets of parameters."""
            count.add()
            return super().executemany(*given)

    class SqliteConnection(sqlite3.Connection):
        """A connection whose cursors count."""

        def cursor(self, *_: Any) -> Any:  # noqa: ANN401
            """Return a cursor."""
            return super().cursor(SqliteCursor)

    class PostgresqlCursor(psycopg.Cursor[Any]):
        """A cursor that counts."""

        def execute(self, *given: Any, **named: Any) -> Self:  # noqa: ANN401
            """Count one statement."""
            count.add()
            return super().execute(*given, **named)

        def executemany(self, *given: Any, **named: Any) -> None:  # noqa: ANN401
            """Count one statement with many sets of parameters."""
            count.add()
            super().executemany(*given, **named)

    def connect(dialect: Dialect, _record: object, _given: object, named: dict[str, Any]) -> None:
        if dialect.name == "sqlite":
            named["factory"] = SqliteConnection
        else:
            named["cursor_factory"] = PostgresqlCursor

    return connect
