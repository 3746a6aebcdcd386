"""Checks before a file is parsed: what it is by its content, and that it is harmless.

Nothing here trusts the file's name, its own account of sizes, or that it is well formed.
"""

import io
import re
import struct
import zipfile
import zlib
from collections.abc import Iterator
from enum import Enum

from vetting.engine.sentences import Sentence, say
from vetting.lists.answers import UnreadableList
from vetting.lists.guard_ole import guard_ole
from vetting.lists.limits import MIB, Limits


class Kind(Enum):
    """What a file is."""

    XLSX = "xlsx"
    ODS = "ods"
    XLS = "xls"
    TEXT = "text"


_OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_ZIP = b"PK\x03\x04"
_OTHER_KINDS = (
    b"%PDF", b"\x89PNG", b"\xff\xd8\xff", b"GIF8", b"Rar!", b"7z\xbc\xaf", b"\x1f\x8b", b"BZh",
    b"\x7fELF", b"MZ", b"{\\rtf", b"\xfd7zXZ", b"PK\x05\x06", b"PK\x07\x08", b"SQLite format 3",
)  # fmt: skip
_CHUNK = 256 * 1024
_SMALL_ENOUGH = 16 * MIB  # below this much text no ratio is a bomb


def guard_file(content: bytes, limits: Limits) -> Kind:
    """Return what kind of file *content* is; raise UnreadableList if it must not be read."""
    if len(content) > limits.file_bytes:
        _refuse(say("The file is larger than %(limit)s MB.", limit=limits.file_bytes // MIB))
    if not content.strip():
        _refuse(say("The file is empty."))
    if content.startswith(_ZIP):
        return _guard_zip(content, limits)
    if content.startswith(_OLE):
        guard_ole(content, limits)
        return Kind.XLS
    head = content.lstrip()[:512].lower()
    if content.startswith(_OTHER_KINDS) or head.startswith((b"<!doctype", b"<html", b"<?xml")):
        _refuse(_unknown())
    return Kind.TEXT


def _refuse(sentence: Sentence) -> None:
    raise UnreadableList(sentence)


def _unknown() -> Sentence:
    return say("The file is not a list in .xlsx, .xls, .ods or .csv.")


def damaged() -> Sentence:
    """Say that the file is broken."""
    return say("The file is damaged and cannot be read; open it, save it again and send that.")


def has_macros() -> Sentence:
    """Say that the file carries a program."""
    return say("The file contains macros; save it as a plain .xlsx without them.")


def has_links() -> Sentence:
    """Say that the file draws on another file."""
    return say("The file draws on other files or databases; paste the values and send it again.")


def too_big_inside(limits: Limits) -> Sentence:
    """Say that unpacking would take too much room."""
    return say(
        "The file unpacks to more than a list can hold (%(limit)s MB).",
        limit=limits.unpacked_bytes // MIB,
    )


def _guard_zip(content: bytes, limits: Limits) -> Kind:
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            entries = archive.infolist()
            kind = _kind_of_archive(archive, entries, limits)
            _guard_sizes(content, entries, limits)
            _guard_parts(content, entries, kind, limits)
    except UnreadableList:
        raise
    except (
        zipfile.BadZipFile, zlib.error, struct.error, ValueError, KeyError, EOFError, OSError,
        RuntimeError, IndexError, OverflowError,
    ) as broken:  # fmt: skip
        raise UnreadableList(damaged()) from broken
    return kind


def _kind_of_archive(
    archive: zipfile.ZipFile, entries: list[zipfile.ZipInfo], limits: Limits
) -> Kind:
    if len(entries) > limits.entries:
        _refuse(say("The file has too many parts to be a list."))
    names = [entry.filename.replace("\\", "/").lower() for entry in entries]
    if len(set(names)) != len(names) or any(_escapes(name) for name in names):
        _refuse(damaged())
    if any(entry.flag_bits & 1 for entry in entries):
        _refuse(say("The file is protected with a password; save it without one."))
    if any("vbaproject" in name or "/macrosheets/" in name for name in names):
        _refuse(has_macros())
    if any(name.startswith(("basic/", "scripts/")) for name in names):
        _refuse(has_macros())
    if any(name.startswith("xl/externallinks/") or name == "xl/connections.xml" for name in names):
        _refuse(has_links())
    if "xl/workbook.xml" in names:
        return Kind.XLSX
    if "content.xml" in names and "mimetype" in names:
        mimetype = next(entry for entry in entries if entry.filename == "mimetype")
        if mimetype.file_size < _CHUNK and b"spreadsheet" in archive.read(mimetype):
            return Kind.ODS
    raise UnreadableList(_unknown())


def _escapes(name: str) -> bool:
    return name.startswith("/") or ".." in name.split("/") or ":" in name


def _guard_sizes(content: bytes, entries: list[zipfile.ZipInfo], limits: Limits) -> None:
    unpacked = sum(entry.file_size for entry in entries)
    packed = sum(entry.compress_size for entry in entries)
    if packed > len(content):  # entries that share their bytes
        _refuse(too_big_inside(limits))
    if unpacked > limits.unpacked_bytes:
        _refuse(too_big_inside(limits))
    if unpacked > _SMALL_ENOUGH and unpacked > packed * limits.unpacked_ratio:
        _refuse(too_big_inside(limits))


def _guard_parts(
    content: bytes, entries: list[zipfile.ZipInfo], kind: Kind, limits: Limits
) -> None:
    """Unpack every part once, counting, and look at the XML as it passes."""
    room = limits.unpacked_bytes
    for entry in entries:
        name = entry.filename.lower()
        looking = _Looking(name, kind, limits) if name.endswith((".xml", ".rels", ".vml")) else None
        size = 0
        for chunk in _unpacked(content, entry):
            size += len(chunk)
            if size > room:
                _refuse(too_big_inside(limits))
            if looking:
                looking.look_at(chunk)
        if looking:
            looking.done()
        if size > _SMALL_ENOUGH and size > (entry.compress_size + 1) * limits.unpacked_ratio:
            _refuse(too_big_inside(limits))
        room -= size


def _unpacked(content: bytes, entry: zipfile.ZipInfo) -> Iterator[bytes]:
    """Give the bytes of *entry* as they really are, whatever the directory says of their size."""
    start = entry.header_offset
    if content[start : start + 4] != _ZIP:
        raise UnreadableList(damaged())
    name_length, extra_length = struct.unpack_from("<HH", content, start + 26)
    start += 30 + name_length + extra_length
    packed = memoryview(content)[start : start + entry.compress_size]
    if entry.compress_type == zipfile.ZIP_STORED:
        yield from (bytes(packed[at : at + _CHUNK]) for at in range(0, len(packed), _CHUNK))
        return
    if entry.compress_type != zipfile.ZIP_DEFLATED:
        raise UnreadableList(damaged())
    inflate = zlib.decompressobj(-zlib.MAX_WBITS)
    pending: bytes | memoryview = packed
    while pending and not inflate.eof:
        chunk = inflate.decompress(pending, _CHUNK)
        pending = inflate.unconsumed_tail
        if not chunk and not pending:
            break
        yield chunk
    while not inflate.eof and (chunk := inflate.decompress(inflate.unconsumed_tail, _CHUNK)):
        yield chunk


_DECLARATION = re.compile(rb"<!\s*(?:DOCTYPE|ENTITY)", re.IGNORECASE)
_CELL = rb"<(?:\w+:)?c\s(?:[^>]*?\s)?r\s*="
_NUMBERED_CELL = re.compile(_CELL)
_PLACED_CELL = re.compile(_CELL + rb"\s*[\"']([A-Za-z]{1,3})(\d{1,7})[\"'][^>]*?(/?)>")
_ANY_CELL = re.compile(rb"<(?:\w+:)?c[\s/>]")
_ROW = re.compile(rb"<(?:\w+:)?row[\s/>]")
_PLACED_ROW = re.compile(rb"<(?:\w+:)?row\s(?:[^>]*?\s)?r\s*=\s*[\"'](\d+)[\"']")
_TAG = re.compile(rb"<(?:\w+:)?(?:c|row)\s")
_SOUND_TAG = re.compile(rb"<(?:\w+:)?(?:c|row)\s[^>\"']*(?:(?:\"[^\">]*\"|'[^'>]*')[^>\"']*)*>")
_MERGE = re.compile(rb"<(?:\w+:)?mergeCell\s")
_OUTSIDE = re.compile(
    rb"relationships/(?:externalLink|attachedTemplate|oleObject|connections|queryTable)"
)
_ODS_OUTSIDE = re.compile(rb"<table:(?:table-source|cell-range-source|dde-link)|<office:dde-source")
_ODS_MACRO = re.compile(rb"<script:(?:event-listener|module)|<office:script\s")
_OVERLAP = 512


class _Looking:
    """Looks at one XML part, chunk by chunk."""

    def __init__(self, name: str, kind: Kind, limits: Limits) -> None:
        self._name, self._kind, self._limits = name, kind, limits
        self._sheet = name.startswith("xl/worksheets/") and name.endswith(".xml")
        self._rest = b""
        self._last_row = self._last_column = self._cells = self._rows = self._merges = 0
        self._unplaced = self._last_placed_row = 0
        self._wide: bool | None = None

    def look_at(self, chunk: bytes) -> None:
        """Look at the next bytes, together with the end of those before."""
        if self._wide is None and len(chunk) > 1:
            # UTF-16 would hide from a search for bytes; no spreadsheet program writes it
            self._wide = chunk.startswith((b"\xff\xfe", b"\xfe\xff")) or 0 in chunk[:2]
            if self._wide:
                _refuse(damaged())
        text = self._rest + chunk
        cut = text.rfind(b"<", max(0, len(text) - _OVERLAP))
        text, self._rest = (text, b"") if cut <= 0 else (text[:cut], text[cut:])
        self._search(text)

    def done(self) -> None:
        """Look at what is left, and judge the whole."""
        self._search(self._rest)

    def _search(self, text: bytes) -> None:
        if _DECLARATION.search(text):
            _refuse(say("The file declares its own XML entities, which no spreadsheet does."))
        if self._sheet:
            self._search_sheet(text)
        elif self._name.endswith(".rels") and _OUTSIDE.search(text):
            _refuse(has_links())
        elif self._name == "[content_types].xml" and b"macroEnabled" in text:
            _refuse(has_macros())
        elif self._kind is Kind.ODS and self._name == "meta-inf/manifest.xml":
            if b"encryption-data" in text:
                _refuse(say("The file is protected with a password; save it without one."))
        elif self._kind is Kind.ODS and self._name == "content.xml":
            if _ODS_OUTSIDE.search(text):
                _refuse(has_links())
            if _ODS_MACRO.search(text):
                _refuse(has_macros())

    def _search_sheet(self, text: bytes) -> None:
        self._rows += len(_ROW.findall(text))
        cells = len(_ANY_CELL.findall(text))
        self._cells += cells
        self._merges += len(_MERGE.findall(text))
        placed = _PLACED_CELL.findall(text)
        if len(_NUMBERED_CELL.findall(text)) != len(placed):
            _refuse(damaged())
        if len(_TAG.findall(text)) != len(_SOUND_TAG.findall(text)):
            _refuse(damaged())
        for letters, digits, empty in placed:
            if not empty:
                self._last_row = max(self._last_row, int(digits))
                self._last_column = max(self._last_column, _column_number(letters))
        self._unplaced += cells - len(placed)
        self._last_placed_row = max(
            [self._last_placed_row, *(int(digits[:9]) for digits in _PLACED_ROW.findall(text))]
        )
        if self._unplaced:  # cells that count on from their row’s number
            self._last_row = max(self._last_row, self._last_placed_row)
        limits = self._limits
        if self._last_row > limits.rows or (self._rows > limits.rows and self._cells > self._rows):
            self._too_long()
        if self._merges > limits.merged_ranges:
            _refuse(
                say(
                    "The sheet has merged cells over too many rows; unmerge them and send it again."
                )
            )
        if self._last_row * self._last_column > limits.cells or self._cells > 2 * limits.cells:
            _refuse(
                say(
                    "The sheet is too large: something stands far from the list (row %(row)s, "
                    "column %(column)s). Remove it and send the list again.",
                    row=self._last_row,
                    column=self._last_column,
                )
            )

    def _too_long(self) -> None:
        _refuse(
            say(
                "The sheet has more than %(limit)s rows; a list must be shorter.",
                limit=self._limits.rows,
            )
        )


def _column_number(letters: bytes) -> int:
    number = 0
    for letter in letters.upper():
        number = number * 26 + letter - 64
    return number
