"""Passwords that somebody would guess: weighed by zxcvbn, and by what people here tend to take.

zxcvbn knows English words, keyboards, dates and repetitions. What it does not know stands in
`guessable_words.txt`: "Mật khẩu 2026!" and "m4tkh4u-2026" are both nothing but `matkhau`.
"""

import re
from collections.abc import Iterable, Iterator
from pathlib import Path
from threading import Lock

from zxcvbn import zxcvbn

from vetting.engine.names import folded

LEAST_SCORE = 3  # of 0 to 4: some 100 million guesses
MOST_WEIGHED = 40  # characters; beyond, zxcvbn takes seconds where many signs stand for letters

WORDS = tuple(
    word
    for line in Path(__file__).with_name("guessable_words.txt").read_text("utf-8").splitlines()
    if not line.startswith("#")
    for word in line.split()
)

_NOTHING = re.compile(r"[^\w@$!]|_")  # what stands between words and for no letter
_LETTER_OF = str.maketrans("0134@5$!", "oieaassi")
_PARTS = re.compile(r"[\W_]+")
_ONE_AT_A_TIME = Lock()  # zxcvbn keeps the words it is given in a dictionary of the module


def is_guessable(password: str, known: Iterable[str] = ()) -> bool:
    """Tell whether a password is easy to guess for whoever knows *known*: the officer's names."""
    plain = folded(password)
    words = (*_words_of(known), *WORDS)
    if _is_made_of(words, plain):
        return True
    with _ONE_AT_A_TIME:
        weighed = zxcvbn(plain[:MOST_WEIGHED], words, max_length=MOST_WEIGHED)
    return bool(weighed["score"] < LEAST_SCORE)


def _words_of(known: Iterable[str]) -> Iterator[str]:
    """Yield each name as one word, and its parts."""
    for name in known:
        parts = [part for part in _PARTS.split(folded(name)) if part]
        yield from ("".join(parts), *parts)


def _is_made_of(words: Iterable[str], plain: str) -> bool:
    """Tell whether a text is nothing but these words, digits and punctuation."""
    text = _NOTHING.sub("", plain)
    letters = text.translate(_LETTER_OF)
    used = {word.translate(_LETTER_OF) for word in words}
    used = {word for word in used if word and word in letters}
    reached = {0}
    for place, sign in enumerate(text):
        if place in reached:
            if not sign.isalpha():
                reached.add(place + 1)
            reached |= {place + len(word) for word in used if letters.startswith(word, place)}
    return len(text) in reached
