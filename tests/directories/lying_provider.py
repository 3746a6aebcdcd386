"""An OpenID provider on this machine that says whatever a test wants it to say."""

import hmac
import json
import threading
import time
from base64 import urlsafe_b64encode
from contextlib import contextmanager
from hashlib import sha256
from urllib.parse import parse_qs, urlsplit

from joserfc import jwt
from joserfc.jwk import ECKey, RSAKey
from werkzeug.serving import make_server
from werkzeug.wrappers import Request, Response

CLIENT = "vetting"
SECRET = "a secret of this client"


class LyingProvider:
    """Honest until a test changes what it keeps."""

    def __init__(self):
        self.key = RSAKey.generate_key(2048, {"kid": "first", "use": "sig"})
        self.keys = [self.key.as_dict(private=False)]
        self.address = ""
        self.metadata = {}  # what is told otherwise
        self.claims = {}  # likewise; None leaves one out
        self.info = {}
        self.sign = self.signed
        self.asked = []  # paths, in order
        self.answer = {}  # path: what is answered instead
        self.codes = {}  # code: what it was asked with
        self.once = True  # a code is good for one token
        self.checks_challenge = True
        self.sent = None  # the last request for a token

    def authorise(self, address, code="a code"):
        """Somebody proves who they are here; returns what the browser goes back with."""
        asked = {name: values[0] for name, values in parse_qs(urlsplit(address).query).items()}
        self.codes[code] = asked
        return {"code": code, "state": asked["state"]}

    def __call__(self, environ, start_response):
        request = Request(environ)
        self.asked.append(request.path)
        answer = self.answer.get(request.path)
        if callable(answer):
            answer = answer(request)
        if answer is None:
            answer = _json(self._told(request))
        return answer(environ, start_response)

    def _told(self, request):
        match request.path:
            case "/.well-known/openid-configuration":
                return {
                    "issuer": self.address,
                    "authorization_endpoint": f"{self.address}/authorise",
                    "token_endpoint": f"{self.address}/token",
                    "jwks_uri": f"{self.address}/keys",
                    "userinfo_endpoint": f"{self.address}/me",
                    **self.metadata,
                }
            case "/keys":
                return {"keys": self.keys}
            case "/token":
                self.sent = request
                code = request.form["code"]
                asked = self.codes.pop(code, None) if self.once else self.codes.get(code)
                challenge = _b64(sha256(request.form["code_verifier"].encode()).digest())
                fits = asked and challenge == asked["code_challenge"]
                if asked is None or (self.checks_challenge and not fits):
                    return _json({"error": "invalid_grant"}, 400)
                return {
                    "token_type": "Bearer",
                    "access_token": "an access token",
                    "id_token": self.sign(self.told_of(asked)),
                }
            case "/me":
                return {"sub": "subject-1", **self.info}
        return _json({}, 404)

    def told_of(self, asked):
        now = int(time.time())
        claims = {
            "iss": self.address,
            "sub": "subject-1",
            "aud": CLIENT,
            "iat": now,
            "exp": now + 300,
            "auth_time": now,
            "nonce": asked["nonce"],
            **self.claims,
        }
        return {name: value for name, value in claims.items() if value is not None}

    def signed(self, claims, key=None, **header):
        return jwt.encode({"alg": "RS256", "kid": "first", **header}, claims, key or self.key)

    def signed_by_nobody(self, claims):
        """A token of alg none."""
        head, body = (_b64(json.dumps(part)) for part in ({"alg": "none", "kid": "first"}, claims))
        return f"{head}.{body}."

    def signed_with_the_public_key(self, claims):
        """A token of HS256, whose secret is the public key: the oldest confusion of all."""
        head, body = (_b64(json.dumps(part)) for part in ({"alg": "HS256", "kid": "first"}, claims))
        key = self.key.as_pem(private=False)
        seal = hmac.digest(key, f"{head}.{body}".encode(), "sha256")
        return f"{head}.{body}.{_b64(seal)}"

    def signed_by_another(self, claims):
        """A token of a key that only has the name of ours."""
        return self.signed(claims, RSAKey.generate_key(2048, {"kid": "first"}))

    def signed_with_a_key_of_its_own(self, claims):
        """A token that brings the key it is to be checked with."""
        own = ECKey.generate_key("P-256")
        return self.signed(claims, own, alg="ES256", jwk=own.as_dict(private=False))


@contextmanager
def lying_provider():
    """Let one listen as long as the block lasts."""
    provider = LyingProvider()
    server = make_server("127.0.0.1", 0, provider, threaded=True)
    provider.address = f"http://127.0.0.1:{server.server_port}"
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    try:
        yield provider
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


def _json(told, status=200):
    if isinstance(told, Response):
        return told
    return Response(json.dumps(told), status, content_type="application/json")


def _b64(text):
    octets = text.encode() if isinstance(text, str) else text
    return urlsafe_b64encode(octets).decode().rstrip("=")
