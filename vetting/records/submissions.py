"""Rounds, the units' submissions in them, and lists that wait for their unit to confirm them."""

from sqlalchemy import (
    CheckConstraint,
    Column,
    Index,
    Integer,
    PrimaryKeyConstraint,
    Table,
    Text,
    bindparam,
)

from vetting.records.base import (
    CODE,
    DAY,
    HASH,
    METADATA,
    MOMENT,
    WORD,
    handle,
    optional,
    reference,
    required,
)
from vetting.records.database import Statement

rounds = Table(
    "rounds",
    METADATA,
    handle(primary_key=True),
    required("name_vi"),
    required("name_en"),
    required("case_type", WORD),
    required("opened_on", DAY),
    optional("closed_on", DAY),
)

submissions = Table(
    "submissions",
    METADATA,
    handle(primary_key=True),
    reference("unit", "organisations.code", CODE),
    reference("round", "rounds.handle", nullable=True),
    required("case_type", WORD),
    optional("letter_number"),
    optional("letter_date", DAY),
    required("file_name"),
    required("file_hash", HASH),
    Column("not_kept", Text, nullable=False),  # headings whose columns were left out
    Column("accepted", Integer, nullable=False),
    Column("refused", Integer, nullable=False),
    reference("filed_by", "officers.handle"),
    required("filed_at", MOMENT),
)
Index("ix_submissions_unit", submissions.c.unit, submissions.c.filed_at)

submission_rows = Table(
    "submission_rows",
    METADATA,
    reference("submission", "submissions.handle"),
    Column("row", Integer, nullable=False),
    reference("case_handle", "cases.handle", nullable=True),
    optional("reason", WORD),
    PrimaryKeyConstraint("submission", "row"),
    CheckConstraint("(case_handle IS NULL) <> (reason IS NULL)", "accepted_or_refused"),
)

# A list that was read and shown, until its officer files it or lets it go. Only what was taken from
# the file is here, never the file: it may hold columns that this house must not keep.
waiting_lists = Table(
    "waiting_lists",
    METADATA,
    handle(primary_key=True),
    reference("officer", "officers.handle"),
    reference("unit", "organisations.code", CODE),
    required("case_type", WORD),
    reference("round", "rounds.handle", nullable=True),
    optional("management_level", WORD),
    required("file_name"),
    required("file_hash", HASH),
    required("taken"),  # the rows, accepted and refused
    required("read_at", MOMENT),
)

INSERT = Statement(
    submissions.insert().values({column.name: bindparam(column.name) for column in submissions.c})
)
INSERT_ROW = Statement(
    submission_rows.insert().values(
        {column.name: bindparam(column.name) for column in submission_rows.c}
    )
)
INSERT_WAITING = Statement(
    waiting_lists.insert().values(
        {column.name: bindparam(column.name) for column in waiting_lists.c}
    )
)
INSERT_ROUND = Statement(
    rounds.insert().values({column.name: bindparam(column.name) for column in rounds.c})
)
