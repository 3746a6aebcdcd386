"""Why a date is the date: one deadline of a case, derived day by day for whom the case concerns."""

from dataclasses import dataclass, replace
from datetime import date

from sqlalchemy import Connection

from vetting.engine.calendar import SATURDAY, Because, Calendar, Counted, Uncountable, written
from vetting.engine.candidate_requests import Clock
from vetting.engine.deadlines import ASKED, QUESTION, Derived, Standing, counting_rules
from vetting.engine.definition import Definition, Title
from vetting.engine.policy import SEES_EVERY_OPINION, Principal, Relation
from vetting.engine.reading import Definitions
from vetting.engine.refusals import Unknown
from vetting.engine.sentences import Sentence, say
from vetting.engine.validity import VALIDITY
from vetting.engine.vocabulary import DateKind
from vetting.queries.answer_days import AnswerDays, answer_days
from vetting.queries.due_dates import due_dates_of_case
from vetting.queries.names_of import names_of_organisations
from vetting.queries.opened_case import OpenedCase, open_case
from vetting.records.database import Row
from vetting.records.identity import Ids
from vetting.records.validities import validities_of


@dataclass(frozen=True)
class CalendarNote:
    """Which calendar a date was counted on, and how far it is known."""

    code: str
    name: Title
    first: str
    last: str
    announced_to: str | None
    source: str
    years: tuple[int, ...]  # that the count goes through
    may_move: bool  # it goes on past the last announced swap of days


@dataclass(frozen=True)
class PauseLine:
    """A time that the clock stood still."""

    state: Title
    first: str
    last: str | None
    officer: str | None
    reason: str | None


@dataclass(frozen=True)
class DeadlinePage:
    """One date of a case, and how it came about."""

    handle: str
    reference: str | None
    candidate: str
    definition: Definition
    title: Title | Sentence
    standing: Standing
    starts: Sentence
    begins_on: str | None
    due_on: str | None
    latest_on: str | None  # with all of the extension that the rule allows
    extension: int
    most_extension: int
    met_on: str | None
    why_no_date: Sentence | None
    rule: Sentence
    basis: str | None  # none: no rule was entered; somebody set the day
    rules: tuple[Sentence, ...]
    counted: Counted | None
    pauses: tuple[PauseLine, ...]  # as its rule has them, each with who and why
    standing_still: tuple[tuple[str, str | None], ...]  # the same days, merged
    working_days: int | None  # of which so many were counted
    closed_days: int  # so many working days of an ordinary week were closed
    calendar: CalendarNote | None
    answer: AnswerDays | None = None  # of an answer: how its day came about
    kind: DateKind | None = None
    owed_by: str | None = None  # the unit, the Board or the authority
    holds: bool = False  # until then something holds, and nothing has to be done by then


def deadline_page(
    connection: Connection,
    principal: Principal,
    definitions: Definitions,
    handle: str,
    name: str,
    *,
    today: str,
) -> DeadlinePage:
    """Return how a date of a case came about; for whom the date does not exist there is none.

    *name* is a deadline of the workflow, the handle of a question put to a body, or what holds
    until then.
    """
    opened = open_case(connection, principal, definitions, handle)
    asked = next((row for row in opened.asked if row["handle"] == name), None)
    if asked is not None:
        if not _sees_answer(opened, asked, principal) or asked["due_on"] is None:
            raise Unknown(_NO_SUCH)
        return _answer(connection, opened, asked, today)
    if opened.seen_as is Relation.ASKED:
        raise Unknown(_NO_SUCH)
    if name.startswith(VALIDITY):
        for one in validities_of(
            connection,
            opened.definition,
            opened.case,
            today=today,
            knows_outcome=opened.knows_outcome,
        ):
            if one.name == name:
                return replace(_page(opened, one, None), holds=True)
        raise Unknown(_NO_SUCH)
    derived, calendar = due_dates_of_case(
        connection, definitions, opened.case, today=today, knows_outcome=opened.knows_outcome
    )
    for one in derived:
        if one.name == name:
            return _page(opened, one, calendar)
    raise Unknown(_NO_SUCH)


def _page(opened: OpenedCase, one: Derived, calendar: Calendar | None) -> DeadlinePage:
    on_calendar = calendar if one.deadline.unit == "working_days" else None
    return DeadlinePage(
        handle=opened.case.handle,
        reference=opened.case.reference,
        candidate=opened.case.name,
        definition=opened.definition,
        title=one.title,
        standing=one.standing,
        starts=one.starts,
        begins_on=_written(one.begins_on),
        due_on=_written(one.due_on),
        latest_on=_written(one.latest_on),
        extension=one.extension,
        most_extension=one.deadline.extension,
        met_on=_written(one.met_on),
        why_no_date=one.why_no_date,
        rule=one.rule,
        basis=one.deadline.basis,
        rules=(*_rule_of_request(one), *counting_rules(one)),
        counted=one.counted,
        pauses=tuple(
            PauseLine(
                ASKED
                if stop.state == QUESTION
                else opened.definition.state_by_name[stop.state].title,
                stop.first.isoformat(),
                _written(stop.last),
                stop.officer,
                stop.reason,
            )
            for stop in one.stops
        ),
        standing_still=tuple((first.isoformat(), _written(last)) for first, last in one.pauses),
        working_days=one.counted.active if one.counted and on_calendar else None,
        closed_days=closed_days(one.counted),
        calendar=_note_of(on_calendar, one),
        kind=one.kind,
        owed_by=one.owed_by,
    )


def _rule_of_request(one: Derived) -> tuple[Sentence, ...]:
    """Say what the rule says by which a candidate's request is answered."""
    if not isinstance(one.deadline, Clock):
        return ()
    return (say("The rule: %(text)s", text=one.deadline.text),)


def _answer(connection: Connection, opened: OpenedCase, asked: Row, today: str) -> DeadlinePage:
    """Explain a day that the Board set for an answer: nothing was counted, it was written down."""
    ids = Ids()
    begins = date.fromisoformat(ids.legal_day(asked["asked_at"]))
    due = date.fromisoformat(asked["due_on"])
    answered = asked["signed_at"] and ids.legal_day(asked["signed_at"])
    body = names_of_organisations(connection, {asked["body"]})[asked["body"]]
    days = answer_days(connection, opened.case.handle, asked)
    limits = opened.definition.rule_for(asked["body"]).more_time
    calendar = days.calendar
    counted: Counted | None = None
    if calendar is not None:
        try:
            counted = calendar.working_days_to(begins, due)
        except Uncountable:
            counted = None  # the day stands, however many working days lie before it
    return DeadlinePage(
        handle=opened.case.handle,
        reference=opened.case.reference,
        candidate=opened.case.name,
        definition=opened.definition,
        title=say("Answer of %(body)s", body=body),
        standing=_standing_of_answer(asked["state"], answered, asked["due_on"], today),
        starts=say("the day the Board asked for the opinion"),
        begins_on=begins.isoformat(),
        due_on=asked["due_on"],
        latest_on=None,
        extension=0,
        most_extension=0,
        met_on=answered,
        why_no_date=None,
        rule=say("A day that the Board set when it asked; nothing was counted.")
        if days.first_due_on == asked["due_on"]
        else say("A day that the Board set when it asked, and the time that was given after it."),
        basis=limits.basis if limits and days.times else None,
        rules=(
            say(
                "The last day counts whole: it is late from midnight after %(day)s.",
                day=written(due),
            ),
        ),
        counted=counted,
        pauses=(),
        standing_still=(),
        working_days=counted.active if counted else None,
        closed_days=closed_days(counted),
        calendar=note_of(calendar, counted) if counted else None,
        answer=days,
    )


def _sees_answer(opened: OpenedCase, asked: Row, principal: Principal) -> bool:
    if opened.seen_as is Relation.ASKED:
        return bool(asked["body"] == principal.organisation)
    return opened.seen_as in SEES_EVERY_OPINION


def _standing_of_answer(state: str, answered: str | None, due_on: str, today: str) -> Standing:
    if answered:
        return Standing.MET_LATE if answered > due_on else Standing.MET
    if state == "withdrawn":
        return Standing.ENDED
    return Standing.LATE if today > due_on else Standing.RUNNING


def note_of(calendar: Calendar | None, counted: Counted | None) -> CalendarNote | None:
    """Return what a reader should know of the calendar that a date was counted on."""
    if calendar is None:
        return None
    years = sorted({step.day.year for step in counted.steps}) if counted else ()
    known_to = calendar.announced_to
    return CalendarNote(
        code=calendar.code,
        name=calendar.name,
        first=calendar.first.isoformat(),
        last=calendar.last.isoformat(),
        announced_to=known_to.isoformat() if known_to else None,
        source=calendar.source,
        years=tuple(years),
        may_move=counted is not None
        and known_to is not None
        and max(counted.begins, counted.ends) > known_to,
    )


def _note_of(calendar: Calendar | None, one: Derived) -> CalendarNote | None:
    note = note_of(calendar, one.counted)
    return replace(note, may_move=False) if note and one.frozen else note


def closed_days(counted: Counted | None) -> int:
    """Return how many days the calendar closes that another week would work."""
    steps = counted.steps if counted else ()
    return sum(
        1 for step in steps if step.because is Because.CLOSED and step.day.weekday() < SATURDAY
    )


def _written(day: date | None) -> str | None:
    return day.isoformat() if day else None


_NO_SUCH = say("There is no such deadline.")
