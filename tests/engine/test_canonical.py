"""Canonical bytes are the same for ever: golden vectors, and what must never make a difference."""

import json
from datetime import UTC, datetime, timedelta, timezone
from unicodedata import is_normalized, normalize

import pytest
from hypothesis import given
from hypothesis import strategies as st

from vetting.engine.canonical import canonical, composed, digest, is_composed, moment

GOLDEN = [
    ({}, b"{}"),
    ({"b": 1, "a": [True, False, None]}, b'{"a":[true,false,null],"b":1}'),
    ({"name": "Đặng Thị Ân"}, '{"name":"Đặng Thị Ân"}'.encode()),
    ({"name": normalize("NFD", "Đặng Thị Ân")}, '{"name":"Đặng Thị Ân"}'.encode()),
    ({"n": 12345678901234567890}, b'{"n":12345678901234567890}'),
    (["\u2028", "\x7f", "/", '"', "\\", "\n"], '["\u2028","\x7f","/","\\"","\\\\","\\n"]'.encode()),
    (("a", ("b",)), b'["a",["b"]]'),
    # A mark that follows an escape joins no letter of the escape.
    ("dòng\n\u0303 hai\t\u0307", '"dòng\\n\u0303 hai\\t\u0307"'.encode()),
    ("e\u0301\n\u0303", '"é\\n\u0303"'.encode()),
    # Keys are sorted as they are written, not as they came.
    ({"e\u0301": 1, "f": 2}, '{"f":2,"é":1}'.encode()),
]

TEXT = st.text(st.characters(exclude_categories=["Cs"]))
VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | TEXT,
    lambda inner: (
        st.lists(inner) | st.dictionaries(st.from_regex("[a-z_]{1,8}", fullmatch=True), inner)
    ),
    max_leaves=20,
)


@pytest.mark.parametrize(("value", "written"), GOLDEN)
def test_canonical_bytes_are_what_they_were_on_the_first_day(value, written):
    assert canonical(value) == written


def test_a_digest_is_what_it_was_on_the_first_day():
    assert digest("vetting test v1", b"content") == (
        "83950fa90fc48e61f0252a8f50c10e0f4dbfb5358bbb4342b374b657f05ff1ee"
    )
    assert digest("vetting test v1", b"content") != digest("vetting test v2", b"content")


@given(VALUES)
def test_what_was_written_down_is_read_back_as_it_is_in_nfc(value):
    written = canonical(value)
    assert json.loads(written) == composed(value)
    assert canonical(json.loads(written)) == written


@given(VALUES)
def test_the_same_text_in_two_spellings_has_the_same_bytes(value):
    def spelled(form, inner):
        if isinstance(inner, str):
            return normalize(form, inner)
        if isinstance(inner, dict):
            return {name: spelled(form, deeper) for name, deeper in inner.items()}
        if isinstance(inner, list):
            return [spelled(form, deeper) for deeper in inner]
        return inner

    assert canonical(spelled("NFD", value)) == canonical(spelled("NFC", value))


@given(VALUES)
def test_what_is_composed_is_left_alone(value):
    assert is_composed(composed(value))
    assert (composed(value) == value) or not is_composed(value)


@given(TEXT)
def test_a_text_is_composed_when_unicode_says_so(text):
    assert is_composed([{"text": text}]) is is_normalized("NFC", text)


def test_two_keys_that_are_the_same_text_are_not_made_one_in_silence():
    with pytest.raises(ValueError, match="two keys are the same text"):
        canonical({"e\u0301": 1, "é": 2})


@pytest.mark.parametrize("value", [float("nan"), float("inf"), -float("inf")])
def test_what_is_no_number_is_not_written_down(value):
    with pytest.raises(ValueError, match="not JSON compliant"):
        canonical(value)


def test_a_moment_is_written_in_utc_with_microseconds_wherever_it_was_taken():
    at = datetime(2026, 3, 1, 6, 59, 59, 7, tzinfo=timezone(timedelta(hours=7)))
    assert moment(at) == "2026-02-28T23:59:59.000007Z"
    assert moment(at.astimezone(UTC)) == moment(at)
