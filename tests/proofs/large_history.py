"""A large history: it is verified and rebuilt in bounded memory, and how fast, beside bare hashing.

`make prove-rebuild` lays down 100,000 cases with a million entries, runs `vetting history verify`
and `vetting history rebuild --compare` on them and on a tenth of them, and reads and hashes the
same bytes without asking anything. Both speeds are those for which somebody waits: of two cores
verifying uses a second one while SQLite looks at its indexes. On a machine that does nothing else.
"""

import json
import os
import resource
import sqlite3
import subprocess
import sys
import tempfile
import time
from hashlib import sha256
from pathlib import Path

from tests.proofs.long_history import multiply, walked
from tests.proofs.running import say
from vetting.queries.history_check import check_history
from vetting.records.candidate_keys import data_key
from vetting.records.database import Database
from vetting.records.history import CHECKED
from vetting.records.sealing_key import make_sealing_key, read_public_half, read_sealing_key
from vetting.usecases.seal_checkpoint import seal_checkpoint

CASES, ENTRIES = 100_000, 1_000_000
SMALL = 10  # times fewer
MOST_MEMORY = 1.25  # times as much for ten times as much
LEAST_SPEED = 0.5  # of bare hashing
_READ = (
    "SELECT "  # noqa: S608
    + ", ".join(f"e.{n}" if n not in ("salt", "content") else f"p.{n}" for n in CHECKED)
    + ", k.wrapped FROM entries e"
    " JOIN payloads p ON p.case_handle = e.case_handle AND p.number = e.number"
    " JOIN candidate_keys k ON k.case_handle = e.case_handle"
    " ORDER BY e.case_handle, e.number"
)

_CASE, _NUMBER = CHECKED.index("case_handle"), CHECKED.index("number")


def bare_hashing(file):
    """Read every entry with its payload, open it, write its bytes down and hash them.

    Nothing is asked. What is sealed is opened here as well: the bytes that are hashed are the same.
    """
    began = time.perf_counter()
    connection = sqlite3.connect(file)
    hashed = sha256()
    for row in connection.execute(_READ):
        seal = sha256(json.dumps(row[:-4], ensure_ascii=False).encode())
        key = data_key(row[_CASE], row[-1])
        salt, content = (
            key.open(row[_NUMBER], name, row[at]) for name, at in (("salt", -3), ("content", -2))
        )
        commitment = sha256(f"{salt}{content}".encode())
        hashed.update(seal.digest() + commitment.digest())
    connection.close()
    return time.perf_counter() - began


def laid_down(folder, copies):
    """A sealed history with so many copies of a walked one, and its size."""
    database = walked(f"sqlite:///{folder}/vetting.sqlite", steps=300)
    multiply(database, copies)
    make_sealing_key(folder, "vetting/test")
    size = seal_checkpoint(database, read_sealing_key(folder)).size
    database.close()
    return size


def verifying(folder):
    """Check the same history, with the log and its signatures, in this process.

    Returns the seconds that it took, and those of the processor's.
    """
    database = Database(f"sqlite:///{folder}/vetting.sqlite")
    with database.reading() as connection:
        began, busy = time.perf_counter(), time.process_time()
        assert check_history(connection, read_public_half(folder)).holds
        took = time.perf_counter() - began, time.process_time() - busy
    database.close()
    return took


def run(folder, *words):
    """Run a command in a process of its own: what it says, its seconds and its peak memory."""
    env = {
        **os.environ,
        "VETTING_DATABASE_URL": f"sqlite:///{folder}/vetting.sqlite",
        "VETTING_FOLDER": str(folder),
    }
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    code = (
        "import resource, sys; from vetting.commands import main\n"
        "try: main()\n"
        "finally: print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss, file=sys.stderr)"
    )
    done = subprocess.run(  # our own program
        [sys.executable, "-c", code, *words, "--json"],
        env=env,
        capture_output=True,
        text=True,
        check=False,
    )
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    seconds = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    return done.returncode, json.loads(done.stdout), seconds, int(done.stderr.split()[-1])


def measure(folder, copies):
    """What verifying and rebuilding so much costs."""
    folder.mkdir()
    size = laid_down(folder, copies)
    code, told, _, memory = run(folder, "history", "verify")
    assert (code, told["holds"], told["entries"], told["in_log"]) == (0, True, size, size), told
    (seconds, busy), bare = verifying(folder), bare_hashing(folder / "vetting.sqlite")
    again, rebuilt, rebuilding, its_memory = run(folder, "history", "rebuild", "--compare")
    assert (again, rebuilt["same"], rebuilt["entries"]) == (0, True, size), rebuilt
    say(
        f"{rebuilt['cases']:,} cases, {size:,} entries, {rebuilt['rows']:,} rows: "
        f"verified in {seconds:.1f} s ({busy:.1f} of a processor’s) and {memory / 1024:.0f} MiB, "
        f"bare hashing {bare:.1f} s ({bare / seconds:.2f}); "
        f"rebuilt and the same in {rebuilding:.0f} s and {its_memory / 1024:.0f} MiB"
    )
    return rebuilt["cases"], size, bare / seconds, memory, its_memory


def main(cases=CASES, entries=ENTRIES):
    """Measure a large history and one that is ten times smaller."""
    with tempfile.TemporaryDirectory() as place:
        folder = Path(place)
        (folder / "one").mkdir()
        size = laid_down(folder / "one", 0)
        many = sqlite3.connect(folder / "one" / "vetting.sqlite")
        [(there,)] = many.execute("SELECT count(*) FROM cases")
        many.close()
        copies = max(cases // there, entries // size)
        small = measure(folder / "small", copies // SMALL)
        large = measure(folder / "large", copies)
    verified, rebuilt = (large[at] / small[at] for at in (3, 4))
    say(
        f"ten times as much takes {verified:.2f} times the memory to verify, {rebuilt:.2f} to "
        f"rebuild; verifying goes at {large[2]:.2f} of the speed of bare hashing"
    )
    return max(verified, rebuilt) <= MOST_MEMORY and large[2] >= LEAST_SPEED


if __name__ == "__main__":
    sys.exit(0 if main(*map(int, sys.argv[1:])) else 1)
