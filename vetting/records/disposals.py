"""Disposals: how long records are kept, what was destroyed of which, and what stays of it.

What is destroyed is listed row by row, and the list is what two people agree to: its hash is in
what one asked, in what the other approved, and is worked out once more before anything goes. The
database lets go of no row but one that stands on such a list (`triggers.only_as_listed`). What
stays of a case is its reference, who did what when, and the seals; of what it says, nothing.
"""

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import unquote_plus

from sqlalchemy import (
    CheckConstraint,
    Column,
    Connection,
    Index,
    Integer,
    PrimaryKeyConstraint,
    Table,
    Text,
    and_,
    bindparam,
    exists,
    or_,
    select,
    text,
    tuple_,
)

from vetting.engine.canonical import canonical, digest
from vetting.engine.casefile import ERASED
from vetting.engine.definition import Title
from vetting.engine.looks import Purpose as PurposeOfALook
from vetting.engine.names import folded
from vetting.engine.policy import Action
from vetting.engine.retention import Schedule
from vetting.engine.sentences import Sentence, mark, say
from vetting.engine.vocabulary import CaseType
from vetting.records.acts import acts
from vetting.records.amendments import amendments
from vetting.records.base import (
    CODE,
    DAY,
    HASH,
    METADATA,
    MOMENT,
    WORD,
    optional,
    reference,
    required,
)
from vetting.records.candidate_keys import candidate_keys
from vetting.records.cases import cases, participations
from vetting.records.conclusions import conclusions, proposals
from vetting.records.consultations import (
    NEVER,
    consultations,
    extensions,
    opinions,
    sign_offs,
)
from vetting.records.database import Statement
from vetting.records.emergencies import emergency_requests, emergency_steps
from vetting.records.history import entries
from vetting.records.reads import reads
from vetting.records.standing import Purpose, on_purpose
from vetting.records.submissions import submissions
from vetting.records.withheld import named_readers, recusals, restrictions

retention_schedules = Table(
    "retention_schedules",
    METADATA,
    Column("code", CODE, primary_key=True),
    required("name_vi"),
    required("name_en"),
    required("case_types"),  # words, one space between them
    Column("years", Integer, nullable=True),  # empty: nobody has entered how long
    required("basis"),
    required("source"),
    required("entered_at", MOMENT),
    CheckConstraint("years IS NULL OR years BETWEEN 1 AND 200", "years_known"),
    CheckConstraint("years IS NULL OR basis <> ''", "by_a_rule"),
)

disposals = Table(
    "disposals",
    METADATA,
    reference("case_handle", "cases.handle"),
    required("reference", WORD),
    required("case_type", WORD),
    reference("unit", "organisations.code", CODE),
    required("record_class", CODE),
    Column("years", Integer, nullable=False),
    required("basis"),
    required("over_on", DAY),
    required("runs_out_on", DAY),
    required("plan", HASH),
    Column("items", Integer, nullable=False),
    reference("asked_by", "officers.handle"),
    required("asked_at", MOMENT),
    reference("approved_by", "officers.handle"),
    required("approved_at", MOMENT),
    Column("entry", Integer, nullable=False),  # that it was approved; nothing may come after it
    # What that entry says, and its salt: nothing of it is about the candidate, and with it the
    # tombstone can be proved after the candidate's key is gone.
    required("salt"),
    required("content"),
    optional("erased_at", MOMENT),
    optional("remains", HASH),  # of the rows that stay
    optional("cleaned_at", MOMENT),  # until then the files of the database may have words of it
    PrimaryKeyConstraint("case_handle", "entry"),
    CheckConstraint("asked_by <> approved_by", "two_people"),
    CheckConstraint("(erased_at IS NULL) = (remains IS NULL)", "told_what_remains"),
)
Index("ix_disposals_approved_at", disposals.c.approved_at)
_WAITING = text("erased_at IS NULL")
Index(
    "ix_disposals_waiting",
    disposals.c.case_handle,
    sqlite_where=_WAITING,
    postgresql_where=_WAITING,
)
_ERASED = text("erased_at IS NOT NULL")
Index(
    "uq_disposals_once",
    disposals.c.case_handle,
    unique=True,
    sqlite_where=_ERASED,
    postgresql_where=_ERASED,
)
_OWING = text("erased_at IS NOT NULL AND cleaned_at IS NULL")
Index(
    "ix_disposals_owing",
    disposals.c.erased_at,
    sqlite_where=_OWING,
    postgresql_where=_OWING,
)

disposal_items = Table(
    "disposal_items",
    METADATA,
    reference("case_handle", "cases.handle"),
    Column("item", Text, nullable=False),
    PrimaryKeyConstraint("case_handle", "item"),
)
Index("ix_disposal_items_item", disposal_items.c.item)

_OF_THE_OWNER = frozenset({"erased_at", "remains", "cleaned_at"})
INSERT = Statement(
    disposals.insert().values(
        {c.name: bindparam(c.name) for c in disposals.c if c.name not in _OF_THE_OWNER}
    )
)
# What writes itself down while somebody looks at the list, asks and agrees is on no list.
_OWN_ACTS = tuple(action.value for action in (Action.ASK_DISPOSAL, Action.ANSWER_DISPOSAL))
_ORDINARY = ("", *(purpose.value for purpose in PurposeOfALook))
_NO_HASH = "0" * 64
CHUNK = 500  # rows that one statement names
GONE = "†"  # where a text has to stay, and what was written must not

# What is left empty of a case, and of each of its consultations.
EMPTY_CASE: dict[str, Any] = {
    "state": ERASED,
    "stood_in": None,
    "name": "",
    "name_folded": "",
    "name_sort": "",
    "born": "",
    "target": "",
    "position": None,
    "management_level": None,
    "round": None,
    "admission": None,
    "owing": 0,
    "recorded": "{}",
    "missing": "[]",
    "proposed_outcome": None,
    "proposed_by": None,
    "proposed_for": None,
    "outcome": None,
    "amended": None,
    "question_sets": 0,
    "open_questions": "{}",
    "requests": "[]",
    "open_requests": 0,
}
EMPTY_CONSULTATION: dict[str, Any] = {
    "state": ERASED,
    "officer": None,
    "due_on": None,
    "due_order": NEVER,
    "verdict": None,
    "draft_verdict": None,
    "draft_reasons": None,
    "draft_conditions": "[]",
    "draft_evidence": "[]",
    "draft_by": None,
    "draft_for": None,
    "draft_hash": None,
    "countersigned_by": "[]",
    "countersigned_for": "[]",
    "amended": None,
    "amendment": None,
    "first_due_on": None,
    "longer": "[]",
    "time_until": None,
    "time_days": None,
    "time_by": None,
    "time_for": None,
    "clarify": None,
}
EMPTIED: dict[Table, dict[str, Any]] = {
    cases: EMPTY_CASE,
    consultations: EMPTY_CONSULTATION,
    acts: {"content_hash": _NO_HASH, "answer": "{}"},
    reads: {"asked": None, "purpose": "", "text_hash": None},
    emergency_requests: {"reference": GONE, "reason": GONE},
    emergency_steps: {"sentence": ""},
    submissions: {
        "letter_number": None,
        "file_name": GONE,
        "file_hash": _NO_HASH,
        "not_kept": "[]",
    },
}
DELETED: tuple[Table, ...] = (
    amendments,
    sign_offs,
    sign_offs,
    extensions,
    opinions,
    proposals,
    conclusions,
    candidate_keys,
)
# How a row is named on a list: nothing that is said in it, so no hash of a draft either.
NAMED_BY: dict[Table, tuple[str, ...]] = {
    cases: ("handle",),
    consultations: ("handle",),
    acts: ("key",),
    reads: ("number",),
    emergency_requests: ("handle",),
    emergency_steps: ("request", "kind"),
    submissions: ("handle",),
    amendments: ("case_handle", "entry"),
    sign_offs: ("consultation", "officer", "at"),
    extensions: ("consultation", "entry"),
    opinions: ("consultation",),
    proposals: ("case_handle", "entry"),
    conclusions: ("case_handle",),
    candidate_keys: ("case_handle",),
}
# What the rows of a table are, to whoever reads the list.
WHAT: dict[str, str] = {
    "cases": mark("What the case’s row says of the candidate"),
    "consultations": mark("Questions to the bodies, with drafts"),
    "acts": mark("Answers to forms that were sent"),
    "reads": mark("Words in the ledger of reads"),
    "emergency_requests": mark("Requests to read it in an emergency"),
    "emergency_steps": mark("What was said to these requests"),
    "submissions": mark("Name and number of the list it came in"),
    "amendments": mark("Corrections, annulments and revocations"),
    "sign_offs": mark("Names put under opinions"),
    "extensions": mark("Later days that were given for answers"),
    "opinions": mark("Signed opinions"),
    "proposals": mark("Proposals of the Board"),
    "conclusions": mark("Conclusions"),
    "candidate_keys": mark("The candidate’s key"),
}
# What follows from the log; and what came after the first tombstones, and is empty behind all.
_NOT_COMPARED = frozenset(
    {
        *("sequenced", "amended", "amendment"),
        *("question_sets", "open_questions", "requests", "open_requests"),
        *("first_due_on", "longer", "time_until", "time_days", "time_by", "time_for", "clarify"),
    }
)
# What stays of a case, and is compared with what stayed when it was disposed of.
_REMAINING: tuple[tuple[Table, Any], ...] = (
    (cases, cases.c.handle),
    (consultations, consultations.c.case_handle),
    (participations, participations.c.case_handle),
    (recusals, recusals.c.case_handle),
    (restrictions, restrictions.c.case_handle),
    (named_readers, named_readers.c.case_handle),
)


@dataclass(frozen=True, slots=True)
class _Known:
    """By what words about a candidate are found outside of their case."""

    case: str
    name: str
    opened_at: str
    submission: str | None


@dataclass(frozen=True, slots=True)
class Plan:
    """What would be destroyed: each row by its table and name, in the order of bytes."""

    items: tuple[str, ...]

    @property
    def hash(self) -> str:
        """The hash that two people agree to."""
        return digest("vetting disposal v1", canonical(list(self.items)))

    def counts(self) -> list[tuple[Sentence, int]]:
        """Return how many rows there are of each kind."""
        found = Counter(item.partition(":")[0] for item in self.items)
        return [(say(WHAT[name]), rows) for name, rows in sorted(found.items())]


def schedules(connection: Connection) -> dict[str, Schedule]:
    """Return the retention classes that were entered, by their codes."""
    return {
        row.code: Schedule(
            row.code,
            Title(vi=row.name_vi, en=row.name_en),
            frozenset(CaseType(word) for word in row.case_types.split()),
            row.years,
            row.basis,
        )
        for row in connection.execute(
            select(retention_schedules).order_by(retention_schedules.c.code)
        )
    }


def plan_of(connection: Connection, case: str) -> Plan:
    """Return what would be destroyed of a case, whoever asks."""
    with on_purpose(connection, Purpose.FORGETTING):
        return Plan(tuple(sorted(set(_listed(connection, case)))))


def _listed(connection: Connection, case: str) -> Iterator[str]:
    c = cases.c
    row = connection.execute(
        select(c.handle, c.name, c.opened_at, c.submission).where(c.handle == case)
    ).one()
    known = _Known(row.handle, folded(row.name), row.opened_at, row.submission)
    asked = select(consultations.c.handle).where(consultations.c.case_handle == case)
    request = select(emergency_requests.c.handle).where(emergency_requests.c.case_handle == case)
    for table, clause in (
        (cases, cases.c.handle == case),
        (consultations, consultations.c.case_handle == case),
        (extensions, extensions.c.case_handle == case),
        (opinions, opinions.c.case_handle == case),
        (sign_offs, sign_offs.c.consultation.in_(asked)),
        (proposals, proposals.c.case_handle == case),
        (conclusions, conclusions.c.case_handle == case),
        (amendments, amendments.c.case_handle == case),
        (candidate_keys, candidate_keys.c.case_handle == case),
        (emergency_requests, emergency_requests.c.case_handle == case),
        (emergency_steps, emergency_steps.c.request.in_(request)),
    ):
        yield from _named(connection, table, clause)
    yield from _acts_of(connection, case)
    yield from _looks_at(connection, known)
    yield from _lists_of(connection, known)


def _named(connection: Connection, table: Table, clause: Any) -> Iterator[str]:  # noqa: ANN401
    columns = [table.c[name] for name in NAMED_BY[table]]
    for row in connection.execute(select(*columns).where(clause)):
        yield item_of(table, row)


def item_of(table: Table, key: Iterable[Any]) -> str:
    """Return how a row stands on a list."""
    return f"{table.name}:{'/'.join(map(str, key))}"


def _acts_of(connection: Connection, case: str) -> Iterator[str]:
    """Yield the answers to forms that wrote something into the history of the case.

    An act says into which cases it wrote. Of one from before that is kept, its moment may be later
    than what it wrote first: its answer names the case all the same.
    """
    a, e = acts.c, entries.c
    officers = select(e.officer).where(e.case_handle == case)
    wrote = select(e.officer, e.at).where(e.case_handle == case)
    named = and_(a.officer.in_(officers), a.answer.contains(case, autoescape=True))
    before = and_(a.wrote == "", or_(tuple_(a.officer, a.at).in_(wrote), named))
    clause = or_(a.wrote.contains(case, autoescape=True), before)
    yield from _named(connection, acts, and_(clause, a.action.not_in(_OWN_ACTS)))


def _looks_at(connection: Connection, known: _Known) -> Iterator[str]:
    """Yield the lines of the ledger that keep words about the candidate.

    These are: why somebody looked at the case, a draft's hash, and whatever was searched for that
    has the candidate's name in it, by whomever and whether it found the case or not.
    """
    r = reads.c
    searched = and_(r.asked.is_not(None), r.action == Action.SEARCH.value)
    says = or_(r.purpose.not_in(_ORDINARY), r.text_hash.is_not(None), searched)
    yield from _named(connection, reads, and_(r.case_handle == known.case, says))
    if not known.name:
        return
    # Most lines ask for the same few things, such as a list narrowed to what waits.
    since = and_(r.asked.is_not(None), r.at >= known.opened_at)
    asked = connection.scalars(select(r.asked).where(since).distinct())
    named = [text for text in asked if known.name in folded(unquote_plus(text))]
    for start in range(0, len(named), CHUNK):
        chunk = named[start : start + CHUNK]
        yield from _named(connection, reads, and_(since, r.asked.in_(chunk)))


def _lists_of(connection: Connection, known: _Known) -> Iterator[str]:
    """Yield the list in which the case came, once nobody else on it is kept, or it names them."""
    if known.submission is None:
        return
    kept = connection.scalar(
        select(cases.c.handle)
        .where(
            cases.c.submission == known.submission,
            cases.c.handle != known.case,
            cases.c.state != ERASED,
        )
        .limit(1)
    )
    s = submissions.c
    named = connection.execute(
        select(s.file_name, s.letter_number).where(s.handle == known.submission)
    ).one()
    told = folded(" ".join(filter(None, named)).replace("_", " "))
    if kept is None or known.name in told:
        yield item_of(submissions, (known.submission,))


def approved(connection: Connection) -> list[Any]:
    """Return what two people agreed to and nothing came after: it is still to be destroyed."""
    d = disposals.c
    return list(
        connection.execute(
            select(disposals)
            .join(cases, (cases.c.handle == d.case_handle) & (cases.c.entry_count == d.entry))
            .where(d.erased_at.is_(None))
            .order_by(d.approved_at, d.case_handle)
        )
    )


def overtaken(connection: Connection) -> list[str]:
    """Return the cases of which two people agreed to a list, and something was written since."""
    d, later = disposals.c, disposals.alias("later").c
    return list(
        connection.scalars(
            select(d.case_handle)
            .join(cases, (cases.c.handle == d.case_handle) & (cases.c.entry_count != d.entry))
            .where(
                d.erased_at.is_(None),
                ~exists().where(later.case_handle == d.case_handle, later.entry > d.entry),
            )
            .order_by(d.approved_at, d.case_handle)
        )
    )


def agreed_to(connection: Connection, case: str) -> Any:  # noqa: ANN401  # a row
    """Return what two people agreed to about a case and nothing came after, or None."""
    return next((row for row in approved(connection) if row.case_handle == case), None)


def destroy(connection: Connection, case: str, entry: int, plan: Plan, at: str) -> None:
    """Destroy what is on a list, and nothing else; for the owner of the tables alone."""
    connection.execute(
        disposal_items.insert(), [{"case_handle": case, "item": item} for item in plan.items]
    )
    listed: dict[str, list[str]] = {}
    for item in plan.items:
        name, _, key = item.partition(":")
        listed.setdefault(name, []).append(key)
    for table in DELETED:
        _on_each(connection, table, listed.get(table.name, ()), table.delete())
    for table, values in EMPTIED.items():
        _on_each(connection, table, listed.get(table.name, ()), table.update().values(values))
    connection.execute(
        disposals.update()
        .where(disposals.c.case_handle == case, disposals.c.entry == entry)
        .values(erased_at=at, remains=remains_of(connection, case))
    )


def owing(connection: Connection) -> list[Any]:
    """Return what was destroyed and may still lie in the files of the database, oldest first."""
    d = disposals.c
    return list(
        connection.execute(
            select(d.case_handle, d.entry, d.reference, d.erased_at)
            .where(_OWING)
            .order_by(d.erased_at, d.case_handle)
        )
    )


def note_cleaned(connection: Connection, cleaned: Sequence[Any], at: str) -> None:
    """Write down that the files have nothing any more of what was destroyed; for the owner."""
    d = disposals.c
    for start in range(0, len(cleaned), CHUNK):
        handles = [row.case_handle for row in cleaned[start : start + CHUNK]]
        connection.execute(
            disposals.update().where(d.case_handle.in_(handles), _OWING).values(cleaned_at=at)
        )


def _on_each(connection: Connection, table: Table, keys: Iterable[str], deed: Any) -> None:  # noqa: ANN401
    columns = [table.c[name] for name in NAMED_BY[table]]
    wanted = [_values_of(table, columns, key) for key in keys]
    for start in range(0, len(wanted), CHUNK):
        chunk = wanted[start : start + CHUNK]
        if len(columns) == 1:
            there = columns[0].in_([value for (value,) in chunk])
        else:
            there = tuple_(*columns).in_(chunk)
        connection.execute(deed.where(there))


def _values_of(table: Table, columns: Sequence[Any], key: str) -> tuple[Any, ...]:
    """Return what a row is called, column by column, as it stands on a list."""
    parts = key.rsplit("/", len(columns) - 1) if len(columns) > 1 else [key]
    if table is sign_offs:  # the officer's handle may have a stroke
        consultation, _, rest = key.partition("/")
        parts = [consultation, *rest.rsplit("/", 1)]
    return tuple(
        int(part) if isinstance(column.type, Integer) else part
        for column, part in zip(columns, parts, strict=True)
    )


def remains_of(connection: Connection, case: str) -> str:
    """Return the hash of all that stays of a case in the rows that would follow from it."""
    kept: dict[str, list[list[Any]]] = {}
    for table, of_case in _REMAINING:
        columns = [column for column in table.c if column.name not in _NOT_COMPARED]
        rows = connection.execute(select(*columns).where(of_case == case))
        kept[table.name] = sorted(([*map(str, row)] for row in rows), key=repr)
    return digest("vetting remains v1", canonical(kept))
