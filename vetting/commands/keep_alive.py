"""Keep-alive clients: processes that send prepared requests one after the other and time them.

The clients share the machine with the server, so they cost as little as they can: the requests are
bytes before the time runs, and of an answer only what proves it is looked at.
"""

import socket
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from multiprocessing import get_context
from multiprocessing.connection import Connection as Pipe
from multiprocessing.synchronize import Event
from statistics import quantiles
from typing import Self

HOST = "127.0.0.1"
PATIENCE = 120  # seconds for one answer
BLOCK = 65536


@dataclass(frozen=True)
class Request:
    """A request as it goes over the wire, and what its answer begins with and names."""

    sent: bytes
    status: bytes
    location: bytes


@dataclass(frozen=True)
class Stint:
    """What one client did from its first request to its last."""

    began: float
    ended: float
    waits: tuple[float, ...]  # seconds, one an answer
    wrong: str | None = None  # the first answer that was not the right one

    @property
    def per_second(self) -> float:
        """How many answers this client got in a second."""
        return len(self.waits) / (self.ended - self.began) if self.waits else 0.0


@dataclass(frozen=True)
class Together:
    """What clients did at the same time."""

    stints: tuple[Stint, ...]

    @property
    def per_second(self) -> float:
        """How many answers all of them got in a second."""
        began = min(stint.began for stint in self.stints)
        ended = max(stint.ended for stint in self.stints)
        return self.answers / (ended - began)

    @property
    def answers(self) -> int:
        """How many answers all of them got."""
        return sum(len(stint.waits) for stint in self.stints)

    @property
    def p95_ms(self) -> float:
        """For how many milliseconds 95 of 100 answers were waited for at most."""
        waits = sorted(wait for stint in self.stints for wait in stint.waits)
        return 1000 * (quantiles(waits, n=20)[-1] if len(waits) > 1 else waits[0])

    @property
    def slowest_over_fastest(self) -> float:
        """How evenly they were served: 1 is evenly, 0 means that one got nothing."""
        rates = [stint.per_second for stint in self.stints]
        return min(rates) / max(rates) if max(rates) else 0.0


def request(  # a request is all of this
    port: int,
    method: str,
    path: str,
    *,
    body: bytes = b"",
    cookie: str = "",
    status: int = 303,
    location: str = "",
) -> Request:
    """Write a request down as a browser would send it, with the answer that is expected."""
    head = [f"{method} {path} HTTP/1.1", f"Host: {HOST}:{port}"]
    if cookie:
        head.append(f"Cookie: {cookie}")
    if method == "POST":
        head.append("Content-Type: application/x-www-form-urlencoded")
        head.append("Sec-Fetch-Site: same-origin")
        head.append(f"Content-Length: {len(body)}")
    return Request(
        "\r\n".join([*head, "", ""]).encode() + body,
        f"HTTP/1.1 {status} ".encode(),
        f"Location: {location}\r\n".encode() if location else b"",
    )


class Line:
    """One connection that is kept alive."""

    def __init__(self, port: int) -> None:
        self._socket = socket.create_connection((HOST, port), timeout=PATIENCE)
        self._socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._socket.close()

    def exchange(self, sent: bytes) -> tuple[bytes, bytes]:
        """Send a request; returns the head and the body of its answer."""
        self._socket.sendall(sent)
        got = self._socket.recv(BLOCK)
        while (end := got.find(b"\r\n\r\n")) < 0:
            got += self._more()
        length = _length(got[:end])
        while len(got) < end + 4 + length:
            got += self._more()
        return got[: end + 2], got[end + 4 :]

    def _more(self) -> bytes:
        more = self._socket.recv(BLOCK)
        if not more:
            raise ConnectionError("the server hung up")
        return more


def _length(head: bytes) -> int:
    for line in head.split(b"\r\n")[1:]:
        name, _, value = line.partition(b":")
        if name.lower() == b"content-length":
            return int(value)
    return 0


class Clients:
    """Client processes that wait for something to send."""

    def __init__(self, pipes: Sequence[Pipe], stop: Event) -> None:
        self._pipes = pipes
        self._stop = stop

    def run(self, port: int, requests: Sequence[Sequence[Request]], seconds: float) -> Together:
        """Let as many clients as there are lists send them, until the first is through or late."""
        pipes = self._pipes[: len(requests)]
        self._stop.clear()
        for pipe, wanted in zip(pipes, requests, strict=True):
            pipe.send((port, wanted, seconds))
        for pipe in pipes:
            pipe.recv()  # connected
        for pipe in pipes:
            pipe.send(None)  # go
        together = Together(tuple(pipe.recv() for pipe in pipes))
        for stint in together.stints:
            if stint.wrong is not None:
                raise RuntimeError(f"an answer was not the right one: {stint.wrong}")
        return together


@contextmanager
def clients(count: int) -> Iterator[Clients]:
    """Start client processes, and end them with the block."""
    context = get_context("spawn")  # a fork would take our connections along
    stop = context.Event()
    ends = [context.Pipe() for _ in range(count)]
    started = [
        context.Process(target=_serve, args=(theirs, stop), daemon=True) for _, theirs in ends
    ]
    for client in started:
        client.start()
    try:
        yield Clients([ours for ours, _ in ends], stop)
    finally:
        for client in started:
            client.terminate()
            client.join()


def _serve(pipe: Pipe, stop: Event) -> None:
    while True:
        port, requests, seconds = pipe.recv()
        with Line(port) as line:
            pipe.send(None)
            pipe.recv()
            pipe.send(_stint(line.exchange, requests, seconds, stop))


def _stint(
    exchange: Callable[[bytes], tuple[bytes, bytes]],
    requests: Sequence[Request],
    seconds: float,
    stop: Event,
) -> Stint:
    clock = time.monotonic
    waits: list[float] = []
    wrong = None
    began = now = clock()
    for one in requests:
        head, body = exchange(one.sent)
        before, now = now, clock()
        if not head.startswith(one.status) or one.location not in head:
            wrong = (head + b"\r\n" + body[:2000]).decode(errors="replace")
            break
        waits.append(now - before)
        if stop.is_set() or now - began > seconds:
            break
    stop.set()
    return Stint(began, now, tuple(waits), wrong)
