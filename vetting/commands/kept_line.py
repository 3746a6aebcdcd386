"""`vetting history line`: compare a line that somebody kept on paper with the log."""

import sys

import click
from sqlalchemy.exc import DatabaseError

from vetting.commands.opening import Unusable, database, settings
from vetting.commands.speak import speak, spoken
from vetting.queries.kept_line import check_line
from vetting.records.rights import DatabaseRole


@click.command("line")
@click.argument("words", metavar="LINE", nargs=-1, required=True)
def line(words: tuple[str, ...]) -> None:
    """Tell whether the log still contains what a kept line says: its name, size and root.

    Every entry that it tells of is read.
    """
    opened = database(DatabaseRole.AUDITOR, words=False)
    try:
        with opened.reading() as connection:
            checked = check_line(connection, settings().folder, " ".join(words), whole=True)
    except DatabaseError as error:
        raise Unusable(speak("The database cannot be read: it is damaged.")) from error
    finally:
        opened.close()
    if checked.holds is None:
        raise Unusable(checked.sentence)
    click.echo(spoken(checked.sentence))
    sys.exit(0 if checked.holds else 1)
