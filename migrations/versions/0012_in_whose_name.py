"""In whose name: what a substitute does keeps both names, and sessions say for whom they are."""

import sqlalchemy as sa
from alembic import op

revision = "0012"
down_revision = "0011"

HANDLE = sa.String(length=22)
WORD = sa.String(length=40)
# Whoever was away, in whose name something was done.
NAMES = (
    ("cases", "proposed_for"),
    ("consultations", "draft_for"),
    ("opinions", "drafted_for"),
    ("opinions", "signed_for"),
    ("sign_offs", "on_behalf_of"),
    ("proposals", "proposed_for"),
    ("proposals", "submitted_for"),
    ("conclusions", "recorded_for"),
)
SESSION = (("on_behalf_of", HANDLE), ("form", WORD), ("own_role", WORD), ("case_types", sa.Text()))


def upgrade() -> None:
    """Take the step."""
    for table, column in NAMES:
        op.add_column(table, sa.Column(column, HANDLE, nullable=True))
    op.add_column(
        "consultations",
        sa.Column("countersigned_for", sa.Text(), server_default="[]", nullable=False),
    )
    # Added one by one: to make the table anew would lose the triggers on it.
    for column, kind in SESSION:
        op.add_column("login_sessions", sa.Column(column, kind, nullable=True))
    op.create_table(
        "session_links",
        sa.Column("session", HANDLE, nullable=False),
        sa.Column("substitution", HANDLE, nullable=False),
        sa.ForeignKeyConstraint(
            ["session"], ["login_sessions.mark"], name=op.f("fk_session_links_session")
        ),
        sa.ForeignKeyConstraint(
            ["substitution"], ["substitutions.handle"], name=op.f("fk_session_links_substitution")
        ),
        sa.PrimaryKeyConstraint("session", "substitution", name=op.f("pk_session_links")),
    )


def downgrade() -> None:
    """Take the step back."""
    op.drop_table("session_links")
    for column, _ in reversed(SESSION):
        op.drop_column("login_sessions", column)
    op.drop_column("consultations", "countersigned_for")
    for table, column in reversed(NAMES):
        op.drop_column(table, column)
