"""Reading budgets: how many cases somebody may see. No figure is known, so none is set."""

from dataclasses import dataclass

from vetting.engine.sentences import mark
from vetting.engine.vocabulary import Named


class Kind(Named):
    """Which budget."""

    OFFICER_DAY = "officer_day", mark("one officer on one day")
    BODY_DAY = "body_day", mark("one organisation on one day")
    OFFICER_WINDOW = "officer_window", mark("one officer within thirty days")


@dataclass(frozen=True, slots=True)
class Budget:
    """How many different cases may be seen; None where the client has set nothing.

    Those of a day are kept to, to the last case. That of thirty days only raises an alarm.
    """

    officer_a_day: int | None = None
    body_a_day: int | None = None
    officer_in_window: int | None = None


@dataclass(frozen=True, slots=True)
class Alarm:
    """A budget that a look goes beyond."""

    kind: Kind
    whose: str
    seen: int
    budget: int

    @property
    def refuses(self) -> bool:
        """Tell whether the look is refused, or only told about."""
        return self.kind is not Kind.OFFICER_WINDOW
