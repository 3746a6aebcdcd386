"""Patience: a server that hangs holds up whoever asks it for a while, and nobody else."""

from threading import Event

import pytest

from vetting.directories.patience import OutOfPatience, Patience


def test_what_is_answered_in_time_is_passed_on():
    assert Patience().wait_for(lambda: 42) == 42


def test_what_fails_in_time_fails_here():
    def fail():
        raise LookupError("there")

    with pytest.raises(LookupError, match="there"):
        Patience().wait_for(fail)


def test_what_hangs_is_given_up_and_its_place_is_free_again_when_it_ends():
    patience = Patience(seconds=0.02, places=1, for_a_place=0.02)
    go_on, ended = Event(), Event()

    def hang():
        go_on.wait(10)
        ended.set()

    with pytest.raises(OutOfPatience):
        patience.wait_for(hang)
    with pytest.raises(OutOfPatience):
        patience.wait_for(lambda: 42)  # the only place is taken
    go_on.set()
    assert ended.wait(10)

    assert Patience(places=1).wait_for(lambda: 42) == 42
    assert _in_the_end(lambda: patience.wait_for(lambda: 42)) == 42


def _in_the_end(ask):
    for _ in range(500):
        try:
            return ask()
        except OutOfPatience:
            continue
    raise AssertionError("the place was never free again")
