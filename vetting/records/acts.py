"""Acts that were done, by the key their form was made with: a second click finds the first."""

from sqlalchemy import Column, Table, Text, bindparam

from vetting.records.base import HASH, METADATA, MOMENT, WORD, reference, required
from vetting.records.database import Statement

acts = Table(
    "acts",
    METADATA,
    Column("key", Text, primary_key=True),
    reference("officer", "officers.handle"),
    required("action", WORD),
    required("content_hash", HASH),
    Column("answer", Text, nullable=False),
    required("at", MOMENT),
    # The cases into whose history it wrote, one blank between them; empty: before this was kept.
    Column("wrote", Text, nullable=False, server_default=""),
)

FIND = Statement(acts.select().where(acts.c.key == bindparam("key")))
INSERT = Statement(acts.insert().values({column.name: bindparam(column.name) for column in acts.c}))
