"""The ledger of reads says for whom, in what form, which fields and what for."""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"

_ADDED = (
    ("on_behalf_of", sa.String(length=22), None),
    ("how", sa.String(length=40), ""),
    ("fields", sa.Text(), ""),
    ("purpose", sa.Text(), ""),
)


def upgrade() -> None:
    """Take the step: lines written before say nothing of it, and stay as they are."""
    for name, kind, default in _ADDED:
        op.add_column(
            "reads",
            sa.Column(name, kind, server_default=default, nullable=default is None),
        )


def downgrade() -> None:
    """Take the step back."""
    for name, _, _ in reversed(_ADDED):
        op.drop_column("reads", name)
