"""A slice of: what is not yours is as if it were not; `make prove-unknown` asks it all."""

from urllib.parse import unquote

import pytest
from sqlalchemy import select, true

from tests.house.province import VISITORS
from tests.proofs.running import another
from tests.proofs.unknown import prove_addresses, prove_lists, prove_search, sign_test
from vetting.queries import case_search, own_cases
from vetting.records.cases import cases
from vetting.web import gate

LISTS = (
    "search.show",
    "inbox.show",
    "signed.show",
    "letters.index",
    "letters.show",
    "home.show_help",
)


def test_what_is_not_yours_answers_as_what_is_nowhere(site):
    found = prove_addresses(site, tuple(VISITORS), share=25)

    assert found.wrong == []
    assert found.tried > 150


def test_searching_tells_nothing(site):
    found = prove_search(site, ("other unit", "other body"))

    assert found.wrong == []
    assert found.tried > 60


def test_what_others_do_shows_on_no_list(made):
    found = prove_lists(made, ("other signer", "authority", "unit"), LISTS)

    assert found.wrong == []
    assert found.tried > 15


def test_what_a_body_does_before_it_signs_shows_on_no_page_of_the_unit(made):
    pages = ("own_cases.show", "own_cases.withdraw", "cases.show", "cases.history")

    assert prove_lists(made, ("unit",), pages).wrong == []


def test_a_lopsided_share_is_unlikely():
    assert sign_test([1, -1] * 50) == 1.0
    assert sign_test([0.0]) == 1.0
    assert sign_test([1] * 60 + [-1] * 40) == pytest.approx(0.0455, abs=0.0001)
    assert sign_test([1] * 5100 + [-1] * 4900) == pytest.approx(0.0455, abs=0.0001)
    assert sign_test([1] * 5200 + [-1] * 4800) < 0.0001


# ------------------------------------------------------------------ planted


def telling(site):
    """Let some refusals tell, each in its own way, that there is such a case."""

    def there(address):
        handle = unquote(address).split("/")[2]
        with site.database.reading() as connection:
            found = connection.execute(select(cases.c.handle).where(cases.c.handle == handle))
            return found.first() is not None

    def tell(answer):
        if answer.status_code != 404 or not gate.request.path.startswith("/cases/"):
            return answer
        if gate.request.endpoint == "cases.show" and there(gate.request.path):
            answer.headers["ETag"] = '"1"'
        elif gate.request.endpoint == "cases.history" and there(gate.request.path):
            answer.set_data(answer.get_data().replace(b"</html>", b"</HTML>"))
        elif gate.request.endpoint == "own_cases.edit" and there(gate.request.path):
            answer.status_code = 410
        return answer

    return tell


def test_answers_that_tell_are_seen(made, monkeypatch):
    with another(made) as site:
        hooks = site.app.after_request_funcs[None]
        monkeypatch.setitem(site.app.after_request_funcs, None, [telling(site), *hooks])
        found = prove_addresses(site, ("other unit",), share=4)
    seen = {line.rpartition(" of other unit: ")[2][:20] for line in found.wrong}

    assert seen == {"the headers differs:", "the page differs: an", "the status differs: "}


def test_a_search_that_finds_what_it_must_not_is_seen(site, monkeypatch):
    monkeypatch.setattr(case_search, "visible_to", lambda _principal: true())

    assert prove_search(site, ("other unit",)).wrong


def test_a_list_that_shows_what_others_do_is_seen(made, monkeypatch):
    monkeypatch.setattr(own_cases, "visible_to", lambda _principal: true())
    found = prove_lists(made, ("unit",), ("own_cases.show",))

    assert found.wrong[:2] == [
        "Another unit writes a draft. /cases of unit is another page",
        "Another unit files a case. /cases of unit is another page",
    ]
