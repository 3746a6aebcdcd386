"""Finding the headings of a list, and which column holds what."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache

from vetting.lists.clean_text import clean, fold
from vetting.lists.grid import Grid, Span, text_of
from vetting.lists.recognise_headings import NAMES, Holds, may_stand_below, recognise

_DEEPEST_HEADING = 4
_SEARCHED_FOR_HEADINGS = 300
_WIDEST = 256


@dataclass(frozen=True, slots=True)
class Columns:
    """Where what stands, from one block of headings to the next."""

    top: int
    bottom: int
    holds: tuple[Holds, ...]
    headings: tuple[str, ...]
    lowest: tuple[str, ...]  # the heading nearest to the cells

    def where(self, *wanted: Holds) -> tuple[int, ...]:
        """Return the columns that hold one of *wanted*, from left to right."""
        return _where(self.holds, wanted)

    @property
    def complete(self) -> bool:
        """Tell whether persons can be told apart: a name and a birth."""
        return bool(self.where(*NAMES)) and bool(self.where(Holds.BIRTH))


@lru_cache(1_024)
def _where(held: tuple[Holds, ...], wanted: tuple[Holds, ...]) -> tuple[int, ...]:
    return tuple(column for column, holds in enumerate(held) if holds in wanted)


def find_columns(grid: Grid) -> Iterator[Columns]:
    """Give every block of headings in *grid*, from the top."""
    spans = _SpanIndex(grid)
    row, searched = 0, 0
    while row < len(grid.rows):
        searched += 1
        names = _name_headings(grid, row, thorough=searched <= _SEARCHED_FOR_HEADINGS)
        columns = _block(grid, spans, row, names) if names else None
        if columns is None:
            row += 1
        else:
            yield columns
            row = columns.bottom + 1


def _name_headings(grid: Grid, row: int, *, thorough: bool) -> list[int]:
    found = []
    for column, cell in enumerate(grid.rows[row][:_WIDEST]):
        if not isinstance(cell, str) or not cell or len(cell) > 80:  # noqa: PLR2004 - no heading is longer
            continue
        if not thorough and not _NAMING.search(cell):
            continue
        if recognise(cell) in NAMES:
            found.append(column)
    return found


_NAMING = re.compile(r"t(?:ê|e\u0302|e)n\b|name", re.IGNORECASE)


def _block(grid: Grid, spans: "_SpanIndex", row: int, names: list[int]) -> Columns | None:
    if len({text for cell in grid.rows[row] if (text := fold(text_of(cell)))}) < 2:  # noqa: PLR2004 - a title has one
        return None
    span = spans.at(row, names[0])
    bottom = min(span.bottom, row + _DEEPEST_HEADING) if span else row
    while bottom < row + _DEEPEST_HEADING and _continues(grid, bottom + 1, names):
        bottom += 1
    top = row
    while top > 0 and row - top < _DEEPEST_HEADING - 1 and _groups(grid, top - 1):
        top -= 1
    return _columns(grid, spans, top, bottom)


def _continues(grid: Grid, row: int, names: list[int]) -> bool:
    """Tell whether *row* is a second row of headings: known words, none below the name’s."""
    if row >= len(grid.rows):
        return False
    texts = {column: clean(text_of(cell)) for column, cell in enumerate(grid.rows[row])}
    filled = {column: text for column, text in texts.items() if text}
    if not filled or not all(may_stand_below(text) for text in filled.values()):
        return False
    return all(recognise(filled[column]) in NAMES for column in names if column in filled)


def _groups(grid: Grid, row: int) -> bool:
    """Tell whether *row* is a row of group headings above the block."""
    texts = {clean(text_of(cell)) for cell in grid.rows[row]} - {""}
    known = [recognise(text) for text in texts]
    return len(texts) > 1 and sum(holds is not Holds.UNKNOWN for holds in known) > len(texts) / 2


def _columns(grid: Grid, spans: "_SpanIndex", top: int, bottom: int) -> Columns | None:
    width = min(_WIDEST, max((len(grid.rows[row]) for row in range(top, bottom + 1)), default=0))
    parts = [_parts(grid, spans, top, bottom, column) for column in range(width)]
    holds = [_held(part) for part in parts]
    _settle_names(grid, bottom, parts, holds)
    _settle_titles(holds)
    columns = Columns(
        top,
        bottom,
        tuple(holds),
        tuple(" / ".join(part) for part in parts),
        tuple(part[-1] if part else "" for part in parts),
    )
    if not columns.where(*NAMES) or not columns.where(
        Holds.BIRTH, Holds.TARGET, Holds.POSITION, Holds.WORKPLACE, Holds.NUMBER
    ):
        return None
    return columns


def _parts(grid: Grid, spans: "_SpanIndex", top: int, bottom: int, column: int) -> list[str]:
    """Return the headings above *column*, from the widest group to the nearest."""
    parts: list[str] = []
    for row in range(top, bottom + 1):
        span = spans.at(row, column)
        text = clean(text_of(grid.at(span.top, span.left) if span else grid.at(row, column)))
        if not text and not span and row < bottom and _filled(grid, row + 1, bottom, column):
            text = _group_to_the_left(grid, row, bottom, column)
        if text and (not parts or parts[-1] != text):
            parts.append(text)
    return parts


def _group_to_the_left(grid: Grid, row: int, bottom: int, column: int) -> str:
    """Return the group that *column* belongs to in a file that knows no merged cells."""
    for left in range(column - 1, -1, -1):
        text = clean(text_of(grid.at(row, left)))
        if text:
            return text if _filled(grid, row + 1, bottom, left) else ""
        if not _filled(grid, row + 1, bottom, left):
            return ""
    return ""


def _filled(grid: Grid, top: int, bottom: int, column: int) -> bool:
    return any(fold(text_of(grid.at(row, column))) for row in range(top, bottom + 1))


def _held(parts: list[str]) -> Holds:
    if not parts:
        return Holds.UNKNOWN
    nearest = recognise(parts[-1])
    if len(parts) == 1:
        return nearest
    whole = recognise(" ".join(parts))
    if Holds.WITHHELD in {recognise(part) for part in parts}:
        return Holds.WITHHELD
    if whole is Holds.NAME and nearest in NAMES:
        return nearest
    if recognise(parts[0]) is Holds.BIRTH:
        return Holds.BIRTH
    return nearest if whole is Holds.UNKNOWN else whole


def _settle_names(grid: Grid, bottom: int, parts: list[list[str]], holds: list[Holds]) -> None:
    """Give a name that fills two columns under one heading both of them."""
    for column, held in enumerate(holds):
        if held is not Holds.NAME:
            continue
        following = column + 1
        if following < len(holds):
            repeated = holds[following] is Holds.NAME and parts[following] == parts[column]
            if repeated or (not parts[following] and _given_names(grid, bottom + 1, column)):
                holds[column], holds[following] = Holds.SURNAME, Holds.GIVEN_NAME
        if following < len(holds) and holds[following] is Holds.GIVEN_NAME:
            holds[column] = Holds.SURNAME
        break
    if Holds.NAME in holds:
        # a whole name is there: columns of parts are repetitions
        first = holds.index(Holds.NAME)
        for column, held in enumerate(holds):
            if column != first and held in NAMES:
                holds[column] = Holds.WITHHELD


def _given_names(grid: Grid, first: int, column: int) -> bool:
    """Tell whether the unheaded column to the right goes on with the name."""
    pairs = [
        (text_of(grid.at(row, column)).split(), text_of(grid.at(row, column + 1)).split())
        for row in range(first, min(first + 60, len(grid.rows)))
    ]
    named = [(left, right) for left, right in pairs if left]
    going_on = [right for left, right in named if len(right) == 1 and right[0].isalpha()]
    return len(going_on) > len(named) / 2


def _settle_titles(holds: list[Holds]) -> None:
    """Let “Chức danh” alone be the target only where no other column is."""
    meant = Holds.POSITION if Holds.TARGET in holds else Holds.TARGET
    for column, held in enumerate(holds):
        if held is Holds.TITLE:
            holds[column] = meant


class _SpanIndex:
    """Finds the merged cells that cover a place near the headings."""

    def __init__(self, grid: Grid) -> None:
        self._by_row: dict[int, list[Span]] = {}
        for span in grid.spans:
            for row in range(span.top, min(span.bottom, span.top + _DEEPEST_HEADING) + 1):
                self._by_row.setdefault(row, []).append(span)

    def at(self, row: int, column: int) -> Span | None:
        for span in self._by_row.get(row, ()):
            if span.left <= column <= span.right:
                return span
        return None
