"""Prove: whether a definition makes sense as a whole, before a case may depend on it.

First what can be read off the file: that everything named exists, that every state is reached,
left and somebody's, that rules cannot be passed by. Then, where nothing is wrong so far, the whole
state space is walked with the engine itself (`walk.py`).
"""

from collections import Counter
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass

from vetting.engine import acts
from vetting.engine.deadlines import CAN_STOP, QUESTION, owed_in
from vetting.engine.definition import (
    CONCLUSION,
    CONSULTATION,
    CaseDeadline,
    Deadline,
    Definition,
    OwnDeadline,
    RecordedFact,
    Reminder,
)
from vetting.engine.guards import FACTS_OF_GUARD, GUARDS
from vetting.engine.notices import CATALOGUE
from vetting.engine.problem import Problem
from vetting.engine.sentences import Sentence, say
from vetting.engine.walk import Walk, walk

# Of the term for what the unit is asked; more is a slip of the pen.
MOST_FOR_AN_ANSWER = {"working_days": 250, "calendar_days": 366, "months": 12}


@dataclass(frozen=True, slots=True)
class Proof:
    """What was found wrong, and how much was looked at."""

    problems: tuple[Problem, ...]
    states: int = 0  # situations reached in the walk
    steps: int = 0  # acts tried there


def prove(
    definition: Definition,
    consulting: Definition,
    *,
    bodies_known: Collection[str] | None = None,
    followed: Definition | None = None,
) -> list[Problem]:
    """Return what is wrong with a definition; nothing, where it may be published."""
    return list(
        proof(definition, consulting, bodies_known=bodies_known, followed=followed).problems
    )


def proof(
    definition: Definition,
    consulting: Definition,
    *,
    bodies_known: Collection[str] | None = None,
    followed: Definition | None = None,
) -> Proof:
    """Return what is wrong with a definition, with the size of the space that was walked.

    *followed* is the definition of the case type that this one follows, where there is one.
    """
    file = f"{definition.case_type}/v{definition.version}.toml"
    found = [remark for look in _NAMES for remark in look(definition)]
    if not found:  # what follows from a wrong name need not be told as well
        found = [
            *(remark for look in _LOOKS for remark in look(definition)),
            *_bodies_exist(definition, bodies_known),
            *_deadlines_resolve(definition, followed),
        ]
    if found or definition.case_type == CONSULTATION:
        return Proof(
            tuple(Problem(file, remark.where, remark.sentence, remark.remedy) for remark in found)
        )
    walked: Walk = walk(definition, consulting)
    return Proof(walked.problems, walked.states, walked.steps)


@dataclass(frozen=True, slots=True)
class _Remark:
    where: str
    sentence: Sentence
    remedy: Sentence


def _names_once(it: Definition) -> Iterator[_Remark]:
    groups: list[tuple[str, list[str]]] = [
        ("states", [state.name for state in it.states]),
        ("moves", [move.name for move in it.moves]),
        ("facts", [fact.name for fact in it.facts] + [paper.name for paper in it.papers]),
        ("outcomes", [outcome.name for outcome in it.outcomes]),
        ("consultation", [rule.body for rule in it.consultation]),
        (
            "deadlines",
            [deadline.name for deadline in it.deadlines] + [state.name for state in it.states],
        ),
        *(
            (f"facts.{fact.name}.fields", [field.name for field in fact.fields])
            for fact in it.facts
        ),
    ]
    told = set()
    for group, names in groups:
        for name, times in Counter(names).items():
            if times > 1 and name not in told:
                told.add(name)
                yield _Remark(
                    f"{group}.{name}",
                    say("The name “%(name)s” is used twice.", name=name),
                    say("Give one of the two another name."),
                )


def _engine_can_run_it(it: Definition) -> Iterator[_Remark]:
    consultation = it.case_type == CONSULTATION
    known = acts.OF_A_CONSULTATION if consultation else acts.OF_A_CASE
    needed = acts.NEEDED_OF_A_CONSULTATION if consultation else acts.NEEDED_OF_A_CASE
    states = acts.STATES_OF_A_CONSULTATION if consultation else acts.STATES_OF_A_CASE
    for move in it.moves:
        if move.name not in known:
            yield _Remark(
                f"moves.{move.name}",
                say("The program knows no act called “%(name)s”.", name=move.name),
                say("Write one of %(names)s.", names=", ".join(known)),
            )
    for name in needed:
        if name not in it.moves_by_name:
            yield _Remark(
                "moves",
                say("The move “%(name)s” is missing.", name=name),
                say("Add it; without it a case cannot be carried through."),
            )
    for name in states:
        if name not in it.state_by_name:
            yield _Remark(
                "states",
                say("The state “%(name)s” is missing.", name=name),
                say("Add it; the program looks for it by this name."),
            )
    if it.opens != states[0]:
        yield _Remark(
            "opens",
            say("It must open in “%(name)s”.", name=states[0]),
            say("Write “%(name)s”.", name=states[0]),
        )


def _moves_lead_somewhere(it: Definition) -> Iterator[_Remark]:
    for move in it.moves:
        for end, names in (("from", move.source), ("to", move.target)):
            yield from _unknown(f"moves.{move.name}.{end}", names, it.state_by_name, "state")
        yield from _unknown(f"moves.{move.name}.guards", move.guards, GUARDS, "guard")
        yield from _unknown(f"moves.{move.name}.needs", move.needs, it.fact_by_name, "fact")
        if bool(move.needs) != ("facts_recorded" in move.guards):
            yield _Remark(
                f"moves.{move.name}.needs",
                say("“needs” and the guard “facts_recorded” go together; one is missing."),
                say("Write both or neither."),
            )
        if len(move.target) > 1 and "stood_here_before" not in move.guards:
            yield _Remark(
                f"moves.{move.name}.to",
                say("Nothing decides where this move leads."),
                say("Name one state, or add the guard “stood_here_before”."),
            )


def _guards_find_their_facts(it: Definition) -> Iterator[_Remark]:
    for move in it.moves:
        for guard in move.guards:
            lacking = [
                name for name in FACTS_OF_GUARD.get(guard, ()) if name not in it.fact_by_name
            ]
            if lacking and it.case_type != CONSULTATION:
                yield _Remark(
                    f"moves.{move.name}.guards",
                    say(
                        "The guard “%(guard)s” looks for facts that cannot be recorded: %(facts)s.",
                        guard=guard,
                        facts=", ".join(lacking),
                    ),
                    say("Add these facts, or take the guard away."),
                )
    waits = any("follows_an_admission" in move.guards for move in it.moves)
    if waits and it.follows is None:
        yield _Remark(
            "follows",
            say("A move waits for the case this one follows, but none is named."),
            say("Add “follows”, or take the guard “follows_an_admission” away."),
        )


def _facts_fit(it: Definition) -> Iterator[_Remark]:
    for fact in it.facts:
        place = f"facts.{fact.name}"
        yield from _unknown(f"{place}.states", fact.states, it.state_by_name, "state")
        named = (*fact.after, *fact.after_one_of, *fact.settled, *filter(None, [fact.answers]))
        yield from _unknown(place, named, it.fact_by_name, "fact")
        yield from _unknown(f"{place}.outcomes", fact.outcomes, it.outcome_by_name, "outcome")
        yield from _pairs(it, fact)
    for outcome in it.outcomes:
        place = f"outcomes.{outcome.name}.closes_after"
        yield from _unknown(place, outcome.closes_after, it.fact_by_name, "fact")
    if round_trip := _circle({fact.name: (*fact.after,) for fact in it.facts}):
        yield _Remark(
            f"facts.{round_trip[0]}.after",
            say("These facts wait for one another: %(facts)s.", facts=" → ".join(round_trip)),
            say("Let one of them come first."),
        )


def _pairs(it: Definition, fact: RecordedFact) -> Iterator[_Remark]:
    asked = it.fact_by_name.get(fact.answers or "")
    if asked and not (asked.repeats and fact.repeats):
        yield _Remark(
            f"facts.{fact.name}.answers",
            say("An answer and what it answers must both be repeatable."),
            say("Write “repeats = true” for both."),
        )
    answered = {other.answers for other in it.facts}
    for name in fact.settled:
        if name in it.fact_by_name and name not in answered:
            yield _Remark(
                f"facts.{fact.name}.settled",
                say("No fact answers “%(name)s”.", name=name),
                say("Add a fact with “answers”, or take the name away."),
            )


def _told_of_what_happens(it: Definition) -> Iterator[_Remark]:
    yield from _ladder("reminders", it.reminders)
    for name, own, owed_by in _own_deadlines(it):
        yield from _ladder(f"{name}.reminders", own.reminders)
        if own.reminders:
            yield from _owes(name, own, owed_by)
    for notice in it.notices:
        yield from _unknown(f"notices.{notice.on}.on", [notice.on], it.moves_by_name, "move")
        if notice.on in it.moves_by_name and (notice.on, notice.to) not in CATALOGUE:
            yield _Remark(
                f"notices.{notice.on}.to",
                say(
                    "No notice about “%(move)s” is written for “%(to)s”.",
                    move=notice.on,
                    to=notice.to,
                ),
                say("Name one that the catalogue of notices has, or take it away."),
            )


def _own_deadlines(it: Definition) -> Iterator[tuple[str, OwnDeadline, str | None]]:
    """Yield each deadline of the case itself: where it stands, and who owes it."""
    for deadline in it.deadlines:
        yield f"deadlines.{deadline.name}", deadline, deadline.owed_by
    if it.questions is not None:
        yield "questions", it.questions, "unit"
    for state in it.states:
        if state.deadline is not None:
            yield f"states.{state.name}.deadline", state.deadline, owed_in(state)


def _ladder(place: str, reminders: Iterable[Reminder]) -> Iterator[_Remark]:
    told = Counter((one.days, one.to) for one in reminders)
    for (days, to), times in told.items():
        if times > 1 or (to != "owing" and days <= 0):
            yield _Remark(
                f"{place}.{to}.days",
                say("Somebody is told the same twice, or is told of what is not late yet."),
                say("Say each rung once; those above are told only after the last day."),
            )


def _owes(place: str, own: OwnDeadline, owed_by: str | None) -> Iterator[_Remark]:
    """Yield what is wrong with whom the rungs of a deadline would tell."""
    if owed_by is None:
        yield _Remark(
            f"{place}.owed_by",
            say("Nobody is said to owe this, so nobody can be reminded of it."),
            say("Write “unit”, “board” or “authority”, or take the reminders away."),
        )
        return
    if isinstance(own, CaseDeadline) and not own.met_by:
        yield _Remark(
            f"{place}.reminders",
            say("Nothing meets this deadline, so nothing is ever owed by it."),
            say("Say what meets it, or take the reminders away."),
        )
    for to in dict.fromkeys(rung.to for rung in own.reminders):
        if to == "head" and owed_by != "board":
            yield _Remark(
                f"{place}.reminders.head.to",
                say("Of a unit and of an authority the program knows no head."),
                say("Write “coordinator”."),
            )
        if to == "coordinator" and owed_by == "board":
            yield _Remark(
                f"{place}.reminders.coordinator.to",
                say("The Board owes this itself: there is no coordinator above it."),
                say("Write “head”."),
            )


def _ends_are_known(it: Definition) -> Iterator[_Remark]:
    if it.validity is not None:
        named = it.validity.outcomes
        yield from _unknown("validity.outcomes", named, it.outcome_by_name, "outcome")
    told = Counter((one.of, one.unit, one.length, one.to) for one in it.ahead)
    for (of, *_), times in told.items():
        if times > 1:
            yield _Remark(
                f"ahead.{of}",
                say("Somebody is told the same twice ahead of one day."),
                say("Say each of them once."),
            )
    for one in it.ahead:
        yield from _unknown(f"ahead.{one.of}.outcomes", one.outcomes, it.outcome_by_name, "outcome")
        if not _ends(one.of, it):
            yield _Remark(
                f"ahead.{one.of}.of",
                say("Nothing called “%(name)s” ends on a day that a rule gives.", name=one.of),
                say(
                    "Write “conclusion” beside a “validity”, a paper with “fresh_months”, or a "
                    "fact’s date that lies ahead, such as “term_end.ends_on”."
                ),
            )


def _ends(of: str, it: Definition) -> bool:
    if of == CONCLUSION:
        return it.validity is not None
    if of in it.paper_by_name:
        return it.paper_by_name[of].fresh_months is not None
    fact, _, wanted = of.partition(".")
    return fact in it.fact_by_name and any(
        field.name == wanted and field.kind == "date" and field.ahead
        for field in it.fact_by_name[fact].fields
    )


def _states_are_somebodys(it: Definition) -> Iterator[_Remark]:
    for state in it.states:
        place = f"states.{state.name}"
        moves = it.moves_from(state.name)
        if state.final:
            if moves:
                yield _Remark(
                    place,
                    say("A final state has a way out: “%(move)s”.", move=moves[0].name),
                    say("Take the move away, or “final”."),
                )
            continue
        if not any(move.by or move.automatic for move in moves):
            yield _Remark(
                place,
                say("Nobody can act here: no move leads out."),
                say("Add a move out of this state, or make it final."),
            )
            continue
        roles = {role for move in moves for role in move.by}
        roles |= {role for fact in it.facts if state.name in fact.states for role in fact.by}
        if not state.acts or not set(state.acts) <= roles:
            yield _Remark(
                f"{place}.acts",
                say("Whoever is said to have the case here has nothing to do here."),
                say("Name the roles that have a move out of this state."),
            )


def _states_are_reached(it: Definition) -> Iterator[_Remark]:
    onward: dict[str, set[str]] = {state.name: set() for state in it.states}
    for move in it.moves:
        for source in move.source:
            onward.setdefault(source, set()).update(move.target)
    reached = _spread([it.opens], onward)
    for state in it.states:
        if state.name not in reached:
            yield _Remark(
                f"states.{state.name}",
                say("No way leads to this state."),
                say("Add a move to it, or take the state away."),
            )
    backward: dict[str, set[str]] = {}
    for source, targets in onward.items():
        for target in targets:
            backward.setdefault(target, set()).add(source)
    ending = _spread([state.name for state in it.states if state.final], backward)
    for state in it.states:
        if state.name in reached and state.name not in ending and it.moves_from(state.name):
            yield _Remark(
                f"states.{state.name}",
                say("From here no end can be reached."),
                say("Add a move that leads towards a final state."),
            )


def _engine_stops(it: Definition) -> Iterator[_Remark]:
    automatic: dict[str, tuple[str, ...]] = {}
    for move in it.moves:
        if move.automatic:
            for source in move.source:
                automatic[source] = (*automatic.get(source, ()), *move.target)
    if round_trip := _circle(automatic):
        yield _Remark(
            f"states.{round_trip[0]}",
            say("The engine’s own moves go round: %(states)s.", states=" → ".join(round_trip)),
            say("Let a role make one of these moves."),
        )


def _suspended_comes_back(it: Definition) -> Iterator[_Remark]:
    suspend, resume = it.moves_by_name.get("suspend"), it.moves_by_name.get("resume")
    if suspend is None and resume is None:
        return
    left = set(suspend.source) if suspend else set()
    back = set(resume.target) if resume else set()
    if left != back:
        odd = ", ".join(sorted(left ^ back))
        yield _Remark(
            "moves.resume.to",
            say(
                "A case is not taken up again just where it was suspended: %(states)s.", states=odd
            ),
            say("Let “resume” lead to the states that “suspend” leaves."),
        )


def _adverse_is_heard(it: Definition) -> Iterator[_Remark]:
    conclude = it.moves_by_name.get("conclude")
    adverse = [outcome for outcome in it.outcomes if outcome.adverse and outcome.concluded]
    if conclude and adverse and "candidate_heard" not in conclude.guards:
        yield _Remark(
            "moves.conclude.guards",
            say(
                "The outcome “%(outcome)s” can be concluded without hearing the candidate.",
                outcome=adverse[0].name,
            ),
            say("Add the guard “candidate_heard”."),
        )
    if it.case_type != CONSULTATION:
        if not any(outcome.proposed for outcome in it.outcomes):
            yield _Remark(
                "outcomes",
                say("No outcome can be proposed."),
                say("Add one, or “proposed = true”."),
            )
        if not any(outcome.concluded for outcome in it.outcomes):
            yield _Remark(
                "outcomes",
                say("No outcome can be concluded."),
                say("Add one, or “concluded = true”."),
            )


def _outcomes_are_followed_up(it: Definition) -> Iterator[_Remark]:
    close = it.moves_by_name.get("close")
    waiting = [outcome.name for outcome in it.outcomes if outcome.closes_after]
    if close and waiting and "outcome_followed_up" not in close.guards:
        yield _Remark(
            "moves.close.guards",
            say(
                "The outcome “%(outcome)s” asks for facts that nothing waits for.",
                outcome=waiting[0],
            ),
            say("Add the guard “outcome_followed_up”."),
        )


def _questions_have_a_term(it: Definition) -> Iterator[_Remark]:
    term = it.questions
    if term is None:
        return
    most = MOST_FOR_AN_ANSWER[term.unit]
    if term.length > most:
        yield _Remark(
            "questions.length",
            say("This is more than a year; nobody has so long for an answer."),
            say("Write at most %(most)s, or leave the term out.", most=most),
        )
    if term.stops_in or term.extension:
        yield _Remark(
            "questions",
            say("The day of an answer is frozen: nothing extends it, and its clock never stops."),
            say("Take “extension” and “stops_in” away."),
        )


_NAMES: tuple[Callable[[Definition], Iterator[_Remark]], ...] = (
    _names_once,
    _engine_can_run_it,
    _moves_lead_somewhere,
    _guards_find_their_facts,
    _facts_fit,
    _told_of_what_happens,
    _ends_are_known,
)
_LOOKS: tuple[Callable[[Definition], Iterator[_Remark]], ...] = (
    _states_are_somebodys,
    _states_are_reached,
    _engine_stops,
    _suspended_comes_back,
    _adverse_is_heard,
    _outcomes_are_followed_up,
    _questions_have_a_term,
)


def _bodies_exist(it: Definition, bodies: Collection[str] | None) -> Iterator[_Remark]:
    for rule in it.consultation:
        if bodies is not None and rule.body != "*" and rule.body not in bodies:
            yield _Remark(
                f"consultation.{rule.body}",
                say("There is no body called “%(body)s”.", body=rule.body),
                say("Write the code of a consulted body, or “*” for every body."),
            )
        for state in rule.stops_in:
            if state != QUESTION:
                yield _Remark(
                    f"consultation.{rule.body}.stops_in",
                    say("The clock cannot stand still in “%(state)s”.", state=state),
                    say("Write “question”: the day of an answer moves while the unit is asked."),
                )
        if rule.more_time and rule.more_time.times is rule.more_time.working_days is None:
            yield _Remark(
                f"consultation.{rule.body}.more_time",
                say("This limits nothing."),
                say("Write how many times, or how many working days in all; or leave it out."),
            )


def _deadlines_resolve(it: Definition, followed: Definition | None) -> Iterator[_Remark]:
    by_name = {deadline.name: deadline for deadline in it.deadlines}
    for deadline in it.deadlines:
        place = f"deadlines.{deadline.name}"
        if not _starts(deadline, it, followed, by_name):
            yield _Remark(
                f"{place}.start",
                say("There is no such start: “%(start)s”.", start=deadline.start),
                say(
                    "Write a state, a fact’s date such as “cell_resolution.passed_on”, "
                    "or the name of another deadline."
                ),
            )
        yield from _stops(f"{place}.stops_in", deadline)
        if deadline.frozen and (deadline.stops_in or deadline.extension):
            yield _Remark(
                f"{place}.frozen",
                say("A frozen date cannot be extended, and its clock cannot stand still."),
                say("Take “frozen” away, or “extension” and “stops_in”."),
            )
        met = {**it.state_by_name, **it.fact_by_name}
        yield from _unknown(f"{place}.met_by", deadline.met_by, met, "state or fact")
    for state in it.states:
        if state.deadline is not None:
            yield from _stops(f"states.{state.name}.deadline.stops_in", state.deadline)
    chain = {
        deadline.name: (deadline.start,) for deadline in it.deadlines if deadline.start in by_name
    }
    if round_trip := _circle(chain):
        yield _Remark(
            f"deadlines.{round_trip[0]}.start",
            say("These deadlines start from one another: %(names)s.", names=" → ".join(round_trip)),
            say("Let one of them start from a state or a date on record."),
        )
    if it.follows and followed:
        named = [it.follows.outcome]
        yield from _unknown("follows.outcome", named, followed.outcome_by_name, "outcome")
        recorded = it.follows.recorded
        yield from _unknown("follows.recorded", recorded, followed.fact_by_name, "fact")
    probation = by_name.get("probation")
    for outcome in it.outcomes:
        if outcome.effective and (probation is None or probation.unit != "months"):
            yield _Remark(
                f"outcomes.{outcome.name}.effective",
                say("The outcome counts from the end of a probation that has no length in months."),
                say("Add the deadline “probation” with its length in months."),
            )


def _stops(place: str, deadline: Deadline) -> Iterator[_Remark]:
    for state in deadline.stops_in:
        if state not in CAN_STOP:
            yield _Remark(
                place,
                say("The clock cannot stand still in “%(state)s”.", state=state),
                say(
                    "Write “returned”, “suspended” or “question”: everybody sees a case come there "
                    "and leave, and the unit being asked."
                ),
            )


def _starts(
    deadline: CaseDeadline,
    it: Definition,
    followed: Definition | None,
    by_name: Collection[str],
) -> bool:
    start = deadline.start
    if start in it.state_by_name or start in by_name:
        return True
    if start.startswith("admission."):
        if it.follows is None:
            return False
        return followed is None or _is_a_date(start.removeprefix("admission."), followed)
    return _is_a_date(start, it)


def _is_a_date(place: str, it: Definition) -> bool:
    fact, _, wanted = place.partition(".")
    return fact in it.fact_by_name and any(
        field.name == wanted and field.kind == "date" for field in it.fact_by_name[fact].fields
    )


def _unknown(
    where: str, names: Iterable[str], known: Collection[str], kind: str
) -> Iterator[_Remark]:
    for name in names:
        if name not in known:
            yield _Remark(
                where, _NO_SUCH[kind](name), say("Write one of %(names)s.", names=", ".join(known))
            )


_NO_SUCH: dict[str, Callable[[str], Sentence]] = {
    "state": lambda name: say("There is no state “%(name)s”.", name=name),
    "guard": lambda name: say("There is no guard “%(name)s”.", name=name),
    "fact": lambda name: say("There is no fact “%(name)s”.", name=name),
    "outcome": lambda name: say("There is no outcome “%(name)s”.", name=name),
    "move": lambda name: say("There is no move “%(name)s”.", name=name),
    "state or fact": lambda name: say("There is no state or fact “%(name)s”.", name=name),
}


def _spread(start: Iterable[str], onward: dict[str, set[str]]) -> set[str]:
    """Return everything that can be reached."""
    reached, waiting = set(), list(start)
    while waiting:
        name = waiting.pop()
        if name not in reached:
            reached.add(name)
            waiting.extend(onward.get(name, ()))
    return reached


def _circle(onward: Mapping[str, tuple[str, ...]]) -> list[str]:
    """Return a way that comes back to its beginning, or nothing."""
    for start, first in onward.items():
        way, seen = [start], set()
        waiting = [(start, iter(first))]
        while waiting:
            following = next(waiting[-1][1], None)
            if following is None:
                waiting.pop()
                way.pop()
            elif following == start:
                return [*way, start]
            elif following not in seen:
                seen.add(following)
                way.append(following)
                waiting.append((following, iter(onward.get(following, ()))))
    return []
