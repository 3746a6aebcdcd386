"""The log: the seals of all entries of all cases in one order, and the checkpoints of its tree.

It is written after the acts, by whoever seals checkpoints; no act waits for it. An entry is in the
log once its case's `sequenced` has reached its number.
"""

from collections.abc import Iterable

from sqlalchemy import (
    Column,
    Connection,
    Integer,
    Table,
    Text,
    UniqueConstraint,
    bindparam,
    select,
)

from vetting.engine.tree import Edge
from vetting.records.base import HANDLE, HASH, METADATA, MOMENT, required
from vetting.records.cases import cases
from vetting.records.database import Statement
from vetting.records.history import entries

log = Table(
    "log",
    METADATA,
    Column("position", Integer, primary_key=True, autoincrement=False),  # from 0, without gaps
    # No reference to the case: what stands here stays, whatever becomes of the case's row.
    required("case_handle", HANDLE),
    Column("number", Integer, nullable=False),
    required("seal", HASH),
    UniqueConstraint("case_handle", "number"),
)

checkpoints = Table(
    "checkpoints",
    METADATA,
    Column("size", Integer, primary_key=True, autoincrement=False),
    required("root", HASH),
    Column("edge", Text, nullable=False),  # what the next one needs of the tree
    Column("note", Text, nullable=False),  # as it was signed
    required("at", MOMENT),
)

INSERT = Statement(log.insert().values({column.name: bindparam(column.name) for column in log.c}))
INSERT_CHECKPOINT = Statement(
    checkpoints.insert().values({column.name: bindparam(column.name) for column in checkpoints.c})
)
_SEQUENCED = Statement(
    cases.update()
    .where(cases.c.handle == bindparam("handle_"))
    .values(sequenced=bindparam("reached"))
)
_TURN = 7_062_026  # the number of the lock by which whoever sequences excludes the others


def my_turn(connection: Connection) -> bool:
    """Tell whether nobody else is sequencing; on SQLite the writer's place is that already."""
    if connection.dialect.name != "postgresql":
        return True
    got = connection.exec_driver_sql(f"SELECT pg_try_advisory_xact_lock({_TURN})").scalar_one()
    return bool(got)


def last_edge(connection: Connection) -> Edge:
    """Return the right edge of the tree at the latest checkpoint."""
    c = checkpoints.c
    row = connection.execute(select(c.size, c.edge).order_by(c.size.desc()).limit(1)).first()
    return Edge() if row is None else read_edge(row.size, row.edge)


def read_edge(size: int, written: str) -> Edge:
    """Return the edge that a checkpoint keeps."""
    return Edge(size, tuple(bytes.fromhex(root) for root in written.split()))


def write_edge(edge: Edge) -> str:
    """Write an edge down."""
    return " ".join(root.hex() for root in edge.roots)


def to_sequence(
    connection: Connection, after: str, most: int
) -> tuple[str | None, dict[str, int], list[tuple[str, int, str]]]:
    """Return the last case looked at, what each case reaches, and the seals that are new.

    Cases that an act holds right now are passed over, and so is a case whose entries are not all
    there: checking the history names it.
    """
    waiting = connection.execute(
        select(cases.c.handle, cases.c.sequenced, cases.c.entry_count)
        .where(cases.c.sequenced < cases.c.entry_count, cases.c.handle > after)
        .order_by(cases.c.handle)
        .limit(most)
        .with_for_update(of=cases, skip_locked=True)
    ).all()
    if not waiting:
        return None, {}, []
    c = entries.c
    found: dict[str, list[tuple[str, int, str]]] = {row.handle: [] for row in waiting}
    rows = connection.execute(
        select(c.case_handle, c.number, c.seal)
        .join(cases, cases.c.handle == c.case_handle)
        .where(c.case_handle.in_(list(found)), c.number > cases.c.sequenced)
        .order_by(c.case_handle, c.number)
    )
    for case, number, seal in rows:
        found[case].append((case, number, seal))
    whole = {
        row.handle: row.entry_count
        for row in waiting
        if [number for _, number, _ in found[row.handle]]
        == list(range(row.sequenced + 1, row.entry_count + 1))
    }
    return waiting[-1].handle, whole, [seal for case in whole for seal in found[case]]


def append(
    connection: Connection,
    first: int,
    seals: Iterable[tuple[str, int, str]],
    reached: dict[str, int],
) -> None:
    """Add seals to the log, from position *first* on, and say in the cases that they are there."""
    INSERT(
        connection,
        [
            {"position": position, "case_handle": case, "number": number, "seal": seal}
            for position, (case, number, seal) in enumerate(seals, first)
        ],
    )
    _SEQUENCED(
        connection, [{"handle_": case, "reached": number} for case, number in reached.items()]
    )
