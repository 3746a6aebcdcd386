"""Where a workflow states a term for what the unit is asked: one day, counted once and told."""

from datetime import UTC, date, datetime

import pytest
from sqlalchemy import select

from tests.builders import BODIES, definitions, sent
from tests.usecases.test_ask_unit import Knowing, page, put, replies, well
from tests.usecases.test_more_time import Clock
from vetting.engine.ailments import Ailment
from vetting.engine.calendar import DayKind, NewDay
from vetting.engine.deadlines import Standing
from vetting.engine.definition import Definition
from vetting.engine.questions import Question
from vetting.engine.reading import Definitions
from vetting.engine.refusals import Unacceptable, Unknown
from vetting.queries.deadline_page import deadline_page
from vetting.queries.deadline_sweep import sweep
from vetting.queries.doctor import Ground, examine
from vetting.queries.due_calendar import due_calendar, read_span
from vetting.queries.own_cases import Wanted, own_cases
from vetting.queries.untold import untold
from vetting.records.calendars import calendar_of
from vetting.records.identity import Ids
from vetting.records.outbox import outbox
from vetting.records.running_deadlines import deadlines_moved
from vetting.usecases.ask_unit import close_questions
from vetting.usecases.conclude import Conclusion, conclude_cases
from vetting.usecases.do_jobs import Workbench
from vetting.usecases.issue_consultations import issue_consultations
from vetting.usecases.load_calendar import load_calendar
from vetting.usecases.propose import propose, submit_proposals
from vetting.usecases.remind import ask_to_remind, works_of_reminding

NAME = "questions-1"
LADDER = [
    {"days": -1, "to": "owing"},
    {"days": 1, "to": "owing"},
    {"days": 2, "to": "coordinator"},
]
TERM = {"unit": "working_days", "length": 5, "basis": "1-QC/TU;2026-01-01;Tỉnh ủy"}


def knowing(**term) -> Definitions:
    """Return the workflows with a term for answers in the one of planning."""
    known = dict(definitions().by_name)
    told = definitions().of("planning", 1).model_dump(by_alias=True)
    told["papers"] = [{"name": "cv_2c", "title": {"vi": "Lý lịch 2C", "en": "CV 2C"}}]
    told["questions"] = TERM | term
    known["planning", 1] = Definition.model_validate(told)
    return Definitions(known)


@pytest.fixture
def cast(database):
    cast = Knowing(database, Ids(clock=Clock()))
    cast.definitions = knowing()
    load_calendar(database, cast.ids)
    at(cast, 7)
    return cast


@pytest.fixture
def case(cast):
    case = cast.accepted()
    issue_consultations(cast.board, sent(), [case])
    return case


def at(cast, day, hour=3, month=9):
    cast.ids.clock.now = datetime(2026, month, day, hour, tzinfo=UTC)


def derivation(cast, case, desk=None, name=NAME):
    with cast.database.reading() as connection:
        return deadline_page(
            connection,
            (desk or cast.unit).principal,
            cast.definitions,
            case,
            name,
            today=cast.ids.today(),
        )


def own(cast):
    with cast.database.reading() as connection:
        [row] = own_cases(
            connection, cast.unit.principal, cast.definitions, Wanted(), today=cast.ids.today()
        ).rows
    return row


def examined(cast, ailment):
    with cast.database.reading() as connection:
        found = examine(Ground(connection, cast.definitions, cast.ids.today()))
        return [one for one in found if one.ailment is ailment]


def test_the_day_is_counted_when_it_is_asked_and_is_told_day_by_day(cast, case):
    put(cast, case)  # on Monday the seventh
    shown = derivation(cast, case)
    assert (shown.begins_on, shown.due_on, shown.standing) == (
        *("2026-09-07", "2026-09-14", Standing.RUNNING),
    )
    assert (shown.owed_by, shown.basis, shown.working_days) == ("unit", TERM["basis"], 5)
    assert [step.day.day for step in shown.counted.steps if step.number] == [8, 9, 10, 11, 14]
    assert any("frozen" in str(rule) for rule in shown.rules)
    assert derivation(cast, case, cast.board).due_on == "2026-09-14"
    with pytest.raises(Unknown):  # no date of a case is a body's to know, but its own
        derivation(cast, case, cast.drafter(BODIES[0]))
    [one] = page(cast, case, cast.unit).question_sets
    assert (one.answer_by, one.deadline) == ("2026-09-14", NAME)
    assert [one.name for one in page(cast, case, cast.board).due_dates] == [NAME]
    well(cast)


@pytest.mark.parametrize(
    ("unit", "length", "day"),
    [("calendar_days", 3, "2026-09-10"), ("months", 1, "2026-10-07")],
)
def test_the_term_is_in_the_unit_that_the_workflow_names(cast, case, unit, length, day):
    cast.definitions = knowing(unit=unit, length=length)
    put(cast, case)
    assert derivation(cast, case).due_on == day


def test_no_other_day_is_set_neither_sooner_nor_later(cast, case):
    for day in ("2026-09-11", "2026-09-15"):
        with pytest.raises(Unacceptable, match=r"5 working days .* due on 14/09/2026") as refused:
            put(cast, case, answer_by=day)
        assert refused.value.about == "answer_by"
    assert page(cast, case, cast.board).question_sets == ()
    put(cast, case, answer_by="2026-09-14")  # the very day


def test_a_day_that_no_calendar_knows_is_not_guessed(cast, case):
    cast.definitions = knowing(length=250)
    at(cast, 30, month=12)
    with cast.database.reading() as connection:
        last = calendar_of(connection).last
    cast.ids.clock.now = datetime(last.year, last.month, last.day, 3, tzinfo=UTC)
    with pytest.raises(Unacceptable, match=r"cannot be counted: .* not guessed"):
        put(cast, case)
    assert page(cast, case, cast.board).question_sets == ()


def test_without_a_term_the_boards_own_word_is_no_deadline(cast, case):
    cast.definitions = definitions()
    put(cast, case, [Question("Năm nào?")], answer_by="2026-09-10")
    with pytest.raises(Unknown):
        derivation(cast, case)
    [one] = own(cast).asked
    assert (one.due_on, one.deadline, own(cast).due_on) == ("2026-09-10", None, None)
    with cast.database.reading() as connection:
        assert sweep(connection, cast.definitions, today="2026-09-30", within=5).due == ()


def test_no_shipped_workflow_states_a_term():
    assert [one.case_type for one in definitions() if one.questions is not None] == []


def test_it_stands_in_the_list_of_the_unit_with_since_when_and_how_late(cast, case):
    put(cast, case)
    [one] = own(cast).asked
    assert (one.number, one.due_on, one.deadline, one.late) == (1, "2026-09-14", NAME, False)
    assert cast.ids.legal_day(one.at) == "2026-09-07"
    assert (own(cast).due_on, own(cast).deadline) == ("2026-09-14", NAME)
    at(cast, 15)
    assert own(cast).asked[0].late
    with cast.database.reading() as connection:
        [due] = sweep(connection, cast.definitions, today=cast.ids.today(), within=0).due
    assert (due.name, due.due_on, due.late) == (NAME, "2026-09-14", True)


def test_it_stands_in_the_calendar_once_and_leads_to_its_derivation(cast, case):
    put(cast, case)
    for desk in (cast.unit, cast.board):
        with cast.database.reading() as connection:
            found = due_calendar(
                connection,
                desk.principal,
                cast.definitions,
                read_span("2026-09", None, None, cast.ids.today()),
                None,
                today=cast.ids.today(),
            )
        [one] = found.page.rows
        assert (one.due_on, one.deadline, one.asked) == ("2026-09-14", NAME, 1)


def test_what_is_answered_is_met_and_what_is_waited_for_no_longer_has_ended(cast, case):
    put(cast, case)
    put(cast, case, [Question("Còn gì nữa?")])
    at(cast, 9)
    replies(cast, case, q1="Năm 2025.")
    assert derivation(cast, case).standing is Standing.RUNNING  # one of its two is open
    at(cast, 15)
    replies(cast, case, q2="Bản tháng 8.")
    close_questions(cast.board, sent(), case, 2, "Không cần nữa.")
    met = derivation(cast, case)
    assert (met.standing, met.met_on) == (Standing.MET_LATE, "2026-09-15")
    assert derivation(cast, case, name="questions-2").standing is Standing.ENDED
    assert own(cast).asked == ()
    assert own(cast).due_on is None


def test_once_something_is_concluded_nobody_owes_an_answer(cast):
    case = cast.accepted(name="Lê Chi")
    issue_consultations(cast.board, sent(), [case])
    put(cast, case)
    for body in BODIES:
        cast.sign(case, body)
    propose(cast.board, sent(), [case], "meets", "Các cơ quan không có ý kiến khác.")
    submit_proposals(cast.head, sent(), [case])
    conclusion = Conclusion("meets", "Đủ tiêu chuẩn.", "2026-09-07")
    conclude_cases(cast.secretary, sent(), [case], conclusion)
    assert derivation(cast, case).standing is Standing.ENDED
    with cast.database.reading() as connection:
        assert sweep(connection, cast.definitions, today="2026-10-30", within=5).due == ()


def test_a_calendar_that_changes_afterwards_moves_nothing(cast, case):
    put(cast, case)
    with cast.database.reading() as connection:
        before = calendar_of(connection)
        closed = before.with_days([NewDay(date(2026, 9, 10), DayKind.CLOSURE)])
        assert deadlines_moved(connection, cast.definitions, before, closed) == ()


def reminded(cast):
    with cast.database.reading() as connection:
        rows = connection.execute(
            select(outbox.c.on_move, outbox.c.organisation)
            .where(outbox.c.on_move.startswith("deadline_"))
            .order_by(outbox.c.written_at, outbox.c.organisation)
        )
        return [tuple(row) for row in rows]


def test_only_who_still_owes_is_reminded_by_the_schedule_of_the_term(cast, case):
    cast.definitions = knowing(reminders=LADDER)
    put(cast, case)

    def work():
        ask_to_remind(cast.database, cast.definitions, cast.ids)
        works = works_of_reminding(cast.database, cast.definitions, cast.ids)
        bench = Workbench(cast.database, cast.ids, works)
        while bench.do_next():
            pass

    work()
    assert reminded(cast) == []
    at(cast, 11)
    work()
    assert reminded(cast) == [("deadline_due", "so-y-te")]
    at(cast, 15)
    work()
    assert reminded(cast)[1:] == [("deadline_late", "so-y-te")]
    replies(cast, case, q1="Năm 2025.", q2="Bản tháng 8.")
    at(cast, 16)
    work()
    assert len(reminded(cast)) == 2  # it owes nothing any more


def test_the_doctor_finds_a_day_that_the_rule_does_not_give(cast, case):
    put(cast, case)
    assert examined(cast, Ailment.WRONG_DAY) == []
    cast.definitions = knowing(length=6)
    [one] = examined(cast, Ailment.WRONG_DAY)
    assert one.case == case
    assert str(one.sentence).endswith("is written down as 14/09/2026; its rule gives 15/09/2026.")
    assert derivation(cast, case).due_on == "2026-09-14"  # as it was written down


def test_a_unit_that_was_not_told_of_a_question_is_missed(cast, case):
    put(cast, case)
    with cast.database.reading() as connection:
        told = [row.organisation for row in connection.execute(
            select(outbox.c.organisation).where(outbox.c.on_move == "questions_put")
        )]  # fmt: skip
        assert told == ["so-y-te"]
        assert untold(connection, cast.definitions).gaps == ()
