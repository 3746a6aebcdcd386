"""A gap is declared and confirmed by people who may, also where somebody writes past the program.

What was declared before stays as it is; of a half of which nobody may be the first any more nobody
makes a whole. In a file of SQLite a gap is not put in another's place by its number either.
"""

from alembic import op

from vetting.records.triggers import TWO_DECLARE, Rule, enforce, enforce_no_more

revision = "0056"
down_revision = "0055"

_MAY = "('administrator','supervisor')"
_A_MOMENT = "LIKE '____-__-__T__:__:__.______Z'"


def _in_force(role: str, at: str) -> str:
    day = f"{{day_of[NEW.{at}]}}"
    return (
        f"{role}.role IN {_MAY} AND {role}.valid_from <= {day} "
        f"AND ({role}.valid_to IS NULL OR {role}.valid_to >= {day})"
    )


def _of(role: str, officer: str) -> str:
    return (
        f"{{in_}}role_assignments {role} "
        f"JOIN {{in_}}officers {officer} ON {officer}.handle = {role}.officer"
    )


RULES = (
    Rule(
        "gaps",
        "declared_by_who_may",
        "INSERT",
        f"NEW.declared_at {_A_MOMENT} AND EXISTS (SELECT 1 "  # noqa: S608  # our own names only
        f"FROM {_of('a', 'o')} WHERE o.handle = NEW.declared_by "
        f"AND {_in_force('a', 'declared_at')} "
        "AND o.disabled_at IS NULL AND o.password_given_at IS NULL)",
        TWO_DECLARE,
    ),
    Rule(
        "gaps",
        "confirmed_by_another_side",
        "UPDATE",
        f"NEW.confirmed_at {_A_MOMENT} AND EXISTS (SELECT 1 "  # noqa: S608  # our own names only
        f"FROM {_of('a', 'o')} "
        "JOIN {in_}role_assignments b ON b.role <> a.role AND b.organisation <> a.organisation "
        "JOIN {in_}officers p ON p.handle = b.officer "
        "WHERE o.handle = NEW.declared_by AND p.handle = NEW.confirmed_by "
        f"AND {_in_force('a', 'confirmed_at')} AND {_in_force('b', 'confirmed_at')} "
        "AND o.disabled_at IS NULL AND p.disabled_at IS NULL AND p.password_given_at IS NULL) "
        "{same_row}",
        TWO_DECLARE,
    ),
)
_SAME_GAP = (
    "(witnessed_size, witnessed_root, found_size, declared_by) = "
    "(NEW.witnessed_size, NEW.witnessed_root, NEW.found_size, NEW.declared_by)"
)


def upgrade() -> None:
    """Take the step."""
    enforce(op.get_bind(), RULES)
    _no_replace("(NEW.rowid <> -1 AND rowid = NEW.rowid) OR ")


def downgrade() -> None:
    """Take the step back."""
    _no_replace()
    enforce_no_more(op.get_bind(), RULES)


def _no_replace(number: str = "") -> None:
    """Keep a gap of SQLite from being put in the place of another; on PostgreSQL none is."""
    if op.get_bind().dialect.name == "postgresql":
        return
    op.execute("DROP TRIGGER gaps_no_replace")
    op.execute(
        "CREATE TRIGGER gaps_no_replace BEFORE INSERT ON gaps "  # noqa: S608  # our own names only
        f"WHEN EXISTS (SELECT 1 FROM gaps WHERE {number}handle = NEW.handle OR {_SAME_GAP}) "
        "BEGIN SELECT RAISE(ABORT, 'the history is never changed: gaps'); END"
    )
