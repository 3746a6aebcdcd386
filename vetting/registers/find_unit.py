"""Find an organisation by its name as a unit wrote it at the head of its list."""

import unicodedata
from collections.abc import Collection, Iterable
from datetime import date
from typing import Protocol, TypeVar

from vetting.engine.vocabulary import Kind

# The five tones of Vietnamese as combining marks: grave, acute, tilde, hook above, dot below.
TONES = frozenset("\u0300\u0301\u0303\u0309\u0323")
# Two letters of other alphabets that old documents carry in the place of đ, looking the same.
LIKE_DJ = str.maketrans("\u00f0\u0256", "đđ")


class NamedOrganisation(Protocol):
    """What must be known of an organisation to find it by name."""

    @property
    def name_vi(self) -> str:
        """The name."""

    @property
    def other_names(self) -> Collection[str]:
        """Other ways to write the name."""

    @property
    def kinds(self) -> Collection[str]:
        """What the organisation is to the system."""

    @property
    def valid_from(self) -> date | None:
        """The first day, where entered."""

    @property
    def valid_to(self) -> date | None:
        """The last day, where entered."""


Organisation = TypeVar("Organisation", bound=NamedOrganisation)


def fold_name(written: str) -> str:
    """Return the name without what people write differently: capitals, spaces, punctuation.

    Marks are kept, since “Hương Sơn” is not “Hướng Sơn”; only the letter of a syllable that the
    tone is written on does not count: “uỷ” and “ủy”, “toà” and “tòa” are two habits, one word.
    """
    # Some letters become capitals only when they are taken apart, so cases are folded twice.
    plain = unicodedata.normalize("NFKD", written.casefold()).casefold().translate(LIKE_DJ)
    letters = []
    for sign in unicodedata.normalize("NFKD", plain):
        category = unicodedata.category(sign)
        if category[0] in "LMN":
            letters.append(sign)
        elif category != "Cf":  # a soft hyphen or zero-width space separates nothing
            letters.append(" ")
    return " ".join(_tone_last(word) for word in "".join(letters).split())


def _tone_last(word: str) -> str:
    """Move the tone behind the letters of its word."""
    letters = "".join(sign for sign in word if sign not in TONES)
    tones = "".join(sign for sign in word if sign in TONES)
    return letters + tones


def names_of(organisation: NamedOrganisation) -> frozenset[str]:
    """Return every folded name that the organisation goes by."""
    return frozenset(fold_name(name) for name in (organisation.name_vi, *organisation.other_names))


def find_organisation(
    organisations: Iterable[Organisation], written: str, on: date | None = None
) -> Organisation | None:
    """Return the organisation that goes by this name, or none.

    With *on*, only one in being on that day; otherwise, of several that bore the name one after
    another, the last.
    """
    folded = fold_name(written)
    if not folded:
        return None
    bearers = [
        organisation
        for organisation in organisations
        if folded in names_of(organisation) and (on is None or _in_being(organisation, on))
    ]
    return max(bearers, key=lambda bearer: bearer.valid_from or date.min, default=None)


def find_unit(
    organisations: Iterable[Organisation], written: str, on: date | None = None
) -> Organisation | None:
    """Return the requesting unit that goes by this name, or none."""
    units = [unit for unit in organisations if Kind.REQUESTING_UNIT in unit.kinds]
    return find_organisation(units, written, on)


def _in_being(organisation: NamedOrganisation, on: date) -> bool:
    """Say whether the organisation is in being on that day, as far as entered."""
    return (organisation.valid_from or date.min) <= on <= (organisation.valid_to or date.max)
