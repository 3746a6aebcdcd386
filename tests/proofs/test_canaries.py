"""A slice of the search for words not one's own; `make prove-canaries` looks everywhere."""

import logging
from dataclasses import fields

import pytest

from tests.house.site import NOBODY
from tests.proofs.canaries import NO_TEXT, TEXTS, Words, look, make_marked
from tests.proofs.running import another
from vetting.engine.facts import FACTS
from vetting.engine.vocabulary import Role
from vetting.queries import case_history, emergency_page

SLICE = ("head", "body", "administrator", NOBODY)


@pytest.fixture(scope="module")
def marked(tmp_path_factory):
    return make_marked(tmp_path_factory.mktemp("marked"))


@pytest.fixture(scope="module")
def marked_site(marked):
    with another(marked) as site:
        yield site


@pytest.fixture(scope="module")
def words(marked_site):
    return Words(marked_site)


def looked(site, words, viewer):
    principal = None if viewer == NOBODY else site.principal(viewer)
    return look(site, words, viewer, principal, posts=False)


def test_nobody_meets_a_word_that_is_not_theirs_and_somebody_meets_each(marked_site, words):
    met = {viewer: looked(marked_site, words, viewer) for viewer in SLICE}
    of_cases = set().union(*(words.of_case(case) for case in marked_site.province.types))

    assert [leak for one in met.values() for leak in one.leaks] == []
    assert sum(one.tried for one in met.values()) > 2_000
    assert met[NOBODY].met == set()
    # what only other bodies and drafts of theirs hold is met in full by the whole proof
    assert len(of_cases & set().union(*(one.met for one in met.values()))) > 0.7 * len(of_cases)


def test_every_field_of_a_fact_is_known_as_a_text_or_as_none():
    told = {
        one.name
        for kind in FACTS.values()
        for one in fields(kind)
        if "str" in str(one.type) or one.name == "details"
    }

    assert told - TEXTS - NO_TEXT == set()
    assert told >= TEXTS


# ------------------------------------------------------------------ planted


def test_a_field_shown_to_one_role_too_many_is_seen(marked_site, words, monkeypatch):
    sees_entry = case_history.sees_entry

    def careless(seen_as, own_body, verb, about_body):
        return verb == "case.proposed" or sees_entry(seen_as, own_body, verb, about_body)

    monkeypatch.setattr(case_history, "sees_entry", careless)
    leaks = looked(marked_site, words, "other signer").leaks

    assert leaks
    assert all("/history of other signer tells" in leak for leak in leaks)


def test_a_request_told_to_whom_it_does_not_concern_is_seen(marked_site, words, monkeypatch):
    """The planted defect: the page tells everybody of each request, as a second person is told."""
    monkeypatch.setattr(emergency_page, "_told", lambda _principal: ())
    monkeypatch.setattr(emergency_page, "TOLD", frozenset(Role))
    leaks = looked(marked_site, words, "other authority").leaks

    assert [leak for leak in leaks if "GET /emergencies of other authority" in leak]


def test_a_header_and_a_line_of_the_log_that_tell_are_seen(marked_site, words, monkeypatch):
    secret = min(words.of(marked_site.principal("board")))

    def careless(answer):
        if answer.status_code == 404:
            answer.headers["X-About"] = secret
        elif answer.status_code == 403:
            logging.getLogger("vetting.web").info(secret)
        return answer

    hooks = marked_site.app.after_request_funcs[None]
    monkeypatch.setitem(marked_site.app.after_request_funcs, None, [careless, *hooks])
    leaks = looked(marked_site, words, "other unit").leaks

    assert f"the log of other unit tells ['{secret}']" in leaks
    assert any(leak.endswith(f"tells 1 words: {secret}") for leak in leaks)
