"""Ask an OpenID provider who somebody is: authorisation code with PKCE, and an ID token checked.

Nothing in an ID token is believed before its signature, its issuer, its audience, its times and its
nonce hold. Signatures with a shared secret and tokens without one are never taken.
"""

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, TypeVar

from authlib.integrations.base_client import OAuthError
from authlib.integrations.requests_client import OAuth2Session
from authlib.oidc.core import CodeIDToken
from joserfc import jwt
from joserfc.errors import InvalidClaimError, JoseError, MissingClaimError
from joserfc.jwk import KeySet
from joserfc.jws import JWSRegistry
from requests import RequestException, Response

from vetting.config import OIDCSettings, is_safe_address
from vetting.directories.known import SKEW, DirectoryDown, Known, NotProven, Way
from vetting.directories.patience import OutOfPatience, Patience

Answer = TypeVar("Answer")

ALGORITHMS = [
    f"{family}{size}" for family in ("RS", "PS", "ES") for size in (256, 384, 512)
] + ["EdDSA"]  # fmt: skip
SECONDS = (3.05, 5)  # to connect, and between one piece of an answer and the next
LARGEST = 1024 * 1024
KEPT_FOR = timedelta(hours=1)
ASKED_ANEW_AFTER = timedelta(minutes=1)
ENDPOINTS = ("authorization_endpoint", "token_endpoint", "jwks_uri")
WRONG = (OAuthError, JoseError, ValueError, TypeError, KeyError, AttributeError)


@dataclass(frozen=True)
class _Kept:
    """What the provider tells of itself, and when it told."""

    metadata: Mapping[str, Any]
    keys: KeySet
    at: datetime


class _Session(OAuth2Session):  # type: ignore[misc]  # published without types
    """Asks in a bounded way: a time, a size, no redirect, nothing from the environment."""

    def __init__(self, settings: OIDCSettings, **given: object) -> None:
        super().__init__(
            client_id=settings.client_id,
            client_secret=settings.client_secret,
            redirect_uri=settings.redirect_uri,
            scope="openid profile email",
            code_challenge_method="S256",
            **given,
        )
        self.trust_env = False
        self.verify = str(settings.ca) if settings.ca else True

    def request(self, method: str, url: str, **given: Any) -> Response:  # noqa: ANN401
        """Ask, and read the answer whole."""
        given.update(timeout=SECONDS, allow_redirects=False, stream=True)
        answer: Response = super().request(method, url, **given)
        body = b""
        for piece in answer.iter_content(65536):
            body += piece
            if len(body) > LARGEST:
                raise ValueError("the answer is too large")
        answer._content = body  # noqa: SLF001  # where requests keeps what was read of a stream
        return answer


class OpenIDProvider:
    """One provider, whose metadata and keys are asked for when they are needed."""

    def __init__(
        self,
        settings: OIDCSettings,
        clock: Callable[[], datetime],
        patience: Patience | None = None,
    ) -> None:
        self.name = settings.name
        self.issuer = settings.issuer
        self._settings = settings
        self._clock = clock
        self._patience = patience or Patience()
        self._kept: _Kept | None = None

    def address(self, way: Way) -> str:
        """Return where to send the browser; whoever comes back has just proved who they are."""
        return self._asking(lambda: self._address(way))

    def who(self, code: str, issuer: str | None, way: Way) -> Known:
        """Return who came back with a code, and perhaps with the issuer's name."""
        return self._asking(lambda: self._who(code, issuer, way))

    def _asking(self, ask: Callable[[], Answer]) -> Answer:
        try:
            return self._patience.wait_for(ask)
        except (OutOfPatience, RequestException) as error:
            raise DirectoryDown(self.name) from error
        except WRONG as error:
            raise NotProven(self.name, _reason(error)) from error

    def _address(self, way: Way) -> str:
        with _Session(self._settings) as session:
            address, _ = session.create_authorization_url(
                self._told(session).metadata["authorization_endpoint"],
                state=way.state,
                nonce=way.nonce,
                code_verifier=way.verifier,
                prompt="login",
                max_age=0,
            )
        return str(address)

    def _who(self, code: str, issuer: str | None, way: Way) -> Known:
        with _Session(self._settings) as session:
            told = self._told(session)
            named = told.metadata.get("authorization_response_iss_parameter_supported")
            if issuer != self.issuer and (named or issuer is not None):
                raise ValueError("another issuer, or none, is named")
            methods = told.metadata.get("token_endpoint_auth_methods_supported")
            if methods and "client_secret_basic" not in methods:
                session.token_endpoint_auth_method = "client_secret_post"  # noqa: S105  # a name
            token = session.fetch_token(
                told.metadata["token_endpoint"],
                grant_type="authorization_code",
                code=code,
                code_verifier=way.verifier,
            )
            claims = self._claims(session, token, way)
            login = claims.get(self._settings.claim) or self._told_later(session, told, claims)
        known = Known(self.issuer, claims["sub"], login)
        if not known.is_sound():
            raise ValueError("no log-in or no subject to speak of")
        return known

    def _claims(self, session: _Session, token: Mapping[str, Any], way: Way) -> CodeIDToken:
        decoded = self._decoded(session, token["id_token"])
        claims = CodeIDToken(
            decoded.claims,
            decoded.header,
            {
                "iss": {"essential": True, "value": self.issuer},
                "aud": {"essential": True, "value": self._settings.client_id},
            },
            {
                "nonce": way.nonce,
                "client_id": self._settings.client_id,
                "access_token": token.get("access_token"),
            },
        )
        now, skew = int(self._clock().timestamp()), int(SKEW.total_seconds())
        claims.validate(now, skew)
        if isinstance(claims["aud"], list) and claims["aud"] != [self._settings.client_id]:
            raise ValueError("the token is for others too")
        proved = claims.get("auth_time")
        if proved is None and way.again:
            raise ValueError("no auth_time")
        if proved is not None and proved < way.began_at.timestamp() - skew:
            raise ValueError("proved before it was asked")
        return claims

    def _decoded(self, session: _Session, token: str) -> jwt.Token:
        registry = JWSRegistry(algorithms=ALGORITHMS, strict_check_header=False)
        told = self._told(session)
        try:
            return jwt.decode(token, told.keys, registry=registry)
        except JoseError:
            if self._clock() - told.at < ASKED_ANEW_AFTER:
                raise
        self._kept = None  # perhaps its keys have changed
        return jwt.decode(token, self._told(session).keys, registry=registry)

    def _told(self, session: _Session) -> _Kept:
        kept = self._kept
        if kept is None or self._clock() - kept.at > KEPT_FOR:
            at = f"{self.issuer.rstrip('/')}/.well-known/openid-configuration"
            metadata = _asked(session, at)
            if metadata["issuer"] != self.issuer:
                raise ValueError("it is another issuer")
            for endpoint in ENDPOINTS:
                if not is_safe_address(metadata[endpoint]):
                    raise ValueError(f"{endpoint} is not under TLS")
            keys = KeySet.import_key_set(_asked(session, metadata["jwks_uri"]))  # type: ignore[arg-type]
            kept = self._kept = _Kept(metadata, keys, self._clock())
        return kept

    def _told_later(self, session: _Session, told: _Kept, claims: CodeIDToken) -> str:
        """Return the log-in from the page about the person, where the token does not have it."""
        address = told.metadata.get("userinfo_endpoint")
        if not is_safe_address(address):
            raise ValueError(f"no {self._settings.claim}")
        info = _answered(session.get(address))
        if info["sub"] != claims["sub"]:
            raise ValueError("it tells about another person")
        return str(info[self._settings.claim])


def _reason(error: Exception) -> str:
    """Say for the log what did not hold, in no words of the provider's."""
    if isinstance(error, OAuthError):
        return "the provider refused the code"
    if isinstance(error, InvalidClaimError | MissingClaimError):
        return f"{type(error).__name__} {error.claim}"
    own = type(error) is ValueError
    return str(error) if own else type(error).__name__


def _asked(session: _Session, address: str) -> Mapping[str, Any]:
    return _answered(session.get(address, withhold_token=True))


def _answered(answer: Response) -> Mapping[str, Any]:
    answer.raise_for_status()
    told = json.loads(answer.content)
    if answer.is_redirect or not isinstance(told, dict):
        raise ValueError("that is not what was asked for")
    return told
