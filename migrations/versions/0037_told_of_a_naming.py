"""A notice is about a case, or about a naming: whoever is to act for somebody is told by name."""

import sqlalchemy as sa
from alembic import op

from vetting.records.triggers import change_again, never_change

revision = "0037"
down_revision = "0036"

HANDLE = sa.String(length=22)
SAME_NOTICE = ("key = NEW.key",)
BELOW = (
    ("mail_notices", ("notice = NEW.notice AND officer = NEW.officer",), ("UPDATE", "DELETE")),
    (
        "notice_steps",
        ("notice = NEW.notice AND officer = NEW.officer AND kind = NEW.kind",),
        ("UPDATE", "DELETE"),
    ),
    ("recipients", ("notice = NEW.notice AND officer = NEW.officer",), ("DELETE",)),
)
ABOUT_ONE = "(case_handle IS NULL) <> (naming IS NULL)"


def upgrade() -> None:
    """Take the step."""
    change_again(op.get_bind(), "outbox", SAME_NOTICE)
    with op.batch_alter_table("outbox") as table:
        table.alter_column("case_handle", existing_type=HANDLE, nullable=True)
        table.add_column(sa.Column("naming", HANDLE, nullable=True))
        table.create_foreign_key(op.f("fk_outbox_naming"), "substitutions", ["naming"], ["handle"])
        table.create_check_constraint(op.f("ck_outbox_about_one"), ABOUT_ONE)
    never_change(op.get_bind(), "outbox", SAME_NOTICE)


def downgrade() -> None:
    """Take the step back: what was told of namings goes, with whom it was for."""
    change_again(op.get_bind(), "outbox", SAME_NOTICE)
    of_namings = "notice IN (SELECT key FROM outbox WHERE naming IS NOT NULL)"
    for name, same_row, deeds in BELOW:
        change_again(op.get_bind(), name, same_row, deeds)
        op.execute(f"DELETE FROM {name} WHERE {of_namings}")  # noqa: S608  # our own names only
    op.execute("DELETE FROM outbox WHERE naming IS NOT NULL")
    for name, same_row, deeds in BELOW:
        never_change(op.get_bind(), name, same_row, deeds)
    with op.batch_alter_table("outbox") as table:
        table.drop_constraint(op.f("ck_outbox_about_one"), type_="check")
        table.drop_constraint(op.f("fk_outbox_naming"), type_="foreignkey")
        table.drop_column("naming")
        table.alter_column("case_handle", existing_type=HANDLE, nullable=False)
    never_change(op.get_bind(), "outbox", SAME_NOTICE)
