"""In whose name an emergency is answered: no two of the three stand in for one another."""

import sqlalchemy as sa
from alembic import op

from vetting.records.triggers import SECOND_PERSON, Rule, enforce, enforce_no_more

revision = "0029"
down_revision = "0028"


def _by_another(who: str) -> Rule:
    return Rule(
        "emergency_steps",
        "by_another_than_the_asker",
        "INSERT",
        "EXISTS (SELECT 1 FROM {in_}emergency_requests r WHERE r.handle = NEW.request "  # noqa: S608  # our own names only
        f"AND r.officer {who})",
        SECOND_PERSON,
        when="NEW.kind <> 'ended'",
    )


def _of_anothers(who: str) -> Rule:
    return Rule(
        "emergency_steps",
        "of_what_another_agreed_to",
        "INSERT",
        "EXISTS (SELECT 1 FROM {in_}emergency_steps s WHERE s.request = NEW.request "  # noqa: S608  # our own names only
        f"AND s.kind = 'opened' AND (NEW.kind = 'ended' OR {who}))",
        SECOND_PERSON,
        when="NEW.kind IN ('ended','reviewed')",
    )


def _not_by_the_recused(who: str) -> Rule:
    return Rule(
        "emergency_steps",
        "not_by_the_recused",
        "INSERT",
        "NOT EXISTS (SELECT 1 FROM {in_}emergency_requests r JOIN {in_}recusals x "  # noqa: S608  # our own names only
        f"ON x.case_handle = r.case_handle AND x.officer {who} WHERE r.handle = NEW.request)",
        SECOND_PERSON,
        when="NEW.kind <> 'ended'",
    )


_BOTH = "(NEW.officer, coalesce(NEW.on_behalf_of, NEW.officer))"
RULES = (
    _by_another(f"NOT IN {_BOTH}"),
    _of_anothers(
        f"s.officer NOT IN {_BOTH} AND coalesce(s.on_behalf_of, s.officer) NOT IN {_BOTH}"
    ),
    _not_by_the_recused(f"IN {_BOTH}"),
)
NO_MORE = (
    _by_another("<> NEW.officer"),
    _of_anothers("s.officer <> NEW.officer"),
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


def upgrade() -> None:
    """Take the step."""
    enforce_no_more(op.get_bind(), NO_MORE)
    # Added by itself: to make the table anew would lose the triggers on it.
    op.add_column("emergency_steps", sa.Column("on_behalf_of", sa.String(length=22), nullable=True))
    enforce(op.get_bind(), RULES)


def downgrade() -> None:
    """Take the step back."""
    enforce_no_more(op.get_bind(), RULES)
    op.drop_column("emergency_steps", "on_behalf_of")
    enforce(op.get_bind(), NO_MORE)
