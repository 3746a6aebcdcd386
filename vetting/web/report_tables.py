"""The figures of a report as tables in the reader's language: for a page, a workbook and paper."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from flask_babel import format_decimal, gettext

from vetting.engine.figures import Measure, Part
from vetting.queries.report_pages import ROW, Figure, ReportPage
from vetting.web.drawing import Stack, stacked_bars
from vetting.web.filters import day, moment, said

A_DAY = 24 * 60 * 60
Cell = int | float


@dataclass(frozen=True)
class Line:
    """One row: what it is called, what it counts, and how the list behind it is asked for."""

    names: tuple[str, ...]
    cells: tuple[Cell, ...]
    row: str


@dataclass(frozen=True)
class Table:
    """A figure as a table; times are mean days."""

    figure: Figure
    title: str
    headings: tuple[str, ...]  # of what names a row
    columns: tuple[str, ...]
    lines: tuple[Line, ...]
    totals: tuple[Cell, ...]
    has_picture: bool


# What a bar is made of; together its parts are the whole of what it stands for.
_PICTURES: dict[str, tuple[Part, tuple[Measure, ...]]] = {
    "requests": (
        Part.BODY,
        (
            Measure.IN_TIME,
            Measure.LATE,
            Measure.NO_DATE,
            Measure.TAKEN_BACK,
            Measure.OVERDUE,
            Measure.UNANSWERED,
        ),
    ),
    "body_times": (Part.BODY, (Measure.ON_THE_WAY, Measure.OWN, Measure.CLOCK_OFF)),
    "case_times": (
        Part.CASE_TYPE,
        (
            Measure.UNIT,
            Measure.BOARD,
            Measure.BODIES,
            Measure.AUTHORITY,
            Measure.CLOCK_OFF,
        ),
    ),
    "rounds": (
        Part.ROUND,
        (
            Measure.UNIT,
            Measure.BOARD,
            Measure.BODIES,
            Measure.AUTHORITY,
            Measure.PAUSED,
            Measure.CONCLUDED,
            Measure.WITHDRAWN,
        ),
    ),
}
PICTURES = tuple(_PICTURES)


def tables_of(page: ReportPage) -> list[Table]:
    """Return every figure of a report as a table."""
    return [table_of(page, figure) for figure in page.figures]


def table_of(page: ReportPage, figure: Figure) -> Table:
    """Return one figure as a table."""
    definition = figure.definition
    lines = tuple(
        Line(
            tuple(
                said(page.name_of(part, code))
                for part, code in zip(definition.parts, key, strict=True)
            ),
            tuple(_cell(figure, values, measure) for measure in definition.measures),
            ROW.join(key),
        )
        for key, values in figure.rows
    )
    return Table(
        figure,
        gettext(definition.title),
        tuple(said(part) for part in definition.parts),
        tuple(_heading(figure, measure) for measure in definition.measures),
        lines,
        tuple(_cell(figure, figure.totals, measure) for measure in definition.measures),
        definition.name in _PICTURES,
    )


def written(cell: Cell) -> str:
    """Write a cell as people here write numbers."""
    return str(format_decimal(cell, format="#,##0.0")) if isinstance(cell, float) else str(cell)


def particulars(page: ReportPage) -> list[tuple[str, str]]:
    """Return what a report says of itself: its period, its moment, and by whom it was made."""
    line = page.line
    return [
        (gettext("Period"), f"{day(line.since)} – {day(line.until)}"),
        (
            gettext("As things stood"),
            gettext(
                "%(when)s, when the log had %(size)s entries",
                when=moment(line.as_of),
                size=line.size,
            ),
        ),
        (gettext("Root of the log"), line.root),
    ]


def told_of(figure: Figure) -> str:
    """Say by which count a figure was made, how long its list is, and the hash over it."""
    return str(
        gettext(
            "Counted by %(name)s, version %(version)s. Its list has %(items)s entries; the hash of "
            "the list is %(hash)s.",
            name=figure.definition.name,
            version=figure.version,
            items=figure.items,
            hash=figure.list_hash,
        )
    )


def picture_of(page: ReportPage, name: str) -> str:
    """Draw a figure as bars, in the order of its table."""
    figure = page.figure(name)
    part, measures = _PICTURES[name]
    place = figure.definition.parts.index(part)
    sums: dict[str, dict[Measure, int]] = {}
    for key, values in figure.rows:
        bar = sums.setdefault(key[place], {})
        for measure, number in values.items():
            bar[measure] = bar.get(measure, 0) + number
    rows = [
        Stack(said(page.name_of(part, code)), _bar(figure, values, measures))
        for code, values in sums.items()
    ]
    parts = [(one.value, _part(one)) for one in measures]
    return stacked_bars(rows, parts, gettext(figure.definition.title), written)


def _bar(
    figure: Figure, values: Mapping[Measure, int], measures: Sequence[Measure]
) -> dict[str, float]:
    bar: dict[str, float] = {one.value: _cell(figure, values, one) for one in measures}
    if Measure.OVERDUE in measures:  # which is a part of what is unanswered
        bar[Measure.UNANSWERED.value] = values[Measure.UNANSWERED] - values[Measure.OVERDUE]
    return bar


def _part(measure: Measure) -> str:
    if measure is Measure.UNANSWERED:
        return str(gettext("Unanswered, not past a date"))
    return said(measure)


def _cell(figure: Figure, values: Mapping[Measure, int], measure: Measure) -> Cell:
    definition = figure.definition
    if measure not in definition.times:
        return values[measure]
    return values[measure] / values[definition.of] / A_DAY if values[definition.of] else 0.0


def _heading(figure: Figure, measure: Measure) -> str:
    title = said(measure)
    if measure in figure.definition.times:
        return str(gettext("%(time)s, mean days", time=title))
    return title
