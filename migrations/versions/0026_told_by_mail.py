"""Told by mail: whom a mail goes to, which notices it tells of, and what became of it."""

import sqlalchemy as sa
from alembic import op

from vetting.records.triggers import Rule, change_again, enforce, enforce_no_more, never_change

revision = "0026"
down_revision = "0025"

HANDLE, WORD, DAY, MOMENT = (sa.String(length=n) for n in (22, 40, 10, 27))
KEPT = (
    "NEW.notice = OLD.notice AND NEW.officer = OLD.officer {same_row}"
    "AND NEW.organisation = OLD.organisation AND NEW.at = OLD.at "
)
ONLY_OPENED = Rule(
    "recipients",
    "are_only_opened",
    "UPDATE",
    KEPT + "AND OLD.opened_at IS NULL AND NEW.opened_at IS NOT NULL",
)
OPENED_AND_MAILED = Rule(
    "recipients",
    "are_only_opened",
    "UPDATE",
    KEPT + "AND (OLD.opened_at IS NULL OR NEW.opened_at = OLD.opened_at) "
    "AND (OLD.by_mail IS NULL OR NEW.by_mail = OLD.by_mail) "
    "AND (OLD.opened_at IS NULL AND NEW.opened_at IS NOT NULL "
    "OR OLD.by_mail IS NULL AND NEW.by_mail IS NOT NULL)",
)
RULES = (OPENED_AND_MAILED,)
SAME_MAIL = (
    "handle = NEW.handle",
    "NEW.kind = 'digest' AND kind = 'digest' AND officer = NEW.officer AND day = NEW.day",
)
SAME_NOTICE = ("notice = NEW.notice AND officer = NEW.officer",)
SAME_STEP = ("mail = NEW.mail AND number = NEW.number",)
WORDS = "'sending','sent','deferred','uncertain','bounced','given_up','dropped'"


def upgrade() -> None:
    """Take the step: of what was told before there was mail, nothing goes out."""
    op.add_column("officers", sa.Column("mail_address", sa.Text(), nullable=True))
    op.add_column("recipients", sa.Column("by_mail", WORD, nullable=True))
    enforce_no_more(op.get_bind(), (ONLY_OPENED,))
    op.execute("UPDATE recipients SET by_mail = 'none'")
    enforce(op.get_bind(), RULES)
    undecided = sa.text("by_mail IS NULL")
    op.create_index(
        "ix_recipients_undecided",
        "recipients",
        ["at"],
        sqlite_where=undecided,
        postgresql_where=undecided,
    )
    op.create_table(
        "mails",
        sa.Column("handle", HANDLE, nullable=False),
        sa.Column("officer", HANDLE, nullable=False),
        sa.Column("kind", WORD, nullable=False),
        sa.Column("day", DAY, nullable=False),
        sa.Column("written_at", MOMENT, nullable=False),
        sa.CheckConstraint("kind IN ('digest','at_once')", name=op.f("ck_mails_known_kind")),
        sa.ForeignKeyConstraint(["officer"], ["officers.handle"], name=op.f("fk_mails_officer")),
        sa.PrimaryKeyConstraint("handle", name=op.f("pk_mails")),
    )
    digest = sa.text("kind = 'digest'")
    op.create_index(
        "ix_mails_one_digest_a_day",
        "mails",
        ["officer", "day"],
        unique=True,
        sqlite_where=digest,
        postgresql_where=digest,
    )
    op.create_index("ix_mails_written_at", "mails", ["written_at"])
    never_change(op.get_bind(), "mails", SAME_MAIL)
    op.create_table(
        "mail_notices",
        sa.Column("notice", sa.Text(), nullable=False),
        sa.Column("officer", HANDLE, nullable=False),
        sa.Column("mail", HANDLE, nullable=False),
        sa.ForeignKeyConstraint(["mail"], ["mails.handle"], name=op.f("fk_mail_notices_mail")),
        sa.ForeignKeyConstraint(
            ["notice", "officer"],
            ["recipients.notice", "recipients.officer"],
            name=op.f("fk_mail_notices_notice"),
        ),
        sa.PrimaryKeyConstraint("notice", "officer", name=op.f("pk_mail_notices")),
    )
    op.create_index("ix_mail_notices_mail", "mail_notices", ["mail"])
    never_change(op.get_bind(), "mail_notices", SAME_NOTICE)
    op.create_table(
        "mail_steps",
        sa.Column("mail", HANDLE, nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("kind", WORD, nullable=False),
        sa.Column("why", WORD, nullable=True),
        sa.Column("code", sa.Integer(), nullable=True),
        sa.Column("at", MOMENT, nullable=False),
        sa.CheckConstraint(f"kind IN ({WORDS})", name=op.f("ck_mail_steps_known_kind")),
        sa.ForeignKeyConstraint(["mail"], ["mails.handle"], name=op.f("fk_mail_steps_mail")),
        sa.PrimaryKeyConstraint("mail", "number", name=op.f("pk_mail_steps")),
    )
    never_change(op.get_bind(), "mail_steps", SAME_STEP)
    op.add_column("reconciliations", sa.Column("mails_unsent", sa.Integer(), nullable=True))
    op.create_table(
        "muted_notices",
        sa.Column("officer", HANDLE, nullable=False),
        sa.Column("on_move", WORD, nullable=False),
        sa.ForeignKeyConstraint(
            ["officer"], ["officers.handle"], name=op.f("fk_muted_notices_officer")
        ),
        sa.PrimaryKeyConstraint("officer", "on_move", name=op.f("pk_muted_notices")),
    )


def downgrade() -> None:
    """Take the step back."""
    op.drop_table("muted_notices")
    op.drop_column("reconciliations", "mails_unsent")
    for name, same in (
        ("mail_steps", SAME_STEP),
        ("mail_notices", SAME_NOTICE),
        ("mails", SAME_MAIL),
    ):
        change_again(op.get_bind(), name, same)
        op.drop_table(name)
    op.drop_index("ix_recipients_undecided", table_name="recipients")
    enforce_no_more(op.get_bind(), RULES)
    op.drop_column("recipients", "by_mail")
    enforce(op.get_bind(), (ONLY_OPENED,))
    op.drop_column("officers", "mail_address")
