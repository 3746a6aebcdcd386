"""The unit is asked while its case runs: each question apart, shown to all, and nothing assumed."""

from datetime import UTC, date, datetime

import pytest
from sqlalchemy import select

from tests.builders import BODIES, Cast, definitions, sent
from tests.usecases.test_more_time import Clock, row
from vetting.engine.deadlines import QUESTION
from vetting.engine.definition import CaseDeadline, Definition, Title
from vetting.engine.questions import Question, Reply
from vetting.engine.reading import Definitions
from vetting.engine.refusals import OutOfTurn, Refusal, Stale, Unacceptable
from vetting.queries.case_page import case_page
from vetting.queries.consultation_page import consultation_page
from vetting.queries.deadline_page import deadline_page
from vetting.queries.own_cases import Wanted, own_cases
from vetting.queries.untold import untold
from vetting.records.cases import cases
from vetting.records.identity import Ids
from vetting.records.outbox import outbox
from vetting.records.rebuild import compare
from vetting.usecases.ask_unit import (
    answer_questions,
    ask_clarification,
    close_questions,
    decline_clarification,
    put_questions,
)
from vetting.usecases.interrupt_case import suspend_case, withdraw_case
from vetting.usecases.issue_consultations import Asking, issue_consultations
from vetting.usecases.load_calendar import load_calendar

BODY, OTHER = BODIES[:2]
DUE = "2026-09-11"
ASKED = [Question("Bản kê khai của năm nào?"), Question("Sơ yếu lý lịch mới nhất?", "cv_2c")]
NEW_PAPER = {"number": "12", "dated_on": "2026-08-01", "custodian": "Sở Nội vụ", "pages": "4"}


def knowing(stops=(), rule_stops=()) -> Definitions:
    """Return the workflows with a paper, a deadline, and the clocks that a test names."""
    known = dict(definitions().by_name)
    planning = definitions().of("planning", 1)
    term = CaseDeadline(
        name="term",
        title=Title(vi="Hạn", en="Term"),
        unit="calendar_days",
        length=30,
        basis="1-QC/TU",
        start="filed",
        met_by=("concluded",),
        stops_in=stops,
    )
    told = planning.model_dump(by_alias=True) | {
        "papers": [{"name": "cv_2c", "title": {"vi": "Lý lịch 2C", "en": "CV 2C"}}],
        "deadlines": [term.model_dump()],
        "consultation": [
            {**rule.model_dump(), "stops_in": rule_stops} for rule in planning.consultation
        ],
    }
    known["planning", 1] = Definition.model_validate(told)
    return Definitions(known)


class Knowing(Cast):
    """A cast whose workflows a test names."""

    definitions = knowing()

    def desk(self, *whose):
        desk = super().desk(*whose)
        return type(desk)(
            desk.principal, desk.database, self.definitions, desk.ids, proved_for=desk.proved_for
        )


@pytest.fixture
def cast(database):
    cast = Knowing(database, Ids(clock=Clock()))
    load_calendar(database, cast.ids)
    return cast


@pytest.fixture
def case(cast):
    """A case that all bodies are asked about."""
    case = cast.accepted()
    issue_consultations(cast.board, sent(), [case], Asking(due_on=DUE))
    return case


def put(cast, case, asked=ASKED, reason="Hồ sơ chưa rõ.", **told):
    return put_questions(cast.board, sent(), case, asked, reason, **told)["number"]


def replies(cast, case, number=1, seen=None, **said):
    told = {int(place[1:]): Reply(text) for place, text in said.items()}
    return answer_questions(cast.unit, sent(seen), case, number, told)


def kept(cast, case):
    with cast.database.reading() as connection:
        found = connection.execute(select(cases).where(cases.c.handle == case)).mappings()
        return dict(found.one())


def page(cast, case, desk):
    with cast.database.reading() as connection:
        today = cast.ids.today()
        return case_page(connection, desk.principal, cast.definitions, case, today=today)


def question(cast, case, body, desk=None):
    consultation = next(
        one.consultation
        for one in page(cast, case, cast.board).lanes
        if one.body.en == f"Office {body}"
    )
    with cast.database.reading() as connection:
        reader = (desk or cast.drafter(body)).principal
        return consultation_page(connection, reader, cast.definitions, consultation, cast.ids)


def told(cast, case):
    with cast.database.reading() as connection:
        found = connection.execute(
            select(outbox.c.on_move, outbox.c.organisation)
            .where(
                outbox.c.case_handle == case,
                outbox.c.on_move.in_(
                    ["questions_put", "questions_answered", "questions_closed", "answer_shown"]
                ),
            )
            .order_by(outbox.c.written_at, outbox.c.on_move.desc(), outbox.c.organisation)
        )
        return [tuple(one) for one in found]


def well(cast):
    with cast.database.reading() as connection:
        assert list(compare(connection)) == []
        assert untold(connection, cast.definitions).gaps == ()


def test_each_question_is_answered_apart_and_what_is_not_stays_open(cast, case):
    assert put(cast, case) == 1
    assert kept(cast, case)["open_questions"] == '{"1":[1,2]}'

    replies(cast, case, q1="Năm 2025.")
    assert kept(cast, case)["open_questions"] == '{"1":[2]}'
    [one] = page(cast, case, cast.unit).question_sets
    assert [line.said for line in one.questions] == ["Năm 2025.", None]
    assert one.is_open

    with pytest.raises(OutOfTurn, match="already"):
        replies(cast, case, q1="Năm 2024.")
    close_questions(cast.board, sent(), case, 1, "Không cần nữa.")
    [one] = page(cast, case, cast.unit).question_sets
    assert (one.is_open, one.questions[1].said, one.closed_because) == (
        *(False, None, "Không cần nữa."),
    )
    with pytest.raises(OutOfTurn, match="Nothing is left"):
        replies(cast, case, q2="Muộn rồi.")
    assert kept(cast, case)["open_questions"] == "{}"
    well(cast)


def test_the_unit_the_board_and_every_body_are_told(cast, case):
    cast.sign(case, BODY)
    put(cast, case)
    replies(cast, case, q1="Năm 2025.", q2="Bản tháng 8.")
    assert told(cast, case) == [
        ("questions_put", "so-y-te"),
        ("questions_answered", "ban-to-chuc"),
        *(("answer_shown", body) for body in sorted(BODIES)),
    ]
    well(cast)


def test_a_new_paper_is_shown_beside_the_one_before_to_all_who_are_asked(cast, case):
    put(cast, case)
    first = Reply("Bản tháng 8.", NEW_PAPER)
    answer_questions(cast.unit, sent(), case, 1, {2: first})
    put(cast, case, [Question("Có bản mới hơn?", "cv_2c")])
    answer_questions(
        cast.unit, sent(), case, 2, {1: Reply("Có.", {**NEW_PAPER, "number": "15", "pages": ""})}
    )

    for shown in (
        page(cast, case, cast.unit).question_sets,
        page(cast, case, cast.board).question_sets,
        question(cast, case, BODY).question_sets,
    ):
        newest, before = shown
        [line] = newest.questions
        assert [(d.title.en, d.before, d.after) for d in line.paper if d.differs] == [
            ("Number and symbol", "12", "15"),
            ("Pages", "4", "–"),
        ]
        assert {d.before for d in before.questions[1].paper} == {"–"}
    assert question(cast, case, BODY).papers[0].fields[0][2] == "15"
    well(cast)


def test_who_signed_sees_that_something_new_came_and_can_be_asked_again(cast, case):
    put(cast, case)
    assert question(cast, case, BODY).news is None
    cast.sign(case, BODY)
    replies(cast, case, q1="Năm 2025.")
    news = question(cast, case, BODY).news
    assert (news.signed, news.sets) == (True, (1,))
    assert question(cast, case, OTHER).news is None  # it has written nothing yet
    for body in BODIES[1:]:
        cast.sign(case, body)
    assert question(cast, case, OTHER).news is None  # it wrote when it was there
    out = dict.fromkeys(BODIES[1:], "Đã xem câu trả lời.")
    again = Asking(left_out=out, reason="Đơn vị đã trả lời.", due_on="2026-10-01")
    issue_consultations(cast.board, sent(), [case], again)
    assert [lane.turn for lane in page(cast, case, cast.board).lanes if lane.state == "asked"] == [
        2
    ]
    well(cast)


def test_the_board_is_not_asked_by_the_unit_nor_answers_for_it(cast, case):
    put(cast, case)
    for desk in (cast.board, cast.drafter(BODY), cast.secretary):
        with pytest.raises(Refusal):
            answer_questions(desk, sent(), case, 1, {1: Reply("Năm 2025.")})
    for desk in (cast.unit, cast.drafter(BODY), cast.secretary):
        with pytest.raises(Refusal):
            put_questions(desk, sent(), case, ASKED, "Vì sao.")


@pytest.mark.parametrize(
    ("asked", "reason", "words"),
    [
        ([], "Vì.", "at least one question"),
        ([Question("   ")], "Vì.", "at least one question"),
        ([Question("Gì?", "nothing")], "Vì.", "no such paper"),
        ([Question("Gì?")], "  ", "Give a reason"),
        ([Question("Gì?" * 1000)], "Vì.", "at most 2000 characters"),
        ([Question("Gì?")] * 11, "Vì.", "At most 10 questions"),
    ],
)
def test_what_cannot_be_asked_is_said(cast, case, asked, reason, words):
    with pytest.raises(Unacceptable, match=words):
        put(cast, case, asked, reason)
    assert kept(cast, case)["question_sets"] == 0


def test_what_is_no_answer_is_said_and_leaves_nothing(cast, case):
    put(cast, case)
    for told_, words in (
        ({}, "at least one"),
        ({1: Reply("  ")}, "at least one"),
        ({1: Reply("Có.", NEW_PAPER)}, "about no paper"),
        ({2: Reply("Có.", {"number": "12"})}, "must be filled in"),
        ({2: Reply("Có.", {**NEW_PAPER, "dated_on": "2027-01-01"})}, "in the future"),
    ):
        with pytest.raises(Unacceptable, match=words):
            answer_questions(cast.unit, sent(), case, 1, told_)
    with pytest.raises(OutOfTurn):
        answer_questions(cast.unit, sent(), case, 1, {3: Reply("Có.")})
    with pytest.raises(Refusal, match="no such question"):
        answer_questions(cast.unit, sent(), case, 2, {1: Reply("Có.")})
    assert kept(cast, case)["recorded"] == "{}"
    assert kept(cast, case)["open_questions"] == '{"1":[1,2]}'


def test_only_a_running_case_asks_its_unit(cast):
    concluded = cast.concluded(name="Lê Chi")
    filed = cast.filed(name="Lê An")
    suspended = cast.consulting(name="Lê Bình")
    suspend_case(cast.board, sent(), suspended, "Chờ.")
    for case in (concluded, suspended):
        with pytest.raises(OutOfTurn, match="while the case runs"):
            put(cast, case)
    put(cast, filed)
    withdraw_case(cast.unit, sent(), filed, "Rút.")
    with pytest.raises(OutOfTurn, match="no longer waits"):
        replies(cast, filed, q1="Có.")


def test_a_page_that_is_out_of_date_is_refused(cast, case):
    put(cast, case)
    seen = page(cast, case, cast.unit).seen
    replies(cast, case, q1="Năm 2025.")
    with pytest.raises(Stale):
        replies(cast, case, seen=seen, q2="Bản tháng 8.")


def test_what_waits_for_the_unit_comes_first_in_its_list(cast, case):
    newer = cast.consulting(name="Trần Bình")
    put(cast, case)
    with cast.database.reading() as connection:
        rows = own_cases(
            connection, cast.unit.principal, cast.definitions, Wanted(), today=cast.ids.today()
        ).rows
    assert [(one.handle, one.group, [it.number for it in one.asked]) for one in rows] == [
        (case, 0, [1]),
        (newer, 2, []),
    ]


def test_a_body_has_something_made_clear_through_the_board(cast, case):
    consultation = cast.asked(case)[BODY]
    ask_clarification(cast.drafter(BODY), sent(), consultation, ["Công tác ở đâu?"], "Đối chiếu.")
    with pytest.raises(OutOfTurn, match="already"):
        ask_clarification(cast.drafter(BODY), sent(), consultation, ["Gì nữa?"], "Đối chiếu.")
    [wanted] = page(cast, case, cast.board).clarifications
    assert (wanted.body, wanted.questions) == (BODY, ("Công tác ở đâu?",))
    asked = [Question(text) for text in wanted.questions]
    put(cast, case, asked, clarifies=consultation)
    assert row(cast, consultation)["clarify"] is None
    [one] = page(cast, case, cast.unit).question_sets
    assert BODY not in repr(one)  # who wants it is not the unit's to know

    other = cast.asked(case)[OTHER]
    ask_clarification(cast.drafter(OTHER), sent(), other, ["Gì?"], "Để rõ.")
    decline_clarification(cast.board, sent(), case, other, "Đã có trong hồ sơ.")
    assert page(cast, case, cast.board).clarifications == ()
    with pytest.raises(OutOfTurn, match="waits for nothing"):
        decline_clarification(cast.board, sent(), case, other, "Đã có.")
    well(cast)


# ------------------------------------------------------------------ the clock


def at(cast, day, hour=2):
    cast.ids.clock.now = datetime(2026, 9, day, hour, tzinfo=UTC)


def term(cast, case):
    with cast.database.reading() as connection:
        return deadline_page(
            connection, cast.board.principal, cast.definitions, case, "term", today="2026-09-30"
        )


def test_without_a_rule_no_clock_stands_still(cast, case):
    put(cast, case)
    at(cast, 4)
    replies(cast, case, q1="Năm 2025.", q2="Bản tháng 8.")
    assert (term(cast, case).due_on, term(cast, case).pauses) == ("2026-10-01", ())
    assert row(cast, cast.asked(case)[BODY])["due_on"] == DUE


def test_where_the_rule_says_so_a_deadline_stands_still_with_who_and_why(cast, case):
    cast.definitions = knowing(stops=(QUESTION,))
    at(cast, 3)
    put(cast, case)
    assert term(cast, case).due_on is None  # while it goes on there is no date
    at(cast, 5)
    replies(cast, case, q1="Năm 2025.")
    assert term(cast, case).due_on is None
    put(cast, case, [Question("Còn gì nữa?")])  # overlaps, and counts once
    at(cast, 8)
    replies(cast, case, q2="Bản tháng 8.")
    at(cast, 9)
    close_questions(cast.board, sent(), case, 2, "Không cần nữa.")

    shown = term(cast, case)
    assert shown.standing_still == (("2026-09-03", "2026-09-09"),)
    assert shown.due_on == "2026-10-08"  # seven days of September
    assert [(one.first, one.last, one.reason) for one in shown.pauses] == [
        ("2026-09-03", "2026-09-08", "Hồ sơ chưa rõ."),
        ("2026-09-05", "2026-09-09", "Hồ sơ chưa rõ."),
    ]
    assert {one.officer for one in shown.pauses} == {cast.board.principal.officer}


def test_where_a_bodys_rule_says_so_the_day_of_its_answer_moves_by_an_entry(cast, case):
    cast.definitions = knowing(rule_stops=(QUESTION,))
    consultation = cast.asked(case)[BODY]
    cast.sign(case, OTHER)
    at(cast, 3)
    put(cast, case)
    at(cast, 4)
    put(cast, case, [Question("Còn gì nữa?")])
    at(cast, 7)
    replies(cast, case, q1="Năm 2025.", q2="Bản tháng 8.")
    assert row(cast, consultation)["due_on"] == DUE  # one set is open yet
    replies(cast, case, number=2, q1="Không.")
    moved = row(cast, consultation)
    # From the third to the seventh, each day once.
    assert (moved["due_on"], moved["first_due_on"], moved["longer"]) == (
        *("2026-09-16", DUE, '["~5"]'),
    )
    at(cast, 10)
    put(cast, case, [Question("Sau cùng?")])
    replies(cast, case, number=3, q1="Xong.")
    assert row(cast, consultation)["due_on"] == "2026-09-17"
    [other] = [one for one in page(cast, case, cast.board).lanes if one.body.en.endswith(OTHER)]
    assert other.due_on == DUE  # what was signed keeps its day
    well(cast)
    assert date.fromisoformat(moved["due_on"]) > date.fromisoformat(DUE)
