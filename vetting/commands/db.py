"""`vetting db`: the roles in which PostgreSQL is used, and what each may do."""

import click
from sqlalchemy import make_url

from vetting.commands.opening import Unusable, refuse_wrong_roles, settings
from vetting.commands.speak import speak
from vetting.records.database import Database
from vetting.records.database_roles import NoSuchName, as_script, granting, known_columns, making
from vetting.records.migrate import MayNotMakeRoles, make_roles


@click.group()
def db() -> None:
    """Keep the roles in which the database is used."""


@db.command()
@click.option("--prefix", help="What the names of the roles begin with.")
@click.option("--sql", "as_sql", is_flag=True, help="Print what an administrator carries out.")
def roles(prefix: str | None, *, as_sql: bool) -> None:
    """Write four roles into the database, and give each what it may do and nothing else."""
    now = settings()
    url = make_url(now.database_url)
    if url.get_backend_name() != "postgresql":
        raise Unusable(speak("Only PostgreSQL has roles; an embedded database has one user."))
    prefix = prefix or now.database_roles
    try:
        if as_sql:
            name = str(url.database)
            under = prefix or name
            click.echo(
                as_script([*making(under, name), *granting(under, known_columns())]), nl=False
            )
            return
        make_roles(now.database_url, prefix)
    except NoSuchName as too_long:
        raise Unusable(
            speak("The names of the roles would be too long; give a shorter --prefix.")
        ) from too_long
    except MayNotMakeRoles as refused:
        raise Unusable(
            speak(
                "This login may not make roles. Have an administrator of the server carry out "
                "what `vetting db roles --sql` prints, and grant the four roles to this login."
            )
        ) from refused
    opened = Database(now.database_url)
    refuse_wrong_roles(opened)
    opened.close()
    click.echo(speak("The database has its roles, and each may do what it has to."))
