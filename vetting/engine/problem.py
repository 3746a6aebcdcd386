"""What is wrong with a definition: where, what, and what to write instead."""

from collections.abc import Iterable
from dataclasses import dataclass

from vetting.engine.sentences import Sentence, say


@dataclass(frozen=True, slots=True)
class Problem:
    """One thing in a file that keeps it from being used."""

    file: str
    where: str  # the place in the file, with dots: states.filed.title.vi
    sentence: Sentence
    remedy: Sentence
    path: tuple[str, ...] = ()  # the acts that lead there, where a walk found it

    def __str__(self) -> str:
        """Return the problem on one line, in English."""
        acts = f" [{' → '.join(self.path)}]" if self.path else ""
        return f"{self.file}: {self.where}: {self.sentence}{acts} {self.remedy}"


class BadDefinition(Exception):
    """A definition cannot be used as it stands."""

    def __init__(self, problems: Iterable[Problem]) -> None:
        self.problems = tuple(problems)
        super().__init__("\n".join(map(str, self.problems)))

    @property
    def sentence(self) -> Sentence:
        """Say how much is wrong, for whoever does not list it."""
        return say("%(count)s things are wrong with the workflows.", count=len(self.problems))
