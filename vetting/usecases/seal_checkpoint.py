"""Seal a checkpoint: bring what acts have written into the log, and sign the log's new root.

It comes after the acts and in short transactions of its own, so that no act waits for a tree. What
is in the log can no longer be taken away or changed without somebody who kept a checkpoint seeing
it.
"""

import secrets
from dataclasses import dataclass
from pathlib import Path

from vetting.engine.checkpoint import Checkpoint
from vetting.records import log
from vetting.records.database import Database
from vetting.records.identity import Ids
from vetting.records.log_nodes import add_nodes
from vetting.records.rights import DatabaseRole
from vetting.records.sealing_key import SealingKey, make_sealing_key

CASES_AT_ONCE = 50  # so few that whoever waits to write does not notice
_NAME_BYTES = 6


@dataclass(frozen=True)
class Sealed:
    """What came of it: how many entries the log gained, and the latest checkpoint's note."""

    added: int
    size: int
    note: str | None


def ensure_key(folder: Path) -> bool:
    """Make the key that checkpoints are signed with, unless there is one; tell if it was made.

    The log's name goes with the key: two installations are never taken for each other.
    """
    return make_sealing_key(folder, f"vetting/{secrets.token_hex(_NAME_BYTES)}")


def seal_checkpoint(database: Database, key: SealingKey, ids: Ids | None = None) -> Sealed:
    """Bring everything new into the log, a few cases at a time, each with a signed checkpoint."""
    clock = ids or Ids()
    added, size, note, after = 0, 0, None, ""
    while True:
        with database.acting_as(DatabaseRole.SEQUENCER).writing() as connection:
            if not log.my_turn(connection):
                break
            edge = log.last_edge(connection)
            size = edge.size
            last, reached, seals = log.to_sequence(connection, after, CASES_AT_ONCE)
            if last is None:
                break
            after = last
            if not seals:
                continue
            grown = edge.grown(bytes.fromhex(seal) for _, _, seal in seals)
            note = key.sign(Checkpoint(key.name, grown.size, grown.root()))
            log.append(connection, edge.size, seals, reached)
            add_nodes(connection, grown.size)
            log.INSERT_CHECKPOINT(
                connection,
                {
                    "size": grown.size,
                    "root": grown.root().hex(),
                    "edge": log.write_edge(grown),
                    "note": note,
                    "at": clock.now(),
                },
            )
            added, size = added + len(seals), grown.size
    return Sealed(added, size, note)
