"""From when on a day's reconciliation looked at what had happened; all before looked at everything.

And an index for the mails that failed.
"""

import sqlalchemy as sa
from alembic import op

revision = "0050"
down_revision = "0049"

FAILED = sa.text("kind IN ('bounced','given_up')")


def upgrade() -> None:
    """Take the step."""
    op.add_column("reconciliations", sa.Column("looked_after", sa.String(27), nullable=True))
    op.create_index(
        "ix_mail_steps_failed",
        "mail_steps",
        ["mail"],
        unique=False,
        sqlite_where=FAILED,
        postgresql_where=FAILED,
    )


def downgrade() -> None:
    """Take the step back."""
    op.drop_index("ix_mail_steps_failed", "mail_steps")
    op.drop_column("reconciliations", "looked_after")
