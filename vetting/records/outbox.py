"""The outbox: who is to be told what, written in the transaction of the act itself."""

from sqlalchemy import Column, Index, Integer, Table, Text, bindparam, text

from vetting.records.base import CODE, METADATA, MOMENT, WORD, optional, reference, required
from vetting.records.database import Statement

outbox = Table(
    "outbox",
    METADATA,
    Column("key", Text, primary_key=True),  # one effect, once
    required("on_move", WORD),
    reference("case_handle", "cases.handle"),
    reference("organisation", "organisations.code", CODE),
    required("written_at", MOMENT),
    optional("sent_at", MOMENT),
    optional("opened_at", MOMENT),
    Column("statutory", Integer, nullable=False, server_default="0"),
)
_UNSENT = text("sent_at IS NULL")
Index("ix_outbox_organisation", outbox.c.organisation, outbox.c.written_at)
Index("ix_outbox_unsent", outbox.c.written_at, sqlite_where=_UNSENT, postgresql_where=_UNSENT)

INSERT = Statement(
    outbox.insert().values(
        {
            name: bindparam(name)
            for name in ("key", "on_move", "case_handle", "organisation", "written_at")
        }
    )
)
