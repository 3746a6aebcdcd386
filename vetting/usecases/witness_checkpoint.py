"""Witness a checkpoint: sign what a log shows, if it still begins with what was signed before."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from vetting.engine.checkpoint import BadNote, Checkpoint
from vetting.engine.witnessing import Judgement, judge, read_question
from vetting.records.sealing_key import signed_checkpoint
from vetting.records.witness_folder import (
    checkpoint_in,
    held,
    known_log,
    last_signed,
    read_witness_key,
    remember,
)


@dataclass(frozen=True)
class Witnessed:
    """What a witness answers: its line, or why not and how large the log was that it signed."""

    judgement: Judgement
    line: str = ""
    size: int = 0


class UnknownLog(Exception):
    """The witness was never told of a log of this name."""


class NotSigned(Exception):
    """The checkpoint is not signed with the key of the log whose name it bears."""


def witness_checkpoint(folder: Path, text: str, clock: Callable[[], datetime]) -> Witnessed:
    """Answer a question as it was sent; refuses what is none with `BadNote`."""
    question = read_question(text)
    key = known_log(folder, checkpoint_in(question.note).origin)
    if key is None:
        raise UnknownLog
    try:
        asked: Checkpoint = signed_checkpoint(question.note, key)
    except BadNote:
        raise NotSigned from None
    with held(folder, key):
        last = last_signed(folder, key)
        judgement = judge(last, question, asked)
        if judgement is not Judgement.SIGN:
            return Witnessed(judgement, size=last.size if last else 0)
        remember(folder, key, question.note)
    line = read_witness_key(folder).cosign(asked.text, int(clock().timestamp()))
    return Witnessed(judgement, line, asked.size)


def begin_anew(folder: Path, note: str) -> Checkpoint | None:
    """Have the witness go on from another checkpoint, after people declared the gap.

    Returns what it had signed last. The note it had signed stays beside the new one.
    """
    key = known_log(folder, checkpoint_in(note).origin)
    if key is None:
        raise UnknownLog
    try:
        signed_checkpoint(note, key)
    except BadNote:
        raise NotSigned from None
    with held(folder, key):
        last = last_signed(folder, key)
        remember(folder, key, note, keep_former=True)
    return last
