"""`vetting reports`: every report that was kept, beside a second count by the database itself."""

import json
import sys
from typing import Any

import click
from sqlalchemy import Connection, select

from vetting.commands.opening import database
from vetting.commands.speak import speak
from vetting.engine.figures import FIGURES
from vetting.records import reports as kept_reports
from vetting.records.second_count import second_count


@click.group()
def reports() -> None:
    """Check the reports that were kept."""


@reports.command()
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
def check(*, as_json: bool) -> None:
    """Count every report once more, by SQL alone, and name each figure that is not the same.

    Who only reads may run it: on PostgreSQL the auditor. Ends with 1 if any figure differs.
    """
    opened = database()
    with opened.reading() as connection:
        r = kept_reports.reports.c
        handles = connection.scalars(select(r.handle).order_by(r.made_at, r.handle)).all()
        found = [_checked(connection, handle) for handle in handles]
    opened.close()
    if as_json:
        click.echo(json.dumps(found, ensure_ascii=False, indent=1))
    for one in [] if as_json else found:
        said = {"since": one["since"], "until": one["until"], "report": one["report"]}
        if one["unlike"]:
            names = ", ".join(one["unlike"])
            click.echo(
                speak(
                    "%(report)s, %(since)s to %(until)s: not the same: %(names)s",
                    names=names,
                    **said,
                )
            )
        else:
            click.echo(speak("%(report)s, %(since)s to %(until)s: the same", **said))
    if not found and not as_json:
        click.echo(speak("No report has been made yet."))
    sys.exit(1 if any(one["unlike"] for one in found) else 0)


def _checked(connection: Connection, handle: str) -> dict[str, Any]:
    report = kept_reports.find(connection, handle) or {}
    again = second_count(
        connection,
        size=report["size"],
        as_of=report["as_of"],
        since=report["since"],
        until=report["until"],
    )
    unlike = [
        name
        for name, row in kept_reports.figures_of(connection, handle).items()
        if name in FIGURES and row["version"] == FIGURES[name].version
        if {tuple(one["key"]): one["values"] for one in json.loads(row["rows"])} != again[name]
    ]
    return {
        "report": handle,
        "since": report["since"],
        "until": report["until"],
        "size": report["size"],
        "unlike": unlike,
    }
