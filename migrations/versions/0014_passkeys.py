"""Passkeys of officers, and the questions that are put to them."""

import sqlalchemy as sa
from alembic import op

revision = "0014"
down_revision = "0013"


def upgrade() -> None:
    """Take the step."""
    op.create_table(
        "passkeys",
        sa.Column("handle", sa.String(length=22), nullable=False),
        sa.Column("officer", sa.String(length=22), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("credential", sa.Text(), nullable=False),
        sa.Column("public_key", sa.Text(), nullable=False),
        sa.Column("sign_count", sa.BigInteger(), nullable=False),
        sa.Column("added_at", sa.String(length=27), nullable=False),
        sa.ForeignKeyConstraint(["officer"], ["officers.handle"], name=op.f("fk_passkeys_officer")),
        sa.PrimaryKeyConstraint("handle", name=op.f("pk_passkeys")),
        sa.UniqueConstraint("credential", name=op.f("uq_passkeys_credential")),
    )
    op.create_index("ix_passkeys_officer", "passkeys", ["officer"])
    op.create_table(
        "passkey_questions",
        sa.Column("question", sa.String(length=64), nullable=False),
        sa.Column("place", sa.Text(), nullable=False),
        sa.Column("asked_at", sa.String(length=27), nullable=False),
        sa.PrimaryKeyConstraint("question", name=op.f("pk_passkey_questions")),
    )


def downgrade() -> None:
    """Go back: whoever has only passkeys comes in by the password alone."""
    for table in ("passkey_questions", "passkeys"):
        op.drop_table(table)
