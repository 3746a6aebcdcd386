"""What was done in somebody's name is found by that name."""

import sqlalchemy as sa
from alembic import op

revision = "0038"
down_revision = "0037"

FOR_SOMEBODY = sa.text("on_behalf_of IS NOT NULL")


def upgrade() -> None:
    """Take the step."""
    op.create_index(
        "ix_entries_on_behalf_of",
        "entries",
        ["on_behalf_of", "case_handle"],
        sqlite_where=FOR_SOMEBODY,
        postgresql_where=FOR_SOMEBODY,
    )


def downgrade() -> None:
    """Take the step back."""
    op.drop_index("ix_entries_on_behalf_of", "entries")
