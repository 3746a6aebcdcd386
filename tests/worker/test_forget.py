"""The worker destroys what two people agreed to, once, and nothing that is another list by now."""

import pytest
from sqlalchemy import select

from tests.builders import Cast
from tests.disposing import Disposing, schedule
from tests.records.conftest import province
from vetting.engine.policy import Action
from vetting.records.disposals import disposals
from vetting.records.jobs import jobs
from vetting.records.standing import Purpose
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
