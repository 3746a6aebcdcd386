"""Load as a page: what each body has in hand, and each officer of the reader's own organisation.

Counted anew each time, over the cases that the reader may know of, and kept nowhere: who works how
much is no record. A body is told of itself and of its own officers. Whoever sees every body sees no
body's officers, whose inner work is the body's own; of the Board's officers they see all.
Everything stands in the order of the coordination regulation or of names, never of numbers.
"""

from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import ColumnElement, Connection, func, literal, or_, select

from vetting.engine import facts
from vetting.engine.calendar import Calendar, Pause
from vetting.engine.deadlines import QUESTION
from vetting.engine.load import Answer, Load, Period, Span, WorkedDays, loads, together
from vetting.engine.policy import Principal, is_of_body
from vetting.engine.reading import Definitions
from vetting.engine.vocabulary import Hat, Need, Role
from vetting.records.asked_unit import sets_of_cases
from vetting.records.calendars import calendar_of, calendar_on
from vetting.records.cases import cases, participations
from vetting.records.consultations import IS_OPEN, consultations
from vetting.records.history import entries
from vetting.records.identity import Ids
from vetting.records.legal_bases import regulation_bodies
from vetting.records.officers import officers
from vetting.records.scope import NOT_ASKED, addressed_to, visible_to

LONGEST = 366  # days of one period
CHUNK = 500
_BOARD = frozenset({Role.BOARD_OFFICER, Role.BOARD_HEAD})
BOARD_ACTS = (
    facts.CaseTakenUp.verb,
    facts.CaseReturned.verb,
    facts.ConsultationsIssued.verb,
    facts.CaseProposed.verb,
)


@dataclass(frozen=True)
class Holder:
    """An officer of a body, or nobody, and what is in their hands."""

    officer: str | None
    load: Load


@dataclass(frozen=True)
class BodyLoad:
    """A body, and what is in its hands."""

    body: str
    load: Load
    officers: tuple[Holder, ...] = ()  # only to the body itself


@dataclass(frozen=True)
class BoardLine:
    """An officer of the Board."""

    officer: str
    open: int  # cases with the Board in which they have acted
    oldest_on: str | None  # since when the longest of them has stood where it stands
    acts: dict[str, int]  # what they did in the period, by verb


@dataclass(frozen=True)
class LoadPage:
    """Who has how much."""

    period: Period
    as_of: str
    bodies: tuple[BodyLoad, ...]
    board: tuple[BoardLine, ...]
    own: bool  # of one body, told to itself
    calendar: bool  # there is one to count ages on


def load_page(
    connection: Connection,
    principal: Principal,
    definitions: Definitions,
    period: Period,
    *,
    ids: Ids,
) -> LoadPage:
    """Return who has how much, in as many statements however many answers are owed."""
    own = is_of_body(principal)
    rows = _rows(connection, principal, period, ids)
    off = _suspended(connection, principal, period, ids)
    asked = _while_asked(connection, definitions, rows)
    answers = [_answer(row, own, off, asked, ids) for row in rows]
    calendar = calendar_of(connection)
    bodies = {one.body for one in answers}
    found = loads(answers, period, _worked(connection, calendar, bodies, answers, period))
    of_body: dict[str, list[Holder]] = defaultdict(list)
    names = _sorted(connection, {holder for _, holder in found if holder})
    for (body, holder), load in found.items():
        of_body[body].append(Holder(holder, load))
    return LoadPage(
        period=period,
        as_of=ids.now(),
        bodies=tuple(
            BodyLoad(
                body,
                together([one.load for one in of_body[body]]),
                tuple(sorted(of_body[body], key=lambda one: names.get(one.officer or "", LAST)))
                if own
                else (),
            )
            for body in _by_regulation(connection, bodies)
        ),
        board=() if own else tuple(_board(connection, principal, definitions, period, ids)),
        own=own,
        calendar=calendar is not None,
    )


LAST = (1, "", "")  # nobody yet stands after everybody


def _of_reader(principal: Principal, period: Period, ids: Ids) -> list[ColumnElement[bool]]:
    c = consultations.c
    first, last = ids.begin_of(period.since.isoformat()), ids.end_of(period.until.isoformat())
    return [
        addressed_to(principal) if is_of_body(principal) else visible_to(principal),
        c.need != Need.INFORM.value,
        *(c.state != state for state in NOT_ASKED),
        or_(IS_OPEN, c.asked_at.between(first, last), c.signed_at.between(first, last)),
    ]


def _rows(connection: Connection, principal: Principal, period: Period, ids: Ids) -> Sequence[Any]:
    c = consultations.c
    return connection.execute(
        select(
            c.case_handle,
            c.body,
            c.officer,
            c.asked_at,
            c.received_at,
            c.signed_at,
            c.due_on,
            cases.c.case_type,
            cases.c.definition_version,
            cases.c.question_sets,
        )
        .join(cases, cases.c.handle == c.case_handle)
        .where(*_of_reader(principal, period, ids))
    ).all()


def _suspended(
    connection: Connection, principal: Principal, period: Period, ids: Ids
) -> dict[str, list[Span]]:
    """Return when the cases were suspended, of those that ever were."""
    e = entries.c
    about = (
        select(consultations.c.case_handle)
        .join(cases, cases.c.handle == consultations.c.case_handle)
        .where(*_of_reader(principal, period, ids))
    )
    rows = connection.execute(
        select(e.case_handle, e.verb, e.at)
        .where(e.verb.in_([literal(verb) for verb in _PAUSES]), e.case_handle.in_(about))
        .order_by(e.case_handle, e.number)
    )
    found: dict[str, list[Span]] = defaultdict(list)
    for row in rows:
        spans = found[row.case_handle]
        if spans and spans[-1][1] is None:
            spans[-1] = spans[-1][0], row.at
        if row.verb == facts.CaseSuspended.verb:
            spans.append((row.at, None))
    return found


_PAUSES = (facts.CaseSuspended.verb, facts.CaseResumed.verb, facts.CaseWithdrawn.verb)


def _while_asked(
    connection: Connection, definitions: Definitions, rows: Sequence[Any]
) -> dict[tuple[str, str], list[Span]]:
    """Return when the units were asked, by case and body, where a rule stops its clock for that."""
    stopped = {
        (row.case_handle, row.body)
        for row in rows
        if row.question_sets
        and QUESTION
        in definitions.of(row.case_type, row.definition_version).rule_for(row.body).stops_in
    }
    handles = sorted({case for case, _ in stopped})
    spans: dict[str, list[Span]] = {}
    for start in range(0, len(handles), CHUNK):
        for case, sets in sets_of_cases(connection, handles[start : start + CHUNK]).items():
            spans[case] = [(one.at, one.over_at) for one in sets]
    return {(case, body): spans.get(case, []) for case, body in stopped}


def _answer(
    row: Any,  # noqa: ANN401  # of `_rows`
    own: bool,  # noqa: FBT001
    off: dict[str, list[Span]],
    asked: dict[tuple[str, str], list[Span]],
    ids: Ids,
) -> Answer:
    spans = (*off.get(row.case_handle, ()), *asked.get((row.case_handle, row.body), ()))
    return Answer(
        body=row.body,
        holder=row.officer if own else None,
        asked_at=row.asked_at,
        asked_on=_day(ids, row.asked_at),
        received_at=row.received_at,
        signed_at=row.signed_at,
        signed_on=_day(ids, row.signed_at) if row.signed_at else None,
        due_on=date.fromisoformat(row.due_on) if row.due_on else None,
        off=spans,
        days_off=tuple(
            Pause(_day(ids, since), _day(ids, until) if until else None) for since, until in spans
        ),
    )


def _day(ids: Ids, at: str) -> date:
    return date.fromisoformat(ids.legal_day(at))


def _worked(
    connection: Connection,
    calendar: Calendar | None,
    bodies: set[str],
    answers: Sequence[Answer],
    period: Period,
) -> dict[str, WorkedDays | None]:
    """Return the days that each body works, from the oldest of what is open."""
    waiting = [one.asked_on for one in answers if one.signed_at is None]
    if calendar is None or not waiting:
        return {}
    first = min(waiting)
    return {
        body: WorkedDays(calendar_on(connection, body, calendar), first, period.today)
        for body in sorted(bodies)
    }


def _sorted(connection: Connection, handles: set[str]) -> dict[str, tuple[int, str, str]]:
    c = officers.c
    rows = connection.execute(select(c.handle, c.sort_key).where(c.handle.in_(sorted(handles))))
    return {row.handle: (0, row.sort_key, row.handle) for row in rows}


def _by_regulation(connection: Connection, bodies: set[str]) -> list[str]:
    """Return bodies as the coordination regulation has them; the last that names one counts."""
    c = regulation_bodies.c
    rows = connection.execute(select(c.body, c.position).order_by(c.regulation))
    positions = {row.body: row.position for row in rows}
    return sorted(bodies, key=lambda body: (positions.get(body, len(positions) + 1), body))


def _board(
    connection: Connection,
    principal: Principal,
    definitions: Definitions,
    period: Period,
    ids: Ids,
) -> Iterator[BoardLine]:
    p, e = participations.c, entries.c
    with_board = sorted(
        {
            state.name
            for one in definitions
            for state in one.states
            if _BOARD & set(state.acts) and not state.final
        }
        - {"consulting"}
    )
    held = {
        row.officer: row
        for row in connection.execute(
            select(p.officer, func.count().label("many"), func.min(cases.c.since).label("oldest"))
            .join(cases, cases.c.handle == p.case_handle)
            .where(
                p.hat == Hat.COORDINATE.value, cases.c.state.in_(with_board), visible_to(principal)
            )
            .group_by(p.officer)
        )
    }
    did: dict[str, dict[str, int]] = defaultdict(dict)
    for officer, verb, many in connection.execute(
        select(e.officer, e.verb, func.count())
        .join(cases, cases.c.handle == e.case_handle)
        .where(
            e.verb.in_([literal(verb) for verb in BOARD_ACTS]),
            e.at.between(
                ids.begin_of(period.since.isoformat()), ids.end_of(period.until.isoformat())
            ),
            visible_to(principal),
        )
        .group_by(e.officer, e.verb)
    ):
        did[officer][verb] = many
    names = _sorted(connection, {*held, *did})
    for officer in sorted({*held, *did}, key=lambda one: names.get(one, LAST)):
        row = held.get(officer)
        yield BoardLine(
            officer,
            row.many if row else 0,
            ids.legal_day(row.oldest) if row else None,
            did.get(officer, {}),
        )
