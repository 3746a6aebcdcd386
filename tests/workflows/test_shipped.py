"""The workflows that are shipped hold, are published, and do not drift apart."""

from functools import cache

import pytest

from tests.workflows.shipped import CADRE_TYPES, CASE_TYPES, FOLDER, definition, raw, shipped
from vetting.engine.prove import proof
from vetting.engine.reading import definition_files, hash_of, read_definitions, read_seals
from vetting.engine.vocabulary import CaseType

MEMBERSHIP = [CaseType.PARTY_ADMISSION, CaseType.FULL_MEMBERSHIP]


@cache
def proved(name):
    return proof(
        definition(name),
        definition("consultation"),
        bodies_known=(),
        followed=definition("party_admission") if name == "full_membership" else None,
    )


def test_every_case_type_has_a_workflow_and_so_has_the_consultation():
    assert {it.case_type for it in shipped()} == {*CASE_TYPES, "consultation"}


@pytest.mark.parametrize("name", CASE_TYPES)
def test_a_shipped_workflow_holds_in_every_situation(name):
    found = proved(name)
    assert [str(problem) for problem in found.problems] == []
    assert found.states > 1_000


def test_the_consultation_holds():
    consulting = definition("consultation")
    assert proof(consulting, consulting).problems == ()


def test_every_shipped_file_is_published_and_unchanged():
    files = {
        file.relative_to(FOLDER).as_posix(): hash_of(file) for file in definition_files(FOLDER)
    }
    assert read_seals(FOLDER) == files
    assert len(list(read_definitions(FOLDER, published_only=True))) == len(files)


def alike(name):
    """Return what may not differ between cadre types: all but titles, papers and extra facts."""
    told = raw(name)
    told["moves"] = [
        {
            key: [each for each in value if each != "facts_recorded"] if key == "guards" else value
            for key, value in move.items()
            if key != "needs"
        }
        for move in told["moves"]
    ]
    told["facts"] = [
        fact
        for fact in told["facts"]
        if fact["name"] in {"hearing", "hearing_absent", "candidate_told"}
    ]
    shared = ("opens", "states", "moves", "consultation", "facts", "outcomes", "notices")
    return {key: told[key] for key in shared}


@pytest.mark.parametrize("name", CADRE_TYPES[1:])
def test_cadre_types_have_the_same_states_moves_outcomes_and_common_facts(name):
    assert alike(name) == alike("planning")


@pytest.mark.parametrize("name", CASE_TYPES)
def test_all_case_types_have_the_same_states_and_the_same_ways_between_them(name):
    def ways(told):
        return [(move["name"], move["from"], move["to"], move.get("by")) for move in told["moves"]]

    told, planning = raw(name), raw("planning")
    assert told["states"] == planning["states"]
    assert ways(told) == ways(planning)


@pytest.mark.parametrize("name", MEMBERSHIP)
def test_a_committee_decides_within_the_days_its_rule_gives(name):
    days = {
        deadline.name: (deadline.length, deadline.unit, deadline.extension, deadline.start)
        for deadline in definition(name).deadlines
    }
    expected = {
        "party_admission": {
            "decision": (60, "working_days", 30, "cell_resolution.passed_on"),
            "ceremony_held": (30, "working_days", 0, "decision_issued.issued_on"),
            "probation": (12, "months", 0, "ceremony.held_on"),
        },
        "full_membership": {
            "probation": (12, "months", 0, "admission.ceremony.held_on"),
            "cell_considers": (30, "working_days", 0, "probation"),
            "decision": (30, "working_days", 30, "cell_resolution.passed_on"),
        },
    }
    assert days == expected[name]


def test_only_admission_requires_papers_and_a_planning_list_needs_none():
    required = {
        it.case_type: [paper.name for paper in it.papers if paper.required] for it in shipped()
    }
    assert {name: papers for name, papers in required.items() if papers} == {
        "party_admission": ["application", "applicant_cv"]
    }


def test_nothing_is_asked_about_relatives_religion_or_origin():
    words = ("relative", "religi", "ethnic", "parent", "spouse", "sibling", "child")
    names = [
        field.name + " " + field.title.en
        for it in shipped()
        for fact in it.facts
        for field in fact.fields
    ] + [paper.name + " " + paper.title.en for it in shipped() for paper in it.papers]
    assert [name for name in names if any(word in name.lower() for word in words)] == []
