"""Whatever is written in a log-in session asks once more whether the session stands."""

import ast
from dataclasses import dataclass
from pathlib import Path

import pytest
from sqlalchemy import Connection, select

import vetting.usecases
from tests.builders import add_officer, definitions
from tests.usecases.conftest import comes_in
from vetting.engine.refusals import OutOfTurn
from vetting.engine.substitutes import Form
from vetting.engine.vocabulary import Role
from vetting.records.absences import substitutions
from vetting.records.sessions import Session, end_all_of
from vetting.usecases.choose_mail import choose_mail
from vetting.usecases.desk import Desk
from vetting.usecases.end_sessions import end_other_sessions, end_session
from vetting.usecases.open_notice import open_all_notices
from vetting.usecases.record_absence import (
    Absence,
    Place,
    end_absence,
    name_substitute,
    note_read,
    record_absence,
    revoke_substitute,
)
from vetting.usecases.sign_in import Door, choose_language, recall

# By one of these a use case asks, in its transaction, whether the session stands.
ASKS = {"refuse_ended", "_refuse_ended", "standing", "renew", "_change", "_proved", "keeping"}
# What is written by nobody in a log-in session, or changes nothing for anybody.
NOT_ASKED = {
    "change_master_key": "a command",
    "declare_gap.declare_gap": "a command",
    "forget": "a worker, and a command",
    "load_calendar": "a command",
    "prove_at_terminal": "a command",
    "load_schedules": "a command",
    "load_registers.load_registers": "a command",
    "tie_to_directory.tie": "a command",
    "tie_to_directory.untie": "a command",
    "ask_witnesses": "a worker",
    "do_jobs": "a worker",
    "mail_notices": "a worker",
    "reconcile_notices": "a worker",
    "remind": "a worker",
    "seal_checkpoint": "a worker",
    "sign_in": "there is no session before it, and ending one or noting when it was seen is no act",
    "sign_in_by_directory": "there is no session before it",
    "look": "a line about reading: without it nothing is shown",
    "keep_factors.invite_passkey": "a question that is put to a browser",
    "prove_again.ask_passkey": "a question that is put to a browser",
}
BODY, DAY, LAST = "thanh-tra", "2026-01-05", "2026-01-09"


def writes(function: ast.FunctionDef) -> bool:
    return any(
        isinstance(node, ast.Call)
        and isinstance(node.func, ast.Attribute)
        and node.func.attr == "writing"
        for node in ast.walk(function)
    )


def asks(function: ast.FunctionDef) -> bool:
    return any(
        (isinstance(node, ast.Name) and node.id in ASKS)
        or (isinstance(node, ast.Attribute) and node.attr in ASKS)
        for node in ast.walk(function)
    )


def unasked(source: str, module: str) -> set[str]:
    """Return every function of a module that writes and does not ask."""
    return {
        f"{module}.{function.name}"
        for function in ast.walk(ast.parse(source))
        if isinstance(function, ast.FunctionDef) and writes(function) and not asks(function)
    }


def test_every_use_case_that_writes_asks_or_says_why_not():
    folder = Path(vetting.usecases.__file__).parent
    found = set().union(*(unasked(f.read_text(), f.stem) for f in folder.glob("*.py")))
    known = {one if one in NOT_ASKED else one.partition(".")[0] for one in found}
    assert known == set(NOT_ASKED)


def test_a_use_case_that_forgets_to_ask_is_seen():
    source = "def do(door):\n    with door.database.writing() as connection:\n        pass\n"
    assert unasked(source, "planted") == {"planted.do"}
    assert unasked(source.replace("pass", "refuse_ended(connection)"), "planted") == set()


# --- each of those that take another way than the desk


@pytest.fixture
def me(database, door, enter):
    """Return the session of a signer whose name others know, proved a moment ago."""
    enter("an")
    with database.writing() as connection:
        add_officer(connection, "bình", BODY, Role.BODY_OFFICER)
    entered = comes_in(door)
    with database.engine.connect() as connection:
        return recall(door, connection, entered.token)


WAYS = {
    "record an absence": lambda it: record_absence(
        it.database,
        it.ids,
        definitions(),
        it.by,
        Absence(it.by.officer, DAY, LAST),
        in_session=True,
    ),
    "name a substitute": lambda it: name_substitute(
        it.database, it.ids, definitions(), it.by, it.absence(), it.place, in_session=True
    ),
    "revoke a substitute": lambda it: revoke_substitute(
        it.database, it.ids, definitions(), it.by, it.naming(), in_session=True
    ),
    "end an absence": lambda it: end_absence(
        it.database, it.ids, it.by, it.absence(), in_session=True
    ),
    "read what was done": lambda it: note_read(
        it.database, it.ids, it.by, it.absence(), in_session=True
    ),
    "end a session": lambda it: end_session(it.door, it.connection, it.session, "none"),
    "end all others": lambda it: end_other_sessions(it.door, it.connection, it.session),
    "choose a language": lambda it: choose_language(it.door, it.connection, it.session, "en"),
    "choose mail": lambda it: choose_mail(it.desk, []),
    "open notices": lambda it: open_all_notices(it.desk, it.ids.now()),
}


@dataclass
class Asked:
    """A request in a session, with what it needs to be a good one."""

    door: Door
    session: Session
    connection: Connection

    @property
    def database(self):
        return self.door.database

    @property
    def ids(self):
        return self.door.ids

    @property
    def by(self):
        return self.session.principal

    @property
    def place(self):
        return Place(BODY, Role.BODY_SIGNER, "bình", Form.KT)

    @property
    def desk(self):
        return Desk(
            self.by, self.database, definitions(), self.ids, self.connection, in_session=True
        )

    def absence(self, *places):
        away = Absence(self.by.officer, DAY, LAST, places)
        return record_absence(self.database, self.ids, definitions(), self.by, away)

    def naming(self):
        absence, s = self.absence(self.place), substitutions.c
        with self.database.reading() as connection:
            return connection.scalar(select(s.handle).where(s.absence == absence))


@pytest.mark.parametrize("way", WAYS)
def test_nothing_is_written_in_a_session_that_has_ended_meanwhile(database, door, me, way):
    with database.writing() as connection:
        end_all_of(connection, me.principal.officer, door.ids.now())
    with (
        database.engine.connect() as connection,
        pytest.raises(OutOfTurn, match="Your session has ended in the meantime"),
    ):
        WAYS[way](Asked(door, me, connection))


@pytest.mark.parametrize("way", sorted(set(WAYS) - {"end a session"}))
def test_in_a_session_that_stands_it_is_written(database, door, me, way):
    with database.engine.connect() as connection:
        WAYS[way](Asked(door, me, connection))
