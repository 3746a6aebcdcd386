"""Rebuild: everything that follows from the entries, made anew from them and compared.

What follows from entries: the case itself, its consultations, opinions, sign-offs, proposals,
conclusion, the parts its officers play and what keeps it from somebody, and the tallies of what
waits at each body. It is made by the very functions that make it when an act is written, so there
is no second truth that could drift from the first.

Also compared: how many cases each letter covers and each submission brought in, and the roots of
runs of the log. What follows from no entry stands in `NOT_REBUILT`, table by table, with the
reason; a table that is in neither list fails the tests.
"""

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import Any, TypeAlias

from sqlalchemy import Connection, Table, bindparam, func, select

from vetting.engine.casefile import ERASED
from vetting.engine.facts import CaseDrafted, hat_worn, read_fact
from vetting.engine.follow import follow, opened
from vetting.engine.refusals import HeldBack
from vetting.engine.sentences import Sentence, say
from vetting.engine.vocabulary import Hat
from vetting.records import (
    amendments,
    candidate_keys,
    cases,
    conclusions,
    consultations,
    disposals,
    letters,
    log_nodes,
    submissions,
    tallies,
    withheld,
)
from vetting.records.database import Row, Statement
from vetting.records.history import (
    check_chain,
    entries,
    payloads,
    read_payload,
    with_payloads,
)
from vetting.records.log import checkpoints
from vetting.records.projections import Times, rows_of

CASES_AT_ONCE = 100
TRIES = 3  # an act may come between two readings

Key: TypeAlias = tuple[Any, ...]
Rows: TypeAlias = dict[str, dict[Key, dict[str, Any]]]  # by table and primary key

PROJECTIONS: tuple[Table, ...] = (
    cases.cases,
    cases.participations,
    consultations.consultations,
    consultations.extensions,
    consultations.opinions,
    consultations.sign_offs,
    conclusions.proposals,
    conclusions.conclusions,
    amendments.amendments,
    withheld.recusals,
    withheld.restrictions,
    withheld.named_readers,
)
# Compared as well, each in its own way: a count, or what the log gives.
COUNTED: tuple[Table, ...] = (tallies.tallies, log_nodes.log_nodes)
_REFERRED = "entries refer to it"
_WAY_IN = "it says who may come in, and how; no case follows from it"
_READING = "it follows from the ledger of reads, which is kept beside the history"
NOT_REBUILT: dict[str, str] = {
    "entries": "it is the truth itself",
    "payloads": "it is the truth itself",
    "given_packages": "the check of the history compares it with the entries, hash by hash",
    "candidate_keys": "what the truth is sealed with",
    "retention_schedules": _REFERRED,
    "disposals": "what stays where the entries say nothing any more; it is compared with them",
    "disposal_items": "a part of a disposal: what it destroyed",
    "key_changes": "a record of its own that is never changed: when the master key changed",
    "log": "the check of the history compares it with the entries, seal by seal",
    "checkpoints": "signed over the log; the check of the history compares the two",
    "cosignatures": "signed by somebody else",
    "gaps": "declared by two people about the log, not about a case",
    "letters": "a paper of its own to which entries refer; how many cases it covers is compared",
    "submissions": "a paper of its own to which entries refer; how many cases it has is compared",
    "submission_rows": "what the paper said, with the rows that became no case",
    "waiting_lists": "lists of which nothing is filed yet",
    "rounds": _REFERRED,
    "reports": "what was counted from entries, as it was counted then",
    "report_figures": "a part of a report; running it again compares it with the entries",
    "report_runs": "a record of its own that is never changed: what came of running it again",
    "acts": "the answer to a form that is sent twice",
    "outbox": "what was told is laid beside the entries once a day",
    "recipients": "who was told is laid beside the entries once a day",
    "notice_steps": "a truth of its own: who opened what they were told",
    "mails": "a truth of its own: what went out about notices",
    "mail_notices": "a truth of its own: which notices a mail tells of",
    "mail_steps": "a truth of its own: what became of a mail",
    "muted_notices": "an officer's own wish, which comes and goes",
    "set_aside": "an officer's own wish, which comes and goes",
    "reconciliations": "what was found on a day, as it was found",
    "jobs": "work to be done, which says when it was done",
    "reads": "a truth of its own: who looked",
    "seen_cases": _READING,
    "seen_counts": _READING,
    "read_alarms": _READING,
    "counters": "which numbers of the letters' register were given",
    "organisations": _REFERRED,
    "organisation_kinds": _REFERRED,
    "successions": _REFERRED,
    "legal_bases": _REFERRED,
    "replacements": _REFERRED,
    "regulations": _REFERRED,
    "regulation_bodies": _REFERRED,
    "authority_rules": _REFERRED,
    "calendars": "deadlines are counted by it, and kept nowhere",
    "calendar_days": "deadlines are counted by it, and kept nowhere",
    "calendar_changes": "a record of its own that is never changed: who changed a calendar",
    "officers": _REFERRED,
    "officer_changes": "a record of its own that is never changed: what was done to an account",
    "role_assignments": "each entry keeps the role that was held; this is who holds one now",
    "role_changes": "a record of its own that is never changed: who gave or ended a role",
    "role_proposals": "a record of its own that is never changed: what one administrator gives",
    "role_answers": "a record of its own that is never changed: what a second one says to it",
    "absences": "each entry keeps for whom it was made; this is who is away",
    "substitutions": "each entry keeps for whom it was made; this is who was named",
    "session_links": _WAY_IN,
    "login_sessions": _WAY_IN,
    "failed_logins": _WAY_IN,
    "directory_identities": _WAY_IN,
    "directory_answers": _WAY_IN,
    "authenticators": _WAY_IN,
    "recovery_codes": _WAY_IN,
    "factor_resets": _WAY_IN,
    "half_sign_ins": _WAY_IN,
    "passkeys": _WAY_IN,
    "passkey_questions": _WAY_IN,
    "emergency_requests": "a record of its own that is never changed: who asked to read",
    "emergency_steps": "a record of its own that is never changed: who agreed, ended, reviewed",
}
_NOT_FROM_ENTRIES = {"cases": frozenset({"sequenced"})}  # it follows from the log
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


@dataclass
class Compared:
    """How much was compared so far."""

    cases: int = 0
    entries: int = 0
    rows: int = 0


def compare(
    connection: Connection,
    so_far: Compared | None = None,
    tick: Callable[[int], None] = lambda _cases: None,
) -> Iterator[Difference]:
    """Yield every difference between the rows that are kept and those that the entries lead to.

    Always in the same order, and never with more in memory than a hundred cases.
    """
    seen = so_far or Compared()
    after = ""
    while chunk := connection.scalars(_NEXT, {"after": after}).all():
        after = chunk[-1]
        kept, histories = _kept(connection, chunk), _histories(connection, chunk)
        for handle in chunk:
            seen.cases += 1
            seen.entries += len(histories[handle])
            seen.rows += sum(map(len, kept[handle].values()))
            yield from _differences_of(connection, handle, kept[handle], histories[handle])
        tick(len(chunk))
    yield from _strays(connection)
    yield from _tallies(connection)
    yield from _covered(connection)
    yield from _runs_of_the_log(connection)


def compare_case(connection: Connection, handle: str) -> list[Difference]:
    """Return where the rows of one case are not what its entries lead to."""
    return list(
        _differences_of(
            connection,
            handle,
            _kept(connection, [handle])[handle],
            _histories(connection, [handle])[handle],
        )
    )


class NotMended(HeldBack):
    """What is kept is unlike the entries, and cannot safely be written anew."""


# What may be written anew: where a case stands. Where its history ends is evidence, and what people
# signed is never changed.
_EVIDENCE = frozenset({"handle", "case_handle", "entry_count", "last_seal", "sequenced"})
_MENDED = (cases.cases, consultations.consultations)
_MENDED_WHOLE = (withheld.recusals, withheld.restrictions, withheld.named_readers)


def can_be_mended(found: Iterable[Difference]) -> bool:
    """Tell whether every one of these differences may be written anew."""
    columns = {table.name for table in _MENDED}
    whole = {table.name for table in _MENDED_WHOLE}
    return all(
        one.table in whole
        or (one.table in columns and one.column is not None and one.column not in _EVIDENCE)
        for one in found
    )


def mend_case(connection: Connection, handle: str) -> tuple[str, ...]:
    """Write anew from its entries what is kept of a case; returns which columns, by their tables.

    Refuses where the history itself does not hold, and where what is unlike it is evidence.
    """
    found = compare_case(connection, handle)
    if not found:
        return ()
    head = (
        connection.execute(cases.cases.select().where(cases.cases.c.handle == handle))
        .mappings()
        .one()
    )
    if check_chain(with_payloads(connection, handle), head) is not None or not can_be_mended(found):
        raise NotMended(
            say("The history of this case does not hold; nothing can be written anew from it.")
        )
    rows = rebuild(handle, _histories(connection, [handle])[handle])
    for table in _MENDED:
        _mend_columns(connection, table, [one for one in found if one.table == table.name])
    for table in _MENDED_WHOLE:
        for key in {one.key for one in found if one.table == table.name}:
            there = [
                table.c[name] == value for name, value in zip(_KEYS[table.name], key, strict=True)
            ]
            connection.execute(table.delete().where(*there))
            if (row := rows[table.name].get(key)) is not None:
                connection.execute(table.insert(), row)
    if compare_case(connection, handle):
        raise NotMended(say("This case could not be written anew from its history."))
    return tuple(sorted({f"{one.table}.{one.column or '*'}" for one in found}))


def _mend_columns(connection: Connection, table: Table, found: Iterable[Difference]) -> None:
    changes: dict[Key, dict[str, object]] = defaultdict(dict)
    for one in found:
        if one.column is not None:
            changes[one.key][one.column] = one.rebuilt
    for key, values in changes.items():
        there = [table.c[name] == value for name, value in zip(_KEYS[table.name], key, strict=True)]
        connection.execute(table.update().where(*there).values(values))


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
    if kept["cases"].get((handle,), {}).get("state") == ERASED:
        yield from _differences_of_what_remains(connection, handle, kept, history)
        return
    try:
        rows = rebuild(handle, history)
    except (KeyError, TypeError, ValueError, RuntimeError):
        yield Difference(handle, "entries", (handle,), None, len(history), None)
    else:
        yield from _differences(handle, kept, rows)


def _differences_of_what_remains(
    connection: Connection, handle: str, kept: Rows, history: list[Row]
) -> Iterator[Difference]:
    """Compare what stays of a case with what stayed when it was disposed of."""
    d = disposals.disposals.c
    stone = connection.execute(
        select(d.erased_at, d.remains, d.entry).where(
            d.case_handle == handle, d.erased_at.is_not(None)
        )
    ).first()
    head = kept["cases"][handle,]
    if stone is None:
        yield Difference(handle, "disposals", (handle,), None, None, handle)
        return
    for table in _GONE:
        for key in sorted(kept[table], key=repr):
            yield Difference(handle, table, key, None, kept[table][key], None)
    of = candidate_keys.candidate_keys.c.case_handle
    if connection.scalar(select(of).where(of == handle)) is not None:
        yield Difference(handle, "candidate_keys", (handle,), None, handle, None)
    last = history[-1] if history else {"number": 0, "seal": None}
    for column, there in (("entry_count", last["number"]), ("last_seal", last["seal"])):
        if head[column] != there:
            yield Difference(handle, "cases", (handle,), column, head[column], there)
    remains = disposals.remains_of(connection, handle)
    if remains != stone.remains:
        yield Difference(handle, "disposals", (handle,), "remains", remains, stone.remains)


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
            _play(rows, handle, entry, hat_worn(fact.verb, entry["role"]))
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


def _play(rows: Rows, handle: str, entry: Row, hat: Hat) -> None:
    """Write down which part those in whose name an entry was made play in the case."""
    for officer in filter(None, (entry["officer"], entry["on_behalf_of"])):
        rows["participations"].setdefault(
            (handle, officer),
            {
                "case_handle": handle,
                "officer": officer,
                "hat": hat.value,
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
        for key in sorted(kept[table].keys() | rebuilt[table].keys(), key=repr):
            here, there = kept[table].get(key), rebuilt[table].get(key)
            if here is None or there is None:
                yield Difference(handle, table, key, None, here, there)
                continue
            for name in _COMPARED[table]:
                if here[name] != there.get(name):
                    yield Difference(handle, table, key, name, here[name], there.get(name))


def _strays(connection: Connection) -> Iterator[Difference]:
    """Yield rows that belong to no case, and so were compared with nothing; and cases of no row."""
    gone = (
        select(entries.c.case_handle)
        .outerjoin(cases.cases, cases.cases.c.handle == entries.c.case_handle)
        .where(entries.c.number == 1, cases.cases.c.handle.is_(None))
        .order_by(entries.c.case_handle)
    )
    for handle in connection.scalars(gone):
        yield Difference(handle, "cases", (handle,), None, None, handle)
    for table in PROJECTIONS[1:]:
        of_case, joined = _OF_CASE[table.name]
        keys = [table.c[name] for name in _KEYS[table.name]]
        statement = (
            select(*keys, of_case)
            .select_from(joined.outerjoin(cases.cases, cases.cases.c.handle == of_case))
            .where(cases.cases.c.handle.is_(None))
            .order_by(*keys)
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


def _covered(connection: Connection) -> Iterator[Difference]:
    """Compare how many cases letters cover and submissions brought with what the cases say."""
    asked, case = consultations.consultations.c, cases.cases.c
    for table, column, of_case in (
        (letters.letters, letters.letters.c.covers, asked.letter),
        (submissions.submissions, submissions.submissions.c.accepted, case.submission),
    ):
        there = select(func.count()).where(of_case == table.c.handle).scalar_subquery()
        unlike = select(table.c.handle, column, there).where(column != there)
        for handle, kept, counted in connection.execute(unlike.order_by(table.c.handle)):
            yield Difference("", table.name, (handle,), column.name, kept, counted)


def _runs_of_the_log(connection: Connection) -> Iterator[Difference]:
    """Compare the roots that are kept of runs of the log with those that the log gives."""
    c = log_nodes.log_nodes.c
    size = connection.scalar(select(func.max(checkpoints.c.size))) or 0
    for height in reversed(log_nodes.HEIGHTS):
        whole = size >> height
        given = log_nodes.roots_of_runs(connection, height, whole)
        kept = connection.execute(
            select(c.place, c.root).where(c.height == height).order_by(c.place)
        )
        for place, root in enumerate(given):
            there = kept.fetchone()
            if there is None or tuple(there) != (place, root):
                had = there.root if there is not None and there.place == place else None
                key = (height, place)
                yield Difference("", "log_nodes", key, "root" if had else None, had, root)
                break
        else:
            if (there := kept.fetchone()) is not None:
                yield Difference("", "log_nodes", (height, there.place), None, there.root, None)
        kept.close()


def _of_case(table: Table) -> tuple[Any, Any]:
    """Return the column that says whose row it is, and the table joined with what says so."""
    if table is cases.cases:
        return table.c.handle, table
    if "case_handle" in table.c:
        return table.c.case_handle, table
    asked = consultations.consultations
    return asked.c.case_handle, table.outerjoin(asked, asked.c.handle == table.c.consultation)


_OF_CASE = {table.name: _of_case(table) for table in PROJECTIONS}
# What there is no row of once a case was disposed of.
_GONE = tuple(table.name for table in disposals.DELETED if table in PROJECTIONS)
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
