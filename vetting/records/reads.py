"""The ledger of reads: who looked at what. A line is committed before the answer leaves."""

from collections.abc import Iterable

from sqlalchemy import Column, Connection, Index, Integer, Table, Text, bindparam, select, text

from vetting.engine.candidate_requests import asked_of
from vetting.engine.looks import Group, How, Purpose, Showing, purpose_of, showing
from vetting.engine.policy import Action, Principal
from vetting.records.base import CODE, HANDLE, HASH, METADATA, MOMENT, WORD, optional, required
from vetting.records.database import Statement

reads = Table(
    "reads",
    METADATA,
    Column("number", Integer, primary_key=True, autoincrement=True),
    required("at", MOMENT),
    required("officer", HANDLE),
    required("organisation", CODE),
    required("role", WORD),
    required("session", HANDLE),
    required("action", WORD),
    optional("on_behalf_of", HANDLE),  # the officer who is stood in for
    Column("how", WORD, nullable=False, server_default=""),
    Column("fields", Text, nullable=False, server_default=""),  # which groups of them were shown
    Column("purpose", Text, nullable=False, server_default=""),
    optional("case_handle", HANDLE),
    optional("consultation", HANDLE),
    optional("text_hash", HASH),  # of the draft that was shown
    optional("asked"),  # what was searched for, in the reader's words
    optional("method", WORD),  # of what was taken out: how it was proved who takes it
)
_SHOWN = text("text_hash IS NOT NULL")
Index("ix_reads_case", reads.c.case_handle, reads.c.at)
Index("ix_reads_officer", reads.c.officer, reads.c.at)
Index(
    "ix_reads_text",
    reads.c.officer,
    reads.c.consultation,
    reads.c.text_hash,
    sqlite_where=_SHOWN,
    postgresql_where=_SHOWN,
)
# What was asked for, with when: mostly the same few things.
_ASKED = text("asked IS NOT NULL")
Index("ix_reads_asked", reads.c.asked, reads.c.at, sqlite_where=_ASKED, postgresql_where=_ASKED)
# Which cases somebody looked into as a supervisor: of these they do nothing else.
_AS_SUPERVISOR = text("role = 'supervisor'")
Index(
    "ix_reads_supervised",
    reads.c.officer,
    reads.c.case_handle,
    sqlite_where=_AS_SUPERVISOR,
    postgresql_where=_AS_SUPERVISOR,
)

_INSERT = Statement(
    reads.insert().values(
        {column.name: bindparam(column.name) for column in reads.c if column.name != "number"}
    )
)


LONGEST_ASKED = 500  # characters; longer words stand in no index of PostgreSQL's
AN_OPINION = showing(Group.CANDIDATE, Group.STANDING, Group.DRAFT)


def write_lines(  # noqa: PLR0913  # a line says all of this
    connection: Connection,
    principal: Principal,
    at: str,
    action: Action,
    *,
    cases: Iterable[str | None] = (None,),
    texts: Iterable[tuple[str, str, str]] = (),
    asked: str | None = None,
    showing: Showing = AN_OPINION,
    purpose: str | None = None,
) -> None:
    """Write a line for each case, or for each draft read: case, consultation and text's hash."""
    line = {
        "at": at,
        "officer": principal.officer,
        "organisation": principal.organisation,
        "role": principal.role.value,
        "session": principal.session,
        "action": action.value,
        "asked": asked and asked[:LONGEST_ASKED],
        "on_behalf_of": principal.on_behalf_of,
        "how": showing.how.value,
        "fields": showing.to(principal.role),
        "purpose": purpose or purpose_of(principal.role).value,
        "method": principal.method if showing.how is How.EXPORT else None,
        "consultation": None,
        "text_hash": None,
    }
    lines = [
        {**line, "case_handle": case, "consultation": consultation, "text_hash": text_hash}
        for case, consultation, text_hash in texts
    ] or [{**line, "case_handle": case} for case in cases]
    for one in lines:
        if purpose is None and one["case_handle"] in principal.emergency:
            one["purpose"] = Purpose.EMERGENCY.value
    if lines:
        _INSERT.run(connection, lines)


def texts_opened(connection: Connection, officer: str, texts: dict[str, str]) -> set[str]:
    """Return those of the consultations whose draft, as it stands, the officer has opened."""
    if len(texts) == 1:
        [(consultation, text_hash)] = texts.items()
        found = _OPENED(
            connection,
            {"officer": officer, "consultation": consultation, "text_hash": text_hash},
        ).first()
        return set(texts) if found else set()
    opened: set[str] = set()
    wanted = list(texts)
    for start in range(0, len(wanted), 500):
        chunk = wanted[start : start + 500]
        rows = connection.execute(
            select(reads.c.consultation, reads.c.text_hash).where(
                reads.c.officer == officer,
                reads.c.consultation.in_(chunk),
                reads.c.text_hash.is_not(None),
            )
        )
        opened |= {row.consultation for row in rows if texts[row.consultation] == row.text_hash}
    return opened


_OPENED = Statement(
    select(reads.c.number).where(
        reads.c.officer == bindparam("officer"),
        reads.c.consultation == bindparam("consultation"),
        reads.c.text_hash == bindparam("text_hash"),
    )
)


def packages_taken_out(connection: Connection, case: str, request: int) -> tuple[str, ...]:
    """Return when the package of a candidate's request was taken out, oldest first."""
    r = reads.c
    return tuple(
        connection.scalars(
            select(r.at)
            .where(
                r.case_handle == case,
                r.action == Action.EXPORT_REQUEST.value,
                r.asked == asked_of(request),
            )
            .order_by(r.at)
        )
    )
