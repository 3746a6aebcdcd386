"""Bring a database to the schema that this program knows."""

import os
from functools import cache
from pathlib import Path
from typing import Any

from alembic import command
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, create_engine, event, make_url

from vetting.records.database import take_role
from vetting.records.database_roles import (
    grant_rights,
    may_make_roles,
    prefix_of,
    write_roles,
    written_roles,
)
from vetting.records.rights import DatabaseRole
from vetting.records.row_policies import take_down

_NOT_ALLOWED = "42501"  # what PostgreSQL calls insufficient_privilege
SCRIPTS = Path(__file__).parents[2] / "migrations"


def configuration(connection: Connection) -> Config:
    """Return Alembic's configuration for a connection."""
    config = Config()
    config.set_main_option("script_location", str(SCRIPTS))
    config.attributes["connection"] = connection
    return config


def upgrade(
    url: str, revision: str = "head", *, roles: str | None = None, one_login: bool = False
) -> None:
    """Run the migrations up to *revision*, and give the roles of the database what each may do.

    On PostgreSQL the roles are made when there are none yet and the login may make them, named
    after the database unless *roles* says otherwise.
    """
    _keep_to_our_account(url)
    engine = create_engine(url)
    if engine.dialect.name == "postgresql":
        event.listen(engine, "connect", take_role(DatabaseRole.OWNER))
    else:
        event.listen(engine, "connect", _leave_nothing_behind)
    try:
        with engine.connect() as connection:
            if engine.dialect.name == "postgresql":
                take_down(connection)  # in the transaction in which they are put up again
            command.upgrade(configuration(connection), revision)
            if engine.dialect.name == "postgresql" and not one_login:
                _keep_roles(connection, roles or str(make_url(url).database))
            connection.commit()
    finally:
        engine.dispose()


def _leave_nothing_behind(connection: Any, _entry: object) -> None:  # noqa: ANN401  # a driver's
    connection.execute("PRAGMA secure_delete=ON")


def _keep_roles(connection: Connection, prefix: str) -> None:
    if names := written_roles(connection):
        grant_rights(connection, prefix_of(names))
    elif may_make_roles(connection):
        write_roles(connection, prefix)


class MayNotMakeRoles(Exception):
    """The login may not make roles, or not give away what they need."""


def make_roles(url: str, prefix: str | None = None) -> None:
    """Write the roles of a PostgreSQL database that has its tables, for a login that may."""
    engine = create_engine(url)
    try:
        with engine.begin() as connection:
            names = written_roles(connection)
            kept = prefix_of(names) if names else str(make_url(url).database)
            write_roles(connection, prefix or kept)
    except engine.dialect.loaded_dbapi.Error as error:
        if getattr(error, "sqlstate", None) != _NOT_ALLOWED:
            raise
        raise MayNotMakeRoles from error
    finally:
        engine.dispose()


def revisions(connection: Connection) -> tuple[str | None, str | None]:
    """Return the revision a database stands at, and the one this program knows."""
    return MigrationContext.configure(connection).get_current_revision(), _newest_known()


@cache
def _newest_known() -> str | None:
    return ScriptDirectory(str(SCRIPTS)).get_current_head()


def _keep_to_our_account(url: str) -> None:
    """Let nobody else on the machine read the file of an embedded database."""
    parsed = make_url(url)
    if parsed.get_backend_name() != "sqlite" or not parsed.database:
        return
    # Its journal takes the same mode; the file is made by us, so that it is never open to others.
    descriptor = os.open(parsed.database, os.O_CREAT | os.O_RDWR | os.O_CLOEXEC, 0o600)
    try:
        os.fchmod(descriptor, 0o600)
    finally:
        os.close(descriptor)
