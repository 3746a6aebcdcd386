"""`vetting retention`: enter how long records are kept, and destroy what two people agreed to."""

import sys
from pathlib import Path

import click

from vetting.commands.bar import bar
from vetting.commands.loading import all_of
from vetting.commands.opening import Unusable, database, whole_database
from vetting.commands.speak import speak, spoken
from vetting.records.disposals import approved, owing, schedules
from vetting.records.identity import Ids
from vetting.records.rights import DatabaseRole
from vetting.records.scrub import NotScrubbed
from vetting.registers import BadRegister
from vetting.registers.read_schedules import read_schedules
from vetting.usecases.forget import forget
from vetting.usecases.load_schedules import load_schedules


@click.group()
def retention() -> None:
    """Enter how long records are kept, and destroy what two people agreed to."""


@retention.command()
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
def load(file: Path) -> None:
    """Load the schedules of FILE, all or nothing; twice changes nothing."""
    try:
        found = read_schedules(file)
    except BadRegister as bad:
        faults = "\n".join(f"{one.file}:{one.line}: {spoken(one.sentence)}" for one in bad.faults)
        raise Unusable(faults) from bad
    loaded = load_schedules(whole_database(DatabaseRole.OWNER), found)
    click.echo(all_of(loaded))


@retention.command("list")
def list_() -> None:
    """Print by which class records are kept, and how long; empty is what was not entered."""
    nothing = speak("not entered")
    with database().reading() as connection:
        found = schedules(connection)
    for one in found.values():
        kinds = ", ".join(sorted(one.case_types)) or nothing
        click.echo(" · ".join((one.code, kinds, str(one.years or nothing), one.basis or nothing)))
    if not found:
        click.echo(speak("No retention class was entered."))


@retention.command()
def run() -> None:
    """Destroy what two people agreed to, and clean the database’s files. The worker does it too.

    Files that were not cleaned after an earlier disposal are cleaned as well.
    """
    opened = whole_database(DatabaseRole.OWNER)
    try:
        with opened.reading() as connection:
            waiting = len(approved(connection))
        with bar(waiting, speak("Destroying")) as tick:
            done = forget(opened, Ids(), tick)
    except NotScrubbed:
        with opened.reading() as connection:
            dirty = len(owing(connection))
        click.echo(
            speak(
                "Of %(count)s destroyed records the files of the database are not cleaned yet: "
                "somebody reads in an old state of it. Run this once more; until then the doctor "
                "names them.",
                count=dirty,
            ),
            err=True,
        )
        sys.exit(1)
    finally:
        opened.close()
    click.echo(speak("%(count)s records destroyed.", count=len(done.erased)))
    if done.cleaned:
        click.echo(
            speak(
                "The files of the database are clean of %(count)s destroyed records.",
                count=done.cleaned,
            )
        )
    for case, refusal in done.refused:
        click.echo(f"{case}: {spoken(refusal.sentence)}")
    sys.exit(1 if done.refused else 0)
