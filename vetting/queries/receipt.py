"""Receipts and packages: what shows others, without this program, that something was written.

A receipt is one entry with its place in the log. A package is a whole case: of an entry that its
reader may not know of it has the seal alone, so that the chain still holds around it.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, RowMapping, func, select

from vetting.engine.checkpoint import PublicKey
from vetting.engine.policy import Principal, Relation, sees_entry
from vetting.engine.refusals import OutOfTurn, Unknown
from vetting.engine.seal import FIRST
from vetting.engine.sentences import say
from vetting.engine.verify_offline import PACKAGE, RECEIPT
from vetting.queries.opened_case import is_handle
from vetting.records.amendments import amendments
from vetting.records.consultations import consultations
from vetting.records.history import entries, payloads, sealed_columns
from vetting.records.log import checkpoints, log
from vetting.records.log_nodes import proof_of_inclusion
from vetting.records.scope import addressed_to
from vetting.records.standing import Purpose, on_purpose
from vetting.records.witnessed import cosignatures, lines_under

SIGNED = "opinion.signed"


@dataclass(frozen=True)
class Exported:
    """A receipt or a package, as its file has it, and the case it is about."""

    case: str
    told: dict[str, Any]


def receipt_of_opinion(
    connection: Connection,
    principal: Principal,
    consultation: str,
    key: PublicKey | None,
    *,
    first: bool = False,
) -> Exported:
    """Return the receipt for what the reader's own body signed: last, or *first*."""
    c, e = consultations.c, entries.c
    found = None
    if is_handle(consultation):
        found = connection.execute(
            select(c.case_handle, e.number)
            .outerjoin_from(
                consultations,
                entries,
                (c.case_handle == e.case_handle)
                & (c.body == e.body)
                & (c.signed_at == e.at)
                & (e.verb == SIGNED),
            )
            .where(c.handle == consultation, addressed_to(principal))
        ).first()
    if found is None:
        raise Unknown(say("There is no such consultation."))
    if found.number is None:
        raise OutOfTurn(say("Nothing has been signed here yet."))
    number = found.number
    if not first:
        m = amendments.c
        last = select(func.max(m.entry)).where(m.consultation == consultation)
        number = connection.scalar(last) or number
    rows = _rows(connection, found.case_handle)
    row = next(row for row in rows if row["number"] == number)
    if row["position"] is None or key is None:
        raise OutOfTurn(_NOT_YET)
    note, size = _checkpoint(connection, row["position"])
    return Exported(
        found.case_handle,
        {
            "format": RECEIPT,
            "case": found.case_handle,
            "previous": _seal_before(rows, number),
            "entries": [_line(connection, row, size, shown=True)],
            "checkpoint": note,
            "log_key": str(key),
        },
    )


def package_of_case(
    connection: Connection,
    principal: Principal,
    seen_as: Relation,
    handle: str,
    key: PublicKey,
    *,
    upto: int | None = None,
) -> Exported:
    """Return the history of a case that the reader may know of, to be checked elsewhere.

    Up to an entry, if one is named: then it has to be in the log.
    """

    def shown(row: RowMapping) -> bool:
        return sees_entry(seen_as, principal.organisation, row["verb"], row["body"])

    return _package(connection, handle, key, upto, shown)


def package_of_entry(
    connection: Connection, handle: str, key: PublicKey, *, number: int
) -> Exported:
    """Return the history of a case up to an entry, of which that entry alone is told."""
    return _package(connection, handle, key, number, lambda row: bool(row["number"] == number))


def _package(
    connection: Connection,
    handle: str,
    key: PublicKey,
    upto: int | None,
    shown: Callable[[RowMapping], bool],
) -> Exported:
    rows = _rows(connection, handle)
    if upto is not None:
        rows = [row for row in rows if row["number"] <= upto]
    last = None if upto is None else rows[-1]["position"]
    if upto is not None and last is None:
        raise OutOfTurn(_NOT_YET)
    note, size = _checkpoint(connection, last, earliest=upto is not None)
    lines = [_line(connection, row, size, shown=shown(row)) for row in rows]
    if any(line["entry"] is None and line["position"] is None for line in lines):
        raise OutOfTurn(_NOT_YET)
    return Exported(
        handle,
        {
            "format": PACKAGE,
            "case": handle,
            "last_seal": rows[-1]["seal"],
            "entries": lines,
            "checkpoint": note,
            "log_key": str(key),
        },
    )


def is_in_the_log(connection: Connection, case: str, number: int) -> bool:
    """Tell whether a signed checkpoint has an entry already."""
    position = connection.scalar(
        select(log.c.position).where(log.c.case_handle == case, log.c.number == number)
    )
    return position is not None and bool(
        connection.scalar(select(checkpoints.c.size).where(checkpoints.c.size > position).limit(1))
    )


_NOT_YET = say("The log has not reached this yet. Try again in a minute.")


def told_until(
    connection: Connection, principal: Principal, seen_as: Relation, handle: str, upto: int
) -> list[dict[str, Any]]:
    """Return what a package tells of a case's entries up to one, wherever they are in the log."""
    return [
        _told(row, shown=sees_entry(seen_as, principal.organisation, row["verb"], row["body"]))
        for row in _rows(connection, handle)
        if row["number"] <= upto
    ]


def seals_until(connection: Connection, handle: str, upto: int) -> list[dict[str, Any]]:
    """Return the bare seals of a case's entries up to one."""
    rows = _rows(connection, handle)
    return [_told(row, shown=False) for row in rows if row["number"] <= upto]


def _rows(connection: Connection, case: str) -> Sequence[RowMapping]:
    """Return a case's entries with what they say and where they stand in the log, oldest first.

    All of them: of one that its reader may not know of the seal is told, for the chain to hold.
    """
    e = entries.c
    statement = (
        select(entries, payloads.c.salt, payloads.c.content, log.c.position)
        .select_from(
            entries.outerjoin(payloads).outerjoin(
                log, (log.c.case_handle == e.case_handle) & (log.c.number == e.number)
            )
        )
        .where(e.case_handle == case)
        .order_by(e.number)
    )
    with on_purpose(connection, Purpose.WHOLE_HISTORY):
        return connection.execute(statement).mappings().all()


def _seal_before(rows: Sequence[RowMapping], number: int) -> str:
    return next((row["seal"] for row in rows if row["number"] == number - 1), FIRST)


def _checkpoint(
    connection: Connection, position: int | None, *, earliest: bool = False
) -> tuple[str, int]:
    """Return the best checkpoint that has the entry at *position*, as it is and was signed.

    One that a witness signed is better than a later one that none has signed yet. The *earliest*
    stays the best, whatever is written afterwards.
    """
    c = checkpoints.c
    order = c.size if earliest else c.size.desc()
    reaches = c.size > (-1 if position is None else position)
    witnessed = c.size.in_(select(cosignatures.c.size))
    found = connection.execute(
        select(c.note, c.size).where(reaches, witnessed).order_by(order).limit(1)
    ).first()
    if found is None or position is None:
        found = connection.execute(
            select(c.note, c.size).where(reaches).order_by(order).limit(1)
        ).first()
    if found is None:
        raise OutOfTurn(_NOT_YET)
    return found.note + lines_under(connection, found.size), found.size


def _line(connection: Connection, row: RowMapping, size: int, *, shown: bool) -> dict[str, Any]:
    at = row["position"]
    within = at is not None and at < size
    proof = [step.hex() for step in proof_of_inclusion(connection, at, size)] if within else []
    return _told(row, shown=shown) | {"position": at if within else None, "proof": proof}


def _told(row: RowMapping, *, shown: bool) -> dict[str, Any]:
    line: dict[str, Any] = {"number": row["number"], "seal": row["seal"], "entry": None}
    if shown:
        line["entry"] = {name: row[name] for name in sealed_columns()}
        if row["content"] is not None:
            line["payload"] = {"salt": row["salt"], "content": row["content"]}
    return line
