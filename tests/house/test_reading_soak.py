"""A slice of the reading soak: kills between the line and the bytes, and the planted defect."""

import pytest

from tests.house.reading_soak import MOMENTS, soak

READS, KILL_ONE_IN = 200, 4


@pytest.fixture
def fresh(site):
    """A site that serves from a process of its own, and is as it was afterwards."""
    site.restore()
    yield site
    site.restore()


def test_whatever_got_out_has_its_one_line_whenever_the_server_died(fresh):
    found = soak(fresh, READS, KILL_ONE_IN)

    assert found.faults == []
    assert found.asked == READS
    assert found.sung > 30
    assert set(found.kills) >= {MOMENTS[1], MOMENTS[2]}


def test_a_line_that_is_written_after_the_bytes_is_missed(fresh):
    """The planted defect: the server answers first and writes down afterwards."""
    assert soak(fresh, 60, KILL_ONE_IN, late_line=True).faults != []
