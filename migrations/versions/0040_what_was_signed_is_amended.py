"""What was signed is corrected, annulled or revoked by something that is signed as well."""

import sqlalchemy as sa
from alembic import op

from vetting.records.triggers import (
    Rule,
    change_again,
    enforce,
    enforce_no_more,
    never_again,
    never_change,
    only_as_listed,
)

revision = "0040"
down_revision = "0039"

HANDLE, CODE, WORD, MOMENT, DAY, HASH = (sa.String(length=n) for n in (22, 64, 40, 27, 10, 64))
SAME = (
    "case_handle = NEW.case_handle AND entry = NEW.entry",
    "case_handle = NEW.case_handle AND amends = NEW.amends",
)
KEY = "OLD.case_handle || '/' || CAST(OLD.entry AS TEXT)"
CHECKS = {
    "of_an_earlier_entry": "amends < entry",
    "known_kind": "kind IN ('correction','annulment','revocation')",
    "known_ground": "ground IN ('own','review')",
    "reasoned": "reason <> '' AND basis <> ''",
    "opinions_are_drafted": (
        "(consultation IS NULL) = (drafted_by IS NULL) AND (consultation IS NULL) = (hash IS NULL)"
    ),
    "drafter_never_signs": "drafted_by IS NULL OR drafted_by <> signed_by",
    "only_a_correction_puts_something_there": (
        "(kind = 'correction') = (reasons IS NOT NULL) AND (kind = 'correction' "
        "AND consultation IS NULL) = (outcome IS NOT NULL) AND (kind = 'correction' "
        "AND consultation IS NOT NULL) = (verdict IS NOT NULL)"
    ),
}


def _any_of(*columns: str) -> str:
    """Return the clause that somebody whose name is under it is one of those named in a row."""
    names = ", ".join(
        f"COALESCE(NEW.{name}, NEW.signed_by)"
        for name in ("signed_by", "signed_for", "drafted_by", "drafted_for")
    )
    return " OR ".join(f"{column} IN ({names})" for column in columns)


_EARLIER = (
    "SELECT 1 FROM {in_}amendments a WHERE a.case_handle = NEW.case_handle "
    "AND a.consultation IS NOT DISTINCT FROM NEW.consultation AND "
)
RULES = (
    Rule(
        "amendments",
        "by_whose_it_is",
        "INSERT",
        "EXISTS (SELECT 1 FROM {in_}participations p WHERE p.case_handle = NEW.case_handle "
        "AND p.officer = NEW.signed_by AND p.organisation = NEW.organisation "
        "AND p.hat = CASE WHEN NEW.consultation IS NULL THEN 'conclude' ELSE 'opine' END) "
        "AND (NEW.consultation IS NULL AND EXISTS (SELECT 1 FROM {in_}conclusions k "
        "WHERE k.case_handle = NEW.case_handle AND k.authority = NEW.organisation) "
        "OR EXISTS (SELECT 1 FROM {in_}opinions o WHERE o.consultation = NEW.consultation "
        "AND o.case_handle = NEW.case_handle AND o.body = NEW.organisation))",
    ),
    Rule(
        "amendments",
        "of_what_stands",
        "INSERT",
        f"NOT EXISTS ({_EARLIER}(a.kind <> 'correction' OR a.entry > NEW.amends))",
    ),
    Rule(
        "amendments",
        "reviewed_by_others",
        "INSERT",
        f"NOT EXISTS ({_EARLIER}({_any_of('a.drafted_by', 'a.signed_by', 'a.signed_for')})) "  # noqa: S608  # our own names only
        "AND NOT EXISTS (SELECT 1 FROM {in_}conclusions k "
        "WHERE NEW.consultation IS NULL AND k.case_handle = NEW.case_handle "
        f"AND ({_any_of('k.recorded_by', 'k.recorded_for')})) "
        "AND NOT EXISTS (SELECT 1 FROM {in_}opinions o WHERE o.consultation = NEW.consultation "
        f"AND ({_any_of('o.drafted_by', 'o.drafted_for', 'o.signed_by', 'o.signed_for')}))",
        when="NEW.ground = 'review'",
    ),
)


def upgrade() -> None:
    """Take the step."""
    connection = op.get_bind()
    op.create_table(
        "amendments",
        sa.Column("case_handle", HANDLE, nullable=False),
        sa.Column("entry", sa.Integer(), nullable=False),
        sa.Column("amends", sa.Integer(), nullable=False),
        sa.Column("consultation", HANDLE, nullable=True),
        sa.Column("kind", WORD, nullable=False),
        sa.Column("ground", WORD, nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("basis", sa.Text(), nullable=False),
        sa.Column("decided_on", DAY, nullable=False),
        sa.Column("effective_on", DAY, nullable=False),
        sa.Column("document", sa.Text(), nullable=True),
        sa.Column("outcome", WORD, nullable=True),
        sa.Column("verdict", WORD, nullable=True),
        sa.Column("reasons", sa.Text(), nullable=True),
        sa.Column("conditions", sa.Text(), nullable=False),
        sa.Column("evidence", sa.Text(), nullable=False),
        sa.Column("votes_for", sa.Integer(), nullable=True),
        sa.Column("votes_against", sa.Integer(), nullable=True),
        sa.Column("votes_abstained", sa.Integer(), nullable=True),
        sa.Column("hash", HASH, nullable=True),
        sa.Column("body_name", sa.Text(), nullable=True),
        sa.Column("drafted_by", HANDLE, nullable=True),
        sa.Column("drafted_for", HANDLE, nullable=True),
        sa.Column("signed_by", HANDLE, nullable=False),
        sa.Column("signed_for", HANDLE, nullable=True),
        sa.Column("organisation", CODE, nullable=False),
        sa.Column("signed_at", MOMENT, nullable=False),
        *(
            sa.CheckConstraint(said, name=op.f(f"ck_amendments_{name}"))
            for name, said in CHECKS.items()
        ),
        sa.ForeignKeyConstraint(
            ["case_handle"], ["cases.handle"], name=op.f("fk_amendments_case_handle")
        ),
        sa.ForeignKeyConstraint(
            ["case_handle", "entry"],
            ["entries.case_handle", "entries.number"],
            name=op.f("fk_amendments_case_handle_entry"),
        ),
        sa.ForeignKeyConstraint(
            ["drafted_by"], ["officers.handle"], name=op.f("fk_amendments_drafted_by")
        ),
        sa.ForeignKeyConstraint(
            ["signed_by"], ["officers.handle"], name=op.f("fk_amendments_signed_by")
        ),
        sa.ForeignKeyConstraint(
            ["organisation"], ["organisations.code"], name=op.f("fk_amendments_organisation")
        ),
        sa.PrimaryKeyConstraint("case_handle", "entry", name=op.f("pk_amendments")),
        sa.UniqueConstraint("case_handle", "amends", name=op.f("uq_amendments_case_handle_amends")),
    )
    op.create_index("ix_amendments_consultation", "amendments", ["consultation"])
    op.add_column("cases", sa.Column("amended", WORD, nullable=True))
    op.add_column("consultations", sa.Column("amended", WORD, nullable=True))
    op.add_column("consultations", sa.Column("amendment", sa.Text(), nullable=True))
    never_change(connection, "amendments", SAME)
    only_as_listed(connection, "amendments", KEY, "DELETE")
    enforce(connection, RULES)
    if connection.dialect.name == "postgresql":
        # As in 0033: the planner takes no samples of words about a candidate.
        for table, names in {
            "amendments": ("reason", "document", "reasons", "conditions", "evidence"),
            "consultations": ("amendment",),
        }.items():
            for name in names:
                connection.exec_driver_sql(
                    f"ALTER TABLE {table} ALTER COLUMN {name} SET STATISTICS 0"
                )


def downgrade() -> None:
    """Take the step back."""
    connection = op.get_bind()
    enforce_no_more(connection, RULES)
    never_again(connection, "amendments", "DELETE")
    change_again(connection, "amendments", SAME)
    for table, name in (
        ("consultations", "amendment"),
        ("consultations", "amended"),
        ("cases", "amended"),
    ):
        op.drop_column(table, name)
    op.drop_table("amendments")
