"""Run: do jobs, seal what acts have written and have it witnessed, again and again, until the end.

Any number of workers may run: whoever comes second finds nothing to do. Where the log is behind
what a witness has signed, somebody has put back a database: no job is done and nothing is sealed.
"""

import logging
import signal
import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from types import FrameType

from vetting.records.database import Database
from vetting.records.rights import DatabaseRole
from vetting.records.sealing_key import SealingKey
from vetting.records.tampering import tampering
from vetting.records.witnessed import bring_up
from vetting.usecases.ask_witnesses import Asked, Outcome, Send, ask_witnesses
from vetting.usecases.do_jobs import Workbench
from vetting.usecases.seal_checkpoint import seal_checkpoint
from vetting.worker.send import send

SECONDS_BETWEEN = 5.0  # a checkpoint is at most this much older than the newest entry
ROUNDS_BETWEEN_DOUBTS = 60  # a witness is asked now and then although it has signed all there is
JOBS_A_ROUND = 50
_LOG = logging.getLogger("vetting.worker")


@dataclass
class Worker:
    """One worker of an installation."""

    database: Database
    key: SealingKey
    folder: Path
    send: Send = send
    bench: Workbench | None = None  # where jobs are done
    ask: Callable[[], None] = lambda: None  # asks for the jobs that are due by now
    still_wanted: Callable[[], bool] = lambda: True
    seconds_between: float = SECONDS_BETWEEN
    _ended: threading.Event = field(default_factory=threading.Event)
    _rounds: int = 0
    _said: dict[str, Outcome] = field(default_factory=dict)

    def run(self) -> None:
        """Work until the end is asked for, or nobody wants the worker any longer."""
        while self.still_wanted() and not self._ended.is_set():
            self.work_once()
            self._ended.wait(self.seconds_between)

    def work_once(self) -> None:
        """Do what there is to do now."""
        self.database.let_go_of_replaced()
        with self.database.acting_as(DatabaseRole.SEQUENCER).reading() as connection:
            fault = tampering(connection, self.folder)
            if fault is not None:
                _LOG.error("%s Nothing is done or sealed.", fault)
                return
            bring_up(connection, self.folder)
        self._do_jobs()
        seal_checkpoint(self.database, self.key)
        self._rounds += 1
        in_doubt = self._rounds % ROUNDS_BETWEEN_DOUBTS == 1
        for asked in ask_witnesses(self.database, self.folder, self.send, even_if_signed=in_doubt):
            self._say(asked)

    def _do_jobs(self) -> None:
        """Do the jobs that are due, but so many that the log does not wait long for its seal."""
        self.ask()
        left = JOBS_A_ROUND
        while left and self.bench is not None and not self._ended.is_set() and self.bench.do_next():
            left -= 1

    def _say(self, asked: Asked) -> None:
        """Say once when a witness no longer signs, and once when it does again."""
        before = self._said.get(asked.witness, Outcome.SIGNED)
        if asked.outcome is Outcome.NOTHING_NEW or asked.outcome is before:
            return
        self._said[asked.witness] = asked.outcome
        well = asked.outcome is Outcome.SIGNED
        _LOG.log(
            logging.INFO if well else logging.ERROR, "%s: %s", asked.witness, asked.outcome.value
        )

    def end(self) -> None:
        """Ask for the end; what is under way is finished."""
        self._ended.set()

    def end_on_signals(self) -> None:
        """Take the signals by which an operator or a service manager ends a program."""

        def ended(_number: int, _frame: FrameType | None) -> None:
            self.end()

        signal.signal(signal.SIGTERM, ended)
        signal.signal(signal.SIGINT, ended)
