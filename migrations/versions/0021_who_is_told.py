"""Who is told: every notice names the officers that it is for, and keeps what became of it."""

import sqlalchemy as sa
from alembic import op

from vetting.records.triggers import Rule, change_again, enforce, enforce_no_more, never_change

revision = "0021"
down_revision = "0020"

HANDLE, CODE, WORD, MOMENT = (sa.String(length=n) for n in (22, 64, 40, 27))
UNSENT = sa.text("sent_at IS NULL")
GOES_OUT = Rule(
    "outbox",
    "only_goes_out",
    "UPDATE",
    "NEW.key = OLD.key AND NEW.on_move = OLD.on_move AND NEW.case_handle = OLD.case_handle "
    "AND NEW.organisation = OLD.organisation AND NEW.written_at = OLD.written_at "
    "AND NEW.statutory = OLD.statutory {same_row}"
    "AND (OLD.sent_at IS NULL OR NEW.sent_at = OLD.sent_at) "
    "AND (OLD.opened_at IS NULL OR NEW.opened_at = OLD.opened_at) "
    "AND (OLD.sent_at IS NULL AND NEW.sent_at IS NOT NULL "
    "OR OLD.opened_at IS NULL AND NEW.opened_at IS NOT NULL)",
)
ONLY_OPENED = Rule(
    "recipients",
    "are_only_opened",
    "UPDATE",
    "NEW.notice = OLD.notice AND NEW.officer = OLD.officer {same_row}"
    "AND NEW.organisation = OLD.organisation AND NEW.at = OLD.at "
    "AND OLD.opened_at IS NULL AND NEW.opened_at IS NOT NULL",
)
RULES = (ONLY_OPENED,)
NO_MORE = (GOES_OUT,)
SAME_NOTICE = ("key = NEW.key",)
SAME_RECIPIENT = ("notice = NEW.notice AND officer = NEW.officer",)
SAME_STEP = ("notice = NEW.notice AND officer = NEW.officer AND kind = NEW.kind",)


def upgrade() -> None:
    """Take the step: what was written before it was told to nobody by name, and stays so."""
    enforce_no_more(op.get_bind(), NO_MORE)
    change_again(op.get_bind(), "outbox", SAME_NOTICE, ("DELETE",))
    op.drop_index("ix_outbox_unsent", table_name="outbox")
    op.drop_index("ix_outbox_organisation", table_name="outbox")
    for name in ("sent_at", "opened_at", "statutory"):
        op.drop_column("outbox", name)
    op.add_column("outbox", sa.Column("telling", HANDLE, nullable=True))
    op.add_column("outbox", sa.Column("audience", WORD, nullable=True))
    op.create_index("ix_outbox_telling", "outbox", ["telling"])
    op.create_index("ix_outbox_written_at", "outbox", ["written_at"])
    never_change(op.get_bind(), "outbox", SAME_NOTICE)

    op.create_table(
        "recipients",
        sa.Column("notice", sa.Text(), nullable=False),
        sa.Column("officer", HANDLE, nullable=False),
        sa.Column("organisation", CODE, nullable=False),
        sa.Column("at", MOMENT, nullable=False),
        sa.Column("opened_at", MOMENT, nullable=True),
        sa.ForeignKeyConstraint(["notice"], ["outbox.key"], name=op.f("fk_recipients_notice")),
        sa.ForeignKeyConstraint(
            ["officer"], ["officers.handle"], name=op.f("fk_recipients_officer")
        ),
        sa.ForeignKeyConstraint(
            ["organisation"], ["organisations.code"], name=op.f("fk_recipients_organisation")
        ),
        sa.PrimaryKeyConstraint("notice", "officer", name=op.f("pk_recipients")),
    )
    op.create_index("ix_recipients_officer", "recipients", ["officer", "organisation", "at"])
    unopened = sa.text("opened_at IS NULL")
    op.create_index(
        "ix_recipients_unopened",
        "recipients",
        ["officer", "organisation", "at"],
        sqlite_where=unopened,
        postgresql_where=unopened,
    )
    enforce(op.get_bind(), RULES)
    never_change(op.get_bind(), "recipients", SAME_RECIPIENT, ("DELETE",))

    op.create_table(
        "notice_steps",
        sa.Column("notice", sa.Text(), nullable=False),
        sa.Column("officer", HANDLE, nullable=False),
        sa.Column("kind", WORD, nullable=False),
        sa.Column("at", MOMENT, nullable=False),
        sa.Column("session", HANDLE, nullable=True),
        sa.CheckConstraint(
            "kind IN ('shown','opened','acknowledged')", name=op.f("ck_notice_steps_known_kind")
        ),
        sa.ForeignKeyConstraint(
            ["notice", "officer"],
            ["recipients.notice", "recipients.officer"],
            name=op.f("fk_notice_steps_notice"),
        ),
        sa.PrimaryKeyConstraint("notice", "officer", "kind", name=op.f("pk_notice_steps")),
    )
    never_change(op.get_bind(), "notice_steps", SAME_STEP)


def downgrade() -> None:
    """Take the step back."""
    change_again(op.get_bind(), "notice_steps", SAME_STEP)
    op.drop_table("notice_steps")
    change_again(op.get_bind(), "recipients", SAME_RECIPIENT, ("DELETE",))
    enforce_no_more(op.get_bind(), RULES)
    op.drop_table("recipients")
    change_again(op.get_bind(), "outbox", SAME_NOTICE)
    op.drop_index("ix_outbox_written_at", table_name="outbox")
    op.drop_index("ix_outbox_telling", table_name="outbox")
    for name in ("audience", "telling"):
        op.drop_column("outbox", name)
    op.add_column("outbox", sa.Column("sent_at", MOMENT, nullable=True))
    op.add_column("outbox", sa.Column("opened_at", MOMENT, nullable=True))
    op.add_column(
        "outbox", sa.Column("statutory", sa.Integer(), nullable=False, server_default="0")
    )
    op.create_index("ix_outbox_organisation", "outbox", ["organisation", "written_at"])
    op.create_index(
        "ix_outbox_unsent",
        "outbox",
        ["written_at"],
        sqlite_where=UNSENT,
        postgresql_where=UNSENT,
    )
    never_change(op.get_bind(), "outbox", SAME_NOTICE, ("DELETE",))
    enforce(op.get_bind(), NO_MORE)
