"""Follow-ups: cases after which another is to be filed, of which none was begun yet.

Nothing is kept of them: they follow from the cases themselves, and go as soon as one is begun.
"""

from collections.abc import Iterator, Sequence

from sqlalchemy import ColumnElement, Connection, exists, select

from vetting.engine.casefile import CaseFile
from vetting.engine.definition import Definition
from vetting.records.cases import case_of, cases

AT_ONCE = 500
_TOLD = ("notified", "closed")  # where the unit knows what was concluded
_next = cases.alias("next_case")


def unfollowed(
    connection: Connection, following: Definition, *clauses: ColumnElement[bool]
) -> Iterator[Sequence[CaseFile]]:
    """Yield the cases that *following* says are followed and that no case follows yet."""
    rule = following.follows
    after = ""
    while rule is not None:
        rows = (
            connection.execute(
                select(cases)
                .where(
                    cases.c.handle > after,
                    cases.c.case_type == rule.case_type.value,
                    cases.c.outcome == rule.outcome,
                    cases.c.state.in_(_TOLD),
                    ~exists().where(
                        _next.c.admission == cases.c.handle, _next.c.state != "withdrawn"
                    ),
                    *clauses,
                )
                .order_by(cases.c.handle)
                .limit(AT_ONCE)
            )
            .mappings()
            .all()
        )
        yield [case_of(row) for row in rows]
        if len(rows) < AT_ONCE:
            return
        after = rows[-1]["handle"]
