"""How many cases each officer and each organisation has seen on a day, and alarms about it."""

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0008"


def upgrade() -> None:
    """Take the step: what was seen before it stays in the ledger and counts for no budget."""
    op.create_table(
        "seen_cases",
        sa.Column("day", sa.String(length=10), nullable=False),
        sa.Column("whose", sa.String(length=64), nullable=False),
        sa.Column("case_handle", sa.String(length=22), nullable=False),
        sa.PrimaryKeyConstraint("whose", "day", "case_handle", name=op.f("pk_seen_cases")),
    )
    op.create_table(
        "seen_counts",
        sa.Column("day", sa.String(length=10), nullable=False),
        sa.Column("whose", sa.String(length=64), nullable=False),
        sa.Column("kind", sa.String(length=40), nullable=False),
        sa.Column("organisation", sa.String(length=64), nullable=False),
        sa.Column("seen", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("whose", "day", name=op.f("pk_seen_counts")),
    )
    op.create_index("ix_seen_counts_day", "seen_counts", ["day", "kind"], unique=False)
    op.create_table(
        "read_alarms",
        sa.Column("day", sa.String(length=10), nullable=False),
        sa.Column("kind", sa.String(length=40), nullable=False),
        sa.Column("whose", sa.String(length=64), nullable=False),
        sa.Column("officer", sa.String(length=22), nullable=False),
        sa.Column("organisation", sa.String(length=64), nullable=False),
        sa.Column("at", sa.String(length=27), nullable=False),
        sa.Column("seen", sa.Integer(), nullable=False),
        sa.Column("budget", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("day", "kind", "whose", name=op.f("pk_read_alarms")),
    )


def downgrade() -> None:
    """Take the step back."""
    op.drop_table("read_alarms")
    op.drop_index("ix_seen_counts_day", table_name="seen_counts")
    op.drop_table("seen_counts")
    op.drop_table("seen_cases")
