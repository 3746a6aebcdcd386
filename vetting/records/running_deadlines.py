"""Deadlines of cases as they run: what they are counted from, and which of them a calendar moves.

A deadline is kept nowhere: it is counted from the entries, the rules and the calendar, so it can
move only when one of these changes. Entries and rules of a case do not change behind its back. A
calendar is changed for all cases at once; which running deadlines that moves is found here, case by
case, and each gets an entry. What was met, and a case that is over, keep the days that they had.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from sqlalchemy import (
    Connection,
    Select,
    and_,
    bindparam,
    false,
    func,
    literal,
    not_,
    or_,
    select,
)

from vetting.engine.calendar import Calendar, Uncountable, is_day
from vetting.engine.candidate_requests import derive_requests, name_of_clock
from vetting.engine.canonical import canonical, digest
from vetting.engine.casefile import CaseFile, Consultation
from vetting.engine.deadlines import (
    CAN_STOP,
    CONCLUDED,
    FOLLOWED,
    AskedSet,
    Derived,
    Known,
    Stop,
    derive,
    freezes,
    has_deadlines,
    name_of_set,
    needs_entered,
    root_of,
    uses_calendar,
)
from vetting.engine.definition import Definition, Title
from vetting.engine.facts import FACTS, AboutConsultation, FactRecorded, Moved
from vetting.engine.more_time import day_after
from vetting.engine.reading import Definitions
from vetting.engine.sentences import Organisations, Sentence, say
from vetting.records.asked_unit import QuestionSet, read_sets, stops_while_asked
from vetting.records.calendars import (
    NOW,
    PROVINCE,
    calendar_changes,
    calendar_of,
    calendar_on,
)
from vetting.records.cases import DATED, case_of, cases, dated_case_of, in_order
from vetting.records.conclusions import conclusions
from vetting.records.consultations import IS_OPEN, consultation_of, consultations
from vetting.records.database import Row, Statement
from vetting.records.history import entries, payloads, read_payload
from vetting.records.identity import Ids

CHUNK = 500
NO_DAY = "-"
_WAITS_FOR_ANSWERS = frozenset({"consulting", "suspended"})


@dataclass(frozen=True)
class Ground:
    """What the due dates of several cases are counted from, read once for all of them."""

    calendar: Calendar | None = None
    followed: Mapping[str, CaseFile] = field(default_factory=dict)  # by handle


@dataclass(frozen=True)
class Settled:
    """What a case's own entries say of the days that its deadlines hang on."""

    entered: Mapping[str, date] = field(default_factory=dict)  # states: when last entered
    calendars: Mapping[str, Calendar] = field(default_factory=dict)  # of deadlines that were met
    stops: tuple[Stop, ...] = ()
    asked: tuple[AskedSet, ...] = ()  # where a rule gives the unit a term


@dataclass(frozen=True)
class MovedDeadline:
    """One running deadline that a change of a calendar moves."""

    case: CaseFile
    name: str  # of the deadline, or the handle of the question whose answer is due
    title: Title | Sentence
    before: str | None  # none: there was no date
    after: str | None
    body: str | None = None  # that owes the answer

    @property
    def told(self) -> str:
        """How the entry in the case keeps it."""
        return "/".join((self.name, self.before or NO_DAY, self.after or NO_DAY))


def list_hash(moved: Iterable[MovedDeadline]) -> str:
    """Return the hash of a list of moved deadlines: one that was shown is known again by it."""
    listed = [[one.case.handle, one.told] for one in moved]
    return digest("vetting moved deadlines v1", canonical(listed))


def ground_of(
    connection: Connection,
    definitions: Definitions,
    asked: Iterable[CaseFile],
    as_of: str = NOW,
) -> Ground:
    """Read the calendar and the earlier cases, where any of these cases is counted from them."""
    counted = [case for case in asked if has_deadlines(rules_of(definitions, case))]
    return Ground(
        calendar=calendar_of(connection, as_of=as_of)
        if any(uses_calendar(rules_of(definitions, case)) for case in counted)
        else None,
        followed=earlier_cases(connection, counted),
    )


def deadlines_of(
    definitions: Definitions,
    case: CaseFile,
    ground: Ground,
    *,
    today: str | None = None,
    settled: Settled | None = None,
) -> tuple[Derived, ...]:
    """Return the deadlines of a case, counted on its ground."""
    followed = ground.followed.get(case.admission) if case.admission else None
    known = settled or Settled()
    return derive(
        rules_of(definitions, case),
        Known(
            case=case,
            today=date.fromisoformat(today) if today else None,
            calendar=ground.calendar,
            followed=followed,
            its_rules=rules_of(definitions, followed) if followed else None,
            entered=known.entered,
            settled=known.calendars,
            stops=known.stops,
            asked=known.asked,
        ),
    )


def settled_in(
    connection: Connection, definition: Definition, case: CaseFile, *, knows_outcome: bool = True
) -> Settled:
    """Read what a case's entries say of its days, and on which calendar what it met was counted.

    What the authority concluded counts from the day it decided, not from the day of the entry.
    """
    [settled] = settled_in_each(connection, [(definition, case, knows_outcome)])
    return settled


def settled_in_each(
    connection: Connection, asked: Sequence[tuple[Definition, CaseFile, bool]]
) -> list[Settled]:
    """Read the same for many cases at once, each with its rules and whether its outcome is known.

    What they say is read for all of them together, in the order in which they were asked for.
    """
    decided = _decided(
        connection, [one.handle for _, one, knows in asked if one.concluded and knows]
    )
    ever_changed = any(uses_calendar(one) for one, _, _ in asked) and _ever_changed(connection)
    telling = [
        case.handle
        for definition, case, _ in asked
        if needs_entered(definition) or _on_calendar(definition, ever_changed=ever_changed)
    ]
    rows = _entries_of(connection, sorted(set(telling)))
    return [
        _settled(
            connection,
            definition,
            case,
            rows.get(case.handle, ()),
            decided.get(case.handle) if knows else None,
            on_calendar=_on_calendar(definition, ever_changed=ever_changed),
        )
        for definition, case, knows in asked
    ]


def _on_calendar(definition: Definition, *, ever_changed: bool) -> bool:
    """Tell whether it matters on which calendar a deadline that was met was counted."""
    # A frozen date is kept from the very first change too.
    return uses_calendar(definition) and (freezes(definition) or ever_changed)


def _settled(
    connection: Connection,
    definition: Definition,
    case: CaseFile,
    rows: Sequence[Any],
    decided: date | None,
    *,
    on_calendar: bool,
) -> Settled:
    found: dict[str, date] = {}
    at: dict[str, str] = {}  # states entered, facts recorded: when they were last written down
    over: str | None = None
    stops: list[Stop] = []
    ids = Ids()
    sets = read_sets(row for row in rows if row.verb.startswith("questions."))
    for row in rows:
        if row.verb in _MOVED:
            said = read_payload(row.content)
            state, day = str(said["target"]), date.fromisoformat(ids.legal_day(row.at))
            note_stop(stops, state, day, row.officer, said.get("reason"))
            found[state] = day
            at[state] = row.at
            if definition.state_by_name[state].final:
                over = row.at
        elif row.verb == FactRecorded.verb:
            at[str(read_payload(row.content)["name"])] = row.at
    stops += stops_while_asked(sets)
    asked = terms_of_sets(definition, case, sets)
    entered = {state: day for state, day in found.items() if state != CONCLUDED}
    if decided is not None:
        entered[CONCLUDED] = decided
    if not on_calendar:
        return Settled(entered, stops=tuple(stops), asked=asked)
    when = {
        one.name: min(met)
        for one in definition.deadlines
        if (met := [at[name] for name in one.met_by if name in at])
    }
    if over is not None:
        names = [one.name for one in definition.deadlines]
        names += [state.name for state in definition.states]
        when = {name: min(when.get(name, over), over) for name in names}
    when |= frozen_at(definition, at, rows[0].at if rows else None)
    when |= put_at(definition, sets)
    stood = {moment: calendar_of(connection, as_of=moment) for moment in set(when.values())}
    calendars = {name: it for name, moment in when.items() if (it := stood[moment]) is not None}
    return Settled(entered, calendars, tuple(stops), asked)


def frozen_at(definition: Definition, at: Mapping[str, str], opened: str | None) -> dict[str, str]:
    """Return since when each frozen deadline has its date: since its start was written down.

    *at* is when states were entered and facts recorded. What starts in the case that this one
    follows has stood since this one was *opened*.
    """
    found: dict[str, str] = {}
    for one in definition.deadlines:
        if one.frozen:
            root = root_of(definition, one)
            source = root.split(".")[0]
            moment = opened if source == FOLLOWED else at.get(source)
            if moment is not None:
                found[one.name] = moment
    return found


def put_at(definition: Definition, sets: Iterable[QuestionSet]) -> dict[str, str]:
    """Return since when each set of questions has its date by a rule: since it was put."""
    if definition.questions is None:
        return {}
    return {name_of_set(one.number): one.at for one in sets}


def terms_of_sets(
    definition: Definition, case: CaseFile, sets: Iterable[QuestionSet]
) -> tuple[AskedSet, ...]:
    """Return what the unit was asked and has a term for; none where the workflow states no term.

    Once something was concluded, or the case is over, nobody waits for an answer any more.
    """
    if definition.questions is None:
        return ()
    over = case.outcome is not None or definition.state_by_name[case.state].final
    return tuple(_term_of_set(one, over=over) for one in sets)


def _term_of_set(one: QuestionSet, *, over: bool) -> AskedSet:
    ids = Ids()
    answered = one.last_said_at if not one.left else None
    return AskedSet(
        one.number,
        date.fromisoformat(ids.legal_day(one.at)),
        date.fromisoformat(one.put.answer_by) if one.put.answer_by else None,
        date.fromisoformat(ids.legal_day(answered)) if answered else None,
        ended=answered is None and (over or not one.is_open),
    )


def note_stop(
    stops: list[Stop], state: str, day: date, officer: str | None, reason: object
) -> None:
    """Note that a case came to a state: what it was stopped by before has ended."""
    if stops and stops[-1].last is None:
        stops[-1] = stops[-1].ended(day)
    if state in CAN_STOP:
        stops.append(Stop(state, day, None, officer, str(reason) if reason else None))


def settled_for_list(
    connection: Connection, definitions: Definitions, asked: Sequence[tuple[CaseFile, bool]]
) -> dict[str, Settled]:
    """Read for the lines of a list what their days hang on in the cases' entries, if on anything.

    With each case goes whether its outcome is known to whoever reads the list.
    """
    hanging = [
        (rules, case, knows)
        for case, knows in asked
        if needs_entered(rules := rules_of(definitions, case))
    ]
    settled = settled_in_each(connection, hanging)
    return {case.handle: one for (_, case, _), one in zip(hanging, settled, strict=True)}


def deadlines_of_requests(
    connection: Connection, definitions: Definitions, case: CaseFile, *, today: str | None
) -> tuple[tuple[Derived, ...], Calendar | None]:
    """Return the deadlines of all that the candidate asked, and the calendar they are counted on.

    What was met is counted on the calendar as it stood when the entry that met it was written.
    """
    if not case.requests:
        return (), None
    calendar = calendar_of(connection)
    settled: dict[str, Calendar] = {}
    if _ever_changed(connection):
        rows = _MOMENTS(connection, {"case_handle": case.handle})
        at = {row.number: row.at for row in rows}
        for request in case.requests:
            for clock, met in (
                ("reply", request.acknowledged or request.met),
                ("answer", request.met),
            ):
                stood = calendar_of(connection, as_of=at[met]) if met else None
                if stood is not None:
                    settled[name_of_clock(request.number, clock)] = stood
    derived = derive_requests(
        definitions.requests,
        case,
        today=date.fromisoformat(today) if today else None,
        calendar=calendar,
        settled=settled,
    )
    return derived, calendar


def _requests_moved(
    connection: Connection,
    definitions: Definitions,
    before: Calendar | None,
    after: Calendar,
    *,
    hold: bool,
) -> Iterator[MovedDeadline]:
    """Yield every running deadline of a candidate's request that has another day then."""
    wanted = select(cases).where(cases.c.open_requests > 0).order_by(in_order(connection))
    for row in connection.execute(wanted.with_for_update() if hold else wanted).mappings():
        case = case_of(row)
        was, will = (
            derive_requests(definitions.requests, case, today=None, calendar=calendar)
            for calendar in (before, after)
        )
        for then, now in zip(was, will, strict=True):
            if now.open and _day(then) != _day(now):
                yield MovedDeadline(case, now.name, now.title, _day(then), _day(now))


def deadlines_moved(
    connection: Connection,
    definitions: Definitions,
    before: Calendar | None,
    after: Calendar,
    *,
    hold: bool = False,
) -> tuple[MovedDeadline, ...]:
    """Return every running deadline that has another day once the calendar is *after*.

    Where they are to be moved they are held: nobody begins another deadline in the meantime.
    """
    found = list(_answers_moved(connection, before, after, hold=hold))
    # No deadline of a case is counted on a body's calendar.
    counted = [one for one in definitions if uses_calendar(one)]
    of_cases = open_cases(connection, counted, hold=hold) if after.code == PROVINCE else ()
    for rows in of_cases:
        followed = earlier_cases(connection, rows)
        each = settled_in_each(
            connection, [(rules_of(definitions, one), one, True) for one in rows]
        )
        for case, settled in zip(rows, each, strict=True):
            was, will = (
                deadlines_of(definitions, case, Ground(calendar, followed), settled=settled)
                for calendar in (before, after)
            )
            found += [
                MovedDeadline(case, now.name, now.title, _day(then), _day(now))
                for then, now in zip(was, will, strict=True)
                if now.open and _day(then) != _day(now)
            ]
    if after.code == PROVINCE:
        found += _requests_moved(connection, definitions, before, after, hold=hold)
    return tuple(
        sorted(found, key=lambda one: (one.case.reference or "", one.case.handle, one.name))
    )


def _answers_moved(
    connection: Connection, before: Calendar | None, after: Calendar, *, hold: bool
) -> Iterator[MovedDeadline]:
    """Yield the answers that are owed by a day which was granted in working days and moves.

    A day that the Board named is a day, and moves with no calendar.
    """
    c = consultations.c
    wanted = select(c.case_handle).where(
        IS_OPEN, c.longer.like('%"+%'), *([c.body == after.code] if after.code != PROVINCE else [])
    )
    handles = sorted(set(connection.scalars(wanted)))
    on: dict[str, tuple[Calendar | None, Calendar]] = {}
    for start in range(0, len(handles), CHUNK):
        statement = select(cases).where(cases.c.handle.in_(handles[start : start + CHUNK]))
        held = statement.order_by(in_order(connection))
        files = connection.execute(held.with_for_update() if hold else held).mappings().all()
        asked: dict[str, list[Consultation]] = {}
        for row in connection.execute(
            consultations.select()
            .where(c.case_handle.in_([one["handle"] for one in files]), IS_OPEN)
            .order_by(c.handle)
        ).mappings():
            asked.setdefault(row["case_handle"], []).append(consultation_of(row))
        for one in files:
            case = case_of(one)
            for owed in asked.get(case.handle, ()):
                if owed.turn != case.turn or case.state not in _WAITS_FOR_ANSWERS:
                    continue
                if owed.first_due_on is None or after.code not in {PROVINCE, owed.body}:
                    continue
                if owed.body not in on:
                    on[owed.body] = _calendars_of(connection, owed.body, before, after)
                day = _moved_to(owed, *on[owed.body])
                if day is not None:
                    yield MovedDeadline(
                        case,
                        owed.handle,
                        say("Answer of %(body)s", body=Organisations((owed.body,))),
                        owed.due_on,
                        day,
                        owed.body,
                    )


def _calendars_of(
    connection: Connection, body: str, before: Calendar | None, after: Calendar
) -> tuple[Calendar | None, Calendar]:
    """Return the calendar of a body as it is and as it would be."""
    if after.code != PROVINCE:
        return before, after
    return before and calendar_on(connection, body, before), calendar_on(connection, body, after)


def _moved_to(owed: Consultation, before: Calendar | None, after: Calendar) -> str | None:
    """Return the day to which an answer moves, or None where it stays or cannot be counted."""
    first = date.fromisoformat(str(owed.first_due_on))
    try:
        will = day_after(first, owed.longer, after)
    except Uncountable:
        return None
    try:
        was = day_after(first, owed.longer, before)
    except Uncountable:
        was = None
    return None if was == will or will.isoformat() == owed.due_on else will.isoformat()


def rules_of(definitions: Definitions, case: CaseFile) -> Definition:
    """Return the version of the workflow that a case goes by."""
    return definitions.of(case.case_type.value, case.definition_version)


def open_cases(
    connection: Connection,
    counted: Sequence[Definition],
    *,
    hold: bool = False,
    also_over: bool = False,
) -> Iterator[Sequence[CaseFile]]:
    """Yield the cases of the types of some workflows that are not over, some hundreds at a time.

    Those that are over are among them where that is asked for.
    """
    over = (
        and_(cases.c.case_type == one.case_type, cases.c.state == state.name)
        for one in (() if also_over else counted)
        for state in one.states
        if state.final
    )
    types = sorted({one.case_type for one in counted})
    wanted = and_(cases.c.case_type.in_(types), not_(or_(false(), *over)))
    after = ""
    while types:
        statement = (
            select(cases)
            .where(wanted, cases.c.handle > after)
            .order_by(cases.c.handle)
            .limit(CHUNK)
        )
        rows: Sequence[Row] = (
            connection.execute(statement.with_for_update() if hold else statement).mappings().all()
        )
        if not rows:
            return
        after = rows[-1]["handle"]
        yield [case_of(row) for row in rows]


def cases_called(connection: Connection, handles: Sequence[str]) -> Iterator[Sequence[CaseFile]]:
    """Yield cases by their handles, some hundreds at a time."""
    for start in range(0, len(handles), CHUNK):
        wanted = select(cases).where(cases.c.handle.in_(handles[start : start + CHUNK]))
        yield [case_of(row) for row in connection.execute(wanted).mappings()]


def earlier_cases(connection: Connection, asked: Iterable[CaseFile]) -> dict[str, CaseFile]:
    """Return the cases that some follow, by their handles: of each what days hang on."""
    earlier = sorted({case.admission for case in asked if case.admission})
    if not earlier:
        return {}
    rows = connection.execute(select(*DATED).where(cases.c.handle.in_(earlier)))
    return {row.handle: dated_case_of(row) for row in rows}


def _decided(connection: Connection, handles: Sequence[str]) -> dict[str, date]:
    """Return the days on which the authority decided cases."""
    found: dict[str, date] = {}
    for rows in _in_turn(connection, _DECIDED_ON, _DECIDED, handles):
        found |= {
            row.case_handle: date.fromisoformat(row.decided_on)
            for row in rows
            if is_day(row.decided_on)
        }
    return found


def _entries_of(connection: Connection, handles: Sequence[str]) -> dict[str, list[Any]]:
    """Return of cases the entries that days hang on, each case's in order."""
    found: dict[str, list[Any]] = {}
    for rows in _in_turn(connection, _SAYING, _ENTRIES, handles):
        for row in rows:
            found.setdefault(row.case_handle, []).append(row)
    return found


def _in_turn(
    connection: Connection, of_all: Select[Any], of_one: Statement, handles: Sequence[str]
) -> Iterator[Sequence[Any]]:
    """Yield the rows of some cases: of one by the statement that is built already."""
    if len(handles) == 1:
        yield of_one(connection, {"case_handle": handles[0]}).all()
        return
    case_handle = of_all.selected_columns.case_handle
    for start in range(0, len(handles), CHUNK):
        wanted = of_all.where(case_handle.in_(handles[start : start + CHUNK]))
        yield connection.execute(wanted).all()


def _ever_changed(connection: Connection) -> bool:
    return _CHANGED(connection, {"calendar": PROVINCE}).scalar_one() is not None


def _day(derived: Derived) -> str | None:
    return derived.due_on.isoformat() if derived.due_on else None


_MOVED = frozenset(
    verb
    for verb, kind in FACTS.items()
    if issubclass(kind, Moved) and not issubclass(kind, AboutConsultation)
)
# No opinion among them: whatever no day hangs on stays shut. The first tells since when it stands.
_DAYS_HANG_ON = [*_MOVED, *(verb for verb in FACTS if verb.startswith("questions."))]
_SAYING = (
    select(
        entries.c.case_handle,
        entries.c.verb,
        entries.c.at,
        entries.c.officer,
        payloads.c.content,
    )
    .join(
        payloads,
        (payloads.c.case_handle == entries.c.case_handle) & (payloads.c.number == entries.c.number),
    )
    .where(
        or_(
            entries.c.verb.in_(
                [literal(verb) for verb in sorted([*_DAYS_HANG_ON, FactRecorded.verb])]
            ),
            entries.c.number == literal(1),
        )
    )
    .order_by(entries.c.case_handle, entries.c.number)
)
_ENTRIES = Statement(_SAYING.where(entries.c.case_handle == bindparam("case_handle")))
_MOMENTS = Statement(
    select(entries.c.number, entries.c.at).where(
        entries.c.case_handle == bindparam("case_handle"), entries.c.verb.startswith("request.")
    )
)
_DECIDED_ON = select(conclusions.c.case_handle, conclusions.c.decided_on)
_DECIDED = Statement(_DECIDED_ON.where(conclusions.c.case_handle == bindparam("case_handle")))
_CHANGED = Statement(
    select(func.max(calendar_changes.c.at).label("at")).where(
        calendar_changes.c.calendar == bindparam("calendar")
    )
)
