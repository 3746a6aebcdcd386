"""Ground to sign on: cases whose drafts wait at every body, opened by signers who are signed in."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from hashlib import sha256

from argon2.profiles import CHEAPEST
from sqlalchemy import select

from vetting.commands.casting import cast, cast_officers
from vetting.commands.demonstration import TARGETS
from vetting.commands.playing import Play, batches
from vetting.engine.policy import Action
from vetting.engine.reading import Definitions
from vetting.engine.vocabulary import CaseType, Kind, Role
from vetting.lists import GoodRow, ReadList
from vetting.records.consultations import consultations
from vetting.records.database import Database
from vetting.records.identity import Ids
from vetting.records.officers import login_sessions
from vetting.records.organisations import organisation_kinds
from vetting.records.passwords import Passwords
from vetting.records.sessions import token_hash
from vetting.records.standing import Purpose
from vetting.registers import Registers
from vetting.usecases.desk import Desk
from vetting.usecases.file_list import Covering, Taken, file_list
from vetting.usecases.load_registers import load_registers
from vetting.usecases.look import look
from vetting.usecases.open_round import open_round
from vetting.usecases.prove_again import Proof, prove_again
from vetting.usecases.sign_in import Attempt, Door, recall, sign_in

PASSWORD = "measured, not kept"  # noqa: S105  # of people who exist while it is measured
A_LIST = 250  # rows


@dataclass(frozen=True)
class Ready:
    """A draft that waits for its signature."""

    consultation: str
    case: str
    body: str
    version: int
    text: str  # hash


@dataclass(frozen=True)
class Signer:
    """Who signs for a body, in a log-in session."""

    officer: str
    login: str
    body: str
    session: str  # its public mark
    token: str


@dataclass(frozen=True)
class Ground:
    """Everything that waits: case by case, the drafts of all bodies in one order."""

    signers: tuple[Signer, ...]
    cases: tuple[tuple[Ready, ...], ...]
    board: str  # code of the Organisation Board


def prepare(
    database: Database,
    known: Definitions,
    registers: Registers,
    count: int,
    tick: Callable[[int], None],
) -> Ground:
    """Have *count* cases filed, accepted, asked about, answered in draft and read."""
    load_registers(database, registers)
    cast_officers(database, Passwords(CHEAPEST).hash(PASSWORD), Ids())
    play = Play(database, known)
    _file(play, count)
    everybody = play.in_state("filed")
    play.check(everybody)
    play.ask(everybody)
    tick(count)
    signers = []
    for body in play.bodies():
        play.answer(body, signing=False)
        signer = play.desk(Role.BODY_SIGNER, body)
        _read(database, signer, body)
        signers.append(_signed_in(database, signer))
        tick(count)
    return Ground(tuple(signers), _ready(database), _board(database))


def _file(play: Play, count: int) -> None:
    board = play.desk(Role.BOARD_OFFICER)
    opened = open_round(board, play.sent(), CaseType.PLANNING, "Đợt", "Round", play.ids.today())
    covering = Covering(CaseType.PLANNING, str(opened["round"]), "standing_committee")
    desk = play.desk(Role.CASE_OFFICER)
    for start in range(0, count, A_LIST):
        rows = tuple(
            GoodRow(
                row=number + 10,
                name=f"Nguyễn Thị Minh Nguyệt {number}",
                born=date(1960 + number % 30, 1 + number % 12, 1 + number % 28).isoformat(),
                target=TARGETS[number % len(TARGETS)],
            )
            for number in range(start, min(start + A_LIST, count))
        )
        name = f"{start}.xlsx"
        taken = Taken(name, sha256(name.encode()).hexdigest(), ReadList("1", None, rows, ()))
        file_list(desk, play.sent(), taken, covering)


def _read(database: Database, signer: Desk, body: str) -> None:
    """Open every draft of a body, as a signer must before signing."""
    drafts = [ready for case in _ready(database) for ready in case if ready.body == body]
    for batch in batches([ready.consultation for ready in drafts]):
        chosen = set(batch)
        look(
            signer,
            Action.SIGN_OPINION,
            texts=[
                (ready.case, ready.consultation, ready.text)
                for ready in drafts
                if ready.consultation in chosen
            ],
        )


def _signed_in(database: Database, signer: Desk) -> Signer:
    officer = signer.principal.officer
    [login] = [part.login for part in cast(database) if part.officer == officer]
    door = Door(database, Passwords(CHEAPEST))
    entered = sign_in(door, Attempt(login, PASSWORD, "127.0.0.1"))
    s = login_sessions.c
    with database.reading() as connection:
        mark = connection.scalar(select(s.mark).where(s.token_hash == token_hash(entered.token)))
    return Signer(officer, login, signer.principal.organisation, str(mark), entered.token)


def prove_signers(url: str, ground: Ground) -> None:
    """Have every signer prove again who they are, as they would before a morning of signing."""
    database = Database(url, purpose=Purpose.COMMAND)
    door = Door(database, Passwords(CHEAPEST), proved_for=timedelta(0))
    with database.reading() as connection:
        for signer in ground.signers:
            session = recall(door, connection, signer.token)
            if session is None:
                raise RuntimeError(f"the session of {signer.login} has ended")
            prove_again(
                door, connection, session, Proof(signer.login, "127.0.0.1", password=PASSWORD)
            )
    database.close()


def _ready(database: Database) -> tuple[tuple[Ready, ...], ...]:
    c = consultations.c
    with database.reading() as connection:
        rows: Sequence[Ready] = [
            Ready(row.handle, row.case_handle, row.body, row.version, row.draft_hash)
            for row in connection.execute(
                select(c.handle, c.case_handle, c.body, c.version, c.draft_hash)
                .where(c.state == "ready")
                .order_by(c.case_handle, c.body)
            )
        ]
    found: dict[str, list[Ready]] = {}
    for ready in rows:
        found.setdefault(ready.case, []).append(ready)
    return tuple(map(tuple, found.values()))


def _board(database: Database) -> str:
    k = organisation_kinds.c
    with database.reading() as connection:
        return str(
            connection.scalar(select(k.organisation).where(k.kind == Kind.COORDINATOR.value))
        )
