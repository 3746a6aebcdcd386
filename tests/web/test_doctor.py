"""The doctor's pages: who sees what, and a case mended with a reason."""

import pytest
from sqlalchemy import select, update

from tests.builders import add_officer, lose, officer_of, opinion, sent, without_rules
from tests.web.browsing import links_of, text_of
from vetting.engine.vocabulary import Role
from vetting.records.cases import cases
from vetting.records.history import entries
from vetting.records.officers import role_assignments
from vetting.records.outbox import outbox
from vetting.records.reads import reads
from vetting.usecases.draft_opinion import draft_opinion
from vetting.usecases.interrupt_case import suspend_case

pytestmark = pytest.mark.leaves_it_unwell

BODY = "thanh-tra"
REFUSED = [
    role for role in Role if role not in {Role.SUPERVISOR, Role.BOARD_HEAD, Role.ADMINISTRATOR}
]
AMISS = "somebody has the question in hand who may not deal with it"


@pytest.fixture
def case(cast, database):
    """A case with a question that is held by somebody whose role at the body has ended."""
    case = cast.consulting(name="Đặng Văn Đức")
    draft_opinion(cast.drafter(BODY), sent(), cast.asked(case)[BODY], opinion())
    with database.writing() as connection:
        add_officer(connection, officer_of(BODY, Role.BODY_OFFICER, 2), BODY, Role.BODY_OFFICER)
        a = role_assignments.c
        connection.execute(
            update(role_assignments)
            .where(a.officer == officer_of(BODY, Role.BODY_OFFICER))
            .values(valid_to="2026-01-04")
        )
    return case


def test_a_well_province_says_so_and_what_it_did_not_look_at(cast, browser_of):
    cast.consulting()
    said = text_of(browser_of(Role.SUPERVISOR).get("/doctor"))
    assert "Nothing is amiss." in said


def test_supervisors_and_the_head_see_cases_and_only_the_head_mends(case, browser_of, database):
    with database.reading() as connection:
        reference = connection.scalar(select(cases.c.reference).where(cases.c.handle == case))
    for role in (Role.SUPERVISOR, Role.BOARD_HEAD):
        page = browser_of(role).get("/doctor")
        said = text_of(page)
        assert AMISS in said
        assert reference in said
        assert "Đặng Văn Đức" not in said
        assert (f"/cases/{case}/repair" in links_of(page)) == (role is Role.BOARD_HEAD)
    with database.reading() as connection:
        r = reads.c
        looks = connection.execute(select(r.role, r.case_handle).where(r.action == "see_doctor"))
        assert [tuple(row) for row in looks] == [("supervisor", case), ("board_head", case)]


def test_an_administrator_reads_numbers_and_no_case(case, browser_of):
    browser = browser_of(Role.ADMINISTRATOR)
    page = browser.get("/doctor")
    said = text_of(page)
    assert "Held by somebody who may not hold it 1" in " ".join(said.split())
    assert AMISS not in said
    assert case not in page.text
    assert browser.get(f"/cases/{case}/repair").status_code == 403


@pytest.mark.parametrize("role", REFUSED)
def test_others_do_not_come_in(role, browser_of):
    assert browser_of(role).get("/doctor").status_code == 403


def test_the_head_hands_a_question_back_and_says_why(case, browser_of, database):
    head = browser_of(Role.BOARD_HEAD)
    address = f"/cases/{case}/repair"
    page = head.get(address)
    assert AMISS in text_of(page)
    assert "checked" not in page.text  # nothing is chosen from the start
    refused = head.send(address, reason="Cán bộ đã chuyển công tác")
    assert refused.status_code == 422
    assert "Choose what is to be mended." in text_of(refused)
    assert "Cán bộ đã chuyển công tác" in refused.text
    one = page.text.partition('value="hand_back:')[2].partition('"')[0]
    refused = head.send(address, what=f"hand_back:{one}", reason=" ")
    assert refused.status_code == 422

    done = head.send(address, what=f"hand_back:{one}", reason="Cán bộ đã chuyển công tác")

    assert (done.status_code, done.location) == (303, f"/cases/{case}")
    with database.reading() as connection:
        e = entries.c
        last = connection.execute(
            select(e.verb, e.role).where(e.case_handle == case).order_by(e.number.desc())
        ).first()
    assert tuple(last) == ("consultation.released", "board_head")
    assert "Nothing is amiss with this case." in text_of(head.get(address))
    assert "Nothing is amiss." in text_of(head.get("/doctor"))


def test_rows_changed_behind_the_programs_back_are_written_anew(cast, browser_of, database):
    case = cast.filed()
    with database.writing() as connection:
        connection.execute(update(cases).where(cases.c.handle == case).values(target="Chủ tịch"))
    head = browser_of(Role.BOARD_HEAD)
    assert "Kept otherwise than its history says: cases.target." in text_of(head.get("/doctor"))

    done = head.send(f"/cases/{case}/repair", what="rebuild:", reason="Sửa ngoài hệ thống")

    assert done.status_code == 303
    said = text_of(head.get(f"/cases/{case}/history"))
    assert "had what is kept of the case written anew from its history." in said
    assert "Sửa ngoài hệ thống" in said
    assert "Chủ tịch" not in text_of(head.get(f"/cases/{case}"))
    unit = text_of(browser_of(Role.CASE_OFFICER).get(f"/cases/{case}/history"))
    assert "written anew" not in unit


def test_whoever_reads_the_doctor_is_told_that_the_database_refuses_no_more(browser_of, database):
    with database.writing() as connection:
        without_rules(connection, entries)
    for role in (Role.SUPERVISOR, Role.BOARD_HEAD, Role.ADMINISTRATOR):
        said = text_of(browser_of(role).get("/doctor"))
        assert "A database that no longer refuses what it must 1" in said
        assert "The trigger entries_no_delete is missing. Somebody worked on the database" in said
        assert "To be decided by: Administrator." in said


def test_a_database_that_was_put_back_is_a_fault_of_its_own_that_two_people_answer_for(
    browser_of, settings
):
    (settings.folder / "witness_ahead").write_text("thanh-tra.tinh 885", "utf-8")
    for role in (Role.SUPERVISOR, Role.BOARD_HEAD, Role.ADMINISTRATOR):
        page = browser_of(role).get("/doctor")
        said = text_of(page)
        assert "A log that is not what a witness has signed 1" in said
        assert "A witness has signed a history of 885 entries that this database does not" in said
        assert "two people declare the gap with `vetting history declare-gap`" in said
        assert "To be decided by two people: Administrator and Supervisor." in said
        assert [link for link in links_of(page) if "repair" in link] == []
    (settings.folder / "witness_ahead").unlink()
    (settings.folder / "witnessed").write_text("no checkpoint", "utf-8")
    said = text_of(browser_of(Role.ADMINISTRATOR).get("/doctor"))
    assert "witnessed is no checkpoint. It says what a witness has signed" in said
    assert "To be decided by: Administrator." in said


def test_whoever_may_resume_a_case_that_waits_for_nothing_is_led_there(cast, browser_of):
    case = cast.accepted()
    suspend_case(cast.head, sent(), case, "Chờ")
    resume = f"/cases/{case}/resume"
    for page in ("/doctor", f"/cases/{case}/repair"):
        shown = browser_of(Role.BOARD_HEAD).get(page)
        assert "The Board can resume the case." in text_of(shown)
        assert resume in links_of(shown)
    assert resume not in links_of(browser_of(Role.SUPERVISOR).get("/doctor"))


def test_what_an_administrator_cannot_see_is_not_left_to_them(cast, browser_of):
    case = cast.consulting()
    lose(cast, outbox, outbox.c.case_handle == case)
    said = text_of(browser_of(Role.BOARD_HEAD).get(f"/cases/{case}/repair"))
    assert "To be decided by: Head of the Organisation Board" in said
    assert "tell the organisation by letter" in said
    assert "Administrator" not in said
