"""Telling: what the history says should have been told, and to whom. Pure.

An entry is the truth; a notice is only what came of it. So the two can be laid side by side: for
every entry that a workflow wants told there has to be a notice, and every notice has to be for
somebody.
"""

from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import NamedTuple

from vetting.engine.definition import Definition
from vetting.engine.notices import (
    CONFLICT_WAITING,
    EMERGENCY,
    REQUEST_ANSWERED,
    REQUEST_RECORDED,
    RESTRICTED,
)
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
# Told whatever the workflow says: on what, and to whom. Who asks is answered, and hears of it.
TOLD_ALWAYS: Mapping[str, tuple[str, str]] = {
    "body.added": ("body_added", "body"),
    "time.asked": ("time_asked", "board"),
    "time.granted": ("time_granted", "body"),
    "time.refused": ("time_refused", "body"),
    "time.moved": ("time_moved", "body"),
    "questions.put": ("questions_put", "unit"),
    "questions.answered": ("questions_answered", "board"),
    "questions.closed": ("questions_closed", "unit"),
    "answer.shown": ("answer_shown", "body"),
    "clarification.asked": ("clarification_asked", "board"),
    "clarification.declined": ("clarification_declined", "body"),
    # What a candidate asks about their own data.
    "request.recorded": (REQUEST_RECORDED, "board"),
    "request.answered": (REQUEST_ANSWERED, "unit"),
    "request.refused": (REQUEST_ANSWERED, "unit"),
}
ASKED = "body.asked"  # says which bodies a turn was for
# What was signed and known to others is signed otherwise: whoever had it is told.
CONCLUSION_AMENDED, OPINION_AMENDED = "conclusion_amended", "opinion_amended"
DRAFTED = "amendment_drafted"  # a signer is needed
RELEASED = "amendment_released"  # somebody whose name was under it has stepped aside
# That a record is to be destroyed: to whoever can agree, and what was said, and that it is gone.
DISPOSAL_ASKED, DISPOSAL_ANSWERED = "disposal_asked", "disposal_answered"
DISPOSAL_DONE = "disposal_done"
TOLD_APART: Mapping[str, str] = {
    "disposal.asked": DISPOSAL_ASKED,
    "disposal.refused": DISPOSAL_ANSWERED,
    "disposal.approved": DISPOSAL_ANSWERED,
    "conclusion.amended": CONCLUSION_AMENDED,
    "opinion.amended": OPINION_AMENDED,
    "amendment.drafted": DRAFTED,
    "consultation.released": RELEASED,  # of an answered question, which it is about then
    # Nobody hides a case from whoever supervises: each is told that there is one.
    "case.restricted": RESTRICTED,
    # Somebody has to be appointed: whoever can see to it is told at once.
    "conflict.declared_waiting": CONFLICT_WAITING,
}


class Why(Named):
    """In what way something was not told."""

    NOT_WRITTEN = "not_written", mark("no notice was written")
    FOR_NOBODY = "for_nobody", mark("the notice names nobody there")


class Happened(NamedTuple):
    """An entry, or an emergency access, as far as it matters for who is told."""

    case: str
    verb: str
    at: str
    unit: str
    authority: str | None
    body: str | None = None  # the body that it is about
    submission: str | None = None  # of a case filed in a list: the list is told of once
    definition: Definition | None = None  # the workflow that says who is told
    had: "Had | None" = None  # who had what was amended


@dataclass(frozen=True)
class Had:
    """Who had something that was signed, when it was signed otherwise."""

    unit: str
    coordinator: str
    authority: str | None
    overseers: tuple[str, ...]
    bodies: tuple[str, ...]  # asked, and not released
    told: bool  # the unit was notified of the outcome
    submitted: bool  # the authority has the case
    body: str | None = None  # whose opinion it is; none: it is the conclusion

    def audiences(self) -> Iterator[tuple[str, str]]:
        """Yield each organisation that is told, and as what."""
        yield "board", self.coordinator
        if self.authority is not None and (self.submitted or self.body is None):
            yield "authority", self.authority
        for overseer in self.overseers:
            yield "overseer", overseer
        if self.body is not None:
            yield "body", self.body
        elif self.told:
            yield "unit", self.unit
            for body in sorted(set(self.bodies)):
                yield "bodies", body


class Notice(NamedTuple):
    """A notice: of a case or a list, on what, to whom, when."""

    of: str
    on: str
    organisation: str
    at: str


def due(  # one branch a kind of what happened
    happened: Iterable[Happened],
    consulting: Definition,
    coordinator: str,
    overseers: Collection[str],
) -> Iterator[Notice]:
    """Yield every notice that should be there; *happened* holds each act whole."""
    happened = list(happened)
    asked: dict[tuple[str, str], list[str]] = {}
    wanted: dict[tuple[str, bool, int], list[tuple[str, str]]] = {}  # the same of many entries
    for one in happened:
        if one.verb == ASKED and one.body is not None:
            asked.setdefault((one.case, one.at), []).append(one.body)
    for one in happened:
        if one.verb in {EMERGENCY, *TOLD_APART}:
            yield from _due_apart(one, coordinator, overseers)
            continue
        alike = one.verb, one.body is None, id(one.definition)
        if alike not in wanted:
            wanted[alike] = _wanted(one, consulting)
        for on, to in wanted[alike]:
            of = one.submission if on == "file" and one.submission else one.case
            for organisation in _told(one, to, asked, coordinator):
                yield Notice(of, on, organisation, one.at)


def _due_apart(one: Happened, coordinator: str, overseers: Collection[str]) -> Iterator[Notice]:
    """Yield the notices of what no workflow has to name."""
    organisations: Iterable[str] = ()
    if one.verb == EMERGENCY:
        organisations = sorted({one.unit, coordinator, *overseers})
    elif one.verb in {"disposal.asked", "case.restricted"}:
        organisations = sorted(overseers)
    elif one.verb == "conflict.declared_waiting":
        organisations = sorted({coordinator, *overseers, *([one.body] if one.body else [])})
    elif TOLD_APART[one.verb] == DISPOSAL_ANSWERED:
        organisations = [coordinator]
    elif one.had is not None:
        organisations = [organisation for _, organisation in one.had.audiences()]
    elif one.body is not None:
        organisations = [one.body]
    for organisation in organisations:
        yield Notice(one.case, TOLD_APART.get(one.verb, one.verb), organisation, one.at)


def _wanted(one: Happened, consulting: Definition) -> list[tuple[str, str]]:
    """Return on what and to whom an act is told: always, or as its workflow says."""
    if one.verb in TOLD_ALWAYS:
        return [TOLD_ALWAYS[one.verb]]
    on = MOVE_OF_VERB.get(one.verb)
    machine = one.definition if one.body is None else consulting
    notices = machine.notices if machine is not None else ()
    return [(notice.on, notice.to) for notice in notices if notice.on == on]


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
