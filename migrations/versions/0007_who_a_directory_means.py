"""Whom a directory means, and the answers of a provider that were used."""

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"


def upgrade() -> None:
    """Take the step."""
    op.create_table(
        "directory_identities",
        sa.Column("provider", sa.Text(), nullable=False),
        sa.Column("subject", sa.Text(), nullable=False),
        sa.Column("officer", sa.String(length=22), nullable=False),
        sa.Column("login", sa.Text(), nullable=False),
        sa.Column("linked_at", sa.String(length=27), nullable=False),
        sa.Column("linked_by", sa.String(length=22), nullable=True),
        sa.ForeignKeyConstraint(
            ["officer"], ["officers.handle"], name=op.f("fk_directory_identities_officer")
        ),
        sa.ForeignKeyConstraint(
            ["linked_by"], ["officers.handle"], name=op.f("fk_directory_identities_linked_by")
        ),
        sa.PrimaryKeyConstraint("provider", "subject", name=op.f("pk_directory_identities")),
        sa.UniqueConstraint(
            "provider", "officer", name=op.f("uq_directory_identities_provider_officer")
        ),
    )
    op.create_table(
        "directory_answers",
        sa.Column("state", sa.String(length=64), nullable=False),
        sa.Column("at", sa.String(length=27), nullable=False),
        sa.PrimaryKeyConstraint("state", name=op.f("pk_directory_answers")),
    )


def downgrade() -> None:
    """Take the step back."""
    op.drop_table("directory_answers")
    op.drop_table("directory_identities")
