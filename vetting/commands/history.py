"""`vetting history`: prove that the history is what was once written, and rebuild what follows."""

import json
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from itertools import islice
from pathlib import Path
from typing import TextIO

import click
from sqlalchemy import Connection, func, select
from sqlalchemy.exc import DatabaseError

from vetting.commands.bar import bar
from vetting.commands.opening import (
    NO_MASTER_KEY,
    Unusable,
    database,
    refuse_tampered,
    refused,
    settings,
)
from vetting.commands.speak import speak, spoken
from vetting.engine.checkpoint import COSIGNATURE, BadNote, PublicKey, read_public_key
from vetting.engine.refusals import OutOfTurn, Refusal
from vetting.engine.sentences import Sentence, say
from vetting.queries.history_check import HistoryCheck, check_history
from vetting.records.cases import cases
from vetting.records.database import Database
from vetting.records.factors import FactorKey
from vetting.records.master_key import NoMasterKey, is_held
from vetting.records.passwords import Passwords
from vetting.records.rebuild import Compared, compare
from vetting.records.rights import DatabaseRole
from vetting.records.sealing_key import NoSealingKey, read_public_half, read_sealing_key
from vetting.records.trigger_faults import trigger_fault
from vetting.records.witness_folder import checkpoint_in
from vetting.records.witnessed import (
    DeclaredGap,
    NotReadable,
    Witness,
    behind,
    is_address,
    known_size,
    last_note,
    lost_for_good,
    read_witnesses,
    trust_witness,
)
from vetting.usecases.ask_witnesses import keep_cosignature, question_to
from vetting.usecases.declare_gap import OfferedCode, declare_gap
from vetting.usecases.prove_at_terminal import Second, counted, second_wanted
from vetting.usecases.seal_checkpoint import seal_checkpoint
from vetting.usecases.sign_in import Attempt, Door, prove

MOST_SHOWN = 20


@dataclass(frozen=True)
class Beside:
    """What is known beside the history itself, and is to agree with it."""

    witnessed: int = 0  # how much of the log a witness is known to have signed
    unlike_witnessed: Sentence | None = None  # or what is signed cannot be known
    triggers: Sentence | None = None  # the first that is not as it must be
    lost: Sequence[DeclaredGap] = ()  # what two people declared to be missing

    @property
    def holds(self) -> bool:
        """Tell whether nothing is wrong."""
        return self.unlike_witnessed is None and self.triggers is None


@click.group()
def history() -> None:
    """Prove the history, seal it, and rebuild what follows from it."""


@history.command()
@click.option("--key", help="The public key, if it is not the installation's own.")
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
def verify(*, key: str | None, as_json: bool) -> None:
    """Check every entry, the log and its signed checkpoints; name the first that was changed."""
    public_key = _public_key(key)
    with (
        _opened(DatabaseRole.AUDITOR, words=False) as opened,
        opened.reading() as connection,
    ):
        check = check_history(connection, public_key, words=is_held())
        beside = _look_beside(connection)
    told = json.dumps(_told(check, beside), ensure_ascii=False) if as_json else _said(check, beside)
    click.echo(told)
    sys.exit(0 if check.holds and beside.holds else 1)


@history.command()
@click.option("--compare", "only_compare", is_flag=True, required=True, help="Change nothing.")
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
def rebuild(*, only_compare: bool, as_json: bool) -> None:  # noqa: ARG001  # so far the only way
    """Rebuild everything that follows from the entries, and say where the rows are unlike it."""
    seen = Compared()
    with _opened(DatabaseRole.AUDITOR) as opened, opened.reading() as connection:
        count = connection.scalar(select(func.count()).select_from(cases)) or 0
        with bar(count, speak("Rebuilding and comparing")) as tick:
            found = list(islice(compare(connection, seen, tick), MOST_SHOWN + 1))
    if as_json:
        told = [
            {
                "case": unlike.case_handle,
                "table": unlike.table,
                "key": list(unlike.key),
                "column": unlike.column,
                "what": str(unlike.sentence),
            }
            for unlike in found[:MOST_SHOWN]
        ]
        counts = {"cases": seen.cases, "entries": seen.entries, "rows": seen.rows}
        whole = {"same": not found, **counts, "differences": told}
        click.echo(json.dumps(whole, ensure_ascii=False))
    elif found:
        for unlike in found[:MOST_SHOWN]:
            click.echo(spoken(unlike.sentence))
        if len(found) > MOST_SHOWN:
            click.echo(speak("There are more."))
    else:
        click.echo(
            speak(
                "%(cases)s cases, %(entries)s entries, %(rows)s rows compared.",
                cases=seen.cases,
                entries=seen.entries,
                rows=seen.rows,
            )
        )
        click.echo(speak("Every row is what follows from the entries."))
    sys.exit(1 if found else 0)


@history.command()
def seal() -> None:
    """Bring what is new into the log and sign a checkpoint; print it, to be kept elsewhere."""
    try:
        key = read_sealing_key(settings().folder)
    except NoSealingKey as missing:
        raise Unusable(str(missing)) from missing
    with _opened(DatabaseRole.SEQUENCER, words=False) as opened:
        refuse_tampered(opened)  # what is lost would be signed over
        sealed = seal_checkpoint(opened, key)
    click.echo(
        speak("%(added)s entries added, %(size)s in the log.", added=sealed.added, size=sealed.size)
    )
    if sealed.note:
        click.echo(sealed.note, nl=False)


@history.command("trust-witness")
@click.argument("key")
@click.option("--address", help="Where it is asked over the network; by hand without one.")
def trust_witness_(key: str, address: str | None) -> None:
    """Have a witness sign this log's checkpoints from now on."""
    try:
        public = read_public_key(key.encode().decode(), COSIGNATURE)
    except (BadNote, UnicodeError) as wrong:
        raise Unusable(speak("This is not a witness's public key.")) from wrong
    if address is not None and not is_address(address):
        raise Unusable(speak("A witness is asked over http or https; this is no such address."))
    try:
        trust_witness(settings().folder, Witness(public, address))
    except NotReadable as unknown:
        raise Unusable(unknown.sentence) from unknown
    click.echo(speak("%(name)s is asked from now on.", name=public.name))


@history.command()
@click.argument("witness")
@click.option("-o", "--output", type=click.File("w", encoding="utf-8"), default="-")
@click.option("--from", "old", type=click.IntRange(0), help="The size that it says it signed last.")
def ask(witness: str, output: TextIO, old: int | None) -> None:
    """Write the question for a witness that is asked by hand."""
    asked = _witness(witness)
    with _opened(DatabaseRole.SEQUENCER, words=False) as opened:
        refuse_tampered(opened)
        with opened.reading() as connection:
            question = question_to(connection, asked, old)
            note = last_note(connection)
    size = checkpoint_in(note).size if note else 0
    if old is not None and old > size:
        raise Unusable(
            say(
                "This log has %(size)s entries: a witness that signed %(signed)s of them signs no "
                "shorter one. If entries were lost and two people declared it, the witness begins "
                "anew with `vetting witness begin-anew`.",
                size=size,
                signed=old,
            )
        )
    if question is None:
        click.echo(speak("It has signed the latest checkpoint already."), err=True)
        return
    output.write(question.text)


@history.command()
@click.argument("witness")
@click.argument("answer", type=click.File(encoding="utf-8"))
def keep(witness: str, answer: TextIO) -> None:
    """Keep what a witness answered by hand."""
    asked = _witness(witness)
    with _opened(DatabaseRole.SEQUENCER, words=False) as opened:
        try:
            size = keep_cosignature(opened, settings().folder, asked, answer.read())
        except OutOfTurn as refusal:
            raise refused(refusal) from refusal
        except NotReadable as unknown:
            raise Unusable(unknown.sentence) from unknown
        except (BadNote, UnicodeDecodeError) as wrong:
            raise Unusable(
                speak("This witness has not signed any checkpoint of this log with it.")
            ) from wrong
    click.echo(speak("%(name)s has signed %(size)s entries.", name=asked.key.name, size=size))


@history.command("declare-gap")
@click.argument("login")
@click.option("--reason", default="", help="Why the log falls short; from the first of the two.")
@click.option("--confirm", "confirms", is_flag=True, help="Confirm what the first declared.")
@click.password_option(confirmation_prompt=False, help="The officer's own; asked for.")
@click.option("--code", help="Of the officer's second factor; asked for where there is one.")
def declare_gap_(
    login: str, reason: str, password: str, code: str | None, *, confirms: bool
) -> None:
    """Declare, as one of two people, that the log no longer has what a witness signed."""
    if not f"{login}{password}".isprintable():
        raise Unusable(speak("The log-in or the password is not right."))
    with _opened() as opened:
        try:
            door = Door(opened, Passwords())
            proven = prove(Attempt(login, password, source="command line"), door)
            offered = _offered(second_wanted(door, proven), code)
            with counted(door, proven, offered.code if offered else None):
                declared = declare_gap(
                    opened,
                    settings().folder,
                    proven.officer.handle,
                    reason,
                    confirms=confirms,
                    offered=offered,
                )
        except Refusal as refusal:
            raise refused(refusal) from refusal
    click.echo(
        speak(
            "A witness signed %(signed)s entries, this log has %(size)s.",
            signed=declared.signed_size,
            size=declared.size,
        )
    )
    click.echo(speak("The reason: %(reason)s", reason=declared.reason))
    if declared.further is not None:
        click.echo(speak("Two people have declared the gap."))
        click.echo(spoken(declared.further.sentence))
    elif declared.confirmed:
        click.echo(speak("Two people have declared the gap. The application can be started."))
    else:
        click.echo(speak("A second person of another role and organisation has to confirm it."))


def _offered(wanted: Second, code: str | None) -> OfferedCode | None:
    """Return the code that goes with the password, asked for where none was given."""
    if wanted is Second.NOTHING:
        return None
    try:
        key = FactorKey(settings().the_secret_key().encode())
    except SystemExit as missing:
        raise Unusable(str(missing)) from missing
    if code is None and wanted is Second.CODE:
        code = click.prompt(speak("Code that your authenticator shows, or a recovery code"))
    elif code is None:
        click.echo(speak("A passkey cannot be used at a terminal."))
        code = click.prompt(speak("One of your recovery codes"))
    return OfferedCode(str(code), key)


def _witness(name: str) -> Witness:
    try:
        found = [one for one in read_witnesses(settings().folder) if one.key.name == name]
    except NotReadable as unknown:
        raise Unusable(unknown.sentence) from unknown
    if not found:
        raise Unusable(
            speak("There is no such witness. Name one with `vetting history trust-witness`.")
        )
    return found[0]


def _public_key(given: str | None) -> PublicKey | None:
    try:
        if given is None:
            return read_public_half(settings().folder)
        file = Path(given)
        return read_public_key(file.read_text(encoding="utf-8") if file.is_file() else given)
    except (BadNote, OSError, UnicodeDecodeError) as wrong:
        raise Unusable(speak("This is not a public key that signs checkpoints.")) from wrong


def _look_beside(connection: Connection) -> Beside:
    folder, fault = settings().folder, trigger_fault(connection)
    lost = lost_for_good(connection, folder)
    try:
        short = behind(connection, folder)
        return Beside(
            known_size(connection, folder), short.sentence if short else None, fault, lost
        )
    except NotReadable as unknown:
        return Beside(0, unknown.sentence, fault, lost)


def _said(check: HistoryCheck, beside: Beside) -> str:
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
    if not check.words:
        lines.append(
            speak("There is no master key: what the entries say was not compared with their seals.")
        )
    lines += [
        speak(
            "Case %(case)s, entry %(number)s: %(what)s.",
            case=_named(check, broken.case_handle),
            number=broken.number,
            what=broken.what,
        )
        for broken in check.broken[:MOST_SHOWN]
    ]
    lines += [
        speak("Log, position %(at)s: %(what)s.", at=broken.position, what=broken.what)
        for broken in check.broken_log[:MOST_SHOWN]
    ]
    if beside.triggers is not None:
        lines.append(spoken(beside.triggers))
    if beside.unlike_witnessed is not None:
        lines.append(spoken(beside.unlike_witnessed))
    elif not beside.witnessed:
        lines.append(
            speak(
                "Nothing is known to have been signed by a witness: a database that was put back "
                "would not be found."
            )
        )
    lines += [spoken(one.sentence) for one in beside.lost]
    if check.holds and beside.holds and beside.lost:
        lines.append(speak("What there is of the history holds."))
    elif check.holds and beside.holds:
        lines.append(speak("The history holds."))
    else:
        lines.append(speak("The history does not hold."))
    return "\n".join(lines)


def _named(check: HistoryCheck, handle: str) -> str:
    """Return a case's handle, and its reference where there is one."""
    reference = check.references.get(handle)
    return f"{handle} ({reference})" if reference else handle


def _told(check: HistoryCheck, beside: Beside) -> dict[str, object]:
    return {
        "holds": check.holds and beside.holds,
        "cases": check.cases,
        "entries": check.entries,
        "in_log": check.in_log,
        "waiting": check.waiting,
        "checkpoints": check.checkpoints,
        "signatures_checked": check.signed,
        "words_checked": check.words,
        "broken_cases": check.broken_count,
        "broken": [
            {
                "case": broken.case_handle,
                "reference": check.references.get(broken.case_handle),
                "entry": broken.number,
                "what": str(broken.what),
            }
            for broken in check.broken
        ],
        "broken_log": [
            {"position": broken.position, "what": str(broken.what)} for broken in check.broken_log
        ],
        "witnessed": beside.witnessed or None,
        "unlike_witnessed": beside.unlike_witnessed and str(beside.unlike_witnessed),
        "triggers": beside.triggers and str(beside.triggers),
        "declared_gaps": [asdict(one) for one in beside.lost],
    }


@contextmanager
def _opened(
    role: DatabaseRole = DatabaseRole.APPLICATION, *, words: bool = True
) -> Iterator[Database]:
    opened = database(role, words=words)
    try:
        yield opened
    except NoMasterKey as missing:
        raise Unusable(NO_MASTER_KEY) from missing
    except NotReadable as unknown:
        raise Unusable(unknown.sentence) from unknown
    except DatabaseError as error:
        raise Unusable(speak("The database cannot be read: it is damaged.")) from error
    finally:
        opened.close()
