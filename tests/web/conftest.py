"""What tests of pages share: an application on a small province, and browsers with people in them.

`browser_of(Role.BODY_SIGNER)` is a browser in which such an officer has signed in; `cast` brings
cases to where a test needs them; `clock` stands still until a test lets it go on. People in tests
read English, so that a test can say what a page says. What a test itself reads and writes it does
as the owner of the tables, whom no guard of rows holds back: `database` is the owner's.
"""

import re
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from functools import cache

import pytest
from argon2.profiles import CHEAPEST
from flask import Flask
from sqlalchemy import update

from tests.builders import Cast, add_officer, definitions, officer_of
from tests.web.browsing import Browser, text_of
from tests.wellness import MARK
from vetting import web
from vetting.config import Settings
from vetting.engine.definition import Definition
from vetting.engine.reading import Definitions
from vetting.engine.vocabulary import Role
from vetting.records.database import Database
from vetting.records.identity import Ids
from vetting.records.officers import officers
from vetting.records.passwords import Passwords
from vetting.records.rebuild import compare
from vetting.records.rights import DatabaseRole
from vetting.web import create_app
from vetting.web.desk import EXTENSION

PASSWORD = "mot-mat-khau-dai"
WORKS_AT = {
    Role.CASE_OFFICER: "so-y-te",
    Role.BOARD_OFFICER: "ban-to-chuc",
    Role.BOARD_HEAD: "ban-to-chuc",
    Role.BODY_OFFICER: "thanh-tra",
    Role.BODY_SIGNER: "thanh-tra",
    Role.SECRETARY: "thuong-truc",
    Role.SUPERVISOR: "uy-ban-kiem-tra",
    Role.ADMINISTRATOR: "ban-to-chuc",
}


class Clock:
    """A clock that stands still until it is told to go on."""

    def __init__(self):
        self.now = datetime(2026, 1, 5, 2, 0, tzinfo=UTC)  # 09:00 where the officers are

    def __call__(self):
        return self.now

    def go_on(self, **time):
        self.now += timedelta(**time)


@pytest.fixture(scope="session")
def passwords():
    """Passwords that cost next to nothing to check."""
    return Passwords(CHEAPEST)


@pytest.fixture(scope="session")
def kept_password(passwords):
    return passwords.hash(PASSWORD)


@pytest.fixture
def with_validity(app):
    """Have the workflow of planning say how long a conclusion holds."""

    def made():
        told = definitions().of("planning", 1).model_dump(by_alias=True)
        told["validity"] = {"unit": "months", "length": 3, "basis": "R", "counted_from": "decided"}
        own = Definitions(
            {**definitions().by_name, ("planning", 1): Definition.model_validate(told)}
        )
        app.extensions[EXTENSION] = replace(app.extensions[EXTENSION], definitions=own)

    return made


@pytest.fixture
def clock():
    return Clock()


@pytest.fixture
def ids(clock):
    return Ids(clock=clock)


@pytest.fixture
def database(site_url, kept_password, request):
    """A small province, in which every officer has the same password; as its owner has it."""
    database = Database(site_url, DatabaseRole.OWNER)
    with database.writing() as connection:
        administrator = officer_of("ban-to-chuc", Role.ADMINISTRATOR)
        add_officer(connection, administrator, "ban-to-chuc", Role.ADMINISTRATOR)
        connection.execute(update(officers).values(password_hash=kept_password, language="en"))
    try:
        yield database
        behind_the_wall = database.engine.dialect.name == "postgresql"
        if behind_the_wall and request.node.get_closest_marker(MARK) is None:
            with database.reading() as connection:  # as tests/wellness.py looks at the others
                assert not [str(one.sentence) for one in compare(connection)]
    finally:
        database.close()


@pytest.fixture
def cast(database, ids):
    return Cast(database, ids)


@pytest.fixture
def settings(site_url, tmp_path):
    return Settings(database_url=site_url, folder=tmp_path, secret_key="a key for tests only")


@pytest.fixture(scope="module", autouse=True)
def workflows_read_once():
    """Read the shipped workflows once a file of tests, not for each of its applications."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(web, "read_definitions", cache(web.read_definitions))
        yield


@pytest.fixture(scope="session", autouse=True)
def rights_looked_at_once():
    """Ask once a session whether every right and guard stands: all databases are copies of one."""
    look, seen = web.faults, set()

    def once(connection, **how):
        kind = connection.dialect.name, *how.items()
        if kind in seen:
            return []
        found = look(connection, **how)
        seen.update({kind} if not found else ())
        return found

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(web, "faults", once)
        yield


_PUT_TOGETHER: dict[tuple[object, ...], Flask] = {}


@pytest.fixture
def app(settings, database, ids, passwords):  # noqa: ARG001  # the province has to be there
    """The application. It is put together once a process, and gets its database anew."""
    kind = (
        settings.secure_cookies,
        settings.trusted_proxies,
        settings.the_secret_key(),
        settings.language,
    )
    app = _PUT_TOGETHER.get(kind)
    if app is None:
        app = _PUT_TOGETHER[kind] = create_app(settings, ids=ids, passwords=passwords)
    else:
        app.extensions[EXTENSION] = web._shared(settings, ids, passwords)  # noqa: SLF001
    app.testing = True
    app.test_client_class = Browser
    yield app
    app.extensions[EXTENSION].database.close()


@pytest.fixture
def browser(app):
    """A browser in which nobody has signed in, and in which pages are read in English."""
    browser = app.test_client()
    browser.set_cookie("language", "en")
    return browser


@pytest.fixture
def browser_of(app):
    """Open a browser in which an officer of a role has signed in."""

    def sign_in(role, organisation=None, nth=1) -> Browser:
        browser = app.test_client()
        login = officer_of(organisation or WORKS_AT[role], role, nth)
        answer = browser.sign_in(login, PASSWORD)
        assert answer.status_code == 303, answer.text
        return browser

    return sign_in


@pytest.fixture
def second(database, kept_password, browser_of):
    """A browser in which a second administrator has signed in."""
    with database.writing() as connection:
        handle = officer_of("ban-to-chuc", Role.ADMINISTRATOR, 2)
        add_officer(connection, handle, "ban-to-chuc", Role.ADMINISTRATOR)
        this = update(officers).where(officers.c.handle == handle)
        connection.execute(this.values(password_hash=kept_password, language="en"))
    return browser_of(Role.ADMINISTRATOR, nth=2)


def confirm_all(second):
    """Have a second administrator confirm everything that waits, as it is shown to them."""
    page = second.get("/role-proposals")
    shown = re.findall(r'name="given"\s+value="([^"]+)"', page.text)
    answer = second.send_form(page, to="/role-proposals/confirm", given=shown)
    assert (answer.status_code, answer.location) == (303, "/role-proposals"), text_of(answer)


@pytest.fixture
def workflows():
    return definitions()
