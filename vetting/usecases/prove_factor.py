"""Prove a second factor: a code that an officer's authenticator shows now, or a recovery code.

Whoever is refused learns nothing but that: a wrong code, one that was used before and one of
somebody else's are the same answer.
"""

import hmac
import re
from base64 import b32encode
from datetime import datetime

from pyotp import TOTP
from sqlalchemy import Connection

from vetting.engine.canonical import moment
from vetting.engine.refusals import Unacceptable
from vetting.engine.sentences import say
from vetting.records import factors
from vetting.records.factors import FactorKey

SECONDS = 30  # a code is shown for so long
DRIFT = 1  # steps by which the clock of a telephone may be off
BY_AUTHENTICATOR, BY_RECOVERY_CODE = "totp", "recovery"
LONGEST_CODE = 40  # with the blanks and dashes that people write
_SHOWN = re.compile("[0-9]{6}")


class NotProven(Unacceptable):
    """What was offered as a second factor is none, or not any more."""

    def __init__(self) -> None:
        super().__init__(say("This code is not right, or it was used before."))


def written_code(code: str) -> str:
    """Return a code as it is meant, however it was typed."""
    return re.sub(r"[\s-]", "", code[:LONGEST_CODE]).upper()


def is_shown_code(code: str) -> bool:
    """Tell whether a code looks like one that an authenticator shows, and so can be guessed."""
    return _SHOWN.fullmatch(written_code(code)) is not None


def prove_by_code(
    connection: Connection, key: FactorKey, officer: str, code: str, now: datetime
) -> str:
    """Take a code of an officer, once; return with what it proved them."""
    written = written_code(code)
    if _SHOWN.fullmatch(written):
        if not _take_shown(connection, key, officer, written, now):
            raise NotProven
        return BY_AUTHENTICATOR
    if not factors.take_recovery_code(connection, officer, written, moment(now)):
        raise NotProven
    return BY_RECOVERY_CODE


def step_of(secret: bytes, code: str, now: datetime) -> int | None:
    """Return the time step, at most one off, in which an authenticator shows a code."""
    shows = TOTP(b32encode(secret).decode())
    present = int(now.timestamp()) // SECONDS
    fitting = [
        step
        for step in range(present - DRIFT, present + DRIFT + 1)
        if hmac.compare_digest(shows.generate_otp(step).encode(), code.encode())
    ]
    return max(fitting, default=None)


def _take_shown(
    connection: Connection, key: FactorKey, officer: str, code: str, now: datetime
) -> bool:
    for one in factors.authenticators_of(connection, officer):
        secret = key.unseal(officer, one.secret)
        step = step_of(secret, code, now) if secret else None
        if step is not None and factors.take_step(connection, one.handle, step):
            return True
    return False
