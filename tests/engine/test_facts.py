"""A fact that was kept is read back as it was, whatever it says."""

import json
from dataclasses import fields
from functools import cache
from types import NoneType, UnionType
from typing import Union, get_args, get_origin, get_type_hints

import pytest
from hypothesis import given
from hypothesis import strategies as st

from vetting.engine.acts import OF_A_CASE, OF_A_CONSULTATION
from vetting.engine.canonical import canonical, is_composed
from vetting.engine.facts import FACTS, as_kept, read_fact
from vetting.engine.vocabulary import AmendmentKind, CaseType, Ground, Need, Verdict

TEXT = st.text(st.characters(exclude_categories=["Cs"]), max_size=12)
DETAILS = st.dictionaries(st.from_regex("[a-z]{1,5}", fullmatch=True), TEXT | st.integers(0, 9))


def values_of(name, hint, *, amends=False):
    """Return what a field of this name and type may hold; what *amends* is of a known kind."""
    known = {"case_type": CaseType, "need": Need, "verdict": Verdict}
    if amends:
        known |= {"kind": AmendmentKind, "ground": Ground}
    if name in known:
        return st.sampled_from([member.value for member in known[name]])
    if get_origin(hint) in (Union, UnionType):
        [inner] = [kind for kind in get_args(hint) if kind is not NoneType]
        return st.none() | values_of(name, inner)
    if hint is str:
        return TEXT
    if hint is int:
        return st.integers(0, 10**12)
    if get_origin(hint) is tuple:
        return st.lists(TEXT, max_size=3).map(tuple)
    return DETAILS


@cache
def any_fact(kind):
    """Return facts of a kind, of every content."""
    hints = get_type_hints(kind)
    return st.builds(
        kind,
        **{
            field.name: values_of(
                field.name, hints[field.name], amends=not kind.verb.startswith("request.")
            )
            for field in fields(kind)
        },
    )


@pytest.mark.parametrize("kind", FACTS.values(), ids=FACTS)
@given(data=st.data())
def test_a_fact_is_read_back_as_it_was_kept(kind, data):
    fact = data.draw(any_fact(kind))
    written = json.loads(canonical(fact.payload()))
    assert read_fact(kind.verb, written) == as_kept(fact)
    assert is_composed(as_kept(fact).payload())
    assert as_kept(as_kept(fact)) == as_kept(fact)


@pytest.mark.parametrize("kind", FACTS.values(), ids=FACTS)
def test_no_field_of_a_fact_is_a_fraction(kind):
    assert "float" not in repr(get_type_hints(kind))
    assert {hint for hint in get_type_hints(kind).values() if hint is float} == set()


def test_every_act_is_written_down_by_a_fact_of_its_own():
    kinds = [*OF_A_CASE.values(), *OF_A_CONSULTATION.values()]
    assert len(set(kinds)) == len(kinds)
    assert {kind.verb for kind in kinds} <= FACTS.keys()


def test_the_verbs_of_the_history_are_what_they_were():
    assert sorted(FACTS) == [
        "amendment.announced",
        "amendment.candidate_told",
        "amendment.countersigned",
        "amendment.drafted",
        "amendment.refused",
        "answer.shown",
        "body.added",
        "body.asked",
        "body.left_out",
        "body.replaced",
        "case.accepted",
        "case.closed",
        "case.concluded",
        "case.consulted",
        "case.drafted",
        "case.exported",
        "case.filed",
        "case.notified",
        "case.proposed",
        "case.refiled",
        "case.replies_complete",
        "case.restricted",
        "case.resumed",
        "case.returned",
        "case.submitted",
        "case.suspended",
        "case.taken_up",
        "case.withdrawn",
        "clarification.asked",
        "clarification.declined",
        "clarification.passed_on",
        "clock.went_back",
        "conclusion.amended",
        "conflict.declared_waiting",
        "conflict.taken_over",
        "consultation.assigned",
        "consultation.received",
        "consultation.released",
        "consultation.taken_back",
        "deadlines.moved",
        "disposal.approved",
        "disposal.asked",
        "disposal.refused",
        "fact.recorded",
        "hold.lifted",
        "officer.recused",
        "opinion.amended",
        "opinion.countersigned",
        "opinion.drafted",
        "opinion.passed_on",
        "opinion.sent_back",
        "opinion.signed",
        "paper.recorded",
        "proposal.returned",
        "proposal.reworked",
        "questions.answered",
        "questions.closed",
        "questions.put",
        "record.classed",
        "record.held",
        "request.acknowledged",
        "request.answered",
        "request.extended",
        "request.handed_over",
        "request.prepared",
        "request.recorded",
        "request.refused",
        "request.sent_back",
        "rows.rebuilt",
        "time.asked",
        "time.granted",
        "time.moved",
        "time.refused",
    ]
