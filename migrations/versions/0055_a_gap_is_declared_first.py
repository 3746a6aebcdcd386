"""A gap is declared by one and confirmed by another, and who can no longer act declares for nobody.

A second first half may be declared beside one of somebody who has been disabled since.
"""

from alembic import op

from vetting.records.triggers import Rule, enforce, enforce_no_more

revision = "0055"
down_revision = "0054"

RULES = (
    Rule(
        "gaps",
        "declared_before_confirmed",
        "INSERT",
        "NEW.confirmed_by IS NULL AND NEW.confirmed_at IS NULL",
    ),
)
_INDEX = "uq_gaps_one_declared"
_OF = ["witnessed_size", "witnessed_root", "found_size"]


def upgrade() -> None:
    """Take the step."""
    _one_gap([*_OF, "declared_by"])
    enforce(op.get_bind(), RULES)


def downgrade() -> None:
    """Take the step back."""
    enforce_no_more(op.get_bind(), RULES)
    _one_gap(_OF)


def _one_gap(of: list[str]) -> None:
    op.drop_index(_INDEX, "gaps")
    op.create_index(_INDEX, "gaps", of, unique=True)
    if op.get_bind().dialect.name == "postgresql":
        return
    op.execute("DROP TRIGGER gaps_no_replace")
    same = f"({', '.join(of)}) = ({', '.join(f'NEW.{name}' for name in of)})"
    op.execute(
        "CREATE TRIGGER gaps_no_replace BEFORE INSERT ON gaps "  # noqa: S608  # our own names only
        f"WHEN EXISTS (SELECT 1 FROM gaps WHERE handle = NEW.handle OR {same}) "
        "BEGIN SELECT RAISE(ABORT, 'the history is never changed: gaps'); END"
    )
