"""Who reads how much: alarms, and who has seen most cases, for a chief and for the supervisor."""

from dataclasses import dataclass

from sqlalchemy import Connection, func, select, true

from vetting.engine.policy import Principal
from vetting.engine.reading_budget import Kind
from vetting.engine.vocabulary import Role
from vetting.queries.names_of import names_of_officers
from vetting.records.read_tallies import first_day_of_window, most_seen, read_alarms

MOST = 20
MOST_ALARMS = 100


@dataclass(frozen=True)
class RaisedAlarm:
    """A budget that somebody went beyond, or was kept from going beyond."""

    at: str
    kind: Kind
    name: str  # whoever looked
    organisation: str  # code
    seen: int
    budget: int


@dataclass(frozen=True)
class ReaderLine:
    """How many cases an officer has seen."""

    name: str
    organisation: str
    today: int
    in_window: int


@dataclass(frozen=True)
class ReadingPage:
    """All that the page says."""

    alarms: tuple[RaisedAlarm, ...]
    officers: tuple[ReaderLine, ...]
    organisations: tuple[ReaderLine, ...]
    of_all: bool  # of every organisation; otherwise of the reader's own


def reading_page(connection: Connection, principal: Principal, today: str) -> ReadingPage:
    """Return who reads how much: the supervisor sees all, a chief the own organisation."""
    own = None if principal.role is Role.SUPERVISOR else principal.organisation
    a = read_alarms.c
    alarms = connection.execute(
        select(read_alarms)
        .where(
            a.day >= first_day_of_window(today),
            a.organisation == own if own is not None else true(),
        )
        .order_by(a.at.desc(), a.kind, a.whose)
        .limit(MOST_ALARMS)
    ).all()
    officers = most_seen(connection, Kind.OFFICER_DAY, today, own, MOST)
    bodies = most_seen(connection, Kind.BODY_DAY, today, own, MOST)
    names = names_of_officers(
        connection, {row.officer for row in alarms} | {one.whose for one in officers}
    )
    return ReadingPage(
        alarms=tuple(
            RaisedAlarm(
                row.at,
                Kind(row.kind),
                names.get(row.officer, row.officer),
                row.organisation,
                row.seen,
                row.budget,
            )
            for row in alarms
        ),
        officers=tuple(
            ReaderLine(names.get(one.whose, one.whose), one.organisation, one.today, one.in_window)
            for one in officers
        ),
        organisations=tuple(
            ReaderLine("", one.organisation, one.today, one.in_window) for one in bodies
        ),
        of_all=own is None,
    )


def alarms_of(connection: Connection, today: str) -> int:
    """Return how many alarms were raised within the window."""
    found: int = (
        connection.scalar(
            select(func.count())
            .select_from(read_alarms)
            .where(read_alarms.c.day >= first_day_of_window(today))
        )
        or 0
    )
    return found
