"""Counting: whom a year should have told of what, by its entries alone, beside what was told.

It shares nothing with the program that tells and that reconciles: what is told of which entry
stands here once more, as the catalogue of notices and the workflows say it.
"""

from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Any, NamedTuple

from sqlalchemy import Connection, text

from tests.proofs.year_people import BOARD, Plan, Worker
from vetting.engine.definition import Reminder

# By entry: on what is told, and where those work who are told.
TOLD_OF: Mapping[str, tuple[str, str]] = {
    "case.filed": ("file", "board"),
    "case.returned": ("return", "unit"),
    "case.replies_complete": ("replies_complete", "board"),
    "case.submitted": ("submit", "authority"),
    "case.concluded": ("conclude", "board"),
    "case.notified": ("notify", "unit"),
    "case.withdrawn": ("withdraw", "board"),
    "opinion.signed": ("sign", "body"),
    "consultation.taken_back": ("take_back", "body"),
    "body.added": ("body_added", "body"),
}
BY_THE_CLOCK = ("answer_due", "answer_late", "deadline_due", "deadline_late")
# Whom a notice is for, by the role that they have there.
ROLES_TOLD = {
    "unit": {"case_officer"},
    "board": {"board_officer", "board_head"},
    "board_head": {"board_head"},
    "body": {"body_officer", "body_signer"},
    "bodies": {"body_officer", "body_signer"},
    "head": {"body_signer"},
    "authority": {"secretary"},
}
OVER = ("case.closed", "case.withdrawn")


class Notice(NamedTuple):
    """A notice: of a case or a list, on what, where, and when; by the clock only the day counts."""

    of: str
    on: str
    where: str
    at: str


def legal_day(at: str) -> date:
    """Return the day in the province on which something was written."""
    return (datetime.fromisoformat(at) + timedelta(hours=7)).date()


@dataclass
class Counted:
    """One case, as its entries tell it."""

    filed: date
    ended: date | None = None  # the day on which it was concluded, or over
    still: list[tuple[date, date | None]] = field(default_factory=list)
    asked: list[list[Any]] = field(default_factory=list)  # body, from when, until when

    def owes(self, day: date) -> bool:
        """Tell whether its deadline is owed in the morning of a day."""
        return self.moves(day) and (self.ended is None or self.ended >= day)

    def moves(self, day: date) -> bool:
        """Tell whether it does not stand still in the morning of a day."""
        return not any(first < day and (last is None or last >= day) for first, last in self.still)


def lost_and_doubled(
    connection: Connection, plan: Plan, ladder: Sequence[Reminder], term: int, until: date
) -> Iterator[str]:
    """Yield what should have been told and was not, or was told without need or twice."""
    told = Counter(_of_acts_told(connection))
    wanted = Counter(_of_acts(connection))
    told_by_clock = Counter(_by_the_clock_told(connection))
    wanted_by_clock = Counter(_by_the_clock(connection, plan, ladder, term, until))
    for word, more, less in (
        ("lost", wanted, told),
        ("doubled", told, wanted),
        ("lost", wanted_by_clock, told_by_clock),
        ("doubled", told_by_clock, wanted_by_clock),
    ):
        for notice in sorted((more - less).elements()):
            yield f"{word}: {notice.on} to {notice.where}, {notice.at}, of {notice.of}"


def _entries(connection: Connection) -> Iterator[Any]:
    return iter(
        connection.execute(
            text(
                "SELECT e.case_handle, e.verb, e.at, e.body, e.organisation, k.unit, k.authority, "
                "k.submission FROM entries e JOIN cases k ON k.handle = e.case_handle "
                "ORDER BY e.case_handle, e.number"
            )
        )
    )


def _of_acts(connection: Connection) -> Iterator[Notice]:
    lists = set()
    added: set[tuple[str, str, str]] = set()
    turns: set[tuple[str, str]] = set()
    asked = []
    for row in _entries(connection):
        case, at = row.case_handle, row.at
        if row.verb == "case.consulted":
            turns.add((case, at))
        elif row.verb == "body.asked":
            asked.append(Notice(case, "consult", row.body, at))
        elif row.verb == "body.added":
            added.add((case, row.body, at))
        if row.verb not in TOLD_OF:
            continue
        on, to = TOLD_OF[row.verb]
        of = case
        if on == "file" and row.submission is not None:
            of = row.submission
            if (of, at) in lists:
                continue
            lists.add((of, at))
        where = {"board": BOARD, "unit": row.unit, "authority": row.authority, "body": row.body}[to]
        yield Notice(of, on, where, at)
    for one in asked:
        if (one.of, one.at) in turns and (one.of, one.where, one.at) not in added:
            yield one


def _of_acts_told(connection: Connection) -> Iterator[Notice]:
    clock = ", ".join(f"'{on}'" for on in BY_THE_CLOCK)
    rows = connection.execute(
        text(
            "SELECT o.case_handle, o.on_move, o.organisation, o.written_at, k.submission "  # noqa: S608
            "FROM outbox o JOIN cases k ON k.handle = o.case_handle "
            f"WHERE o.on_move NOT IN ({clock})"
        )
    )
    for row in rows:
        of = row.submission if row.on_move == "file" and row.submission else row.case_handle
        yield Notice(of, row.on_move, row.organisation, row.written_at)


def _by_the_clock_told(connection: Connection) -> Iterator[Notice]:
    rows = connection.execute(
        text("SELECT case_handle, on_move, organisation, written_at FROM outbox")
    )
    for row in rows:
        if row.on_move in BY_THE_CLOCK:
            day = legal_day(row.written_at).isoformat()
            yield Notice(row.case_handle, row.on_move, row.organisation, day)


def _counted(connection: Connection) -> dict[str, Counted]:
    found: dict[str, Counted] = {}
    for row in _entries(connection):
        day = legal_day(row.at)
        if row.verb in {"case.filed", "case.refiled"}:
            found[row.case_handle] = Counted(day)
            continue
        case = found.get(row.case_handle)
        if case is None:
            continue
        if row.verb == "body.asked":
            case.asked.append([row.body, day, None])
        elif row.verb in {"opinion.signed", "consultation.taken_back"}:
            next(one for one in case.asked if one[0] == row.body and one[2] is None)[2] = day
        elif row.verb == "case.suspended":
            case.still.append((day, None))
        elif row.verb == "case.resumed":
            case.still[-1] = (case.still[-1][0], day)
        if row.verb in {"case.concluded", *OVER} and case.ended is None:
            case.ended = day
    return found


def _by_the_clock(
    connection: Connection, plan: Plan, ladder: Sequence[Reminder], term: int, until: date
) -> Iterator[Notice]:
    """Yield what the clock has to tell; it looks in the morning, before anybody acts."""
    answers = defaultdict(list)
    for row in connection.execute(
        text("SELECT case_handle, body, due_on FROM consultations ORDER BY turn, asked_at")
    ):
        answers[row.case_handle, row.body].append(row.due_on)
    for handle, case in _counted(connection).items():
        for body, asked, answered in case.asked:
            due = date.fromisoformat(answers[handle, body].pop(0))
            for rung in ladder:
                day = plan.worked(due, rung.days)
                if asked < day <= until and (answered is None or answered >= day):
                    on = "answer_late" if rung.days > 0 else "answer_due"
                    where = BOARD if rung.to == "coordinator" else body
                    yield Notice(handle, on, where, day.isoformat())
        yield from _of_the_term(plan, handle, case, ladder, term, until)


def _of_the_term(
    plan: Plan, handle: str, case: Counted, ladder: Sequence[Reminder], term: int, until: date
) -> Iterator[Notice]:
    due = plan.worked(case.filed, term)
    for rung in ladder:
        later = [
            plan.worked(due, other.days)
            for other in ladder
            if other.to == rung.to and other.days > rung.days
        ]
        end = min(later, default=until + timedelta(days=1))
        day = plan.worked(due, rung.days)
        while day <= until and day < end and (rung.days > 0 or day <= due):
            if not case.owes(day) and case.ended is not None and case.ended < day:
                break
            if case.owes(day):
                on = "deadline_late" if rung.days > 0 else "deadline_due"
                yield Notice(handle, on, BOARD, day.isoformat())
                break
            day = plan.worked(day, 1)


def told_wrongly(connection: Connection, workers: Sequence[Worker]) -> Iterator[str]:
    """Yield notices for nobody, and for people who did not work where they are told."""
    works = {one.officer: one for one in workers}
    acted: dict[tuple[str, str], str] = {}
    for row in _entries(connection):
        acted[row.case_handle, row.at] = row.organisation
    rows = connection.execute(
        text(
            "SELECT o.key, o.case_handle, o.on_move, o.organisation, o.audience, o.written_at, "
            "r.officer, r.at FROM outbox o LEFT JOIN recipients r ON r.notice = o.key"
        )
    )
    for row in rows:
        if row.officer is None:
            if acted.get((row.case_handle, row.written_at)) != row.organisation:
                yield f"lost: {row.on_move} to {row.organisation} is for nobody, {row.written_at}"
            continue
        worker, day = works[row.officer], legal_day(row.at)
        there = worker.first <= day and (worker.last is None or worker.last >= day)
        fits = (
            worker.organisation == row.organisation
            and worker.role.value in ROLES_TOLD[row.audience]
        )
        if not there or not fits:
            yield f"told wrongly: {row.on_move} to {row.officer}, {row.at}"


def stuck(connection: Connection, until: date, most: int | None) -> Iterator[str]:
    """Yield cases that are not over, or of which nothing was heard for more than *most* days."""
    rows = connection.execute(
        text(
            "SELECT k.handle, k.state, max(e.at) AS last FROM cases k "
            "JOIN entries e ON e.case_handle = k.handle "
            "WHERE k.state NOT IN ('closed', 'withdrawn') GROUP BY k.handle, k.state"
        )
    )
    for row in rows:
        if most is None or (until - legal_day(row.last)).days > most:
            yield f"stuck: {row.handle} is {row.state} since {row.last}"
