"""Outsiders: sessions of people who could do a great deal, if their sessions were still good."""

from datetime import timedelta

from sqlalchemy import update

from tests.builders import as_owner, definitions
from tests.house.province import AUTHORITY, BODY, PASSWORD, UNIT
from vetting.engine.canonical import moment
from vetting.engine.vocabulary import Role
from vetting.records.database import Database
from vetting.records.identity import Ids
from vetting.records.officers import login_sessions
from vetting.records.passwords import Passwords
from vetting.records.sessions import token_hash
from vetting.usecases.keep_officers import (
    Assignment,
    Keeper,
    NewOfficer,
    assign_role,
    create_officer,
)
from vetting.usecases.leave import disable_officer, end_role
from vetting.usecases.sign_in import Attempt, Door, sign_in, sign_out

BOARD = "ban-to-chuc-tinh-uy"
NOBODYS = "a token nobody gave out"
OUTSIDERS: dict[str, tuple[Role, str]] = {
    "disabled": (Role.BOARD_HEAD, BOARD),
    "signed out": (Role.BODY_SIGNER, BODY),
    "role over": (Role.ADMINISTRATOR, BOARD),
    "role over, another left": (Role.BOARD_OFFICER, BOARD),
    "too long idle": (Role.CASE_OFFICER, UNIT),
    "too old": (Role.SECRETARY, AUTHORITY),
    NOBODYS: (Role.SUPERVISOR, ""),
}


def admit_and_turn_out(database: Database, passwords: Passwords, ids: Ids) -> dict[str, str]:
    """Let each in, and do what ends the session; returns the tokens that their browsers keep."""
    door = Door(database, passwords, ids)
    tokens = {NOBODYS: "A" * 43}
    for number, (name, (role, organisation)) in enumerate(OUTSIDERS.items()):
        if name == NOBODYS:
            continue
        login = f"ngoai{number}"
        entrusted = Assignment(role, organisation)
        officer = create_officer(
            Keeper(database, ids, by=None),
            passwords,
            NewOfficer(login, "Trần Văn Ngoài", PASSWORD, (entrusted,)),
        )
        tokens[name] = sign_in(door, Attempt(login, PASSWORD, "192.0.2.9")).token
        _turn_out(door, name, officer, entrusted, tokens[name])
    return tokens


def _turn_out(door: Door, name: str, officer: str, entrusted: Assignment, token: str) -> None:
    database, ids = door.database, door.ids
    keeper = Keeper(database, ids, by=None)
    yesterday = (ids.clock() - timedelta(days=2)).date().isoformat()
    match name:
        case "disabled":
            disable_officer(keeper, definitions(), officer)
        case "signed out":
            with database.reading() as connection:
                sign_out(door, connection, token)
        case "role over":
            end_role(keeper, definitions(), officer, entrusted, yesterday)
        case "role over, another left":
            end_role(keeper, definitions(), officer, entrusted, yesterday)
            assign_role(keeper, officer, Assignment(Role.BOARD_HEAD, entrusted.organisation))
        case "too long idle":
            _age(database, token, seen_at=moment(ids.clock() - door.idle - timedelta(minutes=1)))
        case "too old":
            _age(
                database, token, began_at=moment(ids.clock() - door.longest - timedelta(minutes=1))
            )


def _age(database: Database, token: str, **moments: str) -> None:
    s = login_sessions.c
    with as_owner(database).writing() as connection:
        connection.execute(
            update(login_sessions).where(s.token_hash == token_hash(token)).values(**moments)
        )
