"""Mails about notices: decided once, sent once as far as that can be, without content."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, time, timedelta

import pytest
from sqlalchemy import select, update

from tests.builders import BODIES, Cast, as_owner, definitions, sent
from tests.worker.mail_server import letterbox
from vetting.config import MailSettings
from vetting.engine.ailments import Ailment
from vetting.engine.mails import MOST_TRIES, MailStep, WhyNotSent, write_mail
from vetting.queries.doctor import Ground, examine
from vetting.queries.mail_ledger import mail_ledger
from vetting.records.database import Database
from vetting.records.identity import Ids
from vetting.records.mails import mail_steps, mails, mute
from vetting.records.officers import officers
from vetting.records.outbox import outbox, recipients, reconciliations
from vetting.records.standing import Purpose
from vetting.usecases.do_jobs import Workbench
from vetting.usecases.mail_notices import Outcome, Post, ask_to_mail, works_of_mail
from vetting.usecases.open_notice import open_all_notices
from vetting.usecases.recuse import recuse_oneself
from vetting.usecases.tell_outcome import notify_units
from vetting.worker.hand_over import Postman
from vetting.worker.reconcile import ask_to_reconcile
from vetting.worker.reconcile import works as reconciling

SENT = Outcome(MailStep.SENT, code=250)
BUSY = Outcome(MailStep.DEFERRED, WhyNotSent.BUSY, 451)


@dataclass
class Office:
    """An installation with a worker that mails, a clock that a test sets, and what went out."""

    cast: Cast
    now: datetime = datetime(2026, 3, 2, 2, 0, tzinfo=UTC)  # nine in the morning
    answers: list = field(default_factory=list)  # the next answers of the mail server
    out: list = field(default_factory=list)
    refused: set = field(default_factory=set)  # addresses that the mail server does not know
    mailing: bool = True

    @property
    def ids(self) -> Ids:
        return Ids(clock=lambda: self.now)

    def hand_over(self, mail):
        self.out.append(mail)
        if mail.to in self.refused:
            return Outcome(MailStep.BOUNCED, WhyNotSent.REFUSED, 550)
        answer = self.answers.pop(0) if self.answers else SENT
        if isinstance(answer, BaseException):
            raise answer
        return answer

    def work(self, hand_over=None) -> None:
        """Do what a worker does until nothing is due."""
        post = Post(hand_over or self.hand_over, "https://vetting.example", time(7, 30))
        post = post if self.mailing else None
        works = works_of_mail(self.cast.database, self.ids, post)
        bench = Workbench(self.cast.database, self.ids, works)
        ask_to_mail(self.cast.database, self.ids, post)
        while bench.do_next():
            pass

    def after(self, **more) -> None:
        self.now += timedelta(**more)
        self.work()

    @property
    def to(self) -> list[str]:
        return sorted(mail.to for mail in self.out)

    def decided(self, officer: str) -> dict[str, str | None]:
        with self.cast.database.reading() as connection:
            rows = connection.execute(
                select(outbox.c.on_move, recipients.c.by_mail)
                .join(recipients, recipients.c.notice == outbox.c.key)
                .where(recipients.c.officer == officer)
            )
            return {row.on_move: row.by_mail for row in rows}

    def steps(self, officer: str) -> list[str]:
        with self.cast.database.reading() as connection:
            return list(
                connection.scalars(
                    select(mail_steps.c.kind)
                    .join(mails, mails.c.handle == mail_steps.c.mail)
                    .where(mails.c.officer == officer)
                    .order_by(mails.c.written_at, mail_steps.c.number)
                )
            )


@pytest.fixture
def office(province_url) -> Iterator[Office]:
    database = Database(province_url, purpose=Purpose.COMMAND)
    with as_owner(database).writing() as connection:
        connection.execute(
            update(officers).values(mail_address=officers.c.handle.op("||")("@tinh.example"))
        )
        for handle in list(connection.scalars(select(officers.c.handle))):
            connection.execute(
                update(officers)
                .where(officers.c.handle == handle)
                .values(mail_address=handle.replace("/", ".") + "@tinh.example")
            )
    yield Office(Cast(database))
    database.close()


BOARD, BODY, UNIT = (
    f"{one}@tinh.example" for one in ("ban-to-chuc.bo1", "thue.bo1", "so-y-te.co1")
)


def test_a_digest_that_is_late_is_not_joined_by_the_next_on_one_day(office):
    heads = ["ban-to-chuc.bh1@tinh.example", BOARD]
    office.cast.filed()
    office.work(hand_over=lambda _mail: BUSY)
    office.cast.filed()
    office.now += timedelta(days=1)
    office.work(hand_over=lambda _mail: BUSY)
    office.after(hours=2)
    assert office.to == heads  # the mail server takes what waits from the day before

    office.out.clear()
    office.after(hours=4)
    assert office.out == []
    assert office.decided("ban-to-chuc/bh1") == {"file": None}  # the newer of the two
    office.after(days=1)
    assert office.to == heads
    assert office.decided("ban-to-chuc/bh1") == {"file": "mailed"}


def test_a_digest_handed_over_in_the_morning_is_the_only_one_of_its_day(office):
    office.cast.filed()
    office.work(hand_over=lambda _mail: BUSY)
    office.cast.filed()
    office.now = office.now.replace(hour=23) + timedelta(hours=1)  # seven, before the digest
    office.work()
    assert len(office.out) == 2
    office.after(hours=1)
    assert len(office.out) == 2
    office.after(days=1)
    assert len(office.out) == 4


def test_what_is_statutory_goes_at_once_and_the_rest_once_a_day(office):
    office.cast.filed()
    office.cast.filed()
    office.work()
    assert office.to == ["ban-to-chuc.bh1@tinh.example", BOARD]
    assert {mail.subject for mail in office.out} == {"Hệ thống thẩm định: 2 thông báo chưa mở"}

    office.out.clear()
    case = office.cast.consulting()
    office.after(minutes=1)
    assert office.to == sorted(
        f"{body}.{who}1@tinh.example" for body in BODIES for who in ("bo", "bs")
    )
    office.out.clear()
    for body in BODIES:
        office.cast.sign(case, body)
    office.after(hours=1)
    assert office.out == []  # the digest of today is out

    office.after(days=1)
    assert office.to == sorted(
        ["ban-to-chuc.bh1@tinh.example", BOARD, *(f"{b}.bo1@tinh.example" for b in BODIES)]
    )
    for _ in range(3):
        office.after(days=1)
    assert len(office.out) == 2 + len(BODIES)


def test_a_mail_says_how_many_wait_and_where_and_nothing_of_a_case(office):
    office.cast.consulting(name="Nguyễn Văn Kín")
    office.work()
    assert write_mail("vi", "at_once", 1, "https://vetting.example") == (
        "Hệ thống thẩm định: 1 thông báo bắt buộc mới",
        (
            "Đồng chí có 1 thông báo bắt buộc mới trong hệ thống thẩm định.\n\n"
            "Đăng nhập để xem: https://vetting.example/notices\n\n"
            "Thư này do hệ thống tự gửi và không chứa nội dung hồ sơ. Xin không trả lời thư.\n"
        ),
    )
    assert write_mail("en", "digest", 3, "https://vetting.example") == (
        "Vetting system: 3 unopened notices",
        (
            "3 unopened notices wait for you in the vetting system.\n\n"
            "Sign in to read: https://vetting.example/notices\n\n"
            "The system sent this by itself; it holds nothing of any case. Please do not reply.\n"
        ),
    )
    known = {
        write_mail("vi", kind, count, "https://vetting.example")
        for kind in ("at_once", "digest")
        for count in range(9)
    }
    assert {(mail.subject, mail.text) for mail in office.out} <= known


def test_what_was_opened_or_is_kept_from_somebody_meanwhile_is_not_mailed(office):
    case = office.cast.filed()
    office.cast.filed()
    open_all_notices(office.cast.head, office.cast.ids.now())
    recuse_oneself(office.cast.board, sent(), case)
    office.work()
    assert [(mail.to, mail.subject.partition(": ")[2]) for mail in office.out] == [
        (BOARD, "1 thông báo chưa mở")
    ]
    assert office.decided("ban-to-chuc/bh1") == {"file": "settled"}


def test_what_is_settled_while_the_server_is_away_is_dropped(office):
    office.cast.filed()
    office.answers = [BUSY, BUSY]
    office.work()
    for desk in (office.cast.board, office.cast.head):
        open_all_notices(desk, office.cast.ids.now())
    office.after(hours=1)
    assert len(office.out) == 2
    assert office.steps("ban-to-chuc/bo1") == ["sending", "deferred", "dropped"]


def test_what_an_officer_muted_is_not_mailed_and_what_is_statutory_is(office):
    with office.cast.database.writing() as connection:
        mute(connection, "thue/bo1", ["sign", "consult"])
    case = office.cast.consulting()
    office.cast.sign(case, "thue")
    office.work()
    assert office.decided("thue/bo1") == {"consult": "mailed", "sign": "muted"}
    assert office.to.count(BODY) == 1


def test_without_an_address_and_without_a_mail_server_nothing_waits(office):
    with office.cast.database.writing() as connection:
        connection.execute(update(officers).values(mail_address=None))
    office.cast.filed()
    office.work()
    assert office.decided("ban-to-chuc/bo1") == {"file": "no_address"}

    office.mailing = False
    office.cast.consulting()
    office.after(days=1)
    assert set(office.decided("thue/bo1").values()) == {"none"}
    office.mailing = True
    office.after(days=1)
    assert office.out == []


def test_the_daily_look_counts_the_mails_that_did_not_go_out(office):
    office.cast.consulting()
    office.answers = [BUSY] * 99
    office.work()
    office.after(hours=2)
    ids, known = office.ids, definitions()
    ask_to_reconcile(office.cast.database, ids)
    works = reconciling(office.cast.database, known, ids, mailing=True)
    assert Workbench(office.cast.database, ids, works).do_next()
    with office.cast.database.reading() as connection:
        assert connection.scalar(select(reconciliations.c.mails_unsent)) == 8
        assert mail_ledger(connection, ids.now(), mailing=False).unsent == 0


def test_what_the_server_puts_off_is_tried_later_each_time_and_then_given_up(office):
    office.cast.consulting()
    with office.cast.database.writing() as connection:
        connection.execute(
            update(officers).where(officers.c.handle != "thue/bo1").values(mail_address=None)
        )
    office.answers = [BUSY] * (MOST_TRIES + 9)
    office.work()
    start = office.now
    for _ in range(MOST_TRIES * 2):
        office.after(minutes=61)
    assert len(office.out) == MOST_TRIES
    assert len({mail.mark for mail in office.out}) == 1
    assert office.steps("thue/bo1")[-3:] == ["sending", "deferred", "given_up"]
    assert office.now - start > timedelta(days=3)


def test_what_is_refused_for_good_is_not_tried_again_and_the_others_are_sent(office):
    office.cast.consulting()
    office.refused = {BODY}
    office.work()
    office.after(days=1)
    with office.cast.database.reading() as connection:
        ledger = mail_ledger(connection, office.ids.now(), mailing=True)
        amiss = [
            one for one in examine(Ground(connection, definitions(), "2026-03-02")) if not one.case
        ]
    assert (len(ledger.failed), ledger.unsent) == (1, 1)
    assert [one.ailment for one in amiss] == [Ailment.UNTOLD]
    ends = [office.steps(f"{body}/{who}1")[-1] for body in BODIES for who in ("bo", "bs")]
    assert sorted(ends) == ["bounced", *["sent"] * 5]
    assert len([one for one in office.out if "bắt buộc" in one.subject]) == 6


class Killed(BaseException):
    """What ends a worker where it stands."""


def test_a_worker_that_ends_between_the_mail_and_the_word_that_it_is_sent_is_told_of(office):
    office.cast.consulting()
    with office.cast.database.writing() as connection:
        connection.execute(
            update(officers).where(officers.c.handle != "thue/bo1").values(mail_address=None)
        )
    office.answers = [Killed()]
    with pytest.raises(Killed):
        office.work()
    assert office.steps("thue/bo1") == ["sending"]
    office.work()
    assert len(office.out) == 1  # it is on a lease as long as it may still be under way

    office.after(minutes=3)
    assert office.steps("thue/bo1") == ["sending", "uncertain", "sending", "sent"]
    assert len({mail.mark for mail in office.out}) == 1
    with office.cast.database.reading() as connection:
        assert mail_ledger(connection, office.ids.now(), mailing=True).perhaps_twice == 1
    office.after(minutes=3)
    assert len(office.out) == 2


@pytest.mark.parametrize("jump", [timedelta(days=3653), timedelta(days=-3653)])
def test_a_clock_that_jumps_and_comes_back_sends_nothing_twice_and_loses_nothing(office, jump):
    office.cast.filed()
    office.now += jump
    office.work()
    office.now -= jump
    office.work()
    office.cast.filed()
    office.after(days=1)
    office.now = datetime(2026, 12, 31, 17, 30, tzinfo=UTC)  # the new year has begun there
    office.cast.filed()
    office.work()
    office.after(hours=8)
    assert office.to.count(BOARD) == 3
    assert set(office.decided("ban-to-chuc/bo1").values()) == {"mailed"}
    with office.cast.database.reading() as connection:
        days = connection.execute(select(mails.c.officer, mails.c.day)).all()
    assert len(days) == len(set(map(tuple, days)))


def test_a_real_server_that_takes_half_of_the_recipients_gets_each_mail_once(office):
    case = office.cast.concluded()
    notify_units(office.cast.board, sent(), [case])
    with letterbox() as box:
        told = MailSettings(
            "127.0.0.1", box.port, "none", "v@tinh.example", "https://vetting.example", time(7, 30)
        )
        box.recipients = {BODY: "550 no", UNIT: "450 later"}
        office.work(Postman(told))
        box.recipients = {}
        office.now += timedelta(hours=1)
        office.work(Postman(told))
    assert len(box.marks) == len(set(box.marks))
    assert [one["To"] for one in box.taken].count(UNIT) == 1
    assert BODY not in [one["To"] for one in box.taken]
    assert set(office.steps("thue/bo1")) == {"sending", "bounced"}
