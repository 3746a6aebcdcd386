"""End sessions: an officer ends their own wherever they left them open."""

from sqlalchemy import Connection

from vetting.engine.refusals import Unacceptable, Unknown
from vetting.engine.sentences import say
from vetting.records import sessions
from vetting.records.sessions import Session
from vetting.usecases.sign_in import Door


def end_session(door: Door, connection: Connection, session: Session, mark: str) -> None:
    """End another session of one's own; ending it once more changes nothing."""
    me = session.principal
    if mark == me.session:
        raise Unacceptable(say("This is the session you work in. Sign out to end it."))
    with door.database.writing(connection):
        sessions.refuse_ended(connection, me, door.ids.today())
        if not sessions.end_one_of(connection, me.officer, mark, door.ids.now()):
            raise Unknown(say("You have no such session."))


def end_other_sessions(door: Door, connection: Connection, session: Session) -> None:
    """End every session of one's own but the one at work."""
    me = session.principal
    with door.database.writing(connection):
        sessions.refuse_ended(connection, me, door.ids.today())
        sessions.end_others_of(connection, me.officer, me.session, door.ids.now())
