"""What two people agreed to hand over to a candidate is kept as they agreed to it."""

import sqlalchemy as sa
from alembic import op

from vetting.records.triggers import change_again, never_change

revision = "0046"
down_revision = "0045"

SAME = ("case_handle = NEW.case_handle AND number = NEW.number",)


def upgrade() -> None:
    """Take the step."""
    op.create_table(
        "given_packages",
        sa.Column("case_handle", sa.String(length=22), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("content", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(
            ["case_handle", "number"],
            ["entries.case_handle", "entries.number"],
            name=op.f("fk_given_packages_case_handle_number"),
        ),
        sa.PrimaryKeyConstraint("case_handle", "number", name=op.f("pk_given_packages")),
    )
    never_change(op.get_bind(), "given_packages", SAME)


def downgrade() -> None:
    """Take the step back."""
    change_again(op.get_bind(), "given_packages", SAME)
    op.drop_table("given_packages")
