"""`vetting officers`: enter officers; above all the first administrator, whom nobody else can."""

import click
from sqlalchemy import or_, select

from vetting.commands.opening import (
    Unusable,
    database,
    definitions,
    refused,
    settings,
    whole_database,
)
from vetting.commands.speak import speak, spoken
from vetting.directories.known import Known
from vetting.engine.casefile import HIGHEST_LEVEL
from vetting.engine.policy import Principal
from vetting.engine.refusals import Refusal
from vetting.engine.vocabulary import Role
from vetting.queries.names_of import day_written, names_of_officers
from vetting.queries.stranded_steps import Able, stranded_steps
from vetting.records.database import Database
from vetting.records.identity import Ids
from vetting.records.officers import officers as table
from vetting.records.officers import role_assignments
from vetting.records.passwords import Passwords
from vetting.records.role_changes import CLEARED
from vetting.records.role_proposals import waiting
from vetting.records.stranding import Stranding
from vetting.usecases.confirm_roles import confirm_roles, refuse_roles, take_back_role
from vetting.usecases.keep_officers import (
    Assignment,
    Keeper,
    NewOfficer,
    change_password,
    create_officers,
    reset_factors,
)
from vetting.usecases.leave import clear_officer, disable_officer, end_role
from vetting.usecases.sign_in_by_directory import LDAP, OIDC
from vetting.usecases.tie_to_directory import tie, untie

COMMAND = "command"  # instead of a log-in session
_BY = click.option("--by", help="The administrator who gives back what the officer had in hand.")
_GIVES = click.option(
    "--by",
    help="The administrator who gives it; it waits for a second one. Nobody: in force at once.",
)
_SECOND = click.option("--by", required=True, help="The second administrator.")


@click.group()
def officers() -> None:
    """Enter officers and list them."""


@officers.command("add")
@click.argument("login")
@click.option("--name", required=True, help="The officer's name.")
@click.option("--role", required=True, type=click.Choice([role.value for role in Role]))
@click.option("--organisation", required=True, help="The code of the organisation.")
@_GIVES
@click.password_option(help="Asked for when it is not given.")
def add(  # one for each thing that is said at the command line
    login: str, name: str, role: str, organisation: str, by: str | None, password: str
) -> None:
    """Enter an officer with a log-in, a first role and a first password."""
    opened = whole_database()
    new = NewOfficer(login, name, password, (Assignment(Role(role), organisation),))
    try:
        create_officers(_keeper(opened, by), Passwords(), [new])
    except Refusal as refusal:
        raise refused(refusal) from refusal
    finally:
        opened.close()
    if by is not None:
        click.echo(speak("The role of %(login)s waits for a second administrator.", login=login))
    else:
        click.echo(speak("%(login)s can sign in.", login=login))


@officers.command("waiting")
def waiting_() -> None:
    """Print what waits for a second administrator, oldest first, each with its hash."""
    opened = database()
    with opened.reading() as connection:
        found = waiting(connection)
        names = names_of_officers(
            connection, {name for one in found for name in (one.officer, one.proposed_by)}
        )
    opened.close()
    for one in found:
        given = (
            speak("higher clearance: %(level)s", level=one.clearance)
            if one.kind == CLEARED
            else speak(
                "new role from %(first)s until %(last)s, cleared for level %(level)s",
                first=day_written(one.valid_from) or "–",
                last=day_written(one.valid_to or "") or "–",
                level=one.clearance,
            )
        )
        said = names[one.officer], spoken(one.role), one.organisation, given, names[one.proposed_by]
        click.echo(" · ".join((f"{one.handle}:{one.hash}", *said)))


@officers.command("confirm")
@click.argument("shown", nargs=-1, required=True)
@_SECOND
def confirm(shown: tuple[str, ...], by: str) -> None:
    """Confirm what waits, each SHOWN as `vetting officers waiting` prints it: HANDLE:HASH."""
    opened = whole_database()
    try:
        confirm_roles(_keeper(opened, by), _as_shown(shown))
    except Refusal as refusal:
        raise refused(refusal) from refusal
    finally:
        opened.close()
    click.echo(speak("Confirmed and in force: %(count)s.", count=len(set(shown))))


@officers.command("refuse")
@click.argument("shown", nargs=-1, required=True)
@click.option("--sentence", required=True, help="Why it is refused.")
@_SECOND
def refuse(shown: tuple[str, ...], sentence: str, by: str) -> None:
    """Refuse what waits, each SHOWN as `vetting officers waiting` prints it: HANDLE:HASH."""
    opened = whole_database()
    try:
        refuse_roles(_keeper(opened, by), _as_shown(shown), sentence)
    except Refusal as refusal:
        raise refused(refusal) from refusal
    finally:
        opened.close()
    click.echo(speak("Refused: %(count)s.", count=len(set(shown))))


@officers.command("take-back")
@click.argument("handle")
@click.option("--by", required=True, help="The administrator who gave it.")
def take_back(handle: str, by: str) -> None:
    """Take back what one administrator gave, while it waits."""
    opened = whole_database()
    try:
        take_back_role(_keeper(opened, by), handle.partition(":")[0])
    except Refusal as refusal:
        raise refused(refusal) from refusal
    finally:
        opened.close()
    click.echo(speak("It is taken back; nothing of it came into force."))


def _as_shown(shown: tuple[str, ...]) -> dict[str, str]:
    """Return which are meant, and the hash that each was shown with."""
    pairs = (one.partition(":") for one in shown)
    return {handle: hashed for handle, _, hashed in pairs}


@officers.command("password")
@click.argument("login")
@click.password_option(help="Asked for when it is not given.")
def password_(login: str, password: str) -> None:
    """Give an officer another password; every session of theirs ends at once."""
    opened = whole_database()
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
    opened = whole_database()
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
@_BY
def end_role_(  # one for each thing that is said at the command line
    login: str, role: str, organisation: str, since: str, last_day: str | None, by: str | None
) -> None:
    """End a role of an officer with a day, unless open steps would be left to nobody."""
    opened = whole_database()
    ending = Assignment(Role(role), organisation, since)
    try:
        keeper = _keeper(opened, by)
        ends = last_day or keeper.ids.today()
        end_role(keeper, definitions(), handle_of(opened, login), ending, ends)
    except Stranding as stranding:
        raise _stranded(opened, stranding) from stranding
    except Refusal as refusal:
        raise refused(refusal) from refusal
    finally:
        opened.close()
    last = day_written(ends)
    click.echo(speak("The role of %(login)s ends with %(day)s.", login=login, day=last))


@officers.command("disable")
@click.argument("login")
@_BY
def disable(login: str, by: str | None) -> None:
    """Let an officer in no more, unless open steps would be left to nobody."""
    opened = whole_database()
    try:
        disable_officer(_keeper(opened, by), definitions(), handle_of(opened, login))
    except Stranding as stranding:
        raise _stranded(opened, stranding) from stranding
    except Refusal as refusal:
        raise refused(refusal) from refusal
    finally:
        opened.close()
    click.echo(speak("%(login)s cannot sign in any more; every session has ended.", login=login))


@officers.command("tie")
@click.argument("login")
@click.option("--directory", required=True, type=click.Choice([OIDC, LDAP]))
@click.option("--subject", required=True, help="The directory's own mark of the person.")
def tie_(login: str, directory: str, subject: str) -> None:
    """Tie an officer to a directory's mark of them, before or instead of their first log-in."""
    opened = whole_database()
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
    click.echo(speak("%(login)s is tied to the directory.", login=login))


@officers.command("untie")
@click.argument("login")
def untie_(login: str) -> None:
    """Cut every tie of an officer to a directory; the next log-in there ties anew."""
    opened = whole_database()
    try:
        untie(opened, Ids(), handle_of(opened, login))
    except Refusal as refusal:
        raise refused(refusal) from refusal
    finally:
        opened.close()
    click.echo(speak("%(login)s is tied to no directory any more.", login=login))


def _keeper(opened: Database, by: str | None = None) -> Keeper:
    """Return whoever can run a command on the machine, and in whose name things go back."""
    ids = Ids()
    if by is None:
        return Keeper(opened, ids, by=None)
    o, a = table.c, role_assignments.c
    today = ids.today()
    with opened.reading() as connection:
        row = connection.execute(
            select(o.handle, o.name, a.organisation)
            .join(role_assignments, a.officer == o.handle)
            .where(
                o.login == by,
                o.disabled_at.is_(None),
                a.role == Role.ADMINISTRATOR.value,
                a.valid_from <= today,
                or_(a.valid_to.is_(None), a.valid_to >= today),
            )
        ).first()
    if row is None:
        raise Unusable(speak("There is no administrator of this log-in."))
    named = Principal(
        row.handle, row.name, Role.ADMINISTRATOR, row.organisation, COMMAND, method=COMMAND
    )
    return Keeper(opened, ids, by=None, named=named)


def _stranded(opened: Database, stranding: Stranding) -> Unusable:
    """Say which open steps nobody could take, a line for each kind, and who could."""
    with opened.reading() as connection:
        steps = stranded_steps(connection, stranding.steps)
    lines = [
        speak(
            "%(organisation)s: %(duty)s, %(count)s from %(day)s on; could, if entrusted: %(could)s",
            organisation=step.organisation,
            duty=step.duty,
            count=step.count,
            day=step.day,
            could=", ".join(_able(one, step.count) for one in step.could) or "–",
        )
        for step in steps
    ]
    return Unusable("\n".join([spoken(stranding.sentence), *lines]))


def _able(one: Able, count: int) -> str:
    return speak("%(name)s: %(steps)s of %(count)s", name=one.name, steps=one.steps, count=count)


@officers.command("clear")
@click.argument("login")
@click.option("--role", required=True, type=click.Choice([role.value for role in Role]))
@click.option("--organisation", required=True, help="The code of the organisation.")
@click.option("--from", "since", default="", help="The day the role began, where it has one.")
@click.option("--level", required=True, type=click.IntRange(0, HIGHEST_LEVEL))
@_GIVES
def clear(  # one for each thing that is said at the command line
    login: str, role: str, organisation: str, since: str, level: int, by: str | None
) -> None:
    """Say for which level an officer is cleared, unless open steps would be left to nobody."""
    opened = whole_database()
    cleared = Assignment(Role(role), organisation, since)
    try:
        officer, keeper = handle_of(opened, login), _keeper(opened, by)
        in_force = clear_officer(keeper, definitions(), officer, cleared, level)
    except Stranding as stranding:
        raise _stranded(opened, stranding) from stranding
    except Refusal as refusal:
        raise refused(refusal) from refusal
    finally:
        opened.close()
    if in_force:
        click.echo(speak("%(login)s is cleared for level %(level)s.", login=login, level=level))
    else:
        click.echo(
            speak("The clearance of %(login)s waits for a second administrator.", login=login)
        )


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
