"""What is handed in instead of being asked for: the time, random handles, and the legal day."""

import secrets
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time
from zoneinfo import ZoneInfo

from vetting.engine.canonical import moment

ZONE = ZoneInfo("Asia/Ho_Chi_Minh")  # a legal day begins and ends here
HANDLE_BYTES = 16


def _now() -> datetime:
    return datetime.now(UTC)


def _random_handle() -> str:
    return secrets.token_urlsafe(HANDLE_BYTES)


@dataclass(frozen=True)
class Ids:
    """The one source of moments and handles for an act."""

    clock: Callable[[], datetime] = field(default=_now)
    random_handle: Callable[[], str] = field(default=_random_handle)

    def now(self) -> str:
        """Return the moment, as it is written down."""
        return moment(self.clock())

    def handle(self) -> str:
        """Return a new random handle."""
        return self.random_handle()

    def today(self) -> str:
        """Return the present legal day."""
        return self.clock().astimezone(ZONE).date().isoformat()

    def legal_day(self, at: str) -> str:
        """Return the legal day of a moment that was written down."""
        return datetime.fromisoformat(at).astimezone(ZONE).date().isoformat()

    def moment_of(self, day: str, at: time) -> str:
        """Return the moment at which it is so late on a legal day."""
        return _as_moment(day, at)

    def begin_of(self, day: str) -> str:
        """Return the first moment of a legal day."""
        return _as_moment(day, time.min)

    def end_of(self, day: str) -> str:
        """Return the last moment of a legal day."""
        return _as_moment(day, time.max)


def _as_moment(day: str, at: time) -> str:
    """Return a moment of a legal day; of the days at which time ends the nearest that there is."""
    local = datetime.combine(date.fromisoformat(day), at, ZONE)
    try:
        return moment(local)
    except OverflowError:
        return moment(local.replace(tzinfo=UTC))
