"""Who owes an answer is reminded in working hours, by the schedule, each rung once, and no more."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta

import pytest
from sqlalchemy import select, update

from tests.builders import Cast, as_owner, definitions, sent, small_province
from vetting.engine.calendar import Calendar
from vetting.engine.definition import Reminder, Title
from vetting.engine.notices import CATALOGUE
from vetting.engine.reading import Definitions
from vetting.engine.reminders import DUE, LATE, rungs_due
from vetting.records.calendars import calendar_days, calendars
from vetting.records.consultations import consultations
from vetting.records.database import Database
from vetting.records.identity import Ids
from vetting.records.outbox import outbox, recipients
from vetting.records.standing import Purpose
from vetting.usecases.do_jobs import Workbench
from vetting.usecases.interrupt_case import suspend_case
from vetting.usecases.remind import ask_to_remind, works_of_reminding

LADDER = (
    Reminder(days=-3, to="owing"),
    Reminder(days=1, to="owing"),
    Reminder(days=3, to="head"),
    Reminder(days=5, to="coordinator"),
)
LAST_DAY = "2026-03-20"  # a Friday


def with_ladder(ladder) -> Definitions:
    return Definitions(
        {
            name: one.model_copy(update={"reminders": ladder}) if name[0] != "consultation" else one
            for name, one in definitions().by_name.items()
        }
    )


@dataclass
class Clockwork:
    """A body that owes an answer, a worker, and a clock that a test sets."""

    cast: Cast
    now: datetime
    ladder: tuple[Reminder, ...] = LADDER

    def at(self, day: str, hour: int = 9) -> None:
        """Have the worker look, at an hour of a day where the officers are."""
        self.now = datetime.fromisoformat(f"{day}T{hour:02}:00:00+07:00").astimezone(UTC)
        self.work()

    def work(self) -> None:
        ids, known = Ids(clock=lambda: self.now), with_ladder(self.ladder)
        ask_to_remind(self.cast.database, known, ids)
        bench = Workbench(self.cast.database, ids, works_of_reminding(known, ids))
        while bench.do_next():
            pass

    @property
    def told(self) -> list[tuple[str, str, str, str]]:
        """Who was told what and when: by day, trigger, audience and officer."""
        ids = Ids()
        with self.cast.database.reading() as connection:
            rows = connection.execute(
                select(
                    outbox.c.written_at, outbox.c.on_move, outbox.c.audience, recipients.c.officer
                )
                .join(recipients, recipients.c.notice == outbox.c.key)
                .where(outbox.c.on_move.in_([DUE, LATE]))
            )
            return sorted((ids.legal_day(at), *rest) for at, *rest in rows)


@pytest.fixture
def clockwork(engine_url) -> Iterator[Clockwork]:
    database = Database(engine_url, purpose=Purpose.COMMAND)
    with as_owner(database).writing() as connection:
        small_province(connection, bodies=("thue",))
        connection.execute(
            calendars.insert(),
            {
                "code": "province",
                "name_vi": "Lịch",
                "name_en": "Calendar",
                "first_day": "2026-01-01",
                "last_day": "2027-12-31",
                "source": "",
                "entered_at": "2026-01-01T00:00:00.000000Z",
            },
        )
    cast = Cast(database, bodies=("thue",))
    yield Clockwork(cast, datetime(2026, 3, 2, 2, 0, tzinfo=UTC))
    database.close()


def owe(clockwork, day=LAST_DAY) -> str:
    case = clockwork.cast.consulting()
    with clockwork.cast.database.writing() as connection:
        connection.execute(update(consultations).values(due_on=day))
    return case


def every_day(clockwork, first="2026-03-02", days=60) -> None:
    for number in range(days):
        day = (date.fromisoformat(first) + timedelta(days=number)).isoformat()
        for hour in (3, 9, 9, 20):
            clockwork.at(day, hour)


WHOLE = [
    ("2026-03-17", DUE, "body", "thue/bo1"),
    ("2026-03-17", DUE, "body", "thue/bs1"),
    ("2026-03-23", LATE, "body", "thue/bo1"),
    ("2026-03-23", LATE, "body", "thue/bs1"),
    ("2026-03-25", LATE, "head", "thue/bs1"),
    ("2026-03-27", LATE, "board", "ban-to-chuc/bo1"),
]


def test_the_ladder_is_gone_up_a_rung_at_a_time_each_once(clockwork):
    case = owe(clockwork)
    every_day(clockwork)
    assert clockwork.told == WHOLE
    assert {(on, to) for _, on, to, _ in WHOLE} == {
        one for one in CATALOGUE if one[0] in {DUE, LATE}
    }
    assert clockwork.cast.asked(case)  # it stays unanswered


def test_whoever_answered_is_not_reminded(clockwork):
    case = owe(clockwork)
    clockwork.at("2026-03-17")
    clockwork.cast.sign(case, "thue")
    every_day(clockwork, "2026-03-18")
    assert clockwork.told == WHOLE[:2]


def test_a_suspended_case_reminds_nobody(clockwork):
    case = owe(clockwork)
    suspend_case(clockwork.cast.board, sent(), case, "Chờ kết luận thanh tra.")
    every_day(clockwork)
    assert clockwork.told == []


@pytest.mark.parametrize("ladder", [(), LADDER])
def test_without_a_schedule_or_a_last_day_nobody_is_reminded(clockwork, ladder):
    clockwork.ladder = ladder
    owe(clockwork, LAST_DAY if not ladder else None)
    every_day(clockwork)
    assert clockwork.told == []


def test_nobody_is_reminded_at_night_or_on_a_closed_day(clockwork):
    owe(clockwork)
    with as_owner(clockwork.cast.database).writing() as connection:
        connection.execute(
            calendar_days.insert(),
            {
                "calendar": "province",
                "day": "2026-03-23",
                "entered_at": "2026-01-01T00:00:00.000000Z",
                "kind": "closure",
                "name_vi": "Nghỉ",
                "name_en": "Closed",
            },
        )
    every_day(clockwork)
    assert {day for day, *_ in clockwork.told} == {
        "2026-03-17",
        "2026-03-24",
        "2026-03-26",
        "2026-03-30",
    }


def test_another_last_day_has_reminders_of_its_own(clockwork):
    owe(clockwork)
    every_day(clockwork, days=20)
    with clockwork.cast.database.writing() as connection:
        connection.execute(
            update(consultations).values(due_on="2026-04-10", due_order="2026-04-10")
        )
    every_day(clockwork, "2026-03-22", 18)
    assert [day for day, *_ in clockwork.told] == ["2026-03-17"] * 2 + ["2026-04-07"] * 2


def test_after_an_outage_only_the_newest_rung_is_told_to_each(clockwork):
    owe(clockwork)
    clockwork.at("2026-04-13")
    clockwork.at("2026-04-14")
    assert [(on, to) for _, on, to, _ in clockwork.told] == [
        (LATE, "board"),
        (LATE, "body"),
        (LATE, "body"),
        (LATE, "head"),
    ]


@pytest.mark.parametrize("jump", [3653, -3653])
def test_a_clock_that_jumps_ten_years_and_comes_back_reminds_as_ever(clockwork, jump):
    owe(clockwork)
    every_day(clockwork, days=16)
    there = (date(2026, 3, 18) + timedelta(days=jump)).isoformat()
    every_day(clockwork, there, 3)
    every_day(clockwork, "2026-03-10", 50)
    assert clockwork.told == WHOLE


def test_the_year_ends_between_two_rungs(clockwork):
    owe(clockwork, "2026-12-30")
    every_day(clockwork, "2026-12-20", 25)
    assert sorted({day for day, *_ in clockwork.told}) == [
        "2026-12-25",
        "2026-12-31",
        "2027-01-04",
        "2027-01-06",
    ]


def test_two_workers_of_which_one_is_late_remind_once(clockwork):
    owe(clockwork)
    clockwork.now = datetime(2026, 3, 17, 2, 0, tzinfo=UTC)
    ids, known = Ids(clock=lambda: clockwork.now), with_ladder(LADDER)
    ask_to_remind(clockwork.cast.database, known, ids)
    slow = Workbench(clockwork.cast.database, ids, works_of_reminding(known, ids))
    held = slow.take()
    clockwork.now += timedelta(minutes=3)
    clockwork.work()
    slow.finish(held, None)
    assert clockwork.told == WHOLE[:2]


def test_a_rung_outside_the_calendar_is_not_guessed():
    calendar = Calendar("a", Title(vi="a", en="a"), date(2026, 1, 1), date(2026, 3, 21))
    days = (date(2026, 3, 1), date(2026, 3, 20), date(2026, 3, 21))
    assert [one.days for one in rungs_due(LADDER, calendar, *days)] == [-3]
