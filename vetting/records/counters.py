"""Counters: numbers without gaps, given inside the transaction that uses them."""

from sqlalchemy import Column, Connection, Integer, Table, Text, bindparam
from sqlalchemy.dialects import postgresql, sqlite

from vetting.records.base import METADATA

counters = Table(
    "counters",
    METADATA,
    Column("name", Text, primary_key=True),
    Column("last", Integer, nullable=False),
)


def take(connection: Connection, name: str, how_many: int = 1) -> range:
    """Return the next *how_many* numbers of a counter; others wait until this one is kept."""
    dialect = postgresql if connection.dialect.name == "postgresql" else sqlite
    insert = dialect.insert(counters).values(name=bindparam("name"), last=bindparam("many"))
    statement = insert.on_conflict_do_update(
        index_elements=["name"], set_={"last": counters.c.last + insert.excluded.last}
    ).returning(counters.c.last)
    last: int = connection.execute(statement, {"name": name, "many": how_many}).scalar_one()
    return range(last - how_many + 1, last + 1)
