"""Emergency: how somebody gets to read a case that is kept from them, for a few hours.

They ask with a reason and a time limit; a second person, of another organisation, agrees or
refuses; whoever oversees the work looks at it afterwards. Nobody is two of these people.
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from vetting.engine.canonical import moment
from vetting.engine.sentences import Sentence, mark, say
from vetting.engine.vocabulary import Named, Role

MOST_WAITING = 5  # requests of one asker that nobody has answered
HOURS = (1, 4, 24)  # for how long it may be asked
ASKED_FOR = timedelta(hours=24)  # what nobody has answered by then is not answered any more


# What whoever tries more than that is told.
ONLY_TO_BE_READ = say("This case is open to you to be read, and for nothing else.")


# What whoever would review it too early is told.
STILL_OPEN = say("The case is still open by this. Review it once that has ended, or end it now.")


# What whoever says something a second time, or a moment too late, is told.
ANSWERED = say("This was said already; nothing more was written down.")


def waits_since(now: str) -> str:
    """Return since when what nobody answered still waits."""
    return moment(datetime.fromisoformat(now) - ASKED_FOR)


class Step(Named):
    """What somebody said to a request, each at most once."""

    OPENED = "opened", mark("agreed")
    REFUSED = "refused", mark("refused")
    ENDED = "ended", mark("ended early")
    REVIEWED = "reviewed", mark("reviewed")


class Standing(Named):
    """How a request stands."""

    WAITING = "waiting", mark("waits for a second person")
    TAKEN_BACK = "taken_back", mark("taken back")
    LAPSED = "lapsed", mark("nobody answered in time")
    REFUSED = "refused", mark("refused")
    IN_FORCE = "in_force", mark("agreed, in force")
    OVER = "over", mark("over")


@dataclass(frozen=True, slots=True)
class Said:
    """One step: who took it, when, and the sentence they wrote."""

    officer: str
    role: Role
    organisation: str
    at: str
    sentence: str = ""
    until: str | None = None  # how long what was agreed holds
    on_behalf_of: str | None = None  # whoever was away, in whose name it was said

    @property
    def persons(self) -> frozenset[str]:
        """Everybody in whose name it was said."""
        return frozenset(filter(None, (self.officer, self.on_behalf_of)))


@dataclass(frozen=True, slots=True)
class Emergency:
    """One request, and what was said to it."""

    handle: str
    reference: str  # as it was typed; it tells nothing about whether there is such a case
    case: str | None
    officer: str
    organisation: str
    role: Role
    reason: str
    hours: int
    asked_at: str
    steps: Mapping[Step, Said] = field(default_factory=dict)

    @property
    def opened(self) -> Said | None:
        """What the second person agreed to."""
        return self.steps.get(Step.OPENED)

    @property
    def ends_at(self) -> str | None:
        """The moment from which it opens nothing any more."""
        if self.opened is None or self.opened.until is None:
            return None
        ended = self.steps.get(Step.ENDED)
        return min(self.opened.until, ended.at) if ended else self.opened.until

    def holds_at(self, at: str) -> bool:
        """Tell whether the case was open to the asker at a moment."""
        opened, ends = self.opened, self.ends_at
        return opened is not None and ends is not None and opened.at <= at < ends

    def standing(self, now: str) -> Standing:
        """Return how it stands."""
        if Step.REFUSED in self.steps:
            return Standing.REFUSED
        if self.opened is not None:
            return Standing.IN_FORCE if self.holds_at(now) else Standing.OVER
        if Step.ENDED in self.steps:
            return Standing.TAKEN_BACK
        waited = datetime.fromisoformat(now) - datetime.fromisoformat(self.asked_at)
        return Standing.WAITING if waited < ASKED_FOR else Standing.LAPSED


def why_not_answered(
    asked: Emergency, persons: Collection[str], organisation: str, now: str
) -> Sentence | None:
    """Say why somebody cannot be the second person: they, or their organisation, asked."""
    if asked.officer in persons:
        return say("You asked for this yourself; a second person has to answer.")
    if asked.organisation == organisation:
        return say("Somebody of your own organisation asked; another one has to answer.")
    if asked.standing(now) is not Standing.WAITING:
        return say("This request waits for nobody any more.")
    return None


def why_not_ended(
    asked: Emergency, persons: Collection[str], now: str, *, supervises: bool
) -> Sentence | None:
    """Say why somebody cannot end an access before its limit, or take a request back."""
    if asked.officer in persons and asked.standing(now) is Standing.WAITING:
        return None
    agreed = asked.opened is not None and not asked.opened.persons.isdisjoint(persons)
    if not supervises and not agreed and asked.officer not in persons:
        return say("Whoever asked, whoever agreed and the supervisors can end it.")
    if asked.standing(now) is not Standing.IN_FORCE:
        return say("Nothing is open by this request.")
    return None


def why_not_reviewed(asked: Emergency, persons: Collection[str], now: str) -> Sentence | None:
    """Say why somebody cannot review an access: they asked or agreed, or it was in their name."""
    if asked.opened is None:
        return say("Nobody agreed to this request, so there is nothing to review.")
    if asked.officer in persons or not asked.opened.persons.isdisjoint(persons):
        return say("You asked for this or agreed to it; somebody else has to review it.")
    if Step.REVIEWED in asked.steps:
        return ANSWERED
    if asked.holds_at(now):
        return STILL_OPEN
    return None
