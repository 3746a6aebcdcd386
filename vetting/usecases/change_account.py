"""Change an officer's account: another password, name or log-in; or let them in again.

All of it is of somebody else, asks again who it is, and is written down for good.
"""

import secrets
from base64 import urlsafe_b64encode
from collections.abc import Callable, Sequence
from hashlib import sha256
from unicodedata import normalize

from sqlalchemy import Connection, Row, select, update

from vetting.engine.names import sort_key
from vetting.engine.refusals import OutOfTurn, Unknown
from vetting.engine.sentences import say
from vetting.records.guessable_passwords import is_guessable
from vetting.records.identity import HANDLE_BYTES
from vetting.records.officer_changes import (
    LET_IN,
    LOGIN,
    NAME,
    changed_at,
    from_to,
    note_officer_changes,
)
from vetting.records.officers import officers
from vetting.records.passwords import Passwords
from vetting.usecases.keep_officers import Keeper, checked_login, checked_name, keep_given

# Of these a password is written down and typed without a doubt about any sign: 70 syllables, and
# twelve of them in a password, are 73 bits.
BEGINS, ENDS = "bcdghklmnprstv", "aeiou"
SYLLABLES, WORDS = 3, 4
_A_PROGRAM = say("This is a program: it cannot sign in, and keeps its name.")

Draw = Callable[[Sequence[str]], str]


class GivenBefore(OutOfTurn):
    """The form was sent before, and a password was given by it at this moment."""

    def __init__(self, at: str) -> None:
        super().__init__(say("A password was given by this form before; it is not shown again."))
        self.at = at


def give_password(
    keeper: Keeper,
    passwords: Passwords,
    officer: str,
    draw: Draw = secrets.choice,
    key: str | None = None,
) -> str:
    """Give an officer a new password, drawn by lot, and return it; every session ends.

    Until they have chosen one of their own, it opens nothing else; who is let in no more gets it
    for the day they are let in again. By one form, which has a *key*, one password is given.
    """
    change = None if key is None else _of_form(officer, key)
    with keeper.database.reading() as connection:
        found = _found(connection, officer)
    if found.robot:
        raise OutOfTurn(_A_PROGRAM)
    password = drawn_password(draw, (found.login, found.name))
    kept = passwords.hash(normalize("NFC", password))
    with keeper.keeping(officer) as connection:
        _held(connection, officer)
        if change is not None and (at := changed_at(connection, change)) is not None:
            raise GivenBefore(at)
        keep_given(keeper, connection, officer, kept, change)
    return password


def _of_form(officer: str, key: str) -> str:
    """Return the handle of the change that a form makes, the same whenever it is sent."""
    digest = sha256(f"{officer} {key}".encode()).digest()[:HANDLE_BYTES]
    return urlsafe_b64encode(digest).rstrip(b"=").decode()


def drawn_password(draw: Draw, known: Sequence[str]) -> str:
    """Return words without a meaning, drawn by lot, that nobody guesses who knows *known*."""
    while True:
        words = ("".join(draw(BEGINS) + draw(ENDS) for _ in range(SYLLABLES)) for _ in range(WORDS))
        if not is_guessable(password := "-".join(words), known):
            return password


def let_in_again(keeper: Keeper, officer: str) -> None:
    """Let an officer in again who was let in no more, in the roles that have not ended.

    Password and second factor are those from before; sessions that ended stay ended.
    """
    with keeper.keeping(officer) as connection:
        if _held(connection, officer).disabled_at is None:
            raise OutOfTurn(say("The officer may sign in already."))
        connection.execute(
            update(officers).where(officers.c.handle == officer).values(disabled_at=None)
        )
        note_officer_changes(connection, [keeper.done_to(officer, LET_IN)])


def rename_officer(keeper: Keeper, officer: str, name: str, login: str) -> None:
    """Give an officer another name, another log-in, or both; sessions go on."""
    name, login = checked_name(name), checked_login(login)
    with keeper.keeping(officer) as connection:
        found = _held(connection, officer)
        if found.robot:
            raise OutOfTurn(_A_PROGRAM)
        changes = [
            keeper.done_to(officer, kind, from_to(before, after))
            for kind, before, after in ((NAME, found.name, name), (LOGIN, found.login, login))
            if before != after
        ]
        if not changes:
            return
        connection.execute(
            update(officers)
            .where(officers.c.handle == officer)
            .values(name=name, sort_key=sort_key(name), login=login)
        )
        note_officer_changes(connection, changes)


def _held(connection: Connection, officer: str) -> Row[str, str, str | None, int]:
    """Return an officer whom nobody else changes until the transaction ends."""
    return _found(connection, officer, held=True)


def _found(
    connection: Connection, officer: str, *, held: bool = False
) -> Row[str, str, str | None, int]:
    c = officers.c
    statement = select(c.login, c.name, c.disabled_at, c.robot).where(c.handle == officer)
    if held:
        statement = statement.with_for_update(key_share=True)
    row = connection.execute(statement).first()
    if row is None:
        raise Unknown(say("There is no such officer."))
    return row
