"""`vetting lists import`: file lists of candidates without a browser."""

import json
from collections.abc import Mapping
from datetime import date
from pathlib import Path
from typing import Any

import click

from vetting.commands.casting import operator_of
from vetting.commands.opening import Unusable, definitions, settings, whole_database
from vetting.commands.speak import speak, spoken
from vetting.engine.refusals import Refusal
from vetting.engine.sentences import say
from vetting.engine.vocabulary import CaseType, Kind
from vetting.records.database import Database
from vetting.records.identity import Ids
from vetting.registers import ManagementLevel, OrganisationRow, find_unit, read_organisations
from vetting.usecases.desk import Sent
from vetting.usecases.file_list import Covering, Taken, file_list, take_from


class CaseTypeName(click.ParamType[CaseType]):
    """A case type, however its words are joined."""

    name = "case-type"

    def convert(
        self, value: str, param: click.Parameter | None, ctx: click.Context | None
    ) -> CaseType:
        """Return the case type that *value* names."""
        wanted = "".join(c for c in value.casefold() if c.isalnum())
        for case_type in CaseType:
            if case_type.value.replace("_", "") == wanted:
                return case_type
        names = ", ".join(case_type.value for case_type in CaseType)
        return self.fail(speak("Choose one of: %(names)s.", names=names), param, ctx)


@click.group()
def lists() -> None:
    """Read and file the lists that requesting units send."""


@lists.command("import")
@click.argument("files", nargs=-1, required=True, type=click.Path(path_type=Path))
@click.option("--case-type", required=True, type=CaseTypeName(), help="What the lists are for.")
@click.option("--unit", help="The requesting unit; read from each list when it is not given.")
@click.option("--level", type=click.Choice([level.value for level in ManagementLevel]))
@click.option("--dry-run", is_flag=True, help="Show what would be filed; file nothing.")
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
def import_(
    files: tuple[Path, ...],
    *,
    case_type: CaseType,
    unit: str | None,
    level: str | None,
    dry_run: bool,
    as_json: bool,
) -> None:
    """File every row of FILES that can become a case, all of them or none."""
    today = date.fromisoformat(Ids().today())
    known = read_organisations(settings().registers / "organisations.csv")
    read = [(file, _taken(file, today)) for file in files]
    units = [_unit_of(file, taken, unit, known) for file, taken in read]
    results = [_told(taken, unit_row) for (_, taken), unit_row in zip(read, units, strict=True)]
    if not dry_run:
        opened = whole_database()
        try:
            for (file, taken), unit_row, result in zip(read, units, results, strict=True):
                _file(opened, file, taken, unit_row, Covering(case_type, None, level), result)
        finally:
            opened.close()
    if as_json:
        click.echo(json.dumps({"files": results}, ensure_ascii=False, indent=1))
    else:
        _print(results, dry_run=dry_run)


def _taken(file: Path, today: date) -> Taken:
    try:
        content = file.read_bytes()
    except OSError as error:
        raise Unusable(speak("%(file)s cannot be read.", file=file)) from error
    try:
        return take_from(content, file.name, today)
    except Refusal as refusal:
        raise Unusable(f"{file.name}: {spoken(refusal.sentence)}") from refusal


def _unit_of(
    file: Path, taken: Taken, wanted: str | None, known: tuple[OrganisationRow, ...]
) -> OrganisationRow:
    written = wanted or taken.read.unit
    if written is None:
        raise Unusable(
            say("%(file)s names no requesting unit; give it with --unit.", file=file.name)
        )
    found = find_unit(known, written) or next(
        (row for row in known if row.code == written and Kind.REQUESTING_UNIT in row.kinds), None
    )
    if found is None:
        raise Unusable(
            say(
                "%(file)s: there is no requesting unit “%(unit)s” in the register.",
                file=file.name,
                unit=written,
            )
        )
    return found


def _told(taken: Taken, unit: OrganisationRow) -> dict[str, Any]:
    return {
        "file": taken.file_name,
        "unit": unit.name_vi,
        "accepted": [
            {"row": row.row, "name": row.name, "born": row.born, "target": row.target, "case": None}
            for row in taken.good
        ],
        "refused": [
            {"row": row.row, "reason": row.reason.value, "message": spoken(row.message)}
            for row in taken.refused
        ],
        "not_kept": list(taken.read.not_kept),
    }


def _file(
    opened: Database,
    file: Path,
    taken: Taken,
    unit: OrganisationRow,
    covering: Covering,
    result: dict[str, Any],
) -> None:
    if not taken.good:
        return
    desk = operator_of(opened, definitions(), unit.code)
    try:
        answer = file_list(desk, Sent(desk.ids.handle()), taken, covering)
    except Refusal as refusal:
        raise Unusable(f"{file.name}: {spoken(refusal.sentence)}") from refusal
    cases: Mapping[str, Any] = answer["cases"]  # type: ignore[assignment]  # as file_list answers
    for row in result["accepted"]:
        row["case"] = cases[str(row["row"])]["reference"]


def _print(results: list[dict[str, Any]], *, dry_run: bool) -> None:
    for result in results:
        click.echo(
            speak(
                "%(file)s, %(unit)s: %(accepted)s rows accepted, %(refused)s refused.",
                file=result["file"],
                unit=result["unit"],
                accepted=len(result["accepted"]),
                refused=len(result["refused"]),
            )
        )
        for row in result["refused"]:
            click.echo(f"  {row['row']}: {row['message']}")
        if result["not_kept"]:
            click.echo(
                "  " + speak("Not kept: %(columns)s.", columns=", ".join(result["not_kept"]))
            )
    if dry_run:
        click.echo(speak("Nothing was filed: this was a dry run."))
