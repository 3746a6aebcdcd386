"""Load the province's calendar from what the program brings along; twice changes nothing.

A day that the program names otherwise than before gets a new line; the earlier one stays. What an
officer entered of a day counts before either. Where the new days would move running deadlines, they
are taken over only in the name of somebody who may change calendars, with a reason and with an
entry in each case.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, select, update

from vetting.engine.policy import Action, Principal, may
from vetting.engine.reading import Definitions
from vetting.engine.refusals import Forbidden, OutOfTurn, Unacceptable
from vetting.engine.sentences import say
from vetting.records.book import Book
from vetting.records.calendars import (
    CLOSURE,
    INSERT_CHANGE,
    ORDINARY,
    PROVINCE,
    WORKING,
    calendar_days,
    calendar_of,
    calendars,
)
from vetting.records.database import Database, Row
from vetting.records.identity import Ids
from vetting.records.rights import DatabaseRole
from vetting.records.running_deadlines import MovedDeadline, deadlines_moved, list_hash
from vetting.registers.vietnam import KnownDays, days_of_vietnam
from vetting.usecases.change_calendar import enter_moves
from vetting.usecases.load_registers import Loaded

NAME = {"name_vi": "Lịch của tỉnh", "name_en": "The province’s calendar"}


@dataclass(frozen=True)
class InTheNameOf:
    """Who takes over days that move deadlines, and why."""

    principal: Principal
    reason: str


class WouldMove(OutOfTurn):
    """The days that come with the program would move running deadlines, and nobody is named."""


def load_calendar(
    database: Database,
    ids: Ids | None = None,
    known: KnownDays | None = None,
    *,
    definitions: Definitions | None = None,
    by: InTheNameOf | None = None,
) -> list[Loaded]:
    """Bring the province's calendar to what the program knows.

    Without *definitions* there are no cases yet of which a deadline could move.
    """
    known = known or days_of_vietnam()
    if by is not None and not may(by.principal, Action.KEEP_CALENDAR):
        raise Forbidden(say("Your role does not allow this."))
    if by is not None and not by.reason.strip():
        raise Unacceptable(say("Give a reason."))
    ids = ids or Ids()
    at = ids.now()
    with database.acting_as(DatabaseRole.OWNER).writing() as connection:
        before = calendar_of(connection)
        loaded = [_load_calendar(connection, known, at), _load_days(connection, known, at)]
        if definitions is None or before is None:
            return loaded
        after = calendar_of(connection)
        moved: tuple[MovedDeadline, ...] = ()
        if after is not None and any(one.added or one.changed for one in loaded):
            moved = deadlines_moved(connection, definitions, before, after, hold=True)
        if moved and by is None:
            raise WouldMove(
                say(
                    "The calendar stays as it is: the days that come with this version would move "
                    "%(count)s running deadlines. `vetting deadlines take-over` shows them, and "
                    "takes the days over in the name of somebody who may change calendars.",
                    count=len(moved),
                )
            )
        if moved and by is not None:
            _enter(Book(connection, by.principal, definitions, ids, at), moved, by.reason.strip())
        return loaded


def what_loading_moves(
    database: Database,
    definitions: Definitions,
    ids: Ids | None = None,
    known: KnownDays | None = None,
) -> tuple[MovedDeadline, ...]:
    """Return the running deadlines that loading would move, and load nothing."""
    at = (ids or Ids()).now()
    known = known or days_of_vietnam()
    try:
        with database.acting_as(DatabaseRole.OWNER).writing() as connection:
            before = calendar_of(connection)
            _load_calendar(connection, known, at)
            _load_days(connection, known, at)
            after = calendar_of(connection)
            moved = (
                deadlines_moved(connection, definitions, before, after)
                if before is not None and after is not None
                else ()
            )
            raise _Undone(moved)  # noqa: TRY301  # nothing that was tried is kept
    except _Undone as undone:
        return undone.moved


class _Undone(Exception):  # no error: what was tried is taken back
    def __init__(self, moved: tuple[MovedDeadline, ...]) -> None:
        super().__init__()
        self.moved = moved


def _enter(book: Book, moved: tuple[MovedDeadline, ...], reason: str) -> None:
    change = book.ids.handle()
    book.insert(
        INSERT_CHANGE,
        {
            "handle": change,
            "calendar": PROVINCE,
            "at": book.at,
            "officer": book.principal.officer,
            "organisation": book.principal.organisation,
            "role": book.principal.role.value,
            "reason": reason,
            "moved": len(moved),
            "moved_hash": list_hash(moved),
        },
    )
    enter_moves(book, PROVINCE, change, moved, reason)
    book.write()


def _load_calendar(connection: Connection, known: KnownDays, at: str) -> Loaded:
    row: dict[str, Any] = {
        **NAME,
        "first_day": known.first.isoformat(),
        "last_day": known.last.isoformat(),
        "announced_to": known.announced_to.isoformat(),
    }
    kept = (
        connection.execute(select(calendars).where(calendars.c.code == PROVINCE)).mappings().first()
    )
    if kept is None:
        connection.execute(
            calendars.insert(), {"code": PROVINCE, **row, "source": known.source, "entered_at": at}
        )
        return Loaded(calendars.name, 1, 0, 0)
    if all(kept[name] == value for name, value in row.items()):
        return Loaded(calendars.name, 0, 0, 1)
    connection.execute(
        update(calendars)
        .where(calendars.c.code == PROVINCE)
        .values(**row, source=known.source, entered_at=at)
    )
    return Loaded(calendars.name, 0, 1, 0)


def _load_days(connection: Connection, known: KnownDays, at: str) -> Loaded:
    c = calendar_days.c
    kept: dict[str, Row] = {
        line["day"]: line
        for line in connection.execute(
            select(calendar_days)
            .where(c.calendar == PROVINCE, c.entered_by.is_(None))
            .order_by(c.day, c.entered_at)
        ).mappings()
    }
    wanted = {line["day"]: line for line in _lines(known)}
    for day, line in kept.items():
        if day not in wanted and line["kind"] != ORDINARY:
            wanted[day] = {"day": day, "kind": ORDINARY, "name_vi": "", "name_en": ""}
    new = [
        line
        for day, line in wanted.items()
        if day not in kept or any(kept[day][name] != value for name, value in line.items())
    ]
    if new:
        connection.execute(
            calendar_days.insert(),
            [
                {**line, "calendar": PROVINCE, "entered_at": at, "source": known.source}
                for line in new
            ],
        )
    added = sum(1 for line in new if line["day"] not in kept)
    return Loaded(calendar_days.name, added, len(new) - added, len(wanted) - len(new))


def _lines(known: KnownDays) -> Iterator[dict[str, str]]:
    for kind, days in ((CLOSURE, known.closures), (WORKING, known.worked)):
        for day, name in days.items():
            yield {"day": day.isoformat(), "kind": kind, "name_vi": name.vi, "name_en": name.en}
