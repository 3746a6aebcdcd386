"""Tampering: what is done to a sealed history behind the program's back, tried everywhere.

`make prove-history` tries all of it; the tests a slice. A history is read into memory once, as
`vetting history verify` reads it, and each attack is shown to the very functions that it uses: one
entry with the entry before it, one case, or the log's tree. That these agree with the whole check
on a database is tried on a sample.
"""

import marshal
import random as randomness
import sqlite3
import sys
import tempfile
import time
from collections import defaultdict
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import lru_cache
from pathlib import Path
from unicodedata import normalize
from unittest.mock import patch

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from sqlalchemy import select

from tests.proofs.long_history import multiply, walked
from tests.proofs.running import Found, apart, say, tell
from vetting.engine.checkpoint import BadNote, Checkpoint
from vetting.engine.seal import FIRST, commitment, seal_of
from vetting.engine.tree import Edge, consistency_proof, inclusion_proof, subtree_of
from vetting.engine.verify_offline import Wrong, root_by
from vetting.engine.witnessing import Judgement, Question
from vetting.queries import history_check
from vetting.queries.history_check import HistoryCheck, check_history
from vetting.records import history
from vetting.records.candidate_keys import Sealed
from vetting.records.cases import cases
from vetting.records.history import CHECKED
from vetting.records.log import checkpoints, log, write_edge
from vetting.records.master_key import NoMasterKey
from vetting.records.sealing_key import SealingKey
from vetting.records.witness_folder import cosigned_at, know_log, make_witness, read_witness_key
from vetting.usecases import seal_checkpoint as sealing
from vetting.usecases.witness_checkpoint import witness_checkpoint

KEY = SealingKey("vetting/test", Ed25519PrivateKey.from_private_bytes(bytes(range(32))))
ANOTHER = SealingKey("vetting/test", Ed25519PrivateKey.from_private_bytes(bytes(range(1, 33))))
WIDTH = len(CHECKED)
CASE, NUMBER, SEAL, SALT, CONTENT, HASH, AT = (
    CHECKED.index(name)
    for name in ("case_handle", "number", "seal", "salt", "content", "payload_hash", "at")
)
BITS_OF_A_NUMBER = 32
EARLY, LATE = "2026-03-02T01:00:00.000000Z", "2026-03-03T01:00:00.000000Z"


@dataclass
class Shelf:
    """What the tables of the history hold."""

    heads: dict[str, tuple]  # case: how many entries, the last seal, how many are in the log
    entries: dict[str, list[tuple]]  # case: its entries in order, each with its payload
    log: list[tuple]  # case, number, seal
    notes: list[tuple]  # of each checkpoint: size, root, edge, note

    @classmethod
    def of(cls, connection):
        """Read the tables, as the check of the history does."""
        found = cls({}, defaultdict(list), [], [])
        for top, rows in history_check.rows_of_cases(connection, _handles(connection)):
            found.heads[top.handle] = (top.entry_count, top.last_seal, top.sequenced)
            found.entries[top.handle] = [tuple(row[:WIDTH]) for row in rows]
        c = log.c
        found.log = [
            tuple(row)
            for row in connection.execute(
                select(c.case_handle, c.number, c.seal).order_by(c.position)
            )
        ]
        n = checkpoints.c
        found.notes = [
            tuple(row)
            for row in connection.execute(select(n.size, n.root, n.edge, n.note).order_by(n.size))
        ]
        return found

    def copy(self):
        """A shelf to attack: what an attack changes is put in the place of what is there."""
        return Shelf(dict(self.heads), dict(self.entries), list(self.log), list(self.notes))

    def wrong(self, touched, *, tree=True):
        """What the check says of these cases, and of the log where it was touched."""
        check = HistoryCheck(signed=True)
        logged = {(case, number): seal for case, number, seal in self.log if case in touched}
        for case in touched:
            head, rows = self.heads.get(case), self.entries.get(case, [])
            if head is None:
                if rows:
                    check.found(history.Broken(case, 1, "the case of the entry is gone"))
            else:
                top = history_check.Top(case, *head, wrapped=None)
                lines = [
                    [*row, logged.get((case, row[NUMBER]))]
                    for row in sorted(rows, key=lambda row: row[NUMBER])
                ]
                history_check.check_rows_of_case(top, lines, check)
            numbers = {row[NUMBER] for row in rows}
            for place, number in logged:
                if place == case and number not in numbers:
                    check.found_in_log(0, "an entry of the log is gone")
        if tree:
            self._check_log(check)
        return [str(one.what) for one in (*check.broken, *check.broken_log)]

    def _check_log(self, check):
        edge = Edge()
        for size, root, kept, note in self.notes:
            if size > len(self.log):
                check.found_in_log(len(self.log), "the log has no entry here")
                return
            edge = edge.grown(bytes.fromhex(one) for _, _, one in self.log[edge.size : size])
            row = _Note(size, root, kept, note)
            history_check.check_checkpoint(row, edge, check, KEY.public)
        if edge.size < len(self.log):
            check.found_in_log(edge.size, "no checkpoint covers the end of the log")


@dataclass
class _Note:
    size: int
    root: str
    edge: str
    note: str


def _handles(connection):
    return connection.scalars(select(cases.c.handle)).all()


def sealed_ground(folder, least, cases_at_once=5, **walk):
    """A history of so many entries at least, in the log, under many checkpoints."""
    database = walked(f"sqlite:///{folder}/history.sqlite", **walk)
    with database.reading() as connection:
        first = sum(connection.scalars(select(cases.c.entry_count)))
    multiply(database, max(0, -(-least // first) - 1))
    with patch.object(sealing, "CASES_AT_ONCE", cases_at_once):
        sealing.seal_checkpoint(database, KEY)
    return database


# ------------------------------------------------------------------ every bit of every column


def flipped(value):
    """Yield the value with each of its bits turned over in turn, and spellings of the same."""
    if isinstance(value, int):
        for bit in range(BITS_OF_A_NUMBER):
            yield value ^ (1 << bit)
        yield from (str(value), float(value), f"0{value}", bool(value))
    elif isinstance(value, str):
        written = bytearray(value.encode())
        for at in range(len(written)):
            for bit in range(8):
                written[at] ^= 1 << bit
                try:
                    yield written.decode()
                except UnicodeDecodeError:
                    yield None if value is not None else ""  # the database gives no such text
                written[at] ^= 1 << bit
        yield from (f"{value}\0", f"{value} ", value.encode(), "")
        if normalize("NFD", value) != value:
            yield normalize("NFD", value)
        if value.endswith("Z"):
            yield f"{value[:-1]}+00:00"
    else:
        yield from ("", "x", 0, False)


def prove_flips(rows):
    """Turn over every bit of every column of these entries; each is shown with the one before.

    A text that is no longer UTF-8 cannot be read out of the database at all; in its place nothing
    is shown, which is caught as well.
    """
    found = Found()
    previous, last = FIRST, None
    for row in rows:
        if row[CASE] != last:
            previous, last, number = FIRST, row[CASE], 0
        number += 1
        for column, name in enumerate(CHECKED):
            line = list(row)
            for value in flipped(row[column]):
                if value == row[column] and type(value) is type(row[column]):
                    continue
                line[column] = value
                found.tried += 1
                # As `check_entries` does: the number and the case first, then the rest.
                moved = line[NUMBER] != number or line[CASE] != row[CASE]
                if not moved and history.wrong_in(line, previous) is None:
                    found.wrong.append(f"{row[CASE]}/{number} {name}: {value!r} is not seen")
        previous = row[SEAL]
    return found


# ------------------------------------------------------------------ structure


def resealed(rows, start=0):
    """The same entries with payload hashes and seals made anew from a place on."""
    made, previous = list(rows[:start]), rows[start - 1][SEAL] if start else FIRST
    for row in rows[start:]:
        line = list(row)
        line[HASH] = commitment(line[SALT], line[CONTENT].encode())
        previous = line[SEAL] = seal_of(previous, history.sealed_bytes(line))
        made.append(tuple(line))
    return made


def _told(row, **changes):
    line = list(row)
    for name, value in changes.items():
        line[CHECKED.index(name)] = value
    return tuple(line)


def _put(shelf, case, rows, *, head=True):
    shelf.entries[case] = rows
    if head:
        sequenced = shelf.heads[case][2]
        shelf.heads[case] = (len(rows), rows[-1][SEAL] if rows else FIRST, sequenced)


def _relogged(shelf, case):
    """Write the case's seals into the log as they are now."""
    seals = {row[NUMBER]: row[SEAL] for row in shelf.entries[case]}
    shelf.log = [
        (who, number, seals.get(number, seal) if who == case else seal)
        for who, number, seal in shelf.log
    ]


def _signed_anew(shelf, key, *, sizes=None):
    """Sign checkpoints over the log as it is now, of the same sizes or of others."""
    edge, notes = Edge(), []
    for size in sizes or [note[0] for note in shelf.notes]:
        edge = edge.grown(bytes.fromhex(seal) for _, _, seal in shelf.log[edge.size : size])
        note = key.sign(Checkpoint(key.name, edge.size, edge.root()))
        notes.append((edge.size, edge.root().hex(), write_edge(edge), note))
    shelf.notes = notes


def delete(shelf, case, at, _other):
    _put(shelf, case, shelf.entries[case][:at] + shelf.entries[case][at + 1 :], head=False)


def delete_and_close_up(shelf, case, at, _other):
    rows = [
        _told(row, number=number)
        for number, row in enumerate(shelf.entries[case][:at] + shelf.entries[case][at + 1 :], 1)
    ]
    _put(shelf, case, resealed(rows, at) if rows else [])


def insert(shelf, case, at, _other):
    """Put one in before: what is added behind the last is a new entry, and no tampering."""
    rows = shelf.entries[case]
    forged = _told(rows[at], salt="forged", content="{}")
    moved = [*rows[:at], forged, *rows[at:]]
    rows = [_told(row, number=number) for number, row in enumerate(moved, 1)]
    _put(shelf, case, resealed(rows, at))


def swap(shelf, case, at, _other):
    rows = list(shelf.entries[case])
    with_ = at + 1 if at + 1 < len(rows) else at - 1
    if with_ < 0:
        rows[at] = _told(rows[at], number=2)
    else:
        rows[at], rows[with_] = (
            _told(rows[with_], number=at + 1),
            _told(rows[at], number=with_ + 1),
        )
    _put(shelf, case, rows, head=False)


def duplicate(shelf, case, at, _other):
    rows = shelf.entries[case]
    _put(shelf, case, [*rows, _told(rows[at], number=len(rows) + 1)])


def transplant(shelf, case, at, other):
    rows = list(shelf.entries[case])
    foreign = shelf.entries[other]
    rows[at] = _told(foreign[min(at, len(foreign) - 1)], case_handle=case, number=at + 1)
    _put(shelf, case, rows)


def transplant_and_reseal(shelf, case, at, other):
    transplant(shelf, case, at, other)
    _put(shelf, case, resealed(shelf.entries[case], at))


def rehash(shelf, case, at, _other):
    rows = list(shelf.entries[case])
    rows[at] = _told(rows[at], salt="forged", content='{"reason":"khác"}')
    _put(shelf, case, resealed(rows, at))
    _relogged(shelf, case)


def renumber(shelf, case, at, _other):
    rows = shelf.entries[case]
    moved = [_told(row, number=row[NUMBER] + 1) for row in rows[at:]]
    _put(shelf, case, [*rows[:at], *moved], head=False)


def truncate_tail(shelf, case, at, _other):
    _put(shelf, case, shelf.entries[case][:at])
    count, seal, _ = shelf.heads[case]
    shelf.heads[case] = (count, seal, count)


def drop_case(shelf, case, _at, _other):
    del shelf.heads[case]
    shelf.entries[case] = []


def change_time(shelf, case, at, _other):
    rows = list(shelf.entries[case])
    rows[at] = _told(rows[at], at=LATE if rows[at][AT] != LATE else EARLY)
    _put(shelf, case, rows, head=False)


def replace_payload(shelf, case, at, _other):
    rows = list(shelf.entries[case])
    rows[at] = _told(rows[at], salt="forged", content='{"reason":"khác"}')
    _put(shelf, case, rows, head=False)


def sign_with_another_key(shelf, case, at, other):
    rehash(shelf, case, at, other)
    _signed_anew(shelf, ANOTHER)


# What the check of the history sees by itself.
SEEN_BY_THE_CHECK = (
    delete,
    delete_and_close_up,
    insert,
    swap,
    duplicate,
    transplant,
    transplant_and_reseal,
    rehash,
    renumber,
    truncate_tail,
    drop_case,
    change_time,
    replace_payload,
    sign_with_another_key,
)


def roll_back(shelf, position):
    """The log and all cases as they were when the log had *position* entries, well signed."""
    kept = dict.fromkeys(shelf.heads, 0)
    for case, _, _ in shelf.log[:position]:
        kept[case] += 1
    for case, count in kept.items():
        rows = shelf.entries[case][:count]
        shelf.entries[case] = rows
        shelf.heads[case] = (count, rows[-1][SEAL] if rows else FIRST, count)
        if not count:
            del shelf.heads[case]
    shelf.log = shelf.log[:position]
    sizes = [note[0] for note in shelf.notes if note[0] < position]
    _signed_anew(shelf, KEY, sizes=[*sizes, position])


def prove_structure(shelf, share=1, attacks=SEEN_BY_THE_CHECK, see=Shelf.wrong):
    """Try every attack at every *share*-th position of the log; each must be seen."""
    found = Found()
    others = list(shelf.heads)
    tree = {rehash, sign_with_another_key}
    for position in range(0, len(shelf.log), share):
        case, number, _ = shelf.log[position]
        other = others[(others.index(case) + 1) % len(others)]
        for attack in attacks:
            attacked = shelf.copy()
            attack(attacked, case, number - 1, other)
            found.tried += 1
            if not see(attacked, (case,), tree=attack in tree):
                found.wrong.append(f"{attack.__name__} at {position} is not seen")
    return found


# ------------------------------------------------------------------ whoever has the key


@dataclass
class Watching:
    """A witness on another machine, and the receipts that a body keeps."""

    folder: Path
    shelf: Shelf  # as it was witnessed
    size: int = 0
    receipts: list[tuple] = field(default_factory=list)  # position, seal, proof, root

    def __post_init__(self):
        make_witness(self.folder, "thanh-tra.tinh")
        know_log(self.folder, KEY.public)
        note = self.shelf.notes[-1][3]
        answer = self._ask(Question(0, (), note))
        assert cosigned_at(note + answer.line, read_witness_key(self.folder).public)
        self.size = self.shelf.notes[-1][0]
        leaves = leaves_of(self.shelf)
        root = Edge().grown(leaves).root()
        for position in range(0, self.size, max(1, self.size // 50)):
            proof = inclusion_proof(position, self.size, subtree_of(leaves))
            self.receipts.append((position, leaves[position], proof, root))

    def _ask(self, question):
        return witness_checkpoint(
            self.folder, question.text, lambda: datetime(2026, 4, 1, tzinfo=UTC)
        )

    def refuses(self, shelf):
        """Tell whether the witness signs no checkpoint of this log, asked in every way there is."""
        size, _, _, note = shelf.notes[-1]
        leaves = leaves_of(shelf)
        for old in {0, min(self.size, size)}:
            proof = consistency_proof(old, size, subtree_of(leaves)) if old else ()
            if self._ask(Question(old, proof, note)).judgement is Judgement.SIGN:
                return False
        return True

    def receipts_disagree(self, shelf):
        """Tell whether every receipt a body holds shows that this is not the log it was given."""
        leaves = leaves_of(shelf)
        if len(leaves) < self.size:
            return True
        root = Edge().grown(leaves[: self.size]).root()
        for place, seal, proof, signed in self.receipts:
            try:
                shown = root_by(seal, place, self.size, proof)
            except Wrong:
                return False  # the receipt itself would be at fault
            if shown != signed:
                return False
            if shown == root:
                return False
        return bool(self.receipts)


def leaves_of(shelf):
    return [bytes.fromhex(seal) for _, _, seal in shelf.log]


def rewritten(shelf, random):
    """Write one case anew from some entry on, with every seal, the log, the tree and signatures."""
    attacked = shelf.copy()
    case = random.choice(list(shelf.heads))
    rows = list(shelf.entries[case])
    at = random.randrange(len(rows))
    kind = random.randrange(4)
    if kind == 0:
        rows[at] = _told(rows[at], content='{"reason":"khác"}')
    elif kind == 1:
        rows[at] = _told(rows[at], officer="somebody/else")
    elif kind == 2:
        rows[at] = _told(rows[at], at=LATE if rows[at][AT] != LATE else EARLY)
    else:
        rows[at] = _told(rows[at], organisation="thue", role="secretary")
    _put(attacked, case, resealed(rows, at))
    _relogged(attacked, case)
    _signed_anew(attacked, KEY)
    return attacked, case


def prove_rewrites(shelf, folder, count, random, watching=None):
    """Rewrite the history with the application's own key; the check holds, the others see it."""
    found = Found()
    watch = watching or Watching(folder, shelf)
    for _ in range(count):
        attacked, case = rewritten(shelf, random)
        found.tried += 1
        if wrong := attacked.wrong((case,)):
            found.wrong.append(f"the attack was no good: {wrong[0]}")
        if not watch.refuses(attacked):
            found.wrong.append(f"the witness signs a rewritten {case}")
        if not watch.receipts_disagree(attacked):
            found.wrong.append(f"no receipt shows that {case} was rewritten")
    return found


def prove_roll_backs(shelf, folder, share=1, watching=None):
    """Cut the log off at every position, well signed: nothing but the witness can see it."""
    found = Found()
    watch = watching or Watching(folder, shelf)
    for position in range(1, len(shelf.log), share):
        attacked = shelf.copy()
        roll_back(attacked, position)
        found.tried += 1
        if wrong := attacked.wrong(tuple(attacked.heads) if position % 100 == 1 else ()):
            found.wrong.append(f"the attack at {position} was no good: {wrong[0]}")
        if not watch.refuses(attacked):
            found.wrong.append(f"the witness signs a log cut off at {position}")
    return found


# ------------------------------------------------------------------ the file itself

SHOWN = ("cases", "candidate_keys", "entries", "payloads", "log", "checkpoints")


def bare_file(database):
    """The bytes of a file with the tables of the history alone, as the database has them."""
    file = database.engine.url.database
    with tempfile.TemporaryDirectory() as folder:
        bare = sqlite3.connect(f"{folder}/bare.sqlite")
        whole = sqlite3.connect(file)
        for table in SHOWN:
            [(ddl,)] = whole.execute("SELECT sql FROM sqlite_master WHERE name = ?", (table,))
            bare.execute(ddl)
            rows = whole.execute(f"SELECT * FROM {table}").fetchall()  # noqa: S608
            marks = ",".join("?" * len(rows[0]))
            bare.executemany(f"INSERT INTO {table} VALUES ({marks})", rows)  # noqa: S608
        bare.commit()
        bare.execute("VACUUM")
        bare.close()
        whole.close()
        return Path(f"{folder}/bare.sqlite").read_bytes()


_READ = (
    "SELECT "  # noqa: S608
    + ", ".join(f"e.{n}" if n not in ("salt", "content") else f"p.{n}" for n in CHECKED)
    + ", k.wrapped FROM entries e LEFT JOIN payloads p"
    " ON p.case_handle = e.case_handle AND p.number = e.number"
    " LEFT JOIN candidate_keys k ON k.case_handle = e.case_handle ORDER BY e.case_handle, e.number"
)


@dataclass
class Contents:
    """What a file shows: the shelf's rows, the whole rows of cases, and payloads by themselves."""

    entries: list
    cases: list
    log: list
    notes: list
    payloads: list

    @classmethod
    def of(cls, content):
        """Read them out of the bytes of a file."""
        connection = sqlite3.connect(":memory:")
        try:
            connection.deserialize(content)
            for table in SHOWN[1:]:  # as the check asks
                [(said,), *_] = connection.execute(f"PRAGMA integrity_check({table})").fetchall()
                if said != "ok":
                    raise sqlite3.DatabaseError(said)
            found = cls(*(connection.execute(query).fetchall() for query in _QUERIES))
            found.entries = [_opened(*row) for row in found.entries]
            return found
        finally:
            connection.close()

    @property
    def mark(self):
        """The same for contents that say the same, to the kind of each value; in any order."""
        return [marshal.dumps(rows, 2) for rows in vars(self).values()]

    def wrong(self, before):
        """What the check says of whatever is not as it was *before*."""
        shelf = Shelf({}, defaultdict(list), [], self.notes)
        for handle, *head in (row[:1] + row[-3:] for row in self.cases):
            shelf.heads[handle] = tuple(head)
        for row in self.entries:
            shelf.entries[row[CASE]].append(row)
        shelf.log = [tuple(row) for _, *row in self.log]
        touched = {row[CASE] for row in _unlike(self.entries, before.entries)}
        touched |= {row[0] for row in _unlike(self.cases, before.cases)}
        moved = _unlike(self.log, before.log)
        touched |= {row[1] for row in moved}
        tree = bool(moved) or marshal.dumps(self.notes, 2) != marshal.dumps(before.notes, 2)
        said = shelf.wrong(tuple(touched), tree=tree)
        if [place for place, *_ in self.log] != list(range(len(self.log))):
            said.append("the log has no entry here")
        known = {(row[CASE], row[NUMBER]) for row in self.entries}
        if any((case, number) not in known for case, number, *_ in self.payloads):
            said.append("the entry that said this is gone")
        if any(handle not in shelf.heads for handle in shelf.entries):
            said.append("the case of the entry is gone")
        return said


@lru_cache(maxsize=1000, typed=True)  # most rows are as they were before
def _opened(*row):
    """An entry with what it says, as a program reads it that has the master key."""
    *entry, salt, content, wrapped = row
    said = (
        value
        and Sealed(name).process_result_value(
            f"{row[CASE]} {row[NUMBER]} {wrapped or ''} {value}", None
        )
        for name, value in (("salt", salt), ("content", content))
    )
    return (*entry, *said)


def _unlike(now, before):
    """Rows that are in one of the two only, to the kind of each value."""
    if marshal.dumps(now, 2) == marshal.dumps(before, 2):
        return []
    here = {marshal.dumps(row, 2): row for row in now}
    there = {marshal.dumps(row, 2): row for row in before}
    return [(here.get(key) or there[key]) for key in here.keys() ^ there.keys()]


_QUERIES = (
    _READ,
    "SELECT handle, c.*, entry_count, last_seal, sequenced FROM cases c ORDER BY handle",
    "SELECT position, case_handle, number, seal FROM log ORDER BY position",
    "SELECT size, root, edge, note FROM checkpoints ORDER BY size",
    # By themselves, as whoever looks for payloads without an entry reads them.
    "SELECT case_handle, number, salt, content FROM payloads NOT INDEXED",
)


def prove_file(content, count, seed, see=Contents.wrong, where=None):
    """Turn over *count* bits of the file at random; none may open, hold and show something else.

    *where* keeps it to some of the bytes. Where a key is named that nobody has, nothing opens.

    What a case's row says beside its head is told by rebuilding it, which names every column that
    is not what the entries say; such rows are counted by themselves.
    """
    found = Found()
    random = randomness.Random(seed)  # noqa: S311
    before = Contents.of(content)
    mark = before.mark
    outcomes = defaultdict(int)
    for _ in range(count):
        at, bit = random.choice(where or range(len(content))), random.randrange(8)
        changed = bytearray(content)
        changed[at] ^= 1 << bit
        found.tried += 1
        try:
            now = Contents.of(bytes(changed))
            shown = now.mark
        except (sqlite3.Error, UnicodeError, OverflowError, MemoryError, NoMasterKey):
            outcomes["refused"] += 1
            continue
        if shown == mark:
            outcomes["shows the same"] += 1
            continue
        try:
            wrong = see(now, before)
        except (TypeError, ValueError, AttributeError, KeyError, BadNote):
            wrong = ["it cannot be read"]
        if wrong:
            outcomes["named"] += 1
        elif [shown[0], *shown[2:]] == [mark[0], *mark[2:]]:
            outcomes["a row of a case unlike its entries"] += 1
        else:
            found.wrong.append(f"bit {bit} of byte {at} shows something else")
    found.met |= {f"{name}: {number:,}" for name, number in outcomes.items()}
    return found


# ------------------------------------------------------------------ all of it


def _flips(folder, share, shares):
    from vetting.records.database import Database  # noqa: PLC0415  # in a process of its own

    database = Database(f"sqlite:///{folder}/history.sqlite")
    with database.reading() as connection:
        shelf = Shelf.of(connection)
    rows = [row for case in sorted(shelf.entries)[share::shares] for row in shelf.entries[case]]
    return prove_flips(rows)


def main(flips=10_000, positions=2_000, rewrites=1_000, file_flips=1_000_000):
    """Try all of it."""
    well = True
    with tempfile.TemporaryDirectory() as place:
        folder = Path(place)
        since = time.monotonic()
        database = sealed_ground(folder, positions)
        with database.reading() as connection:
            shelf = Shelf.of(connection)
            assert not shelf.wrong(tuple(shelf.heads))
            assert check_history(connection, KEY.public).holds
        found = prove_structure(shelf)
        well &= tell("attacks on the structure", found, at_least=12 * positions, since=since)
        since = time.monotonic()
        found = prove_roll_backs(shelf, folder / "w1")
        well &= tell("roll-backs, well signed", found, at_least=positions - 1, since=since)
        since = time.monotonic()
        found = prove_rewrites(shelf, folder / "w2", rewrites, randomness.Random(1))  # noqa: S311
        well &= tell("rewrites with the host's key", found, at_least=rewrites, since=since)
        database.close()
    with tempfile.TemporaryDirectory() as place:
        since = time.monotonic()
        sealed_ground(Path(place), flips).close()
        found = apart(_flips, [(place, share, 2) for share in range(2)])
        well &= tell("bits of every column", found, at_least=flips * 3_000, since=since)
    with tempfile.TemporaryDirectory() as place:
        since = time.monotonic()
        database = sealed_ground(Path(place), 1, cases_at_once=2, steps=30)
        content = bare_file(database)
        database.close()
        parts = [(content, file_flips // 2, seed) for seed in (1, 2)]
        found = apart(prove_file, parts)
        well &= tell("bits of the file", found, at_least=file_flips, since=since)
        for line in sorted(found.met):
            say(f"  {line}")
    return well


if __name__ == "__main__":
    sys.exit(0 if main(*map(int, sys.argv[1:])) else 1)
