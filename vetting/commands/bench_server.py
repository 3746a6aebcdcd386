"""A server of our own to measure: gunicorn as `vetting serve` runs it, on a free loopback port."""

import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from vetting.commands.keep_alive import HOST, Line, request
from vetting.config import PREFIX, ROOT
from vetting.records.master_key import held

WORKERS, PER_WORKER = 2, 4
STARTS_WITHIN = 60  # seconds
PRODUCT, FLOOR = "app:app", "vetting.commands.floor:app"


@contextmanager
def serving(
    target: str, url: str, folder: Path, secret: str, workers: int = WORKERS
) -> Iterator[int]:
    """Serve an application on a database until the block ends; gives its port."""
    with socket.socket() as asked:
        asked.bind((HOST, 0))
        port: int = asked.getsockname()[1]
    command = [sys.executable, "-m", "gunicorn", "--chdir", str(ROOT), "--bind", f"{HOST}:{port}"]
    command += ["--workers", str(workers), "--worker-class", "gthread"]
    command += ["--threads", str(PER_WORKER), "--keep-alive", "60", "--no-control-socket"]
    command += ["--log-level", "error", target]
    log = folder / "server.log"
    with log.open("ab") as written:
        server = subprocess.Popen(  # noqa: S603  # our own
            command, env=_environment(url, folder, secret), stdout=written, stderr=written
        )
    try:
        _wait_for(port, server, log)
        yield port
    finally:
        server.terminate()
        server.wait()


def _environment(url: str, folder: Path, secret: str) -> Mapping[str, str]:
    ours = {name: value for name, value in os.environ.items() if not name.startswith(PREFIX)}
    return {
        **ours,
        f"{PREFIX}DATABASE_URL": url,
        f"{PREFIX}FOLDER": str(folder),
        f"{PREFIX}SECRET_KEY": secret,
        f"{PREFIX}MASTER_KEY": str(held()),
        f"{PREFIX}STEP_UP_MINUTES": "60",  # a measurement takes longer than a signer's five
    }


def _wait_for(port: int, server: "subprocess.Popen[bytes]", log: Path) -> None:
    until = time.monotonic() + STARTS_WITHIN
    while time.monotonic() < until and server.poll() is None:
        try:
            with Line(port) as line:
                head, _ = line.exchange(request(port, "GET", "/health/live").sent)
        except OSError:
            time.sleep(0.1)
        else:
            if head.startswith(b"HTTP/1.1 200 "):
                return
    raise RuntimeError(f"the server did not start:\n{log.read_text()[-3000:]}")
