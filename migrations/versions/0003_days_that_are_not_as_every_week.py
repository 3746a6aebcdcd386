"""Calendars of working days, and the days in them that are not as every week."""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"


def upgrade() -> None:
    """Take the step."""
    op.create_table(
        "calendars",
        sa.Column("code", sa.String(length=64), nullable=False),
        sa.Column("body", sa.String(length=64), nullable=True),
        sa.Column("name_vi", sa.Text(), nullable=False),
        sa.Column("name_en", sa.Text(), nullable=False),
        sa.Column("first_day", sa.String(length=10), nullable=False),
        sa.Column("last_day", sa.String(length=10), nullable=False),
        sa.Column("announced_to", sa.String(length=10), nullable=True),
        sa.Column("source", sa.Text(), server_default="", nullable=False),
        sa.Column("entered_at", sa.String(length=27), nullable=False),
        sa.CheckConstraint("first_day <= last_day", name=op.f("ck_calendars_first_before_last")),
        sa.ForeignKeyConstraint(["body"], ["organisations.code"], name=op.f("fk_calendars_body")),
        sa.PrimaryKeyConstraint("code", name=op.f("pk_calendars")),
    )
    op.create_table(
        "calendar_days",
        sa.Column("calendar", sa.String(length=64), nullable=False),
        sa.Column("day", sa.String(length=10), nullable=False),
        sa.Column("entered_at", sa.String(length=27), nullable=False),
        sa.Column("kind", sa.String(length=40), nullable=False),
        sa.Column("name_vi", sa.Text(), nullable=False),
        sa.Column("name_en", sa.Text(), nullable=False),
        sa.Column("source", sa.Text(), server_default="", nullable=False),
        sa.Column("entered_by", sa.String(length=22), nullable=True),
        sa.CheckConstraint(
            "kind IN ('closure','working','ordinary')", name=op.f("ck_calendar_days_kind_known")
        ),
        sa.CheckConstraint(
            "kind = 'ordinary' OR name_vi <> '' AND name_en <> ''",
            name=op.f("ck_calendar_days_named"),
        ),
        sa.ForeignKeyConstraint(
            ["calendar"], ["calendars.code"], name=op.f("fk_calendar_days_calendar")
        ),
        sa.ForeignKeyConstraint(
            ["entered_by"], ["officers.handle"], name=op.f("fk_calendar_days_entered_by")
        ),
        sa.PrimaryKeyConstraint("calendar", "day", "entered_at", name=op.f("pk_calendar_days")),
    )


def downgrade() -> None:
    """Take the step back."""
    op.drop_table("calendar_days")
    op.drop_table("calendars")
