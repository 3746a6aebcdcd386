"""Recording dated facts and papers, in one case and in many."""

import pytest
from sqlalchemy import select

from tests.builders import sent
from tests.web.browsing import text_of, the_form
from vetting.engine.vocabulary import CaseType, Role
from vetting.records.cases import cases
from vetting.usecases.check_completeness import take_up_cases


def recorded(database, case):
    with database.reading() as connection:
        return connection.scalar(select(cases.c.recorded).where(cases.c.handle == case))


@pytest.fixture
def board(browser_of):
    return browser_of(Role.BOARD_OFFICER)


def test_a_hearing_is_recorded(board, cast, database):
    case = cast.assembling()

    answer = board.send(
        f"/cases/{case}/facts/hearing", field_held_on="05/01/2026", field_said="Đồng ý."
    )

    assert answer.location == f"/cases/{case}"
    assert recorded(database, case) == '{"hearing":[{"held_on":"2026-01-05","said":"Đồng ý."}]}'


@pytest.mark.parametrize(
    ("day", "sentence"),
    [
        ("", "This must be filled in."),
        ("32/01/2026", "There is no such day; write day/month/year"),
        ("06/01/2026", "lies in the future"),
    ],
)
def test_a_date_that_cannot_be_is_refused_and_what_was_typed_stays(
    board, cast, database, day, sentence
):
    case = cast.assembling()

    answer = board.send(f"/cases/{case}/facts/hearing", field_held_on=day, field_said="Đồng ý.")

    assert answer.status_code == 422
    assert sentence in text_of(answer)
    assert the_form(answer, {"field_said"}).filled["field_said"] == ["Đồng ý."]
    assert recorded(database, case) == "{}"


def test_a_fact_that_is_not_open_here_is_refused(board, cast):
    assert board.get(f"/cases/{cast.filed()}/facts/hearing").status_code == 409
    assert board.get(f"/cases/{cast.filed(name='Lê B')}/facts/no-such").status_code == 404


def test_a_fact_that_would_tell_the_outcome_does_not_exist_for_the_unit_before_its_notice(
    browser_of, cast
):
    case = cast.filed(case_type=CaseType.PARTY_ADMISSION, target="Đảng viên")
    unit = browser_of(Role.CASE_OFFICER)

    for name in ("decision_issued", "decision_received", "ceremony"):
        assert unit.get(f"/cases/{case}/facts/{name}").status_code == 404


def test_a_paper_is_referred_to_by_whoever_has_the_case(board, browser_of, cast, database):
    case = cast.filed(case_type=CaseType.APPOINTMENT)
    take_up_cases(cast.board, sent(), [case])
    address = f"/cases/{case}/papers/cv_2c"

    assert browser_of(Role.CASE_OFFICER).get(address).status_code == 409
    answer = board.send(
        address, field_number="12-CV", field_dated_on="05/01/2026", field_custodian="Văn phòng"
    )

    assert answer.location == f"/cases/{case}#papers"
    assert recorded(database, case) == (
        '{"cv_2c":[{"custodian":"Văn phòng","dated_on":"2026-01-05","number":"12-CV"}]}'
    )
    assert "Kept by: Văn phòng" in text_of(board.get(f"/cases/{case}"))


def test_nobody_records_in_a_case_that_is_not_theirs(browser_of, cast):
    case = cast.filed()
    for page in ("facts/candidate_told", "papers/cv_2c"):
        other = browser_of(Role.CASE_OFFICER, "so-noi-vu")
        assert other.get(f"/cases/{case}/{page}").status_code == 404
        for role in (Role.BODY_SIGNER, Role.SECRETARY, Role.SUPERVISOR):
            assert browser_of(role).get(f"/cases/{case}/{page}").status_code == 403
