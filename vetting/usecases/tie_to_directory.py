"""Tie officers to what a directory calls them, and cut such ties."""

from vetting.directories.known import Known
from vetting.engine.refusals import OutOfTurn, Unacceptable, Unknown
from vetting.engine.sentences import say
from vetting.records import directory_identities, sessions
from vetting.records.database import Database, on_clash
from vetting.records.directory_identities import Identity
from vetting.records.identity import Ids

_TIED = OutOfTurn(say("This mark, or this officer, is tied already. Cut that tie first."))
for constraint in (
    "pk_directory_identities",
    "uq_directory_identities_provider_officer",
    "directory_identities.provider",  # as SQLite names both
):
    on_clash(constraint, _TIED)


def tie(database: Database, ids: Ids, officer: str, known: Known, by: str | None = None) -> None:
    """Tie an officer to a directory's mark of them; sessions begin anew."""
    if not known.is_sound():
        raise Unacceptable(say("This cannot be a directory's mark of anybody."))
    with database.writing() as connection:
        identity = Identity(
            known.provider, known.subject, officer, known.login, ids.now(), linked_by=by
        )
        directory_identities.link(connection, identity)
        sessions.end_all_of(connection, officer, ids.now())


def untie(database: Database, ids: Ids, officer: str) -> None:
    """Cut every tie of an officer to a directory; every session ends."""
    with database.writing() as connection:
        if not directory_identities.unlink(connection, officer):
            raise Unknown(say("The officer is tied to no directory."))
        sessions.end_all_of(connection, officer, ids.now())
