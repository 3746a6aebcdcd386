"""What witnesses said of the log, and what this installation knows of it without the database.

The last checkpoint that a witness signed is kept twice: as a row, and as a file in the
installation's folder. A database that was put back to last week has lost the row, not the file.
"""

import json
from collections.abc import Iterator, Sequence
from contextlib import suppress
from dataclasses import asdict, dataclass
from pathlib import Path
from urllib.parse import urlsplit

from sqlalchemy import (
    CheckConstraint,
    Column,
    Connection,
    Index,
    Integer,
    PrimaryKeyConstraint,
    Table,
    bindparam,
    func,
    or_,
    select,
)

from vetting.engine.checkpoint import (
    COSIGNATURE,
    BadNote,
    Checkpoint,
    PublicKey,
    is_size,
    read_public_key,
)
from vetting.engine.sentences import Sentence, say
from vetting.records.base import HASH, METADATA, MOMENT, handle, optional, reference, required
from vetting.records.database import Statement
from vetting.records.log import checkpoints
from vetting.records.witness_folder import checkpoint_in, cosigned_at, write_whole

LARGEST_FILE = 4 * 1024 * 1024  # bytes
WITNESSES, WITNESSED, AHEAD, LOST = "witnesses", "witnessed", "witness_ahead", "declared_gaps"


class NotReadable(Exception):
    """A file of the installation's folder does not say what it is there to say."""

    def __init__(self, sentence: Sentence) -> None:
        super().__init__(str(sentence))
        self.sentence = sentence


def _written(file: Path) -> str | None:
    """Return what a file says, or None where there is none: a link to nowhere is one.

    Raises OSError for what is no file, such as a pipe on which one would wait, or is too large.
    """
    if not file.exists() and not file.is_symlink():
        return None
    if not file.is_file():
        raise OSError(f"{file.name} is no file")
    with file.open("rb") as opened:
        content = opened.read(LARGEST_FILE + 1)
    if len(content) > LARGEST_FILE:
        raise OSError(f"{file.name} is too large")
    return content.decode()


cosignatures = Table(
    "cosignatures",
    METADATA,
    Column("size", Integer, nullable=False),
    required("witness"),
    required("line"),  # as the witness signed it
    required("seen_at", MOMENT),  # by the witness's clock
    required("kept_at", MOMENT),
    PrimaryKeyConstraint("size", "witness"),
)

# That the log no longer reaches what a witness signed, said by two people; nothing is mended by it.
gaps = Table(
    "gaps",
    METADATA,
    handle(primary_key=True),
    Column("witnessed_size", Integer, nullable=False),
    Column("witnessed_root", HASH, nullable=False),  # empty where only the size is known
    Column("found_size", Integer, nullable=False),
    Column("found_root", HASH, nullable=False),
    required("reason"),
    reference("declared_by", "officers.handle"),
    required("declared_at", MOMENT),
    reference("confirmed_by", "officers.handle", nullable=True),
    optional("confirmed_at", MOMENT),
    CheckConstraint("confirmed_by <> declared_by", "two_people"),
    CheckConstraint("(confirmed_by IS NULL) = (confirmed_at IS NULL)", "confirmed_or_not"),
)
Index(
    "uq_gaps_one_declared",
    gaps.c.witnessed_size,
    gaps.c.witnessed_root,
    gaps.c.found_size,
    gaps.c.declared_by,
    unique=True,
)

INSERT = Statement(
    cosignatures.insert().values({column.name: bindparam(column.name) for column in cosignatures.c})
)


@dataclass(frozen=True)
class Witness:
    """A witness that this installation asks, or that is asked by hand where it has no address."""

    key: PublicKey
    address: str | None = None

    def __str__(self) -> str:
        """Write the witness down as it stands in the file."""
        return f"{self.key} {self.address}" if self.address else str(self.key)


def is_address(address: str) -> bool:
    """Tell whether a witness could be asked at an address, over the network and no other way."""
    try:
        parts = urlsplit(address)
        at = parts.hostname and parts.port != 0
    except ValueError:
        return False
    return bool(at) and parts.scheme in {"http", "https"} and address.isprintable()


def read_witnesses(folder: Path) -> Sequence[Witness]:
    """Return the witnesses of an installation; raises `NotReadable`."""
    file = folder / WITNESSES
    found = []
    try:
        for line in (_written(file) or "").splitlines():
            if line.strip():
                written, _, address = line.strip().partition(" ")
                key = read_public_key(written, COSIGNATURE)
                found.append(Witness(key, address.strip() or None))
    except (BadNote, OSError, UnicodeDecodeError) as wrong:
        raise NotReadable(
            say(
                "%(file)s does not say who the witnesses are. Bring it back, or remove it and name "
                "them again with `vetting history trust-witness`.",
                file=file.name,
            )
        ) from wrong
    return tuple(found)


def trust_witness(folder: Path, witness: Witness) -> None:
    """Have an installation ask a witness; the same name again takes the place of the former."""
    others = [one for one in read_witnesses(folder) if one.key.name != witness.key.name]
    lines = "".join(f"{one}\n" for one in (*others, witness))
    write_whole(folder, WITNESSES, lines)


def last_note(connection: Connection) -> str | None:
    """Return the latest checkpoint's note."""
    c = checkpoints.c
    found: str | None = connection.scalar(select(c.note).order_by(c.size.desc()).limit(1))
    return found


def notes(connection: Connection) -> Iterator[str]:
    """Yield the checkpoints' notes, the latest first."""
    c = checkpoints.c
    yield from connection.scalars(select(c.note).order_by(c.size.desc()))


def last_seen_by(connection: Connection, witness: str) -> int:
    """Return the size of the log that a witness signed last; 0 before it signed any."""
    c = cosignatures.c
    return connection.scalar(select(func.max(c.size)).where(c.witness == witness)) or 0


def lines_under(connection: Connection, size: int) -> str:
    """Return what witnesses put under the checkpoint of this size."""
    c = cosignatures.c
    return "".join(connection.scalars(select(c.line).where(c.size == size).order_by(c.witness)))


def remember_witnessed(connection: Connection, folder: Path, note: str) -> None:
    """Keep a witnessed note beside the database, unless a larger one of this log is kept.

    One of what this log has lost gives way only where two people declared the gap, and only to
    what grew since: else an old answer of a witness, kept once more, would undo that anything is
    known to be missing.
    """
    kept, size = witnessed(folder), checkpoint_in(note).size
    if kept is None:
        gives_way = True
    elif _is_ours(connection, kept):
        gives_way = kept.size <= size
    else:
        found = _declared_at(connection, kept.size, kept.root.hex())
        gives_way = found is not None and found < size
    if gives_way:
        write_whole(folder, WITNESSED, note)


def bring_up(connection: Connection, folder: Path) -> None:
    """Have the folder say what was signed last by the database, where it says less.

    An older file, one that was put in its place, or none would let an older database be put back.
    Each machine whose worker does this remembers for itself. Raises `NotReadable`.
    """
    size, kept = _last_signed(connection), witnessed(folder)
    if size <= (kept.size if kept else 0):
        return
    c = checkpoints.c
    note = connection.scalar(select(c.note).where(c.size == size))
    if note is not None:
        remember_witnessed(connection, folder, f"{note}{lines_under(connection, size)}")


def _last_signed(connection: Connection) -> int:
    return connection.scalar(select(func.max(cosignatures.c.size))) or 0


def remember_ahead(folder: Path, witness: Witness, size: int) -> None:
    """Keep that a witness says it signed a log of this size, which ours does not reach."""
    write_whole(folder, AHEAD, f"{witness.key.name} {size}\n")


def witnessed(folder: Path) -> Checkpoint | None:
    """Return the largest checkpoint that a witness is known to have signed.

    Raises `NotReadable` for a file that says something else.
    """
    file = folder / WITNESSED
    try:
        note = _written(file)
        return None if note is None else checkpoint_in(note)
    except (BadNote, OSError, UnicodeDecodeError) as wrong:
        raise NotReadable(
            say(
                "%(file)s is no checkpoint. It says what a witness has signed; bring it back, or "
                "ask the witness for its last checkpoint.",
                file=file.name,
            )
        ) from wrong


def signed_beside(folder: Path, witness: Witness) -> int:
    """Return how much a witness signed by the file beside the database; 0 where it says nothing."""
    try:
        note = _written(folder / WITNESSED) or ""
        return checkpoint_in(note).size if cosigned_at(note, witness.key) is not None else 0
    except (BadNote, OSError, UnicodeDecodeError):
        return 0


def known_size(connection: Connection, folder: Path) -> int:
    """Return how much of the log a witness is known to have signed; 0 where nobody signed any.

    Raises `NotReadable`.
    """
    signed = witnessed(folder)
    return max(signed.size if signed else 0, _ahead(folder), _last_signed(connection))


def _ahead(folder: Path) -> int:
    file = folder / AHEAD
    unknown = NotReadable(
        say(
            "%(file)s does not say how much a witness has signed. Bring it back, or ask the "
            "witness for its last checkpoint.",
            file=file.name,
        )
    )
    try:
        said = _written(file)
    except (OSError, ValueError) as wrong:
        raise unknown from wrong
    if said is None:
        return 0
    size = said.strip().rpartition(" ")[2]
    if not is_size(size):
        raise unknown
    return int(size)


@dataclass(frozen=True)
class Behind:
    """The log is not what a witness has signed."""

    signed_size: int
    signed_root: str  # empty where the witness told its size only
    size: int
    root: str

    @property
    def sentence(self) -> Sentence:
        """Say what that means, and what is to be done."""
        return say(
            "A witness has signed a history of %(signed)s entries that this database does not "
            "have: it has %(size)s, or others in their place. Bring back the right database, or "
            "have two people declare the gap with `vetting history declare-gap`.",
            signed=self.signed_size,
            size=self.size,
        )


def behind(connection: Connection, folder: Path) -> Behind | None:
    """Return how the log falls short of what a witness signed, unless two people declared it.

    Raises `NotReadable` where the folder does not say what was signed. Every process asks it every
    few seconds, so of the tables it looks at the ends alone.
    """
    c = checkpoints.c
    last = connection.execute(select(c.size, c.root).order_by(c.size.desc()).limit(1)).first()
    size, root = (last.size, last.root) if last else (0, "")
    signed, ahead = witnessed(folder), _ahead(folder)
    _kept_beside(folder)  # it can be read, or nobody knows what was lost before
    known = []
    if signed is not None and not _is_ours(connection, signed):
        known.append(Behind(signed.size, signed.root.hex(), size, root))
    if ahead > max(size, signed.size if signed else 0):
        known.append(Behind(ahead, "", size, root))
    undeclared = (
        one for one in known if not _is_declared(connection, one.signed_size, one.signed_root)
    )
    return next(undeclared, None)


def unlike_witnessed(connection: Connection, folder: Path) -> Sentence | None:
    """Say how the log is not what a witness signed, or that nobody knows what was signed."""
    try:
        short = behind(connection, folder)
    except NotReadable as unknown:
        return unknown.sentence
    return short.sentence if short else None


def _is_ours(connection: Connection, signed: Checkpoint) -> bool:
    c = checkpoints.c
    return connection.scalar(select(c.root).where(c.size == signed.size)) == signed.root.hex()


def _is_declared(connection: Connection, size: int, root: str) -> bool:
    return _declared_at(connection, size, root) is not None


def _declared_at(connection: Connection, size: int, root: str) -> int | None:
    """Return how large the log was, which this one goes on from, when two declared it lost this.

    What they declared of one database says nothing of another that is shorter or other still.
    """
    g, c = gaps.c, checkpoints.c
    goes_on = select(c.size).where(c.size == g.found_size, c.root == g.found_root).exists()
    found: int | None = connection.scalar(
        select(func.max(g.found_size)).where(
            g.witnessed_size == size,
            g.witnessed_root == root,
            g.confirmed_at.is_not(None),
            or_(g.found_size == 0, goes_on),
        )
    )
    return found


@dataclass(frozen=True)
class DeclaredGap:
    """That a log lost what a witness had signed, as people declared it."""

    signed_size: int
    size: int
    reason: str
    declared_by: str
    declared_at: str
    confirmed_by: str | None
    confirmed_at: str | None

    @property
    def sentence(self) -> Sentence:
        """Say what is missing for good, once both have declared it."""
        return say(
            "Entries are missing, or others stand in their place: a witness has signed %(signed)s, "
            "and the log had %(size)s when two people declared the gap. The common log’s page says "
            "who, when and why.",
            signed=self.signed_size,
            size=self.size,
        )


def declared_gaps(connection: Connection, folder: Path) -> Sequence[DeclaredGap]:
    """Return what people declared to be missing, the latest first; some wait for a second one.

    What two people declared is kept beside the database too: one that is put back once more, or
    the right one that is brought back after all, knows nothing of it.
    """
    g = gaps.c
    rows = connection.execute(
        select(
            g.witnessed_size,
            g.found_size,
            g.reason,
            g.declared_by,
            g.declared_at,
            g.confirmed_by,
            g.confirmed_at,
        )
    )
    found = {DeclaredGap(*row) for row in rows}
    with suppress(NotReadable):  # which keeps the database from being served
        found.update(_kept_beside(folder))
    return sorted(found, key=lambda one: (one.declared_at, one.signed_size), reverse=True)


def lost_for_good(connection: Connection, folder: Path) -> Sequence[DeclaredGap]:
    """Return what two people have declared to be missing."""
    return [one for one in declared_gaps(connection, folder) if one.confirmed_at is not None]


def remember_gap(folder: Path, gap: DeclaredGap) -> None:
    """Keep beside the database what two people declared to be missing."""
    known = dict.fromkeys((*_kept_beside(folder), gap))
    write_whole(folder, LOST, "".join(f"{json.dumps(asdict(one))}\n" for one in known))


def _kept_beside(folder: Path) -> Sequence[DeclaredGap]:
    file = folder / LOST
    try:
        return [DeclaredGap(**json.loads(line)) for line in (_written(file) or "").splitlines()]
    except (OSError, ValueError, TypeError) as wrong:
        raise NotReadable(
            say(
                "%(file)s does not say what people declared to be missing. Bring it back.",
                file=file.name,
            )
        ) from wrong
