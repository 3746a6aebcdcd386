"""Walk: every situation that a small cast can bring a case into, with the engine itself.

Breadth first, so that what goes wrong is shown by the shortest way there. Bodies that are asked by
the same rule are alike, so situations that differ only in which of them did what are one. With two
bodies everything they do is interleaved; with three, each works from question to signature without
a break, because what a body does before it signs touches nobody else's question.

Facts that only ever open a way are recorded where something is held back, unless it is too late
there; earlier they would change nothing. Facts that close a way, because they wait for an answer,
are tried everywhere.
A case is suspended and taken up again in the walks with one and two bodies; where nothing can be
recorded while it is suspended, the other walks do without.
"""

import json
from collections import deque
from collections.abc import Callable, Hashable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import date
from functools import lru_cache
from itertools import permutations, product

from vetting.engine import acts, decide, facts
from vetting.engine.canonical import Json
from vetting.engine.casefile import CaseFile, Consultation
from vetting.engine.definition import CONSULTATION, Definition, Move
from vetting.engine.facts import Fact
from vetting.engine.follow import follow, opened
from vetting.engine.guards import FACTS_OF_GUARD, Actor
from vetting.engine.problem import Problem
from vetting.engine.record import record_fact
from vetting.engine.refusals import HeldBack, Refusal
from vetting.engine.sentences import Sentence, say
from vetting.engine.vocabulary import Need, Role, Verdict

TURNS = 2  # how often one body is asked in the walk
DAY = date(2000, 1, 1)

# Moves that remember who made them; elsewhere only a guard can tell one officer from another.
WHO_MATTERS = ("propose", "submit", "draft", "countersign", "sign")

_FILLED: dict[str, Json] = {"date": DAY.isoformat(), "text": "t", "count": 1}

UNIT = Actor("unit", Role.CASE_OFFICER, "unit")
BOARD = Actor("board", Role.BOARD_OFFICER, "board")
HEAD = Actor("head", Role.BOARD_HEAD, "board")
HEAD_AS_OFFICER = Actor("head", Role.BOARD_OFFICER, "board")  # one person with two roles
SECRETARY = Actor("secretary", Role.SECRETARY, "authority")
CAST = (UNIT, BOARD, HEAD, HEAD_AS_OFFICER, SECRETARY)


@dataclass(frozen=True, slots=True)
class Walk:
    """What the walk found, and how far it went."""

    problems: tuple[Problem, ...]
    states: int
    steps: int


@dataclass(frozen=True, slots=True)
class _Company:
    """The bodies that are asked in one walk."""

    needs: Mapping[str, Need]
    verdicts: tuple[Verdict, ...]
    interleaved: bool = True
    every_fact: bool = False
    turns: int = 1
    pauses: bool = True  # whether the case is suspended on its way


@dataclass(slots=True)
class _Found:
    """What all walks of one definition have found together."""

    definition: Definition
    consulting: Definition
    problems: dict[tuple[str, str, str], Problem] = field(default_factory=dict)
    moves_made: set[tuple[str, str]] = field(default_factory=set)
    closed: set[str] = field(default_factory=set)
    stood_in: set[str] = field(default_factory=set)
    states: int = 0
    steps: int = 0

    def report(
        self,
        where: str,
        sentence: Sentence,
        remedy: Sentence,
        path: tuple[str, ...] = (),
        *,
        consulting: bool = False,
    ) -> None:
        """Keep what is wrong, once, by its first and shortest way there."""
        it = self.consulting if consulting else self.definition
        file = f"{it.case_type}/v{it.version}.toml"
        key = (file, where, sentence.msgid)
        self.problems.setdefault(key, Problem(file, where, sentence, remedy, path))


@dataclass(frozen=True, slots=True)
class _Shape:
    """What the walk depends on. Definitions that differ only in their words are walked once."""

    text: str
    definition: Definition = field(compare=False)
    consulting: Definition = field(compare=False)


def walk(definition: Definition, consulting: Definition) -> Walk:
    """Walk every situation of a case type with one, two and three bodies."""
    text = _shape_of(definition) + _shape_of(consulting)
    walked = _walked(_Shape(text, definition, consulting))
    own = {CONSULTATION: f"{CONSULTATION}/v{consulting.version}.toml"}
    problems = tuple(
        replace(
            problem,
            file=own.get(
                problem.file.partition("/")[0],
                f"{definition.case_type}/v{definition.version}.toml",
            ),
        )
        for problem in walked.problems
    )
    return replace(walked, problems=problems)


@lru_cache(maxsize=64)
def _walked(shape: _Shape) -> Walk:
    found = _Found(shape.definition, shape.consulting)
    for company in _companies(shape.definition):
        _Explorer(found, company).explore()
        if found.problems:
            break  # a larger company would only come to the same by longer ways
    else:
        _orders(found)
        _never_made(found)
    return Walk(tuple(found.problems.values()), found.states, found.steps)


def _shape_of(definition: Definition) -> str:
    in_play = frozenset[str]().union(*_facts_in_play(definition))
    words = {"title", "basis"}
    each = {"__all__": words}
    told = definition.model_copy(
        update={
            "facts": tuple(fact for fact in definition.facts if fact.name in in_play),
            "papers": tuple(paper for paper in definition.papers if paper.required),
        }
    ).model_dump(
        mode="json",
        include={"states", "moves", "consultation", "facts", "papers", "outcomes", "opens"}
        | ({"follows"} if definition.follows else set()),
        exclude={
            "states": {"__all__": {"title", "deadline"}},
            "moves": each,
            "facts": {"__all__": {**dict.fromkeys(words, True), "fields": each}},
            "papers": each,
            "outcomes": each,
        },
    )
    return json.dumps(told, sort_keys=True)


def _companies(definition: Definition) -> Iterator[_Company]:
    named = [rule.body for rule in definition.consultation if rule.body != "*"]
    bodies = [*named[:3], "body-1", "body-2", "body-3"][:3]
    needs = {body: definition.rule_for(body).need for body in bodies}
    one, two = bodies[:1], bodies[:2]
    suspended = {
        name for move in definition.moves if move.name == "suspend" for name in move.target
    }
    at_rest = any(suspended & set(fact.states) for fact in definition.facts)
    quiet, both = tuple(Verdict)[:1], (Verdict.NO_OBJECTION, Verdict.OBJECTION)
    yield _Company({b: needs[b] for b in one}, quiet, every_fact=True, turns=TURNS, pauses=at_rest)
    yield _Company({b: needs[b] for b in one}, tuple(Verdict))
    yield _Company({b: needs[b] for b in two}, both)
    yield _Company({two[0]: Need.MUST, two[1]: Need.MAY}, quiet)
    yield _Company(needs, both, interleaved=False, pauses=False)
    yield _Company({**needs, bodies[2]: Need.MAY}, quiet, interleaved=False, pauses=False)


def people_of(definition: Definition, body: str) -> tuple[Actor, ...]:
    """Return the officers of a body: enough for the countersignatures, and one with two roles."""
    officers = 1 + definition.rule_for(body).countersigners
    return (
        *(Actor(f"officer-{n}@{body}", Role.BODY_OFFICER, body) for n in range(1, officers + 1)),
        Actor(f"signer@{body}", Role.BODY_SIGNER, body),
        Actor(f"officer-1@{body}", Role.BODY_SIGNER, body),
    )


@dataclass(frozen=True, slots=True)
class _Act:
    """One act that was made: its name, and the case after it."""

    name: str
    case: CaseFile


class _Explorer:
    """One walk with one company of bodies."""

    def __init__(self, found: _Found, company: _Company) -> None:
        self.found = found
        self.company = company
        self.definition = found.definition
        self.consulting = found.consulting
        self.people = {body: people_of(self.definition, body) for body in company.needs}
        self.alike = {body: self.definition.rule_for(body).body for body in company.needs}
        self.opening, self.closing = _facts_in_play(self.definition)
        if not company.every_fact:
            self.opening -= self._prepared()
            self.closing = frozenset()
        self.anywhere = self.closing | {
            name for name in self.opening if not _recorded_where_needed(self.definition, name)
        }
        self.came_from: dict[Hashable, tuple[Hashable, str]] = {}
        self.onward: dict[Hashable, list[Hashable]] = {}

    def explore(self) -> None:
        """Visit every situation, and check what must hold in it and on every way out of it."""
        first = self._first()
        start = self._key(first)
        self.came_from[start] = (start, "")
        waiting = deque([(start, first)])
        ending: list[Hashable] = []
        state_of: dict[Hashable, str] = {start: first.state}
        while waiting:
            here, case = waiting.popleft()
            self.found.states += 1
            if self.definition.state_by_name[case.state].final:
                ending.append(here)
                if case.outcome and self.company.every_fact:
                    self.found.closed.add(case.outcome)
                continue
            ways = self.onward.setdefault(here, [])
            for act in self._acts(here, case):
                there = self._key(act.case)
                ways.append(there)
                if there not in self.came_from:
                    self.came_from[there] = (here, act.name)
                    state_of[there] = act.case.state
                    waiting.append((there, act.case))
        self._all_can_end(ending, state_of)
        if self.company.every_fact:
            self.found.stood_in = set(state_of.values())

    def _first(self) -> CaseFile:
        drafted = facts.CaseDrafted(
            str(self.definition.case_type),
            self.definition.version,
            unit="unit",
            name="A",
            born="1980",
            target="T",
            admission="admission" if self.definition.follows else None,
        )
        case = replace(opened("case", drafted), state=self.definition.opens)
        papers = [paper.name for paper in self.definition.papers if paper.required]
        prepared = papers if self.company.every_fact else [*papers, *self._prepared()]
        return replace(case, recorded={name: [{}] for name in prepared})

    def _prepared(self) -> frozenset[str]:
        """Return the facts that are there from the beginning, where facts are not the question."""
        needed = {name for move in self.definition.moves for name in move.needs}
        return (
            frozenset(_with_what_comes_before(self.definition, needed))
            - {fact.answers for fact in self.definition.facts if fact.answers}
            - {fact.name for fact in self.definition.facts if fact.answers}
        )

    # ------------------------------------------------------------------ acts

    def _acts(self, here: Hashable, case: CaseFile) -> Iterator[_Act]:
        held = False
        for move in self.definition.moves_from(case.state):
            if move.automatic or not self._in_company(move, case):
                continue
            for actor in _who_tries(move, CAST):
                for outcome in self._outcomes_of(move):
                    self.found.steps += 1
                    try:
                        step = decide.step(
                            self.definition, case, move.name, actor, reason="r", outcome=outcome
                        )
                    except HeldBack:
                        held = True
                        continue
                    self._check_move(here, case, move, actor, outcome)
                    made = self._facts_of(move, step, case, actor, outcome)
                    yield self._after(here, case, f"{actor.role}: {move.name}", made, actor)
        yield from self._consultation_acts(here, case)
        yield from self._recordings(here, case, self.anywhere | (self.opening if held else set()))

    def _in_company(self, move: Move, case: CaseFile) -> bool:
        """Tell whether this walk makes such a move from here at all."""
        if move.name == "consult":
            return case.turn < self.company.turns
        return move.name != "suspend" or self.company.pauses

    def _outcomes_of(self, move: Move) -> tuple[str | None, ...]:
        outcomes = self.definition.outcomes
        if move.name == "conclude":
            return tuple(outcome.name for outcome in outcomes if outcome.concluded)
        if move.name == "propose":
            kinds = {outcome.adverse: outcome.name for outcome in outcomes if outcome.proposed}
            return tuple(kinds.values())
        return (None,)

    def _facts_of(
        self, move: Move, step: decide.Step, case: CaseFile, actor: Actor, outcome: str | None
    ) -> list[Fact]:
        if self.company.every_fact or move.name in ("suspend", "resume"):
            self.found.moves_made.add((str(self.definition.case_type), move.name))
        made = [_fact(move.name, step, case, actor, outcome)]
        if move.name == "consult":
            made += [
                facts.BodyAsked(f"{body}/{case.turn + 1}", body, case.turn + 1, need, "letter")
                for body, need in self.company.needs.items()
            ]
        return made

    def _after(
        self, here: Hashable, case: CaseFile, name: str, made: list[Fact], actor: Actor
    ) -> _Act:
        for fact in made:
            case = follow(case, fact)
        self.found.steps += 1
        for fact in decide.settle(self.definition, case, actor):
            self.found.moves_made.add((str(self.definition.case_type), "replies_complete"))
            self._check_settled(here, case, name)
            case = follow(case, fact)
        return _Act(name, case)

    def _consultation_acts(self, here: Hashable, case: CaseFile) -> Iterator[_Act]:
        busy = [c for c in case.asked_now() if c.state not in ("asked", "signed")]
        for asked in case.asked_now():
            alone = self.company.interleaved or not busy or asked in busy
            for move in self.consulting.moves_from(asked.state):
                if not alone and move.name != "take_back":
                    continue
                for actor in _who_tries(move, (*self.people[asked.body], BOARD)):
                    self.found.steps += 1
                    try:
                        step = decide.step_of_consultation(
                            self.consulting,
                            self.definition,
                            case,
                            asked,
                            move.name,
                            actor,
                            reason="r",
                        )
                    except Refusal:
                        continue
                    self._check_consultation(here, asked, move, actor)
                    self.found.moves_made.add((CONSULTATION, move.name))
                    verdicts = self.company.verdicts if move.name == "draft" else (None,)
                    for verdict in verdicts:
                        made = _fact_of_consultation(move.name, step, asked, actor, verdict)
                        name = f"{actor.role} of {asked.body}: {move.name}"
                        yield self._after(here, case, name, [made], actor)

    def _recordings(
        self, here: Hashable, case: CaseFile, names: frozenset[str] | set[str]
    ) -> Iterator[_Act]:
        for fact in self.definition.facts:
            if fact.name not in names or case.state not in fact.states:
                continue
            if fact.name in case.recorded:
                continue
            actor = next((actor for actor in CAST if actor.role in fact.by), None)
            if actor is None:
                continue
            details: dict[str, Json] = {each.name: _FILLED[each.kind] for each in fact.fields}
            self.found.steps += 1
            try:
                made = record_fact(self.definition, case, fact.name, details, actor, today=DAY)
            except Refusal:
                continue
            yield self._after(here, case, f"{actor.role}: record {fact.name}", [made], actor)

    # ------------------------------------------------------------------ what must hold

    def _check_move(
        self, here: Hashable, case: CaseFile, move: Move, actor: Actor, outcome: str | None
    ) -> None:
        for name, holds, sentence, remedy in _LAWS:
            if move.name == name and not holds(self.definition, case, actor, outcome):
                self.found.report(
                    f"moves.{name}",
                    sentence,
                    remedy,
                    (*self._path(here), f"{actor.role}: {name}"),
                )

    def _check_consultation(
        self, here: Hashable, asked: Consultation, move: Move, actor: Actor
    ) -> None:
        path = (*self._path(here), f"{actor.role} of {asked.body}: {move.name}")
        place = f"moves.{move.name}"
        if move.name not in ("sign", "countersign"):
            return
        if asked.draft is None:
            self.found.report(
                place,
                say("An opinion can be signed that nobody drafted."),
                say("Let the signature come after the guard “opinion_is_drafted”."),
                path,
                consulting=True,
            )
        elif asked.draft.by == actor.officer:
            self.found.report(
                place,
                say("Whoever drafted an opinion can sign it."),
                say("Add the guard “drafter_does_not_sign”."),
                path,
                consulting=True,
            )
        elif actor.officer in asked.countersigned_by:
            self.found.report(
                place,
                say("One person can put a name to an opinion twice."),
                say("Add the guard “one_name_once”."),
                path,
                consulting=True,
            )
        wanted = self.definition.rule_for(asked.body).countersigners
        if move.name == "sign" and len(asked.countersigned_by) < wanted:
            self.found.report(
                place,
                say("An opinion can be signed before it is countersigned."),
                say("Add the guard “enough_countersignatures”."),
                path,
                consulting=True,
            )

    def _check_settled(self, here: Hashable, case: CaseFile, name: str) -> None:
        if any(not _answered(asked) for asked in _musts(case)):
            self.found.report(
                "moves.replies_complete",
                say("The case goes on while a body that must answer is silent."),
                say("Add the guard “every_must_body_signed”."),
                (*self._path(here), name),
            )

    def _all_can_end(self, ending: list[Hashable], state_of: Mapping[Hashable, str]) -> None:
        backward: dict[Hashable, list[Hashable]] = {}
        for here, ways in self.onward.items():
            for there in ways:
                backward.setdefault(there, []).append(here)
        reached = set(ending)
        waiting = list(ending)
        while waiting:
            for before in backward.get(waiting.pop(), ()):
                if before not in reached:
                    reached.add(before)
                    waiting.append(before)
        lost = [here for here in self.came_from if here not in reached]
        stuck = [
            here
            for here in lost
            if all(state_of[there] == state_of[here] for there in self.onward.get(here, ()))
        ]
        for here in stuck or lost:  # where it gets stuck says enough; not what leads there
            self.found.report(
                f"states.{state_of[here]}",
                say("A case can come here from where no end can be reached."),
                say("Let a role make a move that nothing holds back for ever."),
                self._path(here),
            )

    # ------------------------------------------------------------------ bookkeeping

    def _path(self, here: Hashable) -> tuple[str, ...]:
        acts_made: list[str] = []
        while (before := self.came_from[here])[0] != here:
            acts_made.append(before[1])
            here = before[0]
        return tuple(reversed(acts_made))

    def _key(self, case: CaseFile) -> Hashable:
        # Once the bodies have answered, what an open question looks like inside changes nothing;
        # once the case is concluded, neither does what was answered.
        asked: list[tuple[str, ...]] = []
        if not case.outcome:
            open_now = "consulting" in (case.state, case.stood_in)
            asked = sorted(
                (self.alike[c.body], c.need, *_inner(c, whole=open_now)) for c in case.asked_now()
            )
        recorded = tuple(
            name for name in sorted(case.recorded) if name in self.opening or name in self.closing
        )
        return (
            case.state,
            case.stood_in,
            case.turn,
            case.proposed_outcome,
            case.proposed_by,
            case.outcome,
            recorded,
            tuple(asked),
        )


def _inner(asked: Consultation, *, whole: bool) -> tuple[str, ...]:
    """Return what matters of a question, without the body's name."""
    if asked.state == "signed":
        return (asked.state, str(asked.verdict))
    if not whole:
        return ("open",)
    if asked.draft is None:
        return (asked.state,)
    names = sorted(name.partition("@")[0] for name in asked.countersigned_by)
    return (asked.state, asked.draft.verdict, asked.draft.by.partition("@")[0], *names)


def _who_tries(move: Move, cast: tuple[Actor, ...]) -> Iterator[Actor]:
    """Yield who may try a move: all whose role allows it, or one where it makes no difference."""
    seen: set[str] = set()
    for actor in cast:
        if actor.role not in move.by or (move.name == "draft" and actor.officer in seen):
            continue
        yield actor
        seen.add(actor.officer)
        if not move.guards and move.name not in WHO_MATTERS:
            return


def _facts_in_play(definition: Definition) -> tuple[frozenset[str], frozenset[str]]:
    """Return the facts that open a way out of a guard, and those that wait for an answer."""
    guards = {guard for move in definition.moves for guard in move.guards}
    named = {name for guard in guards for name in FACTS_OF_GUARD.get(guard, ())}
    named |= {name for move in definition.moves for name in move.needs}
    named |= {name for outcome in definition.outcomes for name in outcome.closes_after}
    named = _with_what_comes_before(definition, named)
    pairs = {fact.answers for fact in definition.facts if fact.answers}
    answers = {fact.name for fact in definition.facts if fact.answers}
    return frozenset(named - pairs - answers), frozenset(named & (pairs | answers))


def _with_what_comes_before(definition: Definition, names: set[str]) -> set[str]:
    found: set[str] = set()
    waiting = list(names)
    while waiting:
        name = waiting.pop()
        if name in found:
            continue
        found.add(name)
        fact = definition.fact_by_name[name]
        waiting += [*fact.after, *fact.after_one_of, *fact.settled]
        waiting += [other.name for other in definition.facts if other.answers == name]
    return found


def _recorded_where_needed(definition: Definition, name: str) -> bool:
    """Tell whether a fact can be recorded in every place where something waits for it."""
    waiting: set[str] = set()
    for move in definition.moves:
        looked_for = {fact for guard in move.guards for fact in FACTS_OF_GUARD.get(guard, ())}
        if "outcome_followed_up" in move.guards:
            looked_for |= {each for outcome in definition.outcomes for each in outcome.closes_after}
        if name in looked_for | set(move.needs):
            waiting.update(move.source)
    for fact in definition.facts:
        if name in (*fact.after, *fact.after_one_of):
            waiting.update(fact.states)
    return waiting <= set(definition.fact_by_name[name].states)


def _answered(asked: Consultation) -> bool:
    return asked.state == "signed" and asked.verdict is not None and asked.draft is not None


def _musts(case: CaseFile) -> list[Consultation]:
    """Return the questions that must be answered, counted anew and not by the case itself."""
    return [
        asked
        for asked in case.consultations
        if asked.turn == case.turn and asked.need is Need.MUST and asked.state != "withdrawn"
    ]


# ---------------------------------------------------------------------- laws of the case's moves

_Holds = Callable[[Definition, CaseFile, Actor, str | None], bool]


def _nothing_owing(_it: Definition, case: CaseFile, _by: Actor, _outcome: str | None) -> bool:
    return all(_answered(asked) for asked in _musts(case)) and case.turn > 0


def _another_proposed(_it: Definition, case: CaseFile, by: Actor, _outcome: str | None) -> bool:
    return case.proposed_by != by.officer


def _was_proposed(_it: Definition, case: CaseFile, _by: Actor, _outcome: str | None) -> bool:
    return case.proposed_outcome is not None and case.before_authority


def _was_heard(it: Definition, case: CaseFile, _by: Actor, outcome: str | None) -> bool:
    adverse = outcome is not None and it.outcome_by_name[outcome].adverse
    return not adverse or bool({"hearing", "hearing_absent"} & case.recorded.keys())


def _no_matter_open(_it: Definition, case: CaseFile, _by: Actor, _outcome: str | None) -> bool:
    return case.times_recorded("matter_raised") <= case.times_recorded("matter_concluded")


def _verified(_it: Definition, case: CaseFile, _by: Actor, _outcome: str | None) -> bool:
    return case.times_recorded("verification_asked") <= case.times_recorded("verification_reply")


def _was_told(_it: Definition, case: CaseFile, _by: Actor, _outcome: str | None) -> bool:
    return "candidate_told" in case.recorded


_MATTER = (
    _no_matter_open,
    say("The case goes on while a political matter is open."),
    say("Add the guard “no_open_matter”."),
)
_LAWS: tuple[tuple[str, _Holds, Sentence, Sentence], ...] = (
    (
        "propose",
        _nothing_owing,
        say("The Board can propose while a body that must answer has not signed."),
        say("Add the guard “every_must_body_signed”."),
    ),
    (
        "submit",
        _another_proposed,
        say("Whoever drew up the proposal can submit it."),
        say("Add the guard “somebody_else_proposed”."),
    ),
    (
        "conclude",
        _was_proposed,
        say("The authority can conclude without a proposal before it."),
        say("Let “conclude” come only after “submit”."),
    ),
    (
        "conclude",
        _was_heard,
        say("An adverse outcome can be concluded without hearing the candidate."),
        say("Add the guard “candidate_heard”."),
    ),
    (
        "close",
        _was_told,
        say("The case can close before the candidate was told."),
        say("Add the guard “candidate_told”."),
    ),
    ("accept", *_MATTER),
    ("propose", *_MATTER),
    ("conclude", *_MATTER),
    (
        "accept",
        _verified,
        say("A case can be accepted while a request to verify has no reply."),
        say("Add the guard “verification_complete”."),
    ),
)


# ---------------------------------------------------------------------- orders


def _orders(found: _Found) -> None:
    """Let one to three bodies sign in every order, every subset and with every verdict."""
    for size in (1, 2, 3):
        verdicts = tuple(Verdict) if size < 3 else tuple(Verdict)[1:3]  # noqa: PLR2004
        for needs in product((Need.MUST, Need.MAY), repeat=size):
            for said in product(verdicts, repeat=size):
                start = _ready_to_sign(found, needs, said)
                if start is not None:
                    _every_order(found, start)


def _every_order(found: _Found, start: CaseFile) -> None:
    bodies = [asked.body for asked in start.consultations]
    ended: dict[frozenset[str], tuple[str, tuple[str, ...]]] = {}
    for order in permutations(bodies):
        case = start
        for number, body in enumerate(order, start=1):
            case = _signed(found, case, body)
            silent = [c.body for c in _musts(case) if not _answered(c)]
            path = tuple(f"{Role.BODY_SIGNER} of {each}: sign" for each in order[:number])
            if silent and case.state != start.state:
                found.report(
                    "moves.replies_complete",
                    say("The case goes on while a body that must answer is silent."),
                    say("Add the guard “every_must_body_signed”."),
                    path,
                )
            first = ended.setdefault(frozenset(order[:number]), (case.state, path))
            if first[0] != case.state:
                found.report(
                    "moves.replies_complete",
                    say("Where the case goes depends on the order in which the bodies sign."),
                    say("Let a guard count what was signed, not who signed last."),
                    path,
                )


def _ready_to_sign(
    found: _Found, needs: tuple[Need, ...], said: tuple[Verdict, ...]
) -> CaseFile | None:
    definition = found.definition
    case = CaseFile("case", definition.case_type, 1, "consulting", "unit", turn=1)  # type: ignore[arg-type]  # never the consultation's own
    for number, (need, verdict) in enumerate(zip(needs, said, strict=True), start=1):
        body = f"body-{number}"
        drafter, *others, signer, _ = people_of(definition, body)
        case = follow(case, facts.BodyAsked(body, body, 1, need, "letter"))
        acts_there: list[tuple[str, Actor, Verdict | None]] = [
            ("draft", drafter, verdict),
            ("pass_on", drafter, None),
            *(("countersign", other, None) for other in others),
        ]
        for name, actor, drafted in acts_there:
            asked = case.consultation(body)
            try:
                step = decide.step_of_consultation(
                    found.consulting, definition, case, asked, name, actor, reason="r"
                )
            except Refusal:
                return None
            case = follow(case, _fact_of_consultation(name, step, asked, actor, drafted))
        if signer.role not in found.consulting.moves_by_name["sign"].by:
            return None
    return case


def _signed(found: _Found, case: CaseFile, body: str) -> CaseFile:
    asked = case.consultation(body)
    signer = people_of(found.definition, body)[-2]
    found.steps += 1
    try:
        step = decide.step_of_consultation(
            found.consulting, found.definition, case, asked, "sign", signer, reason="r"
        )
    except Refusal:
        return case
    case = follow(case, _fact_of_consultation("sign", step, asked, signer, None))
    for fact in decide.settle(found.definition, case, signer):
        case = follow(case, fact)
    return case


def _never_made(found: _Found) -> None:
    """Say which moves no officer could ever make, and which outcomes no case could ever have."""
    if found.problems:
        return
    for it in (found.definition, found.consulting):
        for move in it.moves:
            countersigns = any(rule.countersigners for rule in found.definition.consultation)
            if move.name == "countersign" and not countersigns:
                continue
            reached = it is found.consulting or found.stood_in & set(move.source)
            if reached and (str(it.case_type), move.name) not in found.moves_made:
                found.report(
                    f"moves.{move.name}",
                    say("Nobody can ever make this move."),
                    say("Look at its guards, and at who may record the facts they wait for."),
                    consulting=it is found.consulting,
                )
    for outcome in () if found.problems else found.definition.outcomes:
        if outcome.concluded and outcome.name not in found.closed:
            found.report(
                f"outcomes.{outcome.name}",
                say("No case with this outcome can ever be closed."),
                say("Look at what is needed before a case concludes and closes."),
            )


# ---------------------------------------------------------------------- facts


def _fact(name: str, step: decide.Step, case: CaseFile, actor: Actor, outcome: str | None) -> Fact:
    told: dict[str, object] = {
        "reference": "R",
        "reason": "r",
        "reasons": "r",
        "missing": (),
        "name": case.name,
        "born": case.born,
        "target_title": case.target,
        "answer": "a",
        "regulation": "regulation",
        "authority": "authority",
        "turn": case.turn + 1,
        "outcome": outcome or case.outcome or "",
        "by": actor.officer,
        "decided_on": DAY.isoformat(),
    }
    return _made(acts.OF_A_CASE[name], step, told)


def _fact_of_consultation(
    name: str, step: decide.Step, asked: Consultation, actor: Actor, verdict: Verdict | None
) -> facts.AboutConsultation:
    draft = asked.draft
    told: dict[str, object] = {
        "consultation": asked.handle,
        "body": asked.body,
        "officer": actor.officer,
        "reason": "r",
        "reasons": "r",
        "verdict": verdict or (draft.verdict if draft else Verdict.NO_INFORMATION),
        "hash": "h",
        "by": actor.officer,
        "drafted_by": draft.by if draft else "",
        "body_name": asked.body,
    }
    made = _made(acts.OF_A_CONSULTATION[name], step, told)
    assert isinstance(made, facts.AboutConsultation)  # noqa: S101  # so the table says
    return made


def _made(kind: type[Fact], step: decide.Step, told: Mapping[str, object]) -> Fact:
    """Make a fact out of what is known, whatever its kind asks for."""
    wanted = kind.__dataclass_fields__
    return kind(
        **{name: value for name, value in told.items() if name in wanted},
        source=step.source,  # type: ignore[call-arg]  # every act in the tables moves
        target=step.target,
    )
