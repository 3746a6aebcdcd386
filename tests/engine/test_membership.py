"""Full membership counts from the end of the probation, however late it is decided."""

from dataclasses import replace
from datetime import date

import pytest

from tests.workflows.shipped import definition
from vetting.engine.casefile import CaseFile
from vetting.engine.membership import (
    ceremony_of,
    considered_too_early,
    effective_on,
    link_held_back,
    probation_end,
)
from vetting.engine.vocabulary import CaseType

RULES = definition("full_membership")
ADMISSION = CaseFile(
    "admission",
    CaseType.PARTY_ADMISSION,
    1,
    "closed",
    "unit",
    name="A",
    born="1990-01-01",
    outcome="admit",
    recorded={"ceremony": [{"held_on": "2025-11-01"}, {"held_on": "2025-11-03"}]},
)
CASE = CaseFile("case", CaseType.FULL_MEMBERSHIP, 1, "draft", "unit", name="A", born="1990-01-01")


@pytest.mark.parametrize(
    ("ceremony", "end"),
    [
        (date(2025, 11, 3), date(2026, 11, 3)),
        (date(2024, 2, 29), date(2025, 2, 28)),
        (date(2023, 2, 28), date(2024, 2, 28)),
        (date(2025, 12, 31), date(2026, 12, 31)),
    ],
)
def test_the_probation_ends_twelve_months_after_the_ceremony(ceremony, end):
    assert probation_end(RULES, ceremony) == end


def test_recognition_counts_from_the_end_of_the_probation_and_a_refusal_from_no_other_day():
    ceremony = ceremony_of(ADMISSION)
    assert ceremony == date(2025, 11, 3)
    assert effective_on(RULES, "recognise", ceremony) == date(2026, 11, 3)
    assert effective_on(RULES, "do_not_recognise", ceremony) is None


@pytest.mark.parametrize(
    ("admission", "said"),
    [
        (ADMISSION, None),
        (
            replace(ADMISSION, outcome="do_not_admit"),
            "The case to follow is not an admission that was decided favourably.",
        ),
        (
            replace(ADMISSION, case_type=CaseType.PLANNING),
            "The case to follow is not an admission that was decided favourably.",
        ),
        (
            replace(ADMISSION, recorded={}),
            "The admission ceremony is not on record in the admission case.",
        ),
        (replace(ADMISSION, name="B"), "The admission case is about another candidate."),
        (replace(ADMISSION, born="1991"), "The admission case is about another candidate."),
    ],
)
def test_a_case_follows_only_the_finished_admission_of_its_own_candidate(admission, said):
    held = link_held_back(RULES, CASE, admission)
    assert (str(held) if held else None) == said


def test_other_case_types_follow_nothing():
    held = link_held_back(definition("planning"), CASE, ADMISSION)
    assert str(held) == "A case of this type follows no other case."


def test_the_cell_considers_after_the_probation():
    ceremony = date(2025, 11, 3)
    assert considered_too_early(RULES, ceremony, date(2026, 11, 3)) is None
    assert str(considered_too_early(RULES, ceremony, date(2026, 11, 2))) == (
        "The probation ends on 2026-11-03; the cell considers after that."
    )
