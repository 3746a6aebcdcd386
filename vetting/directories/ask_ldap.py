"""Ask an LDAP directory whether a password is somebody's: find the entry, then bind as it.

The log-in is escaped before it becomes part of a filter, referrals and aliases are not followed,
and a password is sent only under TLS or within this machine. A bind without a password would
succeed and prove nothing, so none is ever made.
"""

import secrets
import ssl
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar
from unicodedata import normalize

from ldap3 import (
    ANONYMOUS,
    AUTO_BIND_NONE,
    DEREF_NEVER,
    NONE,
    SIMPLE,
    SUBTREE,
    Connection,
    Server,
    Tls,
)
from ldap3.core.exceptions import (
    LDAPConstraintViolationResult,
    LDAPException,
    LDAPInappropriateAuthenticationResult,
    LDAPInsufficientAccessRightsResult,
    LDAPInvalidCredentialsResult,
    LDAPInvalidDNSyntaxResult,
    LDAPNoSuchObjectResult,
    LDAPSASLPrepError,
    LDAPSizeLimitExceededResult,
    LDAPUnwillingToPerformResult,
)
from ldap3.utils.conv import escape_filter_chars
from ldap3.utils.dn import parse_dn
from pyasn1.error import PyAsn1Error

from vetting.config import LDAPSettings
from vetting.directories.known import DirectoryDown, Known, NotProven
from vetting.directories.patience import OutOfPatience, Patience

Answer = TypeVar("Answer")

TO_CONNECT = 3
TO_ANSWER = 5
REFUSED = (
    LDAPConstraintViolationResult,  # such as too many failures there
    LDAPInappropriateAuthenticationResult,
    LDAPInsufficientAccessRightsResult,
    LDAPInvalidCredentialsResult,
    LDAPInvalidDNSyntaxResult,
    LDAPNoSuchObjectResult,
    LDAPSASLPrepError,  # no password looks like this
    LDAPUnwillingToPerformResult,
)
BROKEN = (
    LDAPException,
    PyAsn1Error,
    OSError,
    AttributeError,
    IndexError,
    KeyError,
    TypeError,
    ValueError,
)
PROVIDER = "ldap"  # one directory, whichever of its servers is asked


@dataclass(frozen=True)
class Entry(Known):
    """Somebody in the directory, and where."""

    dn: str = ""


class Guarded(Tls):  # type: ignore[misc]  # published without types
    """TLS as Python knows it, which checks the certificate and whose it is in one go."""

    def __init__(self, authority: Path | None) -> None:
        super().__init__(validate=ssl.CERT_REQUIRED)
        try:
            self._context = ssl.create_default_context(cafile=authority)
        except ssl.SSLError as error:
            raise SystemExit(f"VETTING_LDAP_CA holds no certificates: {authority}") from error

    def wrap_socket(self, connection: Connection, do_handshake: bool = False) -> None:  # noqa: ARG002, FBT001, FBT002  # as ldap3 calls it
        """Go on under TLS, or not at all."""
        connection.socket = self._context.wrap_socket(
            connection.socket, server_hostname=connection.server.host
        )


class LDAPDirectory:
    """One directory; every question is a connection of its own."""

    def __init__(self, settings: LDAPSettings, patience: Patience | None = None) -> None:
        self.name = settings.name
        self._settings = settings
        self._patience = patience or Patience()
        try:
            self._base = _parts(settings.base)
        except LDAPException as error:
            raise SystemExit(
                "VETTING_LDAP_BASE must be a name in the directory, such as dc=province,dc=vn."
            ) from error
        self._server = Server(
            settings.host,
            settings.port,
            use_ssl=settings.tls == "ldaps",
            tls=Guarded(settings.ca),
            get_info=NONE,
            connect_timeout=TO_CONNECT,
        )

    def find(self, login: str) -> Entry | None:
        """Return whom a log-in belongs to, before anything is proved."""
        return self._asking(lambda: self._find(login))

    def opens(self, known: Known | None, password: str) -> bool:
        """Tell whether a password is somebody's; costs the same where there is nobody."""
        if not password or "\0" in password:
            return False  # a bind without a password succeeds and proves nothing
        if not isinstance(known, Entry) or not known.dn:
            nobody = f"{self._settings.login}={secrets.token_hex(8)},{self._settings.base}"
            self._asking(lambda: self._opens(nobody, secrets.token_urlsafe(12)))
            return False
        return self._asking(lambda: self._opens(known.dn, password))

    def _asking(self, ask: Callable[[], Answer]) -> Answer:
        try:
            return self._patience.wait_for(ask)
        except (OutOfPatience, *BROKEN) as error:
            raise DirectoryDown(self.name) from error

    def _find(self, login: str) -> Entry | None:
        settings = self._settings
        with self._bound(settings.bind_dn, settings.bind_password) as connection:
            try:
                connection.search(
                    settings.base,
                    settings.filter.replace("{login}", escape_filter_chars(login)),
                    SUBTREE,
                    dereference_aliases=DEREF_NEVER,
                    attributes=[settings.login, settings.subject],
                    size_limit=2,
                    time_limit=TO_ANSWER,
                )
            except LDAPSizeLimitExceededResult:
                return None  # it belongs to several, so to nobody
            found = [one for one in connection.response or () if one["type"] == "searchResEntry"]
        return self._entry(found[0], login) if len(found) == 1 else None

    def _entry(self, found: Mapping[str, Any], login: str) -> Entry | None:
        """Return an entry if it is what was asked for, whatever the directory takes for equal."""
        kept = {name.lower(): values for name, values in found["raw_attributes"].items()}
        logins = [_text(one) for one in kept.get(self._settings.login.lower(), ())]
        subjects = [_text(one) for one in kept.get(self._settings.subject.lower(), ())]
        mine = [one for one in logins if _folded(one) == _folded(login)]
        if not mine or _parts(found["dn"])[-len(self._base) :] != self._base:
            return None
        if len(subjects) != 1:
            raise NotProven(self.name, f"not one {self._settings.subject}")
        entry = Entry(PROVIDER, subjects[0], mine[0], found["dn"])
        return entry if entry.is_sound() else None

    def _opens(self, dn: str, password: str) -> bool:
        try:
            with self._bound(dn, password):
                return True
        except REFUSED:
            return False

    @contextmanager
    def _bound(self, dn: str | None, password: str | None) -> Iterator[Connection]:
        connection = Connection(
            self._server,
            dn,
            password,
            authentication=SIMPLE if dn else ANONYMOUS,
            auto_bind=AUTO_BIND_NONE,
            auto_referrals=False,
            check_names=False,
            raise_exceptions=True,
            read_only=True,
            receive_timeout=TO_ANSWER,
        )
        try:
            connection.open(read_server_info=False)
            if self._settings.tls == "starttls" and not connection.start_tls(
                read_server_info=False
            ):
                raise LDAPException("StartTLS was refused")
            if not connection.bind(read_server_info=False):
                raise LDAPException("the bind was refused")
            yield connection
        finally:
            with suppress(*BROKEN):
                connection.unbind()
            if connection.socket is not None:  # ldap3 leaves it open where saying goodbye failed
                connection.socket.close()


def _text(value: bytes) -> str:
    """Return a value as text; one that is none, such as objectGUID, by its digits."""
    try:
        text = value.decode()
    except UnicodeDecodeError:
        return value.hex()
    return text if text.isprintable() else value.hex()


def _folded(login: str) -> str:
    return normalize("NFC", login).strip().casefold()


def _parts(dn: str) -> list[tuple[str, str]]:
    """Return the parts of a name in the directory, comparable."""
    return [(name.lower(), value.casefold()) for name, value, _ in parse_dn(dn, strip=True)]
