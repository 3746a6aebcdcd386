"""Stranding: which open steps nobody could take any more, if somebody were not there.

Asked before an absence, a recusal, the end of a role or a departure is written down. It compares
who could act with who could then act, on every day on which that changes, and reads a fixed number
of statements, however many steps are open.
"""

import json
import zlib
from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from typing import Any, ClassVar

from sqlalchemy import ColumnElement, Connection, FromClause, and_, func, select

from vetting.engine.definition import CONSULTATION
from vetting.engine.reading import Definitions
from vetting.engine.refusals import OutOfTurn
from vetting.engine.sentences import say
from vetting.engine.staffing import (
    BODY_ROLES,
    END_OF_TIME,
    Duty,
    Entrusted,
    Hand,
    Hands,
    Staff,
    can_step,
    lacking,
    step_from,
)
from vetting.engine.substitutes import EVERY_TYPE, Away, Naming
from vetting.engine.vocabulary import HAT_OF_ROLE, KIND_OF_ROLE, CaseType, Hat, Kind, Role
from vetting.records.absences import away_of, namings_at
from vetting.records.cases import cases, participations
from vetting.records.consultations import IS_OPEN, consultations, read_texts
from vetting.records.history import entries
from vetting.records.officers import officers, role_assignments
from vetting.records.organisations import organisation_kinds
from vetting.records.standing import Purpose, on_purpose

# What is open today is done within half a year; who may be there later than that is not asked.
LOOKED_AHEAD = timedelta(days=183)
NOBODY: frozenset[str] = frozenset()
_NEARLY_OVER = (date.fromisoformat(END_OF_TIME) - LOOKED_AHEAD).isoformat()


@dataclass(frozen=True)
class Change:
    """What is about to be written down about who is there, from one day to another."""

    first: str
    last: str = END_OF_TIME
    case: ClassVar[str | None] = None

    def staff(self, staff: Staff) -> Staff:
        """Return who is there after it."""
        return staff

    def held_back(
        self,
        step: "_Step",  # noqa: ARG002
        staff: Staff,  # noqa: ARG002
    ) -> tuple[frozenset[str], frozenset[str] | None]:
        """Return whom it keeps from a step, and the only people it leaves; None: no others."""
        return NOBODY, None


@dataclass(frozen=True, kw_only=True)
class Absent(Change):
    """An officer is away, and names these substitutes."""

    officer: str
    namings: tuple[Naming, ...] = ()

    def staff(self, staff: Staff) -> Staff:
        """Return who is there after it."""
        away = Away(self.officer, self.first, self.last)
        return replace(staff, away=[*staff.away, away], namings=[*staff.namings, *self.namings])


@dataclass(frozen=True, kw_only=True)
class RoleEnds(Change):
    """An officer no longer has a role in an organisation, from the first day on."""

    officer: str
    organisation: str
    role: Role

    def staff(self, staff: Staff) -> Staff:
        """Return who is there after it."""
        gone = (self.officer, self.organisation, self.role)
        return replace(
            staff,
            entrusted=list(_until(staff.entrusted, self.first, lambda one: _what(one) == gone)),
        )


@dataclass(frozen=True, kw_only=True)
class Leaves(Change):
    """An officer is let in no more, from the first day on."""

    officer: str

    def staff(self, staff: Staff) -> Staff:
        """Return who is there after it."""
        return replace(
            staff,
            entrusted=list(
                _until(staff.entrusted, self.first, lambda one: one.officer == self.officer)
            ),
        )


@dataclass(frozen=True, kw_only=True)
class Named(Change):
    """An officer who is away names one more substitute."""

    officer: str
    namings: tuple[Naming, ...]

    def staff(self, staff: Staff) -> Staff:
        """Return who is there after it."""
        return replace(staff, namings=[*staff.namings, *self.namings])


@dataclass(frozen=True, kw_only=True)
class NamingRevoked(Change):
    """Somebody no longer acts for an officer who is away."""

    officer: str  # who is away
    naming: str

    def staff(self, staff: Staff) -> Staff:
        """Return who is there after it."""
        left = [one for one in staff.namings if one.handle != self.naming]
        return replace(staff, namings=left)


@dataclass(frozen=True, kw_only=True)
class Recused(Change):
    """An officer takes no part in one case any more."""

    officer: str
    case: str  # type: ignore[misc]  # said of each, not of all

    def held_back(
        self,
        step: "_Step",
        staff: Staff,  # noqa: ARG002
    ) -> tuple[frozenset[str], frozenset[str] | None]:
        """Return whom it keeps from a step."""
        return (frozenset({self.officer}) if step.case == self.case else NOBODY), None


@dataclass(frozen=True, kw_only=True)
class Restricted(Change):
    """One case is kept to a level, to some by name, or to both."""

    level: int
    named: frozenset[str]
    case: str  # type: ignore[misc]  # said of each, not of all

    def held_back(
        self, step: "_Step", staff: Staff
    ) -> tuple[frozenset[str], frozenset[str] | None]:
        """Return the only people it leaves."""
        if step.case != self.case:
            return NOBODY, None
        return NOBODY, left_to(self.level, self.named, step.organisation, staff)


@dataclass(frozen=True, kw_only=True)
class Cleared(Change):
    """An officer is cleared for another level in a role, from the first day on."""

    officer: str
    organisation: str
    role: Role
    since: str  # the day on which they were given the role
    level: int

    def staff(self, staff: Staff) -> Staff:
        """Return who is there after it."""
        meant = (self.officer, self.organisation, self.role, self.since)
        return replace(
            staff,
            entrusted=[
                replace(one, clearance=self.level) if (*_what(one), one.first) == meant else one
                for one in staff.entrusted
            ],
        )

    def held_back(
        self, step: "_Step", staff: Staff
    ) -> tuple[frozenset[str], frozenset[str] | None]:
        """Return the only people it leaves of a restricted case."""
        return NOBODY, left_to(step.level, step.named, step.organisation, staff)


@dataclass(frozen=True)
class StrandedStep:
    """A step that nobody could take, from which day, and who could if they were entrusted."""

    duty: Duty
    organisation: str
    case: str
    case_type: CaseType
    consultation: str | None
    day: str
    could: tuple[str, ...]  # colleagues, by their handles


class Stranding(OutOfTurn):
    """Steps would be left that nobody could take. Nothing is written down."""

    def __init__(self, steps: Collection[StrandedStep], without_namings: int = 0) -> None:
        taken = without_namings - len(steps)  # by the substitutes who were named
        super().__init__(
            say(
                "Of %(all)s open steps whoever acts meanwhile could take %(taken)s; "
                "%(count)s would remain with nobody. Nothing was written down.",
                all=without_namings,
                taken=taken,
                count=len(steps),
            )
            if taken > 0
            else say(
                "%(count)s open steps would then have nobody who could take them. "
                "Nothing was written down.",
                count=len(steps),
            )
        )
        self.steps = tuple(steps)


def refuse_stranding(
    connection: Connection,
    definitions: Definitions,
    change: Change,
    reader: str | None = None,
) -> None:
    """Refuse a change that would leave open steps to nobody.

    The refusal tells a *reader*, by their organisation, of another body only that it could not
    answer. Who keeps the officers sees no case, and is told which roles are wanting.
    """
    with on_purpose(connection, Purpose.STAFFING):
        hold_staff(connection, _places(connection, change))
        steps = as_told_to(reader, stranded_by(connection, definitions, change))
        buried = buried_by(connection, change)
        alone = 0
        if steps and isinstance(change, Absent) and change.namings:
            unaided = replace(change, namings=())
            alone = len(as_told_to(reader, stranded_by(connection, definitions, unaided)))
    if steps or buried:
        raise Stranding([*steps, *buried], alone)


def foreseen_by(
    connection: Connection,
    definitions: Definitions,
    change: Change,
    reader: str | None = None,
    given_back: frozenset[str] = NOBODY,
) -> tuple[StrandedStep, ...]:
    """Return the steps for which a change would be refused today. Nothing is locked or written.

    *given_back* are the questions that would go back to their body with it.
    """
    with on_purpose(connection, Purpose.STAFFING):
        steps = as_told_to(reader, stranded_by(connection, definitions, change, given_back))
        return (*steps, *buried_by(connection, change))


def buried_by(connection: Connection, change: Change) -> tuple[StrandedStep, ...]:
    """Return, for a restricted case, that nobody could open it again after a change of that case.

    Who could is a head of the Board whom it leaves in: neither recused nor below its level nor
    left off its list. Absences do not count, they end; a substitute does not count either.
    """
    if not isinstance(change, Recused | Restricted):
        return ()
    k = cases.c
    row = connection.execute(
        select(k.case_type, k.level, k.named, k.recused).where(k.handle == change.case)
    ).one()
    recused = frozenset(json.loads(row.recused))
    level, named = row.level, frozenset(json.loads(row.named))
    heads = _heads(connection, change.first)
    before = _who_lifts(heads, level, named, recused)
    if isinstance(change, Restricted):
        level, named = change.level, change.named
    else:
        recused |= {change.officer}
    if not (level or named) or not before or _who_lifts(heads, level, named, recused):
        return ()
    return (
        StrandedStep(
            Duty.LIFT,
            heads[0].organisation,
            change.case,
            CaseType(row.case_type),
            None,
            change.first,
            tuple(sorted({one.officer for one in heads} - recused)),
        ),
    )


def _heads(connection: Connection, day: str) -> list[Entrusted]:
    """Return the heads of the Board on a day, whether they are away or not."""
    a = role_assignments.c
    places = connection.scalars(
        select(a.organisation).where(a.role == Role.BOARD_HEAD.value).distinct()
    ).all()
    return [
        one
        for one in _staff(connection, places, day).entrusted
        if one.role is Role.BOARD_HEAD and one.on(day)
    ]


def _who_lifts(
    heads: Iterable[Entrusted], level: int, named: frozenset[str], recused: frozenset[str]
) -> frozenset[str]:
    return frozenset(
        one.officer
        for one in heads
        if one.clearance >= level
        and one.officer not in recused
        and (not named or one.officer in named)
    )


def as_told_to(reader: str | None, steps: Iterable[StrandedStep]) -> tuple[StrandedStep, ...]:
    """Return steps as an organisation may know of them: of another body one for each question.

    How far a body has come with its opinion, and who could go on with it, is its own affair.
    """
    if reader is None:
        return tuple(steps)
    told: dict[tuple[str | None, str, str, Duty], StrandedStep] = {}
    for step in steps:
        one = step
        if step.consultation is not None and step.organisation != reader:
            one = replace(step, duty=Duty.ANSWER, could=())
        found = told.setdefault((one.consultation, one.case, one.organisation, one.duty), one)
        if one.day < found.day:
            told[one.consultation, one.case, one.organisation, one.duty] = one
    return tuple(told.values())


def hold_staff(connection: Connection, places: Collection[str]) -> None:
    """Let nobody else change who is there at these organisations until the transaction ends.

    Two absences at once could each leave it to the other. On SQLite the writer's place is that
    already. The row of an organisation cannot be locked by who may not change it, so the lock is on
    its code.
    """
    if connection.dialect.name != "postgresql":
        return
    for place in sorted(zlib.crc32(code.encode()) for code in places):
        connection.execute(select(func.pg_advisory_xact_lock(_STAFF, place - 2**31)))


_STAFF = 7_203  # no other lock on a word begins with it


def places_of(connection: Connection, officer: str) -> list[str]:
    """Return the organisations in which an officer has, had or will have a role."""
    a = role_assignments.c
    return list(connection.scalars(select(a.organisation).where(a.officer == officer).distinct()))


def stranded_by(
    connection: Connection,
    definitions: Definitions,
    change: Change,
    given_back: frozenset[str] = NOBODY,
) -> tuple[StrandedStep, ...]:
    """Return the open steps that somebody could take without the change, and nobody with it.

    The questions *given_back* are judged as if nobody had them in hand, nor had drafted them.
    """
    places = _places(connection, change)
    before = _staff(connection, places, change.first)
    after = change.staff(before)
    steps = [
        one.without(one.drafted) if one.consultation in given_back else one
        for one in _open_steps(connection, definitions, places, before, change.case)
    ]
    found: dict[tuple[int, Duty], StrandedStep] = {}
    judged: list[tuple[Hands, Hands]] = []
    last = min(change.last, _ahead(change.first))
    days = {*before.turning_days(change.first, last), *after.turning_days(change.first, last)}
    for day in sorted(days):
        hands = before.hands(day), after.hands(day)
        if hands in judged:
            continue
        judged.append(hands)
        _judge(steps, change, after, hands, day, found)
    return tuple(found.values())


def steps_of_nobody(
    connection: Connection, definitions: Definitions, day: str, case: str | None = None
) -> Iterator[StrandedStep]:
    """Yield the open steps that nobody could take on a day, as things stand.

    Of one *case* it is told who could, if they were named or entrusted.
    """
    k = organisation_kinds.c
    kinds: dict[Kind, list[str]] = defaultdict(list)
    for row in connection.execute(select(k.organisation, k.kind).order_by(k.organisation)):
        kinds[Kind(row.kind)].append(row.organisation)
    places = sorted({place for found in kinds.values() for place in found})
    staff = _staff(connection, places, day)
    judged = _Judged(staff.hands(day))
    for step in _open_steps(connection, definitions, places, staff, case, kinds):
        for duty in judged.lacks(step):
            could = judged.who_could(step, duty) if case is not None else ()
            yield StrandedStep(
                duty, step.organisation, step.case, step.case_type, step.consultation, day, could
            )


def without_hands(
    connection: Connection,
    case_type: CaseType,
    day: str,
    bodies: Mapping[str, int],
    others: Mapping[str, Mapping[Duty, frozenset[Role]]],
    kept_from: frozenset[str],
) -> frozenset[str]:
    """Return at which organisations nobody could take a step of a case as yet unfiled on a day.

    *bodies* owe an opinion, each with so many countersigners; *others* take the steps named, by
    the roles that can. Of which step it is, and who is there, nothing is told.
    """
    judged = _Judged(_staff(connection, {*bodies, *others}, day).hands(day))
    steps = [
        _Step("", case_type, body, Hat.OPINE, countersigners=many, kept_from=kept_from)
        for body, many in bodies.items()
    ]
    steps += [
        _Step("", case_type, place, Hat.COORDINATE, duty, roles, kept_from=kept_from)
        for place, duties in others.items()
        for duty, roles in duties.items()
    ]
    return frozenset(step.organisation for step in steps if judged.lacks(step))


def _judge(
    steps: Iterable["_Step"],
    change: Change,
    staff: Staff,
    hands: tuple[Hands, Hands],
    day: str,
    found: dict[tuple[int, Duty], StrandedStep],
) -> None:
    known_before, known_after = _Judged(hands[0]), _Judged(hands[1])
    for number, step in enumerate(steps):
        kept_from, only = change.held_back(step, staff)
        lacks = known_after.lacks(step.after(kept_from, only))
        if not lacks:
            continue
        for duty in lacks:
            if (number, duty) in found or duty in known_before.lacks(step):
                continue
            could = known_after.who_could(step.after(kept_from, only), duty, change)
            found[number, duty] = StrandedStep(
                duty,
                step.organisation,
                step.case,
                step.case_type,
                step.consultation,
                day,
                could,
            )


@dataclass(frozen=True, slots=True)
class _Step:
    """A step that waits: of a case, or of an opinion that a body owes."""

    case: str
    case_type: CaseType
    organisation: str
    hat: Hat
    duty: Duty | None = None  # None: an opinion, which takes several
    roles: frozenset[Role] = BODY_ROLES
    consultation: str | None = None
    drafted: frozenset[str] = NOBODY  # or who drew up the proposal
    countersigned: frozenset[str] = NOBODY
    countersigners: int = 0
    ready: bool = False
    kept_from: frozenset[str] = NOBODY
    level: int = 0  # how the case is restricted
    named: frozenset[str] = NOBODY
    only: frozenset[str] | None = None  # the only people here to whom it is left by that

    def after(self, kept_from: frozenset[str], only: frozenset[str] | None) -> "_Step":
        if not kept_from and only is None:
            return self
        left = self.only if only is None else only  # a later restriction takes the place of one
        step = replace(self, kept_from=self.kept_from | kept_from, only=left)
        return step if self.duty is not None else step.without(kept_from)

    def without(self, gone: frozenset[str]) -> "_Step":
        """Return an opinion's step with what they had in hand given back: it counts no more."""
        drafted = NOBODY if self.drafted & gone else self.drafted
        void = self.countersigned if drafted != self.drafted else self.countersigned & gone
        return replace(
            self,
            drafted=drafted,
            countersigned=self.countersigned - void,
            countersigners=self.countersigners + len(void),
            ready=self.ready and drafted == self.drafted,
        )

    @property
    def kind(self) -> tuple[object, ...]:
        """Everything that decides who could take it: many steps are alike."""
        return (
            self.case_type,
            self.organisation,
            self.duty,
            self.roles,
            self.drafted,
            self.countersigned,
            self.countersigners,
            self.ready,
            self.kept_from,
            self.only,
        )

    def open_to(self, hand: Hand) -> bool:
        """Tell whether nobody by whose word it would be done is kept from the case."""
        return (
            self.case_type in hand.case_types
            and hand.persons.isdisjoint(self.kept_from)
            and (self.only is None or hand.names <= self.only)
        )


@dataclass
class _Judged:
    """What lacks with these hands, each kind of step judged once."""

    hands: Hands
    known: dict[tuple[object, ...], tuple[Duty, ...]] = field(default_factory=dict)

    def lacks(self, step: _Step, more: Hand | None = None) -> tuple[Duty, ...]:
        if more is not None:
            return self._lacks(step, more)
        if step.kind not in self.known:
            self.known[step.kind] = self._lacks(step, None)
        return self.known[step.kind]

    def who_could(self, step: _Step, duty: Duty, change: Change | None = None) -> tuple[str, ...]:
        """Return the colleagues who could take the step if they were named or entrusted."""
        absent = change.officer if isinstance(change, Absent | NamingRevoked) else None
        colleagues = {
            hand.officer
            for (organisation, role), hands in self.hands.items()
            for hand in hands
            if organisation == step.organisation
            and hand.absent is None
            and _HATS.get(role) is step.hat
        }
        return tuple(
            one
            for one in sorted(colleagues)
            if duty not in self.lacks(step, Hand(one, absent, EVERY_TYPE))
        )

    def _lacks(self, step: _Step, more: Hand | None) -> tuple[Duty, ...]:
        if step.duty is not None:
            hands = [*self._open(step, step.roles), *([more] if more else [])]
            able = can_step([h for h in hands if step.open_to(h)], step.case_type, step.drafted)
            return () if able else (step.duty,)
        people = {hand.officer for hand in self._open(step, BODY_ROLES) if hand.absent is None}
        signers = {hand.persons for hand in self._open(step, (Role.BODY_SIGNER,))}
        if more is not None and step.open_to(more):
            signers.add(more.persons)
        return lacking(
            people,
            signers,
            drafted=step.drafted,
            countersigned=step.countersigned,
            countersigners=step.countersigners,
            ready=step.ready,
        )

    def _open(self, step: _Step, roles: Iterable[Role]) -> Iterator[Hand]:
        for role in roles:
            for hand in self.hands.get((step.organisation, role), ()):
                if step.open_to(hand):
                    yield hand


def _until(
    entrusted: Iterable[Entrusted], day: str, ends: Callable[[Entrusted], bool]
) -> Iterator[Entrusted]:
    before = (date.fromisoformat(day) - timedelta(days=1)).isoformat()
    for one in entrusted:
        if not ends(one) or one.last < day:
            yield one
        elif one.first < day:
            yield replace(one, last=before)


def _what(one: Entrusted) -> tuple[str, str, Role]:
    return one.officer, one.organisation, one.role


def _ahead(day: str) -> str:
    if day > _NEARLY_OVER:
        return END_OF_TIME
    return (date.fromisoformat(day) + LOOKED_AHEAD).isoformat()


def _places(connection: Connection, change: Change) -> list[str]:
    """Return the organisations whose work the change touches."""
    a = role_assignments.c
    if change.case is None:
        return places_of(connection, change.officer)  # type: ignore[attr-defined]
    c, k = consultations.c, cases.c
    return list(
        connection.scalars(
            select(c.body)
            .where(c.case_handle == change.case, IS_OPEN)
            .union(
                select(k.unit).where(k.handle == change.case),
                select(k.authority).where(k.handle == change.case, k.authority.is_not(None)),
                select(a.organisation).where(a.role.in_(_BOARD)),
            )
        )
    )


def _staff(connection: Connection, places: Collection[str], since: str) -> Staff:
    """Return the people of these organisations, robots and those let in no more left out."""
    a, o = role_assignments.c, officers.c
    entrusted = [
        Entrusted(
            row.officer,
            row.organisation,
            Role(row.role),
            row.valid_from,
            row.valid_to or END_OF_TIME,
            row.clearance,
        )
        for row in connection.execute(
            select(a.officer, a.organisation, a.role, a.valid_from, a.valid_to, a.clearance)
            .join(officers, o.handle == a.officer)
            .where(
                a.organisation.in_(sorted(places)),
                a.role.in_([role.value for role in _HATS]),
                o.disabled_at.is_(None),
                o.robot == 0,
            )
        )
    ]
    people = {one.officer for one in entrusted}
    return Staff(
        entrusted, away_of(connection, people, since), namings_at(connection, places, since)
    )


def _open_steps(
    connection: Connection,
    definitions: Definitions,
    places: Collection[str],
    staff: Staff,
    case: str | None,
    kinds: Mapping[Kind, list[str]] | None = None,
) -> Iterator[_Step]:
    people = sorted({one.officer for one in staff.entrusted})
    at: dict[Kind, list[str]] = defaultdict(list, kinds or {})
    for place in sorted(places) if kinds is None else ():
        for kind in {KIND_OF_ROLE[o.role] for o in staff.entrusted if o.organisation == place}:
            at[kind].append(place)
    if bodies := at[Kind.CONSULTED_BODY]:
        yield from _of_opinions(connection, definitions, bodies, staff, people, case)
    states = _states(definitions)
    k = cases.c
    for kind, clause in (
        (Kind.REQUESTING_UNIT, k.unit.in_(at[Kind.REQUESTING_UNIT])),
        (Kind.COORDINATOR, k.reference.is_not(None)),
        (Kind.AUTHORITY, k.authority.in_(at[Kind.AUTHORITY])),
    ):
        if at[kind]:
            whole = and_(clause, k.state.in_(sorted(states[kind])))
            if case is not None:
                whole = and_(whole, k.handle == case)
            yield from _of_cases(connection, definitions, whole, kind, at[kind][0], staff)


def _of_opinions(
    connection: Connection,
    definitions: Definitions,
    bodies: Collection[str],
    staff: Staff,
    people: Collection[str],
    case: str | None,
) -> Iterator[_Step]:
    c, k = consultations.c, cases.c
    whole = and_(IS_OPEN, c.body.in_(bodies), k.state == "consulting", k.turn == c.turn)
    if case is not None:
        whole = and_(whole, k.handle == case)
    joined = consultations.join(cases, k.handle == c.case_handle)
    others = _other_parts(connection, joined, whole, people, Hat.OPINE)
    _add_two_bodies(connection, others, joined, whole, people)
    wanted: dict[tuple[str, int, str], int] = {}
    for row in connection.execute(
        select(
            c.handle,
            c.case_handle,
            c.body,
            c.state,
            c.draft_by,
            c.draft_for,
            c.countersigned_by,
            c.countersigned_for,
            k.case_type,
            k.definition_version,
            *_WITHHELD,
        )
        .select_from(joined)
        .where(whole)
    ):
        rule = row.case_type, row.definition_version, row.body
        if rule not in wanted:
            wanted[rule] = definitions.of(*rule[:2]).rule_for(row.body).countersigners
        ready = row.state == "ready"
        done = read_texts(row.countersigned_by) if ready else ()
        names = (*done, *read_texts(row.countersigned_for)) if ready else ()
        yield _Step(
            row.case_handle,
            CaseType(row.case_type),
            row.body,
            Hat.OPINE,
            consultation=row.handle,
            drafted=frozenset(filter(None, (row.draft_by, row.draft_for))),
            countersigned=frozenset(names),
            countersigners=max(0, wanted[rule] - len(done)),
            ready=ready,
            kept_from=frozenset(others.get(row.case_handle, ()))
            | frozenset(others.get((row.case_handle, row.body), ()))
            | frozenset(json.loads(row.recused))
            | frozenset(json.loads(row.conflicts_waiting)),
            **_restricted(row, row.body, staff),
        )


def _of_cases(
    connection: Connection,
    definitions: Definitions,
    whole: ColumnElement[bool],
    kind: Kind,
    board: str,
    staff: Staff,
) -> Iterator[_Step]:
    k = cases.c
    people = sorted({one.officer for one in staff.entrusted})
    hat = _HAT_OF_KIND[kind]
    others = _other_parts(connection, cases, whole, people, hat)
    for row in connection.execute(
        select(
            k.handle,
            k.case_type,
            k.definition_version,
            k.state,
            k.unit,
            k.authority,
            k.proposed_by,
            k.proposed_for,
            *_WITHHELD,
        ).where(whole)
    ):
        onward = step_from(definitions.of(row.case_type, row.definition_version), row.state)
        if onward is None:
            continue
        duty, roles = onward
        place = {Kind.REQUESTING_UNIT: row.unit, Kind.AUTHORITY: row.authority}.get(kind, board)
        proposers = (row.proposed_by, row.proposed_for) if duty is Duty.SUBMIT else ()
        yield _Step(
            row.handle,
            CaseType(row.case_type),
            place,
            hat,
            duty,
            roles,
            drafted=frozenset(filter(None, proposers)),
            kept_from=frozenset(others.get(row.handle, ()))
            | frozenset(json.loads(row.recused))
            | frozenset(json.loads(row.conflicts_waiting)),
            **_restricted(row, place, staff),
        )


_WITHHELD = (cases.c.recused, cases.c.conflicts_waiting, cases.c.level, cases.c.named)


def _restricted(row: Any, place: str, staff: Staff) -> dict[str, Any]:  # noqa: ANN401  # a row
    """Return how a case is restricted, and to whom at a place that leaves it."""
    named = frozenset(json.loads(row.named))
    return {"level": row.level, "named": named, "only": left_to(row.level, named, place, staff)}


def left_to(level: int, named: frozenset[str], place: str, staff: Staff) -> frozenset[str] | None:
    """Return whom at a place a case of this level and these names is left to; None: everybody."""
    if not level and not named:
        return None
    cleared = frozenset(
        one.officer
        for one in staff.entrusted
        if one.organisation == place and one.clearance >= level
    )
    return cleared & named if named else cleared


_Others = dict[str | tuple[str, str], set[str]]  # by case, or by case and body


def _other_parts(
    connection: Connection,
    joined: FromClause,
    whole: ColumnElement[bool],
    people: Collection[str],
    hat: Hat,
) -> _Others:
    """Return, by case, those of these people who play another part in it."""
    p = participations.c
    found: _Others = defaultdict(set)
    for row in connection.execute(
        select(p.case_handle, p.officer)
        .select_from(joined.join(participations, p.case_handle == cases.c.handle))
        .where(whole, p.officer.in_(people), p.hat != hat.value)
    ):
        found[row.case_handle].add(row.officer)
    return found


def _add_two_bodies(
    connection: Connection,
    others: _Others,
    joined: FromClause,
    whole: ColumnElement[bool],
    people: Collection[str],
) -> None:
    """Add those who have spoken for another body in a case: opinions are apart."""
    a, e = role_assignments.c, entries.c
    of_two: dict[str, set[str]] = defaultdict(set)
    for row in connection.execute(
        select(a.officer, a.organisation).where(
            a.officer.in_(people), a.role.in_([role.value for role in BODY_ROLES])
        )
    ):
        of_two[row.officer].add(row.organisation)
    several = sorted(officer for officer, bodies in of_two.items() if len(bodies) > 1)
    if not several:
        return
    for name in (e.officer, e.on_behalf_of):  # what is done in somebody's name is theirs as well
        for spoke in connection.execute(
            select(e.case_handle, name.label("officer"), consultations.c.body)
            .select_from(joined.join(entries, e.case_handle == cases.c.handle))
            .where(whole, name.in_(several), e.organisation != consultations.c.body)
            .distinct()
        ):
            others[spoke.case_handle, spoke.body].add(spoke.officer)


def _states(definitions: Definitions) -> Mapping[Kind, set[str]]:
    """Return, by kind of organisation, the states from which it takes the next step."""
    found: dict[Kind, set[str]] = defaultdict(set)
    for definition in definitions:
        if definition.case_type == CONSULTATION:
            continue
        for state in definition.states:
            onward = step_from(definition, state.name)
            for role in onward[1] if onward else ():
                found[KIND_OF_ROLE[role]].add(state.name)
    return found


_BOARD = [Role.BOARD_OFFICER.value, Role.BOARD_HEAD.value]
# Who supervises or administers takes no step of a case.
_HATS = {role: hat for role, hat in HAT_OF_ROLE.items() if hat not in {Hat.REVIEW, Hat.ADMINISTER}}
_HAT_OF_KIND = {KIND_OF_ROLE[role]: hat for role, hat in _HATS.items()}
