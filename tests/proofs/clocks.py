"""Histories written under clocks that go wrong: no order is disturbed, no deadline moves unsaid.

A history is one case that people bring on by acts at random, while the clock leaps by up to ten
years either way, goes back in the middle of an act, stands at the turn of a year or of a legal day,
and the machine is moved to another time zone. After each act:

- the entries are those from before and the new ones after them, numbered without a gap;
- where the first new one lies more than machines are apart before the last of the case, or before
  the last checkpoint of the log, it says that the clock had gone back;
- the day by which a body has to answer is another one only where a new entry names the new day;
- a deadline that is counted from the entries is another one only where there is a new entry, and
  it is the same whatever day it is and wherever the machine stands.

In the end the page of the case and of each of its dates can be read, the log has the entries of
each case in their order, the history holds, and all rows follow from it. `make prove-clocks` writes
10,000 histories; the tests write some, and see that each planted defect is found.
"""

import os
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from random import Random
from typing import Any
from unittest.mock import patch

from sqlalchemy import select, update

from tests.builders import Cast, as_owner, small_province
from tests.proofs.running import Found, apart, tell
from tests.records.test_rebuild import Walk
from tests.usecases.test_ask_unit import Knowing, knowing
from vetting.engine.casefile import CaseFile
from vetting.engine.deadlines import Stop
from vetting.engine.refusals import Refusal
from vetting.engine.vocabulary import CaseType
from vetting.queries.case_page import case_page
from vetting.queries.deadline_page import deadline_page
from vetting.queries.due_dates import due_dates_of_case
from vetting.queries.history_check import check_history
from vetting.records import running_deadlines
from vetting.records.cases import case_of, cases
from vetting.records.consultations import consultations
from vetting.records.database import Database
from vetting.records.history import entries, payloads, read_payload
from vetting.records.identity import Ids
from vetting.records.log import checkpoints, log
from vetting.records.migrate import upgrade
from vetting.records.rebuild import compare
from vetting.records.sealing_key import make_sealing_key, read_sealing_key
from vetting.records.standing import Purpose
from vetting.usecases.load_calendar import load_calendar
from vetting.usecases.seal_checkpoint import seal_checkpoint

HISTORIES = 10_000
SEED = 20261130
CORES = 2
A_BATCH = 100  # histories of one database
ACTS = 14
BEGAN = datetime(2026, 6, 1, 2, 0, tzinfo=UTC)
TEN_YEARS = 3652
ZONES = ("UTC", "Asia/Ho_Chi_Minh", "Pacific/Kiritimati", "America/Los_Angeles", "Europe/Paris")
# The days on which it is asked what is due, each where another day has come already.
ASKED_ON = {
    "2016-01-04": "Pacific/Kiritimati",
    "2026-06-01": "Asia/Ho_Chi_Minh",
    "2036-12-31": "America/Los_Angeles",
}
CLOCK = "clock.went_back"
APART = 10  # seconds that machines may be apart
STOPS = ("returned", "suspended", "question")


class Unruly:
    """A clock that leaps, goes back in the middle of an act, and stands at the edges of time."""

    def __init__(self, seed: int) -> None:
        self.random = Random(seed)  # noqa: S311  # a history that can be written again
        self.now = BEGAN

    def __call__(self) -> datetime:
        """Return the moment; by then the clock may have been set back."""
        if self.random.random() < 0.08:
            self.now -= timedelta(seconds=self.random.choice((0.000_002, 1, 90, 7200)))
        self.now += timedelta(microseconds=self.random.randrange(900_000))
        return self.now

    def leap(self) -> None:
        """Come to another moment, and perhaps to another zone, between two acts."""
        match self.random.randrange(7):
            case 0:  # whoever sets it errs by up to ten years; the next leap does not undo it
                years = timedelta(days=self.random.randrange(-TEN_YEARS, TEN_YEARS))
                self.now = BEGAN + years
            case 1:  # the last moments of a legal year, between two acts of one case
                edge = self.now.replace(month=12, day=31, hour=16, minute=59, second=59)
                self.now = edge + timedelta(microseconds=self.random.randrange(2_000_000))
            case 2:  # of a legal day
                self.now = self.now.replace(hour=16, minute=59, second=59, microsecond=999_999)
            case 3:
                self.now += timedelta(days=self.random.randrange(1, 9))
            case 4:
                self.now -= timedelta(days=self.random.randrange(1, 9))
            case 5:
                stand_in(self.random.choice(ZONES))
            case _:
                self.now += timedelta(hours=self.random.randrange(1, 20))


def stand_in(zone: str) -> None:
    """Move the machine to a time zone."""
    os.environ["TZ"] = zone
    time.tzset()


@contextmanager
def own_zone() -> Iterator[None]:
    """Bring the machine back to where it stood."""
    before = os.environ.get("TZ")
    stand_in("UTC")
    try:
        yield
    finally:
        if before is None:
            del os.environ["TZ"]
            time.tzset()
        else:
            stand_in(before)


class People(Knowing):
    """The people of a small province; clocks of their cases stop where a rule says so."""

    definitions = knowing(STOPS, ())


class Wandering(Walk):
    """Acts on one case at random, under a clock that goes wrong between them and within them."""

    def request(self) -> Any:
        """Return a request of the type whose workflow has deadlines."""
        told = super().request()
        return type(told)(**{**vars(told), "case_type": CaseType.PLANNING})

    def acts(self, case: str, state: str) -> Sequence[Callable[[], object]]:
        """Leap before each act."""
        self.cast.ids.clock.leap()
        return super().acts(case, state)


@dataclass(frozen=True)
class Stands:
    """What must not change behind the back of the history."""

    written: list[tuple[Any, ...]]
    answers: dict[str, str | None]  # by question: the day by which it is to be answered
    counted: list[tuple[str, date | None, date | None]]  # deadlines: begins, due
    sealed: str  # when the log was last sealed


@dataclass
class History:
    """One case, brought on act by act and looked at after each."""

    cast: Cast
    seed: int
    between: Callable[[Cast, str], None] | None = None  # a planted defect
    found: Found = field(default_factory=Found)

    def write(self) -> Found:
        """Write it, and return what was wrong."""
        walk = Wandering(self.cast, self.seed)
        case = walk.cast.filed(name=walk.name())
        before = self.stands(case)
        for _ in range(ACTS):
            state = self.state(case)
            if state in {"closed", "withdrawn"}:
                break
            try:
                acts = walk.acts(case, state)
                if acts:
                    walk.random.choice(acts)()
            except Refusal:
                pass
            if self.between is not None:
                self.between(self.cast, case)
            after = self.stands(case)
            self.compare(before, after)
            before = after
        self.read_pages(case)
        self.found.tried += 1
        return self.found

    def state(self, case: str) -> str:
        """Return where the case stands."""
        with self.cast.database.reading() as connection:
            return connection.scalar(select(cases.c.state).where(cases.c.handle == case)) or ""

    def stands(self, case: str) -> Stands:
        """Read everything that is compared."""
        e, p, c = entries.c, payloads.c, consultations.c
        with self.cast.database.reading() as connection:
            rows = connection.execute(
                select(e.number, e.verb, e.at, p.content)
                .join(payloads, (p.case_handle == e.case_handle) & (p.number == e.number))
                .where(e.case_handle == case)
                .order_by(e.number)
            ).all()
            answers = connection.execute(
                select(c.handle, c.due_on).where(c.case_handle == case)
            ).all()
            row = connection.execute(select(cases).where(cases.c.handle == case)).mappings().one()
            sealed = connection.scalar(
                select(checkpoints.c.at).order_by(checkpoints.c.size.desc()).limit(1)
            )
            counted: list[list[tuple[str, date | None, date | None]]] = [[]]
            try:
                counted = [self.counted(connection, case_of(row), day) for day in ASKED_ON]
            except Exception as fault:  # noqa: BLE001  # whatever it is, it is told and not raised
                self.wrong(f"cannot be counted: {type(fault).__name__} {fault}")
        if any(one != counted[0] for one in counted):
            self.wrong(f"a deadline hangs on when and where it is asked: {counted}")
        written = [tuple(row) for row in rows]
        return Stands(written, dict(map(tuple, answers)), counted[0], sealed or "")

    def counted(
        self, connection: Any, case: CaseFile, today: str
    ) -> list[tuple[str, date | None, date | None]]:
        """Return the deadlines that the program counts on a day, and where it is asked."""
        stand_in(ASKED_ON[today])
        derived, _ = due_dates_of_case(connection, self.cast.definitions, case, today=today)
        return [(one.name, one.begins_on, one.due_on) for one in derived]

    def compare_clock(self, before: Stands, new: list[tuple[Any, ...]]) -> None:
        """Compare what the history says of the clock with where the clock stood."""
        known = max(before.written[-1][2], before.sealed)
        told = [str(read_payload(row[3])["behind"]) for row in new if row[1] == CLOCK]
        behind = bool(new) and _seconds(new[0][2], known) > APART
        if told != ([known] if behind else []):
            self.wrong(f"the clock stood at {new[0][2]} after {known}, and the entries say {told}")
        self.found.met |= {"a clock that had gone back"} if behind else set()

    def read_pages(self, case: str) -> None:
        """Read the page of a case, and of each of its dates, as the Board does."""
        board, known = self.cast.board.principal, self.cast.definitions
        today = self.cast.ids.today()
        try:
            with self.cast.database.reading() as connection:
                page = case_page(connection, board, known, case, today=today)
                for one in page.due_dates:
                    deadline_page(connection, board, known, case, one.name, today=today)
        except Exception as fault:  # noqa: BLE001  # the same
            self.wrong(f"cannot be read: {type(fault).__name__} {fault}")

    def compare(self, before: Stands, after: Stands) -> None:
        """Compare what stood before an act with what stands after it."""
        new = after.written[len(before.written) :]
        if after.written[: len(before.written)] != before.written:
            self.wrong("an entry is not what it was")
        if [row[0] for row in after.written] != list(range(1, len(after.written) + 1)):
            self.wrong("the numbers have a gap")
        self.compare_clock(before, new)
        said = [str(read_payload(row[3])) for row in new]
        for handle, day in before.answers.items():
            now = after.answers.get(handle)
            if now != day and (now is None or not any(now in text for text in said)):
                self.wrong(f"the day of an answer went from {day} to {now}, and no entry says so")
        if not new and before.counted != after.counted:
            self.wrong(f"a deadline moved without an entry: {before.counted}, {after.counted}")

    def wrong(self, what: str) -> None:
        """Note something that is not as it must be."""
        self.found.wrong.append(f"seed {self.seed}: {what}")


def batch(seed: int, count: int) -> Found:
    """Write some histories into a database of their own."""
    with tempfile.TemporaryDirectory() as folder:
        url = f"sqlite:///{Path(folder) / 'vetting.sqlite'}"
        upgrade(url)
        return histories(url, Path(folder), seed, count)


def histories(
    url: str,
    folder: Path,
    seed: int,
    count: int,
    between: Callable[[Cast, str], None] | None = None,
) -> Found:
    """Write some histories into a migrated database, and look at all of it in the end."""
    found = Found()
    database = Database(url, purpose=Purpose.COMMAND)
    with as_owner(database).writing() as connection:
        small_province(connection)
    load_calendar(database, Ids(clock=lambda: BEGAN))
    make_sealing_key(folder, "vetting/clocks")
    key = read_sealing_key(folder)
    with own_zone():
        for number in range(seed, seed + count):
            cast = People(database, Ids(clock=Unruly(number)))
            found += History(cast, number, between).write()
            seal_checkpoint(database, key, cast.ids)
    with database.reading() as connection:
        check = check_history(connection, key.public)
        found.wrong += [f"seed {seed}: does not hold: {one.what}" for one in check.broken]
        found.wrong += [f"seed {seed}: {one.sentence}" for one in compare(connection)]
        found.wrong += _out_of_order(connection, seed)
    database.close()
    return found


def _out_of_order(connection: Any, seed: int) -> Iterator[str]:
    """Yield the cases of whose entries the log has a later one before an earlier one."""
    reached: dict[str, int] = {}
    c = log.c
    for row in connection.execute(select(c.case_handle, c.number).order_by(c.position)):
        if row.number != reached.get(row.case_handle, 0) + 1:
            yield f"seed {seed}: the log has entry {row.number} of a case out of its order"
        reached[row.case_handle] = row.number


def _seconds(now: str, before: str) -> float:
    return (datetime.fromisoformat(before) - datetime.fromisoformat(now)).total_seconds()


# ------------------------------------------------------------------ planted


@contextmanager
def nobody_says_so() -> Iterator[None]:
    """Plant a defect: that the clock went back is written down nowhere."""
    with patch("vetting.records.book.went_back", lambda *_: False):
        yield


def days_are_set_anew(cast: Cast, case: str) -> None:
    """Plant a defect: a program that brings days up to date by the clock and tells nobody."""
    with as_owner(cast.database).writing() as connection:
        connection.execute(
            update(consultations)
            .where(consultations.c.case_handle == case, consultations.c.due_on.is_not(None))
            .values(due_on=cast.ids.today())
        )


@contextmanager
def days_of_the_machine() -> Iterator[None]:
    """Plant a defect: the legal day is that of the zone in which the machine stands."""

    def day(_ids: Ids, at: str) -> str:
        return datetime.fromisoformat(at).astimezone().date().isoformat()

    with patch.object(Ids, "legal_day", day):
        yield


@contextmanager
def stops_as_the_clock_says() -> Iterator[None]:
    """Plant a defect: a case has left a state before it came to it, where the clock says so."""

    def note(stops: list[Stop], state: str, day: date, *who: Any) -> None:
        if stops and stops[-1].last is None:
            stops[-1] = replace(stops[-1], last=day)
        if state in running_deadlines.CAN_STOP:
            stops.append(Stop(state, day, None, *who))

    with patch.object(running_deadlines, "note_stop", note):
        yield


def main() -> int:
    """Write them all on two cores."""
    since = time.monotonic()
    seeds = range(SEED, SEED + HISTORIES, A_BATCH)
    found = apart(batch, [(seed, A_BATCH) for seed in seeds])
    return 0 if tell("clock histories", found, at_least=HISTORIES, since=since) else 1


if __name__ == "__main__":
    sys.exit(main())
