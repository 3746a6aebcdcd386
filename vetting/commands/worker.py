"""`vetting worker`: do what happens by itself."""

import os

import click

from vetting.commands.opening import Unusable, database, definitions, settings
from vetting.commands.speak import speak
from vetting.records.identity import Ids
from vetting.records.sealing_key import NoSealingKey, read_sealing_key
from vetting.usecases.do_jobs import Workbench
from vetting.worker.reconcile import ask_to_reconcile, works
from vetting.worker.run import Worker


@click.command()
@click.option("--beside", type=int, help="End when the process with this number has ended.")
def worker(beside: int | None) -> None:
    """Do jobs, seal what acts have written and have it witnessed, until ended with Ctrl-C."""
    try:
        key = read_sealing_key(settings().folder)
    except NoSealingKey as missing:
        raise Unusable(speak("There is no sealing key yet. Run `vetting init` first.")) from missing
    opened, known, ids = database(), definitions(), Ids()
    ask_to_reconcile(opened, ids)
    at_work = Worker(
        opened,
        key,
        settings().folder,
        bench=Workbench(opened, ids, works(opened, known, ids)),
        still_wanted=lambda: beside is None or os.getppid() == beside,
    )
    at_work.end_on_signals()
    at_work.run()
    opened.close()
