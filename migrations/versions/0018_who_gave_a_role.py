"""Who gave an officer a role, cleared them in it or ended it; and nobody does that to themself."""

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

revision = "0018"
down_revision = "0017"

HANDLE, CODE, WORD, MOMENT = (sa.String(length=n) for n in (22, 64, 40, 27))
RULES = tuple(
    Rule(
        table,
        "by_another",
        "INSERT",
        "NEW.done_by IS NULL OR NEW.done_by <> NEW.officer",
        OWN_RIGHTS,
    )
    for table in ("role_changes", "factor_resets")
)
NEVER_CHANGED = {
    "role_changes": ["handle = NEW.handle"],
    "factor_resets": ["officer = NEW.officer AND at = NEW.at"],
}


def upgrade() -> None:
    """Take the step."""
    op.create_table(
        "role_changes",
        sa.Column("handle", HANDLE, nullable=False),
        sa.Column("officer", HANDLE, nullable=False),
        sa.Column("organisation", CODE, nullable=False),
        sa.Column("role", WORD, nullable=False),
        sa.Column("kind", WORD, nullable=False),
        sa.Column("value", sa.Text(), nullable=False),
        sa.Column("done_by", HANDLE, nullable=True),
        sa.Column("session", HANDLE, nullable=True),
        sa.Column("at", MOMENT, nullable=False),
        sa.CheckConstraint(
            "kind IN ('given','cleared','ended')", name=op.f("ck_role_changes_known_kind")
        ),
        sa.ForeignKeyConstraint(
            ["officer"], ["officers.handle"], name=op.f("fk_role_changes_officer")
        ),
        sa.ForeignKeyConstraint(
            ["organisation"], ["organisations.code"], name=op.f("fk_role_changes_organisation")
        ),
        sa.ForeignKeyConstraint(
            ["done_by"], ["officers.handle"], name=op.f("fk_role_changes_done_by")
        ),
        sa.PrimaryKeyConstraint("handle", name=op.f("pk_role_changes")),
    )
    op.create_index("ix_role_changes_officer", "role_changes", ["officer", "at"])
    enforce(op.get_bind(), RULES)
    for name, same_row in NEVER_CHANGED.items():
        never_change(op.get_bind(), name, same_row)


def downgrade() -> None:
    """Take the step back."""
    for name, same_row in reversed(NEVER_CHANGED.items()):
        change_again(op.get_bind(), name, same_row)
    enforce_no_more(op.get_bind(), RULES)
    op.drop_table("role_changes")
