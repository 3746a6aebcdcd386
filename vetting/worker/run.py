"""Run: seal what acts have written, again and again, until told to end.

Any number of workers may run: whoever comes second finds nothing to do.
"""

import signal
import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from types import FrameType

from vetting.records.database import Database
from vetting.records.sealing_key import SealingKey
from vetting.usecases.seal_checkpoint import seal_checkpoint

SECONDS_BETWEEN = 5.0  # a checkpoint is at most this much older than the newest entry


@dataclass
class Worker:
    """One worker of an installation."""

    database: Database
    key: SealingKey
    still_wanted: Callable[[], bool] = lambda: True
    seconds_between: float = SECONDS_BETWEEN
    _ended: threading.Event = field(default_factory=threading.Event)

    def run(self) -> None:
        """Work until the end is asked for, or nobody wants the worker any longer."""
        while self.still_wanted() and not self._ended.is_set():
            seal_checkpoint(self.database, self.key)
            self._ended.wait(self.seconds_between)

    def end(self) -> None:
        """Ask for the end; what is under way is finished."""
        self._ended.set()

    def end_on_signals(self) -> None:
        """Take the signals by which an operator or a service manager ends a program."""

        def ended(_number: int, _frame: FrameType | None) -> None:
            self.end()

        signal.signal(signal.SIGTERM, ended)
        signal.signal(signal.SIGINT, ended)
