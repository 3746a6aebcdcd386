"""Cases that were ticked in a list, as the form for all of them names them."""

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import Connection, select

from vetting.engine.definition import Definition
from vetting.engine.policy import Principal
from vetting.engine.reading import Definitions
from vetting.engine.refusals import Unknown
from vetting.engine.sentences import say
from vetting.engine.vocabulary import CaseType
from vetting.queries.opened_case import is_handle
from vetting.records.cases import cases
from vetting.records.scope import visible_to


@dataclass(frozen=True)
class TickedCase:
    """One of many cases."""

    handle: str
    reference: str | None
    name: str
    case_type: CaseType
    definition: Definition


def ticked_cases(
    connection: Connection, principal: Principal, definitions: Definitions, handles: Sequence[str]
) -> tuple[TickedCase, ...]:
    """Return the cases, sorted by name; one that the reader may not know of refuses them all."""
    if not all(map(is_handle, handles)):
        raise Unknown(say("There is no such case."))
    rows = connection.execute(
        select(
            cases.c.handle,
            cases.c.reference,
            cases.c.name,
            cases.c.case_type,
            cases.c.definition_version,
        )
        .where(cases.c.handle.in_(handles), visible_to(principal))
        .order_by(cases.c.name_sort, cases.c.handle)
    ).all()
    if len(rows) < len(set(handles)):
        raise Unknown(say("There is no such case."))
    return tuple(
        TickedCase(
            row.handle,
            row.reference,
            row.name,
            CaseType(row.case_type),
            definitions.of(row.case_type, row.definition_version),
        )
        for row in rows
    )
