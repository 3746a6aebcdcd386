"""Chains of substitutes, against a slow reading of the rule day by day."""

from dataclasses import replace
from itertools import product

from hypothesis import given
from hypothesis import strategies as st

from vetting.engine.substitutes import EVERY_TYPE, Away, Form, Naming, circle, reached, stand_ins
from vetting.engine.vocabulary import CaseType, Role

DAYS = [f"2026-01-{day:02}" for day in range(1, 9)]
PEOPLE = ("a", "b", "c", "d")
TYPES = frozenset({CaseType.PLANNING, CaseType.TRANSFER})
BODY = "thanh-tra"


def naming(absent, substitute, first=DAYS[0], last=DAYS[-1], **told):
    told = {"organisation": BODY, "role": Role.BODY_SIGNER, **told}
    return Naming(f"{absent}{substitute}", absent, substitute, first=first, last=last, **told)


def away_all(namings):
    return [Away(n.absent, n.first, n.last) for n in namings]


def who(namings, day, away=None):
    away = away if away is not None else away_all(namings)
    return [(one.officer, one.absent) for one in stand_ins(namings, away, day)]


def test_the_one_named_acts_on_every_day_of_the_absence_and_on_no_other():
    named = naming("a", "b", DAYS[2], DAYS[4])
    assert [who([named], day) for day in DAYS] == [[], [], *[[("b", "a")]] * 3, [], [], []]


def test_where_the_substitute_is_away_too_whom_they_named_acts_for_both():
    chain = [naming("a", "b"), naming("b", "c", DAYS[3], DAYS[4])]
    assert who(chain, DAYS[2]) == [("b", "a")]
    assert who(chain, DAYS[3]) == [("c", "a"), ("c", "b")]


def test_where_the_substitute_is_away_and_named_nobody_nobody_acts():
    away = [Away("a", DAYS[0], DAYS[-1]), Away("b", DAYS[3], DAYS[3])]
    assert who([naming("a", "b")], DAYS[3], away) == []
    assert who([naming("a", "b")], DAYS[4], away) == [("b", "a")]


def test_along_a_chain_only_what_both_passed_on_is_passed_on():
    planning, transfer = frozenset({CaseType.PLANNING}), frozenset({CaseType.TRANSFER})
    chain = [naming("a", "b", case_types=planning), naming("b", "c")]
    away = [Away("a", DAYS[0], DAYS[-1]), Away("b", DAYS[0], DAYS[-1])]
    assert {(s.absent, s.case_types) for s in stand_ins(chain, away, DAYS[0])} == {
        ("a", planning),
        ("b", EVERY_TYPE),
    }
    apart = [chain[0], replace(chain[1], case_types=transfer)]
    assert who(apart, DAYS[0], away) == [("c", "b")]


def test_the_form_is_the_one_that_whoever_is_away_named():
    chain = [naming("a", "b", form=Form.TL), naming("b", "c", form=Form.KT)]
    away = [Away("a", DAYS[0], DAYS[-1]), Away("b", DAYS[0], DAYS[-1])]
    assert {one.absent: one.form for one in stand_ins(chain, away, DAYS[0])} == {
        "a": Form.TL,
        "b": Form.KT,
    }


def test_along_a_chain_only_the_very_role_is_passed_on():
    chain = [
        naming("a", "b"),
        naming("b", "c", role=Role.BODY_OFFICER),
        naming("b", "d", role=Role.BODY_SIGNER),
    ]
    assert who(chain, DAYS[0]) == [("d", "a"), ("c", "b"), ("d", "b")]
    assert who(chain[:2], DAYS[0]) == [("c", "b")]
    assert [one.between for one in stand_ins(chain, away_all(chain), DAYS[0])] == [("b",), (), ()]


def test_what_comes_to_somebody_at_the_end_comes_by_one_role():
    chain = [naming("b", "c", role=Role.BODY_OFFICER), naming("c", "d")]
    assert reached(chain, naming("a", "b")) == {"b"}
    assert reached(chain, naming("a", "b", role=Role.BODY_OFFICER)) == {"b", "c"}


def test_a_naming_for_another_organisation_carries_nothing_on():
    assert who([naming("a", "b"), naming("b", "c", organisation="thue")], DAYS[0]) == [("c", "b")]


def test_a_circle_is_found_over_three_people():
    namings = [naming("a", "b"), naming("b", "c")]
    assert circle(namings, naming("c", "a")) == ("c", "a", "b", "c")
    assert circle(namings, naming("c", "d")) is None
    assert circle(namings, naming("c", "a", role=Role.BODY_OFFICER)) is None


def test_a_circle_needs_one_day_that_all_its_links_share():
    first = naming("a", "b", DAYS[0], DAYS[3])
    assert circle([first], naming("b", "a", DAYS[3], DAYS[5])) == ("b", "a", "b")
    assert circle([first], naming("b", "a", DAYS[4], DAYS[5])) is None
    # Each two of these three share a day, and no day is shared by all.
    apart = [naming("a", "b", DAYS[0], DAYS[2]), naming("b", "c", DAYS[2], DAYS[4])]
    assert circle(apart, naming("c", "a", DAYS[3], DAYS[5])) is None
    assert circle(apart, naming("c", "a", DAYS[2], DAYS[5])) == ("c", "a", "b", "c")


# --- against a slow reading


@st.composite
def naming_of_anybody(draw):
    absent, substitute = draw(
        st.sampled_from([pair for pair in product(PEOPLE, PEOPLE) if pair[0] != pair[1]])
    )
    first, last = sorted((draw(st.sampled_from(DAYS)), draw(st.sampled_from(DAYS))))
    return naming(
        absent,
        substitute,
        first,
        last,
        organisation=draw(st.sampled_from(["thanh-tra", "thue"])),
        role=draw(st.sampled_from([Role.BODY_SIGNER, Role.BODY_OFFICER])),
        case_types=frozenset(draw(st.sets(st.sampled_from(sorted(TYPES)), min_size=1))),
    )


NAMINGS = st.lists(naming_of_anybody(), max_size=6)


def has_circle(namings):
    """Walk every graph of every day, organisation and case type, one edge after the other."""
    for day, case_type, organisation, role in product(
        DAYS, sorted(TYPES), ["thanh-tra", "thue"], [Role.BODY_SIGNER, Role.BODY_OFFICER]
    ):
        edges = {
            (one.absent, one.substitute)
            for one in namings
            if one.first <= day <= one.last
            and case_type in one.case_types
            and (one.organisation, one.role) == (organisation, role)
        }
        reached = {person: {to for of, to in edges if of == person} for person in PEOPLE}
        for _ in PEOPLE:
            for person in PEOPLE:
                reached[person] |= {b for a in reached[person] for b in reached[a]}
        if any(person in reached[person] for person in PEOPLE):
            return True
    return False


@given(NAMINGS)
def test_namings_taken_one_by_one_unless_they_close_a_circle_never_hold_one(wanted):
    taken = []
    for new in wanted:
        closes = circle(taken, new) is not None
        assert closes is has_circle([*taken, new])
        if not closes:
            taken.append(new)
    assert not has_circle(taken)


@given(NAMINGS, st.sampled_from(DAYS), st.sets(st.sampled_from(PEOPLE)))
def test_whoever_acts_is_there_and_is_reached_by_links_that_all_hold_that_day(namings, day, gone):
    away = [Away(person, day, day) for person in gone]
    found = list(stand_ins(namings, away, day))
    for one in found:
        assert one.officer not in gone
        assert one.case_types == frozenset.intersection(*(n.case_types for n in one.links))
        assert one.case_types
        assert [n.absent for n in one.links] == [
            one.absent,
            *(n.substitute for n in one.links[:-1]),
        ]
        assert one.links[-1].substitute == one.officer
        assert all(
            n.first <= day <= n.last
            and n.absent in gone
            and (n.organisation, n.role) == (one.organisation, one.role)
            for n in one.links
        )
    # Whoever was named by somebody away, and is there, acts: nobody is forgotten.
    for n in namings:
        if n.on(day) and n.absent in gone and n.substitute not in gone:
            assert (n.substitute, n.absent, n.role) in {
                (f.officer, f.absent, f.role) for f in found
            }


def test_the_slow_reading_finds_a_circle_that_a_forgetful_check_lets_pass():
    """The planted defect: a check that looks at two people only."""

    def forgetful(taken, new):
        return any((n.absent, n.substitute) == (new.substitute, new.absent) for n in taken)

    namings = [naming("a", "b"), naming("b", "c"), naming("c", "a")]
    assert not forgetful(namings[:2], namings[2])
    assert has_circle(namings)
