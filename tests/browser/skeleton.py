"""How a page is built, without what it says: pages built alike look alike to who checks them."""

from html.parser import HTMLParser

from tests.web.browsing import VOID

# What decides how a part of a page looks and is operated.
TELLING = {"class", "type", "role", "hidden", "disabled", "open", "checked", "aria-current"}


class _Builder(HTMLParser):
    """Builds the parts of `main` as nested tuples; of neighbours built alike one stays."""

    def __init__(self):
        super().__init__()
        self.within = [("page", [])]
        self.main = None

    def handle_starttag(self, tag, attrs):
        told = tuple(sorted((name, value) for name, value in attrs if name in TELLING))
        self.within.append(((tag, told), []))
        if tag in VOID:
            self.handle_endtag(tag)

    def handle_startendtag(self, tag, attrs):
        self.handle_starttag(tag, attrs)
        if tag not in VOID:
            self.handle_endtag(tag)

    def handle_endtag(self, tag):
        if len(self.within) == 1 or self.within[-1][0][0] != tag:
            return
        built, parts = self.within.pop()
        whole = (built, tuple(parts))
        siblings = self.within[-1][1]
        if whole not in siblings:
            siblings.append(whole)
        if tag == "main":
            self.main = whole


def skeleton_of(page: str):
    """Return how the main part of a page is built; None for a page without one."""
    builder = _Builder()
    builder.feed(page)
    return builder.main
