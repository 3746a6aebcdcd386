"""A province with something in every state: made once a session, copied for each test."""

import fcntl
import os
from pathlib import Path

import pytest

from tests.databases import FOLDER
from tests.house.province import Made, make_once
from tests.house.site import opened


@pytest.fixture(scope="session")
def made() -> Made:
    """The province; whichever worker comes first makes it for all."""
    folder = Path(os.environ[FOLDER]) / "province"
    folder.mkdir(exist_ok=True)
    with (folder / "turn").open("a") as turn:
        fcntl.flock(turn, fcntl.LOCK_EX)
        return make_once(folder)


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
