"""Mails: what goes to whom, which notices it tells of, and step by step what became of it.

A mail is written once and never changed. A notice for a person is in one mail at most. What an
officer wants no mail about is their own wish and comes and goes.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import (
    CheckConstraint,
    Column,
    Connection,
    ForeignKeyConstraint,
    Index,
    Integer,
    PrimaryKeyConstraint,
    Table,
    Text,
    bindparam,
    exists,
    func,
    or_,
    select,
    text,
)

from vetting.engine.mails import DIGEST, ENDS, FAILED, ByMail, MailStep, WhyNotSent
from vetting.records.base import (
    DAY,
    HANDLE,
    METADATA,
    MOMENT,
    WORD,
    handle,
    optional,
    reference,
    required,
)
from vetting.records.database import Statement
from vetting.records.outbox import KEPT_BUT_TOLD, WORKS_THERE, recipients

_KINDS = ",".join(f"'{step.value}'" for step in MailStep)
HAS_FAILED = text(f"kind IN ({','.join(repr(step.value) for step in sorted(FAILED))})")

mails = Table(
    "mails",
    METADATA,
    handle(primary_key=True),
    reference("officer", "officers.handle"),
    required("kind", WORD),
    Column("day", DAY, nullable=False),
    required("written_at", MOMENT),
    CheckConstraint("kind IN ('digest','at_once')", "known_kind"),
)
_DIGEST = text("kind = 'digest'")
Index(
    "ix_mails_one_digest_a_day",
    mails.c.officer,
    mails.c.day,
    unique=True,
    sqlite_where=_DIGEST,
    postgresql_where=_DIGEST,
)
Index("ix_mails_written_at", mails.c.written_at)

mail_notices = Table(
    "mail_notices",
    METADATA,
    Column("notice", Text, nullable=False),
    Column("officer", HANDLE, nullable=False),
    reference("mail", "mails.handle"),
    ForeignKeyConstraint(["notice", "officer"], [recipients.c.notice, recipients.c.officer]),
    PrimaryKeyConstraint("notice", "officer"),
)
Index("ix_mail_notices_mail", mail_notices.c.mail)

mail_steps = Table(
    "mail_steps",
    METADATA,
    reference("mail", "mails.handle"),
    Column("number", Integer, nullable=False),
    required("kind", WORD),
    optional("why", WORD),
    Column("code", Integer, nullable=True),  # what the mail server answered
    required("at", MOMENT),
    PrimaryKeyConstraint("mail", "number"),
    CheckConstraint(f"kind IN ({_KINDS})", "known_kind"),
)
Index(
    "ix_mail_steps_failed", mail_steps.c.mail, sqlite_where=HAS_FAILED, postgresql_where=HAS_FAILED
)

muted_notices = Table(
    "muted_notices",
    METADATA,
    reference("officer", "officers.handle"),
    required("on_move", WORD),
    PrimaryKeyConstraint("officer", "on_move"),
)


@dataclass(frozen=True)
class Undecided:
    """A notice for a person, of which it is not decided yet whether a mail tells of it."""

    notice: str
    officer: str
    on: str
    audience: str
    address: str | None
    muted: bool
    stands: bool  # not opened, and still for them


@dataclass(frozen=True)
class NewMail:
    """A mail that is to go out, and the notices that it tells of."""

    handle: str
    officer: str
    kind: str
    day: str
    at: str
    notices: Sequence[str]


# A notice stands for somebody who has not opened it, who still has a role there that it is for, and
# from whom its case is not kept.
_STANDS = f"""
    r.opened_at IS NULL AND EXISTS (SELECT 1 FROM role_assignments a
        JOIN officers f ON f.handle = a.officer AND f.disabled_at IS NULL
        WHERE a.officer = r.officer AND {WORKS_THERE}
        AND NOT EXISTS (SELECT 1 FROM restrictions x
            WHERE x.case_handle = o.case_handle AND o.on_move NOT IN ({KEPT_BUT_TOLD})
            AND (x.level > a.clearance OR x.named_only = 1 AND NOT EXISTS (
                SELECT 1 FROM named_readers n
                WHERE n.case_handle = o.case_handle AND n.officer = r.officer))))
    AND NOT EXISTS (SELECT 1 FROM recusals y
        WHERE y.case_handle = o.case_handle AND y.officer = r.officer)
"""  # noqa: S608  # our own names only
_UNDECIDED = f"""
SELECT r.notice, r.officer, o.on_move, o.audience, w.mail_address, m.on_move AS muted,
    CASE WHEN {_STANDS} THEN 1 ELSE 0 END AS stands
FROM recipients r
JOIN outbox o ON o.key = r.notice
JOIN officers w ON w.handle = r.officer
LEFT JOIN muted_notices m ON m.officer = r.officer AND m.on_move = o.on_move
WHERE r.by_mail IS NULL AND r.at <= :until AND (:telling = '' OR o.telling = :telling)
ORDER BY r.officer, r.at, r.notice
"""  # noqa: S608  # our own names only
_STANDING = f"""
SELECT count(*) FROM mail_notices mn
JOIN recipients r ON r.notice = mn.notice AND r.officer = mn.officer
JOIN outbox o ON o.key = r.notice
WHERE mn.mail = :mail AND {_STANDS}
"""  # noqa: S608  # our own names only


def undecided(connection: Connection, day: str, until: str, telling: str = "") -> list[Undecided]:
    """Return what was told by a moment, of one telling or of all, and is not decided yet."""
    rows = connection.execute(
        text(_UNDECIDED).bindparams(
            bindparam("telling", type_=Text()), bindparam("until", type_=Text())
        ),
        {"day": day, "until": until, "telling": telling},
    )
    return [
        Undecided(
            row.notice,
            row.officer,
            row.on_move,
            row.audience,
            row.mail_address,
            row.muted is not None,
            bool(row.stands),
        )
        for row in rows
    ]


def standing(connection: Connection, mail: str, day: str) -> int:
    """Return how many notices of a mail still stand for whom it goes to."""
    return int(connection.scalar(text(_STANDING), {"mail": mail, "day": day}) or 0)


def had_a_digest(connection: Connection, first: str, last: str) -> set[str]:
    """Return whose digest is still under way, or was being handed over between two moments."""
    s = mail_steps.c
    of_it = s.mail == mails.c.handle
    ended = exists().where(of_it, s.kind.in_([step.value for step in ENDS]))
    handed = exists().where(of_it, s.kind == MailStep.SENDING.value, s.at >= first, s.at <= last)
    return set(
        connection.scalars(
            select(mails.c.officer).where(mails.c.kind == DIGEST, or_(~ended, handed)).distinct()
        )
    )


def decide(connection: Connection, decided: Mapping[tuple[str, str], ByMail]) -> None:
    """Write down what was decided of notices for people."""
    if not decided:
        return
    c = recipients.c
    connection.execute(
        recipients.update()
        .where(c.notice == bindparam("of"), c.officer == bindparam("whom"), c.by_mail.is_(None))
        .values(by_mail=bindparam("word")),
        [
            {"of": notice, "whom": officer, "word": word.value}
            for (notice, officer), word in decided.items()
        ],
    )


def decide_all(connection: Connection, word: ByMail) -> None:
    """Decide the same of everything that is not decided."""
    connection.execute(
        recipients.update().where(recipients.c.by_mail.is_(None)).values(by_mail=word.value)
    )


def write_mail_of(connection: Connection, mail: NewMail) -> None:
    """Write down a mail that is to go out, and the notices that it tells of."""
    connection.execute(
        mails.insert(),
        {
            "handle": mail.handle,
            "officer": mail.officer,
            "kind": mail.kind,
            "day": mail.day,
            "written_at": mail.at,
        },
    )
    connection.execute(
        mail_notices.insert(),
        [
            {"notice": notice, "officer": mail.officer, "mail": mail.handle}
            for notice in mail.notices
        ],
    )


def add_step(  # a step is all of this
    connection: Connection,
    mail: str,
    kind: MailStep,
    at: str,
    why: WhyNotSent | None = None,
    code: int | None = None,
) -> None:
    """Write down what became of a mail, behind what became of it before."""
    told = {
        "mail": mail,
        "kind": kind.value,
        "why": why.value if why else None,
        "code": code,
        "at": at,
    }
    last: int = _LAST_STEP(connection, {"mail": mail}).scalar_one() or 0
    _ADD_STEP.run(connection, told | {"number": last + 1})


def steps_of(connection: Connection, mail: str) -> list[MailStep]:
    """Return what became of a mail, in order."""
    return [MailStep(row.kind) for row in _STEPS(connection, {"mail": mail})]


_ADD_STEP = Statement(
    mail_steps.insert().values({column.name: bindparam(column.name) for column in mail_steps.c})
)
_LAST_STEP = Statement(
    select(func.max(mail_steps.c.number).label("number")).where(
        mail_steps.c.mail == bindparam("mail")
    )
)
_STEPS = Statement(
    select(mail_steps.c.kind)
    .where(mail_steps.c.mail == bindparam("mail"))
    .order_by(mail_steps.c.number)
)


def muted_by(connection: Connection, officer: str) -> set[str]:
    """Return what an officer wants no mail about."""
    m = muted_notices.c
    return set(connection.scalars(select(m.on_move).where(m.officer == officer)))


def mute(connection: Connection, officer: str, triggers: Iterable[str]) -> None:
    """Write down what an officer wants no mail about, in the place of what they wanted before."""
    connection.execute(muted_notices.delete().where(muted_notices.c.officer == officer))
    rows: list[dict[str, Any]] = [{"officer": officer, "on_move": on} for on in sorted(triggers)]
    if rows:
        connection.execute(muted_notices.insert(), rows)
