"""Deadlines of a case: extensions, pauses, states, and every way of standing."""

from dataclasses import replace
from datetime import date, timedelta

import pytest

from tests.builders import definitions
from vetting.engine.calendar import Calendar, Pause
from vetting.engine.casefile import CaseFile
from vetting.engine.deadlines import Known, Stop, counting_rules, derive
from vetting.engine.definition import CaseDeadline, Definition, OwnDeadline, Title
from vetting.engine.vocabulary import CaseType

NAME = Title(vi="Thử", en="Trial")
WEEKS = Calendar("weeks", NAME, date(2026, 1, 1), date(2026, 12, 31))
FRIDAY = date(2026, 3, 6)


def admission(**told):
    return CaseFile("c", CaseType.PARTY_ADMISSION, 1, told.pop("state", "filed"), "u", **told)


def resolved(on=FRIDAY, **told):
    return admission(recorded={"cell_resolution": [{"passed_on": on.isoformat()}]}, **told)


def decision(**told):
    told.setdefault("case", resolved())
    told.setdefault("calendar", WEEKS)
    [first, *_] = derive(definitions().of("party_admission", 1), Known(**told))
    return first


def with_deadlines(*deadlines, **states):
    """The published admission with deadlines of the test's own."""
    told = definitions().of("party_admission", 1).model_dump(by_alias=True)
    for state in told["states"]:
        state["deadline"] = states.get(state["name"])
    return Definition.model_validate(told | {"deadlines": deadlines})


def term(name="term", start="accepted", **told):
    return CaseDeadline(
        **{"unit": "calendar_days", "length": 10, "basis": "R", **told},
        name=name,
        title=NAME,
        start=start,
    )


# ------------------------------------------------------------ extension and pauses


def test_an_extension_is_granted_and_never_assumed():
    plain, granted = decision(), decision(extended={"decision": 10})
    assert plain.due_on == FRIDAY + timedelta(weeks=12)
    assert (plain.extension, plain.first_due_on, plain.latest_on) == (
        0,
        plain.due_on,
        FRIDAY + timedelta(weeks=18),
    )
    assert granted.due_on == FRIDAY + timedelta(weeks=14)
    assert (granted.extension, granted.first_due_on, granted.latest_on) == (
        10,
        plain.due_on,
        plain.latest_on,
    )
    assert granted.steps[: len(plain.steps)] == plain.steps


def test_no_more_is_granted_than_the_rule_allows():
    assert decision(extended={"decision": 500}).extension == 30


def test_where_only_the_extension_leaves_the_calendar_the_term_still_has_its_date():
    late = decision(case=resolved(date(2026, 9, 18)))
    assert (late.due_on, late.latest_on) == (date(2026, 12, 11), None)


def test_a_pause_moves_the_date_and_is_told_merged():
    week = Pause(date(2026, 3, 9), date(2026, 3, 13))
    inside = Pause(date(2026, 3, 10), date(2026, 3, 11))
    paused = decision(pauses=(inside, week))
    assert paused.due_on == FRIDAY + timedelta(weeks=13)
    assert paused.pauses == ((date(2026, 3, 9), date(2026, 3, 13)),)
    assert paused.counted.paused == 5
    assert paused.counted.active == 60


def test_while_a_pause_goes_on_there_is_no_date():
    it = decision(pauses=(Pause(date(2026, 3, 9)),), today=date(2030, 1, 1))
    assert (it.due_on, str(it.standing)) == (None, "no_date")
    assert str(it.why_no_date).startswith("The clock has stood still since 09/03/2026")


def test_a_clock_stands_still_only_in_the_states_that_its_rule_names():
    stops = (
        Stop("returned", date(2026, 3, 9), date(2026, 3, 11), "bo1", "Thiếu giấy khai sinh."),
        Stop("suspended", date(2026, 3, 11), date(2026, 3, 13), "bo1", "Chờ xác minh."),
        Stop("suspended", date(2026, 3, 16), date(2026, 3, 16), "bo2", "Bão."),
    )
    start = {"calendar": WEEKS, "entered": {"accepted": FRIDAY}, "stops": stops}
    none, one, both = derive(
        with_deadlines(
            term("none", unit="working_days"),
            term("one", unit="working_days", stops_in="suspended"),
            term("both", unit="working_days", stops_in=["returned", "suspended"]),
        ),
        Known(case=admission(), **start),
    )
    assert none.due_on == FRIDAY + timedelta(weeks=2)
    assert (none.stops, none.paused, none.pauses) == ((), 0, ())
    # Wednesday to Friday and Monday: four working days later than the twentieth.
    assert (one.due_on, one.paused) == (date(2026, 3, 26), 4)
    # One day is in two pauses and counts once.
    assert (both.due_on, both.paused, both.counted.active) == (date(2026, 3, 30), 6, 10)
    assert both.pauses == (
        (date(2026, 3, 9), date(2026, 3, 13)),
        (date(2026, 3, 16), date(2026, 3, 16)),
    )
    assert both.stops == stops
    assert str(one.steps[4].name) == "Suspended"


def test_while_a_case_is_suspended_and_the_rule_stops_the_clock_there_is_no_date():
    [it] = derive(
        with_deadlines(term(stops_in="suspended")),
        Known(
            case=admission(),
            entered={"accepted": FRIDAY},
            stops=(Stop("suspended", date(2026, 3, 9)),),
        ),
    )
    assert (it.due_on, str(it.standing)) == (None, "no_date")


# ------------------------------------------------------------ how a deadline stands


DUE = FRIDAY + timedelta(weeks=12)


@pytest.mark.parametrize(
    ("case", "entered", "today", "standing"),
    [
        (admission(), {}, DUE, "not_begun"),
        (resolved(), {}, FRIDAY, "running"),
        (resolved(), {}, DUE, "running"),
        (resolved(), {}, DUE + timedelta(days=1), "late"),
        (resolved(outcome="admit"), {"concluded": DUE}, date(2030, 1, 1), "met"),
        (resolved(outcome="admit"), {"concluded": DUE + timedelta(days=1)}, DUE, "met_late"),
        (resolved(outcome="admit"), {}, date(2030, 1, 1), "met"),
        (resolved(date(2027, 1, 4)), {}, FRIDAY, "no_date"),
        (admission(outcome="admit"), {"concluded": DUE}, DUE, "met"),
    ],
)
def test_how_a_deadline_stands(case, entered, today, standing):
    assert str(decision(case=case, entered=entered, today=today).standing) == standing


def test_whoever_names_no_day_is_told_of_nothing_late():
    assert str(decision().standing) == "running"


# ------------------------------------------------------------ where deadlines begin


def test_a_deadline_begins_when_a_state_was_entered():
    definition = with_deadlines(term())
    [it] = derive(definition, Known(admission(), entered={"accepted": FRIDAY}))
    assert (it.begins_on, it.due_on) == (FRIDAY, FRIDAY + timedelta(days=10))
    assert str(it.starts).startswith("the day the case came to “")
    [it] = derive(definition, Known(admission()))
    assert (it.begins_on, str(it.standing)) == (None, "not_begun")


def test_a_deadline_that_follows_another_moves_with_it():
    definition = with_deadlines(
        term("one", extension=5, unit="calendar_days"), term("two", start="one", length=3)
    )
    entered = {"accepted": FRIDAY}
    assert [one.due_on.day for one in derive(definition, Known(admission(), entered=entered))] == [
        16,
        19,
    ]
    granted = derive(definition, Known(admission(), entered=entered, extended={"one": 4}))
    assert [one.due_on.day for one in granted] == [20, 23]


def test_a_frozen_deadline_stays_where_a_later_one_would_move():
    definition = with_deadlines(
        term("one", extension=5, stops_in="suspended"),
        term("moves", start="one", length=3, kind="target"),
        term("frozen", start="one", length=3, kind="statutory", frozen=True),
        term("week", unit="working_days", frozen=True),
    )
    closed = replace(WEEKS, closures={date(2026, 3, 9): NAME})
    one, moves, frozen, week = derive(
        definition,
        Known(
            admission(),
            calendar=closed,
            settled={"week": WEEKS},
            entered={"accepted": FRIDAY},
            extended={"one": 4},
            stops=(Stop("suspended", date(2026, 3, 9), date(2026, 3, 10)),),
        ),
    )
    assert [each.due_on.day for each in (one, moves, frozen)] == [22, 25, 19]
    assert week.due_on == FRIDAY + timedelta(weeks=2)
    assert [str(each.kind) for each in (one, moves, frozen)] == ["None", "target", "statutory"]
    said = ["frozen" in " ".join(map(str, counting_rules(each))) for each in (moves, frozen)]
    assert said == [False, True]


def test_what_cannot_be_counted_says_so_in_whatever_follows_it():
    definition = with_deadlines(
        term("one", unit="working_days"), term("two", start="one", length=3)
    )
    both = derive(definition, Known(admission(), entered={"accepted": FRIDAY}))
    assert [(one.due_on, str(one.why_no_date)) for one in both] == [
        (None, "The calendar of working days has not been entered.")
    ] * 2


def test_the_state_a_case_stands_in_has_its_own_deadline():
    definition = with_deadlines(checking=OwnDeadline(unit="working_days", length=5, basis="R"))
    known = Known(admission(state="checking"), calendar=WEEKS, entered={"checking": FRIDAY})
    [it] = derive(definition, known)
    assert (it.name, it.due_on) == ("checking", date(2026, 3, 13))
    assert derive(definition, Known(admission(state="filed"), calendar=WEEKS)) == ()


@pytest.mark.parametrize(
    ("unit", "due"),
    [
        ("months", date(2026, 2, 6)),
        ("calendar_days", date(2026, 3, 5)),
        ("working_days", date(2026, 3, 5)),
    ],
)
def test_days_ahead_are_counted_back_from_and_no_pause_moves_them(unit, due):
    definition = with_deadlines(term(unit=unit, length=1, counted="before"))
    pauses = (Pause(date(2026, 3, 1), date(2026, 3, 31)),)
    known = Known(admission(), calendar=WEEKS, entered={"accepted": FRIDAY}, pauses=pauses)
    [it] = derive(definition, known)
    assert (it.due_on, it.pauses) == (due, ())
