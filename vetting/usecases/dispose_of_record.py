"""Dispose of a record: one asks, another agrees, both to the same list of what is destroyed.

Nothing is destroyed here. Once two people agree, the list waits for whoever owns the tables
(`usecases/forget.py`).
"""

from vetting.engine.canonical import Json, canonical
from vetting.engine.casefile import CaseFile
from vetting.engine.facts import DisposalApproved, DisposalAsked, DisposalRefused
from vetting.engine.policy import Action
from vetting.engine.refusals import Forbidden, HeldBack, OutOfTurn, Stale, Unacceptable
from vetting.engine.retention import (
    IN_ONES_OWN_NAME,
    Retention,
    Schedule,
    retention_of,
    why_not_disposed_of,
)
from vetting.engine.sentences import say
from vetting.engine.telling import DISPOSAL_ANSWERED, DISPOSAL_ASKED
from vetting.engine.vocabulary import Hat
from vetting.records import disposals
from vetting.records.book import Book
from vetting.records.disposals import Plan, plan_of
from vetting.usecases.desk import Answer, Desk, Sent

OTHERWISE = say(
    "What would be destroyed is not any more what was on the list. Nothing was done; look at the "
    "list as it is now."
)


def ask_disposal(  # what was seen, and why
    desk: Desk, sent: Sent, case: str, plan: str, reason: str
) -> Answer:
    """Ask that a record be disposed of; *plan* is the hash of the list that the asker saw."""

    def do(book: Book) -> Answer:
        if not reason.strip():
            raise Unacceptable(say("Give a reason."))
        opened, kept, schedule = _opened(book, sent, case)
        if opened.disposal is not None:
            raise OutOfTurn(say("Somebody has asked for this already."))
        found = _found(book, case, plan)
        agreed = disposals.agreed_to(book.connection, case)
        if agreed is not None and agreed.plan == found.hash:
            raise OutOfTurn(say("Two people have agreed to this already."))
        book.state(
            case,
            DisposalAsked(
                record_class=schedule.code,
                years=schedule.years or 0,
                runs_out_on=kept.runs_out_on or "",
                plan=found.hash,
                items=len(found.items),
                by=book.principal.officer,
                reason=reason.strip(),
            ),
        )
        book.tell_overseers(case, DISPOSAL_ASKED)
        return {"case": case}

    content = {"case": case, "plan": plan, "reason": reason}
    return desk.act(Action.ASK_DISPOSAL, sent, content, do)


def answer_disposal(  # what was seen, and what was said to it
    desk: Desk, sent: Sent, case: str, plan: str, *, agrees: bool, reason: str = ""
) -> Answer:
    """Agree as the second person to what the first asked for, or refuse with a reason."""

    def do(book: Book) -> Answer:
        opened, kept, schedule = _opened(book, sent, case)
        if opened.disposal is None or opened.disposal_by is None:
            raise OutOfTurn(say("Nobody has asked that this record be disposed of."))
        if opened.disposal_by == book.principal.officer:
            raise OutOfTurn(say("You asked for this yourself; a second person has to answer."))
        if not agrees:
            if not reason.strip():
                raise Unacceptable(say("Give a reason."))
            book.state(case, DisposalRefused(reason.strip()))
            book.tell_board(case, DISPOSAL_ANSWERED)
            return {"case": case}
        found = _found(book, case, plan)
        if found.hash != opened.disposal:
            raise Stale(OTHERWISE)
        fact = DisposalApproved(
            record_class=schedule.code,
            years=schedule.years or 0,
            runs_out_on=kept.runs_out_on or "",
            plan=found.hash,
            items=len(found.items),
            asked_by=opened.disposal_by,
        )
        last = book.state(case, fact)
        _write_stone(book, last, kept, schedule, fact)
        book.tell_board(case, DISPOSAL_ANSWERED)
        return {"case": case}

    content: dict[str, Json] = {"case": case, "plan": plan, "agrees": agrees, "reason": reason}
    return desk.act(Action.ANSWER_DISPOSAL, sent, content, do)


def _opened(book: Book, sent: Sent, case: str) -> tuple[CaseFile, Retention, Schedule]:
    """Open a record that is to be disposed of, or say what keeps it."""
    if book.principal.on_behalf_of is not None:
        raise Forbidden(IN_ONES_OWN_NAME)
    book.wear(Hat.DISPOSE)
    opened = book.case(case, sent.seen)
    over_on = book.ids.legal_day(book.since(case))
    kept = retention_of(opened, disposals.schedules(book.connection), over_on, book.today)
    if (reason := why_not_disposed_of(kept)) is not None:
        raise HeldBack(reason)
    if kept.schedule is None or opened.reference is None:
        raise HeldBack(say("The case is not over."))
    return opened, kept, kept.schedule


def _found(book: Book, case: str, seen: str) -> Plan:
    """Return the list as it is now, which has to be the one that was seen."""
    found = plan_of(book.connection, case)
    if found.hash != seen:
        raise Stale(OTHERWISE)
    return found


def _write_stone(
    book: Book, case: CaseFile, kept: Retention, schedule: Schedule, fact: DisposalApproved
) -> None:
    asked = book.last_of(case.handle, DisposalAsked.verb)
    book.insert(
        disposals.INSERT,
        {
            "case_handle": case.handle,
            "reference": case.reference,
            "case_type": case.case_type.value,
            "unit": case.unit,
            "record_class": fact.record_class,
            "years": fact.years,
            "basis": schedule.basis,
            "over_on": kept.over_on,
            "runs_out_on": fact.runs_out_on,
            "plan": fact.plan,
            "items": fact.items,
            "asked_by": fact.asked_by,
            "asked_at": asked,
            "approved_by": book.principal.officer,
            "approved_at": book.at,
            "entry": case.entry_count,
            "salt": book.salt_of_last(case.handle),
            "content": canonical(fact.payload()).decode(),
        },
    )
