"""Figures over many cases: in bounded memory, quick to read, and the same by the second count.

`make prove-figures` lays down 100,000 cases, counts a report over all of them and over a tenth, has
the database count it a second time, and reads the page of the report and of a list behind it.
"""

import json
import os
import resource
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from sqlalchemy import func, select

from tests.builders import Cast
from tests.proofs.long_history import multiply, walked
from tests.proofs.running import say
from vetting.engine.figures import REQUESTS
from vetting.engine.vocabulary import Role
from vetting.queries.report_pages import Wanted, behind_figure, report_page
from vetting.records.cases import cases
from vetting.records.database import Database
from vetting.records.identity import Ids
from vetting.records.sealing_key import make_sealing_key, read_sealing_key
from vetting.records.second_count import second_count
from vetting.usecases.desk import Sent
from vetting.usecases.make_report import make_report
from vetting.usecases.seal_checkpoint import seal_checkpoint

CASES = 100_000
SMALL = 10  # times fewer
MOST_MEMORY = 1.5  # times as much for ten times as much
PAGE = 0.3  # seconds, as any page


def laid_down(folder, wanted):
    """A sealed history of about so many cases."""
    folder.mkdir()
    database = walked(f"sqlite:///{folder}/vetting.sqlite", steps=300)
    with database.reading() as connection:
        there = connection.scalar(select(func.count()).select_from(cases))
    multiply(database, wanted // there)
    make_sealing_key(folder, "vetting/test")
    size = seal_checkpoint(database, read_sealing_key(folder)).size
    database.close()
    return size


def counted(folder):
    """Make a report, in this process: its seconds, peak memory, and what reading it takes."""
    database = Database(f"sqlite:///{folder}/vetting.sqlite")
    desk = Cast(database, Ids()).desk("uy-ban-kiem-tra", Role.SUPERVISOR)
    began = time.process_time()
    report = make_report(desk, Sent("figures"), "2020-01-01", "2039-12-31")["report"]
    counting, memory = time.process_time() - began, resource.getrusage(resource.RUSAGE_SELF)
    with database.reading() as connection:
        began = time.process_time()
        page = report_page(connection, desk.principal, report)
        reading = time.process_time() - began
        began = time.process_time()
        behind_figure(connection, desk.principal, page, REQUESTS, Wanted())
        listing = time.process_time() - began
        began = time.process_time()
        line = page.line
        second = second_count(
            connection, size=line.size, as_of=line.as_of, since=line.since, until=line.until
        )
        again = time.process_time() - began
    kept = {
        one.definition.name: {key: {m.value: n for m, n in row.items()} for key, row in one.rows}
        for one in page.figures
    }
    return {
        "counting": counting,
        "memory": memory.ru_maxrss,
        "page": reading,
        "list": listing,
        "second": again,
        "same": kept == second,
        "items": sum(one.items for one in page.figures),
    }


def measure(folder, wanted):
    """Count in a process of its own, so that its memory is its own."""
    size = laid_down(folder, wanted)
    done = subprocess.run(  # our own program
        [sys.executable, "-m", "tests.proofs.many_figures", "--counted", str(folder)],
        env=dict(os.environ),
        capture_output=True,
        text=True,
        check=True,
    )
    told = json.loads(done.stdout)
    say(
        f"{wanted:,} cases, {size:,} entries, {told['items']:,} counted in "
        f"{told['counting']:.1f} s and {told['memory'] / 1024:.0f} MiB; page "
        f"{told['page'] * 1000:.0f} ms, list {told['list'] * 1000:.0f} ms; second count "
        f"{told['second']:.1f} s, the same: {told['same']}"
    )
    return told


def main(wanted=CASES):
    """Measure many cases and ten times fewer."""
    with tempfile.TemporaryDirectory() as place:
        small = measure(Path(place) / "small", wanted // SMALL)
        large = measure(Path(place) / "large", wanted)
    memory = large["memory"] / small["memory"]
    say(f"ten times as much takes {memory:.2f} times the memory")
    quick = large["page"] <= PAGE and large["list"] <= PAGE
    return memory <= MOST_MEMORY and quick and small["same"] and large["same"]


if __name__ == "__main__":
    if sys.argv[1:2] == ["--counted"]:
        sys.stdout.write(json.dumps(counted(Path(sys.argv[2]))))
        sys.exit(0)
    sys.exit(0 if main(*map(int, sys.argv[1:])) else 1)
