"""Amendments: what became of conclusions and signed opinions. Added beside them, never in place."""

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
    UniqueConstraint,
    bindparam,
    select,
)

from vetting.engine.facts import CaseConcluded, OpinionSigned
from vetting.records.base import (
    CODE,
    DAY,
    HANDLE,
    HASH,
    METADATA,
    MOMENT,
    WORD,
    optional,
    reference,
    required,
)
from vetting.records.conclusions import conclusions
from vetting.records.consultations import opinions
from vetting.records.database import Row, Statement
from vetting.records.history import entries
from vetting.records.identity import Ids

amendments = Table(
    "amendments",
    METADATA,
    reference("case_handle", "cases.handle"),
    Column("entry", Integer, nullable=False),  # the number of the entry that signed it
    Column("amends", Integer, nullable=False),  # and of the one that signed what it is about
    optional("consultation", HANDLE),  # whose opinion; none: the conclusion
    required("kind", WORD),
    required("ground", WORD),
    required("reason"),
    required("basis"),
    required("decided_on", DAY),
    required("effective_on", DAY),
    optional("document"),
    optional("outcome", WORD),  # of a correction, with what goes with it
    optional("verdict", WORD),
    optional("reasons"),
    Column("conditions", Text, nullable=False),
    Column("evidence", Text, nullable=False),
    Column("votes_for", Integer, nullable=True),
    Column("votes_against", Integer, nullable=True),
    Column("votes_abstained", Integer, nullable=True),
    optional("hash", HASH),
    optional("body_name"),  # as it was called on the day
    reference("drafted_by", "officers.handle", nullable=True),
    optional("drafted_for", HANDLE),  # whoever was away, in whose name it was done
    reference("signed_by", "officers.handle"),
    optional("signed_for", HANDLE),
    reference("organisation", "organisations.code", CODE),
    required("signed_at", MOMENT),
    PrimaryKeyConstraint("case_handle", "entry"),
    # Nothing is amended twice: who comes second has to look at what stands by then.
    UniqueConstraint("case_handle", "amends"),
    ForeignKeyConstraint(["case_handle", "entry"], ["entries.case_handle", "entries.number"]),
    CheckConstraint("amends < entry", "of_an_earlier_entry"),
    CheckConstraint("kind IN ('correction','annulment','revocation')", "known_kind"),
    CheckConstraint("ground IN ('own','review')", "known_ground"),
    CheckConstraint("reason <> '' AND basis <> ''", "reasoned"),
    CheckConstraint(
        "(consultation IS NULL) = (drafted_by IS NULL) AND (consultation IS NULL) = (hash IS NULL)",
        "opinions_are_drafted",
    ),
    CheckConstraint("drafted_by IS NULL OR drafted_by <> signed_by", "drafter_never_signs"),
    CheckConstraint(
        "(kind = 'correction') = (reasons IS NOT NULL) AND (kind = 'correction' "
        "AND consultation IS NULL) = (outcome IS NOT NULL) AND (kind = 'correction' "
        "AND consultation IS NOT NULL) = (verdict IS NOT NULL)",
        "only_a_correction_puts_something_there",
    ),
)
Index("ix_amendments_consultation", amendments.c.consultation)

INSERT = Statement(
    amendments.insert().values({column.name: bindparam(column.name) for column in amendments.c})
)


@dataclass(frozen=True, slots=True)
class Signed:
    """What stands of something that was signed, and whose names are under all of it so far."""

    entry: int
    decided_on: str  # the day on its paper
    content: tuple[Any, ...]  # what it says, to be compared with what would take its place
    names: frozenset[str]


def conclusion_signed(connection: Connection, case: str) -> Signed:
    """Return what was concluded last, of a case in which something was."""
    c = conclusions.c
    row = connection.execute(select(conclusions).where(c.case_handle == case)).mappings().one()
    first = connection.scalar(
        select(entries.c.number)
        .where(entries.c.case_handle == case, entries.c.verb == CaseConcluded.verb)
        .order_by(entries.c.number.desc())
        .limit(1)
    )
    names = {row["recorded_by"], row["recorded_for"]}
    entry = first or 0
    last: Row = row
    for one in of_case(connection, case):
        if one["consultation"] is None:
            names |= {one["signed_by"], one["signed_for"]}
            entry, last = one["entry"], one
    content = tuple(last[name] for name in CONCLUDED)
    return Signed(entry, last["decided_on"], content, frozenset(filter(None, names)))


def opinion_signed(connection: Connection, consultation: str) -> Signed:
    """Return what a body said last to a question that it has answered."""
    o, e = opinions.c, entries.c
    row = (
        connection.execute(select(opinions).where(o.consultation == consultation)).mappings().one()
    )
    first = connection.scalar(
        select(e.number).where(
            e.case_handle == row["case_handle"],
            e.verb == OpinionSigned.verb,
            e.body == row["body"],
            e.at == row["signed_at"],
        )
    )
    names = {row[name] for name in ("drafted_by", "drafted_for", "signed_by", "signed_for")}
    entry, day = first or 0, Ids().legal_day(row["signed_at"])
    last: Row = row
    for one in of_case(connection, row["case_handle"]):
        if one["consultation"] == consultation:
            names |= {one[name] for name in ("drafted_by", "drafted_for", "signed_by")}
            names.add(one["signed_for"])
            entry, day, last = one["entry"], one["decided_on"], one
    content = tuple(last[name] for name in SAID)
    return Signed(entry, day, content, frozenset(filter(None, names)))


CONCLUDED = ("outcome", "reasons", "document", "votes_for", "votes_against", "votes_abstained")
SAID = ("verdict", "reasons", "conditions", "evidence")


def of_case(connection: Connection, case: str) -> list[Row]:
    """Return what became of anything that was signed in a case, oldest first."""
    return list(_OF_CASE(connection, {"case_handle": case}).mappings())


_OF_CASE = Statement(
    amendments.select()
    .where(amendments.c.case_handle == bindparam("case_handle"))
    .order_by(amendments.c.entry)
)
