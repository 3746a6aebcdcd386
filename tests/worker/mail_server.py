"""A mail server of our own, on loopback, that can be told to behave badly."""

import socket
import socketserver
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from email import message_from_bytes
from email.message import Message
from email.policy import default

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP


@dataclass
class Letterbox:
    """What a mail server took, and how it answers."""

    port: int
    taken: list[Message] = field(default_factory=list)
    recipients: dict[str, str] = field(default_factory=dict)  # address: its answer
    data: str = "250 OK"

    @property
    def marks(self) -> list[str]:
        return [str(one["Message-ID"]) for one in self.taken]

    async def handle_RCPT(self, _server, _session, envelope, address, _options):  # noqa: N802  # aiosmtpd's
        answer = self.recipients.get(address, "250 OK")
        if answer.startswith("250"):
            envelope.rcpt_tos.append(address)
        return answer

    async def handle_DATA(self, server: SMTP, _session, envelope):  # noqa: N802  # aiosmtpd's
        if self.data == "lost":  # it has the mail and goes away without a word
            self.taken.append(message_from_bytes(envelope.content, policy=default))
            server.transport.abort()
            return "451 gone"
        if self.data.startswith("250"):
            self.taken.append(message_from_bytes(envelope.content, policy=default))
        return self.data


@contextmanager
def letterbox(**more) -> Iterator[Letterbox]:
    """Give a mail server that listens."""
    with socket.create_server(("127.0.0.1", 0)) as free:
        box = Letterbox(free.getsockname()[1])
    controller = Controller(box, hostname="127.0.0.1", port=box.port, **more)
    controller.start()
    try:
        yield box
    finally:
        controller.stop()


class _Rude(socketserver.BaseRequestHandler):
    def handle(self) -> None:
        for word, pause in self.server.words:
            try:
                self.request.sendall(word)
            except OSError:
                return
            self.server.over.wait(pause)


@contextmanager
def rude_server(*words: tuple[bytes, float]) -> Iterator[int]:
    """Give the port of a server that says its words, whatever it is told, and pauses after each."""
    with socketserver.ThreadingTCPServer(("127.0.0.1", 0), _Rude) as server:
        server.daemon_threads = True
        server.words, server.over = words, threading.Event()
        running = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        running.start()
        try:
            yield server.server_address[1]
        finally:
            server.over.set()
            server.shutdown()
            running.join()


def since(start: float) -> float:
    """Return the seconds that went by."""
    return time.monotonic() - start
