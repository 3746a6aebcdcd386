"""Nobody supervises their own work: a look as a supervisor and another part exclude each other."""

import sqlalchemy as sa
from alembic import op

from vetting.records.triggers import SUPERVISES, Rule, enforce, enforce_no_more

revision = "0010"
down_revision = "0009"

AS_SUPERVISOR = sa.text("role = 'supervisor'")
RULES = (
    Rule(
        "participations",
        "not_of_what_one_supervised",
        "INSERT",
        "NOT EXISTS (SELECT 1 FROM {in_}reads r WHERE r.officer = NEW.officer "
        "AND r.case_handle = NEW.case_handle AND r.role = 'supervisor' "
        "AND (r.action IN ('see_case','see_history','see_matrix') "
        "OR r.action = 'see_oversight' AND r.asked = 'verify'))",
        SUPERVISES,
        when="NEW.hat <> 'review'",
    ),
    Rule(
        "reads",
        "not_of_ones_own_work",
        "INSERT",
        "NOT EXISTS (SELECT 1 FROM {in_}participations p WHERE p.case_handle = NEW.case_handle "
        "AND p.officer = NEW.officer AND p.hat <> 'review')",
        SUPERVISES,
        when="NEW.role = 'supervisor'",
    ),
)


def upgrade() -> None:
    """Take the step."""
    op.create_index(
        "ix_reads_supervised",
        "reads",
        ["officer", "case_handle"],
        unique=False,
        sqlite_where=AS_SUPERVISOR,
        postgresql_where=AS_SUPERVISOR,
    )
    enforce(op.get_bind(), RULES)


def downgrade() -> None:
    """Take the step back."""
    enforce_no_more(op.get_bind(), RULES)
    op.drop_index("ix_reads_supervised", "reads")
