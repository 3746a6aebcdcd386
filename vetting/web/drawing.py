"""Drawing: bars as SVG, plain shapes without style or script, to be served as images.

Every picture has the table that says the same beside it; colours follow the road of a case and are
never the only sign: each part of a bar carries its number where there is room for it.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from markupsafe import escape

FONT = "Segoe UI, Noto Sans, Liberation Sans, Arial, sans-serif"
INK, SOFT, LINE = "#1b2733", "#4d5b6a", "#d3dae1"
WIDTH = 1200
LABELS = 380  # room for names at the left
ROW = 20
BAR = 14
LETTER = 6.3  # the width of a letter, about

COLOURS: Mapping[str, str] = {
    "draft": "#c3cbd3",
    "filed": "#d9e6f2",
    "checking": "#b9d2e8",
    "accepted": "#93bbdd",
    "consulting": "#6a9fce",
    "assembling": "#4683ba",
    "proposed": "#2f6a9f",
    "submitted": "#1f4e79",
    "concluded": "#7fbf9a",
    "notified": "#4a9a6d",
    "closed": "#1d6b3c",
    "returned": "#b79ad6",
    "suspended": "#e3b45c",
    "withdrawn": "#8a97a5",
    # of figures: whose time it was, and what became of a request
    "unit": "#b79ad6",
    "board": "#93bbdd",
    "bodies": "#4683ba",
    "authority": "#1f4e79",
    "paused": "#e3b45c",
    "clock_off": "#e3b45c",
    "on_the_way": "#c3cbd3",
    "own": "#4683ba",
    "in_time": "#6a9fce",
    "late": "#b79ad6",
    "no_date": "#b9d2e8",
    "taken_back": "#8a97a5",
    "overdue": "#e3b45c",
    "unanswered": "#d9e6f2",
}
OTHER = "#8a97a5"
_DARK = frozenset({"#4683ba", "#2f6a9f", "#1f4e79", "#1d6b3c"})


@dataclass(frozen=True)
class Stack:
    """One row of stacked bars: a name, and how much of each part."""

    name: str
    parts: Mapping[str, float]


@dataclass(frozen=True)
class Length:
    """One row of plain bars: a name, a bar, a mark further out, and what stands behind it."""

    name: str
    bar: float | None
    mark: float | None
    text: str


def stacked_bars(
    rows: Sequence[Stack],
    parts: Sequence[tuple[str, str]],
    title: str,
    written: Callable[[float], str] = str,
) -> str:
    """Draw rows of stacked bars on one scale, with their legend on top."""
    most = max((sum(row.parts.values()) for row in rows), default=0) or 1
    room = WIDTH - LABELS - 60
    drawn: list[str] = []
    across, down = 0.0, 16.0
    for name, text in parts:
        wide = 22 + len(text) * LETTER
        if across + wide > WIDTH:
            across, down = 0.0, down + ROW
        drawn.append(_box(across, down - 11, 12, 12, COLOURS.get(name, OTHER)))
        drawn.append(_text(across + 17, down, text))
        across += wide + 10
    top = down + 16
    for number, row in enumerate(rows):
        y = top + number * ROW
        drawn.append(_text(LABELS - 8, y + 11, _cut(row.name), anchor="end"))
        x = float(LABELS)
        for name, _ in parts:
            many = row.parts.get(name, 0)
            if not many:
                continue
            wide = many / most * room
            colour = COLOURS.get(name, OTHER)
            drawn.append(_box(x, y, wide, BAR, colour))
            told = written(many)
            if wide > LETTER * (len(told) + 1):
                ink = "#ffffff" if colour in _DARK else INK
                drawn.append(_text(x + wide / 2, y + 11, told, anchor="middle", ink=ink))
            x += wide
        drawn.append(_text(x + 6, y + 11, written(sum(row.parts.values())), ink=SOFT))
    return _svg(drawn, top + len(rows) * ROW + 8, title)


def plain_bars(rows: Sequence[Length], title: str) -> str:
    """Draw a bar a row, with a mark for the furthest, on one scale."""
    most = max((row.mark or row.bar or 0 for row in rows), default=0) or 1
    room = WIDTH - LABELS - 240
    drawn: list[str] = [
        f'<line x1="{LABELS}" y1="4" x2="{LABELS}" y2="{len(rows) * ROW + 10}" stroke="{LINE}"/>'
    ]
    for number, row in enumerate(rows):
        y = 8 + number * ROW
        drawn.append(_text(LABELS - 8, y + 11, _cut(row.name), anchor="end"))
        end = float(LABELS)
        if row.bar is not None:
            drawn.append(_box(LABELS, y, max(row.bar / most * room, 1), BAR, COLOURS["consulting"]))
        if row.mark is not None:
            end = LABELS + max(row.mark / most * room, 1)
            drawn.append(
                f'<line x1="{LABELS}" y1="{y + BAR / 2}" x2="{end:.1f}" y2="{y + BAR / 2}" '
                f'stroke="{INK}" stroke-width="1"/>'
            )
            drawn.append(_box(end - 1.5, y, 3, BAR, INK))
        drawn.append(_text(end + 8, y + 11, row.text, ink=SOFT))
    return _svg(drawn, len(rows) * ROW + 20, title)


def _box(x: float, y: float, wide: float, high: float, colour: str) -> str:
    return (
        f'<rect x="{x:.1f}" y="{y:.1f}" width="{wide:.1f}" height="{high:.1f}" '
        f'fill="{colour}" stroke="#ffffff" stroke-width="0.5"/>'
    )


def _text(x: float, y: float, text: str, *, anchor: str = "start", ink: str = INK) -> str:
    return (
        f'<text x="{x:.1f}" y="{y:.1f}" text-anchor="{anchor}" font-size="12" '
        f'font-family="{FONT}" fill="{ink}">{escape(text)}</text>'
    )


def _cut(name: str) -> str:
    most = int(LABELS / LETTER) - 2
    return name if len(name) <= most else f"{name[: most - 1]}…"


def _svg(drawn: Sequence[str], high: float, title: str) -> str:
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {high:.0f}" '
        f'width="{WIDTH}" height="{high:.0f}" role="img"><title>{escape(title)}</title>'
        f"{''.join(drawn)}</svg>"
    )
