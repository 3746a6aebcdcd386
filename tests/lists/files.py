"""Small files of every kind, as the tests of lists need them."""

import csv
import io
import unicodedata
import zipfile
from datetime import date
from xml.sax.saxutils import escape

import openpyxl
import xlwt

TODAY = date(2026, 11, 23)
HEADINGS = ["STT", "Họ và tên", "Ngày sinh", "Chức vụ hiện nay", "Chức danh quy hoạch"]


def xlsx(rows, merged=(), name="Danh sách", more=(), hidden=()):
    """Return a workbook; *more* and *hidden* are further sheets as (name, rows)."""
    book = openpyxl.Workbook()
    sheet = book.active
    sheet.title = name
    _fill(sheet, rows)
    for cells in merged:
        sheet.merge_cells(cells)
    for title, further in (*more, *hidden):
        _fill(book.create_sheet(title), further)
    for title, _ in hidden:
        book[title].sheet_state = "hidden"
    return _saved(book.save)


def xls(rows):
    book = xlwt.Workbook()
    sheet = book.add_sheet("Danh sách")
    as_day = xlwt.easyxf(num_format_str="DD/MM/YYYY")
    for row, cells in enumerate(rows):
        for column, cell in enumerate(cells):
            if isinstance(cell, date):
                sheet.write(row, column, cell, as_day)
            elif cell != "":
                sheet.write(row, column, cell)
    return _saved(book.save)


def ods(sheets):
    """Return an OpenDocument file; a cell may be (value, rows spanned), a sheet may be hidden."""
    tables = "".join(
        f'<table:table table:name="{name}" table:style-name="{"off" if hidden else "on"}">'
        + "".join(
            f"<table:table-row>{''.join(map(_ods_cell, row))}</table:table-row>" for row in rows
        )
        + '<table:table-row table:number-rows-repeated="1048000">'
        '<table:table-cell table:number-columns-repeated="16384"/></table:table-row>'
        "</table:table>"
        for name, rows, hidden in sheets
    )
    names = "".join(
        f' xmlns:{prefix}="urn:oasis:names:tc:opendocument:xmlns:{prefix}:1.0"'
        for prefix in ("office", "table", "text", "style")
    )
    return zipped(
        {
            "mimetype": "application/vnd.oasis.opendocument.spreadsheet",
            "content.xml": f'<?xml version="1.0" encoding="UTF-8"?><office:document-content{names}>'
            '<office:automatic-styles><style:style style:name="off" style:family="table">'
            '<style:table-properties table:display="false"/></style:style>'
            "</office:automatic-styles>"
            f"<office:body><office:spreadsheet>{tables}</office:spreadsheet></office:body>"
            "</office:document-content>",
        }
    )


def text(rows, delimiter=",", encoding="utf-8"):
    written = io.StringIO()
    csv.writer(written, delimiter=delimiter).writerows(
        [cell.strftime("%d/%m/%Y") if isinstance(cell, date) else cell for cell in row]
        for row in rows
    )
    if encoding != "windows-1258":
        return written.getvalue().encode(encoding)
    return b"".join(_in_1258(letter) for letter in written.getvalue())


def zipped(parts):
    kept = io.BytesIO()
    with zipfile.ZipFile(kept, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in parts.items():
            archive.writestr(name, content)
    return kept.getvalue()


def changed(content, changes=None, more=None):
    """Return the archive with texts replaced in its parts, and with more parts."""
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        parts = {name: archive.read(name) for name in archive.namelist()}
    for name, (old, new) in (changes or {}).items():
        assert old in parts[name]
        parts[name] = parts[name].replace(old, new)
    return zipped(parts | (more or {}))


def _fill(sheet, rows):
    for row in rows:
        sheet.append([None if cell == "" else cell for cell in row])


def _saved(save):
    kept = io.BytesIO()
    save(kept)
    return kept.getvalue()


def _ods_cell(cell):
    value, spanned = cell if isinstance(cell, tuple) else (cell, 1)
    attributes = f' table:number-rows-spanned="{spanned}"' if spanned > 1 else ""
    if isinstance(value, date):
        attributes += f' office:value-type="date" office:date-value="{value}"'
    elif isinstance(value, int):
        attributes += f' office:value-type="float" office:value="{value}"'
    shown = f"<text:p>{escape(str(value))}</text:p>" if value != "" else ""
    return f"<table:table-cell{attributes}>{shown}</table:table-cell>"


def _in_1258(letter):
    """Write one letter as that code page does: the tone as a mark of its own."""
    try:
        return letter.encode("cp1258")
    except UnicodeEncodeError:
        apart = unicodedata.normalize("NFD", letter)
        tones = "".join(mark for mark in apart if mark in "\u0300\u0301\u0303\u0309\u0323")
        base = unicodedata.normalize("NFC", "".join(mark for mark in apart if mark not in tones))
        return (base + tones).encode("cp1258")
