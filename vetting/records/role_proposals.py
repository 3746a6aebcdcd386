"""Role proposals: what one administrator gives and a second one confirms; kept for good, both.

Neither a proposal nor what was said to it is ever changed. What is not answered waits.
"""

from collections import defaultdict
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import (
    CheckConstraint,
    Column,
    ColumnElement,
    Connection,
    Index,
    Integer,
    PrimaryKeyConstraint,
    Table,
    bindparam,
    exists,
    func,
    insert,
    select,
)

from vetting.engine.role_proposals import Answer, RoleProposal
from vetting.engine.vocabulary import Role
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
from vetting.records.database import Statement

role_proposals = Table(
    "role_proposals",
    METADATA,
    handle(primary_key=True),
    reference("officer", "officers.handle"),
    reference("organisation", "organisations.code", CODE),
    required("role", WORD),
    required("kind", WORD),
    required("valid_from", DAY),
    optional("valid_to", DAY),
    Column("clearance", Integer, nullable=False),
    required("hash", HASH),  # of all that it says
    reference("proposed_by", "officers.handle"),
    optional("session", HANDLE),  # none: by a command
    required("method", WORD),
    required("at", MOMENT),
    CheckConstraint("kind IN ('given','cleared')", "known_kind"),
    CheckConstraint("clearance BETWEEN 0 AND 3", "clearance_known"),
)
Index("ix_role_proposals_officer", role_proposals.c.officer)
Index("ix_role_proposals_at", role_proposals.c.at, role_proposals.c.handle)

role_answers = Table(
    "role_answers",
    METADATA,
    reference("proposal", "role_proposals.handle"),
    required("kind", WORD),
    required("hash", HASH),  # as it was shown
    reference("answered_by", "officers.handle"),
    optional("session", HANDLE),
    required("method", WORD),
    required("sentence"),
    required("at", MOMENT),
    PrimaryKeyConstraint("proposal"),
    CheckConstraint("kind IN ('confirmed','refused','taken_back')", "known_kind"),
    CheckConstraint("(kind = 'refused') = (sentence <> '')", "refused_with_a_sentence"),
)

_p, _a = role_proposals.c, role_answers.c
_WAITS: ColumnElement[bool] = ~exists(select(_a.proposal).where(_a.proposal == _p.handle))
_TO_ANSWER = Statement(
    select(func.count())
    .select_from(role_proposals)
    .where(_p.proposed_by != bindparam("officer"), _p.officer != bindparam("officer"), _WAITS)
)


@dataclass(frozen=True)
class Hand:
    """Whose hand it is: an administrator, how they proved it, and in which session."""

    officer: str
    method: str
    session: str | None  # none: by a command


def note_proposals(connection: Connection, proposals: Sequence[RoleProposal], by: Hand) -> None:
    """Write down what an administrator gives; nothing of it is in force."""
    if proposals:
        rows = [
            {
                "handle": one.handle,
                "officer": one.officer,
                "organisation": one.organisation,
                "role": one.role.value,
                "kind": one.kind,
                "valid_from": one.valid_from,
                "valid_to": one.valid_to,
                "clearance": one.clearance,
                "hash": one.hash,
                "proposed_by": one.proposed_by,
                "session": by.session,
                "method": by.method,
                "at": one.at,
            }
            for one in proposals
        ]
        connection.execute(insert(role_proposals), rows)


def note_answers(  # all of it is one row
    connection: Connection,
    proposals: Sequence[RoleProposal],
    kind: Answer,
    by: Hand,
    at: str,
    sentence: str = "",
) -> None:
    """Write down what an administrator says to each of these proposals."""
    rows = [
        {
            "proposal": one.handle,
            "kind": kind.value,
            "hash": one.hash,
            "answered_by": by.officer,
            "session": by.session,
            "method": by.method,
            "sentence": sentence,
            "at": at,
        }
        for one in proposals
    ]
    if rows:
        connection.execute(insert(role_answers), rows)


@dataclass(frozen=True)
class Kept:
    """A proposal as it is kept: with its hash, and the session it was written down in."""

    proposal: RoleProposal
    hash: str
    session: str | None


def find(connection: Connection, handles: Collection[str]) -> dict[str, Kept]:
    """Return proposals, by handle."""
    wanted = select(role_proposals).where(_p.handle.in_(sorted(handles)))
    return {
        row.handle: Kept(_proposal(row), row.hash, row.session)
        for row in connection.execute(wanted)
    }


@dataclass(frozen=True)
class Answered:
    """What was said to a proposal, by whom and with which sentence."""

    kind: Answer
    by: str
    sentence: str


def answered(connection: Connection, handles: Collection[str]) -> dict[str, Answered]:
    """Return what was said to those of these that are answered."""
    wanted = select(_a.proposal, _a.kind, _a.answered_by, _a.sentence)
    return {
        row.proposal: Answered(Answer(row.kind), row.answered_by, row.sentence)
        for row in connection.execute(wanted.where(_a.proposal.in_(sorted(handles))))
    }


def waiting(
    connection: Connection,
    *wanted: ColumnElement[bool],
    limit: int | None = None,
) -> list[RoleProposal]:
    """Return what waits of what is wanted, oldest first."""
    rows = connection.execute(
        select(role_proposals).where(_WAITS, *wanted).order_by(_p.at, _p.handle).limit(limit)
    )
    return [_proposal(row) for row in rows]


def waiting_of(connection: Connection, officers: Collection[str]) -> dict[str, list[RoleProposal]]:
    """Return what waits for each of these officers, oldest first."""
    found: dict[str, list[RoleProposal]] = defaultdict(list)
    for one in waiting(connection, _p.officer.in_(sorted(officers))):
        found[one.officer].append(one)
    return found


@dataclass(frozen=True)
class CameToNothing:
    """A proposal that was refused or taken back, by whom, when and with which sentence."""

    proposal: RoleProposal
    kind: Answer
    by: str
    sentence: str
    at: str


def not_given_to(connection: Connection, officer: str) -> list[CameToNothing]:
    """Return what was given to an officer and came to nothing."""
    rows = connection.execute(
        select(
            role_proposals,
            _a.kind.label("answer"),
            _a.answered_by,
            _a.sentence,
            _a.at.label("answered_at"),
        )
        .join(role_answers, _a.proposal == _p.handle)
        .where(_p.officer == officer, _a.kind != Answer.CONFIRMED.value)
    )
    return [
        CameToNothing(
            _proposal(row), Answer(row.answer), row.answered_by, row.sentence, row.answered_at
        )
        for row in rows
    ]


def count_to_answer(connection: Connection, officer: str) -> int:
    """Return how much waits that an administrator could confirm or refuse."""
    return int(_TO_ANSWER(connection, {"officer": officer}).scalar_one())


def _proposal(row: Any) -> RoleProposal:  # noqa: ANN401  # a row of the table
    return RoleProposal(
        row.handle,
        row.officer,
        row.organisation,
        Role(row.role),
        row.kind,
        row.valid_from,
        row.valid_to,
        row.clearance,
        row.proposed_by,
        row.at,
    )
