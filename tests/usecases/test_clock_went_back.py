"""A clock that went back: on record behind what was done then, told of, and in nobody's way."""

from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import select

from tests.builders import Cast, definitions, sent
from vetting.engine.ailments import Ailment
from vetting.queries.clock_alarms import clock_alarms
from vetting.queries.doctor import Ground, examine, examined_case
from vetting.records.database import Database
from vetting.records.history import entries
from vetting.records.identity import Ids
from vetting.records.rebuild import compare
from vetting.records.sealing_key import make_sealing_key, read_sealing_key
from vetting.records.standing import Purpose
from vetting.usecases.check_completeness import take_up_cases
from vetting.usecases.interrupt_case import withdraw_case
from vetting.usecases.receive_consultation import receive_consultations
from vetting.usecases.seal_checkpoint import seal_checkpoint

NOON = datetime(2026, 6, 1, 5, 0, tzinfo=UTC)


class Turned:
    """A clock that somebody turns."""

    now = NOON

    def __call__(self) -> datetime:
        self.now += timedelta(milliseconds=1)
        return self.now


@pytest.fixture
def clock():
    return Turned()


@pytest.fixture
def cast(province_url, clock):
    database = Database(province_url, purpose=Purpose.COMMAND)
    yield Cast(database, Ids(clock=clock))
    database.close()


def verbs(cast, case):
    with cast.database.reading() as connection:
        return list(
            connection.scalars(
                select(entries.c.verb)
                .where(entries.c.case_handle == case)
                .order_by(entries.c.number)
            )
        )


def test_it_is_said_once_behind_what_was_done_then(cast, clock):
    case = cast.filed()
    clock.now -= timedelta(hours=2)

    take_up_cases(cast.board, sent(), [case])
    withdraw_case(cast.unit, sent(), case, "Thôi.")

    assert verbs(cast, case)[-3:] == ["case.taken_up", "clock.went_back", "case.withdrawn"]
    with cast.database.reading() as connection:
        assert list(compare(connection)) == []
        [alarm] = clock_alarms(connection, cast.ids.now())
        ground = Ground(connection, definitions(), cast.ids.today())
        found = examine(ground)
        assert [one.case for one in found if one.ailment is Ailment.CLOCK_WENT_BACK] == [case]
        told = [one.ailment for one in examined_case(ground, case)]
        assert told == [Ailment.CLOCK_WENT_BACK]
        later = (NOON + timedelta(days=31)).isoformat(timespec="microseconds")
        assert clock_alarms(connection, later.replace("+00:00", "Z")) == ()
    assert alarm.at < alarm.behind


def test_machines_that_are_apart_by_little_are_no_alarm(cast, clock):
    case = cast.filed()
    clock.now -= timedelta(seconds=9)

    take_up_cases(cast.board, sent(), [case])

    assert "clock.went_back" not in verbs(cast, case)


def test_a_body_that_acts_says_so_too(cast, clock):
    case = cast.consulting()
    asked = cast.asked(case)["thue"]
    clock.now -= timedelta(days=1)

    receive_consultations(cast.drafter("thue"), sent(), [asked])

    assert verbs(cast, case)[-2:] == ["consultation.received", "clock.went_back"]
    with cast.database.reading() as connection:
        assert list(compare(connection)) == []


def test_a_new_case_before_the_last_checkpoint_says_so(cast, clock, tmp_path):
    make_sealing_key(tmp_path, "vetting/clock")
    cast.filed()
    seal_checkpoint(cast.database, read_sealing_key(tmp_path), cast.ids)
    clock.now -= timedelta(hours=2)

    case = cast.filed(name="Trần Thị Bình")

    assert verbs(cast, case) == ["case.drafted", "case.filed", "clock.went_back"]
