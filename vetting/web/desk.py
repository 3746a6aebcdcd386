"""The desk of the officer whose request this is, on the request's own connection."""

from dataclasses import dataclass
from typing import cast

from flask import Flask, current_app, g
from flask_login import current_user
from sqlalchemy import Connection

from vetting.config import Settings
from vetting.directories.known import Directories
from vetting.engine.policy import Principal
from vetting.engine.reading import Definitions
from vetting.records.database import Database
from vetting.records.identity import Ids
from vetting.usecases.desk import Desk
from vetting.usecases.keep_officers import Keeper
from vetting.usecases.sign_in import Door
from vetting.web.vouching import Vouching

EXTENSION = "vetting"


@dataclass(frozen=True)
class Shared:
    """What all requests to one application share."""

    settings: Settings
    secret: bytes
    database: Database
    definitions: Definitions
    ids: Ids
    door: Door
    directories: Directories
    vouching: Vouching


def shared(app: Flask | None = None) -> Shared:
    """Return what all requests share."""
    return cast("Shared", (app or current_app).extensions[EXTENSION])


def definitions() -> Definitions:
    """Return every workflow definition."""
    return shared().definitions


def ids() -> Ids:
    """Return the one source of moments and handles."""
    return shared().ids


def reading() -> Connection:
    """Return this request's connection, opening it at first use."""
    connection: Connection | None = g.get("connection")
    if connection is None:
        connection = g.connection = shared().database.engine.connect()
    return connection


def this_principal() -> Principal:
    """Return who asks, and in which capacity."""
    return cast("Principal", current_user.session.principal)


def this_keeper() -> Keeper:
    """Return the administrator who asks, as who keeps officers."""
    kept = shared()
    return Keeper(kept.database, kept.ids, this_principal(), kept.door.proved_for)


def this_desk() -> Desk:
    """Return the desk of the signed-in officer."""
    desk: Desk | None = g.get("desk")
    if desk is None:
        all_share = shared()
        desk = g.desk = Desk(
            this_principal(),
            all_share.database,
            all_share.definitions,
            all_share.ids,
            reading(),
            all_share.door.proved_for,
            in_session=True,
        )
    return desk


def close(_error: BaseException | None = None) -> None:
    """Let go of the request's connection."""
    connection: Connection | None = g.pop("connection", None)
    if connection is not None:
        connection.close()
