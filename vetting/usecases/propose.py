"""Propose: a Board officer draws the proposal up, the head of the Board submits it."""

from collections.abc import Sequence

from vetting.engine.casefile import CaseFile
from vetting.engine.facts import CaseProposed, CaseSubmitted, ProposalReworked
from vetting.engine.policy import Action
from vetting.engine.refusals import Unacceptable
from vetting.engine.sentences import say
from vetting.records.book import Book
from vetting.usecases.desk import Answer, Desk, Sent
from vetting.usecases.moves import each, step


def propose(desk: Desk, sent: Sent, cases: Sequence[str], outcome: str, reasons: str) -> Answer:
    """Draw up the Board's proposal, the same for each of the cases named."""

    def do(book: Book) -> Answer:
        if not reasons.strip():
            raise Unacceptable(say("Give the reasons for the proposal."))

        def draw_up(case: CaseFile) -> CaseFile:
            known = book.definition(case).outcome_by_name.get(outcome)
            if known is None or not known.proposed:
                raise Unacceptable(say("Choose what the Board proposes."))
            made = step(book, case, "propose", outcome=outcome)
            by = book.principal
            fact = CaseProposed(
                made.source, made.target, outcome, reasons, by.officer, by.on_behalf_of
            )
            return book.state(case.handle, fact, move="propose")

        return each(book.opened(cases, sent.seen), draw_up)

    content = {"cases": list(cases), "outcome": outcome, "reasons": reasons}
    return desk.act(Action.PROPOSE, sent, content, do)


def submit_proposals(desk: Desk, sent: Sent, cases: Sequence[str]) -> Answer:
    """Put proposals before the authority. Whoever drew a proposal up cannot submit it."""

    def do(book: Book) -> Answer:
        def submit(case: CaseFile) -> CaseFile:
            made = step(book, case, "submit")
            return book.state(case.handle, CaseSubmitted(made.source, made.target), move="submit")

        return each(book.opened(cases, sent.seen), submit)

    return desk.act(Action.SUBMIT_PROPOSAL, sent, {"cases": list(cases)}, do)


def rework_proposal(desk: Desk, sent: Sent, case: str, reason: str) -> Answer:
    """Send a proposal back to be drawn up again."""

    def do(book: Book) -> Answer:
        made = step(book, book.case(case, sent.seen), "rework", reason=reason)
        book.state(case, ProposalReworked(made.source, made.target, reason), move="rework")
        return {"case": case}

    return desk.act(Action.SUBMIT_PROPOSAL, sent, {"case": case, "reason": reason}, do)
