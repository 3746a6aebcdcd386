"""Jobs are done once, by whoever holds them; what goes wrong is tried again and then given up."""

from collections.abc import Iterator
from contextlib import ExitStack
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import select, text

from tests.proofs.jobs import EFFECT, Careless, lay_down, make_effects, start, told
from vetting.engine.canonical import moment
from vetting.engine.retries import LEASE, MOST_ATTEMPTS, wait_after
from vetting.queries.stuck_jobs import StuckJobs, stuck_jobs
from vetting.records.database import Database
from vetting.records.identity import Ids
from vetting.records.jobs import ask_for, jobs
from vetting.records.standing import Purpose
from vetting.usecases.do_jobs import Work, Workbench


class Clock:
    def __init__(self) -> None:
        self.now = datetime(2026, 3, 2, 1, 0, tzinfo=UTC)

    def __call__(self) -> datetime:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def database(engine_url) -> Iterator[Database]:
    database = Database(engine_url, purpose=Purpose.COMMAND)
    make_effects(database)
    yield database
    database.close()


def keep(connection, job, prepared) -> None:
    connection.execute(EFFECT, {"key": job.key, "pid": prepared or 0})


def bench(database, clock, work=None, kind=Workbench) -> Workbench:
    return kind(database, Ids(clock), {"try": work or Work(keep)})


def ask(database, clock, key="a") -> None:
    with database.writing() as connection:
        ask_for(connection, key, "try", moment(clock.now))


def effects(database) -> list[str]:
    with database.reading() as connection:
        return list(connection.scalars(text("SELECT key FROM effects ORDER BY key")))


def row(database):
    with database.reading() as connection:
        return connection.execute(select(jobs)).one()


def test_a_job_is_asked_for_once_and_done_once(database, clock):
    for _ in range(2):
        ask(database, clock)
    mine = bench(database, clock)

    assert [mine.do_next() for _ in range(3)] == [True, False, False]

    ask(database, clock)
    assert (mine.do_next(), effects(database)) == (False, ["a"])


def test_nobody_takes_what_another_holds_and_nothing_before_it_is_due(database, clock):
    ask(database, clock)
    assert bench(database, clock).take() is not None
    assert bench(database, clock).take() is None

    clock.now -= timedelta(hours=1)
    ask(database, clock, "later")
    clock.now -= timedelta(hours=1)
    assert bench(database, clock).take() is None


@pytest.mark.parametrize(("kind", "expected"), [(Workbench, ["a"]), (Careless, ["a", "a"])])
def test_whoever_lost_a_job_keeps_nothing_and_one_without_care_is_found_out(
    database, clock, kind, expected
):
    ask(database, clock)
    slow, quick = bench(database, clock, kind=kind), bench(database, clock)
    held = slow.take()
    clock.now += LEASE + timedelta(seconds=1)
    assert quick.do_next()

    slow.finish(held, None)

    assert effects(database) == expected


def test_whoever_lost_a_job_does_not_make_it_fail(database, clock):
    ask(database, clock)
    slow = bench(database, clock)
    held = slow.take()
    clock.now += LEASE + timedelta(seconds=1)
    assert bench(database, clock).do_next()

    slow.fail(held, RuntimeError("too late"))

    assert (row(database).error, row(database).dead_at) == (None, None)


def test_what_goes_wrong_leaves_nothing_waits_longer_each_time_and_is_given_up(database, clock):
    def wrong(connection, job, prepared) -> None:
        keep(connection, job, prepared)
        raise RuntimeError("Nguyễn Văn Kín")

    ask(database, clock)
    mine, waited = bench(database, clock, Work(wrong)), []
    while row(database).dead_at is None:
        before = clock.now
        assert mine.do_next()
        assert not mine.do_next()
        clock.now = max(clock.now, datetime.fromisoformat(row(database).due_at))
        waited.append(clock.now - before)

    assert waited == [wait_after(n) for n in range(1, MOST_ATTEMPTS)] + [timedelta(0)]
    assert sorted(waited[:-1]) == waited[:-1]
    assert effects(database) == []
    assert (row(database).error, row(database).done_at) == ("RuntimeError", None)
    with database.reading() as connection:
        assert stuck_jobs(connection, moment(clock.now)) == StuckJobs(given_up=1, overdue=0)


def test_a_job_that_ends_every_worker_is_given_up(database, clock):
    ask(database, clock)
    for _ in range(MOST_ATTEMPTS):
        assert bench(database, clock).take() is not None
        clock.now += LEASE + timedelta(seconds=1)

    assert bench(database, clock).take() is None
    assert row(database).dead_at == moment(clock.now)


def test_what_is_due_for_an_hour_is_overdue(database, clock):
    ask(database, clock)
    with database.reading() as connection:
        assert stuck_jobs(connection, moment(clock.now)) == StuckJobs(0, 0)
        clock.now += timedelta(minutes=61)
        assert stuck_jobs(connection, moment(clock.now)) == StuckJobs(0, 1)


@pytest.mark.parametrize(
    "kind", ["sqlite", pytest.param("postgresql", marks=pytest.mark.postgresql)]
)
def test_workers_that_are_killed_before_and_while_they_keep_leave_each_effect_once(kind, request):
    url = request.getfixturevalue(f"empty_{kind}_url")
    database = lay_down(url, 60)
    points = {"try/0005": "before", "try/0031": "keep"}
    with ExitStack() as stack:
        doomed = [stack.enter_context(start(url, points)) for _ in points]
        for one in doomed:
            reached = one.stdout.readline().split()
            one.kill()
            assert points.get(reached[0]) == reached[1]
    with start(url) as worker:
        assert worker.wait(timeout=300) == 0

    found = told(database)
    database.close()
    assert not found.wrong(60), found
