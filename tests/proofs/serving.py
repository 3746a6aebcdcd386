"""The program as it is served: several processes on a database of its own, asked over the wire."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from http.client import HTTPConnection
from pathlib import Path
from urllib.parse import quote, urlencode

from sqlalchemy import update

from tests.builders import as_owner
from tests.house.province import Province, make, open_again
from tests.house.site import SECRET
from vetting.commands.bench_server import serving
from vetting.commands.keep_alive import HOST
from vetting.engine.canonical import moment
from vetting.records.database import Database
from vetting.records.officers import login_sessions
from vetting.records.standing import Purpose

WORKERS = 4
ADDRESSED = "/%?=&:@+,;!$'()*~"


@dataclass(frozen=True)
class Reply:
    """What came over the wire."""

    status: int
    headers: Mapping[str, str]
    body: bytes

    @property
    def text(self) -> str:
        return self.body.decode("utf-8", "replace")


class Wire:
    """One connection that is kept alive; where the server let go of it, it is opened anew."""

    def __init__(self, port: int, patience: float = 60) -> None:
        self._line = HTTPConnection(HOST, port, timeout=patience)

    def ask(
        self,
        method: str,
        address: str,
        *,
        token: str = "",
        told: Mapping[str, str] | None = None,
    ) -> Reply:
        headers = {"Cookie": f"officer={token}; language=vi"} if token else {}
        body = None
        if told is not None:
            headers["Content-Type"] = "application/x-www-form-urlencoded"
            headers["Sec-Fetch-Site"] = "same-origin"
            body = urlencode(told)
        self._line.request(method, quote(address, safe=ADDRESSED), body=body, headers=headers)
        answer = self._line.getresponse()
        return Reply(answer.status, dict(answer.getheaders()), answer.read())

    def close(self) -> None:
        self._line.close()


@dataclass(frozen=True)
class Served:
    """A province on a database of its own, and the port of a server on it."""

    port: int
    province: Province
    database: Database


@contextmanager
def served(url: str, folder: Path, target: str = "app:app") -> Iterator[Served]:
    """Make a province in an empty database and serve it; whoever is in it has just come in."""
    province = make(url, folder)
    database = Database(url, purpose=Purpose.COMMAND)
    let_in_now(database)
    open_again(database, province)
    try:
        with serving(target, url, folder, SECRET, workers=WORKERS) as port:
            yield Served(port, province, database)
    finally:
        database.close()


def let_in_now(database: Database) -> None:
    """Let the sessions of the province, which plays on another day, begin now."""
    now = moment(datetime.now(UTC))
    with as_owner(database).writing() as connection:
        connection.execute(update(login_sessions).values(began_at=now, seen_at=now, proved_at=now))
