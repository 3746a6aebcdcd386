"""Reading a date or a year of birth, however it was written.

A whole date or a bare year is taken. A month and a year, a year of two digits, a day that no
calendar has, are refused: who was born when is never guessed.
"""

import re
from collections.abc import Sequence
from datetime import date, timedelta
from functools import lru_cache

from vetting.engine.sentences import Sentence, say
from vetting.lists.answers import Reason
from vetting.lists.clean_text import clean, fold
from vetting.lists.grid import Cell

EARLIEST_YEAR = 1900
_FIRST_SERIAL = 10_000  # 18 May 1927; smaller numbers are years, ages or slips
_LAST_SERIAL = 73_050  # the end of 2099
_LONGEST = 60  # letters; nothing longer is a date
_SERIAL_ZERO = date(1899, 12, 30)

_SEPARATOR = r"\s*[/.\-\\,–—_ ]\s*"
_CLOCK = r"(?:(?:T|\s+)\d{1,2}:\d{2}(?::\d{2}(?:\.\d+)?)?\s*(?:AM|SA|Z)?)?"
_DAY_FIRST = re.compile(
    rf"(\d{{1,2}}){_SEPARATOR}([\w]{{1,9}}){_SEPARATOR}(\d{{4}}){_CLOCK}\.?", re.IGNORECASE
)
_YEAR_FIRST = re.compile(
    rf"(\d{{4}}){_SEPARATOR}(\d{{1,2}}){_SEPARATOR}(\d{{1,2}}){_CLOCK}", re.IGNORECASE
)
_IN_WORDS = re.compile(r"(?:ngay )?(\d{1,2}) thang (\d{1,2}) nam (\d{4})")
_YEAR = re.compile(r"(?:nam )?(\d{4})")
_DAY_AND_MONTH = re.compile(rf"(\d{{1,2}}){_SEPARATOR}(\d{{1,2}})")
_NUMBER = re.compile(r"\d+(?:\.0+)?")
_LEADING = re.compile(r"^(?:sinh\s*)?(?:ngày|năm)?\s*:?\s*(?=\d)", re.IGNORECASE)
_MONTHS = {
    name: number
    for number, names in enumerate(
        (
            "i jan january", "ii feb february", "iii mar march", "iv apr april", "v may",
            "vi jun june", "vii jul july", "viii aug august", "ix sep sept september",
            "x oct october", "xi nov november", "xii dec december",
        ),
        start=1,
    )
    for name in names.split()
}  # fmt: skip

Refused = tuple[Reason, Sentence]


class _NotABirth(Exception):
    """What stands there is no date and no year."""


def read_birth(cells: Sequence[Cell], row: int, today: date) -> str | Refused:
    """Return the birth that *cells* give, as YYYY-MM-DD or YYYY, or why they give none.

    A list may spread it over several cells: one column for men and one for women, a date beside
    a year, or day, month and year apart. Cells that contradict one another give none.
    """
    filled = [cell for cell in cells if not _blank(cell)]
    if not filled:
        return Reason.BIRTH_INVALID, say("Row %(row)s has no date or year of birth.", row=row)
    try:
        born = _agreed(filled)
    except _NotABirth:
        return Reason.BIRTH_INVALID, say(
            "“%(written)s” in row %(row)s is not a date or year of birth; "
            "write it as day/month/year, or the year alone.",
            written=" ".join(_shown(cell) for cell in filled)[:60],
            row=row,
        )
    if born > (str(today.year) if len(born) == len("YYYY") else today.isoformat()):
        return Reason.BIRTH_FUTURE, say(
            "The birth in row %(row)s, %(born)s, lies in the future.", born=_in_order(born), row=row
        )
    return born


def is_a_birth(cell: Cell) -> bool:
    """Tell whether *cell* reads as a date or a year, past or future."""
    return not _blank(cell) and _reading(cell) is not None


def _agreed(cells: Sequence[Cell]) -> str:
    if len(cells) == len(("day", "month", "year")) and all(
        _NUMBER.fullmatch(_shown(cell)) and len(_shown(cell)) < _LONGEST for cell in cells
    ):
        day, month, year = (int(float(_shown(cell))) for cell in cells)
        if year >= EARLIEST_YEAR:
            return _day(year, month, day)
    if len(cells) > 1 and (short := _DAY_AND_MONTH.fullmatch(_shown(cells[0]))):
        return _day(int(_one(cells[1])), int(short[2]), int(short[1]))
    readings = sorted({_one(cell) for cell in cells}, key=len)
    if any(not readings[-1].startswith(reading) for reading in readings):
        raise _NotABirth
    return readings[-1]


def _one(cell: Cell) -> str:
    reading = _reading(cell)
    if reading is None:
        raise _NotABirth
    return reading


@lru_cache(1_024)
def _reading(cell: Cell) -> str | None:
    """Return what one cell says, or None; asked twice for each row."""
    try:
        return _parsed(cell)
    except _NotABirth:
        return None


def _parsed(cell: Cell) -> str:
    if isinstance(cell, date):
        return _day(cell.year, cell.month, cell.day)
    text = _shown(cell)
    if len(text) > _LONGEST:
        raise _NotABirth
    if _NUMBER.fullmatch(text):
        return _from_number(int(float(text)))
    text = _LEADING.sub("", text)
    if found := _YEAR_FIRST.fullmatch(text):
        return _day(int(found[1]), int(found[2]), int(found[3]))
    if found := _DAY_FIRST.fullmatch(text):
        return _day(int(found[3]), _month(found[2]), int(found[1]))
    folded = fold(text)
    if found := _IN_WORDS.fullmatch(folded):
        return _day(int(found[3]), int(found[2]), int(found[1]))
    if found := _YEAR.fullmatch(folded):
        return _year(int(found[1]))
    raise _NotABirth


def _from_number(number: int) -> str:
    """Read a bare number: a year, a spreadsheet's count of days, or a date without separators."""
    if number < _FIRST_SERIAL:
        return _year(number)
    if number <= _LAST_SERIAL:
        return _day_of(_SERIAL_ZERO + timedelta(days=number))
    digits = f"{number:08d}"
    if len(digits) != len("DDMMYYYY"):
        raise _NotABirth
    readings = []
    for year, month, day in (
        (digits[4:], digits[2:4], digits[:2]),
        (digits[:4], digits[4:6], digits[6:]),
    ):
        try:
            readings.append(_day(int(year), int(month), int(day)))
        except _NotABirth:
            continue
    if len(readings) != 1:
        raise _NotABirth
    return readings[0]


def _month(text: str) -> int:
    if text.isdecimal():
        return int(text)
    month = _MONTHS.get(text.casefold())
    if month is None:
        raise _NotABirth
    return month


def _day(year: int, month: int, day: int) -> str:
    try:
        return _day_of(date(year, month, day))
    except ValueError as no_such_day:
        raise _NotABirth from no_such_day


def _day_of(day: date) -> str:
    _year(day.year)
    return date(day.year, day.month, day.day).isoformat()


def _year(year: int) -> str:
    if not EARLIEST_YEAR <= year <= EARLIEST_YEAR + 199:
        raise _NotABirth
    return str(year)


def _blank(cell: Cell) -> bool:
    return isinstance(cell, str) and fold(cell) == "" and not any(c.isalnum() for c in cell)


def _shown(cell: Cell) -> str:
    if isinstance(cell, date):
        return cell.strftime("%d/%m/%Y")
    if isinstance(cell, float):
        return str(int(cell)) if cell.is_integer() else str(cell)
    return clean(cell).strip(" '\"")


def _in_order(born: str) -> str:
    return "/".join(reversed(born.split("-")))
