"""Duties are kept apart: nobody plays two parts in a case, whatever is written with SQL."""

import sqlalchemy as sa
from alembic import op

from vetting.records.triggers import (
    ROBOTS,
    Rule,
    change_again,
    enforce,
    enforce_no_more,
    never_change,
)

revision = "0008"
down_revision = "0007"

HATS = "('file','coordinate','opine','conclude','review','dispose','administer')"
HAT_OF_ROLE = (
    "CASE NEW.role WHEN 'case_officer' THEN 'file' WHEN 'board_officer' THEN 'coordinate' "
    "WHEN 'board_head' THEN 'coordinate' WHEN 'body_officer' THEN 'opine' "
    "WHEN 'body_signer' THEN 'opine' WHEN 'secretary' THEN 'conclude' "
    "WHEN 'supervisor' THEN 'review' WHEN 'administrator' THEN 'administer' END"
)
A_ROBOT = "EXISTS (SELECT 1 FROM {in_}officers o WHERE o.handle = NEW.officer AND o.robot = 1)"


def _wears(officer: str, hat: str, more: str = "") -> str:
    return (
        "EXISTS (SELECT 1 FROM {in_}participations p WHERE p.case_handle = NEW.case_handle "  # noqa: S608  # our own names only
        f"AND p.officer = {officer} AND p.hat = {hat}{more})"
    )


def _speaks_for_the_body(officer: str, more: str) -> str:
    return (
        "EXISTS (SELECT 1 FROM {in_}consultations c JOIN {in_}participations p "  # noqa: S608
        "ON p.case_handle = c.case_handle AND p.hat = 'opine' AND p.organisation = c.body "
        f"WHERE c.handle = NEW.consultation AND p.officer = {officer} AND {more})"
    )


_DRAFTED_BY_THE_BODY = "NEW.draft_by IS NULL OR " + _wears(
    "NEW.draft_by", "'opine'", " AND p.organisation = NEW.body"
)
RULES = (
    Rule(
        "participations", "robots_only_file", "INSERT", f"NEW.hat = 'file' OR NOT {A_ROBOT}", ROBOTS
    ),
    Rule(
        "role_assignments",
        "robots_only_file",
        "INSERT",
        f"NEW.role = 'case_officer' OR NOT {A_ROBOT}",
        ROBOTS,
    ),
    Rule(
        "role_assignments",
        "robots_go_on_filing",
        "UPDATE OF officer, role",
        f"NEW.role = 'case_officer' OR NOT {A_ROBOT}",
        ROBOTS,
    ),
    Rule("login_sessions", "no_robots", "INSERT", f"NOT {A_ROBOT}", ROBOTS),
    Rule("login_sessions", "no_robots_later", "UPDATE OF officer", f"NOT {A_ROBOT}", ROBOTS),
    Rule("officers", "robots_stay_robots", "UPDATE OF robot", "NEW.robot = OLD.robot", ROBOTS),
    Rule(
        "entries",
        "one_hat",
        "INSERT",
        # Whoever steps aside takes no part by saying so.
        "NEW.verb IN ('officer.recused','consultation.released') OR "
        + _wears(
            "NEW.officer",
            HAT_OF_ROLE,
            " AND (p.hat <> 'opine' OR p.organisation = NEW.organisation)",
        ),
    ),
    Rule(
        "consultations",
        "drafted_by_the_body",
        "INSERT",
        _DRAFTED_BY_THE_BODY,
        when="NEW.draft_by IS NOT NULL",
    ),
    Rule(
        "consultations",
        "redrafted_by_the_body",
        "UPDATE OF draft_by, body, case_handle",
        _DRAFTED_BY_THE_BODY,
        when="NEW.draft_by IS NOT NULL",
    ),
    Rule(
        "sign_offs",
        "not_by_the_drafter",
        "INSERT",
        _speaks_for_the_body(
            "NEW.officer",
            "c.body = NEW.organisation AND c.draft_by <> NEW.officer AND c.draft_hash = NEW.hash",
        ),
    ),
    Rule(
        "opinions",
        "signed_by_the_body",
        "INSERT",
        _speaks_for_the_body(
            "NEW.signed_by",
            "c.case_handle = NEW.case_handle AND c.body = NEW.body AND c.turn = NEW.turn "
            "AND c.draft_by = NEW.drafted_by AND c.draft_hash = NEW.hash",
        ),
    ),
    Rule(
        "proposals",
        "drawn_up_by_the_board",
        "INSERT",
        "NEW.submitted_by IS NULL AND " + _wears("NEW.proposed_by", "'coordinate'"),
    ),
    Rule(
        "proposals",
        "submitted_once_by_the_board",
        "UPDATE",
        "OLD.submitted_by IS NULL AND NEW.submitted_by IS NOT NULL "
        "AND NEW.submitted_at IS NOT NULL AND NEW.case_handle = OLD.case_handle "
        "AND NEW.entry = OLD.entry AND NEW.outcome = OLD.outcome AND NEW.reasons = OLD.reasons "
        "AND NEW.proposed_by = OLD.proposed_by AND NEW.proposed_at = OLD.proposed_at "
        "{same_row}"
        "AND " + _wears("NEW.submitted_by", "'coordinate'"),
    ),
    Rule(
        "conclusions",
        "by_the_authority",
        "INSERT",
        _wears("NEW.recorded_by", "'conclude'", " AND p.organisation = NEW.authority"),
    ),
    Rule(
        "outbox",
        "only_goes_out",
        "UPDATE",
        "NEW.key = OLD.key AND NEW.on_move = OLD.on_move AND NEW.case_handle = OLD.case_handle "
        "AND NEW.organisation = OLD.organisation AND NEW.written_at = OLD.written_at "
        "AND NEW.statutory = OLD.statutory {same_row}"
        "AND (OLD.sent_at IS NULL OR NEW.sent_at = OLD.sent_at) "
        "AND (OLD.opened_at IS NULL OR NEW.opened_at = OLD.opened_at) "
        "AND (OLD.sent_at IS NULL AND NEW.sent_at IS NOT NULL "
        "OR OLD.opened_at IS NULL AND NEW.opened_at IS NOT NULL)",
    ),
)
# What makes a row of them the same row as another, and which deeds are refused altogether.
NEVER_CHANGED = {
    "participations": (
        ("case_handle = NEW.case_handle AND officer = NEW.officer",),
        ("UPDATE", "DELETE"),
    ),
    "acts": (("key = NEW.key",), ("UPDATE", "DELETE")),
    "proposals": (("case_handle = NEW.case_handle AND entry = NEW.entry",), ("DELETE",)),
    "outbox": (("key = NEW.key",), ("DELETE",)),
}


def upgrade() -> None:
    """Take the step."""
    with op.batch_alter_table("participations") as table:
        table.add_column(sa.Column("organisation", sa.String(length=64), nullable=True))
    op.execute(
        "UPDATE participations SET organisation = (SELECT organisation FROM entries "
        "WHERE entries.case_handle = participations.case_handle "
        "AND entries.officer = participations.officer ORDER BY number LIMIT 1)"
    )
    with op.batch_alter_table("participations") as table:
        table.alter_column("organisation", existing_type=sa.String(length=64), nullable=False)
        table.create_foreign_key(
            op.f("fk_participations_organisation"), "organisations", ["organisation"], ["code"]
        )
        table.create_check_constraint(op.f("ck_participations_known_hat"), f"hat IN {HATS}")
    enforce(op.get_bind(), RULES)
    for name, (same_row, deeds) in NEVER_CHANGED.items():
        never_change(op.get_bind(), name, same_row, deeds)


def downgrade() -> None:
    """Take the step back."""
    for name, (same_row, deeds) in NEVER_CHANGED.items():
        change_again(op.get_bind(), name, same_row, deeds)
    enforce_no_more(op.get_bind(), RULES)
    with op.batch_alter_table("participations") as table:
        table.drop_constraint(op.f("ck_participations_known_hat"), type_="check")
        table.drop_constraint(op.f("fk_participations_organisation"), type_="foreignkey")
        table.drop_column("organisation")
