"""Cases: where each stands. Every column follows from the entries of its history."""

import json
from collections.abc import Callable, Iterable
from dataclasses import asdict, replace
from functools import cache
from typing import Any

from sqlalchemy import (
    CheckConstraint,
    Column,
    ColumnElement,
    Connection,
    Index,
    Integer,
    PrimaryKeyConstraint,
    Table,
    Text,
    bindparam,
    literal_column,
    text,
)

from vetting.engine.casefile import CandidateRequest, CaseFile
from vetting.engine.names import folded, sort_key
from vetting.engine.seal import FIRST
from vetting.engine.vocabulary import AmendmentKind, CaseType
from vetting.records.base import (
    CODE,
    DAY,
    HANDLE,
    HASH,
    METADATA,
    MOMENT,
    WORD,
    handle,
    optional,
    reference,
    required,
)
from vetting.records.candidate_keys import wrapped_key
from vetting.records.database import Row, Statement

# Before these a case may owe opinions; from here on it may not.
_BEFORE_ASSEMBLY = (
    "('draft','filed','checking','returned','accepted','consulting','withdrawn','suspended')"
)

cases = Table(
    "cases",
    METADATA,
    handle(primary_key=True),
    Column("reference", WORD, unique=True, nullable=True),  # given when filed
    required("case_type", WORD),
    Column("definition_version", Integer, nullable=False),
    required("state", WORD),
    optional("stood_in", WORD),
    reference("unit", "organisations.code", CODE),
    required("name"),
    required("name_folded"),
    required("name_sort"),
    required("born", DAY),
    required("target"),
    optional("position"),
    optional("management_level", WORD),
    reference("submission", "submissions.handle", nullable=True),
    reference("round", "rounds.handle", nullable=True),
    reference("regulation", "regulations.code", CODE, nullable=True),
    reference("authority", "organisations.code", CODE, nullable=True),
    reference("admission", "cases.handle", nullable=True),
    Column("turn", Integer, nullable=False),
    Column("owing", Integer, nullable=False),  # bodies that must answer and have not
    Column("recorded", Text, nullable=False),
    Column("missing", Text, nullable=False),
    optional("proposed_outcome", WORD),
    optional("proposed_by", HANDLE),
    optional("proposed_for", HANDLE),  # whoever was away, in whose name it was drawn up
    Column("before_authority", Integer, nullable=False),
    optional("outcome", WORD),  # that stands
    optional("amended", WORD),  # what became last of the conclusion
    # What keeps the case from somebody: `withheld` has the same to search by.
    Column("recused", Text, nullable=False, server_default="[]"),
    # Whose declaration waits until somebody confirms that others can take what they left.
    Column("conflicts_waiting", Text, nullable=False, server_default="[]"),
    Column("level", Integer, nullable=False, server_default="0"),
    Column("named", Text, nullable=False, server_default="[]"),
    # By what the record is kept, and who asked that it be destroyed.
    optional("record_class", CODE),
    Column("holds", Text, nullable=False, server_default="[]"),
    optional("disposal", HASH),
    optional("disposal_by", HANDLE),
    # What the unit was asked while the case runs: how many sets, and what is not answered yet.
    Column("question_sets", Integer, nullable=False, server_default="0"),
    Column("open_questions", Text, nullable=False, server_default="{}"),
    # What the candidate asked about their own data, and how many of it wait for an answer.
    Column("requests", Text, nullable=False, server_default="[]"),
    Column("open_requests", Integer, nullable=False, server_default="0"),
    required("opened_at", MOMENT),
    required("changed_at", MOMENT),
    optional("filed_at", MOMENT),
    required("since", MOMENT),  # in this state
    Column("entry_count", Integer, nullable=False),
    required("last_seal", HASH),
    Column("sequenced", Integer, nullable=False, server_default="0"),  # entries in the log
    CheckConstraint("owing >= 0", "owing_counts"),
    CheckConstraint("level BETWEEN 0 AND 3", "level_known"),
    CheckConstraint("open_requests >= 0", "requests_count"),
    CheckConstraint(f"owing = 0 OR state IN {_BEFORE_ASSEMBLY}", "every_reply_in"),
    CheckConstraint("outcome IS NULL OR proposed_outcome IS NOT NULL", "proposal_first"),
    CheckConstraint("outcome IS NULL OR authority IS NOT NULL", "authority_concludes"),
    CheckConstraint("turn = 0 OR regulation IS NOT NULL", "regulation_first"),
)
Index("ix_cases_unit_since", cases.c.unit, cases.c.since, cases.c.handle)
Index("ix_cases_state_since", cases.c.state, cases.c.since, cases.c.handle)
Index("ix_cases_round_unit", cases.c.round, cases.c.unit, cases.c.state)
Index("ix_cases_submission", cases.c.submission)
Index("ix_cases_authority_state", cases.c.authority, cases.c.state, cases.c.since)
Index("ix_cases_name_folded", cases.c.name_folded)
Index("ix_cases_same_person", cases.c.name_folded, cases.c.born, cases.c.case_type)
Index(
    "ix_cases_to_sequence",
    cases.c.handle,
    sqlite_where=text("sequenced < entry_count"),
    postgresql_where=text("sequenced < entry_count"),
)

_FOLLOWS = text("admission IS NOT NULL")
Index(
    "ix_cases_admission",
    cases.c.admission,
    sqlite_where=_FOLLOWS,
    postgresql_where=_FOLLOWS,
)

# Whose conflict of interest waits for somebody who can take over.
_CONFLICT = text("conflicts_waiting <> '[]'")
Index(
    "ix_cases_conflict",
    cases.c.handle,
    sqlite_where=_CONFLICT,
    postgresql_where=_CONFLICT,
)

# What a unit has still to answer.
_ASKED = text("open_questions <> '{}'")
Index(
    "ix_cases_asked_unit",
    cases.c.unit,
    cases.c.since,
    sqlite_where=_ASKED,
    postgresql_where=_ASKED,
)
_REQUESTED = text("open_requests > 0")
Index("ix_cases_requests", cases.c.handle, sqlite_where=_REQUESTED, postgresql_where=_REQUESTED)

participations = Table(
    "participations",
    METADATA,
    reference("case_handle", "cases.handle"),
    reference("officer", "officers.handle"),
    required("hat", WORD),
    reference("organisation", "organisations.code", CODE),  # for which they play it
    # One hat a case: an officer has one row, whatever they do there.
    PrimaryKeyConstraint("case_handle", "officer", name="pk_participations_one_hat"),
    CheckConstraint(
        "hat IN ('file','coordinate','opine','conclude','review','dispose','administer')",
        "known_hat",
    ),
)

_KEPT = (
    "reference",
    "state",
    "stood_in",
    "unit",
    "name",
    "born",
    "target",
    "position",
    "management_level",
    "submission",
    "round",
    "regulation",
    "authority",
    "admission",
    "turn",
    "proposed_outcome",
    "proposed_by",
    "proposed_for",
    "outcome",
    "level",
    "record_class",
    "disposal",
    "disposal_by",
    "question_sets",
    "entry_count",
)


def row_of(case: CaseFile) -> dict[str, Any]:
    """Return the columns that follow from *case*."""
    row: dict[str, Any] = {name: getattr(case, name) for name in _KEPT}
    row |= {
        "handle": case.handle,
        "case_type": case.case_type.value,
        "definition_version": case.definition_version,
        "name_folded": folded(case.name),
        "name_sort": sort_key(case.name),
        "owing": _owing(case),
        "recorded": _dumps(case.recorded),
        "missing": _dumps(case.missing),
        "before_authority": int(case.before_authority),
        "amended": case.amended.value if case.amended else None,
        "recused": _handles(case.recused),
        "conflicts_waiting": _handles(case.conflicts_waiting),
        "named": _handles(case.named),
        "holds": _dumps(case.holds),
        "open_questions": _dumps(case.open_questions),
        "requests": _requests(case.requests),
        "open_requests": case.open_requests,
    }
    return row


def changes(case: CaseFile, kept: CaseFile) -> dict[str, Any]:
    """Return the columns in which *case* is no longer as it was kept.

    What stays as it is stays out of the statement: a column that is named costs its indexes.
    """
    row = {name: value for name in _KEPT if (value := getattr(case, name)) != getattr(kept, name)}
    if case.case_type is not kept.case_type:
        row["case_type"] = case.case_type.value
    if case.definition_version != kept.definition_version:
        row["definition_version"] = case.definition_version
    if "name" in row:
        row |= {"name_folded": folded(case.name), "name_sort": sort_key(case.name)}
    for name, written in _WRITTEN_AS.items():
        if getattr(case, name) != getattr(kept, name):
            row[name] = written(getattr(case, name))
    if case.open_requests != kept.open_requests:
        row["open_requests"] = case.open_requests
    if (owing := _owing(case)) != _owing(kept):
        row["owing"] = owing
    return row


def _owing(case: CaseFile) -> int:
    return len(case.owing()) + case.others_owing if case.turn else 0


def case_of(row: Row, consultations: Iterable[Any] = (), *, of_one_body: bool = False) -> CaseFile:
    """Return the case that a row keeps.

    Where the questions are those *of one body*, of all the others it is known how many still owe
    an answer: the row counts them.
    """
    kept = {name: row[name] for name in _KEPT}
    case = CaseFile(
        handle=row["handle"],
        case_type=CaseType(row["case_type"]),
        definition_version=row["definition_version"],
        recorded=json.loads(row["recorded"]) if row["recorded"] != "{}" else {},
        missing=tuple(json.loads(row["missing"])) if row["missing"] != "[]" else (),
        before_authority=bool(row["before_authority"]),
        amended=AmendmentKind(row["amended"]) if row["amended"] else None,
        consultations=tuple(consultations),
        recused=frozenset(json.loads(row["recused"])) if row["recused"] != "[]" else frozenset(),
        conflicts_waiting=frozenset(json.loads(row["conflicts_waiting"]))
        if row["conflicts_waiting"] != "[]"
        else frozenset(),
        named=frozenset(json.loads(row["named"])) if row["named"] != "[]" else frozenset(),
        holds=tuple(json.loads(row["holds"])) if row["holds"] != "[]" else (),
        open_questions=json.loads(row["open_questions"]) if row["open_questions"] != "{}" else {},
        requests=_requests_of(row["requests"]),
        **kept,
    )
    if not of_one_body:
        return case
    return replace(case, others_owing=row["owing"] - len(case.owing()))


# What the days of a case hang on, and what a line of a list says of it.
DATED = tuple(
    cases.c[name]
    for name in (
        "handle",
        "case_type",
        "definition_version",
        "state",
        "unit",
        "name",
        "reference",
        "admission",
        "outcome",
        "amended",
        "recorded",
        "requests",
        "open_questions",
    )
)


def dated_case_of(row: Any) -> CaseFile:  # noqa: ANN401  # a row of `DATED`
    """Return of a case what its days hang on, and no more: thousands are read at once."""
    return CaseFile(
        handle=row.handle,
        case_type=CaseType(row.case_type),
        definition_version=row.definition_version,
        state=row.state,
        unit=row.unit,
        name=row.name,
        reference=row.reference,
        admission=row.admission,
        outcome=row.outcome,
        amended=AmendmentKind(row.amended) if row.amended else None,
        recorded=json.loads(row.recorded) if row.recorded != "{}" else {},
        requests=_requests_of(row.requests),
        open_questions=json.loads(row.open_questions) if row.open_questions != "{}" else {},
    )


def _handles(officers: frozenset[str]) -> str:
    return _dumps(sorted(officers)) if officers else "[]"


def _requests(requests: tuple[CandidateRequest, ...]) -> str:
    return _dumps([_request(one) for one in requests]) if requests else "[]"


def _request(request: CandidateRequest) -> dict[str, object]:
    kept = asdict(request)
    if request.handed is None:  # what was kept before there was such a thing is the same as now
        del kept["handed"]
    return kept


def _requests_of(kept: str) -> tuple[CandidateRequest, ...]:
    if kept == "[]":
        return ()
    return tuple(CandidateRequest(**one) for one in json.loads(kept))


def _dumps(value: object) -> str:
    return json.dumps(value, ensure_ascii=False, sort_keys=True, separators=(",", ":"))


_WRITTEN_AS: dict[str, Callable[[Any], object]] = {
    "recorded": _dumps,
    "missing": _dumps,
    "before_authority": int,
    "amended": lambda kind: kind.value if kind else None,
    "recused": _handles,
    "conflicts_waiting": _handles,
    "named": _handles,
    "holds": _dumps,
    "open_questions": _dumps,
    "requests": _requests,
}
_WRITTEN = [name for name in cases.c.keys() if name != "sequenced"]  # noqa: SIM118
INSERT = Statement(cases.insert().values({name: bindparam(name) for name in _WRITTEN}))


@cache
def update_of(names: tuple[str, ...]) -> Statement:
    """Return what writes these columns, unless others have written the case in the meantime."""
    return Statement(
        cases.update()
        .where(cases.c.handle == bindparam("handle_"), cases.c.entry_count == bindparam("before_"))
        .values({name: bindparam(name) for name in names})
    )


ADD_PARTICIPATION = Statement(
    participations.insert().values(
        {name: bindparam(name) for name in ("case_handle", "officer", "hat", "organisation")}
    )
)


def opening_columns(at: str) -> dict[str, Any]:
    """Return the columns of a case that has only just been opened."""
    return {"opened_at": at, "filed_at": None, "since": at, "last_seal": FIRST}


def in_order(connection: Connection) -> ColumnElement[str]:
    """Return the order in which all acts lock cases: by bytes, as Python sorts their handles."""
    by_bytes = "BINARY" if connection.dialect.name == "sqlite" else "C"
    return cases.c.handle.collate(by_bytes)


# A case as whoever acts on it reads it: with its candidate's key, wrapped.
# And when the log was last sealed: what is written now does not come before that.
LAST_SEALED: ColumnElement[str | None] = literal_column(
    "(SELECT sealed.at FROM checkpoints AS sealed ORDER BY sealed.size DESC LIMIT 1)"
).label("sealed_at")
TO_ACT_ON = cases.select().add_columns(wrapped_key(cases.c.handle).label("data_key"), LAST_SEALED)


def lock(connection: Connection, handle: str) -> Row | None:
    """Read a case's row and keep others from changing it until the transaction ends."""
    return _LOCK(connection, {"handle": handle}).mappings().first()


_LOCK = Statement(TO_ACT_ON.where(cases.c.handle == bindparam("handle")).with_for_update(of=cases))


def read(connection: Connection, handle: str) -> Row:
    """Read the row of a case that is known to be there."""
    return _READ(connection, {"handle": handle}).mappings().one()


_READ = Statement(cases.select().where(cases.c.handle == bindparam("handle")))
