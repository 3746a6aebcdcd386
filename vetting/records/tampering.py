"""Tampering: whether nothing may be done with a database, since its history is not believed."""

from pathlib import Path

from sqlalchemy import Connection

from vetting.engine.sentences import Sentence
from vetting.records.trigger_faults import trigger_fault
from vetting.records.witnessed import unlike_witnessed


def tampering(connection: Connection, folder: Path) -> Sentence | None:
    """Say that a database has not all its triggers, or not what a witness has signed.

    No page is served from it then and no job done. What the worker would send, remind of or carry
    out would follow from a history for which nobody vouches, a reminder as much as the rest: it
    would tell people of days that stand as somebody wrote them past the program. In an emergency,
    too, the way on is the right backup, or a gap that two people declare; both take minutes.
    """
    return trigger_fault(connection) or unlike_witnessed(connection, folder)
