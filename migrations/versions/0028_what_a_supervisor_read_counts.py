"""Whatever a supervisor read of a case counts, and on PostgreSQL no two transactions pass it by."""

from alembic import op

from vetting.records.triggers import SUPERVISES, Rule, enforce, enforce_no_more

revision = "0028"
down_revision = "0027"

# What a list tells of a case, and no more: whom it is about, where it stands, who has read it.
_A_LINE = (
    "'','candidate','standing','readers','candidate standing','candidate readers',"
    "'standing readers','candidate standing readers'"
)
_LOOKED_INTO = "'see_case','see_history','see_matrix','see_past','export_case'"


def _of_what_was_read(looked_into: str, lock: str) -> Rule:
    return Rule(
        "participations",
        "not_of_what_one_supervised",
        "INSERT",
        "NOT EXISTS (SELECT 1 FROM {in_}reads r WHERE r.officer = NEW.officer "  # noqa: S608  # our own names only
        f"AND r.case_handle = NEW.case_handle AND r.role = 'supervisor' AND ({looked_into} "
        "OR r.action = 'see_oversight' AND r.asked = 'verify'))",
        SUPERVISES,
        when="NEW.hat <> 'review'",
        one_at_a_time=lock,
    )


def _of_ones_own(lock: str) -> Rule:
    return Rule(
        "reads",
        "not_of_ones_own_work",
        "INSERT",
        "NOT EXISTS (SELECT 1 FROM {in_}participations p WHERE p.case_handle = NEW.case_handle "
        "AND p.officer = NEW.officer AND p.hat <> 'review')",
        SUPERVISES,
        when="NEW.role = 'supervisor'",
        one_at_a_time=lock,
    )


RULES = (
    _of_what_was_read(
        f"r.action IN ({_LOOKED_INTO},'see_readers') OR r.fields NOT IN ({_A_LINE})",
        "NEW.officer",
    ),
    _of_ones_own("NEW.officer"),
)
BEFORE = (_of_what_was_read(f"r.action IN ({_LOOKED_INTO})", ""), _of_ones_own(""))


def upgrade() -> None:
    """Take the step."""
    enforce_no_more(op.get_bind(), BEFORE)
    enforce(op.get_bind(), RULES)


def downgrade() -> None:
    """Take the step back."""
    enforce_no_more(op.get_bind(), RULES)
    enforce(op.get_bind(), BEFORE)
