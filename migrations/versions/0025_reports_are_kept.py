"""Reports are kept as they were counted, and so is each time that one was run again."""

import sqlalchemy as sa
from alembic import op

from vetting.records.triggers import change_again, never_change

revision = "0025"
down_revision = "0024"

HANDLE, CODE, WORD, MOMENT, DAY, HASH = (sa.String(length=n) for n in (22, 64, 40, 27, 10, 64))
SAME = {
    "reports": ("handle = NEW.handle",),
    "report_figures": ("report = NEW.report AND name = NEW.name",),
    "report_runs": ("handle = NEW.handle",),
}


def upgrade() -> None:
    """Take the step."""
    op.create_table(
        "reports",
        sa.Column("handle", HANDLE, nullable=False),
        sa.Column("since", DAY, nullable=False),
        sa.Column("until", DAY, nullable=False),
        sa.Column("size", sa.Integer(), nullable=False),
        sa.Column("root", HASH, nullable=False),
        sa.Column("as_of", MOMENT, nullable=False),
        sa.Column("erased", sa.Integer(), nullable=False),
        *_by_whom("reports"),
        sa.Column("made_at", MOMENT, nullable=False),
        sa.CheckConstraint("since <= until", name=op.f("ck_reports_in_order")),
        sa.CheckConstraint("size > 0 AND erased >= 0", name=op.f("ck_reports_counted")),
        sa.PrimaryKeyConstraint("handle", name=op.f("pk_reports")),
    )
    op.create_index("ix_reports_made_at", "reports", ["made_at", "handle"])
    op.create_table(
        "report_figures",
        sa.Column("report", HANDLE, nullable=False),
        sa.Column("name", WORD, nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("rows", sa.Text(), nullable=False),
        sa.Column("items", sa.Integer(), nullable=False),
        sa.Column("list_hash", HASH, nullable=False),
        sa.CheckConstraint("version > 0 AND items >= 0", name=op.f("ck_report_figures_counted")),
        sa.ForeignKeyConstraint(
            ["report"], ["reports.handle"], name=op.f("fk_report_figures_report")
        ),
        sa.PrimaryKeyConstraint("report", "name", name=op.f("pk_report_figures")),
    )
    op.create_table(
        "report_runs",
        sa.Column("handle", HANDLE, nullable=False),
        sa.Column("report", HANDLE, nullable=False),
        sa.Column("unlike", sa.Text(), nullable=False),
        sa.Column("erased", sa.Integer(), nullable=False),
        *_by_whom("report_runs"),
        sa.Column("at", MOMENT, nullable=False),
        sa.CheckConstraint("erased >= 0", name=op.f("ck_report_runs_counted")),
        sa.ForeignKeyConstraint(["report"], ["reports.handle"], name=op.f("fk_report_runs_report")),
        sa.PrimaryKeyConstraint("handle", name=op.f("pk_report_runs")),
    )
    op.create_index("ix_report_runs_report", "report_runs", ["report", "at"])
    for table, same in SAME.items():
        never_change(op.get_bind(), table, same)


def downgrade() -> None:
    """Take the step back."""
    for table in reversed(SAME):
        change_again(op.get_bind(), table, SAME[table])
        op.drop_table(table)


def _by_whom(table: str) -> list[sa.Column[str] | sa.ForeignKeyConstraint]:
    return [
        sa.Column("officer", HANDLE, nullable=False),
        sa.Column("organisation", CODE, nullable=False),
        sa.Column("role", WORD, nullable=False),
        sa.Column("session", HANDLE, nullable=False),
        sa.Column("on_behalf_of", HANDLE, nullable=True),
        sa.ForeignKeyConstraint(["officer"], ["officers.handle"], name=op.f(f"fk_{table}_officer")),
        sa.ForeignKeyConstraint(
            ["organisation"], ["organisations.code"], name=op.f(f"fk_{table}_organisation")
        ),
    ]
