"""Ended sessions: whatever ends them, the very next request of every one of them is refused.

Several processes serve one database. Each session was in use in every process; then it is ended in
one of them, or by a command beside them, and its next request goes to a process of its own turn.

`python -m tests.proofs.ended_sessions` ends a thousand sessions on each kind of database.
"""

import os
import re
import signal
import sys
import tempfile
import time
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from itertools import count
from pathlib import Path

from argon2.profiles import CHEAPEST
from sqlalchemy import select

from tests.builders import definitions
from tests.house.province import BODY, PASSWORD
from tests.postgres import running_postgresql
from tests.proofs.running import Found, tell
from tests.proofs.serving import WORKERS, Reply, Served, Wire, served
from vetting.engine.vocabulary import Role
from vetting.records.factors import Authenticator, add_authenticator
from vetting.records.identity import Ids
from vetting.records.officers import login_sessions
from vetting.records.passwords import Passwords
from vetting.records.sessions import token_hash
from vetting.usecases.keep_officers import (
    Assignment,
    Keeper,
    NewOfficer,
    change_password,
    create_officer,
)
from vetting.usecases.leave import end_role
from vetting.usecases.sign_in import Attempt, Door, sign_in

TARGET, FORGETFUL = "tests.proofs.named_worker:app", "tests.proofs.named_worker:forgetful_app"
FORM_TOKEN = re.compile(r'name="csrf_token"[^>]*value="([0-9a-f]{64})"')
ANOTHER = "con trâu đứng ngắm mưa"
SIGNS = Assignment(Role.BODY_SIGNER, BODY)
ASKED = (("GET", "/help"), ("GET", "/inbox"), ("HEAD", "/to-sign"), ("POST", "/to-sign/sign"))
PATIENCE = 20  # connections until every process has had one
A_TIME = 8  # sessions an officer has open
AT_LEAST = 1_000


@dataclass
class Ground:
    """A server of several processes with a line to each, and officers to come in."""

    served: Served
    lines: list[Wire]
    numbers: Iterator[int] = field(default_factory=count)

    @property
    def door(self) -> Door:
        return Door(self.served.database, Passwords(CHEAPEST), Ids())

    @property
    def keeper(self) -> Keeper:
        return Keeper(self.served.database, Ids(), by=None)

    def officer(self) -> "Person":
        """Enter an officer who signs, and open their sessions."""
        login = f"phien{next(self.numbers)}"
        new = NewOfficer(login, "Trần Văn Phiên", PASSWORD, (SIGNS,))
        handle = create_officer(self.keeper, Passwords(CHEAPEST), new)
        source = f"192.0.2.{next(self.numbers) % 250}"
        opened = [sign_in(self.door, Attempt(login, PASSWORD, source)).token for _ in range(A_TIME)]
        return Person(handle, login, opened)

    def ask(self, place: int, token: str, told: Mapping[str, str] | None = None) -> Reply:
        """Ask the process whose turn it is for a page, or send it a form."""
        method, address = ASKED[place // WORKERS % len(ASKED)]
        line = self.lines[place % WORKERS]
        return line.ask(method, address, token=token, told=told or _told(method))

    def form_token(self, token: str) -> str:
        return FORM_TOKEN.findall(self.lines[0].ask("GET", "/help", token=token).text)[0]

    def send(self, place: int, token: str, address: str, **told: str) -> Reply:
        """Send a form as a page of the session would."""
        carried = {"csrf_token": self.form_token(token), "key": Ids().handle(), **told}
        return self.lines[place % WORKERS].ask("POST", address, token=token, told=carried)


@dataclass(frozen=True)
class Person:
    """An officer and the tokens of the sessions that are open."""

    handle: str
    login: str
    tokens: list[str]


def _told(method: str) -> Mapping[str, str] | None:
    return {} if method == "POST" else None


# ------------------------------------------------------------------ what ends sessions

# Each ends sessions of a person, and returns the tokens that have to be dead.
Ending = Callable[[Ground, Person, int], list[str]]


def disabled(ground: Ground, person: Person, place: int) -> list[str]:
    administrator = ground.served.province.tokens["administrator"]
    answer = ground.send(place, administrator, f"/officers/{person.handle}/disable")
    _done(answer)
    return person.tokens


def role_over(ground: Ground, person: Person, place: int) -> list[str]:  # noqa: ARG001
    yesterday = (datetime.now(UTC) - timedelta(days=2)).date().isoformat()
    end_role(ground.keeper, definitions(), person.handle, SIGNS, yesterday)
    return person.tokens


def others_ended(ground: Ground, person: Person, place: int) -> list[str]:
    mine, *others = person.tokens
    _done(ground.send(place, mine, "/sessions/end-others"))
    return others


def one_ended(ground: Ground, person: Person, place: int) -> list[str]:
    mine, *others = person.tokens
    s = login_sessions.c
    for number, token in enumerate(others):
        with ground.served.database.reading() as connection:
            mark = connection.scalars(select(s.mark).where(s.token_hash == token_hash(token))).one()
        _done(ground.send(place + number, mine, f"/sessions/{mark}/end"))
    return others


def signed_out(ground: Ground, person: Person, place: int) -> list[str]:
    for number, token in enumerate(person.tokens):
        _done(ground.send(place + number, token, "/sign-out"))
    return person.tokens


def password_changed(ground: Ground, person: Person, place: int) -> list[str]:
    """By the officer; the session in which it is changed goes on under another token."""
    mine = person.tokens[0]
    told = {"password": PASSWORD, "new_password": ANOTHER, "new_password_again": ANOTHER}
    _done(ground.send(place, mine, "/password", **told))
    return person.tokens


def password_given(ground: Ground, person: Person, place: int) -> list[str]:  # noqa: ARG001
    """By command, for somebody who forgot it."""
    change_password(ground.keeper, Passwords(CHEAPEST), person.handle, ANOTHER)
    return person.tokens


def factor_taken_off(ground: Ground, person: Person, place: int) -> list[str]:
    """By the administrator, from somebody who lost it."""
    ids = Ids()
    with ground.served.database.writing() as connection:
        lost = Authenticator(ids.handle(), "", ids.handle(), 0, ids.now())
        add_authenticator(connection, person.handle, lost)
    administrator = ground.served.province.tokens["administrator"]
    _done(ground.send(place, administrator, f"/officers/{person.handle}/second-factor"))
    return person.tokens


ENDINGS: dict[str, Ending] = {
    "disabled on a page": disabled,
    "role over": role_over,
    "all others ended": others_ended,
    "ended one by one": one_ended,
    "signed out": signed_out,
    "password changed by the officer": password_changed,
    "password given by command": password_given,
    "lost factor taken off": factor_taken_off,
}


def _done(answer: Reply) -> None:
    if answer.status != 303:
        raise AssertionError(f"nothing was ended: {answer.status} {answer.text[:2000]}")


# ------------------------------------------------------------------ the proof


def prove(ground: Ground, at_least: int, ways: Mapping[str, Ending] = ENDINGS) -> Found:
    """End sessions in every way in turn, until enough are ended."""
    found = Found()
    bystander = ground.officer().tokens[0]
    for place in count():
        if found.tried >= at_least:
            return found
        name = list(ways)[place % len(ways)]
        person = ground.officer()
        _work_everywhere(ground, person.tokens, found)
        for number, token in enumerate(ways[name](ground, person, place)):
            turn = place + number
            found.tried += 1
            answer = ground.ask(turn + WORKERS * number, token)
            if not _refused(answer):
                found.wrong.append(f"{name}: the next request was answered {answer.status}")
            for other in range(1, WORKERS):
                answer = ground.lines[(turn + other) % WORKERS].ask("GET", "/help", token=token)
                if not _refused(answer):
                    found.wrong.append(f"{name}: another process answered {answer.status}")
        for line in ground.lines:
            if line.ask("GET", "/help", token=bystander).status != 200:
                found.wrong.append(f"{name}: somebody else's session ended too")
    return found


def _work_everywhere(ground: Ground, tokens: list[str], found: Found) -> None:
    for token in tokens:
        for line in ground.lines:
            status = line.ask("GET", "/help", token=token).status
            if status != 200:
                found.wrong.append(f"a good session was answered {status}")


def _refused(answer: Reply) -> bool:
    if answer.status == 401:
        return True
    return answer.status == 303 and answer.headers["Location"].startswith("/sign-in")


@contextmanager
def ground_on(url: str, folder: Path, target: str = TARGET) -> Iterator[Ground]:
    """Serve a province, and take up a line to every process."""
    with served(url, folder, target) as there:
        lines: dict[int, Wire] = {}
        for _ in range(PATIENCE):
            with _asleep(lines):
                wire = Wire(there.port, patience=20)
                try:
                    worker = wire.ask("GET", "/health/live").headers["X-Worker"]
                    lines.setdefault(int(worker), wire)
                except TimeoutError:  # the others have not started yet
                    wire.close()
            if len(lines) == WORKERS:
                break
        if len(lines) < WORKERS:
            raise AssertionError(f"only {len(lines)} of {WORKERS} processes answered")
        try:
            yield Ground(there, list(lines.values()))
        finally:
            for wire in lines.values():
                wire.close()


@contextmanager
def _asleep(processes: Iterable[int]) -> Iterator[None]:
    """Let processes of our own server rest, so that another takes the next connection."""
    known = list(processes)
    for process in known:
        os.kill(process, signal.SIGSTOP)
    try:
        yield
    finally:
        for process in known:
            os.kill(process, signal.SIGCONT)


def main() -> int:
    """End a thousand sessions on each kind of database."""
    good = True
    for name in ("SQLite", "PostgreSQL"):
        with tempfile.TemporaryDirectory() as folder, _empty(name, Path(folder)) as url:
            with ground_on(url, Path(folder)) as ground:
                since = time.monotonic()
                found = prove(ground, AT_LEAST)
            good &= tell(f"ended sessions on {name}", found, at_least=AT_LEAST, since=since)
    return 0 if good else 1


@contextmanager
def _empty(name: str, folder: Path) -> Iterator[str]:
    if name == "SQLite":
        yield f"sqlite:///{folder / 'vetting.sqlite'}"
    else:
        with running_postgresql(durable=False) as url:
            yield url


if __name__ == "__main__":
    sys.exit(main())
