"""Do jobs: take one, do it, and keep what it did together with the word that it is done.

What takes long is done before, outside of any transaction; what is kept is kept in the one
transaction in which the job ends, and only by whoever still holds it. So a worker can end at any
point, and another does the whole job again, and keeps it once.
"""

import logging
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from sqlalchemy import Connection

from vetting.engine.canonical import moment
from vetting.engine.retries import LEASE, MOST_ATTEMPTS, wait_after
from vetting.records import jobs
from vetting.records.database import Database
from vetting.records.identity import Ids
from vetting.records.jobs import Job

_LOG = logging.getLogger("vetting.worker")

Before = Callable[[Job], Any]
Keep = Callable[[Connection, Job, Any], None]


@dataclass(frozen=True)
class Work:
    """How jobs of a kind are done: what comes before, and what is kept in the end."""

    keep: Keep
    before: Before = lambda _job: None


@dataclass(frozen=True)
class Workbench:
    """Where one worker does jobs."""

    database: Database
    ids: Ids
    works: Mapping[str, Work]
    lease: timedelta = LEASE

    def do_next(self) -> bool:
        """Do the job that is due longest; tell whether there was one."""
        job = self.take()
        if job is None:
            return False
        try:
            self.finish(job, self._work(job).before(job))
        except Exception as error:  # noqa: BLE001  # whatever it is, the next job is done
            self.fail(job, error)
        return True

    def take(self) -> Job | None:
        """Take a job on a lease; one that ended every worker that took it is given up."""
        now = self.ids.clock()
        while True:
            with self.database.writing() as connection:
                job = jobs.take(
                    connection, self.ids.handle(), moment(now), moment(now + self.lease)
                )
                if job is None or job.attempts <= MOST_ATTEMPTS:
                    return job
                jobs.end(connection, job, dead_at=moment(now))

    def finish(self, job: Job, prepared: object) -> None:
        """Keep what a job did and that it is done, or nothing where somebody else has it now."""
        with self.database.writing() as connection:
            if jobs.end(connection, job, done_at=self.ids.now(), error=None):
                self._work(job).keep(connection, job, prepared)

    def fail(self, job: Job, error: Exception) -> None:
        """Write down that it went wrong: it is tried again later, or given up and an alarm."""
        wait, now = wait_after(job.attempts), self.ids.clock()
        # What an error says may be about a case; what kind it is is not.
        told: dict[str, Any] = {"error": type(error).__name__}
        told |= {"dead_at": moment(now)} if wait is None else {"due_at": moment(now + wait)}
        with self.database.writing() as connection:
            held = jobs.end(connection, job, **told)
        if held:
            _LOG.error("%s went wrong %s times: %s", job.key, job.attempts, told["error"])

    def _work(self, job: Job) -> Work:
        return self.works[job.kind]
