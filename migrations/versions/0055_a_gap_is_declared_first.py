"""A gap is declared by one and confirmed by another, and who can no longer act declares for nobody.

A second first half may be declared beside one of somebody who has been disabled since.

The step back keeps one declaration of each gap: of what two people declared the earliest, and of
that rather what says something of the log that there is; where nobody confirmed any, the earliest
half. The others are lost: who declared them, when, and with what reason. Of those that two people
had declared the folder's file `declared_gaps` goes on telling.
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
    _keep_one_of_each()
    _one_gap(_OF)


def _keep_one_of_each() -> None:
    postgresql = op.get_bind().dialect.name == "postgresql"
    op.execute(
        "ALTER TABLE gaps DISABLE TRIGGER gaps_no_delete"
        if postgresql
        else "DROP TRIGGER gaps_no_delete"
    )
    op.execute(
        "DELETE FROM gaps WHERE handle IN (SELECT handle FROM (SELECT g.handle, "  # noqa: S608  # our own names only
        f"row_number() OVER (PARTITION BY {', '.join(f'g.{name}' for name in _OF)} "
        "ORDER BY g.confirmed_at IS NULL, g.found_size <> 0 AND NOT EXISTS (SELECT 1 "
        "FROM checkpoints c WHERE c.size = g.found_size AND c.root = g.found_root), "
        "g.declared_at, g.handle) AS place FROM gaps g) AS ranked WHERE place > 1)"
    )
    op.execute(
        "ALTER TABLE gaps ENABLE TRIGGER gaps_no_delete"
        if postgresql
        else "CREATE TRIGGER gaps_no_delete BEFORE DELETE ON gaps "
        "BEGIN SELECT RAISE(ABORT, 'the history is never changed: gaps'); END"
    )


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
