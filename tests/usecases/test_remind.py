"""Who owes an answer is reminded in working hours, by the schedule, each rung once, and no more."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta

import pytest
from sqlalchemy import select, update

from tests.builders import Cast, as_owner, definitions, request, sent, small_province
from tests.queries.test_own_cases import admitted
from vetting.engine.calendar import Calendar
from vetting.engine.casefile import CaseFile
from vetting.engine.definition import Definition, Reminder, Title
from vetting.engine.notices import CATALOGUE
from vetting.engine.reading import Definitions
from vetting.engine.reminders import DEADLINE_DUE, DEADLINE_LATE, DUE, LATE, rungs_due
from vetting.engine.validity import trigger_of_end
from vetting.engine.vocabulary import CaseType
from vetting.records.calendars import calendar_days, calendars
from vetting.records.cases import cases
from vetting.records.consultations import consultations
from vetting.records.database import Database
from vetting.records.identity import Ids
from vetting.records.outbox import outbox, recipients
from vetting.records.standing import Purpose
from vetting.usecases.check_completeness import accept_cases, return_case, take_up_cases
from vetting.usecases.conclude import Conclusion, conclude_cases
from vetting.usecases.do_jobs import Workbench
from vetting.usecases.file_case import draft_case
from vetting.usecases.interrupt_case import suspend_case
from vetting.usecases.issue_consultations import issue_consultations
from vetting.usecases.propose import propose, submit_proposals
from vetting.usecases.record_fact import record_fact, record_paper
from vetting.usecases.remind import ask_to_remind, works_of_reminding
from vetting.usecases.remind_of_cases import PROBATION_ENDED, Clock, Quiet
from vetting.usecases.tell_outcome import notify_units

LADDER = (
    Reminder(days=-3, to="owing"),
    Reminder(days=1, to="owing"),
    Reminder(days=3, to="head"),
    Reminder(days=5, to="coordinator"),
)
ENDS = [trigger_of_end(of) for of in ("conclusion", "term_end.ends_on", "health_certificate")]
BY_THE_CLOCK = [DUE, LATE, DEADLINE_DUE, DEADLINE_LATE, *ENDS, PROBATION_ENDED]
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
    workflows: Definitions | None = None  # of the test's own, where not only the ladder is

    def at(self, day: str, hour: int = 9) -> None:
        """Have the worker look, at an hour of a day where the officers are."""
        self.now = datetime.fromisoformat(f"{day}T{hour:02}:00:00+07:00").astimezone(UTC)
        self.work()

    def work(self) -> None:
        ids, known = Ids(clock=lambda: self.now), self.workflows or with_ladder(self.ladder)
        ask_to_remind(self.cast.database, known, ids)
        works = works_of_reminding(self.cast.database, known, ids)
        bench = Workbench(self.cast.database, ids, works)
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
                .where(outbox.c.on_move.in_(BY_THE_CLOCK))
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
    works = works_of_reminding(clockwork.cast.database, known, ids)
    slow = Workbench(clockwork.cast.database, ids, works)
    held = slow.take()
    clockwork.now += timedelta(minutes=3)
    clockwork.work()
    slow.finish(held, ())
    assert clockwork.told == WHOLE[:2]


def test_a_rung_outside_the_calendar_is_not_guessed():
    calendar = Calendar("a", Title(vi="a", en="a"), date(2026, 1, 1), date(2026, 3, 21))
    due = (date(2026, 3, 1), date(2026, 3, 20))
    assert [one.days for one in rungs_due(LADDER, calendar, *due, date(2026, 3, 20))] == [-3]
    assert list(rungs_due(LADDER, calendar, *due, date(2026, 3, 31))) == []


def test_once_the_last_day_has_passed_nobody_is_told_that_it_is_near():
    calendar = Calendar("a", Title(vi="a", en="a"), date(2026, 1, 1), date(2026, 12, 31))
    days = (date(2026, 3, 1), date(2026, 3, 20), date(2026, 3, 21))
    assert list(rungs_due(LADDER, calendar, *days)) == []


# ------------------------------------------------------------ deadlines of the case itself

NEAR = {"days": -1, "to": "owing"}
LATE_BY_ONE = {"days": 1, "to": "owing"}
TERM = {"unit": "working_days", "length": 5, "basis": "R"}
CHECK = TERM | {
    "name": "check",
    "title": {"vi": "Kiểm tra", "en": "Check"},
    "start": "filed",
    "met_by": ["accepted"],
    "owed_by": "board",
    "reminders": [NEAR, LATE_BY_ONE, {"days": 2, "to": "head"}],
}
# Filed on Monday the second: five working days are up on Monday the ninth.
CHECKED_LATE = [
    ("2026-03-06", DEADLINE_DUE, "board", "ban-to-chuc/bh1"),
    ("2026-03-06", DEADLINE_DUE, "board", "ban-to-chuc/bo1"),
    ("2026-03-10", DEADLINE_LATE, "board", "ban-to-chuc/bh1"),
    ("2026-03-10", DEADLINE_LATE, "board", "ban-to-chuc/bo1"),
    ("2026-03-11", DEADLINE_LATE, "board_head", "ban-to-chuc/bh1"),
]


def planning_with(*deadlines, **states) -> Definitions:
    def change(told):
        for state in told["states"]:
            state["deadline"] = states.get(state["name"])
        return told | {"deadlines": deadlines}

    return changed("planning", change)


def changed(name, change) -> Definitions:
    told = change(definitions().of(name, 1).model_dump(by_alias=True))
    own = Definition.model_validate(told)
    return Definitions({**definitions().by_name, (name, 1): own})


def test_a_deadline_of_the_case_is_gone_up_a_rung_at_a_time_each_once(clockwork):
    clockwork.workflows = planning_with(CHECK)
    clockwork.cast.filed()
    every_day(clockwork, "2026-03-05", 8)
    assert clockwork.told == CHECKED_LATE


def test_what_is_met_reminds_nobody_any_more(clockwork):
    clockwork.workflows = planning_with(CHECK)
    clockwork.cast.accepted()
    every_day(clockwork, "2026-03-05", 8)
    assert clockwork.told == []


def test_what_was_met_after_it_was_looked_for_reminds_nobody(clockwork):
    clockwork.workflows = planning_with(CHECK)
    case = clockwork.cast.filed()
    clockwork.now = datetime(2026, 3, 6, 2, 0, tzinfo=UTC)
    ids = Ids(clock=lambda: clockwork.now)
    ask_to_remind(clockwork.cast.database, clockwork.workflows, ids)
    works = works_of_reminding(clockwork.cast.database, clockwork.workflows, ids)
    bench = Workbench(clockwork.cast.database, ids, works)
    held = bench.take()
    found = works[held.kind].before(held)
    take_up_cases(clockwork.cast.board, sent(), [case])
    accept_cases(
        clockwork.cast.board, sent(), [case], authority="thuong-truc", authority_reason="Phân cấp"
    )
    bench.finish(held, found)
    assert found == (case,)
    assert clockwork.told == []


def test_two_workers_tell_of_a_deadline_once(clockwork):
    clockwork.workflows = planning_with(CHECK)
    clockwork.cast.filed()
    clockwork.now = datetime(2026, 3, 6, 2, 0, tzinfo=UTC)
    ids = Ids(clock=lambda: clockwork.now)
    ask_to_remind(clockwork.cast.database, clockwork.workflows, ids)
    works = works_of_reminding(clockwork.cast.database, clockwork.workflows, ids)
    slow = Workbench(clockwork.cast.database, ids, works)
    held = slow.take()
    found = works[held.kind].before(held)
    clockwork.now += timedelta(minutes=3)
    clockwork.work()
    slow.finish(held, found)
    assert clockwork.told == CHECKED_LATE[:2]


@pytest.mark.parametrize("change", [{"owed_by": None}, {"reminders": []}, {"met_by": []}])
def test_what_nobody_owes_or_no_schedule_names_reminds_nobody(clockwork, change):
    clockwork.workflows = planning_with(CHECK | change)
    clockwork.cast.filed()
    every_day(clockwork, "2026-03-05", 8)
    assert clockwork.told == []


def test_a_suspended_case_reminds_nobody_of_its_own_deadlines(clockwork):
    clockwork.workflows = planning_with(CHECK)
    case = clockwork.cast.filed()
    suspend_case(clockwork.cast.board, sent(), case, "Chờ kết luận thanh tra.")
    every_day(clockwork, "2026-03-05", 8)
    assert clockwork.told == []


def test_the_deadline_of_a_state_reminds_whoever_has_the_case_there(clockwork):
    rungs = [LATE_BY_ONE, {"days": 2, "to": "coordinator"}]
    clockwork.workflows = planning_with(
        returned=TERM | {"reminders": rungs}, submitted=TERM | {"reminders": [LATE_BY_ONE]}
    )
    case = clockwork.cast.filed()
    take_up_cases(clockwork.cast.board, sent(), [case])
    return_case(clockwork.cast.board, sent(), case, "Thiếu giấy tờ.", ["Bản kê khai"])
    submitted = clockwork.cast.assembling()
    propose(clockwork.cast.board, sent(), [submitted], "meets", "Không có ý kiến khác.")
    submit_proposals(clockwork.cast.head, sent(), [submitted])
    every_day(clockwork, "2026-03-05", 8)
    assert clockwork.told == [
        ("2026-03-10", DEADLINE_LATE, "authority", "thuong-truc/s1"),
        ("2026-03-10", DEADLINE_LATE, "unit", "so-y-te/co1"),
        ("2026-03-11", DEADLINE_LATE, "board", "ban-to-chuc/bo1"),
    ]


def test_a_unit_is_told_nothing_from_which_it_could_learn_the_outcome(clockwork):
    clockwork.workflows = planning_with(
        CHECK
        | {
            "name": "issue",
            "start": "concluded",
            "met_by": ["closed"],
            "owed_by": "unit",
            "reminders": [LATE_BY_ONE, {"days": 2, "to": "coordinator"}],
        }
    )
    case = clockwork.cast.concluded()
    clockwork.at("2026-03-06")
    assert clockwork.told == []
    notify_units(clockwork.cast.board, sent(), [case])
    clockwork.at("2026-03-09")
    assert [one for one in clockwork.told if one[2] == "unit"] == [
        ("2026-03-09", DEADLINE_LATE, "unit", "so-y-te/co1")
    ]


# ------------------------------------------------------------ ahead of what ends

HOLDS = {"unit": "months", "length": 3, "basis": "R", "counted_from": "decided"}
# Decided on the fifth of January: three months are up on Sunday the fifth of April.
TOLD_AHEAD = [
    {"of": "conclusion", "unit": "calendar_days", "length": 30, "to": "unit"},
    {"of": "conclusion", "unit": "working_days", "length": 5, "to": "unit"},
    {"of": "conclusion", "unit": "working_days", "length": 2, "to": "board"},
]


def holding(**more) -> Definitions:
    return changed("planning", lambda told: told | {"validity": HOLDS, "ahead": TOLD_AHEAD} | more)


# Each day on which something is told, the working day before it, and what comes after the end.
LOOKED_ON = (
    *("2026-03-05", "2026-03-06", "2026-03-09", "2026-03-10", "2026-03-12", "2026-03-13"),
    *("2026-03-16", "2026-03-27", "2026-03-30", "2026-04-01", "2026-04-02", "2026-04-03"),
    *("2026-04-06", "2026-04-13"),
)


def now_and_then(clockwork) -> None:
    for day in LOOKED_ON:
        for _ in range(2):
            clockwork.at(day)


def test_a_unit_and_the_board_are_told_ahead_that_a_conclusion_ceases_to_hold(clockwork):
    clockwork.workflows = holding()
    clockwork.cast.closed()
    now_and_then(clockwork)
    assert clockwork.told == [
        ("2026-03-06", "conclusion_ends", "unit", "so-y-te/co1"),
        ("2026-03-30", "conclusion_ends", "unit", "so-y-te/co1"),
        ("2026-04-02", "conclusion_ends", "board", "ban-to-chuc/bh1"),
        ("2026-04-02", "conclusion_ends", "board", "ban-to-chuc/bo1"),
    ]


def test_a_unit_that_was_not_told_the_outcome_is_told_nothing_of_its_end(clockwork):
    clockwork.workflows = holding()
    clockwork.cast.concluded()
    now_and_then(clockwork)
    assert {audience for _, _, audience, _ in clockwork.told} == {"board"}


@pytest.mark.parametrize(
    "more",
    [{"ahead": []}, {"validity": None}, {"validity": HOLDS | {"outcomes": ["not_concluded"]}}],
)
def test_where_nothing_was_entered_nobody_is_told_of_an_end(clockwork, more):
    clockwork.workflows = holding(**more)
    clockwork.cast.closed()
    now_and_then(clockwork)
    assert clockwork.told == []


def test_after_an_outage_the_nearest_is_told_alone_and_nothing_of_what_has_ended(clockwork):
    clockwork.workflows = holding()
    clockwork.cast.closed()
    clockwork.at("2026-04-03")
    told = [(on, to) for _, on, to, _ in clockwork.told]
    assert told == [("conclusion_ends", "board")] * 2 + [("conclusion_ends", "unit")]
    clockwork.cast.closed(name="Lê Văn Bình")
    clockwork.at("2026-04-06")
    assert len(clockwork.told) == len(told)


def test_a_conclusion_that_was_revoked_has_no_end(clockwork):
    clockwork.workflows = holding()
    case = clockwork.cast.closed()
    with as_owner(clockwork.cast.database).writing() as connection:
        connection.execute(
            update(cases).where(cases.c.handle == case).values(outcome=None, amended="revocation")
        )
    now_and_then(clockwork)
    assert clockwork.told == []


def test_a_paper_is_told_of_while_the_case_runs(clockwork):
    rung = {"of": "health_certificate", "unit": "months", "length": 1, "to": "unit"}
    clockwork.workflows = changed("appointment", lambda told: told | {"ahead": [rung]})
    told = {"case_type": CaseType.APPOINTMENT}
    cast = clockwork.cast
    paper = {"dated_on": "2025-10-10", "custodian": "Văn phòng Sở"}
    for case in (cast.filed(**told), cast.concluded(name="Lê Văn Bình", **told)):
        record_paper(cast.board, sent(), case, "health_certificate", paper)
    now_and_then(clockwork)
    assert clockwork.told == [("2026-03-10", "paper_ends", "unit", "so-y-te/co1")]


def test_a_unit_is_told_ahead_that_a_term_on_record_ends(clockwork):
    rung = {"of": "term_end.ends_on", "unit": "working_days", "length": 20, "to": "unit"}
    clockwork.workflows = changed(
        "reappointment", lambda told: told | {"ahead": [rung | {"outcomes": ["meets"]}]}
    )
    told_of, concluded_otherwise = (
        ended_term(clockwork.cast, "2026-04-10", outcome) for outcome in ("meets", "not_concluded")
    )
    now_and_then(clockwork)
    assert clockwork.told == [("2026-03-13", "term_ends", "unit", "so-y-te/co1")]
    with clockwork.cast.database.reading() as connection:
        of = set(connection.scalars(select(outbox.c.case_handle).where(outbox.c.on_move.in_(ENDS))))
    assert of == {told_of}
    assert concluded_otherwise != told_of


def ended_term(cast, day, outcome) -> str:
    case = cast.filed(case_type=CaseType.REAPPOINTMENT, name=f"Trần Thị {outcome}")
    record_fact(cast.unit, sent(), [case], "term_end", {"ends_on": day})
    take_up_cases(cast.board, sent(), [case])
    accept_cases(cast.board, sent(), [case], authority="thuong-truc", authority_reason="Phân cấp")
    issue_consultations(cast.board, sent(), [case])
    cast.sign(case, "thue")
    propose(cast.board, sent(), [case], "meets", "Không có ý kiến khác.")
    submit_proposals(cast.head, sent(), [case])
    conclude_cases(cast.secretary, sent(), [case], Conclusion(outcome, "Rõ.", "2026-03-02"))
    notify_units(cast.board, sent(), [case])
    return case


# ------------------------------------------------------------ the end of a probation


def test_a_unit_is_told_once_that_a_probation_has_ended_and_nothing_is_filed(clockwork):
    case = admitted(clockwork.cast)
    record_fact(clockwork.cast.board, sent(), [case], "ceremony", {"held_on": "2025-03-15"})
    now_and_then(clockwork)
    assert clockwork.told == [("2026-03-16", PROBATION_ENDED, "unit", "so-y-te/co1")]
    with clockwork.cast.database.reading() as connection:
        assert connection.scalars(select(cases.c.handle)).all() == [case]


@pytest.mark.parametrize("held_on", [None, "2025-09-15"])
def test_before_a_probation_has_ended_nobody_is_told(clockwork, held_on):
    case = admitted(clockwork.cast)
    if held_on:
        record_fact(clockwork.cast.board, sent(), [case], "ceremony", {"held_on": held_on})
    now_and_then(clockwork)
    assert clockwork.told == []


def test_whoever_has_begun_the_case_is_not_told_to(clockwork):
    case = admitted(clockwork.cast)
    record_fact(clockwork.cast.board, sent(), [case], "ceremony", {"held_on": "2025-03-15"})
    wish = request(case_type=CaseType.FULL_MEMBERSHIP, target="Đảng viên", admission=case)
    draft_case(clockwork.cast.unit, sent(), wish)
    now_and_then(clockwork)
    assert clockwork.told == []


def test_what_is_quiet_is_counted_again_where_an_entry_or_the_calendar_is_another():
    quiet, today = Quiet(), date(2026, 3, 2)
    case = CaseFile("c", CaseType.PLANNING, 1, "filed", "so-y-te", entry_count=4)
    quiet.goes_by(Clock("a calendar", today, ["ban-to-chuc"]))
    quiet.note(case, date(2026, 3, 9))

    assert quiet.is_quiet(case, date(2026, 3, 8))
    assert not quiet.is_quiet(case, date(2026, 3, 9))
    assert not quiet.is_quiet(replace(case, entry_count=5), today)
    quiet.goes_by(Clock("a calendar", today, ["ban-to-chuc"]))
    assert quiet.is_quiet(case, today)
    quiet.goes_by(Clock("another calendar", today, ["ban-to-chuc"]))
    assert not quiet.is_quiet(case, today)

    quiet.note(replace(case, admission="an earlier case"), None)
    assert not quiet.is_quiet(case, today)
