"""Change one's own password: the old one is asked for, and every other session ends."""

from unicodedata import normalize

from sqlalchemy import Connection, update

from vetting.engine.refusals import OutOfTurn, Unacceptable
from vetting.engine.sentences import say
from vetting.records import attempts, sessions
from vetting.records.officers import officers
from vetting.records.sessions import Session
from vetting.usecases.keep_officers import check_password
from vetting.usecases.sign_in import Attempt, Door, NotRecognised, prove


class WrongPassword(Unacceptable):
    """Whoever sits at the screen does not know the password of whoever signed in."""

    def __init__(self) -> None:
        super().__init__(say("Your present password is not right."))


def change_own_password(
    door: Door, connection: Connection, session: Session, attempt: Attempt, password: str
) -> str:
    """Give oneself another password; the session goes on under the token that is returned.

    *attempt* offers the present password. Guesses at it count as guesses at the door do.
    """
    me = session.principal
    wanted = normalize("NFC", password)
    if wanted == normalize("NFC", attempt.password):
        raise Unacceptable(say("Choose a password other than the present one."))
    check_password(password, attempt.login, me.name)
    try:
        proven = prove(attempt, door)
    except NotRecognised as refusal:
        raise WrongPassword from refusal
    if proven.officer.handle != me.officer:
        raise WrongPassword
    kept = door.passwords.hash(wanted)
    token = door.new_token()
    with door.database.writing(connection):
        c = officers.c
        connection.execute(
            update(officers)
            .where(c.handle == me.officer)
            .values(password_hash=kept, password_given_at=None)
        )
        if not sessions.renew(connection, me.session, token):
            raise OutOfTurn(say("Your session has ended in the meantime. Nothing was changed."))
        sessions.end_others_of(connection, me.officer, me.session, door.ids.now())
        attempts.forget(connection, proven.counted, proven.source)
    return token
