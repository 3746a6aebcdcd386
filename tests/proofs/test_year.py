"""A slice of `make prove-year`: some weeks of a small province, and planted defects."""

import pytest

from tests.proofs.year import (
    CLOSED,
    FIRST,
    Careless,
    keeps_what_they_held,
    mailed_whatever_came,
    not_written,
    out_of_reach_by_night,
    play,
    reminded_anew,
    who_holds_leaves,
    written_twice,
)
from tests.proofs.year_people import Plan

SEED = 20260105


@pytest.fixture
def played(sqlite_url, tmp_path):
    def played(wanted, days, **planted):
        plan = Plan(FIRST, days, wanted, to_end=24, to_answer=4, closed=CLOSED)
        return play(sqlite_url, tmp_path, SEED, plan, **planted)

    return played


def test_nothing_is_lost_or_doubled_and_no_case_is_stuck(played):
    found = played(30, 36, every_day=who_holds_leaves)

    assert found.wrong == []
    assert found.tried == 30
    assert "somebody who left with a question in hand" in found.met
    assert any(place.startswith("a job, ") for place in found.met)


def seen(found, *words):
    return all(any(word in line for line in found.wrong) for word in words)


def test_a_notice_that_is_not_written_is_seen(played):
    with not_written():
        assert seen(played(12, 27), "lost: submit", "a gap: submit")


def test_a_notice_that_is_written_twice_is_seen(played):
    with written_twice():
        assert seen(played(12, 27), "doubled: conclude")


def test_a_reminder_of_which_a_killed_worker_said_nothing_is_seen(played):
    with reminded_anew():
        assert seen(played(12, 27, bench=Careless), "doubled: answer_due")


def test_two_mails_on_one_day_are_seen(played):
    with mailed_whatever_came():
        assert seen(played(12, 27, every_day=out_of_reach_by_night), "mails in a day")


@pytest.mark.leaves_it_unwell
def test_a_case_that_somebody_took_along_is_seen(played):
    with keeps_what_they_held():
        found = played(24, 29, every_day=who_holds_leaves)
        assert seen(found, "stuck", "the doctor")
