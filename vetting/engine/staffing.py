"""Staffing: who is able to take the next step of a case, and which steps nobody could take.

An officer is able who has the role on that day, is not away, may sign in, plays no other part in
the case, did not write what a second person must sign, and is not kept from the case. A substitute
is able where nobody, the substitute, whoever is away and whoever passed it on between the two, is
held back by any of this.
"""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from functools import cache
from typing import NamedTuple

from vetting.engine.definition import Definition
from vetting.engine.sentences import mark
from vetting.engine.substitutes import EVERY_TYPE, Away, Naming, stand_ins
from vetting.engine.vocabulary import CaseType, Named, Role

END_OF_TIME = "9999-12-31"
BODY_ROLES = frozenset({Role.BODY_OFFICER, Role.BODY_SIGNER})


class Duty(Named):
    """A step that somebody has to take for a case to go on."""

    COMPLETE = "complete", mark("complete the case")
    CHECK = "check", mark("check the file")
    ASK = "ask", mark("ask the bodies")
    PROPOSE = "propose", mark("draw up the proposal")
    SUBMIT = "submit", mark("submit the proposal")
    CONCLUDE = "conclude", mark("record the conclusion")
    TELL = "tell", mark("notify the unit")
    CLOSE = "close", mark("close the case")
    RESUME = "resume", mark("take the case up again")
    DRAFT = "draft", mark("draft the opinion")
    COUNTERSIGN = "countersign", mark("countersign the opinion")
    SIGN = "sign", mark("sign the opinion")
    ANSWER = "answer", mark("answer the question")  # all that others are told of a body's steps
    LIFT = "lift", mark("change to whom the case is kept")  # waits in every restricted case


# The moves that take a case towards its end, the nearest to the end last.
_FORWARD = {
    "file": Duty.COMPLETE,
    "refile": Duty.COMPLETE,
    "resume": Duty.RESUME,
    "take_up": Duty.CHECK,
    "accept": Duty.CHECK,
    "consult": Duty.ASK,
    "propose": Duty.PROPOSE,
    "submit": Duty.SUBMIT,
    "conclude": Duty.CONCLUDE,
    "notify": Duty.TELL,
    "close": Duty.CLOSE,
}
_ORDER = tuple(_FORWARD)


@dataclass(frozen=True, slots=True)
class Entrusted:
    """Somebody has a role in an organisation, from one day to another, both included."""

    officer: str
    organisation: str
    role: Role
    first: str = ""
    last: str = END_OF_TIME
    clearance: int = 0  # the highest level of restricted cases they may know of there

    def on(self, day: str) -> bool:
        """Tell whether they have it on *day*."""
        return self.first <= day <= self.last


class Hand(NamedTuple):
    """Somebody who can act in a role, for themselves or for somebody who is away."""

    officer: str
    absent: str | None
    case_types: frozenset[CaseType]
    between: tuple[str, ...] = ()  # whoever passed it on, along a chain

    @property
    def names(self) -> frozenset[str]:
        """Whose names an act bears."""
        return frozenset({self.officer} if self.absent is None else {self.officer, self.absent})

    @property
    def persons(self) -> frozenset[str]:
        """Everybody by whose word it is done: what holds one of them back holds it back."""
        return self.names.union(self.between)


Hands = Mapping[tuple[str, Role], frozenset[Hand]]  # by organisation and role


@dataclass(frozen=True)
class Staff:
    """The people of some organisations: their roles, who is away when, and who was named."""

    entrusted: Collection[Entrusted]
    away: Collection[Away] = ()
    namings: Collection[Naming] = ()

    def hands(self, day: str) -> Hands:
        """Return who can act on *day*, by organisation and role."""
        working = [one for one in self.entrusted if one.on(day)]
        held = {(one.officer, one.organisation, one.role) for one in working}
        gone = {one.officer for one in self.away if one.on(day)}
        found: dict[tuple[str, Role], set[Hand]] = {}
        for one in working:
            if one.officer not in gone:
                found.setdefault((one.organisation, one.role), set()).add(
                    Hand(one.officer, None, EVERY_TYPE)
                )
        for other in stand_ins(self.namings, self.away, day):
            has_role = (other.absent, other.organisation, other.role) in held
            if has_role and all(_works_there(link, held) for link in other.links):
                found.setdefault((other.organisation, other.role), set()).add(
                    Hand(other.officer, other.absent, other.case_types, other.between)
                )
        return {place: frozenset(hands) for place, hands in found.items()}

    def turning_days(self, first: str, last: str) -> list[str]:
        """Return the days within which anything changes; the first of each stretch."""
        spans: list[Entrusted | Away | Naming] = [*self.entrusted, *self.away, *self.namings]
        begins = {one.first for one in spans} | {day_after(one.last) for one in spans}
        return [first, *sorted(day for day in begins if first < day <= last)]


def _works_there(link: Naming, held: Collection[tuple[str, str, Role]]) -> bool:
    """Tell whether a substitute has a role of the same kind in the organisation themself."""
    return any(
        (link.substitute, link.organisation, role) in held
        for role in Role
        if link.like(link.organisation, role)
    )


def day_after(day: str) -> str:
    """Return the next day; the end of time has none."""
    if day >= END_OF_TIME:
        return day
    return (date.fromisoformat(day) + timedelta(days=1)).isoformat()


@cache
def step_from(definition: Definition, state: str) -> tuple[Duty, frozenset[Role]] | None:
    """Return the step that takes a case on from a state, and who may take it; None if none."""
    moves = [move for move in definition.moves_from(state) if move.name in _FORWARD and move.by]
    if not moves:
        return None
    onward = max(moves, key=lambda move: _ORDER.index(move.name))
    return _FORWARD[onward.name], frozenset(onward.by)


def can_step(hands: Iterable[Hand], case_type: CaseType, spent: Collection[str]) -> bool:
    """Tell whether one of these hands can act, with none of its names among those *spent*."""
    return any(case_type in hand.case_types and hand.persons.isdisjoint(spent) for hand in hands)


def lacking(  # an opinion needs all of these
    people: Collection[str],
    signers: Collection[frozenset[str]],
    *,
    drafted: Collection[str],
    countersigned: Collection[str],
    countersigners: int,
    ready: bool,
) -> tuple[Duty, ...]:
    """Return what nobody could do for an opinion, all of different people.

    *people* can draft and countersign, under their own names; *signers* are the names that a
    signature would bear; *countersigners* are still wanted. Where there is a draft it is the one
    that will be signed; where there is none, somebody must write it and can then do nothing else.
    """
    short: list[Duty] = []
    if not ready and not people:
        short.append(Duty.DRAFT)
    to_draft = 0 if drafted else 1
    spent = {*drafted, *countersigned}
    left = max(
        (len(set(people) - names) - to_draft for names in signers if names.isdisjoint(spent)),
        default=-1,
    )
    if left < 0:
        short.append(Duty.SIGN)
    free = set(people) - spent
    spare = max(
        (len(free - names) for names in signers if names.isdisjoint(spent)), default=len(free)
    )
    if countersigners and spare - to_draft < countersigners:
        short.append(Duty.COUNTERSIGN)
    return tuple(short)
