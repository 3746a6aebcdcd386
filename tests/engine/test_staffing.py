"""Who could take a step, against trying everybody in every place."""

from hypothesis import given
from hypothesis import strategies as st

from tests.builders import definitions
from tests.slow_staffing import slowly
from vetting.engine.staffing import Duty, Entrusted, Hand, Staff, lacking, step_from
from vetting.engine.substitutes import EVERY_TYPE, Away, Naming
from vetting.engine.vocabulary import Role

BODY = "thanh-tra"
SIGN, WRITE = (BODY, Role.BODY_SIGNER), (BODY, Role.BODY_OFFICER)


def hand(officer, absent=None):
    return Hand(officer, absent, EVERY_TYPE)


def test_a_role_counts_on_the_days_for_which_it_was_given():
    staff = Staff([Entrusted("a", *SIGN, "2026-01-02", "2026-01-03")])
    days = ["2026-01-01", "2026-01-02", "2026-01-03", "2026-01-04"]
    assert [staff.hands(day) for day in days] == [
        {},
        {SIGN: {hand("a")}},
        {SIGN: {hand("a")}},
        {},
    ]
    assert staff.turning_days("2026-01-01", "2026-02-01") == [
        "2026-01-01",
        "2026-01-02",
        "2026-01-04",
    ]


def test_a_substitute_acts_only_while_both_still_have_their_roles():
    entrusted = [Entrusted("a", *SIGN), Entrusted("b", *WRITE)]
    away = [Away("a", "2026-01-02", "2026-01-09")]
    named = [Naming("n", "a", "b", *SIGN, "2026-01-02", "2026-01-09")]
    assert Staff(entrusted, away, named).hands("2026-01-02") == {
        WRITE: {hand("b")},
        SIGN: {hand("b", "a")},
    }
    assert Staff(entrusted[1:], away, named).hands("2026-01-02") == {WRITE: {hand("b")}}
    elsewhere = [entrusted[0], Entrusted("b", "thue", Role.BODY_OFFICER)]
    assert Staff(elsewhere, away, named).hands("2026-01-02") == {
        ("thue", Role.BODY_OFFICER): {hand("b")}
    }


def test_every_state_of_every_workflow_that_is_not_an_end_waits_for_somebody():
    found = {}
    for definition in definitions():
        if definition.case_type == "consultation":
            continue
        for state in definition.states:
            onward = step_from(definition, state.name)
            if state.final or state.name == "consulting":  # there the bodies are waited for
                assert onward is None, (definition.case_type, state.name)
            else:
                found[state.name] = onward[0]
    assert found == {
        "draft": Duty.COMPLETE,
        "filed": Duty.CHECK,
        "checking": Duty.CHECK,
        "returned": Duty.COMPLETE,
        "accepted": Duty.ASK,
        "assembling": Duty.PROPOSE,
        "proposed": Duty.SUBMIT,
        "submitted": Duty.CONCLUDE,
        "concluded": Duty.TELL,
        "notified": Duty.CLOSE,
        "suspended": Duty.RESUME,
    }


PEOPLE = ("a", "b", "c", "d", "e")


@st.composite
def opinions(draw):
    people = draw(st.sets(st.sampled_from(PEOPLE[:4])))
    away = sorted(set(PEOPLE) - people)
    own = draw(st.sets(st.sampled_from(sorted(people)))) if people else set()
    signers = {frozenset({one}) for one in own}
    if people and away:
        for one in draw(st.sets(st.sampled_from(sorted(people)))):
            signers.add(frozenset({one, draw(st.sampled_from(away))}))
    drafted = frozenset(draw(st.sets(st.sampled_from(PEOPLE), max_size=2)))
    ready = bool(drafted) and draw(st.booleans())
    countersigned = frozenset(draw(st.sets(st.sampled_from(PEOPLE), max_size=2))) - drafted
    return {
        "people": people,
        "signers": signers,
        "drafted": drafted,
        "countersigned": countersigned if ready else frozenset(),
        "countersigners": draw(st.integers(0, 3)),
        "ready": ready,
    }


@given(opinions())
def test_what_lacks_for_an_opinion_is_what_no_choice_of_people_could_do(asked):
    assert lacking(**asked) == slowly(**asked)


def test_trying_everybody_catches_a_count_that_forgets_who_wrote_the_draft():
    """The planted defect: a signature by whoever wrote the draft."""
    asked = {
        "people": {"a"},
        "signers": {frozenset({"a"})},
        "drafted": frozenset({"a"}),
        "countersigned": frozenset(),
        "countersigners": 0,
        "ready": True,
    }
    assert slowly(**asked) == lacking(**asked) == (Duty.SIGN,)
    assert lacking(**{**asked, "drafted": frozenset({"b"})}) == ()


def test_neither_of_two_names_may_be_under_the_draft_already():
    asked = {
        "people": {"b"},
        "signers": {frozenset({"b", "a"})},
        "countersigned": frozenset(),
        "countersigners": 0,
        "ready": True,
    }
    assert lacking(drafted={"a"}, **asked) == (Duty.SIGN,)
    assert lacking(drafted={"b"}, **asked) == (Duty.SIGN,)
    assert lacking(drafted={"c"}, **asked) == ()


def test_one_officer_alone_can_draft_and_never_sign():
    assert lacking(
        {"a"},
        {frozenset({"a"})},
        drafted=(),
        countersigned=(),
        countersigners=0,
        ready=False,
    ) == (Duty.SIGN,)
