"""Open the directories that are set; load what speaks to them only then."""

from collections.abc import Callable
from datetime import datetime

from vetting.config import Settings
from vetting.directories.known import Directories, Directory, Provider


def open_directories(settings: Settings, clock: Callable[[], datetime]) -> Directories:
    """Make ready what the settings name, or refuse to start. Nobody is asked yet."""
    return Directories(_provider(settings, clock), _ldap(settings))


def _provider(settings: Settings, clock: Callable[[], datetime]) -> Provider | None:
    if settings.oidc is None:
        return None
    try:
        from vetting.directories.ask_provider import OpenIDProvider  # noqa: PLC0415  # an extra
    except ImportError as error:
        raise SystemExit(_missing("oidc", "VETTING_OIDC_ISSUER", error)) from error
    return OpenIDProvider(settings.oidc, clock)


def _ldap(settings: Settings) -> Directory | None:
    if settings.ldap is None:
        return None
    try:
        from vetting.directories.ask_ldap import LDAPDirectory  # noqa: PLC0415  # an extra
    except ImportError as error:
        raise SystemExit(_missing("ldap", "VETTING_LDAP_URL", error)) from error
    return LDAPDirectory(settings.ldap)


def _missing(extra: str, setting: str, error: ImportError) -> str:
    library = (error.name or "a library").partition(".")[0]
    return (
        f"{setting} is set, but {library} is not installed. "
        f"Run `pip install '.[{extra}]'`, or leave the setting out."
    )
