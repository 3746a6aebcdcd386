"""Packages of cases are taken out: an entry that plays no part in the case."""

from alembic import op

from vetting.records.triggers import SUPERVISES, Rule, enforce, enforce_no_more

revision = "0019"
down_revision = "0018"

_WEARS_THE_HAT = (
    "EXISTS (SELECT 1 FROM {in_}participations p WHERE p.case_handle = NEW.case_handle "
    "AND p.officer = NEW.officer AND p.hat = "
    "CASE NEW.role WHEN 'case_officer' THEN 'file' WHEN 'board_officer' THEN 'coordinate' "
    "WHEN 'board_head' THEN 'coordinate' WHEN 'body_officer' THEN 'opine' "
    "WHEN 'body_signer' THEN 'opine' WHEN 'secretary' THEN 'conclude' "
    "WHEN 'supervisor' THEN 'review' WHEN 'administrator' THEN 'administer' END "
    "AND (p.hat <> 'opine' OR p.organisation = NEW.organisation))"
)
_STEPS_ASIDE = "NEW.verb IN ('officer.recused','consultation.released')"
_TAKES_OUT = "NEW.verb = 'case.exported' AND NEW.role IN ('supervisor','board_head')"


def _one_hat(holds: str) -> Rule:
    return Rule("entries", "one_hat", "INSERT", holds)


def _supervised(actions: str) -> Rule:
    return Rule(
        "participations",
        "not_of_what_one_supervised",
        "INSERT",
        "NOT EXISTS (SELECT 1 FROM {in_}reads r WHERE r.officer = NEW.officer "  # noqa: S608  # our own names only
        "AND r.case_handle = NEW.case_handle AND r.role = 'supervisor' "
        f"AND (r.action IN ({actions}) "
        "OR r.action = 'see_oversight' AND r.asked = 'verify'))",
        SUPERVISES,
        when="NEW.hat <> 'review'",
    )


RULES = (
    _one_hat(f"{_STEPS_ASIDE} OR {_TAKES_OUT} OR {_WEARS_THE_HAT}"),
    _supervised("'see_case','see_history','see_matrix','see_past','export_case'"),
)
BEFORE = (
    _one_hat(f"{_STEPS_ASIDE} OR {_WEARS_THE_HAT}"),
    _supervised("'see_case','see_history','see_matrix'"),
)


def upgrade() -> None:
    """Take the step."""
    enforce_no_more(op.get_bind(), BEFORE)
    enforce(op.get_bind(), RULES)


def downgrade() -> None:
    """Take the step back."""
    enforce_no_more(op.get_bind(), RULES)
    enforce(op.get_bind(), BEFORE)
