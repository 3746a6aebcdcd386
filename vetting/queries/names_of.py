"""Names: of organisations and officers, many in one statement."""

import re
from collections.abc import Iterable
from datetime import datetime

from sqlalchemy import Connection, select

from vetting.engine.definition import Title
from vetting.records.identity import ZONE
from vetting.records.officers import officers
from vetting.records.organisations import organisations

_DAY = re.compile(r"\d{4}-\d{2}-\d{2}")


def names_of_organisations(connection: Connection, codes: Iterable[str]) -> dict[str, Title]:
    """Return the names of organisations in both languages, by code."""
    wanted = sorted(set(codes))
    if not wanted:
        return {}
    c = organisations.c
    rows = connection.execute(select(c.code, c.name_vi, c.name_en).where(c.code.in_(wanted)))
    return {row.code: Title(vi=row.name_vi, en=row.name_en) for row in rows}


def names_of_officers(connection: Connection, handles: Iterable[str]) -> dict[str, str]:
    """Return the names of officers, by handle."""
    wanted = sorted(set(handles))
    if not wanted:
        return {}
    c = officers.c
    return {
        row.handle: row.name
        for row in connection.execute(select(c.handle, c.name).where(c.handle.in_(wanted)))
    }


def day_written(day: str) -> str:
    """Return an ISO date, or a year alone, as people here write it."""
    return "/".join(reversed(day.split("-")))


def moment_written(at: str) -> str:
    """Return a moment as people here write it, to the second, where legal days are counted."""
    here = datetime.fromisoformat(at).astimezone(ZONE)
    return f"{here:%H:%M:%S}, {day_written(here.date().isoformat())}"


def basis_written(key: str) -> str:
    """Return a legal basis by its key, its number, day and issuer, with the day as days are."""
    parts = (day_written(part) if _DAY.fullmatch(part) else part for part in key.split(";"))
    return ", ".join(filter(None, parts))
