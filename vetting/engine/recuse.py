"""Recuse: what follows when somebody declares that they must not deal with a case.

Whoever declares it has the case no more. What they had in hand of an open consultation is given
back: nobody holds it, their draft is off the road to signature and has to be written anew by
somebody else, and their countersignature no longer counts. It is the same with what is to become of
a signed opinion and is not signed yet. What they signed before stands.
"""

from collections.abc import Collection, Iterator

from vetting.engine.casefile import CaseFile, Consultation
from vetting.engine.definition import Definition
from vetting.engine.facts import (
    ConsultationReleased,
    Fact,
    OfficerRecused,
)
from vetting.engine.sentences import say

ONLY_TO_BE_LEFT = say(
    "You declared that you must not deal with this case. What is left to you is to open its "
    "restriction to another head of the Board, and then to declare it once more."
)
PASSED_ON = "ready"  # the state in which a draft waits for its signature


def has_declared(case: CaseFile, persons: Collection[str]) -> bool:
    """Tell whether somebody by whose word something is done must not deal with a case.

    Of a case that they still see it is so where nobody else could open its restriction yet.
    """
    return not case.conflicts_waiting.isdisjoint(persons)


def recused(
    consulting: Definition,
    case: CaseFile,
    officer: str,
    body: str | None,
    declaration: Fact | None = None,
) -> Iterator[Fact]:
    """Yield the facts of a recusal; *body* is the consulted body that the officer speaks for.

    They are the same for a *declaration* that waits for somebody who can take over.
    """
    for asked in in_hand_of(consulting, case, officer):
        yield ConsultationReleased(
            source=asked.state,
            target=_left_in(consulting, asked, officer),
            consultation=asked.handle,
            body=asked.body,
            officer=officer,
        )
    for asked in amended_by(case, officer):
        yield ConsultationReleased(
            source=asked.state,
            target=asked.state,
            consultation=asked.handle,
            body=asked.body,
            officer=officer,
        )
    yield declaration or OfficerRecused(officer, body)


def amended_by(case: CaseFile, officer: str) -> Iterator[Consultation]:
    """Yield the answered consultations of which an unsigned amendment has an officer's name."""
    for asked in case.consultations:
        drawn_up = asked.amendment
        if drawn_up and officer in drawn_up.names | drawn_up.countersigners:
            yield asked


def handed_back(
    consulting: Definition, case: CaseFile, officer: str, body: str | None
) -> Iterator[ConsultationReleased]:
    """Yield what follows when an officer leaves, or leaves one *body*.

    What waits for its signature stays as it is, and so do names put to it: only what nobody but
    the officer could go on with goes back.
    """
    for asked in in_hand_of(consulting, case, officer):
        drafters = asked.draft.names if asked.draft else frozenset()
        if asked.state == PASSED_ON or body not in {None, asked.body}:
            continue
        if officer in {asked.officer, *drafters}:
            yield ConsultationReleased(
                source=asked.state,
                target=_left_in(consulting, asked, officer),
                consultation=asked.handle,
                body=asked.body,
                officer=officer,
            )


def in_hand_of(consulting: Definition, case: CaseFile, officer: str) -> Iterator[Consultation]:
    """Yield the open consultations of which an officer has something in hand."""
    for asked in case.consultations:
        if consulting.state_by_name[asked.state].final:
            continue
        drafters = asked.draft.names if asked.draft else frozenset()
        if officer in {asked.officer, *drafters, *asked.countersigners}:
            yield asked


def _left_in(consulting: Definition, asked: Consultation, officer: str) -> str:
    """Return where a consultation stands then: with no draft left it is only received."""
    if asked.draft is not None and officer not in asked.draft.names:
        return asked.state
    if asked.draft is None and asked.officer != officer:
        return asked.state
    return "received" if "received" in consulting.state_by_name else consulting.opens
