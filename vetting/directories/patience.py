"""Patience: how long an answer is waited for, and by how many at once.

A server that takes the connection and then says nothing, or a byte now and then, may hold up those
who ask it, for a while, and nobody else.
"""

from collections.abc import Callable
from queue import Empty, SimpleQueue
from threading import BoundedSemaphore, Thread
from typing import Generic, TypeVar

Answer = TypeVar("Answer")


class OutOfPatience(Exception):
    """No answer came in time, or too many are waiting already."""


class _Outcome(Generic[Answer]):
    def __init__(self, ask: Callable[[], Answer]) -> None:
        self._ask = ask
        self._error: BaseException | None = None
        self._answer: list[Answer] = []

    def take_place(self) -> None:
        try:
            self._answer.append(self._ask())
        except BaseException as error:  # noqa: BLE001  # it is raised again where it is waited for
            self._error = error

    def tell(self) -> Answer:
        if self._error is not None:
            raise self._error
        return self._answer[0]


class Patience:
    """A number of places from which to ask, and a time for each."""

    def __init__(self, seconds: float = 10, places: int = 2, for_a_place: float = 2) -> None:
        self._seconds = seconds
        self._for_a_place = for_a_place
        self._places = BoundedSemaphore(places)

    def wait_for(self, ask: Callable[[], Answer]) -> Answer:
        """Return what *ask* returns or raise what it raises, if it does in time."""
        if not self._places.acquire(timeout=self._for_a_place):
            raise OutOfPatience
        told: SimpleQueue[None] = SimpleQueue()
        outcome = _Outcome(ask)

        def run() -> None:
            outcome.take_place()
            self._places.release()
            told.put(None)

        Thread(target=run, daemon=True).start()
        try:
            told.get(timeout=self._seconds)
        except Empty:
            raise OutOfPatience from None
        return outcome.tell()
