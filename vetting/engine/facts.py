"""Facts: what happened, in the words the history keeps.

A fact is all that an entry says. The state of a case is what follows from its facts, in order
(`follow.py`); nothing else may change it. A fact once kept can never lose or rename a field:
give a new field a default instead.
"""

from collections.abc import Mapping
from dataclasses import dataclass, fields, replace
from typing import ClassVar, TypeVar, cast, get_type_hints

from vetting.engine.canonical import Json, composed, is_composed
from vetting.engine.vocabulary import HAT_OF_ROLE, Hat, Role


@dataclass(frozen=True)
class Fact:
    """Something that happened to a case."""

    verb: ClassVar[str]
    takes_part: ClassVar[bool] = True  # whoever states it plays a part in the case from then on
    hat: ClassVar[Hat | None] = None  # which part, where their role alone does not say it

    def payload(self) -> dict[str, Json]:
        """Return the fact's particulars, ready to be stored. What goes without saying is not."""
        return {
            name: value
            for name, unsaid in _FIELDS[type(self)]
            if (value := getattr(self, name)) != unsaid
        }


@dataclass(frozen=True)
class Moved(Fact):
    """A fact by which the case goes from one state to another, or stays where it is."""

    source: str
    target: str


@dataclass(frozen=True)
class AboutConsultation(Fact):
    """A fact about one consultation, known to its body."""

    consultation: str
    body: str


@dataclass(frozen=True)
class CaseDrafted(Fact):
    """A case officer began a case, or changed it before filing."""

    verb: ClassVar[str] = "case.drafted"
    case_type: str
    definition_version: int
    unit: str
    name: str
    born: str
    target: str
    position: str | None = None
    management_level: str | None = None
    admission: str | None = None
    round: str | None = None


@dataclass(frozen=True)
class CaseFiled(Moved):
    """The unit filed the case, alone or in a list."""

    verb: ClassVar[str] = "case.filed"
    reference: str
    submission: str | None = None


@dataclass(frozen=True)
class CaseTakenUp(Moved):
    """The Board began to check the case for completeness."""

    verb: ClassVar[str] = "case.taken_up"


@dataclass(frozen=True)
class CaseReturned(Moved):
    """The Board sent the case back for completion, which is not a refusal."""

    verb: ClassVar[str] = "case.returned"
    reason: str
    missing: tuple[str, ...]


@dataclass(frozen=True)
class CaseRefiled(Moved):
    """The unit completed the case and filed it again."""

    verb: ClassVar[str] = "case.refiled"
    name: str
    born: str
    target_title: str  # the title asked for; `target` is the state
    answer: str
    position: str | None = None


@dataclass(frozen=True)
class CaseAccepted(Moved):
    """The Board found the case complete; from here it is bound to these rules."""

    verb: ClassVar[str] = "case.accepted"
    regulation: str
    authority: str
    legal_bases: tuple[str, ...] = ()
    authority_reason: str | None = None  # why this authority, where the table names none
    management_level: str | None = None


@dataclass(frozen=True)
class ConsultationsIssued(Moved):
    """The Board asked the bodies, for the first or a later time."""

    verb: ClassVar[str] = "case.consulted"
    turn: int
    reason: str | None = None


@dataclass(frozen=True)
class BodyLeftOut(Fact):
    """The Board left out a body that the regulation names."""

    verb: ClassVar[str] = "body.left_out"
    body: str
    turn: int
    reason: str


@dataclass(frozen=True)
class BodyAsked(AboutConsultation):
    """A body was asked for its opinion."""

    verb: ClassVar[str] = "body.asked"
    turn: int
    need: str
    letter: str
    due_on: str | None = None


@dataclass(frozen=True)
class BodyAdded(AboutConsultation):
    """The Board asked one body more while the others were at work."""

    verb: ClassVar[str] = "body.added"
    turn: int
    reason: str


@dataclass(frozen=True)
class BodyReplaced(Fact):
    """The Board asked one body instead of another; neither is told of the other."""

    verb: ClassVar[str] = "body.replaced"
    taken_back: str  # the question to the one
    asked: str  # and to the other
    before: str
    after: str
    reason: str


@dataclass(frozen=True)
class ConsultationTakenBack(AboutConsultation, Moved):
    """The Board no longer asks this body; a reply in flight stays in the history."""

    verb: ClassVar[str] = "consultation.taken_back"
    reason: str


@dataclass(frozen=True)
class ConsultationReceived(AboutConsultation, Moved):
    """The body received the question."""

    verb: ClassVar[str] = "consultation.received"


@dataclass(frozen=True)
class ConsultationAssigned(AboutConsultation, Moved):
    """The body gave the question to one of its officers."""

    verb: ClassVar[str] = "consultation.assigned"
    officer: str


@dataclass(frozen=True)
class OpinionDrafted(AboutConsultation, Moved):
    """An officer of the body wrote or changed the draft; earlier countersignatures are void."""

    verb: ClassVar[str] = "opinion.drafted"
    verdict: str
    reasons: str
    hash: str
    by: str
    conditions: tuple[str, ...] = ()
    evidence: tuple[str, ...] = ()
    on_behalf_of: str | None = None  # whoever was away, in whose name it was drafted


@dataclass(frozen=True)
class OpinionPassedOn(AboutConsultation, Moved):
    """The drafter passed the draft on for signing."""

    verb: ClassVar[str] = "opinion.passed_on"
    hash: str


@dataclass(frozen=True)
class OpinionCountersigned(AboutConsultation, Moved):
    """A second officer of the body put a name to the draft as it stands."""

    verb: ClassVar[str] = "opinion.countersigned"
    hash: str
    by: str
    on_behalf_of: str | None = None


@dataclass(frozen=True)
class OpinionSentBack(AboutConsultation, Moved):
    """A signer sent the draft back for rework."""

    verb: ClassVar[str] = "opinion.sent_back"
    reason: str


@dataclass(frozen=True)
class OpinionSigned(AboutConsultation, Moved):
    """A body put itself on record."""

    verb: ClassVar[str] = "opinion.signed"
    verdict: str
    reasons: str
    hash: str
    drafted_by: str
    body_name: str  # as it was called on the day
    conditions: tuple[str, ...] = ()
    evidence: tuple[str, ...] = ()
    drafted_for: str | None = None


@dataclass(frozen=True)
class RepliesComplete(Moved):
    """Every body that must answer has signed; the engine moved the case on by itself."""

    verb: ClassVar[str] = "case.replies_complete"
    turn: int


@dataclass(frozen=True)
class CaseProposed(Moved):
    """A Board officer drew up the Board's proposal."""

    verb: ClassVar[str] = "case.proposed"
    outcome: str
    reasons: str
    by: str
    on_behalf_of: str | None = None


@dataclass(frozen=True)
class ProposalReworked(Moved):
    """The head of the Board sent the proposal back to be drawn up again."""

    verb: ClassVar[str] = "proposal.reworked"
    reason: str


@dataclass(frozen=True)
class CaseSubmitted(Moved):
    """The head of the Board put the proposal before the authority."""

    verb: ClassVar[str] = "case.submitted"


@dataclass(frozen=True)
class ProposalReturned(Moved):
    """The authority returned the proposal for completion."""

    verb: ClassVar[str] = "proposal.returned"
    reason: str


@dataclass(frozen=True)
class CaseConcluded(Moved):
    """The authority concluded. Votes are facts somebody entered; nothing is computed from them."""

    verb: ClassVar[str] = "case.concluded"
    outcome: str
    reasons: str
    decided_on: str
    document: str | None = None
    votes_for: int | None = None
    votes_against: int | None = None
    votes_abstained: int | None = None
    effective_on: str | None = None  # where a rule counts the outcome from another day


@dataclass(frozen=True)
class UnitNotified(Moved):
    """The unit was told the outcome."""

    verb: ClassVar[str] = "case.notified"
    outcome: str
    reasons: str


@dataclass(frozen=True)
class CaseClosed(Moved):
    """Nothing is left to do."""

    verb: ClassVar[str] = "case.closed"


@dataclass(frozen=True)
class CaseWithdrawn(Moved):
    """The unit withdrew its request."""

    verb: ClassVar[str] = "case.withdrawn"
    reason: str


@dataclass(frozen=True)
class CaseSuspended(Moved):
    """The Board suspended the case."""

    verb: ClassVar[str] = "case.suspended"
    reason: str


@dataclass(frozen=True)
class CaseResumed(Moved):
    """The Board took the case up again where it stood."""

    verb: ClassVar[str] = "case.resumed"
    reason: str


@dataclass(frozen=True)
class OpinionAmendmentDrafted(AboutConsultation):
    """An officer of the body drew up what is to become of an opinion that it had signed."""

    verb: ClassVar[str] = "amendment.drafted"
    kind: str
    ground: str
    reason: str
    basis: str
    decided_on: str
    effective_on: str
    hash: str
    by: str
    document: str | None = None
    verdict: str | None = None  # of a correction, with the words that take the place of the others
    reasons: str | None = None
    conditions: tuple[str, ...] = ()
    evidence: tuple[str, ...] = ()
    on_behalf_of: str | None = None


@dataclass(frozen=True)
class OpinionAmendmentCountersigned(AboutConsultation):
    """A second officer of the body put a name to what was drawn up, as it stands."""

    verb: ClassVar[str] = "amendment.countersigned"
    hash: str
    by: str
    on_behalf_of: str | None = None


@dataclass(frozen=True)
class OpinionAmendmentRefused(AboutConsultation):
    """A signer of the body did not sign it; the opinion stands as it stood."""

    verb: ClassVar[str] = "amendment.refused"
    reason: str


@dataclass(frozen=True)
class OpinionAmended(AboutConsultation):
    """A signer of the body corrected, annulled or revoked an opinion; the earlier one is kept."""

    verb: ClassVar[str] = "opinion.amended"
    amends: int  # the number of the entry that signed what it is about
    kind: str
    ground: str
    reason: str
    basis: str
    decided_on: str
    effective_on: str
    hash: str
    drafted_by: str
    body_name: str
    document: str | None = None
    verdict: str | None = None
    reasons: str | None = None
    conditions: tuple[str, ...] = ()
    evidence: tuple[str, ...] = ()
    drafted_for: str | None = None
    countersigned_by: tuple[str, ...] = ()
    countersigned_for: tuple[str, ...] = ()


@dataclass(frozen=True)
class ConclusionAmended(Fact):
    """The authority corrected, annulled or revoked its conclusion; the earlier one is kept."""

    verb: ClassVar[str] = "conclusion.amended"
    amends: int  # the number of the entry that recorded what it is about
    kind: str
    ground: str
    reason: str
    basis: str
    decided_on: str
    effective_on: str
    document: str | None = None
    outcome: str | None = None  # of a correction, with what goes with it
    reasons: str | None = None
    votes_for: int | None = None
    votes_against: int | None = None
    votes_abstained: int | None = None


@dataclass(frozen=True)
class AmendmentAnnounced(Fact):
    """Whoever had been told the outcome was told what became of it."""

    verb: ClassVar[str] = "amendment.announced"
    kind: str
    reason: str
    effective_on: str
    outcome: str | None = None
    reasons: str | None = None


@dataclass(frozen=True)
class CandidateToldAgain(Fact):
    """The candidate, who had been told the outcome, was told what became of it."""

    verb: ClassVar[str] = "amendment.candidate_told"
    told_on: str
    how: str


@dataclass(frozen=True)
class OfficerRecused(Fact):
    """An officer declared that they must not deal with the case.

    Why is asked nowhere and kept nowhere: a reason would tell of people who are no candidates.
    """

    verb: ClassVar[str] = "officer.recused"
    takes_part: ClassVar[bool] = False
    officer: str
    body: str | None = None  # the consulted body they declared it in, if in one


@dataclass(frozen=True)
class ConflictDeclaredWaiting(Fact):
    """An officer declared that they must not deal with the case, and nobody else could yet.

    From here on they do nothing in it, and it exists for them no more. What they left waits for
    somebody: until the head of the Board confirms that there is one, the declaration is shown.
    """

    verb: ClassVar[str] = "conflict.declared_waiting"
    takes_part: ClassVar[bool] = False
    officer: str
    body: str | None = None  # the consulted body they declared it in, if in one
    # Nobody else could open the restricted case to anybody: that alone is left to them.
    still_lifts: bool = False


@dataclass(frozen=True)
class ConflictTakenOver(Fact):
    """The head of the Board confirmed that somebody can take what an officer left."""

    verb: ClassVar[str] = "conflict.taken_over"
    officer: str
    body: str | None = None


@dataclass(frozen=True)
class ConsultationReleased(AboutConsultation, Moved):
    """What an officer had in hand of a consultation is theirs no more."""

    verb: ClassVar[str] = "consultation.released"
    takes_part: ClassVar[bool] = False
    officer: str
    reason: str | None = None  # where the head of the Board handed it back

    def because(self, reason: str) -> "ConsultationReleased":
        """Return the same with a reason."""
        return replace(self, reason=reason)


@dataclass(frozen=True)
class MoreTimeAsked(AboutConsultation):
    """A body asked for a later day for its answer. Nothing moves by that."""

    verb: ClassVar[str] = "time.asked"
    due_on: str  # the day that stands
    until: str  # the day that is asked for, as it was counted
    reason: str
    by: str
    working_days: int | None = None  # so many after the day that stands; empty: a day was named
    on_behalf_of: str | None = None


@dataclass(frozen=True)
class MoreTimeGranted(AboutConsultation):
    """The Board gave a body a later day for its answer."""

    verb: ClassVar[str] = "time.granted"
    due_on: str  # the day before
    until: str  # the day from now on
    reason: str
    asked_by: str
    working_days: int | None = None
    basis: str | None = None  # the rule whose limits it keeps; empty: none was entered


@dataclass(frozen=True)
class MoreTimeRefused(AboutConsultation):
    """The Board did not give a body a later day; the day stands."""

    verb: ClassVar[str] = "time.refused"
    due_on: str
    until: str
    reason: str
    asked_by: str


@dataclass(frozen=True)
class AnswerDateMoved(AboutConsultation):
    """The day of an answer moved without anybody asking for it.

    Either a calendar was changed on which granted days are counted, or its clock stood still by its
    rule while the unit was asked.
    """

    verb: ClassVar[str] = "time.moved"
    takes_part: ClassVar[bool] = False
    due_on: str
    until: str
    reason: str
    change: str | None = None  # the handle of the change of the calendar
    days: int | None = None  # that the clock stood still


@dataclass(frozen=True)
class QuestionsPut(Fact):
    """The Board asked the unit a numbered set of questions while the case runs."""

    verb: ClassVar[str] = "questions.put"
    number: int
    questions: tuple[str, ...]
    about: tuple[str, ...]  # for each the paper that it is about, or nothing
    reason: str
    answer_by: str | None = None  # by the rule if there is a term, else the Board's own word
    term: str | None = None  # of the rule, as `5 working_days`; none: no rule gives one
    basis: str | None = None  # the rule it comes from


@dataclass(frozen=True)
class QuestionsAnswered(Fact):
    """The unit answered some of the questions of a set, each apart."""

    verb: ClassVar[str] = "questions.answered"
    number: int
    answers: Mapping[str, Json]  # by the place of the question in its set
    papers: tuple[str, ...] = ()  # `1/cv_2c/2`: with the first, the second reference to a paper


@dataclass(frozen=True)
class QuestionsClosed(Fact):
    """The Board waits for no more answers to a set; what was not answered stays unanswered."""

    verb: ClassVar[str] = "questions.closed"
    number: int
    reason: str


@dataclass(frozen=True)
class AnswerShown(AboutConsultation):
    """What the unit answered is shown to a body that is concerned."""

    verb: ClassVar[str] = "answer.shown"
    number: int  # of the set


@dataclass(frozen=True)
class ClarificationAsked(AboutConsultation):
    """A body asked the Board to have something made clear by the unit."""

    verb: ClassVar[str] = "clarification.asked"
    questions: tuple[str, ...]
    reason: str


@dataclass(frozen=True)
class ClarificationPassedOn(AboutConsultation):
    """The Board asked the unit what a body wanted to know."""

    verb: ClassVar[str] = "clarification.passed_on"
    number: int  # of the set


@dataclass(frozen=True)
class ClarificationDeclined(AboutConsultation):
    """The Board does not ask the unit what a body wanted to know."""

    verb: ClassVar[str] = "clarification.declined"
    reason: str


@dataclass(frozen=True)
class CaseRestricted(Fact):
    """The case was kept to those of a clearance, or to some by name; or opened again."""

    verb: ClassVar[str] = "case.restricted"
    level: int
    named: tuple[str, ...] = ()


@dataclass(frozen=True)
class CaseExported(Fact):
    """The case's package was taken out, up to the entry before this one; nothing else changed."""

    verb: ClassVar[str] = "case.exported"
    takes_part: ClassVar[bool] = False
    reason: str
    manifest: str  # the hash of what was in it


@dataclass(frozen=True)
class ClockWentBack(Fact):
    """The clock stood before a moment that was written down already; the order is as it was.

    It stands behind what was done then, so that nothing of that has another number for it.
    """

    verb: ClassVar[str] = "clock.went_back"
    takes_part: ClassVar[bool] = False
    behind: str  # the moment: of the case's last entry, or of the log's last checkpoint


@dataclass(frozen=True)
class RowsRebuilt(Fact):
    """What is kept of the case was written anew from its entries, where it was unlike them."""

    verb: ClassVar[str] = "rows.rebuilt"
    columns: tuple[str, ...]  # by their tables
    reason: str


@dataclass(frozen=True)
class DeadlinesMoved(Fact):
    """A calendar was changed, and with it the day of deadlines that were running.

    Whoever changes a calendar plays no part in the cases that are counted on it. Each of `moved` is
    a deadline, its day before and its day from now on: `decision/2026-11-16/2026-11-17`; a dash is
    no day.
    """

    verb: ClassVar[str] = "deadlines.moved"
    takes_part: ClassVar[bool] = False
    calendar: str
    change: str  # the handle of the change of the calendar
    moved: tuple[str, ...]
    reason: str


@dataclass(frozen=True)
class RecordClassed(Fact):
    """Somebody said by which retention class the record is kept, other than by its case type."""

    verb: ClassVar[str] = "record.classed"
    takes_part: ClassVar[bool] = False
    record_class: str
    reason: str


@dataclass(frozen=True)
class RecordHeld(Fact):
    """The record is held: whatever its schedule says, nothing of it is disposed of."""

    verb: ClassVar[str] = "record.held"
    takes_part: ClassVar[bool] = False
    reason: str


@dataclass(frozen=True)
class HoldLifted(Fact):
    """One hold on the record was lifted; others stay."""

    verb: ClassVar[str] = "hold.lifted"
    takes_part: ClassVar[bool] = False
    hold: int  # the number of the entry that placed it
    reason: str


@dataclass(frozen=True)
class DisposalAsked(Fact):
    """Somebody asked that the record be disposed of, and saw what would be destroyed."""

    verb: ClassVar[str] = "disposal.asked"
    hat: ClassVar[Hat | None] = Hat.DISPOSE
    record_class: str
    years: int
    runs_out_on: str
    plan: str  # the hash of the list of what would be destroyed
    items: int  # how many there are on it
    by: str
    reason: str


@dataclass(frozen=True)
class DisposalRefused(Fact):
    """The second person did not agree; the record stays."""

    verb: ClassVar[str] = "disposal.refused"
    hat: ClassVar[Hat | None] = Hat.DISPOSE
    reason: str


@dataclass(frozen=True)
class DisposalApproved(Fact):
    """The second person agreed to just this list; it is the last entry of the case."""

    verb: ClassVar[str] = "disposal.approved"
    hat: ClassVar[Hat | None] = Hat.DISPOSE
    record_class: str
    years: int
    runs_out_on: str
    plan: str
    items: int
    asked_by: str


@dataclass(frozen=True)
class RequestRecorded(Fact):
    """An officer wrote down what the candidate asks about their own data, and by which letter."""

    verb: ClassVar[str] = "request.recorded"
    kind: str
    came_on: str
    letter_reference: str
    received_by: str
    asked_for: str
    rules: int  # the version of the rules under which it began


@dataclass(frozen=True)
class RequestAcknowledged(Fact):
    """The candidate was told that the request came."""

    verb: ClassVar[str] = "request.acknowledged"
    request: int  # the number of the entry that recorded it
    told_on: str
    letter_reference: str


@dataclass(frozen=True)
class RequestPrepared(Fact):
    """An officer of the Board prepared an answer, a refusal or an extension for a second person.

    Of the package each part of `withheld` is kept back on the ground at the same place. What is in
    it is fixed by its hash: the entries before this one, and what had been looked at by then.
    """

    verb: ClassVar[str] = "request.prepared"
    request: int
    way: str
    reasons: str
    by: str
    on_behalf_of: str | None = None
    ground: str | None = None
    until: str | None = None
    withheld: tuple[str, ...] = ()
    grounds: tuple[str, ...] = ()
    manifest: str | None = None  # the hash of what is in the package


@dataclass(frozen=True)
class RequestSentBack(Fact):
    """The second person did not agree; it is prepared anew."""

    verb: ClassVar[str] = "request.sent_back"
    request: int
    reason: str


@dataclass(frozen=True)
class RequestAnswered(Fact):
    """The second person agreed to the answer; with it goes the package, where it was asked for."""

    verb: ClassVar[str] = "request.answered"
    request: int
    reasons: str
    prepared_by: str
    answered_on: str
    prepared_for: str | None = None
    withheld: tuple[str, ...] = ()
    grounds: tuple[str, ...] = ()
    manifest: str | None = None  # the hash of what was in the package
    prepared: int | None = None  # the entry that fixed what is in the package that is kept


@dataclass(frozen=True)
class RequestRefused(Fact):
    """The second person agreed that the request is refused, on a ground."""

    verb: ClassVar[str] = "request.refused"
    request: int
    ground: str
    reasons: str
    prepared_by: str
    answered_on: str
    prepared_for: str | None = None


@dataclass(frozen=True)
class RequestHandedOver(Fact):
    """The package that two people agreed to was handed over to the candidate."""

    verb: ClassVar[str] = "request.handed_over"
    request: int
    handed_on: str
    handed_by: str  # who did it, in words: whoever writes it down need not be who did it
    manner: str
    receipt: str  # what shows it: the receipt that was signed, the number of the letter


@dataclass(frozen=True)
class RequestExtended(Fact):
    """The second person agreed that the answer takes longer; the rule allows it once."""

    verb: ClassVar[str] = "request.extended"
    request: int
    until: str
    before: str  # the day it was due
    reasons: str
    prepared_by: str
    prepared_for: str | None = None


@dataclass(frozen=True)
class FactRecorded(Fact):
    """A dated fact was written down, such as a hearing or a cell's resolution."""

    verb: ClassVar[str] = "fact.recorded"
    name: str
    details: Mapping[str, Json]


@dataclass(frozen=True)
class PaperRecorded(Fact):
    """A paper of the file was referred to: where it is kept, not what it says."""

    verb: ClassVar[str] = "paper.recorded"
    name: str
    details: Mapping[str, Json]


def _concrete(kind: type[Fact]) -> list[type[Fact]]:
    found = [kind] if "verb" in vars(kind) else []
    return found + [fact for child in kind.__subclasses__() for fact in _concrete(child)]


FACTS: dict[str, type[Fact]] = {kind.verb: kind for kind in _concrete(Fact)}
# The fields of a fact, each with the value that goes without saying (MISSING where none does).
_FIELDS: dict[type[Fact], tuple[tuple[str, object], ...]] = {
    kind: tuple((field.name, field.default) for field in fields(kind)) for kind in FACTS.values()
}
_TUPLES: dict[type[Fact], frozenset[str]] = {
    kind: frozenset(name for name, hint in get_type_hints(kind).items() if hint == tuple[str, ...])
    for kind in FACTS.values()
}


def hat_worn(verb: str, role: str) -> Hat:
    """Return the part that whoever states a fact in a role plays in its case."""
    return FACTS[verb].hat or HAT_OF_ROLE[Role(role)]


def read_fact(verb: str, payload: Mapping[str, Json]) -> Fact:
    """Return the fact that an entry of the history keeps."""
    kind = FACTS[verb]
    tuples = _TUPLES[kind]
    told = {
        name: tuple(value) if name in tuples and isinstance(value, list) else value
        for name, value in payload.items()
    }
    return kind(**told)


Stated = TypeVar("Stated", bound=Fact)


def as_kept(fact: Stated) -> Stated:
    """Return the fact as the history will give it back: its texts in Unicode NFC."""
    payload = fact.payload()
    if is_composed(payload):
        return fact
    kept = {name: composed(value) for name, value in payload.items()}
    return cast("Stated", read_fact(fact.verb, kept))
