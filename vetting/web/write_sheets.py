"""Writing rows down as files for other programs; no cell of theirs is ever a formula."""

import csv
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from io import BytesIO, StringIO
from typing import Any

import xlsxwriter

Cells = Sequence[str | int | float]

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
_STARTS_A_FORMULA = ("=", "+", "-", "@", "\t", "\r")
_WIDEST = 60
_WIDE = 24  # of a heading, which breaks into lines
_NOT_IN_A_TITLE = re.compile(r"[\[\]:*?/\\\\]")


@dataclass(frozen=True)
class Sheet:
    """One sheet of a workbook; what stands above its headings are lines of text."""

    title: str
    headings: Sequence[str]
    rows: Iterable[Cells]
    above: Sequence[str] = ()


def write_xlsx(title: str, headings: Sequence[str], rows: Iterable[Cells]) -> bytes:
    """Return a workbook with one sheet."""
    return write_book([Sheet(title, headings, rows)])


def write_book(sheets: Iterable[Sheet]) -> bytes:
    """Return a workbook; every text in it is written as text, whatever it begins with."""
    file = BytesIO()
    options = {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False}
    with xlsxwriter.Workbook(file, options) as book:
        bold = book.add_format({"bold": True, "text_wrap": True, "valign": "top"})
        tenths = book.add_format({"num_format": "0.0"})
        for sheet in sheets:
            _write_sheet(
                book.add_worksheet(_NOT_IN_A_TITLE.sub(" ", sheet.title)[:31]), sheet, bold, tenths
            )
    return file.getvalue()


def _write_sheet(page: Any, sheet: Sheet, bold: Any, tenths: Any) -> None:  # noqa: ANN401  # the library has no types
    top = len(sheet.above)
    for number, line in enumerate(sheet.above):
        page.write_string(number, 0, line)
    for column, heading in enumerate(sheet.headings):
        page.write_string(top, column, heading, bold)
    widths = [min(len(heading), _WIDE) for heading in sheet.headings]
    for number, row in enumerate(sheet.rows, start=top + 1):
        for column, cell in enumerate(row):
            if isinstance(cell, str):
                page.write_string(number, column, cell)
            else:
                page.write_number(number, column, cell, tenths if isinstance(cell, float) else None)
        widths = [max(width, len(str(cell))) for width, cell in zip(widths, row, strict=True)]
    for column, width in enumerate(widths):
        page.set_column(column, column, min(width + 2, _WIDEST))
    page.freeze_panes(top + 1, 0)


def write_csv(headings: Sequence[str], rows: Iterable[Cells]) -> bytes:
    """Return comma-separated text, marked so that office programs read its letters right."""
    file = StringIO()
    writer = csv.writer(file, lineterminator="\r\n")
    writer.writerow(headings)
    writer.writerows([[_as_text(cell) for cell in row] for row in rows])
    return file.getvalue().encode("utf-8-sig")


def _as_text(cell: str | float) -> str | float:
    if isinstance(cell, str) and cell.startswith(_STARTS_A_FORMULA):
        return f"'{cell}"
    return cell
