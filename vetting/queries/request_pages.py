"""What candidates ask about their own data: all that waits, all of one case, and one request."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date

from sqlalchemy import ColumnElement, Connection, select

from vetting.engine.calendar import Calendar
from vetting.engine.candidate_requests import (
    GIVES_DATA,
    NO_RULES,
    PartOfPackage,
    RequestKind,
    RequestRules,
    RequestStanding,
    chosen_grounds,
    derive_requests,
    name_of_clock,
    parts_of_package,
    standing_of,
)
from vetting.engine.casefile import CandidateRequest, CaseFile
from vetting.engine.deadlines import Derived, Standing
from vetting.engine.definition import Title
from vetting.engine.facts import (
    RequestAnswered,
    RequestHandedOver,
    RequestPrepared,
    read_fact,
)
from vetting.engine.policy import Principal
from vetting.engine.reading import Definitions
from vetting.engine.refusals import Unknown
from vetting.engine.sentences import say
from vetting.engine.vocabulary import AmendmentKind, Role
from vetting.queries.case_history import Line, lines_of
from vetting.queries.names_of import names_of_organisations
from vetting.queries.opened_case import OpenedCase, open_to_act
from vetting.records import history
from vetting.records.amendments import of_case
from vetting.records.calendars import calendar_of
from vetting.records.cases import case_of, cases
from vetting.records.database import Row
from vetting.records.reads import packages_taken_out
from vetting.records.running_deadlines import deadlines_of_requests
from vetting.records.scope import visible_to

MOST = 500  # cases on one page
NO_SUCH = say("There is no such request.")


@dataclass(frozen=True)
class RequestLine:
    """One request in a list."""

    case: str
    reference: str
    name: str
    unit: Title
    number: int
    kind: RequestKind
    came_on: str
    standing: RequestStanding
    deadlines: tuple[Derived, ...]  # those of its clocks

    @property
    def next_due(self) -> Derived | None:
        """The first of its dates that something still has to meet."""
        dated = [one for one in self.deadlines if one.open and one.due_on]
        return min(dated, key=lambda one: one.due_on or date.max, default=None)

    @property
    def late(self) -> bool:
        """Tell whether any of its dates has passed and nothing met it."""
        return any(one.standing is Standing.LATE for one in self.deadlines)


@dataclass(frozen=True)
class RequestPage:
    """All that the page of one request says."""

    opened: OpenedCase
    request: CandidateRequest
    line: RequestLine
    rules: RequestRules
    lines: tuple[Line, ...]  # what was done about it, as far as the reader may know
    drafted: RequestPrepared | None  # what waits for a second person
    answered: RequestAnswered | None
    handed_over: RequestHandedOver | None
    made_from: tuple[int, str] | None  # up to which entry and before which moment the package tells
    parts: tuple[PartOfPackage, ...]
    taken_out: tuple[str, ...] = ()  # when the package was, oldest first
    amended_since: tuple[tuple[AmendmentKind, str], ...] = ()  # the conclusion, and on which day

    @property
    def gives_data(self) -> bool:
        """Tell whether the package goes with its answer."""
        return self.line.kind in GIVES_DATA

    @property
    def withheld(self) -> Mapping[str, str]:
        """What was chosen to be withheld, each part with its ground."""
        chosen = self.answered or self.drafted
        return chosen_grounds(chosen.withheld, chosen.grounds) if chosen else {}

    @property
    def reasons(self) -> str:
        """What the candidate is told, as it was prepared or given."""
        chosen = self.answered or self.drafted
        return chosen.reasons if chosen else ""


@dataclass(frozen=True)
class CaseRequests:
    """What the candidate of one case asked."""

    opened: OpenedCase
    requests: tuple[RequestLine, ...]


def request_list(
    connection: Connection, principal: Principal, definitions: Definitions, today: str
) -> tuple[RequestLine, ...]:
    """Return every request that waits for its answer and that the reader may know of.

    What is due first comes first; what has no date comes last, oldest first.
    """
    calendar = calendar_of(connection)
    rows = _with_requests(connection, visible_to(principal))
    units = names_of_organisations(connection, {row["unit"] for row in rows})
    found = [
        line
        for row in rows
        for line in _lines(principal, definitions, row, units, today, calendar)
        if line.standing not in {RequestStanding.ANSWERED, RequestStanding.REFUSED}
    ]
    return tuple(sorted(found, key=_by_day))


def late_requests(
    connection: Connection, principal: Principal, definitions: Definitions, today: str
) -> tuple[RequestLine, ...]:
    """Return the requests of which a date has passed."""
    found = request_list(connection, principal, definitions, today)
    return tuple(line for line in found if line.late)


def requests_of_case(
    connection: Connection,
    principal: Principal,
    definitions: Definitions,
    handle: str,
    today: str,
) -> CaseRequests:
    """Return everything that the candidate of a case asked, newest first."""
    opened = open_to_act(connection, principal, definitions, handle)
    units = names_of_organisations(connection, {opened.case.unit})
    derived, _ = deadlines_of_requests(connection, definitions, opened.case, today=today)
    lines = [_line(principal, opened.case, one, units, derived) for one in opened.case.requests]
    return CaseRequests(opened, tuple(reversed(lines)))


def one_request(
    connection: Connection,
    principal: Principal,
    definitions: Definitions,
    handle: str,
    number: int,
    today: str,
) -> RequestPage:
    """Return the page of one request; for whom the case does not exist there is none."""
    opened = open_to_act(connection, principal, definitions, handle)
    request = opened.case.request(number)
    if request is None:
        raise Unknown(NO_SUCH)
    units = names_of_organisations(connection, {opened.case.unit})
    derived, _ = deadlines_of_requests(connection, definitions, opened.case, today=today)
    rows = [row for row in history.with_payloads(connection, handle) if _is_about(row, number)]
    drafted = answered = handed_over = made_from = None
    moments: dict[int, str] = {}
    for row in rows:
        fact = read_fact(row["verb"], history.read_payload(row["content"]))
        if isinstance(fact, RequestPrepared) and row["number"] == request.prepared:
            drafted = fact
        if isinstance(fact, RequestAnswered):
            answered = fact
        if isinstance(fact, RequestHandedOver):
            handed_over = fact
        moments[row["number"]] = str(row["at"])
    prepared = answered.prepared if answered else request.prepared
    # One that was answered before packages were kept was made when it was agreed to.
    made_by = prepared if prepared is not None else request.ended if answered else None
    if made_by is not None:
        made_from = (made_by - 1, moments[made_by])
    return RequestPage(
        opened=opened,
        request=request,
        line=_line(principal, opened.case, request, units, derived),
        rules=definitions.requests.get(request.rules, NO_RULES),
        lines=lines_of(connection, principal, opened, rows),
        drafted=drafted,
        answered=answered,
        handed_over=handed_over,
        made_from=made_from,
        parts=parts_of_package(opened.definition, opened.case),
        taken_out=packages_taken_out(connection, handle, number) if answered else (),
        amended_since=_amended_since(connection, opened, request, prepared),
    )


def _amended_since(
    connection: Connection, opened: OpenedCase, request: CandidateRequest, prepared: int | None
) -> tuple[tuple[AmendmentKind, str], ...]:
    """Return what became of the conclusion after a package was made, whose reader may know it."""
    after = prepared
    if request.ended is not None:
        after = request.ended if request.granted else None
    if after is None or not opened.knows_outcome:
        return ()
    if opened.case.amended is None or RequestKind(request.kind) not in GIVES_DATA:
        return ()
    return tuple(
        (AmendmentKind(row["kind"]), str(row["decided_on"]))
        for row in of_case(connection, opened.case.handle)
        if row["consultation"] is None and row["entry"] > after
    )


def _is_about(row: Row, number: int) -> bool:
    if not row["verb"].startswith("request.") or row["content"] is None:
        return False
    return bool(row["number"] == number) or (
        history.read_payload(row["content"]).get("request") == number
    )


def _with_requests(connection: Connection, clause: ColumnElement[bool]) -> list[Row]:
    statement = (
        select(cases)
        .where(cases.c.open_requests > 0, cases.c.reference.is_not(None), clause)
        .order_by(cases.c.handle)
        .limit(MOST)
    )
    return list(connection.execute(statement).mappings())


def _lines(
    principal: Principal,
    definitions: Definitions,
    row: Row,
    units: Mapping[str, Title],
    today: str,
    calendar: Calendar | None,
) -> list[RequestLine]:
    case = case_of(row)
    derived = derive_requests(
        definitions.requests, case, today=date.fromisoformat(today), calendar=calendar
    )
    return [_line(principal, case, one, units, derived) for one in case.requests]


def _line(
    principal: Principal,
    case: CaseFile,
    request: CandidateRequest,
    units: Mapping[str, Title],
    derived: tuple[Derived, ...],
) -> RequestLine:
    names = {name_of_clock(request.number, clock) for clock in ("reply", "answer")}
    return RequestLine(
        case=case.handle,
        reference=case.reference or "",
        name=case.name,
        unit=units.get(case.unit, Title(vi=case.unit, en=case.unit)),
        number=request.number,
        kind=RequestKind(request.kind),
        came_on=request.came_on,
        standing=_standing_for(principal, request),
        deadlines=tuple(one for one in derived if one.name in names),
    )


def _standing_for(principal: Principal, request: CandidateRequest) -> RequestStanding:
    """Return where a request stands for a reader: what the Board prepares is no unit's to know."""
    if principal.role is Role.CASE_OFFICER and request.ended is None:
        request = replace(request, prepared=None)
    return standing_of(request)


def _by_day(line: RequestLine) -> tuple[str, str, int]:
    due = line.next_due
    day = due.due_on.isoformat() if due and due.due_on else "9999"
    return day, line.came_on, line.number
