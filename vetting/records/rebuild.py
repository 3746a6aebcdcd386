"""Rebuild: everything that follows from the entries, made anew from them and compared.

What follows from entries: the case itself, its consultations, opinions, sign-offs, proposals,
conclusion, the parts its officers play and what keeps it from somebody, and the tallies of what
waits at each body. It is made by the very functions that make it when an act is written, so there
is no second truth that could drift from the first.

What does not follow from entries, and why: letters and submissions are papers of their own, which
entries refer to by handle; the outbox is work to be done and says when it was; `sequenced` and the
log follow from the log's own writing; the registers, officers and log-ins are what entries refer
to; acts and reads are kept beside the history, not in it.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any, TypeAlias

from sqlalchemy import Connection, Table, bindparam, select

from vetting.engine.facts import CaseDrafted, read_fact
from vetting.engine.follow import follow, opened
from vetting.engine.sentences import Sentence, say
from vetting.engine.vocabulary import HAT_OF_ROLE, Role
from vetting.records import cases, conclusions, consultations, tallies, withheld
from vetting.records.database import Row, Statement
from vetting.records.history import entries, payloads, read_payload
from vetting.records.projections import Times, rows_of

CASES_AT_ONCE = 100
TRIES = 3  # an act may come between two readings

Key: TypeAlias = tuple[Any, ...]
Rows: TypeAlias = dict[str, dict[Key, dict[str, Any]]]  # by table and primary key

PROJECTIONS: tuple[Table, ...] = (
    cases.cases,
    cases.participations,
    consultations.consultations,
    consultations.opinions,
    consultations.sign_offs,
    conclusions.proposals,
    conclusions.conclusions,
    withheld.recusals,
    withheld.restrictions,
    withheld.named_readers,
)
_NOT_FROM_ENTRIES = {"cases": frozenset({"sequenced"})}
_KEYS = {table.name: tuple(c.name for c in table.primary_key) for table in PROJECTIONS}


@dataclass(frozen=True)
class Difference:
    """A row, or a column of it, that is not what follows from the entries."""

    case_handle: str
    table: str
    key: Key
    column: str | None  # None where the whole row is missing, or too many
    kept: object
    rebuilt: object

    @property
    def sentence(self) -> Sentence:
        """Say what differs."""
        names = {
            "table": self.table,
            "key": "/".join(map(str, self.key)),
            "column": self.column,
        }
        if self.column is not None:
            return say("%(table)s %(key)s: “%(column)s” is not what the entries say.", **names)
        if self.table == "entries":
            return say("The entries of case %(key)s cannot be followed.", **names)
        if self.rebuilt is None:
            return say("%(table)s %(key)s: no entry says this.", **names)
        return say("%(table)s %(key)s: what the entries say is missing.", **names)


def compare(connection: Connection) -> Iterator[Difference]:
    """Yield every difference between the rows that are kept and those that the entries lead to."""
    after = ""
    while chunk := connection.scalars(_NEXT, {"after": after}).all():
        after = chunk[-1]
        kept, histories = _kept(connection, chunk), _histories(connection, chunk)
        for handle in chunk:
            yield from _differences_of(connection, handle, kept[handle], histories[handle])
    yield from _strays(connection)
    yield from _tallies(connection)


def _differences_of(
    connection: Connection, handle: str, kept: Rows, history: list[Row]
) -> Iterator[Difference]:
    for _ in range(TRIES):
        # The history was read last: an act that came between the two shows in its end.
        head = kept["cases"].get((handle,))
        if head is not None and history and history[-1]["seal"] == head["last_seal"]:
            break
        kept, history = (
            _kept(connection, [handle])[handle],
            _histories(connection, [handle])[handle],
        )
    try:
        rows = rebuild(handle, history)
    except (KeyError, TypeError, ValueError, RuntimeError):
        yield Difference(handle, "entries", (handle,), None, len(history), None)
    else:
        yield from _differences(handle, kept, rows)


def rebuild(handle: str, history: Iterable[Row]) -> Rows:
    """Return all rows that follow from a case's entries, read with what they say, in order."""
    rows: Rows = {table.name: {} for table in PROJECTIONS}
    case, times, last_seal = None, None, None
    for entry in history:
        fact = read_fact(entry["verb"], read_payload(entry["content"]))
        if case is None or times is None:
            if not isinstance(fact, CaseDrafted):
                raise TypeError(f"the history of {handle} begins with {fact.verb}")
            case = opened(handle, fact)
            times = Times(opened_at=entry["at"], changed_at=entry["at"], since=entry["at"])
        else:
            before = case
            case = follow(before, fact)
            times = times.after(fact, entry["at"], moved=before.state != case.state)
        last_seal = entry["seal"]
        if fact.takes_part:
            _play(rows, handle, entry)
        for statement, written in rows_of(fact, entry, case):
            _write(rows, statement, written)
    if case is None or times is None:
        return rows
    rows["cases"][handle,] = cases.row_of(case) | times.of_case() | {"last_seal": last_seal}
    for consultation in case.consultations:
        rows["consultations"][consultation.handle,] = consultations.row_of(
            consultation, handle
        ) | dict(times.of_consultation(consultation.handle))
    for statement, written in withheld.changes(case, None):
        _write(rows, statement, written)
    return rows


def _play(rows: Rows, handle: str, entry: Row) -> None:
    """Write down which part those in whose name an entry was made play in the case."""
    hat = HAT_OF_ROLE[Role(entry["role"])].value
    for officer in filter(None, (entry["officer"], entry["on_behalf_of"])):
        rows["participations"].setdefault(
            (handle, officer),
            {
                "case_handle": handle,
                "officer": officer,
                "hat": hat,
                "organisation": entry["organisation"],
            },
        )


def _write(rows: Rows, statement: Statement, row: dict[str, Any]) -> None:
    """Do to the rows what a statement does to the database."""
    if statement is conclusions.SUBMIT_PROPOSAL:
        latest = max(key for key in rows["proposals"] if key[1] < row["before_"])
        changed = {name: row[name] for name in ("submitted_by", "submitted_for", "submitted_at")}
        rows["proposals"][latest] = rows["proposals"][latest] | changed
        return
    table = statement.table.name
    rows[table][tuple(row[name] for name in _KEYS[table])] = row


def _kept(connection: Connection, handles: Iterable[str]) -> dict[str, Rows]:
    kept: dict[str, Rows] = defaultdict(lambda: {table.name: {} for table in PROJECTIONS})
    given = {"handles": list(handles)}
    for table in PROJECTIONS:
        for row in connection.execute(_KEPT[table.name], given).mappings():
            told = {name: row[name] for name in _COMPARED[table.name]}
            key = tuple(row[name] for name in _KEYS[table.name])
            kept[row["of_case"]][table.name][key] = told
    return kept


def _histories(connection: Connection, handles: Iterable[str]) -> dict[str, list[Row]]:
    histories: dict[str, list[Row]] = defaultdict(list)
    for row in connection.execute(_HISTORY, {"handles": list(handles)}).mappings():
        histories[row["case_handle"]].append(row)
    return histories


def _differences(handle: str, kept: Rows, rebuilt: Rows) -> Iterator[Difference]:
    for table in kept:
        for key in kept[table].keys() | rebuilt[table].keys():
            here, there = kept[table].get(key), rebuilt[table].get(key)
            if here is None or there is None:
                yield Difference(handle, table, key, None, here, there)
                continue
            for name in _COMPARED[table]:
                if here[name] != there.get(name):
                    yield Difference(handle, table, key, name, here[name], there.get(name))


def _strays(connection: Connection) -> Iterator[Difference]:
    """Yield rows that belong to no case, and so were compared with nothing."""
    for table in PROJECTIONS[1:]:
        of_case, joined = _OF_CASE[table.name]
        keys = [table.c[name] for name in _KEYS[table.name]]
        statement = (
            select(*keys, of_case)
            .select_from(joined.outerjoin(cases.cases, cases.cases.c.handle == of_case))
            .where(cases.cases.c.handle.is_(None))
        )
        for *key, case in connection.execute(statement):
            yield Difference(case or "", table.name, tuple(key), None, tuple(key), None)


def _tallies(connection: Connection) -> Iterator[Difference]:
    """Compare the tallies with the consultations, which were compared with the entries."""
    kept: dict[tallies.Place, int] = {}
    counted: dict[tallies.Place, int] = {}
    for _ in range(TRIES):
        counted = dict(tallies.counted_anew(connection))
        kept = {
            (body, *place): number
            for body in connection.scalars(select(tallies.tallies.c.body).distinct()).all()
            for place, number in tallies.waiting_at(connection, body).items()
        }
        if kept == counted:
            return
    for place in sorted(kept.keys() | counted.keys()):
        here, there = kept.get(place, 0), counted.get(place, 0)
        if here != there:
            yield Difference("", "tallies", place, "waiting", here, there)


def _of_case(table: Table) -> tuple[Any, Any]:
    """Return the column that says whose row it is, and the table joined with what says so."""
    if table is cases.cases:
        return table.c.handle, table
    if "case_handle" in table.c:
        return table.c.case_handle, table
    asked = consultations.consultations
    return asked.c.case_handle, table.outerjoin(asked, asked.c.handle == table.c.consultation)


_OF_CASE = {table.name: _of_case(table) for table in PROJECTIONS}
_COMPARED = {
    table.name: tuple(
        c.name for c in table.c if c.name not in _NOT_FROM_ENTRIES.get(table.name, ())
    )
    for table in PROJECTIONS
}
_KEPT = {
    name: select(table, of_case.label("of_case"))
    .select_from(joined)
    .where(of_case.in_(bindparam("handles", expanding=True)))
    for table in PROJECTIONS
    for name, (of_case, joined) in [(table.name, _OF_CASE[table.name])]
}
_NEXT = (
    select(cases.cases.c.handle)
    .where(cases.cases.c.handle > bindparam("after"))
    .order_by(cases.cases.c.handle)
    .limit(CASES_AT_ONCE)
)
_HISTORY = (
    entries.join(
        payloads,
        (payloads.c.case_handle == entries.c.case_handle) & (payloads.c.number == entries.c.number),
    )
    .select()
    .with_only_columns(*entries.c, payloads.c.content)
    .where(entries.c.case_handle.in_(bindparam("handles", expanding=True)))
    .order_by(entries.c.case_handle, entries.c.number)
)
