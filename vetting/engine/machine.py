"""The only file that knows the `transitions` package.

Its defaults that would be holes here are closed: it gives every model a to_<state>() door past all
guards (auto_transitions off); it keeps and resets every model it is given (a throwaway token moves
instead of a case); it imports any dotted name found where a condition should be (guards arrive as
functions, never as text). Nothing is written in callbacks, and events are not queued, so what a
trigger returns can be trusted. A machine is flat and shared: only the token has a state.
"""

from dataclasses import replace
from functools import lru_cache, partial

from transitions import EventData, Machine

from vetting.engine.definition import Definition
from vetting.engine.guards import GUARDS, Guard, Situation
from vetting.engine.refusals import HeldBack, MoveNotOffered
from vetting.engine.sentences import Sentence, say


class Token:
    """What the machine moves: it lives for one question and is thrown away."""

    __slots__ = ("state",)

    def __init__(self, state: str) -> None:
        self.state = state


def destination(situation: Situation) -> str:
    """Return the state that the situation's move leads to, or refuse with the guards' reasons."""
    state, move = situation.state, situation.move
    if state not in move.source:
        raise MoveNotOffered(
            say("“%(move)s” is not possible while it stands here.", move=move.name)
        )
    token = Token(state)
    reasons: list[Sentence] = []
    trigger = _machine_of(situation.machine).events[move.name].trigger
    if not trigger(token, situation=situation, reasons=reasons):
        raise HeldBack(reasons[0])
    return token.state


@lru_cache(maxsize=256)
def _machine_of(definition: Definition) -> Machine:
    return Machine(
        model=None,
        states=[state.name for state in definition.states],
        initial=definition.opens,
        transitions=[
            {
                "trigger": move.name,
                "source": source,
                "dest": target,
                "conditions": partial(_passes, target, tuple(GUARDS[g] for g in move.guards)),
            }
            for move in definition.moves
            for source in move.source
            for target in move.target
        ],
        auto_transitions=False,
        send_event=True,
    )


def _passes(target: str, guards: tuple[Guard, ...], event: EventData) -> bool:
    if not guards:
        return True
    situation: Situation = event.kwargs["situation"]
    if situation.target != target:
        situation = replace(situation, target=target)
    held = [reason for guard in guards if (reason := guard(situation))]
    event.kwargs["reasons"].extend(held)
    return not held
