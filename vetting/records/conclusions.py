"""The Board's proposals and the authority's conclusions: two acts of different people."""

from sqlalchemy import (
    CheckConstraint,
    Column,
    Integer,
    PrimaryKeyConstraint,
    Table,
    bindparam,
    func,
    select,
)

from vetting.records.base import (
    CODE,
    DAY,
    HANDLE,
    METADATA,
    MOMENT,
    WORD,
    optional,
    reference,
    required,
)
from vetting.records.database import Statement

proposals = Table(
    "proposals",
    METADATA,
    reference("case_handle", "cases.handle"),
    Column("entry", Integer, nullable=False),  # the number of the entry that made it
    required("outcome", WORD),
    required("reasons"),
    reference("proposed_by", "officers.handle"),
    optional("proposed_for", HANDLE),  # whoever was away, in whose name it was done
    required("proposed_at", MOMENT),
    reference("submitted_by", "officers.handle", nullable=True),
    optional("submitted_for", HANDLE),
    optional("submitted_at", MOMENT),
    PrimaryKeyConstraint("case_handle", "entry"),
    CheckConstraint("submitted_by IS NULL OR submitted_by <> proposed_by", "two_people"),
)

conclusions = Table(
    "conclusions",
    METADATA,
    Column("case_handle", HANDLE, primary_key=True),  # one final conclusion a case
    required("outcome", WORD),
    required("reasons"),
    required("decided_on", DAY),
    optional("document"),
    Column("votes_for", Integer, nullable=True),
    Column("votes_against", Integer, nullable=True),
    Column("votes_abstained", Integer, nullable=True),
    optional("effective_on", DAY),
    reference("authority", "organisations.code", CODE),
    reference("recorded_by", "officers.handle"),
    optional("recorded_for", HANDLE),  # whoever was away, in whose name it was recorded
    required("recorded_at", MOMENT),
    CheckConstraint("votes_for IS NULL OR votes_for >= 0", "votes_for_count"),
    CheckConstraint("votes_against IS NULL OR votes_against >= 0", "votes_against_count"),
    CheckConstraint("votes_abstained IS NULL OR votes_abstained >= 0", "votes_abstained_count"),
    CheckConstraint("reasons <> ''", "reasoned"),
)

INSERT_PROPOSAL = Statement(
    proposals.insert().values({column.name: bindparam(column.name) for column in proposals.c})
)
_latest = proposals.alias("latest")
SUBMIT_PROPOSAL = Statement(
    proposals.update()
    .where(
        proposals.c.case_handle == bindparam("case_"),
        proposals.c.entry
        == select(func.max(_latest.c.entry))
        .where(_latest.c.case_handle == bindparam("case_"), _latest.c.entry < bindparam("before_"))
        .scalar_subquery(),
    )
    .values({name: bindparam(name) for name in ("submitted_by", "submitted_for", "submitted_at")})
)
INSERT_CONCLUSION = Statement(
    conclusions.insert().values({column.name: bindparam(column.name) for column in conclusions.c})
)
