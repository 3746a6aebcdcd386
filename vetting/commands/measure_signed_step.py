"""The signed step: what one signature costs over HTTP, beside a bare view that does its rows.

Product and floor take turns in short rounds on copies of one database, under the same server, sent
to by the same clients. The ratio of the two is taken within a round; of all rounds the median.
"""

import re
import secrets
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from functools import partial
from itertools import chain
from pathlib import Path
from statistics import median
from urllib.parse import urlencode

from sqlalchemy import func, select

from vetting.commands.bench_databases import Databases
from vetting.commands.bench_server import FLOOR, PRODUCT, serving
from vetting.commands.keep_alive import Clients, Line, Request, Together, request
from vetting.commands.signing_ground import Ground, Ready, Signer, prove_signers
from vetting.queries.history_check import check_history
from vetting.records.consultations import consultations, opinions
from vetting.records.database import Database
from vetting.records.standing import Purpose

TOKEN = re.compile(rb'name="csrf_token"[^>]*value="([^"]+)"')
APART = 5  # cases between one client and the next, so that a case is shared, and at times contended

Sign = Callable[[Ready], Request]
Cases = Sequence[Sequence[Ready]]


@dataclass(frozen=True)
class Size:
    """How much is signed: cases a round, by the number of clients; each has a draft a body."""

    rounds: int
    cases: dict[int, int]
    warming: int
    seconds: float

    @property
    def all_cases(self) -> int:
        """How many cases are needed."""
        return self.warming + self.rounds * sum(self.cases.values())


@dataclass(frozen=True)
class SignedStep:
    """What was measured with a number of clients."""

    ratio: float  # of the floor's rate
    per_second: float
    p95_ms: float
    slowest_over_fastest_client: float
    floor_per_second: float
    floor_p95_ms: float


@dataclass(frozen=True)
class Side:
    """The product or the floor: where it is served, and how a signature is asked of it."""

    port: int
    sign: Sign


def measure_signed_step(  # where, what, how much, and who is told
    databases: Databases,
    prepared: str,
    ground: Ground,
    size: Size,
    clients: Clients,
    *,
    folder: Path,
    tick: Callable[[int], None],
) -> dict[str, SignedStep]:
    """Measure on two copies of a prepared database; by the number of clients."""
    urls = [databases.copy(prepared, "product"), databases.copy(prepared, "floor")]
    secret = secrets.token_urlsafe(32)
    try:
        prove_signers(urls[0], ground)
        with ExitStack() as stack:
            ports = [
                stack.enter_context(serving(target, url, folder, secret))
                for target, url in zip((PRODUCT, FLOOR), urls, strict=True)
            ]
            sides = (
                Side(ports[0], product_signature(ports[0], ground)),
                Side(ports[1], floor_signature(ports[1], ground)),
            )
            left = iter(ground.cases)
            signed = [0, 0]
            runs = _runs(sides, size, clients, left, signed, tick)
        for url, count in zip(urls, signed, strict=True):
            count_signed(url, count)
        verify_history(urls[0])
    finally:
        for url in urls:
            databases.drop(url)
    return {str(count): _measured(taken) for count, taken in runs.items()}


def product_signature(port: int, ground: Ground) -> Sign:
    """Return how the form on a consultation's page is sent, by the signer of its body."""
    tokens = {
        signer.body: (_cookie(signer), _form_token(port, signer, ground))
        for signer in ground.signers
    }

    def sign(ready: Ready) -> Request:
        cookie, token = tokens[ready.body]
        body = {
            "csrf_token": token,
            "key": secrets.token_urlsafe(16),
            "seen": ready.version,
            "text": ready.text,
        }
        return _post(port, f"/consultations/{ready.consultation}", body, cookie)

    return sign


def floor_signature(port: int, ground: Ground) -> Sign:
    """Return how the floor is told what it does not look up."""
    signers = {signer.body: signer for signer in ground.signers}

    def sign(ready: Ready) -> Request:
        signer = signers[ready.body]
        body = {
            "key": secrets.token_urlsafe(16),
            "text": ready.text,
            "officer": signer.officer,
            "body": signer.body,
            "session": signer.session,
            "board": ground.board,
        }
        return _post(port, f"/consultations/{ready.consultation}", body)

    return sign


def all_in_one(port: int, ground: Ground, drafts: Sequence[Ready]) -> Request:
    """Return the form that signs many drafts of one body in one act."""
    [signer] = [one for one in ground.signers if one.body == drafts[0].body]
    body = [
        ("csrf_token", _form_token(port, signer, ground)),
        ("key", secrets.token_urlsafe(16)),
        *(("texts", f"{ready.consultation}:{ready.text}") for ready in drafts),
    ]
    key = dict(body)["key"]
    return request(
        port,
        "POST",
        "/to-sign/sign",
        body=urlencode(body).encode(),
        cookie=_cookie(signer),
        location=f"/inbox/results/{key}",
    )


def _post(port: int, page: str, body: Mapping[str, object], cookie: str = "") -> Request:
    content = urlencode(body).encode()
    return request(port, "POST", f"{page}/sign", body=content, cookie=cookie, location=page)


def _cookie(signer: Signer) -> str:
    return f"officer={signer.token}"


def _form_token(port: int, signer: Signer, ground: Ground) -> str:
    """Return the token of a session's forms, from the page of a draft."""
    ready = next(one for one in ground.cases[-1] if one.body == signer.body)
    page = f"/consultations/{ready.consultation}"
    with Line(port) as line:
        _, content = line.exchange(request(port, "GET", page, cookie=_cookie(signer)).sent)
    found = TOKEN.search(content)
    if found is None:
        raise RuntimeError(f"there is no form on {page}: {content[:500]!r}")
    return found[1].decode()


def _runs(
    sides: Sequence[Side],
    size: Size,
    clients: Clients,
    left: Iterator[Sequence[Ready]],
    signed: list[int],
    tick: Callable[[int], None],
) -> dict[int, list[tuple[Together, Together]]]:
    """Let product and floor take turns, and count what each has signed."""
    most = max(size.cases)
    warming = [next(left) for _ in range(size.warming)]
    work = partial(_shared_out, warming, most)
    _both(sides, clients, work, size.seconds, signed, floor_first=False)
    runs: dict[int, list[tuple[Together, Together]]] = {count: [] for count in size.cases}
    for turn in range(size.rounds):
        for count, cases in size.cases.items():
            block = [next(left) for _ in range(cases)]
            work = partial(_shared_out, block, count)
            runs[count].append(
                _both(sides, clients, work, size.seconds, signed, floor_first=turn % 2 == 1)
            )
            tick(1)
    return runs


def _both(
    sides: Sequence[Side],
    clients: Clients,
    work: Callable[[], Sequence[Sequence[Ready]]],
    seconds: float,
    signed: list[int],
    *,
    floor_first: bool,
) -> tuple[Together, Together]:
    taken = [
        clients.run(side.port, [list(map(side.sign, one)) for one in work()], seconds)
        for side in (reversed(sides) if floor_first else sides)
    ]
    product, floor = reversed(taken) if floor_first else taken
    signed[0] += product.answers
    signed[1] += floor.answers
    return product, floor


def _shared_out(cases: Cases, count: int) -> Sequence[Sequence[Ready]]:
    """Share drafts out: all to one client, case by case, or each body's to a client of its own."""
    if count == 1:
        return [list(chain.from_iterable(cases))]
    bodies = [[case[place] for case in cases] for place in range(len(cases[0]))]
    ways = [
        body[place * APART % len(body) :] + body[: place * APART % len(body)]
        for place, body in enumerate(bodies)
    ]
    shared: list[list[Ready]] = [[] for _ in range(count)]
    for place, way in enumerate(ways):
        shared[place % count] += way
    return [one for one in shared if one]


def _measured(taken: Sequence[tuple[Together, Together]]) -> SignedStep:
    return SignedStep(
        ratio=round(median(product.per_second / floor.per_second for product, floor in taken), 3),
        per_second=round(median(product.per_second for product, _ in taken), 1),
        p95_ms=round(median(product.p95_ms for product, _ in taken), 2),
        slowest_over_fastest_client=round(
            median(product.slowest_over_fastest for product, _ in taken), 3
        ),
        floor_per_second=round(median(floor.per_second for _, floor in taken), 1),
        floor_p95_ms=round(median(floor.p95_ms for _, floor in taken), 2),
    )


def count_signed(url: str, signed: int) -> None:
    """Stop unless every signature that was answered for is in the database, and no other."""
    database = Database(url, purpose=Purpose.COMMAND)
    with database.reading() as connection:
        kept = connection.scalar(select(func.count()).select_from(opinions))
        stands = connection.scalar(select(func.count()).where(consultations.c.state == "signed"))
    database.close()
    if not kept == stands == signed:
        raise RuntimeError(f"{signed} answers, {kept} opinions, {stands} consultations signed")


def verify_history(url: str) -> None:
    """Stop unless the history of what the product signed holds."""
    database = Database(url, purpose=Purpose.COMMAND)
    with database.reading() as connection:
        holds = check_history(connection).holds
    database.close()
    if not holds:
        raise RuntimeError("the history of what was signed does not hold")
