"""What answers for a record that was destroyed: that it was, by which rule, and by whom.

It answers those alone who would see the case if it were still there; for all others there is
nothing, as before.
"""

from collections.abc import Mapping
from functools import lru_cache

from sqlalchemy import ColumnElement, Connection, and_, bindparam, exists, false, select, true

from vetting.engine.definition import Title
from vetting.engine.policy import Principal
from vetting.engine.refusals import Erased, Stays
from vetting.engine.sentences import Years, say
from vetting.engine.substitutes import EVERY_TYPE
from vetting.engine.vocabulary import Role
from vetting.queries.history_sentences import BY_ITSELF, TITLES
from vetting.queries.names_of import day_written, names_of_officers, names_of_organisations
from vetting.records.cases import cases
from vetting.records.consultations import consultations
from vetting.records.database import Statement
from vetting.records.disposals import disposals
from vetting.records.history import entries
from vetting.records.scope import (
    Bound,
    bound,
    entries_visible_to,
    shape_of,
    values_of,
    withheld_from,
)
from vetting.records.standing import Purpose, on_purpose

_d, _c = disposals.c, consultations.c


def known_to(principal: Principal | Bound) -> ColumnElement[bool]:
    """Return the clause that keeps a query on disposals to what somebody may know of."""
    scoped = principal.case_types
    return and_(
        _by_role(principal),
        true() if scoped == EVERY_TYPE else _d.case_type.in_(scoped),
        _d.case_handle.not_in(withheld_from(principal)),
    )


def uncleaned_known_to(connection: Connection, principal: Principal) -> set[str]:
    """Return the destroyed cases whose files owe a cleaning, of those somebody may know of."""
    return set(
        connection.scalars(
            select(_d.case_handle).where(
                _d.erased_at.is_not(None), _d.cleaned_at.is_(None), known_to(principal)
            )
        )
    )


def refuse_erased(connection: Connection, principal: Principal, case: str) -> None:
    """Say of a case that is not there that it was destroyed, to whom it would be something."""
    _refuse(connection, principal, _stone(*shape_of(principal)), {"case": case})


def refuse_erased_question(connection: Connection, principal: Principal, consultation: str) -> None:
    """Say the same of a case by a question that was put to the reader's own body."""
    statement = _stone_by_question(*shape_of(principal))
    _refuse(connection, principal, statement, {"consultation": consultation})


# Whatever address leads to nothing asks these, so they are built once for all of one shape.
@lru_cache(maxsize=256)
def _stone(role: Role, persons: int, emergency: int, case_types: int | None) -> Statement:
    principal = bound(role, persons, emergency, case_types)
    return _of_what_was_destroyed(principal, _d.case_handle == bindparam("case"))


@lru_cache(maxsize=256)
def _stone_by_question(
    role: Role, persons: int, emergency: int, case_types: int | None
) -> Statement:
    principal = bound(role, persons, emergency, case_types)
    of = select(_c.case_handle).where(
        _c.handle == bindparam("consultation"), _c.body == principal.organisation
    )
    return _of_what_was_destroyed(principal, _d.case_handle.in_(of))


def _of_what_was_destroyed(principal: Bound, wanted: ColumnElement[bool]) -> Statement:
    return Statement(
        select(_d.case_handle, _d.reference, _d.erased_at, _d.basis, _d.years).where(
            wanted, _d.erased_at.is_not(None), known_to(principal)
        )
    )


def _refuse(
    connection: Connection, principal: Principal, statement: Statement, of: Mapping[str, str]
) -> None:
    with on_purpose(connection, Purpose.FORGETTING):
        stone = statement(connection, {**values_of(principal), **of}).first()
        stays = _stays(connection, principal, stone.case_handle) if stone is not None else []
    if stone is None:
        return
    raise Erased(
        say(
            "The record of case %(case)s was lawfully destroyed on %(day)s; it was to be kept "
            "for %(years)s after it was over (%(basis)s). What it said is gone.",
            case=stone.reference,
            day=day_written(stone.erased_at[:10]),
            years=Years(stone.years),
            basis=stone.basis,
        ),
        stays,
    )


def _stays(connection: Connection, principal: Principal, case: str) -> list[Stays]:
    """Return who did what in a record that is gone, to whom its whole history was shown.

    What the others were shown of it hung on the case, so nothing is left by which to choose it.
    """
    e = entries.c
    rows = connection.execute(
        select(e.number, e.at, e.verb, e.officer, e.on_behalf_of, e.role, e.organisation)
        .where(e.case_handle == case, entries_visible_to(principal))
        .order_by(e.number)
    ).all()
    people = names_of_officers(
        connection, {one for row in rows for one in (row.officer, row.on_behalf_of) if one}
    )
    organisations = names_of_organisations(connection, {row.organisation for row in rows})
    return [
        Stays(
            row.number,
            row.at,
            TITLES[row.verb],
            None if row.verb in BY_ITSELF else people.get(row.officer, row.officer),
            people.get(row.on_behalf_of, row.on_behalf_of) if row.on_behalf_of else None,
            Role(row.role),
            organisations.get(row.organisation, Title(vi=row.organisation, en=row.organisation)),
        )
        for row in rows
    ]


def _by_role(principal: Principal | Bound) -> ColumnElement[bool]:
    match principal.role:
        case Role.BOARD_OFFICER | Role.BOARD_HEAD | Role.SUPERVISOR:
            return _d.case_handle.is_not(None)
        case Role.CASE_OFFICER:
            return _d.unit == principal.organisation
        case Role.BODY_OFFICER | Role.BODY_SIGNER:
            return exists().where(
                _c.case_handle == _d.case_handle, _c.body == principal.organisation
            )
        case Role.SECRETARY:
            return exists().where(
                cases.c.handle == _d.case_handle,
                cases.c.authority == principal.organisation,
                cases.c.before_authority == 1,
            )
        case _:
            return false()
