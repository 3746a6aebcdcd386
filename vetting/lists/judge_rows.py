"""Judging the rows of a list: every person accepted, or refused with a reason."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date

from vetting.engine.sentences import say
from vetting.lists import tell_rows
from vetting.lists.answers import GoodRow, Reason, RefusedRow
from vetting.lists.clean_text import clean, fold, same_spelling
from vetting.lists.find_table import Columns
from vetting.lists.grid import Cell, Grid, Span, text_of
from vetting.lists.read_births import is_a_birth, read_birth
from vetting.lists.read_names import looks_like_a_person, read_name, refuse_name
from vetting.lists.recognise_headings import NAMES, Holds, recognise
from vetting.lists.write_titles import write_title

TARGET_LIMIT = 300
POSITION_LIMIT = 600

_NAME_ORDER = (Holds.SURNAME, Holds.MIDDLE_NAME, Holds.NAME, Holds.GIVEN_NAME)
_DITTO = re.compile(
    r"[\"'“”〃〞/\\]{1,4}|-?\s*n\.?t\.?\s*-?|như trên\.?|như tr\.?|ditto|idem", re.IGNORECASE
)
_TICKS = frozenset({"x", "✓", "✔", "√", "v", "☑", "☒", "+"})
_TITLE_IN_HEADLINE = re.compile(
    r"(?:quy hoạch|bổ nhiệm|giới thiệu|đề nghị|ứng cử|giữ|vào)[^:]*?"
    r"\b(?:chức danh|chức vụ|vị trí)\s*:?\s+"
    r"(?P<title>.+?)\s*(?:,?\s*(?:nhiệm kỳ|giai đoạn|năm \d|\(|;).*)?$",
    re.IGNORECASE,
)
_HOW_MANY = re.compile(
    r"[(\[]?\s*\d{1,3}\s*(?:đồng chí|đ/c|người|nhân sự|cán bộ|people)?\s*[)\]]?", re.IGNORECASE
)
_LONGEST_SECTION = 160


def judge_rows(grid: Grid, blocks: Sequence[Columns]) -> "Judgement":
    """Prepare the judging of the rows of *grid* under its *blocks* of headings."""
    return Judgement(grid, tuple(blocks))


@dataclass(slots=True)
class _Section:
    title: str = ""
    level: int = -1


@dataclass(slots=True)
class _Pass:
    """What is remembered from row to row."""

    section: _Section = field(default_factory=_Section)
    closed: bool = False  # the signatures have begun
    elsewhere: bool = False  # in a table of something else, a summary for example
    last_target: str = ""
    last_position: str | None = None


@dataclass(frozen=True, slots=True)
class _Line:
    """A row without a birth: its texts, and the number or the mark before them."""

    row: int
    content: dict[int, str]
    serial: bool = field(kw_only=True)
    level: int | None = field(kw_only=True)


@dataclass(frozen=True, slots=True)
class _Person:
    row: int
    name: str
    births: tuple[Cell, ...]
    target: str
    position: str | None


class Judgement:
    """One walk down a sheet."""

    def __init__(self, grid: Grid, blocks: tuple[Columns, ...]) -> None:
        self._grid = grid
        self._blocks = blocks
        self._merged = _downward(grid, blocks)

    def verdicts(self, today: date) -> Iterator[GoodRow | RefusedRow]:
        """Give each person's row once, accepted or refused."""
        seen: dict[tuple[str, str, str], int] = {}
        for person in self._persons():
            verdict = _judge(person, today)
            if isinstance(verdict, GoodRow):
                key = (same_spelling(verdict.name), verdict.born, same_spelling(verdict.target))
                first = seen.setdefault(key, verdict.row)
                if first != verdict.row:
                    verdict = RefusedRow(
                        verdict.row,
                        Reason.DUPLICATE_ROW,
                        say(
                            "Row %(row)s repeats row %(first)s: same name, birth and title.",
                            row=verdict.row,
                            first=first,
                        ),
                        verdict.name,
                    )
            yield verdict

    def _persons(self) -> Iterator[_Person]:
        past = _Pass()
        for place, columns in enumerate(self._blocks):
            following = self._blocks[place + 1].top if place + 1 < len(self._blocks) else None
            past.closed = past.elsewhere = False
            if not past.section.title and not columns.where(Holds.TARGET):
                past.section = _Section(_title_in_headlines(self._grid, columns.top))
            for row in range(columns.bottom + 1, following or len(self._grid.rows)):
                person = self._read(row, columns, past)
                if person is not None:
                    past.last_target, past.last_position = person.target, person.position
                    yield person

    def _read(self, row: int, columns: Columns, past: _Pass) -> _Person | None:
        """Return the person in *row*, or None where the row is none."""
        filled = {
            column: text
            for column, cell in enumerate(self._grid.rows[row])
            if (text := clean(text_of(cell)))
        }
        serial, level, content = _without_number(filled, columns)
        if not any(map(_says_something, content.values())):
            return None
        if tell_rows.are_column_numbers(list(filled.values())):
            return None
        births = self._births(row, columns)
        if not any(map(is_a_birth, births)):
            line = _Line(row, content, serial=serial, level=level)
            if _heads_another_table(filled, columns):
                past.elsewhere = True
            if past.elsewhere or _is_aside(line, births, columns, past):
                return None
            if self._opens_section(line, columns, past):
                return None
        past.elsewhere = False
        return self._person(row, columns, past, births)

    def _opens_section(self, line: "_Line", columns: Columns, past: _Pass) -> bool:
        """Tell whether *line* heads a section, and go into it; past a note, stay where we are."""
        texts = list(dict.fromkeys(line.content.values()))
        marked = line.level is not None and not line.serial
        if len(texts) > 1 and not (marked and len(texts) == 2 and _HOW_MANY.fullmatch(texts[1])):  # noqa: PLR2004 - a heading and how many
            return False
        own_level, text = tell_rows.split_marker(texts[0])
        level = line.level if line.level is not None else own_level
        if len(text) > _LONGEST_SECTION:
            return not line.serial
        title = tell_rows.reads_as_title(text)
        if not title and (line.serial or self._may_be_a_person(line, text, level, columns)):
            return False
        first = min(line.content)
        if level is None and first > max(columns.where(*NAMES)) and not self._wide(line.row, first):
            # alone in a cell to the right: the rest of a note above, or a row half filled
            return first not in columns.where(Holds.TARGET, Holds.POSITION, Holds.WORKPLACE)
        _enter(past, text, level, title=title, needed=not columns.where(Holds.TARGET))
        return True

    def _may_be_a_person(
        self, line: "_Line", text: str, level: int | None, columns: Columns
    ) -> bool:
        if looks_like_a_person(text):
            return True
        first = min(line.content)
        return (
            level is None
            and first in columns.where(*NAMES)
            and not tell_rows.reads_as_organisation(text)
            and not self._wide(line.row, first)
        )

    def _wide(self, row: int, column: int) -> bool:
        return any(
            span.top == row and span.left == column and span.right - span.left > 1
            for span in self._merged.across.get(row, ())
        )

    def _births(self, row: int, columns: Columns) -> tuple[Cell, ...]:
        cells = (self._cell(row, column) for column in columns.where(Holds.BIRTH))
        return tuple(cell for cell in cells if not isinstance(cell, str) or clean(cell))

    def _cell(self, row: int, column: int) -> Cell:
        """Return what stands in a cell, or in the merged cell that it is part of."""
        cell = self._grid.at(row, column)
        if cell == "" and (top := self._merged.down.get((row, column))) is not None:
            return self._grid.at(top, column)
        return cell

    def _person(
        self, row: int, columns: Columns, past: _Pass, births: tuple[Cell, ...]
    ) -> _Person | None:
        whole = columns.where(*NAMES, Holds.BIRTH, Holds.TARGET)
        own = [column for column in whole if self._grid.at(row, column) != ""]
        if not own and any((row, column) in self._merged.down for column in whole):
            return None  # the lower half of a row whose cells are merged
        name = " ".join(
            part
            for kind in _NAME_ORDER
            for column in columns.where(kind)
            if (part := clean(text_of(self._cell(row, column))))
        )
        return _Person(
            row + 1,
            read_name(name),
            births,
            self._target(row, columns, past),
            self._position(row, columns, past),
        )

    def _target(self, row: int, columns: Columns, past: _Pass) -> str:
        named = []
        for column in columns.where(Holds.TARGET):
            text = clean(text_of(self._cell(row, column)))
            if text.casefold() in _TICKS:
                text = columns.lowest[column]
            if _DITTO.fullmatch(text):
                text = past.last_target
            if text and any(letter.isalpha() for letter in text) and text not in named:
                named.append(text)
        return write_title("; ".join(named)) or past.section.title

    def _position(self, row: int, columns: Columns, past: _Pass) -> str | None:
        parts = []
        for column in columns.where(Holds.POSITION, Holds.WORKPLACE):
            text = clean(text_of(self._cell(row, column)))
            if _DITTO.fullmatch(text):
                text = past.last_position or ""
            if any(letter.isalnum() for letter in text) and text not in parts:
                parts.append(text)
        return ", ".join(parts)[:POSITION_LIMIT] or None


def _judge(person: _Person, today: date) -> GoodRow | RefusedRow:
    row, name = person.row, person.name
    refused = refuse_name(name, row)
    if refused:
        return RefusedRow(row, *refused, name=name[:TARGET_LIMIT] or None)
    born = read_birth(person.births, row, today)
    if not isinstance(born, str):
        return RefusedRow(row, *born, name=name)
    if not person.target:
        return RefusedRow(
            row,
            Reason.TARGET_MISSING,
            say("Row %(row)s names no title that %(name)s is put forward for.", row=row, name=name),
            name,
        )
    if len(person.target) > TARGET_LIMIT:
        return RefusedRow(
            row,
            Reason.TARGET_TOO_LONG,
            say(
                "The title in row %(row)s is longer than %(limit)s letters.",
                row=row,
                limit=TARGET_LIMIT,
            ),
            name,
        )
    return GoodRow(row, name, born, person.target, person.position)


def _without_number(
    filled: dict[int, str], columns: Columns
) -> tuple[bool, int | None, dict[int, str]]:
    """Take the row's number, or the section's mark, away from what else it holds."""
    serial, level, content = False, None, dict(filled)
    for column in columns.where(Holds.NUMBER):
        text = content.get(column)
        if text is None:
            continue
        if tell_rows.is_serial(text):
            serial = True
            del content[column]
        elif (found := tell_rows.level_of(text)) is not None:
            level = found
            del content[column]
    return serial, level, content


def _heads_another_table(filled: dict[int, str], columns: Columns) -> bool:
    """Tell headings that name no person: of a summary below the list."""
    return any(
        recognise(filled[column]) is Holds.NUMBER
        for column in columns.where(Holds.NUMBER)
        if column in filled
    )


def _is_aside(line: "_Line", births: tuple[Cell, ...], columns: Columns, past: _Pass) -> bool:
    """Tell totals, signatures and footnotes, which are nobody's rows."""
    if line.serial:
        return False
    texts = list(dict.fromkeys(line.content.values()))
    if any(map(tell_rows.is_total, texts)):
        return True
    alone = len(texts) == 1
    if any(fold(text_of(birth)) for birth in births) and not alone:
        return False
    in_target = min(line.content) in columns.where(Holds.TARGET)
    if any(map(tell_rows.is_signature, texts)) or (
        all(map(tell_rows.is_signers_title, texts)) and (in_target or not alone)
    ):
        past.closed = True
    if alone and tell_rows.is_note(texts[0]):
        return True
    # below the first signature a new section may begin, but nobody without a number or a birth
    return past.closed and not (alone and line.level is not None)


def _enter(past: _Pass, text: str, level: int | None, *, title: bool, needed: bool) -> None:
    """Go into a section: one that names a title, or one that only groups."""
    depth = 5 if level is None else level
    if title or (needed and not tell_rows.reads_as_organisation(text)):
        past.section = _Section(tell_rows.section_title(text), depth)
    elif depth <= past.section.level:
        past.section = _Section()


def _says_something(text: str) -> bool:
    return any(letter.isalnum() for letter in text) or _DITTO.fullmatch(text) is not None


def _title_in_headlines(grid: Grid, above: int) -> str:
    """Return the one title that the lines above a table say it is for."""
    for row in grid.rows[:above]:
        for cell in row:
            if isinstance(cell, str) and (found := _TITLE_IN_HEADLINE.search(clean(cell))):
                title = found["title"]
                if tell_rows.reads_as_title(title):
                    return write_title(title)
    return ""


@dataclass(frozen=True, slots=True)
class _Merged:
    down: dict[tuple[int, int], int]
    across: dict[int, list[Span]]


def _downward(grid: Grid, blocks: tuple[Columns, ...]) -> _Merged:
    """Find, below the headings, which empty cells belong to a cell above them."""
    down: dict[tuple[int, int], int] = {}
    across: dict[int, list[Span]] = {}
    first = blocks[0].bottom if blocks else 0
    for span in grid.spans:
        if span.top <= first:
            continue
        across.setdefault(span.top, []).append(span)
        for row in range(span.top + 1, min(span.bottom, len(grid.rows) - 1) + 1):
            down[row, span.left] = span.top
    return _Merged(down, across)
