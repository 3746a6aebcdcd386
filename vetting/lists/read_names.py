"""Reading a person's name from a cell."""

import itertools
import re
import unicodedata
from functools import lru_cache

from vetting.engine.sentences import Sentence, say
from vetting.lists.answers import Reason
from vetting.lists.clean_text import clean, fold

NAME_LIMIT = 100

# “1. Nguyễn Văn Ân” where a list has no column for numbers
_NUMBER = re.compile(r"^\d{1,4}\s*[.)\-]\s*(?=\D)")
_HONORIFIC = re.compile(
    r"^(?:(?:đ/c|đc|đ\.c|đồng chí|đồng\s+chí|ông/bà|ông ?\(bà\)|mr|mrs|ms)(?:\s*[.:]\s*|\s+)"
    r"|(?:ông|bà)\s*:\s*|(?:pgs\.?\s?ts|pgs|tskh|ths)\s+"
    r"|(?:pgs|gs|tskh|ts|ths|bs|ks|cn|ls)(?:\s*\.\s*|\s*,\s*))+",
    re.IGNORECASE,
)
_FOOTNOTE = re.compile(r"\s*(?:\(\s*\*+\s*\)|\*+)$")
_APOSTROPHES = str.maketrans({"’": "'", "‘": "'", "ʼ": "'", "`": "'", "´": "'", "′": "'", "ʹ": "'"})
_HYPHENS = str.maketrans({"‐": "-", "‑": "-", "–": "-", "−": "-"})
_PARTS = re.compile(r"([\s'\-.()]+)")
_SHAPE = re.compile(r"^[^\W\d_]+(?:(?:' ?| ?- ?|\. ?| )?[^\W\d_]+)*\.?'?$")
_ALIAS = re.compile(r"^(?P<name>[^()]+?)\s*\((?P<alias>[^()]+)\)$")


def read_name(text: str) -> str:
    """Return the name in *text* as Vietnamese names are written; it may still be refused."""
    name = clean(text).translate(_APOSTROPHES).translate(_HYPHENS)
    if not name.strip("-_. "):
        return ""  # a stroke or dots where a name is still to come
    name = _FOOTNOTE.sub("", _NUMBER.sub("", name)).strip(" ,;:")
    name = _HONORIFIC.sub("", name)
    return "".join(_capitalised(part) for part in _PARTS.split(name)).strip()


def refuse_name(name: str, row: int) -> tuple[Reason, Sentence] | None:
    """Say why *name* cannot be a person's name, if it cannot."""
    if not name:
        return Reason.NAME_MISSING, say("Row %(row)s has no name.", row=row)
    if len(name) > NAME_LIMIT:
        return Reason.NAME_TOO_LONG, say(
            "The name in row %(row)s is longer than %(limit)s letters.", row=row, limit=NAME_LIMIT
        )
    if not _is_a_name(name):
        return Reason.NAME_INVALID, say(
            "“%(name)s” in row %(row)s is not a person’s name.", name=_shown(name), row=row
        )
    return None


def looks_like_a_person(text: str) -> bool:
    """Tell whether *text*, standing alone, reads as a full name and not as a title."""
    name = read_name(text)
    words = name.split()
    return refuse_name(name, 0) is None and 2 <= len(words) <= 5 and fold(words[0]) in _SURNAMES  # noqa: PLR2004 - surname and given name at least


def _is_a_name(name: str) -> bool:
    alias = _ALIAS.match(name)
    parts = [alias["name"], alias["alias"]] if alias else [name]
    return (
        all(_SHAPE.match(part) for part in parts)
        and all(_latin(letter) for letter in name if letter.isalpha())
        and sum(letter.isalpha() for letter in name) > 1
        and not any(_half_decoded(word) for word in _PARTS.split(name))
    )


@lru_cache(1_024)
def _latin(letter: str) -> bool:
    return unicodedata.name(letter, "").startswith("LATIN") and letter not in "ªº"


def _half_decoded(word: str) -> bool:
    """Tell the traces of an old font: a marked capital after a small letter, as in NguyÔn."""
    return any(
        before.islower() and after.isupper() and not after.isascii()
        for before, after in itertools.pairwise(word)
    )


def _capitalised(part: str) -> str:
    if part[1:].isupper():
        return part[0].title() + part[1:].lower()
    return part[:1].title() + part[1:] if part[:1].islower() else part


def _shown(name: str) -> str:
    return "".join(letter if letter.isprintable() else "�" for letter in name)


_SURNAMES = frozenset(
    fold(surname)
    for surname in [
        "Nguyễn",
        "Trần",
        "Lê",
        "Phạm",
        "Hoàng",
        "Huỳnh",
        "Phan",
        "Vũ",
        "Võ",
        "Đặng",
        "Bùi",
        "Đỗ",
        "Hồ",
        "Ngô",
        "Dương",
        "Lý",
        "Đào",
        "Đoàn",
        "Vương",
        "Trịnh",
        "Trương",
        "Đinh",
        "Lâm",
        "Phùng",
        "Mai",
        "Tô",
        "Hà",
        "Tạ",
        "Cao",
        "Thái",
        "Châu",
        "Quách",
        "Lưu",
        "Biện",
        "Đậu",
        "Kiều",
        "Chu",
        "Tôn",
        "La",
        "Lương",
        "Thân",
        "Văn",
        "Đồng",
        "Từ",
        "Nghiêm",
        "Ninh",
        "Kim",
        "Mạc",
        "Triệu",
        "Quang",
        "Hứa",
        "Âu",
        "Bành",
        "Cù",
        "Giang",
        "Khổng",
        "Lại",
        "Lục",
        "Mã",
        "Nhữ",
        "Ông",
        "Phí",
        "Thạch",
        "Tăng",
        "Tống",
        "Uông",
        "Viên",
        "Bạch",
        "Bế",
        "Nông",
        "Ma",
        "Giàng",
        "Vàng",
        "Lò",
        "Lường",
        "Cầm",
        "Sùng",
        "Thào",
        "H",
        "Y",
        "A",
        "Ksor",
        "Niê",
        "Rơ",
        "Siu",
        "Rmah",
        "Kpă",
        "Hồng",
        "Cái",
        "Hán",
        "Đàm",
        "Doãn",
        "Đường",
        "Điểu",
        "Sơn",
        "Danh",
        "Hoa",
        "Phó",
        "Trà",
    ]
)
