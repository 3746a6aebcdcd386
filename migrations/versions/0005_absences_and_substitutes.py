"""Absences, and whom somebody who is away names in their place."""

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"

HANDLE = sa.String(length=22)
MOMENT = sa.String(length=27)


def upgrade() -> None:
    """Take the step."""
    op.create_table(
        "absences",
        sa.Column("handle", HANDLE, nullable=False),
        sa.Column("officer", HANDLE, nullable=False),
        sa.Column("first_day", sa.String(length=10), nullable=False),
        sa.Column("last_day", sa.String(length=10), nullable=False),
        sa.Column("recorded_by", HANDLE, nullable=False),
        sa.Column("recorded_at", MOMENT, nullable=False),
        sa.Column("ended_by", HANDLE, nullable=True),
        sa.Column("ended_at", MOMENT, nullable=True),
        sa.Column("seen_at", MOMENT, nullable=True),
        sa.CheckConstraint("first_day <= last_day", name=op.f("ck_absences_in_order")),
        sa.CheckConstraint(
            "(ended_by IS NULL) = (ended_at IS NULL)", name=op.f("ck_absences_ended_by_somebody")
        ),
        sa.ForeignKeyConstraint(["officer"], ["officers.handle"], name=op.f("fk_absences_officer")),
        sa.ForeignKeyConstraint(
            ["recorded_by"], ["officers.handle"], name=op.f("fk_absences_recorded_by")
        ),
        sa.ForeignKeyConstraint(
            ["ended_by"], ["officers.handle"], name=op.f("fk_absences_ended_by")
        ),
        sa.PrimaryKeyConstraint("handle", name=op.f("pk_absences")),
    )
    op.create_index("ix_absences_officer", "absences", ["officer", "last_day"])
    op.create_table(
        "substitutions",
        sa.Column("handle", HANDLE, nullable=False),
        sa.Column("absence", HANDLE, nullable=False),
        sa.Column("absent", HANDLE, nullable=False),
        sa.Column("organisation", sa.String(length=64), nullable=False),
        sa.Column("role", sa.String(length=40), nullable=False),
        sa.Column("substitute", HANDLE, nullable=False),
        sa.Column("form", sa.String(length=40), nullable=False),
        sa.Column("case_types", sa.Text(), nullable=False),
        sa.Column("named_by", HANDLE, nullable=False),
        sa.Column("named_at", MOMENT, nullable=False),
        sa.Column("revoked_by", HANDLE, nullable=True),
        sa.Column("revoked_at", MOMENT, nullable=True),
        sa.CheckConstraint("absent <> substitute", name=op.f("ck_substitutions_somebody_else")),
        sa.CheckConstraint("form IN ('kt','tl')", name=op.f("ck_substitutions_known_form")),
        sa.CheckConstraint(
            "role <> 'administrator'", name=op.f("ck_substitutions_never_an_administrator")
        ),
        sa.CheckConstraint(
            "(revoked_by IS NULL) = (revoked_at IS NULL)",
            name=op.f("ck_substitutions_revoked_by_somebody"),
        ),
        sa.ForeignKeyConstraint(
            ["absence"], ["absences.handle"], name=op.f("fk_substitutions_absence")
        ),
        sa.ForeignKeyConstraint(
            ["absent"], ["officers.handle"], name=op.f("fk_substitutions_absent")
        ),
        sa.ForeignKeyConstraint(
            ["organisation"], ["organisations.code"], name=op.f("fk_substitutions_organisation")
        ),
        sa.ForeignKeyConstraint(
            ["substitute"], ["officers.handle"], name=op.f("fk_substitutions_substitute")
        ),
        sa.ForeignKeyConstraint(
            ["named_by"], ["officers.handle"], name=op.f("fk_substitutions_named_by")
        ),
        sa.ForeignKeyConstraint(
            ["revoked_by"], ["officers.handle"], name=op.f("fk_substitutions_revoked_by")
        ),
        sa.PrimaryKeyConstraint("handle", name=op.f("pk_substitutions")),
    )
    op.create_index("ix_substitutions_absence", "substitutions", ["absence"])
    op.create_index("ix_substitutions_substitute", "substitutions", ["substitute"])


def downgrade() -> None:
    """Take the step back."""
    op.drop_table("substitutions")
    op.drop_table("absences")
