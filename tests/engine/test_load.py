"""Load: ages in working days with the clock on, and whose the time was; the parts add up."""

from datetime import date, timedelta

import pytest

from vetting.engine.calendar import Calendar, Pause, Uncountable
from vetting.engine.definition import Title
from vetting.engine.load import Answer, Period, WorkedDays, loads, together

TITLE = Title(vi="-", en="-")
CALENDAR = Calendar(
    "province",
    TITLE,
    date(2026, 1, 1),
    date(2026, 12, 31),
    closures={date(2026, 9, 2): TITLE},
    made_up={date(2026, 8, 22): TITLE},
)
PERIOD = Period(date(2026, 9, 1), date(2026, 9, 30), date(2026, 9, 30))
BODY = "cong-an-tinh"


def answer(asked="2026-09-01", received=None, signed=None, due=None, off=(), **told):
    at = "T02:00:00.000000Z"
    return Answer(
        body=told.get("body", BODY),
        holder=told.get("holder"),
        asked_at=asked + at,
        asked_on=date.fromisoformat(asked),
        received_at=received and received + at,
        signed_at=signed and signed + at,
        signed_on=date.fromisoformat(signed) if signed else None,
        due_on=date.fromisoformat(due) if due else None,
        off=tuple((first + at, last and last + at) for first, last in off),
        days_off=tuple(
            Pause(date.fromisoformat(first), date.fromisoformat(last) if last else None)
            for first, last in off
        ),
    )


def one(*answers, calendar=CALENDAR):
    worked = WorkedDays(calendar, date(2026, 1, 1), PERIOD.today) if calendar else None
    [load] = loads(answers, PERIOD, {BODY: worked}).values()
    return load


def test_what_is_open_is_counted_by_its_date_and_its_age():
    load = one(
        answer("2026-09-25", due="2026-09-29"),
        answer("2026-08-20", due="2026-09-30"),
        answer("2026-09-28"),
    )

    assert (load.open, load.late, load.no_date, load.oldest_on) == (3, 1, 1, date(2026, 8, 20))
    # 28, 29, 30/9 are three; 29, 30/9 two; from 21/8 over the Saturday 22/8 and without 2/9
    assert sorted(load.ages) == [2, 3, 29]
    assert (load.median_age, load.uncounted, load.came, load.went) == (3, 0, 2, 0)


def test_days_on_which_the_clock_stood_still_do_not_age_and_overlaps_count_once():
    still = (("2026-09-08", "2026-09-09"), ("2026-09-09", "2026-09-11"))
    assert one(answer("2026-09-07", off=still)).ages == [17 - 4]
    assert one(answer("2026-09-07", off=(("2026-09-21", None),))).ages == [9]


@pytest.mark.parametrize("calendar", [None, CALENDAR])
def test_an_age_that_no_calendar_tells_is_said_to_be_none(calendar):
    load = one(answer("2025-12-01"), calendar=calendar)
    assert (load.open, load.ages, load.median_age, load.uncounted) == (1, [], None, 1)


def test_the_time_of_a_reply_is_split_and_the_parts_add_up():
    day = 24 * 3600
    load = one(
        answer(
            "2026-09-01", "2026-09-03", "2026-09-10", "2026-09-08", (("2026-09-02", "2026-09-05"),)
        ),
        answer("2026-09-01", "2026-09-02", "2026-09-04", "2026-09-04"),
        answer("2026-09-01", None, "2026-09-02"),
    )

    assert (load.came, load.went, load.in_time, load.too_late, load.went_no_date) == (3, 3, 1, 1, 1)
    late = load.time_of_late
    assert (late.on_the_way, late.own, late.off) == (1 * day, 5 * day, 3 * day)
    assert (late.others, late.whole, late.share(late.own)) == (4 * day, 9 * day, 56)
    whole = load.time
    assert (whole.on_the_way, whole.own, whole.off) == (3 * day, 7 * day, 3 * day)
    assert load.dated == 2


def test_the_last_day_counts_whole_and_only_the_period_counts():
    load = one(
        answer("2026-08-31", signed="2026-09-30", due="2026-09-30"),
        answer("2026-08-01", signed="2026-08-31", due="2026-08-01"),
        answer("2026-09-30", signed="2026-10-01", due="2026-09-30"),
    )
    assert (load.came, load.went, load.in_time, load.too_late) == (1, 1, 1, 0)


def test_several_loads_together_are_as_if_counted_together():
    answers = []
    for number in range(60):
        asked = date(2026, 8, 1) + timedelta(days=number)
        signed = asked + timedelta(days=number % 19) if number % 4 else None
        due = asked + timedelta(days=number % 13) if number % 3 else None
        answers.append(
            answer(
                asked.isoformat(),
                None,
                signed and signed.isoformat(),
                due and due.isoformat(),
                holder=f"officer {number % 5}",
            )
        )
    worked = {BODY: WorkedDays(CALENDAR, date(2026, 8, 1), PERIOD.today)}
    apart = together(list(loads(answers, PERIOD, worked).values()))
    whole = one(*(answer_without_holder(it) for it in answers))

    assert min(whole.open, whole.in_time, whole.too_late, whole.went_no_date) > 1
    assert sorted(apart.ages) == sorted(whole.ages)
    apart.ages = whole.ages
    assert apart == whole


def answer_without_holder(it):
    return Answer(**{name: getattr(it, name) for name in it.__slots__} | {"holder": None})


def test_worked_days_are_those_of_the_calendar_itself():
    worked = WorkedDays(CALENDAR, CALENDAR.first, CALENDAR.last)
    for number in range(180):
        first = CALENDAR.first + timedelta(days=number)
        last = first + timedelta(days=number * 7 % 181)
        assert worked.between(first, last) == CALENDAR.working_days_to(first, last).active
    with pytest.raises(Uncountable):
        worked.between(CALENDAR.last, CALENDAR.last + timedelta(days=1))
