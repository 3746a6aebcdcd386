"""On the way to a provider: what a browser carries along until it comes back.

The session's cookie does not come along from another site, and nobody has a session yet; so this
one does, sealed, for a few minutes. What goes to the provider is made from it and tells nothing.
"""

import hmac
import json
import secrets
from base64 import urlsafe_b64decode, urlsafe_b64encode
from dataclasses import asdict, dataclass
from datetime import datetime

from flask import request
from werkzeug.wrappers import Response

from vetting.directories.known import Way
from vetting.usecases.sign_in_by_directory import UNDER_WAY
from vetting.web.addresses import own_address
from vetting.web.desk import ids, shared
from vetting.web.sessions import cookie_name, sealed, set_cookie

COOKIE = "way"
LONGEST_NEXT = 1000


@dataclass(frozen=True)
class Going:
    """Somebody who is gone to a provider, and where they want to go on afterwards."""

    secret: str
    began_at: str
    next: str

    @property
    def way(self) -> Way:
        """What the provider is told, and what its answer has to fit."""
        state, nonce, verifier = (
            sealed(f"oidc {purpose}", self.secret) for purpose in ("state", "nonce", "verifier")
        )
        return Way(state, nonce, verifier, datetime.fromisoformat(self.began_at))


def set_out(wanted: str | None) -> Going:
    """Begin a new way."""
    address = own_address(wanted)
    return Going(
        secrets.token_urlsafe(32), ids().now(), address if len(address) <= LONGEST_NEXT else "/"
    )


def keep_going(answer: Response, going: Going) -> None:
    """Let the browser carry it along."""
    text = urlsafe_b64encode(json.dumps(asdict(going)).encode()).decode()
    value = f"{text}.{sealed('way', text)}"
    set_cookie(answer, COOKIE, value, int(UNDER_WAY.total_seconds()), samesite="Lax")


def gone() -> Going | None:
    """Return what this browser carries along, if it is ours."""
    text, _, seal = request.cookies.get(cookie_name(COOKIE), "").partition(".")
    if not hmac.compare_digest(sealed("way", text).encode(), seal.encode(errors="replace")):
        return None
    return Going(**json.loads(urlsafe_b64decode(text)))


def forget_going(answer: Response) -> None:
    """Take it back: it is good for one answer."""
    answer.delete_cookie(
        cookie_name(COOKIE),
        secure=shared().settings.secure_cookies,
        httponly=True,
        samesite="Lax",
    )
