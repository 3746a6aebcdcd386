"""Reading an OpenDocument sheet, with the merged cells that python-calamine does not tell."""

import io
import zipfile
from datetime import date
from typing import Any
from xml.parsers import expat  # the guard has refused every declaration before this is reached

from vetting.engine.sentences import say
from vetting.lists.answers import UnreadableList
from vetting.lists.grid import Cell, Grid, Row, Span
from vetting.lists.limits import Limits

_WIDEST = 256
_LONGEST_CELL = 4_000


def open_ods(content: bytes, limits: Limits) -> tuple[Grid, ...]:
    """Return the visible sheets of an OpenDocument file."""
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        text = archive.read("content.xml")
    reading = _Reading(limits)
    parser = expat.ParserCreate(namespace_separator=" ")
    parser.buffer_text = True
    parser.StartElementHandler = reading.start
    parser.EndElementHandler = reading.end
    parser.CharacterDataHandler = reading.text
    parser.Parse(text, True)  # noqa: FBT003 - expat takes no keyword here
    return tuple(reading.grids)


class _Reading:
    """What is remembered while the elements of content.xml pass."""

    def __init__(self, limits: Limits) -> None:
        self.grids: list[Grid] = []
        self._limits = limits
        self._hidden_styles: set[str] = set()
        self._style = ""
        self._table: str | None = None
        self._shown = True
        self._rows: list[Row] = []
        self._spans: list[Span] = []
        self._blank_rows = self._cells = 0
        self._row: list[Cell] = []
        self._row_repeated = 1
        self._cell: dict[str, str] | None = None
        self._words: list[str] = []
        self._aside = 0  # inside a comment, which is no part of the cell

    def start(self, name: str, attributes: dict[str, str]) -> None:
        local = name.rpartition(" ")[2]
        given = {key.rpartition(" ")[2]: value for key, value in attributes.items()}
        if local == "annotation":
            self._aside += 1
        elif local == "style":
            self._style = given.get("name", "")
        elif local == "table-properties" and given.get("display") == "false":
            self._hidden_styles.add(self._style)
        elif local == "table" and self._table is None:
            self._table = given.get("name", "")
            self._shown = given.get("style-name") not in self._hidden_styles
            self._rows, self._spans, self._blank_rows = [], [], 0
        elif local == "table-row":
            self._row, self._row_repeated = [], _count(given, "number-rows-repeated")
        elif local in {"table-cell", "covered-table-cell"}:
            self._cell, self._words = given, []
        elif self._cell is not None and not self._aside:
            self._between_words(local, given)

    def _between_words(self, local: str, given: dict[str, str]) -> None:
        if local == "p" and self._words:
            self._words.append("\n")
        elif local == "s":
            self._words.append(" " * min(_count(given, "c"), _LONGEST_CELL))
        elif local in {"tab", "line-break"}:
            self._words.append(" ")

    def text(self, words: str) -> None:
        if self._cell is not None and not self._aside:
            self._words.append(words)

    def end(self, name: str) -> None:
        local = name.rpartition(" ")[2]
        if local == "annotation":
            self._aside -= 1
        elif local in {"table-cell", "covered-table-cell"} and self._cell is not None:
            self._end_cell(self._cell)
            self._cell = None
        elif local == "table-row":
            self._end_row()
        elif local == "table" and self._table is not None:
            if self._shown:
                self.grids.append(Grid(self._table, tuple(self._rows), tuple(self._spans)))
            self._table = None

    def _end_cell(self, given: dict[str, str]) -> None:
        value = _value(given, "".join(self._words)[:_LONGEST_CELL])
        column = len(self._row)
        room = max(0, _WIDEST - column)
        self._row.extend([value] * min(_count(given, "number-columns-repeated"), room))
        across, down = _count(given, "number-columns-spanned"), _count(given, "number-rows-spanned")
        if (across > 1 or down > 1) and room:
            top = len(self._rows) + self._blank_rows
            self._spans.append(Span(top, column, top + down - 1, column + across - 1))

    def _end_row(self) -> None:
        row = self._row
        while row and (row[-1] == "" or (isinstance(row[-1], str) and not row[-1].strip())):
            row.pop()
        if not row:
            self._blank_rows += self._row_repeated
            return
        total = len(self._rows) + self._blank_rows + self._row_repeated
        self._cells += len(row) * self._row_repeated
        if total > self._limits.rows or self._cells > self._limits.cells:
            raise UnreadableList(
                say(
                    "The sheet has more than %(limit)s rows; a list must be shorter.",
                    limit=self._limits.rows,
                )
            )
        self._rows.extend([()] * self._blank_rows)
        self._blank_rows = 0
        self._rows.extend([tuple(row)] * self._row_repeated)


def _count(given: dict[str, Any], key: str) -> int:
    value = given.get(key, "1")
    return max(1, min(int(value), 10_000_000)) if value.isdecimal() and len(value) < 10 else 1  # noqa: PLR2004


def _value(given: dict[str, str], words: str) -> Cell:
    kind = given.get("value-type", "")
    if kind in {"float", "percentage", "currency"}:
        try:
            return float(given.get("value", words))
        except ValueError:
            return words
    if kind == "date":
        try:
            return date.fromisoformat(given.get("date-value", "")[:10])
        except ValueError:
            return words
    if kind == "boolean":
        return "x" if given.get("boolean-value") == "true" else ""
    return words
