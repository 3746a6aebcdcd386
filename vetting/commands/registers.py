"""`vetting registers`: load and list the registers."""

import json
from pathlib import Path

import click
from sqlalchemy import select

from vetting.commands.init import registers_of
from vetting.commands.loading import all_of
from vetting.commands.opening import database, settings, whole_database
from vetting.commands.speak import speak
from vetting.records.calendars import calendar_days, calendars
from vetting.records.legal_bases import (
    authority_rules,
    legal_bases,
    regulation_bodies,
    regulations,
    replacements,
)
from vetting.records.organisations import organisation_kinds, organisations, successions
from vetting.records.rights import DatabaseRole
from vetting.usecases.load_registers import load_registers

TABLES = {
    table.name: table
    for table in (
        organisations,
        organisation_kinds,
        successions,
        legal_bases,
        replacements,
        regulations,
        regulation_bodies,
        authority_rules,
        calendars,
        calendar_days,
    )
}


@click.group()
def registers() -> None:
    """Load and list organisations, legal bases, the regulation and the authority table."""


@registers.command("load")
@click.argument("folder", required=False, type=click.Path(exists=True, path_type=Path))
def load(folder: Path | None) -> None:
    """Load the register files of FOLDER, all or nothing; twice changes nothing."""
    opened = whole_database(DatabaseRole.OWNER)
    for loaded in load_registers(opened, registers_of(folder or settings().registers)):
        click.echo(all_of(loaded))


@registers.command("list")
@click.argument("register", type=click.Choice(sorted(TABLES)))
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
def list_(register: str, *, as_json: bool) -> None:
    """Print what a register says; an empty value is one that was not entered."""
    table = TABLES[register]
    with database().reading() as connection:
        rows = connection.execute(select(table).order_by(*table.primary_key)).mappings().all()
    if as_json:
        click.echo(json.dumps([dict(row) for row in rows], ensure_ascii=False, indent=1))
        return
    nothing = speak("not entered")
    for row in rows:
        click.echo(
            " · ".join(str(value) if value not in (None, "") else nothing for value in row.values())
        )
