"""History check: whether every case's history holds, and whether the log holds them all.

Everything is read in pieces, each in one statement of its own: no writer waits for the check, no
act under way disturbs it, and a million entries take no more memory than a thousand.
"""

from collections.abc import Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from itertools import groupby
from operator import itemgetter
from typing import Any, TypeAlias

from sqlalchemy import (
    Connection,
    Integer,
    Text,
    bindparam,
    func,
    select,
    type_coerce,
)
from sqlalchemy.exc import DBAPIError

from vetting.engine.checkpoint import BadNote, PublicKey, read_checkpoint
from vetting.engine.facts import DisposalApproved, RequestAnswered
from vetting.engine.seal import commitment
from vetting.engine.sentences import Sentence, say
from vetting.engine.tree import Edge
from vetting.records.candidate_keys import candidate_keys, data_key
from vetting.records.cases import cases
from vetting.records.disposals import disposals
from vetting.records.given_packages import given_packages, is_of
from vetting.records.history import (
    CHECKED,
    Broken,
    Head,
    check_entries,
    entries,
    payloads,
    read_payload,
)
from vetting.records.log import checkpoints, log, write_edge
from vetting.records.sealing_key import signed_checkpoint
from vetting.records.standing import Purpose, on_purpose

CASES_AT_ONCE = 100
POSITIONS_AT_ONCE = 5_000
MOST_NAMED = 1_000

Line: TypeAlias = Any  # a row as the database gives it, read by position


@dataclass(frozen=True)
class BrokenLog:
    """A place in the log that does not hold."""

    position: int
    what: Sentence


@dataclass(frozen=True)
class Stone:
    """What says that a case was disposed of, to be proved by the last entry of the case."""

    entry: int
    salt: str
    content: str
    told: dict[str, Any]

    def is_proved_by(self, row: Sequence[Any]) -> bool:
        """Tell whether an entry is the one that it comes from, and says the same."""
        said = read_payload(self.content)
        return (
            (row[_NUMBER], row[_VERB]) == (self.entry, DisposalApproved.verb)
            and row[_OFFICER] == self.told["approved_by"]
            and row[_PAYLOAD_HASH] == commitment(self.salt, self.content.encode())
            and said == {name: self.told[name] for name in said}
        )


@dataclass
class HistoryCheck:
    """What a check of the whole history found."""

    cases: int = 0
    entries: int = 0
    in_log: int = 0
    waiting: int = 0  # entries that are not in the log yet
    checkpoints: int = 0
    words: bool = True  # what the entries say was opened and compared
    forgotten: int = 0  # cases that were disposed of
    stones: dict[str, Stone] = field(default_factory=dict)  # by case
    signed: bool = False  # the checkpoints' signatures were checked
    broken_count: int = 0
    broken: list[Broken] = field(default_factory=list)  # the first break of each case
    broken_log: list[BrokenLog] = field(default_factory=list)
    references: dict[str, str] = field(default_factory=dict)  # of the broken cases that have one

    @property
    def holds(self) -> bool:
        """Tell whether nothing is wrong."""
        return not self.broken_count and not self.broken_log

    def found(self, broken: Broken | None) -> None:
        """Take down where a case is broken."""
        if broken is not None:
            self.broken_count += 1
            if len(self.broken) < MOST_NAMED:
                self.broken.append(broken)

    def found_in_log(self, position: int, what: Sentence) -> None:
        """Take down where the log is broken."""
        if len(self.broken_log) < MOST_NAMED:
            self.broken_log.append(BrokenLog(position, what))


def check_history(
    connection: Connection, public_key: PublicKey | None = None, *, words: bool = True
) -> HistoryCheck:
    """Check every case and the log; with the public key the checkpoints' signatures as well.

    Without the master key all but the words is checked: that each is there, not what it says.
    """
    check = HistoryCheck(signed=public_key is not None, words=words)
    with on_purpose(connection, Purpose.CHECKING):
        check.stones = _stones(connection)
        for rows in _cases(connection, check):
            check_rows_of_case(rows, check)
        _check_what_belongs_nowhere(connection, check)
        if words:
            _check_packages(connection, check)
        _check_log(connection, check, public_key)
        _check_indexes(connection, check)
        check.references = _references(connection, check)
    return check


def _references(connection: Connection, check: HistoryCheck) -> dict[str, str]:
    handles = list(dict.fromkeys(one.case_handle for one in check.broken))
    try:
        return _references_of(connection, handles)
    except DBAPIError:  # one of them cannot be read; it says no reference, and hides no other
        found: dict[str, str] = {}
        for handle in handles:
            with suppress(DBAPIError):
                found |= _references_of(connection, [handle])
        return found


def _references_of(connection: Connection, handles: Sequence[str]) -> dict[str, str]:
    rows = connection.execute(_REFERENCES, {"handles": handles}).all() if handles else ()
    return {handle: reference for handle, reference in rows if reference}


def _stones(connection: Connection) -> dict[str, Stone]:
    return {
        row["case_handle"]: Stone(row["entry"], row["salt"], row["content"], dict(row))
        for row in connection.execute(
            select(disposals).where(disposals.c.erased_at.is_not(None))
        ).mappings()
    }


def _check_indexes(connection: Connection, check: HistoryCheck) -> None:
    """Ask SQLite whether its indexes say what the rows say.

    All else here finds rows by their indexes, and would not see a damaged key in a row itself.
    """
    if connection.dialect.name != "sqlite":
        return
    for table in (candidate_keys, entries, payloads, given_packages, log, checkpoints):
        if connection.exec_driver_sql(f"PRAGMA integrity_check({table.name})").scalar() != "ok":
            check.found_in_log(
                0, say("the file of the database is damaged: %(table)s", table=table.name)
            )


def _cases(connection: Connection, check: HistoryCheck) -> Iterator[list[Line]]:
    """Yield the rows of one case after the other."""
    after = ""
    while True:
        chunk = connection.scalars(
            select(cases.c.handle)
            .where(cases.c.handle > after)
            .order_by(cases.c.handle)
            .limit(CASES_AT_ONCE)
        ).all()
        if not chunk:
            return
        after = chunk[-1]
        try:
            found = rows_of_cases(connection, chunk, words=check.words)
        except DBAPIError:  # one of them cannot be read; find out which
            yield from _one_by_one(connection, chunk, check)
            continue
        yield from found


def _one_by_one(
    connection: Connection, handles: Sequence[str], check: HistoryCheck
) -> Iterator[list[Line]]:
    for handle in handles:
        try:
            found = rows_of_cases(connection, [handle], words=check.words)
        except DBAPIError:
            check.cases += 1
            check.found(Broken(handle, 1, say("the history cannot be read")))
        else:
            yield from found


def rows_of_cases(
    connection: Connection, handles: Sequence[str], *, words: bool = True
) -> Iterator[list[Line]]:
    """Read cases, and yield the rows of one after the other, with what they say opened.

    The key of a case is unwrapped once for all its rows, not with each as a reader of few does.
    """
    rows = connection.execute(_ROWS_OF_CASES, {"handles": handles}).all()
    by_case = groupby(rows, key=_HANDLE)
    return (_opened(list(of_case)) if words else list(of_case) for _, of_case in by_case)


def _opened(rows: list[Line]) -> list[Line]:
    handle, wrapped = rows[0][_HEAD], rows[0][_WRAPPED]
    if wrapped is None:  # destroyed, so nothing can be read
        return [[*row[:_SALT], None, None, *row[_HEAD:]] for row in rows]
    try:
        key = data_key(handle, wrapped)
    except (TypeError, ValueError):
        return [[*row[:_SALT], "", "", *row[_HEAD:]] for row in rows]
    return [
        row
        if row[_CONTENT] is None
        else [
            *row[:_SALT],
            key.open(row[_NUMBER], "salt", row[_SALT]),
            key.open(row[_NUMBER], "content", row[_CONTENT]),
            *row[_HEAD:],
        ]
        for row in rows
    ]


def check_rows_of_case(rows: list[Line], check: HistoryCheck) -> None:
    """Check one case: its rows as `rows_of_cases` gives them, in order."""
    first = rows[0]
    head = Head(first[_HEAD], first[_HEAD + 1], first[_HEAD + 2])
    sequenced = first[_HEAD + 3]
    if first[_NUMBER] is None:
        rows = []  # the case has no entry at all
    check.cases += 1
    check.entries += len(rows)
    check.waiting += max(head.entry_count - sequenced, 0)
    stone = check.stones.get(head.handle)
    check.forgotten += stone is not None
    broken = check_entries(rows, head, words=check.words, forgotten=stone is not None)
    if broken is None and stone is not None and not (rows and stone.is_proved_by(rows[-1])):
        broken = Broken(head.handle, len(rows), say("nobody approved that the case was erased"))
    # Whoever seals a case anew from some entry on shows at its end, and in the log where it begins.
    unlike = _unlike_log(rows, head, sequenced)
    if broken is None or (unlike is not None and unlike.number < broken.number):
        broken = unlike
    check.found(broken)


def _unlike_log(rows: list[Line], head: Head, sequenced: int) -> Broken | None:
    for number, row in enumerate(rows, 1):
        if number <= sequenced and row[_LOGGED] is None:
            return Broken(head.handle, number, say("the entry is missing from the log"))
        if number > sequenced and row[_LOGGED] is not None:
            return Broken(head.handle, number, say("the case does not know that it is in the log"))
        if row[_LOGGED] is not None and row[_LOGGED] != row[_SEAL]:
            return Broken(head.handle, number, say("the log has another seal for the entry"))
    if sequenced > len(rows):
        return Broken(head.handle, len(rows) + 1, say("the log should have more entries"))
    return None


def _check_what_belongs_nowhere(connection: Connection, check: HistoryCheck) -> None:
    e, p = entries.c, payloads.c
    for case, number in connection.execute(
        select(e.case_handle, func.min(e.number))
        .outerjoin(cases, cases.c.handle == e.case_handle)
        .where(cases.c.handle.is_(None))
        .group_by(e.case_handle)
        .limit(MOST_NAMED)
    ):
        check.found(Broken(case, number, say("the case of the entry is gone")))
    for case, number in connection.execute(
        select(p.case_handle, func.min(p.number))
        .select_from(payloads.outerjoin(entries))
        .where(e.number.is_(None))
        .group_by(p.case_handle)
        .limit(MOST_NAMED)
    ):
        check.found(Broken(case, number, say("the entry that said this is gone")))
    for position, case, number, reference in connection.execute(
        select(
            func.min(log.c.position),
            log.c.case_handle,
            func.min(log.c.number),
            select(cases.c.reference).where(cases.c.handle == log.c.case_handle).scalar_subquery(),
        )
        .select_from(log.outerjoin(entries, _SAME_ENTRY))
        .where(e.number.is_(None))
        .group_by(log.c.case_handle)
        .limit(MOST_NAMED)
    ):
        named = f"{case} ({reference})" if reference else case
        check.found_in_log(
            position, say("entry %(number)s of case %(case)s is gone", number=number, case=named)
        )


def _check_packages(connection: Connection, check: HistoryCheck) -> None:
    """Compare what was to be handed over to candidates with the entries that have its hash."""
    for case, number, told, content in connection.execute(_PACKAGES):
        if told is None:  # lawfully forgotten, or found to be gone already
            continue
        try:
            said = read_payload(told)
            manifest, kept = said.get("manifest"), said.get("prepared") is not None
        except (ValueError, AttributeError):  # found to be changed already
            continue
        if kept and content is None:
            check.found(Broken(case, number, say("the package it names is gone")))
        elif content is not None and not is_of(content, str(manifest)):
            check.found(Broken(case, number, say("the package it names was changed")))


def _check_log(connection: Connection, check: HistoryCheck, public_key: PublicKey | None) -> None:
    edge, c = Edge(), checkpoints.c
    after = -1
    while True:
        noted = connection.execute(
            select(c.size, c.root, c.edge, c.note).where(c.size > after).order_by(c.size).limit(100)
        ).all()
        for row in noted:
            grown = _grown(connection, edge, row.size, check)
            if grown is None:
                return
            edge = grown
            check.checkpoints += 1
            check_checkpoint(row, edge, check, public_key)
        if not noted:
            break
        after = noted[-1].size
    check.in_log = edge.size
    beyond = connection.scalar(
        select(func.count()).where(
            log.c.position >= select(func.coalesce(func.max(c.size), 0)).scalar_subquery()
        )
    )
    if beyond:
        check.found_in_log(edge.size, say("no checkpoint covers the end of the log"))


def _grown(connection: Connection, edge: Edge, size: int, check: HistoryCheck) -> Edge | None:
    """Read the log up to *size*; None where a position is missing."""
    while edge.size < size:
        upto = min(size, edge.size + POSITIONS_AT_ONCE)
        rows = connection.execute(_POSITIONS, {"first": edge.size, "upto": upto}).all()
        gap = next(
            (at for at, row in enumerate(rows, edge.size) if row[0] != at), edge.size + len(rows)
        )
        if gap < upto:
            check.found_in_log(gap, say("the log has no entry here"))
            return None
        try:
            edge = edge.grown([bytes.fromhex(seal) for _, seal in rows])
        except ValueError:
            check.found_in_log(edge.size, say("the log has something here that is no seal"))
            return None
    return edge


def check_checkpoint(
    row: Line, edge: Edge, check: HistoryCheck, public_key: PublicKey | None
) -> None:
    """Check one checkpoint against the edge that the log itself gives."""
    if (row.root, row.edge) != (edge.root().hex(), write_edge(edge)):
        check.found_in_log(edge.size - 1, say("the log does not match its checkpoint"))
        return
    try:
        if public_key is not None:
            noted = signed_checkpoint(row.note, public_key)
        else:
            noted = read_checkpoint(f"{row.note.partition(chr(10) * 2)[0]}\n")
    except BadNote:
        check.found_in_log(edge.size - 1, say("the checkpoint is not signed with the log’s key"))
        return
    if (noted.size, noted.root) != (edge.size, edge.root()):
        check.found_in_log(edge.size - 1, say("the checkpoint was signed for another log"))


_SAME_ENTRY = (log.c.case_handle == entries.c.case_handle) & (log.c.number == entries.c.number)
_HEAD_COLUMNS = (cases.c.handle, cases.c.entry_count, cases.c.last_seal, cases.c.sequenced)


_AS_KEPT = {name: type_coerce(payloads.c[name], Text).label(name) for name in ("salt", "content")}
_ROWS_OF_CASES = (
    select(
        *(_AS_KEPT[name] if name in _AS_KEPT else entries.c[name] for name in CHECKED),
        *(column.label(f"case_{column.name}_") for column in _HEAD_COLUMNS),
        log.c.seal.label("logged"),
        candidate_keys.c.wrapped,
    )
    .select_from(
        cases.outerjoin(entries, entries.c.case_handle == cases.c.handle)
        .outerjoin(
            payloads,
            (payloads.c.case_handle == entries.c.case_handle)
            & (payloads.c.number == entries.c.number),
        )
        .outerjoin(log, _SAME_ENTRY)
        .outerjoin(candidate_keys, candidate_keys.c.case_handle == cases.c.handle)
    )
    .where(cases.c.handle.in_(bindparam("handles", expanding=True)))
    .order_by(cases.c.handle, entries.c.number)
)


_PACKAGES = (
    select(
        entries.c.case_handle,
        entries.c.number,
        payloads.c.content,
        given_packages.c.content,
    )
    .select_from(
        entries.outerjoin(
            payloads,
            (payloads.c.case_handle == entries.c.case_handle)
            & (payloads.c.number == entries.c.number),
        ).outerjoin(
            given_packages,
            (given_packages.c.case_handle == entries.c.case_handle)
            & (given_packages.c.number == entries.c.number),
        )
    )
    .where(entries.c.verb == RequestAnswered.verb)
    .order_by(entries.c.case_handle, entries.c.number)
)
_REFERENCES = select(cases.c.handle, cases.c.reference).where(
    cases.c.handle.in_(bindparam("handles", expanding=True))
)
_HEAD = len(CHECKED)
_LOGGED = _HEAD + len(_HEAD_COLUMNS)
_HANDLE = itemgetter(_HEAD)
_WRAPPED = _LOGGED + 1
_NUMBER, _SEAL = CHECKED.index("number"), CHECKED.index("seal")
_SALT, _CONTENT = CHECKED.index("salt"), CHECKED.index("content")
_VERB, _OFFICER, _PAYLOAD_HASH = (
    CHECKED.index(name) for name in ("verb", "officer", "payload_hash")
)
_POSITIONS = (
    select(log.c.position, log.c.seal)
    .where(
        log.c.position >= bindparam("first", type_=Integer),
        log.c.position < bindparam("upto", type_=Integer),
    )
    .order_by(log.c.position)
)
