"""Amend what was signed: correct, annul or revoke it. What was signed first stays as it is.

An opinion's own body does it, by as many people as when it was signed; the authority does it to its
conclusion. In a review it is none of those who drew up or signed what is reviewed. Whoever had the
earlier version is told in the same act.
"""

from dataclasses import asdict, dataclass
from typing import Any

from sqlalchemy import select

from vetting.engine.amend import (
    Decision,
    refuse_conclusion,
    refuse_few_names,
    refuse_first_deciders,
    refuse_opinion,
    refuse_own_draft,
    refuse_second_name,
    refuse_unlikely,
)
from vetting.engine.calendar import refuse_no_day
from vetting.engine.canonical import Json
from vetting.engine.casefile import Amendment, CaseFile, Consultation
from vetting.engine.facts import (
    AmendmentAnnounced,
    CandidateToldAgain,
    ConclusionAmended,
    OpinionAmended,
    OpinionAmendmentCountersigned,
    OpinionAmendmentDrafted,
    OpinionAmendmentRefused,
)
from vetting.engine.policy import Action
from vetting.engine.refusals import HeldBack, OutOfTurn, Stale, Unacceptable
from vetting.engine.seal import signed_bytes
from vetting.engine.sentences import say
from vetting.engine.telling import CONCLUSION_AMENDED, DRAFTED, OPINION_AMENDED
from vetting.engine.vocabulary import AmendmentKind, Role, Verdict
from vetting.records import organisations
from vetting.records.amendments import Signed, conclusion_signed, opinion_signed
from vetting.records.book import Book
from vetting.records.consultations import texts
from vetting.records.legal_bases import legal_bases
from vetting.records.reads import texts_opened
from vetting.usecases.desk import Answer, Desk, Sent
from vetting.usecases.draft_opinion import Opinion

_THE_SAME = say("This says the same as what stands; nothing would be corrected.")
_OTHER_WORDS = say("Only a correction says something in the place of what was signed.")


@dataclass(frozen=True)
class Concluded:
    """What is concluded in the place of what was concluded before."""

    outcome: str
    reasons: str
    votes_for: int | None = None
    votes_against: int | None = None
    votes_abstained: int | None = None


def amend_conclusion(
    desk: Desk, sent: Sent, case: str, decision: Decision, instead: Concluded | None = None
) -> Answer:
    """Correct, annul or revoke the conclusion on a case; only a correction puts another there."""

    def do(book: Book) -> Answer:
        opened = book.case(case, sent.seen)
        refuse_conclusion(opened)
        if (decision.kind is AmendmentKind.CORRECTION) != (instead is not None):
            raise Unacceptable(_OTHER_WORDS)
        signed = conclusion_signed(book.connection, case)
        _refuse_unlikely(book, decision, signed.decided_on)
        refuse_first_deciders(decision.ground, book.actor, signed.names)
        if instead is not None:
            _refuse_outcome(book, opened, decision, instead, signed.content)
        fact = ConclusionAmended(
            amends=signed.entry, **_told(decision), **(asdict(instead) if instead else {})
        )
        book.state(case, fact)
        had = book.tell_whoever_had(case, CONCLUSION_AMENDED)
        if had.told:
            announced = AmendmentAnnounced(
                kind=decision.kind.value,
                reason=decision.reason,
                effective_on=decision.effective_on,
                outcome=instead.outcome if instead else None,
                reasons=instead.reasons if instead else None,
            )
            book.state(case, announced)
        return {"case": case}

    content: dict[str, Json] = {"case": case, **_told(decision)}
    content |= asdict(instead) if instead else {}
    return desk.act(Action.AMEND_CONCLUSION, sent, content, do)


def draft_amendment(
    desk: Desk, sent: Sent, consultation: str, decision: Decision, instead: Opinion | None = None
) -> Answer:
    """Draw up what is to become of an opinion that one's own body has signed."""

    def do(book: Book) -> Answer:
        case = book.case_of(consultation, sent.seen)
        asked = case.consultation(consultation)
        refuse_opinion(case, asked, decision.kind)
        if (decision.kind is AmendmentKind.CORRECTION) != (instead is not None):
            raise Unacceptable(_OTHER_WORDS)
        signed = opinion_signed(book.connection, consultation)
        _refuse_unlikely(book, decision, signed.decided_on)
        refuse_first_deciders(decision.ground, book.actor, signed.names)
        said = _said(instead) if instead else {}
        if instead is not None:
            _refuse_words(instead, signed.content)
        fact = OpinionAmendmentDrafted(
            consultation=consultation,
            body=asked.body,
            **_told(decision),
            **said,
            hash=_hash_of(case, asked, signed.entry, decision, instead),
            by=book.principal.officer,
            on_behalf_of=book.principal.on_behalf_of,
        )
        stated = book.state(case.handle, fact)
        key = f"{case.handle}/{stated.entry_count}/{asked.body}"
        book.give_notice(key, DRAFTED, case.handle, asked.body, "head")
        return {"case": case.handle, "consultation": consultation}

    content: dict[str, Json] = {"consultation": consultation, **_told(decision)}
    content |= {
        name: list(value) if isinstance(value, tuple) else value
        for name, value in (_said(instead) if instead else {}).items()
    }
    return desk.act(Action.DRAFT_AMENDMENT, sent, content, do)


def countersign_amendment(desk: Desk, sent: Sent, consultation: str, text: str) -> Answer:
    """Put a second name to what was drawn up, where the rule of the body asks for it."""

    def do(book: Book) -> Answer:
        case, asked, amendment = _drawn_up(book, sent, consultation)
        _same_text(amendment, text)
        refuse_opinion(case, asked, amendment.kind)
        wanted = book.definition(case).rule_for(asked.body).countersigners
        if len(amendment.countersigned_by) >= wanted:
            raise OutOfTurn(say("No more countersignatures are needed."))
        _refuse_name(book, asked, amendment)
        fact = OpinionAmendmentCountersigned(
            consultation=consultation,
            body=asked.body,
            hash=text,
            by=book.principal.officer,
            on_behalf_of=book.principal.on_behalf_of,
        )
        book.state(case.handle, fact)
        return {"case": case.handle, "consultation": consultation}

    content: dict[str, Json] = {"consultation": consultation, "text": text}
    return desk.act(Action.COUNTERSIGN_AMENDMENT, sent, content, do)


def sign_amendment(desk: Desk, sent: Sent, consultation: str, text: str, typed: str = "") -> Answer:
    """Sign what was drawn up, whose text has the hash *text* as the signer's page showed it.

    What was *typed* beside it goes nowhere, but a form with other words in it is another form.
    """

    def do(book: Book) -> Answer:
        case, asked, amendment = _drawn_up(book, sent, consultation)
        _same_text(amendment, text)
        refuse_opinion(case, asked, amendment.kind)
        refuse_few_names(book.definition(case).rule_for(asked.body).countersigners, amendment)
        signed = _refuse_name(book, asked, amendment)
        fact = OpinionAmended(
            consultation=consultation,
            body=asked.body,
            amends=signed.entry,
            kind=amendment.kind.value,
            ground=amendment.ground.value,
            reason=amendment.reason,
            basis=amendment.basis,
            decided_on=amendment.decided_on,
            effective_on=amendment.effective_on,
            document=amendment.document,
            hash=amendment.hash,
            drafted_by=amendment.by,
            drafted_for=amendment.on_behalf_of,
            body_name=organisations.name_on(book.connection, book.principal.organisation),
            verdict=amendment.verdict.value if amendment.verdict else None,
            reasons=amendment.reasons,
            conditions=amendment.conditions,
            evidence=amendment.evidence,
            countersigned_by=amendment.countersigned_by,
            countersigned_for=amendment.countersigned_for,
        )
        book.state(case.handle, fact)
        book.tell_whoever_had(case.handle, OPINION_AMENDED, body=asked.body)
        return {"case": case.handle, "consultation": consultation}

    content: dict[str, Json] = {"consultation": consultation, "text": text, "reason": typed}
    return desk.act(Action.SIGN_AMENDMENT, sent, content, do)


def refuse_amendment(desk: Desk, sent: Sent, consultation: str, reason: str) -> Answer:
    """Do not sign what was drawn up: the opinion stands as it stood."""

    def do(book: Book) -> Answer:
        if not reason.strip():
            raise Unacceptable(say("Give a reason."))
        case, asked, _ = _drawn_up(book, sent, consultation)
        fact = OpinionAmendmentRefused(consultation, asked.body, reason.strip())
        book.state(case.handle, fact)
        return {"case": case.handle, "consultation": consultation}

    content = {"consultation": consultation, "refused": reason}
    return desk.act(Action.SIGN_AMENDMENT, sent, content, do)


def tell_candidate_again(desk: Desk, sent: Sent, case: str, told_on: str, how: str) -> Answer:
    """Write down when and how the candidate was told what became of the conclusion."""

    def do(book: Book) -> Answer:
        opened = book.case(case, sent.seen)
        announced = book.last_of(case, AmendmentAnnounced.verb)
        if not announced or (
            book.principal.role is Role.CASE_OFFICER and opened.unit != book.principal.organisation
        ):
            raise OutOfTurn(say("Nothing became of the outcome since the unit was told it."))
        if not how.strip():
            raise Unacceptable(say("Say how the candidate was told."))
        refuse_no_day(told_on)
        if told_on > book.today:
            raise Unacceptable(say("The day lies in the future."))
        if told_on < book.ids.legal_day(announced):
            raise Unacceptable(say("On that day there was nothing new to tell yet."))
        book.state(case, CandidateToldAgain(told_on, how.strip()))
        return {"case": case}

    content = {"case": case, "told_on": told_on, "how": how}
    return desk.act(Action.RECORD_FACT, sent, content, do)


def _drawn_up(
    book: Book, sent: Sent, consultation: str
) -> tuple[CaseFile, Consultation, Amendment]:
    case = book.case_of(consultation, sent.seen)
    asked = case.consultation(consultation)
    if asked.amendment is None:
        raise OutOfTurn(say("Nothing has been drawn up here that could be signed."))
    return case, asked, asked.amendment


def _same_text(amendment: Amendment, text: str) -> None:
    if amendment.hash != text:
        raise Stale(say("The text has changed since you opened it. Read it again before signing."))


def _refuse_name(book: Book, asked: Consultation, amendment: Amendment) -> Signed:
    """Refuse a name under what its bearer drew up, named already, decided first or never read."""
    refuse_own_draft(book.actor, amendment.names)
    refuse_second_name(book.actor, amendment.countersigners)
    signed = opinion_signed(book.connection, asked.handle)
    refuse_first_deciders(amendment.ground, book.actor, signed.names)
    read = {asked.handle: amendment.hash}
    if not texts_opened(book.connection, book.principal.officer, read):
        raise OutOfTurn(say("You have not opened this draft as it stands now. Read it first."))
    return signed


def _refuse_unlikely(book: Book, decision: Decision, first_signed_on: str) -> None:
    refuse_unlikely(decision, first_signed_on, book.today)
    known = book.connection.scalar(
        select(legal_bases.c.key).where(legal_bases.c.key == decision.basis)
    )
    if known is None:
        raise Unacceptable(say("This legal basis is not in the register."))


def _refuse_outcome(
    book: Book,
    case: CaseFile,
    decision: Decision,
    instead: Concluded,
    before: tuple[object, ...],
) -> None:
    """Refuse an outcome that there is not, or that the candidate was not heard on."""
    known = book.definition(case).outcome_by_name.get(instead.outcome)
    if known is None or not known.concluded:
        raise Unacceptable(say("Choose what the authority concluded."))
    if not instead.reasons.strip():
        raise Unacceptable(say("Give the reasons for the conclusion."))
    votes = (instead.votes_for, instead.votes_against, instead.votes_abstained)
    if any(vote is not None and vote < 0 for vote in votes):
        raise Unacceptable(say("Votes are whole numbers, 0 or more."))
    if (instead.outcome, instead.reasons, decision.document, *votes) == before:
        raise Unacceptable(_THE_SAME)
    heard = {"hearing", "hearing_absent"} & case.recorded.keys()
    if known.adverse and instead.outcome != case.outcome and not heard:
        raise HeldBack(
            say(
                "The candidate was not heard on this. Annul the conclusion and have the case "
                "filed anew; an adverse outcome does not come by a correction."
            )
        )


def _refuse_words(instead: Opinion, before: tuple[object, ...]) -> None:
    if not instead.reasons.strip():
        raise Unacceptable(say("Give the reasons for the opinion."))
    if (instead.verdict is Verdict.CONDITIONS) != bool(instead.conditions):
        raise Unacceptable(
            say("Conditions belong to the verdict “meets, with conditions”, and only to it.")
        )
    said = (instead.verdict.value, instead.reasons)
    if (*said, texts(instead.conditions), texts(instead.evidence)) == before:
        raise Unacceptable(_THE_SAME)


def _told(decision: Decision) -> dict[str, Any]:
    return asdict(decision) | {"kind": decision.kind.value, "ground": decision.ground.value}


def _said(instead: Opinion) -> dict[str, Any]:
    return asdict(instead) | {"verdict": instead.verdict.value}


def _hash_of(
    case: CaseFile, asked: Consultation, amends: int, decision: Decision, instead: Opinion | None
) -> str:
    """Return the hash of what a signer puts a name to."""
    said = _said(instead) if instead else {}
    return signed_bytes(
        {
            "case": case.handle,
            "definition": f"{case.case_type.value}/v{case.definition_version}",
            "consultation": asked.handle,
            "amends": amends,
            **_told(decision),
            **{
                name: list(value) if isinstance(value, tuple) else value
                for name, value in said.items()
            },
        }
    )
