"""Untold: what should have been told by the history, and was not. A gap is an alarm.

The history is read in pieces by the day; it is laid beside the notices that were written and the
people that they were for. `untold` is for the supervisor's page, the daily reconciliation and
whoever looks after an installation. The daily one goes on from the one before, and once a week
looks at everything.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy import (
    Connection,
    Integer,
    and_,
    bindparam,
    exists,
    func,
    literal,
    or_,
    select,
    true,
)

from vetting.engine.canonical import moment
from vetting.engine.definition import Definition
from vetting.engine.emergency import Step
from vetting.engine.notices import EMERGENCY
from vetting.engine.reading import Definitions
from vetting.engine.telling import (
    ASKED,
    MOVE_OF_VERB,
    TOLD_ALWAYS,
    TOLD_APART,
    Had,
    Happened,
    Notice,
    Why,
    due,
)
from vetting.engine.vocabulary import Kind
from vetting.records.cases import cases
from vetting.records.database import Statement
from vetting.records.emergencies import emergency_requests, emergency_steps
from vetting.records.history import entries
from vetting.records.identity import Ids
from vetting.records.organisations import organisation_kinds
from vetting.records.outbox import outbox, recipients, reconciliations
from vetting.records.standing import Purpose, on_purpose

ENTRIES_AT_ONCE = 5_000
ALL_OF_IT = ""  # before every moment
WHOLE_AFTER = timedelta(days=7)  # at the latest everything is looked at again
# What is written down late has a moment before the look that did not see it.
AGAIN = timedelta(days=1)
_e, _k, _o, _s = entries.c, cases.c, outbox.c, emergency_steps.c
_r = reconciliations.c


@dataclass(frozen=True)
class Gap:
    """Something that was not told."""

    case: str
    on: str
    organisation: str
    at: str
    why: Why
    telling: str | None = None  # with which it was written, where it was


@dataclass(frozen=True)
class Untold:
    """What a reconciliation found."""

    due: int
    gaps: tuple[Gap, ...]


@dataclass(frozen=True)
class Reconciliation:
    """What was found on a day."""

    day: str
    at: str
    due: int
    gaps: int


def untold(
    connection: Connection,
    definitions: Definitions,
    after: str = ALL_OF_IT,
    case: str | None = None,
) -> Untold:
    """Return what happened after a moment, should have been told and was not, oldest first.

    Of one *case*, where it is named: what a list was not told, each case of the list says.
    """
    with on_purpose(connection, Purpose.CHECKING):
        return _untold(connection, definitions, after, case)


def _untold(
    connection: Connection, definitions: Definitions, after: str, case: str | None
) -> Untold:
    k = organisation_kinds.c
    kinds = connection.execute(
        select(k.organisation, k.kind).where(
            k.kind.in_([Kind.COORDINATOR.value, Kind.OVERSIGHT.value])
        )
    ).all()
    coordinators = [row.organisation for row in kinds if row.kind == Kind.COORDINATOR.value]
    overseers = {row.organisation for row in kinds if row.kind == Kind.OVERSIGHT.value}
    count, gaps = 0, list(_for_nobody(connection, after, case))
    if not coordinators:
        return Untold(0, tuple(gaps))
    consulting = definitions.consultation()
    pieces = _pieces(connection, definitions, coordinators[0], overseers, after, case)
    for acts, first, last in pieces:
        case_of = {one.submission: one.case for one in acts if one.submission}
        wanted = set(due(acts, consulting, coordinators[0], overseers))
        count += len(wanted)
        gaps += [
            Gap(case_of.get(one.of, one.of), one.on, one.organisation, one.at, Why.NOT_WRITTEN)
            for one in wanted - _written(connection, first, last, case)
        ]
    return Untold(count, tuple(sorted(gaps, key=lambda gap: (gap.at, gap.case, gap.organisation))))


def to_look_at(connection: Connection, ids: Ids) -> str:
    """Return the moment after which a day's reconciliation looks; or that it looks at all of it.

    All of it, where the last found a gap, or is dated ahead because the clock has gone back, and
    once a week: then what was lost since it was looked at is found too.
    """
    last = last_reconciliation(connection)
    whole = connection.scalar(select(func.max(_r.day)).where(_r.looked_after.is_(None)))
    today = date.fromisoformat(ids.today())
    if last is None or last.gaps or last.at > ids.now():
        return ALL_OF_IT
    if whole is None or today - date.fromisoformat(whole) >= WHOLE_AFTER:
        return ALL_OF_IT
    return moment(datetime.fromisoformat(last.at) - AGAIN)


def last_reconciliation(connection: Connection) -> Reconciliation | None:
    """Return what the newest reconciliation found, or None where there was none yet."""
    row = connection.execute(
        select(_r.day, _r.at, _r.due, _r.gaps).order_by(_r.day.desc()).limit(1)
    ).first()
    return Reconciliation(row.day, row.at, row.due, row.gaps) if row is not None else None


def _pieces(  # whose history, as far as it matters for who is told
    connection: Connection,
    definitions: Definitions,
    coordinator: str,
    overseers: set[str],
    after: str,
    case: str | None,
) -> Iterator[tuple[list[Happened], str, str]]:
    """Yield what happened, some thousand entries at a time and each moment whole."""
    by_version: dict[str, Definition] = {}  # read once, however many entries are of it
    opened = _opened_in_emergency(connection, after, case)
    happened, at_a_moment = _HAPPENED[case is not None], _AT_A_MOMENT[case is not None]
    while True:
        given = {"after": after, "most": ENTRIES_AT_ONCE}
        rows: list[Any] = list(happened(connection, given | _named(case)))
        if not rows:
            break
        first, last = rows[0].at, rows[-1].at
        if len(rows) == ENTRIES_AT_ONCE:
            rows = [row for row in rows if row.at != last]
            rows += at_a_moment(connection, {"at": last} | _named(case))
        for version in {row.definition for row in rows} - by_version.keys():
            by_version[version] = definitions.of(*_version(version))
        yield (
            [
                Happened(
                    row.case_handle,
                    row.verb,
                    row.at,
                    row.unit,
                    row.authority,
                    row.body,
                    row.submission if row.verb == "case.filed" else None,
                    by_version[row.definition],
                    _had(connection, row, coordinator, overseers) if row.verb in _AMENDED else None,
                )
                for row in rows
                if row.verb != _RELEASED or _was_answered(connection, row)
            ],
            first,
            last,
        )
        after = last
    if opened:
        yield opened, min(one.at for one in opened), max(one.at for one in opened)


_happened = (
    select(
        _e.case_handle, _e.number, _e.verb, _e.at, _e.body, _e.definition,
        _k.unit, _k.authority, _k.submission,
    )
    .join(cases, _k.handle == _e.case_handle)
    .where(
        _e.verb.in_(
            [literal(verb) for verb in (*MOVE_OF_VERB, *TOLD_ALWAYS, *TOLD_APART, ASKED)]
        )
    )
    .order_by(_e.at)
)  # fmt: skip
_of_case = _e.case_handle == bindparam("case")
# Of all cases, and of one.
_HAPPENED = {
    one: Statement(
        _happened.where(_e.at > bindparam("after"), _of_case if one else true()).limit(
            bindparam("most", type_=Integer())
        )
    )
    for one in (False, True)
}
_AT_A_MOMENT = {
    one: Statement(_happened.where(_e.at == bindparam("at"), _of_case if one else true()))
    for one in (False, True)
}
_AMENDED = frozenset({"conclusion.amended", "opinion.amended"})
_RELEASED = "consultation.released"
# What tells how a question stands.
_STANDS = ("opinion.signed", "consultation.taken_back", "body.added", ASKED)


def _was_answered(connection: Connection, row: Any) -> bool:  # noqa: ANN401  # a row
    """Tell whether a question was answered when it was given back: it was about an amendment."""
    last = connection.scalar(
        select(_e.verb)
        .where(
            _e.case_handle == row.case_handle,
            _e.body == row.body,
            _e.number < row.number,
            _e.verb.in_(_STANDS),
        )
        .order_by(_e.number.desc())
        .limit(1)
    )
    return last == "opinion.signed"


def _had(connection: Connection, row: Any, coordinator: str, overseers: set[str]) -> Had:  # noqa: ANN401  # a row
    """Return who had what an entry amends, by the entries before it."""
    before = connection.execute(
        select(_e.verb, _e.body)
        .where(_e.case_handle == row.case_handle, _e.at <= row.at)
        .order_by(_e.number)
    ).all()
    verbs = {one.verb for one in before}
    bodies: list[str] = []
    for one in before:
        if one.verb == ASKED:
            bodies.append(one.body)
        elif one.verb == "consultation.taken_back" and one.body in bodies:
            bodies.remove(one.body)
    return Had(
        unit=row.unit,
        coordinator=coordinator,
        authority=row.authority,
        overseers=tuple(sorted(overseers)),
        bodies=tuple(bodies),
        told="case.notified" in verbs,
        submitted="case.submitted" in verbs,
        body=row.body,
    )


def _version(written: str) -> tuple[str, int]:
    case_type, _, version = written.partition("/v")
    return case_type, int(version)


def _named(case: str | None) -> dict[str, Any]:
    return {"case": case} if case is not None else {}


def _opened_in_emergency(connection: Connection, after: str, case: str | None) -> list[Happened]:
    r = emergency_requests.c
    rows = connection.execute(
        select(r.case_handle, _s.at, _k.unit)
        .join(emergency_steps, _s.request == r.handle)
        .join(cases, _k.handle == r.case_handle)
        .where(
            _s.kind == Step.OPENED.value,
            _s.at > after,
            r.case_handle == case if case is not None else true(),
        )
    )
    return [Happened(row.case_handle, EMERGENCY, row.at, row.unit, None) for row in rows]


def _written(connection: Connection, first: str, last: str, case: str | None) -> set[Notice]:
    """Return the notices written in a stretch of time; one of a list stands for the list too."""
    given = {"first": first, "last": last} | _named(case)
    rows: list[Any] = list(_WRITTEN[case is not None](connection, given))
    found = {Notice(row.case_handle, row.on_move, row.organisation, row.written_at) for row in rows}
    return found | {
        Notice(row.submission, row.on_move, row.organisation, row.written_at)
        for row in rows
        if row.submission is not None and row.on_move == "file"
    }


_written_between = (
    select(_o.case_handle, _o.on_move, _o.organisation, _o.written_at, _k.submission)
    .join(cases, _k.handle == _o.case_handle)
    .where(_o.written_at >= bindparam("first"), _o.written_at <= bindparam("last"))
)
_its_submission = select(_k.submission).where(_k.handle == bindparam("case")).scalar_subquery()
_WRITTEN = {
    False: Statement(_written_between),
    True: Statement(
        _written_between.where(
            or_(_k.handle == bindparam("case"), _k.submission == _its_submission)
        )
    ),
}


def _for_nobody(connection: Connection, after: str, case: str | None) -> Iterator[Gap]:
    """Yield the notices that are for nobody, unless whoever acted was of those to be told."""
    of_the_actor = or_(
        exists().where(
            _e.case_handle == _o.case_handle,
            _e.at == _o.written_at,
            _e.organisation == _o.organisation,
        ),
        exists().where(
            and_(
                _o.on_move == EMERGENCY,
                _s.at == _o.written_at,
                _s.organisation == _o.organisation,
                _s.kind == Step.OPENED.value,
            )
        ),
    )
    rows = connection.execute(
        select(_o.case_handle, _o.on_move, _o.organisation, _o.written_at, _o.telling).where(
            _o.written_at > after,
            _o.telling.is_not(None),
            ~exists().where(recipients.c.notice == _o.key),
            ~of_the_actor,
            _o.case_handle == case if case is not None else true(),
        )
    )
    for row in rows:
        yield Gap(
            row.case_handle,
            row.on_move,
            row.organisation,
            row.written_at,
            Why.FOR_NOBODY,
            row.telling,
        )
