"""The calendar of what falls due: to each reader theirs, days as the calendar in force has them."""

from dataclasses import replace
from datetime import date

import pytest

from tests.builders import BODIES, add_officer, as_owner, definitions, officer_of, sent
from tests.queries.test_deadlines import TODAY, cast, resolved
from vetting.engine.questions import Question
from vetting.engine.refusals import Unacceptable
from vetting.engine.vocabulary import CaseType, Role
from vetting.queries import due_calendar as module
from vetting.queries.deadline_page import deadline_page
from vetting.queries.due_calendar import due_calendar, month_beside, read_span
from vetting.records.calendars import calendar_days, calendars
from vetting.usecases.answer_candidate import Asked, record_request
from vetting.usecases.ask_unit import put_questions
from vetting.usecases.interrupt_case import suspend_case
from vetting.usecases.issue_consultations import Asking, issue_consultations
from vetting.usecases.record_fact import record_fact
from vetting.usecases.recuse import recuse_oneself

__all__ = ["cast"]
BODY, OTHER = BODIES[:2]
SEPTEMBER, NOVEMBER = "2026-09", "2026-11"


@pytest.fixture
def seen(cast):
    def seen(desk, month=SEPTEMBER, day=None, after=None, week=None):
        with cast.database.reading() as connection:
            return due_calendar(
                connection,
                desk.principal,
                definitions(),
                read_span(month, day, week, TODAY),
                after,
                today=TODAY,
            )

    return seen


def told(found):
    return [(one.due_on, str(one.title), one.case) for one in found.page.rows]


def cells(found):
    return {cell.day.isoformat(): cell for week in found.weeks for cell in week if cell}


def asked(cast, due_on="2026-09-11", **told):
    case = cast.accepted(**told)
    issue_consultations(cast.board, sent(), [case], Asking(due_on=due_on))
    return case


def test_each_reader_is_told_what_falls_due_in_their_own_cases(cast, seen):
    admission = resolved(cast, name="Lê Thị Kết Nạp")
    case = asked(cast, name="Lê Văn Hỏi")
    answers = {("2026-09-11", f"Answer of {body}", case) for body in BODIES}
    decision = ("2026-11-16", "Decision of the competent committee", admission)

    for desk in (cast.board, cast.head, cast.overseer):
        assert set(told(seen(desk))) == answers
        assert told(seen(desk, NOVEMBER)) == [decision]
        assert (seen(desk).due, seen(desk, NOVEMBER).due) == (len(BODIES), 1)
    assert (told(seen(cast.unit)), seen(cast.unit).due) == ([], 0)
    assert told(seen(cast.unit, NOVEMBER)) == [decision]
    for body in (BODY, OTHER):
        for desk in (cast.drafter(body), cast.signer(body)):
            assert told(seen(desk)) == [("2026-09-11", f"Answer of {body}", case)]
            assert [one.question for one in seen(desk).page.rows] == [cast.asked(case)[body]]
            assert seen(desk).due == cells(seen(desk))["2026-09-11"].due == 1
            assert (told(seen(desk, NOVEMBER)), seen(desk, NOVEMBER).due) == ([], 0)
    for desk in (cast.other_unit, cast.secretary):
        for month in (SEPTEMBER, NOVEMBER):
            assert (told(seen(desk, month)), seen(desk, month).due) == ([], 0)


def second_of_each(cast):
    """Enter colleagues, so that nobody who is recused leaves a step to nobody."""
    with as_owner(cast.database).writing() as connection:
        for place, role in (
            (BODY, Role.BODY_OFFICER),
            (BODY, Role.BODY_SIGNER),
            ("ban-to-chuc", Role.BOARD_HEAD),
        ):
            add_officer(connection, officer_of(place, role, 2), place, role)


def test_what_is_kept_from_a_reader_is_neither_listed_nor_counted(cast, seen):
    second_of_each(cast)
    admission, case = resolved(cast), asked(cast, name="Lê Văn Hỏi")
    recuse_oneself(cast.head, sent(), admission)
    recuse_oneself(cast.head, sent(), case)
    recuse_oneself(cast.drafter(BODY), sent(), case)

    for desk in (cast.head, cast.drafter(BODY)):
        for month in (SEPTEMBER, NOVEMBER, "2026-12"):
            found = seen(desk, month)
            assert (told(found), found.due, found.late_before) == ([], 0, 0)
            assert not any(cell.due for cell in cells(found).values())
    assert seen(cast.board, "2026-12").due == 0
    assert seen(cast.signer(BODY)).due == 1


def test_every_date_listed_opens_its_derivation_for_its_reader(cast, seen):
    resolved(cast)
    asked(cast, name="Lê Văn Hỏi")
    filed = cast.filed(name="Lê Văn Xin")
    record_request(cast.unit, sent(), filed, Asked("view", "2026-08-31", "Đơn", "Văn thư", "Xem."))
    opened = 0
    for desk in (cast.unit, cast.board, cast.overseer, cast.drafter(BODY), cast.signer(OTHER)):
        for month in (SEPTEMBER, NOVEMBER):
            for one in seen(desk, month).page.rows:
                with cast.database.reading() as connection:
                    page = deadline_page(
                        connection,
                        desk.principal,
                        definitions(),
                        one.case,
                        one.deadline,
                        today=TODAY,
                    )
                assert page.due_on == one.due_on
                opened += 1

    assert opened > 10


def test_days_are_as_the_calendar_in_force_has_them_a_bodys_as_its_own(cast, seen):
    with as_owner(cast.database).writing() as connection:
        connection.execute(
            calendars.insert(),
            {
                "code": BODY,
                "body": BODY,
                "name_vi": "Lịch riêng",
                "name_en": "Its own",
                "first_day": "2013-01-01",
                "last_day": "2031-12-31",
                "entered_at": "2026-01-01T00:00:00.000000Z",
            },
        )
        connection.execute(
            calendar_days.insert(),
            {
                "calendar": BODY,
                "day": "2026-09-15",
                "entered_at": "2026-01-01T00:00:00.000000Z",
                "kind": "closure",
                "name_vi": "Ngày truyền thống",
                "name_en": "Its own day",
            },
        )

    board, body = cells(seen(cast.board)), cells(seen(cast.drafter(BODY)))

    assert (str(board["2026-09-02"].because), board["2026-09-02"].name.en) == (
        "closed",
        "National Day",
    )
    assert [str(board[f"2026-09-{day}"].because) for day in ("12", "15")] == ["weekend", "working"]
    assert (str(body["2026-09-15"].because), body["2026-09-15"].name.en) == (
        "closed",
        "Its own day",
    )
    assert str(body["2026-09-02"].because) == "closed"
    august = cells(seen(cast.board, "2026-08"))
    assert str(august["2026-08-22"].because) == "made_up"
    assert (len(august), board["2026-09-01"].today) == (31, True)


def test_of_days_beyond_the_calendar_nothing_is_said_and_nothing_guessed(cast, seen):
    case = cast.filed(case_type=CaseType.REAPPOINTMENT)
    record_fact(cast.unit, sent(), [case], "term_end", {"ends_on": "2033-01-01"})

    found = seen(cast.unit, "2032-01")

    assert found.unknown
    assert not found.unannounced
    assert {cell.because for cell in cells(found).values()} == {None}
    [one] = found.dateless
    assert (one.case, one.deadline) == (case, "notice_before_term_end")
    assert "what lies beyond is not guessed" in str(one.why)
    assert not seen(cast.unit).unknown
    assert seen(cast.unit, "2027-01").unannounced
    assert seen(cast.drafter(BODY)).dateless == ()


def test_what_is_late_is_counted_where_it_fell_due_and_before(cast, seen):
    asked(cast, due_on="2026-09-03", name="Lê Văn Trễ")
    term = cast.filed(case_type=CaseType.REAPPOINTMENT)
    record_fact(cast.unit, sent(), [term], "term_end", {"ends_on": "2027-01-01"})  # 24/08/2026

    assert (seen(cast.board).late, seen(cast.board).late_before) == (0, 1)
    assert (seen(cast.unit, "2026-08").late, seen(cast.unit, "2026-08").late_before) == (1, 0)
    assert (seen(cast.drafter(BODY)).late, seen(cast.drafter(BODY)).late_before) == (0, 0)


def test_a_question_to_the_unit_stands_on_the_day_that_the_board_named(cast, seen):
    case = cast.consulting()
    put_questions(
        cast.board, sent(), case, [Question("Năm nào?")], "Thiếu.", answer_by="2026-09-18"
    )

    for desk in (cast.unit, cast.board, cast.overseer):
        [one] = seen(desk).page.rows
        assert (one.due_on, one.asked, one.deadline) == ("2026-09-18", 1, None)
    assert seen(cast.drafter(BODY)).page.rows == ()


def test_a_suspended_case_keeps_its_dates_and_is_said_to_be_suspended(cast, seen):
    case = asked(cast)
    suspend_case(cast.board, sent(), case, "Chờ xác minh")
    assert [one.suspended for one in seen(cast.drafter(BODY)).page.rows] == [True]


def test_pages_of_the_list_go_through_both_kinds_once_each(cast, seen, monkeypatch):
    monkeypatch.setattr(module, "PAGE", 3)
    for number in range(3):
        resolved(cast, name=f"Lê Thị Số {number}", passed_on="2026-08-20")
        asked(cast, due_on="2026-11-16", name=f"Lê Văn Số {number}")
    wanted = 3 + 3 * len(BODIES)

    found, after = [], None
    while True:
        page = seen(cast.board, NOVEMBER, after=after).page
        found += page.rows
        after = page.next
        if after is None:
            break

    assert len({one.place for one in found}) == len(found) == wanted
    assert [one.place for one in found] == sorted(one.place for one in found)
    assert seen(cast.board, NOVEMBER).due == wanted


def test_a_month_costs_as_many_statements_however_much_is_due(cast, seen, statements):
    def cost():
        with statements() as sent_:
            seen(cast.board, NOVEMBER)
        return len(sent_)

    resolved(cast)
    asked(cast, due_on="2026-11-16", name="Lê Văn Một")
    few = cost()
    for number in range(4):
        resolved(cast, name=f"Lê Thị Số {number}")
        asked(cast, due_on="2026-11-16", name=f"Lê Văn Số {number}")

    assert cost() == few


@pytest.mark.parametrize(
    "month", ["2026-13", "x", "0001-01", "9999-01", "2026-1", "²", "2026-09-1"]
)
def test_a_month_that_is_none_is_refused_with_a_sentence(month):
    with pytest.raises(Unacceptable, match="month or a day"):
        read_span(month, None, None, TODAY)


@pytest.mark.parametrize("week", ["2026-02-30", "x", "9999-01-01", "1899-12-31", "2026-W49", "²"])
def test_a_week_of_no_day_is_refused_with_a_sentence(week):
    with pytest.raises(Unacceptable, match="the week of a day"):
        read_span(None, None, week, TODAY)


@pytest.mark.parametrize("day", ["2026-11-30", "2026-12-03", "2026-12-06"])
def test_a_week_goes_from_monday_to_sunday_over_the_end_of_a_month(day):
    monday, sunday = date(2026, 11, 30), date(2026, 12, 6)
    assert read_span("2026-01", "2026-01-01", day, TODAY) == (
        monday,
        sunday,
        None,
        date.fromisoformat(day),
    )


def test_a_week_tells_each_reader_what_the_month_tells_them_of_its_days(cast, seen):
    resolved(cast)
    asked(cast, name="Lê Văn Hỏi")
    for desk in (cast.board, cast.unit, cast.drafter(BODY), cast.secretary, cast.other_unit):
        for week in ("2026-09-11", "2026-11-16", "2026-08-31"):
            found = seen(desk, week=week)
            days = [cell.day.isoformat() for cell, _ in found.by_day]
            month = [line for one in days for line in told(seen(desk, day=one))]
            assert told(found) == month
            assert [len(rows) for _, rows in found.by_day] == [cell.due for cell, _ in found.by_day]
            assert (len(days), found.due) == (7, len(month))
    over = [cell for cell, _ in seen(cast.board, week="2026-08-31").by_day]
    assert [(str(cell.because), cell.today) for cell in over[:3]] == [
        ("closed", False),
        ("closed", True),
        ("closed", False),
    ]


def test_months_are_leafed_through_over_the_years():
    september = date(2026, 9, 1), date(2026, 9, 30)
    assert read_span(None, None, None, TODAY) == (*september, None, None)
    assert read_span("2026-01", "2026-09-02", None, TODAY) == (*september, date(2026, 9, 2), None)
    found = [month_beside(date(2026, 12, 1), many).isoformat() for many in (-12, -1, 1, 12)]
    assert found == ["2025-12-01", "2026-11-01", "2027-01-01", "2027-12-01"]


@pytest.mark.parametrize(("only", "many"), [(CaseType.PLANNING, 1), (CaseType.TRANSFER, 0)])
def test_a_substitute_sees_what_falls_due_in_the_case_types_left_to_them(cast, seen, only, many):
    asked(cast)
    for desk, whole in ((cast.drafter(BODY), 1), (cast.board, len(BODIES))):
        narrow = replace(desk.principal, case_types=frozenset({only}))
        assert seen(replace(desk, principal=narrow)).due == many * whole
