"""The page of who can see a case: one error for one fault, and people instead of capacities."""

import re

import pytest
from sqlalchemy import insert

from tests.builders import officer_of
from tests.web.browsing import text_of
from vetting.engine.vocabulary import Role
from vetting.records.officers import role_assignments

HEAD = officer_of("ban-to-chuc", Role.BOARD_HEAD)


@pytest.fixture
def page(cast):
    return f"/cases/{cast.consulting()}/readers"


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        ("31/02/2026", "There is no such day"),
        ("abc", "Write the date as dd/mm/yyyy."),
        ("01/01/2027", "That day has not come yet."),
    ],
)
def test_one_wrong_day_is_one_error_in_the_summary_and_at_the_field(browser_of, page, typed, said):
    answer = browser_of(Role.BOARD_OFFICER).get(f"{page}?on={typed}")

    assert answer.status_code == 422
    assert answer.text.count('class="field-error"') == 1
    assert text_of(answer).count(said) == 2
    assert len(re.findall(r'<li>\s*<a href="#on"', answer.text)) == 1


def test_somebody_in_two_capacities_is_counted_once(browser_of, page, database):
    browser = browser_of(Role.BOARD_OFFICER)
    [before] = re.findall(r"Who can see it now \((\d+)\)", text_of(browser.get(page)))
    with database.writing() as connection:
        second = {"officer": HEAD, "organisation": "ban-to-chuc", "role": "board_officer"}
        connection.execute(insert(role_assignments), second | {"valid_from": "", "clearance": 0})
    told = text_of(browser.get(page))

    assert told.count(f"{HEAD} Board officer") + told.count(f"{HEAD} ") > 1
    assert re.findall(r"Who can see it now \((\d+)\)", told) == [before]
