"""What was done to an officer's account, by somebody else; and who has to choose a password."""

import sqlalchemy as sa
from alembic import op

from vetting.records.triggers import (
    OWN_RIGHTS,
    Rule,
    change_again,
    enforce,
    enforce_no_more,
    never_change,
)

revision = "0036"
down_revision = "0035"

HANDLE, WORD, MOMENT = (sa.String(length=n) for n in (22, 40, 27))
RULES = (
    Rule(
        "officer_changes",
        "by_another",
        "INSERT",
        "NEW.done_by IS NULL OR NEW.done_by <> NEW.officer",
        OWN_RIGHTS,
    ),
)
SAME_ROW = ["handle = NEW.handle"]


def upgrade() -> None:
    """Take the step: whoever has a password is taken to have chosen it."""
    op.create_table(
        "officer_changes",
        sa.Column("handle", HANDLE, nullable=False),
        sa.Column("officer", HANDLE, nullable=False),
        sa.Column("kind", WORD, nullable=False),
        sa.Column("value", sa.Text(), nullable=False),
        sa.Column("done_by", HANDLE, nullable=True),
        sa.Column("session", HANDLE, nullable=True),
        sa.Column("at", MOMENT, nullable=False),
        sa.CheckConstraint(
            "kind IN ('entered','password','disabled','let_in','name','login','mail')",
            name=op.f("ck_officer_changes_known_kind"),
        ),
        sa.ForeignKeyConstraint(
            ["officer"], ["officers.handle"], name=op.f("fk_officer_changes_officer")
        ),
        sa.ForeignKeyConstraint(
            ["done_by"], ["officers.handle"], name=op.f("fk_officer_changes_done_by")
        ),
        sa.PrimaryKeyConstraint("handle", name=op.f("pk_officer_changes")),
    )
    op.create_index("ix_officer_changes_officer", "officer_changes", ["officer", "at"])
    op.add_column("officers", sa.Column("password_given_at", MOMENT, nullable=True))
    enforce(op.get_bind(), RULES)
    never_change(op.get_bind(), "officer_changes", SAME_ROW)


def downgrade() -> None:
    """Take the step back."""
    change_again(op.get_bind(), "officer_changes", SAME_ROW)
    enforce_no_more(op.get_bind(), RULES)
    op.drop_column("officers", "password_given_at")  # in place: its triggers stay
    op.drop_index("ix_officer_changes_officer", "officer_changes")
    op.drop_table("officer_changes")
