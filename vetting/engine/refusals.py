"""Every way the system says no.

A refusal carries one sentence for the person who asked, and the name of the answer that it is
about, where it is about one of several. Its family decides the HTTP status (web/errors.py); nothing
else about it belongs to the web.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from vetting.engine.definition import Title
from vetting.engine.sentences import Sentence
from vetting.engine.vocabulary import Role


@dataclass(frozen=True, slots=True)
class Stays:
    """An entry of a record that was destroyed: who did what, and nothing of what they said."""

    number: int
    at: str
    did: Sentence
    who: str | None  # None where the engine did it, and nobody
    for_whom: str | None  # where somebody acted for another
    role: Role
    organisation: Title


class Refusal(Exception):
    """The system declines to do what was asked."""

    def __init__(self, sentence: Sentence, about: str = "") -> None:
        super().__init__(str(sentence))
        self.sentence = sentence
        self.about = about  # of what was asked for by a name; empty: of the whole


class Unknown(Refusal):
    """There is no such thing, or none that this officer may know of."""


class Erased(Unknown):
    """What is asked for was there for this officer, and was lawfully destroyed.

    It carries what stays of it, for whom that is to be read.
    """

    def __init__(self, sentence: Sentence, stays: Sequence[Stays] = ()) -> None:
        super().__init__(sentence)
        self.stays = tuple(stays)


class Forbidden(Refusal):
    """The officer may see this but may not do it."""


class ProveAgain(Refusal):
    """The officer may do this, once they have proved again who they are."""


class OutOfTurn(Refusal):
    """The act does not fit where the case stands now."""


class Stale(OutOfTurn):
    """Somebody changed the matter since the officer's page was made."""


class MoveNotOffered(OutOfTurn):
    """The definition has no such move from this state."""


class HeldBack(OutOfTurn):
    """The definition has the move, but a guard holds the case back."""


class TwoHats(OutOfTurn):
    """The officer already plays another part in this case."""


class Unacceptable(Refusal):
    """What was sent cannot be taken as it is."""


class KeyReused(Unacceptable):
    """A key that belongs to one act came back with another content."""


class NotWrittenDown(Refusal):
    """Who looks cannot be written down, so nothing is shown."""


class TooMuchRead(Forbidden):
    """The look goes beyond a budget of reading."""
