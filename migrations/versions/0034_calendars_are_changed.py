"""Calendars are changed by whoever may, with a reason; no line of one is ever taken away."""

import sqlalchemy as sa
from alembic import op

from vetting.records.triggers import (
    DATED,
    Rule,
    change_again,
    enforce,
    enforce_no_more,
    never_change,
)

revision = "0034"
down_revision = "0033"

HANDLE, CODE, WORD, MOMENT, HASH = (sa.String(length=n) for n in (22, 64, 40, 27, 64))
SAME = {
    "calendar_changes": ("handle = NEW.handle", "calendar = NEW.calendar AND at = NEW.at"),
    "calendar_days": ("calendar = NEW.calendar AND day = NEW.day AND entered_at = NEW.entered_at",),
}
_DISPOSES = "NEW.verb IN ('disposal.asked','disposal.refused','disposal.approved')"
_WEARS = (
    "EXISTS (SELECT 1 FROM {in_}participations p WHERE p.case_handle = NEW.case_handle "
    "AND p.officer = NEW.officer AND p.hat = "
)
_BY_ROLE = (
    "CASE NEW.role WHEN 'case_officer' THEN 'file' WHEN 'board_officer' THEN 'coordinate' "
    "WHEN 'board_head' THEN 'coordinate' WHEN 'body_officer' THEN 'opine' "
    "WHEN 'body_signer' THEN 'opine' WHEN 'secretary' THEN 'conclude' "
    "WHEN 'supervisor' THEN 'review' WHEN 'administrator' THEN 'administer' END "
    "AND (p.hat <> 'opine' OR p.organisation = NEW.organisation))"
)
_WITHOUT_A_HAT = (
    "NEW.verb IN ('officer.recused','consultation.released') "
    "OR NEW.verb = 'case.exported' AND NEW.role IN ('supervisor','board_head') "
    "OR NEW.verb IN ('record.held','hold.lifted') AND NEW.role IN ('supervisor','board_head') "
    "OR NEW.verb = 'record.classed' AND NEW.role = 'board_head'"
)
_CHANGES_A_CALENDAR = " OR NEW.verb = 'deadlines.moved' AND NEW.role = 'board_head'"


def _one_hat(more: str) -> Rule:
    holds = (
        f"({_DISPOSES}) AND {_WEARS}'dispose') "
        f"OR NOT ({_DISPOSES}) AND ({_WITHOUT_A_HAT}{more} OR {_WEARS}{_BY_ROLE})"
    )
    return Rule("entries", "one_hat", "INSERT", holds)


BEFORE = (_one_hat(""),)
RULES = (
    _one_hat(_CHANGES_A_CALENDAR),
    Rule(
        "calendar_days",
        "entered_with_a_reason",
        "INSERT",
        "EXISTS (SELECT 1 FROM {in_}calendar_changes c WHERE c.calendar = NEW.calendar "
        "AND c.at = NEW.entered_at AND c.officer = NEW.entered_by)",
        DATED,
        when="NEW.entered_by IS NOT NULL",
    ),
)


def upgrade() -> None:
    """Take the step."""
    op.create_table(
        "calendar_changes",
        sa.Column("handle", HANDLE, nullable=False),
        sa.Column("calendar", CODE, nullable=False),
        sa.Column("at", MOMENT, nullable=False),
        sa.Column("officer", HANDLE, nullable=False),
        sa.Column("organisation", CODE, nullable=False),
        sa.Column("role", WORD, nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("moved", sa.Integer(), nullable=False),
        sa.Column("moved_hash", HASH, nullable=False),
        sa.CheckConstraint("moved >= 0", name=op.f("ck_calendar_changes_moved_counted")),
        sa.CheckConstraint("reason <> ''", name=op.f("ck_calendar_changes_reasoned")),
        sa.ForeignKeyConstraint(
            ["calendar"], ["calendars.code"], name=op.f("fk_calendar_changes_calendar")
        ),
        sa.ForeignKeyConstraint(
            ["officer"], ["officers.handle"], name=op.f("fk_calendar_changes_officer")
        ),
        sa.ForeignKeyConstraint(
            ["organisation"],
            ["organisations.code"],
            name=op.f("fk_calendar_changes_organisation"),
        ),
        sa.PrimaryKeyConstraint("handle", name=op.f("pk_calendar_changes")),
    )
    op.create_index(
        "uq_calendar_changes_calendar_at", "calendar_changes", ["calendar", "at"], unique=True
    )
    for table, same in SAME.items():
        never_change(op.get_bind(), table, same)
    enforce_no_more(op.get_bind(), BEFORE)
    enforce(op.get_bind(), RULES)


def downgrade() -> None:
    """Take the step back."""
    enforce_no_more(op.get_bind(), RULES)
    enforce(op.get_bind(), BEFORE)
    for table in reversed(SAME):
        change_again(op.get_bind(), table, SAME[table])
    op.drop_index("uq_calendar_changes_calendar_at", "calendar_changes")
    op.drop_table("calendar_changes")
