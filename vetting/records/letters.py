"""Letters: official documents that go out or come in, each covering one case or many."""

from sqlalchemy import (
    CheckConstraint,
    Column,
    Index,
    Integer,
    Table,
    UniqueConstraint,
    bindparam,
)

from vetting.records.base import (
    CODE,
    DAY,
    METADATA,
    MOMENT,
    WORD,
    handle,
    optional,
    reference,
    required,
)
from vetting.records.database import Statement

letters = Table(
    "letters",
    METADATA,
    handle(primary_key=True),
    required("direction", WORD),
    reference("sender", "organisations.code", CODE),
    reference("receiver", "organisations.code", CODE),
    Column("year", Integer, nullable=False),
    Column("number", Integer, nullable=False),  # our own register: no gaps within sender and year
    optional("symbol"),  # the number and symbol on the paper letter, once somebody entered it
    optional("dated", DAY),
    Column("covers", Integer, nullable=False),
    reference("written_by", "officers.handle"),
    required("written_at", MOMENT),
    UniqueConstraint("sender", "year", "number"),
    CheckConstraint("direction IN ('outgoing','incoming')", "known_direction"),
    CheckConstraint("covers > 0", "covers_something"),
)
Index("ix_letters_receiver", letters.c.receiver, letters.c.written_at)

INSERT = Statement(
    letters.insert().values({column.name: bindparam(column.name) for column in letters.c})
)
