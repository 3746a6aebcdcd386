"""Role proposals: what one administrator gives, and nothing is until a second one confirms it."""

from collections.abc import Collection
from dataclasses import dataclass
from enum import StrEnum

from vetting.engine.canonical import canonical, digest
from vetting.engine.sentences import Sentence, say
from vetting.engine.vocabulary import Role

ANSWERED = say("Another administrator has answered this already, or it was taken back.")
NOT_AS_SHOWN = say("What waits is not what you were shown. Open the page again.")


class Answer(StrEnum):
    """What becomes of a proposal, once and for good."""

    CONFIRMED = "confirmed"
    REFUSED = "refused"
    TAKEN_BACK = "taken_back"


@dataclass(frozen=True, slots=True)
class RoleProposal:
    """A role that an officer is to have, or a higher clearance in one that they have."""

    handle: str
    officer: str
    organisation: str
    role: Role
    kind: str  # given or cleared, as it is called among the changes of roles
    valid_from: str
    valid_to: str | None
    clearance: int
    proposed_by: str
    at: str

    @property
    def hash(self) -> str:
        """The hash of all that it says, by which it is confirmed as it was shown."""
        said = {
            "proposal": self.handle,
            "officer": self.officer,
            "organisation": self.organisation,
            "role": self.role.value,
            "kind": self.kind,
            "valid_from": self.valid_from,
            "valid_to": self.valid_to,
            "clearance": self.clearance,
            "by": self.proposed_by,
            "at": self.at,
        }
        return digest("vetting role proposal v1", canonical(said))

    def not_answered_by(self, persons: Collection[str]) -> Sentence | None:
        """Return why these persons cannot confirm or refuse it; none: they can."""
        if self.proposed_by in persons:
            return say("You gave it yourself; another administrator confirms or refuses it.")
        if self.officer in persons:
            return say("It is about yourself; another administrator confirms or refuses it.")
        return None
