"""The page on which a draft is filed says first what is known of its way, and what is not."""

import pytest

from tests.builders import BODIES, request, sent
from tests.web.browsing import links_of, text_of
from vetting.engine.vocabulary import Role
from vetting.usecases.file_case import draft_case


@pytest.fixture
def draft(cast):
    return draft_case(cast.unit, sent(), request())["case"]


def test_the_draft_leads_to_who_will_be_asked_and_by_when(browser_of, draft):
    browser = browser_of(Role.CASE_OFFICER)
    assert f"/cases/{draft}/file#ahead-title" in links_of(browser.get(f"/cases/{draft}"))

    page = text_of(browser.get(f"/cases/{draft}/file"))

    assert "If this were filed today, 05/01/2026" in page
    assert "It predicts nothing." in page
    for body in BODIES:
        assert (
            f"Office {body} must answer no time has been entered – somebody there can answer"
            in page
        )
    assert "At the Board every step of such a case has somebody today." in page
    assert "Under which level the post is managed has not been entered" in page
    assert "nothing is late, however long it takes" in page
    assert "No day can be given: the rules name no time" in page


def test_a_draft_with_gaps_is_told_of_as_well_and_filed_it_is_told_of_no_more(browser_of, cast):
    gaps = draft_case(cast.unit, sent(), request(name=""))["case"]
    assert "If this were filed today" in text_of(
        browser_of(Role.CASE_OFFICER).get(f"/cases/{gaps}/file")
    )
    filed = cast.filed(name="Lê Văn Gửi")
    page = browser_of(Role.CASE_OFFICER).get(f"/cases/{filed}")
    assert f"/cases/{filed}/file#ahead-title" not in links_of(page)
