"""References: what people call a case on the telephone.

`QH-2026-HUHS-0012-45`: the act, the year, the unit, a number without gaps within unit and year, and
two check digits that catch a wrong character and two swapped ones (ISO 7064, mod 97-10).
"""

from vetting.engine.vocabulary import REFERENCE_PREFIX, CaseType

MODULUS = 97


def reference(case_type: CaseType, unit: str, year: int, number: int) -> str:
    """Return the reference of a case; *unit* is the unit's short name."""
    body = f"{REFERENCE_PREFIX[case_type]}-{year}-{unit}-{number:04d}"
    return f"{body}-{check_digits(body)}"


def check_digits(body: str) -> str:
    """Return the two check digits of a reference without them."""
    return f"{MODULUS + 1 - int(_as_number(body) + '00') % MODULUS:02d}"


def is_reference(text: str) -> bool:
    """Tell whether *text* is a whole reference without a slip of the tongue in it."""
    body, _, digits = text.strip().upper().rpartition("-")
    return bool(_as_number(body)) and check_digits(body) == digits


def _as_number(body: str) -> str:
    return "".join(
        str(int(character, 36)) for character in body if character.isascii() and character.isalnum()
    )
