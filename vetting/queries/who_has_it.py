"""Who has a case now: the organisation that has to act next."""

from vetting.engine.casefile import CaseFile
from vetting.engine.definition import Definition, Title
from vetting.engine.sentences import Sentence, say
from vetting.engine.vocabulary import Role

_BOARD = frozenset({Role.BOARD_OFFICER, Role.BOARD_HEAD})


def who_has_it(
    definition: Definition, case: CaseFile, unit: Title, authority: Title | None
) -> Sentence | Title:
    """Return who has the case, in words."""
    state = definition.state_by_name[case.state]
    if state.final:
        return say("Nobody: nothing is left to do")
    if Role.CASE_OFFICER in state.acts:
        return unit
    if case.state == "consulting":
        return say("The bodies that were asked")
    if Role.SECRETARY in state.acts:
        return authority or say("The competent authority")
    if _BOARD & set(state.acts):
        return say("The Organisation Board")
    return say("Nobody")
