"""What reading a list gives: its rows, accepted or refused, or one sentence why not."""

from dataclasses import dataclass
from enum import StrEnum

from vetting.engine.sentences import Sentence


class Reason(StrEnum):
    """Why a row is refused; a closed set."""

    NAME_MISSING = "name_missing"
    NAME_INVALID = "name_invalid"
    NAME_TOO_LONG = "name_too_long"
    BIRTH_INVALID = "birth_invalid"
    BIRTH_FUTURE = "birth_future"
    TARGET_MISSING = "target_missing"
    TARGET_TOO_LONG = "target_too_long"
    DUPLICATE_ROW = "duplicate_row"


@dataclass(frozen=True, slots=True)
class GoodRow:
    """A person and the title asked for, as far as the act needs them."""

    row: int
    name: str
    born: str
    target: str
    position: str | None = None


@dataclass(frozen=True, slots=True)
class RefusedRow:
    """A row that cannot become a case, with the reason for whoever corrects the list."""

    row: int
    reason: Reason
    message: Sentence
    name: str | None = None


@dataclass(frozen=True, slots=True)
class ReadList:
    """One list, read.

    *not_kept* names the columns that this house must not hold; *unused* names the ordinary
    companions of a list (number, sex, home town, Party dates, notes) that were passed over.
    """

    sheet: str
    unit: str | None
    rows: tuple[GoodRow | RefusedRow, ...]
    not_kept: tuple[str, ...]
    unused: tuple[str, ...] = ()


class UnreadableList(Exception):
    """The file as a whole cannot be read; its sentence says why and what to do."""

    def __init__(self, sentence: Sentence) -> None:
        super().__init__(str(sentence))
        self.sentence = sentence
