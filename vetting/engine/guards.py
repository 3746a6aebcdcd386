"""Guards: named conditions that hold a case or a consultation back, and say why.

A definition names a guard by its function name. A guard returns the sentence that says why it
holds back, or None to let pass.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass

from vetting.engine.casefile import CaseFile, Consultation
from vetting.engine.definition import Definition, Move, Titles
from vetting.engine.sentences import Organisations, Sentence, say
from vetting.engine.vocabulary import Role


@dataclass(frozen=True, slots=True)
class Actor:
    """Who makes a move, for which organisation, in which role."""

    officer: str
    role: Role
    organisation: str
    on_behalf_of: str | None = None  # whoever is away, in whose name the move is made
    between: tuple[str, ...] = ()  # whoever passed that on, along a chain of substitutes

    @property
    def names(self) -> frozenset[str]:
        """Everybody whose name the move bears."""
        return frozenset({self.officer, self.on_behalf_of or self.officer})

    @property
    def persons(self) -> frozenset[str]:
        """Everybody by whose word the move is made."""
        return self.names.union(self.between)


@dataclass(frozen=True, slots=True)
class Situation:
    """All that a guard may look at."""

    machine: Definition  # whose move it is: the case type's, or the consultation's
    definition: Definition  # the case type's, whose rules the guards read
    case: CaseFile
    move: Move
    actor: Actor
    target: str
    outcome: str | None = None
    consultation: Consultation | None = None

    @property
    def state(self) -> str:
        """Where the case, or the consultation, stands."""
        return self.consultation.state if self.consultation else self.case.state


Guard = Callable[[Situation], Sentence | None]


def candidate_named(now: Situation) -> Sentence | None:
    """Hold until name, birth and the title the act is about are there."""
    if now.case.name and now.case.born and now.case.target:
        return None
    return say("The candidate’s name, birth and the title asked for must be filled in first.")


def every_must_body_signed(now: Situation) -> Sentence | None:
    """Hold until every body that must answer has signed. Silence counts as nothing.

    Nor does an opinion that its body has annulled or revoked since.
    """
    if owing := now.case.owing():
        return say("Still waiting for %(bodies)s.", bodies=Organisations(owing))
    if lacking := now.case.lacking():
        return say(
            "The opinion of %(bodies)s stands no more; ask again.", bodies=Organisations(lacking)
        )
    if now.case.others_owing:
        return say("Still waiting for %(count)s other bodies.", count=now.case.others_owing)
    return None


def somebody_else_proposed(now: Situation) -> Sentence | None:
    """Hold unless the proposal was drawn up by another person."""
    proposers = {now.case.proposed_by, now.case.proposed_for} - {None}
    if proposers & now.case.recused:
        return say(
            "Whoever drew up this proposal must not deal with the case; "
            "send it back to be drawn up again."
        )
    if now.actor.persons.isdisjoint(proposers):
        return None
    return say("You drew up this proposal; another person must submit it.")


def candidate_heard(now: Situation) -> Sentence | None:
    """Hold an adverse conclusion until the candidate was heard, or why not is on record."""
    outcome = now.definition.outcome_by_name.get(now.outcome or "")
    if outcome is None or not outcome.adverse:
        return None
    if {"hearing", "hearing_absent"} & now.case.recorded.keys():
        return None
    return say(
        "Before an adverse conclusion the candidate’s hearing must be recorded, "
        "or the reason why there was none."
    )


def candidate_told(now: Situation) -> Sentence | None:
    """Hold until it is on record that the candidate was told the outcome."""
    if "candidate_told" in now.case.recorded:
        return None
    return say("Record first when and how the candidate was told the outcome.")


def stood_here_before(now: Situation) -> Sentence | None:
    """Let a suspended case go back only to where it stood."""
    if now.case.stood_in == now.target:
        return None
    return say("The case did not stand there before it was suspended.")


def facts_recorded(now: Situation) -> Sentence | None:
    """Hold until the facts that the move needs are on record."""
    return _not_yet_recorded(now, now.move.needs)


def verification_complete(now: Situation) -> Sentence | None:
    """Hold until every request to verify has its reply."""
    waiting = _unsettled(now, "verification_asked", "verification_reply")
    if not waiting:
        return None
    return say("%(count)s requests to verify are still without a reply.", count=waiting)


def no_open_matter(now: Situation) -> Sentence | None:
    """Hold while a political matter to consider has been raised and not concluded."""
    if not _unsettled(now, "matter_raised", "matter_concluded"):
        return None
    return say("A political matter to consider is open; it must be concluded first.")


def required_papers_recorded(now: Situation) -> Sentence | None:
    """Hold until every paper that the definition requires is referred to."""
    lacking = tuple(
        paper.title
        for paper in now.definition.papers
        if paper.required and paper.name not in now.case.recorded
    )
    return (
        say("Papers still missing: %(papers)s.", papers=Titles(titles=lacking)) if lacking else None
    )


def follows_an_admission(now: Situation) -> Sentence | None:
    """Hold a full-membership case until it is linked to the admission it follows."""
    if now.case.admission:
        return None
    return say("This case must be linked to the admission case it follows.")


def outcome_followed_up(now: Situation) -> Sentence | None:
    """Hold until what the outcome leads to, such as a ceremony, is on record."""
    outcome = now.definition.outcome_by_name.get(now.case.outcome or "")
    return _not_yet_recorded(now, outcome.closes_after) if outcome else None


def opinion_is_drafted(now: Situation) -> Sentence | None:
    """Hold until there is a draft with a verdict and reasons."""
    if now.consultation and now.consultation.draft:
        return None
    return say("There is no draft yet.")


def drafter_does_not_sign(now: Situation) -> Sentence | None:
    """Hold the drafter back from putting a name to the same draft a second time."""
    draft = now.consultation and now.consultation.draft
    if draft and not draft.names.isdisjoint(now.actor.persons):
        if draft.names == now.actor.names or now.actor.on_behalf_of is None:
            return say("You drafted this opinion; another person must sign it.")
        return say(
            "You, or whoever you act for, drafted this opinion; another person must sign it."
        )
    return None


def one_name_once(now: Situation) -> Sentence | None:
    """Hold back whoever has already put a name to the draft as it stands."""
    if now.consultation and not now.actor.persons.isdisjoint(now.consultation.countersigners):
        return say("You have already countersigned this draft.")
    return None


def enough_countersignatures(now: Situation) -> Sentence | None:
    """Hold until as many people as the rule asks for have countersigned the draft as it stands."""
    if now.consultation is None:
        return None
    wanted = now.definition.rule_for(now.consultation.body).countersigners
    lacking = wanted - len(now.consultation.countersigned_by)
    if lacking <= 0:
        return None
    return say("%(count)s more countersignatures are needed.", count=lacking)


def _not_yet_recorded(now: Situation, names: Iterable[str]) -> Sentence | None:
    known = now.definition.fact_by_name
    lacking = tuple(known[name].title for name in names if name not in now.case.recorded)
    return say("Not yet recorded: %(facts)s.", facts=Titles(titles=lacking)) if lacking else None


def _unsettled(now: Situation, asked: str, answered: str) -> int:
    return now.case.times_recorded(asked) - now.case.times_recorded(answered)


GUARDS: dict[str, Guard] = {
    guard.__name__: guard
    for guard in (
        candidate_named,
        every_must_body_signed,
        somebody_else_proposed,
        candidate_heard,
        candidate_told,
        stood_here_before,
        facts_recorded,
        verification_complete,
        no_open_matter,
        required_papers_recorded,
        follows_an_admission,
        outcome_followed_up,
        opinion_is_drafted,
        drafter_does_not_sign,
        one_name_once,
        enough_countersignatures,
    )
}

# The facts that a guard looks for: a definition that names the guard must have them.
FACTS_OF_GUARD: dict[str, tuple[str, ...]] = {
    "candidate_heard": ("hearing", "hearing_absent"),
    "candidate_told": ("candidate_told",),
    "verification_complete": ("verification_asked", "verification_reply"),
    "no_open_matter": ("matter_raised", "matter_concluded"),
}


def reason_against(now: Situation) -> Sentence | None:
    """Return the first reason that the guards of a move have against it, or None."""
    return next((reason for name in now.move.guards if (reason := GUARDS[name](now))), None)
