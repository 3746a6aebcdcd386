"""Cases that follow another are found by the one they follow."""

import sqlalchemy as sa
from alembic import op

revision = "0044"
down_revision = "0043"

FOLLOWS = sa.text("admission IS NOT NULL")


def upgrade() -> None:
    """Take the step."""
    op.create_index(
        "ix_cases_admission",
        "cases",
        ["admission"],
        unique=False,
        sqlite_where=FOLLOWS,
        postgresql_where=FOLLOWS,
    )


def downgrade() -> None:
    """Take the step back."""
    op.drop_index("ix_cases_admission", "cases")
