"""Canaries: what on an answer shows that a case went out, and the lines that have to tell of it."""

import io
import zipfile
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, replace

from sqlalchemy import func, select

from tests.house.province import VISITORS
from tests.house.site import Route, Site
from vetting.engine.policy import PERMITTED
from vetting.records.cases import cases
from vetting.records.database import Database
from vetting.records.emergencies import emergency_requests
from vetting.records.reads import reads


@dataclass(frozen=True)
class Canary:
    """The words by which a case is known on any page: its candidate's name, and its reference."""

    case: str
    words: tuple[str, ...]

    def sings_in(self, text: str) -> bool:
        return any(word in text for word in self.words)


def canaries_of(database: Database) -> list[Canary]:
    """One canary a case; where two cases have one candidate, only the reference tells."""
    with database.reading() as connection:
        rows = connection.execute(select(cases.c.handle, cases.c.reference, cases.c.name)).all()
    many = Counter(row.name for row in rows)
    return [
        Canary(
            row.handle,
            tuple(
                word for word in (row.reference, row.name if many[row.name] == 1 else None) if word
            ),
        )
        for row in rows
    ]


def typed_by(database: Database, officer: str) -> set[str]:
    """The references that somebody typed when they asked for a case in an emergency.

    To be shown again what one typed tells nothing: it is kept whether there is such a case or not.
    """
    r = emergency_requests.c
    with database.reading() as connection:
        return set(connection.scalars(select(r.reference).where(r.officer == officer)))


def without(canaries: list[Canary], words: set[str]) -> list[Canary]:
    """The canaries as they sing where some words tell nothing."""
    return [
        replace(one, words=tuple(word for word in one.words if word not in words))
        for one in canaries
    ]


def words_of(content: bytes) -> str:
    """The text of an answer, also of one that is a packed sheet."""
    if not content.startswith(b"PK"):
        return content.decode(errors="replace")
    with zipfile.ZipFile(io.BytesIO(content)) as packed:
        return "\n".join(packed.read(name).decode(errors="replace") for name in packed.namelist())


def newest(database: Database) -> int:
    """The number of the last line that is committed."""
    with database.reading() as connection:
        return connection.scalar(select(func.max(reads.c.number))) or 0


def lines_since(database: Database, number: int) -> list:
    with database.reading() as connection:
        return list(
            connection.execute(select(reads).where(reads.c.number > number).order_by("number"))
        )


def unseen(canaries: list[Canary], content: bytes, lines: list) -> Iterator[str]:
    """Say which case went out with no line, or with more than one."""
    text = words_of(content)
    told = Counter(line.case_handle for line in lines)
    for canary in canaries:
        if canary.sings_in(text) and told[canary.case] != 1:
            yield f"{canary.words[0]} went out with {told[canary.case]} lines"


def visits(site: Site, a_route: int | None = None) -> Iterator[tuple[str, Route, str]]:
    """Every page as everybody who may open it, on so many of its examples."""
    for visitor in VISITORS:
        for route in site.routes("GET"):
            if site.role(visitor) not in PERMITTED[route.action]:
                continue
            addresses = [route.address(filled) for filled in route.filled(site.province)]
            step = 1 if a_route is None else max(1, len(addresses) // a_route)
            for address in addresses[::step][:a_route]:
                yield visitor, route, address + TICKED.get(route.endpoint, "")


# Lists that act on what is ticked show nothing until something is; a search, until it is asked.
TICKED = {
    "history_search.show": "?verb=case.filed",
    **{
        f"worklist.{act}": "?all=1&wait=" + wait
        for act, wait in (
            ("take_up", "to_check"),
            ("accept", "checking"),
            ("consult", "accepted"),
            ("propose", "replies_complete"),
            ("submit", "to_submit"),
            ("notify", "to_notify"),
            ("tell", "to_tell"),
            ("close", "to_close"),
        )
    },
    "conclusions.conclude_many": "?all=1",
    "search.show": "?q=Văn",
    "inbox.show": "?tab=body",
}
