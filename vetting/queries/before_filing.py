"""Before filing: what the rules, the calendars and the absences of today say of a draft.

Whom the regulation has the Board ask, by when each would have to answer if all were asked today,
and where nobody could act today. It is a statement of what has been entered and no prediction:
where no rule names a time there is no day, and the page says so.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date

from sqlalchemy import Connection, select

from vetting.engine.calendar import Calendar
from vetting.engine.casefile import CaseFile
from vetting.engine.deadlines import Derived, Known, derive, derive_span, rule_of
from vetting.engine.definition import ConsultationRule, Deadline, Definition, Title
from vetting.engine.reading import Definitions
from vetting.engine.sentences import Sentence, say
from vetting.engine.staffing import Duty, step_from
from vetting.engine.vocabulary import Kind, Need, Role
from vetting.queries.act_page import who_is_asked
from vetting.records.calendars import calendar_of, calendar_on
from vetting.records.organisations import organisation_kinds
from vetting.records.rules import authority_on, regulation_on
from vetting.records.running_deadlines import ground_of, rules_of
from vetting.records.stranding import without_hands

QUESTIONS_PUT = Title(
    vi="Trả lời câu hỏi của Ban Tổ chức", en="Answer to questions of the Organisation Board"
)
_BOARD = frozenset({Role.BOARD_OFFICER, Role.BOARD_HEAD})


@dataclass(frozen=True)
class BodyAhead:
    """One body that the regulation names."""

    body: str
    need: Need
    countersigners: int
    rule: Sentence | None  # how long it has by the rules; none: no time was entered
    basis: str | None
    due_on: date | None  # if it were asked today
    why_no_date: Sentence | None
    nobody: bool  # of its people nobody could answer today


@dataclass(frozen=True)
class DateAhead:
    """One deadline of the workflow."""

    title: Title
    rule: Sentence
    starts: Sentence
    basis: str
    due_on: date | None
    why_no_date: Sentence | None
    assumed: bool  # it is counted as if everything before had been done today


@dataclass(frozen=True)
class BeforeFiling:
    """What can be said of a draft before it is filed."""

    today: date
    workflow: Title
    version: int
    regulation: Title | None  # in force today; none: none is
    bodies: tuple[BodyAhead, ...]
    authority: str | None  # by the authority table
    level: bool  # the draft says which level it is, by which the table is read
    idle: frozenset[str]  # at the Board and the authority: where nobody could act today
    dates: tuple[DateAhead, ...]
    calendar: Calendar | None

    @property
    def last_answer(self) -> date | None:
        """The day on which all that must answer would have had their time; none: not known."""
        owed = [one.due_on for one in self.bodies if one.need is Need.MUST]
        known = [day for day in owed if day is not None]
        return max(known) if known and len(known) == len(owed) else None

    @property
    def dateless(self) -> tuple[str, ...]:
        """The bodies that must answer, and for whose answer there is no day."""
        return tuple(
            one.body for one in self.bodies if one.need is Need.MUST and one.due_on is None
        )

    @property
    def board_is_idle(self) -> bool:
        """Tell whether some step of the Board could be taken by nobody today."""
        return bool(self.idle - {self.authority})

    @property
    def authority_is_idle(self) -> bool:
        """Tell whether nobody could record the authority's conclusion today."""
        return self.authority in self.idle


def before_filing(
    connection: Connection, definitions: Definitions, case: CaseFile, today: str
) -> BeforeFiling:
    """Return what can be said of a draft today."""
    definition, day = rules_of(definitions, case), date.fromisoformat(today)
    calendar = calendar_of(connection)
    code = regulation_on(connection, today)
    asked = who_is_asked(connection, code, definition, today) if code else None
    rules = {one.body: definition.rule_for(one.body) for one in asked.bodies} if asked else {}
    level = case.management_level
    authority = authority_on(connection, level, case.case_type, today)
    idle = without_hands(
        connection,
        case.case_type,
        today,
        {body: rule.countersigners for body, rule in rules.items() if rule.need is not Need.INFORM},
        _others(connection, definition, authority),
        case.recused,
    )
    return BeforeFiling(
        today=day,
        workflow=definition.title,
        version=definition.version,
        regulation=Title(vi=asked.name_vi, en=asked.name_en) if asked else None,
        bodies=tuple(
            _body(connection, case, body, rule, calendar, day, nobody=body in idle)
            for body, rule in rules.items()
        ),
        authority=authority,
        level=level is not None,
        idle=idle - rules.keys(),
        dates=tuple(_dates(connection, definitions, definition, case, calendar, day)),
        calendar=calendar,
    )


def _others(
    connection: Connection, definition: Definition, authority: str | None
) -> Mapping[str, Mapping[Duty, frozenset[Role]]]:
    """Return which steps wait at the Board and the authority, and which roles can take them."""
    k = organisation_kinds.c
    boards = connection.scalars(
        select(k.organisation).where(k.kind == Kind.COORDINATOR.value).order_by(k.organisation)
    ).all()
    board: dict[Duty, frozenset[Role]] = {}
    conclude: dict[Duty, frozenset[Role]] = {}
    for state in definition.states:
        found = step_from(definition, state.name)
        if found is None:
            continue
        duty, roles = found
        if roles & _BOARD:
            board[duty] = roles & _BOARD
        elif duty is Duty.CONCLUDE:
            conclude[duty] = roles
    return {**dict.fromkeys(boards, board), **({authority: conclude} if authority else {})}


def _body(  # a line is all of this
    connection: Connection,
    case: CaseFile,
    body: str,
    rule: ConsultationRule,
    calendar: Calendar | None,
    today: date,
    *,
    nobody: bool,
) -> BodyAhead:
    derived = None
    if rule.deadline is not None and rule.need is not Need.INFORM:
        own = calendar_on(connection, body, calendar) if calendar else None
        derived = _from_today(case, rule.deadline, own, today)
    return BodyAhead(
        body=body,
        need=rule.need,
        countersigners=rule.countersigners,
        rule=derived.rule if derived else None,
        basis=derived.deadline.basis if derived else None,
        due_on=derived.due_on if derived else None,
        why_no_date=derived.why_no_date if derived else None,
        nobody=nobody,
    )


def _from_today(
    case: CaseFile, deadline: Deadline, calendar: Calendar | None, today: date
) -> Derived:
    return derive_span(
        deadline,
        Known(case, today=today, calendar=calendar),
        name="ahead",
        title=Title(vi="-", en="-"),
        starts=say("the day the Board asked for the opinion"),
        begins=today,
        met_on=None,
    )


def _dates(
    connection: Connection,
    definitions: Definitions,
    definition: Definition,
    case: CaseFile,
    calendar: Calendar | None,
    today: date,
) -> Iterator[DateAhead]:
    """Yield the deadlines of the workflow, as if every step up to the bodies were taken today."""
    ground = ground_of(connection, definitions, [case])
    followed = ground.followed.get(case.admission) if case.admission else None
    ahead = frozenset(_road(definition))
    derived = derive(
        definition,
        Known(
            case=case,
            today=today,
            calendar=calendar,
            followed=followed,
            its_rules=rules_of(definitions, followed) if followed else None,
            entered=dict.fromkeys(ahead, today),
        ),
    )
    for one in derived:
        if one.name in {deadline.name for deadline in definition.deadlines}:
            yield DateAhead(
                title=one.title,
                rule=one.rule,
                starts=one.starts,
                basis=one.deadline.basis,
                due_on=one.due_on,
                why_no_date=one.why_no_date,
                assumed=_start_of(definition, one.name) in ahead,
            )
    if definition.questions is not None:
        yield DateAhead(
            title=QUESTIONS_PUT,
            rule=rule_of(definition.questions),
            starts=say("the day the unit was asked"),
            basis=definition.questions.basis,
            due_on=None,
            why_no_date=None,
            assumed=False,
        )
    for state in definition.states:
        if state.deadline is not None:
            yield DateAhead(
                title=state.title,
                rule=rule_of(state.deadline),
                starts=say("the day the case came to “%(state)s”", state=state.title),
                basis=state.deadline.basis,
                due_on=None,
                why_no_date=None,
                assumed=False,
            )


def _road(definition: Definition) -> Iterator[str]:
    """Yield the states that a case comes to on its way from filing to the bodies."""
    for name in _TOWARDS:
        move = definition.moves_by_name.get(name)
        if move is not None:
            yield move.target[0]


_TOWARDS = ("file", "take_up", "accept", "consult")


def _start_of(definition: Definition, name: str) -> str | None:
    return next((one.start for one in definition.deadlines if one.name == name), None)
