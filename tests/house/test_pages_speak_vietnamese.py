"""On a Vietnamese page no sentence of the program is left in English."""

import re
from html.parser import HTMLParser

import pytest

from tests.catalogues import catalogues, forms_of, read, said

GAP = re.compile(r"%\((\w+)\)[a-z]|%%")
SHOWN = {"aria-label", "alt", "placeholder", "title", "content"}


@pytest.fixture(scope="module")
def english():
    """Sentences that are said differently in Vietnamese, as they would stand on a page."""
    found = [path for path in catalogues() if path.parent.parent.name == "vi"]
    assert found, "there is no Vietnamese catalogue: `make update-translations` begins one"
    catalogue = read(found[0])
    missing, patterns = [], []
    for message in said():
        if not message.id:
            continue
        told = catalogue.get(message.id, message.context)
        if told is None or told.fuzzy or not all(forms_of(told)):
            missing.append(message.id)
            continue
        ids = message.id if isinstance(message.id, tuple) else (message.id,)
        patterns += [one for one in ids if one not in forms_of(told) and len(one) > 2]
    if missing:
        pytest.fail(f"{len(missing)} sentences are not translated yet, such as {missing[0]!r}")
    return {one: as_pattern(one) for one in patterns}


def as_pattern(sentence):
    """A sentence with anything in its gaps; one that is all gap says nothing."""
    parts = GAP.split(sentence)[::2]
    if sum(len(part.strip()) for part in parts) < 3:
        return None
    return re.compile(".+".join(re.escape(part) for part in parts))


class Texts(HTMLParser):
    """The texts of a page, each as it stands between two tags or in an attribute that is read."""

    def __init__(self):
        super().__init__()
        self.found, self._other = set(), 0

    def handle_starttag(self, _tag, attrs):
        told = dict(attrs)
        self.found |= {told[name].strip() for name in SHOWN & told.keys() if told[name]}
        self._other = self._other or (told.get("lang") not in {None, "vi"})

    def handle_endtag(self, tag):
        if tag in {"button", "a", "span", "p", "td"}:
            self._other = False

    def handle_data(self, text):
        if text.strip() and not self._other:
            self.found.add(" ".join(text.split()))


def texts_of(page):
    texts = Texts()
    texts.feed(page)
    return texts.found


def left_among(texts, english):
    return sorted(
        text
        for text in texts
        if text in english
        or any(
            pattern is not None and "%(" in sentence and pattern.fullmatch(text)
            for sentence, pattern in english.items()
        )
    )


def test_no_page_has_a_sentence_left_in_english(site, surveyed, english):
    where = {}
    for visitor, pages in surveyed.opened.items():
        for endpoint, addresses in pages.items():
            for address in addresses[:8]:
                for text in texts_of(site.browser(visitor).get(address).text):
                    where.setdefault(text, f"{endpoint}: {address} of {visitor}")

    assert {text: where[text] for text in left_among(where, english)} == {}


def test_what_is_left_in_english_is_seen():
    english = {
        "Sign out": as_pattern("Sign out"),
        "%(num)s questions": as_pattern("%(num)s questions"),
    }
    page = '<html lang="vi"><p>Sign out</p><p>12 questions</p><b lang="en">Sign out</b></html>'

    assert left_among(texts_of(page), english) == ["12 questions", "Sign out"]
    assert left_among(texts_of("<html lang=vi><p>Thoát</p></html>"), english) == []
