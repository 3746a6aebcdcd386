"""What runs in the child: give up every right, read the list, say what it holds."""

import codecs
import contextlib
import ctypes
import json
import os
import resource
import sys
from datetime import date
from typing import Any

from vetting.engine.sentences import Sentence, say
from vetting.lists.answers import GoodRow, ReadList, RefusedRow, UnreadableList
from vetting.lists.limits import Limits
from vetting.lists.open_workbook import open_workbook
from vetting.lists.read_list import read_grids

_NEW_USER, _NEW_NETWORK = 0x10000000, 0x40000000
_DIE_WITH_PARENT, _NO_NEW_PRIVILEGES, _NOT_DUMPABLE = (1, 9), (38, 1), (4, 0)
_STANDARD_STREAMS = 3
_WAYS_OUT = (
    "socket.",
    "subprocess.",
    "os.exec",
    "os.fork",
    "os.posix_spawn",
    "os.system",
    "ctypes.",
)


def main(today: str, limits: str) -> None:
    """Read the list on standard input and answer on standard output."""
    allowed = Limits(**json.loads(limits))
    answer: dict[str, Any]
    try:
        _give_up_rights(allowed)
        content = sys.stdin.buffer.read(allowed.file_bytes + 1)
        grids = open_workbook(content, allowed)
        del content
        answer = _listed(read_grids(grids, today=date.fromisoformat(today)))
    except UnreadableList as unreadable:
        answer = {"unreadable": _said(unreadable.sentence)}
    except MemoryError:
        answer = {
            "unreadable": _said(
                say(
                    "The file needs more memory than a list may take; "
                    "send a shorter or simpler one."
                )
            )
        }
    for piece in json.JSONEncoder(ensure_ascii=True).iterencode(answer):
        sys.stdout.write(piece)
    sys.stdout.write("\n")
    sys.stdout.flush()
    os._exit(0)  # nothing is left to tidy, and tidying could only hang


def _give_up_rights(limits: Limits) -> None:
    for encoding in ("utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "cp1258", "cp437", "ascii"):
        codecs.lookup(encoding)  # loaded now, because no file can be opened later
    with contextlib.suppress(OSError, AttributeError):
        libc = ctypes.CDLL(None, use_errno=True)
        for option, value in (_DIE_WITH_PARENT, _NO_NEW_PRIVILEGES, _NOT_DUMPABLE):
            libc.prctl(option, value, 0, 0, 0)
        if libc.unshare(_NEW_NETWORK) != 0:
            libc.unshare(_NEW_USER | _NEW_NETWORK)
    for what, ceiling in (
        (resource.RLIMIT_AS, limits.memory_bytes),
        (resource.RLIMIT_CPU, limits.cpu_seconds),
        (resource.RLIMIT_FSIZE, 0),
        (resource.RLIMIT_CORE, 0),
        (resource.RLIMIT_NPROC, 0),
        (resource.RLIMIT_NOFILE, _STANDARD_STREAMS),
    ):
        resource.setrlimit(what, (ceiling, ceiling))
    sys.addaudithook(_refuse_ways_out)


def _refuse_ways_out(event: str, _arguments: tuple[Any, ...]) -> None:
    if event.startswith(_WAYS_OUT):
        raise PermissionError(event)


def _listed(found: ReadList) -> dict[str, Any]:
    return {
        "sheet": found.sheet,
        "unit": found.unit,
        "rows": [_row(row) for row in found.rows],
        "not_kept": found.not_kept,
        "unused": found.unused,
    }


def _row(row: GoodRow | RefusedRow) -> list[Any]:
    if isinstance(row, GoodRow):
        return ["good", row.row, row.name, row.born, row.target, row.position]
    return ["refused", row.row, row.reason, _said(row.message), row.name]


def _said(sentence: Sentence) -> list[Any]:
    return [sentence.msgid, sentence.params]
