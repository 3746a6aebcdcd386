"""Whoever answers in an emergency is of another organisation; the asker can take it back."""

from alembic import op

from vetting.records.triggers import SECOND_PERSON, Rule, enforce, enforce_no_more

revision = "0054"
down_revision = "0053"

_BOTH = "(NEW.officer, coalesce(NEW.on_behalf_of, NEW.officer))"
_OPENED = (
    "EXISTS (SELECT 1 FROM {in_}emergency_steps s WHERE s.request = NEW.request "
    "AND s.kind = 'opened' "
)
_BY_ANOTHER = f"s.officer NOT IN {_BOTH} AND coalesce(s.on_behalf_of, s.officer) NOT IN {_BOTH}"
_TAKEN_BACK = (
    "NEW.kind = 'ended' "  # noqa: S608  # our own names only
    "AND NOT EXISTS (SELECT 1 FROM {in_}emergency_steps s WHERE s.request = NEW.request) "
    "AND EXISTS (SELECT 1 FROM {in_}emergency_requests r WHERE r.handle = NEW.request "
    f"AND r.officer IN {_BOTH})"
)


def _of_anothers(more: str = "") -> Rule:
    return Rule(
        "emergency_steps",
        "of_what_another_agreed_to",
        "INSERT",
        f"{_OPENED}AND (NEW.kind = 'ended' OR {_BY_ANOTHER})){more}",
        SECOND_PERSON,
        when="NEW.kind IN ('ended','reviewed')",
        one_at_a_time="NEW.request" if more else "",
    )


BEFORE = (_of_anothers(),)
RULES = (
    _of_anothers(f" OR {_TAKEN_BACK}"),
    Rule(
        "emergency_steps",
        "of_another_organisation",
        "INSERT",
        "EXISTS (SELECT 1 FROM {in_}emergency_requests r WHERE r.handle = NEW.request "
        "AND r.organisation <> NEW.organisation) "
        "AND NOT EXISTS (SELECT 1 FROM {in_}emergency_steps s WHERE s.request = NEW.request "
        "AND s.kind = 'ended')",
        SECOND_PERSON,
        when="NEW.kind IN ('opened','refused')",
        one_at_a_time="NEW.request",
    ),
)


def upgrade() -> None:
    """Take the step. What was answered before stays as it was answered."""
    enforce_no_more(op.get_bind(), BEFORE)
    enforce(op.get_bind(), RULES)


def downgrade() -> None:
    """Take the step back."""
    enforce_no_more(op.get_bind(), RULES)
    enforce(op.get_bind(), BEFORE)
