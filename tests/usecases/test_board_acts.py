"""What the Board and the authority do with a case, and what holds them back."""

import pytest
from sqlalchemy import select

from tests.board_province import AUTHORITY, BODIES, LEVEL, make_province
from vetting.engine.refusals import (
    HeldBack,
    KeyReused,
    MoveNotOffered,
    OutOfTurn,
    Stale,
    Unacceptable,
    Unknown,
)
from vetting.engine.vocabulary import CaseType, Role, Verdict
from vetting.records.letters import letters
from vetting.usecases.check_completeness import accept_cases, return_case, take_up_cases
from vetting.usecases.conclude import Conclusion, conclude_cases, return_proposal
from vetting.usecases.interrupt_case import (
    resume_case,
    suspend_case,
    take_back_consultation,
    withdraw_case,
)
from vetting.usecases.issue_consultations import Asking, issue_consultations
from vetting.usecases.propose import propose, rework_proposal, submit_proposals
from vetting.usecases.receive_consultation import receive_consultations
from vetting.usecases.record_fact import record_fact
from vetting.usecases.tell_outcome import close_cases, notify_units

MEETS = Conclusion("meets", "Đủ tiêu chuẩn.", "2026-03-02", "15-KL/TU", 14, 0, 1)
DOES_NOT_MEET = Conclusion("does_not_meet", "Chưa đủ tiêu chuẩn.", "2026-03-02")


@pytest.fixture
def province(engine_url):
    province = make_province(engine_url)
    yield province
    province.database.close()


def refused(answer):
    return [(one["case"], one["msgid"] % one["params"]) for one in answer["refused"]]


def test_a_case_is_taken_up_once(province):
    case = province.filed()

    answer = take_up_cases(province.board, province.sent(), [case])

    assert answer == {"done": [case], "refused": []}
    assert province.case(case).state == "checking"
    with pytest.raises(MoveNotOffered):
        take_up_cases(province.board, province.sent(), [case])


def test_many_are_taken_up_and_those_that_cannot_follow_are_named(province):
    first, second = province.filed(), province.filed("Trần Thị Bình")
    take_up_cases(province.board, province.sent(), [second])

    answer = take_up_cases(province.board, province.sent(), [first, second])

    assert answer["done"] == [first]
    assert [case for case, _ in refused(answer)] == [second]


def test_a_second_click_gets_the_first_ones_answer(province):
    case, sent = province.filed(), province.sent()

    first = take_up_cases(province.board, sent, [case])

    assert take_up_cases(province.board, sent, [case]) == first
    with pytest.raises(KeyReused):
        take_up_cases(province.board, sent, [province.filed("Trần Thị Bình")])


def test_a_page_that_is_older_than_the_case_changes_nothing(province):
    case = province.filed()
    seen = province.case(case).entry_count
    take_up_cases(province.board, province.sent(seen), [case])

    with pytest.raises(Stale):
        return_case(province.head, province.sent(seen), case, "Thiếu.", ["Bằng cấp"])

    assert province.case(case).state == "checking"


def test_a_returned_case_says_what_is_missing(province):
    case = province.filed()
    take_up_cases(province.board, province.sent(), [case])

    with pytest.raises(Unacceptable, match="at least one thing"):
        return_case(province.board, province.sent(), case, "Chưa đủ.", ["  "])
    with pytest.raises(Unacceptable, match="reason"):
        return_case(province.board, province.sent(), case, " ", ["Bằng cấp"])
    return_case(province.board, province.sent(), case, "Chưa đủ.", ["Bằng cấp", " ", "Mẫu 2C"])

    now = province.case(case)
    assert (now.state, now.missing) == ("returned", ("Bằng cấp", "Mẫu 2C"))


def test_the_authority_comes_from_the_table(province):
    case = province.filed()
    take_up_cases(province.board, province.sent(), [case])

    accept_cases(province.board, province.sent(), [case], management_level=LEVEL)

    now = province.case(case)
    assert (now.state, now.authority, now.management_level, now.regulation) == (
        "accepted",
        AUTHORITY,
        LEVEL,
        "ha-tinh-2018",
    )


def test_where_the_table_is_silent_the_board_names_the_authority_and_says_why(province):
    case = province.filed()
    take_up_cases(province.board, province.sent(), [case])

    def accept(**how):
        return accept_cases(
            province.board, province.sent(), [case], management_level="provincial_committee", **how
        )

    with pytest.raises(HeldBack, match="names nobody"):
        accept()
    with pytest.raises(Unacceptable, match="why this authority"):
        accept(authority="thuong-truc-tinh-uy", authority_reason=" ")
    with pytest.raises(Unacceptable, match="authority of the register"):
        accept(authority="so-noi-vu", authority_reason="Được ủy quyền.")
    with pytest.raises(Unacceptable, match="authority of the register"):
        accept(authority="khong-co", authority_reason="Được ủy quyền.")
    accept(authority="thuong-truc-tinh-uy", authority_reason="Được ủy quyền.")

    assert province.case(case).authority == "thuong-truc-tinh-uy"


def test_every_body_of_the_regulation_is_asked_under_one_letter_each(province):
    first, second = province.accepted(), province.accepted("Trần Thị Bình")

    answer = issue_consultations(
        province.board, province.sent(), [first, second], Asking(symbol="472-CV/BTCTU")
    )

    assert answer["done"] == [first, second]
    assert set(answer["letters"]) == set(BODIES)
    with province.database.reading() as connection:
        kept = connection.execute(
            select(letters.c.receiver, letters.c.number, letters.c.covers, letters.c.symbol)
        ).all()
    assert {row.receiver for row in kept} == set(BODIES)
    assert sorted(row.number for row in kept) == list(range(1, 9))
    assert {(row.covers, row.symbol) for row in kept} == {(2, "472-CV/BTCTU")}
    assert {c.due_on for c in province.case(first).consultations} == {None}


def test_a_body_is_left_out_only_with_a_reason_and_not_all(province):
    case = province.accepted()

    with pytest.raises(Unacceptable, match="left out"):
        issue_consultations(province.board, province.sent(), [case], Asking({BODIES[0]: " "}))
    with pytest.raises(OutOfTurn, match="has to be asked"):
        issue_consultations(
            province.board,
            province.sent(),
            [case],
            Asking(dict.fromkeys(BODIES, "Không liên quan.")),
        )
    with pytest.raises(OutOfTurn, match="does not name so-noi-vu"):
        issue_consultations(province.board, province.sent(), [case], Asking({"so-noi-vu": "Lạ."}))
    issue_consultations(
        province.board, province.sent(), [case], Asking({BODIES[0]: "Không liên quan."})
    )

    assert {one.body for one in province.case(case).asked_now()} == set(BODIES[1:])


def test_an_answer_cannot_be_due_in_the_past(province):
    case = province.accepted()

    with pytest.raises(Unacceptable, match="past"):
        issue_consultations(province.board, province.sent(), [case], Asking(due_on="2026-03-01"))


def test_asking_again_is_the_second_turn_and_needs_a_reason(province):
    case = province.assembled()

    with pytest.raises(OutOfTurn, match="asked again"):
        issue_consultations(province.board, province.sent(), [case])
    issue_consultations(province.board, province.sent(), [case], Asking(reason="Có thông tin mới."))

    now = province.case(case)
    assert (now.state, now.turn, len(now.owing())) == ("consulting", 2, 8)
    assert [c.state for c in now.consultations if c.turn == 1] == ["signed"] * 8


def test_the_case_moves_on_when_the_last_answer_is_in(province):
    case = province.asked()
    for body in BODIES[:-1]:
        province.sign(case, body)
    assert province.case(case).state == "consulting"

    province.sign(case, BODIES[-1], Verdict.OBJECTION, "Có đơn thư.")

    assert province.case(case).state == "assembling"


def test_taking_the_last_open_question_back_moves_the_case_on(province):
    case = province.asked()
    for body in BODIES[:-1]:
        province.sign(case, body)

    take_back_consultation(
        province.board,
        province.sent(),
        case,
        province.consultation(case, BODIES[-1]),
        "Cơ quan đã giải thể.",
    )

    assert province.case(case).state == "assembling"


def test_the_only_body_that_must_answer_is_not_taken_back(province):
    left_out = dict.fromkeys(BODIES[1:], "Không liên quan.")
    case = province.asked(asking=Asking(left_out))

    with pytest.raises(OutOfTurn, match="last body"):
        take_back_consultation(
            province.board,
            province.sent(),
            case,
            province.consultation(case, BODIES[0]),
            "Thôi hỏi.",
        )
    with pytest.raises(Unknown):
        take_back_consultation(province.board, province.sent(), case, "nobody", "Thôi hỏi.")


@pytest.mark.parametrize("stage", ["filed", "accepted", "asked", "assembled", "proposed"])
def test_a_suspended_case_goes_back_to_where_it_stood(province, stage):
    case = getattr(province, stage)()
    before = province.case(case)

    suspend_case(province.board, province.sent(), case, "Chờ cấp trên.")
    assert province.case(case).state == "suspended"
    resume_case(province.board, province.sent(), case, "Đã có ý kiến.")

    now = province.case(case)
    assert (now.state, now.turn, now.stood_in) == (before.state, before.turn, None)


def test_what_was_taken_back_while_suspended_counts_when_the_case_resumes(province):
    case = province.asked()
    for body in BODIES[:-1]:
        province.sign(case, body)
    suspend_case(province.board, province.sent(), case, "Chờ cấp trên.")
    take_back_consultation(
        province.board, province.sent(), case, province.consultation(case, BODIES[-1]), "Giải thể."
    )

    resume_case(province.board, province.sent(), case, "Đã có ý kiến.")

    assert province.case(case).state == "assembling"


def test_withdrawing_releases_the_bodies_and_keeps_what_they_signed(province):
    case = province.asked()
    province.sign(case, BODIES[0])

    withdraw_case(province.unit(), province.sent(), case, "Nhân sự chuyển công tác.")

    now = province.case(case)
    assert now.state == "withdrawn"
    assert {c.body: c.state for c in now.consultations} == {
        BODIES[0]: "signed",
        **dict.fromkeys(BODIES[1:], "withdrawn"),
    }
    handle = next(c.handle for c in now.consultations if c.body == BODIES[1])
    with pytest.raises(Unknown):
        receive_consultations(
            province.desk(Role.BODY_OFFICER, BODIES[1]), province.sent(), [handle]
        )


def test_there_is_no_proposal_while_a_body_owes_an_answer(province):
    case = province.asked()

    with pytest.raises(OutOfTurn):
        propose(province.board, province.sent(), [case], "meets", "Đủ.")


def test_a_proposal_names_an_outcome_of_the_workflow_and_its_reasons(province):
    case = province.assembled()

    with pytest.raises(Unacceptable, match="Choose"):
        propose(province.board, province.sent(), [case], "", "Đủ.")
    with pytest.raises(Unacceptable, match="Choose"):
        propose(province.board, province.sent(), [case], "admit", "Đủ.")
    with pytest.raises(Unacceptable, match="reasons"):
        propose(province.board, province.sent(), [case], "meets", "  ")
    propose(province.board, province.sent(), [case], "meets", "Đủ.")

    assert province.case(case).proposed_outcome == "meets"


def test_whoever_drew_the_proposal_up_cannot_submit_it(province):
    case = province.proposed()
    proposer = province.board.principal.officer
    same_person_as_head = province.desk(Role.BOARD_HEAD, "ban-to-chuc-tinh-uy", proposer)

    with pytest.raises(HeldBack, match="another person"):
        submit_proposals(same_person_as_head, province.sent(), [case])
    submit_proposals(province.head, province.sent(), [case])

    assert province.case(case).state == "submitted"


def test_a_proposal_sent_back_is_drawn_up_again(province):
    case = province.proposed()

    rework_proposal(province.head, province.sent(), case, "Nêu rõ lý do.")

    now = province.case(case)
    assert (now.state, now.proposed_outcome) == ("assembling", None)


def test_the_secretary_sees_nothing_before_submission(province):
    case = province.proposed()

    with pytest.raises(Unknown):
        conclude_cases(province.secretary, province.sent(), [case], MEETS)
    submit_proposals(province.head, province.sent(), [case])
    conclude_cases(province.secretary, province.sent(), [case], MEETS)

    assert province.case(case).outcome == "meets"


def test_another_authoritys_secretary_does_not_know_the_case(province):
    case = province.submitted()

    with pytest.raises(Unknown):
        conclude_cases(
            province.desk(Role.SECRETARY, "thuong-truc-tinh-uy"), province.sent(), [case], MEETS
        )


def test_an_adverse_conclusion_waits_for_the_hearing(province):
    case = province.submitted(outcome="does_not_meet")

    with pytest.raises(HeldBack, match="hearing"):
        conclude_cases(province.secretary, province.sent(), [case], DOES_NOT_MEET)
    record_fact(
        province.board,
        province.sent(),
        [case],
        "hearing",
        {"held_on": "2026-03-02", "said": "Đã trình bày."},
    )
    conclude_cases(province.secretary, province.sent(), [case], DOES_NOT_MEET)

    assert province.case(case).outcome == "does_not_meet"


def test_a_conclusion_is_not_dated_in_the_future(province):
    case = province.submitted()

    with pytest.raises(Unacceptable, match="future"):
        conclude_cases(
            province.secretary, province.sent(), [case], Conclusion("meets", "Đủ.", "2026-03-03")
        )
    with pytest.raises(Unacceptable, match="Votes"):
        conclude_cases(
            province.secretary,
            province.sent(),
            [case],
            Conclusion("meets", "Đủ.", "2026-03-02", votes_for=-1),
        )

    assert province.case(case).outcome is None


def test_many_are_concluded_by_one_decision_and_those_held_back_are_named(province):
    first = province.submitted()
    second = province.submitted("Trần Thị Bình")
    record_fact(
        province.board, province.sent(), [first], "hearing_absent", {"reason": "Từ chối gặp."}
    )

    answer = conclude_cases(province.secretary, province.sent(), [first, second], DOES_NOT_MEET)

    assert answer["done"] == [first]
    assert refused(answer) == [
        (
            second,
            (
                "Before an adverse conclusion the candidate’s hearing must be recorded, "
                "or the reason why there was none."
            ),
        )
    ]


def test_the_authority_returns_a_proposal_with_a_reason(province):
    case = province.submitted()

    with pytest.raises(Unacceptable):
        return_proposal(province.secretary, province.sent(), case, "")
    return_proposal(province.secretary, province.sent(), case, "Làm rõ ý kiến của công an.")

    now = province.case(case)
    assert (now.state, now.before_authority) == ("assembling", True)


def test_no_case_closes_before_the_candidate_was_told(province):
    case = province.submitted()
    conclude_cases(province.secretary, province.sent(), [case], MEETS)
    notify_units(province.board, province.sent(), [case])

    with pytest.raises(HeldBack, match="candidate was told"):
        close_cases(province.board, province.sent(), [case])
    record_fact(
        province.board,
        province.sent(),
        [case],
        "candidate_told",
        {"told_on": "2026-03-02", "how": "Trực tiếp."},
    )
    close_cases(province.board, province.sent(), [case])

    assert province.case(case).state == "closed"


def test_an_admission_is_not_accepted_before_its_papers_are_there(province):
    case = province.filed(case_type=CaseType.PARTY_ADMISSION)
    take_up_cases(province.board, province.sent(), [case])

    with pytest.raises(HeldBack):
        accept_cases(
            province.board, province.sent(), [case], management_level="provincial_committee"
        )

    assert province.case(case).state == "checking"
