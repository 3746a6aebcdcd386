"""Every fact can follow: a case has one place to go for each, and counts each."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.engine.test_facts import any_fact
from vetting.engine.facts import FACTS, AboutConsultation, BodyAsked, CaseDrafted, Moved
from vetting.engine.follow import follow, opened, rebuilt
from vetting.engine.vocabulary import CaseType

FIRST = CaseDrafted("planning", 1, "so-y-te", "Nguyễn Thị Ân", "1975", "Phó Giám đốc")
ASKED = BodyAsked("C1", "cong-an", 1, "must", "L1")


def case():
    return follow(opened("case", FIRST), ASKED)


@pytest.mark.parametrize("kind", FACTS.values(), ids=FACTS)
@given(data=st.data())
def test_a_case_follows_every_fact_there_is(kind, data):
    fact = data.draw(any_fact(kind))
    if isinstance(fact, AboutConsultation) and not isinstance(fact, BodyAsked):
        fact = replace(fact, consultation="C1", body="cong-an")
    before = case()
    after = follow(before, fact)
    assert after.entry_count == before.entry_count + 1
    assert after.handle == before.handle
    if isinstance(fact, AboutConsultation):
        assert after.state == before.state
        if isinstance(fact, Moved):
            asked = after.consultation("C1")
            assert (asked.state, asked.version) == (fact.target, 2)
    elif isinstance(fact, Moved):
        assert after.state == fact.target


@given(st.data())
def test_a_whole_history_leads_where_its_facts_lead_one_by_one(data):
    kinds = [kind for kind in FACTS.values() if not issubclass(kind, AboutConsultation)]
    facts = data.draw(st.lists(st.sampled_from(kinds).flatmap(any_fact), max_size=8))
    now = opened("case", FIRST)
    for fact in facts:
        now = follow(now, fact)
    assert rebuilt("case", [FIRST, *facts]) == now


def test_a_history_begins_with_a_draft_or_not_at_all():
    with pytest.raises(TypeError, match="begins with body"):
        rebuilt("case", [ASKED])


def test_a_draft_that_is_changed_keeps_only_what_it_says_now():
    changed = replace(FIRST, case_type="promotion", definition_version=2, name="Lê Văn Bình")
    now = follow(opened("case", replace(FIRST, position="Trưởng phòng")), changed)
    assert (now.case_type, now.definition_version, now.name, now.position, now.state) == (
        CaseType.PROMOTION,
        2,
        "Lê Văn Bình",
        None,
        "draft",
    )
