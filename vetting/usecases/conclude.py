"""Conclude: the authority's conclusion is recorded, with the votes as facts somebody entered."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass

from vetting.engine.calendar import refuse_no_day
from vetting.engine.casefile import CaseFile
from vetting.engine.facts import CaseConcluded, ProposalReturned
from vetting.engine.membership import ceremony_of, effective_on
from vetting.engine.policy import Action
from vetting.engine.refusals import HeldBack, Unacceptable
from vetting.engine.sentences import say
from vetting.records.book import Book
from vetting.usecases.desk import Answer, Desk, Sent
from vetting.usecases.moves import each, step


@dataclass(frozen=True)
class Conclusion:
    """What the authority decided."""

    outcome: str
    reasons: str
    decided_on: str
    document: str | None = None  # number and symbol of the decision
    votes_for: int | None = None
    votes_against: int | None = None
    votes_abstained: int | None = None


def conclude_cases(desk: Desk, sent: Sent, cases: Sequence[str], conclusion: Conclusion) -> Answer:
    """Record a conclusion, the same for each of the cases named."""

    def do(book: Book) -> Answer:
        refuse_no_day(conclusion.decided_on)
        if conclusion.decided_on > book.today:
            raise Unacceptable(say("A conclusion cannot be dated in the future."))
        votes = (conclusion.votes_for, conclusion.votes_against, conclusion.votes_abstained)
        if any(vote is not None and vote < 0 for vote in votes):
            raise Unacceptable(say("Votes are whole numbers, 0 or more."))

        def conclude(case: CaseFile) -> CaseFile:
            _refuse_without_admission(book, case)
            known = book.definition(case).outcome_by_name.get(conclusion.outcome)
            if known is None or not known.concluded:
                raise Unacceptable(say("Choose what the authority concluded."))
            made = step(
                book, case, "conclude", reason=conclusion.reasons, outcome=conclusion.outcome
            )
            fact = CaseConcluded(
                made.source,
                made.target,
                **asdict(conclusion),
                effective_on=_effective_on(book, case, conclusion.outcome),
            )
            return book.state(case.handle, fact, move="conclude")

        return each(book.opened(cases, sent.seen), conclude)

    return desk.act(Action.CONCLUDE, sent, {"cases": list(cases), **asdict(conclusion)}, do)


def _refuse_without_admission(book: Book, case: CaseFile) -> None:
    """Refuse to conclude on a case whose admission was annulled, revoked or corrected away."""
    admission, follows = book.admission_of(case), book.definition(case).follows
    if admission and follows and admission.amended and admission.outcome != follows.outcome:
        raise HeldBack(say("The admission that this case follows stands no more."))


def _effective_on(book: Book, case: CaseFile, outcome: str) -> str | None:
    """Return the day the outcome counts from, where a rule reaches back to the admission."""
    admission = book.admission_of(case)
    ceremony = ceremony_of(admission) if admission else None
    if ceremony is None:
        return None
    day = effective_on(book.definition(case), outcome, ceremony)
    return day.isoformat() if day else None


def return_proposal(desk: Desk, sent: Sent, case: str, reason: str) -> Answer:
    """Return a proposal to the Board."""

    def do(book: Book) -> Answer:
        made = step(book, book.case(case, sent.seen), "return_proposal", reason=reason)
        fact = ProposalReturned(made.source, made.target, reason)
        book.state(case, fact, move="return_proposal")
        return {"case": case}

    return desk.act(Action.RETURN_PROPOSAL, sent, {"case": case, "reason": reason}, do)
