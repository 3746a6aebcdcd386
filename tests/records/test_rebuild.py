"""Every row follows from the entries: after any run of acts, and a row that does not is named."""

import json
from collections import Counter
from dataclasses import replace
from datetime import date, timedelta
from random import Random
from unicodedata import normalize

import pytest
from sqlalchemy import select, update

from tests.builders import (
    BODIES,
    Cast,
    add_officer,
    as_owner,
    officer_of,
    opinion,
    request,
    sent,
)
from tests.records.conftest import province
from tests.usecases.test_amend import BASIS, enter_basis
from vetting.engine.amend import Decision
from vetting.engine.facts import FACTS
from vetting.engine.more_time import Wanted
from vetting.engine.policy import Action
from vetting.engine.questions import Question, Reply
from vetting.engine.refusals import Refusal
from vetting.engine.vocabulary import AmendmentKind, CaseType, Ground, Role, Verdict
from vetting.queries.history_check import check_history
from vetting.records.cases import cases
from vetting.records.consultations import IS_OPEN, consultations
from vetting.records.history import entries
from vetting.records.letters import letters
from vetting.records.log_nodes import log_nodes
from vetting.records.officers import role_assignments
from vetting.records.rebuild import COUNTED, NOT_REBUILT, PROJECTIONS, Compared, compare
from vetting.records.sealing_key import make_sealing_key, read_sealing_key
from vetting.records.submissions import submissions
from vetting.records.tables import METADATA
from vetting.records.tallies import tallies
from vetting.usecases.amend import amend_conclusion
from vetting.usecases.ask_unit import (
    answer_questions,
    ask_clarification,
    close_questions,
    decline_clarification,
    put_questions,
)
from vetting.usecases.check_completeness import accept_cases, return_case, take_up_cases
from vetting.usecases.conclude import Conclusion, conclude_cases, return_proposal
from vetting.usecases.draft_opinion import draft_and_pass_on, draft_opinion, pass_opinions_on
from vetting.usecases.file_case import change_draft, draft_case, file_draft, refile_case
from vetting.usecases.give_more_time import answer_more_time, ask_more_time
from vetting.usecases.interrupt_case import (
    resume_case,
    suspend_case,
    take_back_consultation,
    withdraw_case,
)
from vetting.usecases.issue_consultations import Asking, issue_consultations
from vetting.usecases.keep_record import hold_record, lift_hold
from vetting.usecases.look import look
from vetting.usecases.propose import propose, rework_proposal, submit_proposals
from vetting.usecases.receive_consultation import assign_consultations, receive_consultations
from vetting.usecases.record_fact import record_fact
from vetting.usecases.recuse import recuse_oneself
from vetting.usecases.restrict_case import restrict_case
from vetting.usecases.seal_checkpoint import seal_checkpoint
from vetting.usecases.sign_opinion import (
    countersign_opinion,
    send_opinions_back,
    sign_opinion,
    sign_opinions,
)
from vetting.usecases.tell_outcome import close_cases, notify_units

# Facts that need twenty years, schedules, another calendar or a package made of pages: their own
# tests compare after them.
NOT_WALKED = {
    *("disposal.approved", "disposal.asked", "disposal.refused"),
    *("record.classed", "deadlines.moved", "time.moved", "clock.went_back"),
    *("request.recorded", "request.acknowledged", "request.prepared", "request.sent_back"),
    *("request.answered", "request.refused", "request.extended"),
    "request.handed_over",
    # What was signed is amended by people that the walk does not have: test_amend.py compares.
    *("amendment.drafted", "amendment.countersigned", "amendment.refused", "amendment.announced"),
    *("amendment.candidate_told", "opinion.amended", "conclusion.amended"),
}


class Walk:
    """Acts chosen at random, as the people of a small province might do them."""

    def __init__(self, cast, seed):
        self.cast = cast
        self.random = Random(seed)  # noqa: S311  # a walk that can be walked again
        self.done = Counter()

    def name(self):
        name = self.random.choice(("Nguyễn Thị Ân", "Đặng Văn Đức", "Hồ Quỳnh", "Lê Ý"))
        return normalize(self.random.choice(("NFC", "NFD")), name)

    def request(self):
        kind = self.random.choice((CaseType.PLANNING, CaseType.PROMOTION, CaseType.ROTATION))
        born = self.random.choice(("1975-03-02", "1980"))
        return request(name=self.name(), case_type=kind, born=born, position=self.name())

    def opinion(self):
        verdict = self.random.choice(list(Verdict))
        conditions = (f"Điều kiện {self.name()}",) if verdict is Verdict.CONDITIONS else ()
        reasons = f"Lý do\n\u0303 {self.random.randrange(3)} {self.name()}"
        return opinion(verdict, reasons, conditions=conditions, evidence=(self.name(),))

    def step(self):
        """Do one act that the present state may allow; what is refused leaves nothing behind."""
        with self.cast.database.reading() as connection:
            row = self.pick(connection.execute(select(cases.c.handle, cases.c.state)).all())
        if row is None or self.random.random() < 0.04:
            acts = [lambda: draft_case(self.cast.unit, sent(), self.request())]
        else:
            acts = self.acts(row.handle, row.state)
        if acts:
            try:
                self.random.choice(acts)()
            except Refusal as refusal:
                self.done[type(refusal).__name__] += 1

    def pick(self, found):
        open_now = [row for row in found if row.state not in ("closed", "withdrawn")]
        return self.random.choice(open_now) if open_now else None

    def acts(self, case, state):
        cast, one = self.cast, [case]
        board = self.random.choice((cast.board, cast.head))
        if self.random.random() < 0.03:
            return [lambda: self.hold_or_lift(case)]
        if state in {"checking", "consulting", "assembling"} and self.random.random() < 0.06:
            return [lambda: self.ask_or_answer(case, state)]
        if state == "consulting" and self.random.random() < 0.95:
            return self.answers(case)
        many = {
            "consulting": [],
            "draft": [
                lambda: change_draft(cast.unit, sent(), case, self.request()),
                lambda: file_draft(cast.unit, sent(), case),
            ],
            "filed": [lambda: take_up_cases(board, sent(), one)],
            "checking": [
                lambda: return_case(board, sent(), case, "Thiếu", ("Lý lịch", self.name())),
                *[lambda: self.accept(board, case)] * 3,
            ],
            "returned": [
                lambda: refile_case(cast.unit, sent(), case, self.request(), "Đã bổ sung")
            ],
            "accepted": [lambda: self.issue(board, case)] * 3,
            "assembling": [
                lambda: self.issue(board, case),
                lambda: return_case(board, sent(), case, "Thiếu", ("Lý lịch",)),
                *[lambda: propose(cast.board, sent(), one, "does_not_meet", self.name())] * 4,
            ],
            "proposed": [
                lambda: rework_proposal(cast.head, sent(), case, "Viết lại"),
                *[lambda: submit_proposals(cast.head, sent(), one)] * 4,
            ],
            "submitted": [
                lambda: return_proposal(cast.secretary, sent(), case, "Chưa rõ"),
                lambda: record_fact(board, sent(), one, "hearing_absent", {"reason": self.name()}),
                *[lambda: self.conclude(case)] * 4,
            ],
            "concluded": [lambda: notify_units(board, sent(), one)],
            "notified": [
                lambda: self.tell(board, case),
                lambda: close_cases(board, sent(), one),
            ],
            "suspended": [lambda: resume_case(board, sent(), case, "Tiếp tục")],
        }[state]
        interrupting = [
            lambda: suspend_case(board, sent(), case, "Chờ"),
            lambda: withdraw_case(cast.unit, sent(), case, "Rút"),
        ]
        return many if many and self.random.random() < 0.95 else interrupting

    def hold_or_lift(self, case):
        with self.cast.database.reading() as connection:
            [holds] = connection.scalars(select(cases.c.holds).where(cases.c.handle == case))
        if held := json.loads(holds):
            lift_hold(self.cast.head, sent(), case, held[0], self.name())
        else:
            hold_record(self.cast.head, sent(), case, self.name())

    def accept(self, board, case):
        accept_cases(board, sent(), [case], authority="thuong-truc", authority_reason=self.name())

    def issue(self, board, case):
        out = {body: "Không liên quan" for body in BODIES if self.random.random() < 0.2}
        issue_consultations(
            board, sent(), [case], Asking(left_out=out, reason="Hỏi", due_on="2026-12-01")
        )

    def conclude(self, case):
        outcome = self.random.choice(("meets", "does_not_meet", "not_concluded"))
        said = Conclusion(outcome, self.name(), "2026-01-05", "12-KL/TU", 9, 0, 1)
        conclude_cases(self.cast.secretary, sent(), [case], said)

    def tell(self, board, case):
        record_fact(
            board, sent(), [case], "candidate_told", {"told_on": "2026-01-06", "how": self.name()}
        )

    def answers(self, case):
        cast = self.cast
        with cast.database.reading() as connection:
            c = consultations.c
            rows = connection.execute(
                select(c.handle, c.body, c.state, c.draft_hash, c.due_on, c.time_until).where(
                    c.case_handle == case, c.state.not_in(["signed", "withdrawn"])
                )
            ).all()
        asked = self.random.choice(rows)
        one, body, text = asked.handle, asked.body, asked.draft_hash
        drafter, signer = cast.drafter(body), cast.signer(body)
        if asked.state == "ready":
            look(signer, Action.SIGN_OPINION, texts=[(case, one, text)])
            return [
                lambda: countersign_opinion(signer, sent(), one, text),
                lambda: send_opinions_back(signer, sent(), [one], "Sửa"),
                lambda: sign_opinion(signer, sent(), one, text),
                lambda: sign_opinions(signer, sent(), {one: text}),
            ]
        colleague = signer.principal.officer
        drafts = [
            lambda: draft_opinion(drafter, sent(), one, self.opinion()),
            lambda: pass_opinions_on(drafter, sent(), [one]),
            lambda: draft_and_pass_on(drafter, sent(), one, self.opinion()),
            lambda: assign_consultations(drafter, sent(), [one], colleague),
            lambda: receive_consultations(drafter, sent(), [one]),
        ]
        if self.random.random() < 0.15:
            return [lambda: self.more_time(case, asked)]
        if self.random.random() < 0.05:
            drafts = [lambda: take_back_consultation(cast.board, sent(), case, one, "Thôi hỏi")]
        return drafts

    def ask_or_answer(self, case, state):
        """Ask the unit, answer for it, wait no longer, or have a body want something clear."""
        board, unit = self.cast.board, self.cast.unit
        with self.cast.database.reading() as connection:
            c = cases.c
            left = json.loads(
                connection.scalar(select(c.open_questions).where(c.handle == case)) or "{}"
            )
            k = consultations.c
            asked = connection.execute(
                select(k.handle, k.body, k.clarify).where(k.case_handle == case, IS_OPEN)
            ).first()
        if left and self.random.random() < 0.7:
            [(number, places), *_] = left.items()
            if self.random.random() < 0.3:
                return close_questions(board, sent(), case, int(number), "Thôi chờ")
            said = {places[0]: Reply(self.name())}
            return answer_questions(unit, sent(), case, int(number), said)
        if state == "consulting" and asked and self.random.random() < 0.6:
            if asked.clarify is None:
                desk = self.cast.drafter(asked.body)
                return ask_clarification(desk, sent(), asked.handle, [self.name()], "Để rõ")
            if self.random.random() < 0.5:
                return decline_clarification(board, sent(), case, asked.handle, "Đã có")
            questions = [Question(self.name()), Question("Ở đâu?")]
            return put_questions(board, sent(), case, questions, "Rõ", clarifies=asked.handle)
        return put_questions(board, sent(), case, [Question("Gì?"), Question("Ai?")], "Rõ")

    def more_time(self, case, asked):
        """Ask for more time, or answer who did."""
        if asked.time_until is None:
            until = (
                date.fromisoformat(asked.due_on or "2026-01-01") + timedelta(days=2)
            ).isoformat()
            return ask_more_time(
                self.cast.drafter(asked.body), sent(), asked.handle, Wanted(until=until), "Chờ"
            )
        gives = self.random.random() < 0.7
        return answer_more_time(
            self.cast.board, sent(), case, asked.handle, gives=gives, reason="Được"
        )


def walk(cast, seed, steps):
    walked = Walk(cast, seed)
    for _ in range(steps):
        walked.step()
    with cast.database.reading() as connection:
        return Counter(connection.scalars(select(entries.c.verb)))


def differences(database):
    with database.reading() as connection:
        return [str(difference.sentence) for difference in compare(connection)]


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_after_any_run_of_acts_every_row_is_what_the_entries_say(database, tmp_path, seed):
    sqlite = database.engine.dialect.name == "sqlite"
    verbs = walk(Cast(database), seed, 600 if sqlite else 200)
    assert differences(database) == []
    make_sealing_key(tmp_path, "vetting/test")
    key = read_sealing_key(tmp_path)
    assert seal_checkpoint(database, key).added == verbs.total()
    with database.reading() as connection:
        check = check_history(connection, key.public)
    assert (check.holds, check.entries, check.waiting) == (True, verbs.total(), 0)
    if sqlite:
        # The walk comes to most of the facts that there are.
        assert len(FACTS.keys() - verbs.keys() - NOT_WALKED) <= len(FACTS) // 4


def test_a_text_in_two_spellings_is_kept_in_one(cast):
    name = normalize("NFD", "Hồ Quỳnh Thưởng")
    case = cast.filed(name=name, target=normalize("NFD", "Trưởng phòng"))
    with cast.database.reading() as connection:
        row = connection.execute(
            select(cases.c.name, cases.c.target).where(cases.c.handle == case)
        ).one()
    assert tuple(row) == (normalize("NFC", name), "Trưởng phòng")
    assert differences(cast.database) == []


def test_a_draft_that_becomes_another_act_is_another_act_in_its_row(cast):
    case = draft_case(cast.unit, sent(), request())["case"]
    change_draft(cast.unit, sent(), case, request(case_type=CaseType.PROMOTION))
    with cast.database.reading() as connection:
        kind = connection.scalar(select(cases.c.case_type).where(cases.c.handle == case))
    assert kind == "promotion"
    file_draft(cast.unit, sent(), case)
    assert differences(cast.database) == []


def test_a_name_may_stand_again_under_a_text_that_was_sent_back(cast):
    case = cast.consulting()
    one = cast.asked(case)["thue"]
    text = cast.ready(case, one, "thue")
    signer = cast.signer("thue")
    countersign_opinion(signer, sent(), one, text)
    send_opinions_back(signer, sent(), [one], "Xem lại")
    pass_opinions_on(cast.drafter("thue"), sent(), [one])
    countersign_opinion(signer, sent(), one, text)
    with cast.database.reading() as connection:
        names = connection.exec_driver_sql("SELECT officer, kind, hash FROM sign_offs").all()
    assert [tuple(name) for name in names] == [("thue/bs1", "countersign", text)] * 2
    assert differences(cast.database) == []


def changed(value):
    if value is None:
        return "x"
    return value + 1 if isinstance(value, int) else f"{value}x"


def test_each_column_of_each_row_that_is_not_what_the_entries_say_is_named(sqlite_cast):
    database = sqlite_cast.database
    missed, tried = [], 0
    for table in (*PROJECTIONS, tallies):
        with database.reading() as connection:
            rows = connection.execute(select(table)).mappings().all()
        assert rows
        row = rows[0]
        same = [c == row[c.name] for c in table.primary_key]
        for column in [*table.c, None]:
            if column is not None and column.name in ("sequenced", "counted_by"):
                continue
            with database.engine.connect() as connection:
                connection.exec_driver_sql("PRAGMA foreign_keys = OFF")
                connection.exec_driver_sql("PRAGMA ignore_check_constraints = ON")
                connection.exec_driver_sql("BEGIN")
                for (name,) in connection.exec_driver_sql(
                    "SELECT name FROM sqlite_master WHERE type = 'trigger'"
                ).all():
                    connection.exec_driver_sql(f"DROP TRIGGER {name}")
                if column is None:
                    connection.execute(table.delete().where(*same))
                else:
                    value = changed(row[column.name])
                    connection.execute(table.update().where(*same).values({column.name: value}))
                found = [unlike for unlike in compare(connection) if unlike.table == table.name]
                connection.rollback()
                connection.exec_driver_sql("PRAGMA ignore_check_constraints = OFF")
                connection.exec_driver_sql("PRAGMA foreign_keys = ON")
            tried += 1
            columns = {unlike.column for unlike in found}
            told = {None, "waiting", *([column.name] if column is not None else [])}
            if not found or not columns <= told:
                missed.append((table.name, column, columns))
    assert missed == []
    assert tried > 80


def test_every_table_is_rebuilt_or_says_why_not():
    rebuilt = [table.name for table in (*PROJECTIONS, *COUNTED)]
    assert sorted([*rebuilt, *NOT_REBUILT]) == sorted(METADATA.tables)
    assert all(reason.strip() for reason in NOT_REBUILT.values())


@pytest.mark.leaves_it_unwell
def test_what_a_letter_covers_and_a_submission_brought_is_counted_again(sqlite_cast):
    database = sqlite_cast.database
    with database.writing() as connection:
        [letter, *_] = connection.scalars(select(letters.c.handle).order_by(letters.c.handle))
        connection.execute(
            update(letters).where(letters.c.handle == letter).values(covers=letters.c.covers + 1)
        )
        connection.execute(
            submissions.insert(),
            {
                "handle": "no case came of it",
                "unit": "so-y-te",
                "case_type": "planning",
                "file_name": "x",
                "file_hash": "x",
                "not_kept": "[]",
                "accepted": 3,
                "refused": 0,
                "filed_by": sqlite_cast.unit.principal.officer,
                "filed_at": "2026-01-01T00:00:00.000000Z",
            },
        )
    assert differences(database) == [
        f"letters {letter}: “covers” is not what the entries say.",
        "submissions no case came of it: “accepted” is not what the entries say.",
    ]


def test_the_roots_kept_of_runs_of_the_log_are_made_again(sqlite_url, tmp_path, monkeypatch):
    monkeypatch.setattr("vetting.records.log_nodes.HEIGHTS", (3, 1))
    for database in province(sqlite_url):
        Cast(database).concluded()
        make_sealing_key(tmp_path, "vetting/test")
        size = seal_checkpoint(database, read_sealing_key(tmp_path)).size
        assert differences(database) == []
        n = log_nodes.c
        for height, place, change in (
            (1, 0, log_nodes.update().values(root="0" * 64)),
            (3, 1, log_nodes.update().values(root="0" * 64)),
            (1, 4, log_nodes.delete()),
            (3, size // 8 - 1, log_nodes.delete()),
        ):
            with database.engine.connect() as connection:
                connection.exec_driver_sql("BEGIN")
                connection.execute(change.where(n.height == height, n.place == place))
                found = [(one.table, one.key) for one in compare(connection)]
                connection.rollback()
            assert found == [("log_nodes", (height, place))]
        with database.engine.connect() as connection:
            connection.exec_driver_sql("BEGIN")
            too_many = {"height": 3, "place": size // 8, "root": "0" * 64}
            connection.execute(log_nodes.insert(), too_many)
            [found] = compare(connection)
        assert (found.key, found.column) == ((3, size // 8), None)


@pytest.mark.leaves_it_unwell
def test_the_first_that_differs_is_the_same_every_time_and_all_is_counted(sqlite_cast):
    with sqlite_cast.database.writing() as connection:
        connection.execute(update(cases).values(target="khác", position="khác"))
    seen, told = Compared(), []
    with sqlite_cast.database.reading() as connection:
        found = [(one.case_handle, one.column) for one in compare(connection, seen, told.append)]
        both = sorted(connection.scalars(select(cases.c.handle)))
        total = len(connection.scalars(select(entries.c.number)).all())
    assert found == [(case, column) for case in both for column in ("target", "position")]
    assert (seen.cases, seen.entries, told) == (3, total, [3])
    assert seen.rows > 20


@pytest.fixture
def sqlite_cast(sqlite_url):
    for database in province(sqlite_url):
        cast = Cast(database)
        concluded = cast.concluded()
        with as_owner(database).writing() as connection:
            enter_basis(connection)
        day = "2026-01-05"
        annuls = Decision(AmendmentKind.ANNULMENT, Ground.OWN, "Nhầm.", BASIS, day, day)
        amend_conclusion(cast.secretary, sent(), concluded, annuls)
        later = cast.accepted()
        issue_consultations(cast.board, sent(), [later], Asking(due_on="2026-04-01"))
        asked = cast.asked(later)["thue"]
        ask_more_time(cast.drafter("thue"), sent(), asked, Wanted(until="2026-04-08"), "Chờ")
        answer_more_time(cast.board, sent(), later, asked, gives=True, reason="Được")
        kept = cast.consulting()
        with database.writing() as connection:
            second = officer_of("thue", Role.BODY_OFFICER, 2)
            add_officer(connection, second, "thue", Role.BODY_OFFICER)
            connection.execute(update(role_assignments).values(clearance=1))
        recuse_oneself(cast.drafter("thue"), sent(), kept)
        head = cast.head
        cleared = replace(head, principal=replace(head.principal, clearance=1))
        everybody = [
            cast.unit.principal.officer,
            cast.board.principal.officer,
            second,
            *(
                desk(body).principal.officer
                for body in BODIES
                for desk in (cast.drafter, cast.signer)
            ),
        ]
        restrict_case(cleared, sent(), kept, 1, everybody)
        yield cast
