"""Checks on the old binary .xls before it is parsed.

Such a file is a small file system of its own. Its directory says whether there are macros or a
password; the records of the workbook say how far the cells reach and whether other files are
drawn upon.
"""

import struct
from collections.abc import Iterator

from vetting.engine.sentences import Sentence, say
from vetting.lists.answers import UnreadableList
from vetting.lists.limits import Limits

_END = 0xFFFFFFFA  # numbers above are no sectors
_ENTRY = 128
_WORKBOOK = ("workbook", "book")
_MACROS = ("_vba_project_cur", "macros", "vba", "_vba_project")
_PASSWORD = ("encryptedpackage", "encryptioninfo")

_SHEET, _PASSWORD_RECORD, _DRAWN_UPON, _MERGED = 0x85, 0x2F, 0x1AE, 0xE5
# LABELSST, NUMBER, RK, LABEL, FORMULA, BOOLERR, RSTRING
_CELLS = frozenset({0xFD, 0x203, 0x27E, 0x204, 0x06, 0x205, 0xD6})
_SEVERAL_CELLS = 0xBD  # MULRK
_MACRO_SHEET = 1
_THIS_FILE = (0x0401, 0x3A01)  # this very workbook; functions of the program itself


def guard_ole(content: bytes, limits: Limits) -> None:
    """Refuse an .xls with macros, a password, links outside or a sheet out of all size."""
    try:
        streams = _Streams(content)
        names = set(streams.named)
        if names.intersection(_PASSWORD):
            _refuse(_locked())
        if names.intersection(_MACROS):
            _refuse(say("The file contains macros; save it as a plain .xlsx without them."))
        book = next((name for name in _WORKBOOK if name in names), None)
        if book is None:
            _refuse(say("The file is not a list in .xlsx, .xls, .ods or .csv."))
        else:
            _guard_records(streams.read(book), limits)
    except (struct.error, IndexError, ValueError, OverflowError) as broken:
        raise UnreadableList(
            say("The file is damaged and cannot be read; open it, save it again and send that.")
        ) from broken


def _refuse(sentence: Sentence) -> None:
    raise UnreadableList(sentence)


def _locked() -> Sentence:
    return say("The file is protected with a password; save it without one.")


class _Streams:
    """The streams of an OLE compound file."""

    def __init__(self, content: bytes) -> None:
        self._content = content
        shift, small_shift = struct.unpack_from("<HH", content, 30)
        if shift not in {9, 12} or small_shift != 6:  # noqa: PLR2004 - the only sizes there are
            raise ValueError("sector size")
        self._sector, self._small = 1 << shift, 1 << small_shift
        (directory,) = struct.unpack_from("<I", content, 48)
        self._cutoff, small_table = struct.unpack_from("<II", content, 56)
        self._next = self._table()
        self._small_next = _numbers(b"".join(self._chain(small_table)))
        self.named: dict[str, tuple[int, int]] = {}
        self._root = (0, 0)
        listing = b"".join(self._chain(directory))
        for at in range(0, len(listing) - _ENTRY + 1, _ENTRY):
            length, kind = struct.unpack_from("<HB", listing, at + 64)
            start, size = struct.unpack_from("<II", listing, at + 116)
            name = listing[at : at + max(0, min(length, 64) - 2)].decode("utf-16-le", "replace")
            if kind == 5:  # noqa: PLR2004 - the root
                self._root = (start, size)
            elif kind:
                self.named.setdefault(name.lower(), (start, size))

    def read(self, name: str) -> bytes:
        start, size = self.named[name]
        if size >= self._cutoff:
            return b"".join(self._chain(start))[:size]
        small = b"".join(self._chain(self._root[0]))
        pieces, seen = [], 0
        while start < len(self._small_next) and seen <= len(self._small_next):
            pieces.append(small[start * self._small : (start + 1) * self._small])
            start, seen = self._small_next[start], seen + 1
        return b"".join(pieces)[:size]

    def _table(self) -> tuple[int, ...]:
        sectors = list(struct.unpack_from("<109I", self._content, 76))
        (further,) = struct.unpack_from("<I", self._content, 68)
        per_sector = self._sector // 4
        for _ in range(len(self._content) // self._sector):
            if further >= _END:
                break
            numbers = struct.unpack_from(f"<{per_sector}I", self._at(further), 0)
            sectors.extend(numbers[:-1])
            further = numbers[-1]
        return _numbers(b"".join(self._at(sector) for sector in sectors if sector < _END))

    def _at(self, sector: int) -> bytes:
        start = (sector + 1) * self._sector
        return self._content[start : start + self._sector]

    def _chain(self, sector: int) -> Iterator[bytes]:
        seen = 0
        while sector < len(self._next):
            yield self._at(sector)
            sector, seen = self._next[sector], seen + 1
            if seen > len(self._next):
                raise ValueError("a circle of sectors")


def _numbers(table: bytes) -> tuple[int, ...]:
    return struct.unpack(f"<{len(table) // 4}I", table[: len(table) // 4 * 4])


def _guard_records(book: bytes, limits: Limits) -> None:
    last_row = last_column = merged = at = 0
    while at + 4 <= len(book):
        record, length = struct.unpack_from("<HH", book, at)
        at += 4
        if record in _CELLS or record == _SEVERAL_CELLS:
            row, column = _place(book, at, length, last=record == _SEVERAL_CELLS)
            last_row, last_column = max(last_row, row + 1), max(last_column, column + 1)
        elif record == _MERGED and length > 1:
            merged += int(struct.unpack_from("<H", book, at)[0])
        else:
            _guard_record(record, book[at : at + length])
        at += length
    if last_row > limits.rows:
        _refuse(
            say(
                "The sheet has more than %(limit)s rows; a list must be shorter.",
                limit=limits.rows,
            )
        )
    if merged > limits.merged_ranges:
        _refuse(
            say("The sheet has merged cells over too many rows; unmerge them and send it again.")
        )
    if last_row * last_column > limits.cells:
        _refuse(
            say(
                "The sheet is too large: something stands far from the list (row %(row)s, "
                "column %(column)s). Remove it and send the list again.",
                row=last_row,
                column=last_column,
            )
        )


def _place(book: bytes, at: int, length: int, *, last: bool) -> tuple[int, int]:
    """Return row and column of a cell, or of the last of several."""
    row, column = struct.unpack_from("<HH", book, at)
    if last:
        (column,) = struct.unpack_from("<H", book, at + length - 2)
    return row, column


def _guard_record(record: int, body: bytes) -> None:
    """Refuse what one record of the workbook's head gives away."""
    if record == _PASSWORD_RECORD:
        _refuse(_locked())
    if record == _SHEET and body[5:6] == bytes([_MACRO_SHEET]):
        _refuse(say("The file contains macros; save it as a plain .xlsx without them."))
    if record == _DRAWN_UPON and struct.unpack_from("<H", body, 2)[0] not in _THIS_FILE:
        _refuse(
            say("The file draws on other files or databases; paste the values and send it again.")
        )
