"""The people of a province in a simulated year: who works where, who comes and who leaves.

They act from what lies before them, many cases at a time, as long as there are hours left. Now and
then the server is killed in the middle of an act, or its answer is lost on the way; then whoever
acted sends the same form once more.
"""

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from random import Random
from typing import Any

from sqlalchemy import ColumnElement, Connection, func, insert, select, update
from sqlalchemy.event import listen

from tests.builders import (
    ALWAYS,
    BODIES,
    REGULATION,
    add_officer,
    add_organisation,
    as_owner,
    proved,
    sent,
)
from tests.proofs.running import Found
from vetting.commands.playing import batches, drafts_of, opinion_by_lot
from vetting.engine.ailments import Remedy
from vetting.engine.policy import Action, Principal
from vetting.engine.reading import Definitions
from vetting.engine.refusals import Refusal
from vetting.engine.vocabulary import CaseType, Kind, Role
from vetting.lists import GoodRow, ReadList
from vetting.records.cases import cases
from vetting.records.consultations import IS_OPEN, consultations
from vetting.records.database import Database, Standing
from vetting.records.identity import Ids
from vetting.records.legal_bases import regulation_bodies
from vetting.records.officers import officers
from vetting.records.organisations import organisations, successions
from vetting.records.passwords import Passwords
from vetting.records.stranding import Stranding
from vetting.usecases.check_completeness import accept_cases, return_case, take_up_cases
from vetting.usecases.conclude import Conclusion, conclude_cases
from vetting.usecases.desk import Answer, Desk
from vetting.usecases.draft_opinion import draft_opinions
from vetting.usecases.file_case import Request, file_case, refile_case
from vetting.usecases.file_list import Covering, Taken, file_list
from vetting.usecases.interrupt_case import (
    resume_case,
    suspend_case,
    take_back_consultation,
    withdraw_case,
)
from vetting.usecases.issue_consultations import Asking, issue_consultations
from vetting.usecases.keep_officers import Assignment, Keeper, NewOfficer, create_officer
from vetting.usecases.leave import disable_officer
from vetting.usecases.look import look
from vetting.usecases.open_notice import open_all_notices
from vetting.usecases.propose import propose, submit_proposals
from vetting.usecases.receive_consultation import assign_consultations, receive_consultations
from vetting.usecases.record_absence import Absence, record_absence
from vetting.usecases.record_fact import record_fact
from vetting.usecases.repair_case import repair_case
from vetting.usecases.sign_opinion import sign_opinions
from vetting.usecases.tell_outcome import close_cases, notify_units

UNITS, BOARD, AUTHORITY = ("so-y-te", "so-noi-vu"), "ban-to-chuc", "thuong-truc"
DISSOLVED, SUCCESSOR, GONE = BODIES[2], "thue-moi", BODIES[1]
ADMINISTRATOR = "quan-tri"
# After which part of the time which of all cases come in on one day: a half, then a quarter.
BURSTS = {0.15: 2, 0.6: 4}
THURSDAY = 3  # on which the authority meets
OPEN = ("asked", "received", "drafting", "ready")
_c, _k = consultations.c, cases.c


class Killed(BaseException):
    """The process in which something was done is there no more."""


class Fragile(Database):
    """A database whose program can be killed before it has kept what it wrote."""

    struck = False

    def __init__(self, *told: Any, **named: Any) -> None:
        super().__init__(*told, **named)
        # The machine itself does not fall: what is kept need not be on the disk at once.
        sqlite = self.engine.dialect.name == "sqlite"
        listen(self.engine, "connect", _without_waiting if sqlite else _without_waiting_there)

    @contextmanager
    def writing(
        self, connection: Connection | None = None, standing: Standing = None
    ) -> Iterator[Connection]:
        """Keep what the block writes, unless it is struck."""
        with super().writing(connection, standing) as ready:
            yield ready
            if connection is None and self.struck:
                self.struck = False
                raise Killed


def _without_waiting(connection: Any, _entry: object) -> None:
    connection.execute("PRAGMA synchronous=OFF")


def _without_waiting_there(connection: Any, _entry: object) -> None:
    connection.execute("SET synchronous_commit = off")
    connection.commit()


class Clock:
    """A clock that is set, and goes on by itself a little at every look."""

    def __init__(self, first: date) -> None:
        self.now = datetime(first.year, first.month, first.day, tzinfo=UTC)

    def __call__(self) -> datetime:
        """Return the moment, a little later than the one before."""
        self.now += timedelta(milliseconds=1)
        return self.now

    def stand_at(self, day: date, hour: float) -> None:
        """Go on to an hour of a day, as it is in the province."""
        begins = datetime(day.year, day.month, day.day, tzinfo=UTC)
        self.now = max(self.now, begins + timedelta(hours=hour - 7))


@dataclass
class Worker:
    """Somebody who works somewhere, from a day on, and perhaps until one."""

    officer: str
    organisation: str
    role: Role
    first: date
    last: date | None = None  # the last day on which they are let in
    away: list[tuple[date, date]] = field(default_factory=list)

    def is_there(self, day: date) -> bool:
        """Tell whether they work on a day."""
        away = any(first <= day <= last for first, last in self.away)
        return self.first <= day and self.last is None and not away


@dataclass
class Plan:
    """How much is filed when, and what befalls the people."""

    first: date
    days: int
    wanted: int  # cases
    to_end: int = 60  # days in the end in which nothing comes in any more
    to_answer: int = 10  # working days that the Board gives the bodies
    closed: frozenset[date] = frozenset()

    @property
    def span(self) -> int:
        """The days in which cases come in; after them there is time to end what was begun."""
        return max(1, self.days - self.to_end)

    def day(self, part: float) -> date:
        """Return the first working day after a part of the days in which cases come in."""
        day = self.first + timedelta(days=int(self.span * part))
        while not self.is_worked(day):
            day += timedelta(days=1)
        return day

    def is_worked(self, day: date) -> bool:
        """Tell whether people work on a day."""
        return day.weekday() < 5 and day not in self.closed  # not Saturday

    def worked(self, day: date, count: int) -> date:
        """Return the working day so many working days after a day, or before it."""
        ahead = timedelta(days=1 if count > 0 else -1)
        for _ in range(abs(count)):
            day += ahead
            while not self.is_worked(day):
                day += ahead
        return day

    def ends_on(self, part: float) -> date:
        """Return the day on which a body ends, some days after a burst, so that it owes much.

        It is never the last working day of a month: by the end of one somebody was there to hand
        on what it left behind.
        """
        day = self.worked(self.day(part), 4)
        while self.worked(day, 1).month != day.month:
            day = self.worked(day, 1)
        return day

    def filed_on(self, day: date) -> int:
        """Return how many cases come in on a working day: few on most, very many on two."""
        every = (self.first + timedelta(days=number) for number in range(self.span))
        days = [one for one in every if self.is_worked(one)]
        bursts = {one: self.wanted // share for one, share in BURSTS.items()}
        count = sum(many for one, many in bursts.items() if day == self.day(one))
        if day in days:
            left, place = self.wanted - sum(bursts.values()), days.index(day)
            count += left * (place + 1) // len(days) - left * place // len(days)
        return count


@dataclass
class People:
    """Everybody who acts, and what they do on a day."""

    database: Fragile
    ids: Ids
    definitions: Definitions
    plan: Plan
    random: Random
    found: Found
    workers: list[Worker] = field(default_factory=list)
    bodies: list[str] = field(default_factory=lambda: list(BODIES))
    filed: int = 0
    to_file: int = 0
    passwords: Passwords = field(default_factory=Passwords)

    def settle(self) -> None:
        """Give every organisation a second officer, and everybody an address for mail."""
        with as_owner(self.database).writing() as connection:
            add_officer(connection, ADMINISTRATOR, BOARD, Role.ADMINISTRATOR)
            for row in connection.execute(select(officers.c.handle)).all():
                organisation, _, kind = row.handle.partition("/")
                role = {
                    "co1": Role.CASE_OFFICER,
                    "bo1": Role.BOARD_OFFICER if organisation == BOARD else Role.BODY_OFFICER,
                    "bh1": Role.BOARD_HEAD,
                    "bs1": Role.BODY_SIGNER,
                    "s1": Role.SECRETARY,
                }.get(kind)
                if role is not None and organisation != "uy-ban-kiem-tra":
                    first = self.plan.first
                    self.workers.append(Worker(row.handle, organisation, role, first))
        for organisation in (*UNITS, BOARD, *BODIES):
            for role in (Role.CASE_OFFICER, Role.BOARD_OFFICER, Role.BODY_OFFICER):
                if self.those(organisation, role, self.plan.first):
                    self.comes(organisation, role, self.plan.first)
        self._addresses()

    def comes(self, organisation: str, role: Role, day: date) -> Worker:
        """Enter somebody new."""
        number = len(self.workers) + 1
        made = Assignment(role, organisation)
        keeper = Keeper(self.database, self.ids, None)
        new = NewOfficer(f"moi{number}", f"Cán bộ mới {number}", None, (made,))
        worker = Worker(create_officer(keeper, self.passwords, new), organisation, role, day)
        self.workers.append(worker)
        self._addresses()
        return worker

    def _addresses(self) -> None:
        """Write down a mail address of everybody."""
        with as_owner(self.database).writing() as connection:
            name = func.replace(officers.c.handle, "/", ".")
            connection.execute(update(officers).values(mail_address=name + "@tinh.example"))

    # -------------------------------------------------------------- who

    def those(self, organisation: str, role: Role, day: date) -> list[Worker]:
        """Return those who are at work somewhere on a day."""
        return [
            one
            for one in self.workers
            if (one.organisation, one.role) == (organisation, role) and one.is_there(day)
        ]

    def desk(self, worker: Worker) -> Desk:
        """Return where somebody acts."""
        who = Principal(worker.officer, worker.officer, worker.role, worker.organisation, "s")
        return Desk(proved(who), self.database, self.definitions, self.ids, proved_for=ALWAYS)

    def some(self, organisation: str, role: Role) -> Desk | None:
        """Return the desk of one of those who are there."""
        there = self.those(organisation, role, self.today)
        return self.desk(self.random.choice(there)) if there else None

    @property
    def today(self) -> date:
        """The legal day."""
        return date.fromisoformat(self.ids.today())

    def do(self, act: Callable[..., Answer], desk: Desk, *told: Any, **named: Any) -> Answer:
        """Act, once; where the server was killed or the answer was lost, with the form again."""
        form, lot = sent(), self.random.random()
        if lot < 0.03:
            self.database.struck = True
            try:
                act(desk, form, *told, **named)
            except Killed:
                self.found.met.add("an act, before it was kept")
            self.database.struck = False
        answer = act(desk, form, *told, **named)
        if lot > 0.97:
            self.found.met.add("an act, before it was answered")
            if act(desk, form, *told, **named) != answer:
                self.found.wrong.append(f"{act.__name__} sent again was answered otherwise")
        if answer.get("refused"):
            self.found.wrong.append(f"{act.__name__} refused: {str(answer['refused'])[:200]}")
        return answer

    # ------------------------------------------------------------- what

    def work(self) -> None:
        """Do what a working day brings."""
        day = self.today
        self.units(day)
        self.board(day)
        for body in self.bodies:
            self.body(body, day)
        if day.weekday() == THURSDAY:
            self.authority()
        for worker in self.workers:
            if worker.is_there(day) and self.random.random() < 0.3:
                open_all_notices(self.desk(worker), self.ids.now())

    def units(self, day: date) -> None:
        """File what is to be filed: lists, single cases, and what was returned."""
        self.to_file += self.plan.filed_on(day)
        while self.to_file:
            desk = self.some(self.random.choice(UNITS), Role.CASE_OFFICER)
            if desk is None:
                break  # nobody is there: it is filed on another day
            some = min(self.to_file, self.random.choice((1, 25, 200)), 500)
            self.file(desk, some)
            self.to_file -= some
        for case in self.in_state("returned"):
            desk = self.of_unit(case)
            if desk is not None:
                self.do(refile_case, desk, case, self.request(), "Đã bổ sung")
        open_now = self.in_state("checking", "accepted", "consulting")
        if self.random.random() < min(0.1, 0.003 * len(open_now)):
            case = self.random.choice(open_now)
            desk = self.of_unit(case)
            if desk is not None:
                self.do(withdraw_case, desk, case, "Đơn vị rút hồ sơ")

    def of_unit(self, case: str) -> Desk | None:
        """Return the desk of somebody in the unit of a case."""
        with self.database.reading() as connection:
            unit = connection.scalar(select(_k.unit).where(_k.handle == case))
        return self.some(str(unit), Role.CASE_OFFICER)

    def request(self) -> Request:
        """Return what a unit asks for somebody, each of another name and post."""
        self.filed += 1
        return Request(
            CaseType.PLANNING, f"Nguyễn {_letters(self.filed)}", "1975-03-02", "Phó Giám đốc"
        )

    def file(self, desk: Desk, count: int) -> None:
        """File so many cases, in a list where they are several."""
        people = [self.request() for _ in range(count)]
        if count == 1:
            self.do(file_case, desk, people[0])
            return
        rows = tuple(
            GoodRow(place, one.name, one.born, one.target) for place, one in enumerate(people, 1)
        )
        taken = Taken("ds.csv", f"{self.filed:064}", ReadList("csv", None, rows, ()))
        self.do(file_list, desk, taken, Covering(CaseType.PLANNING))

    def board(self, day: date) -> None:
        """Check, ask, assemble, propose, tell, close; mend what dissolved bodies left behind."""
        desk, head = self.some(BOARD, Role.BOARD_OFFICER), self.some(BOARD, Role.BOARD_HEAD)
        if desk is None or head is None:
            return
        self.repair(head)
        self.check(desk, day)
        self.interrupt(desk)
        for some in batches(self.in_state("assembling")):
            self.do(propose, desk, some, "meets", "Không có ý kiến khác.")
        self.each(submit_proposals, head, "proposed")
        self.each(notify_units, desk, "concluded")
        if day.weekday() == THURSDAY - 3:
            for some in batches(self.in_state("notified")):
                told_on = {"told_on": day.isoformat(), "how": "Bằng văn bản"}
                self.do(record_fact, desk, some, "candidate_told", told_on)
                self.do(close_cases, desk, some)

    def check(self, desk: Desk, day: date) -> None:
        """Take up what came in, return what is not complete, and ask the bodies about the rest."""
        self.each(take_up_cases, desk, "filed")
        back = [case for case in self.in_state("checking") if self.random.random() < 0.01]
        for case in back:
            self.do(return_case, desk, case, "Thiếu", ("Lý lịch",))
        for some in batches(self.in_state("checking")):
            told = {"authority": AUTHORITY, "authority_reason": "Phân cấp quản lý"}
            self.do(accept_cases, desk, some, **told)
        due = self.plan.worked(day, self.plan.to_answer).isoformat()
        for some in batches(self.in_state("accepted")):
            self.do(issue_consultations, desk, some, Asking(due_on=due))

    def interrupt(self, desk: Desk) -> None:
        """Let a few cases stand still, and take them up again some days later."""
        late = self.today.day > 20  # by the end of a month nothing stands still without need
        for case in self.in_state("suspended"):
            if late or self.random.random() < 0.3:
                self.do(resume_case, desk, case, "Tiếp tục")
        for case in self.in_state("assembling"):
            if not late and self.random.random() < 0.01:
                self.do(suspend_case, desk, case, "Chờ")

    def each(self, act: Callable[..., Answer], desk: Desk, state: str) -> None:
        """Do something with every case in a state."""
        for some in batches(self.in_state(state)):
            self.do(act, desk, some)

    def repair(self, head: Desk) -> None:
        """Ask the successor of a body that has ended, or nobody in its place."""
        for body, last in self.ended:
            if self.today <= last:
                continue
            with self.database.reading() as connection:
                asked = select(_c.case_handle).where(_c.body == SUCCESSOR)
                has_it = set(connection.scalars(asked))
            for row in self.asked(_c.body == body):
                case, one = row.case_handle, row.handle
                if body == DISSOLVED and case not in has_it:
                    self.do(repair_case, head, case, Remedy.REDIRECT, one, "Đã có cơ quan mới")
                else:
                    self.do(take_back_consultation, head, case, one, "Cơ quan đã giải thể")

    def authority(self) -> None:
        """Conclude whatever was submitted."""
        desk = self.some(AUTHORITY, Role.SECRETARY)
        if desk is not None:
            said = Conclusion("meets", "Đủ tiêu chuẩn.", self.ids.today())
            for some in batches(self.in_state("submitted")):
                self.do(conclude_cases, desk, some, said)

    def body(self, body: str, day: date) -> None:
        """Receive, share out, draft and sign, as much as a day allows."""
        drafters = self.those(body, Role.BODY_OFFICER, day)
        a_day = max(2, self.plan.wanted // 60)  # what one of them gets done
        open_now = self.asked(_c.body == body, "received", "drafting")
        new = [row.handle for row in self.asked(_c.body == body, "asked")]
        for desk in map(self.desk, drafters[:1]):
            for some in batches(new):
                self.do(receive_consultations, desk, some)
        free = [row.handle for row in open_now if row.officer is None]
        for worker in drafters:
            desk, mine = self.desk(worker), worker.officer
            held = [row.handle for row in open_now if row.officer == mine]
            chosen = [*held, *free][:a_day]
            free = [one for one in free if one not in set(chosen)]
            if chosen:
                drafts = [(one, opinion_by_lot(self.random)) for one in chosen]
                self.do(draft_opinions, desk, drafts)
            share = max(1, a_day // 4)
            shared, new = new[:share], new[share:]
            if shared:
                self.do(assign_consultations, desk, shared, mine)
        signers = self.those(body, Role.BODY_SIGNER, day)
        for desk in map(self.desk, signers[:1]):
            ready = [row.handle for row in self.asked(_c.body == body, "ready")]
            for some in batches(ready[: a_day * 3]):
                with self.database.reading() as connection:
                    texts = drafts_of(connection, some)
                opened = [(case, one, text) for one, (case, text) in texts.items()]
                look(desk, Action.SIGN_OPINION, texts=opened)
                self.do(sign_opinions, desk, {one: text for one, (_, text) in texts.items()})

    def in_state(self, *states: str) -> list[str]:
        """Return the cases that stand in some states, in the order in which they came."""
        with self.database.reading() as connection:
            wanted = select(_k.handle).where(_k.state.in_(states)).order_by(_k.reference)
            return list(connection.scalars(wanted))

    def asked(self, where: ColumnElement[bool], *states: str) -> Sequence[Any]:
        """Return open questions, in the order of their cases."""
        with self.database.reading() as connection:
            return connection.execute(
                select(_c.handle, _c.case_handle, _c.officer)
                .join(cases, _k.handle == _c.case_handle)
                .where(
                    where,
                    _c.state.in_(states or OPEN),
                    _k.state == "consulting",
                    IS_OPEN,
                )
                .order_by(_k.reference)
            ).all()

    # ---------------------------------------------- who comes and who goes

    ended: list[tuple[str, date]] = field(default_factory=list)

    def befalls(self, day: date) -> None:
        """Let somebody leave or be away, or a body end, as the plan has it."""
        first, second = map(self.plan.ends_on, BURSTS)
        if day == first:
            self.ends(DISSOLVED, day, SUCCESSOR)
        if day == second:
            self.ends(GONE, day, None)
        if self.random.random() < max(0.06, 4 / self.plan.days):
            self.leaves(day)
        if self.random.random() < max(0.06, 4 / self.plan.days):
            self.is_away(day)

    def ends(self, body: str, day: date, successor: str | None) -> None:
        """Dissolve a body with the end of a day, as a newly loaded register says."""
        with as_owner(self.database).writing() as connection:
            connection.execute(
                update(organisations)
                .where(organisations.c.code == body)
                .values(valid_to=day.isoformat())
            )
            if successor is not None:
                add_organisation(connection, successor, Kind.CONSULTED_BODY)
                connection.execute(
                    insert(successions),
                    {"predecessor": body, "successor": successor, "from_date": day.isoformat()},
                )
                connection.execute(
                    insert(regulation_bodies),
                    {"regulation": REGULATION, "body": successor, "position": 9},
                )
        self.ended.append((body, day))
        self.bodies.remove(body)
        if successor is not None:
            self.bodies.append(successor)
            for role, mark in ((Role.BODY_OFFICER, "bo1"), (Role.BODY_SIGNER, "bs1")):
                self.workers.append(Worker(f"{successor}/{mark}", successor, role, day))
            self.comes(successor, Role.BODY_OFFICER, day)

    def leaves(self, day: date, worker: Worker | None = None) -> None:
        """Let somebody go; where that would leave a step to nobody, somebody else comes first."""
        there = [one for one in self.workers if one.is_there(day)]
        worker = worker or self.random.choice(there)
        admin = Principal(ADMINISTRATOR, "Quản trị", Role.ADMINISTRATOR, BOARD, "s")
        keeper = Keeper(self.database, self.ids, None, named=admin)
        try:
            disable_officer(keeper, self.definitions, worker.officer)
        except Stranding:
            self.found.met.add("somebody who could not leave yet")
            self.comes(worker.organisation, worker.role, day)
            disable_officer(keeper, self.definitions, worker.officer)
        worker.last = day
        self.found.met.add("somebody who left")
        ended = worker.organisation in {body for body, _ in self.ended}
        if not ended and not self.those(worker.organisation, worker.role, day):
            self.comes(worker.organisation, worker.role, day)

    def is_away(self, day: date) -> None:
        """Let somebody be away for some days, where that leaves no step to nobody."""
        worker = self.random.choice([one for one in self.workers if one.is_there(day)])
        last = day + timedelta(days=self.random.randrange(1, 10))
        absence = Absence(worker.officer, day.isoformat(), last.isoformat())
        try:
            record_absence(
                self.database,
                self.ids,
                self.definitions,
                self.desk(worker).principal,
                absence,
                proved_for=ALWAYS,
            )
        except Stranding:
            self.found.met.add("somebody who could not be away")
        except Refusal as refusal:
            self.found.wrong.append(f"an absence was refused: {refusal}")
        else:
            worker.away.append((day, last))
            self.found.met.add("somebody who was away")


def _letters(number: int) -> str:
    return "".join("abcdefghij"[int(digit)] for digit in f"{number:05}").title()
