"""Jobs: what is to be done by itself, in the same database as what it is about.

A job is written in the transaction that makes it due, under a key of its own: the same effect is
never asked for twice. A worker takes it on a lease. When the lease runs out anybody may take it;
whoever held it then finds that it is theirs no more, and keeps nothing.
"""

from dataclasses import dataclass

from sqlalchemy import (
    CheckConstraint,
    Column,
    Connection,
    Index,
    Integer,
    Table,
    Text,
    bindparam,
    literal_column,
    null,
    or_,
    select,
    text,
)
from sqlalchemy.dialects.postgresql import insert

from vetting.records.base import HANDLE, METADATA, MOMENT, WORD, optional, required
from vetting.records.database import Statement

jobs = Table(
    "jobs",
    METADATA,
    Column("key", Text, primary_key=True),  # one effect, once
    required("kind", WORD),
    required("content"),
    required("due_at", MOMENT),
    Column("attempts", Integer, nullable=False, server_default="0"),
    optional("lease", HANDLE),
    optional("leased_until", MOMENT),
    optional("error"),
    optional("done_at", MOMENT),
    optional("dead_at", MOMENT),
    CheckConstraint("(lease IS NULL) = (leased_until IS NULL)", "leased_until_then"),
    CheckConstraint("done_at IS NULL OR dead_at IS NULL", "one_end"),
)
_OPEN = text("done_at IS NULL AND dead_at IS NULL")
_DEAD = text("dead_at IS NOT NULL")
Index("ix_jobs_open", jobs.c.due_at, sqlite_where=_OPEN, postgresql_where=_OPEN)
Index("ix_jobs_dead", jobs.c.dead_at, sqlite_where=_DEAD, postgresql_where=_DEAD)

_j = jobs.c


@dataclass(frozen=True)
class Job:
    """A job that a worker holds."""

    key: str
    kind: str
    content: str
    attempts: int  # this one among them
    lease: str


_ASK = Statement(
    insert(jobs)
    .values({name: bindparam(name) for name in ("key", "kind", "content", "due_at")})
    .on_conflict_do_nothing()
)
_NEXT = Statement(
    select(_j.key, _j.kind, _j.content, _j.attempts)
    .where(
        _OPEN,
        _j.due_at <= bindparam("now"),
        or_(_j.leased_until.is_(None), _j.leased_until < bindparam("now")),
    )
    .order_by(_j.due_at, _j.key)
    .limit(literal_column("1"))
    .with_for_update(skip_locked=True)
)
_LEASE = Statement(
    jobs.update()
    .where(_j.key == bindparam("key_"))
    .values({name: bindparam(name) for name in ("lease", "leased_until", "attempts")})
)
_HELD = Statement(
    select(_j.key).where(
        _j.key == bindparam("key"), _j.lease == bindparam("lease"), _j.done_at.is_(None)
    )
)


def ask_for(connection: Connection, key: str, kind: str, due_at: str, content: str = "{}") -> None:
    """Ask for a job, unless it was asked for already."""
    _ASK.run(connection, {"key": key, "kind": kind, "content": content, "due_at": due_at})


def asked_for(connection: Connection, key: str) -> bool:
    """Tell whether a job was ever asked for."""
    return _ASKED(connection, {"key": key}).first() is not None


def take(connection: Connection, lease: str, now: str, until: str) -> Job | None:
    """Take the job that is due longest and that nobody holds; others do not wait for it."""
    row = _NEXT(connection, {"now": now}).first()
    if row is None:
        return None
    attempts = row.attempts + 1
    taken = {"key_": row.key, "lease": lease, "leased_until": until, "attempts": attempts}
    _LEASE.run(connection, taken)
    return Job(row.key, row.kind, row.content, attempts, lease)


def end(connection: Connection, job: Job, **told: str | None) -> bool:
    """Write down how it went, if the job is still held; whoever lost it changes nothing."""
    columns = tuple(sorted(told))
    if columns not in _ENDS:
        _ENDS[columns] = Statement(
            jobs.update()
            .where(
                _j.key == bindparam("key_"), _j.lease == bindparam("lease_"), _j.done_at.is_(None)
            )
            .values(
                {name: bindparam(name) for name in columns}
                | {"lease": null(), "leased_until": null()}
            )
        )
    changed = _ENDS[columns].run(connection, told | {"key_": job.key, "lease_": job.lease})
    return int(changed.rowcount) == 1


_ENDS: dict[tuple[str, ...], Statement] = {}  # by the columns that are told
_ASKED = Statement(select(_j.key).where(_j.key == bindparam("key")))


def holds(connection: Connection, job: Job) -> bool:
    """Tell whether a job is still held by whoever took it."""
    return _HELD(connection, {"key": job.key, "lease": job.lease}).first() is not None
