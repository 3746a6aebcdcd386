"""For whom a connection works: whose rows a PostgreSQL database gives it.

Whoever takes a connection says for whom: a principal, or one of the few purposes in which no
officer asks. The policies on rows (records/rows.py) read it from settings of the session. Nobody
said, nobody's rows: a connection comes out of the pool as it went in, for nobody.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from enum import StrEnum
from typing import Any, TypeAlias

from sqlalchemy import Connection, Engine, event

from vetting.engine.policy import Principal


class Purpose(StrEnum):
    """What is done without an officer who asks, or needs more rows than the officer may see."""

    COMMAND = "command"  # a command or a worker, on a machine that could read the database anyway
    STAFFING = "staffing"  # who leaves or is away strands no case, whoever may know of the case
    EMERGENCY = "emergency"  # a case that is kept from whoever asks for it is looked up and told of
    TELLING = "telling"  # a notice is for nobody from whom its case is kept
    CHECKING = "checking"  # whether all of it holds and was told; scope says what of it is shown
    COUNTING = "counting"  # a number is worked out, and no case is shown
    SESSION = "session"  # what is open to whoever holds a session, before it is known who that is
    WHOLE_HISTORY = "whole_history"  # all entries of a case, and of no other than one's own cases


SEE_ALL = frozenset(Purpose) - {Purpose.WHOLE_HISTORY, Purpose.SESSION}

Standing: TypeAlias = Principal | Purpose | None

SETTINGS = (
    "officer",
    "persons",
    "role",
    "organisation",
    "clearance",
    "emergency",
    "case_types",
    "purpose",
)
_SET = "SELECT " + ", ".join(f"set_config('vetting.{name}', %s, false)" for name in SETTINGS)
_NOBODY = ("",) * len(SETTINGS)
_KEPT = "vetting.standing"  # in what SQLAlchemy remembers of a driver's connection


class Unsettable(ValueError):
    """A name has a comma, by which the settings tell names apart."""


def work_for(connection: Connection, standing: Standing) -> None:
    """Have a connection see what *standing* may see; not within a transaction, which may fail."""
    if connection.dialect.name != "postgresql":
        return
    wanted = settings_of(standing)
    if connection.info.get(_KEPT, _NOBODY) != wanted:
        _tell(connection.connection, connection.info, wanted)


@contextmanager
def on_purpose(connection: Connection, purpose: Purpose) -> Iterator[None]:
    """Let a block see what a purpose needs, and the rest of the act no more than before."""
    if connection.dialect.name != "postgresql":
        yield
        return
    info = connection.info
    before = info.get(_KEPT, _NOBODY)
    if before is None:
        raise RuntimeError("nobody knows whom this connection works for")
    if before[-1] in SEE_ALL:
        yield
        return
    _tell(connection.connection, info, (*before[:-1], purpose.value))
    try:
        yield
    except BaseException:
        try:
            _tell(connection.connection, info, before)
        except connection.dialect.loaded_dbapi.Error:
            info[_KEPT] = before  # the transaction failed, and takes the setting back with it
        raise
    _tell(connection.connection, info, before)


def settings_of(standing: Standing) -> tuple[str, ...]:
    """Return what the settings are for somebody, in their order."""
    if standing is None:
        return _NOBODY
    if isinstance(standing, Purpose):
        return (*_NOBODY[:-1], standing.value)
    return (
        standing.officer,
        _joined(standing.persons),
        standing.role.value,
        standing.organisation,
        str(standing.clearance),
        _joined(sorted(standing.emergency)),
        _joined(sorted(kind.value for kind in standing.case_types)),
        "",
    )


def _joined(names: Any) -> str:  # noqa: ANN401  # a tuple or a list of names
    if any("," in name for name in names):
        raise Unsettable
    return ",".join(names)


def _tell(driver: Any, info: dict[Any, Any], wanted: tuple[str, ...]) -> None:  # noqa: ANN401
    info[_KEPT] = None  # whatever happens now, it is not what it was
    cursor = driver.cursor()
    cursor.execute(_SET, wanted)
    cursor.close()
    info[_KEPT] = wanted


def forget_at_return(engine: Engine) -> None:
    """Have every connection work for nobody once it is back in the pool."""

    def forget(driver: Any, record: Any, _state: Any) -> None:  # noqa: ANN401  # SQLAlchemy's
        if record.info.get(_KEPT, _NOBODY) != _NOBODY:
            driver.rollback()
            _tell(driver, record.info, _NOBODY)

    event.listen(engine, "reset", forget)
