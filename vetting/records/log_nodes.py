"""The roots of whole runs of the log, kept so that a proof need not read all of it.

They say nothing that the log does not say: what is missing, or was changed, is made from the log.
"""

from collections.abc import Iterator

from sqlalchemy import Column, Connection, Integer, PrimaryKeyConstraint, Table, func, select

from vetting.engine.tree import (
    Edge,
    Subtree,
    consistency_proof,
    includes,
    inclusion_proof,
    is_consistent,
    subtree_from,
)
from vetting.records.base import HASH, METADATA, required
from vetting.records.log import checkpoints, log

log_nodes = Table(
    "log_nodes",
    METADATA,
    Column("height", Integer, nullable=False),  # a run has 2^height entries
    Column("place", Integer, nullable=False),  # among the runs of its height, from 0
    required("root", HASH),
    PrimaryKeyConstraint("height", "place"),
)
HEIGHTS = (16, 8)  # the tallest first
TALLEST = HEIGHTS[0]


def add_nodes(connection: Connection, size: int) -> None:
    """Keep the roots of all runs that are whole in a log of this size, and were not kept yet."""
    c = log_nodes.c
    for height in reversed(HEIGHTS):
        known = connection.scalar(select(func.count()).where(c.height == height)) or 0
        rows = [
            {
                "height": height,
                "place": place,
                "root": _whole(
                    connection, place << height, place + 1 << height, below=height
                ).hex(),
            }
            for place in range(known, size >> height)
        ]
        if rows:
            connection.execute(log_nodes.insert(), rows)


def proof_of_inclusion(connection: Connection, position: int, size: int) -> tuple[bytes, ...]:
    """Return what leads from the entry at *position* to the root of the first *size* entries."""
    root = _root(connection, size)
    leaf = _seals(connection, position, position + 1)[0]
    proof = inclusion_proof(position, size, _with_nodes(connection))
    if not root or includes(root, size, position, leaf, proof):
        return proof
    return inclusion_proof(position, size, _from_log(connection))


def proof_of_growth(connection: Connection, smaller: int, larger: int) -> tuple[bytes, ...]:
    """Return what shows that the first *larger* entries begin with the first *smaller* ones."""
    if smaller == 0:
        return ()
    before, after = _root(connection, smaller), _root(connection, larger)
    proof = consistency_proof(smaller, larger, _with_nodes(connection))
    if not (before and after) or is_consistent(smaller, before, larger, after, proof):
        return proof
    return consistency_proof(smaller, larger, _from_log(connection))


def roots_of_runs(connection: Connection, height: int, count: int) -> Iterator[str]:
    """Yield the roots of the first *count* runs of 2^height entries, made from the log itself."""
    for place in range(count):
        yield _whole(connection, place << height, place + 1 << height, below=0).hex()


def root_of_first(connection: Connection, size: int) -> bytes | None:
    """Return the root of the first *size* entries, made from the log itself; None if it has fewer.

    All of them are read, a run at a time: what is kept beside the log could have stayed as it was.
    """
    edge = Edge()
    while edge.size < size:
        upto = min(size, edge.size + (1 << TALLEST))
        seals = _seals(connection, edge.size, upto)
        if len(seals) < upto - edge.size:
            return None
        edge = edge.grown(seals)
    return edge.root()


def signed_root_of_first(connection: Connection, size: int) -> bytes | None:
    """Return the root of the first *size* entries of the log as it is signed; None if it has fewer.

    Some hundreds of seals are read, however long the log is. What is kept is believed only where it
    leads on to the root of the latest checkpoint, so that it is of the history which that signs;
    else the root is made from the log. Whether the log's entries still are what that checkpoint
    says, `check_history` tells and `root_of_first`, which read them.
    """
    c = checkpoints.c
    last = connection.execute(select(c.size, c.root).order_by(c.size.desc()).limit(1)).first()
    if last is None or size > last.size:
        return root_of_first(connection, size)
    runs = _with_nodes(connection)
    root, proof = runs(0, size), consistency_proof(size, last.size, runs)
    if is_consistent(size, root, last.size, bytes.fromhex(last.root), proof):
        return root
    return root_of_first(connection, size)


def _with_nodes(connection: Connection) -> Subtree:
    return subtree_from(lambda start, end: _whole(connection, start, end))


def _from_log(connection: Connection) -> Subtree:
    return subtree_from(lambda start, end: _whole(connection, start, end, below=0))


def _whole(connection: Connection, start: int, end: int, below: int = TALLEST + 1) -> bytes:
    """Return the root of a run of 2^n entries, from the nodes that are lower than *below*."""
    for height in HEIGHTS:
        if height < below and end - start >= 1 << height:
            nodes = _nodes(connection, height, start >> height, end >> height)
            if len(nodes) == end - start >> height:
                return Edge().grown_by(nodes).root()
    return Edge().grown(_seals(connection, start, end)).root()


def _nodes(connection: Connection, height: int, first: int, upto: int) -> list[bytes]:
    c = log_nodes.c
    rows = connection.scalars(
        select(c.root).where(c.height == height, c.place >= first, c.place < upto).order_by(c.place)
    )
    return [bytes.fromhex(root) for root in rows]


def _seals(connection: Connection, first: int, upto: int) -> list[bytes]:
    c = log.c
    rows = connection.scalars(
        select(c.seal).where(c.position >= first, c.position < upto).order_by(c.position)
    )
    return [bytes.fromhex(seal) for seal in rows]


def _root(connection: Connection, size: int) -> bytes:
    """Return the root that the checkpoint of this size has; nothing where there is none."""
    c = checkpoints.c
    return bytes.fromhex(connection.scalar(select(c.root).where(c.size == size)) or "")
