"""Reading a list in a child process that can do nothing else.

The child gets the file as its standard input, answers once in JSON on its standard output and
ends. What holds it, and where:

- everywhere on Linux: ceilings on memory, processor time and written files; no descriptor can be
  opened after the start, so no file and no socket; a wall clock and a ceiling on the answer, both
  kept by the parent; an empty environment; an audit hook against Python's own ways out;
- where the system permits (root, or unprivileged user namespaces): an empty network namespace;
- except for root: no further process, by RLIMIT_NPROC.
"""

import json
import os
import selectors
import signal
import subprocess
import sys
import tempfile
import time
from dataclasses import asdict
from datetime import date
from pathlib import Path
from typing import IO, Any

import python_calamine

import vetting
from vetting.engine.sentences import Sentence, say
from vetting.lists.answers import GoodRow, ReadList, Reason, RefusedRow, UnreadableList
from vetting.lists.limits import Limits

_CHUNK = 64 * 1024
_PATHS = tuple(
    dict.fromkeys(
        str(Path(str(package.__file__)).resolve().parent.parent)
        for package in (vetting, python_calamine)
    )
)
_START = (
    "import json, sys; sys.path[:0] = json.loads(sys.argv[1]); "
    "from vetting.lists.child import main; main(sys.argv[2], sys.argv[3])"
)
_TIME_IS_UP = (-signal.SIGXCPU, -signal.SIGKILL)


def read_list_safely(
    content: bytes,
    filename: str,
    *,
    today: date,
    limits: Limits = Limits(),  # noqa: B008 - frozen
) -> ReadList:
    """Read a list in a child process with limits on memory, time and reach."""
    del filename  # a name says nothing about what is inside
    if len(content) > limits.file_bytes:
        raise UnreadableList(_larger_than(limits))
    command = [
        sys.executable, "-I", "-S", "-B", "-X", "utf8", "-c", _START,
        json.dumps(_PATHS), today.isoformat(), json.dumps(asdict(limits)),
    ]  # fmt: skip
    with (
        _in_memory(content) as file,
        subprocess.Popen(  # noqa: S603 - our own interpreter, our own words
            command,
            stdin=file,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            env={},
            cwd="/",
            start_new_session=True,
        ) as child,
    ):
        try:
            answer = _await_answer(child, limits)
        finally:
            child.kill()
    if answer is None:
        raise UnreadableList(_took_too_long())
    if child.returncode != 0 and not answer.endswith(b"\n"):
        raise UnreadableList(_took_too_long() if child.returncode in _TIME_IS_UP else _too_heavy())
    return _from_answer(answer)


def _larger_than(limits: Limits) -> Sentence:
    return say("The file is larger than %(limit)s MB.", limit=limits.file_bytes // (1024 * 1024))


def _took_too_long() -> Sentence:
    return say("Reading the file took too long; send a shorter or simpler list.")


def _too_heavy() -> Sentence:
    return say("The file needs more memory than a list may take; send a shorter or simpler one.")


def _in_memory(content: bytes) -> IO[bytes]:
    """Return *content* as an open file that touches no disk where the system can do that."""
    file: IO[bytes]
    if hasattr(os, "memfd_create"):
        file = os.fdopen(os.memfd_create("list"), "w+b")
    else:
        file = tempfile.TemporaryFile()  # noqa: SIM115 - the caller closes it
    file.write(content)
    file.flush()
    file.seek(0)
    return file


def _await_answer(child: "subprocess.Popen[bytes]", limits: Limits) -> bytes | None:
    """Return all that the child says, or None when its time is up."""
    ends = time.monotonic() + limits.wall_seconds
    pipe = child.stdout
    assert pipe is not None  # noqa: S101 - asked for above
    said = bytearray()
    with selectors.DefaultSelector() as waiting:
        waiting.register(pipe, selectors.EVENT_READ)
        while True:
            left = ends - time.monotonic()
            if left <= 0 or not waiting.select(left):
                return None
            chunk = os.read(pipe.fileno(), _CHUNK)
            if not chunk:
                break
            said += chunk
            if len(said) > limits.answer_bytes:
                raise UnreadableList(_too_heavy())
    try:
        child.wait(max(0.1, ends - time.monotonic()))
    except subprocess.TimeoutExpired:
        return None
    return bytes(said)


def _from_answer(answer: bytes) -> ReadList:
    try:
        said = json.loads(answer)
        if "unreadable" in said:
            raise UnreadableList(_sentence(said["unreadable"]))
        return ReadList(
            sheet=said["sheet"],
            unit=said["unit"],
            rows=tuple(_row(row) for row in said["rows"]),
            not_kept=tuple(said["not_kept"]),
            unused=tuple(said["unused"]),
        )
    except (ValueError, KeyError, TypeError, IndexError) as broken:
        raise UnreadableList(_too_heavy()) from broken


def _row(said: list[Any]) -> GoodRow | RefusedRow:
    if said[0] == "good":
        return GoodRow(*said[1:])
    row, reason, message, name = said[1:]
    return RefusedRow(row, Reason(reason), _sentence(message), name)


def _sentence(said: list[Any]) -> Sentence:
    msgid, params = said
    return Sentence(msgid, tuple((name, value) for name, value in params))
