"""Nobody names themself to act for somebody else: that would be a role given to oneself."""

from alembic import op

from vetting.records.triggers import OWN_RIGHTS, Rule, enforce, enforce_no_more

revision = "0027"
down_revision = "0026"

RULES = tuple(
    Rule("substitutions", f"by_another_{name}", event, "NEW.named_by <> NEW.substitute", OWN_RIGHTS)
    for name, event in (("at_first", "INSERT"), ("later", "UPDATE OF named_by, substitute"))
)


def upgrade() -> None:
    """Take the step."""
    enforce(op.get_bind(), RULES)


def downgrade() -> None:
    """Take the step back."""
    enforce_no_more(op.get_bind(), RULES)
