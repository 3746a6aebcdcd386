"""Mail notices: decide once of every notice for a person whether a mail tells of it, and send it.

Statutory notices go out at once, the others in one mail a person and day, however late one comes.
What was opened meanwhile, or is for somebody no more, is left out; nothing is left of a mail then,
it is dropped. Where no mail is sent at all, that is decided too, so that nothing old goes out
later.
"""

import json
from collections import defaultdict
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import time

from sqlalchemy import Connection, Integer, and_, bindparam, exists, literal, or_, select

from vetting.engine.canonical import moment
from vetting.engine.mails import (
    AT_ONCE,
    DIGEST,
    ENDS,
    ByMail,
    Mail,
    MailStep,
    WhyNotSent,
    later,
    statutory,
    wait_to_send,
    write_mail,
)
from vetting.records.database import Database, Statement
from vetting.records.identity import ZONE, Ids
from vetting.records.jobs import Job, ask_for, asked_for, holds, jobs
from vetting.records.mails import (
    NewMail,
    Undecided,
    add_step,
    decide,
    decide_all,
    had_a_digest,
    mails,
    standing,
    steps_of,
    undecided,
    write_mail_of,
)
from vetting.records.officers import officers
from vetting.records.outbox import outbox, recipients
from vetting.usecases.do_jobs import Work

TELL, SEND = "mail_at_once", "send_mail"
MOST_AT_ONCE = 200  # acts of which mails are asked for in one round
_o, _r = outbox.c, recipients.c


@dataclass(frozen=True)
class Outcome:
    """What came of handing a mail over."""

    step: MailStep
    why: WhyNotSent | None = None
    code: int | None = None


HandOver = Callable[[Mail], Outcome]


@dataclass(frozen=True)
class Post:
    """How mail goes out here: how it is handed over, what it links to, when the digest goes."""

    hand_over: HandOver
    address: str
    digest_at: time


def ask_to_mail(database: Database, ids: Ids, post: Post | None) -> None:
    """Ask for the mails that are due: those at once, and once a day the digest."""
    with database.reading() as connection:
        wanted = _wanted(connection, ids, post) if post else {}
        waits = post is None and _anything_undecided(connection)
    if not wanted and not waits:
        return
    with database.writing() as connection:
        if post is None:
            decide_all(connection, ByMail.NONE)
        for key, (kind, content) in wanted.items():
            ask_for(connection, key, kind, ids.now(), json.dumps(content))


def works_of_mail(database: Database, ids: Ids, post: Post | None) -> dict[str, Work]:
    """Return how the jobs about mail are done."""

    def tell(connection: Connection, job: Job, _prepared: object) -> None:
        content = json.loads(job.content)
        found = undecided(connection, ids.today(), ids.now(), content["telling"])
        _write(connection, ids, AT_ONCE, [one for one in found if _is_statutory(one)])

    def digest(connection: Connection, job: Job, _prepared: object) -> None:
        found = undecided(connection, ids.today(), ids.now())
        day = json.loads(job.content)["day"]
        # Where the mail server was out of reach one of an earlier day may come today: it is the
        # only one of the day, and what is new waits for the next.
        today = ids.today()
        had = had_a_digest(connection, ids.begin_of(today), ids.end_of(today))
        fit = [one for one in found if not _is_statutory(one) and one.officer not in had]
        _write(connection, ids, DIGEST, fit, day)

    def send(job: Job) -> Outcome | None:
        return _send(database, ids, post, job)

    def keep(connection: Connection, job: Job, outcome: Outcome | None) -> None:
        if outcome is not None:
            _keep(connection, ids, job, outcome)

    return {TELL: Work(tell), DIGEST: Work(digest), SEND: Work(keep, send)}


def _anything_undecided(connection: Connection) -> bool:
    return bool(connection.scalar(select(exists().where(_r.by_mail.is_(None)))))


_key = literal(f"{TELL}/") + _o.telling + "/" + _r.at
_AT_ONCE = Statement(
    select(_key.label("key"), _o.telling)
    .join(outbox, _o.key == _r.notice)
    .where(
        _r.by_mail.is_(None),
        or_(*(and_(_o.on_move == on, _o.audience == audience) for on, audience in statutory())),
        ~exists().where(jobs.c.key == _key),
    )
    .distinct()
    .limit(bindparam("most", type_=Integer()))
)


def _wanted(connection: Connection, ids: Ids, post: Post) -> dict[str, tuple[str, dict[str, str]]]:
    """Return the jobs that are due and were not asked for, by key."""
    rows = _AT_ONCE(connection, {"most": MOST_AT_ONCE})
    wanted = {row.key: (TELL, {"telling": row.telling}) for row in rows}
    today = ids.today()
    of_today = f"{DIGEST}/{today}"
    is_time = ids.clock().astimezone(ZONE).time() >= post.digest_at
    if is_time and not asked_for(connection, of_today):
        wanted[of_today] = (DIGEST, {"day": today})
    return wanted


def _is_statutory(one: Undecided) -> bool:
    return (one.on, one.audience) in statutory()


def _write(
    connection: Connection, ids: Ids, kind: str, found: Iterable[Undecided], day: str | None = None
) -> None:
    """Decide of each notice, and write one mail to everybody who is to get one."""
    decided: dict[tuple[str, str], ByMail] = {}
    by_officer: dict[str, list[str]] = defaultdict(list)
    for one in found:
        word = _decision(one)
        decided[one.notice, one.officer] = word
        if word is ByMail.MAILED:
            by_officer[one.officer].append(one.notice)
    decide(connection, decided)
    for officer, notices in by_officer.items():
        mail, now = ids.handle(), ids.now()
        write_mail_of(connection, NewMail(mail, officer, kind, day or ids.today(), now, notices))
        _ask_to_send(connection, mail, 1, now)


def _decision(one: Undecided) -> ByMail:
    if not one.stands:
        return ByMail.SETTLED
    if one.muted and not _is_statutory(one):
        return ByMail.MUTED
    return ByMail.MAILED if one.address else ByMail.NO_ADDRESS


def _ask_to_send(connection: Connection, mail: str, tries: int, due_at: str) -> None:
    ask_for(
        connection,
        f"{SEND}/{mail}/{tries}",
        SEND,
        due_at,
        json.dumps({"mail": mail, "tries": tries}),
    )


def _send(database: Database, ids: Ids, post: Post | None, job: Job) -> Outcome | None:
    """Hand a mail over, having written down before that it goes out now."""
    handle = json.loads(job.content)["mail"]
    with database.writing() as connection:
        if not holds(connection, job):
            return None
        steps = steps_of(connection, handle)
        if ENDS.intersection(steps):
            return None
        if steps and steps[-1] is MailStep.SENDING:  # whoever sent it was ended on the way
            add_step(connection, handle, MailStep.UNCERTAIN, ids.now(), WhyNotSent.ENDED)
        row = connection.execute(
            select(mails, officers.c.mail_address, officers.c.language)
            .join(officers, officers.c.handle == mails.c.officer)
            .where(mails.c.handle == handle)
        ).one()
        count = standing(connection, handle, ids.today())
        if post is None or not count or row.mail_address is None:
            return Outcome(MailStep.DROPPED)
        add_step(connection, handle, MailStep.SENDING, ids.now())
    subject, text = write_mail(row.language, row.kind, count, post.address)
    return post.hand_over(Mail(handle, row.mail_address, subject, text, row.written_at))


def _keep(connection: Connection, ids: Ids, job: Job, outcome: Outcome) -> None:
    """Write down what came of it, and ask for the next try where there is to be one."""
    content = json.loads(job.content)
    mail, tries, now = content["mail"], content["tries"], ids.now()
    add_step(connection, mail, outcome.step, now, outcome.why, outcome.code)
    if outcome.step in ENDS:
        return
    wait = wait_to_send(tries)
    if wait is None:
        add_step(connection, mail, MailStep.GIVEN_UP, now, outcome.why, outcome.code)
    else:
        _ask_to_send(connection, mail, tries + 1, moment(later(now, wait)))
