"""Cleaning the text of a cell, and folding it for comparison."""

import re
import unicodedata
from functools import lru_cache

# Old Vietnamese keyboards leave the Icelandic and the African letter in place of Đ.
_LOOKALIKES = str.maketrans({"Ð": "Đ", "ð": "đ", "Ɖ": "Đ", "ɖ": "đ"})
_LETTERS_OF_THEIR_OWN = str.maketrans({"đ": "d", "Đ": "D"})
_TONES = frozenset("\u0300\u0301\u0303\u0309\u0323")
_MARKS = re.compile("[\u0300-\u036f]+")
_NOT_WORDS = re.compile(r"[\W_]+")
_REMEMBERED = 1_024  # texts; one cell is asked about several times in a row


@lru_cache(_REMEMBERED)
def clean(text: str) -> str:
    """Return *text* composed, on one line, without invisible marks or stray spaces."""
    if not text.isprintable():
        text = "".join(_visible(letter) for letter in text)
    if not text.isascii():
        if any(letter in text for letter in "ÐðƉɖ"):
            text = text.translate(_LOOKALIKES)
        text = unicodedata.normalize("NFC", text)
    return " ".join(text.split())


def _visible(letter: str) -> str:
    """Leave out what cannot be seen: zero-width marks, soft hyphens, changes of direction."""
    if letter.isprintable():
        return letter
    return "" if unicodedata.category(letter) == "Cf" else " "


@lru_cache(_REMEMBERED)
def fold(text: str) -> str:
    """Return the bare lower-case words of *text*: no marks, no punctuation."""
    decomposed = unicodedata.normalize("NFKD", clean(text).translate(_LETTERS_OF_THEIR_OWN))
    return _NOT_WORDS.sub(" ", _MARKS.sub("", decomposed).casefold()).strip()


def same_spelling(text: str) -> str:
    """Return a key under which “Hoà” and “Hòa”, “NGUYỄN” and “Nguyễn” are the same.

    Marks stay, so that Ân and An differ; only the letter a tone is written on does not count.
    """
    return " ".join(_tone_last(word) for word in clean(text).casefold().split())


@lru_cache(_REMEMBERED)
def _tone_last(word: str) -> str:
    if word.isascii():
        return word
    decomposed = unicodedata.normalize("NFD", word)
    tones = "".join(sorted(mark for mark in decomposed if mark in _TONES))
    return "".join(mark for mark in decomposed if mark not in _TONES) + tones
