"""Who may know of a case: the rule and the clause say the same, for every role and matter."""

from collections.abc import Iterator
from dataclasses import replace
from functools import cache
from itertools import islice, product
from typing import NamedTuple

import pytest
from sqlalchemy import false, or_, select, true, union_all

from tests.builders import REGULATION, officer_of
from tests.records.conftest import province
from vetting.engine.casefile import ERASED, HIGHEST_LEVEL, CaseFile
from vetting.engine.policy import Principal, Relation, relation
from vetting.engine.seal import FIRST
from vetting.engine.substitutes import Form
from vetting.engine.vocabulary import CaseType, Role
from vetting.records import cases as kept_cases
from vetting.records import scope, withheld
from vetting.records.book import matter_of
from vetting.records.cases import case_of, cases
from vetting.records.consultations import consultation_of, consultations
from vetting.records.database import Statement
from vetting.records.scope import addressed_to, bound, shape_of, values_of, visible_to

pytestmark = pytest.mark.leaves_it_unwell

AT = "2026-01-02T03:04:05.000006Z"
# What became of the questions to a body, one turn after the other.
ASKED = (
    (),
    ("asked",),
    ("signed",),
    ("withdrawn",),
    ("withdrawn", "asked"),
    ("signed", "withdrawn"),
)
UNITS = ("so-y-te", "so-noi-vu")
AUTHORITIES = (None, "thuong-truc", "ban-to-chuc")
BODIES = ("cong-an", "thue")
STATES = ("draft", "filed", "consulting", "assembling", "withdrawn", ERASED)
ORGANISATIONS = (*UNITS, *BODIES, "thanh-tra", "thuong-truc", "ban-to-chuc", "nobody")
ME, ANOTHER = officer_of("cong-an", Role.BODY_OFFICER), officer_of("thue", Role.BODY_OFFICER)


class Kept(NamedTuple):
    """What keeps a case from somebody."""

    recused: frozenset[str] = frozenset()
    level: int = 0
    named: frozenset[str] = frozenset()


OPEN = Kept()
SOME = (frozenset(), frozenset({ME}), frozenset({ANOTHER}), frozenset({ME, ANOTHER}))
KEPT = [Kept(*kept) for kept in product(SOME, range(HIGHEST_LEVEL + 1), SOME)]


def matters():
    """Yield every kind of matter that there can be."""
    for matter in product(UNITS, (False, True), ASKED, ASKED, AUTHORITIES, (0, 1), STATES):
        yield (*matter, OPEN)


def matters_kept():
    """Yield every way of keeping a case from somebody, in every relation to it."""
    asked = ((), ("asked",), ("withdrawn",))
    for kept in KEPT:
        for unit, filed, one, authority, before in product(
            UNITS, (False, True), asked, AUTHORITIES[:2], (0, 1)
        ):
            yield unit, filed, one, ("asked",), authority, before, "consulting", kept


def write(connection, kinds):
    """Write a case for every kind of matter."""
    of_cases, asked, withheld_rows = [], [], {}
    for number, (unit, filed, one, other, authority, before, state, kept) in enumerate(kinds):
        of_cases.append(
            {
                "handle": f"case{number}",
                "reference": f"R{number}" if filed else None,
                "case_type": "planning",
                "definition_version": 1,
                "state": state,
                "unit": unit,
                "name": "x",
                "name_folded": "x",
                "name_sort": "x",
                "born": "1975",
                "target": "x",
                "regulation": REGULATION,
                "authority": authority,
                "turn": 1,
                "owing": 0,
                "recorded": "{}",
                "missing": "[]",
                "before_authority": before,
                "opened_at": AT,
                "changed_at": AT,
                "since": AT,
                "entry_count": 1,
                "last_seal": FIRST,
                **{
                    name: value
                    for name, value in kept_cases.row_of(as_case(number, unit, kept)).items()
                    if name in Kept._fields
                },
            }
        )
        for statement, row in withheld.changes(as_case(number, unit, kept), None):
            withheld_rows.setdefault(statement, []).append(row)
        asked += [
            {
                "handle": f"{body}{number}/{turn}",
                "case_handle": f"case{number}",
                "body": body,
                "turn": turn,
                "need": "must",
                "state": ERASED if state == ERASED else became,
                "version": 1,
                "due_order": "9999-12-31",
                "asked_at": AT,
                "verdict": "no_objection" if became == "signed" and state != ERASED else None,
                "draft_conditions": "[]",
                "draft_evidence": "[]",
                "countersigned_by": "[]",
            }
            for body, turns in zip(BODIES, (one, other), strict=True)
            for turn, became in enumerate(turns, 1)
        ]
    connection.execute(cases.insert(), of_cases)
    connection.execute(consultations.insert(), asked)
    for statement, rows in withheld_rows.items():
        statement.run(connection, rows)
    return len(of_cases)


def as_case(number, unit, kept):
    """Return as much of a case as says what keeps it from somebody."""
    return CaseFile(f"case{number}", CaseType.PLANNING, 1, "consulting", unit, **kept._asdict())


def read(connection):
    """Return every case that was written."""
    asked = {}
    for row in connection.execute(
        select(consultations).order_by(consultations.c.handle)
    ).mappings():
        asked.setdefault(row["case_handle"], []).append(consultation_of(row))
    return [
        case_of(row, asked.get(row["handle"], ()))
        for row in connection.execute(select(cases).order_by(cases.c.handle)).mappings()
    ]


class Rule:
    """What the rule lets each principal see of some cases, wherever they are kept."""

    def __init__(self, known):
        self.known = known
        self._matters = [(case, matter_of(case)) for case in known]
        self.cases_of = cache(self._cases_of)

    def _cases_of(self, principal):
        return [
            case
            for case, matter in self._matters
            if relation(principal, matter) is not Relation.NONE
        ]


class Seen(NamedTuple):
    """What somebody may know of: by the rule, and by the clauses."""

    cases: set[str]
    by_clause: set[str]
    asked: set[str]
    asked_by_clause: set[str]

    @property
    def agree(self):
        return (self.cases, self.asked) == (self.by_clause, self.asked_by_clause)


def seen(connection, rule, principal):
    """Compare what the rule lets *principal* see with what the clauses find."""
    mine = rule.cases_of(principal)
    speaks = principal.role in {Role.BODY_OFFICER, Role.BODY_SIGNER}
    return Seen(
        {case.handle for case in mine},
        set(connection.scalars(select(cases.c.handle).where(visible_to(principal)))),
        {
            one.handle
            for case in mine
            for one in case.consultations
            if speaks and one.body == principal.organisation and one.state != "withdrawn"
        },
        set(connection.scalars(select(consultations.c.handle).where(addressed_to(principal)))),
    )


def test_the_rule_and_the_clause_let_everybody_see_the_same_cases(database):
    with database.writing() as connection:
        written = write(connection, matters())
    with database.reading() as connection:
        rule = Rule(read(connection))
        seen_by = {}
        for role, organisation in product(Role, ORGANISATIONS):
            principal = Principal("officer", "Officer", role, organisation, "session")
            both = seen(connection, rule, principal)
            assert both.agree, (role, organisation)
            seen_by[role, organisation] = len(both.cases)
    assert written == len(rule.known) == len(list(matters()))
    # The comparison compares something: each relation is met, and each is refused somewhere.
    assert {role for (role, _), seen in seen_by.items() if seen} == set(Role) - {Role.ADMINISTRATOR}
    assert all(seen < written for seen in seen_by.values())
    assert seen_by[Role.BODY_SIGNER, "thanh-tra"] == seen_by[Role.CASE_OFFICER, "nobody"] == 0


def by_statement(connection, principal, statements):
    """Return what the statement for principals of this shape finds for this one."""
    shape = shape_of(principal)
    if shape not in statements:
        statements[shape] = Statement(select(cases.c.handle).where(visible_to(bound(*shape))))
    return {row.handle for row in statements[shape](connection, values_of(principal))}


WORKS_AT = {
    Role.CASE_OFFICER: "so-y-te",
    Role.SECRETARY: "thuong-truc",
    Role.BODY_OFFICER: "cong-an",
    Role.BODY_SIGNER: "cong-an",
}


@pytest.fixture(scope="module")
def rules():
    """The rule about whatever cases were read, asked once although they are read from both."""
    return []


@pytest.fixture(scope="module")
def kept(shared_engine_url, rules):
    """A province with a case of every relation, kept from somebody in every way; only read."""
    for database in province(shared_engine_url):
        with database.writing() as connection:
            write(connection, matters_kept())
        with database.reading() as connection:
            known = read(connection)
            if not rules:
                rules.append(Rule(known))
            [rule] = rules
            assert rule.known == known
            yield connection, rule


def principals(known) -> Iterator[Principal]:
    """Yield me in every role, cleared for every level, with and without an emergency."""
    some = frozenset(case.handle for case in known if case.handle.endswith(("1", "4", "7")))
    for role, clearance, emergency in product(Role, range(HIGHEST_LEVEL + 1), (frozenset(), some)):
        organisation = WORKS_AT.get(role, "ban-to-chuc")
        yield Principal(ME, "Me", role, organisation, "s", clearance=clearance, emergency=emergency)


def test_whoever_is_recused_anywhere_on_a_chain_cuts_it(kept):
    """Me at the end of it, in the middle, or away at its beginning."""
    connection, rule = kept
    for me, others in product(principals(rule.known), (("x", "y", "z"), ("x", ANOTHER, "z"))):
        for at in range(3):
            people = [*others[:at], ME, *others[at + 1 :]]
            principal = replace(
                me, officer=people[0], between=(people[1],), on_behalf_of=people[2], form=Form.KT
            )
            both = seen(connection, rule, principal)
            assert both.agree, principal
            assert not any(
                {*people} & case.recused for case in rule.known if case.handle in both.cases
            )


def test_what_is_kept_from_somebody_the_rule_and_the_clause_keep_alike(kept):
    connection, rule = kept
    assert len(rule.known) == len(list(matters_kept()))
    reached = set()
    for principal in principals(rule.known):
        both = seen(connection, rule, principal)
        assert both.agree, principal
        reached |= {relation(principal, matter_of(case)) for case in rule.known}
        assert not any(ME in case.recused for case in rule.known if case.handle in both.cases)
    assert reached == set(Relation)


def test_a_statement_for_all_principals_of_a_shape_finds_what_the_clause_finds_for_each(kept):
    connection, rule = kept
    statements, asked, found_some = {}, 0, 0
    for principal in islice(principals(rule.known), 0, None, 9):
        few = frozenset(sorted(principal.emergency)[:3])
        for one in (
            replace(principal, emergency=few),
            replace(principal, officer=ANOTHER, on_behalf_of=ME),
            replace(principal, case_types=frozenset({CaseType.PLANNING, CaseType.ROTATION})),
            replace(principal, case_types=frozenset({CaseType.ROTATION, CaseType.TRANSFER})),
        ):
            found = set(connection.scalars(select(cases.c.handle).where(visible_to(one))))
            assert by_statement(connection, one, statements) == found, one
            asked += 1
            found_some += bool(found)
    assert found_some
    assert len(statements) < asked  # one serves several


EVERYBODY = true()


def _clause(recused=EVERYBODY, level=None, named=None, *, emergency=True):
    """Return `withheld_from` with one of its clauses gone."""

    def withheld_from(principal):
        r, n, x = withheld.restrictions.c, withheld.named_readers.c, withheld.recusals.c
        mine = select(n.case_handle).where(n.officer == principal.officer)
        too_high = r.level > principal.clearance if level is None else level
        not_named = (r.named_only == 1) & r.case_handle.not_in(mine) if named is None else named
        restricted = select(r.case_handle).where(or_(too_high, not_named))
        if principal.emergency and emergency:
            restricted = restricted.where(r.case_handle.not_in(sorted(principal.emergency)))
        own = select(x.case_handle).where(x.officer.in_(principal.persons), recused)
        return union_all(own, restricted)

    return withheld_from


PLANTED = {
    "nobody is recused": _clause(recused=false()),
    "every clearance will do": _clause(level=false()),
    "everybody is named": _clause(named=false()),
    "nobody is ever named": _clause(named=withheld.restrictions.c.named_only == 1),
    "no emergency opens anything": _clause(emergency=False),
    "everybody is recused": lambda _: union_all(select(cases.c.handle), select(cases.c.handle)),
}


@pytest.mark.parametrize("defect", PLANTED.values(), ids=PLANTED)
def test_a_clause_that_is_not_the_rule_is_found(kept, monkeypatch, defect):
    connection, rule = kept
    monkeypatch.setattr(scope, "withheld_from", defect)
    assert not all(seen(connection, rule, one).agree for one in principals(rule.known))


def test_the_clause_written_out_for_the_planted_defects_is_the_clause_itself(kept, monkeypatch):
    connection, rule = kept
    monkeypatch.setattr(scope, "withheld_from", _clause())
    assert all(seen(connection, rule, one).agree for one in principals(rule.known))


def test_an_empty_policy_yields_no_rows(kept, monkeypatch):
    connection, rule = kept
    stranger = Principal(ME, "Me", Role.SUPERVISOR, "ban-to-chuc", "s", clearance=HIGHEST_LEVEL)
    assert seen(connection, rule, stranger).by_clause
    for role in ("stranger", Role.ADMINISTRATOR):
        both = seen(connection, rule, replace(stranger, role=role))
        assert both == Seen(set(), set(), set(), set())
    monkeypatch.setattr(scope, "_in_role", lambda *_: false())
    assert seen(connection, rule, stranger).by_clause == set()
