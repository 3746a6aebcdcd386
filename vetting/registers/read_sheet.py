"""Read one register file into lines of named cells, whatever a spreadsheet made of it."""

import csv
import io
import re
import unicodedata
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from pathlib import Path
from typing import TypeVar

from vetting.engine.sentences import say
from vetting.registers.refusals import Faults

LARGEST_FILE = 5_000_000  # bytes; a register of a province has a few hundred short lines
DAY = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
PARTIAL_DAY = re.compile(r"([0-9]{4})(-[0-9]{2})?(-[0-9]{2})?")
CODE = re.compile(r"[a-z0-9]+(-[a-z0-9]+)*")
LONGEST_CODE = 64
LONGEST_CELL = 2_000

Choice = TypeVar("Choice", bound=StrEnum)


@dataclass(frozen=True, slots=True)
class Line:
    """One line of a file; what is wrong with a cell goes to the faults of the file."""

    number: int
    cells: Mapping[str, str]
    faults: Faults

    def text(self, heading: str) -> str:
        """Return the cell, which may be empty."""
        return self.cells[heading]

    def required(self, heading: str) -> str:
        """Return the cell, which must not be empty."""
        text = self.cells[heading]
        if not text:
            self.faults.add(self.number, say("The column “%(heading)s” is empty.", heading=heading))
        return text

    def code(self, heading: str) -> str:
        """Return a code: small letters without marks and digits, joined by hyphens."""
        text = self.required(heading)
        if text and (CODE.fullmatch(text) is None or len(text) > LONGEST_CODE):
            self.faults.add(
                self.number,
                say(
                    "“%(text)s” in the column “%(heading)s” is not a code: write small letters "
                    "without marks and digits, joined by hyphens, at most %(most)s of them.",
                    text=text,
                    heading=heading,
                    most=LONGEST_CODE,
                ),
            )
        return text

    def several(self, heading: str) -> tuple[str, ...]:
        """Return the values of a cell that may hold several, separated by semicolons."""
        values = tuple(part.strip() for part in self.cells[heading].split(";") if part.strip())
        for value in sorted({value for value in values if values.count(value) > 1}):
            self.faults.add(
                self.number,
                say(
                    "“%(value)s” is written twice in the column “%(heading)s”.",
                    value=value,
                    heading=heading,
                ),
            )
        return values

    def choice(self, heading: str, closed: type[Choice]) -> Choice | None:
        """Return the member of a closed list that the cell names."""
        text = self.required(heading)
        return self.member(text, heading, closed) if text else None

    def member(self, text: str, heading: str, closed: type[Choice]) -> Choice | None:
        """Return the member of a closed list that *text* names."""
        try:
            return closed(text)
        except ValueError:
            self.faults.add(
                self.number,
                say(
                    "“%(text)s” in the column “%(heading)s” is not one of: %(known)s.",
                    text=text,
                    heading=heading,
                    known=", ".join(member.value for member in closed),
                ),
            )
            return None

    def day(self, heading: str) -> date | None:
        """Return the day in the cell, if there is one."""
        text = self.cells[heading]
        if not text:
            return None
        if DAY.fullmatch(text):
            try:
                return date.fromisoformat(text)
            except ValueError:
                pass
        self.faults.add(
            self.number,
            say(
                "“%(text)s” in the column “%(heading)s” is not a date: write it as 2025-06-30.",
                text=text,
                heading=heading,
            ),
        )
        return None

    def partial_day(self, heading: str) -> str:
        """Return a day of which only the year, or year and month, may be known."""
        text = self.cells[heading]
        if not text or _is_partial_day(text):
            return text
        self.faults.add(
            self.number,
            say(
                "“%(text)s” in the column “%(heading)s” is not a date: write it as 2025-06-30, "
                "or as 2025-06 or 2025 when the rest is not known.",
                text=text,
                heading=heading,
            ),
        )
        return text

    def period(self) -> tuple[date | None, date | None]:
        """Return the first and the last day of validity, either of which may be open."""
        first, last = self.day("valid_from"), self.day("valid_to")
        if first and last and last < first:
            self.faults.add(
                self.number,
                say(
                    "It ends on %(last)s, before it begins on %(first)s.",
                    last=last.isoformat(),
                    first=first.isoformat(),
                ),
            )
        return first, last


def _is_partial_day(text: str) -> bool:
    """Say whether the known part of a day exists in the calendar."""
    if PARTIAL_DAY.fullmatch(text) is None:
        return False
    try:
        date.fromisoformat(text + "0001-01-01"[len(text) :])
    except ValueError:
        return False
    return True


def read_sheet(path: Path, headings: tuple[str, ...], faults: Faults) -> list[Line]:
    """Return the lines of the file; a file that cannot be read as a table has none."""
    text = _read_text(path, faults)
    if text is None:
        return []
    rows = _split_rows(text, faults)
    first = next(rows, None)
    if first is None:
        faults.add(0, say("The file has no heading row."))
        return []
    found = [cell.strip() for cell in first[1]]
    if not _headings_hold(first[0], found, headings, faults):
        return []
    return list(_lines(rows, found, faults))


def _read_text(path: Path, faults: Faults) -> str | None:
    """Return the text of the file in composed form, with or without a byte-order mark."""
    try:
        with path.open("rb") as opened:
            raw = opened.read(LARGEST_FILE + 1)
    except FileNotFoundError:
        faults.add(0, say("The file is missing."))
        return None
    except OSError as error:
        faults.add(
            0, say("The file cannot be read: %(reason)s.", reason=error.strerror or "unknown")
        )
        return None
    if len(raw) > LARGEST_FILE:
        faults.add(0, say("The file has more than %(most)s bytes.", most=LARGEST_FILE))
        return None
    try:
        return raw.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = raw[: error.start].count(b"\n") + 1
        faults.add(line, say("The text is not UTF-8: save the file as “CSV UTF-8”."))
        return None


def _split_rows(text: str, faults: Faults) -> Iterator[tuple[int, list[str]]]:
    """Give each row with the number of the line it starts on; empty rows are passed over."""
    reader = csv.reader(io.StringIO(text, newline=""), strict=True)
    start = 1
    try:
        for row in reader:
            if any(cell.strip() for cell in row):
                yield start, row
            start = reader.line_num + 1
    except csv.Error:
        faults.add(
            start, say("This is not comma-separated text: a quotation mark is open or misplaced.")
        )


def _headings_hold(
    number: int, found: list[str], headings: tuple[str, ...], faults: Faults
) -> bool:
    """Say whether the heading row has each known column once and nothing else."""
    missing = [heading for heading in headings if heading not in found]
    unknown = [heading for heading in found if heading not in headings]
    twice = sorted({heading for heading in found if found.count(heading) > 1})
    for heading in missing:
        faults.add(number, say("The column “%(heading)s” is missing.", heading=heading))
    for heading in unknown:
        faults.add(
            number,
            say(
                "There is no column “%(heading)s”; the columns are, separated by commas: "
                "%(known)s.",
                heading=heading,
                known=", ".join(headings),
            ),
        )
    for heading in twice:
        faults.add(number, say("The column “%(heading)s” is there twice.", heading=heading))
    return not (missing or unknown or twice)


def _lines(
    rows: Iterator[tuple[int, list[str]]], headings: list[str], faults: Faults
) -> Iterator[Line]:
    """Give each row as a line of named cells; rows of another length are faults."""
    for number, row in rows:
        if len(row) != len(headings):
            faults.add(
                number,
                say(
                    "The row has %(found)s cells instead of %(expected)s.",
                    found=len(row),
                    expected=len(headings),
                ),
            )
            continue
        cells = {
            heading: unicodedata.normalize("NFC", cell).strip()
            for heading, cell in zip(headings, row, strict=True)
        }
        for heading, cell in cells.items():
            if len(cell) > LONGEST_CELL:
                faults.add(
                    number,
                    say(
                        "The column “%(heading)s” holds more than %(most)s characters.",
                        heading=heading,
                        most=LONGEST_CELL,
                    ),
                )
            if any(unicodedata.category(sign).startswith("C") for sign in cell):
                faults.add(
                    number,
                    say(
                        "The column “%(heading)s” holds a line break or an invisible character.",
                        heading=heading,
                    ),
                )
        yield Line(number, cells, faults)
