"""A reference that was misheard or mistyped is not another case's."""

from itertools import pairwise
from string import digits

import pytest
from hypothesis import given
from hypothesis import strategies as st

from vetting.engine.references import is_reference, reference
from vetting.engine.vocabulary import REFERENCE_PREFIX, CaseType

REFERENCES = st.builds(
    reference,
    st.sampled_from(CaseType),
    st.from_regex("[A-Z]{2,6}[0-9]?", fullmatch=True),
    st.integers(2020, 2099),
    st.integers(1, 99_999),
)


def test_a_reference_is_what_it_was_on_the_first_day():
    assert reference(CaseType.PLANNING, "HUHS", 2026, 12) == "QH-2026-HUHS-0012-56"


def test_every_act_has_letters_of_its_own():
    assert len(set(REFERENCE_PREFIX.values())) == len(CaseType) == len(REFERENCE_PREFIX)


@given(REFERENCES)
def test_a_reference_is_recognised_however_it_is_typed(written):
    assert is_reference(written)
    assert is_reference(f" {written.lower()} ")


@given(REFERENCES)
def test_one_wrong_digit_is_caught(written):
    for place, was in enumerate(written):
        if was in digits:
            for other in digits.replace(was, ""):
                assert not is_reference(written[:place] + other + written[place + 1 :])


@given(REFERENCES)
def test_two_swapped_digits_are_caught(written):
    for place, (one, other) in enumerate(pairwise(written)):
        if one in digits and other in digits and one != other:
            assert not is_reference(written[:place] + other + one + written[place + 2 :])


@given(REFERENCES)
def test_one_wrong_letter_is_caught(written):
    for place, was in enumerate(written):
        if was.isalpha():
            for other in "ABCDEFGHIJKLMNOPQRSTUVWXYZ".replace(was, ""):
                assert not is_reference(written[:place] + other + written[place + 1 :])


@pytest.mark.parametrize(
    "text", ["", "-", "45", "QH", "QH-2026", "--", "é-12", "QH-2026-HUHS-0012-"]
)
def test_what_is_no_reference_is_not_taken_for_one(text):
    assert not is_reference(text)
