"""Withheld: what keeps a case from somebody, whatever their role would let them see.

The case's own row says the same, for whoever has opened it; these tables are for finding: they
hold only the few cases that are kept from anybody, so looking into them costs next to nothing.
"""

from collections.abc import Iterator
from typing import Any, TypeAlias

from sqlalchemy import (
    CheckConstraint,
    Column,
    Index,
    Integer,
    PrimaryKeyConstraint,
    Table,
    bindparam,
)
from sqlalchemy.dialects.postgresql import insert

from vetting.engine.casefile import CaseFile
from vetting.records.base import METADATA, reference
from vetting.records.database import Statement

recusals = Table(
    "recusals",
    METADATA,
    reference("case_handle", "cases.handle"),
    reference("officer", "officers.handle"),
    PrimaryKeyConstraint("officer", "case_handle"),
)
Index("ix_recusals_case_handle", recusals.c.case_handle)

restrictions = Table(
    "restrictions",
    METADATA,
    reference("case_handle", "cases.handle", primary_key=True),
    Column("level", Integer, nullable=False),
    Column("named_only", Integer, nullable=False),
    CheckConstraint("level BETWEEN 0 AND 3", "level_known"),
    CheckConstraint("level > 0 OR named_only = 1", "restricts"),
)

named_readers = Table(
    "named_readers",
    METADATA,
    reference("case_handle", "cases.handle"),
    reference("officer", "officers.handle"),
    PrimaryKeyConstraint("officer", "case_handle"),
)
Index("ix_named_readers_case_handle", named_readers.c.case_handle)

_r, _n = restrictions.c, named_readers.c
RECUSE = Statement(
    recusals.insert().values(case_handle=bindparam("case_handle"), officer=bindparam("officer"))
)
# Both databases read this one text.
_restricting = insert(restrictions).values(dict.fromkeys(restrictions.c.keys()))
RESTRICT = Statement(
    _restricting.on_conflict_do_update(
        index_elements=["case_handle"],
        set_={
            "level": _restricting.excluded.level,
            "named_only": _restricting.excluded.named_only,
        },
    )
)
LIFT = Statement(restrictions.delete().where(_r.case_handle == bindparam("case_")))
NAME = Statement(
    named_readers.insert().values(
        case_handle=bindparam("case_handle"), officer=bindparam("officer")
    )
)
LEAVE_OUT = Statement(
    named_readers.delete().where(
        _n.case_handle == bindparam("case_"), _n.officer == bindparam("officer_")
    )
)

Written: TypeAlias = tuple[Statement, dict[str, Any]]


def changes(case: CaseFile, kept: CaseFile | None) -> Iterator[Written]:
    """Yield what has to be written so that the tables say what *case* says."""
    for officer in sorted(case.recused - (kept.recused if kept else frozenset())):
        yield RECUSE, {"case_handle": case.handle, "officer": officer}
    before = kept.named if kept else frozenset()
    restriction, was = restriction_of(case), restriction_of(kept) if kept else None
    if restriction is not None and restriction != was:
        yield RESTRICT, restriction
    elif restriction is None and was is not None:
        yield LIFT, {"case_": case.handle}
    for officer in sorted(before - case.named):
        yield LEAVE_OUT, {"case_": case.handle, "officer_": officer}
    for officer in sorted(case.named - before):
        yield NAME, {"case_handle": case.handle, "officer": officer}


def restriction_of(case: CaseFile) -> dict[str, Any] | None:
    """Return the row that says to whom a case is restricted, or None if it is not."""
    if not case.level and not case.named:
        return None
    return {"case_handle": case.handle, "level": case.level, "named_only": int(bool(case.named))}
