"""Load as a page: to each reader what they may know of, beside what reports count."""

from dataclasses import replace
from datetime import date, timedelta

import pytest

from tests.builders import BODIES, add_officer, as_owner, definitions, officer_of, sent
from tests.queries.test_due_calendar import second_of_each
from vetting.engine.definition import Definition
from vetting.engine.figures import Asked, Measure, items_of
from vetting.engine.load import Period
from vetting.engine.questions import Question
from vetting.engine.reading import Definitions
from vetting.engine.vocabulary import CaseType, Role
from vetting.queries.load_page import load_page
from vetting.records import reports
from vetting.records.sealing_key import make_sealing_key, read_sealing_key
from vetting.usecases.ask_unit import put_questions
from vetting.usecases.interrupt_case import resume_case, suspend_case, take_back_consultation
from vetting.usecases.issue_consultations import Asking, issue_consultations
from vetting.usecases.load_calendar import load_calendar
from vetting.usecases.receive_consultation import assign_consultations, receive_consultations
from vetting.usecases.recuse import recuse_oneself
from vetting.usecases.seal_checkpoint import seal_checkpoint

BODY, OTHER = BODIES[:2]
ME = officer_of(BODY, Role.BODY_OFFICER)


def whole(cast):
    today = date.fromisoformat(cast.ids.today())
    return Period(today - timedelta(days=30), today, today)


@pytest.fixture
def seen(cast):
    def seen(desk, period=None, known=None):
        with cast.database.reading() as connection:
            return load_page(
                connection,
                desk.principal,
                known or definitions(),
                period or whole(cast),
                ids=cast.ids,
            )

    return seen


def of(page, body):
    return next((one.load for one in page.bodies if one.body == body), None)


def asked(cast, due_on="2026-01-20", **told):
    case = cast.accepted(**told)
    issue_consultations(cast.board, sent(), [case], Asking(due_on=due_on))
    return case


def test_a_body_sees_itself_and_its_officers_and_nobody_sees_anothers(cast, seen):
    load_calendar(cast.database, cast.ids)
    first, second = asked(cast, name="Lê Một"), asked(cast, name="Lê Hai")
    asked(cast, name="Lê Ba")
    drafter = cast.drafter(BODY)
    receive_consultations(drafter, sent(), [cast.asked(first)[BODY]])
    assign_consultations(drafter, sent(), [cast.asked(second)[BODY]], ME)
    cast.ids.clock.now += timedelta(days=3)

    for desk in (drafter, cast.signer(BODY)):
        page = seen(desk)
        assert [one.body for one in page.bodies] == [BODY]
        assert [(one.officer, one.load.open) for one in page.bodies[0].officers] == [
            (ME, 1),
            (None, 2),
        ]
        assert (page.own, page.board) == (True, ())
    for desk in (cast.board, cast.head, cast.overseer):
        page = seen(desk)
        assert [one.body for one in page.bodies] == list(BODIES)
        assert all(one.officers == () for one in page.bodies)
        assert {one.load.open for one in page.bodies} == {3}
        assert [(line.officer, line.acts) for line in page.board] == [
            (
                officer_of("ban-to-chuc", Role.BOARD_OFFICER),
                {"case.taken_up": 3, "case.consulted": 3},
            )
        ]


def test_what_is_kept_from_a_reader_is_not_counted(cast, seen):
    second_of_each(cast)
    case = asked(cast)
    recuse_oneself(cast.head, sent(), case)
    recuse_oneself(cast.drafter(BODY), sent(), case)

    assert seen(cast.head).bodies == ()
    assert seen(cast.drafter(BODY)).bodies == ()
    assert of(seen(cast.signer(BODY)), BODY).open == 1
    narrow = replace(cast.board.principal, case_types=frozenset({CaseType.TRANSFER}))
    assert seen(replace(cast.board, principal=narrow)).bodies == ()


def test_what_was_taken_back_is_in_no_number_of_anybody(cast, seen):
    case = asked(cast)
    take_back_consultation(cast.board, sent(), case, cast.asked(case)[BODY], "Nhầm")
    assert of(seen(cast.board), BODY) is None
    assert of(seen(cast.board), OTHER).open == 1


def test_its_numbers_are_those_of_a_report_over_the_same_days(cast, seen, tmp_path):
    """Both are counted apart: there from the entries, here from the rows and the suspensions."""
    load_calendar(cast.database, cast.ids)
    handles = [asked(cast, name=f"Lê Số {number}") for number in range(4)]
    cast.ids.clock.now += timedelta(days=4)
    suspend_case(cast.board, sent(), handles[0], "Chờ")
    receive_consultations(cast.drafter(BODY), sent(), [cast.asked(handles[1])[BODY]])
    cast.ids.clock.now += timedelta(days=3)
    resume_case(cast.board, sent(), handles[0], "Xong")
    cast.sign(handles[1], BODY)
    cast.ids.clock.now += timedelta(days=9)
    cast.sign(handles[0], BODY)
    cast.sign(handles[2], OTHER)
    make_sealing_key(tmp_path, "vetting/test")
    seal_checkpoint(cast.database, read_sealing_key(tmp_path), cast.ids)
    period = whole(cast)
    counted: dict[tuple[str, Measure], int] = {}
    about = Asked(
        period.since.isoformat(), period.until.isoformat(), cast.ids.now(), cast.ids.legal_day
    )
    with cast.database.reading() as connection:
        size = reports.checkpoint_until(connection, about.at)["size"]
        for case, history in reports.histories_of(connection, size, handles).items():
            for item in items_of(case, history, about)[0]:
                if item.figure in {"requests", "body_times"}:
                    for measure, number in item.values:
                        key = item.figure, item.key[0], measure
                        counted[key] = counted.get(key, 0) + number

    page = seen(cast.board)

    for body in BODIES:
        load = of(page, body)
        assert load.came == counted["requests", body, Measure.SENT]
        assert load.open == counted.get(("requests", body, Measure.UNANSWERED), 0)
        assert load.late == counted.get(("requests", body, Measure.OVERDUE), 0)
        assert load.in_time == counted.get(("requests", body, Measure.IN_TIME), 0)
        assert load.too_late == counted.get(("requests", body, Measure.LATE), 0)
        for mine, theirs in (
            (load.time.own, Measure.OWN),
            (load.time.on_the_way, Measure.ON_THE_WAY),
            (load.time.off, Measure.CLOCK_OFF),
        ):
            assert mine == counted.get(("body_times", body, theirs), 0)
    assert of(page, BODY).too_late == of(page, BODY).in_time == 1
    assert of(page, BODY).time_of_late.off > 0


def test_the_unit_being_asked_is_others_time_only_where_the_rule_says_so(cast, seen):
    load_calendar(cast.database, cast.ids)
    case = asked(cast)
    put_questions(cast.board, sent(), case, [Question("Năm nào?")], "Thiếu.")
    cast.ids.clock.now += timedelta(days=5)

    [age] = of(seen(cast.board), BODY).ages
    [stopped] = of(seen(cast.board, known=stopping()), BODY).ages

    assert age > 0
    assert stopped == 0


def stopping() -> Definitions:
    """Return the workflows with a rule by which the clock of an answer stops for a question."""
    known = dict(definitions().by_name)
    planning = definitions().of("planning", 1)
    told = planning.model_dump(by_alias=True) | {
        "consultation": [
            {**rule.model_dump(), "stops_in": ["question"]} for rule in planning.consultation
        ]
    }
    known["planning", 1] = Definition.model_validate(told)
    return replace(definitions(), by_name=known)


def test_it_costs_as_many_statements_however_much_is_owed(cast, seen, statements):
    load_calendar(cast.database, cast.ids)

    def cost(desk):
        with statements() as seen_:
            seen(desk)
        return len(seen_)

    asked(cast, name="Lê Một")
    few = [cost(desk) for desk in (cast.board, cast.drafter(BODY))]
    for number in range(4):
        suspend_case(cast.board, sent(), asked(cast, name=f"Lê Số {number}"), "Chờ")

    assert [cost(desk) for desk in (cast.board, cast.drafter(BODY))] == few


def test_officers_stand_by_name_and_not_by_numbers(cast, seen):
    with as_owner(cast.database).writing() as connection:
        add_officer(connection, "an", BODY, Role.BODY_OFFICER)
    handles = [asked(cast, name=f"Lê Số {number}") for number in range(3)]
    drafter = cast.drafter(BODY)
    assign_consultations(drafter, sent(), [cast.asked(one)[BODY] for one in handles[:2]], ME)
    assign_consultations(drafter, sent(), [cast.asked(handles[2])[BODY]], "an")

    [body] = seen(drafter).bodies

    assert [(one.officer, one.load.open) for one in body.officers] == [("an", 1), (ME, 2)]
