"""A sheet as a grid of cells, whatever kind of file it came from."""

from dataclasses import dataclass, field
from datetime import date

# Text, a number or a day; "" where nothing stands.
Cell = str | float | date
Row = tuple[Cell, ...]


@dataclass(frozen=True, slots=True)
class Span:
    """Merged cells, counted from 0, both ends included."""

    top: int
    left: int
    bottom: int
    right: int


@dataclass(frozen=True, slots=True)
class Grid:
    """A visible sheet."""

    name: str
    rows: tuple[Row, ...]
    spans: tuple[Span, ...] = field(default=())

    def at(self, row: int, column: int) -> Cell:
        """Return the cell, or nothing where the row is shorter."""
        cells = self.rows[row] if 0 <= row < len(self.rows) else ()
        return cells[column] if 0 <= column < len(cells) else ""


def text_of(cell: Cell) -> str:
    """Return what a person sees in *cell*."""
    if isinstance(cell, str):
        return cell
    if isinstance(cell, date):
        return cell.strftime("%d/%m/%Y")
    return str(int(cell)) if cell.is_integer() else str(cell)
