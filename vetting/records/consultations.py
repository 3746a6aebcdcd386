"""Consultations: one body asked about one case, and the opinion that came of it."""

import json
from dataclasses import asdict
from functools import cache
from typing import Any

from sqlalchemy import (
    CheckConstraint,
    Column,
    Connection,
    Index,
    Integer,
    PrimaryKeyConstraint,
    Table,
    Text,
    UniqueConstraint,
    bindparam,
    literal_column,
    or_,
    select,
    text,
)

from vetting.engine.casefile import Amendment, Consultation, Draft
from vetting.engine.vocabulary import AmendmentKind, Ground, Need, Verdict
from vetting.records.base import (
    CODE,
    DAY,
    HANDLE,
    HASH,
    METADATA,
    MOMENT,
    WORD,
    handle,
    optional,
    reference,
    required,
)
from vetting.records.database import Row, Statement

OPEN_STATES = ("asked", "received", "drafting", "ready")
_OPEN = text("state IN ('asked','received','drafting','ready')")
_READY = text("state = 'ready'")

consultations = Table(
    "consultations",
    METADATA,
    handle(primary_key=True),
    reference("case_handle", "cases.handle"),
    reference("body", "organisations.code", CODE),
    Column("turn", Integer, nullable=False),
    required("need", WORD),
    required("state", WORD),
    Column("version", Integer, nullable=False),
    reference("officer", "officers.handle", nullable=True),
    reference("letter", "letters.handle", nullable=True),
    optional("due_on", DAY),
    Column("due_order", DAY, nullable=False),  # the due date, or the end of time without one
    required("asked_at", MOMENT),
    optional("received_at", MOMENT),
    optional("signed_at", MOMENT),
    optional("verdict", WORD),
    optional("draft_verdict", WORD),
    optional("draft_reasons"),
    Column("draft_conditions", Text, nullable=False),
    Column("draft_evidence", Text, nullable=False),
    optional("draft_by", HANDLE),
    optional("draft_for", HANDLE),  # whoever was away, in whose name it was drafted
    optional("draft_hash", HASH),
    Column("countersigned_by", Text, nullable=False),
    Column("countersigned_for", Text, nullable=False, server_default="[]"),
    optional("amended", WORD),  # what became last of the signed opinion
    optional("amendment"),  # drawn up, not signed yet
    # More time: the day that was set first, what came after it, and what is asked for now.
    optional("first_due_on", DAY),
    Column("longer", Text, nullable=False, server_default="[]"),
    optional("time_until", DAY),
    Column("time_days", Integer, nullable=True),
    optional("time_by", HANDLE),
    optional("time_for", HANDLE),
    Column("clarify", Integer, nullable=True),  # the entry that asks for it, until it is answered
    UniqueConstraint("case_handle", "body", "turn"),
    CheckConstraint("(state = 'signed') = (verdict IS NOT NULL)", "signed_has_verdict"),
    CheckConstraint("state <> 'ready' OR draft_hash IS NOT NULL", "ready_has_draft"),
)
# What waits at a body, oldest due first; only what is open is in it.
Index(
    "ix_consultations_inbox",
    consultations.c.body,
    consultations.c.due_order,
    consultations.c.asked_at,
    consultations.c.handle,
    sqlite_where=_OPEN,
    postgresql_where=_OPEN,
)
# The same for one officer, and for what nobody has yet.
Index(
    "ix_consultations_holder",
    consultations.c.body,
    consultations.c.officer,
    consultations.c.due_order,
    consultations.c.asked_at,
    consultations.c.handle,
    sqlite_where=_OPEN,
    postgresql_where=_OPEN,
)
# What waits for a signature there.
Index(
    "ix_consultations_ready",
    consultations.c.body,
    consultations.c.due_order,
    consultations.c.asked_at,
    consultations.c.handle,
    sqlite_where=_READY,
    postgresql_where=_READY,
)
# What is due by a day, at whatever body.
Index(
    "ix_consultations_due",
    consultations.c.due_order,
    consultations.c.handle,
    sqlite_where=_OPEN,
    postgresql_where=_OPEN,
)
Index("ix_consultations_body_signed", consultations.c.body, consultations.c.signed_at)
Index("ix_consultations_letter", consultations.c.letter)
# What bodies ask the Board beside their answers.
_ASKS = text("time_until IS NOT NULL OR clarify IS NOT NULL")
Index(
    "ix_consultations_asking",
    consultations.c.case_handle,
    sqlite_where=_ASKS,
    postgresql_where=_ASKS,
)
# One live question a body and case.
Index(
    "uq_consultations_one_live",
    consultations.c.case_handle,
    consultations.c.body,
    unique=True,
    sqlite_where=_OPEN,
    postgresql_where=_OPEN,
)

# Every day by which an answer was due after the one that was set first, and never changed.
extensions = Table(
    "extensions",
    METADATA,
    required("consultation", HANDLE),
    Column("entry", Integer, nullable=False),
    reference("case_handle", "cases.handle"),
    reference("body", "organisations.code", CODE),
    required("due_on", DAY),  # before
    required("until", DAY),  # from then on
    PrimaryKeyConstraint("consultation", "entry"),
)
Index("ix_extensions_case", extensions.c.case_handle)

opinions = Table(
    "opinions",
    METADATA,
    Column("consultation", HANDLE, primary_key=True),
    reference("case_handle", "cases.handle"),
    reference("body", "organisations.code", CODE),
    Column("turn", Integer, nullable=False),
    required("body_name"),  # as it was called on the day
    required("verdict", WORD),
    required("reasons"),
    Column("conditions", Text, nullable=False),
    Column("evidence", Text, nullable=False),
    required("hash", HASH),
    reference("drafted_by", "officers.handle"),
    optional("drafted_for", HANDLE),  # whoever was away, in whose name it was done
    reference("signed_by", "officers.handle"),
    optional("signed_for", HANDLE),
    required("signed_at", MOMENT),
    UniqueConstraint("case_handle", "body", "turn"),
    CheckConstraint("drafted_by <> signed_by", "drafter_never_signs"),
    CheckConstraint(
        "verdict IN ('no_objection','conditions','objection','no_information')", "known_verdict"
    ),
)

sign_offs = Table(
    "sign_offs",
    METADATA,
    required("consultation", HANDLE),
    reference("officer", "officers.handle"),
    optional("on_behalf_of", HANDLE),
    required("kind", WORD),  # countersign or sign
    reference("organisation", "organisations.code", CODE),
    required("role", WORD),
    required("hash", HASH),
    required("session", HANDLE),
    required("method", WORD),
    required("at", MOMENT),
    # The same name again under the same text counts only after it was sent back.
    PrimaryKeyConstraint("consultation", "officer", "hash", "at"),
    CheckConstraint("kind IN ('countersign','sign')", "known_kind"),
)
Index(
    "uq_sign_offs_one_signature",
    sign_offs.c.consultation,
    unique=True,
    sqlite_where=text("kind = 'sign'"),
    postgresql_where=text("kind = 'sign'"),
)

NEVER = "9999-12-31"

# Said in the very words of the partial indexes, which are used for no others.
IS_OPEN = consultations.c.state.in_([literal_column(f"'{state}'") for state in OPEN_STATES])
IS_ASKING = or_(consultations.c.time_until.is_not(None), consultations.c.clarify.is_not(None))
UNFINISHED = ("asked", "received", "drafting")  # whoever holds it has still to do something
IS_READY = consultations.c.state == literal_column("'ready'")


def row_of(consultation: Consultation, case_handle: str) -> dict[str, Any]:
    """Return the columns that follow from *consultation*."""
    draft = consultation.draft
    return {
        "handle": consultation.handle,
        "case_handle": case_handle,
        "body": consultation.body,
        "turn": consultation.turn,
        "need": consultation.need.value,
        "state": consultation.state,
        "version": consultation.version,
        "officer": consultation.officer,
        "letter": consultation.letter,
        "due_on": consultation.due_on,
        "due_order": consultation.due_on or NEVER,
        "verdict": consultation.verdict.value if consultation.verdict else None,
        "draft_verdict": draft.verdict.value if draft else None,
        "draft_reasons": draft.reasons if draft else None,
        "draft_conditions": texts(draft.conditions if draft else ()),
        "draft_evidence": texts(draft.evidence if draft else ()),
        "draft_by": draft.by if draft else None,
        "draft_for": draft.on_behalf_of if draft else None,
        "draft_hash": draft.hash if draft else None,
        "countersigned_by": texts(consultation.countersigned_by),
        "countersigned_for": texts(consultation.countersigned_for),
        "amended": consultation.amended.value if consultation.amended else None,
        "amendment": _written(consultation.amendment) if consultation.amendment else None,
        "first_due_on": consultation.first_due_on,
        "longer": texts(consultation.longer),
        "time_until": consultation.time_until,
        "time_days": consultation.time_days,
        "time_by": consultation.time_by,
        "time_for": consultation.time_for,
        "clarify": consultation.clarify,
    }


# An inbox of rows asks for these thousands of times.
_VERDICTS = {verdict.value: verdict for verdict in Verdict}
_NEEDS = {need.value: need for need in Need}


def consultation_of(row: Row) -> Consultation:
    """Return the consultation that a row keeps."""
    draft = None
    if row["draft_hash"] is not None:
        draft = Draft(
            verdict=_VERDICTS[row["draft_verdict"]],
            reasons=row["draft_reasons"],
            conditions=read_texts(row["draft_conditions"]),
            evidence=read_texts(row["draft_evidence"]),
            by=row["draft_by"],
            hash=row["draft_hash"],
            on_behalf_of=row["draft_for"],
        )
    return Consultation(
        handle=row["handle"],
        body=row["body"],
        turn=row["turn"],
        need=_NEEDS[row["need"]],
        state=row["state"],
        version=row["version"],
        officer=row["officer"],
        draft=draft,
        countersigned_by=read_texts(row["countersigned_by"]),
        countersigned_for=read_texts(row["countersigned_for"]),
        verdict=_VERDICTS[row["verdict"]] if row["verdict"] else None,
        letter=row["letter"],
        due_on=row["due_on"],
        amended=AmendmentKind(row["amended"]) if row["amended"] else None,
        amendment=_read(row["amendment"]) if row["amendment"] else None,
        first_due_on=row["first_due_on"],
        longer=read_texts(row["longer"]),
        time_until=row["time_until"],
        time_days=row["time_days"],
        time_by=row["time_by"],
        time_for=row["time_for"],
        clarify=row["clarify"],
    )


def _written(amendment: Amendment) -> str:
    told = asdict(amendment)
    for name in ("countersigned_by", "countersigned_for"):
        if not told[name]:  # what was kept before there was such a thing is the same as now
            del told[name]
    return json.dumps(told, ensure_ascii=False, sort_keys=True)


def _read(written: str) -> Amendment:
    told = json.loads(written)
    told |= {
        "kind": AmendmentKind(told["kind"]),
        "ground": Ground(told["ground"]),
        "verdict": Verdict(told["verdict"]) if told["verdict"] else None,
        "conditions": tuple(told["conditions"]),
        "evidence": tuple(told["evidence"]),
        "countersigned_by": tuple(told.get("countersigned_by", ())),
        "countersigned_for": tuple(told.get("countersigned_for", ())),
    }
    return Amendment(**told)


def texts(values: tuple[str, ...]) -> str:
    """Write a list of texts into one column."""
    return json.dumps(values, ensure_ascii=False) if values else "[]"


def read_texts(written: str) -> tuple[str, ...]:
    """Read a list of texts out of one column."""
    return tuple(json.loads(written)) if written != "[]" else ()


_ALL = [column.name for column in consultations.c]
INSERT = Statement(consultations.insert().values({name: bindparam(name) for name in _ALL}))


@cache
def update_of(names: tuple[str, ...]) -> Statement:
    """Return what writes these columns, and leaves alone what stays as it is."""
    return Statement(
        consultations.update()
        .where(consultations.c.handle == bindparam("handle_"))
        .values({name: bindparam(name) for name in names})
    )


_of_case = (
    consultations.select()
    .where(consultations.c.case_handle == bindparam("case_handle"))
    .order_by(consultations.c.turn, consultations.c.asked_at, consultations.c.body)
)
OF_CASE = Statement(_of_case)
OF_CASE_AND_BODY = Statement(_of_case.where(consultations.c.body == bindparam("body")))
INSERT_OPINION = Statement(
    opinions.insert().values({column.name: bindparam(column.name) for column in opinions.c})
)
INSERT_EXTENSION = Statement(
    extensions.insert().values({column.name: bindparam(column.name) for column in extensions.c})
)
INSERT_SIGN_OFF = Statement(
    sign_offs.insert().values({column.name: bindparam(column.name) for column in sign_offs.c})
)


def drafts_in_hand(connection: Connection, officer: str, body: str | None = None) -> frozenset[str]:
    """Return the unfinished questions that an officer drafted an answer to, perhaps at one body."""
    c = consultations.c
    wanted = [c.state.in_(UNFINISHED), or_(c.draft_by == officer, c.draft_for == officer)]
    if body is not None:
        wanted.append(c.body == body)
    return frozenset(connection.scalars(select(c.handle).where(*wanted)))


def cases_in_hand(connection: Connection, officer: str, body: str | None) -> list[str]:
    """Return the cases of which an officer holds an open question or draft, perhaps at one body."""
    c = consultations.c
    wanted = [
        c.state.in_(UNFINISHED),
        or_(c.officer == officer, c.draft_by == officer, c.draft_for == officer),
    ]
    if body is not None:
        wanted.append(c.body == body)
    return list(connection.scalars(select(c.case_handle).where(*wanted).distinct()))
