"""Sentences: what the system says to a person, kept apart from the language it is said in."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Sentence:
    """A message id, which is its English text, and what stands in its gaps."""

    msgid: str
    params: tuple[tuple[str, object], ...] = ()

    def __str__(self) -> str:
        """Return the sentence in English."""
        return self.msgid % dict(self.params)


@dataclass(frozen=True, slots=True)
class Organisations:
    """Organisations in the gap of a sentence, by their codes; the ways in write their names."""

    codes: tuple[str, ...]

    def __str__(self) -> str:
        """Return the codes."""
        return ", ".join(self.codes)


@dataclass(frozen=True, slots=True)
class Years:
    """How many years, in the gap of a sentence; the ways in write it as their language counts."""

    count: int

    def __str__(self) -> str:
        """Return it in English."""
        return f"{self.count} year" if self.count == 1 else f"{self.count} years"


def say(msgid: str, /, **params: object) -> Sentence:
    """Make a sentence; the ways in translate it."""
    return Sentence(msgid, tuple(params.items()))


def mark(msgid: str) -> str:
    """Mark a constant for translation and give it back unchanged."""
    return msgid
