"""Seals are the same for ever, and change with every column."""

from unicodedata import normalize

import pytest
from hypothesis import given
from hypothesis import strategies as st

from vetting.engine.canonical import canonical
from vetting.engine.seal import ALGORITHM, FIRST, commitment, seal, signed_bytes
from vetting.records.history import CHECKED, sealed_bytes

ENTRY = {
    "case_handle": "AAAAAAAAAAAAAAAAAAAAAA",
    "number": 1,
    "verb": "case.drafted",
    "officer": "BBBBBBBBBBBBBBBBBBBBBB",
    "organisation": "so-y-te",
    "role": "case_officer",
    "on_behalf_of": None,
    "session": "CCCCCCCCCCCCCCCCCCCCCC",
    "method": "password",
    "at": "2026-01-02T03:04:05.000006Z",
    "body": None,
    "definition": "planning/v1",
    "payload_hash": commitment("salt", b'{"name":"x"}'),
    "algorithm": ALGORITHM,
}


def test_the_first_seal_is_what_it_was_on_the_first_day():
    assert ALGORITHM == "sha256-v1"
    assert FIRST == "0" * 64
    assert (
        ENTRY["payload_hash"] == "8189cce6568cda92830aad02e6e0680f451cb613e967252076b3389e4ff75e64"
    )
    assert seal(FIRST, ENTRY) == "34ba583aaef00af25baaec2d54eb935a41d2405e8b86c72c113c3e5a33a3854d"


def test_what_a_signer_signs_is_what_it_was_on_the_first_day():
    assert (
        signed_bytes({"verdict": "no_objection", "reasons": "Không có ý kiến"})
        == "4a3a83a844915ba8ab108eed482cf5b341ea6aba564fdc2af02ca23c35667190"
    )


@pytest.mark.parametrize("column", sorted(ENTRY))
def test_a_seal_covers_every_column(column):
    before = ENTRY[column]
    for after in ("x", None, 2, f"{before}\0", f"{before} "):
        if after != before:
            assert seal(FIRST, {**ENTRY, column: after}) != seal(FIRST, ENTRY)


def test_a_seal_covers_the_one_before_it():
    assert seal("1" + FIRST[1:], ENTRY) != seal(FIRST, ENTRY)


def test_a_commitment_covers_salt_and_content_and_where_one_ends():
    assert commitment("ab", b"c") != commitment("a", b"bc")
    assert commitment("a", b"x") != commitment("b", b"x")


@pytest.mark.parametrize(
    "entry",
    [
        ENTRY,
        {**ENTRY, "organisation": 'sở "y tế"\\', "body": "công\n\tan", "number": 2**40},
        {**ENTRY, "on_behalf_of": "\u2028\x7f"},
    ],
)
def test_the_quick_way_to_what_a_seal_covers_gives_the_canonical_bytes(entry):
    row = [entry.get(name) for name in CHECKED]
    assert sealed_bytes(row) == canonical(entry)


@given(st.text(), st.integers(-(2**63), 2**63 - 1), st.none() | st.text())
def test_whatever_an_entry_says_the_quick_way_gives_the_canonical_bytes(verb, number, body):
    entry = {**ENTRY, "verb": normalize("NFC", verb), "number": number}
    entry["body"] = body and normalize("NFC", body)
    assert sealed_bytes([entry.get(name) for name in CHECKED]) == canonical(entry)


@pytest.mark.parametrize("value", [b"so-y-te", 1.0, float("inf"), "so\u0302"])
def test_a_value_that_was_never_written_so_has_no_seal(value):
    row = [{**ENTRY, "organisation": value}.get(name) for name in CHECKED]
    assert sealed_bytes(row) is None
