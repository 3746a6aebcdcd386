"""A body is given more time: every later day of an answer is kept, and its first."""

import sqlalchemy as sa
from alembic import op

from vetting.records.triggers import (
    Rule,
    change_again,
    enforce,
    enforce_no_more,
    never_again,
    never_change,
    only_as_listed,
)

revision = "0041"
down_revision = "0040"

HANDLE, CODE, DAY = (sa.String(length=n) for n in (22, 64, 10))
SAME = ("consultation = NEW.consultation AND entry = NEW.entry",)
KEY = "OLD.consultation || '/' || CAST(OLD.entry AS TEXT)"


def _columns() -> tuple[sa.Column, ...]:
    return (
        sa.Column("first_due_on", DAY, nullable=True),
        sa.Column("longer", sa.Text(), nullable=False, server_default="[]"),
        sa.Column("time_until", DAY, nullable=True),
        sa.Column("time_days", sa.Integer(), nullable=True),
        sa.Column("time_by", HANDLE, nullable=True),
        sa.Column("time_for", HANDLE, nullable=True),
    )


_DISPOSES = "NEW.verb IN ('disposal.asked','disposal.refused','disposal.approved')"
_WEARS = (
    "EXISTS (SELECT 1 FROM {in_}participations p WHERE p.case_handle = NEW.case_handle "
    "AND p.officer = NEW.officer AND p.hat = "
)
_BY_ROLE = (
    "CASE NEW.role WHEN 'case_officer' THEN 'file' WHEN 'board_officer' THEN 'coordinate' "
    "WHEN 'board_head' THEN 'coordinate' WHEN 'body_officer' THEN 'opine' "
    "WHEN 'body_signer' THEN 'opine' WHEN 'secretary' THEN 'conclude' "
    "WHEN 'supervisor' THEN 'review' WHEN 'administrator' THEN 'administer' END "
    "AND (p.hat <> 'opine' OR p.organisation = NEW.organisation))"
)
_WITHOUT_A_HAT = (
    "NEW.verb IN ('officer.recused','consultation.released') "
    "OR NEW.verb = 'case.exported' AND NEW.role IN ('supervisor','board_head') "
    "OR NEW.verb IN ('record.held','hold.lifted') AND NEW.role IN ('supervisor','board_head') "
    "OR NEW.verb = 'record.classed' AND NEW.role = 'board_head'"
)
_BEFORE = " OR NEW.verb = 'deadlines.moved' AND NEW.role = 'board_head'"
_NOW = " OR NEW.verb IN ('deadlines.moved','time.moved') AND NEW.role = 'board_head'"


def _one_hat(more: str) -> Rule:
    holds = (
        f"({_DISPOSES}) AND {_WEARS}'dispose') "
        f"OR NOT ({_DISPOSES}) AND ({_WITHOUT_A_HAT}{more} OR {_WEARS}{_BY_ROLE})"
    )
    return Rule("entries", "one_hat", "INSERT", holds)


BEFORE = (_one_hat(_BEFORE),)
RULES = (_one_hat(_NOW),)


def upgrade() -> None:
    """Take the step."""
    connection = op.get_bind()
    for column in _columns():
        op.add_column("consultations", column)
    asking = sa.text("time_until IS NOT NULL")
    op.create_index(
        "ix_consultations_asking",
        "consultations",
        ["case_handle"],
        unique=False,
        sqlite_where=asking,
        postgresql_where=asking,
    )
    op.create_table(
        "extensions",
        sa.Column("consultation", HANDLE, nullable=False),
        sa.Column("entry", sa.Integer(), nullable=False),
        sa.Column("case_handle", HANDLE, nullable=False),
        sa.Column("body", CODE, nullable=False),
        sa.Column("due_on", DAY, nullable=False),
        sa.Column("until", DAY, nullable=False),
        sa.ForeignKeyConstraint(["body"], ["organisations.code"], name=op.f("fk_extensions_body")),
        sa.ForeignKeyConstraint(
            ["case_handle"], ["cases.handle"], name=op.f("fk_extensions_case_handle")
        ),
        sa.PrimaryKeyConstraint("consultation", "entry", name=op.f("pk_extensions")),
    )
    op.create_index("ix_extensions_case", "extensions", ["case_handle"], unique=False)
    never_change(connection, "extensions", SAME)
    only_as_listed(connection, "extensions", KEY, "DELETE")
    enforce_no_more(connection, BEFORE)
    enforce(connection, RULES)


def downgrade() -> None:
    """Take the step back."""
    connection = op.get_bind()
    enforce_no_more(connection, RULES)
    enforce(connection, BEFORE)
    never_again(connection, "extensions", "DELETE")
    change_again(connection, "extensions", SAME)
    op.drop_table("extensions")
    op.drop_index("ix_consultations_asking", "consultations")
    for column in reversed(_columns()):
        op.drop_column("consultations", column.name)
