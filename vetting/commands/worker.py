"""`vetting worker`: do what happens by itself."""

import os

import click

from vetting.commands.opening import Unusable, database, settings
from vetting.commands.speak import speak
from vetting.records.rights import DatabaseRole
from vetting.records.sealing_key import NoSealingKey, read_sealing_key
from vetting.worker.run import Worker


@click.command()
@click.option("--beside", type=int, help="End when the process with this number has ended.")
def worker(beside: int | None) -> None:
    """Seal what acts have written and have it witnessed, until ended with Ctrl-C."""
    try:
        key = read_sealing_key(settings().folder)
    except NoSealingKey as missing:
        raise Unusable(speak("There is no sealing key yet. Run `vetting init` first.")) from missing
    opened = database(DatabaseRole.SEQUENCER)
    at_work = Worker(
        opened,
        key,
        settings().folder,
        still_wanted=lambda: beside is None or os.getppid() == beside,
    )
    at_work.end_on_signals()
    at_work.run()
    opened.close()
