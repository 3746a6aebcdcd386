"""When the second factors of an officer who had lost them were taken off, and by whom."""

import sqlalchemy as sa
from alembic import op

revision = "0015"
down_revision = "0014"


def upgrade() -> None:
    """Take the step."""
    op.create_table(
        "factor_resets",
        sa.Column("officer", sa.String(length=22), nullable=False),
        sa.Column("at", sa.String(length=27), nullable=False),
        sa.Column("done_by", sa.String(length=22), nullable=True),
        sa.ForeignKeyConstraint(
            ["officer"], ["officers.handle"], name=op.f("fk_factor_resets_officer")
        ),
        sa.ForeignKeyConstraint(
            ["done_by"], ["officers.handle"], name=op.f("fk_factor_resets_done_by")
        ),
        sa.PrimaryKeyConstraint("officer", "at", name=op.f("pk_factor_resets")),
    )


def downgrade() -> None:
    """Go back: nobody is told any more."""
    op.drop_table("factor_resets")
