"""Bulk signing: what an opinion costs when hundreds are signed in one act, beside one at a time."""

import secrets
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from statistics import median

from vetting.commands.bench_databases import Databases
from vetting.commands.bench_server import PRODUCT, serving
from vetting.commands.keep_alive import Clients, Request, Together
from vetting.commands.measure_signed_step import (
    all_in_one,
    count_signed,
    product_signature,
    verify_history,
)
from vetting.commands.signing_ground import Ground, prove_signers

LATEST = 300.0  # seconds
WARMING = 20


@dataclass(frozen=True)
class BulkSigning:
    """What was measured."""

    cost_over_single: float  # per opinion
    opinions: int
    seconds_for_all: float
    seconds_one_by_one: float


def measure_bulk_signing(  # where, what, how much, and who is told
    databases: Databases,
    prepared: str,
    ground: Ground,
    count: int,
    clients: Clients,
    *,
    folder: Path,
    tick: Callable[[int], None],
) -> BulkSigning:
    """Have pairs of bodies sign the same cases: one all at once, the other one by one.

    The last two bodies sign nothing, so that no case has all its replies and all weigh the same.
    """
    cases = ground.cases[:count]
    warming = ground.cases[count : count + WARMING]
    url = databases.copy(prepared, "bulk")
    taken: list[tuple[Together, Together]] = []
    signed = 0
    try:
        prove_signers(url, ground)
        with serving(PRODUCT, url, folder, secrets.token_urlsafe(32)) as port:
            sign = product_signature(port, ground)

            def run(requests: list[Request]) -> Together:
                return clients.run(port, [requests], LATEST)

            for half in (warming[0::2], warming[1::2]):  # so that each worker is likely warm
                run([sign(case[0]) for case in half])
                run([all_in_one(port, ground, [case[1] for case in half])])
                signed += 2 * len(half)
            for place in range(0, len(cases[0]) - 2, 2):
                one_by_one = [sign(case[place]) for case in cases]
                at_once = [all_in_one(port, ground, [case[place + 1] for case in cases])]
                if place % 4:
                    single, bulk = run(one_by_one), run(at_once)
                else:
                    bulk, single = run(at_once), run(one_by_one)
                taken.append((bulk, single))
                signed += len(cases) + single.answers
                tick(1)
        count_signed(url, signed)
        verify_history(url)
    finally:
        databases.drop(url)
    return BulkSigning(
        cost_over_single=round(
            median(_seconds(bulk) / _seconds(single) for bulk, single in taken), 4
        ),
        opinions=len(cases),
        seconds_for_all=round(median(_seconds(bulk) for bulk, _ in taken), 3),
        seconds_one_by_one=round(median(_seconds(single) for _, single in taken), 3),
    )


def _seconds(together: Together) -> float:
    return sum(wait for stint in together.stints for wait in stint.waits)
