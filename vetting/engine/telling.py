"""Telling: what the history says should have been told, and to whom. Pure.

An entry is the truth; a notice is only what came of it. So the two can be laid side by side: for
every entry that a workflow wants told there has to be a notice, and every notice has to be for
somebody.
"""

from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import NamedTuple

from vetting.engine.definition import Definition
from vetting.engine.notices import EMERGENCY, REQUEST_ANSWERED, REQUEST_RECORDED
from vetting.engine.sentences import mark
from vetting.engine.vocabulary import Named

# By what the history keeps of a move that somebody can be told of.
MOVE_OF_VERB: Mapping[str, str] = {
    "case.filed": "file",
    "case.returned": "return",
    "case.consulted": "consult",
    "case.replies_complete": "replies_complete",
    "case.submitted": "submit",
    "case.concluded": "conclude",
    "case.notified": "notify",
    "case.withdrawn": "withdraw",
    "opinion.signed": "sign",
    "consultation.taken_back": "take_back",
}
# What a candidate asks is told of in every workflow alike.
REQUESTS: Mapping[str, str] = {
    "request.recorded": REQUEST_RECORDED,
    "request.answered": REQUEST_ANSWERED,
    "request.refused": REQUEST_ANSWERED,
}
ASKED = "body.asked"  # says which bodies a turn was for


class Why(Named):
    """In what way something was not told."""

    NOT_WRITTEN = "not_written", mark("no notice was written")
    FOR_NOBODY = "for_nobody", mark("nobody there could be told")


@dataclass(frozen=True)
class Happened:
    """An entry, or an emergency access, as far as it matters for who is told."""

    case: str
    verb: str
    at: str
    unit: str
    authority: str | None
    body: str | None = None  # the body that it is about
    submission: str | None = None  # of a case filed in a list: the list is told of once
    definition: Definition | None = None  # the workflow that says who is told


class Notice(NamedTuple):
    """A notice: of a case or a list, on what, to whom, when."""

    of: str
    on: str
    organisation: str
    at: str


def due(  # noqa: C901  # one branch a kind of what happened
    happened: Iterable[Happened],
    consulting: Definition,
    coordinator: str,
    overseers: Collection[str],
) -> Iterator[Notice]:
    """Yield every notice that should be there; *happened* holds each act whole."""
    happened = list(happened)
    asked: dict[tuple[str, str], list[str]] = {}
    for one in happened:
        if one.verb == ASKED and one.body is not None:
            asked.setdefault((one.case, one.at), []).append(one.body)
    for one in happened:
        if one.verb == EMERGENCY:
            for organisation in sorted({one.unit, coordinator, *overseers}):
                yield Notice(one.case, EMERGENCY, organisation, one.at)
            continue
        if one.verb in REQUESTS:
            yield _of_a_request(one, coordinator)
            continue
        on = MOVE_OF_VERB.get(one.verb)
        machine = one.definition if one.body is None else consulting
        if on is None or machine is None:
            continue
        for notice in machine.notices:
            if notice.on != on:
                continue
            of = one.submission if on == "file" and one.submission else one.case
            for organisation in _told(one, notice.to, asked, coordinator):
                yield Notice(of, on, organisation, one.at)


def _of_a_request(one: Happened, coordinator: str) -> Notice:
    on = REQUESTS[one.verb]
    return Notice(one.case, on, coordinator if on == REQUEST_RECORDED else one.unit, one.at)


def _told(
    one: Happened, to: str, asked: Mapping[tuple[str, str], list[str]], coordinator: str
) -> list[str]:
    match to:
        case "unit":
            return [one.unit]
        case "board":
            return [coordinator]
        case "authority" if one.authority is not None:
            return [one.authority]
        case "bodies":
            return asked.get((one.case, one.at), [])
        case "body" if one.body is not None:
            return [one.body]
        case _:
            return []
