"""The calendar of what falls due: a month or a week, day by day, as far as its reader may know.

Of the cases that a reader may know of it counts and lists what they see on the page of the case: a
unit the dates of its own cases and of what it was asked, a body the answers that it owes, and
nobody else's. A day on which the calendar in force says nothing is told as such.
"""

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any, NamedTuple

from sqlalchemy import ColumnElement, Connection, and_, false, func, literal, or_, select

from vetting.engine.calendar import Because, Calendar, Uncountable, is_day
from vetting.engine.candidate_requests import derive_requests
from vetting.engine.casefile import CaseFile
from vetting.engine.deadlines import Derived, has_deadlines, needs_entered, set_of_name
from vetting.engine.definition import Title
from vetting.engine.derive_alike import Alike
from vetting.engine.policy import Principal, is_of_body
from vetting.engine.reading import Definitions
from vetting.engine.refusals import Unacceptable
from vetting.engine.sentences import Organisations, Sentence, say
from vetting.engine.vocabulary import CaseType, Role
from vetting.queries.due_dates import due_dates
from vetting.queries.keyset import PAGE, Page, beyond, paged, read_mark
from vetting.records.asked_unit import sets_of_cases
from vetting.records.calendars import PROVINCE, calendar_of
from vetting.records.cases import DATED, cases, dated_case_of
from vetting.records.consultations import IS_OPEN, consultations
from vetting.records.running_deadlines import (
    Ground,
    earlier_cases,
    rules_of,
    settled_for_list,
)
from vetting.records.scope import SEE_EVERY_OPINION, addressed_to, visible_to

CHUNK = 500
MOST_DATELESS = 50  # listed one by one; of more their number is told
WEEK, MONTHS = 7, 12
LAST_YEAR = 9998  # that can be leafed through
NONE_ASKED = literal("{}")
_NO_MONTH = say("This link asks for a month or a day that there is none of.")
_NO_WEEK = say("This link asks for the week of a day that there is none of.")
# Where a unit knows what was concluded, and where nobody waits for it any more.
_TOLD = frozenset({"notified", "closed"})
_ASKED_NO_MORE = _TOLD | {"concluded", "withdrawn"}


class Span(NamedTuple):
    """The days that are asked for."""

    first: date
    last: date
    day: date | None = None  # whose list is shown; none: that of all of them
    week_of: date | None = None  # the day whose week it is; none: it is a month


@dataclass(frozen=True)
class DueLine:
    """One thing that is due on a day."""

    due_on: str
    case: str
    reference: str  # empty for a draft
    candidate: str
    case_type: CaseType
    unit: str
    title: Title | Sentence
    deadline: str | None  # by which name its derivation is found; none: a day that was written down
    late: bool
    mark: str  # what orders the lines of a case
    question: str | None = None  # put to the reader's own body
    asked: int | None = None  # which set of questions the unit was asked
    suspended: bool = False  # the Board has suspended the case

    @property
    def day(self) -> date:
        """The day on which it is due."""
        return date.fromisoformat(self.due_on)

    @property
    def place(self) -> tuple[str, str, str]:
        """Where it stands in the list."""
        return self.due_on, self.case, self.mark


@dataclass(frozen=True)
class Dateless:
    """Something that runs and has no date, and why."""

    case: str
    reference: str
    candidate: str
    title: Title
    deadline: str
    why: Sentence


@dataclass(frozen=True)
class DayCell:
    """One day of the month or the week."""

    day: date
    because: Because | None  # none: the calendar says nothing of it
    name: Title | None  # of the holiday or the make-up day
    due: int
    late: int
    today: bool
    chosen: bool


@dataclass(frozen=True)
class DueCalendar:
    """A month of what falls due, or a week."""

    first: date
    last: date
    day: date | None  # whose list is shown; none: that of all the days
    weeks: tuple[tuple[DayCell | None, ...], ...]  # from Monday; none: not of this month
    page: Page[DueLine]
    due: int  # of all these days
    late: int  # of all these days
    late_before: int  # due before the first of them, and still not met
    dateless: tuple[Dateless, ...]
    dateless_in_all: int
    calendar: Calendar | None

    @property
    def unknown(self) -> bool:
        """Tell whether of some of these days the calendar says nothing."""
        return any(cell and cell.because is None for week in self.weeks for cell in week)

    @property
    def unannounced(self) -> bool:
        """Tell whether the yearly swaps of days are not known for all of these days."""
        calendar = self.calendar
        return (
            calendar is not None
            and calendar.announced_to is not None
            and self.first <= calendar.last
            and self.last > calendar.announced_to
        )

    @property
    def by_day(self) -> list[tuple[DayCell, list[DueLine]]]:
        """Each of the days, with the lines of this page that are due on it."""
        return [
            (cell, [one for one in self.page.rows if one.day == cell.day])
            for week in self.weeks
            for cell in week
            if cell
        ]

    @property
    def handles(self) -> list[str]:
        """The cases shown."""
        return [*(one.case for one in self.page.rows), *(one.case for one in self.dateless)]


def read_span(month: str | None, day: str | None, week: str | None, today: str) -> Span:
    """Return the days that are asked for: a month's, of which one may be chosen, or a week's."""
    asked = week or day or f"{month or today[:7]}-01"
    if not is_day(asked) or date.fromisoformat(asked).year > LAST_YEAR:
        raise Unacceptable(_NO_WEEK if week else _NO_MONTH)
    chosen = date.fromisoformat(asked)
    if week:
        monday = chosen - timedelta(days=chosen.weekday())
        return Span(monday, monday + timedelta(days=WEEK - 1), week_of=chosen)
    first = chosen.replace(day=1)
    last = month_beside(first, 1) - timedelta(days=1)
    return Span(first, last, day=chosen if day else None)


def month_beside(first: date, months: int) -> date:
    """Return the first day of the month that lies so many months ahead, or back."""
    years, month = divmod(first.month - 1 + months, MONTHS)
    return date(first.year + years, month + 1, 1)


def due_calendar(
    connection: Connection,
    principal: Principal,
    definitions: Definitions,
    span: Span,
    after: str | None,
    *,
    today: str,
) -> DueCalendar:
    """Return what falls due in a month or a week, and a page of its list or of one of its days.

    Answers of bodies are found by their days. The dates of cases are kept nowhere and counted for
    every open case that the reader may know of, some hundreds at a time; once for all cases in
    which everything is the same that their dates hang on.
    """
    first, last, day, _ = span
    calendar = calendar_of(
        connection, principal.organisation if is_of_body(principal) else PROVINCE
    )
    counted = list(_counted(connection, principal, definitions, calendar, last.isoformat(), today))
    lines = [one for one in counted if isinstance(one, DueLine)]
    dateless = [one for one in counted if isinstance(one, Dateless)]
    due = _answers_by_day(connection, principal, first, last)
    due.update(one.due_on for one in lines if first.isoformat() <= one.due_on <= last.isoformat())
    late_before = sum(one.late and one.due_on < first.isoformat() for one in lines)
    return DueCalendar(
        first=first,
        last=last,
        day=day,
        weeks=tuple(_weeks(first, last, day, calendar, due, today)),
        page=_page(connection, principal, lines, (day or first, day or last), after, today),
        due=due.total(),
        late=sum(many for on, many in due.items() if on < today),
        late_before=late_before + _answers_late(connection, principal, first, today),
        dateless=tuple(sorted(dateless, key=lambda one: (one.reference, one.deadline)))[
            :MOST_DATELESS
        ],
        dateless_in_all=len(dateless),
        calendar=calendar,
    )


def _weeks(
    first: date,
    last: date,
    chosen: date | None,
    calendar: Calendar | None,
    due: Counter[str],
    today: str,
) -> Iterator[tuple[DayCell | None, ...]]:
    row: list[DayCell | None] = [None] * first.weekday()  # a week begins on its Monday
    day = first
    while day <= last:
        because, name = _kind(calendar, day)
        written = day.isoformat()
        many = due[written]
        row.append(
            DayCell(
                day,
                because,
                name,
                many,
                many if written < today else 0,
                today=written == today,
                chosen=day == chosen,
            )
        )
        day += timedelta(days=1)
        if len(row) == WEEK:
            yield tuple(row)
            row = []
    if row:
        yield (*row, *[None] * (WEEK - len(row)))


def _kind(calendar: Calendar | None, day: date) -> tuple[Because | None, Title | None]:
    if calendar is None:
        return None, None
    try:
        return calendar.why(day)
    except Uncountable:
        return None, None


# --------------------------------------------------------------- answers of bodies


def _known_answers(principal: Principal) -> ColumnElement[bool]:
    """Return the clause for the answers of which the reader may know by when they are due."""
    if is_of_body(principal):
        return addressed_to(principal)
    return visible_to(principal) if principal.role in SEE_EVERY_OPINION else false()


def _answers_by_day(
    connection: Connection, principal: Principal, first: date, last: date
) -> Counter[str]:
    c = consultations.c
    rows = connection.execute(
        select(c.due_order, func.count().label("many"))
        .join(cases, cases.c.handle == c.case_handle)
        .where(
            IS_OPEN,
            c.due_order.between(first.isoformat(), last.isoformat()),
            _known_answers(principal),
        )
        .group_by(c.due_order)
    )
    return Counter({row.due_order: row.many for row in rows})


def _answers_late(connection: Connection, principal: Principal, first: date, today: str) -> int:
    c = consultations.c
    counted = (
        select(func.count())
        .select_from(consultations.join(cases, cases.c.handle == c.case_handle))
        .where(IS_OPEN, c.due_order < min(first.isoformat(), today), _known_answers(principal))
    )
    return connection.scalar(counted) or 0


def _page(
    connection: Connection,
    principal: Principal,
    counted: Sequence[DueLine],
    between: tuple[date, date],
    after: str | None,
    today: str,
) -> Page[DueLine]:
    """Return a page of what is due between two days: as many rows of either kind, put together."""
    first, last = between[0].isoformat(), between[1].isoformat()
    place = read_mark(after, 3)
    found = [
        one
        for one in counted
        if first <= one.due_on <= last and (place is None or one.place > place)
    ]
    by_bytes = "BINARY" if connection.dialect.name == "sqlite" else "C"
    c = consultations.c
    order = (c.due_order, c.case_handle.collate(by_bytes), c.handle.collate(by_bytes))
    statement = (
        select(
            c.handle.label("question"),
            c.case_handle,
            c.body,
            c.due_on,
            cases.c.reference,
            cases.c.name,
            cases.c.case_type,
            cases.c.unit,
            cases.c.state,
        )
        .join(cases, cases.c.handle == c.case_handle)
        .where(IS_OPEN, c.due_order.between(first, last), _known_answers(principal))
        .order_by(*order)
        .limit(PAGE + 1)
    )
    if place is not None:
        statement = statement.where(beyond(order, place))
    found += [_answer(row, principal, today) for row in connection.execute(statement)]
    return paged(
        sorted(found, key=lambda one: one.place)[: PAGE + 1],
        PAGE,
        after,
        lambda one: one.place,
        lambda one: one,
    )


def _answer(row: Any, principal: Principal, today: str) -> DueLine:  # noqa: ANN401  # of `_page`
    return DueLine(
        due_on=row.due_on,
        case=row.case_handle,
        reference=row.reference or "",
        candidate=row.name,
        case_type=CaseType(row.case_type),
        unit=row.unit,
        title=say("Answer of %(body)s", body=Organisations((row.body,))),
        deadline=row.question,
        late=row.due_on < today,
        mark=row.question,
        question=row.question if is_of_body(principal) else None,
        suspended=row.state == "suspended",
    )


# --------------------------------------------------------------- dates of cases, counted


def _counted(
    connection: Connection,
    principal: Principal,
    definitions: Definitions,
    calendar: Calendar | None,
    until: str,
    today: str,
) -> Iterator[DueLine | Dateless]:
    """Yield what is counted for each open case that the reader may know of, to a day.

    A body is shown no date of a case but that of its own answer.
    """
    if is_of_body(principal):
        return
    own: dict[tuple[str, int], bool] = {
        (one.case_type, one.version): needs_entered(one)
        for one in definitions
        if has_deadlines(one)
    }
    alike = Alike(calendar, date.fromisoformat(today))
    for found in _open_cases(connection, principal, definitions):
        ground = Ground(calendar, earlier_cases(connection, found))
        knows = {
            case.handle: principal.role is not Role.CASE_OFFICER or case.state in _TOLD
            for case in found
        }
        # Whether its deadlines hang on its own entries; none: it has none that run.
        entered = {
            case.handle: None
            if rules_of(definitions, case).state_by_name[case.state].final
            else own.get((case.case_type.value, case.definition_version))
            for case in found
        }
        settled = settled_for_list(
            connection,
            definitions,
            [(case, knows[case.handle]) for case in found if entered[case.handle]],
        )
        for case in found:
            derived: tuple[Derived, ...] = ()
            if entered[case.handle]:
                derived = due_dates(
                    definitions,
                    case,
                    ground,
                    today=today,
                    knows_outcome=knows[case.handle],
                    settled=settled.get(case.handle),
                )
            elif entered[case.handle] is not None:
                followed = ground.followed.get(case.admission) if case.admission else None
                derived = alike.of(
                    rules_of(definitions, case),
                    case,
                    knows_outcome=knows[case.handle],
                    followed=followed,
                    its_rules=rules_of(definitions, followed) if followed else None,
                )
            if case.requests:
                derived += derive_requests(
                    definitions.requests,
                    case,
                    today=date.fromisoformat(today),
                    calendar=calendar,
                )
            yield from _lines(case, derived, until, today)
        yield from _asked(connection, found, until, today)


def _lines(
    case: CaseFile, derived: Sequence[Derived], until: str, today: str
) -> Iterator[DueLine | Dateless]:
    for one in derived:
        if not one.open:
            continue
        if one.due_on is not None:
            day = one.due_on.isoformat()
            asked = set_of_name(one.name)
            if day <= until:
                yield _line(
                    case, day, one.title, one.name, late=day < today, mark=one.name, asked=asked
                )
        elif one.why_no_date is not None:
            yield Dateless(
                case.handle, case.reference or "", case.name, one.title, one.name, one.why_no_date
            )


def _asked(
    connection: Connection, found: Sequence[CaseFile], until: str, today: str
) -> Iterator[DueLine]:
    """Yield by when the units are asked to answer, where the Board has said so."""
    waiting = {
        one.handle: one for one in found if one.open_questions and one.state not in _ASKED_NO_MORE
    }
    for handle, sets in sets_of_cases(connection, waiting).items():
        for one in sets:
            day = one.put.answer_by
            stands_alone = one.put.term is None  # else it stands among the deadlines
            if one.is_open and stands_alone and day and day <= until:
                yield _line(
                    waiting[handle],
                    day,
                    say("Answer of the unit to the questions, set %(number)s", number=one.number),
                    None,
                    late=day < today,
                    mark=f"questions-{one.number}",
                    asked=one.number,
                )


def _line(  # a line is all of this
    case: CaseFile,
    day: str,
    title: Title | Sentence,
    deadline: str | None,
    *,
    late: bool,
    mark: str,
    asked: int | None = None,
) -> DueLine:
    return DueLine(
        due_on=day,
        case=case.handle,
        reference=case.reference or "",
        candidate=case.name,
        case_type=case.case_type,
        unit=case.unit,
        title=title,
        deadline=deadline,
        late=late,
        mark=mark,
        asked=asked,
        suspended=case.state == "suspended",
    )


def _open_cases(
    connection: Connection, principal: Principal, definitions: Definitions
) -> Iterator[Sequence[CaseFile]]:
    """Yield the cases in which something may be due, some hundreds at a time."""
    counted = [one for one in definitions if has_deadlines(one)]
    over = [{state.name for state in one.states if state.final} for one in counted]
    running = (
        and_(
            cases.c.case_type.in_(sorted({one.case_type for one in counted})),
            cases.c.state.not_in(sorted(set.intersection(*over))),
        )
        if counted
        else false()
    )
    # One statement: to page by handle, each page would be found and put in order anew.
    rows = connection.execute(
        select(*DATED).where(
            visible_to(principal),
            or_(running, cases.c.open_requests > 0, cases.c.open_questions != NONE_ASKED),
        )
    )
    for part in rows.partitions(CHUNK):
        yield [dated_case_of(row) for row in part]
