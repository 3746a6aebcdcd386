"""Opening: how a command reaches the installation it is about."""

import os
from pathlib import Path

import click
from sqlalchemy import make_url
from sqlalchemy.exc import DatabaseError, OperationalError

from vetting.commands.speak import speak, spoken
from vetting.config import Settings
from vetting.engine.problem import BadDefinition
from vetting.engine.reading import Definitions, read_definitions
from vetting.engine.refusals import Refusal
from vetting.engine.sentences import Sentence, say
from vetting.records.candidate_keys import refuse_other_master_keys
from vetting.records.database import Database, RoleRefused
from vetting.records.database_roles import faults, said_of
from vetting.records.master_key import NoMasterKey, held, hold_what_is_given
from vetting.records.migrate import revisions
from vetting.records.rights import DatabaseRole
from vetting.records.standing import Purpose
from vetting.records.tampering import tampering

WRONG_USE = 2
NO_MASTER_KEY = say(
    "There is no master key that opens this database. Bring back its file, which nobody else may "
    "read; a new installation gets one from `vetting init`."
)


class Unusable(click.ClickException):
    """The command was used wrongly, or cannot read what it was given."""

    exit_code = WRONG_USE

    def __init__(self, sentence: Sentence | str) -> None:
        super().__init__(sentence if isinstance(sentence, str) else spoken(sentence))


class NotInThisRole(Unusable):
    """The login of the database may not work in the role that the command needs."""


def settings() -> Settings:
    """Return the settings that the environment gives."""
    return Settings.from_env(os.environ)


def hold_master_key(*, needed: bool = True) -> None:
    """Have what this process reads opened with the installation's master key."""
    now = settings()
    try:
        hold_what_is_given(now.master_key, now.the_master_key_file)
        if needed:
            held()
    except NoMasterKey as missing:
        if needed:
            raise Unusable(NO_MASTER_KEY) from missing


def database(role: DatabaseRole = DatabaseRole.APPLICATION, *, words: bool = True) -> Database:
    """Open the installation's database in one of its roles, or say how to make one.

    Without its *words* it can be opened where there is no master key.
    """
    hold_master_key(needed=words)
    url = settings().database_url
    parsed = make_url(url)
    missing = speak("There is no database yet. Run `vetting init` first.")
    if parsed.get_backend_name() == "sqlite" and not Path(parsed.database or "").exists():
        raise Unusable(missing)
    opened = Database(url, role, Purpose.COMMAND)
    try:
        _refuse_unusable(opened, missing)
        if words:
            refuse_wrong_master_key(opened)
    except BaseException:
        opened.close()
        raise
    return opened


def _refuse_unusable(opened: Database, missing: str) -> None:
    try:
        with opened.reading() as connection:
            stands, known = revisions(connection)
    except RoleRefused as refused_by_it:
        raise NotInThisRole(spoken(said_of(refused_by_it))) from refused_by_it
    except OperationalError as error:
        raise Unusable(speak("The database cannot be reached.")) from error
    except DatabaseError as error:
        raise Unusable(speak("The database cannot be read: it is damaged.")) from error
    if stands is None:
        raise Unusable(missing)
    if stands != known:
        raise Unusable(
            speak("The database is of another version. Run `vetting init` to bring it up to date.")
        )
    refuse_wrong_roles(opened)


def refuse_wrong_roles(opened: Database) -> None:
    """Refuse a database in which somebody may do more, or less, than they should."""
    try:
        with opened.reading() as connection:
            found = faults(connection, opened.role, one_login=settings().one_database_login)
    except RoleRefused as refused_by_it:
        raise Unusable(spoken(said_of(refused_by_it))) from refused_by_it
    if found:
        raise Unusable("\n".join(spoken(fault) for fault in found))


def refuse_tampered(opened: Database) -> None:
    """Refuse a database without its triggers, or without what a witness has signed."""
    with opened.reading() as connection:
        fault = tampering(connection, settings().folder)
    if fault is not None:
        raise Unusable(fault)


def whole_database(
    role: DatabaseRole = DatabaseRole.APPLICATION, *, words: bool = True
) -> Database:
    """Open the database to write in it, unless it lost what a witness signed or its triggers.

    Whoever puts back a database enters no officers in it who would then declare what is missing.
    """
    opened = database(role, words=words)
    try:
        refuse_tampered(opened)
    except BaseException:
        opened.close()
        raise
    return opened


def refuse_wrong_master_key(opened: Database) -> None:
    """Refuse a database of which the master key cannot open everything."""
    try:
        with opened.reading() as connection:
            refuse_other_master_keys(connection)
    except NoMasterKey as missing:
        raise Unusable(NO_MASTER_KEY) from missing


def definitions() -> Definitions:
    """Read the published workflow definitions."""
    try:
        return read_definitions(settings().workflows, published_only=True)
    except BadDefinition as bad:
        raise Unusable("\n".join(spoken(problem.sentence) for problem in bad.problems)) from bad


def refused(refusal: Refusal) -> Unusable:
    """Return a refusal as a command says it."""
    return Unusable(refusal.sentence)
