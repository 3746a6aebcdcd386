"""Vouching: is what is served still what witnesses vouch for, asked again while it is served.

The start asks it once. A database that is put back, or loses a trigger, under a running server is
found by the next request after `LOOK_AGAIN`; until that is settled none is answered.
"""

import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path

from vetting.engine.sentences import Sentence, say
from vetting.records.database import Database
from vetting.records.tampering import tampering

LOOK_AGAIN = timedelta(seconds=5)
LONGEST_LOOK = timedelta(seconds=15)  # a look that hangs is no answer


@dataclass
class Vouching:
    """What a process knows of the database that it serves."""

    database: Database
    folder: Path
    clock: Callable[[], datetime]
    _fault: Sentence | None = None
    _looked_at: datetime = field(init=False)
    _one: threading.Lock = field(default_factory=threading.Lock)

    def __post_init__(self) -> None:
        """Go on from the start, which has just asked."""
        self._looked_at = self.clock()

    def fault(self) -> Sentence | None:
        """Say why nothing may be served, as it was found some seconds ago at most."""
        now = self.clock()
        if abs(now - self._looked_at) < LOOK_AGAIN:
            return self._fault
        if self._one.acquire(blocking=False):
            try:
                self._fault = self._look()
                self._looked_at = now
            finally:
                self._one.release()
        elif abs(now - self._looked_at) >= LONGEST_LOOK:  # by who looks just now
            return say("What the database or the folder of the installation says is waited for.")
        return self._fault

    def _look(self) -> Sentence | None:
        self.database.let_go_of_replaced()
        with self.database.reading() as connection:
            return tampering(connection, self.folder)
