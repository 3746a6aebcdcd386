"""Reading under kills: whatever part of a case got out has its one line, whenever the server died.

The server is a process of its own that kills itself at the worst moments: before anything is done,
right after a line is committed, before the first byte, and halfway through the bytes.

python -m tests.house.reading_soak    READS and KILLS in the environment say how many
"""

import http.client
import os
import random
import signal
import socket
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import cycle, islice
from pathlib import Path
from urllib.parse import quote

from werkzeug.serving import WSGIRequestHandler, make_server

from tests.house.canaries import canaries_of, lines_since, newest, unseen, visits
from tests.house.province import make_once
from tests.house.site import Site, opened
from vetting.web import looking

MOMENTS = ("before anything", "after the line", "before the bytes", "halfway")


@dataclass
class Soaked:
    """What came of it."""

    asked: int = 0
    whole: int = 0  # answers that came whole
    sung: int = 0  # answers, whole or in part, with a case on them
    canaries: int = 0  # cases that were on them
    lines: int = 0
    kills: Counter = field(default_factory=Counter)  # by moment
    faults: list[str] = field(default_factory=list)


class _Quiet(WSGIRequestHandler):
    def log(self, *_told: object) -> None:
        """Say nothing of thousands of requests."""


class Deadly:
    """The application, in a process that kills itself now and then."""

    def __init__(self, site: Site, kill_one_in: float, *, late_line: bool) -> None:
        self.site = site
        self.kill_one_in = kill_one_in
        self.late_line = late_line  # the planted defect: the line is written after the bytes
        self.listening = socket.create_server(("127.0.0.1", 0))
        self.port = self.listening.getsockname()[1]
        self.generation = 0
        self.child = 0

    def start(self) -> None:
        self.generation += 1
        self.site.database.close()  # nobody shares a connection with a child
        self.child = os.fork()
        if self.child == 0:
            try:
                self._serve()
            finally:
                os._exit(1)

    def stop(self) -> None:
        os.kill(self.child, signal.SIGKILL)
        os.waitpid(self.child, 0)
        self.listening.close()

    def died(self) -> str | None:
        """Tell at which moment the child died, if it did, once it is gone."""
        gone, _ = os.waitpid(self.child, os.WNOHANG)
        if not gone:
            return None
        return self.site.file.with_suffix(".moment").read_text()

    def _serve(self) -> None:
        lot = random.Random(self.generation)  # noqa: S311  # no secret
        later: list = []

        def may_die(moment: str) -> None:
            if lot.random() * len(MOMENTS) * self.kill_one_in < 1:
                self.site.file.with_suffix(".moment").write_text(moment)
                os.kill(os.getpid(), signal.SIGKILL)

        look = looking.look

        def deadly_look(*args: object, **told: object) -> None:
            if self.late_line:
                later.append((args, told))
                return
            look(*args, **told)
            may_die(MOMENTS[1])

        looking.look = deadly_look
        inner = self.site.app.wsgi_app

        def deadly(environ, start) -> Iterator[bytes]:
            may_die(MOMENTS[0])
            later.clear()
            told: list = []
            content = b"".join(inner(environ, lambda *head: told.append(head)))
            may_die(MOMENTS[2])
            start(*told[0][:2])
            middle = len(content) // 2
            yield content[:middle]
            may_die(MOMENTS[3])
            yield content[middle:]

        make_server(
            "127.0.0.1", self.port, deadly, request_handler=_Quiet, fd=self.listening.fileno()
        ).serve_forever()


def soak(site: Site, reads: int, kill_one_in: float, *, late_line: bool = False) -> Soaked:
    """Read every page as every visitor, again and again, from a server that dies now and then."""
    found, canaries = Soaked(), canaries_of(site.database)
    pages = [(visitor, address) for visitor, _, address in visits(site)]
    random.Random(7).shuffle(pages)  # noqa: S311
    server = Deadly(site, kill_one_in, late_line=late_line)
    server.start()
    try:
        for visitor, address in islice(cycle(pages), reads):
            before = newest(site.database)
            content, whole = _get(server.port, address, site.province.tokens[visitor])
            if not whole:
                moment = _gone(server)
                found.kills[moment] += 1
                server.start()
            lines = lines_since(site.database, before)
            sung = sum(one.sings_in(content.decode(errors="replace")) for one in canaries)
            found.asked += 1
            found.whole += whole
            found.sung += sung > 0
            found.canaries += sung
            found.lines += len(lines)
            found.faults += [f"{address}: {it}" for it in unseen(canaries, content, lines)]
    finally:
        server.stop()
    return found


def _get(port: int, address: str, token: str) -> tuple[bytes, bool]:
    """Return all bytes of an answer's body that came, and whether it came whole."""
    client = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
    try:
        client.request("GET", http_address(address), headers={"Cookie": f"officer={token}"})
        return client.getresponse().read(), True
    except http.client.IncompleteRead as part:
        return part.partial, False
    except (http.client.HTTPException, OSError):
        return b"", False
    finally:
        client.close()


def http_address(address: str) -> str:
    """Write an address as it goes over the wire."""
    return quote(address, safe="/?=&:%~.-_")


def _gone(server: Deadly) -> str:
    for _ in range(3000):
        moment = server.died()
        if moment is not None:
            return moment
        time.sleep(0.01)
    raise RuntimeError("an answer broke off, but the server lives")


def main() -> int:
    """Soak in full, and print the figures."""
    reads, kills = (int(os.environ.get(name, most)) for name, most in _FULL)
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        with opened(make_once(folder), folder) as site:
            found = soak(site, reads, reads / kills)
    sys.stdout.write(
        f"{found.asked} reads, {sum(found.kills.values())} kills {dict(found.kills)}, "
        f"{found.whole} answers whole; {found.canaries} cases on {found.sung} answers, "
        f"{found.lines} lines; {len(found.faults)} without their one line\n"
    )
    sys.stdout.write("".join(f"{fault}\n" for fault in found.faults[:20]))
    return 1 if found.faults else 0


_FULL = (("READS", "100000"), ("KILLS", "200"))

if __name__ == "__main__":
    sys.exit(main())
