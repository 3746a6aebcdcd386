"""What waits for an officer in their other capacities: a number each, and nothing of any case.

The number is the one that the first page of that capacity says, under the same clause.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import Connection

from vetting.engine.policy import Principal
from vetting.engine.vocabulary import Role
from vetting.queries import emergency_page, inbox, own_cases, submitted, to_sign, worklist
from vetting.records.identity import Ids
from vetting.records.sessions import Capacity, acting_capacities, working_as
from vetting.records.standing import Purpose, on_purpose


@dataclass(frozen=True)
class Waiting:
    """A capacity of an officer, and how much waits there; None where nothing is counted."""

    capacity: Capacity
    count: int | None


def waiting_in(
    connection: Connection, by: Principal, capacities: Sequence[Capacity], ids: Ids
) -> list[Waiting]:
    """Return how much waits in each of these capacities of an officer."""
    today, now = ids.today(), ids.now()
    return [
        Waiting(one, _count(connection, working_as(connection, by, one, today), now))
        for one in capacities
    ]


def waiting_for_others(connection: Connection, by: Principal, ids: Ids) -> list[Waiting]:
    """Return for whom an officer acts today, where anything waits.

    Asked in a capacity of their own; whoever is in another's place sees what waits there.
    """
    if by.on_behalf_of is not None:
        return []
    found = waiting_in(connection, by, acting_capacities(connection, by.officer, ids.today()), ids)
    return [one for one in found if one.count]


def _count(  # noqa: PLR0911  # one number a role
    connection: Connection, as_: Principal, now: str
) -> int | None:
    with on_purpose(connection, Purpose.COUNTING):  # the connection works for another capacity
        match as_.role:
            case Role.CASE_OFFICER:
                return own_cases.count_unfinished(connection, as_)
            case Role.BOARD_OFFICER | Role.BOARD_HEAD:
                waits = worklist.counts(connection, as_, worklist.Filter(at=now))
                heads = {worklist.Wait.TO_SUBMIT} if as_.role is Role.BOARD_OFFICER else set()
                others = worklist.NOT_OURS | heads
                return sum(many for wait, many in waits.items() if wait not in others)
            case Role.BODY_OFFICER:
                return inbox.counts(connection, as_)[inbox.Tab.BODY]
            case Role.BODY_SIGNER:
                return to_sign.count_ready(connection, as_)
            case Role.SECRETARY:
                found = submitted.counts(connection, as_, submitted.Wanted())
                return found[submitted.Before.TO_CONCLUDE]
            case Role.SUPERVISOR:
                return emergency_page.counts(connection, as_, now).to_do
            case _:
                return None
