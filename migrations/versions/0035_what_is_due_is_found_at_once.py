"""What is due is found by its day, however much is open."""

import sqlalchemy as sa
from alembic import op

revision = "0035"
down_revision = "0034"

OPEN = sa.text("state IN ('asked','received','drafting','ready')")


def upgrade() -> None:
    """Take the step."""
    op.create_index(
        "ix_consultations_due",
        "consultations",
        ["due_order", "handle"],
        sqlite_where=OPEN,
        postgresql_where=OPEN,
    )


def downgrade() -> None:
    """Take the step back."""
    op.drop_index("ix_consultations_due", "consultations")
