"""History check: whether every case's history holds, and whether the log holds them all.

Everything is read in pieces, each in one statement of its own: no writer waits for the check, no
act under way disturbs it, and a million entries take no more memory than a thousand.
"""

from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from itertools import groupby
from operator import itemgetter
from typing import Any, TypeAlias

from sqlalchemy import (
    Connection,
    Engine,
    Integer,
    Text,
    bindparam,
    func,
    literal_column,
    null,
    select,
    type_coerce,
    union_all,
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
INDEX_CACHE_KIB = 65_536  # each row is looked for in seven indexes, all over the file
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


@dataclass(frozen=True)
class Top(Head):
    """What a case says of its history, and with what the words of it are opened."""

    sequenced: int  # so many of its entries are in the log
    wrapped: str | None


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
    with on_purpose(connection, Purpose.CHECKING), _indexes_looked_at(connection, check):
        check.stones = _stones(connection)
        for top, rows in _cases(connection, check):
            check_rows_of_case(top, rows, check)
        _check_what_belongs_nowhere(connection, check)
        if words:
            _check_packages(connection, check)
        _check_log(connection, check, public_key)
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


@contextmanager
def _indexes_looked_at(connection: Connection, check: HistoryCheck) -> Iterator[None]:
    """Ask SQLite beside what the block does whether its indexes say what the rows say.

    All else here finds rows by their indexes, and would not see a damaged key in a row itself. It
    looks each row up in each index, which takes a third of the whole on a large history, all of it
    in SQLite: so it is done at the same time, on a connection of its own.
    """
    if connection.dialect.name != "sqlite":
        yield
        return
    with ThreadPoolExecutor(max_workers=1) as beside:
        damaged = beside.submit(_damaged, connection.engine)
        yield
        for table in damaged.result():
            check.found_in_log(
                0, say("the file of the database is damaged: %(table)s", table=table)
            )


def _damaged(engine: Engine) -> list[str]:
    with engine.connect() as own:
        kept = own.exec_driver_sql("PRAGMA cache_size").scalar()
        own.exec_driver_sql(f"PRAGMA cache_size = -{INDEX_CACHE_KIB}")
        try:
            return [
                table.name
                for table in (candidate_keys, entries, payloads, given_packages, log, checkpoints)
                if own.exec_driver_sql(f"PRAGMA integrity_check({table.name})").scalar() != "ok"
            ]
        finally:
            own.exec_driver_sql(f"PRAGMA cache_size = {kept}")


def _cases(connection: Connection, check: HistoryCheck) -> Iterator[tuple[Top, list[Line]]]:
    """Yield one case after the other."""
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
) -> Iterator[tuple[Top, list[Line]]]:
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
) -> Iterator[tuple[Top, list[Line]]]:
    """Read cases, and yield what each says of its history, and its entries with their words opened.

    The key of a case is unwrapped once for all its rows, not with each as a reader of few does.
    """
    rows = connection.execute(_ROWS_OF_CASES, {"handles": handles}).all()
    return (_one_case(list(of_case), words=words) for _, of_case in groupby(rows, key=_CASE))


def _one_case(rows: list[Line], *, words: bool) -> tuple[Top, list[Line]]:
    top = next(Top(_CASE(row), *row[_TOP:]) for row in rows if row[_IS_TOP])
    lines = [row for row in rows if not row[_IS_TOP]]
    return top, _opened(lines, top) if words else lines


def _opened(rows: list[Line], top: Top) -> list[Line]:
    if top.wrapped is None:  # destroyed, so nothing can be read
        return [[*row[:_SALT], None, None, row[_LOGGED]] for row in rows]
    try:
        key = data_key(top.handle, top.wrapped)
    except (TypeError, ValueError):
        return [[*row[:_SALT], "", "", row[_LOGGED]] for row in rows]
    return [
        row
        if row[_CONTENT] is None
        else [
            *row[:_SALT],
            key.open(row[_NUMBER], "salt", row[_SALT]),
            key.open(row[_NUMBER], "content", row[_CONTENT]),
            row[_LOGGED],
        ]
        for row in rows
    ]


def check_rows_of_case(top: Top, rows: list[Line], check: HistoryCheck) -> None:
    """Check one case: what it says and its entries as `rows_of_cases` gives them, in order."""
    check.cases += 1
    check.entries += len(rows)
    if (type(top.entry_count), type(top.sequenced)) != (int, int):
        check.found(Broken(top.handle, 1, say("the history cannot be read")))
        return
    check.waiting += max(top.entry_count - top.sequenced, 0)
    stone = check.stones.get(top.handle)
    check.forgotten += stone is not None
    broken = check_entries(rows, top, words=check.words, forgotten=stone is not None)
    if broken is None and stone is not None and not (rows and stone.is_proved_by(rows[-1])):
        broken = Broken(top.handle, len(rows), say("nobody approved that the case was erased"))
    # Whoever seals a case anew from some entry on shows at its end, and in the log where it begins.
    unlike = _unlike_log(rows, top)
    if broken is None or (unlike is not None and unlike.number < broken.number):
        broken = unlike
    check.found(broken)


def _unlike_log(rows: list[Line], top: Top) -> Broken | None:
    sequenced = top.sequenced
    if len(rows) == sequenced and list(map(_LOGGED_AS, rows)) == list(map(_SEALED_AS, rows)):
        return None  # as nearly every case is: all of it in the log, as it was sealed
    for number, row in enumerate(rows, 1):
        if number <= sequenced and row[_LOGGED] is None:
            return Broken(top.handle, number, say("the entry is missing from the log"))
        if number > sequenced and row[_LOGGED] is not None:
            return Broken(top.handle, number, say("the case does not know that it is in the log"))
        if row[_LOGGED] is not None and row[_LOGGED] != row[_SEAL]:
            return Broken(top.handle, number, say("the log has another seal for the entry"))
    if sequenced > len(rows):
        return Broken(top.handle, len(rows) + 1, say("the log should have more entries"))
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

# One statement, so that no act comes between what a case says of its history and its entries.
_AS_KEPT = {name: type_coerce(payloads.c[name], Text).label(name) for name in ("salt", "content")}
_TOP_COLUMNS = (
    cases.c.entry_count,
    cases.c.last_seal,
    cases.c.sequenced,
    candidate_keys.c.wrapped,
)
_TOPS = (
    select(
        *(
            cases.c.handle.label(name)
            if name == "case_handle"
            else null().cast(entries.c[name].type if name in entries.c else Text()).label(name)
            for name in CHECKED
        ),
        null().cast(Text).label("logged"),
        literal_column("1", Integer).label("is_top"),
        *_TOP_COLUMNS,
    )
    .select_from(cases.outerjoin(candidate_keys))
    .where(cases.c.handle.in_(bindparam("handles", expanding=True)))
)
_LINES = (
    select(
        *(_AS_KEPT[name] if name in _AS_KEPT else entries.c[name] for name in CHECKED),
        log.c.seal.label("logged"),
        literal_column("0", Integer).label("is_top"),
        *(null().cast(column.type).label(column.name) for column in _TOP_COLUMNS),
    )
    .select_from(
        entries.outerjoin(
            payloads,
            (payloads.c.case_handle == entries.c.case_handle)
            & (payloads.c.number == entries.c.number),
        ).outerjoin(log, _SAME_ENTRY)
    )
    .where(entries.c.case_handle.in_(bindparam("handles", expanding=True)))
)
_ROWS_OF_CASES = union_all(_TOPS, _LINES).order_by("case_handle", "number")


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
_LOGGED = len(CHECKED)
_IS_TOP, _TOP = _LOGGED + 1, _LOGGED + 2
_CASE = itemgetter(CHECKED.index("case_handle"))
_NUMBER, _SEAL = CHECKED.index("number"), CHECKED.index("seal")
_LOGGED_AS, _SEALED_AS = itemgetter(_LOGGED), itemgetter(_SEAL)
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
