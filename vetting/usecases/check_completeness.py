"""Check a file for completeness: take it up, return it for completion, or accept it."""

from collections.abc import Sequence

from vetting.engine.casefile import CaseFile
from vetting.engine.facts import CaseAccepted, CaseReturned, CaseTakenUp
from vetting.engine.policy import Action
from vetting.engine.refusals import HeldBack, Unacceptable
from vetting.engine.sentences import say
from vetting.records import rules
from vetting.records.book import Book
from vetting.usecases.desk import Answer, Desk, Sent
from vetting.usecases.moves import each, step


def take_up_cases(desk: Desk, sent: Sent, cases: Sequence[str]) -> Answer:
    """Begin to check cases; their units see that somebody has them."""

    def do(book: Book) -> Answer:
        def take_up(case: CaseFile) -> CaseFile:
            made = step(book, case, "take_up")
            return book.state(case.handle, CaseTakenUp(made.source, made.target), move="take_up")

        return each(book.opened(cases, sent.seen), take_up)

    return desk.act(Action.TAKE_UP_CASE, sent, {"cases": list(cases)}, do)


def return_case(desk: Desk, sent: Sent, case: str, reason: str, missing: Sequence[str]) -> Answer:
    """Return a case for completion, naming what is missing. It is not a refusal."""
    named = tuple(line.strip() for line in missing if line.strip())

    def do(book: Book) -> Answer:
        before = book.case(case, sent.seen)
        made = step(book, before, "return", reason=reason)
        if not named:
            raise Unacceptable(say("Name at least one thing that is missing."))
        fact = CaseReturned(made.source, made.target, reason, named)
        book.state(case, fact, move="return")
        return {"case": case}

    content = {"case": case, "reason": reason, "missing": list(named)}
    return desk.act(Action.RETURN_CASE, sent, content, do)


def accept_cases(
    desk: Desk,
    sent: Sent,
    cases: Sequence[str],
    *,
    management_level: str | None = None,
    authority: str | None = None,
    authority_reason: str | None = None,
) -> Answer:
    """Accept cases; from here each is bound to a regulation, an authority and its legal bases.

    The authority comes from the authority table. Where the table has no row the Board names the
    authority and says why.
    """

    def do(book: Book) -> Answer:
        regulation = rules.regulation_on(book.connection, book.today)
        if regulation is None:
            raise HeldBack(say("No coordination regulation is in force today."))
        named_well = authority is not None and rules.is_authority(
            book.connection, authority, book.today
        )

        def accept(case: CaseFile) -> CaseFile:
            made = step(book, case, "accept")
            level = management_level or case.management_level
            found = rules.authority_on(book.connection, level, case.case_type, book.today)
            concludes = found or authority
            if concludes is None:
                raise HeldBack(
                    say("The authority table names nobody for this case; name the authority.")
                )
            if found is None and not (authority_reason or "").strip():
                raise Unacceptable(say("Say why this authority is competent."))
            if found is None and not named_well:
                raise Unacceptable(say("Name an authority of the register."))
            fact = CaseAccepted(
                made.source,
                made.target,
                regulation,
                concludes,
                book.definition(case).legal_bases,
                authority_reason if found is None else None,
                level,
            )
            return book.state(case.handle, fact, move="accept")

        return each(book.opened(cases, sent.seen), accept)

    content = {
        "cases": list(cases),
        "management_level": management_level,
        "authority": authority,
        "authority_reason": authority_reason,
    }
    return desk.act(Action.ACCEPT_CASE, sent, content, do)
