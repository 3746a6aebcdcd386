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
PATIENCE = 5.0  # seconds, for which a request waits for what another one looks at


@dataclass
class Vouching:
    """What a process knows of the database that it serves."""

    database: Database
    folder: Path
    clock: Callable[[], datetime]
    patience: float = PATIENCE
    _fault: Sentence | None = None
    _looked_at: datetime = field(init=False)
    _one: threading.Lock = field(default_factory=threading.Lock)

    def __post_init__(self) -> None:
        """Go on from the start, which has just asked."""
        self._looked_at = self.clock()

    def fault(self) -> Sentence | None:
        """Say why nothing may be served, as it was found some seconds ago at most.

        Whoever comes while another looks waits for that answer; a look that hangs is none.
        """
        if self._is_known():
            return self._fault
        if not self._one.acquire(timeout=self.patience):
            return say("What the database or the folder of the installation says is waited for.")
        try:
            if not self._is_known():
                began = self.clock()
                self._fault = self._look()
                self._looked_at = began
        finally:
            self._one.release()
        return self._fault

    def _is_known(self) -> bool:
        return abs(self.clock() - self._looked_at) < LOOK_AGAIN

    def _look(self) -> Sentence | None:
        self.database.let_go_of_replaced()
        with self.database.reading() as connection:
            return tampering(connection, self.folder)
