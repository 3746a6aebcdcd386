"""Cases that an officer set aside in their own list, and until when."""

import sqlalchemy as sa
from alembic import op

revision = "0045"
down_revision = "0044"


def upgrade() -> None:
    """Take the step."""
    op.create_table(
        "set_aside",
        sa.Column("officer", sa.String(22), nullable=False),
        sa.Column("organisation", sa.String(64), nullable=False),
        sa.Column("case_handle", sa.String(22), nullable=False),
        sa.Column("until", sa.String(27), nullable=False),
        sa.Column("at", sa.String(27), nullable=False),
        sa.ForeignKeyConstraint(
            ["officer"], ["officers.handle"], name=op.f("fk_set_aside_officer")
        ),
        sa.ForeignKeyConstraint(
            ["organisation"], ["organisations.code"], name=op.f("fk_set_aside_organisation")
        ),
        sa.ForeignKeyConstraint(
            ["case_handle"], ["cases.handle"], name=op.f("fk_set_aside_case_handle")
        ),
        sa.PrimaryKeyConstraint(
            "officer", "organisation", "case_handle", name=op.f("pk_set_aside")
        ),
    )


def downgrade() -> None:
    """Take the step back."""
    op.drop_table("set_aside")
