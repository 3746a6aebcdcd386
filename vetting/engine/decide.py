"""Decide: whether a move may be made, and where it leads."""

from collections.abc import Callable, Collection, Iterator
from dataclasses import dataclass

from vetting.engine import facts
from vetting.engine.casefile import CaseFile, Consultation
from vetting.engine.definition import Definition, Move
from vetting.engine.facts import Fact
from vetting.engine.follow import follow
from vetting.engine.guards import Actor, Situation, reason_against
from vetting.engine.machine import destination
from vetting.engine.refusals import Forbidden, HeldBack, MoveNotOffered, Unacceptable
from vetting.engine.sentences import Sentence, say


@dataclass(frozen=True, slots=True)
class Step:
    """A move that may be made: from where to where."""

    source: str
    target: str


@dataclass(frozen=True, slots=True)
class Offer:
    """A move out of the present state, as it is shown to an officer."""

    move: Move
    held_back: Sentence | None  # why it cannot be made now, or None


# The moves that say an outcome, and which outcomes they may say.
_WITH_OUTCOME: dict[str, Callable[[Definition], Collection[str]]] = {
    "propose": lambda definition: [o.name for o in definition.outcomes if o.proposed],
    "conclude": lambda definition: [o.name for o in definition.outcomes if o.concluded],
}


def step(  # a move takes as many words as it takes
    definition: Definition,
    case: CaseFile,
    move: str,
    actor: Actor,
    *,
    reason: str | None = None,
    outcome: str | None = None,
) -> Step:
    """Return where *move* takes the case; refuses with the reason why not."""
    asked = _asked_for(definition, move, actor, reason)
    if move in _WITH_OUTCOME and outcome not in _WITH_OUTCOME[move](definition):
        raise Unacceptable(say("Choose one of the outcomes that this workflow has."))
    situation = Situation(
        definition, definition, case, asked, actor, asked.target[0], outcome=outcome
    )
    return Step(case.state, destination(situation))


def step_of_consultation(
    consulting: Definition,
    definition: Definition,
    case: CaseFile,
    consultation: Consultation,
    move: str,
    actor: Actor,
    *,
    reason: str | None = None,
) -> Step:
    """Return where *move* takes a consultation; guards read the case type's own rules."""
    asked = _asked_for(consulting, move, actor, reason)
    if consultation.turn != case.turn or (move != "take_back" and case.state != "consulting"):
        raise MoveNotOffered(say("The case is no longer waiting for this opinion."))
    situation = Situation(
        consulting, definition, case, asked, actor, asked.target[0], consultation=consultation
    )
    return Step(consultation.state, destination(situation))


def settle(definition: Definition, case: CaseFile, actor: Actor) -> Iterator[Fact]:
    """Yield the facts of the engine's own moves, until none is possible."""
    for move in definition.moves_from(case.state):
        if not move.automatic:
            continue
        situation = Situation(definition, definition, case, move, actor, move.target[0])
        if reason_against(situation) is not None:  # as it mostly is: no need to ask the machine
            continue
        fact = facts.RepliesComplete(case.state, destination(situation), case.turn)
        yield fact
        yield from settle(definition, follow(case, fact), actor)
        return


def offers(definition: Definition, case: CaseFile, actor: Actor) -> tuple[Offer, ...]:
    """Return the moves that the actor's role could make from here, each with what holds it back."""
    return tuple(
        Offer(
            move, _held_back(Situation(definition, definition, case, move, actor, move.target[0]))
        )
        for move in definition.moves_from(case.state)
        if actor.role in move.by
    )


def offers_of_consultation(
    consulting: Definition,
    definition: Definition,
    case: CaseFile,
    consultation: Consultation,
    actor: Actor,
) -> tuple[Offer, ...]:
    """Return the moves on a consultation that the actor's role could make from here."""
    if case.state != "consulting" or consultation.turn != case.turn:
        return ()
    return tuple(
        Offer(
            move,
            _held_back(
                Situation(
                    consulting,
                    definition,
                    case,
                    move,
                    actor,
                    move.target[0],
                    consultation=consultation,
                )
            ),
        )
        for move in consulting.moves_from(consultation.state)
        if actor.role in move.by
    )


def _held_back(situation: Situation) -> Sentence | None:
    try:
        destination(situation)
    except HeldBack as held:
        return held.sentence
    return None


def _asked_for(definition: Definition, name: str, actor: Actor, reason: str | None) -> Move:
    move = definition.moves_by_name.get(name)
    if move is None:
        raise MoveNotOffered(say("This workflow has no “%(move)s”.", move=name))
    if actor.role not in move.by:
        raise Forbidden(say("Your role does not allow this."))
    if move.reason and not (reason or "").strip():
        raise Unacceptable(say("Give a reason."))
    return move
