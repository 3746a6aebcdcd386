"""The ground all tables stand on.

Moments are text in UTC with microseconds and dates are ISO text: the same on every database, sorted
as they read, and the very bytes that seals cover. Names in URLs and on paper are random handles;
they are also the keys inside, so nothing that tells an order or a count can leak.
"""

from sqlalchemy import Column, ForeignKey, MetaData, String, Text
from sqlalchemy.types import TypeEngine

# Names every constraint, so that a migration can find it again on any database.
METADATA = MetaData(
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "ck": "ck_%(table_name)s_%(constraint_name)s",
        "fk": "fk_%(table_name)s_%(column_0_N_name)s",
        "pk": "pk_%(table_name)s",
    }
)

HANDLE = String(22)
CODE = String(64)
WORD = String(40)
MOMENT = String(27)
DAY = String(10)
HASH = String(64)


def handle(name: str = "handle", *, primary_key: bool = False) -> Column[str]:
    """Make a column for a random handle."""
    return Column(name, HANDLE, primary_key=primary_key, nullable=False)


def reference(name: str, to: str, kind: TypeEngine[str] = HANDLE, **options: object) -> Column[str]:
    """Make a column that refers to another table's key."""
    options.setdefault("nullable", False)
    return Column(name, kind, ForeignKey(to), **options)  # type: ignore[arg-type]


def required(name: str, kind: TypeEngine[str] | None = None, **options: object) -> Column[str]:
    """Make a column that must be filled."""
    return Column(name, kind or Text(), nullable=False, **options)  # type: ignore[arg-type]


def optional(name: str, kind: TypeEngine[str] | None = None) -> Column[str | None]:
    """Make a column that may stay empty."""
    return Column(name, kind or Text(), nullable=True)
