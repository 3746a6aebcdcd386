"""An act says into which cases it wrote, and what was searched for is found by when."""

import sqlalchemy as sa
from alembic import op

from vetting.records.triggers import never_again, only_as_listed

revision = "0039"
down_revision = "0038"

ASKED = sa.text("asked IS NOT NULL")
KEY = "OLD.key"
EMPTIED = "NEW.answer = '{{}}' AND NEW.content_hash = '" + "0" * 64 + "'"
STAYS = ("key", "officer", "action", "at")


def upgrade() -> None:
    """Take the step."""
    connection = op.get_bind()
    op.add_column("acts", sa.Column("wrote", sa.Text(), nullable=False, server_default=""))
    op.create_index(
        "ix_reads_asked", "reads", ["asked", "at"], sqlite_where=ASKED, postgresql_where=ASKED
    )
    never_again(connection, "acts", "UPDATE")
    only_as_listed(connection, "acts", KEY, "UPDATE", EMPTIED, (*STAYS, "wrote"))


def downgrade() -> None:
    """Take the step back."""
    connection = op.get_bind()
    never_again(connection, "acts", "UPDATE")
    only_as_listed(connection, "acts", KEY, "UPDATE", EMPTIED, STAYS)
    op.drop_index("ix_reads_asked", "reads")
    op.drop_column("acts", "wrote")
