"""The steps that a change would leave to nobody, as the page tells them before it is refused.

It tells how many there are and where, never which cases: whoever writes an absence down need not
know of them.
"""

from collections import Counter
from collections.abc import Collection
from dataclasses import dataclass

from sqlalchemy import Connection

from vetting.engine.staffing import Duty
from vetting.queries.names_of import names_of_officers
from vetting.records.stranding import StrandedStep


@dataclass(frozen=True)
class StrandedSteps:
    """Steps of one kind at one organisation."""

    duty: Duty
    organisation: str
    count: int
    day: str  # from which nobody could take them
    could: tuple[str, ...]  # names of colleagues, who could take most of them first

    @property
    def own_affair(self) -> bool:
        """Tell whether it is another body's, so that nothing more is told."""
        return self.duty is Duty.ANSWER


def stranded_steps(connection: Connection, steps: Collection[StrandedStep]) -> list[StrandedSteps]:
    """Return the steps by organisation and kind, in one statement."""
    names = names_of_officers(connection, {one for step in steps for one in step.could})
    kinds = dict.fromkeys((step.organisation, step.duty) for step in steps)
    return [
        _together([step for step in steps if (step.organisation, step.duty) == kind], names)
        for kind in sorted(kinds)
    ]


def _together(steps: list[StrandedStep], names: dict[str, str]) -> StrandedSteps:
    times = Counter(one for step in steps for one in step.could)
    return StrandedSteps(
        steps[0].duty,
        steps[0].organisation,
        len(steps),
        min(step.day for step in steps),
        tuple(names[one] for one in sorted(times, key=lambda one: (-times[one], names[one]))),
    )
