"""Opened in an emergency: who asked to read a case that is kept from them, and what was said."""

import sqlalchemy as sa
from alembic import op

from vetting.records.triggers import (
    SECOND_PERSON,
    Rule,
    change_again,
    enforce,
    enforce_no_more,
    never_change,
)

revision = "0017"
down_revision = "0016"

HANDLE, CODE, WORD, MOMENT = (sa.String(length=n) for n in (22, 64, 40, 27))
RULES = (
    Rule(
        "emergency_steps",
        "by_another_than_the_asker",
        "INSERT",
        "EXISTS (SELECT 1 FROM {in_}emergency_requests r WHERE r.handle = NEW.request "
        "AND r.officer <> NEW.officer)",
        SECOND_PERSON,
        when="NEW.kind <> 'ended'",
    ),
    Rule(
        "emergency_steps",
        "of_what_another_agreed_to",
        "INSERT",
        "EXISTS (SELECT 1 FROM {in_}emergency_steps s WHERE s.request = NEW.request "
        "AND s.kind = 'opened' AND (NEW.kind = 'ended' OR s.officer <> NEW.officer))",
        SECOND_PERSON,
        when="NEW.kind IN ('ended','reviewed')",
    ),
    Rule(
        "emergency_steps",
        "not_by_the_recused",
        "INSERT",
        "NOT EXISTS (SELECT 1 FROM {in_}emergency_requests r JOIN {in_}recusals x "
        "ON x.case_handle = r.case_handle AND x.officer = NEW.officer "
        "WHERE r.handle = NEW.request)",
        SECOND_PERSON,
        when="NEW.kind <> 'ended'",
    ),
)
NEVER_CHANGED = {
    "emergency_requests": ["handle = NEW.handle"],
    "emergency_steps": ["request = NEW.request AND kind = NEW.kind"],
}


def upgrade() -> None:
    """Take the step."""
    op.create_table(
        "emergency_requests",
        sa.Column("handle", HANDLE, nullable=False),
        sa.Column("reference", sa.Text(), nullable=False),
        sa.Column("case_handle", HANDLE, nullable=True),
        sa.Column("officer", HANDLE, nullable=False),
        sa.Column("organisation", CODE, nullable=False),
        sa.Column("role", WORD, nullable=False),
        sa.Column("session", HANDLE, nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("hours", sa.Integer(), nullable=False),
        sa.Column("asked_at", MOMENT, nullable=False),
        sa.CheckConstraint("hours IN (1,4,24)", name=op.f("ck_emergency_requests_bounded")),
        sa.CheckConstraint("reason <> ''", name=op.f("ck_emergency_requests_with_a_reason")),
        sa.ForeignKeyConstraint(
            ["case_handle"], ["cases.handle"], name=op.f("fk_emergency_requests_case_handle")
        ),
        sa.ForeignKeyConstraint(
            ["officer"], ["officers.handle"], name=op.f("fk_emergency_requests_officer")
        ),
        sa.ForeignKeyConstraint(
            ["organisation"],
            ["organisations.code"],
            name=op.f("fk_emergency_requests_organisation"),
        ),
        sa.PrimaryKeyConstraint("handle", name=op.f("pk_emergency_requests")),
    )
    for name, columns in (
        ("officer", ["officer", "asked_at"]),
        ("case_handle", ["case_handle"]),
        ("asked_at", ["asked_at"]),
    ):
        op.create_index(f"ix_emergency_requests_{name}", "emergency_requests", columns)
    op.create_table(
        "emergency_steps",
        sa.Column("request", HANDLE, nullable=False),
        sa.Column("kind", WORD, nullable=False),
        sa.Column("officer", HANDLE, nullable=False),
        sa.Column("organisation", CODE, nullable=False),
        sa.Column("role", WORD, nullable=False),
        sa.Column("session", HANDLE, nullable=False),
        sa.Column("method", WORD, nullable=False),
        sa.Column("sentence", sa.Text(), nullable=False),
        sa.Column("at", MOMENT, nullable=False),
        sa.Column("until", MOMENT, nullable=True),
        sa.CheckConstraint(
            "kind IN ('opened','refused','ended','reviewed')",
            name=op.f("ck_emergency_steps_known_kind"),
        ),
        sa.CheckConstraint(
            "(kind = 'opened') = (until IS NOT NULL)", name=op.f("ck_emergency_steps_limited")
        ),
        sa.ForeignKeyConstraint(
            ["request"], ["emergency_requests.handle"], name=op.f("fk_emergency_steps_request")
        ),
        sa.ForeignKeyConstraint(
            ["officer"], ["officers.handle"], name=op.f("fk_emergency_steps_officer")
        ),
        sa.ForeignKeyConstraint(
            ["organisation"], ["organisations.code"], name=op.f("fk_emergency_steps_organisation")
        ),
        sa.PrimaryKeyConstraint("request", "kind", name=op.f("pk_emergency_steps")),
    )
    answer = sa.text("kind IN ('opened', 'refused')")
    op.create_index(
        "uq_emergency_steps_one_answer",
        "emergency_steps",
        ["request"],
        unique=True,
        sqlite_where=answer,
        postgresql_where=answer,
    )
    enforce(op.get_bind(), RULES)
    for name, same_row in NEVER_CHANGED.items():
        never_change(op.get_bind(), name, same_row)


def downgrade() -> None:
    """Take the step back."""
    for name, same_row in reversed(NEVER_CHANGED.items()):
        change_again(op.get_bind(), name, same_row)
    enforce_no_more(op.get_bind(), RULES)
    op.drop_table("emergency_steps")
    op.drop_table("emergency_requests")
