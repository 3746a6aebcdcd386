"""Ask witnesses: have others sign the log's latest checkpoint, so that it cannot be taken back.

Over the network, or by a file that somebody carries. A witness that is not there is asked again the
next time; one that has signed a larger log than ours, or another one, stops us.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from pathlib import Path

from sqlalchemy import Connection

from vetting.engine.canonical import moment
from vetting.engine.checkpoint import BadNote, is_size
from vetting.engine.refusals import OutOfTurn
from vetting.engine.witnessing import Question
from vetting.records import witnessed
from vetting.records.database import Database
from vetting.records.identity import Ids
from vetting.records.log_nodes import proof_of_growth
from vetting.records.rights import DatabaseRole
from vetting.records.witness_folder import checkpoint_in, cosigned_at
from vetting.records.witnessed import Witness, read_witnesses

OK, CONFLICT = 200, 409
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)  # from which a witness counts its seconds


@dataclass(frozen=True)
class Reply:
    """What came back from a witness."""

    status: int
    body: str


Send = Callable[[str, str], Reply]  # an address and a question; raises OSError without an answer


class Outcome(StrEnum):
    """What came of asking one witness."""

    SIGNED = "signed"
    NOTHING_NEW = "nothing new"
    NOT_THERE = "not there"
    REFUSED = "refused"
    AHEAD = "ahead"  # it has signed more of the log than we have


@dataclass(frozen=True)
class Asked:
    """One witness, and what came of asking."""

    witness: str
    outcome: Outcome
    size: int = 0


def ask_witnesses(
    database: Database,
    folder: Path,
    send: Send,
    ids: Ids | None = None,
    *,
    even_if_signed: bool = False,
) -> list[Asked]:
    """Ask every witness that has an address about the latest checkpoint, once each.

    One that has signed it is asked *even if signed* where that is in doubt: a database that was put
    back remembers an earlier signature as the last one.
    """
    return [
        _ask(database, folder, witness, send, ids or Ids(), even_if_signed=even_if_signed)
        for witness in read_witnesses(folder)
        if witness.address
    ]


def question_to(
    connection: Connection, witness: Witness, old: int | None = None
) -> Question | None:
    """Return what to ask a witness, or None where it has signed the latest checkpoint already."""
    note = witnessed.last_note(connection)
    if note is None:
        return None
    size = checkpoint_in(note).size
    known = witnessed.last_seen_by(connection, witness.key.name) if old is None else old
    if known > size or (known == size and old is None):
        return None
    return Question(known, proof_of_growth(connection, known, size), note)


def keep_cosignature(
    database: Database, folder: Path, witness: Witness, line: str, ids: Ids | None = None
) -> int:
    """Keep a witness's line under the checkpoint it belongs to; returns that checkpoint's size.

    Raises `BadNote` for a line that this witness did not put under any checkpoint of ours, and
    `OutOfTurn` where the log has lost what a witness signed, so that nothing is kept over it.
    """
    ids = ids or Ids()
    with database.acting_as(DatabaseRole.SEQUENCER).writing() as connection:
        short = witnessed.behind(connection, folder)
        if short is not None:
            raise OutOfTurn(short.sentence)
        for note in witnessed.notes(connection):
            seconds = cosigned_at(note + line, witness.key)
            if seconds is not None:
                break
        else:
            raise BadNote("the witness has put this line under no checkpoint of this log")
        size = checkpoint_in(note).size
        if size > witnessed.last_seen_by(connection, witness.key.name):
            witnessed.INSERT(
                connection,
                {
                    "size": size,
                    "witness": witness.key.name,
                    "line": line,
                    "seen_at": moment(_EPOCH + timedelta(seconds=seconds)),
                    "kept_at": ids.now(),
                },
            )
        witnessed.remember_witnessed(connection, folder, note + line)
    return size


def _ask(
    database: Database,
    folder: Path,
    witness: Witness,
    send: Send,
    ids: Ids,
    *,
    even_if_signed: bool,
) -> Asked:
    name, address = witness.key.name, witness.address or ""
    question = _question(database, witness)
    if question is None and even_if_signed:
        with database.reading() as connection:
            known = witnessed.last_seen_by(connection, name)
            question = question_to(connection, witness, known) if known else None
    if question is None:
        return Asked(name, Outcome.NOTHING_NEW)
    try:
        reply = send(address, question.text)
        stands = _size(reply.body) if reply.status == CONFLICT else None
        if stands is not None and stands > checkpoint_in(question.note).size:
            witnessed.remember_ahead(folder, witness, stands)
            return Asked(name, Outcome.AHEAD, stands)
        if stands is not None and (again := _question(database, witness, stands)):
            reply = send(address, again.text)  # it stands elsewhere than its last line says
        if reply.status == OK:
            size = keep_cosignature(database, folder, witness, reply.body, ids)
            return Asked(name, Outcome.SIGNED, size)
    except OSError:
        return Asked(name, Outcome.NOT_THERE)
    except OutOfTurn:  # it signed more of the log than there is, as we know without asking
        with database.reading() as connection:
            return Asked(name, Outcome.AHEAD, witnessed.known_size(connection, folder))
    except BadNote:
        pass  # what it answered is no line of its own under our checkpoint
    return Asked(name, Outcome.REFUSED)


def _question(database: Database, witness: Witness, old: int | None = None) -> Question | None:
    with database.reading() as connection:
        return question_to(connection, witness, old)


def _size(body: str) -> int | None:
    written = body.strip()
    return int(written) if is_size(written) else None
