"""Sign in by a directory: it proves who somebody is; whether they may come in is ours to say.

A directory's own mark of a person is tied to one officer, by an administrator or by the first
log-in that is written as the officer's is, and never moves by itself: a log-in that is given to
somebody else there opens nothing here.
"""

from dataclasses import dataclass
from datetime import timedelta

from sqlalchemy import Connection

from vetting.directories.known import Directory, Known, Provider, Way
from vetting.engine.canonical import digest, moment
from vetting.engine.refusals import OutOfTurn, Unacceptable
from vetting.engine.sentences import say
from vetting.records import directory_identities, sessions
from vetting.records.database import on_clash
from vetting.records.directory_identities import Identity
from vetting.records.half_sign_ins import HalfSignIn
from vetting.usecases.sign_in import (
    LONGEST_LOGIN,
    Attempt,
    Door,
    Entered,
    NotRecognised,
    TooSoon,
    counted_as,
    note_or_wait,
    source_of,
    take_step,
    written_login,
)

OIDC = "oidc"
LDAP = "ldap"
UNDER_WAY = timedelta(minutes=10)  # how long somebody may be gone to a provider

_USED = OutOfTurn(say("This answer was used before. Begin again."))
on_clash("pk_directory_answers", _USED)
on_clash("directory_answers.state", _USED)


class NotOurs(Unacceptable):
    """A directory vouches for somebody who may not come in here."""

    def __init__(self, name: str) -> None:
        super().__init__(
            say(
                "%(name)s knows you, but you cannot sign in here with that. Ask the administrator "
                "of your organisation.",
                name=name,
            )
        )


class NotHere(Unacceptable):
    """An answer came that this browser had not gone to ask for, or had asked for too long ago."""

    def __init__(self) -> None:
        super().__init__(
            say("This sign-in was not begun in this browser, or too long ago. Begin again.")
        )


@dataclass(frozen=True)
class CameBack:
    """What a browser came back with from a provider."""

    state: str
    code: str  # empty where the provider refused
    issuer: str | None
    source: str  # the address it comes from


@dataclass(frozen=True)
class Ours:
    """The officer whom a directory means."""

    handle: str
    login: str
    language: str


def sign_in_by_provider(door: Door, provider: Provider, way: Way, back: CameBack) -> Entered:
    """Begin a session for whoever a provider vouches for."""
    known = _prove_by_provider(door, provider, way, back)
    with door.database.writing() as connection:
        officer = _let_in(connection, known, door.ids.now())
        if officer is None:
            raise NotOurs(provider.name)
        first = HalfSignIn(officer.handle, OIDC, _counted(back), back.source, tries=0)
        step = take_step(connection, door, first)
    return Entered(
        step.into_session(),
        officer.handle,
        officer.login,
        officer.language,
        factors_off_at=step.factors_off_at,
    )


def _prove_by_provider(door: Door, provider: Provider, way: Way, back: CameBack) -> Known:
    """Find for whom a provider vouches; the answer is used up, and counts until it is forgotten."""
    now = door.ids.clock()
    if now - way.began_at > UNDER_WAY or back.state != way.state:
        raise NotHere
    if back.issuer not in {None, provider.issuer}:
        raise NotHere  # another provider answers in its place
    with door.database.writing() as connection:
        wait = note_or_wait(connection, door, _counted(back), back.source)
        if not wait:
            directory_identities.note_answer(
                connection,
                _counted(back),
                door.ids.now(),
                moment(now - 6 * UNDER_WAY),
            )
    if wait:
        raise TooSoon(wait)
    if not back.code:
        raise NotHere
    return provider.who(back.code, back.issuer, way)


def sign_in_by_ldap(door: Door, directory: Directory, attempt: Attempt) -> Entered:
    """Begin a session for whoever a log-in and a password in the directory belong to."""
    known, officer, counted, source = prove_by_ldap(door, directory, attempt)
    with door.database.writing() as connection:
        if _let_in(connection, known, door.ids.now()) != officer:
            raise NotRecognised  # shut out, or tied to another, while the password was checked
        first = HalfSignIn(officer.handle, LDAP, counted, source, tries=0)
        step = take_step(connection, door, first)
    return Entered(
        step.into_session(),
        officer.handle,
        written_login(attempt.login),
        officer.language,
        factors_off_at=step.factors_off_at,
    )


def prove_by_ldap(
    door: Door, directory: Directory, attempt: Attempt
) -> tuple[Known, Ours, str, str]:
    """Find whose log-in and password these are; the attempt counts as failed until forgotten.

    The directory is asked the same for whoever may not come in, with nobody's name: what is typed
    here for them is not tried there, so nobody is locked out there by trying here.
    """
    login = written_login(attempt.login)[:LONGEST_LOGIN]
    counted = counted_as(login)
    source = source_of(attempt.source, attempt.known_browser)
    with door.database.writing() as connection:
        wait = note_or_wait(connection, door, counted, source)
    if wait:
        raise TooSoon(wait)
    known = directory.find(login)
    with door.database.reading() as connection:
        officer = _officer_of(connection, known) if known else None
    opened = directory.opens(known if officer else None, attempt.password)
    if known is None or officer is None or not opened:
        raise NotRecognised
    return known, officer, counted, source


def _let_in(connection: Connection, known: Known, at: str) -> Ours | None:
    """Return the officer whom a directory means, and tie the two together; or nobody."""
    officer = _officer_of(connection, known)
    if officer is None or sessions.password_now(connection, officer.handle) is None:
        return None  # who shuts the officer out has to wait for us, or has done so
    if directory_identities.identity_of(connection, known.provider, officer.handle) is None:
        directory_identities.link(
            connection,
            Identity(known.provider, known.subject, officer.handle, known.login, at),
        )
    directory_identities.keep_login(connection, known.provider, known.subject, known.login)
    return officer


def _officer_of(connection: Connection, known: Known) -> Ours | None:
    """Return the officer whom a directory means, if they may come in."""
    tied = directory_identities.officer_of(connection, known.provider, known.subject)
    login = tied.login if tied else written_login(known.login)[:LONGEST_LOGIN]
    found = sessions.officer_by_login(connection, login)
    if found is None:
        return None
    other = directory_identities.identity_of(connection, known.provider, found.handle)
    if tied is None and other is not None:
        return None  # the log-in is somebody else's there by now
    return Ours(found.handle, login, found.language)


def _counted(back: CameBack) -> str:
    """Return under what an answer is counted: itself, so that only its source ever has to wait."""
    return digest("vetting answer v1", back.state.encode(errors="replace"))
