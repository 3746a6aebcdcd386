"""From where a session was used last, and on what kind of device."""

import sqlalchemy as sa
from alembic import op

revision = "0031"
down_revision = "0030"


def upgrade() -> None:
    """Take the step."""
    op.add_column("login_sessions", sa.Column("address", sa.String(length=45), nullable=True))
    op.add_column("login_sessions", sa.Column("device", sa.String(length=40), nullable=True))


def downgrade() -> None:
    """Take the step back."""
    op.drop_column("login_sessions", "device")
    op.drop_column("login_sessions", "address")
