"""Budgets of reading: kept to the last case with many at once, told at once, seen over a month."""

from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from threading import Barrier

import pytest
from sqlalchemy import func, select

from tests.builders import as_served, definitions
from vetting.config import Settings
from vetting.engine.policy import Action, Principal
from vetting.engine.reading_budget import Alarm, Budget, Kind
from vetting.engine.refusals import TooMuchRead
from vetting.engine.vocabulary import Role
from vetting.queries.reading_page import reading_page
from vetting.records import read_tallies
from vetting.records.database import Database
from vetting.records.identity import Ids
from vetting.records.read_tallies import read_alarms, seen_cases, seen_counts
from vetting.records.reads import reads
from vetting.records.standing import Purpose
from vetting.usecases.desk import Desk
from vetting.usecases.look import look

TODAY = datetime(2026, 11, 2, 3, 0, tzinfo=UTC)
SUPERVISOR = Principal("supervisor", "S", Role.SUPERVISOR, "uy-ban-kiem-tra", "s")


def principal(name="minh", organisation="thanh-tra"):
    return Principal(name, name, Role.BODY_OFFICER, organisation, "session")


@pytest.fixture
def database(engine_url):
    database = Database(engine_url, purpose=Purpose.COMMAND)
    yield database
    database.close()


@pytest.fixture
def sqlite(sqlite_url):
    database = Database(sqlite_url)
    yield database
    database.close()


def see(database, cases, budget, who=None, at=TODAY):
    """Look at cases in one answer; tell whether it was let out."""
    desk = Desk(who or principal(), as_served(database), definitions(), Ids(lambda: at))
    try:
        look(desk, Action.SEE_CASE, cases=cases, budget=budget)
    except TooMuchRead:
        return False
    return True


def seen_by(database, officer="minh"):
    with database.reading() as connection:
        return connection.scalar(
            select(func.count(reads.c.case_handle.distinct())).where(reads.c.officer == officer)
        )


def alarms(database):
    with database.reading() as connection:
        return [
            (row.kind, row.whose, row.officer, row.organisation, row.seen, row.budget)
            for row in connection.execute(select(read_alarms).order_by(read_alarms.c.kind))
        ]


def test_not_one_case_beyond_the_budget_with_many_at_once(database):
    """A harvester with eight connections takes exactly the budget, and the alarm is raised."""
    budget = Budget(officer_a_day=10)
    with ThreadPoolExecutor(8) as threads:
        let_out = list(
            threads.map(lambda number: see(database, [f"case{number}"], budget), range(40))
        )

    assert (sum(let_out), seen_by(database)) == (10, 10)
    assert alarms(database) == [("officer_day", "minh", "minh", "thanh-tra", 11, 10)]


def test_not_one_case_beyond_the_budget_of_an_organisation(database):
    budget = Budget(body_a_day=7)
    people = [principal(f"officer{number}") for number in range(4)]
    with ThreadPoolExecutor(4) as threads:
        let_out = list(
            threads.map(
                lambda number: see(database, [f"case{number}"], budget, people[number % 4]),
                range(24),
            )
        )
    with database.reading() as connection:
        seen = connection.scalar(select(func.count(reads.c.case_handle.distinct())))

    assert (sum(let_out), seen) == (7, 7)
    [(kind, whose, _, organisation, many, most)] = alarms(database)
    assert (kind, whose, organisation, many, most) == ("body_day", "thanh-tra", "thanh-tra", 8, 7)


@pytest.mark.postgresql
def test_a_budget_that_is_checked_before_and_not_with_the_count_is_seen(
    postgresql_url, monkeypatch
):
    """The planted defect: each asks first how many were seen, and only then counts its own."""
    database, together = Database(postgresql_url, purpose=Purpose.COMMAND), Barrier(4, timeout=20)
    right = read_tallies.count

    def check_then_count(connection, budget, who, day, cases):
        c = seen_counts.c
        seen = connection.scalar(select(c.seen).where(c.whose == who.officer, c.day == day)) or 0
        together.wait()
        if seen >= budget.officer_a_day:
            return Alarm(Kind.OFFICER_DAY, who.officer, seen + 1, budget.officer_a_day)
        return right(connection, Budget(), who, day, cases)

    monkeypatch.setattr(read_tallies, "count", check_then_count)
    with ThreadPoolExecutor(4) as threads:
        let_out = list(
            threads.map(
                lambda number: see(database, [f"case{number}"], Budget(officer_a_day=2)), range(4)
            )
        )
    database.close()

    assert sum(let_out) == 4


def test_one_answer_with_too_many_cases_shows_none_of_them(sqlite):
    budget = Budget(officer_a_day=5)

    assert see(sqlite, ["a", "b", "c"], budget)
    assert not see(sqlite, ["c", "d", "e", "f"], budget)
    assert seen_by(sqlite) == 3
    assert see(sqlite, ["c", "d", "e"], budget)
    assert see(sqlite, ["a", "b", "c", "d", "e"], budget)  # what was seen is no new case
    assert not see(sqlite, ["g"], budget)


def test_another_legal_day_begins_anew_where_the_officers_are(sqlite):
    budget = Budget(officer_a_day=1)
    last = datetime(2026, 11, 2, 16, 59, 59, tzinfo=UTC)

    assert see(sqlite, ["a"], budget, at=last)
    assert not see(sqlite, ["b"], budget, at=last)
    assert see(sqlite, ["b"], budget, at=last + timedelta(seconds=1))


def test_without_a_budget_nothing_is_refused_and_all_is_counted(sqlite):
    assert all(see(sqlite, [f"case{number}"], Budget()) for number in range(30))

    with sqlite.reading() as connection:
        page = reading_page(connection, SUPERVISOR, "2026-11-02")
    assert [(one.name, one.today, one.in_window) for one in page.officers] == [("minh", 30, 30)]
    assert [(one.organisation, one.today) for one in page.organisations] == [("thanh-tra", 30)]
    assert page.alarms == ()


def test_a_slow_harvest_over_a_month_is_flagged_and_a_usual_month_is_not(sqlite):
    """Three new cases a day, under every daily budget; a colleague opens the same three daily."""
    budget = Budget(officer_a_day=5, officer_in_window=60)
    first_alarm = None
    for day in range(30):
        at = TODAY + timedelta(days=day)
        assert see(sqlite, [f"case{day}-{number}" for number in range(3)], budget, at=at)
        assert see(sqlite, ["x", "y", "z"], budget, principal("lan"), at=at)
        if first_alarm is None and alarms(sqlite):
            first_alarm = day

    assert first_alarm == 20  # 21 days of three are the first to be more than 60
    assert {(kind, whose) for kind, whose, *_ in alarms(sqlite)} == {("officer_window", "minh")}


def test_what_was_seen_more_than_thirty_days_ago_is_out_of_the_window(sqlite):
    budget = Budget(officer_in_window=4)
    for day in (0, 30, 31, 32):
        see(sqlite, [f"{day}a", f"{day}b"], budget, at=TODAY + timedelta(days=day))
        if day < 32:
            assert alarms(sqlite) == []

    assert [one[:2] for one in alarms(sqlite)] == [("officer_window", "minh")]


def test_the_alarm_reaches_the_own_chief_and_the_supervisor_and_nobody_else(sqlite):
    budget = Budget(officer_a_day=1)
    see(sqlite, ["a"], budget)
    see(sqlite, ["b"], budget)
    chief = Principal("chief", "C", Role.BODY_SIGNER, "thanh-tra", "s")
    other = Principal("other", "O", Role.BODY_SIGNER, "so-y-te", "s")
    with sqlite.reading() as connection:
        pages = [reading_page(connection, who, "2026-11-02") for who in (chief, SUPERVISOR, other)]

    assert [
        [(one.kind, one.name, one.seen, one.budget) for one in page.alarms] for page in pages
    ] == [[(Kind.OFFICER_DAY, "minh", 2, 1)]] * 2 + [[]]
    assert [len(page.officers) for page in pages] == [1, 1, 0]


def test_a_look_that_cannot_be_counted_is_not_shown(sqlite):
    with sqlite.writing() as connection:
        connection.exec_driver_sql("DROP TABLE seen_counts")

    with pytest.raises(Exception, match="cannot be written down now who looks"):
        see(sqlite, ["a"], Budget())
    assert seen_by(sqlite) == 0
    with sqlite.reading() as connection:
        assert connection.execute(select(seen_cases)).all() == []


@pytest.mark.parametrize("text", ["0", "-1", "ten", "１", "1000001", "1.5"])
def test_a_budget_that_is_no_number_stops_the_start(text):
    with pytest.raises(SystemExit, match="VETTING_READS_A_DAY_OFFICER must be a whole number"):
        Settings.from_env({"VETTING_READS_A_DAY_OFFICER": text})


def test_no_budget_is_set_by_itself():
    assert Settings.from_env({}).reading == Budget()
    assert Settings.from_env(
        {
            "VETTING_READS_A_DAY_OFFICER": "200",
            "VETTING_READS_A_DAY_ORGANISATION": "2000",
            "VETTING_READS_IN_30_DAYS_OFFICER": "1500",
        }
    ).reading == Budget(200, 2000, 1500)
