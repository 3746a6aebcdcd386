"""Declare a gap: two people say that the log no longer reaches what a witness has signed.

It is what a restored backup costs. Nothing is mended by it: from then on everybody can see that
entries are missing, which, since when, and who says so.
"""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, insert, select, update

from vetting.engine.refusals import Forbidden, OutOfTurn, Unacceptable
from vetting.engine.sentences import say
from vetting.engine.vocabulary import Role
from vetting.records import factors, sessions
from vetting.records.database import Database
from vetting.records.factors import FactorKey
from vetting.records.identity import Ids
from vetting.records.officers import officers
from vetting.records.witnessed import Behind, DeclaredGap, behind, gaps, remember_gap
from vetting.usecases.prove_factor import prove_by_code

MAY_DECLARE = frozenset({Role.ADMINISTRATOR, Role.SUPERVISOR})
LONGEST_REASON = 2_000


@dataclass(frozen=True)
class Declared:
    """A declaration as it stands: by one person, or by two."""

    signed_size: int
    size: int
    reason: str
    confirmed: bool
    further: Behind | None = None  # what the log falls short of besides


@dataclass(frozen=True)
class OfferedCode:
    """A code by which somebody proves a second factor, and what opens what it is compared with."""

    code: str
    key: FactorKey


def declare_gap(  # one for each thing that is said at the command line
    database: Database,
    folder: Path,
    officer: str,
    reason: str = "",
    ids: Ids | None = None,
    *,
    confirms: bool = False,
    offered: OfferedCode | None = None,
) -> Declared:
    """Declare the gap there is, or confirm with what reason another person declared it.

    Whoever *confirms* says so, having read the reason, and gives none: two people stand for one.
    What is *offered* by who has a second factor is used up by what is declared, not by a refusal.
    """
    ids = ids or Ids()
    with database.writing() as connection:
        _prove_second(connection, officer, offered, ids)
        held = _refuse_others(connection, officer, ids)
        found = behind(connection, folder)
        if found is None:
            raise OutOfTurn(say("The log has everything that a witness has signed."))
        first = _first_half(connection, found, officer, held, ids)
        if first is None:
            return _begin(connection, found, officer, reason, ids)
        if reason.strip() or not confirms:
            raise OutOfTurn(
                say(
                    "The gap was declared with this reason: “%(reason)s” If it is right, confirm "
                    "it with --confirm and without another.",
                    reason=first.reason,
                )
            )
        return _confirm(connection, folder, found, first, officer, ids)


def _prove_second(
    connection: Connection, officer: str, offered: OfferedCode | None, ids: Ids
) -> None:
    """Take the code of an officer who has a second factor, whatever they are told afterwards."""
    if not factors.has_factor(connection, officer):
        return
    if offered is None:
        raise Forbidden(say("Whoever has a second factor declares nothing without it."))
    prove_by_code(connection, offered.key, officer, offered.code, ids.clock())


def _refuse_others(connection: Connection, officer: str, ids: Ids) -> set[tuple[Role, str]]:
    """Return as what an officer may declare a gap; nobody else does."""
    o = officers.c
    held = _held(connection, officer, ids.today())
    if not held:
        raise Forbidden(say("An administrator and a supervisor declare a gap."))
    if connection.scalar(select(o.password_given_at).where(o.handle == officer)) is not None:
        raise Forbidden(
            say(
                "Somebody else gave this officer their password. Whoever declares a gap has "
                "chosen one of their own before."
            )
        )
    return held


def _first_half(
    connection: Connection, found: Behind, officer: str, held: set[tuple[Role, str]], ids: Ids
) -> Any | None:  # noqa: ANN401  # a row
    """Return what another person declared of this gap and this officer can confirm.

    What somebody declared whose role has run out, or who works beside this officer, waits for
    others and keeps nobody from declaring anew.
    """
    g, o = gaps.c, officers.c
    waiting = connection.execute(
        select(g.handle, g.declared_by, g.declared_at, g.reason)
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
    ).all()
    for one in waiting:
        by_other = one.declared_by != officer
        if by_other and _two_sides(held, _held(connection, one.declared_by, ids.today())):
            return one
    if any(one.declared_by == officer for one in waiting):
        raise Forbidden(say("A second person of another role and organisation confirms it."))
    return None


def _begin(connection: Connection, found: Behind, officer: str, reason: str, ids: Ids) -> Declared:
    """Write the first half down, with its reason."""
    said = one_line(reason)
    if not 0 < len(said) <= LONGEST_REASON:
        raise Unacceptable(say("Say why the log falls short, in at most 2,000 characters."))
    connection.execute(
        insert(gaps).values(
            handle=ids.handle(),
            witnessed_size=found.signed_size,
            witnessed_root=found.signed_root,
            found_size=found.size,
            found_root=found.root,
            reason=said,
            declared_by=officer,
            declared_at=ids.now(),
        )
    )
    return Declared(found.signed_size, found.size, said, confirmed=False)


def _confirm(  # where, what of it, and who
    connection: Connection,
    folder: Path,
    found: Behind,
    first: Any,  # noqa: ANN401  # a row
    officer: str,
    ids: Ids,
) -> Declared:
    """Make one whole of two halves, here and beside the database; say what else is missing."""
    now = ids.now()
    connection.execute(
        update(gaps)
        .where(gaps.c.handle == first.handle)
        .values(confirmed_by=officer, confirmed_at=now)
    )
    remember_gap(
        folder,
        DeclaredGap(
            found.signed_size,
            found.size,
            first.reason,
            first.declared_by,
            first.declared_at,
            officer,
            now,
        ),
    )
    further = behind(connection, folder)
    return Declared(found.signed_size, found.size, first.reason, confirmed=True, further=further)


def one_line(written: str) -> str:
    """Return what somebody wrote, in one line; nothing where it has no letter or is no text."""
    said = " ".join(written.split())
    return said if said.isprintable() and any(one.isalnum() for one in said) else ""


def _held(connection: Connection, officer: str, day: str) -> set[tuple[Role, str]]:
    return {
        (capacity.role, capacity.organisation)
        for capacity in sessions.capacities(connection, officer, day)
        if capacity.role in MAY_DECLARE
    }


def _two_sides(one: set[tuple[Role, str]], other: set[tuple[Role, str]]) -> bool:
    """Tell whether two people can stand for an administrator and a supervisor apart."""
    return any(
        role != other_role and organisation != other_organisation
        for role, organisation in one
        for other_role, other_organisation in other
    )
