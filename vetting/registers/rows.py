"""What the register files say, as values that cannot change.

An empty cell stays empty here: ``None`` for a date or a reference, ``""`` for a text. It means
"not entered", never a guess.
"""

from dataclasses import dataclass
from datetime import date
from typing import NamedTuple

from vetting.engine.vocabulary import CaseType, Kind
from vetting.registers.vocabulary import ManagementLevel, Subject

Day = date  # a legal basis has a column of the name "date"
SEPARATOR = ";"  # between the parts of a legal basis's key, so in none of them


class BasisKey(NamedTuple):
    """What tells one legal basis from another: numbers recur, so never the number alone.

    The date is as much as is known: ``2018-05-31``, ``2018-05``, ``2018`` or nothing.
    """

    number: str
    date: str
    issuer: str

    @property
    def joined(self) -> str:
        """Return the key in one piece, as workflow definitions cite it."""
        return SEPARATOR.join(self)

    def __str__(self) -> str:
        """Return the key as people write it."""
        dated = f"({self.date})" if self.date else ""
        numbered = " ".join(part for part in (self.number, dated) if part)
        return ", ".join(part for part in (numbered, self.issuer) if part)


@dataclass(frozen=True, slots=True)
class OrganisationRow:
    """An organisation; one organisation may be several things to the system."""

    code: str
    name_vi: str
    name_en: str
    other_names: tuple[str, ...]
    kinds: tuple[Kind, ...]
    valid_from: Day | None
    valid_to: Day | None
    note_vi: str
    note_en: str
    source: str


@dataclass(frozen=True, slots=True)
class SuccessionRow:
    """Who takes over from whom, by the codes of both."""

    predecessor: str
    successor: str
    from_date: Day | None
    note_vi: str
    note_en: str
    source: str


@dataclass(frozen=True, slots=True)
class LegalBasisRow:
    """A text that people act under."""

    number: str
    date: str
    issuer: str
    title_vi: str
    title_en: str
    subject: Subject
    valid_from: Day | None
    valid_to: Day | None
    source: str

    @property
    def key(self) -> BasisKey:
        """What tells this text from every other."""
        return BasisKey(self.number, self.date, self.issuer)


@dataclass(frozen=True, slots=True)
class ReplacementRow:
    """A text and one that it replaces."""

    replacing: BasisKey
    replaced: BasisKey
    source: str


@dataclass(frozen=True, slots=True)
class BodyOfRegulation:
    """A body that a coordination regulation names, with its place in the list."""

    position: int
    body: str
    source: str


@dataclass(frozen=True, slots=True)
class RegulationRow:
    """A coordination regulation with the bodies it names, in its own order."""

    code: str
    name_vi: str
    name_en: str
    basis: BasisKey | None
    valid_from: Day | None
    valid_to: Day | None
    bodies: tuple[BodyOfRegulation, ...]


@dataclass(frozen=True, slots=True)
class AuthorityRow:
    """Who concludes for a management level and a case type, and in which years."""

    management_level: ManagementLevel
    case_type: CaseType
    valid_from: Day | None
    valid_to: Day | None
    authority: str
    basis: BasisKey | None
    source: str


@dataclass(frozen=True, slots=True)
class Registers:
    """Everything the folder of register files says, checked as a whole."""

    organisations: tuple[OrganisationRow, ...]
    successions: tuple[SuccessionRow, ...]
    legal_bases: tuple[LegalBasisRow, ...]
    replacements: tuple[ReplacementRow, ...]
    regulations: tuple[RegulationRow, ...]
    authorities: tuple[AuthorityRow, ...]
