"""Stuck jobs: what was given up, and what is due and not done. Either is an alarm."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import Connection, func, select

from vetting.engine.canonical import moment
from vetting.records.jobs import jobs

LONG = timedelta(hours=1)  # that a job may be due before no worker seems to run


@dataclass(frozen=True)
class StuckJobs:
    """How many jobs do not get done."""

    given_up: int
    overdue: int


def stuck_jobs(connection: Connection, now: str) -> StuckJobs:
    """Return how many jobs were given up, and how many are due for an hour and open."""
    j = jobs.c
    late = moment(datetime.fromisoformat(now) - LONG)
    dead = connection.scalar(select(func.count()).where(j.dead_at.is_not(None)))
    overdue = connection.scalar(
        select(func.count()).where(j.done_at.is_(None), j.dead_at.is_(None), j.due_at < late)
    )
    return StuckJobs(int(dead or 0), int(overdue or 0))
