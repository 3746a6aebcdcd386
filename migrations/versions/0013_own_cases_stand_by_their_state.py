"""A unit's own cases stand by when they came to their state, which a body's inner work leaves."""

from alembic import op

revision = "0013"
down_revision = "0012"


def upgrade() -> None:
    """Put the index that the list follows in the place of the other."""
    op.drop_index("ix_cases_unit_changed", table_name="cases")
    op.create_index("ix_cases_unit_since", "cases", ["unit", "since", "handle"])


def downgrade() -> None:
    """Put the other back."""
    op.drop_index("ix_cases_unit_since", table_name="cases")
    op.create_index("ix_cases_unit_changed", "cases", ["unit", "changed_at", "handle"])
