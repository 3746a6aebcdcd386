"""The same candidate: open cases of the same act about somebody of that name and birth.

They are shown to whoever may see them; nothing is ever merged.
"""

from collections.abc import Iterable
from dataclasses import dataclass

from sqlalchemy import Connection, and_, or_, select

from vetting.engine.definition import Title
from vetting.engine.names import folded
from vetting.engine.policy import Principal
from vetting.engine.reading import Definitions
from vetting.engine.vocabulary import CaseType, Role
from vetting.records.cases import cases
from vetting.records.scope import visible_to

CHUNK = 200


@dataclass(frozen=True)
class SameCandidate:
    """An open case about the same candidate for the same act."""

    handle: str
    reference: str | None
    name: str
    born: str
    target: str
    state: str
    state_title: Title


def same_candidate(
    connection: Connection,
    principal: Principal,
    definitions: Definitions,
    people: Iterable[tuple[str, str]],
    case_type: CaseType,
    *,
    besides: str | None = None,
) -> tuple[SameCandidate, ...]:
    """Return the open cases about any of *people* (name and birth) that the reader may see."""
    if principal.role in {Role.BODY_OFFICER, Role.BODY_SIGNER}:
        return ()
    wanted = sorted({(folded(name), born) for name, born in people if name.strip() and born})
    c = cases.c
    found = []
    for start in range(0, len(wanted), CHUNK):
        rows = connection.execute(
            select(
                c.handle,
                c.reference,
                c.name,
                c.born,
                c.target,
                c.state,
                c.definition_version,
            )
            .where(
                or_(
                    *(
                        and_(c.name_folded == name, c.born == born)
                        for name, born in wanted[start : start + CHUNK]
                    )
                ),
                c.case_type == case_type.value,
                c.handle != (besides or ""),
                visible_to(principal),
            )
            .order_by(c.name_sort, c.handle)
        )
        for row in rows:
            state = definitions.of(case_type.value, row.definition_version).state_by_name[row.state]
            if not state.final:
                found.append(
                    SameCandidate(
                        row.handle,
                        row.reference,
                        row.name,
                        row.born,
                        row.target,
                        row.state,
                        state.title,
                    )
                )
    return tuple(found)
