"""`vetting worker`: do what happens by itself."""

import os

import click

from vetting.commands.opening import (
    NotInThisRole,
    Unusable,
    database,
    definitions,
    settings,
)
from vetting.commands.speak import speak
from vetting.records.database import Database
from vetting.records.identity import Ids
from vetting.records.rights import DatabaseRole
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
    opened, bench = _opened()
    at_work = Worker(
        opened,
        key,
        settings().folder,
        bench=bench,
        still_wanted=lambda: beside is None or os.getppid() == beside,
    )
    at_work.end_on_signals()
    at_work.run()
    opened.close()


def _opened() -> tuple[Database, Workbench | None]:
    """Open the database for jobs and seals, or for seals alone where the login may do no more."""
    sealing = database(DatabaseRole.SEQUENCER)  # a login that cannot seal is no worker's
    try:
        opened = database()
    except NotInThisRole:
        click.echo(
            speak(
                "The login of the database may only seal: jobs are left to a worker whose login "
                "may also work as the application."
            ),
            err=True,
        )
        return sealing, None
    sealing.close()
    ids = Ids()
    ask_to_reconcile(opened, ids)
    return opened, Workbench(opened, ids, works(opened, definitions(), ids))
