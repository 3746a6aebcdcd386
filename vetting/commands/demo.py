"""`vetting demo round`: play a whole round without a browser and prove what came of it."""

import json
import os
import resource
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from datetime import date
from pathlib import Path

import click
from sqlalchemy import func, select

from vetting.commands.bar import bar
from vetting.commands.casting import NOBODY, cast_officers
from vetting.commands.init import registers_of
from vetting.commands.opening import Unusable, definitions, hold_master_key, settings
from vetting.commands.playing import Play
from vetting.commands.speak import speak, spoken
from vetting.config import PREFIX
from vetting.engine.reading import Definitions
from vetting.engine.refusals import Refusal
from vetting.engine.sentences import say
from vetting.engine.vocabulary import CaseType, Role
from vetting.queries.history_check import check_history
from vetting.records.cases import cases
from vetting.records.consultations import consultations, opinions
from vetting.records.database import Database
from vetting.records.history import entries
from vetting.records.identity import Ids
from vetting.records.master_key import MasterKey, MasterKeys, hold
from vetting.records.migrate import upgrade
from vetting.records.standing import Purpose
from vetting.registers import Registers, find_unit
from vetting.usecases.file_list import Covering, Taken, file_list, take_from
from vetting.usecases.load_registers import load_registers
from vetting.usecases.open_round import open_round

ENDINGS = {".xlsx", ".xls", ".ods", ".csv"}
KIB_IN_MB = 1024
STEPS = 5  # pieces of work a case beside the bodies' answers


@dataclass(frozen=True)
class Played:
    """What a played round came to."""

    cases: int
    refused_rows: int
    consultations: int
    opinions: int
    concluded: int
    closed: int
    entries: int
    history_holds: bool
    seconds: float
    peak_mb: int


@click.group()
def demo() -> None:
    """Show what the system does with a whole round."""


@demo.command("round")
@click.argument("folder", type=click.Path(exists=True, file_okay=False, path_type=Path))
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
def round_(folder: Path, *, as_json: bool) -> None:
    """Import every list in FOLDER into an empty database and play the whole job.

    The database is the one VETTING_DATABASE_URL names, which must hold no cases; without it a
    passing one on SQLite that is removed at the end.
    """
    began = time.monotonic()
    files = sorted(file for file in folder.iterdir() if file.suffix.lower() in ENDINGS)
    if not files:
        raise Unusable(say("There is no list in %(folder)s.", folder=folder))
    known = definitions()
    registers = registers_of(settings().registers)
    with _empty_database() as database:
        load_registers(database, registers)
        cast_officers(database, NOBODY, Ids())
        refused_rows = play_round(database, known, registers, files)
        played = _count(database, refused_rows, time.monotonic() - began)
    if as_json:
        click.echo(json.dumps(asdict(played)))
    else:
        for name, value in asdict(played).items():
            click.echo(f"{name:>14}: {value}")
    sys.exit(0 if played.history_holds else 1)


def play_round(
    database: Database, known: Definitions, registers: Registers, files: list[Path]
) -> int:
    """Play a round of lists to its end; returns how many rows were refused."""
    ids = Ids()
    today = date.fromisoformat(ids.today())
    play = Play(database, known, ids)
    board = play.desk(Role.BOARD_OFFICER)
    opened = open_round(
        board, play.sent(), CaseType.PLANNING, "Đợt quy hoạch", "Planning round", ids.today()
    )
    covering = Covering(CaseType.PLANNING, str(opened["round"]), "standing_committee")
    refused = 0
    with bar(len(files), speak("Filing the lists")) as tick:
        for file in files:
            taken = _read(file, today)
            refused += len(taken.refused)
            unit = find_unit(registers.organisations, taken.read.unit or "")
            if unit is None:
                raise Unusable(say("%(file)s names no known unit.", file=file.name))
            if taken.good:
                desk = play.desk(Role.CASE_OFFICER, unit.code)
                file_list(desk, play.sent(), taken, covering)
            tick(1)
    everybody = play.in_state("filed")
    work = len(everybody) * (STEPS + len(registers.regulations[0].bodies))
    with bar(work, speak("Playing the round")) as tick:
        play.tick = tick
        play.check(everybody)
        play.ask(everybody)
        for body in play.bodies():
            play.answer(body)
        play.propose(play.in_state("assembling"))
        play.conclude(play.in_state("submitted"))
        play.tell(play.in_state("concluded"))
    return refused


def _read(file: Path, today: date) -> Taken:
    try:
        return take_from(file.read_bytes(), file.name, today)
    except Refusal as refusal:
        raise Unusable(f"{file.name}: {spoken(refusal.sentence)}") from refusal


def _count(database: Database, refused_rows: int, seconds: float) -> Played:
    with database.reading() as connection:
        counts = {
            table.name: connection.scalar(select(func.count()).select_from(table)) or 0
            for table in (cases, consultations, opinions, entries)
        }
        concluded = connection.scalar(select(func.count()).where(cases.c.outcome.is_not(None)))
        closed = connection.scalar(select(func.count()).where(cases.c.state == "closed"))
        holds = check_history(connection).holds
    return Played(
        cases=counts["cases"],
        refused_rows=refused_rows,
        consultations=counts["consultations"],
        opinions=counts["opinions"],
        concluded=concluded or 0,
        closed=closed or 0,
        entries=counts["entries"],
        history_holds=holds,
        seconds=round(seconds, 1),
        peak_mb=resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // KIB_IN_MB,
    )


@contextmanager
def _empty_database() -> Iterator[Database]:
    url = os.environ.get(f"{PREFIX}DATABASE_URL")
    with tempfile.TemporaryDirectory(prefix="vetting-round-") as folder:
        database_url = url or f"sqlite:///{folder}/round.sqlite"
        now = settings()
        if url:
            hold_master_key()
        else:
            hold(MasterKeys(str(MasterKey.made())))
        upgrade(database_url, roles=now.database_roles, one_login=now.one_database_login)
        database = Database(database_url, purpose=Purpose.COMMAND)
        try:
            with database.reading() as connection:
                if connection.scalar(select(cases.c.handle).limit(1)) is not None:
                    raise Unusable(
                        say("The database already holds cases; name an empty one for a round.")
                    )
            yield database
        finally:
            database.close()
