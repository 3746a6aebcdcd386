"""Substitutes: who acts for whom on a day, along chains, and where a chain would bite its tail.

Somebody who is away names a substitute for one role in one organisation, for all cases or for some
case types. Where the substitute is away too, whom *they* named for that very role acts, within the
scope of both: a chain passes on nothing that somebody on it did not name in so many words.
"""

from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass

from vetting.engine.sentences import mark
from vetting.engine.vocabulary import KIND_OF_ROLE, CaseType, Named, Role

EVERY_TYPE: frozenset[CaseType] = frozenset(CaseType)
# Nobody stands in for an administrator: that role is given by a grant, and never passed on.
SUBSTITUTED = frozenset(Role) - {Role.ADMINISTRATOR}


class Form(Named):
    """In which form a substitute signs."""

    KT = "kt", mark("for the head")
    TL = "tl", mark("by order")


# What stands before the name on paper. It is the same in every language.
SIGN_OF_FORM = {Form.KT: "K/T", Form.TL: "T/L"}


@dataclass(frozen=True, slots=True)
class Away:
    """Somebody is away from one day to another, both included."""

    officer: str
    first: str
    last: str

    def on(self, day: str) -> bool:
        """Tell whether they are away on *day*."""
        return self.first <= day <= self.last


@dataclass(frozen=True, slots=True)
class Naming:
    """Somebody who is away named a substitute for one role."""

    handle: str
    absent: str
    substitute: str
    organisation: str
    role: Role
    first: str
    last: str
    case_types: frozenset[CaseType] = EVERY_TYPE
    form: Form = Form.KT

    def on(self, day: str) -> bool:
        """Tell whether it holds on *day*."""
        return self.first <= day <= self.last

    def like(self, organisation: str, role: Role) -> bool:
        """Tell whether it is about the same kind of work at an organisation."""
        return self.organisation == organisation and KIND_OF_ROLE[self.role] is KIND_OF_ROLE[role]

    def passes_on(self, other: "Naming") -> bool:
        """Tell whether it goes on where *other* led: from there, and for that very role."""
        return (self.absent, self.organisation, self.role) == (
            other.substitute,
            other.organisation,
            other.role,
        )


@dataclass(frozen=True, slots=True)
class StandIn:
    """Who acts for somebody in a role: the end of a chain, and the chain."""

    officer: str
    absent: str
    organisation: str
    role: Role
    form: Form
    case_types: frozenset[CaseType]
    links: tuple[Naming, ...]

    @property
    def between(self) -> tuple[str, ...]:
        """Whoever passed it on: named, away too, and standing between the two."""
        return tuple(link.absent for link in self.links[1:])


def stand_ins(namings: Collection[Naming], away: Iterable[Away], day: str) -> Iterator[StandIn]:
    """Yield everybody who acts for somebody on *day*."""
    gone = {one.officer for one in away if one.on(day)}
    live = [one for one in namings if one.on(day) and one.absent in gone]
    for first in live:
        yield from _along(first, (first,), first.case_types, live, gone)


def _along(
    first: Naming,
    links: tuple[Naming, ...],
    case_types: frozenset[CaseType],
    live: Collection[Naming],
    gone: Collection[str],
) -> Iterator[StandIn]:
    reached = links[-1].substitute
    if reached not in gone:
        yield StandIn(
            reached, first.absent, first.organisation, first.role, first.form, case_types, links
        )
        return
    passed = {link.absent for link in links}
    for one in live:
        if not one.passes_on(links[-1]):
            continue
        shared = case_types & one.case_types
        if shared and one.substitute not in passed:
            yield from _along(first, (*links, one), shared, live, gone)


def reached(namings: Collection[Naming], new: Naming) -> frozenset[str]:
    """Return everybody who may come to act by *new* while somebody in between is away too."""
    found, met = {new.substitute}, [new]
    while met:
        link = met.pop()
        for one in namings:
            if (
                one.passes_on(link)
                and one.substitute not in found
                and max(one.first, new.first) <= min(one.last, new.last)
                and one.case_types & new.case_types
            ):
                found.add(one.substitute)
                met.append(one)
    return frozenset(found)


def circle(namings: Collection[Naming], new: Naming) -> tuple[str, ...] | None:
    """Return the people of a circle that *new* would close on some day, or None.

    All links must hold on one and the same day, and for one and the same case type.
    """
    return _circle(namings, new, (new.absent,), new)


def _circle(
    namings: Collection[Naming], new: Naming, passed: tuple[str, ...], reached: Naming
) -> tuple[str, ...] | None:
    if reached.substitute == new.absent:
        return (*passed, new.absent)
    if reached.substitute in passed:
        return None
    for one in namings:
        if not one.passes_on(reached):
            continue
        first, last = max(reached.first, one.first), min(reached.last, one.last)
        shared = reached.case_types & one.case_types
        if first > last or not shared:
            continue
        both = Naming(
            one.handle,
            one.absent,
            one.substitute,
            one.organisation,
            one.role,
            first,
            last,
            shared,
            one.form,
        )
        if found := _circle(namings, new, (*passed, reached.substitute), both):
            return found
    return None
