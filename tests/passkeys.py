"""A security key in somebody's hand, as the browser speaks to it: keys, counts, signatures."""

import json
import secrets
from hashlib import sha256

import cbor2
from cryptography.hazmat.primitives.asymmetric.ec import ECDSA, SECP256R1, generate_private_key
from cryptography.hazmat.primitives.hashes import SHA256
from webauthn.helpers import bytes_to_base64url as text

HERE = "http://localhost"
PRESENT, CHECKED, MADE = 0x01, 0x04, 0x40


class SecurityKey:
    """Makes passkeys and proves them; what a test is about can be made wrong."""

    def __init__(self, *, counts=True, checks=True):
        self.key = generate_private_key(SECP256R1())
        self.credential = secrets.token_bytes(32)
        self.count = 0
        self.counts = counts
        self.flags = PRESENT | (CHECKED if checks else 0)

    @property
    def name(self):
        return text(self.credential)

    def make(self, asked, origin=HERE):
        """Answer an invitation to make a passkey."""
        asked = json.loads(asked)
        point = self.key.public_key().public_numbers()
        x, y = (number.to_bytes(32, "big") for number in (point.x, point.y))
        public_key = cbor2.dumps({1: 2, 3: -7, -1: 1, -2: x, -3: y})
        named = bytes(16) + len(self.credential).to_bytes(2, "big") + self.credential
        told = self._told(asked["rp"]["id"], self.flags | MADE) + named + public_key
        return self._answer(
            clientDataJSON=self._said("webauthn.create", asked, origin),
            attestationObject=cbor2.dumps({"fmt": "none", "attStmt": {}, "authData": told}),
        )

    def prove(self, asked, origin=HERE, *, site=None):
        """Answer a question."""
        asked = json.loads(asked)
        if self.counts:
            self.count += 1
        said = self._said("webauthn.get", asked, origin)
        told = self._told(site or asked["rpId"], self.flags)
        signature = self.key.sign(told + sha256(said).digest(), ECDSA(SHA256()))
        return self._answer(clientDataJSON=said, authenticatorData=told, signature=signature)

    def _told(self, site, flags):
        return sha256(site.encode()).digest() + bytes([flags]) + self.count.to_bytes(4, "big")

    def _said(self, kind, asked, origin):
        said = {"type": kind, "challenge": asked["challenge"], "origin": origin}
        return json.dumps(said).encode()

    def _answer(self, **response):
        told = {field: text(value) for field, value in response.items()}
        return json.dumps(
            {"id": self.name, "rawId": self.name, "type": "public-key", "response": told}
        )
