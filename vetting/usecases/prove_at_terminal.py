"""Prove at a terminal who one is: by password and, where there is a second factor, by a code.

There is no session and no browser, so no passkey can be asked: a recovery code stands in for it.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from enum import StrEnum

from vetting.engine.refusals import Forbidden, Refusal
from vetting.engine.sentences import say
from vetting.records import attempts, factors
from vetting.usecases.prove_factor import NotProven
from vetting.usecases.sign_in import Door, Proven, forget_codes, note_code_of


class Second(StrEnum):
    """What somebody whose password was right is asked besides."""

    NOTHING = "nothing"
    CODE = "code"  # of an authenticator, or a recovery code
    RECOVERY_CODE = "recovery code"  # since a passkey answers a browser alone


class PasskeyOnly(Forbidden):
    """The only second factor is one that no terminal can ask, and nothing stands in for it."""

    def __init__(self) -> None:
        super().__init__(
            say(
                "A passkey cannot be used at a terminal, and this officer has no authenticator "
                "and no recovery code left. Another administrator or supervisor has to declare it."
            )
        )


def second_wanted(door: Door, proven: Proven) -> Second:
    """Return what is asked after the password; raises `PasskeyOnly` where nothing can be."""
    officer = proven.officer.handle
    with door.database.reading() as connection:
        if not factors.has_factor(connection, officer):
            return Second.NOTHING
        if factors.authenticators_of(connection, officer):
            return Second.CODE
        if factors.recovery_codes_left(connection, officer):
            return Second.RECOVERY_CODE
    _forget_tries(door, proven)
    raise PasskeyOnly


@contextmanager
def counted(door: Door, proven: Proven, code: str | None) -> Iterator[None]:
    """Count a code as a guess before it is looked at, and forget it unless that is what it was.

    Whoever is refused for another reason has proved who they are; so has who needs no code.
    """
    if code is not None:
        with door.database.writing() as connection:
            note_code_of(connection, door, proven, code)
    try:
        yield
    except NotProven:
        raise
    except Refusal:
        _forget_tries(door, proven)
        raise
    _forget_tries(door, proven)


def _forget_tries(door: Door, proven: Proven) -> None:
    """Forget what was counted of somebody who has proved who they are."""
    with door.database.writing() as connection:
        attempts.forget(connection, proven.counted, proven.source)
        forget_codes(connection, proven.officer.handle, proven.source)
