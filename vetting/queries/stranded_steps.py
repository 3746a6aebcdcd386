"""The steps that a change would leave to nobody, as the page tells them before it is refused.

It tells how many there are and where. Which cases they are of is told only to whoever may know of
those cases: whoever writes an absence down for others need not.
"""

from collections import Counter
from collections.abc import Collection
from dataclasses import dataclass

from sqlalchemy import Connection, select

from vetting.engine.policy import Principal
from vetting.engine.reading import Definitions
from vetting.engine.staffing import BODY_ROLES, Duty, day_after
from vetting.engine.vocabulary import Role
from vetting.queries.names_of import names_of_officers
from vetting.records.cases import cases
from vetting.records.consultations import drafts_in_hand
from vetting.records.scope import visible_to
from vetting.records.standing import Purpose, on_purpose
from vetting.records.stranding import Leaves, Recused, RoleEnds, StrandedStep, foreseen_by

NAMED = 10  # cases of one line that are named; the others are counted


@dataclass(frozen=True)
class Able:
    """A colleague, and how many of the steps they could take if they were named or entrusted."""

    officer: str  # handle
    name: str
    steps: int


@dataclass(frozen=True)
class StrandedCase:
    """A case that the reader may know of."""

    handle: str
    reference: str | None


@dataclass(frozen=True)
class StrandedSteps:
    """Steps of one kind at one organisation."""

    duty: Duty
    organisation: str
    count: int
    day: str  # from which nobody could take them
    could: tuple[Able, ...]  # colleagues, who could take most of them first
    nobody: int  # how many of them no colleague could take either
    cases: tuple[StrandedCase, ...] = ()  # those of them that are named to the reader

    @property
    def own_affair(self) -> bool:
        """Tell whether it is another body's, so that nothing more is told."""
        return self.duty is Duty.ANSWER


def stranded_steps(
    connection: Connection, steps: Collection[StrandedStep], reader: Principal | None = None
) -> list[StrandedSteps]:
    """Return the steps by organisation and kind, with the cases that a *reader* may know of."""
    names = names_of_officers(connection, {one for step in steps for one in step.could})
    known = _known_to(connection, reader, {step.case for step in steps}) if reader else {}
    kinds = dict.fromkeys((step.organisation, step.duty) for step in steps)
    return [
        _together([step for step in steps if (step.organisation, step.duty) == kind], names, known)
        for kind in sorted(kinds)
    ]


def stranded_if_disabled(
    connection: Connection, definitions: Definitions, officer: str, today: str
) -> list[StrandedSteps]:
    """Return the steps that would be left to nobody, were an officer let in no more."""
    with on_purpose(connection, Purpose.STAFFING):
        gone = Leaves(today, officer=officer)
        back = drafts_in_hand(connection, officer)
        return stranded_steps(
            connection, foreseen_by(connection, definitions, gone, given_back=back)
        )


def stranded_if_ended(
    connection: Connection,
    definitions: Definitions,
    officer: str,
    roles: Collection[tuple[Role, str]],
    today: str,
) -> dict[tuple[Role, str], list[StrandedSteps]]:
    """Return by role and organisation the steps left to nobody, were that role to end today."""
    found = {}
    with on_purpose(connection, Purpose.STAFFING):
        for role, organisation in dict.fromkeys(roles):
            answers = {held for held, place in roles if place == organisation} & BODY_ROLES
            back = frozenset[str]()
            if not answers - {role}:  # nobody is left who holds the questions in another role
                back = drafts_in_hand(connection, officer, organisation)
            ending = RoleEnds(
                day_after(today), officer=officer, organisation=organisation, role=role
            )
            steps = foreseen_by(connection, definitions, ending, given_back=back)
            if steps:
                found[role, organisation] = stranded_steps(connection, steps)
    return found


def stranded_if_recused(
    connection: Connection, definitions: Definitions, reader: Principal, case: str, today: str
) -> list[StrandedSteps]:
    """Return the steps of a case that would be left to nobody, were its reader recused from it."""
    leaving = Recused(today, officer=reader.officer, case=case)
    steps = foreseen_by(connection, definitions, leaving, reader.organisation)
    return stranded_steps(connection, steps)


def _known_to(
    connection: Connection, reader: Principal, handles: Collection[str]
) -> dict[str, StrandedCase]:
    k = cases.c
    rows = connection.execute(
        select(k.handle, k.reference)
        .where(k.handle.in_(sorted(handles)), visible_to(reader))
        .order_by(k.reference, k.handle)
    )
    return {row.handle: StrandedCase(row.handle, row.reference) for row in rows}


def _together(
    steps: list[StrandedStep], names: dict[str, str], known: dict[str, StrandedCase]
) -> StrandedSteps:
    times = Counter(one for step in steps for one in step.could)
    meant = {step.case for step in steps}
    return StrandedSteps(
        steps[0].duty,
        steps[0].organisation,
        len(steps),
        min(step.day for step in steps),
        tuple(
            Able(one, names[one], times[one])
            for one in sorted(times, key=lambda one: (-times[one], names[one], one))
        ),
        sum(not step.could for step in steps),
        tuple(one for handle, one in known.items() if handle in meant)[:NAMED],
    )
