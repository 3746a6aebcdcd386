"""What waits is counted where it waits, and found by its holder and by its signers."""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"

OPEN = sa.text("state IN ('asked','received','drafting','ready')")
READY = sa.text("state = 'ready'")


def upgrade() -> None:
    """Take the step."""
    op.create_table(
        "tallies",
        sa.Column("body", sa.String(length=64), nullable=False),
        sa.Column("holder", sa.String(length=22), nullable=False),
        sa.Column("state", sa.String(length=40), nullable=False),
        sa.Column("counted_by", sa.String(length=22), nullable=False),
        sa.Column("waiting", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["body"], ["organisations.code"], name=op.f("fk_tallies_body")),
        sa.PrimaryKeyConstraint("body", "holder", "state", "counted_by", name=op.f("pk_tallies")),
    )
    op.execute(
        "INSERT INTO tallies (body, holder, state, counted_by, waiting) "
        "SELECT body, coalesce(officer, ''), state, '', count(*) FROM consultations "
        "WHERE state IN ('asked','received','drafting','ready') "
        "GROUP BY body, coalesce(officer, ''), state"
    )
    op.create_index(
        "ix_consultations_holder",
        "consultations",
        ["body", "officer", "due_order", "asked_at", "handle"],
        unique=False,
        sqlite_where=OPEN,
        postgresql_where=OPEN,
    )
    op.create_index(
        "ix_consultations_ready",
        "consultations",
        ["body", "due_order", "asked_at", "handle"],
        unique=False,
        sqlite_where=READY,
        postgresql_where=READY,
    )


def downgrade() -> None:
    """Take the step back."""
    op.drop_index("ix_consultations_ready", "consultations")
    op.drop_index("ix_consultations_holder", "consultations")
    op.drop_table("tallies")
