"""Prove again who one is, in the midst of a session: with the second factor, or the password.

Guesses count as guesses at the door do. Whoever has a second factor is not asked the password.
"""

from dataclasses import dataclass, replace

from sqlalchemy import Connection

from vetting.directories.known import Directory
from vetting.engine.policy import must_prove_again
from vetting.engine.refusals import OutOfTurn
from vetting.engine.sentences import say
from vetting.records import attempts, factors, sessions
from vetting.records.directory_identities import identity_of
from vetting.records.passkeys import has_passkey
from vetting.records.sessions import Session
from vetting.usecases import prove_passkey
from vetting.usecases.change_own_password import WrongPassword
from vetting.usecases.prove_factor import NotProven
from vetting.usecases.prove_passkey import Answer, Site, prove_second
from vetting.usecases.sign_in import (
    BY_PASSWORD,
    Attempt,
    Door,
    NotRecognised,
    TooSoon,
    counted_as,
    forget_codes,
    note_code_or_wait,
    prove,
    source_of,
    written_login,
)
from vetting.usecases.sign_in_by_directory import LDAP, prove_by_ldap


@dataclass(frozen=True)
class Proof:
    """What somebody offers who is asked again."""

    login: str
    source: str  # the address it comes from
    known_browser: str | None = None
    password: str = ""
    code: str = ""
    passkey: Answer | None = None

    @property
    def offered(self) -> str | Answer:
        """A second factor: what a passkey answered, or else a code."""
        return self.code if self.passkey is None else self.passkey


def prove_again(
    door: Door,
    connection: Connection,
    session: Session,
    proof: Proof,
    directory: Directory | None = None,
) -> Session:
    """Return the session, proved a moment ago; one that still is needs no proof."""
    if not must_prove_again(session.principal, door.ids.clock(), door.proved_for):
        return session
    if factors.has_factor(connection, session.principal.officer):
        return _by_factor(door, connection, session, proof)
    if session.principal.method == LDAP and directory is not None:
        return _by_directory(door, connection, session, proof, directory)
    return _by_password(door, connection, session, proof)


def ask_passkey(door: Door, connection: Connection, session: Session, site: Site | None) -> str:
    """Put the question to an officer's passkeys; empty where they have none."""
    me = session.principal
    if site is None or not has_passkey(connection, me.officer):
        return ""
    with door.database.writing(connection):
        return prove_passkey.question(
            connection, site, me.officer, prove_passkey.in_session(me.session), door.ids.clock()
        )


def _by_factor(door: Door, connection: Connection, session: Session, proof: Proof) -> Session:
    me = session.principal
    counted = counted_as(written_login(proof.login))
    source = source_of(proof.source, proof.known_browser)
    place = prove_passkey.in_session(me.session)
    code = "" if proof.passkey else proof.code
    with door.database.writing(connection):
        wait = note_code_or_wait(connection, door, me.officer, counted, source, code)
    if wait:
        raise TooSoon(wait)
    try:
        with door.database.writing(connection):
            sessions.password_now(connection, me.officer)  # who ends all has to wait for us
            taken = prove_second(
                connection, door.key, me.officer, place, proof.offered, door.ids.clock()
            )
            proved = _proved(door, connection, session, taken)
            attempts.forget(connection, counted, source)
            forget_codes(connection, me.officer, source)
    except NotProven:
        # The same form twice at once: the first took the code for both.
        meanwhile = sessions.last_proof(connection, me.session)
        if meanwhile is None:
            raise
        again = replace(
            session, principal=replace(me, proved_at=meanwhile[0], proved_with=meanwhile[1])
        )
        if must_prove_again(again.principal, door.ids.clock(), door.proved_for):
            raise
        return again
    return proved


def _by_password(door: Door, connection: Connection, session: Session, proof: Proof) -> Session:
    attempt = Attempt(proof.login, proof.password, proof.source, proof.known_browser)
    try:
        proven = prove(attempt, door)
    except NotRecognised as refusal:
        raise WrongPassword from refusal
    if proven.officer.handle != session.principal.officer:
        raise WrongPassword
    with door.database.writing(connection):
        attempts.forget(connection, proven.counted, proven.source)
        return _proved(door, connection, session, BY_PASSWORD)


def _by_directory(
    door: Door, connection: Connection, session: Session, proof: Proof, directory: Directory
) -> Session:
    """Ask for the password again that the session began with, where that is known."""
    me = session.principal
    tied = identity_of(connection, LDAP, me.officer)
    login = tied.login if tied else proof.login
    attempt = Attempt(login, proof.password, proof.source, proof.known_browser)
    try:
        _, officer, counted, source = prove_by_ldap(door, directory, attempt)
    except NotRecognised as refusal:
        raise WrongPassword from refusal
    if officer.handle != me.officer:
        raise WrongPassword
    with door.database.writing(connection):
        attempts.forget(connection, counted, source)
        return _proved(door, connection, session, LDAP)


def _proved(door: Door, connection: Connection, session: Session, proof: str) -> Session:
    me, now = session.principal, door.ids.now()
    if not sessions.prove(connection, me.session, me.method, now, proof):
        raise OutOfTurn(say("Your session has ended in the meantime. Nothing was changed."))
    return replace(session, principal=replace(me, proved_at=now, proved_with=proof))
