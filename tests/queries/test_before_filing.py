"""Before filing: whom the rules have asked, by when, and where nobody could act today."""

from dataclasses import replace
from datetime import date

import pytest
from sqlalchemy import update

from tests.builders import BODIES, Cast, as_owner, definitions, request, sent
from tests.queries.test_deadlines import NOW, TODAY, cast
from vetting.engine.definition import Definition
from vetting.engine.vocabulary import CaseType, Need
from vetting.queries.before_filing import before_filing
from vetting.queries.opened_case import open_case
from vetting.records.identity import Ids
from vetting.records.officers import role_assignments
from vetting.usecases.file_case import draft_case

__all__ = ["cast"]
BODY, OTHER = BODIES[:2]


@pytest.fixture
def ahead(cast):
    return lambda known=None, **told: said_of(cast, known, **told)


def said_of(cast, known=None, **told):
    case = draft_case(cast.unit, sent(), request(**told))["case"]
    with cast.database.reading() as connection:
        opened = open_case(connection, cast.unit.principal, definitions(), case)
        return before_filing(connection, known or definitions(), opened.case, TODAY)


def with_rules(*rules):
    """Return the workflows with other rules of asking."""
    known = dict(definitions().by_name)
    told = definitions().of("planning", 1).model_dump(by_alias=True)
    known["planning", 1] = Definition.model_validate(told | {"consultation": list(rules)})
    return replace(definitions(), by_name=known)


def lasting(days, **told):
    deadline = {"unit": "working_days", "length": days, "basis": "1-QC/TU"}
    return {"body": "*", "need": "must", "deadline": deadline, **told}


def sql(cast, statement):
    with as_owner(cast.database).writing() as connection:
        connection.exec_driver_sql(statement)


def test_where_nothing_was_entered_there_is_no_day_and_it_is_said(ahead):
    found = ahead()

    assert [one.body for one in found.bodies] == list(BODIES)
    assert {(one.need, one.rule, one.due_on, one.nobody) for one in found.bodies} == {
        (Need.MUST, None, None, False)
    }
    assert (found.last_answer, found.dateless, found.dates) == (None, BODIES, ())
    assert (found.authority, found.level, found.board_is_idle) == (None, False, False)


def test_a_time_in_the_rules_is_counted_from_today_on_the_bodys_calendar(ahead):
    found = ahead(
        with_rules(lasting(5), lasting(10, body=BODY), lasting(3, body=OTHER, need="may"))
    )

    # 2/9 is closed: 3, 4, 7, 8, 9/9 are five; ten end on 16/9
    assert {one.body: one.due_on for one in found.bodies} == {
        BODY: date(2026, 9, 16),
        OTHER: date(2026, 9, 7),
        **dict.fromkeys(BODIES[2:], date(2026, 9, 9)),
    }
    assert (found.last_answer, found.dateless) == (date(2026, 9, 16), ())


def test_without_a_calendar_a_time_in_working_days_has_no_day_and_says_why(database):
    found = said_of(Cast(database, Ids(clock=lambda: NOW)), with_rules(lasting(5)))

    assert {str(one.why_no_date) for one in found.bodies} == {
        "The calendar of working days has not been entered."
    }
    assert (found.last_answer, found.dateless) == (None, BODIES)


def test_where_nobody_is_there_today_it_is_said_of_the_body_and_of_nobody_by_name(cast, ahead):
    a = role_assignments.c
    with as_owner(cast.database).writing() as connection:
        connection.execute(
            update(role_assignments).where(a.organisation == BODY).values(valid_to="2026-08-31")
        )
    sql(cast, "UPDATE role_assignments SET valid_to = '2026-08-31' WHERE role = 'board_head'")

    found = ahead()

    assert [one.body for one in found.bodies if one.nobody] == [BODY]
    assert found.board_is_idle


def test_more_countersigners_than_people_leave_nobody_who_could_answer(ahead):
    assert all(one.nobody for one in ahead(with_rules(lasting(5, countersigners=4))).bodies)


def test_the_authority_is_that_of_the_table_or_said_to_be_unknown(cast, ahead):
    sql(
        cast,
        "INSERT INTO authority_rules (management_level, case_type, valid_from, authority) "
        "VALUES ('tinh', 'planning', '', 'thuong-truc')",
    )
    sql(cast, "UPDATE role_assignments SET valid_to = '2026-08-31' WHERE role = 'secretary'")

    found = ahead(management_level="tinh")

    assert (found.authority, found.level, found.authority_is_idle) == ("thuong-truc", True, True)
    assert not found.board_is_idle
    other = ahead(management_level="huyen")
    assert (other.authority, other.level, other.authority_is_idle) == (None, True, False)


def test_without_a_regulation_in_force_nobody_is_known_who_would_be_asked(cast, ahead):
    sql(cast, "UPDATE regulations SET valid_to = '2026-08-31'")
    found = ahead()
    assert (found.regulation, found.bodies, found.last_answer) == (None, (), None)


def test_deadlines_of_the_case_are_told_with_what_they_are_counted_from(ahead):
    found = ahead(case_type=CaseType.PARTY_ADMISSION, target="Đảng viên")
    assert [(str(one.rule), one.due_on, one.assumed) for one in found.dates] == [
        ("60 working days", None, False),
        ("30 working days", None, False),
        ("12 months", None, False),
    ]


def test_a_deadline_from_filing_is_counted_as_if_it_were_filed_today(ahead):
    known = dict(definitions().by_name)
    told = definitions().of("planning", 1).model_dump(by_alias=True)
    term = {
        "name": "term",
        "title": {"vi": "Hạn", "en": "Term"},
        "unit": "calendar_days",
        "length": 30,
        "basis": "1-QC/TU",
        "start": "accepted",
        "met_by": ["concluded"],
    }
    known["planning", 1] = Definition.model_validate(told | {"deadlines": [term]})

    [one] = ahead(replace(definitions(), by_name=known)).dates

    assert (one.due_on, one.assumed) == (date(2026, 10, 1), True)
