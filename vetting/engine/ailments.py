"""Ailments: what may be amiss with a case, whom it waits for, and what mends it safely.

A repair is safe where it decides nothing that people have to decide and is itself an entry of the
case's history. Where there is none, the finding says who must decide.
"""

from dataclasses import dataclass

from vetting.engine.sentences import Sentence, mark
from vetting.engine.vocabulary import Named, Role


class Ailment(Named):
    """What is amiss."""

    NO_NEXT_ACTOR = "no_next_actor", mark("Nobody could take the next step")
    INELIGIBLE_HOLDER = "ineligible_holder", mark("Held by somebody who may not hold it")
    MISSING_DEADLINE = "missing_deadline", mark("A deadline without a date")
    WRONG_DAY = "wrong_day", mark("A day that its rule does not give")
    IDLE_PAUSE = "idle_pause", mark("Suspended, and nothing is being waited for")
    DISSOLVED_BODY = "dissolved_body", mark("A question at a body that no longer exists")
    DAYLESS_CONCLUSION = "dayless_conclusion", mark("A conclusion without a day")
    UNTOLD = "untold", mark("Somebody who was not told")
    UNCLEANED = "uncleaned", mark("Destroyed, and the files of the database are not clean of it")
    CLOCK_WENT_BACK = "clock_went_back", mark("A clock that had gone back")
    UNLIKE_ENTRIES = "unlike_entries", mark("Kept otherwise than the history says")
    UNGUARDED = "unguarded", mark("A database that no longer refuses what it must")
    UNLIKE_WITNESSED = "unlike_witnessed", mark("A log that is not what a witness has signed")


class Remedy(Named):
    """A safe repair."""

    HAND_BACK = "hand_back", mark("Hand the question back to the body")
    REDIRECT = "redirect", mark("Ask the successor instead")
    REBUILD = "rebuild", mark("Write it anew from the history")


@dataclass(frozen=True)
class Finding:
    """One thing that is amiss, with its safe repair or with who must decide."""

    ailment: Ailment
    case: str  # handle; empty where it is about no single case
    sentence: Sentence
    decides: Role
    remedy: Remedy | None = None
    consultation: str | None = None
    organisation: str | None = None
    decides_with: Role | None = None  # who decides besides, where nobody does alone
    instead: Sentence | None = None  # what can be done where there is no repair

    @property
    def mark(self) -> str:
        """By what a form names the repair of this finding."""
        return f"{self.remedy or ''}:{self.consultation or ''}"
