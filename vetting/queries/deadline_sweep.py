"""What is late or due soon, over all cases: it tells, and sends nothing."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from sqlalchemy import Connection, select

from vetting.engine.candidate_requests import derive_requests
from vetting.engine.casefile import CaseFile
from vetting.engine.deadlines import has_deadlines
from vetting.engine.definition import Definition, Title
from vetting.engine.reading import Definitions
from vetting.engine.sentences import Sentence, say
from vetting.engine.vocabulary import CaseType
from vetting.queries.due_dates import due_dates
from vetting.queries.names_of import names_of_organisations
from vetting.records.calendars import calendar_of
from vetting.records.cases import case_of, cases
from vetting.records.consultations import IS_OPEN, consultations
from vetting.records.running_deadlines import ground_of, settled_for_list

CHUNK = 500


@dataclass(frozen=True)
class Due:
    """Something that has to happen in a case by a day."""

    handle: str
    reference: str | None
    case_type: CaseType
    unit: str
    name: str  # of the deadline, or the handle of the question
    title: Title | Sentence
    due_on: str | None
    late: bool
    why_no_date: Sentence | None = None
    body: str | None = None  # that owes the answer


@dataclass(frozen=True)
class Sweep:
    """What is late or due soon, earliest first, and what runs without a date."""

    due: tuple[Due, ...]
    dateless: tuple[Due, ...]


def sweep(connection: Connection, definitions: Definitions, *, today: str, within: int) -> Sweep:
    """Return what is late today or due in so many days, in open cases."""
    until = (date.fromisoformat(today) + timedelta(days=within)).isoformat()
    found = [*answers_due(connection, today, until)]
    dateless: list[Due] = []
    for line in requests_due(connection, definitions, today):
        if line.due_on is None:
            dateless.append(line)
        elif line.due_on <= until:
            found.append(line)
    for rows in _open_cases(connection, definitions):
        ground = ground_of(connection, definitions, rows)
        settled = settled_for_list(connection, definitions, [(case, True) for case in rows])
        for case in rows:
            known = settled.get(case.handle)
            for one in due_dates(definitions, case, ground, today=today, settled=known):
                if not one.open:
                    continue
                due_on = one.due_on.isoformat() if one.due_on else None
                line = Due(
                    case.handle,
                    case.reference,
                    case.case_type,
                    case.unit,
                    one.name,
                    one.title,
                    due_on,
                    late=due_on is not None and due_on < today,
                    why_no_date=one.why_no_date,
                )
                if due_on is not None and due_on <= until:
                    found.append(line)
                elif one.why_no_date:
                    dateless.append(line)
    return Sweep(
        tuple(sorted(found, key=lambda one: (one.due_on or "", one.reference or "", one.name))),
        tuple(sorted(dateless, key=lambda one: (one.reference or "", one.name))),
    )


def requests_due(connection: Connection, definitions: Definitions, today: str) -> Iterator[Due]:
    """Yield every date of what candidates ask that is not met yet, wherever their cases stand."""
    calendar = calendar_of(connection)
    rows = connection.execute(
        select(cases).where(cases.c.open_requests > 0).order_by(cases.c.handle)
    ).mappings()
    for row in rows:
        case = case_of(row)
        for one in derive_requests(
            definitions.requests, case, today=date.fromisoformat(today), calendar=calendar
        ):
            if one.open and (one.due_on or one.why_no_date):
                due_on = one.due_on.isoformat() if one.due_on else None
                yield Due(
                    case.handle,
                    case.reference,
                    case.case_type,
                    case.unit,
                    one.name,
                    one.title,
                    due_on,
                    late=due_on is not None and due_on < today,
                    why_no_date=one.why_no_date,
                )


def _open_cases(connection: Connection, definitions: Definitions) -> Iterator[Sequence[CaseFile]]:
    """Yield the cases that could have a deadline and are not over, some hundreds at a time."""
    counted = [one for one in definitions if has_deadlines(one)]
    over = {(one.case_type, state) for one in counted for state in _final(one)}
    types = sorted({one.case_type for one in counted})
    after = ""
    while types:
        rows = (
            connection.execute(
                select(cases)
                .where(cases.c.case_type.in_(types), cases.c.handle > after)
                .order_by(cases.c.handle)
                .limit(CHUNK)
            )
            .mappings()
            .all()
        )
        if not rows:
            return
        after = rows[-1]["handle"]
        yield [case_of(row) for row in rows if (row["case_type"], row["state"]) not in over]


def _final(definition: Definition) -> Iterator[str]:
    return (state.name for state in definition.states if state.final)


def answers_due(connection: Connection, today: str, until: str) -> Iterator[Due]:
    """Yield the answers that bodies owe by a day that the Board set."""
    c = consultations.c
    rows = connection.execute(
        select(
            c.handle.label("question"),
            c.body,
            c.due_on,
            cases.c.handle,
            cases.c.reference,
            cases.c.case_type,
            cases.c.unit,
        )
        .join(cases, cases.c.handle == c.case_handle)
        .where(IS_OPEN, c.due_order <= until)
        .order_by(c.due_order, c.handle)
    ).all()
    names = names_of_organisations(connection, {row.body for row in rows})
    for row in rows:
        yield Due(
            row.handle,
            row.reference,
            CaseType(row.case_type),
            row.unit,
            row.question,
            say("Answer of %(body)s", body=names[row.body]),
            row.due_on,
            late=row.due_on < today,
            body=row.body,
        )
