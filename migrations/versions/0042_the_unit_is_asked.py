"""The unit is asked while its case runs, and bodies have something made clear."""

import sqlalchemy as sa
from alembic import op

revision = "0042"
down_revision = "0041"

ASKED = sa.text("open_questions <> '{}'")
BEFORE = sa.text("time_until IS NOT NULL")
ASKING = sa.text("time_until IS NOT NULL OR clarify IS NOT NULL")


def _asking(where: sa.TextClause) -> None:
    op.create_index(
        "ix_consultations_asking",
        "consultations",
        ["case_handle"],
        unique=False,
        sqlite_where=where,
        postgresql_where=where,
    )


def upgrade() -> None:
    """Take the step."""
    op.add_column(
        "cases", sa.Column("question_sets", sa.Integer(), nullable=False, server_default="0")
    )
    op.add_column(
        "cases", sa.Column("open_questions", sa.Text(), nullable=False, server_default="{}")
    )
    op.create_index(
        "ix_cases_asked_unit",
        "cases",
        ["unit", "since"],
        unique=False,
        sqlite_where=ASKED,
        postgresql_where=ASKED,
    )
    op.add_column("consultations", sa.Column("clarify", sa.Integer(), nullable=True))
    op.drop_index("ix_consultations_asking", "consultations")
    _asking(ASKING)


def downgrade() -> None:
    """Take the step back."""
    op.drop_index("ix_consultations_asking", "consultations")
    _asking(BEFORE)
    op.drop_column("consultations", "clarify")
    op.drop_index("ix_cases_asked_unit", "cases")
    op.drop_column("cases", "open_questions")
    op.drop_column("cases", "question_sets")
