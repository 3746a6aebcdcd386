"""The page of search."""

import pytest

from tests.web.browsing import text_of
from vetting.engine.vocabulary import Role


@pytest.fixture
def filed(cast):
    return [cast.filed(name=name) for name in ("Nguyễn Văn An", "Nguyễn Văn Ân")]


@pytest.mark.usefixtures("filed")
def test_exact_marks_come_first_and_every_spelling_is_found(browser_of):
    page = text_of(browser_of(Role.BOARD_OFFICER).get("/search?q=nguyễn văn ân"))

    assert page.index("Nguyễn Văn Ân QH") < page.index("Nguyễn Văn An QH")


@pytest.mark.usefixtures("filed")
def test_a_reference_with_a_slip_is_told_as_such(browser_of):
    browser = browser_of(Role.CASE_OFFICER)

    slipped = text_of(browser.get("/search?q=QH-2026-SOYTE-0010-54"))
    right = text_of(browser.get("/search?q=qh-2026-soyte-0001-54"))

    assert "There is a slip in this reference" in slipped
    assert "There is a slip in this reference" not in right
    assert "Nguyễn Văn An" in right


@pytest.mark.usefixtures("filed")
@pytest.mark.parametrize("role", [Role.BODY_OFFICER, Role.BODY_SIGNER, Role.SECRETARY])
def test_a_case_that_one_was_not_asked_about_is_not_found(browser_of, role):
    page = text_of(browser_of(role).get("/search?q=nguyen"))

    assert "Nothing is found" in page
    assert "Nguyễn Văn" not in page


@pytest.mark.usefixtures("filed")
def test_another_unit_and_the_administrator_find_nothing(browser_of):
    other = browser_of(Role.CASE_OFFICER, "so-noi-vu").get("/search?q=nguyen")

    assert "Nothing is found" in text_of(other)
    assert browser_of(Role.ADMINISTRATOR).get("/search?q=nguyen").status_code == 403


def test_the_words_asked_are_written_down_with_what_was_shown(browser_of, filed, database):
    browser = browser_of(Role.SUPERVISOR)
    browser.get("/search?q=nguyen+van")
    browser.get("/search?q=khong+co")

    with database.reading() as connection:
        lines = connection.exec_driver_sql(
            "SELECT asked, case_handle FROM reads WHERE action = 'search' ORDER BY number"
        ).all()
    assert [tuple(line) for line in lines] == [
        ("nguyen van", filed[0]),
        ("nguyen van", filed[1]),
        ("khong co", None),
    ]


@pytest.mark.usefixtures("filed")
@pytest.mark.parametrize("words", ["%", "'", "\\", "\x01", "𝕬", "x" * 3000, "<script>", "~~~"])
def test_strange_words_find_nothing_and_break_nothing(browser_of, words):
    browser = browser_of(Role.CASE_OFFICER)

    answer = browser.get("/search", query_string={"q": words, "after": words})

    assert answer.status_code == 200
    assert "<script>x" not in answer.text
