"""Settings: everything that differs between one installation and another."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import time
from ipaddress import ip_address
from pathlib import Path
from typing import Self
from urllib.parse import SplitResult, urlsplit

from vetting.engine.mails import is_address
from vetting.engine.reading_budget import Budget

ROOT = Path(__file__).parents[1]
PREFIX = "VETTING_"
MOST_PROXIES = 5
CAME_BACK = "/sign-in/provider/back"  # where an OpenID provider sends people
_DAYTIME = re.compile(r"([01]\d|2[0-3]):([0-5]\d)")
_ATTRIBUTE = re.compile(r"[A-Za-z][A-Za-z0-9-]*")


@dataclass(frozen=True)
class OIDCSettings:
    """An OpenID provider through which officers may sign in."""

    issuer: str
    client_id: str
    client_secret: str
    redirect_uri: str
    name: str  # on the sign-in page
    claim: str = "preferred_username"  # what holds the log-in
    ca: Path | None = None  # certificates that vouch for it, where the machine's own do not

    @classmethod
    def from_env(cls, env: Mapping[str, str]) -> Self | None:
        """Read the VETTING_OIDC_… variables; without any of them there is no provider."""
        given = _Given("OIDC", env, {"ISSUER", "CLIENT_ID", "CLIENT_SECRET", "NAME", "CLAIM", "CA"})
        if not given:
            return None
        given.demand("ISSUER", "CLIENT_ID", "CLIENT_SECRET")
        issuer = given["ISSUER"]
        if not is_safe_address(issuer):
            raise SystemExit("VETTING_OIDC_ISSUER must begin with https://.")
        address = _address(env)
        if address is None:
            raise SystemExit(
                "VETTING_OIDC_ISSUER needs VETTING_ADDRESS: the address under which officers open "
                "the system, such as https://vetting.example, with nothing after the name."
            )
        return cls(
            issuer,
            given["CLIENT_ID"],
            given["CLIENT_SECRET"],
            address + CAME_BACK,
            given["NAME"] or str(urlsplit(issuer).hostname),
            given["CLAIM"] or "preferred_username",
            given.file("CA"),
        )


@dataclass(frozen=True)
class LDAPSettings:
    """An LDAP directory whose passwords officers may sign in with."""

    host: str
    port: int
    tls: str  # "ldaps", "starttls", or "none" within this machine
    base: str
    name: str  # on the sign-in page
    filter: str
    login: str = "uid"  # the attribute that holds the log-in
    subject: str = "entryUUID"  # the attribute that is never given to another entry
    bind_dn: str | None = None  # who looks entries up; without it nobody in particular
    bind_password: str | None = None
    ca: Path | None = None

    @classmethod
    def from_env(cls, env: Mapping[str, str]) -> Self | None:
        """Read the VETTING_LDAP_… variables; without any of them there is no directory."""
        known = {"URL", "BASE", "NAME", "FILTER", "LOGIN", "SUBJECT", "BIND_DN", "BIND_PASSWORD"}
        given = _Given("LDAP", env, {*known, "CA"})
        if not given:
            return None
        given.demand("URL", "BASE")
        if bool(given["BIND_DN"]) != bool(given["BIND_PASSWORD"]):
            raise SystemExit(
                "VETTING_LDAP_BIND_DN and VETTING_LDAP_BIND_PASSWORD go together: set both or none."
            )
        url = _split(given["URL"])
        if url is None or url.scheme not in {"ldap", "ldaps"} or url.path.strip("/") or url.query:
            raise SystemExit("VETTING_LDAP_URL must be ldaps://host or ldap://host, no more.")
        login, subject = given["LOGIN"] or "uid", given["SUBJECT"] or "entryUUID"
        if not _ATTRIBUTE.fullmatch(login) or not _ATTRIBUTE.fullmatch(subject):
            raise SystemExit(
                "VETTING_LDAP_LOGIN and VETTING_LDAP_SUBJECT must be names of attributes."
            )
        within = given["FILTER"] or f"({login}={{login}})"
        if "{login}" not in within or not _is_balanced(within):
            raise SystemExit(
                "VETTING_LDAP_FILTER must be a filter in brackets with {login} where the log-in "
                "belongs, such as (&(objectClass=person)(uid={login}))."
            )
        host, secure = str(url.hostname), url.scheme == "ldaps"
        return cls(
            host,
            url.port or (636 if secure else 389),
            "ldaps" if secure else "none" if _is_here(host) else "starttls",
            given["BASE"],
            given["NAME"] or host,
            within,
            login,
            subject,
            given["BIND_DN"] or None,
            given["BIND_PASSWORD"] or None,
            given.file("CA"),
        )


@dataclass(frozen=True)
class MailSettings:
    """A mail server to which notices are handed over."""

    host: str
    port: int
    tls: str  # "smtps", "starttls", or "none" within this machine
    sender: str
    address: str  # under which officers open the system
    digest_at: time
    user: str | None = None
    password: str | None = None
    ca: Path | None = None

    @classmethod
    def from_env(cls, env: Mapping[str, str]) -> Self | None:
        """Read the VETTING_SMTP_… variables; without any of them no mail is sent."""
        given = _Given("SMTP", env, {"URL", "FROM", "USER", "PASSWORD", "CA", "DIGEST_AT"})
        if not given:
            return None
        given.demand("URL", "FROM")
        if bool(given["USER"]) != bool(given["PASSWORD"]):
            raise SystemExit(
                "VETTING_SMTP_USER and VETTING_SMTP_PASSWORD go together: set both or none."
            )
        url = _split(given["URL"])
        if url is None or url.scheme not in {"smtp", "smtps"} or url.path.strip("/") or url.query:
            raise SystemExit("VETTING_SMTP_URL must be smtp://host:587 or smtps://host, no more.")
        if url.username or url.password:
            raise SystemExit("VETTING_SMTP_URL holds no log-in: that is VETTING_SMTP_USER.")
        if not is_address(given["FROM"]):
            raise SystemExit("VETTING_SMTP_FROM must be a mail address.")
        at = _DAYTIME.fullmatch(given["DIGEST_AT"] or "07:30")
        if at is None:
            raise SystemExit("VETTING_SMTP_DIGEST_AT must be a time of day such as 07:30.")
        address = _address(env)
        if address is None:
            raise SystemExit(
                "VETTING_SMTP_URL needs VETTING_ADDRESS: the address under which officers open "
                "the system, such as https://vetting.example, with nothing after the name."
            )
        host, secure = str(url.hostname), url.scheme == "smtps"
        return cls(
            host,
            url.port or (465 if secure else 587),
            "smtps" if secure else "none" if _is_here(host) else "starttls",
            given["FROM"],
            address,
            time(int(at[1]), int(at[2])),
            given["USER"] or None,
            given["PASSWORD"] or None,
            given.file("CA"),
        )


@dataclass(frozen=True)
class Settings:
    """What an installation may say about itself; every value has a safe default but secrets."""

    database_url: str
    folder: Path  # where the installation keeps its own files, such as its secret key
    secret_key: str | None = None  # read from the folder when it is not given
    # Read from its file when it is not given.
    master_key: str | None = field(default=None, repr=False)
    master_key_file: Path | None = None  # in the folder when it is not given
    language: str = "vi"
    secure_cookies: bool = False  # true behind TLS
    address: str | None = None  # under which officers open the system
    database_roles: str | None = None  # what the roles' names in the database begin with
    one_database_login: bool = False  # the database has no roles but the one login
    trusted_proxies: int = 0  # so many stand in front, and each says from whom a request came
    idle_minutes: int = 480  # after which a log-in session ends by itself
    reading: Budget = field(default_factory=Budget)  # how many cases may be seen
    step_up_minutes: int = 5  # after which a signature asks again who it is
    second_factor_required: bool = False  # of everybody, before anything else opens
    workflows: Path = ROOT / "workflows"
    registers: Path = ROOT / "registers"
    oidc: OIDCSettings | None = None
    ldap: LDAPSettings | None = None
    mail: MailSettings | None = None

    @classmethod
    def from_env(cls, env: Mapping[str, str]) -> Self:
        """Read the VETTING_… variables."""
        folder = Path(env.get(f"{PREFIX}FOLDER") or ROOT / "var")
        return cls(
            database_url=env.get(f"{PREFIX}DATABASE_URL") or f"sqlite:///{folder}/vetting.sqlite",
            folder=folder,
            secret_key=env.get(f"{PREFIX}SECRET_KEY") or None,
            master_key=env.get(f"{PREFIX}MASTER_KEY") or None,
            master_key_file=_file(env, "MASTER_KEY_FILE"),
            language=env.get(f"{PREFIX}LANGUAGE") or "vi",
            secure_cookies=env.get(f"{PREFIX}SECURE_COOKIES", "") in {"1", "yes", "true"},
            address=_address(env),
            database_roles=env.get(f"{PREFIX}DATABASE_ROLES") or None,
            one_database_login=env.get(f"{PREFIX}ONE_DATABASE_LOGIN", "") in {"1", "yes", "true"},
            reading=Budget(
                officer_a_day=_whole_number(env, "READS_A_DAY_OFFICER"),
                body_a_day=_whole_number(env, "READS_A_DAY_ORGANISATION"),
                officer_in_window=_whole_number(env, "READS_IN_30_DAYS_OFFICER"),
            ),
            trusted_proxies=_proxies(env),
            idle_minutes=_minutes(env, "IDLE_MINUTES", default=480, most=720),
            step_up_minutes=_minutes(env, "STEP_UP_MINUTES", default=5, most=60),
            second_factor_required=_is_required(env),
            workflows=Path(env.get(f"{PREFIX}WORKFLOWS") or ROOT / "workflows"),
            registers=Path(env.get(f"{PREFIX}REGISTERS") or ROOT / "registers"),
            oidc=OIDCSettings.from_env(env),
            ldap=LDAPSettings.from_env(env),
            mail=MailSettings.from_env(env),
        )

    @property
    def the_master_key_file(self) -> Path:
        """The file that the master key is read from when it is not given."""
        return self.master_key_file or self.folder / "master_key"

    def the_secret_key(self) -> str:
        """Return the secret key, or refuse to start: there is no default."""
        if self.secret_key:
            return self.secret_key
        file = self.folder / "secret_key"
        if not file.exists():
            raise SystemExit(
                "There is no secret key yet. Run `vetting init`, or set VETTING_SECRET_KEY."
            )
        return file.read_text().strip()


def _address(env: Mapping[str, str]) -> str | None:
    """Return the address under which officers open the system, as browsers write it."""
    given = env.get(f"{PREFIX}ADDRESS", "").strip().rstrip("/")
    if not given:
        return None
    split = _split(given)
    if split is None or split.path or not is_safe_address(given):
        raise SystemExit(
            "VETTING_ADDRESS must be the address under which officers open the system, such as "
            "https://vetting.example, with nothing after the name."
        )
    usual = {"https": 443, "http": 80}[split.scheme]
    port = f":{split.port}" if split.port not in {None, usual} else ""
    host = str(split.hostname)
    return f"{split.scheme}://{f'[{host}]' if ':' in host else host}{port}"


def _is_required(env: Mapping[str, str]) -> bool:
    told = env.get(f"{PREFIX}SECOND_FACTOR", "").strip() or "optional"
    if told not in {"optional", "required"}:
        raise SystemExit("VETTING_SECOND_FACTOR must be optional or required.")
    return told == "required"


def _file(env: Mapping[str, str], name: str) -> Path | None:
    given = env.get(f"{PREFIX}{name}", "").strip()
    return Path(given) if given else None


def _proxies(env: Mapping[str, str]) -> int:
    text = env.get(f"{PREFIX}TRUSTED_PROXIES", "").strip() or "0"
    if text not in {str(number) for number in range(MOST_PROXIES + 1)}:
        raise SystemExit(
            f"{PREFIX}TRUSTED_PROXIES must be how many proxies stand in front, "
            f"a whole number from 0 to {MOST_PROXIES}."
        )
    return int(text)


def _minutes(env: Mapping[str, str], name: str, *, default: int, most: int) -> int:
    text = env.get(f"{PREFIX}{name}") or str(default)
    if not text.isascii() or not text.isdigit() or not 1 <= int(text) <= most:
        raise SystemExit(f"{PREFIX}{name} must be a whole number from 1 to {most}.")
    return int(text)


class _Given:
    """The settings of one kind that are given; a name that does not exist is refused."""

    def __init__(self, kind: str, env: Mapping[str, str], known: set[str]) -> None:
        self._kind = f"{PREFIX}{kind}_"
        self._found = {
            name.removeprefix(self._kind): value.strip()
            for name, value in env.items()
            if name.startswith(self._kind) and value.strip()
        }
        for name in sorted(set(self._found) - known):
            raise SystemExit(f"There is no setting {self._kind}{name}.")

    def __bool__(self) -> bool:
        return bool(self._found)

    def __getitem__(self, name: str) -> str:
        return self._found.get(name, "")

    def demand(self, *names: str) -> None:
        """Refuse to start with half of what is needed."""
        missing = [f"{self._kind}{name}" for name in names if not self[name]]
        if missing:
            have = f"{self._kind}{next(iter(self._found))}"
            raise SystemExit(f"{have} is set, so these are needed too: {', '.join(missing)}.")

    def file(self, name: str) -> Path | None:
        """Return a file that is there."""
        file = Path(self[name]) if self[name] else None
        if file is not None and not file.is_file():
            raise SystemExit(f"{self._kind}{name} names a file that is not there: {file}")
        return file


def is_safe_address(address: object) -> bool:
    """Tell whether what goes to an address cannot be read or changed on the way."""
    split = _split(address) if isinstance(address, str) else None
    if split is None or not split.hostname or split.username or split.query or split.fragment:
        return False
    return split.scheme == "https" or (split.scheme == "http" and _is_here(split.hostname))


def _split(address: str) -> SplitResult | None:
    try:
        split = urlsplit(address)
        _ = split.port  # which may be no number
    except ValueError:
        return None
    return split if split.hostname else None


def _is_here(host: str) -> bool:
    try:
        return host == "localhost" or ip_address(host).is_loopback
    except ValueError:
        return False


def _is_balanced(text: str) -> bool:
    depth = 0
    for sign in text:
        depth += (sign == "(") - (sign == ")")
        if depth < 0:
            return False
    return depth == 0 and text.startswith("(") and text.endswith(")")


def _whole_number(env: Mapping[str, str], name: str) -> int | None:
    text = env.get(f"{PREFIX}{name}") or ""
    if not text:
        return None
    if not text.isascii() or not text.isdigit() or not 1 <= int(text) <= 1_000_000:  # noqa: PLR2004
        raise SystemExit(f"{PREFIX}{name} must be a whole number from 1 to 1000000, or empty.")
    return int(text)
