"""A slice of the proof that ended sessions are over; `make prove-sessions` ends a thousand."""

import pytest

from tests.proofs.ended_sessions import A_TIME, ENDINGS, FORGETFUL, ground_on, prove

EACH_ONCE = A_TIME * len(ENDINGS) - 2  # in two ways one session of each goes on


@pytest.mark.postgresql
def test_the_next_request_of_every_ended_session_is_refused(empty_postgresql_url, tmp_path):
    with ground_on(empty_postgresql_url, tmp_path) as ground:
        found = prove(ground, EACH_ONCE)

    assert found.wrong == []
    assert found.tried == EACH_ONCE


def test_a_process_that_remembers_sessions_is_seen(empty_sqlite_url, tmp_path):
    some = {name: ENDINGS[name] for name in ("disabled on a page", "password given by command")}
    with ground_on(empty_sqlite_url, tmp_path, FORGETFUL) as ground:
        found = prove(ground, 2 * A_TIME, some)

    assert {line.partition(":")[0] for line in found.wrong} == set(some)
    assert len(found.wrong) == 4 * 2 * A_TIME  # the next request, and one in each other process
