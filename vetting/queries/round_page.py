"""A round at a glance: its units by state, what is late, and how long each body took."""

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from statistics import median
from zoneinfo import ZoneInfo

from sqlalchemy import Connection, and_, case, func, or_, select

from vetting.engine.definition import Title
from vetting.engine.names import title_key
from vetting.engine.policy import Principal
from vetting.engine.reading import Definitions
from vetting.engine.refusals import Unknown
from vetting.engine.sentences import say
from vetting.engine.vocabulary import CaseType
from vetting.queries.case_lines import OPEN_STATES
from vetting.records.cases import cases
from vetting.records.consultations import consultations
from vetting.records.organisations import organisations
from vetting.records.scope import visible_to
from vetting.records.submissions import rounds

OVER = frozenset({"closed", "withdrawn"})


@dataclass(frozen=True)
class RoundLine:
    """One round in the list of rounds."""

    handle: str
    name_vi: str
    name_en: str
    case_type: CaseType
    opened_on: str
    closed_on: str | None
    cases: int
    over: int  # closed or withdrawn
    units: int


@dataclass(frozen=True)
class UnitInRound:
    """How the cases of one unit stand."""

    unit: str
    name_vi: str
    name_en: str
    by_state: dict[str, int]
    late: int  # open questions about its cases that are past their date

    @property
    def total(self) -> int:
        """All its cases in the round."""
        return sum(self.by_state.values())


@dataclass(frozen=True)
class BodyInRound:
    """How one body has answered in the round."""

    body: str
    asked: int
    signed: int
    owing: int
    late: int
    without_date: int  # owing, with no date to be late by
    taken_back: int
    median_days: float | None  # from asked to signed, of what is signed
    longest_days: int | None


@dataclass(frozen=True)
class RoundPage:
    """One planning round in one view."""

    line: RoundLine
    states: tuple[tuple[str, Title], ...]  # in the order of the road; those that hold a case
    units: tuple[UnitInRound, ...]
    bodies: tuple[BodyInRound, ...]

    @property
    def totals(self) -> dict[str, int]:
        """How many cases stand where."""
        found: dict[str, int] = defaultdict(int)
        for unit in self.units:
            for state, many in unit.by_state.items():
                found[state] += many
        return dict(found)

    @property
    def signed(self) -> int:
        """How many opinions the days are taken from."""
        return sum(body.signed for body in self.bodies)

    @property
    def owing(self) -> int:
        """How many questions are still without an answer."""
        return sum(body.owing for body in self.bodies)

    @property
    def taken_back(self) -> int:
        """How many questions were taken back."""
        return sum(body.taken_back for body in self.bodies)

    @property
    def late(self) -> int:
        """How many questions are past the date that was set for them."""
        return sum(body.late for body in self.bodies)

    @property
    def without_date(self) -> int:
        """How many open questions nobody set a date for."""
        return sum(body.without_date for body in self.bodies)


def round_list(connection: Connection, principal: Principal) -> tuple[RoundLine, ...]:
    """Return every round with its totals, in one statement."""
    return tuple(_lines(connection, principal))


def round_page(
    connection: Connection,
    principal: Principal,
    definitions: Definitions,
    handle: str,
    today: str,
    zone: ZoneInfo,
) -> RoundPage:
    """Return a round in one view, in four statements however many cases it has."""
    line = next(_lines(connection, principal, handle), None)
    if line is None:
        raise Unknown(say("There is no such round."))
    bodies, late_by_unit = _bodies(connection, principal, handle, today, zone)
    units = tuple(_units(connection, principal, handle, late_by_unit))
    seen = {state for unit in units for state in unit.by_state}
    road: dict[str, Title] = {}
    for definition in definitions:
        if definition.case_type == line.case_type:
            road |= {state.name: state.title for state in definition.states}
    return RoundPage(
        line=line,
        states=tuple((name, title) for name, title in road.items() if name in seen),
        units=units,
        bodies=bodies,
    )


def _lines(
    connection: Connection, principal: Principal, handle: str | None = None
) -> Iterator[RoundLine]:
    r = rounds.c
    over = func.coalesce(func.sum(case((cases.c.state.in_(OVER), 1), else_=0)), 0)
    statement = (
        select(
            r.handle,
            r.name_vi,
            r.name_en,
            r.case_type,
            r.opened_on,
            r.closed_on,
            func.count(cases.c.handle),
            over,
            func.count(cases.c.unit.distinct()),
        )
        .select_from(
            rounds.outerjoin(cases, and_(cases.c.round == r.handle, visible_to(principal)))
        )
        .group_by(r.handle, r.name_vi, r.name_en, r.case_type, r.opened_on, r.closed_on)
        .order_by(r.opened_on.desc(), r.handle)
    )
    if handle is not None:
        statement = statement.where(r.handle == handle)
    for row in connection.execute(statement):
        (code, name_vi, name_en, case_type, opened_on, closed_on, many, done, units) = row
        yield RoundLine(
            code, name_vi, name_en, CaseType(case_type), opened_on, closed_on, many, done, units
        )


def _units(
    connection: Connection, principal: Principal, handle: str, late: dict[str, int]
) -> Iterator[UnitInRound]:
    o = organisations.c
    rows = connection.execute(
        select(cases.c.unit, o.name_vi, o.name_en, cases.c.state, func.count())
        .join(organisations, o.code == cases.c.unit)
        .where(cases.c.round == handle, visible_to(principal))
        .group_by(cases.c.unit, o.name_vi, o.name_en, cases.c.state)
    )
    by_unit: dict[str, tuple[str, str, dict[str, int]]] = {}
    for unit, name_vi, name_en, state, many in rows:
        by_unit.setdefault(unit, (name_vi, name_en, {}))[2][state] = many
    in_order = sorted(by_unit.items(), key=lambda one: (title_key(one[1][0]), one[0]))
    for unit, (name_vi, name_en, by_state) in in_order:
        yield UnitInRound(unit, name_vi, name_en, by_state, late.get(unit, 0))


def _bodies(
    connection: Connection, principal: Principal, handle: str, today: str, zone: ZoneInfo
) -> tuple[tuple[BodyInRound, ...], dict[str, int]]:
    """Return how the bodies answered, and the late questions by unit.

    Moments are cut to the hour, so that thousands of answers come back as a few rows; the zone
    differs from UTC by whole hours.
    """
    c = consultations.c
    in_round = and_(cases.c.round == handle, visible_to(principal))
    asked, signed = func.substr(c.asked_at, 1, 13), func.substr(c.signed_at, 1, 13)
    answered = connection.execute(
        select(c.body, c.state, asked, signed, func.count())
        .join(cases, cases.c.handle == c.case_handle)
        .where(in_round, or_(c.state == "signed", c.state == "withdrawn"))
        .group_by(c.body, c.state, asked, signed)
    )
    days: dict[str, list[int]] = defaultdict(list)
    back: dict[str, int] = defaultdict(int)
    for body, state, asked_at, signed_at, many in answered:
        if state == "signed":
            days[body] += [_days(asked_at, signed_at, zone)] * many
        else:
            back[body] += many
    late = and_(c.due_on.is_not(None), c.due_on < today)
    still = connection.execute(
        select(
            c.body,
            cases.c.unit,
            func.count(),
            func.sum(case((late, 1), else_=0)),
            func.sum(case((c.due_on.is_(None), 1), else_=0)),
        )
        .join(cases, cases.c.handle == c.case_handle)
        .where(in_round, c.state.in_(OPEN_STATES))
        .group_by(c.body, cases.c.unit)
    )
    owing: dict[str, list[int]] = defaultdict(lambda: [0, 0, 0])
    by_unit: dict[str, int] = defaultdict(int)
    for body, unit, many, past, dateless in still:
        for place, number in enumerate((many, past, dateless)):
            owing[body][place] += number
        by_unit[unit] += past
    return tuple(
        BodyInRound(
            body=body,
            asked=len(days[body]) + owing[body][0] + back[body],
            signed=len(days[body]),
            owing=owing[body][0],
            late=owing[body][1],
            without_date=owing[body][2],
            taken_back=back[body],
            median_days=median(days[body]) if days[body] else None,
            longest_days=max(days[body]) if days[body] else None,
        )
        for body in sorted({*days, *owing, *back})
    ), dict(by_unit)


def _days(asked: str, signed: str, zone: ZoneInfo) -> int:
    """Return the legal days between two moments that were cut to the hour."""
    first, last = (
        datetime.fromisoformat(f"{hour}:00:00+00:00").astimezone(zone).date()
        for hour in (asked, signed)
    )
    return (last - first).days
