"""Attempts to sign in that failed, counted for a while so that guessing becomes slow."""

from dataclasses import dataclass

from sqlalchemy import Connection, and_, case, delete, func, insert, or_, select

from vetting.records.officers import failed_logins

_c = failed_logins.c


@dataclass(frozen=True, slots=True)
class Failures:
    """How often it failed lately, and when last."""

    of_login: int
    of_source: int
    of_both: int
    last_of_source: str | None
    last_of_both: str | None


def failures_since(connection: Connection, login: str, source: str, since: str) -> Failures:
    """Count the failures of a log-in, of a source, and of the two together."""
    of_login, of_source = _c.login == login, _c.source == source
    both = and_(of_login, of_source)
    row = connection.execute(
        select(
            func.count(case((of_login, 1))),
            func.count(case((of_source, 1))),
            func.count(case((both, 1))),
            func.max(case((of_source, _c.at))),
            func.max(case((both, _c.at))),
        ).where(or_(of_login, of_source), _c.at > since)
    ).one()
    return Failures(*row)


def note(connection: Connection, login: str, source: str, at: str) -> None:
    """Write an attempt down."""
    connection.execute(insert(failed_logins).values(login=login, source=source, at=at))


def forget(connection: Connection, login: str, source: str) -> None:
    """Forget the attempts of somebody who got in."""
    connection.execute(delete(failed_logins).where(_c.login == login, _c.source == source))


def forget_before(connection: Connection, at: str) -> None:
    """Forget what is too old to count."""
    connection.execute(delete(failed_logins).where(_c.at < at))
