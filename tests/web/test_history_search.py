"""Pages of the search of all histories, and of a case's past: their forms, lines and addresses."""

import pytest
from sqlalchemy import select

from tests.web.browsing import errors_at, links_of, text_of
from vetting.engine.vocabulary import Role
from vetting.records.reads import reads


@pytest.fixture
def case(cast, clock):
    """A case whose bodies have answered, a day ago."""
    case = cast.assembling(name="Đặng Thị Tìm")
    clock.go_on(days=1)
    return case


@pytest.fixture
def supervisor(case, browser_of):  # noqa: ARG001  # the day is over before they come in
    return browser_of(Role.SUPERVISOR)


def last_lines(database, action):
    with database.reading() as connection:
        r = reads.c
        return connection.execute(select(reads).where(r.action == action).order_by(r.number)).all()


def test_a_search_is_an_address_and_leaves_its_words_in_the_ledger(supervisor, case, database):
    empty = supervisor.get("/history")
    assert "Say who, what, for whom" in text_of(empty)
    assert last_lines(database, "search_history") == []

    address = "/history?officer=thue&verb=opinion.signed&since=05%2F01%2F2026&until=05%2F01%2F2026"
    answer = supervisor.get(address)

    assert "Đặng Thị Tìm" in text_of(answer)
    assert "signed the opinion of Office thue" in text_of(answer)
    assert any(f"/cases/{case}/history#entry-" in link for link in links_of(answer))
    [line] = last_lines(database, "search_history")
    assert (line.case_handle, line.how) == (case, "search")
    assert line.asked == address.partition("?")[2]
    nothing = supervisor.get("/history?reason=khong+co+gi+nhu+vay")
    assert "Nothing fits" in text_of(nothing)
    assert last_lines(database, "search_history")[-1].asked == "reason=khong+co+gi+nhu+vay"


@pytest.mark.parametrize(
    ("asked", "sentence"),
    [
        ("since=31%2F02%2F2026", "There is no such day; write day/month/year"),
        ("since=02%2F01%2F2026&until=01%2F01%2F2026", "This day is before the first one."),
        ("since=01%2F01%2F0001", "There is no such day; write day/month/year"),
        ("verb=opinion.drafted", "Not a valid choice."),
        ("organisation=nowhere", "Not a valid choice."),
        ("officer=" + "a" * 101, "100"),
    ],
)
def test_what_cannot_be_asked_is_said_beside_the_field(supervisor, asked, sentence):
    answer = supervisor.get(f"/history?{asked}")
    assert answer.status_code == 422
    assert sentence in text_of(answer)


def test_a_past_day_says_that_it_is_past_and_leads_to_now(supervisor, case, database):
    assert f"/cases/{case}/past" in links_of(supervisor.get(f"/cases/{case}"))
    answer = supervisor.get(f"/cases/{case}/past?on=05/01/2026")

    assert "This is the past: the case as it stood at the end of 05/01/2026." in text_of(answer)
    assert f"/cases/{case}" in links_of(answer)
    assert "Cơ quan thue" in text_of(answer)
    today = supervisor.get(f"/cases/{case}/past?on=06/01/2026&since=04/01/2026")
    assert "This is today" in text_of(today)
    assert "Đặng Thị Tìm" in text_of(today)
    lines = last_lines(database, "see_past")
    assert [line.asked for line in lines] == ["on=2026-01-05", "on=2026-01-06 since=2026-01-04"]
    early = supervisor.get(f"/cases/{case}/past?on=01/01/2020")
    assert text_of(early).count("The case did not exist yet on that day.") == 1
    assert "This is the past: the case as it stood" not in text_of(early)
    empty = supervisor.get(f"/cases/{case}/past?on=&since=")
    assert empty.status_code == 422
    assert errors_at(empty, "on") == ["Name the day."]
    first = supervisor.get(f"/cases/{case}/past")
    assert (first.status_code, errors_at(first, "on")) == (200, [])
    arabic = supervisor.get(f"/cases/{case}/past", query_string={"on": "٠٥/٠١/٢٠٢٦"})
    assert (arabic.status_code, len(errors_at(arabic, "on"))) == (422, 1)
    assert "The case did not exist yet on that day." in text_of(early)
    for asked, sentence in (
        ("on=07/01/2026", "That day has not come yet."),
        ("on=05/01/2026&since=05/01/2026", "The day to compare with has to be earlier."),
        ("on=yesterday", "Write the date as dd/mm/yyyy."),
    ):
        wrong = supervisor.get(f"/cases/{case}/past?{asked}")
        assert wrong.status_code == 422
        assert sentence in text_of(wrong)


def test_an_entry_has_a_page_that_names_what_it_changed(supervisor, case):
    history = supervisor.get(f"/cases/{case}/history")
    links = [link for link in links_of(history) if "/entries/" in link]
    assert links
    told = text_of(supervisor.get(links[1]))
    assert "Reference nothing yet" in told
    for strange in ("0", "999", "x", "1" * 20, "-1", "%D9%A1"):
        assert supervisor.get(f"/cases/{case}/entries/{strange}").status_code == 404


def test_a_unit_and_a_body_have_neither_page(case, browser_of):
    for role in (Role.CASE_OFFICER, Role.BODY_SIGNER):
        browser = browser_of(role)
        for page in ("/history", f"/cases/{case}/past", f"/cases/{case}/entries/1"):
            assert browser.get(page).status_code == 403
        assert "/past" not in browser.get(f"/cases/{case}").text
        assert "/entries/" not in browser.get(f"/cases/{case}/history").text
