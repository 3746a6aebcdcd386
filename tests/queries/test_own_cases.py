"""A unit's own cases: what waits for it comes first, and counts are what lists hold."""

from tests.builders import definitions, request, sent
from vetting.engine.vocabulary import CaseType
from vetting.queries import own_cases as page_of
from vetting.queries.own_cases import Wanted, filing, own_cases
from vetting.records.submissions import rounds
from vetting.usecases.check_completeness import return_case, take_up_cases
from vetting.usecases.file_case import draft_case
from vetting.usecases.record_fact import record_fact
from vetting.usecases.tell_outcome import notify_units

TODAY = "2026-09-01"


def returned(cast, **told):
    case = cast.filed(**told)
    take_up_cases(cast.board, sent(), [case])
    return_case(cast.board, sent(), case, "Thiếu.", ["Bản 2C"])
    return case


def all_pages(cast, wanted):
    pages, after = [], None
    while True:
        page = cast.asks(cast.unit, own_cases, wanted, after, today=TODAY)
        pages.append(page)
        if page.after is None:
            return pages
        after = page.after


def test_returned_ones_come_first_with_what_was_missing_then_drafts_then_the_rest(cast):
    back = returned(cast, name="Lê Văn Bình")
    draft = draft_case(cast.unit, sent(), request("Trần Thị Chi"))["case"]
    filed = cast.filed()

    page = cast.asks(cast.unit, own_cases, Wanted(), today=TODAY)

    assert [(row.handle, row.group, row.missing) for row in page.rows] == [
        (back, 0, ("Bản 2C",)),
        (draft, 1, ()),
        (filed, 2, ()),
    ]
    assert [str(row.who) for row in page.rows] == [
        "Office so-y-te",
        "Office so-y-te",
        "The Organisation Board",
    ]


def test_nobody_elses_cases_are_listed_or_counted(cast):
    cast.filed()

    page = cast.asks(cast.other_unit, own_cases, Wanted(), today=TODAY)

    assert (page.rows, page.count, page.states, page.case_types) == ((), 0, (), ())


def test_every_count_equals_the_list_that_it_leads_to(cast):
    returned(cast)
    cast.filed(name="Lê Văn Bình")
    cast.filed(name="Trần Thị Chi", case_type=CaseType.ROTATION)
    cast.consulting(name="Phạm Văn Dũng")

    page = cast.asks(cast.unit, own_cases, Wanted(), today=TODAY)

    assert page.count == len(page.rows) == 4
    assert sum(choice.count for choice in page.states) == 4
    for choice in page.states:
        listed = cast.asks(cast.unit, own_cases, Wanted(state=choice.value), today=TODAY)
        assert [row.state for row in listed.rows] == [choice.value] * choice.count
        assert listed.count == choice.count
    for choice in page.case_types:
        listed = cast.asks(cast.unit, own_cases, Wanted(case_type=choice.value), today=TODAY)
        assert len(listed.rows) == listed.count == choice.count


def test_a_round_is_a_filter_too(cast):
    with cast.database.writing() as connection:
        connection.execute(
            rounds.insert(),
            {
                "handle": "r1",
                "name_vi": "Đợt 1",
                "name_en": "Round 1",
                "case_type": "planning",
                "opened_on": "2026-01-01",
            },
        )
    inside = cast.filed(round="r1")
    cast.filed(name="Lê Văn Bình")

    page = cast.asks(cast.unit, own_cases, Wanted(round="r1"), today=TODAY)

    assert ([row.handle for row in page.rows], page.count) == ([inside], 1)
    assert [(choice.title.en, choice.count) for choice in page.rounds] == [("Round 1", 1)]


def test_pages_follow_one_another_without_gap_or_overlap(cast, monkeypatch):
    monkeypatch.setattr(page_of, "PAGE", 2)
    every = [returned(cast), *(cast.filed(name=f"Lê Văn {name}") for name in ("Ba", "Tư", "Sáu"))]

    pages = all_pages(cast, Wanted())

    handles = [row.handle for page in pages for row in page.rows]
    assert [len(page.rows) for page in pages] == [2, 2]
    assert handles == [every[0], *reversed(every[1:])]


def test_a_place_that_was_tampered_with_begins_at_the_beginning(cast):
    case = cast.filed()

    for after in ("", "x", "9~x~y", "~~~~", "2"):
        page = cast.asks(cast.unit, own_cases, Wanted(), after, today=TODAY)
        assert [row.handle for row in page.rows] == [case]


def test_only_the_units_own_favourable_admissions_with_their_ceremony_can_be_followed(cast):
    def to_follow():
        definition = definitions().of("full_membership", 1)
        with cast.database.reading() as connection:
            offered = filing(connection, cast.unit.principal, definition, "2026-02-01").admissions
        return [admission.handle for admission in offered]

    case = admitted(cast)
    assert to_follow() == []

    record_fact(cast.unit, sent(), [case], "ceremony", {"held_on": "2026-01-08"})

    assert to_follow() == [case]
    with cast.database.reading() as connection:
        definition = definitions().of("full_membership", 1)
        theirs = filing(connection, cast.other_unit.principal, definition, "2026-02-01")
    assert theirs.admissions == ()


def admitted(cast):
    """Bring an admission to where its ceremony can be recorded."""
    from tests.builders import Conclusion, conclude_cases, propose, submit_proposals  # noqa: PLC0415
    from vetting.usecases.check_completeness import accept_cases  # noqa: PLC0415
    from vetting.usecases.issue_consultations import issue_consultations  # noqa: PLC0415
    from vetting.usecases.record_fact import record_paper  # noqa: PLC0415

    case = cast.filed(case_type=CaseType.PARTY_ADMISSION, target="Đảng viên")
    take_up_cases(cast.board, sent(), [case])
    definition = definitions().of("party_admission", 1)
    kept = {"dated_on": "2026-01-02", "custodian": "Chi bộ"}
    for paper in definition.papers:
        if paper.required:
            record_paper(cast.board, sent(), case, paper.name, kept)
    for fact in definition.facts:
        if fact.name in definition.moves_by_name["accept"].needs or fact.name in {
            "verification_exempt",
            "certification",
        }:
            record_fact(cast.board, sent(), [case], fact.name, details_of(fact))
    accept_cases(cast.board, sent(), [case], authority="thuong-truc", authority_reason="Phân cấp")
    issue_consultations(cast.board, sent(), [case])
    for body in cast.bodies:
        cast.sign(case, body)
    propose(cast.board, sent(), [case], "admit", "Đủ điều kiện.")
    submit_proposals(cast.head, sent(), [case])
    conclude_cases(
        cast.secretary, sent(), [case], Conclusion("admit", "Đồng ý kết nạp.", "2026-01-05")
    )
    fact = definition.fact_by_name["decision_issued"]
    record_fact(cast.board, sent(), [case], "decision_issued", details_of(fact))
    notify_units(cast.board, sent(), [case])
    return case


def details_of(fact):
    return {
        field.name: {"date": "2026-01-03", "count": "9", "text": "Số 1"}[field.kind]
        for field in fact.fields
    }
