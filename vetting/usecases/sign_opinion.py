"""Sign opinions: a body goes on record. Countersign, send back, sign one or many."""

from collections.abc import Collection, Mapping, Sequence

from vetting.engine.facts import OpinionCountersigned, OpinionSentBack, OpinionSigned
from vetting.engine.policy import Action
from vetting.engine.refusals import OutOfTurn, Stale
from vetting.engine.sentences import say
from vetting.records import organisations
from vetting.records.book import Book
from vetting.records.reads import texts_opened
from vetting.usecases.desk import Answer, Desk, Sent
from vetting.usecases.moves import each_consultation, settle, step_of_consultation


def sign_opinion(desk: Desk, sent: Sent, consultation: str, text: str) -> Answer:
    """Sign the opinion whose text has the hash *text*, as the signer's page showed it."""

    def do(book: Book) -> Answer:
        case = book.case_of(consultation, sent.seen)
        opened = texts_opened(book.connection, book.principal.officer, {consultation: text})
        _sign(book, consultation, text, opened, _body_name(book))
        return {"case": case.handle, "consultation": consultation}

    content = {"consultation": consultation, "text": text}
    return desk.act(Action.SIGN_OPINION, sent, content, do)


def sign_opinions(desk: Desk, sent: Sent, texts: Mapping[str, str]) -> Answer:
    """Sign many opinions in one act, each with its own entry: consultation to text's hash.

    What cannot be signed is named with the reason; the others are signed.
    """

    def do(book: Book) -> Answer:
        book.cases_of(texts)
        opened = texts_opened(book.connection, book.principal.officer, dict(texts))
        name = _body_name(book)

        def sign(consultation: str) -> None:
            _sign(book, consultation, texts[consultation], opened, name)

        return each_consultation(book, list(texts), None, sign)

    return desk.act(Action.SIGN_OPINION, sent, {"texts": dict(texts)}, do)


def countersign_opinion(desk: Desk, sent: Sent, consultation: str, text: str) -> Answer:
    """Put a second name to the draft as it stands."""

    def do(book: Book) -> Answer:
        case = book.case_of(consultation, sent.seen)
        made, asked = step_of_consultation(book, case, consultation, "countersign")
        _same_text(asked.draft.hash if asked.draft else None, text)
        _opened_before(
            consultation,
            texts_opened(book.connection, book.principal.officer, {consultation: text}),
        )
        fact = OpinionCountersigned(
            made.source,
            made.target,
            consultation,
            asked.body,
            text,
            book.principal.officer,
            book.principal.on_behalf_of,
        )
        book.state(case.handle, fact, move="countersign")
        return {"case": case.handle, "consultation": consultation}

    content = {"consultation": consultation, "text": text}
    return desk.act(Action.COUNTERSIGN_OPINION, sent, content, do)


def send_opinions_back(desk: Desk, sent: Sent, consultations: Sequence[str], reason: str) -> Answer:
    """Send drafts back to their drafters, with a reason."""

    def do(book: Book) -> Answer:
        def send_back(consultation: str) -> None:
            case = book.case_of(consultation)
            made, asked = step_of_consultation(book, case, consultation, "send_back", reason=reason)
            fact = OpinionSentBack(made.source, made.target, consultation, asked.body, reason)
            book.state(case.handle, fact, move="send_back")

        return each_consultation(book, consultations, sent.seen, send_back)

    content = {"consultations": list(consultations), "reason": reason}
    return desk.act(Action.SEND_OPINION_BACK, sent, content, do)


def _opened_before(consultation: str, opened: Collection[str]) -> None:
    """Refuse a name under what its bearer has not opened as it stands."""
    if consultation not in opened:
        raise OutOfTurn(say("You have not opened this draft as it stands now. Read it first."))


def _sign(
    book: Book, consultation: str, text: str, opened: Collection[str], body_name: str
) -> None:
    case = book.case_of(consultation)
    made, asked = step_of_consultation(book, case, consultation, "sign")
    draft = asked.draft
    if draft is None:
        raise OutOfTurn(say("There is no draft yet."))
    _same_text(draft.hash, text)
    _opened_before(consultation, opened)
    fact = OpinionSigned(
        source=made.source,
        target=made.target,
        consultation=consultation,
        body=asked.body,
        verdict=draft.verdict.value,
        reasons=draft.reasons,
        hash=draft.hash,
        drafted_by=draft.by,
        body_name=body_name,
        conditions=draft.conditions,
        evidence=draft.evidence,
        drafted_for=draft.on_behalf_of,
    )
    settle(book, book.state(case.handle, fact, move="sign"))


def _same_text(now: str | None, seen: str) -> None:
    if now != seen:
        raise Stale(say("The text has changed since you opened it. Read it again before signing."))


def _body_name(book: Book) -> str:
    return organisations.name_on(book.connection, book.principal.organisation)
