"""The tables from the beginning."""

import sqlalchemy as sa
from alembic import op

from vetting.records.triggers import never_change_on_postgresql, on_postgresql

revision = "0001"
down_revision = None


def upgrade() -> None:  # noqa: PLR0915  # one a table
    """Take the step."""
    op.create_table(
        "counters",
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("last", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("name", name=op.f("pk_counters")),
    )
    op.create_table(
        "failed_logins",
        sa.Column("login", sa.Text(), nullable=False),
        sa.Column("source", sa.Text(), nullable=False),
        sa.Column("at", sa.String(length=27), nullable=False),
    )
    op.create_index("ix_failed_logins_login_at", "failed_logins", ["login", "at"], unique=False)
    op.create_index("ix_failed_logins_source_at", "failed_logins", ["source", "at"], unique=False)

    op.create_table(
        "legal_bases",
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("number", sa.Text(), nullable=False),
        sa.Column("date", sa.String(length=10), nullable=False),
        sa.Column("issuer", sa.Text(), nullable=False),
        sa.Column("title_vi", sa.Text(), nullable=False),
        sa.Column("title_en", sa.Text(), nullable=False),
        sa.Column("subject", sa.Text(), server_default="", nullable=False),
        sa.Column("valid_from", sa.String(length=10), nullable=True),
        sa.Column("valid_to", sa.String(length=10), nullable=True),
        sa.Column("source", sa.Text(), server_default="", nullable=False),
        sa.PrimaryKeyConstraint("key", name=op.f("pk_legal_bases")),
        sa.UniqueConstraint(
            "number", "date", "issuer", name=op.f("uq_legal_bases_number_date_issuer")
        ),
    )
    op.create_table(
        "officers",
        sa.Column("handle", sa.String(length=22), nullable=False),
        sa.Column("login", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("sort_key", sa.Text(), nullable=False),
        sa.Column("password_hash", sa.Text(), nullable=False),
        sa.Column("language", sa.String(length=40), server_default="vi", nullable=False),
        sa.Column("disabled_at", sa.String(length=27), nullable=True),
        sa.Column("robot", sa.Integer(), server_default="0", nullable=False),
        sa.PrimaryKeyConstraint("handle", name=op.f("pk_officers")),
        sa.UniqueConstraint("login", name=op.f("uq_officers_login")),
    )
    op.create_table(
        "log",
        sa.Column("position", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("case_handle", sa.String(length=22), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("seal", sa.String(length=64), nullable=False),
        sa.PrimaryKeyConstraint("position", name=op.f("pk_log")),
        sa.UniqueConstraint("case_handle", "number", name=op.f("uq_log_case_handle_number")),
    )
    op.create_table(
        "checkpoints",
        sa.Column("size", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("root", sa.String(length=64), nullable=False),
        sa.Column("edge", sa.Text(), nullable=False),
        sa.Column("note", sa.Text(), nullable=False),
        sa.Column("at", sa.String(length=27), nullable=False),
        sa.PrimaryKeyConstraint("size", name=op.f("pk_checkpoints")),
    )
    op.create_table(
        "organisations",
        sa.Column("code", sa.String(length=64), nullable=False),
        sa.Column("name_vi", sa.Text(), nullable=False),
        sa.Column("name_en", sa.Text(), nullable=False),
        sa.Column("short_name", sa.String(length=40), nullable=False),
        sa.Column("other_names", sa.Text(), server_default="", nullable=False),
        sa.Column("valid_from", sa.String(length=10), nullable=True),
        sa.Column("valid_to", sa.String(length=10), nullable=True),
        sa.Column("note_vi", sa.Text(), server_default="", nullable=False),
        sa.Column("note_en", sa.Text(), server_default="", nullable=False),
        sa.Column("source", sa.Text(), server_default="", nullable=False),
        sa.CheckConstraint(
            "valid_to IS NULL OR valid_from IS NULL OR valid_to >= valid_from",
            name=op.f("ck_organisations_in_order"),
        ),
        sa.PrimaryKeyConstraint("code", name=op.f("pk_organisations")),
        sa.UniqueConstraint("short_name", name=op.f("uq_organisations_short_name")),
    )
    op.create_table(
        "reads",
        sa.Column("number", sa.Integer(), autoincrement=True, nullable=False),
        sa.Column("at", sa.String(length=27), nullable=False),
        sa.Column("officer", sa.String(length=22), nullable=False),
        sa.Column("organisation", sa.String(length=64), nullable=False),
        sa.Column("role", sa.String(length=40), nullable=False),
        sa.Column("session", sa.String(length=22), nullable=False),
        sa.Column("action", sa.String(length=40), nullable=False),
        sa.Column("case_handle", sa.String(length=22), nullable=True),
        sa.Column("consultation", sa.String(length=22), nullable=True),
        sa.Column("text_hash", sa.String(length=64), nullable=True),
        sa.Column("asked", sa.Text(), nullable=True),
        sa.PrimaryKeyConstraint("number", name=op.f("pk_reads")),
    )
    op.create_index("ix_reads_case", "reads", ["case_handle", "at"], unique=False)
    op.create_index("ix_reads_officer", "reads", ["officer", "at"], unique=False)
    op.create_index(
        "ix_reads_text",
        "reads",
        ["officer", "consultation", "text_hash"],
        unique=False,
        sqlite_where=sa.text("text_hash IS NOT NULL"),
        postgresql_where=sa.text("text_hash IS NOT NULL"),
    )

    op.create_table(
        "rounds",
        sa.Column("handle", sa.String(length=22), nullable=False),
        sa.Column("name_vi", sa.Text(), nullable=False),
        sa.Column("name_en", sa.Text(), nullable=False),
        sa.Column("case_type", sa.String(length=40), nullable=False),
        sa.Column("opened_on", sa.String(length=10), nullable=False),
        sa.Column("closed_on", sa.String(length=10), nullable=True),
        sa.PrimaryKeyConstraint("handle", name=op.f("pk_rounds")),
    )
    op.create_table(
        "acts",
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("officer", sa.String(length=22), nullable=False),
        sa.Column("action", sa.String(length=40), nullable=False),
        sa.Column("content_hash", sa.String(length=64), nullable=False),
        sa.Column("answer", sa.Text(), nullable=False),
        sa.Column("at", sa.String(length=27), nullable=False),
        sa.ForeignKeyConstraint(["officer"], ["officers.handle"], name=op.f("fk_acts_officer")),
        sa.PrimaryKeyConstraint("key", name=op.f("pk_acts")),
    )
    op.create_table(
        "authority_rules",
        sa.Column("management_level", sa.String(length=40), nullable=False),
        sa.Column("case_type", sa.String(length=40), nullable=False),
        sa.Column("valid_from", sa.String(length=10), server_default="", nullable=False),
        sa.Column("valid_to", sa.String(length=10), nullable=True),
        sa.Column("authority", sa.String(length=64), nullable=False),
        sa.Column("legal_basis", sa.Text(), nullable=True),
        sa.Column("source", sa.Text(), server_default="", nullable=False),
        sa.ForeignKeyConstraint(
            ["authority"], ["organisations.code"], name=op.f("fk_authority_rules_authority")
        ),
        sa.ForeignKeyConstraint(
            ["legal_basis"], ["legal_bases.key"], name=op.f("fk_authority_rules_legal_basis")
        ),
        sa.PrimaryKeyConstraint(
            "management_level", "case_type", "valid_from", name=op.f("pk_authority_rules")
        ),
    )
    op.create_table(
        "conclusions",
        sa.Column("case_handle", sa.String(length=22), nullable=False),
        sa.Column("outcome", sa.String(length=40), nullable=False),
        sa.Column("reasons", sa.Text(), nullable=False),
        sa.Column("decided_on", sa.String(length=10), nullable=False),
        sa.Column("document", sa.Text(), nullable=True),
        sa.Column("votes_for", sa.Integer(), nullable=True),
        sa.Column("votes_against", sa.Integer(), nullable=True),
        sa.Column("votes_abstained", sa.Integer(), nullable=True),
        sa.Column("effective_on", sa.String(length=10), nullable=True),
        sa.Column("authority", sa.String(length=64), nullable=False),
        sa.Column("recorded_by", sa.String(length=22), nullable=False),
        sa.Column("recorded_at", sa.String(length=27), nullable=False),
        sa.CheckConstraint("reasons <> ''", name=op.f("ck_conclusions_reasoned")),
        sa.CheckConstraint(
            "votes_abstained IS NULL OR votes_abstained >= 0",
            name=op.f("ck_conclusions_votes_abstained_count"),
        ),
        sa.CheckConstraint(
            "votes_against IS NULL OR votes_against >= 0",
            name=op.f("ck_conclusions_votes_against_count"),
        ),
        sa.CheckConstraint(
            "votes_for IS NULL OR votes_for >= 0", name=op.f("ck_conclusions_votes_for_count")
        ),
        sa.ForeignKeyConstraint(
            ["authority"], ["organisations.code"], name=op.f("fk_conclusions_authority")
        ),
        sa.ForeignKeyConstraint(
            ["recorded_by"], ["officers.handle"], name=op.f("fk_conclusions_recorded_by")
        ),
        sa.PrimaryKeyConstraint("case_handle", name=op.f("pk_conclusions")),
    )
    op.create_table(
        "letters",
        sa.Column("handle", sa.String(length=22), nullable=False),
        sa.Column("direction", sa.String(length=40), nullable=False),
        sa.Column("sender", sa.String(length=64), nullable=False),
        sa.Column("receiver", sa.String(length=64), nullable=False),
        sa.Column("year", sa.Integer(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("symbol", sa.Text(), nullable=True),
        sa.Column("dated", sa.String(length=10), nullable=True),
        sa.Column("covers", sa.Integer(), nullable=False),
        sa.Column("written_by", sa.String(length=22), nullable=False),
        sa.Column("written_at", sa.String(length=27), nullable=False),
        sa.CheckConstraint(
            "direction IN ('outgoing','incoming')", name=op.f("ck_letters_known_direction")
        ),
        sa.CheckConstraint("covers > 0", name=op.f("ck_letters_covers_something")),
        sa.ForeignKeyConstraint(
            ["receiver"], ["organisations.code"], name=op.f("fk_letters_receiver")
        ),
        sa.ForeignKeyConstraint(["sender"], ["organisations.code"], name=op.f("fk_letters_sender")),
        sa.ForeignKeyConstraint(
            ["written_by"], ["officers.handle"], name=op.f("fk_letters_written_by")
        ),
        sa.PrimaryKeyConstraint("handle", name=op.f("pk_letters")),
        sa.UniqueConstraint("sender", "year", "number", name=op.f("uq_letters_sender_year_number")),
    )
    op.create_index("ix_letters_receiver", "letters", ["receiver", "written_at"], unique=False)

    op.create_table(
        "login_sessions",
        sa.Column("token_hash", sa.String(length=64), nullable=False),
        sa.Column("mark", sa.String(length=22), nullable=False),
        sa.Column("officer", sa.String(length=22), nullable=False),
        sa.Column("organisation", sa.String(length=64), nullable=False),
        sa.Column("role", sa.String(length=40), nullable=False),
        sa.Column("method", sa.String(length=40), nullable=False),
        sa.Column("began_at", sa.String(length=27), nullable=False),
        sa.Column("seen_at", sa.String(length=27), nullable=False),
        sa.Column("ended_at", sa.String(length=27), nullable=True),
        sa.ForeignKeyConstraint(
            ["officer"], ["officers.handle"], name=op.f("fk_login_sessions_officer")
        ),
        sa.ForeignKeyConstraint(
            ["organisation"], ["organisations.code"], name=op.f("fk_login_sessions_organisation")
        ),
        sa.PrimaryKeyConstraint("token_hash", name=op.f("pk_login_sessions")),
        sa.UniqueConstraint("mark", name=op.f("uq_login_sessions_mark")),
    )
    op.create_index("ix_login_sessions_officer", "login_sessions", ["officer"], unique=False)

    op.create_table(
        "organisation_kinds",
        sa.Column("organisation", sa.String(length=64), nullable=False),
        sa.Column("kind", sa.String(length=40), nullable=False),
        sa.ForeignKeyConstraint(
            ["organisation"],
            ["organisations.code"],
            name=op.f("fk_organisation_kinds_organisation"),
        ),
        sa.PrimaryKeyConstraint("organisation", "kind", name=op.f("pk_organisation_kinds")),
    )
    op.create_table(
        "regulations",
        sa.Column("code", sa.String(length=64), nullable=False),
        sa.Column("name_vi", sa.Text(), nullable=False),
        sa.Column("name_en", sa.Text(), nullable=False),
        sa.Column("source", sa.Text(), server_default="", nullable=False),
        sa.Column("legal_basis", sa.Text(), nullable=True),
        sa.Column("valid_from", sa.String(length=10), nullable=True),
        sa.Column("valid_to", sa.String(length=10), nullable=True),
        sa.ForeignKeyConstraint(
            ["legal_basis"], ["legal_bases.key"], name=op.f("fk_regulations_legal_basis")
        ),
        sa.PrimaryKeyConstraint("code", name=op.f("pk_regulations")),
    )
    op.create_table(
        "replacements",
        sa.Column("basis", sa.Text(), nullable=False),
        sa.Column("replaced", sa.Text(), nullable=False),
        sa.CheckConstraint("basis <> replaced", name=op.f("ck_replacements_another")),
        sa.ForeignKeyConstraint(["basis"], ["legal_bases.key"], name=op.f("fk_replacements_basis")),
        sa.ForeignKeyConstraint(
            ["replaced"], ["legal_bases.key"], name=op.f("fk_replacements_replaced")
        ),
        sa.PrimaryKeyConstraint("basis", "replaced", name=op.f("pk_replacements")),
    )
    op.create_table(
        "role_assignments",
        sa.Column("officer", sa.String(length=22), nullable=False),
        sa.Column("organisation", sa.String(length=64), nullable=False),
        sa.Column("role", sa.String(length=40), nullable=False),
        sa.Column("valid_from", sa.String(length=10), server_default="", nullable=False),
        sa.Column("valid_to", sa.String(length=10), nullable=True),
        sa.CheckConstraint(
            "valid_to IS NULL OR valid_to >= valid_from", name=op.f("ck_role_assignments_in_order")
        ),
        sa.ForeignKeyConstraint(
            ["officer"], ["officers.handle"], name=op.f("fk_role_assignments_officer")
        ),
        sa.ForeignKeyConstraint(
            ["organisation"], ["organisations.code"], name=op.f("fk_role_assignments_organisation")
        ),
        sa.PrimaryKeyConstraint(
            "officer", "organisation", "role", "valid_from", name=op.f("pk_role_assignments")
        ),
    )
    op.create_index(
        "ix_role_assignments_organisation", "role_assignments", ["organisation"], unique=False
    )

    op.create_table(
        "sign_offs",
        sa.Column("consultation", sa.String(length=22), nullable=False),
        sa.Column("officer", sa.String(length=22), nullable=False),
        sa.Column("kind", sa.String(length=40), nullable=False),
        sa.Column("organisation", sa.String(length=64), nullable=False),
        sa.Column("role", sa.String(length=40), nullable=False),
        sa.Column("hash", sa.String(length=64), nullable=False),
        sa.Column("session", sa.String(length=22), nullable=False),
        sa.Column("method", sa.String(length=40), nullable=False),
        sa.Column("at", sa.String(length=27), nullable=False),
        sa.CheckConstraint("kind IN ('countersign','sign')", name=op.f("ck_sign_offs_known_kind")),
        sa.ForeignKeyConstraint(
            ["officer"], ["officers.handle"], name=op.f("fk_sign_offs_officer")
        ),
        sa.ForeignKeyConstraint(
            ["organisation"], ["organisations.code"], name=op.f("fk_sign_offs_organisation")
        ),
        sa.PrimaryKeyConstraint("consultation", "officer", "hash", "at", name=op.f("pk_sign_offs")),
    )
    op.create_index(
        "uq_sign_offs_one_signature",
        "sign_offs",
        ["consultation"],
        unique=True,
        sqlite_where=sa.text("kind = 'sign'"),
        postgresql_where=sa.text("kind = 'sign'"),
    )

    op.create_table(
        "submissions",
        sa.Column("handle", sa.String(length=22), nullable=False),
        sa.Column("unit", sa.String(length=64), nullable=False),
        sa.Column("round", sa.String(length=22), nullable=True),
        sa.Column("case_type", sa.String(length=40), nullable=False),
        sa.Column("letter_number", sa.Text(), nullable=True),
        sa.Column("letter_date", sa.String(length=10), nullable=True),
        sa.Column("file_name", sa.Text(), nullable=False),
        sa.Column("file_hash", sa.String(length=64), nullable=False),
        sa.Column("not_kept", sa.Text(), nullable=False),
        sa.Column("accepted", sa.Integer(), nullable=False),
        sa.Column("refused", sa.Integer(), nullable=False),
        sa.Column("filed_by", sa.String(length=22), nullable=False),
        sa.Column("filed_at", sa.String(length=27), nullable=False),
        sa.ForeignKeyConstraint(
            ["filed_by"], ["officers.handle"], name=op.f("fk_submissions_filed_by")
        ),
        sa.ForeignKeyConstraint(["round"], ["rounds.handle"], name=op.f("fk_submissions_round")),
        sa.ForeignKeyConstraint(["unit"], ["organisations.code"], name=op.f("fk_submissions_unit")),
        sa.PrimaryKeyConstraint("handle", name=op.f("pk_submissions")),
    )
    op.create_index("ix_submissions_unit", "submissions", ["unit", "filed_at"], unique=False)

    op.create_table(
        "successions",
        sa.Column("predecessor", sa.String(length=64), nullable=False),
        sa.Column("successor", sa.String(length=64), nullable=False),
        sa.Column("from_date", sa.String(length=10), nullable=True),
        sa.Column("note_vi", sa.Text(), server_default="", nullable=False),
        sa.Column("note_en", sa.Text(), server_default="", nullable=False),
        sa.Column("source", sa.Text(), server_default="", nullable=False),
        sa.CheckConstraint("predecessor <> successor", name=op.f("ck_successions_another")),
        sa.ForeignKeyConstraint(
            ["predecessor"], ["organisations.code"], name=op.f("fk_successions_predecessor")
        ),
        sa.ForeignKeyConstraint(
            ["successor"], ["organisations.code"], name=op.f("fk_successions_successor")
        ),
        sa.PrimaryKeyConstraint("predecessor", "successor", name=op.f("pk_successions")),
    )
    op.create_index("ix_successions_successor", "successions", ["successor"], unique=False)

    op.create_table(
        "waiting_lists",
        sa.Column("handle", sa.String(length=22), nullable=False),
        sa.Column("officer", sa.String(length=22), nullable=False),
        sa.Column("unit", sa.String(length=64), nullable=False),
        sa.Column("case_type", sa.String(length=40), nullable=False),
        sa.Column("round", sa.String(length=22), nullable=True),
        sa.Column("management_level", sa.String(length=40), nullable=True),
        sa.Column("file_name", sa.Text(), nullable=False),
        sa.Column("file_hash", sa.String(length=64), nullable=False),
        sa.Column("taken", sa.Text(), nullable=False),
        sa.Column("read_at", sa.String(length=27), nullable=False),
        sa.ForeignKeyConstraint(
            ["officer"], ["officers.handle"], name=op.f("fk_waiting_lists_officer")
        ),
        sa.ForeignKeyConstraint(["round"], ["rounds.handle"], name=op.f("fk_waiting_lists_round")),
        sa.ForeignKeyConstraint(
            ["unit"], ["organisations.code"], name=op.f("fk_waiting_lists_unit")
        ),
        sa.PrimaryKeyConstraint("handle", name=op.f("pk_waiting_lists")),
    )
    op.create_table(
        "cases",
        sa.Column("handle", sa.String(length=22), nullable=False),
        sa.Column("reference", sa.String(length=40), nullable=True),
        sa.Column("case_type", sa.String(length=40), nullable=False),
        sa.Column("definition_version", sa.Integer(), nullable=False),
        sa.Column("state", sa.String(length=40), nullable=False),
        sa.Column("stood_in", sa.String(length=40), nullable=True),
        sa.Column("unit", sa.String(length=64), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("name_folded", sa.Text(), nullable=False),
        sa.Column("name_sort", sa.Text(), nullable=False),
        sa.Column("born", sa.String(length=10), nullable=False),
        sa.Column("target", sa.Text(), nullable=False),
        sa.Column("position", sa.Text(), nullable=True),
        sa.Column("management_level", sa.String(length=40), nullable=True),
        sa.Column("submission", sa.String(length=22), nullable=True),
        sa.Column("round", sa.String(length=22), nullable=True),
        sa.Column("regulation", sa.String(length=64), nullable=True),
        sa.Column("authority", sa.String(length=64), nullable=True),
        sa.Column("admission", sa.String(length=22), nullable=True),
        sa.Column("turn", sa.Integer(), nullable=False),
        sa.Column("owing", sa.Integer(), nullable=False),
        sa.Column("recorded", sa.Text(), nullable=False),
        sa.Column("missing", sa.Text(), nullable=False),
        sa.Column("proposed_outcome", sa.String(length=40), nullable=True),
        sa.Column("proposed_by", sa.String(length=22), nullable=True),
        sa.Column("before_authority", sa.Integer(), nullable=False),
        sa.Column("outcome", sa.String(length=40), nullable=True),
        sa.Column("opened_at", sa.String(length=27), nullable=False),
        sa.Column("changed_at", sa.String(length=27), nullable=False),
        sa.Column("filed_at", sa.String(length=27), nullable=True),
        sa.Column("since", sa.String(length=27), nullable=False),
        sa.Column("entry_count", sa.Integer(), nullable=False),
        sa.Column("last_seal", sa.String(length=64), nullable=False),
        sa.Column("sequenced", sa.Integer(), server_default="0", nullable=False),
        sa.CheckConstraint(
            "owing = 0 OR state IN ('draft','filed','checking','returned','accepted',"
            "'consulting','withdrawn','suspended')",
            name=op.f("ck_cases_every_reply_in"),
        ),
        sa.CheckConstraint(
            "outcome IS NULL OR authority IS NOT NULL", name=op.f("ck_cases_authority_concludes")
        ),
        sa.CheckConstraint(
            "outcome IS NULL OR proposed_outcome IS NOT NULL", name=op.f("ck_cases_proposal_first")
        ),
        sa.CheckConstraint("owing >= 0", name=op.f("ck_cases_owing_counts")),
        sa.CheckConstraint(
            "turn = 0 OR regulation IS NOT NULL", name=op.f("ck_cases_regulation_first")
        ),
        sa.ForeignKeyConstraint(["admission"], ["cases.handle"], name=op.f("fk_cases_admission")),
        sa.ForeignKeyConstraint(
            ["authority"], ["organisations.code"], name=op.f("fk_cases_authority")
        ),
        sa.ForeignKeyConstraint(
            ["regulation"], ["regulations.code"], name=op.f("fk_cases_regulation")
        ),
        sa.ForeignKeyConstraint(["round"], ["rounds.handle"], name=op.f("fk_cases_round")),
        sa.ForeignKeyConstraint(
            ["submission"], ["submissions.handle"], name=op.f("fk_cases_submission")
        ),
        sa.ForeignKeyConstraint(["unit"], ["organisations.code"], name=op.f("fk_cases_unit")),
        sa.PrimaryKeyConstraint("handle", name=op.f("pk_cases")),
        sa.UniqueConstraint("reference", name=op.f("uq_cases_reference")),
    )
    op.create_index(
        "ix_cases_authority_state", "cases", ["authority", "state", "since"], unique=False
    )
    op.create_index("ix_cases_name_folded", "cases", ["name_folded"], unique=False)
    op.create_index("ix_cases_round_unit", "cases", ["round", "unit", "state"], unique=False)
    op.create_index(
        "ix_cases_same_person", "cases", ["name_folded", "born", "case_type"], unique=False
    )
    op.create_index("ix_cases_state_since", "cases", ["state", "since", "handle"], unique=False)
    op.create_index("ix_cases_submission", "cases", ["submission"], unique=False)
    op.create_index(
        "ix_cases_to_sequence",
        "cases",
        ["handle"],
        unique=False,
        sqlite_where=sa.text("sequenced < entry_count"),
        postgresql_where=sa.text("sequenced < entry_count"),
    )
    op.create_index(
        "ix_cases_unit_changed", "cases", ["unit", "changed_at", "handle"], unique=False
    )

    op.create_table(
        "regulation_bodies",
        sa.Column("regulation", sa.String(length=64), nullable=False),
        sa.Column("body", sa.String(length=64), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["body"], ["organisations.code"], name=op.f("fk_regulation_bodies_body")
        ),
        sa.ForeignKeyConstraint(
            ["regulation"], ["regulations.code"], name=op.f("fk_regulation_bodies_regulation")
        ),
        sa.PrimaryKeyConstraint("regulation", "body", name=op.f("pk_regulation_bodies")),
        sa.UniqueConstraint(
            "regulation", "position", name=op.f("uq_regulation_bodies_regulation_position")
        ),
    )
    op.create_table(
        "consultations",
        sa.Column("handle", sa.String(length=22), nullable=False),
        sa.Column("case_handle", sa.String(length=22), nullable=False),
        sa.Column("body", sa.String(length=64), nullable=False),
        sa.Column("turn", sa.Integer(), nullable=False),
        sa.Column("need", sa.String(length=40), nullable=False),
        sa.Column("state", sa.String(length=40), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("officer", sa.String(length=22), nullable=True),
        sa.Column("letter", sa.String(length=22), nullable=True),
        sa.Column("due_on", sa.String(length=10), nullable=True),
        sa.Column("due_order", sa.String(length=10), nullable=False),
        sa.Column("asked_at", sa.String(length=27), nullable=False),
        sa.Column("received_at", sa.String(length=27), nullable=True),
        sa.Column("signed_at", sa.String(length=27), nullable=True),
        sa.Column("verdict", sa.String(length=40), nullable=True),
        sa.Column("draft_verdict", sa.String(length=40), nullable=True),
        sa.Column("draft_reasons", sa.Text(), nullable=True),
        sa.Column("draft_conditions", sa.Text(), nullable=False),
        sa.Column("draft_evidence", sa.Text(), nullable=False),
        sa.Column("draft_by", sa.String(length=22), nullable=True),
        sa.Column("draft_hash", sa.String(length=64), nullable=True),
        sa.Column("countersigned_by", sa.Text(), nullable=False),
        sa.CheckConstraint(
            "(state = 'signed') = (verdict IS NOT NULL)",
            name=op.f("ck_consultations_signed_has_verdict"),
        ),
        sa.CheckConstraint(
            "state <> 'ready' OR draft_hash IS NOT NULL",
            name=op.f("ck_consultations_ready_has_draft"),
        ),
        sa.ForeignKeyConstraint(
            ["body"], ["organisations.code"], name=op.f("fk_consultations_body")
        ),
        sa.ForeignKeyConstraint(
            ["case_handle"], ["cases.handle"], name=op.f("fk_consultations_case_handle")
        ),
        sa.ForeignKeyConstraint(
            ["letter"], ["letters.handle"], name=op.f("fk_consultations_letter")
        ),
        sa.ForeignKeyConstraint(
            ["officer"], ["officers.handle"], name=op.f("fk_consultations_officer")
        ),
        sa.PrimaryKeyConstraint("handle", name=op.f("pk_consultations")),
        sa.UniqueConstraint(
            "case_handle", "body", "turn", name=op.f("uq_consultations_case_handle_body_turn")
        ),
    )
    op.create_index(
        "ix_consultations_body_signed", "consultations", ["body", "signed_at"], unique=False
    )
    op.create_index(
        "ix_consultations_inbox",
        "consultations",
        ["body", "due_order", "asked_at", "handle"],
        unique=False,
        sqlite_where=sa.text("state IN ('asked','received','drafting','ready')"),
        postgresql_where=sa.text("state IN ('asked','received','drafting','ready')"),
    )
    op.create_index("ix_consultations_letter", "consultations", ["letter"], unique=False)
    op.create_index(
        "uq_consultations_one_live",
        "consultations",
        ["case_handle", "body"],
        unique=True,
        sqlite_where=sa.text("state IN ('asked','received','drafting','ready')"),
        postgresql_where=sa.text("state IN ('asked','received','drafting','ready')"),
    )

    op.create_table(
        "entries",
        sa.Column("case_handle", sa.String(length=22), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("verb", sa.String(length=40), nullable=False),
        sa.Column("officer", sa.String(length=22), nullable=False),
        sa.Column("organisation", sa.String(length=64), nullable=False),
        sa.Column("role", sa.String(length=40), nullable=False),
        sa.Column("on_behalf_of", sa.String(length=22), nullable=True),
        sa.Column("session", sa.String(length=22), nullable=False),
        sa.Column("method", sa.String(length=40), nullable=False),
        sa.Column("at", sa.String(length=27), nullable=False),
        sa.Column("body", sa.String(length=64), nullable=True),
        sa.Column("definition", sa.String(length=40), nullable=False),
        sa.Column("payload_hash", sa.String(length=64), nullable=False),
        sa.Column("algorithm", sa.String(length=40), nullable=False),
        sa.Column("seal", sa.String(length=64), nullable=False),
        sa.ForeignKeyConstraint(
            ["case_handle"], ["cases.handle"], name=op.f("fk_entries_case_handle")
        ),
        sa.PrimaryKeyConstraint("case_handle", "number", name=op.f("pk_entries")),
    )
    op.create_index("ix_entries_officer_at", "entries", ["officer", "at"], unique=False)
    op.create_index("ix_entries_verb_at", "entries", ["verb", "at"], unique=False)

    op.create_table(
        "opinions",
        sa.Column("consultation", sa.String(length=22), nullable=False),
        sa.Column("case_handle", sa.String(length=22), nullable=False),
        sa.Column("body", sa.String(length=64), nullable=False),
        sa.Column("turn", sa.Integer(), nullable=False),
        sa.Column("body_name", sa.Text(), nullable=False),
        sa.Column("verdict", sa.String(length=40), nullable=False),
        sa.Column("reasons", sa.Text(), nullable=False),
        sa.Column("conditions", sa.Text(), nullable=False),
        sa.Column("evidence", sa.Text(), nullable=False),
        sa.Column("hash", sa.String(length=64), nullable=False),
        sa.Column("drafted_by", sa.String(length=22), nullable=False),
        sa.Column("signed_by", sa.String(length=22), nullable=False),
        sa.Column("signed_at", sa.String(length=27), nullable=False),
        sa.CheckConstraint(
            "verdict IN ('no_objection','conditions','objection','no_information')",
            name=op.f("ck_opinions_known_verdict"),
        ),
        sa.CheckConstraint("drafted_by <> signed_by", name=op.f("ck_opinions_drafter_never_signs")),
        sa.ForeignKeyConstraint(["body"], ["organisations.code"], name=op.f("fk_opinions_body")),
        sa.ForeignKeyConstraint(
            ["case_handle"], ["cases.handle"], name=op.f("fk_opinions_case_handle")
        ),
        sa.ForeignKeyConstraint(
            ["drafted_by"], ["officers.handle"], name=op.f("fk_opinions_drafted_by")
        ),
        sa.ForeignKeyConstraint(
            ["signed_by"], ["officers.handle"], name=op.f("fk_opinions_signed_by")
        ),
        sa.PrimaryKeyConstraint("consultation", name=op.f("pk_opinions")),
        sa.UniqueConstraint(
            "case_handle", "body", "turn", name=op.f("uq_opinions_case_handle_body_turn")
        ),
    )
    op.create_table(
        "outbox",
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("on_move", sa.String(length=40), nullable=False),
        sa.Column("case_handle", sa.String(length=22), nullable=False),
        sa.Column("organisation", sa.String(length=64), nullable=False),
        sa.Column("written_at", sa.String(length=27), nullable=False),
        sa.Column("sent_at", sa.String(length=27), nullable=True),
        sa.Column("opened_at", sa.String(length=27), nullable=True),
        sa.Column("statutory", sa.Integer(), server_default="0", nullable=False),
        sa.ForeignKeyConstraint(
            ["case_handle"], ["cases.handle"], name=op.f("fk_outbox_case_handle")
        ),
        sa.ForeignKeyConstraint(
            ["organisation"], ["organisations.code"], name=op.f("fk_outbox_organisation")
        ),
        sa.PrimaryKeyConstraint("key", name=op.f("pk_outbox")),
    )
    op.create_index(
        "ix_outbox_organisation", "outbox", ["organisation", "written_at"], unique=False
    )
    op.create_index(
        "ix_outbox_unsent",
        "outbox",
        ["written_at"],
        unique=False,
        sqlite_where=sa.text("sent_at IS NULL"),
        postgresql_where=sa.text("sent_at IS NULL"),
    )

    op.create_table(
        "participations",
        sa.Column("case_handle", sa.String(length=22), nullable=False),
        sa.Column("officer", sa.String(length=22), nullable=False),
        sa.Column("hat", sa.String(length=40), nullable=False),
        sa.ForeignKeyConstraint(
            ["case_handle"], ["cases.handle"], name=op.f("fk_participations_case_handle")
        ),
        sa.ForeignKeyConstraint(
            ["officer"], ["officers.handle"], name=op.f("fk_participations_officer")
        ),
        sa.PrimaryKeyConstraint("case_handle", "officer", name="pk_participations_one_hat"),
    )
    op.create_table(
        "proposals",
        sa.Column("case_handle", sa.String(length=22), nullable=False),
        sa.Column("entry", sa.Integer(), nullable=False),
        sa.Column("outcome", sa.String(length=40), nullable=False),
        sa.Column("reasons", sa.Text(), nullable=False),
        sa.Column("proposed_by", sa.String(length=22), nullable=False),
        sa.Column("proposed_at", sa.String(length=27), nullable=False),
        sa.Column("submitted_by", sa.String(length=22), nullable=True),
        sa.Column("submitted_at", sa.String(length=27), nullable=True),
        sa.CheckConstraint(
            "submitted_by IS NULL OR submitted_by <> proposed_by",
            name=op.f("ck_proposals_two_people"),
        ),
        sa.ForeignKeyConstraint(
            ["case_handle"], ["cases.handle"], name=op.f("fk_proposals_case_handle")
        ),
        sa.ForeignKeyConstraint(
            ["proposed_by"], ["officers.handle"], name=op.f("fk_proposals_proposed_by")
        ),
        sa.ForeignKeyConstraint(
            ["submitted_by"], ["officers.handle"], name=op.f("fk_proposals_submitted_by")
        ),
        sa.PrimaryKeyConstraint("case_handle", "entry", name=op.f("pk_proposals")),
    )
    op.create_table(
        "submission_rows",
        sa.Column("submission", sa.String(length=22), nullable=False),
        sa.Column("row", sa.Integer(), nullable=False),
        sa.Column("case_handle", sa.String(length=22), nullable=True),
        sa.Column("reason", sa.String(length=40), nullable=True),
        sa.CheckConstraint(
            "(case_handle IS NULL) <> (reason IS NULL)",
            name=op.f("ck_submission_rows_accepted_or_refused"),
        ),
        sa.ForeignKeyConstraint(
            ["case_handle"], ["cases.handle"], name=op.f("fk_submission_rows_case_handle")
        ),
        sa.ForeignKeyConstraint(
            ["submission"], ["submissions.handle"], name=op.f("fk_submission_rows_submission")
        ),
        sa.PrimaryKeyConstraint("submission", "row", name=op.f("pk_submission_rows")),
    )
    op.create_table(
        "payloads",
        sa.Column("case_handle", sa.String(length=22), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("salt", sa.String(length=22), nullable=False),
        sa.Column("content", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(
            ["case_handle", "number"],
            ["entries.case_handle", "entries.number"],
            name=op.f("fk_payloads_case_handle_number"),
        ),
        sa.PrimaryKeyConstraint("case_handle", "number", name=op.f("pk_payloads")),
    )
    _forbid_change()


def downgrade() -> None:
    """Take it back."""
    metadata = sa.MetaData()
    metadata.reflect(op.get_bind(), only=lambda name, _: name != "alembic_version")
    metadata.drop_all(op.get_bind())
    if op.get_bind().dialect.name == "postgresql":
        op.execute("DROP FUNCTION IF EXISTS refuse_change()")


# What was written here stays as it was written, whoever holds the connection. Each table is named
# with what makes a row of it the same row as another.
_NEVER_CHANGED = {
    "entries": ("case_handle = NEW.case_handle AND number = NEW.number",),
    "payloads": ("case_handle = NEW.case_handle AND number = NEW.number",),
    "opinions": (
        "consultation = NEW.consultation",
        "case_handle = NEW.case_handle AND body = NEW.body AND turn = NEW.turn",
    ),
    "sign_offs": (
        "(consultation, officer, hash, at) = (NEW.consultation, NEW.officer, NEW.hash, NEW.at)",
        "NEW.kind = 'sign' AND kind = 'sign' AND consultation = NEW.consultation",
    ),
    "conclusions": ("case_handle = NEW.case_handle",),
    "reads": ("number = NEW.number",),
    "log": (
        "position = NEW.position",
        "case_handle = NEW.case_handle AND number = NEW.number",
    ),
    "checkpoints": ("size = NEW.size",),
}


def _forbid_change() -> None:
    connection = op.get_bind()
    on_postgresql(
        connection,
        "CREATE FUNCTION refuse_change() RETURNS trigger LANGUAGE plpgsql AS "
        "$$ BEGIN RAISE EXCEPTION 'the history is never changed: %', TG_TABLE_NAME; END $$",
    )
    for table, same_row in _NEVER_CHANGED.items():
        never_change_on_postgresql(connection, table, ("UPDATE", "DELETE"))
        if connection.dialect.name != "postgresql":
            _forbid_on_sqlite(table, same_row)


def _forbid_on_sqlite(table: str, same_row: tuple[str, ...]) -> None:
    refuse = f"BEGIN SELECT RAISE(ABORT, 'the history is never changed: {table}'); END"
    for deed in ("UPDATE", "DELETE"):
        op.execute(f"CREATE TRIGGER {table}_no_{deed.lower()} BEFORE {deed} ON {table} {refuse}")
    # INSERT OR REPLACE takes the old row away without asking the trigger on DELETE.
    for number, same in enumerate(same_row, 1):
        op.execute(
            f"CREATE TRIGGER {table}_no_replace_{number} BEFORE INSERT ON {table} "  # noqa: S608
            f"WHEN EXISTS (SELECT 1 FROM {table} WHERE {same}) {refuse}"
        )
