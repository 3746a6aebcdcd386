"""The page of a case: what each reader is shown, and what nobody but them is."""

import pytest

from tests.builders import opinion, request, sent
from vetting.engine.refusals import Unknown
from vetting.engine.vocabulary import CaseType, Need, Role, Verdict
from vetting.usecases.check_completeness import return_case, take_up_cases
from vetting.usecases.file_case import draft_case
from vetting.usecases.issue_consultations import Asking, issue_consultations
from vetting.usecases.propose import propose, submit_proposals
from vetting.usecases.record_fact import record_fact, record_paper
from vetting.usecases.tell_outcome import notify_units


def titles(to_do):
    return [(one.title.en, str(one.held_back) if one.held_back else None) for one in to_do]


def test_the_unit_sees_where_its_case_stands_and_who_has_it(cast):
    page = cast.page(cast.unit, case := cast.filed())

    assert (page.handle, page.reference) == (case, "QH-2026-SOYTE-0001-54")
    assert (page.name, page.born, page.target) == (
        "Nguyễn Thị Ân",
        "1975-03-02",
        "Phó Giám đốc Sở Y tế",
    )
    assert (page.state_title.en, str(page.who)) == (
        "Filed, waiting to be checked",
        "The Organisation Board",
    )
    assert (page.due_on, page.late, page.due_dates) == (None, False, ())
    assert titles(page.to_do) == [("Withdraw", None)]
    assert (page.missing, page.returned_because) == ((), None)


def test_the_unit_sees_neither_the_bodies_nor_what_they_said_nor_what_was_proposed(cast):
    case = cast.assembling()
    propose(cast.board, sent(), [case], "meets", "Đủ ý kiến.")

    page = cast.page(cast.unit, case)

    assert (page.sees_lanes, page.lanes, page.opinions) == (False, (), ())
    assert (page.sees_proposal, page.proposals, page.conclusion) == (False, (), None)


def test_the_unit_learns_the_conclusion_when_it_is_notified_and_never_the_votes(cast):
    case = cast.concluded()
    assert cast.page(cast.unit, case).conclusion is None

    notify_units(cast.board, sent(), [case])

    conclusion = cast.page(cast.unit, case).conclusion
    assert (conclusion.outcome.en, conclusion.reasons, conclusion.decided_on) == (
        "Meets the political standard",
        "Đủ tiêu chuẩn.",
        "2026-01-05",
    )
    assert (conclusion.votes_for, conclusion.recorded_by) == (None, None)


def test_a_body_sees_its_own_lane_and_its_own_opinion_and_no_other(cast):
    case = cast.consulting()
    cast.sign(case, "thue", opinion(Verdict.OBJECTION, "Còn nợ thuế."))
    cast.sign(case, "cong-an", opinion(reasons="Không có gì."))

    page = cast.page(cast.signer("thue"), case)

    assert [(lane.body.en, lane.state, lane.mine) for lane in page.lanes] == [
        ("Office thue", "signed", True)
    ]
    assert [(line.body, line.verdict, line.reasons) for line in page.opinions] == [
        ("Cơ quan thue", Verdict.OBJECTION, "Còn nợ thuế.")
    ]
    assert (page.papers, page.records, page.same, page.due_dates) == ((), (), (), ())


def test_a_body_is_not_told_what_the_board_and_the_authority_do_afterwards(cast):
    case = cast.assembling()
    propose(cast.board, sent(), [case], "meets", "Đủ ý kiến.")
    submit_proposals(cast.head, sent(), [case])

    page = cast.page(cast.signer("thue"), case)

    assert (page.state_title.en, page.who) == ("With the bodies", None)
    assert (page.sees_proposal, page.proposals, page.conclusion) == (False, (), None)


def test_a_body_is_shown_when_it_drafted_and_the_board_only_that_it_did(cast):
    case = cast.consulting()
    cast.ready(case, cast.asked(case)["thue"], "thue")

    [own] = cast.page(cast.drafter("thue"), case).lanes
    seen_by_board = {lane.body.en: lane for lane in cast.page(cast.board, case).lanes}

    assert [(stage.name, stage.reached, stage.now) for stage in own.stages] == [
        ("asked", True, False),
        ("received", True, False),
        ("drafting", True, False),
        ("ready", True, True),
        ("signed", False, False),
    ]
    assert all(stage.at for stage in own.stages[:4])
    theirs = seen_by_board["Office thue"]
    assert [(stage.name, stage.reached) for stage in theirs.stages] == [
        ("asked", True),
        ("received", True),
        ("drafting", True),
        ("ready", True),
        ("signed", False),
    ]
    assert [bool(stage.at) for stage in theirs.stages] == [True, True, False, False, False]


def test_the_board_sees_every_body_that_it_asked_and_what_is_late(cast):
    case = cast.accepted()
    issue_consultations(cast.board, sent(), [case], Asking(due_on="2026-01-31"))

    page = cast.page(cast.board, case)

    assert [(lane.body.en, lane.need, lane.due_on, lane.late) for lane in page.lanes] == [
        ("Office cong-an", Need.MUST, "2026-01-31", True),
        ("Office thanh-tra", Need.MUST, "2026-01-31", True),
        ("Office thue", Need.MUST, "2026-01-31", True),
    ]
    assert (page.due_on, page.late, str(page.who)) == (
        "2026-01-31",
        True,
        "The bodies that were asked",
    )


def test_where_no_due_date_was_entered_there_is_none_and_nothing_is_late(cast):
    page = cast.page(cast.board, cast.consulting())

    assert [(lane.due_on, lane.late) for lane in page.lanes] == [(None, False)] * 3
    assert (page.due_on, page.late) == (None, False)


def test_the_authority_sees_opinions_proposal_and_conclusion(cast):
    page = cast.page(cast.secretary, cast.concluded())

    assert len(page.opinions) == 3
    assert [(line.outcome.en, line.proposed_by, line.submitted_by) for line in page.proposals] == [
        ("Meets the political standard", "ban-to-chuc/bo1", "ban-to-chuc/bh1")
    ]
    assert page.conclusion.recorded_by == "thuong-truc/s1"


def test_what_is_held_back_is_offered_with_its_reason(cast):
    case = cast.assembling()
    propose(cast.board, sent(), [case], "meets", "Đủ ý kiến.")
    case_of_head = cast.page(cast.head, case)
    assert titles(case_of_head.to_do)[:2] == [
        ("Send the proposal back for rework", None),
        ("Sign and submit to the authority", None),
    ]

    closing = cast.concluded(name="Trần Văn An")
    notify_units(cast.board, sent(), [closing])
    assert titles(cast.page(cast.board, closing).to_do) == [
        ("Close", "Record first when and how the candidate was told the outcome.")
    ]


def test_a_returned_case_says_what_was_missing_to_its_unit(cast):
    case = cast.filed()
    take_up_cases(cast.board, sent(), [case])
    return_case(cast.board, sent(), case, "Thiếu giấy tờ.", ["Bản 2C", "Giấy khai sinh"])

    page = cast.page(cast.unit, case)

    assert page.missing == ("Bản 2C", "Giấy khai sinh")
    assert page.returned_because == "Thiếu giấy tờ."
    assert titles(page.to_do) == [("File again", None), ("Withdraw", None)]
    assert page.who.en == "Office so-y-te"


@pytest.mark.parametrize("role", [Role.BODY_OFFICER, Role.BODY_SIGNER])
def test_for_a_body_that_was_not_asked_there_is_no_such_case(cast, role):
    case = cast.accepted()
    issue_consultations(cast.board, sent(), [case], Asking(left_out={"thue": "Không liên quan"}))

    with pytest.raises(Unknown):
        cast.page(cast.desk("thue", role), case)


def test_for_another_unit_there_is_no_such_case_and_a_draft_is_nobody_elses(cast):
    draft = draft_case(cast.unit, sent(), request())["case"]

    assert cast.page(cast.unit, draft).state == "draft"
    for desk in (cast.other_unit, cast.board, cast.overseer, cast.secretary):
        with pytest.raises(Unknown):
            cast.page(desk, draft)
    with pytest.raises(Unknown):
        cast.page(cast.secretary, cast.consulting(name="Trần Văn An"))


def test_papers_are_recorded_still_missing_or_too_old(cast):
    case = cast.filed(case_type=CaseType.APPOINTMENT)
    take_up_cases(cast.board, sent(), [case])
    kept = {"dated_on": "2025-01-02", "custodian": "Phòng Tổ chức"}
    record_paper(cast.board, sent(), case, "health_certificate", kept)

    papers = {paper.name: paper for paper in cast.page(cast.unit, case).papers}

    old = papers["health_certificate"]
    assert (old.too_old, [(str(a), b) for a, b in old.record]) == (
        True,
        [("Dated", "02/01/2025"), ("Kept by", "Phòng Tổ chức")],
    )
    assert papers["cv_2c"].record is None


def test_recorded_facts_are_shown_field_by_field(cast):
    case = cast.assembling()
    record_fact(cast.board, sent(), [case], "hearing", {"held_on": "2026-01-09", "said": "Đồng ý."})

    [record] = cast.page(cast.board, case).records

    assert (record.title.en, [(str(a), b) for a, b in record.words]) == (
        "Hearing of the candidate",
        [("Held on", "09/01/2026"), ("What the candidate said", "Đồng ý.")],
    )


def test_an_open_case_about_the_same_candidate_is_shown_within_what_one_may_see(cast):
    first, second = cast.filed(), cast.filed(name="NGUYỄN THỊ ÂN", target="Giám đốc Sở Y tế")
    cast.filed(name="Nguyễn Thị Ân", born="1975")

    assert [same.handle for same in cast.page(cast.unit, first).same] == [second]
    assert [same.handle for same in cast.page(cast.board, second).same] == [first]


def test_a_closed_case_about_the_same_candidate_is_not_shown(cast):
    cast.closed()

    assert cast.page(cast.unit, cast.filed()).same == ()


def test_a_page_takes_a_fixed_number_of_statements(cast, statements):
    few, many = cast.concluded(), cast.concluded(name="Trần Văn An")
    for _ in range(4):
        cast.filed(name="Trần Văn An")

    with statements() as for_few:
        cast.page(cast.overseer, few)
    with statements() as for_many:
        cast.page(cast.overseer, many)

    assert len(for_few) == len(for_many) <= 13
