"""The case and its history, as each reader's page shows them."""

import pytest

from tests.builders import opinion, sent
from tests.web.browsing import links_of, text_of
from vetting.engine.vocabulary import CaseType, Role, Verdict
from vetting.usecases.check_completeness import take_up_cases
from vetting.usecases.propose import propose
from vetting.usecases.tell_outcome import notify_units

READERS = [role for role in Role if role is not Role.ADMINISTRATOR]


@pytest.fixture
def assembled(cast):
    """A case on which every body has said something that is theirs alone."""
    case = cast.consulting()
    cast.sign(case, "thue", opinion(Verdict.OBJECTION, "Lời của thuế"))
    cast.sign(case, "cong-an", opinion(reasons="Lời của công an"))
    cast.sign(case, "thanh-tra", opinion(reasons="Lời của thanh tra"))
    propose(cast.board, sent(), [case], "meets", "Lời của Ban")
    return case


@pytest.mark.parametrize("page", ["", "/history"])
@pytest.mark.parametrize(
    ("role", "shown", "hidden"),
    [
        (Role.CASE_OFFICER, [], ["thuế", "công an", "thanh tra", "Ban"]),
        (Role.BODY_OFFICER, ["thanh tra"], ["thuế", "công an", "Ban"]),
        (Role.BODY_SIGNER, ["thanh tra"], ["thuế", "công an", "Ban"]),
        (Role.BOARD_OFFICER, ["thuế", "công an", "thanh tra", "Ban"], []),
        (Role.BOARD_HEAD, ["thuế", "công an", "thanh tra", "Ban"], []),
        (Role.SUPERVISOR, ["thuế", "công an", "thanh tra", "Ban"], []),
    ],
)
def test_each_reads_what_is_theirs_to_read(browser_of, assembled, role, shown, hidden, page):
    answer = browser_of(role).get(f"/cases/{assembled}{page}")

    assert answer.status_code == 200
    for words in shown:
        assert f"Lời của {words}" in answer.text
    for words in hidden:
        assert f"Lời của {words}" not in answer.text


@pytest.mark.parametrize("page", ["", "/history"])
@pytest.mark.parametrize("language", ["vi", "en"])
@pytest.mark.parametrize("role", READERS)
def test_a_closed_case_opens_for_all_whom_it_concerns(
    browser_of, cast, clock, role, language, page
):
    clock.go_on(days=3)
    case = cast.closed()
    browser = browser_of(role)
    browser.send("/help", to="/language", language=language)

    answer = browser.get(f"/cases/{case}{page}")

    assert answer.status_code == 200
    assert f'<html lang="{language}">' in answer.text
    assert "Nguyễn Thị Ân" in answer.text


def test_the_administrator_opens_no_case(browser_of, cast):
    assert browser_of(Role.ADMINISTRATOR).get(f"/cases/{cast.filed()}").status_code == 403


def test_the_secretary_learns_of_a_case_when_it_is_submitted(browser_of, cast, assembled):
    browser = browser_of(Role.SECRETARY)
    assert browser.get(f"/cases/{assembled}").status_code == 404

    submitted = cast.concluded(name="Trần Văn Bình")
    assert "Đủ tiêu chuẩn." in browser.get(f"/cases/{submitted}").text


def test_the_conclusion_reaches_the_unit_with_its_notice(browser_of, cast):
    case = cast.concluded()
    browser = browser_of(Role.CASE_OFFICER)
    for page in ("", "/history"):
        assert "Đủ tiêu chuẩn." not in browser.get(f"/cases/{case}{page}").text
        assert "Meets the political standard" not in browser.get(f"/cases/{case}{page}").text

    notify_units(cast.board, sent(), [case])

    assert "Đủ tiêu chuẩn." in browser.get(f"/cases/{case}").text
    assert "notified the unit of the outcome" in text_of(browser.get(f"/cases/{case}/history"))


def test_what_a_reader_cannot_do_yet_is_a_sentence_and_no_button(browser_of, cast):
    case = cast.concluded()
    notify_units(cast.board, sent(), [case])

    answer = browser_of(Role.BOARD_OFFICER).get(f"/cases/{case}")

    assert "Close Not yet: Record first when and how the candidate was told" in text_of(answer)
    assert f"/cases/{case}/close" not in links_of(answer)
    assert f"/cases/{case}/facts/candidate_told" in links_of(answer)


def test_every_link_on_a_case_page_leads_somewhere(browser_of, cast):
    stages = [
        cast.filed(),
        cast.accepted(name="Trần Văn Ba"),
        cast.consulting(name="Trần Văn Tư"),
        cast.assembling(name="Trần Văn Năm"),
        cast.concluded(name="Trần Văn Sáu"),
    ]
    dead = []
    for role in READERS:
        browser = browser_of(role)
        for case in stages:
            answer = browser.get(f"/cases/{case}")
            dead += [
                (role.value, link)
                for link in links_of(answer)
                if link.startswith("/cases/") and browser.get(link).status_code != 200
            ]
    assert dead == []


def test_where_nothing_was_entered_the_page_says_so(browser_of, cast):
    page = text_of(browser_of(Role.BOARD_OFFICER).get(f"/cases/{cast.consulting()}"))

    assert "Due not entered" in page


def test_deadlines_of_an_admission_are_shown_with_their_rule(browser_of, cast):
    case = cast.filed(case_type=CaseType.PARTY_ADMISSION, target="Đảng viên")

    page = text_of(browser_of(Role.CASE_OFFICER).get(f"/cases/{case}"))

    assert "60 working days has not begun" in page
    assert "29-QĐ/TW" in page


def test_looks_are_written_down_before_the_page_leaves(browser_of, cast, database):
    case = cast.filed()
    browser = browser_of(Role.SUPERVISOR)
    browser.get(f"/cases/{case}")
    browser.get(f"/cases/{case}/history")

    with database.reading() as connection:
        lines = connection.exec_driver_sql(
            "SELECT action, case_handle, officer FROM reads ORDER BY number"
        ).all()
    assert [tuple(line) for line in lines] == [
        ("see_case", case, "uy-ban-kiem-tra/s1"),
        ("see_history", case, "uy-ban-kiem-tra/s1"),
    ]


def test_a_supervisor_is_told_that_the_history_holds(browser_of, cast):
    case = cast.filed()
    take_up_cases(cast.board, sent(), [case])

    theirs = text_of(browser_of(Role.SUPERVISOR).get(f"/cases/{case}/history"))
    units = text_of(browser_of(Role.CASE_OFFICER).get(f"/cases/{case}/history"))

    assert "The history of this case holds" in theirs
    assert "The history of this case holds" not in units
    assert (
        "so-y-te/co1 (Case officer of a requesting unit, for Office so-y-te) "
        "filed the case; its reference is QH-2026-SOYTE-0001-54."
    ) in units


@pytest.mark.parametrize("handle", ["x", "..", "%00", "' OR 1=1 --", "𝕬", "a" * 5000])
def test_an_address_that_was_made_up_leads_nowhere(browser_of, handle):
    assert browser_of(Role.SUPERVISOR).get(f"/cases/{handle}").status_code == 404
