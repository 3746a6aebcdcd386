"""The calendar of what falls due shows the days that each case has by itself, of thousands quickly.

A province is laid down in which some cases with deadlines are open again and again, each time from
other days on record, and one among three is asked of bodies. Its calendar is put together month by
month; the days in it must be those that the page of each case counts for that case alone. What a
month costs is told for a thousand open cases and for as many as wanted.

`make prove-calendar` does it with 8,000; the tests with less.
"""

import sys
import tempfile
import time
from collections import Counter
from datetime import UTC, date, datetime
from pathlib import Path

from sqlalchemy import Connection, select

from tests.builders import BODIES, Cast, as_owner, definitions, request, sent, small_province
from tests.queries.test_deadlines import resolved
from tests.queries.test_own_cases import admitted
from vetting.engine.vocabulary import CaseType, Role
from vetting.queries.due_calendar import DueCalendar, due_calendar, month_beside, read_span
from vetting.queries.due_dates import due_dates_of_case
from vetting.records.cases import case_of, cases
from vetting.records.consultations import IS_OPEN, consultations
from vetting.records.database import Database
from vetting.records.identity import Ids
from vetting.records.migrate import upgrade
from vetting.records.scope import visible_to
from vetting.usecases.desk import Desk
from vetting.usecases.file_case import draft_case
from vetting.usecases.issue_consultations import Asking, issue_consultations
from vetting.usecases.load_calendar import load_calendar
from vetting.usecases.record_fact import record_fact

FEW, MANY = 1_000, 8_000
NOW = datetime(2026, 9, 1, 1, 0, tzinfo=UTC)
TODAY = "2026-09-01"
FIRST_MONTH, MONTHS = date(2026, 3, 1), 18
TRIES = 5
# Days on record that each copy has another of, and from which on those of the copies lie.
SPREAD = {"2026-08-20": "2026-03-01", "2026-08-01": "2026-05-01", "2027-03-01": "2026-12-01"}
DAYS = 300


def laid_down(url: str, wanted: int) -> Cast:
    """A province with so many open cases, and who works there."""
    upgrade(url)
    database = Database(url)
    with as_owner(database).writing() as connection:
        small_province(connection)
    cast = Cast(database, Ids(clock=lambda: NOW))
    load_calendar(database, cast.ids)
    resolved(cast)
    resolved(cast, passed_on="2026-08-01")
    for _ in range(2):
        term = cast.filed(case_type=CaseType.REAPPOINTMENT)
        record_fact(cast.unit, sent(), [term], "term_end", {"ends_on": "2027-03-01"})
    for _ in range(3):
        issue_consultations(cast.board, sent(), [cast.accepted()], Asking(due_on="2026-09-11"))
    admission = admitted(cast)
    record_fact(cast.board, sent(), [admission], "ceremony", {"held_on": "2025-08-15"})
    wish = request(case_type=CaseType.FULL_MEMBERSHIP, target="Đảng viên", admission=admission)
    draft_case(cast.unit, sent(), wish)
    with as_owner(database).writing() as connection:
        _multiply(connection, wanted)
    return cast


def _multiply(connection: Connection, wanted: int) -> None:
    there = len(connection.scalars(select(cases.c.handle)).all())
    numbers = (
        "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n "  # noqa: S608  # our own
        f"WHERE i < {max(1, wanted // there)})"
    )
    recorded = "recorded"
    for day, first in SPREAD.items():
        recorded = f"replace({recorded}, '{day}', {_another(first)})"
    for table, where, told in (
        (
            cases,
            "true",
            {"handle": _named("handle"), "reference": _named("reference"), "recorded": recorded},
        ),
        (
            consultations,
            "state NOT IN ('signed', 'withdrawn')",
            {
                "handle": _named("handle"),
                "case_handle": _named("case_handle"),
                "due_order": _another("2026-08-01"),
                "due_on": _another("2026-08-01"),
            },
        ),
    ):
        columns = [column.name for column in table.c]
        connection.exec_driver_sql(
            f"{numbers} INSERT INTO {table.name} ({', '.join(columns)}) "  # noqa: S608
            f"SELECT {', '.join(told.get(name, name) for name in columns)} "
            f"FROM {table.name}, n WHERE {where}"
        )


def _named(column: str) -> str:
    return f"{column} || '-' || i"


def _another(first: str) -> str:
    return f"date('{first}', '+' || (i * 37 % {DAYS}) || ' days')"


def month_of(cast: Cast, desk: Desk, month: str = "2026-10") -> DueCalendar:
    """Put a month together, as its page does."""
    with cast.database.reading() as connection:
        return due_calendar(
            connection,
            desk.principal,
            definitions(),
            read_span(month, None, None, TODAY),
            None,
            today=TODAY,
        )


def shown(cast: Cast, desk: Desk) -> Counter[str]:
    """Return of each day how many dates the calendar tells a reader of, month by month."""
    found: Counter[str] = Counter()
    for number in range(MONTHS):
        month = month_of(cast, desk, month_beside(FIRST_MONTH, number).isoformat()[:7])
        cells = [cell for week in month.weeks for cell in week if cell]
        found.update({cell.day.isoformat(): cell.due for cell in cells if cell.due})
    return found


def one_by_one(cast: Cast, desk: Desk) -> Counter[str]:
    """Return the same, asked of each case for itself."""
    found: Counter[str] = Counter()
    with cast.database.reading() as connection:
        rows = connection.execute(select(cases).where(visible_to(desk.principal))).mappings().all()
        for row in rows:
            case = case_of(row)
            derived, _ = due_dates_of_case(
                connection,
                definitions(),
                case,
                today=TODAY,
                knows_outcome=desk.principal.role is not Role.CASE_OFFICER
                or case.state in {"notified", "closed"},
            )
            found.update(one.due_on.isoformat() for one in derived if one.open and one.due_on)
        if desk.principal.role is not Role.CASE_OFFICER:
            found.update(connection.scalars(select(consultations.c.due_on).where(IS_OPEN)).all())
    return found


def milliseconds(cast: Cast, desk: Desk) -> float:
    """Time a month, at its quickest."""
    taken = []
    for _ in range(TRIES):
        began = time.process_time()
        month_of(cast, desk)
        taken.append((time.process_time() - began) * 1000)
    return min(taken)


def main() -> int:
    """Compare a few with many, and every day with what each case says for itself."""
    many = int(sys.argv[1]) if len(sys.argv) > 1 else MANY
    with tempfile.TemporaryDirectory() as folder:
        few, most = (
            laid_down(f"sqlite:///{Path(folder)}/{name}.sqlite", size)
            for name, size in (("few", FEW), ("many", many))
        )
        unlike = 0
        for who in ("board", "unit"):
            here, there = getattr(few, who), getattr(most, who)
            taken = milliseconds(few, here), milliseconds(most, there)
            unlike += shown(few, here) != one_by_one(few, here)
            print(  # noqa: T201
                f"{who}: {FEW:,} open cases {taken[0]:.0f} ms, {many:,} {taken[1]:.0f} ms"
            )
        body = (milliseconds(each, each.drafter(BODIES[0])) for each in (few, most))
        print("body: {:.0f} ms and {:.0f} ms".format(*body))  # noqa: T201
    print(f"{unlike} of 2 readers shown another day than the cases have")  # noqa: T201
    return 1 if unlike else 0


if __name__ == "__main__":
    sys.exit(main())
