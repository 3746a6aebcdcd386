"""What the history says is kept under a key for each candidate, wrapped with the master key."""

from collections.abc import Callable, Mapping
from typing import Any

import sqlalchemy as sa
from alembic import op

from vetting.records.candidate_keys import data_key, new_key
from vetting.records.triggers import Rule, change_again, enforce, enforce_no_more, never_change

revision = "0024"
down_revision = "0023"

HANDLE, WORD, MOMENT = (sa.String(length=n) for n in (22, 40, 27))
SAME_ENTRY = ("case_handle = NEW.case_handle AND number = NEW.number",)
SAME_CASE = ("case_handle = NEW.case_handle",)
SAME_CHANGE = ("handle = NEW.handle",)
AT_ONCE = 100  # cases
# Wrapped anew it may be, with another master key; taken away or given to another case it may not.
STAYS = Rule(
    "candidate_keys",
    "stay_with_their_case",
    "UPDATE",
    "NEW.case_handle = OLD.case_handle {same_row}AND length(NEW.wrapped) > 60",
)
RULES = (STAYS,)


def upgrade() -> None:
    """Take the step."""
    connection = op.get_bind()
    op.create_table(
        "candidate_keys",
        sa.Column("case_handle", HANDLE, nullable=False),
        sa.Column("wrapped", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(
            ["case_handle"], ["cases.handle"], name=op.f("fk_candidate_keys_case_handle")
        ),
        sa.PrimaryKeyConstraint("case_handle", name=op.f("pk_candidate_keys")),
    )
    op.create_table(
        "key_changes",
        sa.Column("handle", HANDLE, nullable=False),
        sa.Column("deed", WORD, nullable=False),
        sa.Column("master", WORD, nullable=False),
        sa.Column("wrapped_anew", sa.Integer(), nullable=False),
        sa.Column("at", MOMENT, nullable=False),
        sa.PrimaryKeyConstraint("handle", name=op.f("pk_key_changes")),
    )
    _written_anew(connection, sa.Text(), _sealed)
    never_change(connection, "candidate_keys", SAME_CASE, ("DELETE",))
    never_change(connection, "key_changes", SAME_CHANGE)
    enforce(connection, RULES)


def downgrade() -> None:
    """Take the step back."""
    connection = op.get_bind()
    _written_anew(connection, HANDLE, _opened)
    enforce_no_more(connection, RULES)
    change_again(connection, "key_changes", SAME_CHANGE)
    change_again(connection, "candidate_keys", SAME_CASE, ("DELETE",))
    op.drop_table("key_changes")
    op.drop_table("candidate_keys")


Written = Callable[[sa.Connection, str], list[dict[str, Any]]]


def _written_anew(
    connection: sa.Connection, salt: sa.types.TypeEngine[str], written: Written
) -> None:
    """Copy all payloads into a table of their own, so that the old one goes away with its pages."""
    change_again(connection, "payloads", SAME_ENTRY)
    op.rename_table("payloads", "payloads_before")
    if connection.dialect.name == "postgresql":
        for name in ("pk_payloads", "fk_payloads_case_handle_number"):
            op.execute(f"ALTER TABLE payloads_before RENAME CONSTRAINT {name} TO {name}_before")
    payloads = op.create_table(
        "payloads",
        sa.Column("case_handle", HANDLE, nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("salt", salt, nullable=False),
        sa.Column("content", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(
            ["case_handle", "number"],
            ["entries.case_handle", "entries.number"],
            name=op.f("fk_payloads_case_handle_number"),
        ),
        sa.PrimaryKeyConstraint("case_handle", "number", name=op.f("pk_payloads")),
    )
    after = ""
    while handles := connection.scalars(
        sa.text("SELECT handle FROM cases WHERE handle > :after ORDER BY handle LIMIT :most"),
        {"after": after, "most": AT_ONCE},
    ).all():
        after = handles[-1]
        rows = [row for handle in handles for row in written(connection, handle)]
        if rows:
            connection.execute(payloads.insert(), rows)
    op.drop_table("payloads_before")
    never_change(connection, "payloads", SAME_ENTRY)


def _rows(connection: sa.Connection, handle: str) -> list[Mapping[str, Any]]:
    found = connection.execute(
        sa.text(
            "SELECT case_handle, number, salt, content FROM payloads_before"
            " WHERE case_handle = :case ORDER BY number"
        ),
        {"case": handle},
    )
    return [dict(row) for row in found.mappings()]


def _sealed(connection: sa.Connection, handle: str) -> list[dict[str, Any]]:
    key, wrapped = new_key(handle)
    connection.execute(
        sa.text("INSERT INTO candidate_keys (case_handle, wrapped) VALUES (:case, :wrapped)"),
        {"case": handle, "wrapped": wrapped},
    )
    return [
        {**row, **{name: key.seal(row["number"], name, row[name]) for name in ("salt", "content")}}
        for row in _rows(connection, handle)
    ]


def _opened(connection: sa.Connection, handle: str) -> list[dict[str, Any]]:
    wrapped = connection.scalar(
        sa.text("SELECT wrapped FROM candidate_keys WHERE case_handle = :case"), {"case": handle}
    )
    rows = _rows(connection, handle)
    if not rows:
        return []
    if wrapped is None:
        raise RuntimeError(f"the key of case {handle} is destroyed; what it said cannot come back")
    return [
        {
            **row,
            **{
                name: data_key(handle, wrapped).open(row["number"], name, row[name])
                for name in ("salt", "content")
            },
        }
        for row in rows
    ]
