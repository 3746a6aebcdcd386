"""The worker destroys what two people agreed to, once, and nothing that is another list by now."""

from datetime import timedelta
from unittest.mock import patch

import pytest
from sqlalchemy import select

from tests.builders import Cast, ticking
from tests.disposing import Disposing, schedule
from tests.records.conftest import province
from vetting.engine.policy import Action
from vetting.records.disposals import disposals, owing
from vetting.records.jobs import jobs
from vetting.records.standing import Purpose
from vetting.usecases import forget as forgetting
from vetting.usecases.do_jobs import Workbench
from vetting.usecases.look import look
from vetting.worker import forget


@pytest.fixture
def database(engine_url):
    yield from province(engine_url)


@pytest.fixture
def agreed(database):
    """A record that is to be destroyed, with its people and where the worker works."""
    schedule(database)
    cast = Cast(database)
    case = cast.closed()
    people = Disposing(cast)
    people.let_pass()
    people.ask(case)
    bench = Workbench(database, cast.ids, forget.works_of_forgetting(database, cast.ids))
    return cast, people, case, bench


def state(database):
    with database.reading(Purpose.COMMAND) as connection:
        rows = connection.execute(select(jobs.c.key, jobs.c.done_at).where(jobs.c.kind == "forget"))
        erased = connection.scalars(select(disposals.c.erased_at)).all()
    return {row.key: row.done_at is not None for row in rows}, [one is not None for one in erased]


def test_nobody_asks_the_worker_before_two_people_agreed(agreed):
    cast, _, _, bench = agreed
    forget.ask_to_forget(cast.database, cast.ids)
    assert state(cast.database) == ({}, [])
    assert not bench.do_next()


def test_what_was_agreed_to_is_destroyed_once_however_often_it_is_asked_for(agreed):
    cast, people, case, bench = agreed
    people.agree(case)
    for _ in range(2):
        forget.ask_to_forget(cast.database, cast.ids)
    [(key, done)] = state(cast.database)[0].items()
    assert key.startswith(f"forget/{case}/")
    assert not done
    assert bench.do_next()
    assert state(cast.database) == ({key: True}, [True])
    forget.ask_to_forget(cast.database, cast.ids)
    assert not bench.do_next()


def test_what_is_another_list_by_now_stays_and_the_job_ends(agreed):
    cast, people, case, bench = agreed
    people.agree(case)
    forget.ask_to_forget(cast.database, cast.ids)
    look(cast.head, Action.SEE_CASE, cases=[case], purpose="Đối chiếu đơn.")
    assert bench.do_next()
    jobs_now, erased = state(cast.database)
    assert (list(jobs_now.values()), erased) == ([True], [False])


class _Killed(BaseException):
    """The worker ended there."""


def test_a_worker_that_ends_before_the_files_are_clean_leaves_it_to_the_next(agreed):
    cast, people, case, bench = agreed
    people.agree(case)
    forget.ask_to_forget(cast.database, cast.ids)
    with patch.object(forgetting, "scrub", side_effect=_Killed), pytest.raises(_Killed):
        bench.do_next()
    later = ticking(cast.ids.clock() + timedelta(minutes=3))
    bench = Workbench(cast.database, later, forget.works_of_forgetting(cast.database, later))
    assert bench.do_next()
    assert (list(state(cast.database)[0].values()), owing_of(cast)) == ([True], 0)
    forget.ask_to_forget(cast.database, later)
    assert not bench.do_next()


def test_files_that_nobody_cleaned_are_asked_for_again_and_again(agreed):
    """As after a command that was ended, or an upgrade from where no disposal said it."""
    cast, people, case, _ = agreed
    people.agree(case)
    with patch.object(forgetting, "clean_files", return_value=0):
        people.carry_out()

    def on_day(number):
        now = ticking(cast.ids.clock() + timedelta(days=number))
        forget.ask_to_forget(cast.database, now)
        due = ticking(now.clock() + timedelta(minutes=3))
        bench = Workbench(cast.database, due, forget.works_of_forgetting(cast.database, due))
        assert bench.do_next()
        return owing_of(cast), len(state(cast.database)[0])

    with patch.object(forgetting, "scrub", side_effect=OSError):
        assert on_day(1) == (1, 1)
    assert on_day(2)[1] == 2
    assert owing_of(cast) == 0


def owing_of(cast):
    with cast.database.reading(Purpose.COMMAND) as connection:
        return len(owing(connection))
