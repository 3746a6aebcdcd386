"""Remind: once a working day tell whoever still owes something, and who is above them.

It answers for nobody and changes nothing: what is not answered stays unanswered, what is late stays
late. A case that is suspended or over reminds nobody.
"""

import json
from collections.abc import Iterator, Sequence
from datetime import date
from typing import Any

from sqlalchemy import Connection, select

from vetting.engine.deadlines import QUESTION
from vetting.engine.definition import Definition, Reminder
from vetting.engine.reading import Definitions
from vetting.engine.reminders import (
    AUDIENCE,
    is_time_to_remind,
    reminds_of_deadlines,
    rungs_due,
    trigger_of,
)
from vetting.engine.vocabulary import Kind
from vetting.records.calendars import calendar_of
from vetting.records.cases import cases
from vetting.records.consultations import OPEN_STATES, consultations
from vetting.records.database import Database
from vetting.records.identity import ZONE, Ids
from vetting.records.jobs import Job, ask_for, asked_for
from vetting.records.organisations import organisation_kinds
from vetting.records.outbox import clock_notice, tell_once
from vetting.usecases.do_jobs import Work
from vetting.usecases.reconcile_notices import NOBODY
from vetting.usecases.remind_of_cases import (
    REMINDED,
    Clock,
    Quiet,
    cases_to_remind_of,
    notices_of_cases,
)

REMIND = REMINDED
WAITS_FOR_ANSWERS = "consulting"  # the state in which a case does
_c, _k = consultations.c, cases.c


def ask_to_remind(database: Database, definitions: Definitions, ids: Ids) -> None:
    """Ask for the reminders of the day, once, in its working hours."""
    if not any(one.reminders or _tells_of_cases(one) for one in definitions):
        return
    key = f"{REMIND}/{ids.today()}"
    with database.reading() as connection:
        if asked_for(connection, key) or not _is_time(connection, ids):
            return
    with database.writing() as connection:
        content = json.dumps({"day": ids.today()})
        ask_for(connection, key, REMIND, ids.now(), content)


def works_of_reminding(database: Database, definitions: Definitions, ids: Ids) -> dict[str, Work]:
    """Return how the jobs about reminders are done."""
    quiet = Quiet()

    def look(_job: Job) -> Sequence[str]:
        with database.reading() as connection:
            clock = _clock(connection, ids)
            return cases_to_remind_of(connection, definitions, clock, quiet) if clock else ()

    def keep(connection: Connection, _job: Job, handles: Sequence[str]) -> None:
        clock = _clock(connection, ids)
        if clock is not None:
            notices = (
                *_of_answers(connection, definitions, clock, ids),
                *notices_of_cases(connection, definitions, clock, handles),
            )
            tell_once(connection, notices, ids.handle(), NOBODY, ids.now(), ids.today())

    return {REMIND: Work(keep, look)}


def _tells_of_cases(definition: Definition) -> bool:
    """Tell whether the clock has anything to tell of a workflow's own cases."""
    follows = definition.follows is not None
    return follows or bool(definition.ahead) or reminds_of_deadlines(definition)


def _is_time(connection: Connection, ids: Ids) -> bool:
    return is_time_to_remind(calendar_of(connection), ids.clock().astimezone(ZONE))


def _clock(connection: Connection, ids: Ids) -> Clock | None:
    """Return what reminders go by, or None where no calendar was entered."""
    calendar = calendar_of(connection)
    if calendar is None:
        return None
    return Clock(calendar, date.fromisoformat(ids.today()), _coordinators(connection))


def _of_answers(
    connection: Connection, definitions: Definitions, clock: Clock, ids: Ids
) -> Iterator[dict[str, str]]:
    """Yield the notices of all rungs that are due for answers that are owed."""
    alike: dict[tuple[Any, ...], tuple[Reminder, ...]] = {}  # many were asked and are due together
    for one in _owed(connection):
        if _stands_still(definitions, one):
            continue
        of = one.case_type, one.definition_version, ids.legal_day(one.asked_at), one.due_on
        if of not in alike:
            reminders = definitions.of(*of[:2]).reminders
            asked_on, due_on = map(date.fromisoformat, of[2:])
            due = rungs_due(reminders, clock.calendar, asked_on, due_on, clock.today)
            alike[of] = tuple(due)
        for rung in alike[of]:
            yield from _notices(
                one, rung, clock.coordinators if rung.to == "coordinator" else [one.body]
            )


def _coordinators(connection: Connection) -> list[str]:
    k = organisation_kinds.c
    above = select(k.organisation).where(k.kind == Kind.COORDINATOR.value)
    return list(connection.scalars(above.order_by(k.organisation)))


def _owed(connection: Connection) -> Sequence[Any]:
    """Return every answer that is still owed in a case that waits for it, and has a last day."""
    return connection.execute(
        select(
            _c.handle,
            _c.body,
            _c.asked_at,
            _c.due_on,
            _k.handle.label("case_handle"),
            _k.case_type,
            _k.definition_version,
            _k.open_questions,
        )
        .join(cases, _k.handle == _c.case_handle)
        .where(
            _c.state.in_(OPEN_STATES),
            _c.due_on.is_not(None),
            _c.turn == _k.turn,
            _k.state == WAITS_FOR_ANSWERS,
        )
        .order_by(_c.handle)
    ).all()


def _stands_still(definitions: Definitions, owed: Any) -> bool:  # noqa: ANN401  # of `_owed`
    """Tell whether the clock of an answer stands still by its rule while the unit is asked."""
    if owed.open_questions == "{}":
        return False
    rule = definitions.of(owed.case_type, owed.definition_version).rule_for(owed.body)
    return QUESTION in rule.stops_in


def _notices(
    owed: Any,  # noqa: ANN401  # of `_owed`
    rung: Reminder,
    to: Sequence[str],
) -> Iterator[dict[str, str]]:
    """Yield the notices of one rung, each under a key that makes it happen once."""
    for organisation in to:
        yield clock_notice(
            f"{REMIND}/{owed.handle}/{owed.due_on}/{rung.to}/{rung.days}/{organisation}",
            trigger_of(rung),
            owed.case_handle,
            organisation,
            AUDIENCE[rung.to],
        )
