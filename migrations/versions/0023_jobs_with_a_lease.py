"""Jobs: what is to be done by itself, in one table, taken on a lease by any worker."""

import sqlalchemy as sa
from alembic import op

revision = "0023"
down_revision = "0022"

HANDLE, WORD, MOMENT = (sa.String(length=n) for n in (22, 40, 27))


def upgrade() -> None:
    """Take the step."""
    op.create_table(
        "jobs",
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("kind", WORD, nullable=False),
        sa.Column("content", sa.Text(), nullable=False),
        sa.Column("due_at", MOMENT, nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False, server_default="0"),
        sa.Column("lease", HANDLE, nullable=True),
        sa.Column("leased_until", MOMENT, nullable=True),
        sa.Column("error", sa.Text(), nullable=True),
        sa.Column("done_at", MOMENT, nullable=True),
        sa.Column("dead_at", MOMENT, nullable=True),
        sa.CheckConstraint(
            "(lease IS NULL) = (leased_until IS NULL)", name=op.f("ck_jobs_leased_until_then")
        ),
        sa.CheckConstraint("done_at IS NULL OR dead_at IS NULL", name=op.f("ck_jobs_one_end")),
        sa.PrimaryKeyConstraint("key", name=op.f("pk_jobs")),
    )
    for name, column, where in (
        ("open", "due_at", "done_at IS NULL AND dead_at IS NULL"),
        ("dead", "dead_at", "dead_at IS NOT NULL"),
    ):
        op.create_index(
            f"ix_jobs_{name}",
            "jobs",
            [column],
            sqlite_where=sa.text(where),
            postgresql_where=sa.text(where),
        )


def downgrade() -> None:
    """Take the step back."""
    op.drop_table("jobs")
