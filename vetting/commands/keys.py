"""`vetting keys`: change the master key, with which the candidates' keys are wrapped."""

from collections.abc import Callable

import click

from vetting.commands.bar import bar
from vetting.commands.opening import NO_MASTER_KEY, Unusable, refused, whole_database
from vetting.commands.speak import speak
from vetting.engine.refusals import Refusal
from vetting.records.database import Database
from vetting.records.identity import Ids
from vetting.records.master_key import MasterKeys, NoMasterKey, held
from vetting.records.rights import DatabaseRole
from vetting.usecases.change_master_key import Changed, count_to_wrap, retire, rotate

Change = Callable[[Database, MasterKeys, Ids, Callable[[int], None]], Changed]


@click.group()
def keys() -> None:
    """Change the master key, with which the candidates' keys are wrapped."""


@keys.command("rotate")
def rotate_keys() -> None:
    """Wrap every candidate's key with a new master key; people go on working meanwhile."""
    _change(rotate)


@keys.command("retire")
def retire_keys() -> None:
    """Let go of older master keys, once every server has been started anew."""
    _change(retire)


def _change(change: Change) -> None:
    opened = whole_database(DatabaseRole.OWNER)
    try:
        with bar(count_to_wrap(opened, ""), speak("Wrapping keys anew")) as tick:
            changed = change(opened, held(), Ids(), tick)
    except NoMasterKey as missing:
        raise Unusable(NO_MASTER_KEY) from missing
    except Refusal as refusal:
        raise refused(refusal) from refusal
    finally:
        opened.close()
    click.echo(
        speak(
            "Master key %(name)s: %(count)s candidates’ keys wrapped anew.",
            name=changed.master,
            count=changed.wrapped_anew,
        )
    )
    if changed.older:
        click.echo(
            speak(
                "Older master keys are still there: %(names)s. Start every server anew, then run "
                "`vetting keys retire`.",
                names=", ".join(changed.older),
            )
        )
