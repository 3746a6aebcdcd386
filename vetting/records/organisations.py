"""Organisations, what they are to the system, and what became of them."""

from sqlalchemy import (
    CheckConstraint,
    Column,
    Connection,
    ForeignKey,
    Index,
    PrimaryKeyConstraint,
    Table,
    Text,
    bindparam,
    select,
)

from vetting.records.base import CODE, DAY, METADATA, WORD, optional, reference, required
from vetting.records.database import Statement

organisations = Table(
    "organisations",
    METADATA,
    Column("code", CODE, primary_key=True),
    required("name_vi"),
    required("name_en"),
    required("short_name", WORD, unique=True),  # as in references: HUHS
    Column("other_names", Text, nullable=False, server_default=""),
    optional("valid_from", DAY),
    optional("valid_to", DAY),
    Column("note_vi", Text, nullable=False, server_default=""),
    Column("note_en", Text, nullable=False, server_default=""),
    Column("source", Text, nullable=False, server_default=""),
    CheckConstraint("valid_to IS NULL OR valid_from IS NULL OR valid_to >= valid_from", "in_order"),
)

organisation_kinds = Table(
    "organisation_kinds",
    METADATA,
    reference("organisation", "organisations.code", CODE),
    required("kind", WORD),
    PrimaryKeyConstraint("organisation", "kind"),
)

successions = Table(
    "successions",
    METADATA,
    Column("predecessor", CODE, ForeignKey("organisations.code"), nullable=False),
    Column("successor", CODE, ForeignKey("organisations.code"), nullable=False),
    optional("from_date", DAY),
    Column("note_vi", Text, nullable=False, server_default=""),
    Column("note_en", Text, nullable=False, server_default=""),
    Column("source", Text, nullable=False, server_default=""),
    PrimaryKeyConstraint("predecessor", "successor"),
    CheckConstraint("predecessor <> successor", "another"),
)


def short_name(connection: Connection, code: str) -> str:
    """Return the short name of an organisation, as references carry it."""
    found: str = _SHORT_NAME(connection, {"code": code}).scalar_one()
    return found


def name_on(connection: Connection, code: str) -> str:
    """Return what an organisation is called now; an opinion keeps this name for ever."""
    found: str = _NAME(connection, {"code": code}).scalar_one()
    return found


_SHORT_NAME = Statement(
    select(organisations.c.short_name).where(organisations.c.code == bindparam("code"))
)
_NAME = Statement(select(organisations.c.name_vi).where(organisations.c.code == bindparam("code")))
Index("ix_successions_successor", successions.c.successor)
