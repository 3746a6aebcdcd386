"""Everything the program says stands in every catalogue, with the same gaps."""

import ast
import re

import pytest

from tests.catalogues import KEYWORDS, ROOT, catalogues, forms_of, read, said

GAP = re.compile(r"%(?:\(\w+\))?[a-z%]")


@pytest.fixture(params=catalogues(), ids=lambda path: str(path.relative_to(ROOT)))
def catalogue(request):
    return read(request.param)


@pytest.fixture(scope="module")
def sentences():
    return [message for message in said() if message.id]


def test_there_is_a_vietnamese_catalogue():
    assert "translations/vi/LC_MESSAGES/messages.po" in [
        path.relative_to(ROOT).as_posix() for path in catalogues()
    ]


def hidden_in(source):
    """Return the lines where a sentence stands inside an f-string, where nothing extracts it."""
    return [
        call.lineno
        for string in ast.walk(ast.parse(source))
        if isinstance(string, ast.JoinedStr)
        for call in ast.walk(string)
        if isinstance(call, ast.Call)
        and isinstance(call.func, ast.Name)
        and call.func.id in KEYWORDS
        and call.args
        and isinstance(call.args[0], ast.Constant)
    ]


def test_no_sentence_hides_in_an_f_string():
    assert hidden_in("a = 1\nf\"({gettext('level %(level)s', level=a)})\"") == [2]
    hidden = [
        f"{path.relative_to(ROOT)}:{line}"
        for path in sorted((ROOT / "vetting").rglob("*.py"))
        for line in hidden_in(path.read_text(encoding="utf-8"))
    ]

    assert hidden == []


def test_every_sentence_is_translated(catalogue, sentences):
    missing = []
    for sentence in sentences:
        found = catalogue.get(sentence.id, sentence.context)
        if found is None or found.fuzzy or not all(forms_of(found)):
            missing.append((sentence.id, [file for file, _line in sentence.locations]))

    assert missing == [], "`make update-translations` brings them into the catalogue"


def test_a_translation_has_the_gaps_of_its_sentence(catalogue):
    differing = []
    for message in catalogue:
        ids = message.id if isinstance(message.id, tuple) else (message.id,)
        gaps = set(GAP.findall(ids[-1]))
        differing += [
            (ids[-1], form)
            for form in forms_of(message)
            if message.id and form and set(GAP.findall(form)) != gaps
        ]

    assert differing == []
