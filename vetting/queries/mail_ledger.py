"""The ledger of mails: what went out, what waits, what failed; for the supervisor. No case in it.

What failed is an alarm as long as the person has not opened what the mail was to tell them of.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import Connection, Select, and_, exists, func, or_, select, tuple_

from vetting.engine.canonical import moment
from vetting.engine.mails import ENDS, MailStep, WhyNotSent, statutory
from vetting.records.mails import HAS_FAILED, mail_notices, mail_steps, mails
from vetting.records.officers import officers
from vetting.records.outbox import outbox, recipients
from vetting.records.standing import Purpose, on_purpose

LATE = timedelta(hours=1)  # that a mail may wait before it is an alarm
A_DAY = timedelta(days=1)
MOST_NAMED = 200
_m, _s, _r = mails.c, mail_steps.c, recipients.c


@dataclass(frozen=True)
class MailLine:
    """A mail that has not gone out."""

    name: str  # of the officer
    written_at: str
    step: MailStep | None  # none: nobody has tried
    why: WhyNotSent | None
    code: int | None
    at: str | None


@dataclass(frozen=True)
class MailLedger:
    """How the mails stand."""

    sent: int
    waiting: int
    perhaps_twice: int  # sent again because nobody knew whether they had gone out
    late: tuple[MailLine, ...]
    failed: tuple[MailLine, ...]
    undecided: int  # notices of which it should be decided by now whether a mail goes out

    @property
    def unsent(self) -> int:
        """How much is an alarm."""
        return len(self.late) + len(self.failed) + self.undecided


def mail_ledger(connection: Connection, now: str, *, mailing: bool) -> MailLedger:
    """Return how the mails stand; where no mail is sent, nothing is waited for."""
    late = moment(datetime.fromisoformat(now) - LATE)
    ended = mail_steps.alias("ended")
    ends = sorted(step.value for step in ENDS)
    count = select(func.count()).select_from
    waits = ~exists().where(ended.c.mail == _m.handle, ended.c.kind.in_(ends))
    return MailLedger(
        sent=int(connection.scalar(count(mail_steps).where(_s.kind == MailStep.SENT.value)) or 0),
        waiting=int(connection.scalar(count(mails).where(waits)) or 0),
        perhaps_twice=int(
            connection.scalar(
                select(func.count(_s.mail.distinct())).where(_s.kind == MailStep.UNCERTAIN.value)
            )
            or 0
        ),
        late=_named(connection, _lines().where(waits, _m.written_at < late)) if mailing else (),
        failed=failed_mails(connection),
        undecided=_undecided(connection, now, late) if mailing else 0,
    )


def failed_mails(connection: Connection) -> tuple[MailLine, ...]:
    """Return the mails that failed, and whose notices are not all opened, oldest first."""
    unopened = exists().where(
        mail_notices.c.mail == _m.handle,
        _r.notice == mail_notices.c.notice,
        _r.officer == mail_notices.c.officer,
        _r.opened_at.is_(None),
    )
    failed = _m.handle.in_(select(_s.mail).where(HAS_FAILED))
    with on_purpose(connection, Purpose.CHECKING):
        return _named(connection, _lines().where(failed, unopened))


def _lines() -> Select[tuple[str, str, str, str, int, str]]:
    """Return the query for mails with what became of each last."""
    newest = mail_steps.alias("newest")
    last = select(func.max(newest.c.number)).where(newest.c.mail == _m.handle).scalar_subquery()
    return (
        select(officers.c.name, _m.written_at, _s.kind, _s.why, _s.code, _s.at)
        .select_from(
            mails.join(officers, officers.c.handle == _m.officer).outerjoin(
                mail_steps, and_(_s.mail == _m.handle, _s.number == last)
            )
        )
        .order_by(_m.written_at, _m.handle)
    )


def _named(
    connection: Connection, wanted: Select[tuple[str, str, str, str, int, str]]
) -> tuple[MailLine, ...]:
    return tuple(
        MailLine(
            row.name,
            row.written_at,
            MailStep(row.kind) if row.kind else None,
            WhyNotSent(row.why) if row.why else None,
            row.code or None,
            row.at,
        )
        for row in connection.execute(wanted.limit(MOST_NAMED))
    )


def _undecided(connection: Connection, now: str, late: str) -> int:
    """Return of how many notices nobody has decided in time whether a mail tells of them."""
    too_long = moment(datetime.fromisoformat(now) - A_DAY - LATE)
    at_once = tuple_(outbox.c.on_move, outbox.c.audience).in_(statutory())
    late_ones = (
        select(func.count())
        .select_from(recipients.join(outbox, outbox.c.key == _r.notice))
        .where(_r.by_mail.is_(None), _r.at < late, or_(at_once, _r.at < too_long))
    )
    with on_purpose(connection, Purpose.CHECKING):
        return int(connection.scalar(late_ones) or 0)
