"""A disposal says when the database's files were cleaned of it, and until then that they were not.

What was destroyed before this step counts as not cleaned: whether its cleaning came to its end was
written down nowhere, and one that was stopped looks the same as one that was not. So the files are
cleaned once more by whoever destroys next, the worker or `vetting retention run`; where they were
clean already that costs a while and changes nothing.
"""

import sqlalchemy as sa
from alembic import op

from vetting.records.triggers import SCHEDULED, Rule, enforce, enforce_no_more

revision = "0048"
down_revision = "0047"

_COLUMNS = (
    "case_handle reference case_type unit record_class years basis over_on runs_out_on plan items "
    "asked_by asked_at approved_by approved_at entry salt content"
)
_AS_AGREED = " AND ".join(f"NEW.{name} = OLD.{name}" for name in _COLUMNS.split(" "))
_NO_KEY = (
    "AND NOT EXISTS (SELECT 1 FROM {in_}candidate_keys k WHERE k.case_handle = NEW.case_handle)"
)


def _carried_out(more: str, when: str) -> Rule:
    holds = (
        f"OLD.erased_at IS NULL AND NEW.erased_at IS NOT NULL{more} AND {_AS_AGREED} "
        f"{{same_row}}{_NO_KEY}"
    )
    return Rule("disposals", "carried_out_once", "UPDATE", holds, SCHEDULED, when)


BEFORE = (_carried_out("", ""),)
RULES = (
    _carried_out(" AND NEW.cleaned_at IS NULL", "OLD.erased_at IS NULL"),
    Rule(
        "disposals",
        "cleaned_once",
        "UPDATE",
        "OLD.cleaned_at IS NULL AND NEW.cleaned_at IS NOT NULL AND NEW.erased_at = OLD.erased_at "
        f"AND NEW.remains = OLD.remains AND {_AS_AGREED} {{same_row}}",
        SCHEDULED,
        "OLD.erased_at IS NOT NULL",
    ),
    Rule(
        "disposals",
        "nothing_is_done_yet",
        "INSERT",
        "NEW.erased_at IS NULL AND NEW.cleaned_at IS NULL",
        SCHEDULED,
    ),
)


def upgrade() -> None:
    """Take the step."""
    connection = op.get_bind()
    op.add_column("disposals", sa.Column("cleaned_at", sa.String(length=27), nullable=True))
    owing = sa.text("erased_at IS NOT NULL AND cleaned_at IS NULL")
    op.create_index(
        "ix_disposals_owing",
        "disposals",
        ["erased_at"],
        unique=False,
        sqlite_where=owing,
        postgresql_where=owing,
    )
    enforce_no_more(connection, BEFORE)
    enforce(connection, RULES)


def downgrade() -> None:
    """Take the step back."""
    connection = op.get_bind()
    enforce_no_more(connection, RULES)
    enforce(connection, BEFORE)
    op.drop_index("ix_disposals_owing", "disposals")
    op.drop_column("disposals", "cleaned_at")
