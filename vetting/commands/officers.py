"""`vetting officers`: enter officers; above all the first administrator, whom nobody else can."""

import click
from sqlalchemy import select

from vetting.commands.opening import Unusable, database, refused, settings
from vetting.commands.speak import speak, spoken
from vetting.directories.known import Known
from vetting.engine.casefile import HIGHEST_LEVEL
from vetting.engine.refusals import Refusal
from vetting.engine.vocabulary import Role
from vetting.records.database import Database
from vetting.records.identity import Ids
from vetting.records.officers import officers as table
from vetting.records.officers import role_assignments
from vetting.records.passwords import Passwords
from vetting.usecases.keep_officers import (
    Assignment,
    Keeper,
    NewOfficer,
    change_password,
    clear_officer,
    create_officers,
    end_role,
    reset_factors,
)
from vetting.usecases.sign_in_by_directory import LDAP, OIDC
from vetting.usecases.tie_to_directory import tie, untie


@click.group()
def officers() -> None:
    """Enter officers and list them."""


@officers.command("add")
@click.argument("login")
@click.option("--name", required=True, help="The officer's name.")
@click.option("--role", required=True, type=click.Choice([role.value for role in Role]))
@click.option("--organisation", required=True, help="The code of the organisation.")
@click.password_option(help="Asked for when it is not given.")
def add(login: str, name: str, role: str, organisation: str, password: str) -> None:
    """Enter an officer with a log-in, a first role and a first password."""
    opened = database()
    new = NewOfficer(login, name, password, (Assignment(Role(role), organisation),))
    try:
        create_officers(_keeper(opened), Passwords(), [new])
    except Refusal as refusal:
        raise refused(refusal) from refusal
    finally:
        opened.close()
    click.echo(speak("%(login)s can sign in.", login=login))


@officers.command("password")
@click.argument("login")
@click.password_option(help="Asked for when it is not given.")
def password_(login: str, password: str) -> None:
    """Give an officer another password; every session of theirs ends at once."""
    opened = database()
    try:
        change_password(_keeper(opened), Passwords(), handle_of(opened, login), password)
    except Refusal as refusal:
        raise refused(refusal) from refusal
    finally:
        opened.close()
    click.echo(speak("%(login)s can sign in.", login=login))


@officers.command("reset-factor")
@click.argument("login")
def reset_factor_(login: str) -> None:
    """Take off the second factors of an officer who has lost them; their sessions end at once."""
    opened = database()
    try:
        reset_factors(_keeper(opened), handle_of(opened, login))
    except Refusal as refusal:
        raise refused(refusal) from refusal
    finally:
        opened.close()
    click.echo(speak("%(login)s comes in by the password alone and is told so.", login=login))


@officers.command("end-role")
@click.argument("login")
@click.option("--role", required=True, type=click.Choice([role.value for role in Role]))
@click.option("--organisation", required=True, help="The code of the organisation.")
@click.option("--from", "since", default="", help="The day the role began, where it has one.")
@click.option("--last-day", help="The last day of the role; today when it is not given.")
def end_role_(login: str, role: str, organisation: str, since: str, last_day: str | None) -> None:
    """End a role of an officer with a day; what was done in it stays."""
    opened = database()
    ending = Assignment(Role(role), organisation, since)
    try:
        end_role(_keeper(opened), handle_of(opened, login), ending, last_day or Ids().today())
    except Refusal as refusal:
        raise refused(refusal) from refusal
    finally:
        opened.close()


@officers.command("tie")
@click.argument("login")
@click.option("--directory", required=True, type=click.Choice([OIDC, LDAP]))
@click.option("--subject", required=True, help="The directory's own mark of the person.")
def tie_(login: str, directory: str, subject: str) -> None:
    """Tie an officer to a directory's mark of them, before or instead of their first log-in."""
    opened = database()
    told = settings()
    provider = told.oidc.issuer if directory == OIDC and told.oidc else LDAP
    try:
        if (told.oidc if directory == OIDC else told.ldap) is None:
            raise Unusable(speak("There is no such directory in the settings."))
        tie(opened, Ids(), handle_of(opened, login), Known(provider, subject, login))
    except Refusal as refusal:
        raise refused(refusal) from refusal
    finally:
        opened.close()


@officers.command("untie")
@click.argument("login")
def untie_(login: str) -> None:
    """Cut every tie of an officer to a directory; the next log-in there ties anew."""
    opened = database()
    try:
        untie(opened, Ids(), handle_of(opened, login))
    except Refusal as refusal:
        raise refused(refusal) from refusal
    finally:
        opened.close()


def _keeper(opened: Database) -> Keeper:
    """Return whoever can run a command on the machine."""
    return Keeper(opened, Ids(), by=None)


@officers.command("clear")
@click.argument("login")
@click.option("--role", required=True, type=click.Choice([role.value for role in Role]))
@click.option("--organisation", required=True, help="The code of the organisation.")
@click.option("--from", "since", default="", help="The day the role began, where it has one.")
@click.option("--level", required=True, type=click.IntRange(0, HIGHEST_LEVEL))
def clear(login: str, role: str, organisation: str, since: str, level: int) -> None:
    """Say up to which level of restricted cases an officer may know of them in a role."""
    opened = database()
    cleared = Assignment(Role(role), organisation, since)
    try:
        clear_officer(_keeper(opened), handle_of(opened, login), cleared, level)
    except Refusal as refusal:
        raise refused(refusal) from refusal
    finally:
        opened.close()
    click.echo(speak("%(login)s is cleared for level %(level)s.", login=login, level=level))


def handle_of(opened: Database, login: str) -> str:
    """Return the handle of an officer, or say that there is none of this log-in."""
    with opened.reading() as connection:
        found: str | None = connection.scalar(select(table.c.handle).where(table.c.login == login))
    if found is None:
        raise Unusable(speak("There is no such officer."))
    return found


@officers.command("list")
def list_() -> None:
    """Print who has which role where."""
    o, a = table.c, role_assignments.c
    opened = database()
    with opened.reading() as connection:
        rows = connection.execute(
            select(o.login, o.name, a.role, a.organisation)
            .join(role_assignments, a.officer == o.handle)
            .order_by(o.login, a.organisation)
        ).all()
    opened.close()
    for row in rows:
        click.echo(" · ".join((row.login, row.name, spoken(Role(row.role)), row.organisation)))
