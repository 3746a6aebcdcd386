"""Second factors of officers, sign-ins that are half-way, and when a session was last proved."""

import sqlalchemy as sa
from alembic import op

revision = "0011"
down_revision = "0010"


def upgrade() -> None:
    """Take the step."""
    op.create_table(
        "authenticators",
        sa.Column("handle", sa.String(length=22), nullable=False),
        sa.Column("officer", sa.String(length=22), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("secret", sa.Text(), nullable=False),
        sa.Column("last_step", sa.Integer(), nullable=False),
        sa.Column("added_at", sa.String(length=27), nullable=False),
        sa.ForeignKeyConstraint(
            ["officer"], ["officers.handle"], name=op.f("fk_authenticators_officer")
        ),
        sa.PrimaryKeyConstraint("handle", name=op.f("pk_authenticators")),
        sa.UniqueConstraint("secret", name=op.f("uq_authenticators_secret")),
    )
    op.create_index("ix_authenticators_officer", "authenticators", ["officer"])
    op.create_table(
        "recovery_codes",
        sa.Column("officer", sa.String(length=22), nullable=False),
        sa.Column("code_hash", sa.String(length=64), nullable=False),
        sa.Column("used_at", sa.String(length=27), nullable=True),
        sa.ForeignKeyConstraint(
            ["officer"], ["officers.handle"], name=op.f("fk_recovery_codes_officer")
        ),
        sa.PrimaryKeyConstraint("officer", "code_hash", name=op.f("pk_recovery_codes")),
    )
    op.create_table(
        "half_sign_ins",
        sa.Column("token_hash", sa.String(length=64), nullable=False),
        sa.Column("officer", sa.String(length=22), nullable=False),
        sa.Column("method", sa.String(length=40), nullable=False),
        sa.Column("counted", sa.String(length=64), nullable=False),
        sa.Column("source", sa.Text(), nullable=False),
        sa.Column("tries", sa.Integer(), nullable=False),
        sa.Column("began_at", sa.String(length=27), nullable=False),
        sa.ForeignKeyConstraint(
            ["officer"], ["officers.handle"], name=op.f("fk_half_sign_ins_officer")
        ),
        sa.PrimaryKeyConstraint("token_hash", name=op.f("pk_half_sign_ins")),
    )
    op.create_index("ix_half_sign_ins_officer", "half_sign_ins", ["officer"])
    op.add_column("login_sessions", sa.Column("proved_at", sa.String(length=27), nullable=True))
    op.add_column("login_sessions", sa.Column("proved_with", sa.String(length=40), nullable=True))


def downgrade() -> None:
    """Go back: officers come in by their passwords alone."""
    for column in ("proved_with", "proved_at"):  # in place: its triggers stay
        op.drop_column("login_sessions", column)
    for table in ("half_sign_ins", "recovery_codes", "authenticators"):
        op.drop_table(table)
