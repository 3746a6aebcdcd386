"""Unknown against forbidden: what one may not know of answers as what does not exist.

Every address of something that is there, but not for a visitor, is asked beside the same address of
something that is nowhere: the same bytes but for the number that an error page quotes, and the same
time. Searching and listing tell nothing either: a province in which more has happened that is none
of a visitor's business looks to them, page by page, like the one in which it has not.

`python -m tests.proofs.unknown` asks all of it, and times ten thousand pairs.
"""

import random
import re
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from math import erfc, sqrt
from statistics import median
from string import ascii_letters, digits
from urllib.parse import quote, quote_plus

from sqlalchemy import select

from tests.builders import definitions
from tests.house.province import (
    BODY,
    OTHER_BODY,
    OTHER_UNIT,
    UNIT,
    VISITORS,
    Made,
    person,
)
from tests.house.site import EXAMPLES, Site
from tests.proofs.running import Found, another, apart, own_site, say, tell, token_of
from vetting.commands.playing import Play
from vetting.engine.policy import PERMITTED
from vetting.engine.vocabulary import CaseType, Role, Verdict
from vetting.records.cases import cases
from vetting.records.identity import Ids
from vetting.records.scope import visible_to
from vetting.usecases.draft_opinion import Opinion, draft_opinion
from vetting.usecases.file_case import Request, draft_case, file_draft

METHODS = ("GET", "HEAD", "POST")
SEED = 2026
PAIRS = 10_000
AT_MOST = 1_000_000  # nanoseconds
SIGNS = ascii_letters + digits + "-_"
NUMBER = re.compile(r"(?<![\w-])[\w-]{22}(?![\w-])")
NOTHING = re.compile(r"(?!)")
KEY = re.compile(r'(name="key"[^>]*value=")[^"]*')
# Pages that are made of a secret drawn for each look: nothing else on them can be compared.
DRAWN_ANEW = {"own_factors.add", "own_factors.add_passkey"}
# The size of the whole log is no secret: each witness signs it, and it is what a supervisor checks.
SIZE_OF_THE_LOG = {
    "oversight.history": re.compile(r"<dt>(Số mục|Chờ vào nhật ký chung)</dt>\s*<dd>\s*\d+")
}
NAMED = {"handle", "key", "mark", "consultation"}  # arguments that name one thing


@dataclass(frozen=True)
class Pair:
    """An address of something that is not for the visitor, and the same of nothing."""

    visitor: str
    method: str
    endpoint: str
    there: str
    nowhere: str
    names: tuple[str, str]
    told: tuple[tuple[str, str], ...] = ()

    def __str__(self) -> str:
        return f"{self.method} {self.there} of {self.visitor}"


def pairs_of(site: Site, visitor: str, lot: random.Random) -> Iterator[Pair]:
    """Every address of what is there and not for a visitor, whatever their role may open."""
    for route in site.routes():
        if not any(key in EXAMPLES and key[1] in NAMED for key in route.arguments):
            continue
        may = site.role(visitor) in PERMITTED[route.action]
        for filled in route.filled(site.province):
            hidden = _hidden(site, visitor, route, filled, may=may)
            if hidden is None:
                continue
            name = str(filled[hidden])
            other = "".join(lot.choices(SIGNS, k=len(name)))
            nowhere = route.address({**filled, hidden: other})
            for method in (route.method, *(["HEAD"] if route.method == "GET" else [])):
                yield Pair(
                    visitor,
                    method,
                    route.endpoint,
                    route.address(filled),
                    nowhere,
                    (name, other),
                    TOLD if method == "POST" else (),
                )
            if not may:
                break  # the door is shut whatever is named behind it


TOLD = (("key", "k" * 22), ("seen", "1"), ("reason", "Nội dung"), ("cases", "A" * 22))


def _hidden(site: Site, visitor: str, route, filled, *, may: bool) -> str | None:
    for key in route.arguments:
        if key in EXAMPLES and key[1] in NAMED:
            value = filled[key[1]]
            if value != "none" and not (may and site.concerns(visitor, key, value, filled)):
                return key[1]
    return None


@dataclass
class Eyes:
    """A site, and what an answer is but for what must differ."""

    site: Site
    tokens: dict[str, str]

    def send(self, pair: Pair, address: str):
        told = {"csrf_token": self.tokens[pair.visitor], **dict(pair.told)}
        return self.site.browser(pair.visitor).open(
            address, method=pair.method, data=told if pair.method == "POST" else None
        )

    def seen(self, pair: Pair, address: str) -> tuple:
        """The status, all headers in order, and all bytes of the body."""
        answer = self.send(pair, address)
        quoted = _quoted(answer)
        return (
            answer.status,
            [(name, _plain(value, pair.names, quoted)) for name, value in answer.headers],
            _plain(answer.text, pair.names, quoted),
        )


def _quoted(answer) -> list[str]:
    """The number that an error page quotes."""
    return NUMBER.findall(answer.text) if answer.status_code >= 400 else []


def _plain(text: str, names: Sequence[str], numbers: Sequence[str]) -> str:
    for name in names:
        text = text.replace(name, "…")
    for number in numbers:
        text = text.replace(number, "№")
    return text


def prove_addresses(site: Site, visitors: Sequence[str], share: int = 1) -> Found:
    """Ask every pair of addresses, or one in so many."""
    found, lot = Found(), random.Random(SEED)  # noqa: S311  # no secret
    eyes = Eyes(site, {visitor: token_of(site, visitor) for visitor in visitors})
    for visitor in visitors:
        every = list(pairs_of(site, visitor, lot))
        for pair in lot.sample(every, len(every) // share):
            found.tried += 1
            one, other = eyes.seen(pair, pair.there), eyes.seen(pair, pair.nowhere)
            if one != other:
                found.wrong.append(f"{pair}: {_difference(one, other)}")
    return found


def _difference(one: tuple, other: tuple) -> str:
    for name, mine, theirs in zip(("status", "headers", "page"), one, other, strict=True):
        if mine != theirs:
            short = f"{mine!s:.60} and {theirs!s:.60}" if name != "page" else "another page"
            return f"the {name} differs: {short}"
    return "nothing differs"


# ------------------------------------------------------------------ searching


def prove_search(site: Site, visitors: Sequence[str]) -> Found:
    """Search for what is there and not for a visitor, and for what is nowhere."""
    found = Found()
    for visitor in visitors:
        for words, nonsense in _searched(site, visitor):
            found.tried += 1
            one, other = (_search(site, visitor, each) for each in (words, nonsense))
            if one != other:
                found.wrong.append(f"searching for {words!r} as {visitor}: another page")
    return found


def _searched(site: Site, visitor: str) -> Iterator[tuple[str, str]]:
    """References and names of cases that are none of the visitor's, and others as long."""
    c = cases.c
    with site.database.reading() as connection:
        every = connection.execute(select(c.handle, c.reference, c.name)).all()
        seen = {
            row.handle
            for row in connection.execute(
                select(c.handle).where(visible_to(site.principal(visitor)))
            )
        }
    known = {row.name for row in every if row.handle in seen}
    for row in every:
        if row.handle in seen:
            continue
        if row.reference:
            yield row.reference, row.reference[:-3] + "999"
        if row.name not in known:
            yield row.name, "".join("x" if sign.isalpha() else sign for sign in row.name)
        yield row.handle, "A" * len(row.handle)


def _search(site: Site, visitor: str, words: str) -> tuple:
    answer = site.browser(visitor).get("/search", query_string={"q": words})
    page = _fresh(answer.text)
    for written in (words, quote(words), quote_plus(words), quote_plus(quote_plus(words))):
        page = page.replace(written, "…")
    return answer.status, page


# ------------------------------------------------------------------ lists, counts and exports


def _draft_elsewhere(play: Play, site: Site) -> None:  # noqa: ARG001
    """Another unit writes a draft."""
    desk = play.desk(Role.CASE_OFFICER, OTHER_UNIT)
    draft_case(desk, play.sent(), _wish(201))


def _file_elsewhere(play: Play, site: Site) -> None:  # noqa: ARG001
    """Another unit files a case."""
    desk = play.desk(Role.CASE_OFFICER, OTHER_UNIT)
    drafted = draft_case(desk, play.sent(), _wish(202))
    file_draft(desk, play.sent(), str(drafted["case"]))


def _draft_here(play: Play, site: Site) -> None:
    """The body that was asked drafts an opinion."""
    desk = play.desk(Role.BODY_OFFICER, BODY)
    opinion = Opinion(Verdict.OBJECTION, "Chưa đủ điều kiện.", (), ("Văn bản số 9",))
    draft_opinion(desk, play.sent(), site.province.consultations["received"], opinion)


def _wish(number: int) -> Request:
    return Request(
        CaseType.APPOINTMENT,
        person(number),
        "1977-05-04",
        "Trưởng phòng",
        position="Phó Trưởng phòng",
        management_level="standing_committee",
    )


# What happens, and of whom it is none of the business.
ELSEWHERE: dict[Callable, tuple[str, ...]] = {
    _draft_elsewhere: tuple(
        visitor for visitor, (_, place) in VISITORS.items() if place != OTHER_UNIT
    ),
    _file_elsewhere: tuple(
        visitor
        for visitor, (role, place) in VISITORS.items()
        if place in {UNIT, BODY, OTHER_BODY} or role is Role.SECRETARY
    ),
    _draft_here: ("other body", "other signer", "unit", "other unit", "authority"),
}


def prove_lists(
    made: Made, visitors: Sequence[str] = tuple(VISITORS), only: Sequence[str] = ()
) -> Found:
    """Compare every page of whom it does not concern, before and after something happened."""
    found = Found()
    for happens, whose in ELSEWHERE.items():
        # Two that nobody has looked at: a look opens notices, and the menu counts what is unopened.
        with another(made) as before, another(made) as after:
            happens(Play(after.database, definitions(), Ids(lambda: after.now)), after)
            for visitor in whose:
                if visitor in visitors:
                    found += _compare(before, after, visitor, happens.__doc__ or "", only)
    return found


def _compare(before: Site, after: Site, visitor: str, what: str, only: Sequence[str]) -> Found:
    found = Found()
    for route in before.routes("GET"):
        if before.role(visitor) not in PERMITTED[route.action]:
            continue
        if route.endpoint in DRAWN_ANEW or (only and route.endpoint not in only):
            continue
        for filled in route.filled(before.province):
            address = route.address(filled)
            one, other = (
                site.browser(visitor).get(address, buffered=True) for site in (before, after)
            )
            found.tried += 1
            size = SIZE_OF_THE_LOG.get(route.endpoint, NOTHING)
            if (one.status, _body(one, size)) != (other.status, _body(other, size)):
                found.wrong.append(f"{what} {address} of {visitor} is another page")
    return found


def _body(answer, size: re.Pattern) -> str | bytes:
    if answer.mimetype.startswith("application/vnd"):
        return answer.data[:0]  # a workbook carries the moment it was made; its rows are in the CSV
    return size.sub("", _fresh(answer.text))


def _fresh(text: str) -> str:
    """A page without what is made anew for every look."""
    return NUMBER.sub("№", KEY.sub(r"\1", text))


# ------------------------------------------------------------------ time


@dataclass(frozen=True)
class Times:
    """How much longer what is forbidden took than what is nowhere."""

    pairs: int
    median: float  # nanoseconds
    p: float  # of as many longer answers on one side, if there is no difference
    a_half: tuple[float, float]  # the quartiles of the differences

    def __str__(self) -> str:
        low, high = self.a_half
        return (
            f"{self.pairs:,} pairs: median difference {self.median / 1000:+.1f} µs, "
            f"half of them between {low / 1000:+.0f} and {high / 1000:+.0f} µs, p = {self.p:.3f}"
        )


def time_pairs(site: Site, visitors: Sequence[str], how_many: int) -> Times:
    """Time both of each pair one after the other, now the one first and now the other."""
    lot = random.Random(SEED)  # noqa: S311  # no secret
    eyes = Eyes(site, {visitor: token_of(site, visitor) for visitor in visitors})
    every = [pair for visitor in visitors for pair in pairs_of(site, visitor, lot)]
    for pair in lot.sample(every, 50):  # what is made at first use is made
        eyes.send(pair, pair.there)
    differences = []
    for _ in range(how_many):
        pair = lot.choice(every)
        took = {}
        for address in lot.sample([pair.there, pair.nowhere], 2):
            began = time.perf_counter_ns()
            eyes.send(pair, address)
            took[address] = time.perf_counter_ns() - began
        differences.append(took[pair.there] - took[pair.nowhere])
    differences.sort()
    quarter = len(differences) // 4
    return Times(
        len(differences),
        median(differences),
        sign_test(differences),
        (differences[quarter], differences[-quarter - 1]),
    )


def sign_test(differences: Sequence[float]) -> float:
    """How likely so lopsided a share of longer answers is, if longer and shorter are even."""
    longer = sum(one > 0 for one in differences)
    shorter = sum(one < 0 for one in differences)
    several = longer + shorter
    return erfc(abs(longer - shorter) / sqrt(2 * several)) if several else 1.0


def main() -> int:
    """Ask everything, and time ten thousand pairs."""
    everybody, since = tuple(VISITORS), time.monotonic()
    with own_site() as site:
        found = apart(_addresses, [(site.made, visitor) for visitor in everybody])
        good = tell("forbidden addresses", found, at_least=4_000, since=since)
        since = time.monotonic()
        searchers = [one for one in everybody if one != "administrator"]
        good &= tell("searches", prove_search(site, searchers), at_least=200, since=since)
        since = time.monotonic()
        good &= tell("pages of others' doings", prove_lists(site.made), at_least=2_000, since=since)
        times = time_pairs(site, everybody, PAIRS)
    say(f"time: {times}")
    return 0 if good and abs(times.median) < AT_MOST else 1


def _addresses(made: Made, visitor: str) -> Found:
    with another(made) as site:
        return prove_addresses(site, [visitor])


if __name__ == "__main__":
    sys.exit(main())
