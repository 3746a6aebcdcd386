"""Reports: figures as they were counted at a moment of the log, kept as they were, and rerun.

What a report counts is read here from the entries that the log had at a checkpoint. The log is
never changed, so the same checkpoint gives the same entries for ever, whatever happened since.
"""

from collections.abc import Iterable, Iterator, Sequence
from itertools import groupby
from typing import Any

from sqlalchemy import (
    CheckConstraint,
    Column,
    Connection,
    ForeignKeyConstraint,
    Index,
    Integer,
    PrimaryKeyConstraint,
    Table,
    Text,
    and_,
    bindparam,
    select,
)

from vetting.engine.figures import NEEDED, READ, Told
from vetting.records.base import (
    CODE,
    DAY,
    HANDLE,
    HASH,
    METADATA,
    MOMENT,
    WORD,
    handle,
    optional,
    reference,
    required,
)
from vetting.records.database import Row, Statement
from vetting.records.history import entries, payloads, read_payload
from vetting.records.log import checkpoints, log
from vetting.records.standing import Purpose, on_purpose

reports = Table(
    "reports",
    METADATA,
    handle(primary_key=True),
    required("since", DAY),
    required("until", DAY),
    Column("size", Integer, nullable=False),  # of the log, up to which entries were read
    required("root", HASH),  # of the log at that size
    required("as_of", MOMENT),  # when the checkpoint was signed
    Column("erased", Integer, nullable=False),  # entries needed whose words were erased by then
    reference("officer", "officers.handle"),
    reference("organisation", "organisations.code", CODE),
    required("role", WORD),
    required("session", HANDLE),
    optional("on_behalf_of", HANDLE),  # whoever was away, in whose name it was made
    required("made_at", MOMENT),
    CheckConstraint("since <= until", "in_order"),
    CheckConstraint("size > 0 AND erased >= 0", "counted"),
)
Index("ix_reports_made_at", reports.c.made_at, reports.c.handle)

report_figures = Table(
    "report_figures",
    METADATA,
    reference("report", "reports.handle"),
    required("name", WORD),
    Column("version", Integer, nullable=False),
    Column("rows", Text, nullable=False),
    Column("items", Integer, nullable=False),  # how long the list of what was counted is
    required("list_hash", HASH),
    PrimaryKeyConstraint("report", "name"),
    CheckConstraint("version > 0 AND items >= 0", "counted"),
)

report_runs = Table(
    "report_runs",
    METADATA,
    handle(primary_key=True),
    required("report", HANDLE),
    required("unlike", Text()),  # the figures that came out otherwise, if any
    Column("erased", Integer, nullable=False),
    reference("officer", "officers.handle"),
    reference("organisation", "organisations.code", CODE),
    required("role", WORD),
    required("session", HANDLE),
    optional("on_behalf_of", HANDLE),
    required("at", MOMENT),
    ForeignKeyConstraint(["report"], ["reports.handle"]),
    CheckConstraint("erased >= 0", "counted"),
)
Index("ix_report_runs_report", report_runs.c.report, report_runs.c.at)

INSERT, INSERT_FIGURE, INSERT_RUN = (
    Statement(table.insert().values({column.name: bindparam(column.name) for column in table.c}))
    for table in (reports, report_figures, report_runs)
)
CASES_AT_ONCE = 200


def checkpoint_until(connection: Connection, at: str) -> Row | None:
    """Return the last checkpoint signed by a moment: its size, its root and when."""
    c = checkpoints.c
    return (
        connection.execute(
            select(c.size, c.root, c.at)
            .where(c.at <= at, c.size > 0)
            .order_by(c.size.desc())
            .limit(1)
        )
        .mappings()
        .first()
    )


def histories(
    connection: Connection, size: int, begins: str, ends: str
) -> Iterator[tuple[str, Sequence[Told]]]:
    """Yield the cases in which something happened between two moments, in the order of bytes.

    Of each what the log had of it at a size, as far as counting needs it. In memory are the handles
    of the cases, and the entries of a few of them. What an act adds meanwhile is beyond the size.
    """
    e = entries.c
    within = select(e.case_handle).where(e.at >= begins, e.at <= ends).distinct()
    with on_purpose(connection, Purpose.COUNTING):
        handles = sorted(connection.scalars(within))
    for start in range(0, len(handles), CASES_AT_ONCE):
        chunk = handles[start : start + CASES_AT_ONCE]
        found = histories_of(connection, size, chunk)
        yield from ((case, found[case]) for case in chunk if case in found)


def histories_of(
    connection: Connection, size: int, handles: Iterable[str]
) -> dict[str, list[Told]]:
    """Return the same of these cases."""
    statement = (
        _told(size)
        .where(entries.c.case_handle.in_(list(handles)))
        .order_by(entries.c.case_handle, entries.c.number)
    )
    with on_purpose(connection, Purpose.COUNTING):
        return {
            case: [_read(row) for row in history]
            for case, history in groupby(connection.execute(statement), key=lambda row: row[0])
        }


def _told(size: int) -> Any:  # noqa: ANN401  # a statement of these columns
    e, p = entries.c, payloads.c
    # Not the bare column: by its index SQLite, which keeps no statistics, would read all entries of
    # these verbs for every few cases that are asked for.
    verb = e.verb.concat("")
    said = and_(p.case_handle == e.case_handle, p.number == e.number, e.verb.in_(sorted(READ)))
    return (
        select(
            e.case_handle,
            e.number,
            e.verb,
            e.at,
            e.body,
            e.organisation,
            e.definition,
            p.content,
        )
        .select_from(
            entries.join(
                log, and_(log.c.case_handle == e.case_handle, log.c.number == e.number)
            ).outerjoin(payloads, said)
        )
        .where(log.c.position < size, verb.in_(sorted(NEEDED)))
    )


def _read(row: Any) -> Told:  # noqa: ANN401  # a row of the statement above
    _, number, verb, at, body, organisation, definition, content = row
    said = read_payload(content) if content is not None else None
    case_type = definition.partition("/")[0]
    return Told(number, verb, at, body, organisation, case_type, said)


def find(connection: Connection, report: str) -> Row | None:
    """Return a report, if there is one."""
    return _REPORT(connection, {"handle": report}).mappings().first()


def figures_of(connection: Connection, report: str) -> dict[str, Row]:
    """Return the figures of a report as they were kept, by name."""
    return {row["name"]: row for row in _FIGURES(connection, {"report": report}).mappings().all()}


_REPORT = Statement(select(reports).where(reports.c.handle == bindparam("handle")))
_FIGURES = Statement(
    select(report_figures)
    .where(report_figures.c.report == bindparam("report"))
    .order_by(report_figures.c.name)
)
