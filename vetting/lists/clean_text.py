"""Cleaning the text of a cell, and folding it for comparison."""

import re
import unicodedata

# Invisible: zero-width marks, soft hyphen, word joiner, byte order mark.
_INVISIBLE = dict.fromkeys(
    [0x00AD, 0x034F, 0x061C, 0x180E, 0x200B, 0x200C, 0x200D, 0x200E, 0x200F, 0x2060, 0xFEFF]
)
# Old Vietnamese keyboards leave the Icelandic and the African letter in place of Đ.
_LOOKALIKES = str.maketrans({"Ð": "Đ", "ð": "đ", "Ɖ": "Đ", "ɖ": "đ"})
_LETTERS_OF_THEIR_OWN = str.maketrans({"đ": "d", "Đ": "D"})
_TONES = frozenset("\u0300\u0301\u0303\u0309\u0323")
_NOT_WORDS = re.compile(r"[^\w]+|_+")


def clean(text: str) -> str:
    """Return *text* composed, on one line, without invisible marks or stray spaces."""
    composed = unicodedata.normalize("NFC", text.translate(_INVISIBLE).translate(_LOOKALIKES))
    return " ".join(composed.split())


def fold(text: str) -> str:
    """Return the bare lower-case words of *text*: no marks, no punctuation."""
    decomposed = unicodedata.normalize("NFKD", clean(text).translate(_LETTERS_OF_THEIR_OWN))
    bare = "".join(letter for letter in decomposed if not unicodedata.combining(letter))
    return _NOT_WORDS.sub(" ", bare.casefold()).strip()


def same_spelling(text: str) -> str:
    """Return a key under which “Hoà” and “Hòa”, “NGUYỄN” and “Nguyễn” are the same.

    Marks stay, so that Ân and An differ; only the letter a tone is written on does not count.
    """
    return " ".join(_tone_last(word) for word in clean(text).casefold().split())


def _tone_last(word: str) -> str:
    decomposed = unicodedata.normalize("NFD", word)
    tones = "".join(sorted(mark for mark in decomposed if mark in _TONES))
    return "".join(mark for mark in decomposed if mark not in _TONES) + tones
