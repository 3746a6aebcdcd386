"""Given packages: the very files that two people agreed to hand over to a candidate.

They are under the candidate's key, and their hash is in what the entry of the answer says. So what
is handed over does not change with a register, a later look or another edition of this program, and
nobody can read it once the candidate's key is destroyed.
"""

import json
from collections.abc import Mapping

from sqlalchemy import (
    Column,
    Connection,
    ForeignKeyConstraint,
    Integer,
    PrimaryKeyConstraint,
    Table,
    bindparam,
    select,
)

from vetting.engine.canonical import digest
from vetting.engine.refusals import OutOfTurn
from vetting.engine.sentences import say
from vetting.engine.verify_offline import FILES, MANIFEST, Wrong, check_files
from vetting.records.base import HANDLE, METADATA
from vetting.records.candidate_keys import Sealed
from vetting.records.database import Statement

NAME = "package"  # what is sealed, as the cipher knows it

given_packages = Table(
    "given_packages",
    METADATA,
    Column("case_handle", HANDLE, nullable=False),
    Column("number", Integer, nullable=False),  # the entry by which it was agreed to
    Column("content", Sealed(NAME), nullable=False),
    PrimaryKeyConstraint("case_handle", "number"),
    ForeignKeyConstraint(["case_handle", "number"], ["entries.case_handle", "entries.number"]),
)

INSERT = Statement(
    given_packages.insert().values({c.name: bindparam(c.name) for c in given_packages.c})
)


def written(files: Mapping[str, bytes]) -> str:
    """Write files down as one text: all of them are text, and stay as they are to the last byte."""
    return json.dumps({name: content.decode() for name, content in files.items()})


def is_of(content: str, manifest: str) -> bool:
    """Tell whether what is kept is the package whose list of files has this hash."""
    try:
        files = _read(content)
        listed = files.pop(MANIFEST)
        check_files(files, json.loads(listed)["files"])
    except (ValueError, TypeError, AttributeError, LookupError, Wrong):
        return False
    return digest(FILES, listed) == manifest


def package_given(
    connection: Connection, case: str, number: int, manifest: str
) -> dict[str, bytes] | None:
    """Return the files that an entry says were agreed to, or None where none were kept with it.

    Raises `OutOfTurn` where they are not what the entry says, or were lawfully erased.
    """
    g = given_packages.c
    row = connection.execute(
        select(g.content).where(g.case_handle == case, g.number == number)
    ).first()
    if row is None:
        return None
    if row.content is None:
        raise OutOfTurn(say("What was written about this candidate was lawfully erased."))
    if not is_of(row.content, manifest):
        raise OutOfTurn(
            say(
                "What is kept is not what two people agreed to, so nothing is handed over. Tell "
                "whoever checks the history."
            )
        )
    return _read(row.content)


def _read(content: str) -> dict[str, bytes]:
    return {name: text.encode() for name, text in json.loads(content).items()}
