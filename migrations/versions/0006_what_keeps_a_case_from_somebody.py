"""What keeps a case from somebody: recusals, levels, and lists of those who may know of it."""

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"

HANDLE = sa.String(length=22)


def upgrade() -> None:
    """Take the step."""
    op.add_column("cases", sa.Column("recused", sa.Text(), server_default="[]", nullable=False))
    op.add_column("cases", sa.Column("named", sa.Text(), server_default="[]", nullable=False))
    _add_level("cases", "level", "level_known")
    _add_level("role_assignments", "clearance", "clearance_known")
    for table in ("recusals", "named_readers"):
        op.create_table(
            table,
            sa.Column("case_handle", HANDLE, nullable=False),
            sa.Column("officer", HANDLE, nullable=False),
            sa.ForeignKeyConstraint(
                ["case_handle"], ["cases.handle"], name=op.f(f"fk_{table}_case_handle")
            ),
            sa.ForeignKeyConstraint(
                ["officer"], ["officers.handle"], name=op.f(f"fk_{table}_officer")
            ),
            sa.PrimaryKeyConstraint("officer", "case_handle", name=op.f(f"pk_{table}")),
        )
        op.create_index(f"ix_{table}_case_handle", table, ["case_handle"], unique=False)
    op.create_table(
        "restrictions",
        sa.Column("case_handle", HANDLE, nullable=False),
        sa.Column("level", sa.Integer(), nullable=False),
        sa.Column("named_only", sa.Integer(), nullable=False),
        sa.CheckConstraint("level BETWEEN 0 AND 3", name=op.f("ck_restrictions_level_known")),
        sa.CheckConstraint("level > 0 OR named_only = 1", name=op.f("ck_restrictions_restricts")),
        sa.ForeignKeyConstraint(
            ["case_handle"], ["cases.handle"], name=op.f("fk_restrictions_case_handle")
        ),
        sa.PrimaryKeyConstraint("case_handle", name=op.f("pk_restrictions")),
    )


def _add_level(table: str, column: str, check: str) -> None:
    """Add a column with its check in one go: SQLite adds no check to a table afterwards."""
    op.execute(
        f"ALTER TABLE {table} ADD COLUMN {column} INTEGER DEFAULT '0' NOT NULL "
        f"CONSTRAINT ck_{table}_{check} CHECK ({column} BETWEEN 0 AND 3)"
    )


def downgrade() -> None:
    """Take the step back."""
    for table in ("restrictions", "named_readers", "recusals"):
        op.drop_table(table)
    op.drop_column("role_assignments", "clearance")
    for column in ("level", "named", "recused"):
        op.drop_column("cases", column)
