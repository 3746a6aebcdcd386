"""A declared conflict of interest is on record before somebody can take over."""

import sqlalchemy as sa
from alembic import op

from vetting.records.triggers import Rule, enforce, enforce_no_more

revision = "0053"
down_revision = "0052"

WAITS = sa.text("conflicts_waiting <> '[]'")
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
    "OR NEW.verb = 'record.classed' AND NEW.role = 'board_head' "
    "OR NEW.verb IN ('deadlines.moved','time.moved') AND NEW.role = 'board_head' "
    "OR NEW.verb = 'clock.went_back'"
)


def _one_hat(more: str = "") -> Rule:
    holds = (
        f"({_DISPOSES}) AND {_WEARS}'dispose') "
        f"OR NOT ({_DISPOSES}) AND ({_WITHOUT_A_HAT}{more} OR {_WEARS}{_BY_ROLE})"
    )
    return Rule("entries", "one_hat", "INSERT", holds)


BEFORE = (_one_hat(),)
RULES = (_one_hat(" OR NEW.verb = 'conflict.declared_waiting'"),)


def upgrade() -> None:
    """Take the step."""
    op.add_column(
        "cases",
        sa.Column("conflicts_waiting", sa.Text(), nullable=False, server_default="[]"),
    )
    op.create_index(
        "ix_cases_conflict",
        "cases",
        ["handle"],
        unique=False,
        sqlite_where=WAITS,
        postgresql_where=WAITS,
    )
    enforce_no_more(op.get_bind(), BEFORE)
    enforce(op.get_bind(), RULES)


def downgrade() -> None:
    """Take the step back."""
    enforce_no_more(op.get_bind(), RULES)
    enforce(op.get_bind(), BEFORE)
    op.drop_index("ix_cases_conflict", "cases")
    op.drop_column("cases", "conflicts_waiting")
