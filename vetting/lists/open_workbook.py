"""Opening a file of any accepted kind as grids; the only file that knows python-calamine."""

import csv
import io
import itertools
from collections import Counter
from collections.abc import Iterable, Iterator
from datetime import date, datetime

import python_calamine as calamine

from vetting.engine.sentences import say
from vetting.lists.answers import UnreadableList
from vetting.lists.grid import Cell, Grid, Row, Span
from vetting.lists.guard_file import Kind, guard_file
from vetting.lists.limits import Limits
from vetting.lists.open_ods import open_ods

_DELIMITERS = ",;\t|"
_SAMPLED_LINES = 400
_LONGEST_CELL = 4_000
_WIDEST = 256


def open_workbook(content: bytes, limits: Limits) -> tuple[Grid, ...]:
    """Return the visible sheets of the file, after checking that it is safe to read."""
    kind = guard_file(content, limits)
    if kind is Kind.TEXT:
        return (_text_grid(content, limits),)
    try:
        grids = open_ods(content, limits) if kind is Kind.ODS else tuple(_sheets(content, limits))
    except UnreadableList:
        raise
    except (KeyboardInterrupt, SystemExit, MemoryError):
        raise
    except calamine.PasswordError as locked:
        raise UnreadableList(
            say("The file is protected with a password; save it without one.")
        ) from locked
    except BaseException as broken:  # the reader's own panics are no Exceptions
        raise UnreadableList(
            say("The file is damaged and cannot be read; open it, save it again and send that.")
        ) from broken
    for grid in grids:
        _guard_spans(grid.spans, limits)
    return grids


def _sheets(content: bytes, limits: Limits) -> Iterator[Grid]:
    workbook = calamine.CalamineWorkbook.from_filelike(io.BytesIO(content))
    for place, about in enumerate(workbook.sheets_metadata):
        if about.visible != calamine.SheetVisibleEnum.Visible:
            continue
        if about.typ != calamine.SheetTypeEnum.WorkSheet:
            continue
        sheet = workbook.get_sheet_by_index(place)
        spans = tuple(
            Span(top, left, bottom, right)
            for (top, left), (bottom, right) in sheet.merged_cell_ranges or ()
        )
        yield Grid(about.name, _rows(sheet, limits), spans)


def _rows(sheet: calamine.CalamineSheet, limits: Limits) -> tuple[Row, ...]:
    if sheet.start is None:
        return ()
    top, left = sheet.start
    if top + sheet.height > limits.rows:
        raise too_many_rows(limits)
    margin: Row = ("",) * min(left, _WIDEST)
    rows: list[Row] = [()] * top
    rows.extend(
        _trimmed(itertools.chain(margin, (_cell(value) for value in row[: _WIDEST - len(margin)])))
        for row in sheet.iter_rows()
    )
    return tuple(rows)


def _guard_spans(spans: tuple[Span, ...], limits: Limits) -> None:
    tallest = max((span.bottom - span.top + 1 for span in spans), default=0)
    if len(spans) > limits.merged_ranges or tallest > limits.merged_rows:
        raise UnreadableList(
            say("The sheet has merged cells over too many rows; unmerge them and send it again.")
        )


def too_many_rows(limits: Limits) -> UnreadableList:
    """Say that a sheet is longer than any list."""
    return UnreadableList(
        say("The sheet has more than %(limit)s rows; a list must be shorter.", limit=limits.rows)
    )


def _cell(value: object) -> Cell:
    """Return what stands in a cell; a moment counts as its day, a yes as a tick."""
    if isinstance(value, str):
        return value[:_LONGEST_CELL]
    if isinstance(value, bool):
        return "x" if value else ""
    if isinstance(value, (int, float)):
        return float(value)
    if isinstance(value, datetime):
        return value.date()
    return value if isinstance(value, date) else str(value)


def _trimmed(cells: Iterable[Cell]) -> Row:
    row = list(cells)
    while row and (row[-1] == "" or (isinstance(row[-1], str) and not row[-1].strip())):
        row.pop()
    return tuple(row)


def _text_grid(content: bytes, limits: Limits) -> Grid:
    text = _decoded(content)
    first, _, rest = text.partition("\n")
    if first.strip().casefold().startswith("sep=") and len(first.strip()) <= len("sep=;"):
        delimiter, text = first.strip()[4:] or "\t", rest
    else:
        delimiter = _delimiter(text)
    rows: list[Row] = []
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter)
    try:
        for fields in reader:
            if len(rows) >= limits.rows:
                raise too_many_rows(limits)
            rows.append(_trimmed(field[:_LONGEST_CELL] for field in fields[:_WIDEST]))
    except csv.Error as broken:
        raise UnreadableList(say("The text file is not a table of rows and columns.")) from broken
    return Grid("", tuple(rows))


def _decoded(content: bytes) -> str:
    for encoding in _encodings(content):
        try:
            text = content.decode(encoding)
        except UnicodeError:
            continue
        if "\0" not in text:
            return text.removeprefix("\ufeff")
    raise UnreadableList(
        say("The letters of the text file cannot be read; save it as UTF-8 or as .xlsx.")
    )


def _encodings(content: bytes) -> tuple[str, ...]:
    if content.startswith((b"\xff\xfe", b"\xfe\xff")):
        return ("utf-16",)
    zeros = Counter(place % 2 for place, byte in enumerate(content[:4096]) if byte == 0)
    if zeros:
        return ("utf-16-le",) if zeros[1] >= zeros[0] else ("utf-16-be",)
    return ("utf-8-sig", "cp1258")


def _delimiter(text: str) -> str:
    """Return what separates the cells: what cuts most lines into equally many pieces."""

    def fit(delimiter: str) -> tuple[int, int]:
        lines = itertools.islice(
            csv.reader(io.StringIO(text, newline=""), delimiter=delimiter), _SAMPLED_LINES
        )
        try:
            widths = Counter(len(fields) for fields in lines if len(fields) > 1)
        except csv.Error:
            return (0, 0)
        width, rows = max(widths.items(), key=lambda found: (found[1], found[0]), default=(0, 0))
        return (rows, width)

    return max(_DELIMITERS, key=fit)
