"""Roots of whole runs of the log, witnesses' signatures under checkpoints, and declared gaps."""

import sqlalchemy as sa
from alembic import op

from vetting.records.triggers import never_change_on_postgresql, on_postgresql

revision = "0016"
down_revision = "0015"

_SAID = "'the history is never changed: {table}'"


def upgrade() -> None:
    """Take the step."""
    op.create_table(
        "log_nodes",
        sa.Column("height", sa.Integer(), nullable=False),
        sa.Column("place", sa.Integer(), nullable=False),
        sa.Column("root", sa.String(length=64), nullable=False),
        sa.PrimaryKeyConstraint("height", "place", name=op.f("pk_log_nodes")),
    )
    op.create_table(
        "cosignatures",
        sa.Column("size", sa.Integer(), nullable=False),
        sa.Column("witness", sa.Text(), nullable=False),
        sa.Column("line", sa.Text(), nullable=False),
        sa.Column("seen_at", sa.String(length=27), nullable=False),
        sa.Column("kept_at", sa.String(length=27), nullable=False),
        sa.PrimaryKeyConstraint("size", "witness", name=op.f("pk_cosignatures")),
    )
    op.create_table(
        "gaps",
        sa.Column("handle", sa.String(length=22), nullable=False),
        sa.Column("witnessed_size", sa.Integer(), nullable=False),
        sa.Column("witnessed_root", sa.String(length=64), nullable=False),
        sa.Column("found_size", sa.Integer(), nullable=False),
        sa.Column("found_root", sa.String(length=64), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("declared_by", sa.String(length=22), nullable=False),
        sa.Column("declared_at", sa.String(length=27), nullable=False),
        sa.Column("confirmed_by", sa.String(length=22), nullable=True),
        sa.Column("confirmed_at", sa.String(length=27), nullable=True),
        sa.CheckConstraint("confirmed_by <> declared_by", name=op.f("ck_gaps_two_people")),
        sa.CheckConstraint(
            "(confirmed_by IS NULL) = (confirmed_at IS NULL)",
            name=op.f("ck_gaps_confirmed_or_not"),
        ),
        sa.ForeignKeyConstraint(
            ["confirmed_by"], ["officers.handle"], name=op.f("fk_gaps_confirmed_by")
        ),
        sa.ForeignKeyConstraint(
            ["declared_by"], ["officers.handle"], name=op.f("fk_gaps_declared_by")
        ),
        sa.PrimaryKeyConstraint("handle", name=op.f("pk_gaps")),
    )
    op.create_index(
        "uq_gaps_one_declared",
        "gaps",
        ["witnessed_size", "witnessed_root", "found_size"],
        unique=True,
    )
    _forbid_on_postgresql()
    if op.get_bind().dialect.name != "postgresql":
        _forbid_on_sqlite()


def downgrade() -> None:
    """Take the step back."""
    op.drop_table("gaps")
    op.drop_table("cosignatures")
    op.drop_table("log_nodes")
    if op.get_bind().dialect.name == "postgresql":
        op.execute("DROP FUNCTION confirm_only()")


# What a gap's declaration says stays; only its confirmation comes later, once.
_ONLY_CONFIRMED = " OR ".join(
    f"OLD.{name} IS DISTINCT FROM NEW.{name}"
    for name in (
        "handle",
        "witnessed_size",
        "witnessed_root",
        "found_size",
        "found_root",
        "reason",
        "declared_by",
        "declared_at",
    )
)


_SAME_GAP = (
    "handle = NEW.handle OR (witnessed_size, witnessed_root, found_size) = "
    "(NEW.witnessed_size, NEW.witnessed_root, NEW.found_size)"
)


def _forbid_on_postgresql() -> None:
    on_postgresql(
        op.get_bind(),
        "CREATE FUNCTION confirm_only() RETURNS trigger LANGUAGE plpgsql AS "
        f"$$ BEGIN IF OLD.confirmed_by IS NOT NULL OR {_ONLY_CONFIRMED} THEN "
        "RAISE EXCEPTION 'the history is never changed: %', TG_TABLE_NAME; END IF; "
        "RETURN NEW; END $$",
        "CREATE TRIGGER gaps_confirm_only BEFORE UPDATE ON gaps "
        "FOR EACH ROW EXECUTE FUNCTION confirm_only()",
    )
    never_change_on_postgresql(op.get_bind(), "cosignatures", ("UPDATE", "DELETE"))
    never_change_on_postgresql(op.get_bind(), "gaps", ("DELETE",))


def _forbid_on_sqlite() -> None:
    def refuse(table: str) -> str:
        return f"BEGIN SELECT RAISE(ABORT, {_SAID.format(table=table)}); END"

    for table, same in (
        ("cosignatures", "(size, witness) = (NEW.size, NEW.witness)"),
        ("gaps", _SAME_GAP),
    ):
        op.execute(f"CREATE TRIGGER {table}_no_delete BEFORE DELETE ON {table} {refuse(table)}")
        # INSERT OR REPLACE takes the old row away without asking the trigger on DELETE.
        op.execute(
            f"CREATE TRIGGER {table}_no_replace BEFORE INSERT ON {table} "  # noqa: S608
            f"WHEN EXISTS (SELECT 1 FROM {table} WHERE {same}) {refuse(table)}"
        )
    op.execute(
        "CREATE TRIGGER cosignatures_no_update BEFORE UPDATE ON cosignatures "
        f"{refuse('cosignatures')}"
    )
    only = _ONLY_CONFIRMED.replace("IS DISTINCT FROM", "IS NOT")
    op.execute(
        "CREATE TRIGGER gaps_confirm_only BEFORE UPDATE ON gaps "
        f"WHEN OLD.confirmed_by IS NOT NULL OR {only} {refuse('gaps')}"
    )
