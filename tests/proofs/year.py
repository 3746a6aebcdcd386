"""A year of a whole province, day by day under a clock that is handed in.

Cases come in, on one day half of them all and on another a quarter; people work from what lies
before them; the workers look at their hours, remind, mail and reconcile, and are killed at every
kind of place; officers leave or are away, one body ends and has a successor, another ends and has
none; the mail server is out of reach for a night and more, or loses its answer. At the end of each
month and of all:

- each notice that the entries call for by the catalogue was written, once, and is for somebody who
  worked there (`year_counts`, which shares nothing with what tells and what reconciles);
- nobody got more than one mail a day that is not statutory, and no mail twice, but where whoever
  handed it over could not know;
- no case is stuck: in the end each of them is over;
- the reconciliation finds no gap and the doctor nothing, but a suspended case that nobody could
  resume yet because the Board was away; not the same one a month later.

`make prove-year` plays 8,000 cases, on PostgreSQL where `ON=postgresql` says so; the tests play
some weeks, and see that planted defects are found.
"""

import os
import sys
import tempfile
import time as clock_of_the_machine
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import date, time, timedelta
from itertools import count
from pathlib import Path
from random import Random
from unittest.mock import patch

from sqlalchemy import make_url, text

from tests.builders import as_owner, definitions, small_province
from tests.postgres import ADDRESS, create_database
from tests.proofs.running import Found, apart, say, tell
from tests.proofs.year_counts import lost_and_doubled, stuck, told_wrongly
from tests.proofs.year_people import Clock, Fragile, Killed, People, Plan
from vetting.engine.ailments import Ailment
from vetting.engine.definition import CaseDeadline, Definition, Reminder, Title
from vetting.engine.mails import Mail, MailStep, WhyNotSent
from vetting.engine.reading import Definitions
from vetting.engine.retries import LEASE
from vetting.queries.doctor import Ground, examine
from vetting.queries.history_check import check_history
from vetting.queries.untold import untold
from vetting.records.book import Book
from vetting.records.calendars import calendar_days, calendars
from vetting.records.consultations import consultations
from vetting.records.identity import Ids
from vetting.records.jobs import Job, end
from vetting.records.migrate import upgrade
from vetting.records.outbox import clock_notice
from vetting.records.sealing_key import SealingKey, make_sealing_key, read_sealing_key
from vetting.records.standing import Purpose
from vetting.usecases.do_jobs import Workbench
from vetting.usecases.mail_notices import Outcome, Post, ask_to_mail, works_of_mail
from vetting.usecases.remind import REMIND, ask_to_remind, works_of_reminding
from vetting.usecases.seal_checkpoint import seal_checkpoint
from vetting.worker.reconcile import ask_to_reconcile, works

CASES, DAYS = 8_000, 365
FIRST = date(2026, 1, 5)
SEED = 20260105
PARTS = 2  # of the province, each in a process and a database of its own: 2,000 come in on a day
LADDER = (
    Reminder(days=-3, to="owing"),
    Reminder(days=1, to="owing"),
    Reminder(days=3, to="head"),
    Reminder(days=5, to="coordinator"),
)
TERM = 25  # working days from the filing to the conclusion
DIGEST_AT = time(17, 0)
HOURS = (7.5, 8.1, 12.0, 17.1, 17.6, 20.0)  # when the workers look; people act after nine
PEOPLE_ACT = 9.0
LONGEST_SILENCE = 60  # days in which every case that is not over has to go on
PLACES = (
    "a job, when it was taken",
    "a job, before anything was kept",
    "a job, before its end was kept",
    "a job, after its end was kept",
    "a mail, after it was handed over",
)
ACTS = ("an act, before it was kept", "an act, before it was answered")
# Tết, the kings’ day, the end of April, the national day, and a storm.
CLOSED = frozenset(
    date(2026, month, day)
    for month, days in {
        2: (16, 17, 18, 19, 20),
        4: (27, 30),
        5: (1,),
        9: (1, 2),
        10: (13, 14, 15),
    }.items()
    for day in days
) | {date(2027, 1, 1)}


def workflows() -> Definitions:
    """Return the workflows, with reminders of answers and with a term and its own reminders."""
    planning = definitions().of("planning", 1)
    term = CaseDeadline(
        name="term",
        title=Title(vi="Hạn", en="Term"),
        unit="working_days",
        length=TERM,
        basis="1-QC/TU",
        start="filed",
        met_by=("concluded",),
        owed_by="board",
        reminders=LADDER,
    )
    told = planning.model_dump(by_alias=True) | {
        "reminders": [rung.model_dump() for rung in LADDER],
        "deadlines": [term.model_dump()],
    }
    return Definitions({**definitions().by_name, ("planning", 1): Definition.model_validate(told)})


@dataclass
class Server:
    """A mail server: it can be out of reach, and can lose its answer."""

    clock: Clock
    random: Random
    found: Found
    given: list[tuple[str, str, date, bool]] = field(default_factory=list)
    in_doubt: Counter[str] = field(default_factory=Counter)  # by mail: not known to be given
    down_until: tuple[date, float] | None = None
    last: str | None = None  # the mail that was given in the job that is being done

    def morning(self, day: date) -> None:
        """Decide whether it goes out of reach on a day, and for how long."""
        if self.random.random() < 0.08:
            self.down_until = day + timedelta(days=1), self.random.choice((8.0, 17.3, 18.0))

    def is_down(self) -> bool:
        """Tell whether it is out of reach: from half past four on, until the day after."""
        if self.down_until is None:
            return False
        day, hour = self.down_until
        here = self.clock.now + timedelta(hours=7)
        of_day = here.hour + here.minute / 60
        return (here.date(), of_day) < (day, hour) and (here.date() == day or of_day > 16.5)

    def __call__(self, mail: Mail) -> Outcome:
        """Take a mail, or do not."""
        if self.is_down():
            self.found.met.add("a mail server out of reach")
            return Outcome(MailStep.DEFERRED, WhyNotSent.UNREACHABLE)
        day = (self.clock.now + timedelta(hours=7)).date()
        self.given.append((mail.mark, mail.to, day, "bắt buộc" in mail.subject))
        self.last = mail.mark
        lot = self.random.random()
        if lot < 0.01:
            self.in_doubt[mail.mark] += 1
            self.found.met.add("a mail server that loses its answer")
            return Outcome(MailStep.UNCERTAIN, WhyNotSent.SILENT)
        if lot > 0.985:
            self.found.met.add("a mail, after it was handed over")
            raise Killed
        return Outcome(MailStep.SENT, code=250)

    def amiss(self) -> Iterator[str]:
        """Yield who got too many mails in a day, and which mail was given too often."""
        digests: dict[tuple[str, date], set[str]] = {}
        for mark, to, day, statutory in self.given:
            if not statutory:
                digests.setdefault((to, day), set()).add(mark)
        for (to, day), marks in sorted(digests.items()):
            if len(marks) > 1:
                yield f"{len(marks)} mails in a day: {to}, {day}"
        for mark, times in Counter(one[0] for one in self.given).items():
            if times > 1 + self.in_doubt[mark]:
                yield f"a mail given {times} times: {mark}"


@dataclass(frozen=True, kw_only=True)
class Mortal(Workbench):
    """Where a worker does jobs and can be killed."""

    random: Random
    found: Found

    def strike(self, place: str) -> None:
        """Kill it here, now and then."""
        if self.random.random() < 0.01:
            self.found.met.add(place)
            raise Killed

    def take(self) -> Job | None:
        """Take a job."""
        job = super().take()
        if job is not None:
            self.strike("a job, when it was taken")
        return job

    def finish(self, job: Job, prepared: object) -> None:
        """Keep what was done, if it lives."""
        self.strike("a job, before anything was kept")
        database = self.database
        if isinstance(database, Fragile) and self.random.random() < 0.01:
            database.struck = True
            self.found.met.add("a job, before its end was kept")
        super().finish(job, prepared)
        self.strike("a job, after its end was kept")


@dataclass
class Year:
    """One province and its time."""

    database: Fragile
    key: SealingKey
    plan: Plan
    seed: int
    bench: type["Mortal"] = Mortal
    every_day: Callable[["Year"], None] = lambda _year: None
    found: Found = field(default_factory=Found)
    idle: set[str | None] = field(default_factory=set)  # suspended for nothing at the last look

    def __post_init__(self) -> None:
        """Bring the people and the workers in."""
        self.clock = Clock(self.plan.first)
        self.ids = Ids(clock=self.clock)
        self.known = workflows()
        self.random = Random(self.seed)  # noqa: S311  # a year that can be played again
        self.people = People(
            self.database, self.ids, self.known, self.plan, self.random, self.found
        )
        self.server = Server(self.clock, self.random, self.found)
        self.post = Post(self.server, "https://tham-dinh.example", DIGEST_AT)
        self.worker = self.another_worker()

    def play(self) -> Found:
        """Play it, and return what was wrong."""
        self.begin()
        last = self.plan.first + timedelta(days=self.plan.days - 1)
        for number in range(self.plan.days):
            day = self.plan.first + timedelta(days=number)
            self.live(day)
            if (day + timedelta(days=1)).day == 1 and day != last:
                self.look(day, LONGEST_SILENCE)
        self.look(last, None)
        self.look_once_more()
        return self.found

    def begin(self) -> None:
        """Write the calendar down and let everybody come."""
        at = f"{self.plan.first}T00:00:00.000000Z"
        with as_owner(self.database).writing() as connection:
            small_province(connection)
            told = {"code": "province", "name_vi": "Lịch", "name_en": "Calendar", "source": ""}
            span = {"first_day": "2026-01-01", "last_day": "2027-12-31", "entered_at": at}
            connection.execute(calendars.insert(), told | span)
            connection.execute(
                calendar_days.insert(),
                [
                    {
                        "calendar": "province",
                        "day": day.isoformat(),
                        "entered_at": at,
                        "kind": "closure",
                        "name_vi": "Nghỉ",
                        "name_en": "Closed",
                    }
                    for day in sorted(self.plan.closed)
                ],
            )
        self.people.settle()
        ask_to_reconcile(self.database, self.ids)

    def live(self, day: date) -> None:
        """Let one day pass."""
        is_worked = self.plan.is_worked(day)
        self.server.morning(day)
        for hour in HOURS if is_worked else HOURS[3:4]:
            if is_worked and hour > PEOPLE_ACT and self.clock.now.hour + 7 < PEOPLE_ACT:
                self.clock.stand_at(day, PEOPLE_ACT)
                self.people.befalls(day)
                self.people.work()
                self.every_day(self)
            self.clock.stand_at(day, hour)
            self.workers()

    def workers(self) -> None:
        """Let workers do what is due; where one is killed another comes once its lease is over."""
        done = True
        while done:
            try:
                ask_to_remind(self.database, self.known, self.ids)
                ask_to_mail(self.database, self.ids, self.post)
                done = False
                while self.next_job(self.worker):
                    done = True
            except Killed:
                if self.server.last is not None:  # nobody knows that it was given
                    self.server.in_doubt[self.server.last] += 1
                done = True
                self.worker = self.another_worker()
                self.clock.now += LEASE + timedelta(seconds=1)
            finally:
                self.database.struck = False

    def another_worker(self) -> Mortal:
        """Let a worker come, who knows nothing of what others did."""
        made = (
            works(self.database, self.known, self.ids, mailing=True)
            | works_of_mail(self.database, self.ids, self.post)
            | works_of_reminding(self.database, self.known, self.ids)
        )
        return self.bench(self.database, self.ids, made, random=self.random, found=self.found)

    def next_job(self, bench: Workbench) -> bool:
        """Do the job that is due longest; tell whether there was one."""
        self.server.last = None
        return bench.do_next()

    def look(self, day: date, most_silent: int | None) -> None:
        """Look at everything that must hold at the end of a month."""
        self.clock.stand_at(day, 20.5)
        ground_day = self.ids.today()
        with self.database.reading() as connection:
            gaps = untold(connection, self.known).gaps
            self.wrong(day, (f"a gap: {gap.on} to {gap.organisation}, {gap.at}" for gap in gaps))
            ground = Ground(connection, self.known, ground_day)
            whole = most_silent is None
            told = list(examine(ground, whole=whole))
            # Nobody resumes a case while everybody of the Board is away.
            idle = {one.case for one in told if one.ailment is Ailment.IDLE_PAUSE}
            settling = idle - self.idle if not whole else set()
            self.idle = idle
            self.wrong(
                day, (f"the doctor: {one.sentence}" for one in told if one.case not in settling)
            )
            lost = lost_and_doubled(connection, self.plan, LADDER, TERM, day)
            self.wrong(day, lost)
            self.wrong(day, told_wrongly(connection, self.people.workers))
            self.wrong(day, stuck(connection, day, most_silent))
        seal_checkpoint(self.database, self.key, self.ids)

    def look_once_more(self) -> None:
        """Look at what has to hold once everything is over."""
        self.wrong("in the end", self.server.amiss())
        with self.database.reading() as connection:
            check = check_history(connection, self.key.public)
            self.wrong("in the end", (f"does not hold: {one.what}" for one in check.broken))
            for sentence, wanted in _IN_THE_END.items():
                left = connection.scalar(text(wanted))
                self.wrong("in the end", [f"{sentence}: {left}"] if left else [])
            played = connection.scalar(text("SELECT count(*) FROM cases"))
            self.found.tried += int(played or 0)
            sent = {
                row.mail
                for row in connection.execute(
                    text("SELECT mail FROM mail_steps WHERE kind = 'sent'")
                )
            }
        given = {mark for mark, *_ in self.server.given}
        self.wrong("in the end", (f"a mail lost: {mark}" for mark in sorted(sent - given)))

    def wrong(self, when: object, lines: Iterable[str]) -> None:
        """Note what is not as it must be."""
        self.found.wrong += [f"seed {self.seed}, {when}: {line}" for line in lines]


# What must not be found once everything is over.
_IN_THE_END = {
    "jobs that were given up": "SELECT count(*) FROM jobs WHERE dead_at IS NOT NULL",
    "notices of which nobody decided whether to mail": (
        "SELECT count(*) FROM recipients WHERE by_mail IS NULL"
    ),
    "mails that tell of nothing, or notices mailed in none": (
        "SELECT (SELECT count(*) FROM recipients WHERE by_mail = 'mailed')"
        " - (SELECT count(*) FROM mail_notices)"
    ),
    "mails of which nothing became": (
        "SELECT count(*) FROM mails m WHERE NOT EXISTS (SELECT 1 FROM mail_steps s"
        " WHERE s.mail = m.handle AND s.kind IN ('sent', 'dropped'))"
    ),
}


def part(seed: int, wanted: int) -> Found:
    """Play a part of the province in a database of its own, on PostgreSQL where there is one."""
    server = os.environ.get(ADDRESS)
    with tempfile.TemporaryDirectory() as folder:
        url = f"sqlite:///{Path(folder) / 'vetting.sqlite'}"
        if server is not None:
            beside = create_database(make_url(server), f"year_{seed}")
            url = beside.render_as_string(hide_password=False)
        upgrade(url)
        return play(url, Path(folder), seed, Plan(FIRST, DAYS, wanted, closed=CLOSED))


def play(
    url: str,
    folder: Path,
    seed: int,
    plan: Plan,
    *,
    bench: type[Mortal] = Mortal,
    every_day: Callable[[Year], None] = lambda _year: None,
) -> Found:
    """Play a time in a migrated database; *bench* and *every_day* plant defects."""
    make_sealing_key(folder, "vetting/year")
    database = Fragile(url, purpose=Purpose.COMMAND)
    year = Year(database, read_sealing_key(folder), plan, seed, bench, every_day)
    found = year.play()
    database.close()
    return found


# ------------------------------------------------------------------ planted


@contextmanager
def not_written() -> Iterator[None]:
    """Plant a defect: one case in some is submitted, and the authority is not told."""
    give, seen = Book.give_notice, count(1)

    def forgetful(book: Book, key: str, on: str, *of: str) -> None:
        if on != "submit" or next(seen) % 5:
            give(book, key, on, *of)

    with patch.object(Book, "give_notice", forgetful):
        yield


@contextmanager
def written_twice() -> Iterator[None]:
    """Plant a defect: what was concluded is told twice."""
    give = Book.give_notice

    def eager(book: Book, key: str, on: str, *of: str) -> None:
        give(book, key, on, *of)
        if on == "conclude":
            give(book, f"{key}/again", on, *of)

    with patch.object(Book, "give_notice", eager):
        yield


class Careless(Mortal):
    """Plant a defect: what a job did is kept before it is written down that it is done."""

    def finish(self, job: Job, prepared: object) -> None:
        """Keep what was done, and be killed before the rest where it reminds."""
        with self.database.writing() as connection:
            self.works[job.kind].keep(connection, job, prepared)
        if job.kind == REMIND and job.attempts == 1:
            raise Killed
        with self.database.writing() as connection:
            end(connection, job, done_at=self.ids.now(), error=None)


@contextmanager
def reminded_anew() -> Iterator[None]:
    """Plant a defect: a reminder has another key each time it is written."""
    numbers = count()

    def anew(key: str, *of: str) -> dict[str, str]:
        return clock_notice(f"{key}/{next(numbers)}", *of)

    with patch("vetting.usecases.remind.clock_notice", anew):
        yield


@contextmanager
def mailed_whatever_came() -> Iterator[None]:
    """Plant a defect: the digest of a day is written although one of the day before comes late."""
    with patch("vetting.usecases.mail_notices.had_a_digest", lambda *_: set()):
        yield


def out_of_reach_by_night(year: Year) -> None:
    """Keep the mail server out of reach from the digest until the morning, each second day."""
    if year.people.today.toordinal() % 2:
        year.server.down_until = year.people.today + timedelta(days=1), 8.0


@contextmanager
def keeps_what_they_held() -> Iterator[None]:
    """Plant a defect: whoever leaves keeps the questions that they have in hand."""
    with patch("vetting.usecases.leave._hand_back", lambda *_: None):
        yield


def who_holds_leaves(year: Year) -> None:
    """Let somebody leave who has a question in hand, once."""
    people, left = year.people, "somebody who left with a question in hand"
    if left in year.found.met:
        return
    held = {row.officer for row in people.asked(consultations.c.officer.is_not(None))}
    for worker in people.workers:
        if worker.officer in held and worker.is_there(people.today):
            people.leaves(people.today, worker)
            year.found.met.add(left)
            return


def main() -> int:
    """Play all of it, a part of the province in each of two processes."""
    since = clock_of_the_machine.monotonic()
    wanted = int(sys.argv[1]) if len(sys.argv) > 1 else CASES
    found = apart(part, [(SEED + number, wanted // PARTS) for number in range(PARTS)])
    for place in sorted({*PLACES, *ACTS} - found.met):
        found.wrong.append(f"nobody was killed here: {place}")
    well = tell("cases of a year", found, at_least=wanted, since=since)
    say(f"  met: {', '.join(sorted(found.met))}")
    return 0 if well else 1


if __name__ == "__main__":
    sys.exit(main())
