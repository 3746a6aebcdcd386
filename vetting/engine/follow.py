"""Follow: where a case stands after a fact. The only place where a case changes."""

from collections.abc import Iterable, Mapping
from dataclasses import replace

from vetting.engine import facts
from vetting.engine.canonical import Json
from vetting.engine.casefile import Amendment, CandidateRequest, CaseFile, Consultation, Draft
from vetting.engine.facts import Fact
from vetting.engine.more_time import granted, stood_still
from vetting.engine.vocabulary import AmendmentKind, CaseType, Ground, Need, Verdict


def opened(handle: str, first: facts.CaseDrafted) -> CaseFile:
    """Return the case that its first fact opens."""
    return CaseFile(
        handle=handle,
        case_type=CaseType(first.case_type),
        definition_version=first.definition_version,
        state="draft",
        unit=first.unit,
        name=first.name,
        born=first.born,
        target=first.target,
        position=first.position,
        management_level=first.management_level,
        admission=first.admission,
        round=first.round,
        entry_count=1,
    )


def rebuilt(handle: str, history: Iterable[Fact]) -> CaseFile:
    """Return the case that a whole history leads to."""
    facts_in_order = iter(history)
    first = next(facts_in_order)
    if not isinstance(first, facts.CaseDrafted):
        raise TypeError(f"the history of {handle} begins with {first.verb}")
    case = opened(handle, first)
    for fact in facts_in_order:
        case = follow(case, fact)
    return case


def follow(case: CaseFile, fact: Fact) -> CaseFile:
    """Return *case* as it stands after *fact*."""
    if isinstance(fact, facts.AboutConsultation):
        case = _follow_consultation(case, fact)
        return replace(case, entry_count=case.entry_count + 1)
    case = _follow_case(case, fact)
    state = fact.target if isinstance(fact, facts.Moved) else case.state
    return replace(case, state=state, entry_count=case.entry_count + 1)


def _follow_case(  # noqa: C901, PLR0911, PLR0912  # one branch a fact, and nothing else
    case: CaseFile, fact: Fact
) -> CaseFile:
    match fact:
        case facts.CaseDrafted():
            return replace(
                opened(case.handle, fact),
                state=case.state,
                recused=case.recused,
                conflicts_waiting=case.conflicts_waiting,
                level=case.level,
                named=case.named,
                record_class=case.record_class,
                holds=case.holds,
                requests=case.requests,
                entry_count=case.entry_count,
            )
        case facts.CaseFiled():
            return replace(case, reference=fact.reference, submission=fact.submission)
        case facts.CaseReturned():
            return replace(case, missing=fact.missing)
        case facts.CaseRefiled():
            return replace(
                case,
                name=fact.name,
                born=fact.born,
                target=fact.target_title,
                position=fact.position,
                missing=(),
            )
        case facts.CaseAccepted():
            return replace(
                case,
                regulation=fact.regulation,
                authority=fact.authority,
                management_level=fact.management_level,
            )
        case facts.ConsultationsIssued():
            return replace(
                case, turn=fact.turn, proposed_outcome=None, proposed_by=None, proposed_for=None
            )
        case facts.CaseProposed():
            return replace(
                case,
                proposed_outcome=fact.outcome,
                proposed_by=fact.by,
                proposed_for=fact.on_behalf_of,
            )
        case facts.CaseSubmitted():
            return replace(case, before_authority=True)
        case facts.ProposalReworked() | facts.ProposalReturned():
            return replace(case, proposed_outcome=None, proposed_by=None, proposed_for=None)
        case facts.CaseConcluded():
            return replace(case, outcome=fact.outcome)
        case facts.ConclusionAmended():
            return replace(case, outcome=fact.outcome, amended=AmendmentKind(fact.kind))
        case facts.CaseSuspended():
            return replace(case, stood_in=fact.source)
        case facts.CaseResumed():
            return replace(case, stood_in=None)
        case facts.OfficerRecused():
            return replace(case, recused=case.recused | {fact.officer})
        case facts.ConflictDeclaredWaiting():
            gone = frozenset() if fact.still_lifts else frozenset({fact.officer})
            return replace(
                case,
                recused=case.recused | gone,
                conflicts_waiting=case.conflicts_waiting | {fact.officer},
            )
        case facts.ConflictTakenOver():
            return replace(case, conflicts_waiting=case.conflicts_waiting - {fact.officer})
        case facts.CaseRestricted():
            return replace(case, level=fact.level, named=frozenset(fact.named))
        case facts.RecordClassed():
            # Whoever asked to have it destroyed asked by another class: they ask again.
            return replace(case, record_class=fact.record_class, disposal=None, disposal_by=None)
        case facts.RecordHeld():
            number = case.entry_count + 1
            return replace(case, holds=(*case.holds, number), disposal=None, disposal_by=None)
        case facts.HoldLifted():
            return replace(case, holds=tuple(one for one in case.holds if one != fact.hold))
        case facts.DisposalAsked():
            return replace(case, disposal=fact.plan, disposal_by=fact.by)
        case facts.DisposalRefused() | facts.DisposalApproved():
            return replace(case, disposal=None, disposal_by=None)
        case facts.QuestionsPut():
            every = list(range(1, len(fact.questions) + 1))
            left = {**case.open_questions, str(fact.number): every}
            return replace(case, question_sets=fact.number, open_questions=left)
        case facts.QuestionsAnswered():
            return replace(case, open_questions=_left(case, fact.number, fact.answers))
        case facts.QuestionsClosed():
            return replace(case, open_questions=_left(case, fact.number, None))
        case facts.RequestRecorded():
            number = case.entry_count + 1
            request = CandidateRequest(number, fact.kind, fact.came_on, fact.rules)
            return replace(case, requests=(*case.requests, request))
        case (
            facts.RequestAcknowledged()
            | facts.RequestPrepared()
            | facts.RequestSentBack()
            | facts.RequestExtended()
            | facts.RequestAnswered()
            | facts.RequestRefused()
            | facts.RequestHandedOver()
        ):
            return replace(
                case,
                requests=tuple(
                    _follow_request(one, fact, case.entry_count + 1)
                    if one.number == fact.request
                    else one
                    for one in case.requests
                ),
            )
        case facts.FactRecorded() | facts.PaperRecorded():
            return replace(case, recorded=_with_recorded(case, fact.name, dict(fact.details)))
        case _:
            return case


def _left(case: CaseFile, number: int, answered: Mapping[str, Json] | None) -> dict[str, Json]:
    """Return what is left of the open questions; *answered*, none: the whole set is over."""
    left = dict(case.open_questions)
    before = left.pop(str(number), ())
    if answered is not None and isinstance(before, list | tuple):
        still = [one for one in before if str(one) not in answered]
        if still:
            left[str(number)] = still
    return left


def _with_recorded(case: CaseFile, name: str, details: dict[str, Json]) -> dict[str, Json]:
    before = case.recorded.get(name, ())
    return {**case.recorded, name: [*before, details]}  # type: ignore[misc]  # always a list


def _follow_request(request: CandidateRequest, fact: Fact, number: int) -> CandidateRequest:
    """Return a request of the candidate as it stands after the entry of this number."""
    if isinstance(fact, facts.RequestAcknowledged):
        return replace(request, acknowledged=number, acknowledged_on=fact.told_on)
    if isinstance(fact, facts.RequestPrepared):
        return replace(
            request, prepared=number, prepared_by=fact.by, prepared_for=fact.on_behalf_of
        )
    request = replace(request, prepared=None, prepared_by=None, prepared_for=None)
    match fact:
        case facts.RequestHandedOver():
            return replace(request, handed=number, ended_on=fact.handed_on)
        case facts.RequestExtended():
            return replace(request, until=fact.until, extended=number)
        case facts.RequestAnswered() | facts.RequestRefused():
            granted = isinstance(fact, facts.RequestAnswered)
            # A package that is kept is still to be handed over: the candidate has nothing yet.
            waits = isinstance(fact, facts.RequestAnswered) and fact.prepared is not None
            day = None if waits else fact.answered_on
            return replace(request, ended=number, ended_on=day, granted=granted)
        case _:  # sent back
            return request


def _follow_consultation(case: CaseFile, fact: facts.AboutConsultation) -> CaseFile:
    if isinstance(fact, facts.BodyAsked):
        asked = Consultation(
            handle=fact.consultation,
            body=fact.body,
            turn=fact.turn,
            need=Need(fact.need),
            state="asked",
            letter=fact.letter,
            due_on=fact.due_on,
        )
        return replace(case, consultations=(*case.consultations, asked))
    before = case.consultation(fact.consultation)
    after = _followed(before, fact)
    if isinstance(fact, facts.Moved):
        after = replace(after, state=fact.target)
    if isinstance(fact, facts.ClarificationAsked):
        after = replace(after, clarify=case.entry_count + 1)
    if not isinstance(fact, _BESIDE_THE_TEXT):
        after = replace(after, version=before.version + 1)
    return case.with_consultation(after)


# What is said of a question beside its answer: nobody who is writing or signing one is stopped.
_BESIDE_THE_TEXT = (
    facts.MoreTimeAsked
    | facts.MoreTimeGranted
    | facts.MoreTimeRefused
    | facts.AnswerDateMoved
    | facts.BodyAdded
    | facts.AnswerShown
    | facts.ClarificationAsked
    | facts.ClarificationPassedOn
    | facts.ClarificationDeclined
)


def _followed(  # noqa: C901, PLR0911, PLR0912  # one branch a fact
    before: Consultation, fact: facts.AboutConsultation
) -> Consultation:
    match fact:
        case facts.ConsultationAssigned():
            return replace(before, officer=fact.officer)
        case facts.OpinionDrafted():
            draft = Draft(
                verdict=Verdict(fact.verdict),
                reasons=fact.reasons,
                conditions=fact.conditions,
                evidence=fact.evidence,
                by=fact.by,
                hash=fact.hash,
                on_behalf_of=fact.on_behalf_of,
            )
            return replace(
                before,
                draft=draft,
                officer=fact.by,
                countersigned_by=(),
                countersigned_for=(),
            )
        case facts.OpinionCountersigned():
            names = (fact.on_behalf_of,) if fact.on_behalf_of else ()
            return replace(
                before,
                countersigned_by=(*before.countersigned_by, fact.by),
                countersigned_for=(*before.countersigned_for, *names),
            )
        case facts.OpinionSentBack():
            return replace(before, countersigned_by=(), countersigned_for=())
        case facts.ConsultationReleased():
            return _without(before, fact.officer)
        case facts.OpinionSigned():
            return replace(_asks_nothing(before), verdict=Verdict(fact.verdict))
        case facts.OpinionAmendmentDrafted():
            return replace(before, amendment=_amendment(fact))
        case facts.OpinionAmendmentCountersigned():
            return replace(before, amendment=_countersigned(before.amendment, fact))
        case facts.OpinionAmendmentRefused():
            return replace(before, amendment=None)
        case facts.OpinionAmended():
            verdict = Verdict(fact.verdict) if fact.verdict else before.verdict
            return replace(
                before, verdict=verdict, amended=AmendmentKind(fact.kind), amendment=None
            )
        case facts.ConsultationTakenBack():
            return _asks_nothing(before)
        case facts.MoreTimeAsked():
            return replace(
                before,
                time_until=fact.until,
                time_days=fact.working_days,
                time_by=fact.by,
                time_for=fact.on_behalf_of,
            )
        case facts.MoreTimeGranted():
            after = _asks_no_more_time(before)
            return _due_later(after, fact.until, granted(fact.until, fact.working_days))
        case facts.MoreTimeRefused():
            return _asks_no_more_time(before)
        case facts.ClarificationPassedOn() | facts.ClarificationDeclined():
            return replace(before, clarify=None)
        case facts.AnswerDateMoved():
            stood = (stood_still(fact.days),) if fact.days else ()
            return _due_later(before, fact.until, *stood)
        case _:
            return before


def _amendment(fact: facts.OpinionAmendmentDrafted) -> Amendment:
    return Amendment(
        kind=AmendmentKind(fact.kind),
        ground=Ground(fact.ground),
        reason=fact.reason,
        basis=fact.basis,
        decided_on=fact.decided_on,
        effective_on=fact.effective_on,
        document=fact.document,
        verdict=Verdict(fact.verdict) if fact.verdict else None,
        reasons=fact.reasons,
        conditions=fact.conditions,
        evidence=fact.evidence,
        by=fact.by,
        hash=fact.hash,
        on_behalf_of=fact.on_behalf_of,
    )


def _countersigned(
    drawn_up: Amendment | None, fact: facts.OpinionAmendmentCountersigned
) -> Amendment | None:
    names = (fact.on_behalf_of,) if fact.on_behalf_of else ()
    return drawn_up and replace(
        drawn_up,
        countersigned_by=(*drawn_up.countersigned_by, fact.by),
        countersigned_for=(*drawn_up.countersigned_for, *names),
    )


def _asks_no_more_time(before: Consultation) -> Consultation:
    return replace(before, time_until=None, time_days=None, time_by=None, time_for=None)


def _asks_nothing(before: Consultation) -> Consultation:
    """Let go of what a body asked for beside its answer, once nothing more is owed."""
    return replace(_asks_no_more_time(before), clarify=None)


def _due_later(before: Consultation, until: str, *longer: str) -> Consultation:
    return replace(
        before,
        due_on=until,
        first_due_on=before.first_due_on or before.due_on,
        longer=(*before.longer, *longer),
    )


def _without(before: Consultation, officer: str) -> Consultation:
    """Take out of a consultation all that an officer had in hand there."""
    theirs = before.draft is not None and officer in before.draft.names
    # Where somebody put a name for another, which belongs to whom is not told apart: all are void.
    void = theirs or (officer in before.countersigners and bool(before.countersigned_for))
    kept = () if void else tuple(name for name in before.countersigned_by if name != officer)
    return replace(
        before,
        officer=None if before.officer == officer else before.officer,
        draft=None if theirs else before.draft,
        countersigned_by=kept,
        countersigned_for=() if void else before.countersigned_for,
        amendment=_amendment_without(before.amendment, officer),
    )


def _amendment_without(drawn_up: Amendment | None, officer: str) -> Amendment | None:
    """Take an officer's name out of what is not signed yet; without its drafter nothing is left."""
    if drawn_up is None or officer in drawn_up.names:
        return None
    if officer not in drawn_up.countersigners:
        return drawn_up
    # As with an opinion: which name was put for whom is not told apart.
    kept = () if drawn_up.countersigned_for else drawn_up.countersigned_by
    return replace(
        drawn_up,
        countersigned_by=tuple(name for name in kept if name != officer),
        countersigned_for=(),
    )
