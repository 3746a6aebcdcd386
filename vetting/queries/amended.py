"""What became of something that was signed, beside what it was, and whom that has reached."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from sqlalchemy import Connection, and_, func, or_, select

from vetting.engine.amend import ground_said
from vetting.engine.casefile import Consultation
from vetting.engine.definition import Definition, Title
from vetting.engine.facts import CandidateToldAgain, UnitNotified
from vetting.engine.looks import Group
from vetting.engine.sentences import Sentence, say
from vetting.engine.telling import CONCLUSION_AMENDED, OPINION_AMENDED
from vetting.engine.vocabulary import AmendmentKind, Ground, Role, Verdict
from vetting.queries.both_names import Forms, both_names
from vetting.queries.names_of import basis_written, names_of_officers, names_of_organisations
from vetting.records.consultations import read_texts
from vetting.records.database import Row
from vetting.records.history import entries, payloads, read_payload
from vetting.records.officers import officers
from vetting.records.outbox import outbox, recipients
from vetting.records.reads import reads
from vetting.records.standing import Purpose, on_purpose

GONE = {
    AmendmentKind.ANNULMENT: say("Annulled"),
    AmendmentKind.REVOCATION: say("Revoked"),
}  # how a signed opinion is called that stands no more
NAMED = ("drafted_by", "drafted_for", "signed_by", "signed_for")


def state_title(consulting: Definition, asked: Consultation) -> Title | Sentence:
    """Return how far a question has come: an opinion that stands no more is not called signed."""
    gone = GONE.get(asked.amended) if asked.amended else None
    return gone or consulting.state_by_name[asked.state].title


@dataclass(frozen=True)
class AmendmentLine:
    """One correction, annulment or revocation, as it is read."""

    entry: int
    kind: AmendmentKind
    ground: Ground
    reason: str
    basis: str
    decided_on: str
    effective_on: str
    document: str | None
    outcome: Title | None  # of a corrected conclusion
    verdict: Verdict | None  # of a corrected opinion
    reasons: str | None
    conditions: tuple[str, ...]
    evidence: tuple[str, ...]
    votes: tuple[int | None, int | None, int | None]
    body: str | None  # as it was called on the day; none: it is the conclusion
    signed_by: str | Title | None  # None for whom it is a notice
    signed_at: str

    @property
    def on_whose_word(self) -> Sentence:
        """On whose word it was looked at again."""
        return ground_said(self.ground, of_conclusion=self.body is None)


@dataclass(frozen=True)
class Reached:
    """Somebody who had the earlier version, and whether they know that it does not stand so."""

    name: str
    organisation: Title
    had_at: str | None  # none: they are told of what became of it, and never had it
    told_at: str | None
    opened_at: str | None
    left: bool  # they work here no more, and cannot be told


@dataclass(frozen=True)
class ToldAgain:
    """What is on record of the candidate having been told."""

    at: str
    on: str
    how: str


@dataclass(frozen=True)
class Amended:
    """One amendment with everybody whom the earlier version had reached."""

    line: AmendmentLine
    reached: tuple[Reached, ...]
    candidate: ToldAgain | None  # of the conclusion, and where the unit was told it
    candidate_waits: bool  # nothing says yet that the candidate was told

    @property
    def unreached(self) -> int:
        """How many had the earlier version and have not opened what became of it."""
        return sum(one.had_at is not None and one.opened_at is None for one in self.reached)


def amendment_line(
    row: Row, definition: Definition, names: Mapping[str, str], forms: Forms, *, inside: bool = True
) -> AmendmentLine:
    """Return an amendment as it is read; who voted and signed is said to those inside."""
    outcome = definition.outcome_by_name.get(row["outcome"] or "")
    votes = (row["votes_for"], row["votes_against"], row["votes_abstained"])
    return AmendmentLine(
        entry=row["entry"],
        kind=AmendmentKind(row["kind"]),
        ground=Ground(row["ground"]),
        reason=row["reason"],
        basis=basis_written(row["basis"]),
        decided_on=row["decided_on"],
        effective_on=row["effective_on"],
        document=row["document"],
        outcome=outcome.title if outcome else None,
        verdict=Verdict(row["verdict"]) if row["verdict"] else None,
        reasons=row["reasons"],
        conditions=read_texts(row["conditions"]),
        evidence=read_texts(row["evidence"]),
        votes=votes if inside else (None, None, None),
        body=row["body_name"],
        signed_by=both_names(names, row["signed_by"], row["signed_for"], forms) if inside else None,
        signed_at=row["signed_at"],
    )


def named_in_amendments(rows: Iterable[Row]) -> set[str]:
    """Return everybody who drew up or signed any of them."""
    return {row[name] for row in rows for name in NAMED} - {None}


def whom_they_reached(
    connection: Connection,
    case: str,
    rows: Sequence[Row],
    lines: Mapping[int, AmendmentLine],
    first_signed: Mapping[str | None, str],
) -> tuple[Amended, ...]:
    """Return, newest first, whom each amendment was told and who had what it is about.

    *first_signed* is when the first version of each was signed: of the conclusion under None.
    """
    found: list[Amended] = []
    since = dict(first_signed)
    with on_purpose(connection, Purpose.CHECKING):
        notified = connection.scalar(_first_of(case, UnitNotified.verb))
        for row in rows:
            of = row["consultation"]
            reached = _reached(connection, case, row, since.get(of) or row["signed_at"], notified)
            waits, candidate = False, None
            if of is None and notified is not None and notified < row["signed_at"]:
                candidate = _told_again(connection, case, row["signed_at"])
                waits = candidate is None
            found.append(Amended(lines[row["entry"]], reached, candidate, waits))
            since[of] = row["signed_at"]
    # Whoever was told of a later one need not be told of an earlier one any more.
    last = {row["consultation"]: row["entry"] for row in rows}
    found = [
        one if one.line.entry in last.values() else replace(one, candidate_waits=False)
        for one in found
    ]
    return tuple(reversed(found))


def _first_of(case: str, verb: str) -> Any:  # noqa: ANN401  # a statement
    return select(func.min(entries.c.at)).where(
        entries.c.case_handle == case, entries.c.verb == verb
    )


# What told of it: of the conclusion, and of an opinion.
_TOLD_OF = {
    True: ("conclude", "notify", CONCLUSION_AMENDED),
    False: ("sign", "replies_complete", "submit", OPINION_AMENDED),
}
_TOLD_LATER = (Role.CASE_OFFICER.value, Role.BODY_OFFICER.value, Role.BODY_SIGNER.value)


def _reached(
    connection: Connection, case: str, row: Row, since: str, notified: str | None
) -> tuple[Reached, ...]:
    concluded, at = row["consultation"] is None, row["signed_at"]
    o, r, l = outbox.c, recipients.c, reads.c  # noqa: E741  # lines of the ledger
    had: dict[tuple[str, str], str] = {}
    told: dict[tuple[str, str], tuple[str, str | None]] = {}
    notices = connection.execute(
        select(r.officer, r.organisation, r.at, r.opened_at, o.on_move, o.written_at)
        .join(outbox, o.key == r.notice)
        .where(
            o.case_handle == case,
            o.on_move.in_(_TOLD_OF[concluded]),
            o.written_at <= at,
            # Of an opinion no other body knows: it was told of its own.
            or_(o.audience.is_(None), o.audience != "body", o.organisation == row["organisation"]),
        )
        .order_by(o.written_at)
    )
    for notice in notices:
        who = (notice.officer, notice.organisation)
        if notice.written_at == at:
            told[who] = (notice.at, notice.opened_at)
        elif notice.written_at >= since:
            had.setdefault(who, notice.at)
    group = Group.DECISION if concluded else Group.OPINIONS
    shown = [l.case_handle == case, l.fields.contains(group.value)]
    if concluded:
        later = notified or "~"
        shown.append(or_(l.role.not_in(_TOLD_LATER), l.at >= later))
    else:
        body = select(entries.c.body).where(
            entries.c.case_handle == case, entries.c.number == row["entry"]
        )
        shown.append(or_(l.role.not_in(_TOLD_LATER), l.organisation == body.scalar_subquery()))
    for before, found in ((True, had), (False, None)):
        looks = connection.execute(
            select(l.officer, l.organisation, func.min(l.at).label("at"))
            .where(and_(*shown, and_(l.at >= since, l.at < at) if before else l.at > at))
            .group_by(l.officer, l.organisation)
        )
        for look in looks:
            who = (look.officer, look.organisation)
            if found is not None:
                found[who] = min(found.get(who, look.at), look.at)
            elif who in told and (told[who][1] is None or look.at < str(told[who][1])):
                told[who] = (told[who][0], look.at)
            elif who in had and who not in told:
                told[who] = ("", look.at)
    theirs = {row[name] for name in NAMED}
    people = [who for who in {*had, *told} if who[0] not in theirs]
    names = names_of_officers(connection, {officer for officer, _ in people})
    places = names_of_organisations(connection, {place for _, place in people})
    left = set(
        connection.scalars(
            select(officers.c.handle).where(
                officers.c.handle.in_(sorted({officer for officer, _ in people})),
                officers.c.disabled_at.is_not(None),
            )
        )
    )
    listed = [
        Reached(
            names.get(officer, officer),
            places.get(place) or Title(vi=place, en=place),
            had.get((officer, place)),
            told.get((officer, place), ("", None))[0] or None,
            told.get((officer, place), ("", None))[1],
            officer in left,
        )
        for officer, place in people
    ]
    return tuple(sorted(listed, key=lambda one: (one.organisation.vi, one.name)))


def _told_again(connection: Connection, case: str, after: str) -> ToldAgain | None:
    row = connection.execute(
        select(entries.c.at, payloads.c.content)
        .join(
            payloads,
            and_(
                payloads.c.case_handle == entries.c.case_handle,
                payloads.c.number == entries.c.number,
            ),
        )
        .where(
            entries.c.case_handle == case,
            entries.c.verb == CandidateToldAgain.verb,
            entries.c.at > after,
        )
        .order_by(entries.c.number.desc())
        .limit(1)
    ).first()
    if row is None:
        return None
    said = read_payload(row.content)
    return ToldAgain(row.at, str(said["told_on"]), str(said["how"]))
