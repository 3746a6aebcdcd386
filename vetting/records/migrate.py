"""Bring a database to the schema that this program knows."""

import os
from functools import cache
from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, create_engine, make_url

SCRIPTS = Path(__file__).parents[2] / "migrations"


def configuration(connection: Connection) -> Config:
    """Return Alembic's configuration for a connection."""
    config = Config()
    config.set_main_option("script_location", str(SCRIPTS))
    config.attributes["connection"] = connection
    return config


def upgrade(url: str, revision: str = "head") -> None:
    """Run the migrations up to *revision*."""
    _keep_to_our_account(url)
    engine = create_engine(url)
    try:
        with engine.connect() as connection:
            command.upgrade(configuration(connection), revision)
            connection.commit()
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
