"""Jobs, each once: workers are killed at any point, stopped beyond their lease, and go wrong.

    python -m tests.proofs.jobs [JOBS]    on SQLite, and on PostgreSQL where there is one

Each job leaves one line in a table that would take as many as come. Of the workers one after the
other is killed with -9, or stopped until its lease has run out and let go on; one job in ten goes
wrong the first time. In the end each job has one line, and is done.
"""

import os
import random
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

from sqlalchemy import make_url, text

from tests.builders import as_owner
from tests.postgres import ADDRESS, create_database, drop_database
from vetting.records.database import Database
from vetting.records.identity import Ids
from vetting.records.jobs import Job, ask_for
from vetting.records.migrate import upgrade
from vetting.records.standing import Purpose
from vetting.usecases import do_jobs
from vetting.usecases.do_jobs import Work, Workbench

WORKERS = 3
LEASE = timedelta(milliseconds=400)
EFFECTS = "CREATE TABLE effects (key TEXT NOT NULL, pid INTEGER NOT NULL)"
EFFECT = text("INSERT INTO effects (key, pid) VALUES (:key, :pid)")
OPEN = text("SELECT count(*) FROM jobs WHERE done_at IS NULL AND dead_at IS NULL")


def make_effects(database: Database) -> None:
    """Make the table of what jobs did, which the application may only add to and read."""
    with as_owner(database).writing() as connection:
        connection.exec_driver_sql(EFFECTS)
        if connection.dialect.name == "postgresql":
            connection.exec_driver_sql("GRANT SELECT, INSERT ON effects TO PUBLIC")


class Careless(Workbench):
    """The planted defect: it keeps what it did without asking whether the job is still its own."""

    def finish(self, job: Job, prepared: object) -> None:
        with self.database.writing() as connection:
            self.works[job.kind].keep(connection, job, prepared)
            connection.execute(
                text(
                    "UPDATE jobs SET done_at = :at, lease = NULL, leased_until = NULL "
                    "WHERE key = :key"
                ),
                {"at": self.ids.now(), "key": job.key},
            )


@dataclass(frozen=True)
class Told:
    """What is there in the end."""

    done: int
    effects: int
    twice: int

    def wrong(self, jobs: int) -> bool:
        return (self.done, self.effects, self.twice) != (jobs, jobs, 0)


def lay_down(url: str, jobs: int) -> Database:
    """Ask for some jobs on a new database."""
    upgrade(url)
    database, ids = Database(url, purpose=Purpose.COMMAND), Ids()
    make_effects(database)
    with database.writing() as connection:
        for number in range(jobs):
            ask_for(connection, f"try/{number:04}", "try", ids.now())
    return database


def work(url: str, points: Mapping[str, str], *, careless: bool = False) -> None:
    """Be a worker until nothing is open. At a point that is named it says so, and stands still."""
    database = Database(url, purpose=Purpose.COMMAND)
    do_jobs.wait_after = lambda _attempts: timedelta(milliseconds=50)

    def stand_still(job: Job, point: str) -> None:
        if job.attempts == 1 and points.get(job.key) == point:
            sys.stdout.write(f"{job.key} {point}\n")
            sys.stdout.flush()
            sys.stdin.read()

    def before(job: Job) -> None:
        stand_still(job, "before")
        if job.attempts == 1 and job.key.endswith("7"):
            raise RuntimeError(job.key)

    def keep(connection, job: Job, _prepared: object) -> None:
        connection.execute(EFFECT, {"key": job.key, "pid": os.getpid()})
        stand_still(job, "keep")

    kind = Careless if careless else Workbench
    bench = kind(database, Ids(), {"try": Work(keep, before)}, lease=LEASE)
    while True:
        if bench.do_next():
            continue
        with database.reading() as connection:
            if not connection.scalar(OPEN):
                return
        time.sleep(0.02)


def start(url: str, points: Mapping[str, str] | None = None, *, careless: bool = False):
    """Start a worker as a process of its own."""
    told = [f"{key}={point}" for key, point in (points or {}).items()]
    more = ["--careless"] if careless else []
    return subprocess.Popen(  # ourselves
        [sys.executable, "-m", "tests.proofs.jobs", "--work", url, *more, *told],
        cwd=Path(__file__).parents[2],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )


def told(database: Database) -> Told:
    """Count what is there."""
    with database.reading() as connection:
        return Told(
            *(
                int(connection.scalar(text(f"SELECT {what}")) or 0)
                for what in (
                    "count(*) FROM jobs WHERE done_at IS NOT NULL",
                    "count(*) FROM effects",
                    "count(*) FROM (SELECT key FROM effects GROUP BY key HAVING count(*) > 1) t",
                )
            )
        )


def prove(url: str, jobs: int, *, careless: bool = False) -> Told:
    """Have three workers do all jobs while one after the other is killed or stopped."""
    database, chance = lay_down(url, jobs), random.Random(jobs)  # noqa: S311  # no secret
    working = [start(url, careless=careless) for _ in range(WORKERS)]
    stopped: list[tuple[float, subprocess.Popen[str]]] = []
    kills = 0
    while any(one.poll() is None for one in working):
        time.sleep(chance.uniform(0.05, 0.4))
        for since, one in list(stopped):
            if time.monotonic() - since > 2 * LEASE.total_seconds():
                one.send_signal(signal.SIGCONT)
                stopped.remove((since, one))
        victim = chance.choice(working)
        with database.reading() as connection:
            is_open = connection.scalar(OPEN)
        if not is_open or victim.poll() is not None or any(victim is one for _, one in stopped):
            continue
        if chance.random() < 0.5:
            victim.send_signal(signal.SIGSTOP)
            stopped.append((time.monotonic(), victim))
        else:
            victim.kill()
            victim.communicate()
            kills += 1
            working[working.index(victim)] = start(url, careless=careless)
    for one in working:
        one.communicate()
    found = told(database)
    database.close()
    sys.stdout.write(f"{jobs} jobs, {kills} kills: {found}\n")
    return found


def main(arguments: Sequence[str]) -> int:
    """Prove it in full, and that a worker without care is found out."""
    jobs = int(arguments[0]) if arguments else 900
    with tempfile.TemporaryDirectory() as folder:
        wrong = prove(f"sqlite:///{folder}/jobs.sqlite", jobs).wrong(jobs)
        found_out = prove(f"sqlite:///{folder}/careless.sqlite", jobs, careless=True).wrong(jobs)
    if ADDRESS in os.environ:
        server = make_url(os.environ[ADDRESS])
        made = create_database(server, "proof_of_jobs", "template0")
        try:
            wrong |= prove(made.render_as_string(hide_password=False), jobs).wrong(jobs)
        finally:
            drop_database(server, "proof_of_jobs")
    return int(wrong or not found_out)


if __name__ == "__main__":
    if sys.argv[1:2] == ["--work"]:
        rest = [one for one in sys.argv[3:] if one != "--careless"]
        work(
            sys.argv[2],
            dict(one.split("=") for one in rest),
            careless="--careless" in sys.argv,
        )
    else:
        sys.exit(main(sys.argv[1:]))
