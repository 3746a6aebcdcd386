"""Scope: which cases a principal may know of, as a clause. The twin of `engine.policy.relation`.

Nothing lists or counts cases without it. What the role lets somebody see is one part of it, what
is kept from them nevertheless the other: a case from which they are recused, or one restricted to
others; from a supervisor also a case in which they did something themselves.

On PostgreSQL the policies on rows are made of the very same clauses (records/rows.py): there the
principal is whoever the connection works for, and `AsSet` stands for what nobody knows yet.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, TypeAlias

from sqlalchemy import (
    ColumnElement,
    CompoundSelect,
    Connection,
    Integer,
    Select,
    Text,
    and_,
    bindparam,
    exists,
    false,
    not_,
    or_,
    select,
    true,
    union_all,
)

from vetting.engine.casefile import ERASED
from vetting.engine.policy import BODYS_OWN, Principal
from vetting.engine.substitutes import EVERY_TYPE
from vetting.engine.vocabulary import CaseType, Role
from vetting.records.cases import cases
from vetting.records.consultations import consultations
from vetting.records.history import entries
from vetting.records.standing import Purpose, on_purpose
from vetting.records.withheld import named_readers, recusals, restrictions

NOT_ASKED = ("withdrawn", ERASED)  # the states of a question that is its body's no more
SEE_EVERY_OPINION = frozenset(
    {Role.BOARD_OFFICER, Role.BOARD_HEAD, Role.SECRETARY, Role.SUPERVISOR}
)


@dataclass(frozen=True)
class AsSet:
    """A principal of whom all but the role is what the connection is set to."""

    role: Role
    officer: ColumnElement[str]
    persons: Select[tuple[str]]
    organisation: ColumnElement[str]
    clearance: ColumnElement[int]
    emergency: Select[tuple[str]]
    case_types: Select[tuple[str]]


@dataclass(frozen=True)
class Bound:
    """A principal of whom all but the role is given when the statement runs, by `values_of`.

    Principals of one role who have as many of each need one statement, which is compiled once.
    """

    role: Role
    officer: ColumnElement[str]
    persons: tuple[ColumnElement[str], ...]
    organisation: ColumnElement[str]
    clearance: ColumnElement[int]
    emergency: tuple[ColumnElement[str], ...]
    case_types: tuple[ColumnElement[str], ...] | frozenset[CaseType]  # or every type


Asking: TypeAlias = Principal | AsSet | Bound


def shape_of(principal: Principal) -> tuple[Role, int, int, int | None]:
    """Return what principals have in common who need one statement."""
    scoped = None if principal.case_types == EVERY_TYPE else len(principal.case_types)
    return principal.role, len(principal.persons), len(principal.emergency), scoped


def bound(role: Role, persons: int, emergency: int, case_types: int | None) -> Bound:
    """Return whom a statement for principals of one shape is about."""
    return Bound(
        role,
        bindparam("officer", type_=Text()),
        _bound("person", persons),
        bindparam("organisation", type_=Text()),
        bindparam("clearance", type_=Integer()),
        _bound("opened", emergency),
        EVERY_TYPE if case_types is None else _bound("case_type", case_types),
    )


def values_of(principal: Principal) -> dict[str, str | int]:
    """Return what a statement about a bound principal is to be given for this one."""
    values: dict[str, str | int] = {
        "officer": principal.officer,
        "organisation": principal.organisation,
        "clearance": principal.clearance,
    }
    listed: list[tuple[str, Iterable[str]]] = [
        ("person", principal.persons),
        ("opened", sorted(principal.emergency)),
    ]
    if principal.case_types != EVERY_TYPE:
        listed.append(("case_type", sorted(principal.case_types)))
    for name, given in listed:
        values.update((f"{name}{place}", str(one)) for place, one in enumerate(given))
    return values


def _bound(name: str, count: int) -> tuple[ColumnElement[str], ...]:
    return tuple(bindparam(f"{name}{place}", type_=Text()) for place in range(count))


def visible_to(principal: Asking) -> ColumnElement[bool]:
    """Return the clause that keeps a query on cases to what *principal* may know of."""
    kept = withheld_from(principal)
    if isinstance(principal, AsSet):  # asked of one case at a time: it is looked for, not the list
        one = kept.subquery()
        not_kept = not_(exists().where(one.c.case_handle == cases.c.handle))
    else:
        not_kept = cases.c.handle.not_in(kept)
    return and_(
        cases.c.state != ERASED,
        _in_role(principal.role, principal),
        in_scope(principal),
        not_kept,
    )


def concerns(principal: Asking) -> ColumnElement[bool]:
    """Return the clause for the cases that would be *principal*'s work if none were restricted."""
    return and_(
        cases.c.state != ERASED,
        _in_role(principal.role, principal),
        in_scope(principal),
        cases.c.handle.not_in(kept_for_good_from(principal)),
    )


def entries_visible_to(principal: Principal) -> ColumnElement[bool]:
    """Return the clause that keeps a query on entries of visible cases to what one may know of.

    The twin of `engine.policy.sees_entry`, for those to whom every opinion is shown.
    """
    if principal.role not in SEE_EVERY_OPINION:
        return false()
    return or_(entries.c.body.is_(None), entries.c.verb.not_in(sorted(BODYS_OWN)))


def addressed_to(principal: Principal) -> ColumnElement[bool]:
    """Return the clause that keeps a query on consultations to those put to one's own body."""
    if principal.role not in {Role.BODY_OFFICER, Role.BODY_SIGNER}:
        return false()
    return and_(
        consultations.c.body == principal.organisation,
        *(consultations.c.state != state for state in NOT_ASKED),
        not_withheld(principal),
    )


def not_withheld(principal: Principal) -> ColumnElement[bool]:
    """Return the clause that leaves out consultations on cases kept from *principal*."""
    kept = consultations.c.case_handle.not_in(withheld_from(principal))
    if principal.case_types == EVERY_TYPE:
        return kept
    scoped = cases.alias("scoped")
    return and_(
        kept,
        exists(
            select(scoped.c.handle).where(
                scoped.c.handle == consultations.c.case_handle,
                scoped.c.case_type.in_(_all_of(principal.case_types)),
            )
        ),
    )


def in_scope(principal: Asking) -> ColumnElement[bool]:
    """Return the clause that keeps a substitute to the case types that were left to them."""
    if principal.case_types == EVERY_TYPE:
        return true()
    return cases.c.case_type.in_(_all_of(principal.case_types))


def withheld_from(principal: Asking) -> CompoundSelect[tuple[str]]:
    """Return the query for the cases that are kept from *principal* whatever their role.

    They are few, and the query depends on nothing around it: a database runs it once.
    """
    r, n = restrictions.c, named_readers.c
    named = select(n.case_handle).where(n.officer == principal.officer)
    restricted = select(r.case_handle).where(
        or_(r.level > principal.clearance, and_(r.named_only == 1, r.case_handle.not_in(named)))
    )
    if isinstance(principal, AsSet) or principal.emergency:
        restricted = restricted.where(r.case_handle.not_in(_all_of(principal.emergency)))
    return union_all(*_kept_for_good(principal), restricted)


def not_kept_for_good(connection: Connection, principal: Principal, case: str | None) -> bool:
    """Tell whether an officer may ever hear of a case: not where they must not deal with it."""
    kept = union_all(*_kept_for_good(principal)).subquery()
    with on_purpose(connection, Purpose.EMERGENCY):
        return connection.scalar(select(kept.c[0]).where(kept.c[0] == case).limit(1)) is None


def kept_for_good_from(principal: Asking) -> CompoundSelect[tuple[str]]:
    """Return the query for the cases that no emergency opens to *principal* either."""
    return union_all(*_kept_for_good(principal))


def _kept_for_good(principal: Asking) -> list[Select[tuple[str]]]:
    recused = select(recusals.c.case_handle).where(recusals.c.officer.in_(principal.persons))
    if principal.role is not Role.SUPERVISOR:
        return [recused]
    # Nobody supervises what they did themselves in another capacity.
    # What a substitute did in their name is theirs as well.
    e = entries.c
    own = [
        select(e.case_handle).where(name.in_(principal.persons), e.role != Role.SUPERVISOR.value)
        for name in (e.officer, e.on_behalf_of)
    ]
    return [recused, *own]


def _all_of(values: Any) -> Any:  # noqa: ANN401  # what a column may be one of
    return values if isinstance(values, (Select, tuple)) else sorted(values)


def _in_role(role: Role, principal: Asking) -> ColumnElement[bool]:
    match role:
        case Role.CASE_OFFICER:
            return cases.c.unit == principal.organisation
        case Role.BOARD_OFFICER | Role.BOARD_HEAD | Role.SUPERVISOR:
            return cases.c.reference.is_not(None)
        case Role.BODY_OFFICER | Role.BODY_SIGNER:
            return exists().where(
                consultations.c.case_handle == cases.c.handle,
                consultations.c.body == principal.organisation,
                *(consultations.c.state != state for state in NOT_ASKED),
            )
        case Role.SECRETARY:
            return and_(cases.c.authority == principal.organisation, cases.c.before_authority == 1)
        case _:
            return false()
