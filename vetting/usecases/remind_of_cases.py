"""Remind of cases: whom the clock tells what of a case's own dates, as its workflow says.

Looking through the cases takes a while and happens before; when the notices are kept, the cases in
question are looked at once more, so that what was met meanwhile reminds nobody.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date

from sqlalchemy import Connection, exists, select

from vetting.engine.calendar import Calendar
from vetting.engine.casefile import ERASED, CaseFile
from vetting.engine.deadlines import Derived
from vetting.engine.definition import OwnDeadline
from vetting.engine.membership import to_be_followed_from
from vetting.engine.reading import Definitions
from vetting.engine.record import without_outcome
from vetting.engine.reminders import (
    audience_of_deadline,
    next_rung,
    reminds_of_deadlines,
    rungs_due,
    trigger_of_deadline,
)
from vetting.engine.validity import ahead_due, trigger_of_end
from vetting.records.cases import cases
from vetting.records.follow_ups import unfollowed
from vetting.records.history import entries
from vetting.records.outbox import clock_notice, told_of
from vetting.records.running_deadlines import (
    CHUNK,
    cases_called,
    deadlines_of,
    ground_of,
    open_cases,
    rules_of,
    settled_in_each,
)
from vetting.records.validities import NO_DAYS, conclusion_days, ends_of

REMINDED = "remind"
PROBATION_ENDED = "probation_ended"
TOLD = "case.notified"  # from then on the unit knows what was concluded
_STANDS_STILL = "suspended"


@dataclass(frozen=True)
class Clock:
    """What reminders go by."""

    calendar: Calendar
    today: date
    coordinators: Sequence[str]


@dataclass
class Quiet:
    """Until when nothing new is to be told of the deadlines of cases, as one worker found it.

    What a case owes moves with its own entries and with the calendar alone, and everything that is
    due was told: until the next rung it need not be counted again. Whoever starts anew counts
    everything once.
    """

    ground: tuple[Calendar, tuple[str, ...]] | None = None
    until: dict[str, tuple[int, date]] = field(default_factory=dict)  # entries, and the day

    def goes_by(self, clock: Clock) -> None:
        """Forget everything where it is counted on another calendar, or others are told."""
        ground = clock.calendar, tuple(clock.coordinators)
        if ground != self.ground:
            self.ground = ground
            self.until.clear()

    def is_quiet(self, case: CaseFile, today: date) -> bool:
        """Tell whether nothing new can be told of a case by a day."""
        entries_then, day = self.until.get(case.handle, (0, date.min))
        return entries_then == case.entry_count and today < day

    def note(self, case: CaseFile, day: date | None) -> None:
        """Note that nothing new is to be told before a day, or before another entry."""
        if case.admission is None:  # what hangs on another case moves with that one too
            self.until[case.handle] = case.entry_count, day or date.max


def cases_to_remind_of(
    connection: Connection, definitions: Definitions, clock: Clock, quiet: Quiet | None = None
) -> tuple[str, ...]:
    """Return the cases of which somebody is to be told something that was not told yet."""
    owing = [one for one in definitions if reminds_of_deadlines(one)]
    ending = [one for one in definitions if one.ahead]
    quiet = quiet or Quiet()
    quiet.goes_by(clock)
    found: list[str] = []
    for rows in open_cases(connection, owing):
        found += _with_news(connection, definitions, rows, clock, quiet)
    for look, looked_through in (
        (_of_ends, open_cases(connection, ending, also_over=True)),
        *(
            (_of_follow_ups, unfollowed(connection, following))
            for following in definitions.following(clock.today)
        ),
    ):
        for rows in looked_through:
            notices = list(look(connection, definitions, rows, clock))
            told = told_of(connection, [one["key"] for one in notices])
            found += [one["case_handle"] for one in notices if one["key"] not in told]
    return tuple(dict.fromkeys(found))


def _with_news(
    connection: Connection,
    definitions: Definitions,
    rows: Iterable[CaseFile],
    clock: Clock,
    quiet: Quiet,
) -> list[str]:
    """Return of which of these cases something is owed that nobody was told of yet."""
    some = [case for case in rows if not quiet.is_quiet(case, clock.today)]
    notices: dict[str, list[str]] = {case.handle: [] for case in some}
    ahead: dict[str, list[date]] = {case.handle: [] for case in some}
    for case, one in _owed(connection, definitions, some, clock):
        notices[case.handle] += [notice["key"] for notice in _of_one(case, one, clock)]
        ahead[case.handle] += _next_of(one, clock)
    told = told_of(connection, [key for keys in notices.values() for key in keys])
    found = [handle for handle, keys in notices.items() if not told.issuperset(keys)]
    for case in some:
        if told.issuperset(notices[case.handle]):
            quiet.note(case, min(ahead[case.handle], default=None))
    return found


def notices_of_cases(
    connection: Connection,
    definitions: Definitions,
    clock: Clock,
    handles: Sequence[str],
) -> Iterator[dict[str, str]]:
    """Yield the notices of these cases as they stand now."""
    for rows in cases_called(connection, handles):
        yield from _of_deadlines(connection, definitions, rows, clock)
        yield from _of_ends(connection, definitions, rows, clock)
    for start in range(0, len(handles), CHUNK):
        some = cases.c.handle.in_(handles[start : start + CHUNK])
        for following in definitions.following(clock.today):
            for rows in unfollowed(connection, following, some):
                yield from _of_follow_ups(connection, definitions, rows, clock)


def _of_deadlines(
    connection: Connection, definitions: Definitions, rows: Iterable[CaseFile], clock: Clock
) -> Iterator[dict[str, str]]:
    """Yield what is to be told of the deadlines that these cases owe."""
    for case, one in _owed(connection, definitions, rows, clock):
        yield from _of_one(case, one, clock)


def _owed(
    connection: Connection, definitions: Definitions, rows: Iterable[CaseFile], clock: Clock
) -> Iterator[tuple[CaseFile, Derived]]:
    """Yield the deadlines that these cases have and of which somebody is told."""
    reminding = [
        case
        for case in rows
        if case.state not in {_STANDS_STILL, ERASED}
        and reminds_of_deadlines(rules_of(definitions, case))
        and not rules_of(definitions, case).state_by_name[case.state].final
    ]
    if not reminding:
        return
    ground = ground_of(connection, definitions, reminding)
    known = {one.handle: not one.concluded or _told(connection, one) for one in reminding}
    asked = [(one, knows) for one in reminding for knows in {True, known[one.handle]}]
    each = settled_in_each(
        connection, [(rules_of(definitions, one), one, knows) for one, knows in asked]
    )
    settled = dict(zip(((one.handle, knows) for one, knows in asked), each, strict=True))
    for case in reminding:
        definition, unit_knows = rules_of(definitions, case), known[case.handle]
        derived: dict[bool, tuple[Derived, ...]] = {}
        for knows in {True, unit_knows}:
            shown = case if knows else without_outcome(definition, case)
            derived[knows] = deadlines_of(
                definitions,
                shown,
                ground,
                today=clock.today.isoformat(),
                settled=settled[case.handle, knows],
            )
        for knows, owed in derived.items():
            for one in owed:
                # The unit is told by what it may know, everybody else by what there is.
                if unit_knows or knows != (one.owed_by == "unit"):
                    yield case, one


def _of_ends(
    connection: Connection, definitions: Definitions, rows: Iterable[CaseFile], clock: Clock
) -> Iterator[dict[str, str]]:
    """Yield what is to be told ahead of the day on which something in these cases ends."""
    some = [case for case in rows if rules_of(definitions, case).ahead]
    days = conclusion_days(connection, [case.handle for case in some]) if some else {}
    for case in some:
        definition = rules_of(definitions, case)
        ends = ends_of(definition, case, days.get(case.handle, NO_DAYS), clock.today)
        for rule, day in ahead_due(definition, case.outcome, ends, clock.calendar, clock.today):
            if rule.to == "unit" and case.concluded and not _told(connection, case):
                continue  # it would learn of the outcome by it
            for organisation in _organisations(case, rule.to, clock):
                key = f"{REMINDED}/{case.handle}/{rule.of}/{day}/{rule.unit}/{rule.length}"
                yield clock_notice(
                    f"{key}/{organisation}",
                    trigger_of_end(rule.of),
                    case.handle,
                    organisation,
                    rule.to,
                )


def _of_follow_ups(
    _connection: Connection, definitions: Definitions, rows: Iterable[CaseFile], clock: Clock
) -> Iterator[dict[str, str]]:
    """Yield what is to be told of a probation that has ended, as long as no case follows it."""
    for following in definitions.following(clock.today):
        for case in rows:
            if following.follows is None or case.case_type != following.follows.case_type:
                continue
            since = to_be_followed_from(following, case)
            if since is not None and since <= clock.today:
                key = f"{REMINDED}/{case.handle}/{following.case_type}/{since}/{case.unit}"
                yield clock_notice(key, PROBATION_ENDED, case.handle, case.unit, "unit")


def _of_one(case: CaseFile, one: Derived, clock: Clock) -> Iterator[dict[str, str]]:
    """Yield what is to be told of one deadline, as long as it is owed."""
    told = _told_until(one)
    if told is None:
        return
    rule, since, due, owed_by = told
    for rung in rungs_due(rule.reminders, clock.calendar, since, due, clock.today):
        audience = audience_of_deadline(rung, owed_by)
        for organisation in _organisations(case, audience, clock):
            key = f"{REMINDED}/{case.handle}/{one.name}/{one.due_on}/{rung.to}/{rung.days}"
            yield clock_notice(
                f"{key}/{organisation}",
                trigger_of_deadline(rung),
                case.handle,
                organisation,
                audience,
            )


def _next_of(one: Derived, clock: Clock) -> Iterator[date]:
    """Yield the next day on which something is to be told of a deadline, if there is one."""
    told = _told_until(one)
    if told is not None:
        rule, since, due, _ = told
        day = next_rung(rule.reminders, clock.calendar, since, due, clock.today)
        if day is not None:
            yield day


def _told_until(one: Derived) -> tuple[OwnDeadline, date, date, str] | None:
    """Return the rule of a deadline that reminds, after which day, its last day, and who owes."""
    rule = one.deadline
    if not one.open or one.due_on is None or one.begins_on is None or one.owed_by is None:
        return None
    if not isinstance(rule, OwnDeadline) or not rule.reminders:
        return None
    return rule, date.min if one.before else one.begins_on, one.due_on, one.owed_by


def _organisations(case: CaseFile, audience: str, clock: Clock) -> Sequence[str]:
    """Return where those work who are told, as far as the case is theirs to know by now."""
    match audience:
        case "unit":
            return [case.unit]
        case "authority":
            return [case.authority] if case.authority and case.before_authority else []
        case _:
            return clock.coordinators if case.state != "draft" else []


def _told(connection: Connection, case: CaseFile) -> bool:
    """Tell whether the unit was told what was concluded."""
    told = exists().where(entries.c.case_handle == case.handle, entries.c.verb == TOLD)
    return bool(connection.scalar(select(told)))
