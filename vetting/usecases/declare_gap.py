"""Declare a gap: two people say that the log no longer reaches what a witness has signed.

It is what a restored backup costs. Nothing is mended by it: from then on everybody can see that
entries are missing, which, since when, and who says so.
"""

from dataclasses import dataclass
from pathlib import Path

from sqlalchemy import insert, select, update

from vetting.engine.refusals import Forbidden, OutOfTurn, Unacceptable
from vetting.engine.sentences import say
from vetting.engine.vocabulary import Role
from vetting.records import sessions
from vetting.records.database import Database
from vetting.records.identity import Ids
from vetting.records.officers import officers
from vetting.records.witnessed import behind, gaps

MAY_DECLARE = frozenset({Role.ADMINISTRATOR, Role.SUPERVISOR})
LONGEST_REASON = 2_000


@dataclass(frozen=True)
class Declared:
    """A declaration as it stands: by one person, or by two."""

    signed_size: int
    size: int
    reason: str
    confirmed: bool


def declare_gap(
    database: Database, folder: Path, officer: str, reason: str = "", ids: Ids | None = None
) -> Declared:
    """Declare the gap there is, or confirm with what reason another person declared it.

    Whoever confirms gives no reason: there is one, and two people stand for it.
    """
    ids = ids or Ids()
    g, o = gaps.c, officers.c
    with database.writing() as connection:
        held = {
            (capacity.role, capacity.organisation)
            for capacity in sessions.capacities(connection, officer, ids.today())
            if capacity.role in MAY_DECLARE
        }
        if not held:
            raise Forbidden(say("An administrator and a supervisor declare a gap."))
        found = behind(connection, folder)
        if found is None:
            raise OutOfTurn(say("The log has everything that a witness has signed."))
        before = connection.execute(
            select(g.handle, g.declared_by, g.reason)
            .join(officers, o.handle == g.declared_by)
            .where(
                g.witnessed_size == found.signed_size,
                g.witnessed_root == found.signed_root,
                g.found_size == found.size,
                g.found_root == found.root,
                g.confirmed_at.is_(None),
                o.disabled_at.is_(None),  # whoever may no longer act declares nothing
            )
            .order_by(g.declared_at, g.handle)
        ).first()
        if before is None:
            if not 0 < len(reason.strip()) <= LONGEST_REASON:
                raise Unacceptable(say("Say why the log falls short, in at most 2,000 characters."))
            connection.execute(
                insert(gaps).values(
                    handle=ids.handle(),
                    witnessed_size=found.signed_size,
                    witnessed_root=found.signed_root,
                    found_size=found.size,
                    found_root=found.root,
                    reason=reason.strip(),
                    declared_by=officer,
                    declared_at=ids.now(),
                )
            )
            return Declared(found.signed_size, found.size, reason.strip(), confirmed=False)
        others = {
            (capacity.role, capacity.organisation)
            for capacity in sessions.capacities(connection, before.declared_by, ids.today())
        }
        if before.declared_by == officer or not _two_sides(held, others):
            raise Forbidden(say("A second person of another role and organisation confirms it."))
        if reason.strip():
            raise OutOfTurn(
                say(
                    "The gap was declared with this reason: %(reason)s Confirm it without another.",
                    reason=before.reason,
                )
            )
        connection.execute(
            update(gaps)
            .where(g.handle == before.handle)
            .values(confirmed_by=officer, confirmed_at=ids.now())
        )
    return Declared(found.signed_size, found.size, before.reason, confirmed=True)


def _two_sides(one: set[tuple[Role, str]], other: set[tuple[Role, str]]) -> bool:
    """Tell whether two people can stand for an administrator and a supervisor apart."""
    return any(
        role != other_role and organisation != other_organisation
        for role, organisation in one
        for other_role, other_organisation in other
        if other_role in MAY_DECLARE
    )
