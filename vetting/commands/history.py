"""`vetting history`: prove that the history is what was once written, and rebuild what follows."""

import json
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import islice
from pathlib import Path

import click

from vetting.commands.opening import Unusable, database, settings
from vetting.commands.speak import speak, spoken
from vetting.engine.checkpoint import BadNote, PublicKey, read_public_key
from vetting.queries.history_check import HistoryCheck, check_history
from vetting.records.database import Database
from vetting.records.rebuild import compare
from vetting.records.sealing_key import NoSealingKey, read_public_half, read_sealing_key
from vetting.usecases.seal_checkpoint import seal_checkpoint

MOST_SHOWN = 20


@click.group()
def history() -> None:
    """Prove the history, seal it, and rebuild what follows from it."""


@history.command()
@click.option("--key", help="The public key, if it is not the installation's own.")
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
def verify(*, key: str | None, as_json: bool) -> None:
    """Check every entry, the log and its signed checkpoints; name the first that was changed."""
    public_key = _public_key(key)
    with _opened() as opened, opened.reading() as connection:
        check = check_history(connection, public_key)
    click.echo(json.dumps(_told(check), ensure_ascii=False) if as_json else _said(check))
    sys.exit(0 if check.holds else 1)


@history.command()
@click.option("--compare", "only_compare", is_flag=True, required=True, help="Change nothing.")
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
def rebuild(*, only_compare: bool, as_json: bool) -> None:  # noqa: ARG001  # so far the only way
    """Rebuild everything that follows from the entries, and say where the rows are unlike it."""
    with _opened() as opened, opened.reading() as connection:
        found = list(islice(compare(connection), MOST_SHOWN + 1))
    if as_json:
        told = [
            {
                "case": unlike.case_handle,
                "table": unlike.table,
                "key": list(unlike.key),
                "column": unlike.column,
            }
            for unlike in found[:MOST_SHOWN]
        ]
        click.echo(json.dumps({"same": not found, "differences": told}, ensure_ascii=False))
    elif found:
        for unlike in found[:MOST_SHOWN]:
            click.echo(spoken(unlike.sentence))
        if len(found) > MOST_SHOWN:
            click.echo(speak("There are more."))
    else:
        click.echo(speak("Every row is what follows from the entries."))
    sys.exit(1 if found else 0)


@history.command()
def seal() -> None:
    """Bring what is new into the log and sign a checkpoint; print it, to be kept elsewhere."""
    try:
        key = read_sealing_key(settings().folder)
    except NoSealingKey as missing:
        raise Unusable(str(missing)) from missing
    with _opened() as opened:
        sealed = seal_checkpoint(opened, key)
    click.echo(
        speak("%(added)s entries added, %(size)s in the log.", added=sealed.added, size=sealed.size)
    )
    if sealed.note:
        click.echo(sealed.note, nl=False)


def _public_key(given: str | None) -> PublicKey | None:
    try:
        if given is None:
            return read_public_half(settings().folder)
        file = Path(given)
        return read_public_key(file.read_text(encoding="utf-8") if file.is_file() else given)
    except (BadNote, OSError, UnicodeDecodeError) as wrong:
        raise Unusable(speak("This is not a public key that signs checkpoints.")) from wrong


def _said(check: HistoryCheck) -> str:
    lines = [
        speak(
            "%(cases)s cases, %(entries)s entries, %(checkpoints)s checkpoints, "
            "%(waiting)s entries not in the log yet.",
            cases=check.cases,
            entries=check.entries,
            checkpoints=check.checkpoints,
            waiting=check.waiting,
        )
    ]
    if not check.signed:
        lines.append(speak("There is no public key: signatures were not checked."))
    lines += [
        speak(
            "Case %(case)s, entry %(number)s: %(what)s.",
            case=broken.case_handle,
            number=broken.number,
            what=broken.what,
        )
        for broken in check.broken[:MOST_SHOWN]
    ]
    lines += [
        speak("Log, position %(at)s: %(what)s.", at=broken.position, what=broken.what)
        for broken in check.broken_log[:MOST_SHOWN]
    ]
    if check.holds:
        lines.append(speak("The history holds."))
    else:
        lines.append(speak("The history does not hold."))
    return "\n".join(lines)


def _told(check: HistoryCheck) -> dict[str, object]:
    return {
        "holds": check.holds,
        "cases": check.cases,
        "entries": check.entries,
        "in_log": check.in_log,
        "waiting": check.waiting,
        "checkpoints": check.checkpoints,
        "signatures_checked": check.signed,
        "broken_cases": check.broken_count,
        "broken": [
            {"case": broken.case_handle, "entry": broken.number, "what": str(broken.what)}
            for broken in check.broken
        ],
        "broken_log": [
            {"position": broken.position, "what": str(broken.what)} for broken in check.broken_log
        ],
    }


@contextmanager
def _opened() -> Iterator[Database]:
    opened = database()
    try:
        yield opened
    finally:
        opened.close()
