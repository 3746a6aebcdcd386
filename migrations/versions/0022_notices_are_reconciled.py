"""Notices are reconciled with the history, once a legal day."""

import sqlalchemy as sa
from alembic import op

from vetting.records.triggers import change_again, never_change

revision = "0022"
down_revision = "0021"
SAME_DAY = ("day = NEW.day",)


def upgrade() -> None:
    """Take the step."""
    op.create_table(
        "reconciliations",
        sa.Column("day", sa.String(length=10), nullable=False),
        sa.Column("at", sa.String(length=27), nullable=False),
        sa.Column("due", sa.Integer(), nullable=False),
        sa.Column("gaps", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("day", name=op.f("pk_reconciliations")),
    )
    never_change(op.get_bind(), "reconciliations", SAME_DAY)


def downgrade() -> None:
    """Take the step back."""
    change_again(op.get_bind(), "reconciliations", SAME_DAY)
    op.drop_table("reconciliations")
