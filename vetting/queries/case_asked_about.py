"""The case that a page asks about before its act goes on: by its reference, for who may see it."""

from dataclasses import dataclass

from sqlalchemy import Connection, select

from vetting.engine.policy import Principal
from vetting.queries.opened_case import is_handle
from vetting.records.cases import cases
from vetting.records.consultations import consultations
from vetting.records.scope import addressed_to, visible_to


@dataclass(frozen=True)
class CaseAskedAbout:
    """A case that the reader may know of."""

    handle: str
    reference: str


def case_asked_about(
    connection: Connection, principal: Principal, handle: str
) -> CaseAskedAbout | None:
    """Return the case of a handle, or of the question of that handle; None where there is none."""
    if not is_handle(handle):
        return None
    k, c = cases.c, consultations.c
    own = select(c.case_handle).where(c.handle == handle, addressed_to(principal))
    row = connection.execute(
        select(k.handle, k.reference).where(
            (k.handle == handle) | k.handle.in_(own),
            k.reference.is_not(None),
            visible_to(principal),
        )
    ).first()
    return CaseAskedAbout(row.handle, row.reference) if row is not None else None
