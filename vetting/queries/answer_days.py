"""How the day of an answer came about: the day that was set, and every later one, with who and why.

A day granted in working days is shown as it is counted, day by day, on the calendar of its body; of
what was answered, on the calendar as it stood then.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date

from sqlalchemy import Connection, bindparam, select

from vetting.engine.calendar import Calendar, Counted, Uncountable
from vetting.engine.facts import AnswerDateMoved, MoreTimeAsked, MoreTimeGranted, MoreTimeRefused
from vetting.engine.more_time import parts_of
from vetting.engine.sentences import Sentence, say
from vetting.records.calendars import NOW, calendar_of
from vetting.records.consultations import read_texts
from vetting.records.database import Row, Statement
from vetting.records.history import entries, payloads, read_payload

_OPEN = frozenset({"asked", "received", "drafting", "ready"})


@dataclass(frozen=True)
class LaterDay:
    """One step on the way from the day that was set to the day that counts."""

    verb: str
    what: Sentence
    at: str
    officer: str
    organisation: str
    due_on: str  # before
    until: str
    reason: str
    working_days: int | None
    basis: str | None  # the rule whose limits it keeps

    @property
    def moved(self) -> bool:
        """Tell whether another day counts since then; asking for one moves none."""
        return self.verb in {MoreTimeGranted.verb, AnswerDateMoved.verb}


@dataclass(frozen=True)
class AnswerDays:
    """The days of one answer."""

    first_due_on: str | None  # none: no day was ever set
    due_on: str | None
    steps: tuple[LaterDay, ...]  # what was asked, given, not given and moved, oldest first
    counts: tuple[Counted, ...]  # what was granted in working days, day by day
    calendar: Calendar | None
    waits: LaterDay | None  # what the body asks for and nobody has answered

    @property
    def times(self) -> int:
        """How often more time was given."""
        return sum(one.verb == MoreTimeGranted.verb for one in self.steps)


def answer_days(connection: Connection, case: str, asked: Row) -> AnswerDays:
    """Return how the day of an answer came about; the reader may know of the question."""
    steps = tuple(_steps(connection, case, str(asked["handle"])))
    as_of = NOW if asked["state"] in _OPEN else asked["signed_at"] or NOW
    calendar = calendar_of(connection, asked["body"], as_of=as_of)
    first = asked["first_due_on"] or asked["due_on"]
    counts: tuple[Counted, ...] = ()
    if first is not None:
        try:
            parts = parts_of(date.fromisoformat(first), read_texts(asked["longer"]), calendar)
        except Uncountable:
            parts = ()  # the day stands as it was written down
        counts = tuple(part.counted for part in parts if part.counted is not None)
    waits = steps[-1] if steps and steps[-1].verb == MoreTimeAsked.verb else None
    return AnswerDays(
        first,
        asked["due_on"],
        steps,
        counts,
        calendar,
        waits if asked["time_until"] is not None else None,
    )


_WHAT: Mapping[str, Sentence] = {
    MoreTimeAsked.verb: say("more time was asked for"),
    MoreTimeGranted.verb: say("more time was given"),
    MoreTimeRefused.verb: say("more time was not given"),
    AnswerDateMoved.verb: say("the day moved"),
}


def _steps(connection: Connection, case: str, consultation: str) -> Iterator[LaterDay]:
    for row in _SAID(connection, {"case_handle": case}):
        said = read_payload(row.content)
        if said.get("consultation") != consultation:
            continue
        days, basis = said.get("working_days"), said.get("basis")
        yield LaterDay(
            verb=row.verb,
            what=_WHAT[row.verb],
            at=row.at,
            officer=row.officer,
            organisation=row.organisation,
            due_on=str(said["due_on"]),
            until=str(said["until"]),
            reason=str(said["reason"]),
            working_days=days if isinstance(days, int) else None,
            basis=basis if isinstance(basis, str) else None,
        )


_SAID = Statement(
    select(
        entries.c.verb, entries.c.at, entries.c.officer, entries.c.organisation, payloads.c.content
    )
    .join(
        payloads,
        (payloads.c.case_handle == entries.c.case_handle) & (payloads.c.number == entries.c.number),
    )
    .where(
        entries.c.case_handle == bindparam("case_handle"),
        entries.c.verb >= "time.",
        entries.c.verb < "time/",
    )
    .order_by(entries.c.number)
)
