"""The steps that a change would leave to nobody, as the page tells them before it is refused.

How many there are is told to whoever wants to write the change down; which cases they are only to
whom the cases concern.
"""

from collections.abc import Collection
from dataclasses import dataclass

from sqlalchemy import Connection, select

from vetting.engine.policy import Principal
from vetting.engine.staffing import Duty
from vetting.queries.names_of import names_of_officers
from vetting.records.cases import cases
from vetting.records.scope import visible_to
from vetting.records.stranding import StrandedStep

SHOWN = 10


@dataclass(frozen=True)
class StrandedCase:
    """One of the cases, for a reader whom it concerns."""

    handle: str
    reference: str | None
    name: str


@dataclass(frozen=True)
class StrandedSteps:
    """Steps of one kind at one organisation."""

    duty: Duty
    organisation: str
    count: int
    day: str  # from which nobody could take them
    could: tuple[str, ...]  # names of colleagues, who could take most of them first
    cases: tuple[StrandedCase, ...]


def stranded_steps(
    connection: Connection, principal: Principal, steps: Collection[StrandedStep]
) -> list[StrandedSteps]:
    """Return the steps by organisation and kind, in two statements."""
    known = _known(connection, principal, {step.case for step in steps})
    names = names_of_officers(connection, {one for step in steps for one in step.could})
    kinds = dict.fromkeys((step.organisation, step.duty) for step in steps)
    return [
        _together([step for step in steps if (step.organisation, step.duty) == kind], known, names)
        for kind in sorted(kinds)
    ]


def _together(
    steps: list[StrandedStep], known: dict[str, StrandedCase], names: dict[str, str]
) -> StrandedSteps:
    times: dict[str, int] = {}
    for step in steps:
        for one in step.could:
            times[one] = times.get(one, 0) + 1
    shown = [known[case] for case in dict.fromkeys(s.case for s in steps) if case in known]
    return StrandedSteps(
        steps[0].duty,
        steps[0].organisation,
        len(steps),
        min(step.day for step in steps),
        tuple(names[one] for one in sorted(times, key=lambda one: (-times[one], names[one]))),
        tuple(shown[:SHOWN]),
    )


def _known(
    connection: Connection, principal: Principal, handles: Collection[str]
) -> dict[str, StrandedCase]:
    k = cases.c
    rows = connection.execute(
        select(k.handle, k.reference, k.name).where(
            k.handle.in_(sorted(handles)), visible_to(principal)
        )
    )
    return {row.handle: StrandedCase(row.handle, row.reference, row.name) for row in rows}
