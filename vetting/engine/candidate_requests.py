"""What a candidate may ask about their own data: kinds, clocks, and what may be withheld. Pure.

The candidate has no log-in: they write to their unit or to the Board, and an officer records it.
How long an answer may take, on what ground one may be refused and which part of the package may be
withheld stands in rules of their own (`workflows/candidate_requests/`), version by version. Where
the rules say nothing there is no deadline and no ground that is known beforehand.
"""

import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import date, timedelta
from pathlib import Path
from typing import Literal

from pydantic import Field, ValidationError

from vetting.engine.calendar import Calendar, written
from vetting.engine.casefile import CandidateRequest, CaseFile
from vetting.engine.deadlines import Derived, Known, Standing, derive_span, moved_to
from vetting.engine.definition import LONGEST, Deadline, Definition, FactField, Part, Title
from vetting.engine.problem import BadDefinition, Problem
from vetting.engine.record import REFERENCE
from vetting.engine.sentences import Sentence, mark, say
from vetting.engine.vocabulary import Named

FOLDER = "candidate_requests"
NAMED = "request"  # how the name of a deadline begins that is a request's


class RequestKind(Named):
    """What a candidate asks for."""

    KNOW = "know", mark("To be told what is done with their data")
    VIEW = "view", mark("To view their data")
    COPY = "copy", mark("To be given a copy of their data")
    CORRECT = "correct", mark("To have their data corrected")
    ERASE = "erase", mark("To have their data erased")
    RESTRICT = "restrict", mark("To have the processing of their data restricted")
    STOP = "stop", mark("To have the processing of their data stopped")
    WITHDRAW = "withdraw", mark("To withdraw consent")
    OBJECT = "object", mark("To object to the processing of their data")
    PROTECT = "protect", mark("To have their data protected")
    COMPLAIN = "complain", mark("To complain")


# With the answer to these goes what is on record about the candidate.
GIVES_DATA = frozenset({RequestKind.KNOW, RequestKind.VIEW, RequestKind.COPY})


class RequestStanding(Named):
    """Where a request stands."""

    RECORDED = "recorded", mark("recorded")
    ACKNOWLEDGED = "acknowledged", mark("acknowledged")
    PREPARED = "prepared", mark("waits for a second person")
    AGREED = "agreed", mark("agreed to, not handed over yet")
    ANSWERED = "answered", mark("answered")
    REFUSED = "refused", mark("refused")


class Way(Named):
    """What somebody prepares for a second person to look at."""

    ANSWER = "answer", mark("Answer it")
    REFUSE = "refuse", mark("Refuse it")
    EXTEND = "extend", mark("Extend the time for the answer")


class Manner(Named):
    """How a package is handed over."""

    IN_PERSON = "in_person", mark("In person, against a signature")
    POST = "post", mark("By post, with a receipt")
    OTHERWISE = "otherwise", mark("In another way, as the receipt says")


class Clock(Deadline):
    """How long one step of an answer may take, and for which kinds of requests."""

    name: Literal["reply", "answer"]
    title: Title
    kinds: tuple[RequestKind, ...] = Field(min_length=1)
    text: Title  # what the rule says
    extended_once: bool = False  # to a day that is named: how long it may be is not in the rule


class Ground(Part):
    """A ground in law on which requests of some kinds may be refused."""

    title: Title
    kinds: tuple[RequestKind, ...] = Field(min_length=1)
    basis: str = Field(min_length=1)


class Withholding(Part):
    """A part of the package that a rule says is withheld."""

    part: str = Field(min_length=1)
    title: Title
    basis: str = Field(min_length=1)


class RequestRules(Part):
    """One version of the rules on what candidates ask; a request keeps the one it began under."""

    version: int = Field(gt=0)
    valid_from: date
    title: Title
    clocks: tuple[Clock, ...] = ()
    grounds: tuple[Ground, ...] = ()
    withholdings: tuple[Withholding, ...] = ()

    def clocks_of(self, kind: str) -> tuple[Clock, ...]:
        """Return the clocks that run for a kind; for some none was found."""
        return tuple(clock for clock in self.clocks if kind in clock.kinds)

    def answer_clock(self, kind: str) -> Clock | None:
        """Return the clock of the answer itself."""
        return next((one for one in self.clocks_of(kind) if one.name == "answer"), None)

    def grounds_of(self, kind: str) -> tuple[Ground, ...]:
        """Return the grounds on which requests of a kind may be refused."""
        return tuple(ground for ground in self.grounds if kind in ground.kinds)

    def withheld(self, part: str) -> Withholding | None:
        """Return the rule by which a part of the package is withheld, if there is one."""
        return next((one for one in self.withholdings if one.part == part), None)


NO_RULES = RequestRules(
    version=1, valid_from=date(1, 1, 1), title=Title(vi="Chưa có quy định", en="No rules")
)


def read_request_rules(folder: Path) -> dict[int, RequestRules]:
    """Return every version of the rules in the folder of workflows; *folder* may have none."""
    found: dict[int, RequestRules] = {}
    for file in sorted((folder / FOLDER).glob("rules-v*.toml")):
        where = file.relative_to(folder).as_posix()
        try:
            rules = RequestRules.model_validate(tomllib.loads(file.read_text(encoding="utf-8")))
        except (tomllib.TOMLDecodeError, UnicodeDecodeError, ValidationError) as wrong:
            raise BadDefinition(
                [
                    Problem(
                        where,
                        "",
                        say("This cannot be read: %(why)s.", why=str(wrong)),
                        say("Write a value of the kind that belongs here."),
                    )
                ]
            ) from None
        if file.stem != f"rules-v{rules.version}":
            raise BadDefinition(
                [
                    Problem(
                        where,
                        "version",
                        say("The file’s path names another workflow or version than the file."),
                        say("Put it at %(path)s, or write what the path says.", path=file.name),
                    )
                ]
            )
        found[rules.version] = rules
    return found


def current_rules(rules: Mapping[int, RequestRules], on: date) -> RequestRules:
    """Return the version under which a request that comes on a day begins."""
    valid = [one for one in rules.values() if one.valid_from <= on]
    return max(valid, key=lambda one: one.version) if valid else NO_RULES


def standing_of(request: CandidateRequest) -> RequestStanding:
    """Return where a request stands."""
    if request.ended is not None and request.waits:
        return RequestStanding.AGREED
    if request.ended is not None:
        return RequestStanding.ANSWERED if request.granted else RequestStanding.REFUSED
    if request.prepared is not None:
        return RequestStanding.PREPARED
    if request.acknowledged is not None:
        return RequestStanding.ACKNOWLEDGED
    return RequestStanding.RECORDED


# ------------------------------------------------------------------ the clock


def derive_requests(
    rules: Mapping[int, RequestRules],
    case: CaseFile,
    *,
    today: date | None,
    calendar: Calendar | None,
    settled: Mapping[str, Calendar] | None = None,
) -> tuple[Derived, ...]:
    """Return the deadlines of all that a candidate asked in a case, in the order it came."""
    known = Known(case=case, today=today, calendar=calendar, settled=settled or {})
    return tuple(
        _derived(clock, request, known)
        for request in case.requests
        for clock in rules.get(request.rules, NO_RULES).clocks_of(request.kind)
    )


def _derived(clock: Clock, request: CandidateRequest, known: Known) -> Derived:
    met_on = request.ended_on
    if clock.name == "reply" and request.acknowledged_on is not None:
        met_on = request.acknowledged_on
    derived = derive_span(
        clock,
        known,
        name=name_of_clock(request.number, clock.name),
        title=_numbered(clock.title, request.number),
        starts=say("the day the candidate’s request came"),
        begins=date.fromisoformat(request.came_on),
        met_on=date.fromisoformat(met_on) if met_on else None,
    )
    if clock.name == "reply" and request.acknowledged_on is None and derived.met:
        # An answer leaves nothing to acknowledge; that somebody did is not said.
        late = derived.standing is Standing.MET_LATE
        return replace(derived, standing=Standing.OVERTAKEN_LATE if late else Standing.OVERTAKEN)
    if clock.name == "answer" and request.until is not None:
        return moved_to(derived, date.fromisoformat(request.until), known.today)
    return derived


def why_not_counted(
    rules: RequestRules, kind: str, came_on: date, calendar: Calendar | None
) -> Sentence | None:
    """Say why no clock could count from the day a request came, or None if each that runs can.

    Where no calendar was entered nothing is counted from any day, and none is refused for it.
    """
    if calendar is None or came_on >= calendar.first or not rules.clocks_of(kind):
        return None
    return say(
        "That day lies before the calendar begins, on %(day)s, so no time could be counted from "
        "it.",
        day=written(calendar.first),
    )


def name_of_clock(number: int, clock: str) -> str:
    """Return how a deadline of a request is called in addresses and entries."""
    return f"{NAMED}-{number}-{clock}"


def title_of_clock(name: str) -> Title | None:
    """Return the title of a request's deadline by its name, or None for any other deadline."""
    words = name.split("-")
    if len(words) != 3 or words[0] != NAMED or not words[1].isdigit():  # noqa: PLR2004
        return None
    titles = {
        "reply": Title(vi="Báo đã nhận yêu cầu", en="Reply that the request came"),
        "answer": Title(vi="Trả lời yêu cầu", en="Answer to the request"),
    }
    title = titles.get(words[2])
    return _numbered(title, int(words[1])) if title else None


def _numbered(title: Title, number: int) -> Title:
    return Title(vi=f"{title.vi} (mục {number})", en=f"{title.en} (entry {number})")


def why_not_extended(
    rules: RequestRules,
    request: CandidateRequest,
    due: Derived | None,
    until: date,
    calendar: Calendar | None = None,
) -> Sentence | None:
    """Say why the time for an answer is not extended to a day, or None if it may be."""
    clock = rules.answer_clock(request.kind)
    if clock is None or due is None or due.due_on is None:
        return say("No rule gives this request a deadline, so there is nothing to extend.")
    if not clock.extended_once:
        return say("The rule allows no extension.")
    if request.until is not None:
        return say("The rule allows one extension, and it was granted.")
    if until <= due.due_on:
        return say("The new day must be later than %(day)s.", day=written(due.due_on))
    return _why_beyond(date.fromisoformat(request.came_on), until, calendar)


def _why_beyond(came_on: date, until: date, calendar: Calendar | None) -> Sentence | None:
    if until - came_on > timedelta(days=LONGEST):
        return say("A term of more than %(most)s days or months is not counted.", most=LONGEST)
    if calendar is not None and until > calendar.last:
        return say(
            "The new day must not lie after %(day)s, on which the calendar ends.",
            day=written(calendar.last),
        )
    return None


def asked_of(number: int) -> str:
    """Return how a look at a request's package is marked in the ledger."""
    return f"request={number}"


# ------------------------------------------------------------------ the package


class OwnPart(Named):
    """The parts of the candidate's own package that are there in every case."""

    CANDIDATE = "candidate", mark("What the case says of the candidate")
    TIMELINE = "timeline", mark("What happened, step by step")
    OUTCOME = "outcome", mark("The outcome and its reasons")
    READERS = "readers", mark("Who looked at the case")
    REQUESTS = "requests", mark("What the candidate asked, and how it was answered")


class SealedPart(Named):
    """What no rule that was entered lets out to the candidate."""

    OPINIONS = "opinions", mark("Signed opinions of the bodies that were asked")
    PROPOSAL = "proposal", mark("The Board’s proposal to the authority")


FACT, PAPER = "fact.", "paper."


@dataclass(frozen=True, slots=True)
class Handing:
    """With the answer to which request a package goes, up to which entry, without which parts."""

    request: int
    upto: int
    at: str  # looks before this moment are in it
    withheld: Mapping[str, str]  # part: on which ground
    reasons: str = ""  # what the candidate is told


@dataclass(frozen=True, slots=True)
class PartOfPackage:
    """A part that could be handed over, by its name."""

    name: str
    title: Title | Sentence


def parts_of_package(definition: Definition, case: CaseFile) -> tuple[PartOfPackage, ...]:
    """Return what a case has that could be handed over, part by part: of the candidate alone."""
    parts = [PartOfPackage(one.value, say(one.title)) for one in OwnPart]
    parts[2:2] = [
        PartOfPackage(f"{FACT}{one.name}", one.title)
        for one in definition.facts
        if one.name in case.recorded
    ] + [
        PartOfPackage(f"{PAPER}{one.name}", one.title)
        for one in definition.papers
        if one.name in case.recorded
    ]
    return tuple(parts)


def title_of_part(definition: Definition, name: str) -> Title | Sentence:
    """Return the title of a part of the package by its name."""
    if name in set(OwnPart):
        return say(OwnPart(name).title)
    known = (
        definition.fact_by_name.get(name.removeprefix(FACT))
        if name.startswith(FACT)
        else definition.paper_by_name.get(name.removeprefix(PAPER))
    )
    return known.title if known else Title(vi=name, en=name)


def chosen_grounds(parts: Iterable[str], grounds: Iterable[str]) -> Mapping[str, str]:
    """Return what an entry says was withheld: each part with its ground."""
    return dict(zip(parts, grounds, strict=True))


def fields_of_part(definition: Definition, name: str) -> tuple[FactField, ...]:
    """Return the fields of a recorded fact or paper."""
    if name.startswith(PAPER):
        return REFERENCE
    return definition.fact_by_name[name.removeprefix(FACT)].fields
