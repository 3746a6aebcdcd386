"""One sentence for each thing that can happen: what the history says somebody did.

A sentence goes on from who did it: “Trần Thị Bình … filed the case; …”. What people wrote in their
own words, such as reasons, stands below it, never inside it.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from vetting.engine import facts
from vetting.engine.amend import ground_said
from vetting.engine.candidate_requests import (
    Manner,
    RequestKind,
    Way,
    title_of_clock,
    title_of_part,
)
from vetting.engine.canonical import Json
from vetting.engine.deadlines import rule_of
from vetting.engine.definition import Deadline, Definition, FactField, Outcome, Title
from vetting.engine.facts import Fact
from vetting.engine.record import REFERENCE
from vetting.engine.sentences import Sentence, say
from vetting.engine.vocabulary import AmendmentKind, CaseType, Ground, Verdict
from vetting.queries.names_of import basis_written, day_written, moment_written


@dataclass(frozen=True)
class Told:
    """What one entry says: what was done, and the words that belong to it."""

    did: Sentence
    words: tuple[tuple[Sentence | Title, str | Sentence | Title], ...] = ()
    by_itself: bool = False  # the engine did it, nobody


@dataclass(frozen=True)
class Names:
    """What the sentences must know beside the fact itself."""

    definition: Definition
    organisations: Mapping[str, Title]
    officers: Mapping[str, str]
    first: bool = False  # it is the first entry of the case

    def organisation(self, code: str) -> Title:
        """Return an organisation's name, or its code where the register does not know it."""
        return self.organisations.get(code) or Title(vi=code, en=code)

    def organisation_then(self, code: str, name: str) -> Title:
        """Return an organisation as it was called when something was signed for it.

        What was kept is the Vietnamese name. In English it is called as the register calls it, as
        long as the Vietnamese name is still the same; how it was called before is on no record.
        """
        now = self.organisations.get(code)
        return Title(vi=name, en=now.en if now is not None and now.vi == name else name)

    def officer(self, handle: str) -> str:
        """Return an officer's name."""
        return self.officers.get(handle, handle)

    def outcome(self, name: str) -> Title:
        """Return the title of an outcome."""
        known: Outcome | None = self.definition.outcome_by_name.get(name)
        return known.title if known else Title(vi=name, en=name)


def told_of(fact: Fact, names: Names) -> Told:
    """Return what an entry says."""
    return SENTENCES[type(fact)](fact, names)


def reason_label() -> Sentence:
    """Return what stands before a reason."""
    return say("Reason")


def _drafted(fact: facts.CaseDrafted, names: Names) -> Told:
    act = say(CaseType(fact.case_type).title)
    words: list[tuple[Sentence | Title, str | Sentence | Title]] = [
        (say("Candidate"), fact.name or "–"),
        (say("Born"), day_written(fact.born) or "–"),
        (say("Title asked for"), fact.target or "–"),
    ]
    if fact.position:
        words.append((say("Present post"), fact.position))
    if names.first:
        return Told(say("began the case. Act: %(act)s.", act=act), tuple(words))
    return Told(say("changed the draft."), tuple(words))


def _filed(fact: facts.CaseFiled, _: Names) -> Told:
    if fact.submission:
        return Told(
            say(
                "filed the case in a list; its reference is %(reference)s.",
                reference=fact.reference,
            )
        )
    return Told(say("filed the case; its reference is %(reference)s.", reference=fact.reference))


def _taken_up(_: facts.CaseTakenUp, __: Names) -> Told:
    return Told(say("began to check whether the file is complete."))


def _returned(fact: facts.CaseReturned, _: Names) -> Told:
    return Told(
        say("returned the case for completion. It is not a refusal."),
        (
            (reason_label(), fact.reason),
            *((say("Missing"), missing) for missing in fact.missing),
        ),
    )


def _refiled(fact: facts.CaseRefiled, _: Names) -> Told:
    words: list[tuple[Sentence | Title, str | Sentence | Title]] = [
        (say("Answer"), fact.answer),
        (say("Candidate"), fact.name),
        (say("Born"), day_written(fact.born)),
        (say("Title asked for"), fact.target_title),
    ]
    if fact.position:
        words.append((say("Present post"), fact.position))
    return Told(say("completed the case and filed it again."), tuple(words))


def _accepted(fact: facts.CaseAccepted, names: Names) -> Told:
    words = [(say("Why this authority"), fact.authority_reason)] if fact.authority_reason else []
    return Told(
        say(
            "accepted the case. Competent to conclude: %(authority)s.",
            authority=names.organisation(fact.authority),
        ),
        tuple(words),
    )


def _consulted(fact: facts.ConsultationsIssued, _: Names) -> Told:
    if fact.turn == 1:
        return Told(say("asked the bodies for their opinions."))
    words = ((reason_label(), fact.reason),) if fact.reason else ()
    return Told(
        say("asked the bodies for their opinions again, turn %(turn)s.", turn=fact.turn), words
    )


def _left_out(fact: facts.BodyLeftOut, names: Names) -> Told:
    return Told(
        say("did not ask %(body)s.", body=names.organisation(fact.body)),
        ((reason_label(), fact.reason),),
    )


def _asked(fact: facts.BodyAsked, names: Names) -> Told:
    body = names.organisation(fact.body)
    if fact.due_on:
        return Told(
            say(
                "asked %(body)s for its opinion, due on %(day)s.",
                body=body,
                day=day_written(fact.due_on),
            )
        )
    return Told(say("asked %(body)s for its opinion; no due date was entered.", body=body))


def _body_added(fact: facts.BodyAdded, names: Names) -> Told:
    return Told(
        say(
            "asked %(body)s as well, while turn %(turn)s was under way.",
            body=names.organisation(fact.body),
            turn=fact.turn,
        ),
        ((reason_label(), fact.reason),),
    )


def _body_replaced(fact: facts.BodyReplaced, names: Names) -> Told:
    return Told(
        say(
            "asked %(after)s instead of %(before)s.",
            before=names.organisation(fact.before),
            after=names.organisation(fact.after),
        ),
        ((reason_label(), fact.reason),),
    )


def _taken_back(fact: facts.ConsultationTakenBack, names: Names) -> Told:
    return Told(
        say("no longer asks %(body)s.", body=names.organisation(fact.body)),
        ((reason_label(), fact.reason),),
    )


def _received(fact: facts.ConsultationReceived, names: Names) -> Told:
    return Told(
        say("received the question addressed to %(body)s.", body=names.organisation(fact.body))
    )


def _assigned(fact: facts.ConsultationAssigned, names: Names) -> Told:
    return Told(say("gave the question to %(officer)s.", officer=names.officer(fact.officer)))


def _recused(_: facts.OfficerRecused, __: Names) -> Told:
    return Told(say("declared that they must not deal with this case."))


def _declared_waiting(fact: facts.ConflictDeclaredWaiting, _: Names) -> Told:
    if fact.still_lifts:
        return Told(
            say(
                "declared that they must not deal with this case, while nobody else could take "
                "what is open of it. They do nothing in it any more but open its restriction to "
                "another head of the Board."
            )
        )
    return Told(
        say(
            "declared that they must not deal with this case, while nobody else could take what "
            "is open of it. What they leave waits for somebody."
        )
    )


def _taken_over(fact: facts.ConflictTakenOver, names: Names) -> Told:
    return Told(
        say(
            "confirmed that somebody can take what %(officer)s left after declaring a conflict of "
            "interest.",
            officer=names.officer(fact.officer),
        )
    )


def _released(fact: facts.ConsultationReleased, names: Names) -> Told:
    if fact.source == "signed":
        return Told(
            say(
                "has nothing more to do with what is to become of the signed opinion: what "
                "%(officer)s drew up or countersigned of it no longer counts.",
                officer=names.officer(fact.officer),
            )
        )
    return Told(
        say(
            "gave back to the body what %(officer)s had in hand of the question; a draft and a "
            "countersignature of theirs no longer count.",
            officer=names.officer(fact.officer),
        ),
        ((reason_label(), fact.reason),) if fact.reason else (),
    )


def _deadlines_moved(fact: facts.DeadlinesMoved, names: Names) -> Told:
    words: list[tuple[Sentence | Title, str | Sentence | Title]] = []
    titles = {one.name: one.title for one in names.definition.deadlines}
    titles |= {state.name: state.title for state in names.definition.states if state.deadline}
    for line in fact.moved:
        name, before, after = line.split("/")
        title = titles.get(name) or title_of_clock(name) or Title(vi=name, en=name)
        days = [say("no date") if day == "-" else day_written(day) for day in (before, after)]
        words.append((title, say("%(before)s → %(after)s", before=days[0], after=days[1])))
    return Told(
        say("changed the calendar of working days; with it these dates of the case moved."),
        (*words, (reason_label(), fact.reason)),
    )


def _time_asked(fact: facts.MoreTimeAsked, names: Names) -> Told:
    return Told(
        say(
            "asked for more time for the answer of %(body)s, until %(day)s.",
            body=names.organisation(fact.body),
            day=day_written(fact.until),
        ),
        _later_day(fact.due_on, fact.working_days, fact.reason),
    )


def _time_granted(fact: facts.MoreTimeGranted, names: Names) -> Told:
    basis = ((say("Rule"), basis_written(fact.basis)),) if fact.basis else ()
    return Told(
        say(
            "gave %(body)s more time for its answer, until %(day)s.",
            body=names.organisation(fact.body),
            day=day_written(fact.until),
        ),
        (*_later_day(fact.due_on, fact.working_days, fact.reason), *basis),
    )


def _time_refused(fact: facts.MoreTimeRefused, names: Names) -> Told:
    return Told(
        say(
            "did not give %(body)s more time; its answer stays due on %(day)s.",
            body=names.organisation(fact.body),
            day=day_written(fact.due_on),
        ),
        ((reason_label(), fact.reason),),
    )


def _time_moved(fact: facts.AnswerDateMoved, names: Names) -> Told:
    told = {
        "body": names.organisation(fact.body),
        "before": day_written(fact.due_on),
        "after": day_written(fact.until),
    }
    if fact.change is not None:
        return Told(
            say(
                "changed a calendar of working days; with it the answer of %(body)s moved: "
                "%(before)s → %(after)s.",
                **told,
            ),
            ((reason_label(), fact.reason),),
        )
    return Told(
        say(
            "the clock of the answer of %(body)s had stood still while the unit was asked; its "
            "day moved: %(before)s → %(after)s.",
            **told,
        ),
        ((reason_label(), fact.reason),),
    )


def _questions_put(fact: facts.QuestionsPut, names: Names) -> Told:
    words: list[tuple[Sentence | Title, str | Sentence | Title]] = []
    for text, about in zip(fact.questions, fact.about, strict=False):
        words.append((say("Question"), text))
        if (paper := names.definition.paper_by_name.get(about)) is not None:
            words.append((say("About the paper"), paper.title))
    if fact.answer_by:
        words.append((say("Asked to answer by"), day_written(fact.answer_by)))
    if fact.term is not None:
        words.append((say("By the term of the workflow"), _term_said(fact.term)))
    if fact.basis:
        words.append((say("Rule"), basis_written(fact.basis)))
    return Told(
        say("asked the unit, set %(number)s of questions.", number=fact.number),
        (*words, (reason_label(), fact.reason)),
    )


def _term_said(term: str) -> Sentence:
    length, unit = term.split()
    return rule_of(Deadline.model_validate({"unit": unit, "length": int(length), "basis": "-"}))


def _questions_answered(fact: facts.QuestionsAnswered, _: Names) -> Told:
    return Told(
        say("answered questions of set %(number)s.", number=fact.number),
        tuple(
            (say("Answer to question %(number)s", number=place), str(text))
            for place, text in fact.answers.items()
        ),
    )


def _questions_closed(fact: facts.QuestionsClosed, _: Names) -> Told:
    return Told(
        say("waits no longer for answers to set %(number)s of questions.", number=fact.number),
        ((reason_label(), fact.reason),),
    )


def _answer_shown(fact: facts.AnswerShown, names: Names) -> Told:
    return Told(
        say(
            "The unit’s answer to set %(number)s of questions was shown to %(body)s.",
            number=fact.number,
            body=names.organisation(fact.body),
        ),
        by_itself=True,
    )


def _clarification_asked(fact: facts.ClarificationAsked, names: Names) -> Told:
    return Told(
        say(
            "asked, for %(body)s, to have something made clear by the unit.",
            body=names.organisation(fact.body),
        ),
        (*((say("Question"), text) for text in fact.questions), (reason_label(), fact.reason)),
    )


def _clarification_passed_on(fact: facts.ClarificationPassedOn, names: Names) -> Told:
    return Told(
        say(
            "asked the unit what %(body)s wanted to know, set %(number)s of questions.",
            body=names.organisation(fact.body),
            number=fact.number,
        )
    )


def _clarification_declined(fact: facts.ClarificationDeclined, names: Names) -> Told:
    return Told(
        say(
            "did not ask the unit what %(body)s wanted to know.", body=names.organisation(fact.body)
        ),
        ((reason_label(), fact.reason),),
    )


def _later_day(
    due_on: str, working_days: int | None, reason: str
) -> tuple[tuple[Sentence | Title, str | Sentence | Title], ...]:
    days = ((say("Working days"), str(working_days)),) if working_days else ()
    return ((say("Day before"), day_written(due_on)), *days, (reason_label(), reason))


def _rows_rebuilt(fact: facts.RowsRebuilt, _: Names) -> Told:
    return Told(
        say("had what is kept of the case written anew from its history."),
        ((say("Columns"), ", ".join(fact.columns)), (reason_label(), fact.reason)),
    )


def _restricted(fact: facts.CaseRestricted, names: Names) -> Told:
    together = ", ".join(names.officer(officer) for officer in fact.named)
    named = ((say("Named"), together),) if together else ()
    if fact.level:
        return Told(say("kept the case to level %(level)s.", level=fact.level), named)
    if fact.named:
        return Told(say("kept the case to those named."), named)
    return Told(say("lifted the restriction of the case."))


def _opinion(
    fact: facts.OpinionDrafted | facts.OpinionSigned,
) -> tuple[tuple[Sentence | Title, str | Sentence | Title], ...]:
    return (
        (say("Opinion"), say(Verdict(fact.verdict).title)),
        (say("Reasons"), fact.reasons),
        *((say("Condition"), condition) for condition in fact.conditions),
        *((say("Evidence"), evidence) for evidence in fact.evidence),
    )


def _opinion_drafted(fact: facts.OpinionDrafted, _: Names) -> Told:
    return Told(say("drafted the opinion."), _opinion(fact))


def _passed_on(_: facts.OpinionPassedOn, __: Names) -> Told:
    return Told(say("passed the draft on for signing."))


def _countersigned(_: facts.OpinionCountersigned, __: Names) -> Told:
    return Told(say("countersigned the draft."))


def _sent_back(fact: facts.OpinionSentBack, _: Names) -> Told:
    return Told(say("sent the draft back for rework."), ((reason_label(), fact.reason),))


def _signed(fact: facts.OpinionSigned, names: Names) -> Told:
    return Told(
        say(
            "signed the opinion of %(body)s.",
            body=names.organisation_then(fact.body, fact.body_name),
        ),
        _opinion(fact),
    )


def _complete(_: facts.RepliesComplete, __: Names) -> Told:
    return Told(
        say("Every body that must answer has signed; the case went on by itself."), by_itself=True
    )


def _proposed(fact: facts.CaseProposed, names: Names) -> Told:
    return Told(
        say("drew up the proposal: %(outcome)s.", outcome=names.outcome(fact.outcome)),
        ((say("Reasons"), fact.reasons),),
    )


def _reworked(fact: facts.ProposalReworked, _: Names) -> Told:
    return Told(
        say("sent the proposal back to be drawn up again."), ((reason_label(), fact.reason),)
    )


def _submitted(_: facts.CaseSubmitted, __: Names) -> Told:
    return Told(say("submitted the proposal to the authority."))


def _proposal_returned(fact: facts.ProposalReturned, _: Names) -> Told:
    return Told(say("returned the proposal to the Board."), ((reason_label(), fact.reason),))


def _concluded(fact: facts.CaseConcluded, names: Names) -> Told:
    words: list[tuple[Sentence | Title, str | Sentence | Title]] = [(say("Reasons"), fact.reasons)]
    if fact.document:
        words.append((say("Document"), fact.document))
    if fact.effective_on:
        words.append((say("Counts from"), day_written(fact.effective_on)))
    for label, votes in (
        (say("Votes for"), fact.votes_for),
        (say("Votes against"), fact.votes_against),
        (say("Votes abstained"), fact.votes_abstained),
    ):
        if votes is not None:
            words.append((label, str(votes)))
    return Told(
        say(
            "recorded the conclusion of %(day)s: %(outcome)s.",
            day=day_written(fact.decided_on),
            outcome=names.outcome(fact.outcome),
        ),
        tuple(words),
    )


def _amendment(
    fact: facts.OpinionAmendmentDrafted | facts.OpinionAmended | facts.ConclusionAmended,
) -> list[tuple[Sentence | Title, str | Sentence | Title]]:
    of_conclusion = isinstance(fact, facts.ConclusionAmended)
    words: list[tuple[Sentence | Title, str | Sentence | Title]] = [
        (reason_label(), fact.reason),
        (say("On whose word"), ground_said(Ground(fact.ground), of_conclusion=of_conclusion)),
        (say("Legal basis"), basis_written(fact.basis)),
        (say("Dated"), day_written(fact.decided_on)),
        (say("In force from"), day_written(fact.effective_on)),
    ]
    if fact.document:
        words.append((say("Document"), fact.document))
    if isinstance(fact, facts.ConclusionAmended):
        return words
    if fact.verdict and fact.reasons:
        words += [
            (say("Opinion"), say(Verdict(fact.verdict).title)),
            (say("Reasons"), fact.reasons),
            *((say("Condition"), condition) for condition in fact.conditions),
            *((say("Evidence"), evidence) for evidence in fact.evidence),
        ]
    return words


_DREW_UP = {
    AmendmentKind.CORRECTION: say("drew up a correction of the signed opinion."),
    AmendmentKind.ANNULMENT: say("drew up that the signed opinion is annulled."),
    AmendmentKind.REVOCATION: say("drew up that the signed opinion is revoked."),
}


def _amendment_drafted(fact: facts.OpinionAmendmentDrafted, _: Names) -> Told:
    return Told(_DREW_UP[AmendmentKind(fact.kind)], tuple(_amendment(fact)))


def _amendment_countersigned(_: facts.OpinionAmendmentCountersigned, __: Names) -> Told:
    return Told(say("countersigned what is to become of the signed opinion."))


def _amendment_refused(fact: facts.OpinionAmendmentRefused, _: Names) -> Told:
    return Told(
        say("did not sign it; the opinion stands as it stood."), ((reason_label(), fact.reason),)
    )


def _opinion_amended(fact: facts.OpinionAmended, names: Names) -> Told:
    body = names.organisation_then(fact.body, fact.body_name)
    did = {
        AmendmentKind.CORRECTION: say("corrected the opinion of %(body)s.", body=body),
        AmendmentKind.ANNULMENT: say("annulled the opinion of %(body)s.", body=body),
        AmendmentKind.REVOCATION: say("revoked the opinion of %(body)s.", body=body),
    }
    words = _amendment(fact)
    words.insert(0, (say("In place of entry"), str(fact.amends)))
    words += [(say("Countersigned by"), names.officer(one)) for one in fact.countersigned_by]
    return Told(did[AmendmentKind(fact.kind)], tuple(words))


def _conclusion_amended(fact: facts.ConclusionAmended, names: Names) -> Told:
    words = [(say("In place of entry"), str(fact.amends)), *_amendment(fact)]
    if fact.outcome is None:
        did = {
            AmendmentKind.ANNULMENT: say("annulled the conclusion."),
            AmendmentKind.REVOCATION: say("revoked the conclusion."),
        }
        return Told(did[AmendmentKind(fact.kind)], tuple(words))
    if fact.reasons:
        words.append((say("Reasons"), fact.reasons))
    for label, votes in (
        (say("Votes for"), fact.votes_for),
        (say("Votes against"), fact.votes_against),
        (say("Votes abstained"), fact.votes_abstained),
    ):
        if votes is not None:
            words.append((label, str(votes)))
    return Told(
        say("corrected the conclusion: %(outcome)s.", outcome=names.outcome(fact.outcome)),
        tuple(words),
    )


def _announced(fact: facts.AmendmentAnnounced, names: Names) -> Told:
    words: list[tuple[Sentence | Title, str | Sentence | Title]] = [
        (reason_label(), fact.reason),
        (say("In force from"), day_written(fact.effective_on)),
    ]
    if fact.outcome is None:
        return Told(
            say("told the unit and the bodies that the conclusion stands no more."), tuple(words)
        )
    if fact.reasons:
        words.append((say("Reasons"), fact.reasons))
    return Told(
        say(
            "told the unit and the bodies the corrected conclusion: %(outcome)s.",
            outcome=names.outcome(fact.outcome),
        ),
        tuple(words),
    )


def _candidate_told_again(fact: facts.CandidateToldAgain, _: Names) -> Told:
    return Told(
        say("wrote down that the candidate was told what became of the conclusion."),
        ((say("Told on"), day_written(fact.told_on)), (say("How"), fact.how)),
    )


def _notified(fact: facts.UnitNotified, names: Names) -> Told:
    if not fact.outcome:
        return Told(
            say("notified the unit that the conclusion stands no more."),
            ((reason_label(), fact.reasons),),
        )
    return Told(
        say("notified the unit of the outcome: %(outcome)s.", outcome=names.outcome(fact.outcome)),
        ((say("Reasons"), fact.reasons),),
    )


def _closed(_: facts.CaseClosed, __: Names) -> Told:
    return Told(say("closed the case."))


def _withdrawn(fact: facts.CaseWithdrawn, _: Names) -> Told:
    return Told(say("withdrew the case."), ((reason_label(), fact.reason),))


def _suspended(fact: facts.CaseSuspended, _: Names) -> Told:
    return Told(say("suspended the case."), ((reason_label(), fact.reason),))


def _resumed(fact: facts.CaseResumed, _: Names) -> Told:
    return Told(say("took the case up again."), ((reason_label(), fact.reason),))


def _exported(fact: facts.CaseExported, _: Names) -> Told:
    return Told(say("took out the package of the case."), ((reason_label(), fact.reason),))


def _clock_went_back(fact: facts.ClockWentBack, _: Names) -> Told:
    return Told(
        say(
            "acted under a clock that had gone back: it stood before %(moment)s, which was "
            "written down already. The order of the entries is not changed by that.",
            moment=moment_written(fact.behind),
        )
    )


def _record_classed(fact: facts.RecordClassed, _: Names) -> Told:
    return Told(
        say("set the retention class of the record: %(code)s.", code=fact.record_class),
        ((reason_label(), fact.reason),),
    )


def _record_held(fact: facts.RecordHeld, _: Names) -> Told:
    return Told(say("held the record."), ((reason_label(), fact.reason),))


def _hold_lifted(fact: facts.HoldLifted, _: Names) -> Told:
    return Told(
        say("lifted the hold of entry %(number)s.", number=fact.hold),
        ((reason_label(), fact.reason),),
    )


def _disposal_asked(fact: facts.DisposalAsked, _: Names) -> Told:
    return Told(
        say("asked that the record be destroyed: %(items)s rows.", items=fact.items),
        (
            (say("Kept until"), day_written(fact.runs_out_on)),
            (say("Hash of the list"), fact.plan),
            (reason_label(), fact.reason),
        ),
    )


def _disposal_refused(fact: facts.DisposalRefused, _: Names) -> Told:
    return Told(
        say("did not agree that the record is destroyed."), ((reason_label(), fact.reason),)
    )


def _disposal_approved(fact: facts.DisposalApproved, _: Names) -> Told:
    return Told(
        say("agreed that the record is destroyed: %(items)s rows.", items=fact.items),
        ((say("Hash of the list"), fact.plan),),
    )


def _request_recorded(fact: facts.RequestRecorded, _: Names) -> Told:
    return Told(
        say(
            "wrote down what the candidate asks: %(kind)s.",
            kind=say(RequestKind(fact.kind).title),
        ),
        (
            (say("Came on"), day_written(fact.came_on)),
            (say("By letter"), fact.letter_reference),
            (say("Received by"), fact.received_by),
            (say("What it asks"), fact.asked_for),
        ),
    )


def _request_acknowledged(fact: facts.RequestAcknowledged, _: Names) -> Told:
    return Told(
        say(
            "wrote down that the candidate was told on %(day)s that the request of entry "
            "%(number)s came.",
            day=day_written(fact.told_on),
            number=fact.request,
        ),
        ((say("By letter"), fact.letter_reference),),
    )


def _request_prepared(fact: facts.RequestPrepared, names: Names) -> Told:
    words: list[tuple[Sentence | Title, str | Sentence | Title]] = [
        (say("What was prepared"), say(Way(fact.way).title)),
        (say("Reasons"), fact.reasons),
    ]
    if fact.ground:
        words.append((say("Ground in law"), fact.ground))
    if fact.until:
        words.append((say("New day"), day_written(fact.until)))
    return Told(
        say("prepared the answer to the request of entry %(number)s.", number=fact.request),
        (*words, *_withheld(fact, names)),
    )


def _withheld(
    fact: facts.RequestPrepared | facts.RequestAnswered, names: Names
) -> tuple[tuple[Sentence | Title, str | Sentence | Title], ...]:
    return tuple(
        (say("Withheld: %(part)s", part=title_of_part(names.definition, part)), ground)
        for part, ground in zip(fact.withheld, fact.grounds, strict=True)
    )


def _request_sent_back(fact: facts.RequestSentBack, _: Names) -> Told:
    return Told(
        say(
            "did not agree to what was prepared for the request of entry %(number)s.",
            number=fact.request,
        ),
        ((reason_label(), fact.reason),),
    )


def _request_answered(fact: facts.RequestAnswered, names: Names) -> Told:
    return Told(
        say("answered the request of entry %(number)s.", number=fact.request),
        (
            (say("Reasons"), fact.reasons),
            (say("Prepared by"), names.officer(fact.prepared_by)),
            *_withheld(fact, names),
        ),
    )


def _request_refused(fact: facts.RequestRefused, names: Names) -> Told:
    return Told(
        say("refused the request of entry %(number)s.", number=fact.request),
        (
            (say("Ground in law"), fact.ground),
            (say("Reasons"), fact.reasons),
            (say("Prepared by"), names.officer(fact.prepared_by)),
        ),
    )


def _request_handed_over(fact: facts.RequestHandedOver, _: Names) -> Told:
    return Told(
        say(
            "wrote down that the package for the request of entry %(number)s was handed over on "
            "%(day)s.",
            number=fact.request,
            day=day_written(fact.handed_on),
        ),
        (
            (say("Handed over by"), fact.handed_by),
            (say("How"), say(Manner(fact.manner).title)),
            (say("Receipt or letter"), fact.receipt),
        ),
    )


def _request_extended(fact: facts.RequestExtended, names: Names) -> Told:
    return Told(
        say(
            "extended the answer to the request of entry %(number)s from %(before)s to %(day)s.",
            number=fact.request,
            before=day_written(fact.before),
            day=day_written(fact.until),
        ),
        (
            (reason_label(), fact.reasons),
            (say("Prepared by"), names.officer(fact.prepared_by)),
        ),
    )


def _fact_recorded(fact: facts.FactRecorded, names: Names) -> Told:
    known = names.definition.fact_by_name.get(fact.name)
    title = known.title if known else Title(vi=fact.name, en=fact.name)
    return Told(
        say("recorded: %(fact)s.", fact=title),
        words_of_record(known.fields if known else (), fact.details),
    )


def _paper_recorded(fact: facts.PaperRecorded, names: Names) -> Told:
    known = names.definition.paper_by_name.get(fact.name)
    title = known.title if known else Title(vi=fact.name, en=fact.name)
    return Told(
        say("referred to a paper: %(paper)s.", paper=title),
        words_of_record(REFERENCE, fact.details),
    )


def words_of_record(
    fields: tuple[FactField, ...], details: Mapping[str, Json]
) -> tuple[tuple[Sentence | Title, str | Sentence | Title], ...]:
    """Return what was written down about a dated fact or a paper, field by field."""
    return tuple(
        (field.title, day_written(str(value)) if field.kind == "date" else str(value))
        for field in fields
        if (value := details.get(field.name)) is not None
    )


# What each act is called where one is chosen from a list.
# What the engine did, though an entry tells with whose act it went.
BY_ITSELF = frozenset({facts.RepliesComplete.verb, facts.AnswerShown.verb})
TITLES: dict[str, Sentence] = {
    facts.CaseDrafted.verb: say("Case begun or its draft changed"),
    facts.CaseFiled.verb: say("Case filed"),
    facts.CaseTakenUp.verb: say("Completeness check begun"),
    facts.CaseReturned.verb: say("Case returned for completion"),
    facts.CaseRefiled.verb: say("Case filed again"),
    facts.CaseAccepted.verb: say("Case accepted"),
    facts.ConsultationsIssued.verb: say("Opinions asked for"),
    facts.BodyLeftOut.verb: say("Body left out"),
    facts.BodyAsked.verb: say("Body asked"),
    facts.BodyAdded.verb: say("Body added"),
    facts.BodyReplaced.verb: say("Body replaced"),
    facts.ConsultationTakenBack.verb: say("Question taken back"),
    facts.ConsultationReceived.verb: say("Question received"),
    facts.ConsultationAssigned.verb: say("Question given to an officer"),
    facts.QuestionsPut.verb: say("Unit asked"),
    facts.QuestionsAnswered.verb: say("Unit answered"),
    facts.QuestionsClosed.verb: say("Answers no longer waited for"),
    facts.AnswerShown.verb: say("Unit’s answer shown to a body"),
    facts.ClarificationAsked.verb: say("Clarification wanted"),
    facts.ClarificationPassedOn.verb: say("Clarification passed on"),
    facts.ClarificationDeclined.verb: say("Clarification declined"),
    facts.MoreTimeAsked.verb: say("More time asked for"),
    facts.MoreTimeGranted.verb: say("More time given"),
    facts.MoreTimeRefused.verb: say("More time not given"),
    facts.AnswerDateMoved.verb: say("Day of an answer moved"),
    facts.OpinionDrafted.verb: say("Opinion drafted"),
    facts.OpinionPassedOn.verb: say("Draft passed on for signing"),
    facts.OpinionCountersigned.verb: say("Draft countersigned"),
    facts.OpinionSentBack.verb: say("Draft sent back"),
    facts.OpinionSigned.verb: say("Opinion signed"),
    facts.RepliesComplete.verb: say("Every reply in"),
    facts.CaseProposed.verb: say("Proposal drawn up"),
    facts.ProposalReworked.verb: say("Proposal sent back within the Board"),
    facts.CaseSubmitted.verb: say("Proposal submitted"),
    facts.ProposalReturned.verb: say("Proposal returned by the authority"),
    facts.CaseConcluded.verb: say("Conclusion recorded"),
    facts.UnitNotified.verb: say("Unit notified of the outcome"),
    facts.OpinionAmendmentDrafted.verb: say("Amendment of an opinion drawn up"),
    facts.OpinionAmendmentCountersigned.verb: say("Amendment of an opinion countersigned"),
    facts.OpinionAmendmentRefused.verb: say("Amendment of an opinion not signed"),
    facts.OpinionAmended.verb: say("Opinion corrected, annulled or revoked"),
    facts.ConclusionAmended.verb: say("Conclusion corrected, annulled or revoked"),
    facts.AmendmentAnnounced.verb: say("Told what became of the conclusion"),
    facts.CandidateToldAgain.verb: say("Candidate told what became of the conclusion"),
    facts.CaseClosed.verb: say("Case closed"),
    facts.CaseWithdrawn.verb: say("Case withdrawn"),
    facts.CaseSuspended.verb: say("Case suspended"),
    facts.CaseResumed.verb: say("Case taken up again"),
    facts.OfficerRecused.verb: say("Conflict of interest declared"),
    facts.ConflictDeclaredWaiting.verb: say("Conflict of interest declared, waiting"),
    facts.ConflictTakenOver.verb: say("Somebody can take over"),
    facts.ConsultationReleased.verb: say("Question given back to the body"),
    facts.CaseRestricted.verb: say("Case restricted or opened again"),
    facts.CaseExported.verb: say("Package taken out"),
    facts.ClockWentBack.verb: say("The clock went back"),
    facts.RowsRebuilt.verb: say("Rows written anew from the history"),
    facts.DeadlinesMoved.verb: say("Dates moved by a calendar"),
    facts.RecordClassed.verb: say("Retention class set"),
    facts.RecordHeld.verb: say("Record held"),
    facts.HoldLifted.verb: say("Hold lifted"),
    facts.DisposalAsked.verb: say("Disposal asked for"),
    facts.DisposalRefused.verb: say("Disposal refused"),
    facts.DisposalApproved.verb: say("Disposal agreed to"),
    facts.RequestRecorded.verb: say("Request of the candidate recorded"),
    facts.RequestAcknowledged.verb: say("Candidate told that the request came"),
    facts.RequestPrepared.verb: say("Answer to the candidate prepared"),
    facts.RequestSentBack.verb: say("Answer to the candidate sent back"),
    facts.RequestAnswered.verb: say("Request of the candidate answered"),
    facts.RequestRefused.verb: say("Request of the candidate refused"),
    facts.RequestHandedOver.verb: say("Package handed over to the candidate"),
    facts.RequestExtended.verb: say("Time for the answer to the candidate extended"),
    facts.FactRecorded.verb: say("Fact recorded"),
    facts.PaperRecorded.verb: say("Paper referred to"),
}
SENTENCES: dict[type[Fact], Callable[[Any, Names], Told]] = {
    facts.CaseDrafted: _drafted,
    facts.CaseFiled: _filed,
    facts.CaseTakenUp: _taken_up,
    facts.CaseReturned: _returned,
    facts.CaseRefiled: _refiled,
    facts.CaseAccepted: _accepted,
    facts.ConsultationsIssued: _consulted,
    facts.BodyLeftOut: _left_out,
    facts.BodyAsked: _asked,
    facts.BodyAdded: _body_added,
    facts.BodyReplaced: _body_replaced,
    facts.ConsultationTakenBack: _taken_back,
    facts.ConsultationReceived: _received,
    facts.ConsultationAssigned: _assigned,
    facts.QuestionsPut: _questions_put,
    facts.QuestionsAnswered: _questions_answered,
    facts.QuestionsClosed: _questions_closed,
    facts.AnswerShown: _answer_shown,
    facts.ClarificationAsked: _clarification_asked,
    facts.ClarificationPassedOn: _clarification_passed_on,
    facts.ClarificationDeclined: _clarification_declined,
    facts.MoreTimeAsked: _time_asked,
    facts.MoreTimeGranted: _time_granted,
    facts.MoreTimeRefused: _time_refused,
    facts.AnswerDateMoved: _time_moved,
    facts.OpinionDrafted: _opinion_drafted,
    facts.OpinionPassedOn: _passed_on,
    facts.OpinionCountersigned: _countersigned,
    facts.OpinionSentBack: _sent_back,
    facts.OpinionSigned: _signed,
    facts.RepliesComplete: _complete,
    facts.CaseProposed: _proposed,
    facts.ProposalReworked: _reworked,
    facts.CaseSubmitted: _submitted,
    facts.ProposalReturned: _proposal_returned,
    facts.CaseConcluded: _concluded,
    facts.UnitNotified: _notified,
    facts.OpinionAmendmentDrafted: _amendment_drafted,
    facts.OpinionAmendmentCountersigned: _amendment_countersigned,
    facts.OpinionAmendmentRefused: _amendment_refused,
    facts.OpinionAmended: _opinion_amended,
    facts.ConclusionAmended: _conclusion_amended,
    facts.AmendmentAnnounced: _announced,
    facts.CandidateToldAgain: _candidate_told_again,
    facts.CaseClosed: _closed,
    facts.CaseWithdrawn: _withdrawn,
    facts.CaseSuspended: _suspended,
    facts.CaseResumed: _resumed,
    facts.OfficerRecused: _recused,
    facts.ConflictDeclaredWaiting: _declared_waiting,
    facts.ConflictTakenOver: _taken_over,
    facts.ConsultationReleased: _released,
    facts.CaseRestricted: _restricted,
    facts.CaseExported: _exported,
    facts.ClockWentBack: _clock_went_back,
    facts.RowsRebuilt: _rows_rebuilt,
    facts.DeadlinesMoved: _deadlines_moved,
    facts.RecordClassed: _record_classed,
    facts.RecordHeld: _record_held,
    facts.HoldLifted: _hold_lifted,
    facts.DisposalAsked: _disposal_asked,
    facts.DisposalRefused: _disposal_refused,
    facts.DisposalApproved: _disposal_approved,
    facts.RequestRecorded: _request_recorded,
    facts.RequestAcknowledged: _request_acknowledged,
    facts.RequestPrepared: _request_prepared,
    facts.RequestSentBack: _request_sent_back,
    facts.RequestAnswered: _request_answered,
    facts.RequestRefused: _request_refused,
    facts.RequestHandedOver: _request_handed_over,
    facts.RequestExtended: _request_extended,
    facts.FactRecorded: _fact_recorded,
    facts.PaperRecorded: _paper_recorded,
}
