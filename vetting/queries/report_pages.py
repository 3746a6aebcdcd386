"""Reports as pages: the list of them, one with its figures, and the list behind a figure.

The numbers are those that were kept. Which cases are behind them is found anew, and only those that
the reader may know of are on the list; whether others are is told nowhere.
"""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from sqlalchemy import ColumnElement, Connection, and_, select, tuple_, union_all

from vetting.engine.definition import Title
from vetting.engine.figures import (
    AMENDMENTS,
    BODY_TIMES,
    CASE_TIMES,
    FIGURES,
    MOVEMENT,
    REQUESTS,
    ROUNDS,
    Asked,
    Definition,
    Item,
    Measure,
    Part,
    items_of,
    verbs_of,
)
from vetting.engine.policy import Principal
from vetting.engine.refusals import Unacceptable, Unknown
from vetting.engine.sentences import Sentence, say
from vetting.engine.vocabulary import CaseType, Role
from vetting.queries.history_sentences import TITLES
from vetting.queries.keyset import PAGE, Page, paged, read_mark
from vetting.queries.names_of import names_of_organisations
from vetting.records import reports
from vetting.records.cases import cases
from vetting.records.database import Row
from vetting.records.history import entries
from vetting.records.identity import Ids
from vetting.records.legal_bases import regulation_bodies
from vetting.records.log import log
from vetting.records.scope import visible_to
from vetting.records.submissions import rounds

ORDER = (REQUESTS, MOVEMENT, BODY_TIMES, CASE_TIMES, ROUNDS, AMENDMENTS)
MOST_RUNS = 20
AT_ONCE = 200  # entries looked at together
MOST_LOOKED_AT = 2_000  # for one page of a list
LONGEST_NUMBER = 9
ROW = "/"  # between the parts that name a row

Key = tuple[str, ...]


@dataclass(frozen=True)
class ReportLine:
    """One report: for which period, as of when, made by whom."""

    handle: str
    since: str
    until: str
    size: int
    root: str
    as_of: str
    erased: int
    officer: str
    on_behalf_of: str | None
    organisation: str
    role: Role
    made_at: str


@dataclass(frozen=True)
class Run:
    """One time that a report was run again."""

    at: str
    officer: str
    on_behalf_of: str | None
    unlike: tuple[str, ...]  # titles of the figures that came out otherwise
    erased: int


@dataclass(frozen=True)
class Figure:
    """A figure of a report, as far as the reader may know of its case types."""

    definition: Definition
    version: int
    rows: tuple[tuple[Key, Mapping[Measure, int]], ...]
    items: int
    list_hash: str

    @property
    def totals(self) -> dict[Measure, int]:
        """What all its rows have together."""
        return {
            measure: sum(values[measure] for _, values in self.rows)
            for measure in self.definition.measures
        }


@dataclass(frozen=True)
class ReportPage:
    """A report with all its figures."""

    line: ReportLine
    figures: tuple[Figure, ...]
    runs: tuple[Run, ...]
    names: Mapping[Part, Mapping[str, Title]]

    def figure(self, name: str) -> Figure:
        """Return one of its figures."""
        for figure in self.figures:
            if figure.definition.name == name:
                return figure
        raise Unknown(say("There is no such figure."))

    def name_of(self, part: Part, code: str) -> object:
        """Return what a row is called, in one of its parts."""
        if part is Part.CASE_TYPE:
            return CaseType(code)
        return self.names.get(part, {}).get(code, code)


@dataclass(frozen=True)
class Behind:
    """One entry that a figure counts, and of which case it is."""

    handle: str
    reference: str
    name: str
    number: int
    at: str
    did: Sentence
    item: Item


@dataclass(frozen=True)
class BehindFigure:
    """A page of the list behind a figure."""

    page: Page[Behind]
    read_on: bool  # there is more to look through than was for this page

    @property
    def handles(self) -> list[str]:
        """The cases on the page."""
        return [one.handle for one in self.page.rows]


@dataclass(frozen=True)
class Wanted:
    """Which part of a list is wanted; what is empty narrows nothing."""

    row: str = ""
    measure: str = ""

    def fits(self, item: Item) -> bool:
        """Tell whether an item is wanted."""
        in_row = not self.row or ROW.join(item.key) == self.row
        return in_row and (
            not self.measure or any(one.value == self.measure and n for one, n in item.values)
        )


def report_list(connection: Connection, after: str | None = None) -> Page[ReportLine]:
    """Return a page of the reports that were made, newest first."""
    r = reports.reports.c
    statement = select(reports.reports).order_by(r.made_at.desc(), r.handle.desc())
    mark = read_mark(after, 2)
    if mark is not None:
        statement = statement.where(tuple_(r.made_at, r.handle) < mark)
    rows = connection.execute(statement.limit(PAGE + 1)).mappings().all()
    return paged(rows, PAGE, after, lambda row: (row["made_at"], row["handle"]), _line)


def report_page(connection: Connection, principal: Principal, handle: str) -> ReportPage:
    """Return a report as it was kept."""
    row = reports.find(connection, handle)
    if row is None:
        raise Unknown(say("There is no such report."))
    kept = reports.figures_of(connection, handle)
    regulation = _positions(connection)
    figures = tuple(
        _figure(definition, kept[definition.name], principal, regulation)
        for definition in ORDER
        if definition.name in kept
    )
    return ReportPage(
        _line(row), figures, tuple(_runs(connection, handle)), _names(connection, figures)
    )


def behind_figure(
    connection: Connection,
    principal: Principal,
    page: ReportPage,
    figure: Definition,
    wanted: Wanted,
    after: str | None = None,
) -> BehindFigure:
    """Return which entries a figure counts, in the order in which they were made."""
    mark = read_mark(after, 3)
    if mark is not None and not (mark[2].isdigit() and len(mark[2]) <= LONGEST_NUMBER):
        raise Unacceptable(say("This link leads to no page of the list. Begin at its first page."))
    ids, line = Ids(), page.line
    asked = Asked(line.since, line.until, line.as_of, ids.legal_day)
    clauses, verbs = _clauses(principal, figure, line, ids, wanted), sorted(verbs_of(figure))
    found: list[tuple[Row, Item]] = []
    looked_at, last = 0, None
    while len(found) <= PAGE and looked_at < MOST_LOOKED_AT:
        rows = _rows(connection, clauses, verbs, mark)
        found += _counted(connection, rows, figure, line, asked, wanted)
        looked_at += len(rows)
        last = rows[-1] if len(rows) == AT_ONCE else None
        if last is None:
            break
        mark = tuple(_mark(last))
    listed = paged(found, PAGE, after, lambda one: _mark(one[0]), _behind)
    if listed.next is None and last is not None:
        return BehindFigure(Page(listed.rows, "~".join(_mark(last)), listed.after), read_on=True)
    return BehindFigure(listed, read_on=False)


def _clauses(
    principal: Principal, figure: Definition, line: ReportLine, ids: Ids, wanted: Wanted
) -> list[ColumnElement[bool]]:
    e = entries.c
    clauses = [
        visible_to(principal),
        log.c.position < line.size,
        e.at >= ids.begin_of(line.since),
        e.at <= ids.end_of(line.until),
    ]
    if wanted.row:
        named = dict(zip(figure.parts, wanted.row.split(ROW), strict=False))
        columns = {
            Part.BODY: e.body,
            Part.CASE_TYPE: cases.c.case_type,
            Part.ROUND: cases.c.round,
            Part.UNIT: cases.c.unit,
            Part.DECIDER: e.organisation,
        }
        clauses += [columns[part] == code for part, code in named.items()]
    return clauses


def _rows(
    connection: Connection,
    clauses: list[ColumnElement[bool]],
    verbs: list[str],
    mark: tuple[str, ...] | None,
) -> list[Row]:
    """Return the next entries; of each verb no more are read than could be among them.

    Asked for all verbs at once SQLite would read every entry of them, and then put them in order.
    """
    e = entries.c
    wanted = list(clauses)
    if mark is not None:
        at, case, number = mark
        wanted.append(tuple_(e.at, e.case_handle, e.number) > (at, case, int(number)))
    told = (
        select(e.case_handle, e.number, e.at, e.verb, cases.c.reference, cases.c.name)
        .select_from(
            entries.join(cases, cases.c.handle == e.case_handle).join(
                log, and_(log.c.case_handle == e.case_handle, log.c.number == e.number)
            )
        )
        .where(*wanted)
        .order_by(e.at, e.case_handle, e.number)
        .limit(AT_ONCE)
    )
    found = union_all(*(select(told.where(e.verb == verb).subquery()) for verb in verbs)).subquery()
    o = found.c
    statement = select(found).order_by(o.at, o.case_handle, o.number).limit(AT_ONCE)
    return list(connection.execute(statement).mappings())


def _counted(  # a list is all of this
    connection: Connection,
    rows: list[Row],
    figure: Definition,
    line: ReportLine,
    asked: Asked,
    wanted: Wanted,
) -> Iterator[tuple[Row, Item]]:
    """Yield those of the entries that the figure counts."""
    histories = reports.histories_of(connection, line.size, {row["case_handle"] for row in rows})
    items = {
        (item.case, item.number): item
        for case, history in histories.items()
        for item in items_of(case, history, asked)[0]
        if item.figure == figure.name and wanted.fits(item)
    }
    for row in rows:
        item = items.get((row["case_handle"], row["number"]))
        if item is not None:
            yield row, item


def _mark(row: Row) -> tuple[str, str, str]:
    return row["at"], row["case_handle"], str(row["number"])


def _behind(found: tuple[Row, Item]) -> Behind:
    row, item = found
    return Behind(
        row["case_handle"],
        row["reference"],
        row["name"],
        row["number"],
        row["at"],
        TITLES[row["verb"]],
        item,
    )


def _figure(
    definition: Definition, row: Row, principal: Principal, regulation: Mapping[str, int]
) -> Figure:
    place = definition.parts.index(Part.CASE_TYPE)
    told = [
        (
            tuple(one["key"]),
            {measure: int(one["values"].get(measure, 0)) for measure in definition.measures},
        )
        for one in json.loads(row["rows"])
    ]
    mine = [one for one in told if one[0][place] in principal.case_types]
    return Figure(
        definition,
        row["version"],
        tuple(sorted(mine, key=lambda one: _order(definition, one[0], regulation))),
        row["items"],
        row["list_hash"],
    )


_TYPES = list(CaseType)


def _order(definition: Definition, key: Key, regulation: Mapping[str, int]) -> tuple[object, ...]:
    """Bodies stand in the order of the regulation, case types in their own; nobody is ranked."""
    found: list[tuple[int, str]] = []
    for part, code in zip(definition.parts, key, strict=True):
        match part:
            case Part.BODY | Part.DECIDER:
                found.append((regulation.get(code, len(regulation) + 1), code))
            case Part.CASE_TYPE:
                found.append((_TYPES.index(CaseType(code)), code))
            case _:
                found.append((0, code))
    return tuple(found)


def _positions(connection: Connection) -> dict[str, int]:
    """Return where each body stands in a coordination regulation; the last that names it counts."""
    c = regulation_bodies.c
    rows = connection.execute(select(c.body, c.position).order_by(c.regulation))
    return {row.body: row.position for row in rows}


def _runs(connection: Connection, handle: str) -> Iterator[Run]:
    c = reports.report_runs.c
    rows = connection.execute(
        select(c.at, c.officer, c.on_behalf_of, c.unlike, c.erased)
        .where(c.report == handle)
        .order_by(c.at.desc(), c.handle)
        .limit(MOST_RUNS)
    )
    for row in rows:
        unlike = tuple(FIGURES[name].title for name in row.unlike.split() if name in FIGURES)
        yield Run(row.at, row.officer, row.on_behalf_of, unlike, row.erased)


def _names(connection: Connection, figures: tuple[Figure, ...]) -> dict[Part, Mapping[str, Title]]:
    codes: dict[Part, set[str]] = {part: set() for part in Part}
    for figure in figures:
        for key, _ in figure.rows:
            for part, code in zip(figure.definition.parts, key, strict=True):
                codes[part].add(code)
    named = names_of_organisations(
        connection, codes[Part.BODY] | codes[Part.UNIT] | codes[Part.DECIDER]
    )
    found: dict[Part, Mapping[str, Title]] = dict.fromkeys(
        (Part.BODY, Part.UNIT, Part.DECIDER), named
    )
    if codes[Part.ROUND]:
        c = rounds.c
        rows = connection.execute(
            select(c.handle, c.name_vi, c.name_en).where(c.handle.in_(sorted(codes[Part.ROUND])))
        )
        found[Part.ROUND] = {row.handle: Title(vi=row.name_vi, en=row.name_en) for row in rows}
    return found


def _line(row: Row) -> ReportLine:
    told = {name: row[name] for name in ReportLine.__dataclass_fields__}
    return ReportLine(**told | {"role": Role(row["role"])})
