"""What the proofs share: a site of their own, what they found, and how it is told."""

import multiprocessing
import secrets
import sys
import tempfile
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field
from hashlib import sha256
from pathlib import Path
from typing import Any, Self

from sqlalchemy import select

from tests.house.province import Made, make_once
from tests.house.site import ASKING, NOBODY, READING, Site, opened
from tests.web.browsing import Browser, the_form
from vetting.records.base import METADATA
from vetting.records.officers import login_sessions
from vetting.records.sessions import token_hash

CORES = 2
MOST_TOLD = 20
# What may change with a look, and with an attempt to get in.
NOT_KEPT = {*READING, *ASKING, "failed_logins"}


@dataclass
class Found:
    """How much was tried, and a line for each thing that was not as it should be."""

    tried: int = 0
    wrong: list[str] = field(default_factory=list)
    met: set[str] = field(default_factory=set)  # of what has to be met by somebody

    def __iadd__(self, other: "Found") -> Self:
        self.tried += other.tried
        self.wrong += other.wrong
        self.met |= other.met
        return self


@contextmanager
def own_site(**wishes: Any) -> Iterator[Site]:
    """A site on a province made for this run."""
    with tempfile.TemporaryDirectory() as folder:
        made = make_once(Path(folder))
        with opened(made, Path(folder), **wishes) as site:
            yield site


@contextmanager
def another(made: Made, **wishes: Any) -> Iterator[Site]:
    """One more site on a province that is there."""
    with tempfile.TemporaryDirectory() as folder, opened(made, Path(folder), **wishes) as site:
        yield site


def token_of(site: Site, visitor: str) -> str:
    """The token that the forms of a visitor's session carry."""
    page = site.browser(visitor).get("/sign-in" if visitor == NOBODY else "/help")
    to = "/sign-in" if visitor == NOBODY else "/sign-out"
    forms = {"login"} if visitor == NOBODY else frozenset()
    return the_form(page, forms, to=None if visitor == NOBODY else to).filled["csrf_token"][0]


def another_session(site: Site, visitor: str) -> tuple[str, Browser]:
    """Open one more session of a visitor, like the one they have; its token and its browser."""
    s, token = login_sessions.c, secrets.token_urlsafe(32)
    with site.database.writing() as connection:
        kept = token_hash(site.province.tokens[visitor])
        row = connection.execute(select(login_sessions).where(s.token_hash == kept)).one()
        mark = secrets.token_urlsafe(16)
        told = {**row._mapping, "token_hash": token_hash(token), "mark": mark}  # noqa: SLF001  # a row
        connection.execute(login_sessions.insert(), told)
    browser = site.app.test_client()
    browser.set_cookie("officer", token)
    return token, browser


def contents(site: Site) -> dict[str, str]:
    """A mark of all that a table holds, for every table."""
    with site.database.reading() as connection:
        return {
            name: sha256(
                repr(sorted(repr(tuple(row)) for row in connection.execute(select(table)))).encode()
            ).hexdigest()
            for name, table in METADATA.tables.items()
            if name not in NOT_KEPT
        }


def changed(before: dict[str, str], after: dict[str, str]) -> list[str]:
    """The tables that are not what they were."""
    return sorted(name for name in before if before[name] != after[name])


def apart(work: Callable[..., Found], parts: Iterable[Sequence[Any]]) -> Found:
    """Do the parts of a proof in processes of their own, as many as there are cores.

    After each part a line on the side says how far it is: a proof in full can take an hour.
    """
    whole, parts = Found(), list(parts)
    context = multiprocessing.get_context("spawn")
    with ProcessPoolExecutor(CORES, mp_context=context) as pool:
        for done, found in enumerate(pool.map(work, *zip(*parts, strict=True)), 1):
            whole += found
            told = f"{done} of {len(parts)} parts: {whole.tried:,} tried, {len(whole.wrong)} wrong"
            sys.stderr.write(f"  {told}\n")
            sys.stderr.flush()
    return whole


def tell(name: str, found: Found, *, at_least: int, since: float) -> bool:
    """Say what was found; tell whether all is as it should be, and enough was tried."""
    took = time.monotonic() - since
    say(f"{name}: {found.tried:,} tried in {took:.0f} s, {len(found.wrong)} differences")
    for line in found.wrong[:MOST_TOLD]:
        say(f"  {line}")
    if found.tried < at_least:
        say(f"  too few: at least {at_least:,} are wanted")
    return not found.wrong and found.tried >= at_least


def say(line: str) -> None:
    """Say a line."""
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()
