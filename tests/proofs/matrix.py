"""The matrix: what the policy says and what the program answers, for everybody, everywhere.

A cell is one visitor, one method and one address. What is wanted is worked out from the policy and
the records before anything is asked: 403 where the role may not, 404 where what the address names
does not exist for the visitor, 405 where nothing takes the method, the door for whoever is not in;
else the view may answer. On the page of a case's history the very entries are wanted. Cells come
from the URL map: a route that is added is in the matrix.

`python -m tests.proofs.matrix` asks every cell, and then takes each line of the policy away, or
adds one, and demands that some cell differs. A sample goes over the wire to a server of several
processes on PostgreSQL.
"""

import random
import re
import sys
import tempfile
import time
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import cycle, islice
from pathlib import Path

from argon2.profiles import CHEAPEST
from werkzeug.exceptions import HTTPException

from tests.builders import definitions
from tests.house.province import VISITORS, Made, make_once, matter
from tests.house.site import NOBODY, Route, Site
from tests.house.test_policy_matrix import FORM_FIRST, HIDDEN_STILL, NARROWER
from tests.postgres import running_postgresql
from tests.proofs.edge import header_faults
from tests.proofs.mutants import NOT_MET, SECOND_WALLS, Mutant, every_mutant
from tests.proofs.outsiders import OUTSIDERS, admit_and_turn_out
from tests.proofs.running import CORES, Found, another, apart, changed, contents, tell, token_of
from tests.proofs.serving import Served, Wire, served
from vetting.engine.policy import (
    PERMITTED,
    Action,
    Relation,
    relation,
    relation_by_role,
    sees_entry,
)
from vetting.records.history import read_payload, with_payloads
from vetting.records.identity import Ids
from vetting.records.passwords import Passwords

METHODS = ("GET", "HEAD", "OPTIONS", "POST")
NEVER = ("PUT", "PATCH", "DELETE", "FOO")  # no page uses them; each address meets one
EVERYBODY = (*VISITORS, *OUTSIDERS, NOBODY)
AT_LEAST = 100_000
HISTORY = "cases.history"
LINE = re.compile(r'<p class="when"><time datetime="([^"]+)"')
FORM_TOKEN = re.compile(r'name="csrf_token"[^>]*value="([0-9a-f]{64})"')
TOLD = "case.notified"
SAMPLE, SEED = 1_500, 2026


@dataclass(frozen=True)
class Cell:
    """One question, and what the policy says to it; None where the view may answer."""

    visitor: str
    method: str
    address: str
    endpoint: str
    action: Action | None
    wanted: int | None
    lines: tuple[str, ...] | None = None  # the moments of the entries that a history may show

    def __str__(self) -> str:
        return f"{self.method} {self.address} of {self.visitor}"


@dataclass(frozen=True)
class Answer:
    """What came back, however it came."""

    status: int
    text: str


# ------------------------------------------------------------------ what is wanted


def cells_of(
    site: Site, visitor: str, methods: Sequence[str] = METHODS, never: Sequence[str] = NEVER
) -> Iterator[Cell]:
    """Every cell of a visitor."""
    router = site.app.url_map.bind("localhost")
    by_rule: dict[str, dict[str, Route]] = {}
    for route in site.routes():
        by_rule.setdefault(route.rule.rule, {})[route.method] = route
    turns = cycle(never)
    for routes in by_rule.values():
        first, address = next(iter(routes.values())), ""
        for filled in first.filled(site.province):
            address = first.address(filled)
            for method in (*methods, *islice(turns, 1)):
                route = _taking(router, routes, address, method)
                if route is not None and route.endpoint == "sign_in.leave" and method == "POST":
                    continue  # whoever leaves cannot be asked anything more
                yield _cell(site, visitor, method, address, route, filled)
        nowhere = f"{address}/no/where"
        if not _leads(router, nowhere):
            yield Cell(visitor, "GET", nowhere, "", None, 404)


def _taking(router, routes: Mapping[str, Route], address: str, method: str) -> Route | None:
    """The route that takes a method at an address, if one does."""
    if method == "HEAD":
        return routes.get("GET")
    if method == "OPTIONS":
        endpoint = router.match(address, method="OPTIONS")[0]
        return next((one for one in routes.values() if one.endpoint == endpoint), None)
    return routes.get(method)


def _leads(router, address: str) -> bool:
    try:
        router.match(address)
    except HTTPException as error:
        return error.code != 404
    return True


def _cell(site, visitor, method, address, route: Route | None, filled) -> Cell:
    if route is None:
        return Cell(visitor, method, address, "", None, 405)
    wanted = wanted_of(site, visitor, method, route, filled)
    lines = None
    if route.endpoint == HISTORY and method == "GET" and wanted is None:
        lines = lines_of(site, visitor, str(filled["handle"]))
    return Cell(visitor, method, address, route.endpoint, route.action, wanted, lines)


def wanted_of(site: Site, visitor: str, method: str, route: Route, filled) -> int | None:
    """The status that the policy demands, or None where the view may answer."""
    if visitor not in VISITORS:
        if route.action is Action.OPEN:
            return None
        return 303 if method in {"GET", "HEAD"} else 401
    role = site.role(visitor)
    if role not in PERMITTED[route.action]:
        return 403
    if method == "OPTIONS":
        return None
    if (route.endpoint, role) in NARROWER:
        return 403
    return site.concerns.wanted(visitor, route, filled)


def lines_of(site: Site, visitor: str, case: str) -> tuple[str, ...]:
    """The moments of the entries that a visitor may know of, by the policy and the records."""
    principal = site.principal(visitor)
    with site.database.reading() as connection:
        about = matter(connection, case)
        rows = list(with_payloads(connection, case))
    seen_as = relation(principal, about)
    if seen_as is Relation.EMERGENCY:
        seen_as = relation_by_role(principal, about)
    told = any(row["verb"] == TOLD for row in rows)
    knows = told if seen_as in {Relation.UNIT, Relation.ASKED} else seen_as is not Relation.NONE
    outcomes = telling_facts(site.province.types[case])
    return tuple(
        row["at"]
        for row in rows
        if sees_entry(seen_as, principal.organisation, row["verb"], row["body"])
        and (
            knows
            or row["verb"] != "fact.recorded"
            or read_payload(row["content"])["name"] not in outcomes
        )
    )


def telling_facts(case_type: str) -> set[str]:
    """The dated facts of a case type that give away an outcome."""
    definition = next(one for one in definitions() if one.case_type == case_type)
    by_name = definition.fact_by_name
    return {
        name
        for name, fact in by_name.items()
        if fact.outcomes or any(by_name[one].outcomes for one in fact.after)
    }


# ------------------------------------------------------------------ what is answered


def differs(cell: Cell, answer: Answer) -> str | None:
    """What an answer is instead of what is wanted."""
    status = answer.status
    if cell.wanted is not None:
        first = cell.endpoint in FORM_FIRST and cell.method == "POST" and cell.wanted == 404
        if status == cell.wanted or (first and status == 422):
            return None
        return f"{status}, the policy says {cell.wanted}"
    if cell.visitor in VISITORS and (
        status in {401, 403, 405}
        or status >= 500
        or (status == 404 and cell.endpoint not in HIDDEN_STILL)
    ):
        return f"{status}, the policy says it is theirs"
    if cell.lines is not None and (seen := tuple(LINE.findall(answer.text))) != cell.lines:
        return f"{len(seen)} entries, the policy shows {len(cell.lines)}"
    return None


def told_with(cell: Cell, token: str, *, bare: bool = False) -> dict[str, str]:
    """What a form carries: whoever may act is told what is missing, nobody else gets so far."""
    told = {"csrf_token": token}
    if cell.wanted is not None and not bare:
        told |= {"key": "k" * 22, "seen": "1", "reason": "Nội dung", "cases": "A" * 22}
    return told


@dataclass
class Asked:
    """A site to ask, with the tokens of everybody's forms."""

    site: Site
    tokens: dict[str, str]
    faults: list[str]

    def __call__(self, cell: Cell, *, bare: bool = False) -> Answer:
        told = told_with(cell, self.tokens[cell.visitor], bare=bare)
        answer = self.site.browser(cell.visitor).open(
            cell.address, method=cell.method, data=told if cell.method == "POST" else None
        )
        self.faults += [f"{cell}: {fault}" for fault in header_faults(answer)]
        return Answer(answer.status_code, answer.text if cell.lines is not None else "")


def with_outsiders(site: Site) -> Asked:
    """Give the site the browsers of those whose sessions are over."""
    ids = Ids(lambda: site.now)
    for name, token in admit_and_turn_out(site.database, Passwords(CHEAPEST), ids).items():
        browser = site.browsers[name] = site.app.test_client()
        browser.set_cookie("officer", token)
    tokens = {visitor: token_of(site, visitor) for visitor in (*VISITORS, NOBODY)}
    return Asked(site, tokens | dict.fromkeys(OUTSIDERS, "x" * 64), [])


def prove(asked: Asked, cells: Iterable[Cell]) -> Found:
    """Ask cells; nothing may differ, nothing may be done, and every answer has its headers."""
    found, before = Found(), contents(asked.site)
    for cell in cells:
        found.tried += 1
        if wrong := differs(cell, asked(cell)):
            found.wrong.append(f"{cell}: {wrong}")
    found.wrong += asked.faults
    done = changed(before, contents(asked.site))
    found.wrong += [f"what is refused has changed {table}" for table in done]
    return found


def prove_visitor(made: Made, visitor: str) -> Found:
    """Ask every cell of one visitor."""
    with another(made) as site:
        asked = with_outsiders(site)
        return prove(asked, cells_of(site, visitor))


# ------------------------------------------------------------------ with another policy


def survivors(asked: Asked, cells: Sequence[Cell], mutants: Iterable[Mutant]) -> Found:
    """Live with each mutant until some cell differs; name those with which none does."""
    found = Found()
    for mutant in mutants:
        found.tried += 1
        with mutant.live():
            seen = any(differs(cell, asked(cell, bare=True)) for cell in _telling_of(mutant, cells))
        if seen == (mutant.name in SECOND_WALLS.keys() | NOT_MET.keys()):
            found.wrong.append(f"{'a' if seen else 'no'} cell differs: {mutant.name}")
    return found


def _telling_of(mutant: Mutant, cells: Sequence[Cell]) -> Iterator[Cell]:
    """The cells that could tell, the likeliest first."""
    if mutant.action is None:
        yield from (cell for cell in cells if cell.lines is not None)
        yield from (cell for cell in cells if cell.endpoint in PLAIN and cell.lines is None)
        return
    yield from (
        cell
        for cell in cells
        if cell.action is mutant.action
        and cell.visitor in VISITORS
        and VISITORS[cell.visitor][0] is mutant.role
    )


PLAIN = {"cases.show", HISTORY}  # pages of a case that ask for nothing but the case


def cells_for_mutants(site: Site) -> list[Cell]:
    """Everything that reads or acts, of all who have a session."""
    return [
        cell
        for visitor in VISITORS
        for cell in cells_of(site, visitor, ("GET", "POST"), ())
        if cell.endpoint and cell.wanted != 405
    ]


def prove_policy_is_seen(made: Made, mutants: Sequence[str]) -> Found:
    """Live with the named mutants on a site of one's own."""
    with another(made) as site:
        asked = Asked(site, {visitor: token_of(site, visitor) for visitor in VISITORS}, [])
        cells = cells_for_mutants(site)
        chosen = [mutant for mutant in every_mutant() if mutant.name in set(mutants)]
        return survivors(asked, cells, chosen)


# ------------------------------------------------------------------ over the wire


def prove_served(made: Made, served: Served, how_many: int, seed: int) -> Found:
    """Ask a sample of the cells of a server of several processes, on another database."""
    with another(made) as site:
        cells = [cell for visitor in EVERYBODY for cell in cells_of(site, visitor)]
    lot = random.Random(seed)  # noqa: S311  # a sample, no secret
    histories = [cell for cell in cells if cell.lines is not None]
    chosen = lot.sample(cells, how_many) + lot.sample(histories, how_many // 20)
    tokens = {**served.province.tokens, NOBODY: ""}
    tokens |= admit_and_turn_out(served.database, Passwords(CHEAPEST), Ids())
    if served.province.cases != made.province.cases:
        raise AssertionError("the two databases do not hold the same province")
    wire, found, forms = Wire(served.port), Found(), {}
    for visitor in VISITORS:
        page = wire.ask("GET", "/help", token=tokens[visitor])
        forms[visitor] = FORM_TOKEN.findall(page.text)[0]
    for cell in chosen:
        told = told_with(cell, forms.get(cell.visitor, "x")) if cell.method == "POST" else None
        reply = wire.ask(cell.method, cell.address, token=tokens[cell.visitor], told=told)
        found.tried += 1
        answer = Answer(reply.status, reply.text)
        if wrong := differs(cell, answer):
            found.wrong.append(f"{cell}: {wrong}")
    wire.close()
    return found


def main() -> int:
    """Ask everything, change everything, and ask a sample over the wire."""
    with tempfile.TemporaryDirectory() as folder:
        made, since = make_once(Path(folder)), time.monotonic()
        names = [mutant.name for mutant in every_mutant()]
        halves = [(made, names[place::CORES]) for place in range(CORES)]
        found = apart(prove_policy_is_seen, halves)
        good = tell("policies that differ in one line", found, at_least=len(names), since=since)
        since = time.monotonic()
        with running_postgresql(durable=False) as url, served(url, Path(folder)) as there:
            found = prove_served(made, there, SAMPLE, SEED)
        good &= tell("matrix over the wire", found, at_least=SAMPLE, since=since)
        since = time.monotonic()
        found = apart(prove_visitor, [(made, visitor) for visitor in EVERYBODY])
        good &= tell("matrix", found, at_least=AT_LEAST, since=since)
    return 0 if good else 1


if __name__ == "__main__":
    sys.exit(main())
