"""Figures: what a report counts, said in words, and the counting itself, from entries alone.

A figure has a name and a version: whoever changes how it counts gives it the next version, so that
a report made by an earlier one is never compared with a number that means something else. Nothing
here ranks or scores: it counts what happened, by body, case type, unit and round.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from hashlib import sha256

from vetting.engine import facts
from vetting.engine.canonical import Json
from vetting.engine.sentences import mark
from vetting.engine.vocabulary import AmendmentKind, Named, Need


class Part(Named):
    """By what a figure is divided into rows."""

    BODY = "body", mark("Body")
    CASE_TYPE = "case_type", mark("Case type")
    ROUND = "round", mark("Round")
    UNIT = "unit", mark("Requesting unit")
    DECIDER = "decider", mark("Body or authority")


class Measure(Named):
    """What a column of a figure counts."""

    # requests to the bodies
    SENT = "sent", mark("Requests sent")
    AGAIN = "again", mark("Of these asked again")
    REPLIED = "replied", mark("Replies")
    IN_TIME = "in_time", mark("Replied in time")
    LATE = "late", mark("Replied late")
    NO_DATE = "no_date", mark("Replied, no date set")
    TAKEN_BACK = "taken_back", mark("Taken back")
    UNANSWERED = "unanswered", mark("Unanswered")
    OVERDUE = "overdue", mark("Unanswered, past the date")
    OPEN_NO_DATE = "open_no_date", mark("Unanswered, no date set")
    # what came in, went back and went out
    FILED = "filed", mark("Filed")
    RETURNED = "returned", mark("Returned for completion")
    REFILED = "refiled", mark("Filed again")
    REWORKED = "reworked", mark("Proposal sent back by the head of the Board")
    SENT_BACK = "sent_back", mark("Proposal returned by the authority")
    SUSPENDED = "suspended", mark("Suspended")
    WITHDRAWN = "withdrawn", mark("Withdrawn by the unit")
    CONCLUDED = "concluded", mark("Concluded")
    # time
    CASES = "cases", mark("Cases")
    ELAPSED = "elapsed", mark("All of the time")
    CLOCK_ON = "clock_on", mark("Clock on")
    CLOCK_OFF = "clock_off", mark("Clock off (suspended)")
    ON_THE_WAY = "on_the_way", mark("Until the body received it")
    OWN = "own", mark("The body’s own time")
    # whose time it was, and with whom a case is
    UNIT = "unit", mark("With the unit")
    BOARD = "board", mark("With the Board")
    BODIES = "bodies", mark("With the bodies")
    AUTHORITY = "authority", mark("With the authority")
    PAUSED = "paused", mark("Now suspended")
    # what became of what was signed
    OPINIONS_CORRECTED = "opinions_corrected", mark("Opinions corrected")
    OPINIONS_ANNULLED = "opinions_annulled", mark("Opinions annulled")
    OPINIONS_REVOKED = "opinions_revoked", mark("Opinions revoked")
    CONCLUSIONS_CORRECTED = "conclusions_corrected", mark("Conclusions corrected")
    CONCLUSIONS_ANNULLED = "conclusions_annulled", mark("Conclusions annulled")
    CONCLUSIONS_REVOKED = "conclusions_revoked", mark("Conclusions revoked")


TIMES = frozenset(
    {
        Measure.ELAPSED,
        Measure.CLOCK_ON,
        Measure.CLOCK_OFF,
        Measure.ON_THE_WAY,
        Measure.OWN,
    }
)


@dataclass(frozen=True)
class Definition:
    """One figure: its name and version, and in words what it counts and what it leaves out."""

    name: str
    version: int
    title: str
    counts: str
    leaves_out: str
    parts: tuple[Part, ...]
    measures: tuple[Measure, ...]
    times: frozenset[Measure] = frozenset()  # in seconds
    of: Measure = Measure.CASES  # by how many a time is divided for the mean


_WHOLE = (Measure.UNIT, Measure.BOARD, Measure.BODIES, Measure.AUTHORITY)
REQUESTS = Definition(
    "requests",
    2,
    mark("Requests and replies under the coordination regulation"),
    mark(
        "Each request to a body that was sent in the period, and what had become of it by the "
        "moment of the report. A reply is late when its legal day comes after the day that was "
        "set, or after the later day that the Board gave for it or that a calendar moved it to."
    ),
    mark(
        "Left out: requests to bodies that are only informed, drafts, and every case that is "
        "restricted or once was, whether there are any or not. A request that was taken back, "
        "because the case was withdrawn or the bodies were asked anew, is neither late nor "
        "unanswered."
    ),
    (Part.BODY, Part.CASE_TYPE),
    (
        Measure.SENT,
        Measure.AGAIN,
        Measure.REPLIED,
        Measure.IN_TIME,
        Measure.LATE,
        Measure.NO_DATE,
        Measure.TAKEN_BACK,
        Measure.UNANSWERED,
        Measure.OVERDUE,
        Measure.OPEN_NO_DATE,
    ),
)
MOVEMENT = Definition(
    "movement",
    1,
    mark("Cases filed, returned and concluded"),
    mark("Each filing, return, suspension, withdrawal and conclusion that was made in the period."),
    mark(
        "Left out: drafts, and every case that is restricted or once was, whether there are any or "
        "not. A case that was returned twice counts twice."
    ),
    (Part.CASE_TYPE,),
    (
        Measure.FILED,
        Measure.RETURNED,
        Measure.REFILED,
        Measure.SUSPENDED,
        Measure.REWORKED,
        Measure.SENT_BACK,
        Measure.WITHDRAWN,
        Measure.CONCLUDED,
    ),
)
BODY_TIMES = Definition(
    "body_times",
    1,
    mark("Time that the bodies took"),
    mark(
        "Each reply signed in the period: the time from the request to the signature, and of it "
        "what passed before the body received the request, what was the body’s own, and what "
        "passed while the case was suspended and the clock stood still."
    ),
    mark(
        "Left out: requests without a reply, bodies that are only informed, drafts, and every case "
        "that is restricted or once was, whether there are any or not. Time is counted by the "
        "clock, days of rest included."
    ),
    (Part.BODY, Part.CASE_TYPE),
    (
        Measure.REPLIED,
        Measure.ELAPSED,
        Measure.CLOCK_ON,
        Measure.ON_THE_WAY,
        Measure.OWN,
        Measure.CLOCK_OFF,
    ),
    TIMES,
    Measure.REPLIED,
)
CASE_TIMES = Definition(
    "case_times",
    1,
    mark("Time from filing to conclusion, and whose it was"),
    mark(
        "Each case concluded in the period: the time from its first filing to its conclusion, "
        "divided by who had the case, and how much of it passed while the case was suspended."
    ),
    mark(
        "Left out: cases not concluded in the period, withdrawn cases, drafts, and every case that "
        "is restricted or once was, whether there are any or not. Time is counted by the clock, "
        "days of rest included."
    ),
    (Part.CASE_TYPE,),
    (Measure.CASES, Measure.ELAPSED, Measure.CLOCK_ON, *_WHOLE, Measure.CLOCK_OFF),
    TIMES | frozenset(_WHOLE),
)
ROUNDS = Definition(
    "rounds",
    1,
    mark("Rounds at a glance"),
    mark(
        "Each case of a round that was first filed in the period, and with whom it was at the "
        "moment of the report."
    ),
    mark(
        "Left out: cases of no round, drafts, and every case that is restricted or once was, "
        "whether there are any or not."
    ),
    (Part.ROUND, Part.UNIT, Part.CASE_TYPE),
    (Measure.CASES, *_WHOLE, Measure.PAUSED, Measure.CONCLUDED, Measure.WITHDRAWN),
)
AMENDMENTS = Definition(
    "amendments",
    1,
    mark("Opinions and conclusions corrected, annulled and revoked"),
    mark(
        "Each correction, annulment and revocation that was recorded in the period, of a signed "
        "opinion by its body and of a conclusion by its authority, whenever the first was signed "
        "and from whichever day it counts."
    ),
    mark(
        "Left out: what was drawn up and not signed, drafts, records that were lawfully "
        "destroyed, and every case that is restricted or once was, whether there are any or not. "
        "What was corrected twice counts twice. No share is told: how many were signed in the "
        "period is another figure."
    ),
    (Part.DECIDER, Part.CASE_TYPE),
    (
        Measure.OPINIONS_CORRECTED,
        Measure.OPINIONS_ANNULLED,
        Measure.OPINIONS_REVOKED,
        Measure.CONCLUSIONS_CORRECTED,
        Measure.CONCLUSIONS_ANNULLED,
        Measure.CONCLUSIONS_REVOKED,
    ),
)
FIGURES: Mapping[str, Definition] = {
    one.name: one for one in (REQUESTS, MOVEMENT, BODY_TIMES, CASE_TIMES, ROUNDS, AMENDMENTS)
}

_RECEIVED = frozenset(
    {
        facts.ConsultationReceived.verb,
        facts.ConsultationAssigned.verb,
        facts.OpinionDrafted.verb,
    }
)
# With whom a case is after an entry.
_WITH: Mapping[str, Measure] = {
    facts.CaseFiled.verb: Measure.BOARD,
    facts.CaseTakenUp.verb: Measure.BOARD,
    facts.CaseReturned.verb: Measure.UNIT,
    facts.CaseRefiled.verb: Measure.BOARD,
    facts.CaseAccepted.verb: Measure.BOARD,
    facts.ConsultationsIssued.verb: Measure.BODIES,
    facts.RepliesComplete.verb: Measure.BOARD,
    facts.CaseProposed.verb: Measure.BOARD,
    facts.ProposalReworked.verb: Measure.BOARD,
    facts.CaseSubmitted.verb: Measure.AUTHORITY,
    facts.ProposalReturned.verb: Measure.BOARD,
    facts.CaseConcluded.verb: Measure.CONCLUDED,
    facts.CaseWithdrawn.verb: Measure.WITHDRAWN,
}
_MOVEMENTS: Mapping[str, Measure] = {
    facts.CaseFiled.verb: Measure.FILED,
    facts.CaseReturned.verb: Measure.RETURNED,
    facts.CaseRefiled.verb: Measure.REFILED,
    facts.CaseSuspended.verb: Measure.SUSPENDED,
    facts.ProposalReworked.verb: Measure.REWORKED,
    facts.ProposalReturned.verb: Measure.SENT_BACK,
    facts.CaseWithdrawn.verb: Measure.WITHDRAWN,
    facts.CaseConcluded.verb: Measure.CONCLUDED,
}
_AMENDED: Mapping[tuple[str, str], Measure] = {
    (facts.OpinionAmended.verb, AmendmentKind.CORRECTION.value): Measure.OPINIONS_CORRECTED,
    (facts.OpinionAmended.verb, AmendmentKind.ANNULMENT.value): Measure.OPINIONS_ANNULLED,
    (facts.OpinionAmended.verb, AmendmentKind.REVOCATION.value): Measure.OPINIONS_REVOKED,
    (facts.ConclusionAmended.verb, AmendmentKind.CORRECTION.value): Measure.CONCLUSIONS_CORRECTED,
    (facts.ConclusionAmended.verb, AmendmentKind.ANNULMENT.value): Measure.CONCLUSIONS_ANNULLED,
    (facts.ConclusionAmended.verb, AmendmentKind.REVOCATION.value): Measure.CONCLUSIONS_REVOKED,
}
# Entries of which what they say is read, and not only that they are there.
_MOVED_DAY = frozenset({facts.MoreTimeGranted.verb, facts.AnswerDateMoved.verb})
READ = (
    frozenset({facts.CaseDrafted.verb, facts.BodyAsked.verb})
    | _MOVED_DAY
    | {verb for verb, _ in _AMENDED}
)
NEEDED = (
    READ
    | _RECEIVED
    | _WITH.keys()
    | _MOVEMENTS.keys()
    | {
        facts.OpinionSigned.verb,
        facts.ConsultationTakenBack.verb,
        facts.CaseSuspended.verb,
        facts.CaseResumed.verb,
        facts.CaseRestricted.verb,
    }
)


def verbs_of(figure: Definition) -> frozenset[str]:
    """Return which entries stand for the items of a figure."""
    return _ITEMS[figure.name]


_ITEMS: Mapping[str, frozenset[str]] = {
    REQUESTS.name: frozenset({facts.BodyAsked.verb}),
    MOVEMENT.name: frozenset(_MOVEMENTS),
    BODY_TIMES.name: frozenset({facts.OpinionSigned.verb}),
    CASE_TIMES.name: frozenset({facts.CaseConcluded.verb}),
    ROUNDS.name: frozenset({facts.CaseFiled.verb}),
    AMENDMENTS.name: frozenset(verb for verb, _ in _AMENDED),
}


@dataclass(frozen=True, slots=True)
class Told:
    """An entry, as far as counting needs it."""

    number: int
    verb: str
    at: str
    body: str | None
    organisation: str
    case_type: str
    said: Mapping[str, Json] | None  # none: it was not asked for, or was lawfully erased


@dataclass(frozen=True)
class Asked:
    """What a report is about: a period in legal days, and the moment of which it tells."""

    since: str
    until: str
    at: str  # the moment of the checkpoint up to which entries are read
    day_of: Callable[[str], str]  # the legal day of a moment

    def in_period(self, at: str) -> bool:
        """Tell whether something happened in the period."""
        return self.since <= self.day_of(at) <= self.until

    @property
    def day(self) -> str:
        """The legal day of the moment of the report."""
        return self.day_of(self.at)


@dataclass(frozen=True, slots=True)
class Item:
    """One thing that a figure counts: an entry of a case, the row it is in, and how it counts."""

    figure: str
    case: str
    number: int
    key: tuple[str, ...]
    values: tuple[tuple[Measure, int], ...]

    @property
    def line(self) -> str:
        """The line of the list that the hash is over."""
        counted = ",".join(f"{measure.value}={number}" for measure, number in self.values)
        return f"{self.case}/{self.number} {'/'.join(self.key)} {counted}\n"


@dataclass(slots=True)
class _Request:
    """A question to a body, and what became of it."""

    number: int
    body: str
    asked_at: str
    due_on: str | None
    turn: int
    need: str
    received_at: str | None = None
    signed_at: str | None = None
    signed_by: int = 0  # the number of the entry
    taken_back: bool = False


@dataclass(slots=True)
class _Life:
    """What happened to a case, as its entries tell it."""

    case: str
    case_type: str
    unit: str = ""
    round: str | None = None
    filed: tuple[int, str] | None = None
    concluded: tuple[int, str] | None = None
    restricted: bool = False
    erased: int = 0
    requests: list[_Request] = field(default_factory=list)
    open: dict[str, _Request] = field(default_factory=dict)  # by body: one at a time
    moves: list[tuple[int, str, Measure]] = field(default_factory=list)
    stays: list[tuple[str, Measure]] = field(default_factory=list)  # from when, with whom
    before_pause: Measure | None = None
    amended: list[tuple[int, str, str, Measure]] = field(default_factory=list)  # by whom
    unread: list[str] = field(default_factory=list)  # when amended, of which the words are gone


def items_of(case: str, history: Iterable[Told], asked: Asked) -> tuple[list[Item], int]:
    """Return what a case gives to every figure, and how many entries it takes were erased."""
    life = _life(case, history)
    if life is None or life.filed is None or life.restricted:
        return [], 0
    items = [
        *_requests(life, asked),
        *_movements(life, asked),
        *_body_times(life, asked),
        *_case_times(life, asked),
        *_rounds(life, asked),
        *_amendments(life, asked),
    ]
    would_count = bool(items) or any(asked.in_period(at) for at in life.unread)
    return items, life.erased if would_count else 0


def _life(case: str, history: Iterable[Told]) -> _Life | None:
    life: _Life | None = None
    for entry in history:
        if life is None:
            life = _Life(case, entry.case_type)
        _happened(life, entry)
    return life


def _happened(life: _Life, entry: Told) -> None:
    verb, at = entry.verb, entry.at
    if verb in READ and entry.said is None:
        life.erased += 1
    said = entry.said or {}
    match verb:
        case facts.CaseDrafted.verb:
            life.case_type = entry.case_type
            told = said.get("round")
            life.round = told if isinstance(told, str) else None
        case facts.CaseFiled.verb:
            life.filed, life.unit = life.filed or (entry.number, at), entry.organisation
        case facts.CaseConcluded.verb:
            life.concluded = life.concluded or (entry.number, at)
        case facts.CaseRestricted.verb:
            life.restricted = True
        case facts.OpinionAmended.verb | facts.ConclusionAmended.verb:
            measure = _AMENDED.get((verb, str(said.get("kind"))))
            if measure is None:
                life.unread.append(at)
            else:
                life.amended.append((entry.number, at, entry.organisation, measure))
        case _ if entry.body is not None:
            _happened_at_a_body(life, entry, entry.body, said)
    if verb in _MOVEMENTS:
        life.moves.append((entry.number, at, _MOVEMENTS[verb]))
    _goes_on(life, verb, at)


def _goes_on(life: _Life, verb: str, at: str) -> None:
    """Note with whom the case is from an entry on."""
    if verb in _WITH:
        life.before_pause = _WITH[verb]
        life.stays.append((at, _WITH[verb]))
    elif verb == facts.CaseSuspended.verb:
        life.stays.append((at, Measure.PAUSED))
    elif verb == facts.CaseResumed.verb and life.before_pause is not None:
        life.stays.append((at, life.before_pause))


def _happened_at_a_body(life: _Life, entry: Told, body: str, said: Mapping[str, Json]) -> None:
    if entry.verb == facts.BodyAsked.verb:
        due_on, turn = said.get("due_on"), said.get("turn")
        request = _Request(
            number=entry.number,
            body=body,
            asked_at=entry.at,
            due_on=due_on if isinstance(due_on, str) else None,
            turn=turn if isinstance(turn, int) else 1,
            need=str(said.get("need", Need.MUST.value)),
        )
        life.requests.append(request)
        life.open[body] = request
        return
    now = life.open.get(body)
    if now is None:
        return
    if entry.verb in _RECEIVED:
        now.received_at = now.received_at or entry.at
    elif entry.verb in _MOVED_DAY:
        until = said.get("until")
        now.due_on = until if isinstance(until, str) else None
    elif entry.verb == facts.OpinionSigned.verb:
        now.signed_at, now.signed_by = entry.at, entry.number
        del life.open[body]
    elif entry.verb == facts.ConsultationTakenBack.verb:
        now.taken_back = True
        del life.open[body]


def _requests(life: _Life, asked: Asked) -> Iterator[Item]:
    for one in life.requests:
        if one.need == Need.INFORM.value or not asked.in_period(one.asked_at):
            continue
        found = [Measure.SENT]
        if one.turn > 1:
            found.append(Measure.AGAIN)
        if one.taken_back:
            found.append(Measure.TAKEN_BACK)
        elif one.signed_at is None:
            found.append(Measure.UNANSWERED)
            if one.due_on is None:
                found.append(Measure.OPEN_NO_DATE)
            elif is_late(one.due_on, asked.day):
                found.append(Measure.OVERDUE)
        else:
            found.append(Measure.REPLIED)
            if one.due_on is None:
                found.append(Measure.NO_DATE)
            elif is_late(one.due_on, asked.day_of(one.signed_at)):
                found.append(Measure.LATE)
            else:
                found.append(Measure.IN_TIME)
        key = (one.body, life.case_type)
        yield Item(REQUESTS.name, life.case, one.number, key, tuple((m, 1) for m in found))


def is_late(due_on: str, day: str) -> bool:
    """Tell whether a day comes after the last one; that day itself counts whole."""
    return day > due_on


def _movements(life: _Life, asked: Asked) -> Iterator[Item]:
    for number, at, measure in life.moves:
        if asked.in_period(at):
            yield Item(MOVEMENT.name, life.case, number, (life.case_type,), ((measure, 1),))


def _body_times(life: _Life, asked: Asked) -> Iterator[Item]:
    for one in life.requests:
        if one.signed_at is None or one.need == Need.INFORM.value:
            continue
        if not asked.in_period(one.signed_at):
            continue
        received = one.received_at or one.signed_at
        way = _seconds_between(one.asked_at, received)
        own = _seconds_between(received, one.signed_at)
        off_way = _paused_within(life, one.asked_at, received)
        off_own = _paused_within(life, received, one.signed_at)
        off = off_way + off_own
        values = (
            (Measure.REPLIED, 1),
            (Measure.ELAPSED, way + own),
            (Measure.CLOCK_ON, way + own - off),
            (Measure.ON_THE_WAY, way - off_way),
            (Measure.OWN, own - off_own),
            (Measure.CLOCK_OFF, off),
        )
        key = (one.body, life.case_type)
        yield Item(BODY_TIMES.name, life.case, one.signed_by, key, values)


def _case_times(life: _Life, asked: Asked) -> Iterator[Item]:
    if life.filed is None or life.concluded is None or not asked.in_period(life.concluded[1]):
        return
    end = life.concluded[1]
    held = dict.fromkeys((*_WHOLE, Measure.PAUSED), 0)
    for (begins, whose), (ends, _) in zip(life.stays, [*life.stays[1:], (end, None)], strict=True):
        if begins < end and whose in held:
            held[whose] += _seconds_between(begins, min(ends, end))
    off = held[Measure.PAUSED]
    elapsed = _seconds_between(life.filed[1], end)
    values = (
        (Measure.CASES, 1),
        (Measure.ELAPSED, elapsed),
        (Measure.CLOCK_ON, elapsed - off),
        *((measure, held[measure]) for measure in _WHOLE),
        (Measure.CLOCK_OFF, off),
    )
    yield Item(CASE_TIMES.name, life.case, life.concluded[0], (life.case_type,), values)


def _rounds(life: _Life, asked: Asked) -> Iterator[Item]:
    if life.round is None or life.filed is None or not asked.in_period(life.filed[1]):
        return
    key = (life.round, life.unit, life.case_type)
    values = ((Measure.CASES, 1), (life.stays[-1][1], 1))
    yield Item(ROUNDS.name, life.case, life.filed[0], key, values)


def _amendments(life: _Life, asked: Asked) -> Iterator[Item]:
    for number, at, organisation, measure in life.amended:
        if asked.in_period(at):
            key = (organisation, life.case_type)
            yield Item(AMENDMENTS.name, life.case, number, key, ((measure, 1),))


def _paused_within(life: _Life, begins: str, ends: str) -> int:
    return sum(
        _seconds_between(max(since, begins), min(until, ends))
        for (since, whose), (until, _) in zip(
            life.stays, [*life.stays[1:], (ends, None)], strict=True
        )
        if whose is Measure.PAUSED and since < ends and until > begins
    )


def _seconds_between(begins: str, ends: str) -> int:
    """Return whole seconds; each moment is cut to the second, so that parts add up to the whole."""
    return max(_second(ends) - _second(begins), 0)


def _second(at: str) -> int:
    return int(datetime.fromisoformat(f"{at[:19]}+00:00").timestamp())


@dataclass
class Counted:
    """A figure that is being counted: its rows, how long its list is, and the hash over it."""

    definition: Definition
    rows: dict[tuple[str, ...], dict[Measure, int]] = field(default_factory=dict)
    items: int = 0

    def __post_init__(self) -> None:
        """Begin the hash with what the list is of."""
        begun = f"vetting figure v1\n{self.definition.name}/{self.definition.version}\n"
        self._list = sha256(begun.encode())

    def add(self, item: Item) -> None:
        """Count one item; they come in the order of cases by bytes, then of entries."""
        row = self.rows.setdefault(item.key, {})
        for measure, number in item.values:
            row[measure] = row.get(measure, 0) + number
        self.items += 1
        self._list.update(item.line.encode())

    @property
    def list_hash(self) -> str:
        """The hash of the list of what was counted."""
        return self._list.hexdigest()

    def told(self) -> list[Json]:
        """Return the rows as they are kept, always in the same order."""
        measures = self.definition.measures
        return [
            {
                "key": list(key),
                "values": {measure.value: self.rows[key].get(measure, 0) for measure in measures},
            }
            for key in sorted(self.rows)
        ]


def count(
    histories: Iterable[tuple[str, Sequence[Told]]], asked: Asked
) -> tuple[dict[str, Counted], int]:
    """Return every figure, counted over cases in the order of bytes; and how much was erased.

    Never with more in memory than one case and the rows of the figures.
    """
    counted = {name: Counted(definition) for name, definition in FIGURES.items()}
    erased = 0
    for case, history in histories:
        items, gone = items_of(case, history, asked)
        erased += gone
        for item in sorted(items, key=lambda one: one.number):
            counted[item.figure].add(item)
    return counted, erased
