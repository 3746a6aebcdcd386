"""What candidates ask about their own data: where each request stands, and how many are open."""

import sqlalchemy as sa
from alembic import op

revision = "0043"
down_revision = "0042"

ASKED = sa.text("open_requests > 0")


def upgrade() -> None:
    """Take the step."""
    op.add_column("cases", sa.Column("requests", sa.Text(), server_default="[]", nullable=False))
    # With its check in one go: SQLite adds no check to a table afterwards.
    op.execute(
        "ALTER TABLE cases ADD COLUMN open_requests INTEGER DEFAULT '0' NOT NULL "
        "CONSTRAINT ck_cases_requests_count CHECK (open_requests >= 0)"
    )
    op.create_index(
        "ix_cases_requests",
        "cases",
        ["handle"],
        unique=False,
        sqlite_where=ASKED,
        postgresql_where=ASKED,
    )
    if op.get_bind().dialect.name == "postgresql":  # no sample of what is about a candidate
        op.execute("ALTER TABLE cases ALTER COLUMN requests SET STATISTICS 0")


def downgrade() -> None:
    """Take the step back."""
    op.drop_index("ix_cases_requests", "cases")
    op.drop_column("cases", "open_requests")
    op.drop_column("cases", "requests")
