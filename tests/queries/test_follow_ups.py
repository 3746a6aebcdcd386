"""What a unit has to file next: where a probation has ended, and as long as nobody has begun."""

from datetime import UTC, datetime

import pytest

from tests.builders import definitions, request, sent
from tests.queries.test_own_cases import admitted
from vetting.engine.vocabulary import CaseType
from vetting.queries.follow_ups import follow_ups
from vetting.records.identity import Ids
from vetting.usecases.file_case import draft_case, file_case
from vetting.usecases.interrupt_case import withdraw_case
from vetting.usecases.load_calendar import load_calendar
from vetting.usecases.record_fact import record_fact

NOW = datetime(2026, 9, 1, 1, 0, tzinfo=UTC)


@pytest.fixture
def cast(cast):
    """The people of the province in September 2026, with the calendar that comes along."""
    cast.ids = Ids(clock=lambda: NOW)
    load_calendar(cast.database, cast.ids)
    return cast


def to_file(cast, desk, today="2026-09-01"):
    with cast.database.reading() as connection:
        return follow_ups(connection, desk.principal, definitions(), today=today)


def ended(cast, held_on="2025-08-15"):
    case = admitted(cast)
    record_fact(cast.board, sent(), [case], "ceremony", {"held_on": held_on})
    return case


def full_membership(case):
    return request(
        case_type=CaseType.FULL_MEMBERSHIP, target="Đảng viên chính thức", admission=case
    )


def test_at_the_end_of_a_probation_the_unit_has_a_case_to_file_with_its_first_date(cast):
    case = ended(cast)

    [task] = to_file(cast, cast.unit)

    assert (task.after, task.case_type, task.since) == (case, "full_membership", "2026-08-15")
    # Thirty working days from the fifteenth of August, as the case will have it.
    assert (task.due.name, task.due.due_on.isoformat()) == ("cell_considers", "2026-09-29")
    assert str(task.due.starts) == "the end of “Probation”"
    assert task.explained


@pytest.mark.parametrize(("today", "tasks"), [("2026-08-14", 0), ("2026-08-15", 1)])
def test_the_task_is_there_from_the_last_day_of_the_probation_on(cast, today, tasks):
    ended(cast)
    assert len(to_file(cast, cast.unit, today)) == tasks


def test_without_a_ceremony_on_record_nothing_is_to_be_filed(cast):
    admitted(cast)
    assert to_file(cast, cast.unit, "2030-01-01") == ()


def test_another_unit_has_nothing_to_file(cast):
    ended(cast)
    assert to_file(cast, cast.other_unit) == ()


def test_once_the_case_is_begun_the_task_is_gone(cast):
    case = ended(cast)
    draft_case(cast.unit, sent(), full_membership(case))
    assert to_file(cast, cast.unit) == ()


def test_a_case_that_was_withdrawn_leaves_the_task(cast):
    case = ended(cast)
    filed = file_case(cast.unit, sent(), full_membership(case))["case"]
    assert to_file(cast, cast.unit) == ()
    withdraw_case(cast.unit, sent(), filed, "Chưa đủ hồ sơ.")
    assert [one.after for one in to_file(cast, cast.unit)] == [case]
