"""`vetting init`: make an installation ready, or bring it up to date. Twice changes nothing."""

import os
import secrets
from pathlib import Path

import click

from vetting.commands.demonstration import (
    PASSWORD,
    log_ins,
    play_demonstration,
    settle_in,
    still_opens,
)
from vetting.commands.loading import news_of
from vetting.commands.opening import (
    Unusable,
    definitions,
    hold_master_key,
    refuse_wrong_master_key,
    refuse_wrong_roles,
    settings,
)
from vetting.commands.speak import speak, spoken
from vetting.config import Settings
from vetting.records.database import Database, RoleRefused
from vetting.records.database_roles import said_of
from vetting.records.master_key import make_master_key
from vetting.records.migrate import upgrade
from vetting.records.rights import DatabaseRole
from vetting.records.standing import Purpose
from vetting.registers import BadRegister, Registers, read_registers
from vetting.usecases.load_calendar import WouldMove, load_calendar
from vetting.usecases.load_registers import Loaded, load_registers
from vetting.usecases.seal_checkpoint import ensure_key

SECRET_BYTES = 48


@click.command()
@click.option(
    "--demonstration",
    is_flag=True,
    help="Fill in a demonstration province with log-ins for every role.",
)
def init(*, demonstration: bool) -> None:
    """Create the database, load the registers, and make the keys this installation needs."""
    now = settings()
    now.folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    if now.secret_key is None:
        _ensure_secret(now.folder / "secret_key")
    ensure_key(now.folder)
    made = now.master_key is None and make_master_key(now.the_master_key_file)
    hold_master_key()
    _bring_up_to_date(now)
    database = Database(now.database_url, DatabaseRole.OWNER, Purpose.COMMAND)
    try:
        refuse_wrong_master_key(database)
    except Unusable:
        if made:  # in the place of one that was lost and may yet come back
            now.the_master_key_file.unlink()
        raise
    refuse_wrong_roles(database)
    registers = load_registers(database, registers_of(now.registers))
    for loaded in (*registers, *_days_of(database)):
        if loaded.added or loaded.changed:
            click.echo(news_of(loaded))
    if demonstration:
        known = definitions()
        serving = database.acting_as(DatabaseRole.APPLICATION)
        if settle_in(serving, known):
            play_demonstration(serving, known, now.folder)
        if still_opens(serving):
            click.echo(speak("Demonstration log-ins, all with the password %(it)s:", it=PASSWORD))
        else:
            click.echo(speak("Demonstration log-ins, with the passwords they were given before:"))
        for role, login, level in log_ins(serving):
            cleared = speak("(cleared for restricted cases: level %(level)s)", level=level)
            click.echo(f"  {login:<12} {spoken(role)}{f' {cleared}' if level else ''}")
        click.echo(speak("`vetting officers list` names those of every other organisation."))
    database.close()


def _days_of(database: Database) -> list[Loaded]:
    """Load the days that come with this version, unless they would move running deadlines."""
    try:
        return load_calendar(database, definitions=definitions())
    except WouldMove as would_move:
        click.echo(spoken(would_move.sentence), err=True)
        return []


def _bring_up_to_date(now: Settings) -> None:
    try:
        upgrade(now.database_url, roles=now.database_roles, one_login=now.one_database_login)
    except RoleRefused as refused:
        raise Unusable(spoken(said_of(refused))) from refused


def registers_of(folder: Path) -> Registers:
    """Read the register files, or refuse them whole with every line that is wrong."""
    try:
        return read_registers(folder)
    except BadRegister as bad:
        faults = "\n".join(
            f"{fault.file}:{fault.line}: {spoken(fault.sentence)}" for fault in bad.faults
        )
        raise Unusable(faults) from bad


def _ensure_secret(file: Path) -> None:
    """Make the secret once; nobody but the installation's own account can read it."""
    if file.exists():
        return
    descriptor = os.open(file, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600)
    with os.fdopen(descriptor, "w") as key:
        key.write(secrets.token_urlsafe(SECRET_BYTES))
