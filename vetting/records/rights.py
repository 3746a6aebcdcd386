"""Rights: what each role of the database may do with each table. One table says it for all.

On PostgreSQL four roles share the work. The owner has the tables and brings them up to date; the
application owns nothing and serves; the sequencer brings entries into the log; the auditor reads.
`records/database_roles.py` writes what stands here into a database, and compares it at every start.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum


class DatabaseRole(StrEnum):
    """In which role of the database something is done."""

    OWNER = "owner"
    APPLICATION = "application"
    AUDITOR = "auditor"
    SEQUENCER = "sequencer"


@dataclass(frozen=True)
class Rights:
    """What the application may do with a table, and what others may."""

    insert: bool = False
    update: tuple[str, ...] = ()  # these columns and no others
    delete: bool = False
    secret: tuple[str, ...] = ()  # columns that no auditor reads
    sequencer: Mapping[str, tuple[str, ...]] | None = None  # a deed: columns, or the whole table


def _added_to(*update: str, secret: tuple[str, ...] = ()) -> Rights:
    """Rows are added; only these columns of a row are ever changed, and no row goes away."""
    return Rights(insert=True, update=update, secret=secret)


def _passing(*update: str, secret: tuple[str, ...] = ()) -> Rights:
    """Rows come, and go again when they have had their use."""
    return Rights(insert=True, update=update, delete=True, secret=secret)


READ_ONLY = Rights()  # written by the owner: the registers
KEPT = _added_to()  # nothing of it is ever changed
_LOGGED = Rights(sequencer={"SELECT": (), "INSERT": ()})  # written by the sequencer alone

RIGHTS: Mapping[str, Rights] = {
    # the registers
    "authority_rules": READ_ONLY,
    "key_changes": READ_ONLY,
    "legal_bases": READ_ONLY,
    "organisation_kinds": READ_ONLY,
    "organisations": READ_ONLY,
    "regulation_bodies": READ_ONLY,
    "regulations": READ_ONLY,
    "replacements": READ_ONLY,
    "retention_schedules": READ_ONLY,
    "successions": READ_ONLY,
    # the history, and what was signed, concluded, read and asked
    "acts": KEPT,
    "amendments": KEPT,
    "calendar_changes": KEPT,
    "calendar_days": KEPT,
    "calendars": KEPT,  # a body's; the province's goes on to later years by its owner
    "candidate_keys": KEPT,  # wrapped anew by the owner
    "conclusions": KEPT,
    "disposal_items": READ_ONLY,  # by the owner, who alone destroys
    "disposals": KEPT,  # that it was done is written by the owner
    "emergency_requests": KEPT,
    "emergency_steps": KEPT,
    "extensions": KEPT,
    "given_packages": KEPT,
    "entries": Rights(insert=True, sequencer={"SELECT": ("case_handle", "number", "seal")}),
    "letters": KEPT,
    "opinions": KEPT,
    "outbox": KEPT,
    "participations": KEPT,
    "payloads": KEPT,
    "read_alarms": KEPT,
    "reads": KEPT,
    "recusals": KEPT,
    "report_figures": KEPT,
    "report_runs": KEPT,
    "reports": KEPT,
    "rounds": KEPT,
    "sign_offs": KEPT,
    "submission_rows": KEPT,
    "submissions": KEPT,
    # the log, of which a later start has to find every line
    "checkpoints": _LOGGED,
    "cosignatures": _LOGGED,
    "log": _LOGGED,
    "log_nodes": _LOGGED,
    "gaps": Rights(
        insert=True,
        update=("confirmed_at", "confirmed_by"),
        sequencer={"SELECT": ()},
    ),
    # where each case stands, which follows from the history
    "cases": Rights(
        insert=True,
        update=(
            "admission",
            "amended",
            "authority",
            "before_authority",
            "born",
            "case_type",
            "changed_at",
            "conflicts_waiting",
            "definition_version",
            "disposal",
            "disposal_by",
            "entry_count",
            "filed_at",
            "holds",
            "last_seal",
            "level",
            "management_level",
            "missing",
            "name",
            "name_folded",
            "name_sort",
            "named",
            "open_questions",
            "open_requests",
            "outcome",
            "owing",
            "position",
            "proposed_by",
            "proposed_for",
            "proposed_outcome",
            "question_sets",
            "record_class",
            "recorded",
            "recused",
            "reference",
            "regulation",
            "requests",
            "round",
            "since",
            "state",
            "stood_in",
            "submission",
            "target",
            "turn",
            "unit",
        ),
        sequencer={
            "SELECT": ("entry_count", "handle", "sequenced"),
            "UPDATE": ("sequenced",),
        },
    ),
    "consultations": _added_to(
        "amended",
        "amendment",
        "clarify",
        "countersigned_by",
        "countersigned_for",
        "draft_by",
        "draft_conditions",
        "draft_evidence",
        "draft_for",
        "draft_hash",
        "draft_reasons",
        "draft_verdict",
        "due_on",
        "due_order",
        "first_due_on",
        "letter",
        "longer",
        "need",
        "officer",
        "received_at",
        "signed_at",
        "state",
        "time_by",
        "time_days",
        "time_for",
        "time_until",
        "verdict",
        "version",
    ),
    "counters": _added_to("last"),
    "named_readers": _passing(),
    "proposals": _added_to("submitted_at", "submitted_by", "submitted_for"),
    "restrictions": _passing("level", "named_only"),
    "seen_cases": KEPT,
    "seen_counts": _added_to("organisation", "seen"),
    "tallies": _added_to("waiting"),
    "waiting_lists": _passing(),
    # who was told, and what the system does by itself
    "jobs": _added_to("attempts", "dead_at", "done_at", "due_at", "error", "lease", "leased_until"),
    "notice_steps": KEPT,
    "mails": KEPT,
    "mail_notices": KEPT,
    "mail_steps": KEPT,
    "muted_notices": _passing(),
    "set_aside": _passing("at", "until"),
    "recipients": _added_to("by_mail", "opened_at"),
    "reconciliations": KEPT,
    # the officers, what they are entrusted with, and how they come in
    "absences": _added_to("ended_at", "ended_by", "seen_at"),
    "authenticators": _passing("last_step", secret=("secret",)),
    "directory_answers": _passing(secret=("state",)),
    "directory_identities": _passing("login"),
    "factor_resets": KEPT,
    "failed_logins": _passing(),
    "half_sign_ins": _passing("tries", secret=("token_hash",)),
    "login_sessions": _added_to(
        "address",
        "device",
        "ended_at",
        "method",
        "proved_at",
        "proved_with",
        "seen_at",
        "token_hash",
        secret=("token_hash",),
    ),
    "officer_changes": KEPT,
    "officers": _added_to(
        "disabled_at",
        "language",
        "login",
        "mail_address",
        "name",
        "password_given_at",
        "password_hash",
        "sort_key",
        secret=("password_hash",),
    ),
    "passkey_questions": _passing(secret=("place", "question")),
    "passkeys": _passing("sign_count"),
    "recovery_codes": _passing("used_at", secret=("code_hash",)),
    "role_answers": KEPT,
    "role_changes": KEPT,
    "role_proposals": KEPT,
    "role_assignments": _added_to("clearance", "valid_to"),
    "session_links": KEPT,
    "substitutions": _added_to("revoked_at", "revoked_by"),
    # at which migration the tables stand
    "alembic_version": Rights(sequencer={"SELECT": ()}),
}

Grant = tuple[DatabaseRole, str, str, str]  # role, table, deed, column; no column: the whole table


def grants(columns: Mapping[str, list[str]]) -> Iterator[Grant]:
    """Yield every right that a role has, given the columns of each table."""
    for table, rights in RIGHTS.items():
        yield DatabaseRole.APPLICATION, table, "SELECT", ""
        if rights.insert:
            yield DatabaseRole.APPLICATION, table, "INSERT", ""
        if rights.delete:
            yield DatabaseRole.APPLICATION, table, "DELETE", ""
        for column in rights.update:
            yield DatabaseRole.APPLICATION, table, "UPDATE", column
        open_to_auditors = [name for name in columns[table] if name not in rights.secret]
        for column in open_to_auditors if rights.secret else [""]:
            yield DatabaseRole.AUDITOR, table, "SELECT", column
        for deed, of in (rights.sequencer or {}).items():
            for column in of or ("",):
                yield DatabaseRole.SEQUENCER, table, deed, column
