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
    NotReadable,
    Witness,
    cosignatures,
    gaps,
    read_witnesses,
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
class GapLine:
    """A gap between what a witness signed and the log, as people declared it."""

    signed_size: int
    size: int
    reason: str
    declared_by: str
    declared_at: str
    confirmed_by: str | None
    confirmed_at: str | None


@dataclass(frozen=True)
class LogPage:
    """What anybody may know of the log: sizes and hashes, and nothing of any case."""

    key: PublicKey | None
    last: Checkpoint | None
    last_at: str | None
    witnesses: Sequence[WitnessLine]
    gaps: Sequence[GapLine]
    unreadable: Sentence | None = None  # why the witnesses are not known

    @property
    def witnessed(self) -> int:
        """How much of the log somebody else has signed."""
        return max((one.size for one in self.witnesses), default=0)


def log_page(connection: Connection, folder: Path) -> LogPage:
    """Return the log's page, in three statements."""
    c, w, g = checkpoints.c, cosignatures.c, gaps.c
    last = connection.execute(select(c.note, c.at).order_by(c.size.desc()).limit(1)).first()
    signed = {
        row.witness: row
        for row in connection.execute(
            select(
                w.witness, func.max(w.size).label("size"), func.max(w.seen_at).label("seen_at")
            ).group_by(w.witness)
        )
    }
    declared = connection.execute(
        select(
            g.witnessed_size,
            g.found_size,
            g.reason,
            g.declared_by,
            g.declared_at,
            g.confirmed_by,
            g.confirmed_at,
        ).order_by(g.declared_at.desc())
    )
    witnesses: list[WitnessLine] = []
    known: Sequence[Witness] = ()
    unreadable: Sentence | None = None
    try:
        known = read_witnesses(folder)
    except NotReadable as wrong:
        unreadable = wrong.sentence
    for one in known:
        row = signed.get(one.key.name)
        witnesses.append(
            WitnessLine(
                one.key.name,
                str(one.key),
                one.address is not None,
                row.size if row else 0,
                row.seen_at if row else None,
            )
        )
    return LogPage(
        read_public_half(folder),
        checkpoint_in(last.note) if last else None,
        last.at if last else None,
        witnesses,
        [GapLine(*row) for row in declared],
        unreadable,
    )
