"""Jobs: what is to be done by itself, in the same database as what it is about.

A job is written in the transaction that makes it due, under a key of its own: the same effect is
never asked for twice. A worker takes it on a lease. When the lease runs out anybody may take it;
whoever held it then finds that it is theirs no more, and keeps nothing.
"""

from dataclasses import dataclass
from typing import Any

from sqlalchemy import (
    CheckConstraint,
    Column,
    ColumnElement,
    Connection,
    Index,
    Integer,
    Table,
    Text,
    and_,
    or_,
    select,
    text,
)
from sqlalchemy.dialects.postgresql import insert

from vetting.records.base import HANDLE, METADATA, MOMENT, WORD, optional, required

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


def ask_for(connection: Connection, key: str, kind: str, due_at: str, content: str = "{}") -> None:
    """Ask for a job, unless it was asked for already."""
    connection.execute(
        insert(jobs)
        .values(key=key, kind=kind, content=content, due_at=due_at)
        .on_conflict_do_nothing()
    )


def take(connection: Connection, lease: str, now: str, until: str) -> Job | None:
    """Take the job that is due longest and that nobody holds; others do not wait for it."""
    row = connection.execute(
        select(_j.key, _j.kind, _j.content, _j.attempts)
        .where(
            _OPEN,
            _j.due_at <= now,
            or_(_j.leased_until.is_(None), _j.leased_until < now),
        )
        .order_by(_j.due_at, _j.key)
        .limit(1)
        .with_for_update(skip_locked=True)
    ).first()
    if row is None:
        return None
    connection.execute(
        jobs.update()
        .where(_j.key == row.key)
        .values(lease=lease, leased_until=until, attempts=row.attempts + 1)
    )
    return Job(row.key, row.kind, row.content, row.attempts + 1, lease)


def end(connection: Connection, job: Job, **told: Any) -> bool:  # noqa: ANN401  # columns
    """Write down how it went, if the job is still held; whoever lost it changes nothing."""
    changed = connection.execute(
        jobs.update().where(_held(job)).values(lease=None, leased_until=None, **told)
    )
    return changed.rowcount == 1


def _held(job: Job) -> ColumnElement[bool]:
    return and_(_j.key == job.key, _j.lease == job.lease, _j.done_at.is_(None))


def holds(connection: Connection, job: Job) -> bool:
    """Tell whether a job is still held by whoever took it."""
    return connection.scalar(select(_j.key).where(_held(job))) is not None
