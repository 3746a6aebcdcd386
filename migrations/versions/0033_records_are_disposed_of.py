"""Records are kept by a schedule, held, and disposed of by two people; what goes is listed."""

import sqlalchemy as sa
from alembic import op

from vetting.records.triggers import (
    SCHEDULED,
    SUPERVISES,
    Rule,
    change_again,
    enforce,
    enforce_no_more,
    never_again,
    never_change,
    only_as_listed,
)

revision = "0033"
down_revision = "0032"

HANDLE, CODE, WORD, MOMENT, DAY, HASH = (sa.String(length=n) for n in (22, 64, 40, 27, 10, 64))
SAME_DISPOSAL = (
    "case_handle = NEW.case_handle AND entry = NEW.entry",
    "NEW.erased_at IS NOT NULL AND erased_at IS NOT NULL AND case_handle = NEW.case_handle",
)
SAME_ITEM = ("case_handle = NEW.case_handle AND item = NEW.item",)

_DISPOSES = "NEW.verb IN ('disposal.asked','disposal.refused','disposal.approved')"
_WEARS = (
    "EXISTS (SELECT 1 FROM {in_}participations p WHERE p.case_handle = NEW.case_handle "
    "AND p.officer = NEW.officer AND p.hat = "
)
_BY_ROLE = (
    "CASE NEW.role WHEN 'case_officer' THEN 'file' WHEN 'board_officer' THEN 'coordinate' "
    "WHEN 'board_head' THEN 'coordinate' WHEN 'body_officer' THEN 'opine' "
    "WHEN 'body_signer' THEN 'opine' WHEN 'secretary' THEN 'conclude' "
    "WHEN 'supervisor' THEN 'review' WHEN 'administrator' THEN 'administer' END "
    "AND (p.hat <> 'opine' OR p.organisation = NEW.organisation))"
)
_STEPS_ASIDE = "NEW.verb IN ('officer.recused','consultation.released')"
_TAKES_OUT = "NEW.verb = 'case.exported' AND NEW.role IN ('supervisor','board_head')"
_KEEPS = (
    "NEW.verb IN ('record.held','hold.lifted') AND NEW.role IN ('supervisor','board_head') "
    "OR NEW.verb = 'record.classed' AND NEW.role = 'board_head'"
)
_BEFORE_HAT = f"{_STEPS_ASIDE} OR {_TAKES_OUT} OR {_WEARS}{_BY_ROLE}"


def _one_hat(holds: str) -> Rule:
    return Rule("entries", "one_hat", "INSERT", holds)


def _of_ones_own(more: str) -> Rule:
    return Rule(
        "reads",
        "not_of_ones_own_work",
        "INSERT",
        "NOT EXISTS (SELECT 1 FROM {in_}participations p WHERE p.case_handle = NEW.case_handle "
        "AND p.officer = NEW.officer AND p.hat <> 'review')",
        SUPERVISES,
        when=f"NEW.role = 'supervisor'{more}",
        one_at_a_time="NEW.officer",
    )


# Whoever agreed to a disposal goes on seeing that it was carried out.
_OF_THE_RECORD = " AND NEW.action NOT IN ('see_retention','answer_disposal')"
BEFORE = (_one_hat(_BEFORE_HAT), _of_ones_own(""))
CHANGED = (
    _one_hat(
        f"({_DISPOSES}) AND {_WEARS}'dispose') OR NOT ({_DISPOSES}) AND ({_KEEPS} OR {_BEFORE_HAT})"
    ),
    _of_ones_own(_OF_THE_RECORD),
)
_PLAYS = (
    "EXISTS (SELECT 1 FROM {in_}participations p JOIN {in_}entries e "
    "ON e.case_handle = p.case_handle AND e.officer = p.officer "
    "WHERE p.case_handle = NEW.case_handle AND p.hat = 'dispose' AND p.officer = NEW."
)
RULES = (
    *CHANGED,
    Rule(
        "disposals",
        "by_two_who_do_nothing_else",
        "INSERT",
        f"{_PLAYS}asked_by AND e.verb = 'disposal.asked') "
        f"AND {_PLAYS}approved_by AND e.verb = 'disposal.approved' AND e.number = NEW.entry)",
    ),
    Rule(
        "disposals",
        "not_before_its_time",
        "INSERT",
        "EXISTS (SELECT 1 FROM {in_}retention_schedules s "
        "WHERE s.code = NEW.record_class AND s.years = NEW.years) "
        "AND EXISTS (SELECT 1 FROM {in_}cases c WHERE c.handle = NEW.case_handle "
        "AND c.state IN ('closed','withdrawn') AND c.holds = '[]' "
        "AND substr(c.since, 1, 10) <= NEW.over_on) "
        "AND CAST(substr(NEW.runs_out_on, 1, 4) AS INTEGER) "
        "= CAST(substr(NEW.over_on, 1, 4) AS INTEGER) + NEW.years "
        "AND (substr(NEW.runs_out_on, 6) = substr(NEW.over_on, 6) "
        "OR substr(NEW.over_on, 6) = '02-29') "
        "AND NEW.runs_out_on <= substr(NEW.approved_at, 1, 10)",
        SCHEDULED,
    ),
    Rule(
        "disposals",
        "carried_out_once",
        "UPDATE",
        "OLD.erased_at IS NULL AND NEW.erased_at IS NOT NULL "
        "AND NEW.case_handle = OLD.case_handle AND NEW.reference = OLD.reference "
        "AND NEW.case_type = OLD.case_type AND NEW.unit = OLD.unit "
        "AND NEW.record_class = OLD.record_class AND NEW.years = OLD.years "
        "AND NEW.basis = OLD.basis AND NEW.over_on = OLD.over_on "
        "AND NEW.runs_out_on = OLD.runs_out_on AND NEW.plan = OLD.plan "
        "AND NEW.items = OLD.items AND NEW.asked_by = OLD.asked_by "
        "AND NEW.asked_at = OLD.asked_at AND NEW.approved_by = OLD.approved_by "
        "AND NEW.approved_at = OLD.approved_at AND NEW.entry = OLD.entry "
        "AND NEW.salt = OLD.salt AND NEW.content = OLD.content {same_row}"
        "AND NOT EXISTS (SELECT 1 FROM {in_}candidate_keys k "
        "WHERE k.case_handle = NEW.case_handle)",
        SCHEDULED,
    ),
    Rule(
        "disposal_items",
        "while_it_is_carried_out",
        "INSERT",
        "EXISTS (SELECT 1 FROM {in_}disposals d "
        "WHERE d.case_handle = NEW.case_handle AND d.erased_at IS NULL)",
        SCHEDULED,
    ),
)
ADDED = RULES[len(CHANGED) :]

# Which row may go, by its name on a list.
GOES = {
    "sign_offs": "OLD.consultation || '/' || OLD.officer || '/' || OLD.at",
    "opinions": "OLD.consultation",
    "proposals": "OLD.case_handle || '/' || CAST(OLD.entry AS TEXT)",
    "conclusions": "OLD.case_handle",
    "candidate_keys": "OLD.case_handle",
}
# Which may be emptied, how it ends, and in which columns it stays.
EMPTIED = {
    "reads": (
        "CAST(OLD.number AS TEXT)",
        "NEW.asked IS NULL AND NEW.purpose = '' AND NEW.text_hash IS NULL",
        (
            "number at officer organisation role session action on_behalf_of how fields "
            "case_handle consultation method"
        ),
    ),
    "acts": (
        "OLD.key",
        "NEW.answer = '{{}}' AND NEW.content_hash = '" + "0" * 64 + "'",
        "key officer action at",
    ),
    "emergency_requests": (
        "OLD.handle",
        "NEW.reference = '†' AND NEW.reason = '†'",
        "handle case_handle officer organisation role session hours asked_at",
    ),
    "emergency_steps": (
        "OLD.request || '/' || OLD.kind",
        "NEW.sentence = ''",
        "request kind officer on_behalf_of organisation role session method at until",
    ),
}
# PostgreSQL's planner keeps samples of these in a table that no owner of tables can clean.
NO_SAMPLES = {
    "cases": "name name_folded name_sort born target position recorded missing",
    "consultations": "draft_reasons draft_conditions draft_evidence",
    "opinions": "reasons conditions evidence",
    "proposals": "reasons",
    "conclusions": "reasons document",
    "acts": "answer content_hash",
    "reads": "asked purpose",
    "emergency_requests": "reference reason",
    "emergency_steps": "sentence",
    "submissions": "letter_number file_name file_hash not_kept",
    "waiting_lists": "file_name file_hash taken",
}


def upgrade() -> None:
    """Take the step."""
    connection = op.get_bind()
    op.create_table(
        "retention_schedules",
        sa.Column("code", CODE, nullable=False),
        sa.Column("name_vi", sa.Text(), nullable=False),
        sa.Column("name_en", sa.Text(), nullable=False),
        sa.Column("case_types", sa.Text(), nullable=False),
        sa.Column("years", sa.Integer(), nullable=True),
        sa.Column("basis", sa.Text(), nullable=False),
        sa.Column("source", sa.Text(), nullable=False),
        sa.Column("entered_at", MOMENT, nullable=False),
        sa.CheckConstraint(
            "years IS NULL OR years BETWEEN 1 AND 200",
            name=op.f("ck_retention_schedules_years_known"),
        ),
        sa.CheckConstraint(
            "years IS NULL OR basis <> ''", name=op.f("ck_retention_schedules_by_a_rule")
        ),
        sa.PrimaryKeyConstraint("code", name=op.f("pk_retention_schedules")),
    )
    op.create_table(
        "disposals",
        sa.Column("case_handle", HANDLE, nullable=False),
        sa.Column("reference", WORD, nullable=False),
        sa.Column("case_type", WORD, nullable=False),
        sa.Column("unit", CODE, nullable=False),
        sa.Column("record_class", CODE, nullable=False),
        sa.Column("years", sa.Integer(), nullable=False),
        sa.Column("basis", sa.Text(), nullable=False),
        sa.Column("over_on", DAY, nullable=False),
        sa.Column("runs_out_on", DAY, nullable=False),
        sa.Column("plan", HASH, nullable=False),
        sa.Column("items", sa.Integer(), nullable=False),
        sa.Column("asked_by", HANDLE, nullable=False),
        sa.Column("asked_at", MOMENT, nullable=False),
        sa.Column("approved_by", HANDLE, nullable=False),
        sa.Column("approved_at", MOMENT, nullable=False),
        sa.Column("entry", sa.Integer(), nullable=False),
        sa.Column("salt", sa.Text(), nullable=False),
        sa.Column("content", sa.Text(), nullable=False),
        sa.Column("erased_at", MOMENT, nullable=True),
        sa.Column("remains", HASH, nullable=True),
        sa.CheckConstraint("asked_by <> approved_by", name=op.f("ck_disposals_two_people")),
        sa.CheckConstraint(
            "(erased_at IS NULL) = (remains IS NULL)", name=op.f("ck_disposals_told_what_remains")
        ),
        sa.ForeignKeyConstraint(
            ["approved_by"], ["officers.handle"], name=op.f("fk_disposals_approved_by")
        ),
        sa.ForeignKeyConstraint(
            ["asked_by"], ["officers.handle"], name=op.f("fk_disposals_asked_by")
        ),
        sa.ForeignKeyConstraint(
            ["case_handle"], ["cases.handle"], name=op.f("fk_disposals_case_handle")
        ),
        sa.ForeignKeyConstraint(["unit"], ["organisations.code"], name=op.f("fk_disposals_unit")),
        sa.PrimaryKeyConstraint("case_handle", "entry", name=op.f("pk_disposals")),
    )
    op.create_index("ix_disposals_approved_at", "disposals", ["approved_at"], unique=False)
    waiting = sa.text("erased_at IS NULL")
    op.create_index(
        "ix_disposals_waiting",
        "disposals",
        ["case_handle"],
        unique=False,
        sqlite_where=waiting,
        postgresql_where=waiting,
    )
    erased = sa.text("erased_at IS NOT NULL")
    op.create_index(
        "uq_disposals_once",
        "disposals",
        ["case_handle"],
        unique=True,
        sqlite_where=erased,
        postgresql_where=erased,
    )
    op.create_table(
        "disposal_items",
        sa.Column("case_handle", HANDLE, nullable=False),
        sa.Column("item", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(
            ["case_handle"],
            ["cases.handle"],
            name=op.f("fk_disposal_items_case_handle"),
        ),
        sa.PrimaryKeyConstraint("case_handle", "item", name=op.f("pk_disposal_items")),
    )
    op.create_index("ix_disposal_items_item", "disposal_items", ["item"], unique=False)
    op.add_column("cases", sa.Column("record_class", CODE, nullable=True))
    op.add_column("cases", sa.Column("holds", sa.Text(), nullable=False, server_default="[]"))
    op.add_column("cases", sa.Column("disposal", HASH, nullable=True))
    op.add_column("cases", sa.Column("disposal_by", HANDLE, nullable=True))
    enforce_no_more(connection, BEFORE)
    enforce(connection, RULES)
    never_change(connection, "disposals", SAME_DISPOSAL, ("DELETE",))
    never_change(connection, "disposal_items", SAME_ITEM)
    for table, key in GOES.items():
        only_as_listed(connection, table, key, "DELETE")
    for table, (key, emptied, columns) in EMPTIED.items():
        only_as_listed(connection, table, key, "UPDATE", emptied, columns.split())
    if connection.dialect.name == "postgresql":
        _take_samples(connection, 0)
        _forget_samples(connection)


def _take_samples(connection: sa.Connection, size: int) -> None:
    """Say how large a sample is taken of what is about a candidate; -1 is as of any column."""
    for table, columns in NO_SAMPLES.items():
        for name in columns.split():
            connection.exec_driver_sql(
                f"ALTER TABLE {table} ALTER COLUMN {name} SET STATISTICS {size}"
            )


def _forget_samples(connection: sa.Connection) -> None:
    """Let go of the samples that were taken: they go where a column is given a type."""
    for table, columns in NO_SAMPLES.items():
        types = {one["name"]: one["type"] for one in sa.inspect(connection).get_columns(table)}
        for name in columns.split():
            kind = types[name].compile(connection.dialect)
            connection.exec_driver_sql(f"ALTER TABLE {table} ALTER COLUMN {name} TYPE {kind}")


def downgrade() -> None:
    """Take the step back."""
    connection = op.get_bind()
    if connection.dialect.name == "postgresql":
        _take_samples(connection, -1)
    for table in EMPTIED:
        never_again(connection, table, "UPDATE")
    for table in GOES:
        never_again(connection, table, "DELETE")
    change_again(connection, "disposal_items", SAME_ITEM)
    change_again(connection, "disposals", SAME_DISPOSAL, ("DELETE",))
    enforce_no_more(connection, ADDED)
    enforce_no_more(connection, CHANGED)
    enforce(connection, BEFORE)
    for name in ("disposal_by", "disposal", "holds", "record_class"):
        op.drop_column("cases", name)
    op.drop_table("disposal_items")
    op.drop_table("disposals")
    op.drop_table("retention_schedules")
