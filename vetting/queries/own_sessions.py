"""An officer's own log-in sessions that are open."""

from dataclasses import dataclass

from sqlalchemy import Connection, select

from vetting.engine.devices import Browser, System, read_device
from vetting.engine.policy import Principal
from vetting.records.officers import login_sessions, officers
from vetting.records.sessions import Capacity, acting_capacities, capacities


@dataclass(frozen=True)
class OpenSession:
    """One session that still opens pages."""

    mark: str
    capacity: Capacity
    began_at: str
    seen_at: str
    is_this: bool
    method: str  # how it was proved whose it is
    address: str | None  # from where it was used last; empty before that was kept
    browser: Browser
    system: System


def own_sessions(
    connection: Connection, principal: Principal, day: str, *, seen_since: str, began_since: str
) -> list[OpenSession]:
    """Return the open sessions of whoever asks, this one first, in a few statements.

    One that has idled since *seen_since* or lasted since *began_since* opens nothing any more, nor
    does one in a capacity that is over.
    """
    held = {
        (one.organisation, one.role, one.acting.on_behalf_of if one.acting else None): one
        for one in (
            *capacities(connection, principal.officer, day),
            *acting_capacities(connection, principal.officer, day),
        )
    }
    s = login_sessions.c
    rows = connection.execute(
        select(
            s.mark,
            s.organisation,
            s.role,
            s.on_behalf_of,
            s.began_at,
            s.seen_at,
            s.method,
            s.address,
            s.device,
        )
        .where(
            s.officer == principal.officer,
            s.ended_at.is_(None),
            s.seen_at >= seen_since,
            s.began_at >= began_since,
        )
        .order_by(s.seen_at.desc(), s.mark)
    )
    found = [
        OpenSession(
            row.mark,
            held[row.organisation, row.role, row.on_behalf_of],
            row.began_at,
            row.seen_at,
            row.mark == principal.session,
            row.method,
            row.address,
            *read_device(row.device),
        )
        for row in rows
        if (row.organisation, row.role, row.on_behalf_of) in held
    ]
    return sorted(found, key=lambda one: not one.is_this)


def own_login(connection: Connection, principal: Principal) -> str:
    """Return the log-in of whoever asks."""
    return str(
        connection.scalar(select(officers.c.login).where(officers.c.handle == principal.officer))
    )
