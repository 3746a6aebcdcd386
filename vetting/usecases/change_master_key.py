"""Change the master key: wrap every candidate's key anew, and let go of what wraps nothing more.

It is done while people work. What is stopped half way goes on where it stopped: until every key is
wrapped anew the file keeps the older master keys too.
"""

from collections.abc import Callable
from dataclasses import dataclass

from sqlalchemy import Connection, bindparam, func, select

from vetting.engine.refusals import HeldBack
from vetting.engine.sentences import say
from vetting.records.candidate_keys import candidate_keys, key_changes, unwrap, wrap
from vetting.records.database import Database, Statement
from vetting.records.identity import Ids
from vetting.records.master_key import MasterKey, MasterKeyFile, MasterKeys

AT_ONCE = 500


class DamagedKey(HeldBack):
    """A candidate's key is not what was once wrapped."""


@dataclass(frozen=True)
class Changed:
    """What came of it."""

    master: str  # what everything is wrapped with now
    wrapped_anew: int
    older: tuple[str, ...]  # master keys that wrap nothing more, and are still there


def rotate(database: Database, keys: MasterKeys, ids: Ids, tick: Callable[[int], None]) -> Changed:
    """Wrap every candidate's key with a new master key.

    The new one is made here where the keys are in a file, unless an earlier change was not
    finished; otherwise it is whichever stands first.
    """
    if isinstance(keys, MasterKeyFile) and not count_to_wrap(database, keys.newest.name):
        keys.keep(MasterKey.made(), *map(keys.named, keys.names))
    return _changed(database, keys, ids, "rotated", tick)


def retire(database: Database, keys: MasterKeys, ids: Ids, tick: Callable[[int], None]) -> Changed:
    """Wrap anew what was wrapped with an older key in the meantime; let go of the older keys."""
    changed = _changed(database, keys, ids, "retired", tick)
    if isinstance(keys, MasterKeyFile):
        keys.keep(keys.named(changed.master))
        return Changed(changed.master, changed.wrapped_anew, ())
    return changed


def count_to_wrap(database: Database, master: str) -> int:
    """Return how many candidates' keys are wrapped with another master key."""
    with database.reading() as connection:
        found = connection.scalar(
            select(func.count())
            .select_from(candidate_keys)
            .where(~candidate_keys.c.wrapped.startswith(f"{master}."))
        )
    return found or 0


def _changed(
    database: Database, keys: MasterKeys, ids: Ids, deed: str, tick: Callable[[int], None]
) -> Changed:
    master, wrapped_anew = keys.newest.name, 0
    after: str | None = ""
    while after is not None:
        with database.writing() as connection:
            after, wrapped = _wrap_anew(connection, master, after)
            wrapped_anew += wrapped
            if after is None:
                line = {"handle": ids.handle(), "deed": deed, "master": master, "at": ids.now()}
                connection.execute(key_changes.insert(), line | {"wrapped_anew": wrapped_anew})
        tick(wrapped)
    return Changed(master, wrapped_anew, tuple(name for name in keys.names if name != master))


def _wrap_anew(connection: Connection, master: str, after: str) -> tuple[str | None, int]:
    """Wrap the next few anew; returns where to go on, None at the end, and how many."""
    rows = connection.execute(
        select(candidate_keys)
        .where(
            candidate_keys.c.case_handle > after,
            ~candidate_keys.c.wrapped.startswith(f"{master}."),
        )
        .order_by(candidate_keys.c.case_handle)
        .limit(AT_ONCE)
        .with_for_update()
    ).all()
    if not rows:
        return None, 0
    try:
        anew = [
            {"case_": case, "wrapped_": wrap(case, unwrap(case, wrapped))} for case, wrapped in rows
        ]
    except ValueError as damaged:
        raise DamagedKey(
            say("A candidate’s key was changed since it was wrapped. Nothing more is wrapped anew.")
        ) from damaged
    _WRAP(connection, anew)
    return rows[-1].case_handle, len(rows)


_WRAP = Statement(
    candidate_keys.update()
    .where(candidate_keys.c.case_handle == bindparam("case_"))
    .values(wrapped=bindparam("wrapped_"))
)
