"""Whatever answers with case data as a file asks again who takes it out: over every route."""

from datetime import timedelta

from tests.house.canaries import canaries_of, visits, words_of
from vetting.engine.looks import How, Showing
from vetting.engine.policy import ASKS_AGAIN
from vetting.web.proving import PAGE_OF
from vetting.web.shown import SHOWN, NoCase

EXPORTS = {
    endpoint
    for endpoint, shows in SHOWN.items()
    if isinstance(shows, Showing) and shows.how is How.EXPORT
}
# Which answers are no page, and yet nobody is asked again for them.
NO_PAGE = {
    "log_page.verifier": "the program that checks; it is the same for everybody",
    "reports.picture": "a picture on the page of a report, of figures without a name",
    "rounds.states": "a picture on the page of a round, of counts without a name",
    "rounds.days": "the same",
    "workflows.draw": "a picture of a workflow, of no case",
    "health.live": "whether the program runs",
    "health.ready": "whether the program can answer",
}


def test_whatever_is_no_page_asks_again_or_has_a_reason(site):
    """Sessions that were proved long ago get pages, and no file of a case."""
    canaries = canaries_of(site.database)
    site.now += timedelta(minutes=30)
    answered, wrong = {}, []
    for visitor, route, address in visits(site):
        if answered.get(route.endpoint) in {200, 401}:
            continue  # once of each, as soon as it is somebody's
        answer = site.browser(visitor).get(address)
        answered[route.endpoint] = answer.status_code
        if route.endpoint in EXPORTS:
            text = words_of(answer.data)
            wrong += [f"{address}: {one.words[0]}" for one in canaries if one.sings_in(text)]
        elif answer.mimetype != "text/html" and route.endpoint not in NO_PAGE:
            wrong.append(f"{address} is no page, and asked nobody again")

    assert wrong == []
    # The log of this province has reached nothing, so there are no receipts (tests/web/test_files).
    asked = {one for one, status in answered.items() if status == 401}
    assert asked == set(PAGE_OF) - {"signed.receipt"}


def test_every_export_is_a_file_of_a_page_or_its_own_act():
    """What is taken out by a form has its question from the act; a link needs a way back."""
    by_a_form = {"packages.take", "reports.file", "requests.take"}

    assert set(PAGE_OF) | by_a_form == EXPORTS
    assert {"export_case", "export_report"} <= {action.value for action in ASKS_AGAIN}
    assert all(isinstance(SHOWN[one], Showing | NoCase) for one in NO_PAGE)
