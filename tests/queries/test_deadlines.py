"""Dates of cases: what the rules give on the province's calendar, and who may ask why."""

from datetime import UTC, date, datetime

import pytest

from tests.builders import as_owner, definitions, request, sent
from tests.queries.test_own_cases import admitted
from vetting.engine.definition import Definition
from vetting.engine.reading import Definitions
from vetting.engine.refusals import Unknown
from vetting.engine.vocabulary import CaseType
from vetting.queries.case_page import case_page
from vetting.queries.deadline_page import deadline_page
from vetting.queries.deadline_sweep import sweep
from vetting.queries.own_cases import Wanted, own_cases
from vetting.records import running_deadlines
from vetting.records.identity import Ids
from vetting.usecases.file_case import draft_case
from vetting.usecases.interrupt_case import resume_case, suspend_case
from vetting.usecases.issue_consultations import Asking, issue_consultations
from vetting.usecases.load_calendar import load_calendar
from vetting.usecases.record_fact import record_fact, record_paper

RESOLUTION = {
    "number": "3-NQ/CB",
    "votes_for": "9",
    "votes_against": "0",
    "official_members": "9",
}
NOW = datetime(2026, 9, 1, 1, 0, tzinfo=UTC)
TODAY = "2026-09-01"


@pytest.fixture
def cast(cast):
    """The people of the province in September 2026, with the calendar that comes along."""
    cast.ids = Ids(clock=lambda: NOW)
    load_calendar(cast.database, cast.ids)
    return cast


def resolved(cast, passed_on="2026-08-20", **told):
    """File an admission with its cell's resolution."""
    case = cast.filed(case_type=CaseType.PARTY_ADMISSION, target="Đảng viên", **told)
    record_fact(cast.unit, sent(), [case], "cell_resolution", RESOLUTION | {"passed_on": passed_on})
    return case


def why(cast, desk, case, name, today=TODAY):
    with cast.database.reading() as connection:
        return deadline_page(connection, desk.principal, definitions(), case, name, today=today)


def page(cast, desk, case, today=TODAY):
    with cast.database.reading() as connection:
        return case_page(connection, desk.principal, definitions(), case, today=today)


def dates(page):
    return [
        (one.name, str(one.standing), one.due_on and one.due_on.isoformat())
        for one in page.due_dates
    ]


def test_sixty_working_days_from_the_resolution_over_the_swap_and_both_holidays(cast):
    case = resolved(cast)

    shown = page(cast, cast.unit, case)

    # 21/8, the Saturday 22/8, 24-28/8 are seven; 3/9 and 4/9 two; from 7/9 on five a week:
    # ten weeks to 13/11 make 59, and Monday 16/11 is the sixtieth.
    assert dates(shown) == [
        ("decision", "running", "2026-11-16"),
        ("ceremony_held", "not_begun", None),
        ("probation", "not_begun", None),
    ]
    assert shown.next_due.name == "decision"
    # thirty more: 17/11-23/11 five, 24/11 closed, 25-27/11 three, four weeks twenty, 28 and 29/12
    assert shown.due_dates[0].latest_on == date(2026, 12, 29)


def test_the_page_of_a_date_tells_each_day_and_the_rule(cast):
    case = resolved(cast)

    told = why(cast, cast.board, case, "decision")

    assert (told.begins_on, told.due_on, told.latest_on) == (
        "2026-08-20",
        "2026-11-16",
        "2026-12-29",
    )
    assert (str(told.rule), told.most_extension, told.extension) == ("60 working days", 30, 0)
    assert told.basis == "29-QĐ/TW;2016-07-25;Trung ương Đảng"
    assert str(told.starts) == "Resolution of the cell on admission: Passed on"
    assert (told.definition.case_type, told.definition.version) == ("party_admission", 1)
    assert (told.working_days, told.closed_days) == (60, 3)
    assert [(str(step.because), step.number) for step in told.counted.steps[:3]] == [
        ("working", 1),
        ("made_up", 2),
        ("weekend", None),
    ]
    assert [step.name.en for step in told.counted.steps if str(step.because) == "closed"] == [
        "Day off (substituted from 22/08/2026)",
        "National Day",
        "National Day",
    ]
    assert told.counted.steps[-1].number == 60
    assert (told.calendar.years, told.calendar.may_move) == ((2026,), False)


def test_a_date_past_the_last_announced_swaps_says_that_it_may_move(cast):
    case = resolved(cast, passed_on="2026-08-28")
    with as_owner(cast.database).writing() as connection:
        connection.exec_driver_sql("UPDATE calendars SET announced_to = '2025-12-31'")

    assert why(cast, cast.board, case, "decision").calendar.may_move


@pytest.mark.parametrize(
    ("today", "standing"),
    [("2026-11-15", "running"), ("2026-11-16", "running"), ("2026-11-17", "late")],
)
def test_the_last_day_counts_whole(cast, today, standing):
    case = resolved(cast)
    assert str(page(cast, cast.unit, case, today).due_dates[0].standing) == standing


def test_the_latest_resolution_counts(cast):
    case = resolved(cast)
    record_fact(
        cast.unit, sent(), [case], "cell_resolution", RESOLUTION | {"passed_on": "2026-08-27"}
    )
    assert dates(page(cast, cast.unit, case))[0] == (
        "decision",
        "running",
        "2026-11-25",
    )  # over 24/11


def test_thirty_working_days_to_the_ceremony_and_twelve_months_of_probation(cast):
    case = admitted(cast)  # resolved, decided and issued in January
    record_fact(cast.board, sent(), [case], "ceremony", {"held_on": "2026-08-31"})

    shown = page(cast, cast.board, case)

    # from 4/1, a Sunday after Saturday 3/1: 29 working days to 12/2, Tết 16-20/2, the 30th is 13/2
    assert dates(shown) == [
        ("decision", "met", "2026-04-03"),
        ("ceremony_held", "met_late", "2026-02-13"),
        ("probation", "running", "2027-08-31"),
    ]
    assert [one.met_on and one.met_on.isoformat() for one in shown.due_dates] == [
        "2026-01-05",
        "2026-08-31",
        None,
    ]


def test_full_membership_is_counted_from_the_end_of_the_probation_in_the_earlier_case(cast):
    admission = admitted(cast)
    record_fact(cast.board, sent(), [admission], "ceremony", {"held_on": "2025-08-15"})
    wish = request(
        case_type=CaseType.FULL_MEMBERSHIP, target="Đảng viên chính thức", admission=admission
    )
    case = draft_case(cast.unit, sent(), wish)["case"]

    shown = page(cast, cast.unit, case)

    assert [
        (*one, str(due.starts)) for one, due in zip(dates(shown), shown.due_dates, strict=True)
    ] == [
        (
            "probation",
            "ended",
            "2026-08-15",
            "in the earlier case, The admission ceremony was held: Held on",
        ),
        # 17-21/8 five, Saturday 22/8, 24-28/8: eleven; 3, 4/9; three weeks and 28/9, 29/9
        ("cell_considers", "running", "2026-09-29", "the end of “Probation”"),
        ("decision", "not_begun", None, "Resolution of the cell on full membership: Passed on"),
    ]


def test_notice_is_due_ninety_working_days_before_the_term_ends(cast):
    case = cast.filed(case_type=CaseType.REAPPOINTMENT)
    record_fact(cast.unit, sent(), [case], "term_end", {"ends_on": "2027-01-01"})

    told = why(cast, cast.unit, case, "notice_before_term_end")

    # December 23, November 20 (24/11 is closed), October 22, September 20 (1 and 2/9 are closed):
    # 85; 28, 27, 26, 25 and 24/8 make ninety (31/8 is closed)
    assert told.due_on == "2026-08-24"
    assert (str(told.standing), str(told.rule)) == ("late", "90 working days before")
    assert told.counted.steps[0].day == date(2026, 12, 31)


def test_a_count_past_the_calendar_has_no_date_and_says_why(cast):
    case = cast.filed(case_type=CaseType.REAPPOINTMENT)
    record_fact(cast.unit, sent(), [case], "term_end", {"ends_on": "2033-01-01"})

    told = why(cast, cast.unit, case, "notice_before_term_end")

    assert (told.due_on, str(told.standing), told.begins_on) == (None, "no_date", "2033-01-01")
    assert str(told.why_no_date) == (
        "The count goes past 31/12/2031, where the calendar “The province’s calendar” ends; what "
        "lies beyond is not guessed."
    )


def test_without_a_calendar_the_rule_is_told_and_no_date(cast, monkeypatch):
    monkeypatch.setattr(running_deadlines, "calendar_of", lambda *_, **__: None)
    case = resolved(cast)

    told = why(cast, cast.unit, case, "decision")

    assert (told.due_on, str(told.why_no_date)) == (
        None,
        "The calendar of working days has not been entered.",
    )


def test_a_rule_that_nobody_entered_gives_no_deadline(cast):
    case = cast.filed()
    assert page(cast, cast.board, case).due_dates == ()
    with pytest.raises(Unknown):
        why(cast, cast.board, case, "decision")


# ------------------------------------------------------------ days that somebody set


def asked(cast):
    case = cast.accepted()
    issue_consultations(cast.board, sent(), [case], Asking(due_on="2026-09-10"))
    return case, cast.asked(case)["thue"]


def test_the_day_set_for_an_answer_says_that_nothing_was_counted(cast):
    case, question = asked(cast)

    told = why(cast, cast.board, case, question)

    assert (str(told.title), told.begins_on, told.due_on) == (
        "Answer of Office thue",
        "2026-09-01",
        "2026-09-10",
    )
    assert str(told.rule) == "A day that the Board set when it asked; nothing was counted."
    assert (told.basis, told.working_days, str(told.standing)) == (None, 6, "running")
    assert str(why(cast, cast.board, case, question, "2026-09-11").standing) == "late"


def test_an_answer_is_in_time_on_its_last_day_and_late_on_the_next(cast):
    case, question = asked(cast)
    cast.ids = Ids(clock=lambda: datetime(2026, 9, 10, 16, 59, tzinfo=UTC))  # 23:59 here
    cast.sign(case, "thue")
    cast.ids = Ids(clock=lambda: datetime(2026, 9, 10, 17, 0, tzinfo=UTC))  # midnight here
    other = cast.asked(case)["cong-an"]
    cast.sign(case, "cong-an")

    assert str(why(cast, cast.board, case, question).standing) == "met"
    told = why(cast, cast.board, case, other)
    assert (str(told.standing), told.met_on) == ("met_late", "2026-09-11")


# ------------------------------------------------------------ who may ask


def test_a_body_asks_about_its_own_question_and_nothing_else(cast):
    case, question = asked(cast)
    other = cast.asked(case)["cong-an"]

    assert why(cast, cast.drafter("thue"), case, question).due_on == "2026-09-10"
    for name in (other, "decision"):
        with pytest.raises(Unknown):
            why(cast, cast.drafter("thue"), case, name)


def test_a_unit_asks_about_its_own_cases_and_not_about_bodies(cast):
    case, question = asked(cast)
    resolution = resolved(cast, name="Lê Văn Bình")

    with pytest.raises(Unknown):
        why(cast, cast.unit, case, question)
    with pytest.raises(Unknown):
        why(cast, cast.other_unit, resolution, "decision")
    assert why(cast, cast.unit, resolution, "decision").due_on == "2026-11-16"


def test_a_unit_learns_no_outcome_from_a_date(cast, monkeypatch):
    told = []
    monkeypatch.setattr(
        "tests.queries.test_own_cases.notify_units", lambda *_: told.append("not yet")
    )
    case = admitted(cast)
    assert told == ["not yet"]

    for_unit = page(cast, cast.unit, case)
    for_board = page(cast, cast.board, case)

    assert dates(for_board)[:2] == [
        ("decision", "met", "2026-04-03"),
        ("ceremony_held", "late", "2026-02-13"),
    ]
    assert dates(for_unit)[:2] == [
        ("decision", "met", "2026-04-03"),
        ("ceremony_held", "not_begun", None),
    ]
    assert for_unit.due_dates[0].met_on is None
    assert why(cast, cast.unit, case, "ceremony_held").due_on is None
    [line] = cast.asks(cast.unit, own_cases, Wanted(), today=TODAY).rows
    assert line.due_on is None


# ------------------------------------------------------------ lists


def test_my_cases_have_the_next_date_and_which_it_is(cast):
    case = resolved(cast)
    dateless = cast.filed(name="Lê Văn Bình")

    rows = {row.handle: row for row in cast.asks(cast.unit, own_cases, Wanted(), today=TODAY).rows}

    assert (rows[case].due_on, rows[case].deadline) == ("2026-11-16", "decision")
    assert (rows[dateless].due_on, rows[dateless].deadline) == (None, None)


def test_my_cases_ask_as_often_for_many_as_for_one(cast, statements):
    resolved(cast)
    with statements() as for_one:
        cast.asks(cast.unit, own_cases, Wanted(), today=TODAY)
    for number in range(5):
        resolved(cast, name=f"Lê Văn {'ABCDE'[number]}")
    with statements() as for_many:
        cast.asks(cast.unit, own_cases, Wanted(), today=TODAY)
    assert len(for_many) == len(for_one)


def test_a_sweep_tells_what_is_late_and_what_is_due_soon_and_nothing_else(cast):
    late = resolved(cast, passed_on="2026-05-04")
    soon = resolved(cast, passed_on="2026-06-15", name="Lê Văn Bình")
    resolved(cast, name="Trần Thị Chi")
    questioned, _ = asked(cast)

    with cast.database.reading() as connection:
        found = sweep(connection, definitions(), today=TODAY, within=9)

    assert [(one.handle, one.name, one.due_on, one.late) for one in found.due] == [
        (late, "decision", "2026-07-27", True),
        (soon, "decision", "2026-09-09", False),
        *[
            (questioned, handle, "2026-09-10", False)
            for handle in sorted(cast.asked(questioned).values())
        ],
    ]
    assert found.dateless == ()


def test_a_sweep_tells_which_deadlines_run_without_a_date(cast):
    case = cast.filed(case_type=CaseType.REAPPOINTMENT)
    record_fact(cast.unit, sent(), [case], "term_end", {"ends_on": "2033-01-01"})

    with cast.database.reading() as connection:
        found = sweep(connection, definitions(), today=TODAY, within=5)

    assert [(one.handle, one.name) for one in found.dateless] == [(case, "notice_before_term_end")]


@pytest.fixture
def stopped(cast, monkeypatch):
    """An admission whose time to decide stops while the case is suspended, as a rule might say."""
    known = definitions()
    rules = known.of("party_admission", 1)
    [first, *others] = rules.deadlines
    stops = first.model_copy(update={"stops_in": ("suspended",)})
    changed = rules.model_copy(update={"deadlines": (stops, *others)})
    vars(changed).pop("_moves_by_source", None)
    every = {**known.by_name, ("party_admission", 1): changed}
    monkeypatch.setattr(type(known), "of", lambda _self, name, version: every[name, version])
    cast.ids = Ids(clock=lambda: cast.now)
    cast.now = datetime(2026, 9, 7, 1, 0, tzinfo=UTC)
    case = resolved(cast)
    suspend_case(cast.board, sent(), case, "Chờ kết quả xác minh.")
    return case


def test_a_pause_is_told_with_who_and_why_and_the_list_has_the_same_day(cast, stopped):
    still = why(cast, cast.unit, stopped, "decision", "2026-09-09")
    assert (still.due_on, still.pauses[0].last) == (None, None)
    assert "has stood still since 07/09/2026" in str(still.why_no_date)

    cast.now = datetime(2026, 9, 11, 1, 0, tzinfo=UTC)
    resume_case(cast.board, sent(), stopped, "Đã có kết quả.")

    told = why(cast, cast.unit, stopped, "decision", "2026-09-14")
    assert (told.due_on, told.counted.active, told.counted.paused) == ("2026-11-23", 60, 5)
    [pause] = told.pauses
    assert (pause.state.en, pause.first, pause.last) == ("Suspended", "2026-09-07", "2026-09-11")
    assert (pause.officer, pause.reason) == ("ban-to-chuc/bo1", "Chờ kết quả xác minh.")
    assert told.standing_still == (("2026-09-07", "2026-09-11"),)
    [row] = cast.asks(cast.unit, own_cases, Wanted(), None, today=TODAY).rows
    assert (row.deadline, row.due_on) == ("decision", "2026-11-23")
    with cast.database.reading() as connection:
        [due] = sweep(connection, definitions(), today="2026-11-23", within=0).due
    assert (due.name, due.due_on) == ("decision", "2026-11-23")


# ------------------------------------------------------------ until when something holds


def holding(**rule):
    told = definitions().of("planning", 1).model_dump(by_alias=True)
    valid = {"unit": "months", "length": 6, "basis": "R", "counted_from": "decided"} | rule
    own = Definition.model_validate(told | {"validity": valid})
    return Definitions({**definitions().by_name, ("planning", 1): own})


def shown_by(cast, desk, case, known, today=TODAY):
    with cast.database.reading() as connection:
        valid = case_page(connection, desk.principal, known, case, today=today).conclusion_valid
    return valid and (valid.due_on.isoformat(), str(valid.standing))


def test_the_page_says_until_when_a_conclusion_holds_and_why(cast):
    case = cast.closed()  # decided on the fifth of January

    assert shown_by(cast, cast.unit, case, holding()) == ("2026-07-05", "ended")
    assert shown_by(cast, cast.board, case, holding(), "2026-07-05") == ("2026-07-05", "running")
    with cast.database.reading() as connection:
        told = deadline_page(
            connection, cast.unit.principal, holding(), case, "validity.conclusion", today=TODAY
        )
    assert (told.due_on, told.holds, told.basis, str(told.rule)) == (
        "2026-07-05", True, "R", "6 months",
    )  # fmt: skip
    assert str(told.starts) == "the day on which the authority decided"


def test_a_unit_that_was_not_told_is_shown_no_day_and_nothing_entered_gives_none(cast):
    case = cast.concluded()

    assert shown_by(cast, cast.board, case, holding()) == ("2026-07-05", "ended")
    assert shown_by(cast, cast.unit, case, holding()) is None
    assert shown_by(cast, cast.board, case, definitions()) is None
    assert shown_by(cast, cast.board, case, holding(outcomes="not_concluded")) is None
    # No day that it counts from was laid down for this outcome.
    assert shown_by(cast, cast.board, case, holding(counted_from="effective")) is None
    with pytest.raises(Unknown):
        why(cast, cast.unit, case, "validity.conclusion")


def test_a_paper_with_a_limit_of_age_says_until_when_it_can_be_used(cast):
    case = cast.filed(case_type=CaseType.APPOINTMENT)
    kept = {"dated_on": "2026-03-31", "custodian": "Văn phòng Sở"}
    for paper in ("health_certificate", "diplomas"):
        record_paper(cast.board, sent(), case, paper, kept)

    papers = {one.name: one.valid for one in page(cast, cast.unit, case).papers}

    assert papers["health_certificate"].due_on == date(2026, 9, 30)
    assert papers["diplomas"] is None
    told = why(cast, cast.unit, case, "validity.health_certificate")
    assert (told.due_on, told.holds, bool(told.basis)) == ("2026-09-30", True, False)
