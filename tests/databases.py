"""Fixtures that give a test a database of its own: a migrated one, on SQLite and on PostgreSQL.

`engine_url` runs a test on both; `sqlite_url` and `postgresql_url` on one of them, and `empty_url`
gives databases without tables. `province_url` and its like hold the small province besides.
`site_url` is for tests of pages, on that province: they are many, so it is SQLite, but for the
tests that are marked `behind_the_wall`, which run on both; with VETTING_TEST_WALL=1 every one of
them runs on PostgreSQL, behind its guard of the rows. Migrations run and the small province is
written once a session: every database is a copy.
"""

import fcntl
import os
import shutil
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path
from uuid import uuid4

import pytest
from sqlalchemy import URL, create_engine, make_url, text

from tests import postgres

FOLDER = "VETTING_TEST_FOLDER"

WALL = "VETTING_TEST_WALL"
BEHIND_THE_WALL = "behind_the_wall"

BOTH = ["sqlite", pytest.param("postgresql", marks=pytest.mark.postgresql)]


def pytest_configure(config: pytest.Config) -> None:
    """Hold, for all workers of this session, the folder in which one of them starts the server."""
    if hasattr(config, "workerinput"):
        return
    stack = ExitStack()
    folder = stack.enter_context(postgres.held_folder(durable=False))
    os.environ[FOLDER] = str(folder)
    if server := os.environ.get(postgres.ADDRESS):
        stack.callback(_drop_all, make_url(server), template_name(folder))
    config.add_cleanup(stack.close)


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """Have the tests of pages that say so run on both kinds of database."""
    if "site_url" not in metafunc.fixturenames or behind_the_wall():
        return
    if metafunc.definition.get_closest_marker(BEHIND_THE_WALL):
        metafunc.parametrize("site_url", BOTH, indirect=True)


def behind_the_wall() -> bool:
    """Tell whether all tests of pages run on PostgreSQL this time."""
    return bool(os.environ.get(WALL))


@pytest.fixture
def site_url(request: pytest.FixtureRequest) -> str:
    """The URL of a small province of this test's own, for the pages of an application."""
    kind = getattr(request, "param", "postgresql" if behind_the_wall() else "sqlite")
    url: str = request.getfixturevalue(f"{kind}_province_url")
    return url


@pytest.fixture(scope="module")
def shared_site_url(request: pytest.FixtureRequest) -> str:
    """The URL of a migrated database that a file of tests fills once and then only reads."""
    kind = "postgresql" if behind_the_wall() else "sqlite"
    url: str = request.getfixturevalue(f"shared_{kind}_url")
    return url


@pytest.fixture(scope="module", params=BOTH)
def shared_engine_url(request: pytest.FixtureRequest) -> str:
    """The same on each kind in turn."""
    url: str = request.getfixturevalue(f"shared_{request.param}_url")
    return url


@pytest.fixture(scope="module")
def shared_sqlite_url(sqlite_template: Path, tmp_path_factory: pytest.TempPathFactory) -> str:
    """The URL of a migrated SQLite file of one file of tests."""
    file = tmp_path_factory.mktemp("shared") / "vetting.sqlite"
    shutil.copyfile(sqlite_template, file)
    return f"sqlite:///{file}"


@pytest.fixture(scope="module")
def shared_postgresql_url(postgresql_template: URL) -> Iterator[str]:
    """The URL of a migrated PostgreSQL database of one file of tests."""
    yield from _copy(postgresql_template, str(postgresql_template.database))


@pytest.fixture(params=BOTH)
def engine_url(request: pytest.FixtureRequest) -> str:
    """The URL of a migrated database of this test's own, on each kind in turn."""
    url: str = request.getfixturevalue(f"{request.param}_url")
    return url


@pytest.fixture(params=BOTH)
def province_url(request: pytest.FixtureRequest) -> str:
    """The URL of a small province of this test's own, on each kind in turn."""
    url: str = request.getfixturevalue(f"{request.param}_province_url")
    return url


@pytest.fixture(params=BOTH)
def empty_url(request: pytest.FixtureRequest) -> str:
    """The URL of a database without tables, on each kind in turn."""
    url: str = request.getfixturevalue(f"empty_{request.param}_url")
    return url


@pytest.fixture
def sqlite_url(empty_sqlite_url: str, sqlite_template: Path) -> str:
    """The URL of a migrated SQLite file of this test's own."""
    shutil.copyfile(sqlite_template, str(make_url(empty_sqlite_url).database))
    return empty_sqlite_url


@pytest.fixture
def sqlite_province_url(empty_sqlite_url: str, sqlite_province_template: Path) -> str:
    """The URL of a small province of this test's own in a SQLite file."""
    shutil.copyfile(sqlite_province_template, str(make_url(empty_sqlite_url).database))
    return empty_sqlite_url


@pytest.fixture
def empty_sqlite_url(tmp_path: Path) -> str:
    """The URL of a SQLite file that is not there yet."""
    return f"sqlite:///{tmp_path / 'vetting.sqlite'}"


@pytest.fixture
def postgresql_url(postgresql_template: URL) -> Iterator[str]:
    """The URL of a migrated PostgreSQL database of this test's own."""
    yield from _copy(postgresql_template, str(postgresql_template.database))


@pytest.fixture
def postgresql_province_url(postgresql_province_template: URL) -> Iterator[str]:
    """The URL of a small province of this test's own in a PostgreSQL database."""
    yield from _copy(postgresql_province_template, str(postgresql_province_template.database))


@pytest.fixture
def empty_postgresql_url(postgresql_server: URL) -> Iterator[str]:
    """The URL of a PostgreSQL database without tables."""
    yield from _copy(postgresql_server, "template0")


@pytest.fixture(scope="session")
def sqlite_template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A migrated SQLite file to copy."""
    template = tmp_path_factory.mktemp("template") / "vetting.sqlite"
    _migrate(f"sqlite:///{template}")
    return template


@pytest.fixture(scope="session")
def sqlite_province_template(sqlite_template: Path) -> Path:
    """A SQLite file with the small province in it to copy."""
    template = sqlite_template.with_name("province.sqlite")
    shutil.copyfile(sqlite_template, template)
    _settle(f"sqlite:///{template}")
    return template


@pytest.fixture(scope="session")
def postgresql_server() -> URL:
    """The server that all workers share: the one named in the environment, or our own."""
    if server := os.environ.get(postgres.ADDRESS):
        return make_url(server)
    folder = Path(os.environ[FOLDER])
    with (folder / "turn").open("a") as turn:
        fcntl.flock(turn, fcntl.LOCK_EX)
        return postgres.start(folder, durable=False)


@pytest.fixture(scope="session")
def postgresql_template(postgresql_server: URL) -> URL:
    """A migrated database to copy, made by whichever worker comes first."""

    def migrate(url: str) -> None:
        _migrate(url, roles=template_name())

    return _once(postgresql_server, template_name(), "template0", migrate)


@pytest.fixture(scope="session")
def postgresql_province_template(postgresql_template: URL) -> URL:
    """A database with the small province in it to copy, made by whichever worker comes first."""
    migrated = str(postgresql_template.database)
    return _once(postgresql_template, f"{migrated}_settled", migrated, _settle)


def _once(server: URL, name: str, copied: str, fill: Callable[[str], None]) -> URL:
    """Copy a database and fill it, unless another worker did; say where it is."""
    folder = Path(os.environ[FOLDER])
    server, filled = server.set(database="postgres"), folder / name
    with (folder / "turn").open("a") as turn:
        fcntl.flock(turn, fcntl.LOCK_EX)
        if not filled.exists():
            postgres.drop_database(server, name)
            fill(_url_of(postgres.create_database(server, name, copied)))
            filled.touch()
    return server.set(database=name)


def _url_of(database: URL) -> str:
    return database.render_as_string(hide_password=False)


def _migrate(url: str, roles: str | None = None) -> None:
    from vetting.records.migrate import upgrade  # noqa: PLC0415  (only who asks for tables needs it)

    upgrade(url, roles=roles)


def _settle(url: str) -> None:
    from tests.builders import as_owner, small_province  # noqa: PLC0415  (only who asks for it)
    from vetting.records.database import Database  # noqa: PLC0415
    from vetting.records.standing import Purpose  # noqa: PLC0415

    database = Database(url, purpose=Purpose.COMMAND)
    with as_owner(database).writing() as connection:
        small_province(connection)
    database.close()


def _copy(source: URL, template: str) -> Iterator[str]:
    name = f"{template_name()}_{uuid4().hex[:12]}"
    server = source.set(database="postgres")
    yield _url_of(postgres.create_database(server, name, template))
    postgres.drop_database(server, name)


def template_name(folder: Path | None = None) -> str:
    """Return the name of the database to copy; what this session makes begins with it."""
    return (folder or Path(os.environ[FOLDER])).name.replace("-", "_")


def _drop_all(server: URL, prefix: str) -> None:
    """Leave a server that is not ours as it was found."""
    engine = create_engine(server)
    with engine.connect() as connection:
        names = connection.scalars(
            text("SELECT datname FROM pg_database WHERE starts_with(datname, :prefix)"),
            {"prefix": prefix},
        ).all()
        roles = connection.scalars(
            text("SELECT rolname FROM pg_roles WHERE starts_with(rolname, :prefix)"),
            {"prefix": prefix},
        ).all()
    engine.dispose()
    for name in names:
        postgres.drop_database(server, name)
    for name in roles:
        postgres.tell(server, f'DROP ROLE "{name}"')
