"""Duties: what one person may not do beside another thing in the same case.

The seven duties are the hats (vocabulary.py). Whoever has done one of them in a case does none of
the others there, whatever roles they hold, then or later. The database keeps the same rules by
itself: see the triggers in migrations/versions.
"""

from dataclasses import dataclass

from vetting.engine.sentences import Sentence, say
from vetting.engine.vocabulary import Hat

ANOTHER_PART = say("You already play another part in this case.")
ANOTHER_BODY = say("You have already spoken for another body in this case.")


@dataclass(frozen=True, slots=True)
class Part:
    """What somebody is in a case: the one hat, and the organisation for which it is worn."""

    hat: Hat
    organisation: str


def against_another_part(played: Part, wanted: Part) -> Sentence | None:
    """Say why somebody who plays one part cannot play another, or None where it is the same.

    An opinion is its body's own: nobody speaks for two of them about one case.
    """
    if played.hat is not wanted.hat:
        return ANOTHER_PART
    if wanted.hat is Hat.OPINE and played.organisation != wanted.organisation:
        return ANOTHER_BODY
    return None
