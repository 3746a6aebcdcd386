"""A slice of `make prove-clocks`: histories under clocks that go wrong, and planted defects."""

import pytest

from tests.proofs.clocks import (
    days_are_set_anew,
    days_of_the_machine,
    histories,
    nobody_says_so,
    stops_as_the_clock_says,
)

SEED, SOME, FEW = 7, 20, 8


@pytest.fixture
def write(sqlite_url, tmp_path):
    return lambda count, *planted: histories(sqlite_url, tmp_path, SEED, count, *planted)


def test_no_order_is_disturbed_and_no_deadline_moves_unsaid(write):
    found = write(SOME)

    assert found.wrong == []
    assert found.tried == SOME
    assert "a clock that had gone back" in found.met


def test_a_clock_that_went_back_and_of_which_nothing_is_said_is_seen(write):
    with nobody_says_so():
        assert any("the clock stood at" in line for line in write(FEW).wrong)


def test_a_day_that_follows_the_clock_is_seen(write):
    assert any("no entry says so" in line for line in write(FEW, days_are_set_anew).wrong)


def test_a_day_that_follows_the_machine_is_seen(write):
    with days_of_the_machine():
        assert any("when and where it is asked" in line for line in write(FEW).wrong)


def test_a_pause_that_ends_before_it_began_is_seen(write):
    with stops_as_the_clock_says():
        assert any("cannot be counted" in line for line in write(SOME).wrong)
