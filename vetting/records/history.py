"""The history: entries, each sealed over the one before it in its case, added and never changed.

What an entry says is kept apart from the entry, committed to by a salted hash and sealed with the
candidate's key, so that lawful erasure takes the words and leaves the chain whole.
"""

import json
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import orjson
from sqlalchemy import (
    Column,
    Connection,
    ForeignKeyConstraint,
    Index,
    Integer,
    PrimaryKeyConstraint,
    Table,
    bindparam,
    select,
    text,
)

from vetting.engine.canonical import Json, canonical, is_composed
from vetting.engine.facts import (
    AboutConsultation,
    BodyLeftOut,
    ConflictDeclaredWaiting,
    ConflictTakenOver,
    Fact,
    OfficerRecused,
)
from vetting.engine.policy import CHANGES_NOTHING, Principal, Relation, sees_entry
from vetting.engine.seal import ALGORITHM, FIRST, commitment, seal, seal_of
from vetting.engine.sentences import Sentence, say
from vetting.records.base import (
    CODE,
    HANDLE,
    HASH,
    METADATA,
    MOMENT,
    WORD,
    optional,
    reference,
    required,
)
from vetting.records.candidate_keys import DataKey, Sealed
from vetting.records.database import Row, Statement
from vetting.records.standing import Purpose, on_purpose

entries = Table(
    "entries",
    METADATA,
    reference("case_handle", "cases.handle"),
    Column("number", Integer, nullable=False),
    required("verb", WORD),
    required("officer", HANDLE),
    required("organisation", CODE),
    required("role", WORD),
    optional("on_behalf_of", HANDLE),
    required("session", HANDLE),
    required("method", WORD),
    required("at", MOMENT),
    optional("body", CODE),  # the body it is about
    required("definition", WORD),
    required("payload_hash", HASH),
    required("algorithm", WORD),
    required("seal", HASH),
    PrimaryKeyConstraint("case_handle", "number"),
)
Index("ix_entries_officer_at", entries.c.officer, entries.c.at)
Index("ix_entries_verb_at", entries.c.verb, entries.c.at)
# What the search of all histories goes by, newest first.
Index("ix_entries_at", entries.c.at, entries.c.case_handle, entries.c.number)
Index("ix_entries_organisation_at", entries.c.organisation, entries.c.at)
# What was done in somebody's name: nobody supervises that either.
_FOR_SOMEBODY = text("on_behalf_of IS NOT NULL")
Index(
    "ix_entries_on_behalf_of",
    entries.c.on_behalf_of,
    entries.c.case_handle,
    sqlite_where=_FOR_SOMEBODY,
    postgresql_where=_FOR_SOMEBODY,
)
_OF_A_BODY = text("body IS NOT NULL")
Index(
    "ix_entries_body_at",
    entries.c.body,
    entries.c.at,
    sqlite_where=_OF_A_BODY,
    postgresql_where=_OF_A_BODY,
)

payloads = Table(
    "payloads",
    METADATA,
    Column("case_handle", HANDLE, nullable=False),
    Column("number", Integer, nullable=False),
    # Both under the key of the candidate: with the salt alone what is said could be guessed.
    Column("salt", Sealed("salt"), nullable=False),
    Column("content", Sealed("content"), nullable=False),
    PrimaryKeyConstraint("case_handle", "number"),
    ForeignKeyConstraint(["case_handle", "number"], ["entries.case_handle", "entries.number"]),
)

ABOUT_A_BODY = (
    AboutConsultation | BodyLeftOut | OfficerRecused | ConflictDeclaredWaiting | ConflictTakenOver
)
_SEALED = tuple(column.name for column in entries.c if column.name != "seal")
INSERT = Statement(
    entries.insert().values({column.name: bindparam(column.name) for column in entries.c})
)
INSERT_PAYLOAD = Statement(
    payloads.insert().values({column.name: bindparam(column.name) for column in payloads.c})
)


def sealed_columns() -> tuple[str, ...]:
    """Return the names of what the seal of an entry covers."""
    return _SEALED


def entry_of(  # noqa: PLR0913  # an entry says all of this
    fact: Fact,
    principal: Principal,
    *,
    case_handle: str,
    number: int,
    at: str,
    definition: str,
    salt: str,
    previous: str,
    key: DataKey,
) -> tuple[dict[str, Any], dict[str, Any]]:
    """Return the rows of an entry and of its payload."""
    content = canonical(fact.payload())
    row: dict[str, Any] = {
        "case_handle": case_handle,
        "number": number,
        "verb": fact.verb,
        "officer": principal.officer,
        "organisation": principal.organisation,
        "role": principal.role.value,
        "on_behalf_of": principal.on_behalf_of,
        "session": principal.session,
        "method": principal.method,
        "at": at,
        "body": fact.body if isinstance(fact, ABOUT_A_BODY) else None,
        "definition": definition,
        "payload_hash": commitment(salt, content),
        "algorithm": ALGORITHM,
    }
    row["seal"] = seal(previous, row)
    payload = {
        "case_handle": case_handle,
        "number": number,
        "salt": key.seal(number, "salt", salt),
        "content": key.seal(number, "content", content.decode()),
    }
    return row, payload


@dataclass(frozen=True)
class Broken:
    """The first place where a case's history does not hold."""

    case_handle: str
    number: int
    what: Sentence


@dataclass(frozen=True)
class Head:
    """What a case's row says about the end of its history."""

    handle: str
    entry_count: int
    last_seal: str


def check_chain(rows: Iterable[Row], head: Row) -> Broken | None:
    """Return where the history of one case is broken, or None if it holds.

    *rows* are its entries joined with their payloads, in order; *head* is the case's row.
    """
    return check_entries(
        ([row[name] for name in CHECKED] for row in rows),
        Head(head["handle"], head["entry_count"], head["last_seal"]),
    )


def check_entries(
    rows: Iterable[Sequence[Any]], head: Head, *, words: bool = True, forgotten: bool = False
) -> Broken | None:
    """Check a case's history; each row begins with the columns of `CHECKED`.

    Without the master key its *words* cannot be opened, and what they say is not checked. Where
    the case was disposed of they are *forgotten*, and have to be.
    """
    previous, number = FIRST, 0
    for row in rows:
        number += 1
        if row[_NUMBER] != number or row[_CASE] != head.handle:
            return Broken(head.handle, number, say("an entry is missing"))
        what = wrong_in(row, previous, words=words, forgotten=forgotten)
        if what is not None:
            return Broken(head.handle, number, what)
        previous = row[_SEAL]
    if number < head.entry_count:
        return Broken(head.handle, number + 1, say("the end of the history is missing"))
    if (number, previous) != (head.entry_count, head.last_seal):
        return Broken(head.handle, number, say("the case does not end with this entry"))
    return None


def wrong_in(
    row: Sequence[Any], previous: str, *, words: bool = True, forgotten: bool = False
) -> Sentence | None:
    """Say what was done to an entry since it was sealed, or None if nothing was."""
    entry = sealed_bytes(row)
    if entry is None or row[_SEAL] != seal_of(previous, entry):
        return say("the entry was changed")
    if forgotten:
        still = words and row[_CONTENT] is not None
        return say("what the entry says was to be forgotten, and is not") if still else None
    if row[_CONTENT] is None:
        return say("what the entry says is gone")
    if not words:
        return None
    try:
        committed = commitment(row[_SALT], row[_CONTENT].encode())
    except AttributeError:  # bytes, where text was written
        committed = None
    if row[_PAYLOAD_HASH] != committed:
        return say("what the entry says was changed")
    return None


def sealed_bytes(row: Sequence[Any]) -> bytes | None:
    """Return what the seal of an entry covers; None for values that were never written so.

    It is what `canonical` gives for the entry, put together at a fraction of the price.
    """
    values = row[:_SEAL]
    if not _KINDS.issuperset(map(type, values)):  # a number without end would stand as nothing
        return None
    entry = orjson.dumps(dict(zip(_NAMES, values, strict=True)))
    return entry if entry.isascii() or is_composed(entry.decode()) else None


CHECKED = (*sorted(map(str, _SEALED)), "seal", "salt", "content")
_SEAL, _SALT, _CONTENT = (CHECKED.index(name) for name in ("seal", "salt", "content"))
_NUMBER, _CASE = CHECKED.index("number"), CHECKED.index("case_handle")
_PAYLOAD_HASH = CHECKED.index("payload_hash")
_NAMES = CHECKED[:_SEAL]  # in the order of canonical bytes
_KINDS = frozenset((str, int, type(None)))


def read_payload(content: str) -> dict[str, Json]:
    """Return what an entry says."""
    return json.loads(content)  # type: ignore[no-any-return]


def noticed(connection: Connection, case_handle: str, body: str, seen_as: Relation) -> int:
    """Return how many changes of a case somebody may know of to whom it is *seen_as*."""
    return sum(
        verb not in CHANGES_NOTHING and sees_entry(seen_as, body, verb, about)
        for verb, about in _OUTLINES(connection, {"case_handle": case_handle})
    )


def bodies_of_declarations(connection: Connection, case_handle: str) -> dict[str, str]:
    """Return in which bodies officers declared that they must not deal with a case, and wait."""
    e = entries.c
    return {
        row.officer: row.body
        for row in connection.execute(
            select(e.officer, e.body).where(
                e.case_handle == case_handle,
                e.verb == ConflictDeclaredWaiting.verb,
                e.body.is_not(None),
            )
        )
    }


def with_payloads(connection: Connection, case_handle: str) -> Iterator[Row]:
    """Yield a case's entries with what they say, oldest first: all of them, to follow and check.

    What a reader may know of them is up to whoever asks.
    """
    with on_purpose(connection, Purpose.WHOLE_HISTORY):
        return iter(_WITH_PAYLOADS(connection, {"case_handle": case_handle}).mappings())


_OUTLINES = Statement(
    select(entries.c.verb, entries.c.body).where(entries.c.case_handle == bindparam("case_handle"))
)
_WITH_PAYLOADS = Statement(
    entries.outerjoin(payloads)
    .select()
    .with_only_columns(*entries.c, payloads.c.salt, payloads.c.content)
    .where(entries.c.case_handle == bindparam("case_handle"))
    .order_by(entries.c.number)
)
