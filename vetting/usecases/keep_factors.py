"""Keep one's own second factors: add one, remove one, get codes for the day all are lost.

Every change ends the officer's other sessions at once, and lets this one go on under another token.
"""

import secrets
from dataclasses import dataclass

from sqlalchemy import Connection

from vetting.engine.policy import Action, proven
from vetting.engine.refusals import OutOfTurn, Unacceptable, Unknown
from vetting.engine.sentences import say
from vetting.records import factors, sessions
from vetting.records.database import on_clash
from vetting.records.factors import Authenticator
from vetting.records.passkeys import Passkey, add_passkey, passkeys_of
from vetting.records.sessions import Session
from vetting.usecases.prove_factor import (
    BY_AUTHENTICATOR,
    LONGEST_CODE,
    NotProven,
    step_of,
    written_code,
)
from vetting.usecases.prove_passkey import (
    BY_PASSKEY,
    Answer,
    Person,
    Site,
    invitation,
    making_in,
    read_new_passkey,
)
from vetting.usecases.sign_in import Door

SECRET_BYTES = 20
RECOVERY_CODES = 10
GROUPS, OF_SIGNS = 4, 4
SIGNS = "23456789ABCDEFGHJKMNPQRSTVWXYZ"  # none that looks like another
MOST_FACTORS = 5
LONGEST_NAME = 60

_HELD = OutOfTurn(say("This authenticator is entered already."))
on_clash("uq_authenticators_secret", _HELD)
on_clash("authenticators.secret", _HELD)
_KNOWN = OutOfTurn(say("This passkey is entered already."))
on_clash("uq_passkeys_credential", _KNOWN)
on_clash("passkeys.credential", _KNOWN)


@dataclass(frozen=True)
class Changed:
    """What an officer gets whose factors changed: the session's new token, perhaps codes."""

    token: str
    codes: tuple[str, ...] = ()  # shown once and kept by nobody here


def offer_secret(door: Door, session: Session) -> tuple[bytes, str]:
    """Make a secret for a new authenticator: as the app takes it, and sealed for the form."""
    secret = secrets.token_bytes(SECRET_BYTES)
    return secret, door.key.seal(session.principal.officer, secret)


def offered_secret(door: Door, session: Session, sealed: str) -> bytes:
    """Return the secret that a form was made with for this very officer."""
    secret = door.key.unseal(session.principal.officer, sealed)
    if secret is None or len(secret) != SECRET_BYTES:
        raise Unacceptable(say("Open the page again and repeat."))
    return secret


def add_authenticator(  # the session, and what the form carries
    door: Door, connection: Connection, session: Session, sealed: str, name: str, code: str
) -> Changed:
    """Add the authenticator whose first code shows that it has the secret."""
    _refuse_unproved(door, session)
    secret = offered_secret(door, session, sealed)
    officer = session.principal.officer
    step = step_of(secret, written_code(code[:LONGEST_CODE]), door.ids.clock())
    if step is None:
        raise NotProven
    with door.database.writing(connection):
        changed = _change(door, connection, session, BY_AUTHENTICATOR)
        _refuse_too_many(connection, officer)
        new = Authenticator(door.ids.handle(), name[:LONGEST_NAME], sealed, step, door.ids.now())
        factors.add_authenticator(connection, officer, new)
        return _with_codes(connection, officer, changed)


def invite_passkey(
    door: Door, connection: Connection, session: Session, login: str, site: Site | None
) -> str:
    """Return what the browser is asked, to make a passkey; empty where there can be none."""
    me = session.principal
    if site is None:
        return ""
    with door.database.writing(connection):
        return invitation(
            connection,
            site,
            Person(me.officer, login, me.name),
            making_in(me.session),
            door.ids.clock(),
        )


def enter_passkey(
    door: Door, connection: Connection, session: Session, name: str, answer: Answer
) -> Changed:
    """Add the passkey that a device has just made for this officer and this session."""
    _refuse_unproved(door, session)
    me = session.principal
    with door.database.writing(connection):
        changed = _change(door, connection, session, BY_PASSKEY)
        _refuse_too_many(connection, me.officer)
        credential, public_key, count = read_new_passkey(
            connection, making_in(me.session), answer, door.ids.clock()
        )
        new = Passkey(
            door.ids.handle(), name[:LONGEST_NAME], credential, public_key, count, door.ids.now()
        )
        add_passkey(connection, me.officer, new)
        return _with_codes(connection, me.officer, changed)


def remove_factor(door: Door, connection: Connection, session: Session, factor: str) -> Changed:
    """Remove a factor of one's own; with the last one the recovery codes go too."""
    _refuse_unproved(door, session)
    officer = session.principal.officer
    with door.database.writing(connection):
        changed = _change(door, connection, session)
        if not factors.remove_factor(connection, officer, factor):
            raise Unknown(say("You have no such second factor."))
        if not factors.has_factor(connection, officer):
            if door.factor_required:
                raise OutOfTurn(
                    say("Everybody here needs a second factor. Enter another one first.")
                )
            factors.remove_all_of(connection, officer)
        return changed


def renew_recovery_codes(door: Door, connection: Connection, session: Session) -> Changed:
    """Give oneself other recovery codes; those from before are worth nothing any more."""
    _refuse_unproved(door, session)
    officer = session.principal.officer
    with door.database.writing(connection):
        changed = _change(door, connection, session)
        if not factors.has_factor(connection, officer):
            raise OutOfTurn(say("Recovery codes go with a second factor. Add one first."))
        return Changed(changed.token, _other_codes(connection, officer))


def _with_codes(connection: Connection, officer: str, changed: Changed) -> Changed:
    """Give recovery codes along to whoever has none left."""
    if factors.recovery_codes_left(connection, officer):
        return changed
    return Changed(changed.token, _other_codes(connection, officer))


def _refuse_too_many(connection: Connection, officer: str) -> None:
    held = len(factors.authenticators_of(connection, officer))
    if held + len(passkeys_of(connection, officer)) >= MOST_FACTORS:
        raise OutOfTurn(say("You have as many as can be kept. Remove one first."))


def _refuse_unproved(door: Door, session: Session) -> None:
    proven(session.principal, Action.KEEP_OWN_FACTORS, door.ids.clock(), door.proved_for)


def _change(
    door: Door, connection: Connection, session: Session, proof: str | None = None
) -> Changed:
    """End the officer's other sessions and let this one go on, proved as it now is."""
    me = session.principal
    sessions.password_now(connection, me.officer)  # who changes the same has to wait for us
    token = door.new_token()
    if not sessions.renew(connection, me.session, token):
        raise OutOfTurn(say("Your session has ended in the meantime. Nothing was changed."))
    sessions.end_others_of(connection, me.officer, me.session, door.ids.now())
    if proof is not None:
        method = f"{me.method.partition('+')[0]}+{proof}"
        sessions.prove(connection, me.session, method, door.ids.now(), proof)
    return Changed(token)


def _other_codes(connection: Connection, officer: str) -> tuple[str, ...]:
    codes = tuple(_new_code() for _ in range(RECOVERY_CODES))
    factors.replace_recovery_codes(connection, officer, [written_code(code) for code in codes])
    return codes


def _new_code() -> str:
    return "-".join("".join(secrets.choice(SIGNS) for _ in range(OF_SIGNS)) for _ in range(GROUPS))
