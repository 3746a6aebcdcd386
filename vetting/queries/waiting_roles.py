"""Roles that wait: what one administrator gave and a second one is to confirm, oldest first."""

from dataclasses import dataclass

from sqlalchemy import Connection

from vetting.engine.policy import Principal
from vetting.engine.refusals import OutOfTurn, Unknown
from vetting.engine.role_proposals import ANSWERED, RoleProposal
from vetting.engine.sentences import Sentence, say
from vetting.queries.keyset import Page, beyond, paged, read_mark
from vetting.queries.names_of import names_of_officers
from vetting.records.role_proposals import answered, count_to_answer, find, role_proposals, waiting

AT_ONCE = 100  # rows of a page; as many can be answered at once


@dataclass(frozen=True)
class WaitingRole:
    """One role, or one higher clearance, that waits."""

    proposal: RoleProposal
    name: str  # the officer's
    by: str  # the name of whoever gave it
    own: bool  # the reader gave it, and may take it back
    not_answered: Sentence | None  # why the reader can neither confirm nor refuse it

    @property
    def value(self) -> str:
        """What a tick sends: which it is, and the hash of what is shown."""
        return f"{self.proposal.handle}:{self.proposal.hash}"


def waiting_roles(
    connection: Connection, reader: Principal, after: str | None
) -> Page[WaitingRole]:
    """Return a page of what waits, for whoever may confirm some of it."""
    mark = read_mark(after, 2)
    p = role_proposals.c
    wanted = () if mark is None else (beyond((p.at, p.handle), mark),)
    found = waiting(connection, *wanted, limit=AT_ONCE + 1)
    shown = {one.proposal.handle: one for one in _shown(connection, reader, found)}
    return paged(
        found, AT_ONCE, after, lambda one: (one.at, one.handle), lambda one: shown[one.handle]
    )


def waiting_role(connection: Connection, reader: Principal, handle: str) -> WaitingRole:
    """Return one that waits; of one that was answered it is said that it was."""
    found = find(connection, [handle])
    if not found:
        raise Unknown(say("There is no such role that waits."))
    if answered(connection, found):
        raise OutOfTurn(ANSWERED)
    return _shown(connection, reader, [found[handle].proposal])[0]


def count_waiting(connection: Connection, reader: Principal) -> int:
    """Return how many wait that the reader could confirm or refuse."""
    return count_to_answer(connection, reader.officer)


def _shown(
    connection: Connection, reader: Principal, found: list[RoleProposal]
) -> list[WaitingRole]:
    names = names_of_officers(
        connection, {name for one in found for name in (one.officer, one.proposed_by)}
    )
    return [
        WaitingRole(
            one,
            names[one.officer],
            names[one.proposed_by],
            own=one.proposed_by == reader.officer,
            not_answered=one.not_answered_by(reader.persons),
        )
        for one in found
    ]
