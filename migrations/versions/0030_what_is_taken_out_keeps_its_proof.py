"""What is taken out as a file keeps how it was proved who takes it."""

import sqlalchemy as sa
from alembic import op

revision = "0030"
down_revision = "0029"


def upgrade() -> None:
    """Take the step."""
    op.add_column("reads", sa.Column("method", sa.String(length=40), nullable=True))


def downgrade() -> None:
    """Take the step back."""
    op.drop_column("reads", "method")
