"""Who may know of a case: the rule and the clause say the same, for every role and matter."""

from itertools import product

from sqlalchemy import select

from tests.builders import REGULATION
from vetting.engine.policy import Principal, Relation, relation
from vetting.engine.seal import FIRST
from vetting.engine.vocabulary import Role
from vetting.records.book import matter_of
from vetting.records.cases import case_of, cases
from vetting.records.consultations import consultation_of, consultations
from vetting.records.scope import visible_to

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
STATES = ("draft", "filed", "consulting", "assembling", "withdrawn")


def matters():
    """Yield every kind of matter that there can be."""
    return product(UNITS, (False, True), ASKED, ASKED, AUTHORITIES, (0, 1), STATES)


def write(connection):
    """Write a case for every kind of matter."""
    of_cases, asked = [], []
    for number, (unit, filed, one, other, authority, before, state) in enumerate(matters()):
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
            }
        )
        asked += [
            {
                "handle": f"{body}{number}/{turn}",
                "case_handle": f"case{number}",
                "body": body,
                "turn": turn,
                "need": "must",
                "state": became,
                "version": 1,
                "due_order": "9999-12-31",
                "asked_at": AT,
                "verdict": "no_objection" if became == "signed" else None,
                "draft_conditions": "[]",
                "draft_evidence": "[]",
                "countersigned_by": "[]",
            }
            for body, turns in zip(BODIES, (one, other), strict=True)
            for turn, became in enumerate(turns, 1)
        ]
    connection.execute(cases.insert(), of_cases)
    connection.execute(consultations.insert(), asked)
    return len(of_cases)


def test_the_rule_and_the_clause_let_everybody_see_the_same_cases(database):
    with database.writing() as connection:
        written = write(connection)
    with database.reading() as connection:
        asked = {}
        for row in connection.execute(select(consultations)).mappings():
            asked.setdefault(row["case_handle"], []).append(consultation_of(row))
        known = [
            case_of(row, asked.get(row["handle"], ()))
            for row in connection.execute(select(cases)).mappings()
        ]
        seen_by = {}
        for role, organisation in product(
            Role, (*UNITS, *BODIES, "thanh-tra", "thuong-truc", "ban-to-chuc", "nobody")
        ):
            principal = Principal("officer", "Officer", role, organisation, "session")
            by_rule = {
                case.handle
                for case in known
                if relation(principal, matter_of(case)) is not Relation.NONE
            }
            by_clause = set(connection.scalars(select(cases.c.handle).where(visible_to(principal))))
            assert by_clause == by_rule, (role, organisation)
            seen_by[role, organisation] = len(by_rule)
    assert written == len(known) == len(list(matters()))
    # The comparison compares something: each relation is met, and each is refused somewhere.
    assert {role for (role, _), seen in seen_by.items() if seen} == set(Role) - {Role.ADMINISTRATOR}
    assert all(seen < written for seen in seen_by.values())
    assert seen_by[Role.BODY_SIGNER, "thanh-tra"] == seen_by[Role.CASE_OFFICER, "nobody"] == 0
