"""The command line: `vetting`, for whoever runs an installation or works without a browser.

Every command ends with 0 when all is well, 1 when what was checked does not hold, and 2 when it was
used wrongly or cannot read what it was given.
"""

import click

from vetting.commands.bench import bench
from vetting.commands.db import db
from vetting.commands.deadlines import deadlines
from vetting.commands.demo import demo
from vetting.commands.doctor import doctor
from vetting.commands.history import history
from vetting.commands.init import init
from vetting.commands.kept_line import line
from vetting.commands.keys import keys
from vetting.commands.lists import lists
from vetting.commands.officers import officers
from vetting.commands.registers import registers
from vetting.commands.reports import reports
from vetting.commands.retention import retention
from vetting.commands.serve import serve
from vetting.commands.witness import witness
from vetting.commands.worker import worker
from vetting.commands.workflows import workflows


@click.group(context_settings={"help_option_names": ["-h", "--help"]})
def main() -> None:
    """Vet the political standard of candidates: file, ask, sign, propose, conclude, prove."""


history.add_command(line)
for command in (
    init,
    serve,
    worker,
    officers,
    registers,
    workflows,
    lists,
    deadlines,
    demo,
    history,
    doctor,
    reports,
    retention,
    witness,
    db,
    keys,
    bench,
):
    main.add_command(command)
