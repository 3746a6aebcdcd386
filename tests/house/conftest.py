"""A province with something in every state: made once a session, copied for each test."""

import fcntl
import os
import pickle
from pathlib import Path

import pytest
from sqlalchemy import URL

from tests.databases import FOLDER, behind_the_wall, template_name
from tests.house.forms import Survey, survey
from tests.house.province import Made, make_once
from tests.house.site import opened


@pytest.fixture(scope="session")
def made(request: pytest.FixtureRequest) -> Made:
    """The province; whichever worker comes first makes it for all."""
    template = None
    if behind_the_wall():
        server: URL = request.getfixturevalue("postgresql_server")
        template = server.set(database=f"{template_name()}_province")
    folder = Path(os.environ[FOLDER]) / "province"
    folder.mkdir(exist_ok=True)
    with (folder / "turn").open("a") as turn:
        fcntl.flock(turn, fcntl.LOCK_EX)
        return make_once(folder, template)


@pytest.fixture(scope="module")
def site(made, tmp_path_factory):
    """The application on a copy of the province, in Vietnamese; a test that changes restores it."""
    with opened(made, tmp_path_factory.mktemp("site")) as site:
        yield site


@pytest.fixture(scope="module")
def english_site(made, tmp_path_factory):
    """The same in English."""
    with opened(made, tmp_path_factory.mktemp("english"), language="en") as site:
        yield site


@pytest.fixture(scope="session")
def surveyed(made, tmp_path_factory) -> Survey:
    """Every page opened once and every kind of form; whichever worker comes first looks."""
    kept = made.file.with_name("survey")
    with kept.with_suffix(".turn").open("a") as turn:
        fcntl.flock(turn, fcntl.LOCK_EX)
        if not kept.exists():
            with opened(made, tmp_path_factory.mktemp("survey")) as site:
                kept.write_bytes(pickle.dumps(survey(site)))
        return pickle.loads(kept.read_bytes())  # noqa: S301  # written just above
