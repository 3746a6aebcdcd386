"""Forgetting: after a disposal no word about its candidate is in any file of the database.

A case is played to its end with a word of its own in each text that anybody can write: in every
fact, and around the history, in answers to forms, in what was searched for, in why somebody looked,
in what was asked in an emergency, in the name of a list. Others' cases have words too. Then it is
disposed of, and the bytes of every file of the database are searched: the embedded database's with
its journals, the server's own folder with its tables, indexes and statistics. None of the
candidate's words may be found, in any spelling in which the program writes; all of the others' must
be, or the search would be blind. A planted defect, a table that was forgotten, has to be caught.

`python -m tests.proofs.forgetting` does it for many cases, on both databases.
"""

import re
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from unittest.mock import patch
from urllib.parse import quote_plus

from sqlalchemy import make_url, select, text

from tests import postgres
from tests.builders import Cast, as_owner, as_superuser, sent, small_province
from tests.disposing import Disposing, schedule
from tests.proofs.canaries import marking
from tests.proofs.running import Found, tell
from vetting.engine.names import sort_key
from vetting.engine.policy import Action
from vetting.engine.vocabulary import CaseType, Role
from vetting.lists import GoodRow, ReadList
from vetting.queries.history_check import check_history
from vetting.records import disposals
from vetting.records.cases import cases
from vetting.records.database import Database
from vetting.records.emergencies import emergency_requests, emergency_steps
from vetting.records.history import with_payloads
from vetting.records.migrate import upgrade
from vetting.records.rebuild import compare
from vetting.records.standing import Purpose
from vetting.usecases import forget as forgetting
from vetting.usecases.file_list import Covering, Taken, file_list
from vetting.usecases.keep_record import hold_record, lift_hold
from vetting.usecases.look import look
from vetting.usecases.open_in_emergency import answer_emergency, ask_in_emergency

WORD = re.compile(
    r"(?<![\w-])zq[a-z]{6}(?![\w-])", re.IGNORECASE
)  # a handle may have one within it
IN_BYTES = re.compile(b"zq[a-z]{6}")
MANY = 40
AT_LEAST = 500  # words, in each file
IN_CLEAR = 12  # words about a candidate, at least, before


@dataclass
class Ground:
    """A province with cases that are over, and the words that stand in each."""

    cast: Cast
    people: Disposing
    words: dict[str, set[str]] = field(default_factory=dict)  # case: its words

    @property
    def database(self) -> Database:
        return self.cast.database


def ground(url: str, count: int) -> Ground:
    """Play so many cases to their end, each with words of its own wherever somebody writes."""
    database = Database(url, purpose=Purpose.COMMAND)
    with as_owner(database).writing() as connection:
        small_province(connection)
    schedule(database)
    cast = Cast(database)
    there = Ground(cast, Disposing(cast))
    with marking():
        for number in range(count):
            case = _filed_in_a_list(cast, f"Đặng Thị Zqzz{_letters(number)}")
            _bring_to_its_end(cast, case)
            _write_around(cast, case)
            there.words[case] = set(_words_of(database, case))
    there.people.let_pass()
    return there


def _letters(number: int) -> str:
    return "".join("abcdefghij"[int(digit)] for digit in f"{number:04d}")


def _filed_in_a_list(cast: Cast, name: str) -> str:
    """File a list of one person that is called after them, as units do."""
    row = GoodRow(1, name, "1975-03-02", "Phó Giám đốc", "Trưởng phòng")
    taken = Taken(f"{name}.csv", "5" * 64, ReadList("csv", None, (row,), ()))
    covering = Covering(CaseType.PLANNING, None, "standing_committee", f"12-CV/{name}")
    done = file_list(cast.unit, sent(), taken, covering)
    c = cases.c
    with cast.database.reading(Purpose.COMMAND) as connection:
        return str(connection.scalar(select(c.handle).where(c.submission == done["submission"])))


def _bring_to_its_end(cast: Cast, case: str) -> None:
    with patch.object(Cast, "filed", lambda *_: case):
        cast.closed()


def _write_around(cast: Cast, case: str) -> None:
    """Write words about a candidate everywhere but in what happens to their case."""
    with cast.database.reading(Purpose.COMMAND) as connection:
        name, reference = connection.execute(
            select(cases.c.name, cases.c.reference).where(cases.c.handle == case)
        ).one()
    supervisor = cast.desk("uy-ban-kiem-tra", Role.SUPERVISOR)
    # Found by it, found nothing by it, and found by it among others in a list.
    for desk, of in ((cast.head, case), (supervisor, None)):
        look(desk, Action.SEARCH, cases=[of], asked=f"q={quote_plus(name)}&state=")
    look(cast.head, Action.SEE_CASE, cases=[case], purpose=f"Đối chiếu đơn về {name}.")
    asked = str(ask_in_emergency(cast.unit, sent(), reference, f"Gấp: {name}.", 1)["request"])
    answer_emergency(cast.head, sent(), asked, agrees=True, sentence=f"Đồng ý: {name}.")
    hold_record(cast.head, sent(), case, f"Có đơn về {name}.")
    with cast.database.reading(Purpose.COMMAND) as connection:
        [hold] = connection.scalars(select(cases.c.holds).where(cases.c.handle == case))
    lift_hold(cast.head, sent(), case, int(hold.strip("[]")), f"Đã giải quyết đơn về {name}.")


def _words_of(database: Database, case: str) -> Iterator[str]:
    """Yield every word that is about a candidate."""
    r, s = emergency_requests.c, emergency_steps.c
    with database.reading(Purpose.COMMAND) as connection:
        written = [row["content"] for row in with_payloads(connection, case)]
        asked = connection.execute(
            select(r.handle, r.reason, s.sentence)
            .join(emergency_steps, s.request == r.handle)
            .where(r.case_handle == case)
        ).all()
    for one in (*written, *(f"{row.reason} {row.sentence}" for row in asked)):
        yield from map(str.lower, WORD.findall(one))


# ------------------------------------------------------------------ the bytes


def files_of(database: Database) -> list[Path]:
    """Every file in which a database keeps what it keeps."""
    url = make_url(database.url)
    if url.get_backend_name() == "sqlite":
        file = Path(str(url.database))
        return sorted(one for one in file.parent.iterdir() if one.name.startswith(file.name))
    with as_superuser(database) as connection:
        connection.execute(text("CHECKPOINT"))
        folder = Path(str(connection.scalar(text("SHOW data_directory"))))
        number = connection.scalar(
            text("SELECT oid FROM pg_database WHERE datname = current_database()")
        )
    return sorted(one for one in (folder / "base" / str(number)).iterdir() if one.is_file())


def words_in(files: list[Path]) -> set[str]:
    """Every word in the bytes of files, however names are written there."""
    found: set[str] = set()
    for file in files:
        content = file.read_bytes().lower()
        found |= {word.decode() for word in IN_BYTES.findall(content)}
    return found


def sorted_words_in(files: list[Path], words: set[str]) -> set[str]:
    """Those of the words of which a key to sort by is in the bytes."""
    content = b"".join(file.read_bytes() for file in files)
    return {word for word in words if sort_key(word).encode() in content}


def forget_one(there: Ground, case: str, found: Found) -> None:
    """Dispose of a case; say which of its words are still there, and which of others' are not."""
    mine = there.words[case]
    before = words_in(files_of(there.database))
    # What the history says is under the candidate's key from the beginning; the rest is in clear.
    if len(mine & before) < IN_CLEAR:
        found.wrong.append(f"before: the search finds {len(mine & before)} words alone")
    there.people.dispose(case)
    files = files_of(there.database)
    after = words_in(files)
    others = set().union(*(words for one, words in there.words.items() if one != case)) - mine
    found.tried += len(mine) * len(files)
    left = (mine & after) | sorted_words_in(files, mine)
    found.wrong += [f"still there: {word}" for word in sorted(left)]
    found.wrong += [f"gone with it: {word}" for word in sorted(others & before - after)]
    del there.words[case]
    with there.database.reading(Purpose.COMMAND) as connection:
        check = check_history(connection)
        found.wrong += [f"does not hold: {one.what}" for one in check.broken]
        found.wrong += [str(one.sentence) for one in compare(connection)]


@contextmanager
def forgotten_table() -> Iterator[None]:
    """Plant a defect: what was concluded is on the list, and is left where it is."""
    kept = tuple(table for table in disposals.DELETED if table.name != "conclusions")
    with patch.object(disposals, "DELETED", kept):
        yield


@contextmanager
def files_left_as_they_are() -> Iterator[None]:
    """Plant a defect: rows are destroyed, and the files stay as they are."""
    with patch.object(forgetting, "scrub", lambda _owner: None):
        yield


def main() -> int:
    """Do it for many cases on each kind of database."""
    good = True
    for name in ("SQLite", "PostgreSQL"):
        with tempfile.TemporaryDirectory() as folder, _empty(name, Path(folder)) as url:
            upgrade(url)
            since, found, there = time.monotonic(), Found(), ground(url, MANY)
            for case in list(there.words)[: MANY // 2]:
                forget_one(there, case, found)
            there.database.close()
            good &= tell(f"forgetting on {name}", found, at_least=AT_LEAST, since=since)
    return 0 if good else 1


@contextmanager
def _empty(name: str, folder: Path) -> Iterator[str]:
    if name == "SQLite":
        yield f"sqlite:///{folder / 'vetting.sqlite'}"
    else:
        with postgres.running_postgresql(durable=False) as url:
            yield url


if __name__ == "__main__":
    sys.exit(main())
