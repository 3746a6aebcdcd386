"""The histories of all cases are searched: by date, organisation and body."""

import sqlalchemy as sa
from alembic import op

revision = "0020"
down_revision = "0019"

OF_A_BODY = sa.text("body IS NOT NULL")


def upgrade() -> None:
    """Take the step."""
    op.create_index("ix_entries_at", "entries", ["at", "case_handle", "number"], unique=False)
    op.create_index("ix_entries_organisation_at", "entries", ["organisation", "at"], unique=False)
    op.create_index(
        "ix_entries_body_at",
        "entries",
        ["body", "at"],
        unique=False,
        sqlite_where=OF_A_BODY,
        postgresql_where=OF_A_BODY,
    )


def downgrade() -> None:
    """Take the step back."""
    op.drop_index("ix_entries_body_at", "entries")
    op.drop_index("ix_entries_organisation_at", "entries")
    op.drop_index("ix_entries_at", "entries")
