"""The register of legal bases: texts keyed by number, date and issuer, and what replaces what."""

from sqlalchemy import (
    CheckConstraint,
    Column,
    ForeignKey,
    Integer,
    PrimaryKeyConstraint,
    Table,
    Text,
    UniqueConstraint,
)

from vetting.records.base import CODE, DAY, METADATA, WORD, optional, reference, required

legal_bases = Table(
    "legal_bases",
    METADATA,
    Column("key", Text, primary_key=True),  # number;date;issuer: numbers recur
    required("number"),
    required("date", DAY),
    required("issuer"),
    required("title_vi"),
    required("title_en"),
    Column("subject", Text, nullable=False, server_default=""),
    optional("valid_from", DAY),
    optional("valid_to", DAY),
    Column("source", Text, nullable=False, server_default=""),
    UniqueConstraint("number", "date", "issuer"),
)

replacements = Table(
    "replacements",
    METADATA,
    Column("basis", Text, ForeignKey("legal_bases.key"), nullable=False),
    Column("replaced", Text, ForeignKey("legal_bases.key"), nullable=False),
    PrimaryKeyConstraint("basis", "replaced"),
    CheckConstraint("basis <> replaced", "another"),
)

regulations = Table(
    "regulations",
    METADATA,
    Column("code", CODE, primary_key=True),
    required("name_vi"),
    required("name_en"),
    Column("source", Text, nullable=False, server_default=""),
    Column("legal_basis", Text, ForeignKey("legal_bases.key"), nullable=True),
    optional("valid_from", DAY),
    optional("valid_to", DAY),
)

regulation_bodies = Table(
    "regulation_bodies",
    METADATA,
    reference("regulation", "regulations.code", CODE),
    reference("body", "organisations.code", CODE),
    Column("position", Integer, nullable=False),
    PrimaryKeyConstraint("regulation", "body"),
    UniqueConstraint("regulation", "position"),
)

authority_rules = Table(
    "authority_rules",
    METADATA,
    required("management_level", WORD),
    required("case_type", WORD),
    Column("valid_from", DAY, nullable=False, server_default=""),
    optional("valid_to", DAY),
    reference("authority", "organisations.code", CODE),
    Column("legal_basis", Text, ForeignKey("legal_bases.key"), nullable=True),
    Column("source", Text, nullable=False, server_default=""),
    PrimaryKeyConstraint("management_level", "case_type", "valid_from"),
)
