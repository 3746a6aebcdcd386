"""Roles that wait, on the administrators' pages: listed, confirmed, refused and taken back."""

import re

import pytest

from tests.builders import officer_of
from tests.web.browsing import links_of, text_of
from tests.web.conftest import confirm_all
from vetting.engine.vocabulary import Role

OFFICER = officer_of("thanh-tra", Role.BODY_OFFICER)
FIRST = officer_of("ban-to-chuc", Role.ADMINISTRATOR)
SECOND = officer_of("ban-to-chuc", Role.ADMINISTRATOR, 2)
LIST, PAGE = "/role-proposals", f"/officers/{OFFICER}"
WAITS = "waits for a second administrator"


@pytest.fixture
def first(browser_of):
    return browser_of(Role.ADMINISTRATOR)


def give(browser, officer=OFFICER, organisation="thanh-tra", role="body_signer", **more):
    answer = browser.send(
        f"/officers/{officer}/roles", organisation=organisation, role=role, clearance="0", **more
    )
    assert answer.status_code == 303, text_of(answer)


def ticks(page):
    return re.findall(r'name="given"\s+value="([^"]+)"', page.text)


def counted(browser):
    """Return what the menu says beside the list: how much there is to look at."""
    found = re.search(
        rf'href="{LIST}"[^>]*>Roles to confirm(?: <span class="count">(\d+))?',
        browser.get("/officers").text,
    )
    return int(found[1] or 0)


def test_what_waits_is_counted_for_who_can_confirm_it_and_listed_for_both(first, second):
    give(first)
    give(first, role="body_officer", valid_from="01/02/2026", valid_to="31/03/2026")
    give(first, SECOND, "ban-to-chuc", "board_head")

    assert [counted(first), counted(second)] == [0, 2]
    mine, theirs = first.get(LIST), second.get(LIST)
    assert [len(ticks(mine)), len(ticks(theirs))] == [0, 2]
    assert len([one for one in links_of(mine) if one.endswith("/take-back")]) == 3
    assert not [one for one in links_of(theirs) if one.endswith("/take-back")]
    assert "new role, from 01/02/2026, until 31/03/2026" in text_of(theirs)
    assert "It is about yourself; another administrator confirms or refuses it." in text_of(theirs)
    assert WAITS in text_of(first.get(f"/officers?q={OFFICER}"))
    shown = text_of(first.get(PAGE))
    assert "Waits for a second administrator Role What is given Given by When" in shown
    confirm_all(second)
    assert counted(second) == 0
    assert WAITS not in text_of(first.get(f"/officers?q={OFFICER}"))
    assert f"given {FIRST} {SECOND}" in text_of(first.get(PAGE))


def test_what_was_ticked_is_refused_with_a_sentence_and_nothing_without(first, second):
    give(first)
    page = second.get(LIST)
    nothing = second.send_form(page, to=f"{LIST}/confirm")
    assert (nothing.status_code, "Tick at least one row." in text_of(nothing)) == (422, True)
    token = {"csrf_token": re.search(r'name="csrf_token"[^>]*value="([^"]+)"', page.text)[1]}
    told = {**token, "key": "k", "given": ticks(page)}
    silent = second.post(f"{LIST}/refuse", data=told)
    assert (silent.status_code, "Say why it is refused." in text_of(silent)) == (422, True)
    assert "checked" in silent.text
    done = second.post(f"{LIST}/refuse", data={**told, "sentence": "Chưa có quyết định."})
    assert (done.status_code, done.location) == (303, LIST)
    assert "refused, and not in force: “Chưa có quyết định.”" in text_of(first.get(PAGE))
    again = second.post(f"{LIST}/confirm", data=told)
    assert (again.status_code, "has answered this already" in text_of(again)) == (409, True)


def test_who_gave_it_takes_it_back_and_nobody_confirms_it_then(first, second):
    give(first)
    [way] = [one for one in links_of(first.get(LIST)) if one.endswith("/take-back")]
    seen, page = second.get(way), second.get(LIST)
    assert (seen.status_code, "Only whoever gave it takes it back" in text_of(seen)) == (200, True)
    assert first.send(way).location == LIST
    late = second.send_form(page, to=f"{LIST}/confirm", given=ticks(page))
    assert (late.status_code, "has answered this already" in text_of(late)) == (409, True)
    assert [second.get(way).status_code, first.get(f"{LIST}/none/take-back").status_code] == [
        409,
        404,
    ]
    assert "taken back before it was confirmed" in text_of(first.get(PAGE))


def test_who_gave_it_confirms_nothing_with_a_form_of_their_own_making(first, second):
    give(first)
    give(first, SECOND, "ban-to-chuc", "board_head")
    page = first.get(LIST)
    token = re.search(r'name="csrf_token"[^>]*value="([^"]+)"', page.text)[1]
    told = {"csrf_token": token, "key": "k", "given": ticks(second.get(LIST))}
    answer = first.post(f"{LIST}/confirm", data=told)
    said = "You gave it yourself; another administrator confirms or refuses it."
    assert (answer.status_code, said in text_of(answer)) == (422, True)
    changed = {**told, "given": [f"{told['given'][0].partition(':')[0]}:{'0' * 64}"]}
    changed["csrf_token"] = re.search(
        r'name="csrf_token"[^>]*value="([^"]+)"', second.get(LIST).text
    )[1]
    other = second.post(f"{LIST}/confirm", data=changed)
    assert (other.status_code, "is not what you were shown" in text_of(other)) == (409, True)
    assert counted(second) == 1


def test_a_single_administrator_is_told_who_enters_a_second_one(first):
    assert "There is no second administrator who can sign in." in text_of(first.get(LIST))


@pytest.mark.parametrize("role", [Role.BOARD_HEAD, Role.SUPERVISOR])
def test_nobody_else_sees_what_waits(browser_of, role):
    assert browser_of(role).get(LIST).status_code == 403
