"""Two administrators give a role: one says which, another confirms it as it was shown to them.

Roles that one administrator gave before this stay as they are.
"""

import sqlalchemy as sa
from alembic import op

from vetting.records.triggers import (
    OWN_RIGHTS,
    TWO_GIVE,
    Rule,
    change_again,
    enforce,
    enforce_no_more,
    never_change,
)

revision = "0052"
down_revision = "0051"

HANDLE, CODE, WORD, MOMENT, DAY, HASH = (sa.String(length=n) for n in (22, 64, 40, 27, 10, 64))

_OF_IT = "EXISTS (SELECT 1 FROM {in_}role_proposals p WHERE p.handle = NEW.proposal AND "
_CONFIRMED = (
    "EXISTS (SELECT 1 FROM {in_}role_proposals p "
    "JOIN {in_}role_answers a ON a.proposal = p.handle AND a.kind = 'confirmed' "
    "WHERE p.officer = NEW.officer AND p.organisation = NEW.organisation AND p.role = NEW.role "
    "AND p.kind = NEW.kind AND p.proposed_by = NEW.done_by AND a.answered_by = NEW.confirmed_by)"
)


def _administers(officer: str) -> str:
    return (
        "EXISTS (SELECT 1 FROM {in_}role_assignments r "  # noqa: S608  # our own names only
        f"WHERE r.officer = NEW.{officer} AND r.role = 'administrator')"
    )


RULES = (
    Rule("role_proposals", "by_another", "INSERT", "NEW.proposed_by <> NEW.officer", OWN_RIGHTS),
    Rule("role_proposals", "by_an_administrator", "INSERT", _administers("proposed_by"), TWO_GIVE),
    Rule("role_answers", "by_an_administrator", "INSERT", _administers("answered_by"), TWO_GIVE),
    Rule(
        "role_answers",
        "by_a_second_person",
        "INSERT",
        f"NEW.kind = 'taken_back' AND {_OF_IT}p.proposed_by = NEW.answered_by) "
        f"OR NEW.kind <> 'taken_back' AND {_OF_IT}p.proposed_by <> NEW.answered_by "
        "AND p.officer <> NEW.answered_by)",
        TWO_GIVE,
    ),
    Rule("role_answers", "of_what_was_shown", "INSERT", f"{_OF_IT}p.hash = NEW.hash)", TWO_GIVE),
    Rule(
        "role_changes",
        "by_two",
        "INSERT",
        "NEW.confirmed_by IS NULL AND (NEW.done_by IS NULL OR NEW.kind <> 'given') "
        f"OR {_CONFIRMED}",
        TWO_GIVE,
    ),
)
NEVER_CHANGED = {
    "role_proposals": ["handle = NEW.handle"],
    "role_answers": ["proposal = NEW.proposal"],
}


def upgrade() -> None:
    """Take the step."""
    op.create_table(
        "role_proposals",
        sa.Column("handle", HANDLE, nullable=False),
        sa.Column("officer", HANDLE, nullable=False),
        sa.Column("organisation", CODE, nullable=False),
        sa.Column("role", WORD, nullable=False),
        sa.Column("kind", WORD, nullable=False),
        sa.Column("valid_from", DAY, nullable=False),
        sa.Column("valid_to", DAY, nullable=True),
        sa.Column("clearance", sa.Integer(), nullable=False),
        sa.Column("hash", HASH, nullable=False),
        sa.Column("proposed_by", HANDLE, nullable=False),
        sa.Column("session", HANDLE, nullable=True),
        sa.Column("method", WORD, nullable=False),
        sa.Column("at", MOMENT, nullable=False),
        sa.CheckConstraint(
            "kind IN ('given','cleared')", name=op.f("ck_role_proposals_known_kind")
        ),
        sa.CheckConstraint(
            "clearance BETWEEN 0 AND 3", name=op.f("ck_role_proposals_clearance_known")
        ),
        sa.ForeignKeyConstraint(
            ["officer"], ["officers.handle"], name=op.f("fk_role_proposals_officer")
        ),
        sa.ForeignKeyConstraint(
            ["organisation"], ["organisations.code"], name=op.f("fk_role_proposals_organisation")
        ),
        sa.ForeignKeyConstraint(
            ["proposed_by"], ["officers.handle"], name=op.f("fk_role_proposals_proposed_by")
        ),
        sa.PrimaryKeyConstraint("handle", name=op.f("pk_role_proposals")),
    )
    op.create_index("ix_role_proposals_officer", "role_proposals", ["officer"])
    op.create_index("ix_role_proposals_at", "role_proposals", ["at", "handle"])
    op.create_table(
        "role_answers",
        sa.Column("proposal", HANDLE, nullable=False),
        sa.Column("kind", WORD, nullable=False),
        sa.Column("hash", HASH, nullable=False),
        sa.Column("answered_by", HANDLE, nullable=False),
        sa.Column("session", HANDLE, nullable=True),
        sa.Column("method", WORD, nullable=False),
        sa.Column("sentence", sa.Text(), nullable=False),
        sa.Column("at", MOMENT, nullable=False),
        sa.CheckConstraint(
            "kind IN ('confirmed','refused','taken_back')", name=op.f("ck_role_answers_known_kind")
        ),
        sa.CheckConstraint(
            "(kind = 'refused') = (sentence <> '')",
            name=op.f("ck_role_answers_refused_with_a_sentence"),
        ),
        sa.ForeignKeyConstraint(
            ["proposal"], ["role_proposals.handle"], name=op.f("fk_role_answers_proposal")
        ),
        sa.ForeignKeyConstraint(
            ["answered_by"], ["officers.handle"], name=op.f("fk_role_answers_answered_by")
        ),
        sa.PrimaryKeyConstraint("proposal", name=op.f("pk_role_answers")),
    )
    op.add_column("role_changes", sa.Column("confirmed_by", HANDLE, nullable=True))
    enforce(op.get_bind(), RULES)
    for name, same_row in NEVER_CHANGED.items():
        never_change(op.get_bind(), name, same_row)


def downgrade() -> None:
    """Take the step back: what was confirmed stays given, by whoever gave it first."""
    for name, same_row in reversed(NEVER_CHANGED.items()):
        change_again(op.get_bind(), name, same_row)
    enforce_no_more(op.get_bind(), RULES)
    op.drop_column("role_changes", "confirmed_by")
    op.drop_table("role_answers")
    op.drop_table("role_proposals")
