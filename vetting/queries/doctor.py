"""The doctor: what is broken or about to break, case by case, with its repair or who must decide.

It computes nothing about anybody and changes nothing. What should have been told and was not, is
found by laying the history beside the notices.
"""

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from sqlalchemy import Connection, literal_column, select, true

from vetting.engine.ailments import Ailment, Finding, Remedy
from vetting.engine.calendar import written
from vetting.engine.deadlines import Derived, has_deadlines
from vetting.engine.definition import QuestionTerm
from vetting.engine.names import sort_key
from vetting.engine.policy import Principal
from vetting.engine.reading import Definitions
from vetting.engine.record import unanswered
from vetting.engine.sentences import Organisations, say
from vetting.engine.telling import Why
from vetting.engine.vocabulary import Role
from vetting.queries.clock_alarms import clock_alarms
from vetting.queries.due_dates import due_dates_of_case
from vetting.queries.mail_ledger import failed_mails
from vetting.queries.names_of import moment_written, names_of_officers
from vetting.queries.stranded_steps import StrandedSteps, stranded_steps
from vetting.queries.tombstone import uncleaned_known_to
from vetting.queries.untold import untold
from vetting.records.ailments import (
    day_said,
    dayless_conclusions,
    ineligible_holders,
    questions_at_dissolved_bodies,
)
from vetting.records.cases import case_of, cases
from vetting.records.consultations import OPEN_STATES, consultations
from vetting.records.disposals import owing
from vetting.records.identity import Ids
from vetting.records.rebuild import Difference, can_be_mended, compare, compare_case
from vetting.records.running_deadlines import deadlines_of_requests
from vetting.records.scope import visible_to
from vetting.records.standing import Purpose, on_purpose
from vetting.records.stranding import StrandedStep, as_told_to, steps_of_nobody
from vetting.records.trigger_faults import trigger_fault
from vetting.records.witnessed import NotReadable, behind

CHUNK = 500  # as many handles as go into one statement
OF_THE_DATABASE = frozenset({Ailment.UNGUARDED, Ailment.UNLIKE_WITNESSED})
TOLD_OTHERWISE = {
    Why.NOT_WRITTEN: say(
        "Nothing writes this notice any more: tell the organisation by letter. It stays listed "
        "here."
    ),
    Why.FOR_NOBODY: say(
        "Once a day the worker names whoever may be told by then. Tell the organisation by letter "
        "if it has to know sooner."
    ),
}
ENTER_THE_CALENDAR = say(
    "What the calendar lacks has to be entered. From a day before it begins nothing is counted."
)
ENTRUST = say(
    "Somebody there has to be entrusted with the role, or named to act for whoever is away."
)
PUT_THE_RULE_BACK = say(
    "The unit owes its answer by the day that was written down. If the workflow’s file was edited "
    "after it was published, it has to be put back as it was."
)
SET_THE_CLOCK = say(
    "The clock of the server has to be set right. Nothing of the case is mended by it; the alarm "
    "ends thirty days after the later of both moments."
)
COMPARE_IT = say(
    "It is evidence, so nothing here changes it: have the database compared with a backup from "
    "before it changed. What the history says counts."
)
LATEST = 100  # cases whose rows a live page compares with their entries


@dataclass(frozen=True)
class Ground:
    """What the doctor looks at."""

    connection: Connection
    definitions: Definitions
    today: str
    # The organisation for which it is told; none: for whoever runs the system, who is told all.
    told_to: str | None = None
    # Where the installation keeps what a witness signed; none: that is not looked at.
    folder: Path | None = None
    tick: Callable[[int], None] = field(default=lambda _cases: None)


@dataclass(frozen=True)
class Examined:
    """What was found, as far as somebody may know of it."""

    findings: tuple[Finding, ...]
    of_the_database: tuple[Finding, ...]  # of no case: told to everybody whom the doctor is told
    of_the_destroyed: tuple[Finding, ...]  # of which there is no page any more
    counts: dict[Ailment, int]  # of all of them
    # To whoever keeps the roles: what was left by those who declared a conflict, and no case of it.
    left: tuple[StrandedSteps, ...] = ()


def examine(ground: Ground, *, whole: bool = True) -> Iterator[Finding]:
    """Yield everything that is amiss; *whole* compares every case with its entries."""
    yield from _of_the_database(ground)
    yield from _no_next_actor(ground)
    yield from ineligible_holders(ground.connection, ground.today)
    yield from _missing_deadlines(ground)
    yield from _idle_pauses(ground)
    yield from questions_at_dissolved_bodies(ground.connection, ground.today)
    yield from dayless_conclusions(ground.connection)
    yield from _untold(ground)
    yield from _unmailed(ground)
    yield from _uncleaned(ground)
    yield from _under_a_clock_that_went_back(ground)
    found = compare(ground.connection, tick=ground.tick) if whole else _latest(ground.connection)
    yield from _unlike(found)


def examined_by(ground: Ground, principal: Principal) -> Examined:
    """Return what somebody may know of: findings about cases that exist for them, and numbers.

    Whoever administers sees no case: for them there are only the numbers.
    """
    keeps_roles = principal.role is Role.ADMINISTRATOR
    with on_purpose(ground.connection, Purpose.CHECKING):
        found = list(examine(ground, whole=False))
        gone = uncleaned_known_to(ground.connection, principal)
        left = stranded_steps(ground.connection, list(_left_by_conflicts(ground)))
    known = _visible(ground.connection, principal, {one.case for one in found if one.case})
    shown = tuple(one for one in found if one.case in known)
    lost = tuple(one for one in found if one.ailment is Ailment.UNCLEANED and one.case in gone)
    of_it = tuple(one for one in found if one.ailment in OF_THE_DATABASE)
    told = found if keeps_roles else (*of_it, *shown, *lost)
    counts = Counter(one.ailment for one in told)
    return Examined(shown, of_it, lost, dict(counts), tuple(left) if keeps_roles else ())


def examined_case(ground: Ground, handle: str) -> tuple[Finding, ...]:
    """Return what is amiss with one case, which exists for whoever asks."""
    with on_purpose(ground.connection, Purpose.CHECKING):
        return (
            *_no_next_actor(ground, handle),
            *ineligible_holders(ground.connection, ground.today, handle),
            *_missing_deadlines(ground, handle),
            *_idle_pauses(ground, handle),
            *questions_at_dissolved_bodies(ground.connection, ground.today, handle),
            *dayless_conclusions(ground.connection, handle),
            *_untold(ground, handle),
            *_uncleaned(ground, handle),
            *_under_a_clock_that_went_back(ground, handle),
            *_unlike(compare_case(ground.connection, handle)),
        )


def _of_the_database(ground: Ground) -> Iterator[Finding]:
    """Yield what shows that somebody worked on the database past the program."""
    fault = trigger_fault(ground.connection)
    if fault is not None:
        yield Finding(Ailment.UNGUARDED, "", fault, Role.ADMINISTRATOR)
    if ground.folder is None:
        return
    try:
        short = behind(ground.connection, ground.folder)
    except NotReadable as unknown:
        yield Finding(Ailment.UNLIKE_WITNESSED, "", unknown.sentence, Role.ADMINISTRATOR)
    else:
        if short is not None:  # that nothing was lost is declared by two people, and by no click
            yield Finding(
                Ailment.UNLIKE_WITNESSED,
                "",
                short.sentence,
                Role.ADMINISTRATOR,
                decides_with=Role.SUPERVISOR,
            )


def _visible(connection: Connection, principal: Principal, handles: Iterable[str]) -> set[str]:
    wanted, known = sorted(handles), set[str]()
    for start in range(0, len(wanted), CHUNK):
        known |= set(
            connection.scalars(
                select(cases.c.handle).where(
                    cases.c.handle.in_(wanted[start : start + CHUNK]), visible_to(principal)
                )
            )
        )
    return known


def _no_next_actor(ground: Ground, case: str | None = None) -> Iterator[Finding]:
    steps = list(steps_of_nobody(ground.connection, ground.definitions, ground.today, case))
    if case is None and (declared := set(_waits_for_somebody(ground.connection))):
        steps = [one for one in steps if one.case not in declared]
        steps += _left_by_conflicts(ground)
    told = as_told_to(ground.told_to, steps)
    names = names_of_officers(ground.connection, {one for step in told for one in step.could})
    for step in told:
        organisation = Organisations((step.organisation,))
        yield Finding(
            Ailment.NO_NEXT_ACTOR,
            step.case,
            say(
                "Nobody at %(organisation)s could take this step today: %(duty)s. If they were "
                "entrusted or named, these could: %(names)s.",
                organisation=organisation,
                duty=step.duty,
                names=", ".join(sorted((names[one] for one in step.could), key=sort_key)),
            )
            if step.could
            else say(
                "Nobody at %(organisation)s could take this step today: %(duty)s.",
                organisation=organisation,
                duty=step.duty,
            ),
            Role.ADMINISTRATOR,
            consultation=step.consultation,
            organisation=step.organisation,
            instead=ENTRUST,
        )


def _left_by_conflicts(ground: Ground) -> Iterator[StrandedStep]:
    """Yield what nobody could take in those few cases, each with who could take over."""
    for handle in _waits_for_somebody(ground.connection):
        yield from steps_of_nobody(ground.connection, ground.definitions, ground.today, handle)


def _waits_for_somebody(connection: Connection) -> list[str]:
    """Return the cases in which a declared conflict of interest waits for somebody."""
    c = cases.c
    statement = (
        select(c.handle).where(c.conflicts_waiting != literal_column("'[]'")).order_by(c.handle)
    )
    return list(connection.scalars(statement))


def _missing_deadlines(ground: Ground, case: str | None = None) -> Iterator[Finding]:
    """Yield deadlines that a rule gives and that cannot be counted; without a rule there is none.

    Only cases of workflows with deadlines are opened, one after the other, and those in which a
    candidate waits for an answer: that has to come of a closed case, too.
    """
    counted = [one for one in ground.definitions if has_deadlines(one)]
    types = sorted({one.case_type for one in counted})
    over = {(one.case_type, state.name) for one in counted for state in one.states if state.final}
    after = ""
    while types:
        rows = (
            ground.connection.execute(
                select(cases)
                .where(
                    cases.c.case_type.in_(types),
                    cases.c.handle > after,
                    cases.c.handle == case if case is not None else true(),
                )
                .order_by(cases.c.handle)
                .limit(CHUNK)
            )
            .mappings()
            .all()
        )
        if not rows:
            break
        after = rows[-1]["handle"]
        for row in rows:
            if (row["case_type"], row["state"]) not in over:
                derived, _ = due_dates_of_case(
                    ground.connection, ground.definitions, case_of(row), today=ground.today
                )
                yield from _dateless(row["handle"], derived)
    waiting = ground.connection.execute(
        select(cases)
        .where(cases.c.open_requests > 0, cases.c.handle == case if case is not None else true())
        .order_by(cases.c.handle)
    ).mappings()
    for row in waiting.all():
        if row["case_type"] not in types or (row["case_type"], row["state"]) in over:
            asked, _ = deadlines_of_requests(
                ground.connection, ground.definitions, case_of(row), today=ground.today
            )
            yield from _dateless(row["handle"], asked)


def _dateless(case: str, derived: Iterable[Derived]) -> Iterator[Finding]:
    for one in derived:
        if one.open and one.why_no_date:
            yield Finding(
                Ailment.MISSING_DEADLINE,
                case,
                say("“%(deadline)s” has no date: %(why)s", deadline=one.title, why=one.why_no_date),
                Role.ADMINISTRATOR,
                instead=ENTER_THE_CALENDAR,
            )
        if isinstance(one.deadline, QuestionTerm) and one.due_on != one.first_due_on:
            yield Finding(
                Ailment.WRONG_DAY,
                case,
                say(
                    "“%(deadline)s” is written down as %(day)s; its rule gives %(counted)s.",
                    deadline=one.title,
                    day=written(one.due_on) if one.due_on else "–",
                    counted=written(one.first_due_on) if one.first_due_on else "–",
                ),
                Role.ADMINISTRATOR,
                instead=PUT_THE_RULE_BACK,
            )


def _idle_pauses(ground: Ground, case: str | None = None) -> Iterator[Finding]:
    """Yield cases that are suspended although nothing that was asked is without an answer."""
    c = consultations.c
    rows = ground.connection.execute(
        select(cases)
        .where(cases.c.state == "suspended", cases.c.handle == case if case is not None else true())
        .order_by(cases.c.handle)
    ).mappings()
    for row in rows.all():
        file = case_of(row)
        definition = ground.definitions.of(file.case_type, file.definition_version)
        asked = any(
            unanswered(definition, file, name)
            for name in {fact.answers for fact in definition.facts if fact.answers}
        )
        open_question = ground.connection.scalar(
            select(c.handle)
            .where(c.case_handle == file.handle, c.turn == file.turn, c.state.in_(OPEN_STATES))
            .limit(1)
        )
        if not asked and open_question is None:
            yield Finding(
                Ailment.IDLE_PAUSE,
                file.handle,
                say("The case is suspended, and nothing that was asked is without an answer."),
                Role.BOARD_HEAD,
                instead=say("The Board can resume the case."),
            )


def _untold(ground: Ground, case: str | None = None) -> Iterator[Finding]:
    for gap in untold(ground.connection, ground.definitions, case=case).gaps:
        yield Finding(
            Ailment.UNTOLD,
            gap.case,
            say(
                "%(organisation)s should have been told on %(day)s, and was not: %(why)s.",
                organisation=Organisations((gap.organisation,)),
                day=day_said(gap.at[:10]),
                why=gap.why,
            ),
            Role.BOARD_HEAD,  # who sees the case; whoever administers sees none
            organisation=gap.organisation,
            instead=TOLD_OTHERWISE[gap.why],
        )


def _unmailed(ground: Ground) -> Iterator[Finding]:
    failed = failed_mails(ground.connection)
    if failed:
        yield Finding(
            Ailment.UNTOLD,
            "",
            say(
                "%(count)s mails about notices that nobody opened were refused or given up.",
                count=len(failed),
            ),
            Role.ADMINISTRATOR,
        )


def _uncleaned(ground: Ground, case: str | None = None) -> Iterator[Finding]:
    """Yield what was destroyed and may still lie in the files of the database."""
    for one in owing(ground.connection):
        if case not in {None, one.case_handle}:
            continue
        yield Finding(
            Ailment.UNCLEANED,
            one.case_handle,
            say(
                "The record of case %(case)s was destroyed on %(day)s, and the files of the "
                "database are not cleaned yet. The worker or “vetting retention run” cleans them.",
                case=one.reference,
                day=day_said(one.erased_at[:10]),
            ),
            Role.ADMINISTRATOR,
        )


def _under_a_clock_that_went_back(ground: Ground, case: str | None = None) -> Iterator[Finding]:
    for alarm in clock_alarms(ground.connection, Ids().end_of(ground.today), case=case):
        yield Finding(
            Ailment.CLOCK_WENT_BACK,
            alarm.case,
            say(
                "Somebody acted while the clock stood at %(now)s, before %(moment)s, which was "
                "written down already.",
                now=moment_written(alarm.at),
                moment=moment_written(alarm.behind),
            ),
            Role.ADMINISTRATOR,
            instead=SET_THE_CLOCK,
        )


def _latest(connection: Connection) -> Iterator[Difference]:
    """Yield how the cases that changed last are unlike their entries."""
    c = cases.c
    for handle in connection.scalars(
        select(c.handle).order_by(c.changed_at.desc(), c.handle).limit(LATEST)
    ).all():
        yield from compare_case(connection, handle)


def _unlike(found: Iterable[Difference]) -> Iterator[Finding]:
    """Yield one finding a case, for whatever of it is unlike its entries."""
    of_case: list[Difference] = []
    for one in found:
        if of_case and (not one.case_handle or one.case_handle != of_case[0].case_handle):
            yield _finding_of(of_case)
            of_case = []
        of_case.append(one)
    if of_case:
        yield _finding_of(of_case)


def _who_decides(case: str, *, mendable: bool) -> Role:
    """Say who decides what is kept otherwise: of a case somebody who can see it."""
    if not case:
        return Role.ADMINISTRATOR
    return Role.BOARD_HEAD if mendable else Role.SUPERVISOR


def _finding_of(found: Sequence[Difference]) -> Finding:
    first = found[0]
    mendable = bool(first.case_handle) and can_be_mended(found)
    columns = sorted({f"{one.table}.{one.column}" if one.column else one.table for one in found})
    return Finding(
        Ailment.UNLIKE_ENTRIES,
        first.case_handle,
        say("Kept otherwise than its history says: %(columns)s.", columns=", ".join(columns))
        if mendable
        else first.sentence,
        _who_decides(first.case_handle, mendable=mendable),
        Remedy.REBUILD if mendable else None,
        instead=COMPARE_IT if first.case_handle and not mendable else None,
    )
