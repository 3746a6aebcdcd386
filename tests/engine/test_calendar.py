"""Days counted on generated calendars, compared with somebody who knows no other way than asking.

The oracle lays every day of the calendar out in a list, strikes out what does not count, and reads
the answer off; it shares no line with the program.
"""

from datetime import UTC, date, datetime, timedelta
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from vetting.engine.calendar import (
    Because,
    Calendar,
    Pause,
    Uncountable,
    calendar_days_after,
    calendar_days_before,
    merged,
    whole_months_after,
    whole_months_before,
    written,
)
from vetting.engine.definition import Title
from vetting.records.identity import Ids

NAME = Title(vi="Lịch tỉnh", en="The province")
TET = Title(vi="Tết", en="Tết")
MADE_UP = Title(vi="Làm bù", en="Made up")
FIRST, LAST = date(2025, 1, 1), date(2027, 12, 31)
ALL_DAYS = [FIRST + timedelta(days=number) for number in range((LAST - FIRST).days + 1)]

days = st.sampled_from(ALL_DAYS)
terms = st.integers(1, 300)
lengths_of_pauses = st.integers(0, 40)
pauses_ = st.lists(
    st.builds(
        lambda day, length: Pause(day, day + timedelta(days=length)), days, lengths_of_pauses
    ),
    max_size=5,
)


@st.composite
def calendars(draw):
    closed = draw(st.sets(days, max_size=60))
    weekends = [day for day in ALL_DAYS if day.strftime("%a") in {"Sat", "Sun"}]
    made_up = draw(st.sets(st.sampled_from(weekends), max_size=20)) - closed
    return Calendar(
        "province",
        NAME,
        FIRST,
        LAST,
        dict.fromkeys(closed, TET),
        dict.fromkeys(made_up, MADE_UP),
    )


# ------------------------------------------------------------ the oracle


def worked(calendar):
    """Strike out of all days those that nobody works."""
    struck = [day for day in ALL_DAYS if day not in calendar.closures]
    return [
        day for day in struck if day.strftime("%a") not in {"Sat", "Sun"} or day in calendar.made_up
    ]


def standing_still(pauses):
    still = set()
    for pause in pauses:
        day = pause.first
        while day <= pause.last:
            still.add(day)
            day += timedelta(days=1)
    return still


def oracle_after(calendar, start, length, pauses):
    still = standing_still(pauses)
    left = [day for day in worked(calendar) if day > start and day not in still]
    return left[length - 1] if len(left) >= length else None


def oracle_before(calendar, end, length):
    left = [day for day in worked(calendar) if day < end]
    return left[-length] if len(left) >= length else None


def ends(count):
    try:
        return count().ends
    except Uncountable:
        return None


@given(calendars(), days, terms, pauses_)
def test_working_days_after_a_day_end_where_the_oracle_reads_it_off(calendar, start, term, pauses):
    assert ends(lambda: calendar.working_days_after(start, term, pauses)) == oracle_after(
        calendar, start, term, pauses
    )


@given(calendars(), days, terms)
def test_working_days_before_a_day_end_where_the_oracle_reads_it_off(calendar, end, term):
    assert ends(lambda: calendar.working_days_before(end, term)) == oracle_before(
        calendar, end, term
    )


@given(calendars(), days, terms, pauses_)
def test_a_derivation_has_every_day_in_order_and_numbers_those_that_count(
    calendar, start, term, pauses
):
    try:
        counted = calendar.working_days_after(start, term, pauses)
    except Uncountable:
        return
    steps = counted.steps
    assert [step.day for step in steps] == [
        start + timedelta(days=number) for number in range(1, (counted.ends - start).days + 1)
    ]
    assert [step.number for step in steps if step.number] == list(range(1, term + 1))
    assert steps[-1].day == counted.ends
    assert counted.active == term
    still = standing_still(pauses)
    open_days = set(worked(calendar))
    for step in steps:
        assert (step.number is not None) == (step.day in open_days and step.day not in still)
        assert (step.because is Because.PAUSED) == (step.day in open_days and step.day in still)
        assert (step.because is Because.CLOSED) == (step.day in calendar.closures)
    assert counted.paused == sum(1 for step in steps if step.day in still & open_days)


@given(calendars(), days, st.integers(1, 150), st.integers(1, 150))
def test_a_term_goes_on_from_where_a_shorter_one_ended(calendar, start, one, more):
    whole = ends(lambda: calendar.working_days_after(start, one + more))
    part = ends(lambda: calendar.working_days_after(start, one))
    if whole is not None:
        assert calendar.working_days_after(part, more).ends == whole


@given(calendars(), days, terms, days)
def test_a_closure_declared_afterwards_never_brings_a_date_forward(calendar, start, term, closed):
    later = Calendar(
        "province",
        NAME,
        FIRST,
        LAST,
        {**calendar.closures, closed: TET},
        {day: name for day, name in calendar.made_up.items() if day != closed},
    )
    before = ends(lambda: calendar.working_days_after(start, term))
    after = ends(lambda: later.working_days_after(start, term))
    assert after == oracle_after(later, start, term, [])
    assert after is None or (before is not None and before <= after)


@given(days, terms, pauses_)
def test_calendar_days_skip_paused_days_only(start, term, pauses):
    still = standing_still(pauses)
    free = (start + timedelta(days=number) for number in range(1, 2_000))
    assert (
        calendar_days_after(start, term, pauses).ends
        == [day for day in free if day not in still][term - 1]
    )
    assert calendar_days_before(start, term).ends == start - timedelta(days=term)


@given(days, st.integers(1, 60), pauses_)
def test_months_get_back_each_paused_day(start, months, pauses):
    years, month = divmod(start.month - 1 + months, 12)
    base = None
    for number in range(start.day, 0, -1):  # the first of these days that the month has
        try:
            base = date(start.year + years, month + 1, number)
            break
        except ValueError:
            continue
    still = standing_still(pauses)
    owed = len([day for day in still if start < day <= base])
    day = base
    while owed:
        day += timedelta(days=1)
        owed -= day not in still
    assert whole_months_after(start, months, pauses).ends == day
    assert whole_months_after(start, months).ends == base


@given(pauses_)
def test_merged_pauses_stand_still_on_the_same_days_and_do_not_touch(pauses):
    intervals = merged(pauses)
    assert standing_still(Pause(first, last) for first, last in intervals) == standing_still(pauses)
    for (_, before), (after, _) in pairwise(intervals):
        assert after - before > timedelta(days=1)


# ------------------------------------------------------------ days that everybody knows


def province(**more):
    """The autumn of 2026: a swap of days around 2 September, and the new holiday on 24 November."""
    return Calendar(
        "province",
        NAME,
        date(2026, 1, 1),
        date(2026, 12, 31),
        {date(2026, 8, 31): TET, date(2026, 9, 1): TET, date(2026, 9, 2): TET, **more},
        {date(2026, 8, 22): MADE_UP},
    )


def test_a_make_up_saturday_counts_and_its_monday_does_not():
    calendar = province()
    assert calendar.is_working_day(date(2026, 8, 22))
    assert not calendar.is_working_day(date(2026, 8, 23))
    assert not calendar.is_working_day(date(2026, 8, 31))
    counted = calendar.working_days_after(date(2026, 8, 20), 8)
    assert [(step.day.day, step.number, step.because) for step in counted.steps] == [
        (21, 1, Because.WORKING),
        (22, 2, Because.MADE_UP),
        (23, None, Because.WEEKEND),
        (24, 3, Because.WORKING),
        (25, 4, Because.WORKING),
        (26, 5, Because.WORKING),
        (27, 6, Because.WORKING),
        (28, 7, Because.WORKING),
        (29, None, Because.WEEKEND),
        (30, None, Because.WEEKEND),
        (31, None, Because.CLOSED),
        (1, None, Because.CLOSED),
        (2, None, Because.CLOSED),
        (3, 8, Because.WORKING),
    ]
    assert counted.steps[1].name == MADE_UP
    assert counted.ends == date(2026, 9, 3)


def test_a_term_that_begins_on_a_day_off_counts_from_the_next_day_worked():
    assert province().working_days_after(date(2026, 8, 29), 1).ends == date(2026, 9, 3)


def test_before_a_day_the_count_goes_back_over_the_same_days():
    assert province().working_days_before(date(2026, 9, 3), 1).ends == date(2026, 8, 28)
    assert province().working_days_before(date(2026, 8, 24), 1).ends == date(2026, 8, 22)


def test_overlapping_pauses_stand_still_once():
    pauses = [
        Pause(date(2026, 8, 25), date(2026, 8, 27)),
        Pause(date(2026, 8, 24), date(2026, 8, 25)),
    ]
    counted = province().working_days_after(date(2026, 8, 20), 3, pauses)
    assert (counted.ends, counted.active, counted.paused) == (date(2026, 8, 28), 3, 4)
    assert merged(pauses) == ((date(2026, 8, 24), date(2026, 8, 27)),)


def test_no_date_while_the_clock_stands_still():
    with pytest.raises(Uncountable, match="has stood still since 24/08/2026"):
        province().working_days_after(date(2026, 8, 20), 3, [Pause(date(2026, 8, 24))])
    assert province().working_days_after(date(2026, 8, 20), 2, [Pause(date(2026, 8, 24))]).ends == (
        date(2026, 8, 22)
    )


def test_months_end_on_the_same_number_or_on_the_last_day_of_a_shorter_month():
    assert whole_months_after(date(2024, 2, 29), 12).ends == date(2025, 2, 28)
    assert whole_months_before(date(2026, 3, 31), 1).ends == date(2026, 2, 28)
    assert [step.day for step in whole_months_after(date(2026, 1, 31), 3).steps] == [
        date(2026, 2, 28),
        date(2026, 3, 31),
        date(2026, 4, 30),
    ]


# ------------------------------------------------------------ what is refused


def test_a_count_never_leaves_the_calendar():
    calendar = province()
    assert calendar.working_days_after(date(2026, 12, 30), 1).ends == date(2026, 12, 31)
    with pytest.raises(Uncountable) as refused:
        calendar.working_days_after(date(2026, 12, 30), 2)
    assert str(refused.value.sentence) == (
        "The count goes past 31/12/2026, where the calendar “The province” ends; what lies beyond "
        "is not guessed."
    )
    with pytest.raises(Uncountable, match="before 01/01/2026"):
        calendar.working_days_before(date(2026, 1, 2), 2)
    with pytest.raises(Uncountable, match="past 31/12/2026"):
        calendar.is_working_day(date(2027, 1, 1))


@pytest.mark.parametrize("count", [calendar_days_after, whole_months_after])
@pytest.mark.parametrize("length", [0, -3, 10**9])
def test_a_term_of_no_length_or_of_an_absurd_one_is_refused(count, length):
    with pytest.raises(Uncountable):
        count(date(2026, 1, 1), length)
    with pytest.raises(Uncountable):
        province().working_days_after(date(2026, 1, 1), length)


@pytest.mark.parametrize("count", [calendar_days_after, whole_months_after])
def test_no_count_leaves_the_years_there_are(count):
    with pytest.raises(Uncountable, match="leaves the years"):
        count(date.max, 1)


def test_a_calendar_that_contradicts_itself_is_refused():
    with pytest.raises(Uncountable, match="both closed and worked of 22/08/2026"):
        Calendar(
            "province",
            NAME,
            FIRST,
            LAST,
            {date(2026, 8, 22): TET},
            {date(2026, 8, 22): MADE_UP},
        )
    with pytest.raises(Uncountable, match="has no days"):
        Calendar("province", NAME, LAST, FIRST)
    with pytest.raises(Uncountable, match="cannot end before it begins"):
        Pause(LAST, FIRST)


# ------------------------------------------------------------ where a legal day ends


@pytest.mark.parametrize(
    ("moment", "day"),
    [
        (datetime(2026, 8, 20, 16, 59, 59, 999999, tzinfo=UTC), "2026-08-20"),
        (datetime(2026, 8, 20, 17, 0, tzinfo=UTC), "2026-08-21"),
        (datetime(2026, 12, 31, 17, 0, tzinfo=UTC), "2027-01-01"),
    ],
)
def test_a_legal_day_begins_at_midnight_where_the_officers_are(moment, day):
    ids = Ids(clock=lambda: moment)
    assert (ids.today(), ids.legal_day(ids.now())) == (day, day)


def test_a_day_is_written_as_people_read_it():
    assert written(date(2026, 8, 2)) == "02/08/2026"
