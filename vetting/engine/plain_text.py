"""Plain text: what of a text nobody can see, and what turns the direction in which it is read.

A text of such signs alone is blank, and one that turns its direction reads otherwise than it is
kept. Vietnamese needs none of them.
"""

import re

# Zero-width signs and joiners, soft hyphens, marks of direction, fillers, selectors of variants.
_UNSEEN = re.compile(
    "[\u00ad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180f\u200b-\u200f\u2060-\u2065"
    "\u206a-\u206f\u2800\u3164\ufe00-\ufe0f\ufeff\uffa0\ufff0-\ufffb\U000e0000-\U000e0fff]"
)
# Embeddings, overrides and isolates, and separators of lines that no page shows as lines.
_TURNS = re.compile("[\u2028-\u202e\u2066-\u2069]")


def without_unseen(text: str) -> str:
    """Return a text without the signs that nobody can see."""
    return text if text.isascii() else _UNSEEN.sub("", text)


def turns_direction(text: str) -> bool:
    """Tell whether a text holds signs by which it reads otherwise than it is kept."""
    return not text.isascii() and _TURNS.search(text) is not None


def has_unseen(text: str) -> bool:
    """Tell whether a text holds signs that nobody can see, or that turn its direction."""
    return not text.isascii() and (_UNSEEN.search(text) is not None or turns_direction(text))
