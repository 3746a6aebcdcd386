"""Writing rows down as files for other programs; no cell of theirs is ever a formula."""

import csv
from collections.abc import Iterable, Sequence
from io import BytesIO, StringIO

import xlsxwriter

Cells = Sequence[str | int]

_STARTS_A_FORMULA = ("=", "+", "-", "@", "\t", "\r")
_WIDEST = 60


def write_xlsx(title: str, headings: Sequence[str], rows: Iterable[Cells]) -> bytes:
    """Return a workbook with one sheet."""
    file = BytesIO()
    options = {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False}
    with xlsxwriter.Workbook(file, options) as book:
        sheet = book.add_worksheet(title[:31])
        bold = book.add_format({"bold": True, "text_wrap": True, "valign": "top"})
        sheet.write_row(0, 0, headings, bold)
        widths = [len(heading) for heading in headings]
        for number, row in enumerate(rows, start=1):
            sheet.write_row(number, 0, row)
            widths = [max(width, len(str(cell))) for width, cell in zip(widths, row, strict=True)]
        for column, width in enumerate(widths):
            sheet.set_column(column, column, min(width + 2, _WIDEST))
        sheet.freeze_panes(1, 0)
    return file.getvalue()


def write_csv(headings: Sequence[str], rows: Iterable[Cells]) -> bytes:
    """Return comma-separated text, marked so that office programs read its letters right."""
    file = StringIO()
    writer = csv.writer(file, lineterminator="\r\n")
    writer.writerow(headings)
    writer.writerows([[_as_text(cell) for cell in row] for row in rows])
    return file.getvalue().encode("utf-8-sig")


def _as_text(cell: str | int) -> str | int:
    if isinstance(cell, str) and cell.startswith(_STARTS_A_FORMULA):
        return f"'{cell}"
    return cell
