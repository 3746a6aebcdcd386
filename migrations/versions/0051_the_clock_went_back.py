"""Whoever acts under a clock that has gone back states that too, whatever part they play."""

from alembic import op

from vetting.records.triggers import Rule, enforce, enforce_no_more

revision = "0051"
down_revision = "0050"

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
    "OR NEW.verb = 'record.classed' AND NEW.role = 'board_head' "
    "OR NEW.verb IN ('deadlines.moved','time.moved') AND NEW.role = 'board_head'"
)


def _one_hat(more: str = "") -> Rule:
    holds = (
        f"({_DISPOSES}) AND {_WEARS}'dispose') "
        f"OR NOT ({_DISPOSES}) AND ({_WITHOUT_A_HAT}{more} OR {_WEARS}{_BY_ROLE})"
    )
    return Rule("entries", "one_hat", "INSERT", holds)


BEFORE = (_one_hat(),)
RULES = (_one_hat(" OR NEW.verb = 'clock.went_back'"),)


def upgrade() -> None:
    """Take the step."""
    enforce_no_more(op.get_bind(), BEFORE)
    enforce(op.get_bind(), RULES)


def downgrade() -> None:
    """Take the step back."""
    enforce_no_more(op.get_bind(), RULES)
    enforce(op.get_bind(), BEFORE)
