"""What a change would leave to nobody stands on its page before anything is sent."""

import re

import pytest
from sqlalchemy import select

from tests.builders import add_officer, officer_of, opinion, sent
from tests.web.browsing import text_of
from vetting.engine.vocabulary import Role
from vetting.records.history import entries
from vetting.records.officers import officers
from vetting.usecases.draft_opinion import draft_opinion

BODY = "thanh-tra"
SIGNER = officer_of(BODY, Role.BODY_SIGNER)
DRAFTER = officer_of(BODY, Role.BODY_OFFICER)
OVERSEER = officer_of("uy-ban-kiem-tra", Role.SUPERVISOR)
TITLE = "Steps that nobody could take any more"


def table_of(answer):
    """The lines of the one table of stranded steps, without their places on the page."""
    [found] = re.findall(r"<tbody>(.*?)</tbody>", answer.text.split(TITLE)[1], re.DOTALL)[:1]
    return " ".join(re.sub(r"<[^>]*>", " ", found).split())


@pytest.fixture
def case(cast):
    return cast.consulting()


def test_who_would_disable_the_only_signer_sees_it_before(case, browser_of, database):
    administrator = browser_of(Role.ADMINISTRATOR)
    before = administrator.get(f"/officers/{SIGNER}/disable")
    refused = administrator.send(f"/officers/{SIGNER}/disable")

    assert (before.status_code, refused.status_code) == (200, 409)
    assert "sign the opinion 1" in table_of(before)
    assert table_of(before) == table_of(refused)
    assert case not in before.text
    assert TITLE not in administrator.get(f"/officers/{OVERSEER}/disable").text
    with database.reading() as connection:
        gone = select(officers.c.handle).where(officers.c.disabled_at.is_not(None))
        assert connection.scalars(gone).all() == []


def test_a_draft_that_would_go_back_is_counted_as_if_it_had(case, cast, browser_of, database):
    """Who drafted it alone is at work there: with the draft given back somebody must write anew."""
    with database.writing() as connection:
        add_officer(connection, "admin2", "ban-to-chuc", Role.ADMINISTRATOR)
    draft_opinion(cast.drafter(BODY), sent(), cast.asked(case)[BODY], opinion())
    administrator = browser_of(Role.ADMINISTRATOR)
    before = administrator.get(f"/officers/{DRAFTER}/disable")
    refused = administrator.send(f"/officers/{DRAFTER}/disable")

    assert refused.status_code in {303, 409}
    assert (TITLE in before.text) == (TITLE in refused.text)
    if refused.status_code == 409:
        assert table_of(before) == table_of(refused)


def test_who_would_end_a_role_sees_it_before(case, browser_of):
    administrator = browser_of(Role.ADMINISTRATOR)
    before = administrator.get(f"/officers/{SIGNER}/roles/end")
    refused = administrator.send(
        f"/officers/{SIGNER}/roles/end", role=f"body_signer {BODY} ", last_day="05/01/2026"
    )

    assert "ended today: it will be refused" in text_of(before)
    assert refused.status_code == 409
    assert table_of(before) == table_of(refused)
    assert case not in before.text


def test_who_would_declare_a_conflict_sees_it_before_and_the_error_stands_on_top(
    case, browser_of, database
):
    browser = browser_of(Role.BODY_SIGNER)
    with database.reading() as connection:
        many = len(connection.execute(select(entries.c.number)).all())
    before = browser.get(f"/cases/{case}/recuse")
    refused = browser.send(f"/cases/{case}/recuse")

    assert (before.status_code, refused.status_code) == (200, 409)
    assert table_of(before) == table_of(refused)
    assert refused.text.index("error-summary-title") < refused.text.index("<h1")
    with database.reading() as connection:
        assert len(connection.execute(select(entries.c.number)).all()) == many
