"""The opinion matrix: what each body that was asked has said, and which still owe an answer.

Drafts are the bodies' own and are not read here. Nothing is computed from the opinions: where they
differ, the matrix says that they differ.
"""

import json
from collections.abc import Iterator
from dataclasses import dataclass, replace

from sqlalchemy import Connection, and_, select

from vetting.engine.casefile import CaseFile
from vetting.engine.definition import Definition, Title
from vetting.engine.substitutes import Form
from vetting.engine.vocabulary import AmendmentKind, Need, Verdict
from vetting.queries.both_names import forms_in
from vetting.records.amendments import of_case
from vetting.records.asked_unit import sets_of
from vetting.records.consultations import consultations, opinions, read_texts
from vetting.records.database import Row
from vetting.records.history import entries, payloads
from vetting.records.legal_bases import regulation_bodies

# What happens inside a body before it signs is its own affair: to others it has the question.
_SHOWN_AS = {"drafting": "received", "ready": "received"}
_OPEN = frozenset({"asked", "received"})


@dataclass(frozen=True)
class Opinion:
    """What a body signed."""

    verdict: Verdict
    reasons: str
    conditions: tuple[str, ...]
    evidence: tuple[str, ...]
    body_name: str  # as it was called on the day
    signed_by: str
    signed_at: str
    signed_for: str | None = None  # in whose place
    form: Form | None = None  # in which form of signing
    amended: AmendmentKind | None = None  # what became of it; of a correction this is what it says

    @property
    def stands(self) -> bool:
        """Whether it was neither annulled nor revoked."""
        return self.amended in {None, AmendmentKind.CORRECTION}


@dataclass(frozen=True)
class Asked:
    """A body asked in one turn, with its opinion once there is one."""

    consultation: str
    body: str
    turn: int
    need: Need
    state: str
    title: Title  # of the state
    letter: str | None
    due_on: str | None
    asked_at: str
    received_at: str | None
    opinion: Opinion | None
    first_due_on: str | None = None  # the day set first, once another counts
    asks_until: str | None = None  # the day that the body asks for
    wants_clear: bool = False  # it wants something made clear by the unit
    newer: bool = False  # something came from the unit since it signed

    @property
    def owes(self) -> bool:
        """Whether the case still waits for this body."""
        return self.state in _OPEN and self.need is Need.MUST

    @property
    def is_open(self) -> bool:
        """Whether the body can still answer."""
        return self.state in _OPEN


@dataclass(frozen=True)
class LeftOut:
    """A body that the regulation names and the Board did not ask, with its reason."""

    body: str
    turn: int
    reason: str


@dataclass(frozen=True)
class Matrix:
    """All opinions on a case."""

    turn: int
    now: tuple[Asked, ...]
    earlier: tuple[Asked, ...]
    left_out: tuple[LeftOut, ...]

    @property
    def owing(self) -> tuple[Asked, ...]:
        """The bodies that must answer and have not."""
        return tuple(asked for asked in self.now if asked.owes)

    @property
    def objecting(self) -> tuple[Asked, ...]:
        """The bodies whose opinion is an objection."""
        return self._saying(Verdict.OBJECTION)

    @property
    def without_objection(self) -> tuple[Asked, ...]:
        """The bodies that have no objection."""
        return self._saying(Verdict.NO_OBJECTION)

    @property
    def with_conditions(self) -> tuple[Asked, ...]:
        """The bodies that name conditions."""
        return self._saying(Verdict.CONDITIONS)

    @property
    def without_information(self) -> tuple[Asked, ...]:
        """The bodies that hold no information."""
        return self._saying(Verdict.NO_INFORMATION)

    @property
    def differ(self) -> bool:
        """Whether an objection stands beside a “no objection”."""
        return bool(self.objecting and self.without_objection)

    def _saying(self, verdict: Verdict) -> tuple[Asked, ...]:
        return tuple(
            asked
            for asked in self.now
            if asked.opinion and asked.opinion.stands and asked.opinion.verdict is verdict
        )


def opinion_matrix(connection: Connection, case: CaseFile, consulting: Definition) -> Matrix:
    """Return the matrix of a case that the reader may see every opinion of, in two statements."""
    turn = case.turn
    every = tuple(_asked(connection, case, consulting))
    return Matrix(
        turn=turn,
        now=tuple(asked for asked in every if asked.turn == turn),
        earlier=tuple(asked for asked in every if asked.turn != turn),
        left_out=tuple(_left_out(connection, case.handle)),
    )


def _asked(connection: Connection, case: CaseFile, consulting: Definition) -> Iterator[Asked]:
    c, o, r = consultations.c, opinions.c, regulation_bodies.c
    sets = sets_of(connection, case.handle) if case.question_sets else ()
    said_at = max((one.last_said_at for one in sets if one.last_said_at), default=None)
    found = connection.execute(
        select(
            c.handle,
            c.body,
            c.turn,
            c.need,
            c.state,
            c.letter,
            c.due_on,
            c.first_due_on,
            c.time_until,
            c.clarify,
            c.asked_at,
            c.received_at,
            o.verdict,
            o.reasons,
            o.conditions,
            o.evidence,
            o.body_name,
            o.signed_by,
            o.signed_at,
            o.signed_for,
        )
        .select_from(
            consultations.outerjoin(opinions, o.consultation == c.handle).outerjoin(
                regulation_bodies, and_(r.body == c.body, r.regulation == case.regulation)
            )
        )
        .where(c.case_handle == case.handle)
        .order_by(c.turn.desc(), r.position, c.asked_at, c.body)
    )
    amended = {}
    if any(one.amended for one in case.consultations):
        amended = {row["consultation"]: row for row in of_case(connection, case.handle)}
    rows = found.all()
    for_others = any(row.signed_for for row in rows) or any(
        row["signed_for"] for row in amended.values()
    )
    forms = forms_in(connection, case.handle) if for_others else {}
    for row in rows:
        state = _SHOWN_AS.get(row.state, row.state)
        opinion = None
        if row.verdict is not None:
            opinion = Opinion(
                Verdict(row.verdict),
                row.reasons,
                read_texts(row.conditions),
                read_texts(row.evidence),
                row.body_name,
                row.signed_by,
                row.signed_at,
                row.signed_for,
            )
            if row.handle in amended:
                opinion = _as_amended(opinion, amended[row.handle])
            if opinion.signed_for:
                form = forms.get((opinion.signed_by, opinion.signed_for))
                opinion = replace(opinion, form=form)
        yield Asked(
            consultation=row.handle,
            body=row.body,
            turn=row.turn,
            need=Need(row.need),
            state=state,
            title=consulting.state_by_name[state].title,
            letter=row.letter,
            due_on=row.due_on,
            asked_at=row.asked_at,
            received_at=row.received_at,
            opinion=opinion,
            first_due_on=row.first_due_on,
            asks_until=row.time_until,
            wants_clear=row.clarify is not None,
            newer=opinion is not None and said_at is not None and opinion.signed_at < said_at,
        )


def _as_amended(opinion: Opinion, last: Row) -> Opinion:
    """Return an opinion as it stands by what became last of it."""
    kind = AmendmentKind(last["kind"])
    if kind is not AmendmentKind.CORRECTION:
        return replace(opinion, amended=kind)
    return replace(
        opinion,
        verdict=Verdict(last["verdict"]),
        reasons=last["reasons"],
        conditions=read_texts(last["conditions"]),
        evidence=read_texts(last["evidence"]),
        body_name=last["body_name"],
        signed_by=last["signed_by"],
        signed_at=last["signed_at"],
        signed_for=last["signed_for"],
        amended=kind,
    )


def _left_out(connection: Connection, case_handle: str) -> Iterator[LeftOut]:
    e, p = entries.c, payloads.c
    rows = connection.execute(
        select(e.number, p.content)
        .select_from(
            entries.join(payloads, and_(p.case_handle == e.case_handle, p.number == e.number))
        )
        .where(e.case_handle == case_handle, e.verb == "body.left_out")
        .order_by(e.number)
    )
    for row in rows:
        said = json.loads(row.content)
        yield LeftOut(said["body"], said["turn"], said["reason"])
