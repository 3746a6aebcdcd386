"""Witnessing: what a log asks of a witness, and when the witness may sign (C2SP tlog-witness).

A witness is somebody else's machine, or a person with a file. It remembers the last checkpoint it
signed and signs another only when a proof shows that the log still begins with that one. A log that
was shortened, or rewritten behind, gets no signature any more, whoever holds its database and keys.
"""

from base64 import b64decode, b64encode
from binascii import Error
from dataclasses import dataclass
from enum import StrEnum
from re import fullmatch

from vetting.engine.checkpoint import BadNote, Checkpoint
from vetting.engine.tree import HASH_LENGTH, is_consistent

MOST_PROOF_LINES = 63
LARGEST_QUESTION = 16 * 1024  # bytes


@dataclass(frozen=True, slots=True)
class Question:
    """A checkpoint to be witnessed, and the proof that it grew from one of size *old*."""

    old: int
    proof: tuple[bytes, ...]
    note: str

    @property
    def text(self) -> str:
        """The question as it is sent, or written to a file."""
        steps = "".join(f"{b64encode(step).decode()}\n" for step in self.proof)
        return f"old {self.old}\n{steps}\n{self.note}"


def read_question(text: str) -> Question:
    """Return the question that was written so."""
    head, blank, note = text.partition("\n\n")
    first, *steps = head.split("\n")
    old = fullmatch(r"old (0|[1-9][0-9]{0,17})", first)
    if not (blank and note and old) or len(steps) > MOST_PROOF_LINES:
        raise BadNote("this is not a question to a witness")
    return Question(int(old[1]), tuple(_step(step) for step in steps), note)


def _step(text: str) -> bytes:
    try:
        step = b64decode(text, validate=True)
    except (Error, ValueError):
        raise BadNote("a line of the proof is not base64") from None
    if len(step) != HASH_LENGTH:
        raise BadNote("a line of the proof is not a hash")
    return step


class Judgement(StrEnum):
    """What a witness does with a question."""

    SIGN = "sign"
    BACKWARDS = "backwards"  # the question says that the log had been larger than it is now
    NOT_MY_LAST = "not my last"  # the proof begins elsewhere than where the witness stands
    ANOTHER_LOG = "another log"  # the same size with another root: one of the two was shown to me
    NOT_GROWN = "not grown"  # the log does not begin with what the witness signed


def judge(last: Checkpoint | None, question: Question, asked: Checkpoint) -> Judgement:
    """Tell what a witness who last signed *last* does; *asked* was signed by the log."""
    if question.old > asked.size:
        return Judgement.BACKWARDS
    known = last.size if last else 0
    if question.old != known:
        return Judgement.NOT_MY_LAST
    if last is None or last.size == 0:
        return Judgement.NOT_GROWN if question.proof else Judgement.SIGN
    if asked.size == last.size and asked.root != last.root:
        return Judgement.ANOTHER_LOG
    if is_consistent(last.size, last.root, asked.size, asked.root, question.proof):
        return Judgement.SIGN
    return Judgement.NOT_GROWN
