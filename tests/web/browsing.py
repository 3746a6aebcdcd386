"""A client that uses pages as a person does: opens one, fills in what is shown, sends it.

`browser.send("/cases/…/accept", reason="…")` opens the page, keeps what its form carries unseen and
what is filled in already, adds the answers and posts them. Every answer's page can be asked for its
`forms_of`, its `text_of` and its `errors_at` a field.
"""

import re
from dataclasses import dataclass, field
from html.parser import HTMLParser

from flask.testing import FlaskClient
from werkzeug.test import TestResponse

VOID = {"area", "br", "col", "embed", "hr", "img", "input", "link", "meta", "source", "wbr"}
CONTROLS = {"button", "input", "select", "textarea"}
NOT_READ = {"script", "style", "title"}


@dataclass
class SeenForm:
    """A form as it stands on a page."""

    action: str = ""
    method: str = "get"
    in_main: bool = False
    filled: dict[str, list[str]] = field(default_factory=dict)
    names: set[str] = field(default_factory=set)
    buttons: list[tuple[str, str]] = field(default_factory=list)

    def keep(self, name, value):
        self.filled.setdefault(name, []).append(value)


class Browser(FlaskClient):
    """A browser in which one person works."""

    def send(self, page, /, *, to=None, **answers) -> TestResponse:
        """Open *page*, fill in the form that asks for the answers, and post it.

        Where several would do, *to* names the address that the form posts to.
        """
        answer = self.get(page)
        assert answer.status_code == 200, (answer.status_code, text_of(answer))
        return self.send_form(answer, to=to, **answers)

    def send_form(self, answer, /, *, to=None, **answers) -> TestResponse:
        """Fill in and post a form of a page that is open already."""
        page = answer.request.path
        form = the_form(answer, set(answers), to)
        told = {**form.filled}
        told |= {
            name: value if isinstance(value, (list, tuple)) else [value]
            for name, value in answers.items()
        }
        has_files = any(hasattr(one, "read") for value in told.values() for one in value)
        return self.post(
            form.action or page,
            data={name: list(value) for name, value in told.items() if value != [None]},
            content_type="multipart/form-data" if has_files else None,
        )

    def sign_in(self, login, password):
        """Come in by the page for it."""
        return self.send("/sign-in", login=login, password=password)


def forms_of(answer) -> list[SeenForm]:
    """Return the forms of a page."""
    return _read(answer).forms


def the_form(answer, names=frozenset(), to=None) -> SeenForm:
    """Return the one form of a page that posts and asks for all of *names*."""
    found = [
        form
        for form in forms_of(answer)
        if form.method == "post" and names <= form.names and to in (None, form.action)
    ]
    found = [form for form in found if form.in_main] or found
    assert len(found) == 1, f"{len(found)} forms ask for {sorted(names)}:\n{text_of(answer)}"
    return found[0]


def text_of(answer) -> str:
    """Return what stands on a page, as it is read."""
    return " ".join(" ".join(_read(answer).words).split())


def errors_at(answer, field) -> list[str]:
    """Return what stands beside a field as wrong, where the field says that it does."""
    found = re.findall(
        rf'<p class="field-error"\s+id="{field}-error\d*">(.*?)</p>', answer.text, re.DOTALL
    )
    assert not found or re.search(rf'aria-describedby="[^"]*\b{field}-error\b', answer.text)
    return [" ".join(re.sub(r"<span.*?</span>", "", one).split()) for one in found]


def links_of(answer) -> list[str]:
    """Return the addresses that a page links to."""
    return _read(answer).links


class _Reader(HTMLParser):
    def __init__(self):
        super().__init__()
        self.forms, self.words, self.links = [], [], []
        self._open, self._form, self._select, self._area = [], None, None, None

    def handle_starttag(self, tag, attrs):
        told = dict(attrs)
        if tag not in VOID:
            self._open.append(tag)
        if tag == "form":
            self._form = SeenForm(
                told.get("action") or "",
                (told.get("method") or "get").lower(),
                in_main="main" in self._open,
            )
            self.forms.append(self._form)
        if tag == "a" and "href" in told:
            self.links.append(told["href"])
        if self._form is not None:
            self._read_control(tag, told)

    def handle_startendtag(self, tag, attrs):
        self.handle_starttag(tag, attrs)
        if tag not in VOID:
            self.handle_endtag(tag)

    def _read_control(self, tag, told):
        name, kind = told.get("name"), told.get("type")
        if tag == "option" and self._select is not None:
            self._choose(told.get("value") or "", selected="selected" in told)
        if name is None or "disabled" in told or tag not in CONTROLS:
            return
        self._form.names.add(name)
        if tag == "button":
            self._form.buttons.append((name, told.get("value") or ""))
        elif tag == "select":
            self._select = name
        elif tag == "textarea":
            self._area = name
            self._form.keep(name, "")
        elif kind in {"radio", "checkbox"}:
            if "checked" in told:
                self._form.keep(name, told.get("value") or "on")
        elif kind not in {"submit", "button", "file"}:
            self._form.keep(name, told.get("value") or "")

    def _choose(self, value, *, selected):
        if selected:
            self._form.filled[self._select] = [value]
        else:
            self._form.filled.setdefault(self._select, [value])

    def handle_endtag(self, tag):
        while self._open and self._open.pop() != tag:
            pass
        if tag == "form":
            self._form = None
        elif tag == "select":
            self._select = None
        elif tag == "textarea":
            self._area = None

    def handle_data(self, text):
        if self._area is not None and self._form is not None:
            self._form.filled[self._area][-1] += text.removeprefix("\r\n").removeprefix("\n")
        if not NOT_READ & set(self._open):
            self.words.append(text)


def _read(answer) -> _Reader:
    reader = _Reader()
    reader.feed(answer.text)
    return reader
