"""Log-in sessions in the browser: a cookie with a random token, and nothing else in it.

The token of a form is made from the session's, so that a form of another session is refused.
"""

import hmac
import json
import re
import secrets
from hashlib import sha256
from typing import Any, Literal

from flask import Flask, Request, g, request
from flask import session as kept
from flask.sessions import SecureCookieSessionInterface
from flask_login import LoginManager, UserMixin, current_user
from werkzeug.wrappers import Response

from vetting.engine.devices import seen
from vetting.records.sessions import Session, who_is_back
from vetting.usecases.sign_in import Entered, recall, written_login
from vetting.web.desk import ids, reading, shared

WORDS = "vetting_words"
HALF_A_YEAR = 180 * 24 * 3600
TOKEN = re.compile(r"[A-Za-z0-9_-]{22,86}")


class SignedIn(UserMixin):  # type: ignore[misc]
    """A session in Flask-Login's clothes; the records stay free of it."""

    def __init__(self, session: Session, token: str) -> None:
        self.session = session
        self.token = token

    def get_id(self) -> str:
        """Return the session's public mark."""
        return self.session.principal.session


class Words(SecureCookieSessionInterface):
    """Flask's own session, which here carries what is said on the next page and little else.

    Its serializer is made once and knows no types but those of JSON.
    """

    serializer = json  # type: ignore[assignment]  # it has what is asked of a serializer

    def get_signing_serializer(self, app: Flask) -> Any:  # noqa: ANN401  # Flask's own kind
        """Return what signs the cookie."""
        made = app.extensions.get(WORDS)
        if made is None:
            made = app.extensions[WORDS] = super().get_signing_serializer(app)
        return made


def register(app: Flask) -> None:
    """Teach the application who is signed in."""
    app.session_interface = Words()
    login = LoginManager()
    login.session_protection = None  # the token is kept by us, not in Flask's own session
    login.init_app(app, add_context_processor=False)
    login.request_loader(_load)


def cookie_name(name: str) -> str:
    """Return a cookie's name; behind TLS the browser guarantees that only this host set it."""
    return f"__Host-{name}" if shared().settings.secure_cookies else name


def set_cookie(
    answer: Response,
    name: str,
    value: str,
    max_age: int | None = None,
    *,
    samesite: Literal["Strict", "Lax"] = "Strict",
) -> None:
    """Give the browser a cookie that no script can use, and no other site unless it is lax."""
    answer.set_cookie(
        cookie_name(name),
        value,
        max_age=max_age,
        secure=shared().settings.secure_cookies,
        httponly=True,
        samesite=samesite,
        path="/",
    )


def keep_token(answer: Response, token: str) -> None:
    """Give the browser the token of its session, until the browser is closed."""
    set_cookie(answer, "officer", token)


def know_browser(answer: Response, entered: Entered) -> None:
    """Mark the browser as one that this officer got in from."""
    mark = secrets.token_urlsafe(16)
    set_cookie(answer, "browser", f"{mark}.{_mark_of(mark, entered.login)}", HALF_A_YEAR)


def known_browser(login: str) -> str | None:
    """Return the mark of the browser, if this log-in got in from it before."""
    mark, _, proof = request.cookies.get(cookie_name("browser"), "").partition(".")
    expected = _mark_of(mark, written_login(login))
    return mark if hmac.compare_digest(expected.encode(), proof.encode()) else None


def go_on_under(token: str) -> None:
    """Make the forms of this answer for the session's new token."""
    who = signed_in()
    if who is not None:
        who.token = token
    g.pop("form_token", None)


def forget_token(answer: Response) -> None:
    """Take the token back from the browser."""
    forget_cookie(answer, "officer")


def forget_cookie(answer: Response, name: str) -> None:
    """Take a cookie of ours back from the browser."""
    answer.delete_cookie(
        cookie_name(name),
        secure=shared().settings.secure_cookies,
        httponly=True,
        samesite="Strict",
    )


def this_address() -> str:
    """Return the address that a request comes from, as far as it is known."""
    return seen(request.remote_addr, "").address


def had_token() -> bool:
    """Tell whether the browser came with a token, whatever it was worth."""
    return cookie_name("officer") in request.cookies


def came_back() -> str | None:
    """Return who is back, where this browser's session acted for them and ended by that."""
    token = request.cookies.get(cookie_name("officer"), "")
    return who_is_back(reading(), token, ids().today()) if TOKEN.fullmatch(token) else None


def signed_in() -> SignedIn | None:
    """Return who is signed in, if anybody is."""
    who = current_user._get_current_object()  # noqa: SLF001  # once through the proxy, not twice
    return who if who.is_authenticated else None


def form_token() -> str:
    """Return the token that this visitor's forms carry."""
    found: str | None = g.get("form_token")
    if found is None:
        found = g.form_token = _form_token()
    return found


def form_token_fits(sent: str | None) -> bool:
    """Tell whether a form was made for this very session."""
    return bool(sent) and hmac.compare_digest(form_token().encode(), str(sent).encode())


def _form_token() -> str:
    who = signed_in()
    if who is not None:
        return sealed("form of officer", who.token)
    visitor = kept.get("visitor")
    if not isinstance(visitor, str):
        visitor = kept["visitor"] = secrets.token_urlsafe(16)
    return sealed("form of visitor", visitor)


def _load(asked: Request) -> SignedIn | None:
    token = asked.cookies.get(cookie_name("officer"))
    if token is None or not TOKEN.fullmatch(token):
        return None
    here = seen(asked.remote_addr, asked.user_agent.string)
    session = recall(shared().door, reading(), token, here)
    return SignedIn(session, token) if session else None


def _mark_of(mark: str, login: str) -> str:
    return sealed("browser", f"{mark}\0{login}")


def sealed(purpose: str, text: str) -> str:
    """Return a mark of a text that only this installation can make, for one purpose."""
    message = f"{purpose}\0{text}".encode(errors="replace")
    return hmac.digest(shared().secret, message, sha256).hex()
