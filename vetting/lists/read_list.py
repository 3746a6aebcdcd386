"""Reading a list: from the bytes of a file to its rows, accepted or refused."""

from datetime import date

from vetting.engine.sentences import Sentence, say
from vetting.lists.answers import GoodRow, ReadList, RefusedRow, UnreadableList
from vetting.lists.find_table import Columns, find_columns
from vetting.lists.find_unit import find_unit
from vetting.lists.grid import Grid
from vetting.lists.judge_rows import judge_rows
from vetting.lists.limits import Limits
from vetting.lists.open_workbook import open_workbook
from vetting.lists.recognise_headings import NAMES, Holds


def read_list(content: bytes, filename: str, *, today: date) -> ReadList:
    """Read a list in this very process.

    What a file may ask of the machine is checked, but not enforced by the operating system;
    for a file from outside use read_list_safely.
    """
    del filename  # a name says nothing about what is inside
    return read_grids(open_workbook(content, Limits()), today=today)


def read_grids(grids: tuple[Grid, ...], *, today: date) -> ReadList:
    """Read the one sheet among *grids* that carries the list."""
    lists, half = [], []
    for grid in grids:
        blocks = tuple(find_columns(grid))
        complete = tuple(block for block in blocks if block.complete)
        if complete:
            lists.append(_read_sheet(grid, complete, today))
        elif blocks:
            half.append(blocks[0])
    filled = [found for found in lists if found.rows]
    if len(filled) > 1:
        filled = _without_copies(filled)
    if len(filled) > 1:
        raise UnreadableList(
            say(
                "The file has lists on several sheets (%(sheets)s); send each in its own file.",
                sheets=", ".join(found.sheet for found in filled),
            )
        )
    if filled:
        return filled[0]
    raise UnreadableList(_nothing_found(grids, lists, half))


def _read_sheet(grid: Grid, blocks: tuple[Columns, ...], today: date) -> ReadList:
    not_kept, unused = _left_out(blocks)
    return ReadList(
        sheet=grid.name,
        unit=find_unit(grid, blocks[0].top),
        rows=tuple(judge_rows(grid, blocks).verdicts(today)),
        not_kept=not_kept,
        unused=unused,
    )


def _left_out(blocks: tuple[Columns, ...]) -> tuple[tuple[str, ...], tuple[str, ...]]:
    def headings(*wanted: Holds) -> tuple[str, ...]:
        found = (
            block.headings[column]
            for block in blocks
            for column in block.where(*wanted)
            if block.headings[column]
        )
        return tuple(dict.fromkeys(found))

    return headings(Holds.WITHHELD, Holds.UNKNOWN), headings(Holds.NUMBER, Holds.ORDINARY)


def _without_copies(lists: list[ReadList]) -> list[ReadList]:
    """Leave out sheets that only repeat what an earlier sheet already has."""
    kept: list[ReadList] = []
    known: set[tuple[str, ...]] = set()
    for found in lists:
        persons = {_person(row) for row in found.rows}
        if not persons <= known:
            kept.append(found)
        known |= persons
    return kept


def _person(row: GoodRow | RefusedRow) -> tuple[str, ...]:
    if isinstance(row, GoodRow):
        return (row.name, row.born, row.target)
    return (row.name or "", row.reason)


def _nothing_found(grids: tuple[Grid, ...], lists: list[ReadList], half: list[Columns]) -> Sentence:
    if not any(grid.rows for grid in grids):
        return say("The file has no visible sheet with anything in it.")
    if lists:
        return say("The list has headings but no person below them.")
    if half and half[0].where(*NAMES):
        return say(
            "The headings in row %(row)s name no column for the date or year of birth.",
            row=half[0].bottom + 1,
        )
    return say(
        "No row of headings was found; a list needs at least a column “Họ và tên” and a column "
        "“Ngày sinh” or “Năm sinh”."
    )
