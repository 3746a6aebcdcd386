"""The outbox: who is to be told what, written in the transaction of the act itself.

A notice goes to one organisation. It is about a case, or about somebody's being named to act for
an officer who is away: of that the very people are told. Whom a notice about a case is for is
settled at the moment of the act, by name: those who play a part in the case already, as long as one
of them is at work, else everybody there whose role it is; never whoever acts, and nobody from whom
the case is kept. That something which was signed stands otherwise is told besides to whoever there
was ever told anything of the case. That it was opened in an emergency, or restricted, is told to
those from whom it is kept, too, if they are not recused. What became of it with each of them is a
line of its own that is never changed.
"""

from collections.abc import Collection, Iterable, Mapping, Sequence

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
    select,
    text,
)

from vetting.engine.notices import ROLES_OF_AUDIENCE, SUBSTITUTE, TOLD_WHERE_KEPT
from vetting.engine.telling import CONCLUSION_AMENDED, OPINION_AMENDED
from vetting.records.base import (
    CODE,
    DAY,
    HANDLE,
    METADATA,
    MOMENT,
    WORD,
    optional,
    reference,
    required,
)
from vetting.records.database import Statement
from vetting.records.standing import Purpose, on_purpose

KEYS_AT_ONCE = 500

outbox = Table(
    "outbox",
    METADATA,
    Column("key", Text, primary_key=True),  # one effect, once
    required("on_move", WORD),
    reference("case_handle", "cases.handle", nullable=True),
    reference("organisation", "organisations.code", CODE),
    required("written_at", MOMENT),
    optional("telling", HANDLE),  # what one act tells, together; empty: before people were named
    optional("audience", WORD),
    # A notice is about a case, or about whom an officer acts for.
    reference("naming", "substitutions.handle", nullable=True),
    CheckConstraint("(case_handle IS NULL) <> (naming IS NULL)", "about_one"),
)
Index("ix_outbox_telling", outbox.c.telling)
Index("ix_outbox_written_at", outbox.c.written_at)

recipients = Table(
    "recipients",
    METADATA,
    reference("notice", "outbox.key", Text()),
    reference("officer", "officers.handle"),
    reference("organisation", "organisations.code", CODE),
    required("at", MOMENT),
    optional("opened_at", MOMENT),  # follows from its step
    optional("by_mail", WORD),  # what was decided of a mail about it; empty: nothing yet
    PrimaryKeyConstraint("notice", "officer"),
)
_UNOPENED = text("opened_at IS NULL")
Index("ix_recipients_officer", recipients.c.officer, recipients.c.organisation, recipients.c.at)
Index(
    "ix_recipients_unopened",
    recipients.c.officer,
    recipients.c.organisation,
    recipients.c.at,
    sqlite_where=_UNOPENED,
    postgresql_where=_UNOPENED,
)
_UNDECIDED = text("by_mail IS NULL")
Index(
    "ix_recipients_undecided",
    recipients.c.at,
    sqlite_where=_UNDECIDED,
    postgresql_where=_UNDECIDED,
)

notice_steps = Table(
    "notice_steps",
    METADATA,
    Column("notice", Text, nullable=False),
    Column("officer", HANDLE, nullable=False),
    required("kind", WORD),
    required("at", MOMENT),
    optional("session", HANDLE),
    ForeignKeyConstraint(["notice", "officer"], [recipients.c.notice, recipients.c.officer]),
    PrimaryKeyConstraint("notice", "officer", "kind"),
    CheckConstraint("kind IN ('shown','opened','acknowledged')", "known_kind"),
)

reconciliations = Table(
    "reconciliations",
    METADATA,
    Column("day", DAY, primary_key=True),
    required("at", MOMENT),
    Column("due", Integer, nullable=False),  # notices that there should be by the history
    Column("gaps", Integer, nullable=False),  # of these and for people, what was not told
    Column("mails_unsent", Integer, nullable=True),  # mails that did not go out; empty: before mail
    optional("looked_after", MOMENT),  # what happened since was looked at; empty: everything
)

INSERT = Statement(
    outbox.insert().values(
        {
            name: bindparam(name)
            for name in (
                "key",
                "on_move",
                "case_handle",
                "organisation",
                "written_at",
                "telling",
                "audience",
            )
        }
    )
)


def _works_there(assignment: str) -> str:
    """Return the clause that a role is held on the day and is one that the notice is for."""
    fits = " OR ".join(
        f"(o.audience = '{audience}' AND {assignment}.role IN "
        f"({', '.join(repr(role.value) for role in sorted(roles))}))"
        for audience, roles in ROLES_OF_AUDIENCE.items()
    )
    return (
        f"{assignment}.organisation = o.organisation AND ({fits}) "
        f"AND {assignment}.valid_from <= :day "
        f"AND ({assignment}.valid_to IS NULL OR {assignment}.valid_to >= :day)"
    )


KEPT_BUT_TOLD = ", ".join(f"'{on}'" for on in sorted(TOLD_WHERE_KEPT))

WORKS_THERE = _works_there("a")  # of role_assignments `a` and outbox `o`, on `:day`

# Both databases read this one text; it names the people of any number of notices at once.
_NAMING = f"""
INSERT INTO recipients (notice, officer, organisation, at)
SELECT DISTINCT o.key, a.officer, o.organisation, :at
FROM outbox o
JOIN role_assignments a ON {_works_there("a")}
JOIN officers f ON f.handle = a.officer AND f.disabled_at IS NULL AND f.robot = 0
WHERE o.telling = :telling AND a.officer <> :by
AND NOT EXISTS (SELECT 1 FROM recipients z WHERE z.notice = o.key)
AND NOT EXISTS (SELECT 1 FROM recusals x
    WHERE x.case_handle = o.case_handle AND x.officer = a.officer)
AND NOT EXISTS (SELECT 1 FROM restrictions r
    WHERE r.case_handle = o.case_handle AND o.on_move NOT IN ({KEPT_BUT_TOLD})
    AND (r.level > a.clearance OR r.named_only = 1 AND NOT EXISTS (SELECT 1 FROM named_readers n
        WHERE n.case_handle = o.case_handle AND n.officer = a.officer)))
AND (EXISTS (SELECT 1 FROM participations p
        WHERE p.case_handle = o.case_handle AND p.officer = a.officer
        AND p.organisation = o.organisation)
    OR NOT EXISTS (SELECT 1 FROM participations p
        JOIN officers g ON g.handle = p.officer AND g.disabled_at IS NULL
        JOIN role_assignments b ON b.officer = p.officer AND {_works_there("b")}
        WHERE p.case_handle = o.case_handle AND p.organisation = o.organisation
        AND NOT EXISTS (SELECT 1 FROM absences w WHERE w.officer = p.officer
            AND w.ended_at IS NULL AND w.first_day <= :day AND w.last_day >= :day)
        AND NOT EXISTS (SELECT 1 FROM recusals y
            WHERE y.case_handle = p.case_handle AND y.officer = p.officer)){{or_had_it}})
"""  # noqa: S608  # our own names only
_OR_HAD_IT = f"""
    OR (o.on_move IN ('{CONCLUSION_AMENDED}', '{OPINION_AMENDED}')
        AND EXISTS (SELECT 1 FROM recipients t JOIN outbox b ON b.key = t.notice
            WHERE b.case_handle = o.case_handle AND t.officer = a.officer
            AND t.organisation = o.organisation))
"""  # noqa: S608  # our own names only


def _naming(or_had_it: str) -> Statement:
    given = (bindparam(name, type_=Text()) for name in ("telling", "by", "at", "day"))
    return Statement(text(_NAMING.format(or_had_it=or_had_it)).bindparams(*given))


NAME_RECIPIENTS = _naming("")
# Longer to plan, and needed by few acts alone.
NAME_RECIPIENTS_AMENDED_TOO = _naming(_OR_HAD_IT)


def name_recipients(
    connection: Connection, telling: str, by: str, at: str, day: str, *, amended: bool = True
) -> None:
    """Write down for whom the notices of one act are, in one statement.

    Unless it is said that nothing *amended* is told of, whoever had what was is looked for.
    """
    naming = NAME_RECIPIENTS_AMENDED_TOO if amended else NAME_RECIPIENTS
    with on_purpose(connection, Purpose.TELLING):
        naming.run(connection, {"telling": telling, "by": by, "at": at, "day": day})


def clock_notice(key: str, on: str, case: str, organisation: str, audience: str) -> dict[str, str]:
    """Return a notice that the clock writes and no act, under a key that makes it happen once."""
    return {
        "key": key,
        "on_move": on,
        "case_handle": case,
        "organisation": organisation,
        "audience": audience,
    }


def tell_once(  # who is told, and in whose name
    connection: Connection,
    notices: Iterable[Mapping[str, str]],
    telling: str,
    by: str,
    at: str,
    day: str,
) -> None:
    """Write down those of the notices that were not written yet, and for whom they are."""
    rows = {one["key"]: {**one, "telling": telling, "written_at": at} for one in notices}
    new = [rows[key] for key in sorted(rows.keys() - told_of(connection, sorted(rows)))]
    if new:
        INSERT.run(connection, new)
        name_recipients(connection, telling, by, at, day, amended=False)


def told_of(connection: Connection, keys: Sequence[str]) -> set[str]:
    """Return those of the notices under some keys that were written."""
    found: set[str] = set()
    for start in range(0, len(keys), KEYS_AT_ONCE):
        some = keys[start : start + KEYS_AT_ONCE]
        found.update(connection.scalars(select(outbox.c.key).where(outbox.c.key.in_(some))))
    return found


def tell_of_naming(  # noqa: PLR0917  # who is told of what
    connection: Connection,
    on: str,
    naming: str,
    organisation: str,
    people: Collection[str],
    telling: str,
    at: str,
) -> None:
    """Tell people by name that they are to act for somebody, or are no more: about no case."""
    if not people:
        return
    key = f"{naming}/{on}"
    with on_purpose(connection, Purpose.TELLING):
        connection.execute(
            outbox.insert(),
            {
                "key": key,
                "on_move": on,
                "naming": naming,
                "organisation": organisation,
                "written_at": at,
                "telling": telling,
                "audience": SUBSTITUTE,
            },
        )
        connection.execute(
            recipients.insert(),
            [
                {"notice": key, "officer": one, "organisation": organisation, "at": at}
                for one in sorted(people)
            ],
        )
