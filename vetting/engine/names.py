"""Vietnamese names, of people and organisations: how they are folded for search and sorted."""

from unicodedata import normalize

_PLAIN = str.maketrans({"đ": "d", "Đ": "d"})
# The order of the Vietnamese alphabet; a mark on a vowel makes another letter.
_LETTERS = "aăâbcdđeêfghijklmnoôơpqrstuưvwxyz"
_RANK = {letter: f"{number:02d}" for number, letter in enumerate(_LETTERS, 1)}
# Tones sort after letters, in the order of the dictionaries: level, grave, hook, tilde, acute, dot.
_TONES = {"\u0300": "1", "\u0309": "2", "\u0303": "3", "\u0301": "4", "\u0323": "5"}
_OTHER = "99"


def folded(name: str) -> str:
    """Return *name* without marks and case, one space between words: `Đặng Ân` is `dang an`."""
    plain = "".join(c for c in normalize("NFD", name.translate(_PLAIN)) if not _is_mark(c))
    return " ".join(plain.casefold().split())


def sort_key(name: str) -> str:
    """Return a text that sorts names by given name, then surname, then the names between."""
    words = normalize("NFC", name).casefold().split()
    if not words:
        return ""
    given, rest = words[-1], words[:-1]
    between, surname = rest[1:], rest[:1]
    return " ".join(_word_key(word) for word in [given, *between, *surname])


def title_key(title: str) -> str:
    """Return a text that sorts titles, such as of organisations, word by word as they stand."""
    return " ".join(_word_key(word) for word in normalize("NFC", title).casefold().split())


def _word_key(word: str) -> str:
    letters, tones = [], []
    for character in word:
        base, tone = _without_tone(character)
        letters.append(_RANK.get(base, _OTHER))
        tones.append(tone)
    return "".join(letters) + "." + "".join(tones)


def _without_tone(character: str) -> tuple[str, str]:
    parts = normalize("NFD", character)
    tone = next((_TONES[mark] for mark in parts if mark in _TONES), "0")
    return normalize("NFC", "".join(mark for mark in parts if mark not in _TONES)), tone


def _is_mark(character: str) -> bool:
    return "\u0300" <= character <= "\u036f"
