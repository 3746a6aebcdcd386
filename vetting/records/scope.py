"""Scope: which cases a principal may know of, as a clause. The twin of `engine.policy.relation`.

Nothing lists or counts cases without it.
"""

from sqlalchemy import ColumnElement, and_, exists, false

from vetting.engine.policy import Principal
from vetting.engine.vocabulary import Role
from vetting.records.cases import cases
from vetting.records.consultations import consultations


def visible_to(principal: Principal) -> ColumnElement[bool]:
    """Return the clause that keeps a query on cases to what *principal* may know of."""
    match principal.role:
        case Role.CASE_OFFICER:
            return cases.c.unit == principal.organisation
        case Role.BOARD_OFFICER | Role.BOARD_HEAD | Role.SUPERVISOR:
            return cases.c.reference.is_not(None)
        case Role.BODY_OFFICER | Role.BODY_SIGNER:
            return exists().where(
                consultations.c.case_handle == cases.c.handle,
                consultations.c.body == principal.organisation,
                consultations.c.state != "withdrawn",
            )
        case Role.SECRETARY:
            return and_(cases.c.authority == principal.organisation, cases.c.before_authority == 1)
        case _:
            return false()


def addressed_to(principal: Principal) -> ColumnElement[bool]:
    """Return the clause that keeps a query on consultations to those put to one's own body."""
    if principal.role not in {Role.BODY_OFFICER, Role.BODY_SIGNER}:
        return false()
    return and_(
        consultations.c.body == principal.organisation, consultations.c.state != "withdrawn"
    )
