"""Prove a passkey: what a device signs for this site, this officer and this very question.

A question is kept here, for the session or the half-way sign-in it was put to; it is good for a few
minutes, and for one answer. The device has to check its holder itself (a PIN, a finger, a face),
since where the program asks again nothing else is asked.
"""

import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from ipaddress import ip_address
from typing import NamedTuple
from urllib.parse import urlsplit

from sqlalchemy import Connection
from webauthn import (
    generate_authentication_options,
    generate_registration_options,
    options_to_json,
    verify_authentication_response,
    verify_registration_response,
)
from webauthn.helpers import (
    base64url_to_bytes,
    bytes_to_base64url,
    parse_authentication_credential_json,
    parse_client_data_json,
    parse_registration_credential_json,
)
from webauthn.helpers.structs import (
    AuthenticationCredential,
    AuthenticatorSelectionCriteria,
    PublicKeyCredentialDescriptor,
    RegistrationCredential,
    ResidentKeyRequirement,
    UserVerificationRequirement,
)

from vetting.engine.canonical import digest, moment
from vetting.engine.sentences import say
from vetting.records import passkeys
from vetting.records.factors import FactorKey
from vetting.records.passkeys import Passkey
from vetting.usecases.prove_factor import NotProven, prove_by_code

BY_PASSKEY = "passkey"
GOOD_FOR = timedelta(minutes=5)
LONGEST_ANSWER = 20_000
QUESTION_BYTES = 32
CHECKED = UserVerificationRequirement.REQUIRED


class NotAccepted(NotProven):
    """What a device answered does not prove what it should."""

    def __init__(self) -> None:
        super().__init__()
        self.sentence = say("This passkey was not accepted. Try once more, or use a code.")


class MayBeCopied(NotProven):
    """A device answers with a count that was passed before, as only a copy of it would."""

    def __init__(self) -> None:
        super().__init__()
        self.sentence = say(
            "This passkey counts less than it did before, so somebody may have copied it. It is "
            "not accepted. Use another way, then remove it and tell the administrator."
        )


@dataclass(frozen=True)
class Site:
    """Where passkeys are for: the address that people see, and whose name they are bound to."""

    origin: str

    @property
    def host(self) -> str:
        """The name that passkeys are bound to; there is none where people open a bare number."""
        host = urlsplit(self.origin).hostname or ""
        try:
            ip_address(host)
        except ValueError:
            return host
        return ""


@dataclass(frozen=True)
class Answer:
    """What a device answered, as the browser passes it on."""

    site: Site | None
    text: str


class Person(NamedTuple):
    """An officer as a device shows them to whoever chooses a passkey."""

    handle: str
    login: str
    name: str


def in_session(mark: str) -> str:
    """Return the place of a question that is put in a session."""
    return f"session {mark}"


def half_way(hashed: str) -> str:
    """Return the place of a question that is put at the second step of a sign-in."""
    return f"half {hashed}"


def making_in(mark: str) -> str:
    """Return the place of the question with which a session makes a new passkey."""
    return f"making {mark}"


def question(connection: Connection, site: Site, officer: str, place: str, now: datetime) -> str:
    """Return what a browser is asked, to prove one of an officer's passkeys; empty without any."""
    known = passkeys.passkeys_of(connection, officer)
    if not known or not site.host:
        return ""
    return options_to_json(
        generate_authentication_options(
            rp_id=site.host,
            challenge=_put(connection, place, now),
            allow_credentials=_described(known),
            user_verification=CHECKED,
        )
    )


def invitation(
    connection: Connection, site: Site, person: Person, place: str, now: datetime
) -> str:
    """Return what a browser is asked, to make a new passkey; empty where none can be bound."""
    if not site.host:
        return ""
    known = passkeys.passkeys_of(connection, person.handle)
    return options_to_json(
        generate_registration_options(
            rp_id=site.host,
            rp_name=site.host,
            user_id=person.handle.encode(),
            user_name=person.login,
            user_display_name=person.name,
            challenge=_put(connection, place, now),
            exclude_credentials=_described(known),
            authenticator_selection=AuthenticatorSelectionCriteria(
                resident_key=ResidentKeyRequirement.DISCOURAGED, user_verification=CHECKED
            ),
        )
    )


def prove_second(  # who, where, and what they offer
    connection: Connection,
    key: FactorKey,
    officer: str,
    place: str,
    offered: str | Answer,
    now: datetime,
) -> str:
    """Take a code or a device's answer, once; return with what it proved the officer."""
    if isinstance(offered, Answer):
        return prove_by_passkey(connection, officer, place, offered, now)
    return prove_by_code(connection, key, officer, offered, now)


def prove_by_passkey(
    connection: Connection, officer: str, place: str, answer: Answer, now: datetime
) -> str:
    """Take a device's answer, once; return with what it proved the officer."""
    site = _bound(answer)
    told = _read_proof(answer.text)
    challenge = _asked(told.response.client_data_json)
    credential = bytes_to_base64url(told.raw_id)
    known = {one.credential: one for one in passkeys.passkeys_of(connection, officer)}
    passkey = known.get(credential)
    if passkey is None or not _take(connection, challenge, place, now):
        raise NotAccepted
    try:
        verified = verify_authentication_response(
            credential=told,
            expected_challenge=challenge,
            expected_rp_id=site.host,
            expected_origin=site.origin,
            credential_public_key=base64url_to_bytes(passkey.public_key),
            credential_current_sign_count=0,  # compared below, once the signature is known good
            require_user_verification=True,
        )
    except Exception as error:  # a hostile answer breaks the library in many ways
        raise NotAccepted from error
    count = verified.new_sign_count
    if (count or passkey.sign_count) and count <= passkey.sign_count:
        raise MayBeCopied
    if not passkeys.count_on(connection, passkey, count):
        raise NotAccepted
    return BY_PASSKEY


def read_new_passkey(
    connection: Connection, place: str, answer: Answer, now: datetime
) -> tuple[str, str, int]:
    """Return the credential, the public key and the count of a passkey that was made just now."""
    site = _bound(answer)
    told = _read_new(answer.text)
    challenge = _asked(told.response.client_data_json)
    if not _take(connection, challenge, place, now):
        raise NotAccepted
    try:
        made = verify_registration_response(
            credential=told,
            expected_challenge=challenge,
            expected_rp_id=site.host,
            expected_origin=site.origin,
            require_user_verification=True,
        )
    except Exception as error:  # as many ways again
        raise NotAccepted from error
    return (
        bytes_to_base64url(made.credential_id),
        bytes_to_base64url(made.credential_public_key),
        made.sign_count,
    )


def _bound(answer: Answer) -> Site:
    if answer.site is None or not answer.site.host or len(answer.text) > LONGEST_ANSWER:
        raise NotAccepted
    return answer.site


def _read_proof(text: str) -> AuthenticationCredential:
    try:
        return parse_authentication_credential_json(text)
    except Exception as error:  # a hostile text breaks it in many ways
        raise NotAccepted from error


def _read_new(text: str) -> RegistrationCredential:
    try:
        return parse_registration_credential_json(text)
    except Exception as error:  # a hostile text breaks it in many ways
        raise NotAccepted from error


def _asked(client_data: bytes) -> bytes:
    """Return the question that a browser says it was asked."""
    try:
        return parse_client_data_json(client_data).challenge
    except Exception as error:  # and so does hostile client data
        raise NotAccepted from error


def _described(known: Sequence[Passkey]) -> list[PublicKeyCredentialDescriptor]:
    return [PublicKeyCredentialDescriptor(base64url_to_bytes(one.credential)) for one in known]


def _put(connection: Connection, place: str, now: datetime) -> bytes:
    """Make a question, and remember where it was put."""
    passkeys.forget_questions_before(connection, moment(now - GOOD_FOR))
    challenge = secrets.token_bytes(QUESTION_BYTES)
    passkeys.note_question(connection, _kept(challenge), place, moment(now))
    return challenge


def _take(connection: Connection, challenge: bytes, place: str, now: datetime) -> bool:
    return passkeys.take_question(connection, _kept(challenge), place, moment(now - GOOD_FOR))


def _kept(challenge: bytes) -> str:
    return digest("vetting passkey question v1", challenge)
