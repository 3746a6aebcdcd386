"""Bring a database to the schema that this program knows."""

from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, create_engine

SCRIPTS = Path(__file__).parents[2] / "migrations"


def configuration(connection: Connection) -> Config:
    """Return Alembic's configuration for a connection."""
    config = Config()
    config.set_main_option("script_location", str(SCRIPTS))
    config.attributes["connection"] = connection
    return config


def upgrade(url: str, revision: str = "head") -> None:
    """Run the migrations up to *revision*."""
    engine = create_engine(url)
    try:
        with engine.connect() as connection:
            command.upgrade(configuration(connection), revision)
            connection.commit()
    finally:
        engine.dispose()


def revisions(connection: Connection) -> tuple[str | None, str | None]:
    """Return the revision a database stands at, and the one this program knows."""
    known = ScriptDirectory(str(SCRIPTS)).get_current_head()
    return MigrationContext.configure(connection).get_current_revision(), known
