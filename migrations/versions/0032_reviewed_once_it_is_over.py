"""An access in an emergency is reviewed once it is over, with all that was read."""

from alembic import op

from vetting.records.triggers import SECOND_PERSON, Rule, enforce, enforce_no_more

revision = "0032"
down_revision = "0031"

RULES = (
    Rule(
        "emergency_steps",
        "reviewed_once_it_is_over",
        "INSERT",
        "EXISTS (SELECT 1 FROM {in_}emergency_steps s WHERE s.request = NEW.request "
        "AND (s.kind = 'opened' AND s.until <= NEW.at OR s.kind = 'ended' AND s.at <= NEW.at))",
        SECOND_PERSON,
        when="NEW.kind = 'reviewed'",
    ),
)


def upgrade() -> None:
    """Take the step."""
    enforce(op.get_bind(), RULES)


def downgrade() -> None:
    """Take the step back."""
    enforce_no_more(op.get_bind(), RULES)
