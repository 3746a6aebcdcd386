"""Tallies of reading: how many cases each officer and each organisation has seen on a day.

A case counts once a day for an officer and once for an organisation, however often it is opened.
Each look adds what is new in it and is told the sum by the row that it has just locked, so that two
looks at once can never both take the last case of a budget.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta

from sqlalchemy import (
    Column,
    Connection,
    Index,
    Integer,
    PrimaryKeyConstraint,
    Table,
    bindparam,
    case,
    func,
    select,
    true,
)
from sqlalchemy.dialects.postgresql import insert

from vetting.engine.policy import Principal
from vetting.engine.reading_budget import Alarm, Budget, Kind
from vetting.records.base import CODE, DAY, HANDLE, METADATA, MOMENT, WORD, required
from vetting.records.database import Statement

WINDOW = 30  # days, with the present one

seen_cases = Table(
    "seen_cases",
    METADATA,
    required("day", DAY),
    required("whose", CODE),  # an officer's handle, or an organisation's code
    required("case_handle", HANDLE),
    PrimaryKeyConstraint("whose", "day", "case_handle"),
)
seen_counts = Table(
    "seen_counts",
    METADATA,
    required("day", DAY),
    required("whose", CODE),
    required("kind", WORD),
    required("organisation", CODE),  # for which an officer looked last
    Column("seen", Integer, nullable=False),
    PrimaryKeyConstraint("whose", "day"),
)
Index("ix_seen_counts_day", seen_counts.c.day, seen_counts.c.kind)
read_alarms = Table(
    "read_alarms",
    METADATA,
    required("day", DAY),
    required("kind", WORD),
    required("whose", CODE),
    required("officer", HANDLE),  # who was looking
    required("organisation", CODE),
    required("at", MOMENT),
    Column("seen", Integer, nullable=False),
    Column("budget", Integer, nullable=False),
    PrimaryKeyConstraint("day", "kind", "whose"),  # once a day is enough
)

# Both databases read these texts.
_seeing = insert(seen_cases).values({c.name: bindparam(c.name) for c in seen_cases.c})
_SEE = Statement(_seeing.on_conflict_do_nothing())
_counting = insert(seen_counts).values({c.name: bindparam(c.name) for c in seen_counts.c})
_COUNT = Statement(
    _counting.on_conflict_do_update(
        index_elements=["whose", "day"],
        set_={
            "seen": seen_counts.c.seen + _counting.excluded.seen,
            "organisation": _counting.excluded.organisation,
        },
    ).returning(seen_counts.c.seen)
)
_alarming = insert(read_alarms).values({c.name: bindparam(c.name) for c in read_alarms.c})
_RAISE = Statement(_alarming.on_conflict_do_nothing())


@dataclass(frozen=True)
class Seen:
    """How many cases somebody has seen on a day and within the window that ends with it."""

    whose: str
    organisation: str
    today: int
    in_window: int  # a case counts once for each day on which it was seen


def count(
    connection: Connection,
    budget: Budget,
    principal: Principal,
    day: str,
    cases: Iterable[str],
) -> Alarm | None:
    """Count the cases of a look; return the budget that they go beyond, if they do.

    Officers come before organisations and cases in one order, so that no two looks can wait for
    each other.
    """
    shown = sorted(set(cases))
    alarm: Alarm | None = None
    for kind, whose, most in (
        (Kind.OFFICER_DAY, principal.officer, budget.officer_a_day),
        (Kind.BODY_DAY, principal.organisation, budget.body_a_day),
    ):
        new = _SEE.run(
            connection, [{"day": day, "whose": whose, "case_handle": one} for one in shown]
        ).rowcount
        if new <= 0:
            continue
        row = {"day": day, "whose": whose, "kind": kind.value, "seen": new}
        seen = _COUNT(connection, row | {"organisation": principal.organisation}).scalar_one()
        if most is not None and seen > most:
            return Alarm(kind, whose, seen, most)
        if kind is Kind.OFFICER_DAY and budget.officer_in_window is not None:
            alarm = _in_window(connection, whose, day, budget.officer_in_window)
    return alarm


def raise_alarm(
    connection: Connection, principal: Principal, alarm: Alarm, day: str, at: str
) -> None:
    """Write an alarm down, once a day, for the officer's own chief and for the supervisor."""
    _RAISE.run(
        connection,
        {
            "day": day,
            "kind": alarm.kind.value,
            "whose": alarm.whose,
            "officer": principal.officer,
            "organisation": principal.organisation,
            "at": at,
            "seen": alarm.seen,
            "budget": alarm.budget,
        },
    )


def first_day_of_window(day: str) -> str:
    """Return the first day of the window that ends with a day."""
    return (date.fromisoformat(day) - timedelta(days=WINDOW - 1)).isoformat()


def _in_window(connection: Connection, officer: str, day: str, most: int) -> Alarm | None:
    span = {"whose": officer, "first": first_day_of_window(day), "last": day}
    if (_SUM(connection, span).scalar_one() or 0) <= most:
        return None  # a case counts there for every day: there are no more of them than that
    seen = _DISTINCT(connection, span).scalar_one()
    return Alarm(Kind.OFFICER_WINDOW, officer, seen, most) if seen > most else None


def most_seen(
    connection: Connection, kind: Kind, day: str, organisation: str | None, limit: int
) -> list[Seen]:
    """Return who has seen most within the window, of one organisation or of all."""
    c = seen_counts.c
    today = func.sum(case((c.day == day, c.seen), else_=0))
    rows = connection.execute(
        select(
            c.whose,
            func.max(c.organisation).label("organisation"),
            today.label("today"),
            func.sum(c.seen).label("in_window"),
        )
        .where(
            c.kind == kind.value,
            c.day.between(first_day_of_window(day), day),
            c.organisation == organisation if organisation is not None else true(),
        )
        .group_by(c.whose)
        .order_by(today.desc(), func.sum(c.seen).desc(), c.whose)
        .limit(limit)
    )
    return [Seen(row.whose, row.organisation, int(row.today), int(row.in_window)) for row in rows]


_c = seen_counts.c
_SUM = Statement(
    select(func.sum(_c.seen)).where(
        _c.whose == bindparam("whose"),
        _c.day >= bindparam("first"),
        _c.day <= bindparam("last"),
    )
)
_s = seen_cases.c
_DISTINCT = Statement(
    select(func.count(_s.case_handle.distinct())).where(
        _s.whose == bindparam("whose"),
        _s.day >= bindparam("first"),
        _s.day <= bindparam("last"),
    )
)
