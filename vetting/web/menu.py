"""The menu: where each role goes, first page first. One table; nothing else lists pages."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from flask import Flask, request
from werkzeug.exceptions import HTTPException
from werkzeug.routing import RequestRedirect

from vetting.engine.policy import PERMITTED, Action
from vetting.engine.sentences import mark
from vetting.engine.vocabulary import Role
from vetting.web.gate import ACTION_OF
from vetting.web.sessions import signed_in

EXTENSION = "vetting_menu"


@dataclass(frozen=True, slots=True)
class Entry:
    """One place to go; its action is the one that the page's view declares."""

    address: str
    label: str
    action: Action = Action.SIGNED_IN
    endpoint: str = ""


_MY_CASES = Entry("/cases", mark("My cases"))
_FILE_LIST = Entry("/lists/new", mark("File a list"))
_WORK = Entry("/work", mark("Work"))
_ROUNDS = Entry("/rounds", mark("Rounds"))
_INBOX = Entry("/inbox", mark("Inbox"))
_TO_SIGN = Entry("/to-sign", mark("To sign"))
_SIGNED = Entry("/signed", mark("Signed opinions"))
_CALENDAR = Entry("/calendar", mark("Calendar"))
_LOAD = Entry("/load", mark("Who has how much"))
_LETTERS = Entry("/letters", mark("Letters"))
_SUBMITTED = Entry("/submitted", mark("Submitted"))
_OVERSIGHT = Entry("/oversight", mark("Overview"))
_HISTORY = Entry("/history", mark("History search"))
_REPORTS = Entry("/reports", mark("Statistics"))
_READING = Entry("/reading", mark("Reading"))
_EMERGENCIES = Entry("/emergencies", mark("Emergency access"))
_NOTICES = Entry("/notices", mark("Notices"))
_DOCTOR = Entry("/doctor", mark("Doctor"))
_REQUESTS = Entry("/requests", mark("Requests"))
_RETENTION = Entry("/retention", mark("Retention"))
_REGISTERS = Entry("/registers/organisations", mark("Registers"))
_WORKFLOWS = Entry("/workflows", mark("Workflows"))
_OFFICERS = Entry("/officers", mark("Officers"))
_ROLE_PROPOSALS = Entry("/role-proposals", mark("Roles to confirm"))
_HELP = Entry("/help", mark("Help"))

_EVERYBODYS = (_REGISTERS, _WORKFLOWS, _HELP)
MENU: dict[Role, tuple[Entry, ...]] = {
    Role.CASE_OFFICER: (
        _MY_CASES,
        _FILE_LIST,
        _CALENDAR,
        _REQUESTS,
        _NOTICES,
        _EMERGENCIES,
        *_EVERYBODYS,
    ),
    Role.BOARD_OFFICER: (
        _WORK,
        _CALENDAR,
        _ROUNDS,
        _REPORTS,
        _LETTERS,
        _REQUESTS,
        _NOTICES,
        _EMERGENCIES,
        _RETENTION,
        *_EVERYBODYS,
    ),
    Role.BOARD_HEAD: (
        _WORK,
        _CALENDAR,
        _ROUNDS,
        _REPORTS,
        _LETTERS,
        _REQUESTS,
        _NOTICES,
        _HISTORY,
        _READING,
        _EMERGENCIES,
        _RETENTION,
        _DOCTOR,
        *_EVERYBODYS,
    ),
    Role.BODY_OFFICER: (
        _INBOX,
        _CALENDAR,
        _LOAD,
        _LETTERS,
        _SIGNED,
        _NOTICES,
        _EMERGENCIES,
        *_EVERYBODYS,
    ),
    Role.BODY_SIGNER: (
        _TO_SIGN,
        _INBOX,
        _CALENDAR,
        _LOAD,
        _LETTERS,
        _SIGNED,
        _NOTICES,
        _READING,
        _EMERGENCIES,
        *_EVERYBODYS,
    ),
    Role.SECRETARY: (_SUBMITTED, _CALENDAR, _NOTICES, _EMERGENCIES, *_EVERYBODYS),
    Role.SUPERVISOR: (
        _OVERSIGHT,
        _CALENDAR,
        _ROUNDS,
        _REPORTS,
        _REQUESTS,
        _NOTICES,
        _HISTORY,
        _READING,
        _EMERGENCIES,
        _RETENTION,
        _DOCTOR,
        *_EVERYBODYS,
    ),
    Role.ADMINISTRATOR: (_OFFICERS, _ROLE_PROPOSALS, _DOCTOR, *_EVERYBODYS),
}


def register(app: Flask) -> None:
    """Find out which pages there are, once, and give each role those that it may open."""
    there = {entry.address: _found(app, entry) for entries in MENU.values() for entry in entries}
    menus: Mapping[Role, Sequence[Entry]] = {
        role: [
            found
            for entry in entries
            if (found := there[entry.address]) is not None and role in PERMITTED[found.action]
        ]
        for role, entries in MENU.items()
    }
    app.extensions[EXTENSION] = menus
    search = _found(app, Entry("/search", mark("Search")))

    def menu() -> Sequence[Entry]:
        who = signed_in()
        if who is None or who.session.password_given_at is not None:  # no page of it would open
            return ()
        return menus[who.session.principal.role]

    def search_address() -> str | None:
        who = signed_in()
        opens = who is not None and who.session.password_given_at is None
        may = search and who and opens and who.session.principal.role in PERMITTED[search.action]
        return search.address if search and may else None

    def is_here(entry: Entry) -> bool:
        return request.path == entry.address or request.path.startswith(f"{entry.address}/")

    app.jinja_env.globals.update(menu=menu, search_address=search_address, is_here=is_here)


def first_page(app: Flask, role: Role) -> str:
    """Return the page that a role opens first."""
    menus: Mapping[Role, Sequence[Entry]] = app.extensions[EXTENSION]
    return menus[role][0].address


def _found(app: Flask, entry: Entry) -> Entry | None:
    try:
        endpoint, _ = app.url_map.bind("").match(entry.address, method="GET")
    except (HTTPException, RequestRedirect):
        return None
    return Entry(entry.address, entry.label, ACTION_OF[app.view_functions[endpoint]], endpoint)
