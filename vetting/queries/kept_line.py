"""Whether the log still contains what a line says that somebody kept on paper."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from sqlalchemy import Connection, func, select

from vetting.engine.checkpoint import BadNote, Checkpoint, read_line
from vetting.engine.sentences import Sentence, say
from vetting.records.log import checkpoints, log
from vetting.records.log_nodes import root_of_first, signed_root_of_first
from vetting.records.sealing_key import read_public_half
from vetting.records.witness_folder import checkpoint_in

_NO_LINE = say(
    "This is no line of a log. A line says the log’s name, how many entries it had, and a root of "
    "64 digits and letters from a to f."
)
_NOTHING_SEALED = say("Nothing was sealed yet, so nobody can have kept a line of this log.")


@dataclass(frozen=True)
class LineChecked:
    """What became of a line: what is said to it, and whether the log still has that history."""

    holds: bool | None  # None where it is no line of this log, and nothing was compared
    sentence: Sentence


def check_line(
    connection: Connection, folder: Path, text: str, *, whole: bool = False
) -> LineChecked:
    """Compare a kept line with the log as it is now.

    As *whole* every entry that it covers is read, which takes the longer the longer the log is;
    else it is compared with the log as it is signed, in an instant.
    """
    try:
        kept = read_line(text)
    except BadNote:
        return LineChecked(None, _NO_LINE)
    names = _names(connection, folder)
    if not names:
        return LineChecked(None, _NOTHING_SEALED)
    if kept.origin not in names:
        return LineChecked(
            None,
            say(
                "This line is of another log. It names “%(name)s”; this log is called “%(own)s”.",
                name=kept.origin,
                own=names[0],
            ),
        )
    return _compared(connection, kept, root_of_first if whole else signed_root_of_first)


def _compared(
    connection: Connection, kept: Checkpoint, root_of: Callable[[Connection, int], bytes | None]
) -> LineChecked:
    has = connection.scalar(select(func.coalesce(func.max(log.c.position) + 1, 0))) or 0
    if kept.size > has:
        return LineChecked(
            holds=False,
            sentence=say(
                "The log does not contain that history: the line tells of %(size)s entries, and "
                "the log has %(has)s.",
                size=kept.size,
                has=has,
            ),
        )
    if root_of(connection, kept.size) != kept.root:
        return LineChecked(
            holds=False,
            sentence=say(
                "The log does not contain that history: its first %(size)s entries have another "
                "root than the line says.",
                size=kept.size,
            ),
        )
    return LineChecked(
        holds=True,
        sentence=say(
            "The log still contains that history: its first %(size)s entries have the very root "
            "that the line says.",
            size=kept.size,
        ),
    )


def _names(connection: Connection, folder: Path) -> list[str]:
    """Return what the log is called, the name of its latest checkpoint first."""
    c = checkpoints.c
    note = connection.scalar(select(c.note).order_by(c.size.desc()).limit(1))
    key = read_public_half(folder)
    found = [checkpoint_in(note).origin] if note else []
    return found + ([key.name] if found and key and key.name not in found else [])
