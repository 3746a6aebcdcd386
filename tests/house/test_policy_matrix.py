"""What the policy says and what the program answers are one, for every route and every visitor."""

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.house.print_policy import FILE, policy
from tests.house.province import VISITORS
from tests.house.site import NOBODY, Route, Site
from tests.web.browsing import the_form
from vetting.engine.policy import PERMITTED, Action
from vetting.engine.vocabulary import Role
from vetting.web.gate import ACTION_OF

ROOT = Path(__file__).parents[2]
CODE = ROOT / "vetting"

# Where a view is narrower than its action, with the reason; each must really be so.
NARROWER = {
    ("worklist.tell", Role.CASE_OFFICER): "the Board's list; a unit records it in the case",
}
# What a permitted visitor is told does not exist, although the case does; with the reason.
HIDDEN_STILL = {
    "recording.fact": "a fact that only follows an outcome would tell a unit the outcome",
    "cases.deadline": "a body knows by when its own answer is due, and no other date of a case",
    "absences.done": "what was done in somebody's name is theirs to read, not who keeps absences'",
    "directories.go": "here nobody signs in through a provider",
    "directories.back": "here nobody signs in through a provider",
    "directories.enter": "here nobody signs in through a directory",
}
# Where a form without its key is refused before anybody looks for what it is about.
FORM_FIRST = {"lists.drop", "own_sessions.end", "own_factors.remove"}


@pytest.fixture(params=VISITORS)
def visitor(request):
    return request.param


# One case for each thing that a case can be to somebody, and some more.
CASES = (
    "draft",
    "filed",
    "returned",
    "asked",
    "taken_back",
    "assembling",
    "submitted",
    "closed",
    "withdrawn",
    "another's",
    "another's submitted",
    "full_membership",
    "kept by level",
    "kept by name",
)


def cells(site: Site, visitor: str, method: str) -> Iterator[tuple[Route, dict]]:
    """Every route with everything that makes a difference; one look at a closed door is enough."""
    some = {site.province.cases[place] for place in CASES}
    for route in site.routes(method):
        seen = set()
        for filled in route.filled(site.province):
            if ("cases", "handle") in route.arguments and filled["handle"] not in some:
                continue
            further = route.arguments[-1:] in ([("facts", "name")], [("papers", "name")])
            kind = tuple(filled.values())[:-1] if further else None
            if kind is not None and kind in seen:
                continue
            seen.add(kind)
            yield route, filled
            if site.role(visitor) not in PERMITTED[route.action]:
                break


def expected(site: Site, visitor: str, route: Route, filled: dict) -> int | None:
    """The status that the policy demands, or None where the view may answer."""
    if site.role(visitor) not in PERMITTED[route.action]:
        return 403
    if (route.endpoint, site.role(visitor)) in NARROWER:
        return 403
    return site.concerns.wanted(visitor, route, filled)


def differs(wanted: int | None, status: int, route: Route) -> bool:
    if route.endpoint in FORM_FIRST and status == 422 and route.method == "POST":
        return False
    if wanted is None:
        return status == 403 or (status == 404 and route.endpoint not in HIDDEN_STILL)
    return status != wanted


def test_every_page_opens_to_whom_the_policy_says(site, visitor):
    browser, wrong, met = site.browser(visitor), [], 0
    for route, filled in cells(site, visitor, "GET"):
        if route.endpoint == "home.start":
            continue
        wanted = expected(site, visitor, route, filled)
        address = route.address(filled)
        status = browser.get(address).status_code
        met += 1
        if differs(wanted, status, route):
            wrong.append(f"{address}: {status}, the policy says {wanted or 'it is theirs'}")

    assert wrong == []
    assert met > 40


def test_every_act_is_taken_from_whom_the_policy_says(site, visitor):
    """Forms with nothing but their token: whoever may act is told what is missing."""
    token = the_form(site.browser(visitor).get("/help"), to="/sign-out").filled["csrf_token"]
    browser, wrong, met = site.browser(visitor), [], 0
    for route, filled in cells(site, visitor, "POST"):
        if route.endpoint == "sign_in.leave":
            continue
        wanted = expected(site, visitor, route, filled)
        address = route.address(filled)
        status = browser.post(address, data={"csrf_token": token}).status_code
        met += 1
        if differs(wanted, status, route):
            wrong.append(f"{address}: {status}, the policy says {wanted or 'it is theirs'}")

    assert wrong == []
    assert met > 40


@pytest.mark.parametrize("method", ["GET", "POST"])
def test_nobody_gets_further_than_the_door(site, method):
    browser = site.browser(NOBODY)
    wrong = []
    for route in site.routes(method):
        if route.action is Action.OPEN:
            continue
        answer = browser.open(route.address(next(route.filled(site.province))), method=method)
        door = answer.location and answer.location.startswith("/sign-in")
        if (
            not (door and answer.status_code == 303)
            if method == "GET"
            else (answer.status_code != 401)
        ):
            wrong.append((route.rule.rule, answer.status_code))

    assert wrong == []


def test_where_a_view_is_narrower_its_action_is_wider(site):
    by_endpoint = {route.endpoint: route for route in site.routes()}

    assert [
        (endpoint, role)
        for endpoint, role in NARROWER
        if endpoint not in by_endpoint or role not in PERMITTED[by_endpoint[endpoint].action]
    ] == []
    assert HIDDEN_STILL.keys() <= by_endpoint.keys()


def test_every_action_is_some_roles():
    assert PERMITTED.keys() == set(Action)
    assert [action for action, roles in PERMITTED.items() if not roles] == []


@pytest.mark.usefixtures("site")  # which declares them
def test_every_action_is_asked_for_by_a_route_or_a_command():
    asked = {action.name for action in ACTION_OF.values()} | named_in(CODE / "commands")

    assert {action.name for action in Action} - asked == set()


@pytest.mark.usefixtures("site")
def test_every_use_case_acts_under_an_action_that_a_route_declares():
    """What a use case checks once more is what some route has checked at the door."""
    declared = {action.name for action in ACTION_OF.values()}

    assert named_in(CODE / "usecases") - declared == set()


def test_the_printed_policy_is_the_programs():
    assert FILE.read_text("utf-8") == policy(), "python -m tests.house.print_policy writes it anew"


def named_in(folder: Path) -> set[str]:
    """The actions named in the code of a folder."""
    return {
        node.attr
        for file in folder.rglob("*.py")
        for node in ast.walk(ast.parse(file.read_text("utf-8")))
        if isinstance(node, ast.Attribute)
        and isinstance(node.value, ast.Name)
        and node.value.id == "Action"
    }
