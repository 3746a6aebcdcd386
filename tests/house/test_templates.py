"""What stands in templates and static files: nothing inline, nothing from elsewhere."""

import ast
import re
from pathlib import Path

import pytest
from jinja2 import Environment, nodes

ROOT = Path(__file__).parents[2]
FOLDER = ROOT / "templates"
TEMPLATES = sorted(FOLDER.rglob("*.html"))
STATIC = sorted(file for file in (ROOT / "static").rglob("*") if file.is_file())
EVERY_TEMPLATE = pytest.mark.parametrize(
    "template", TEMPLATES, ids=[file.relative_to(FOLDER).as_posix() for file in TEMPLATES]
)

INLINE = {
    "a style": re.compile(r"<style|\sstyle\s*=", re.IGNORECASE),
    "a script": re.compile(r"<script(?![^>]*\ssrc=)", re.IGNORECASE),
    "a script in an attribute": re.compile(r"<[^>]*\son[a-z]+\s*=", re.IGNORECASE),
    "a script as an address": re.compile(r"javascript:", re.IGNORECASE),
    "text that is not escaped": re.compile(r"\|\s*safe\b|autoescape\s+false|Markup\("),
    "an address elsewhere": re.compile(r"(?:src|href|action)\s*=\s*[\"']?(?:https?:)?//"),
}
POSTS = re.compile(r"<form\b[^>]*method=[\"']?post[^>]*>.*?</form>", re.DOTALL | re.IGNORECASE)
# Forms of every page's head: they only need to be from this session.
WITHOUT_KEY = ("languages.choose", "sign_in.leave")
ELSEWHERE = re.compile(r"(?:https?:)?//[\w-]+(?:\.[\w-]+)+")
NAMES_NOT_PLACES = {"http://www.w3.org"}


@EVERY_TEMPLATE
def test_nothing_stands_inline_and_nothing_comes_from_elsewhere(template):
    text = template.read_text("utf-8")

    assert [what for what, sign in INLINE.items() if sign.search(text)] == []


@EVERY_TEMPLATE
def test_every_form_carries_what_nobody_sees(template):
    """Its token always; its key wherever it is an act."""
    wrong = []
    for form in POSTS.findall(template.read_text("utf-8")):
        well = "act_form(" in form or (
            "csrf_token" in form and (any(name in form for name in WITHOUT_KEY) or ".key" in form)
        )
        if not well:
            wrong.append(form[:120])

    assert wrong == []


def rendered() -> set[str]:
    """Templates that code names, and those that a template leads on to."""
    named = {
        node.value
        for file in (ROOT / "vetting" / "web").rglob("*.py")
        for node in ast.walk(ast.parse(file.read_text("utf-8")))
        if isinstance(node, ast.Constant)
        and isinstance(node.value, str)
        and node.value.endswith(".html")
    }
    return named | {name for file in TEMPLATES for name in led_to(file.read_text("utf-8"))}


def led_to(text: str) -> set[str]:
    parsed = Environment(extensions=["jinja2.ext.i18n"]).parse(text)  # noqa: S701  # nothing is rendered
    return {
        constant.value
        for node in parsed.find_all((nodes.Extends, nodes.Include, nodes.Import, nodes.FromImport))
        for constant in node.find_all(nodes.Const)
        if isinstance(constant.value, str)
    }


def test_every_template_is_used_and_every_used_one_is_there():
    there = {file.relative_to(FOLDER).as_posix() for file in TEMPLATES}

    assert (there - rendered(), rendered() - there) == (set(), set())


@pytest.mark.parametrize("file", STATIC, ids=lambda file: file.name)
def test_no_static_file_leads_elsewhere(file):
    found = set(ELSEWHERE.findall(file.read_text("utf-8", "replace")))

    assert found - NAMES_NOT_PLACES == set()


def test_every_static_file_is_used():
    text = "".join(
        file.read_text("utf-8") for file in [*TEMPLATES, *(ROOT / "static").glob("*.css")]
    )

    assert [file.name for file in STATIC if file.name not in text] == []


@pytest.mark.parametrize(
    ("text", "what"),
    [
        ('<p style="color: red">x</p>', "a style"),
        ("<script>alert(1)</script>", "a script"),
        ('<a onclick="x()">x</a>', "a script in an attribute"),
        ("{{ words | safe }}", "text that is not escaped"),
        ('<img src="https://example.org/x.png">', "an address elsewhere"),
    ],
)
def test_each_of_these_is_seen(text, what):
    assert [name for name, sign in INLINE.items() if sign.search(text)] == [what]
