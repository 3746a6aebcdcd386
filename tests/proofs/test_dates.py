"""A slice of `make prove-deadlines`: dates counted twice, and every planted defect found."""

import pytest

from tests.proofs.dates import PLANTED, batch


def test_dates_are_those_that_a_count_day_by_day_gives():
    assert batch(1, 3_000) == []


@pytest.mark.parametrize("defect", PLANTED, ids=lambda one: one.__name__.strip("_"))
def test_a_planted_defect_is_found(defect):
    assert batch(2, 600, defect)
