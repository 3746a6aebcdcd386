"""`vetting doctor`: what is broken or about to break, over all cases, with what mends it."""

import json
import sys
from collections import Counter
from dataclasses import replace

import click
from sqlalchemy import Connection, func, select
from sqlalchemy.exc import DatabaseError

from vetting.commands.bar import bar
from vetting.commands.opening import Unusable, database, definitions, settings
from vetting.commands.speak import speak, spoken
from vetting.engine.ailments import Ailment, Finding
from vetting.engine.sentences import Organisations
from vetting.queries.doctor import Ground, examine
from vetting.queries.names_of import names_of_organisations
from vetting.records.cases import cases
from vetting.records.identity import Ids

MOST_SHOWN = 1_000


@click.command()
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
def doctor(*, as_json: bool) -> None:
    """Say what is amiss with which case, what mends it, or who must decide; change nothing."""
    known, opened, ids = definitions(), database(), Ids()
    counts: Counter[Ailment] = Counter()
    shown: list[Finding] = []
    references: dict[str, str] = {}
    try:
        with opened.reading() as connection:
            number = connection.scalar(select(func.count()).select_from(cases)) or 0
            with bar(number, speak("Examining the cases")) as tick:
                folder = settings().folder
                ground = Ground(connection, known, ids.today(), folder=folder, tick=tick)
                for one in examine(ground):
                    counts[one.ailment] += 1
                    if len(shown) < MOST_SHOWN:
                        shown.append(one)
            references = _references(connection, shown)
            shown = _with_names(connection, shown)
    except DatabaseError as error:
        raise Unusable(speak("The database cannot be read: it is damaged.")) from error
    finally:
        opened.close()
    if as_json:
        told = {
            "well": not counts,
            "cases": number,
            "counts": {ailment.value: counts[ailment] for ailment in Ailment},
            "findings": [_told(one) for one in shown],
        }
        click.echo(json.dumps(told, ensure_ascii=False))
    else:
        _say(shown, counts, number, references)
    sys.exit(1 if counts else 0)


def _told(one: Finding) -> dict[str, object]:
    return {
        "ailment": one.ailment.value,
        "case": one.case or None,
        "consultation": one.consultation,
        "organisation": one.organisation,
        "what": spoken(one.sentence),
        "repair": one.remedy.value if one.remedy else None,
        "decides": one.decides.value,
        "decides_with": one.decides_with.value if one.decides_with else None,
        "instead": spoken(one.instead) if one.instead else None,
    }


def _references(connection: Connection, shown: list[Finding]) -> dict[str, str]:
    """Return the references of cases by their handles, as the page names them."""
    c = cases.c
    handles = sorted({one.case for one in shown if one.case})
    rows = connection.execute(select(c.handle, c.reference).where(c.handle.in_(handles)))
    return {row.handle: row.reference for row in rows if row.reference}


def _with_names(connection: Connection, shown: list[Finding]) -> list[Finding]:
    """Return the findings with the names of organisations in the place of their codes."""
    codes = {
        code
        for one in shown
        for _, value in one.sentence.params
        if isinstance(value, Organisations)
        for code in value.codes
    }
    names = {code: spoken(name) for code, name in names_of_organisations(connection, codes).items()}

    def named(value: object) -> object:
        if not isinstance(value, Organisations):
            return value
        return ", ".join(names.get(code, code) for code in value.codes)

    return [
        replace(
            one,
            sentence=replace(
                one.sentence,
                params=tuple((key, named(value)) for key, value in one.sentence.params),
            ),
        )
        for one in shown
    ]


def _say(
    shown: list[Finding], counts: Counter[Ailment], number: int, references: dict[str, str]
) -> None:
    for ailment in Ailment:
        of_it = [one for one in shown if one.ailment is ailment]
        if not of_it:
            continue
        click.echo(f"{spoken(ailment)} ({counts[ailment]})")
        for one in of_it:
            click.echo(f"  {references.get(one.case, one.case) or '–'}: {spoken(one.sentence)}")
            if one.remedy is not None:
                click.echo("    " + speak("Repair: %(remedy)s.", remedy=one.remedy))
            elif one.decides_with is not None:
                click.echo(
                    "    "
                    + speak(
                        "To be decided by two people: %(role)s and %(other)s.",
                        role=one.decides,
                        other=one.decides_with,
                    )
                )
            else:
                click.echo("    " + speak("To be decided by: %(role)s.", role=one.decides))
            if one.instead is not None:
                click.echo("    " + spoken(one.instead))
    if not counts:
        click.echo(speak("%(cases)s cases examined, nothing is amiss.", cases=number))
