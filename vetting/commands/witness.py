"""`vetting witness`: be the witness of somebody else's log, on a machine of one's own."""

import os
import sys
from pathlib import Path
from typing import TextIO

import click

from vetting.commands.opening import Unusable
from vetting.commands.speak import speak
from vetting.engine.checkpoint import BadNote, read_public_key
from vetting.engine.witnessing import Judgement, read_question
from vetting.records.identity import Ids
from vetting.records.witness_folder import (
    NoWitness,
    WitnessKey,
    checkpoint_in,
    know_log,
    known_log,
    make_witness,
    read_witness_key,
)
from vetting.usecases.witness_checkpoint import (
    NotSigned,
    UnknownLog,
    begin_anew,
    witness_checkpoint,
)

FOLDER = click.option(
    "--folder",
    type=click.Path(file_okay=False, path_type=Path),
    required=True,
    help="Where the witness keeps its key and what it has signed.",
)


@click.group()
def witness() -> None:
    """Be the witness of a log: sign its checkpoints as long as nothing was taken back."""


@witness.command("init")
@FOLDER
@click.option("--name", required=True, help="What the witness is called, without blanks.")
def init_(folder: Path, name: str) -> None:
    """Make the witness's key; print its public half, for those who keep the log."""
    if not name or "+" in name or any(letter.isspace() for letter in name):
        raise Unusable(speak("A witness's name has no blank and no plus sign."))
    make_witness(folder, name)
    click.echo(str(_key_of(folder).public))


@witness.command()
@FOLDER
@click.argument("log_key")
def know(folder: Path, log_key: str) -> None:
    """Know a log by its public key, or by the file that has it."""
    _key_of(folder)
    try:
        file = Path(log_key)
        key = read_public_key(file.read_text("utf-8") if file.is_file() else log_key)
        other = known_log(folder, key.name)
    except (BadNote, OSError, UnicodeDecodeError) as wrong:
        raise Unusable(speak("This is not a public key that signs checkpoints.")) from wrong
    if other not in {None, key}:
        raise Unusable(speak("The witness knows another log of this name."))
    know_log(folder, key)
    click.echo(speak("The witness knows the log %(name)s.", name=key.name))


@witness.command()
@FOLDER
@click.argument("question", type=click.File(encoding="utf-8"))
@click.option("-o", "--output", type=click.File("w", encoding="utf-8"), default="-")
def sign(folder: Path, question: TextIO, output: TextIO) -> None:
    """Sign a question that came by hand; the answer goes back the same way."""
    _key_of(folder)
    try:
        answer = witness_checkpoint(folder, question.read(), Ids().clock)
    except (BadNote, UnicodeDecodeError) as wrong:
        raise Unusable(speak("This is not a question to a witness.")) from wrong
    except UnknownLog as unknown:
        raise Unusable(speak("The witness does not know this log.")) from unknown
    except NotSigned as unsigned:
        raise Unusable(speak("The log has not signed this checkpoint.")) from unsigned
    if answer.judgement is not Judgement.SIGN:
        click.echo(_refusal(answer.judgement, answer.size), err=True)
        sys.exit(1)
    output.write(answer.line)


@witness.command("begin-anew")
@FOLDER
@click.argument("checkpoint", type=click.File(encoding="utf-8"))
@click.option("--yes", is_flag=True, help="Two people declared the gap; do not ask.")
def begin_anew_(folder: Path, checkpoint: TextIO, *, yes: bool) -> None:
    """Go on from another checkpoint after a declared gap; what was signed before stays kept.

    CHECKPOINT is the file of `vetting history ask`, or the checkpoint by itself.
    """
    _key_of(folder)
    asks = speak("Did two people declare the gap, and did you see it in writing?")
    if not yes and not click.confirm(asks):
        raise click.Abort
    try:
        note = checkpoint.read()
        if note.startswith("old "):
            note = read_question(note).note
        last = begin_anew(folder, note)
    except (BadNote, UnicodeDecodeError, NotSigned, UnknownLog) as wrong:
        raise Unusable(speak("This is no checkpoint of a log that the witness knows.")) from wrong
    click.echo(
        speak(
            "The witness had signed %(last)s entries; it goes on from %(size)s.",
            last=last.size if last else 0,
            size=checkpoint_in(note).size,
        )
    )


@witness.command()
@FOLDER
@click.option("--host", default="127.0.0.1", show_default=True, help="The address to listen on.")
@click.option("--port", default=5010, show_default=True, type=click.IntRange(1, 65535))
def serve(folder: Path, host: str, port: int) -> None:
    """Answer questions over the network until ended with Ctrl-C."""
    key = _key_of(folder)
    click.echo(
        speak(
            "The witness %(name)s answers at %(address)s.",
            name=key.name,
            address=f"http://{host}:{port}",
        )
    )
    sys.stdout.flush()
    command = [sys.executable, "-m", "gunicorn", "--bind", f"{host}:{port}", "--workers", "1"]
    command += ["--threads", "4", "--no-control-socket", "--log-level", "warning"]
    call = f"vetting.web.witness:create_witness({str(folder)!r})"
    os.execv(sys.executable, [*command, call])  # noqa: S606  # our own server, no shell


def _key_of(folder: Path) -> WitnessKey:
    try:
        return read_witness_key(folder)
    except NoWitness as missing:
        raise Unusable(str(missing)) from missing


def _refusal(judgement: Judgement, size: int) -> str:
    return {
        Judgement.BACKWARDS: speak("The question says the log was larger than it is."),
        Judgement.NOT_MY_LAST: speak(
            "The witness last signed %(size)s entries; ask again from there.", size=size
        ),
        Judgement.ANOTHER_LOG: speak("The witness signed another log of the same size. Refused."),
        Judgement.NOT_GROWN: speak(
            "The log no longer begins with the %(size)s entries that the witness signed. Refused.",
            size=size,
        ),
    }[judgement]
