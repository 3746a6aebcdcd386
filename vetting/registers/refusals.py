"""How a register file is refused: whole, and with everything that is wrong with it."""

from dataclasses import dataclass, field

from vetting.engine.sentences import Sentence


@dataclass(frozen=True, slots=True)
class Fault:
    """One thing wrong with a register file; line 0 is the file as a whole."""

    file: str
    line: int
    sentence: Sentence

    def __str__(self) -> str:
        """Return the fault as one line of English."""
        place = f"{self.file}, line {self.line}" if self.line else self.file
        return f"{place}: {self.sentence}"


class BadRegister(Exception):
    """Register files that cannot be taken as they are; nothing of them may be kept."""

    def __init__(self, faults: tuple[Fault, ...]) -> None:
        super().__init__("\n".join(str(fault) for fault in faults))
        self.faults = faults

    @property
    def file(self) -> str:
        """The file of the first fault."""
        return self.faults[0].file

    @property
    def line(self) -> int:
        """The line of the first fault."""
        return self.faults[0].line

    @property
    def sentence(self) -> Sentence:
        """What is wrong there."""
        return self.faults[0].sentence


@dataclass(slots=True)
class Faults:
    """What was found wrong with one file so far."""

    file: str
    found: list[Fault] = field(default_factory=list)

    def add(self, line: int, sentence: Sentence) -> None:
        """Write down one fault."""
        self.found.append(Fault(self.file, line, sentence))

    def refuse_if_any(self) -> None:
        """Refuse the file when anything is wrong with it, in the order of its lines."""
        if self.found:
            raise BadRegister(tuple(sorted(self.found, key=lambda fault: fault.line)))
