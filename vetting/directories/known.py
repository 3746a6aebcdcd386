"""What a directory is asked, what it answers, and how it fails."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Protocol

from vetting.engine.refusals import Refusal, Unacceptable
from vetting.engine.sentences import say

LONGEST_SUBJECT = 255
SKEW = timedelta(seconds=60)  # how far two clocks may be apart


class DirectoryDown(Refusal):
    """The directory cannot be asked at present; what failed is the cause of the error."""

    def __init__(self, name: str) -> None:
        super().__init__(
            say("%(name)s does not answer at present. Try again in a while.", name=name)
        )


class NotProven(Unacceptable):
    """What came back from a directory proves nothing; the reason is for the log only."""

    def __init__(self, name: str, reason: str) -> None:
        super().__init__(
            say("What %(name)s answered does not prove who you are. Nothing was done.", name=name)
        )
        self.reason = reason


@dataclass(frozen=True)
class Known:
    """Somebody whom a directory vouches for."""

    provider: str
    subject: str  # the directory's own mark of the person, which is never given to another
    login: str  # as it is written there

    def is_sound(self) -> bool:
        """Tell whether both can be kept and compared."""
        return (
            0 < len(self.subject) <= LONGEST_SUBJECT
            and self.subject.isprintable()
            and bool(self.login.strip())
            and self.login.isprintable()
        )


@dataclass(frozen=True)
class Way:
    """One way to a provider and back, which only the browser that set out can finish."""

    state: str
    nonce: str
    verifier: str
    began_at: datetime
    again: bool = False  # somebody who is in already proves anew who they are


class Provider(Protocol):
    """An OpenID provider: people go there and come back with a code."""

    name: str
    issuer: str

    def address(self, way: Way) -> str:
        """Return where to send the browser."""

    def who(self, code: str, issuer: str | None, way: Way) -> Known:
        """Return who came back with a code, and perhaps with the issuer's name."""


class Directory(Protocol):
    """A directory that is asked about a log-in and a password."""

    name: str

    def find(self, login: str) -> Known | None:
        """Return whom a log-in belongs to, before anything is proved."""

    def opens(self, known: Known | None, password: str) -> bool:
        """Tell whether a password is somebody's; costs the same where there is nobody."""


@dataclass(frozen=True)
class Directories:
    """Those that an installation has."""

    provider: Provider | None = None
    ldap: Directory | None = None
