"""The province's calendar, as the program brings it along and as an administrator corrects it."""

from datetime import UTC, date, datetime, timedelta

import pytest
from sqlalchemy import select

from tests.builders import as_owner, ticking
from vetting.engine.calendar import Because
from vetting.engine.definition import Title
from vetting.records.calendars import (
    calendar_changes,
    calendar_days,
    calendar_of,
    calendars,
)
from vetting.records.database import Database
from vetting.records.standing import Purpose
from vetting.registers.vietnam import KnownDays, days_of_vietnam
from vetting.usecases.load_calendar import load_calendar

OFFICER = "ban-to-chuc/bo1"


@pytest.fixture
def database(province_url):
    database = Database(province_url, purpose=Purpose.COMMAND)
    yield database
    database.close()


@pytest.fixture
def calendar(database):
    """Load what the program brings along, and return how the calendar then stands."""

    def stands(known=None, ids=None):
        loaded = load_calendar(database, ids or ticking(), known)
        with database.reading() as connection:
            stands.loaded = [(one.register, one.added, one.changed) for one in loaded]
            return calendar_of(connection)

    return stands


def known(**more):
    told = {
        "first": date(2026, 1, 1),
        "last": date(2027, 12, 31),
        "announced_to": date(2026, 12, 31),
        "closures": {date(2026, 9, 2): Title(vi="Quốc khánh", en="National Day")},
        "worked": {},
        "source": "a test",
    }
    return KnownDays(**{**told, **more})


def enter(database, day, kind, name="", at="2026-01-02T00:00:00.000000Z"):
    with as_owner(database).writing() as connection:
        connection.execute(
            calendar_changes.insert(),
            {
                "handle": day + kind,
                "calendar": "province",
                "at": at,
                "officer": OFFICER,
                "organisation": "ban-to-chuc",
                "role": "board_head",
                "reason": "a test",
                "moved": 0,
                "moved_hash": "x",
            },
        )
        connection.execute(
            calendar_days.insert(),
            {
                "calendar": "province",
                "day": day,
                "entered_at": at,
                "kind": kind,
                "name_vi": name,
                "name_en": name,
                "entered_by": OFFICER,
            },
        )


def test_the_swap_of_2026_and_the_new_holiday_are_there(calendar):
    it = calendar()
    day_off = Title(
        vi="Ngày nghỉ (thay cho ngày 22/08/2026)", en="Day off (substituted from 22/08/2026)"
    )
    instead = Title(vi="Làm việc bù cho ngày nghỉ 31/08/2026", en="Worked in place of 31/08/2026")
    culture = Title(vi="Ngày Văn hóa Việt Nam", en="Vietnam Cultural Day")
    assert it.why(date(2026, 8, 22)) == (Because.MADE_UP, instead)
    assert it.why(date(2026, 8, 31)) == (Because.CLOSED, day_off)
    assert it.why(date(2026, 11, 24)) == (Because.CLOSED, culture)
    assert it.why(date(2025, 11, 24)) == (Because.WORKING, None)


def test_the_calendar_ends_where_it_says_and_tells_until_when_swaps_are_known(calendar):
    it = calendar()
    assert (it.first, it.last) == (date(2013, 1, 1), date(2031, 12, 31))
    assert it.announced_to == date(2026, 12, 31)
    assert it.source.startswith("holidays 0.")
    for year in range(it.first.year, it.last.year + 1):
        tet = [day for day, name in it.closures.items() if name.vi == "Tết Nguyên Đán"]
        assert len([day for day in tet if day.year == year]) == 1


def test_every_day_off_by_swap_has_its_saturday_and_the_other_way_round():
    it = days_of_vietnam()
    swapped = [name.vi for name in it.closures.values() if "thay cho ngày" in name.vi]
    assert len(swapped) == len(it.worked) == 11
    for day, name in it.worked.items():
        assert day.weekday() == 5
        assert any(f"{day:%d/%m/%Y}" in closed for closed in swapped)
        assert name.en.startswith("Worked in place of ")


def test_loading_twice_changes_nothing(calendar, database):
    calendar()
    first = lines(database)
    assert calendar.loaded == [("calendars", 1, 0), ("calendar_days", len(first), 0)]
    assert len(first) == 281

    calendar(ids=ticking(datetime(2027, 1, 1, tzinfo=UTC)))

    assert calendar.loaded == [("calendars", 0, 0), ("calendar_days", 0, 0)]
    assert lines(database) == first


def lines(database):
    with database.reading() as connection:
        return connection.execute(
            select(calendar_days).order_by(calendar_days.c.day, calendar_days.c.entered_at)
        ).all()


def test_what_an_administrator_entered_counts_before_what_comes_with_the_program(
    calendar, database
):
    calendar(known())
    enter(database, "2026-09-02", "working", "Làm bù")
    enter(database, "2026-09-03", "closure", "Bão", at="2026-01-02T00:00:01.000000Z")
    enter(database, "2026-09-05", "working", "Làm bù", at="2026-01-02T00:00:02.000000Z")

    it = calendar(
        known(
            closures={
                date(2026, 9, 2): Title(vi="Quốc khánh 2", en="National Day 2"),
                date(2026, 9, 5): Title(vi="Nghỉ", en="Off"),
            }
        ),
        ticking(datetime(2027, 1, 1, tzinfo=UTC)),
    )

    assert calendar.loaded == [("calendars", 0, 0), ("calendar_days", 1, 1)]
    assert it.is_working_day(date(2026, 9, 2))
    assert it.why(date(2026, 9, 3)) == (Because.CLOSED, Title(vi="Bão", en="Bão"))
    assert it.is_working_day(date(2026, 9, 5))


def test_an_administrator_takes_back_what_was_entered_and_both_lines_stay(calendar, database):
    calendar(known())
    enter(database, "2026-09-03", "closure", "Bão")
    enter(database, "2026-09-03", "ordinary", at="2026-01-03T00:00:00.000000Z")

    assert calendar(known()).is_working_day(date(2026, 9, 3))
    assert [line.kind for line in lines(database)] == ["closure", "closure", "ordinary"]


def test_a_day_that_the_program_no_longer_knows_is_ordinary_again_and_its_line_stays(
    calendar, database
):
    calendar(known())
    later = ticking(datetime(2027, 1, 1, tzinfo=UTC))

    it = calendar(known(closures={}, last=date(2028, 12, 31)), later)

    assert calendar.loaded == [("calendars", 0, 1), ("calendar_days", 0, 1)]
    assert it.is_working_day(date(2026, 9, 2))
    assert it.last == date(2028, 12, 31)
    assert [line.kind for line in lines(database)] == ["closure", "ordinary"]
    calendar(known(closures={}, last=date(2028, 12, 31)), later)
    assert calendar.loaded == [("calendars", 0, 0), ("calendar_days", 0, 0)]


def test_where_nothing_was_loaded_there_is_no_calendar(database):
    with database.reading() as connection:
        assert calendar_of(connection) is None


def test_the_load_is_written_down_with_its_moment(calendar, database):
    calendar(known(), ticking(datetime(2026, 3, 2, 1, 0, tzinfo=UTC) + timedelta(days=1)))
    with database.reading() as connection:
        assert connection.scalar(select(calendars.c.entered_at)) == "2026-03-03T01:00:00.000000Z"
