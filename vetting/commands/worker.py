"""`vetting worker`: do what happens by itself."""

import os
from collections.abc import Callable

import click

from vetting.commands.opening import (
    NotInThisRole,
    Unusable,
    database,
    definitions,
    refuse_tampered,
    settings,
)
from vetting.commands.speak import speak
from vetting.config import MailSettings
from vetting.records.database import Database
from vetting.records.identity import Ids
from vetting.records.rights import DatabaseRole
from vetting.records.sealing_key import NoSealingKey, read_sealing_key
from vetting.records.witnessed import NotReadable
from vetting.usecases.do_jobs import Workbench
from vetting.usecases.mail_notices import Post, ask_to_mail, works_of_mail
from vetting.usecases.remind import ask_to_remind, works_of_reminding
from vetting.worker.forget import ask_to_forget, works_of_forgetting
from vetting.worker.hand_over import Postman
from vetting.worker.reconcile import ask_to_reconcile, works
from vetting.worker.run import Worker


@click.command()
@click.option("--beside", type=int, help="End when the process with this number has ended.")
def worker(beside: int | None) -> None:
    """Do jobs, seal what acts have written and have it witnessed, until ended with Ctrl-C.

    A database without its triggers, or behind what a witness has signed, is refused.
    """
    try:
        key = read_sealing_key(settings().folder)
    except NoSealingKey as missing:
        raise Unusable(speak("There is no sealing key yet. Run `vetting init` first.")) from missing
    opened, bench, ask = _opened()
    at_work = Worker(
        opened,
        key,
        settings().folder,
        bench=bench,
        ask=ask,
        still_wanted=lambda: beside is None or os.getppid() == beside,
    )
    at_work.end_on_signals()
    try:
        at_work.run()
    except NotReadable as unknown:
        raise Unusable(unknown.sentence) from unknown
    finally:
        opened.close()


def post_of(told: MailSettings | None) -> Post | None:
    """Return how mail goes out by the settings, or None where none does."""
    return Post(Postman(told), told.address, told.digest_at) if told else None


def _opened() -> tuple[Database, Workbench | None, Callable[[], None]]:
    """Open the database for jobs and seals, or for seals alone where the login may do no more.

    The last is what asks for jobs, again and again.
    """
    # A login that cannot seal is no worker's; sealing needs no word of the history.
    sealing = database(DatabaseRole.SEQUENCER, words=False)
    try:
        refuse_tampered(sealing)
    except Unusable:
        sealing.close()
        raise
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
        return sealing, None, lambda: None
    sealing.close()
    known, ids, post = definitions(), Ids(), post_of(settings().mail)
    ask_to_reconcile(opened, ids)
    done = (
        works(opened, known, ids, mailing=post is not None)
        | works_of_mail(opened, ids, post)
        | works_of_reminding(opened, known, ids)
        | works_of_forgetting(opened, ids)
    )

    def ask() -> None:
        ask_to_remind(opened, known, ids)
        ask_to_mail(opened, ids, post)
        ask_to_forget(opened, ids)

    return opened, Workbench(opened, ids, done), ask
