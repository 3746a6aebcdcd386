"""The log's page: its key, its latest checkpoint, and who has witnessed it."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from sqlalchemy import Connection, func, select

from vetting.engine.checkpoint import Checkpoint, PublicKey
from vetting.engine.sentences import Sentence
from vetting.records.log import checkpoints
from vetting.records.sealing_key import read_public_half
from vetting.records.witness_folder import checkpoint_in
from vetting.records.witnessed import (
    DeclaredGap,
    NotReadable,
    Witness,
    cosignatures,
    declared_gaps,
    known_size,
    read_witnesses,
    signed_beside,
)


@dataclass(frozen=True)
class WitnessLine:
    """One witness, and what it has signed last."""

    name: str
    key: str
    by_network: bool
    size: int  # 0 before it signed anything
    seen_at: str | None


@dataclass(frozen=True)
class LogPage:
    """What anybody may know of the log: sizes and hashes, and nothing of any case."""

    key: PublicKey | None
    last: Checkpoint | None
    last_at: str | None
    witnesses: Sequence[WitnessLine]
    gaps: Sequence[DeclaredGap]
    known: int = 0  # how much of it witnesses are known to have signed, also of what was lost
    unreadable: Sentence | None = None  # why the witnesses are not known

    @property
    def witnessed(self) -> int:
        """How much of the log somebody else has signed."""
        return max((self.known, *(one.size for one in self.witnesses)))


def log_page(connection: Connection, folder: Path) -> LogPage:
    """Return the log's page, in four statements."""
    c, w = checkpoints.c, cosignatures.c
    last = connection.execute(select(c.note, c.at).order_by(c.size.desc()).limit(1)).first()
    signed = {
        row.witness: row
        for row in connection.execute(
            select(
                w.witness, func.max(w.size).label("size"), func.max(w.seen_at).label("seen_at")
            ).group_by(w.witness)
        )
    }
    witnesses: list[WitnessLine] = []
    known: Sequence[Witness] = ()
    size, unreadable = 0, None
    try:
        known, size = read_witnesses(folder), known_size(connection, folder)
    except NotReadable as wrong:
        unreadable = wrong.sentence
    for one in known:
        row = signed.get(one.key.name)
        witnesses.append(
            WitnessLine(
                one.key.name,
                str(one.key),
                one.address is not None,
                max(row.size if row else 0, signed_beside(folder, one)),
                row.seen_at if row else None,
            )
        )
    return LogPage(
        read_public_half(folder),
        checkpoint_in(last.note) if last else None,
        last.at if last else None,
        witnesses,
        declared_gaps(connection, folder),
        size,
        unreadable,
    )
