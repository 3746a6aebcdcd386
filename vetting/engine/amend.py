"""Amend: what may become of something that was signed. Nothing is overwritten.

A conclusion and a signed opinion stay as they were signed. A correction puts other words in their
place, an annulment and a revocation put nothing there; each is signed by itself, with its reason,
its legal basis and the day from which it counts. Pure.
"""

from collections.abc import Collection
from dataclasses import dataclass

from vetting.engine.calendar import refuse_no_day
from vetting.engine.casefile import Amendment, CaseFile, Consultation
from vetting.engine.guards import Actor
from vetting.engine.refusals import HeldBack, OutOfTurn, Unacceptable
from vetting.engine.sentences import Sentence, say
from vetting.engine.vocabulary import AmendmentKind, Ground

_BY_THE_AUTHORITY = say("found by the authority itself")
COUNTERSIGNED = say("You have already countersigned this draft.")
OWN_DRAFT = say("You drew this up yourself; another person has to sign it.")


@dataclass(frozen=True, slots=True)
class Decision:
    """What was decided of something that was signed, and on what."""

    kind: AmendmentKind
    ground: Ground
    reason: str
    basis: str  # the key of a legal basis
    decided_on: str  # the day on the paper
    effective_on: str  # the day from which it counts
    document: str | None = None


def ground_said(ground: Ground, *, of_conclusion: bool) -> Sentence:
    """Return on whose word something was looked at again: the authority concludes, bodies sign."""
    if of_conclusion and ground is Ground.OWN:
        return _BY_THE_AUTHORITY
    return say(ground.title)


def refuse_unlikely(decision: Decision, first_signed_on: str, today: str) -> None:
    """Refuse a decision without its reason or legal basis, or with days that cannot be."""
    if not decision.reason.strip():
        raise Unacceptable(say("Give a reason."))
    if not decision.basis:
        raise Unacceptable(say("Choose the legal basis."))
    refuse_no_day(decision.decided_on)
    refuse_no_day(decision.effective_on)
    if decision.decided_on > today:
        raise Unacceptable(say("What is signed cannot be dated in the future."))
    if decision.decided_on < first_signed_on:
        raise Unacceptable(say("It is dated before what it is about was signed."))


def refuse_conclusion(case: CaseFile) -> None:
    """Refuse to amend a conclusion that there is not, or that stands no more."""
    if not case.concluded:
        raise OutOfTurn(say("The authority has not concluded in this case yet."))
    if case.outcome is None:
        raise OutOfTurn(
            say("The conclusion was annulled or revoked and stands no more; nothing is left of it.")
        )


def refuse_opinion(case: CaseFile, asked: Consultation, kind: AmendmentKind | None) -> None:
    """Refuse to amend an opinion that is not signed, that stands no more, or that is waited for."""
    if asked.state != "signed":
        raise OutOfTurn(say("Nothing has been signed here yet; change the draft."))
    if not asked.stands:
        raise OutOfTurn(
            say("The opinion was annulled or revoked and stands no more; nothing is left of it.")
        )
    waits = case.state == "consulting" and asked.turn == case.turn
    if waits and kind not in {None, AmendmentKind.CORRECTION}:
        raise HeldBack(
            say("The case still waits for opinions; for now this one can only be corrected.")
        )


def refuse_first_deciders(ground: Ground, actor: Actor, deciders: Collection[str]) -> None:
    """Refuse in a review everybody who drew up or signed what is reviewed."""
    if ground is Ground.REVIEW and not actor.persons.isdisjoint(deciders):
        raise OutOfTurn(
            say("Whoever drew up or signed this before does not decide on it in a review.")
        )


def refuse_second_name(actor: Actor, countersigners: Collection[str]) -> None:
    """Refuse to let somebody put a second name to what they have countersigned."""
    if not actor.persons.isdisjoint(countersigners):
        raise OutOfTurn(COUNTERSIGNED)


def refuse_few_names(wanted: int, amendment: Amendment) -> None:
    """Hold the signature back until as many countersigned as the rule of the body asks for."""
    if (lacking := wanted - len(amendment.countersigned_by)) > 0:
        raise HeldBack(say("%(count)s more countersignatures are needed.", count=lacking))


def refuse_own_draft(actor: Actor, names: Collection[str]) -> None:
    """Refuse to let somebody sign what they drew up themself."""
    if not actor.persons.isdisjoint(names):
        raise OutOfTurn(OWN_DRAFT)
