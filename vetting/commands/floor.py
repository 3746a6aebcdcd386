"""The floor that the signed step is measured against: a bare Flask view and raw SQL.

It reads the case and its consultations under the same lock and leaves the same rows behind, with
the same durability and the same queue of writers. It knows no session, no form token, no policy,
no workflow, and computes no hash: what it signs proves nothing.
"""

import json
import os
import secrets
import sqlite3
import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, contextmanager, nullcontext
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import psycopg
from flask import Flask, redirect, request
from flask.typing import ResponseReturnValue
from psycopg.rows import dict_row
from sqlalchemy import make_url

from vetting.config import Settings
from vetting.records.database import WAIT_FOR_LOCK_MS, WriterQueue, set_pragmas

NO_HASH = "0" * 64

LOCK = (
    "SELECT * FROM cases WHERE handle ="
    " (SELECT case_handle FROM consultations WHERE handle = ? AND body = ?)"
)
ASKED = "SELECT * FROM consultations WHERE case_handle = ? ORDER BY turn, asked_at, body"
ENTRY = (
    "INSERT INTO entries (case_handle, number, verb, officer, organisation, role, session, method,"
    " at, body, definition, payload_hash, algorithm, seal)"
    " VALUES (?, ?, ?, ?, ?, 'body_signer', ?, 'password/password', ?, ?, ?, ?, 'sha256-v1', ?)"
)
PAYLOAD = "INSERT INTO payloads (case_handle, number, salt, content) VALUES (?, ?, ?, ?)"
OPINION = (
    "INSERT INTO opinions (consultation, case_handle, body, turn, body_name, verdict, reasons,"
    " conditions, evidence, hash, drafted_by, signed_by, signed_at) VALUES (?, ?, ?, ?,"
    " (SELECT name_vi FROM organisations WHERE code = ?), ?, ?, ?, ?, ?, ?, ?, ?)"
)
SIGN_OFF = (
    "INSERT INTO sign_offs (consultation, officer, kind, organisation, role, hash, session, method,"
    " at) VALUES (?, ?, 'sign', ?, 'body_signer', ?, ?, 'password/password', ?)"
)
PARTICIPATION = (
    "INSERT INTO participations (case_handle, officer, hat, organisation)"
    " VALUES (?, ?, 'opine', ?)"
    " ON CONFLICT DO NOTHING"
)
NOTICE = (
    "INSERT INTO outbox (key, on_move, case_handle, organisation, written_at, telling, audience)"
    " VALUES (?, ?, ?, ?, ?, ?, ?)"
)
RECIPIENTS = (
    "INSERT INTO recipients (notice, officer, organisation, at)"
    " SELECT o.key, p.officer, o.organisation, o.written_at FROM outbox o"
    " JOIN participations p ON p.case_handle = o.case_handle AND p.organisation = o.organisation"
    " WHERE o.telling = ? AND p.officer <> ?"
)
ACT = (
    "INSERT INTO acts (key, officer, action, content_hash, answer, at, wrote)"
    " VALUES (?, ?, 'sign_opinion', ?, ?, ?, ?)"
)
TALLY = (
    "INSERT INTO tallies (body, holder, state, counted_by, waiting) VALUES (?, ?, 'ready', ?, -1)"
    " ON CONFLICT (body, holder, state, counted_by)"
    " DO UPDATE SET waiting = tallies.waiting + excluded.waiting"
)
CONSULTATION = (
    "UPDATE consultations SET state = 'signed', version = version + 1, verdict = ?, signed_at = ?"
    " WHERE handle = ?"
)
CASE = (
    "UPDATE cases SET entry_count = ?, owing = ?, last_seal = ?, changed_at = ?, state = ?,"
    " since = ? WHERE handle = ? AND entry_count = ?"
)

Run = Callable[[str, Sequence[Any]], Any]
Form = Mapping[str, str]


class SqliteFloor:
    """A connection a thread, and the queue of writers that the product has."""

    def __init__(self, file: str) -> None:
        self._file = file
        self._queue = WriterQueue(Path(f"{file}.queue"))
        self._own = threading.local()
        self.lock = LOCK

    @contextmanager
    def writing(self) -> Iterator[Run]:
        """Begin and commit one step."""
        connection = self._connection()
        with self._queue:
            connection.execute("BEGIN IMMEDIATE")
            try:
                yield connection.execute
                connection.execute("COMMIT")
            except BaseException:
                connection.execute("ROLLBACK")
                raise

    def in_one_trip(self) -> AbstractContextManager[object]:
        """Send what follows in one go; there is no way to go."""
        return nullcontext()

    def close(self) -> None:
        """Let go of this thread's connection."""
        self._connection().close()
        del self._own.connection

    def _connection(self) -> sqlite3.Connection:
        connection: sqlite3.Connection | None = getattr(self._own, "connection", None)
        if connection is None:
            connection = sqlite3.connect(
                self._file, isolation_level=None, timeout=WAIT_FOR_LOCK_MS / 1000
            )
            set_pragmas(connection)
            connection.row_factory = sqlite3.Row
            self._own.connection = connection
        return connection


class PostgresqlFloor:
    """A connection a thread."""

    def __init__(self, url: str) -> None:
        self._address = (
            make_url(url).set(drivername="postgresql").render_as_string(hide_password=False)
        )
        self._own = threading.local()
        self.lock = f"{LOCK} FOR UPDATE OF cases"

    @contextmanager
    def writing(self) -> Iterator[Run]:
        """Begin and commit one step."""
        connection = self._connection()

        def run(text: str, params: Sequence[Any]) -> Any:  # noqa: ANN401  # a cursor
            return connection.execute(_WRITTEN[text], params)

        connection.execute("BEGIN")
        try:
            yield run
            connection.execute("COMMIT")
        except BaseException:
            connection.execute("ROLLBACK")
            raise

    def in_one_trip(self) -> AbstractContextManager[object]:
        """Send what follows in one go."""
        return self._connection().pipeline()

    def close(self) -> None:
        """Let go of this thread's connection."""
        self._connection().close()
        del self._own.connection

    def _connection(self) -> "psycopg.Connection[Any]":
        connection: psycopg.Connection[Any] | None = getattr(self._own, "connection", None)
        if connection is None:
            connection = psycopg.connect(self._address, autocommit=True, row_factory=dict_row)
            self._own.connection = connection
        return connection


class _Written(dict[str, str]):
    """Statements as PostgreSQL's driver wants them written."""

    def __missing__(self, text: str) -> str:
        written = self[text] = text.replace("?", "%s")
        return written


_WRITTEN = _Written()


def create_floor(url: str) -> Flask:
    """Make an application with one view."""
    parsed = make_url(url)
    floor = (
        SqliteFloor(str(parsed.database))
        if parsed.get_backend_name() == "sqlite"
        else PostgresqlFloor(url)
    )
    app = Flask(__name__)
    app.extensions["floor"] = floor

    @app.get("/health/live")
    def live() -> ResponseReturnValue:
        return {"live": True}

    @app.post("/consultations/<handle>/sign")
    def sign(handle: str) -> ResponseReturnValue:
        _sign(floor, handle, request.form)
        return redirect(f"/consultations/{handle}", 303)

    return app


def _sign(floor: SqliteFloor | PostgresqlFloor, handle: str, form: Form) -> None:
    at = datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")
    officer, body, session = form["officer"], form["body"], form["session"]
    with floor.writing() as run:
        case = run(floor.lock, (handle, body)).fetchone()
        asked = run(ASKED, (case["handle"],)).fetchall()
        mine = next(row for row in asked if row["handle"] == handle)
        if mine["state"] != "ready" or mine["draft_hash"] != form["text"]:
            raise ValueError("it cannot be signed")
        owing = sum(row["need"] == "must" and row["state"] != "signed" for row in asked) - 1
        number = case["entry_count"] + 1
        name, definition = case["handle"], f"{case['case_type']}/v{case['definition_version']}"
        telling = secrets.token_urlsafe(16)
        content = json.dumps({"reasons": mine["draft_reasons"], "hash": mine["draft_hash"]})
        with floor.in_one_trip():
            run(PARTICIPATION, (name, officer, body))
            run(ENTRY, _entry(name, number, "opinion.signed", form, (at, body, definition)))
            run(PAYLOAD, (name, number, secrets.token_urlsafe(16), content))
            run(OPINION, _opinion(mine, officer, at))
            run(SIGN_OFF, (handle, officer, body, mine["draft_hash"], session, at))
            run(NOTICE, (f"{name}/{number}/{body}", "sign", name, body, at, telling, "body"))
            if owing == 0:
                board, number = form["board"], number + 1
                run(
                    ENTRY,
                    _entry(name, number, "case.replies_complete", form, (at, None, definition)),
                )
                run(PAYLOAD, (name, number, secrets.token_urlsafe(16), "{}"))
                notice = (f"{name}/{number}/{board}", "replies_complete", name, board, at)
                run(NOTICE, (*notice, telling, "board"))
            run(RECIPIENTS, (telling, officer))
            run(CONSULTATION, (mine["draft_verdict"], at, handle))
            moved = ("assembling", at) if owing == 0 else (case["state"], case["since"])
            run(CASE, (number, owing, NO_HASH, at, *moved, name, case["entry_count"]))
            run(TALLY, (body, mine["officer"] or "", officer))
            run(ACT, (form["key"], officer, NO_HASH, json.dumps({"case": name}), at, name))


def _entry(
    case: str, number: int, verb: str, form: Form, what: tuple[str, str | None, str]
) -> Sequence[Any]:
    who = (form["officer"], form["body"], form["session"])
    return (case, number, verb, *who, *what, NO_HASH, NO_HASH)


def _opinion(mine: Mapping[str, Any], officer: str, at: str) -> Sequence[Any]:
    return (
        mine["handle"],
        mine["case_handle"],
        mine["body"],
        mine["turn"],
        mine["body"],
        mine["draft_verdict"],
        mine["draft_reasons"],
        mine["draft_conditions"],
        mine["draft_evidence"],
        mine["draft_hash"],
        mine["draft_by"],
        officer,
        at,
    )


def __getattr__(name: str) -> Flask:
    """Give the server the application when it asks for `app`, and nobody else."""
    if name != "app":
        raise AttributeError(name)
    return create_floor(Settings.from_env(os.environ).database_url)
