"""One consultation, for the body that was asked: the question, the draft, and what can be done."""

from dataclasses import dataclass, replace
from typing import Any

from sqlalchemy import Connection, bindparam, select

from vetting.engine.canonical import Json
from vetting.engine.casefile import Amendment, CaseFile, Consultation, Draft
from vetting.engine.decide import Offer, offers_of_consultation
from vetting.engine.definition import Definition, Title
from vetting.engine.emergency import ONLY_TO_BE_READ
from vetting.engine.more_time import why_not_ask
from vetting.engine.policy import Principal
from vetting.engine.questions import why_not_clarify
from vetting.engine.reading import Definitions
from vetting.engine.record import REFERENCE
from vetting.engine.refusals import Unknown
from vetting.engine.sentences import Sentence, say
from vetting.engine.vocabulary import CaseType, Need, Verdict
from vetting.queries.amended import (
    GONE,
    AmendmentLine,
    amendment_line,
    named_in_amendments,
    state_title,
)
from vetting.queries.both_names import forms_in
from vetting.queries.case_history import Line, case_history
from vetting.queries.inbox import (
    Choice,
    covered_for,
    days_between,
    held_back,
    letter_name,
    officers_of,
    title_of,
)
from vetting.queries.names_of import names_of_officers
from vetting.queries.opened_case import OpenedCase, actor_of, open_case, open_to_act
from vetting.queries.tombstone import refuse_erased_question
from vetting.queries.unit_questions import News, SetLine, news_since, unit_questions
from vetting.records.amendments import of_case
from vetting.records.book import matter_of
from vetting.records.cases import participations
from vetting.records.consultations import (
    OPEN_STATES,
    consultations,
    opinions,
    read_texts,
    sign_offs,
)
from vetting.records.database import Row, Statement
from vetting.records.history import entries, payloads, read_payload
from vetting.records.identity import Ids
from vetting.records.legal_bases import legal_bases, regulations
from vetting.records.letters import letters
from vetting.records.officers import login_sessions
from vetting.records.scope import addressed_to


@dataclass(frozen=True)
class PaperReference:
    """Where a paper of the file is kept; never what it says."""

    title: Title
    fields: tuple[tuple[Title, str, Json], ...]  # title, kind, value


@dataclass(frozen=True)
class LegalBasis:
    """A text that the question rests on."""

    number: str
    date: str
    issuer: str
    title: Title


@dataclass(frozen=True)
class LetterOfQuestion:
    """The letter by which the body was asked."""

    handle: str
    name: str
    dated: str | None
    written_at: str
    covers: int


@dataclass(frozen=True)
class SignOff:
    """A name put to a text."""

    officer: str  # handle
    kind: str
    at: str
    hash: str
    on_behalf_of: str | None = None  # handle of whoever was away, in whose name it was put
    form: str | None = None


@dataclass(frozen=True)
class SignedOpinion:
    """What the body has signed, in this turn or an earlier one."""

    consultation: str
    turn: int
    body_name: str
    verdict: Verdict
    reasons: str
    conditions: tuple[str, ...]
    evidence: tuple[str, ...]
    hash: str
    drafted_by: str
    signed_by: str
    signed_for: str | None  # handle of whoever was away, in whose name it was signed
    signed_at: str


@dataclass(frozen=True)
class ConsultationPage:
    """All that a body may know of one question put to it."""

    handle: str
    version: int
    state: str
    title: Title | Sentence  # of the state
    case: str  # handle
    reference: str
    case_type: CaseType
    name: str
    born: str
    target: str
    position: str | None
    management_level: str | None
    unit: str
    filed_at: str | None
    workflow_version: int  # that the case is pinned to
    workflow: Title
    need: Need
    turn: int
    asked_again: str | None  # why, from the second turn on
    asked_at: str
    received_at: str | None
    due_on: str | None
    overdue: bool
    waiting_days: int
    holder: str | None  # handle of the officer who has it
    letter: LetterOfQuestion | None
    regulation: Title | None
    regulation_basis: str | None
    bases: tuple[LegalBasis, ...]
    papers: tuple[PaperReference, ...]
    draft: Draft | None
    countersigners: int  # how many the rule asks for
    countersigned_by: tuple[str, ...]
    sign_offs: tuple[SignOff, ...]  # under the text as it stands, or as it was signed
    opinion: SignedOpinion | None
    amendments: tuple[AmendmentLine, ...]  # what became of it, oldest first
    amendment: Amendment | None  # what waits to be signed
    amends: bool  # somebody of the body can draw up what is to become of it
    earlier: tuple[SignedOpinion, ...]
    officers: tuple[Choice, ...]
    offers: tuple[Offer, ...]
    held_back: Sentence | None  # why nothing at all can be done
    sent_back: str | None  # the reason why the draft last came back, while it is being reworked
    lines: tuple[Line, ...]  # what happened, newest first
    first_due_on: str | None = None  # the day that was set first, once another counts
    asks_until: str | None = None  # the day that the body asks for
    may_ask_time: bool = False
    may_clarify: bool = False
    may_set_aside: bool = False  # it is not due yet
    wants_clear: bool = False  # the body asked for something to be made clear, and waits
    question_sets: tuple[SetLine, ...] = ()
    kept: Draft | None = None  # what the body had drafted when it was no longer asked
    news: News | None = None  # what came from the unit since the body signed or drafted

    @property
    def gone(self) -> AmendmentLine | None:
        """By what the opinion stands no more."""
        last = self.amendments[-1] if self.amendments else None
        return last if last and last.kind in GONE else None

    @property
    def texts(self) -> tuple[tuple[str, str, str], ...]:
        """The draft that is shown, as the ledger of reads names it."""
        shown = self.draft or self.kept
        return ((self.case, self.handle, shown.hash),) if shown else ()

    @property
    def lacking(self) -> int:
        """How many countersignatures the draft still needs."""
        return max(0, self.countersigners - len(self.countersigned_by))

    @property
    def countersigning_helps(self) -> bool:
        """Tell whether the reader should countersign: the rule asks for it, or they cannot sign.

        Who countersigns cannot sign the same text; a signer is not led into that.
        """
        return bool(self.lacking) or self.offer("sign") is None

    def offer(self, move: str) -> Offer | None:
        """Return a move that the reader's role could make from here."""
        return next((offer for offer in self.offers if offer.move.name == move), None)

    def may(self, move: str) -> bool:
        """Tell whether the reader can make a move now."""
        offer = self.offer(move)
        return offer is not None and offer.held_back is None


def consultation_page(
    connection: Connection,
    principal: Principal,
    definitions: Definitions,
    handle: str,
    ids: Ids,
) -> ConsultationPage:
    """Return the page of one consultation put to the reader's body; any other does not exist."""
    case = case_of_consultation(connection, principal, handle)
    opened = open_case(connection, principal, definitions, case)
    return _page(connection, principal, definitions, opened, handle, ids)


def consultation_to_act(
    connection: Connection,
    principal: Principal,
    definitions: Definitions,
    handle: str,
    ids: Ids,
) -> ConsultationPage:
    """Return the same for an act on it, which whoever reads in an emergency cannot do."""
    case = case_of_consultation(connection, principal, handle)
    opened = open_to_act(connection, principal, definitions, case)
    return _page(connection, principal, definitions, opened, handle, ids)


def question_to_act(
    connection: Connection, principal: Principal, definitions: Definitions, handle: str
) -> tuple[OpenedCase, Row]:
    """Return a question put to the reader's body with its case, for an act beside the answer."""
    case = case_of_consultation(connection, principal, handle)
    opened = open_to_act(connection, principal, definitions, case)
    return opened, next(row for row in opened.asked if row["handle"] == handle)


def _page(
    connection: Connection,
    principal: Principal,
    definitions: Definitions,
    opened: OpenedCase,
    handle: str,
    ids: Ids,
) -> ConsultationPage:
    case = opened.case
    case_handle = case.handle
    asked = case.consultation(handle)
    row = next(row for row in opened.asked if row["handle"] == handle)
    consulting = definitions.consultation()
    held = held_back(
        principal,
        _hat(connection, principal, case_handle),
        case.state,
        current=asked.turn == case.turn,
    )
    offers = offers_of_consultation(consulting, opened.definition, case, asked, actor_of(principal))
    if opened.emergency:
        held = ONLY_TO_BE_READ
    if held is not None:
        offers = tuple(replace(offer, held_back=held) for offer in offers)
    signed = _signed(connection, principal, case_handle)
    today = ids.today()
    final = consulting.state_by_name[asked.state].final
    return ConsultationPage(
        handle=handle,
        version=asked.version,
        state=asked.state,
        title=state_title(consulting, asked),
        case=case_handle,
        reference=case.reference or "",
        case_type=case.case_type,
        name=case.name,
        born=case.born,
        target=case.target,
        position=case.position,
        management_level=case.management_level,
        unit=case.unit,
        filed_at=opened.row["filed_at"],
        workflow_version=case.definition_version,
        workflow=opened.definition.title,
        need=asked.need,
        turn=asked.turn,
        asked_again=_asked_again(connection, case_handle, asked.turn),
        asked_at=row["asked_at"],
        received_at=row["received_at"],
        due_on=asked.due_on,
        overdue=not final and asked.due_on is not None and asked.due_on < today,
        waiting_days=days_between(row["asked_at"], today, ids),
        holder=asked.officer,
        **_letter_and_regulation(connection, principal, asked.letter, case.regulation),
        bases=_bases(connection, opened.definition),
        papers=tuple(_papers(opened)),
        draft=None if asked.state == "signed" else asked.draft,
        countersigners=opened.definition.rule_for(asked.body).countersigners,
        countersigned_by=asked.countersigned_by,
        sign_offs=_sign_offs(connection, handle, asked.draft.hash if asked.draft else ""),
        opinion=next((opinion for opinion in signed if opinion.consultation == handle), None),
        amendments=_amended(connection, opened, handle) if asked.amended else (),
        amendment=asked.amendment,
        amends=asked.stands and not opened.emergency,
        earlier=tuple(opinion for opinion in signed if opinion.turn < asked.turn),
        officers=officers_of(connection, principal.organisation, today, matter_of(case)),
        offers=offers,
        held_back=None if final else held,
        sent_back=_sent_back(connection, case_handle, principal.organisation)
        if asked.state == "drafting"
        else None,
        lines=tuple(reversed(case_history(connection, principal, definitions, case_handle).lines)),
        first_due_on=asked.first_due_on,
        asks_until=asked.time_until,
        may_ask_time=held is None and why_not_ask(case, asked) is None,
        may_clarify=held is None and why_not_clarify(case, asked) is None,
        may_set_aside=held is None
        and asked.state in OPEN_STATES
        and (asked.due_on is None or asked.due_on > today),
        wants_clear=asked.clarify is not None,
        kept=_kept_draft(case, asked),
        question_sets=unit_questions(connection, case, opened.definition),
        news=news_since(connection, case, handle) if case.question_sets else None,
    )


def _amended(connection: Connection, opened: OpenedCase, handle: str) -> tuple[AmendmentLine, ...]:
    rows = [row for row in of_case(connection, opened.case.handle) if row["consultation"] == handle]
    names = names_of_officers(connection, named_in_amendments(rows))
    forms = forms_in(connection, opened.case.handle)
    return tuple(amendment_line(row, opened.definition, names, forms) for row in rows)


def _kept_draft(case: CaseFile, asked: Consultation) -> Draft | None:
    """Return the draft that a body had in flight when it was no longer asked, in a turn before."""
    before = [
        one.draft
        for one in case.consultations
        if one.body == asked.body and one.state == "withdrawn" and one.turn < asked.turn
    ]
    return before[-1] if before and asked.draft is None and asked.state != "signed" else None


def case_of_consultation(connection: Connection, principal: Principal, handle: str) -> str:
    """Return the case of a consultation put to the reader's body."""
    found: str | None = connection.scalar(
        select(consultations.c.case_handle).where(
            consultations.c.handle == handle, addressed_to(principal)
        )
    )
    if found is None:
        refuse_erased_question(connection, principal, handle)
        raise Unknown(say("There is no such consultation."))
    return found


def _hat(connection: Connection, principal: Principal, case_handle: str) -> str | None:
    row = _HAT(connection, {"case_handle": case_handle, "officer": principal.officer}).first()
    return row.hat if row else None


def _letter_and_regulation(
    connection: Connection, principal: Principal, letter: str | None, regulation: str | None
) -> dict[str, Any]:
    c = letters.c
    w = (
        connection.execute(
            select(
                c.handle, c.symbol, c.number, c.year, c.dated, c.written_at, covered_for(principal)
            ).where(c.handle == letter)
        )
        .mappings()
        .first()
    )
    r = _REGULATION(connection, {"code": regulation}).mappings().first()
    return {
        "letter": LetterOfQuestion(
            w["handle"],
            letter_name(w["symbol"], w["number"], w["year"]),
            w["dated"],
            w["written_at"],
            w["covers"],
        )
        if w
        else None,
        "regulation": title_of(r["name_vi"], r["name_en"]) if r else None,
        "regulation_basis": r["legal_basis"] if r else None,
    }


def _bases(connection: Connection, definition: Definition) -> tuple[LegalBasis, ...]:
    c = legal_bases.c
    rows = connection.execute(
        select(c.number, c.date, c.issuer, c.title_vi, c.title_en)
        .where(c.key.in_(definition.legal_bases))
        .order_by(c.date.desc())
    )
    return tuple(
        LegalBasis(number, date, issuer, title_of(vi, en)) for number, date, issuer, vi, en in rows
    )


def _papers(opened: OpenedCase) -> list[PaperReference]:
    found = []
    for paper in opened.definition.papers:
        last = opened.case.last_recorded(paper.name)
        if last is not None:
            fields = tuple(
                (field.title, field.kind, last[field.name])
                for field in REFERENCE
                if last.get(field.name) is not None
            )
            found.append(PaperReference(paper.title, fields))
    return found


def _sign_offs(connection: Connection, consultation: str, text: str) -> tuple[SignOff, ...]:
    c, s = sign_offs.c, login_sessions.c
    rows = connection.execute(
        select(c.officer, c.kind, c.at, c.hash, c.on_behalf_of, s.form)
        .outerjoin(login_sessions, s.mark == c.session)
        .where(c.consultation == consultation, c.hash == text)
        .order_by(c.at)
    )
    return tuple(SignOff(*row) for row in rows)


def _signed(
    connection: Connection, principal: Principal, case_handle: str
) -> tuple[SignedOpinion, ...]:
    rows: list[Row] = list(
        _OPINIONS(
            connection, {"case_handle": case_handle, "body": principal.organisation}
        ).mappings()
    )
    return tuple(
        SignedOpinion(
            consultation=row["consultation"],
            turn=row["turn"],
            body_name=row["body_name"],
            verdict=Verdict(row["verdict"]),
            reasons=row["reasons"],
            conditions=read_texts(row["conditions"]),
            evidence=read_texts(row["evidence"]),
            hash=row["hash"],
            drafted_by=row["drafted_by"],
            signed_by=row["signed_by"],
            signed_for=row["signed_for"],
            signed_at=row["signed_at"],
        )
        for row in rows
    )


def _asked_again(connection: Connection, case_handle: str, turn: int) -> str | None:
    if turn == 1:
        return None
    for row in _SAID(connection, {"case_handle": case_handle, "verb": "case.consulted"}):
        said = read_payload(row.content)
        if said.get("turn") == turn:
            reason = said.get("reason")
            return reason if isinstance(reason, str) else None
    return None


def _sent_back(connection: Connection, case_handle: str, body: str) -> str | None:
    row = _LAST_SENT_BACK(
        connection, {"case_handle": case_handle, "body": body, "verb": "opinion.sent_back"}
    ).first()
    reason = read_payload(row.content).get("reason") if row else None
    return reason if isinstance(reason, str) else None


_HAT = Statement(
    select(participations.c.hat).where(
        participations.c.case_handle == bindparam("case_handle"),
        participations.c.officer == bindparam("officer"),
    )
)
_REGULATION = Statement(
    select(regulations.c.name_vi, regulations.c.name_en, regulations.c.legal_basis).where(
        regulations.c.code == bindparam("code")
    )
)
_OPINIONS = Statement(
    opinions.select()
    .where(opinions.c.case_handle == bindparam("case_handle"), opinions.c.body == bindparam("body"))
    .order_by(opinions.c.turn.desc())
)
_WITH_WORDS = entries.join(
    payloads,
    (payloads.c.case_handle == entries.c.case_handle) & (payloads.c.number == entries.c.number),
)
_SAID = Statement(
    select(payloads.c.content)
    .select_from(_WITH_WORDS)
    .where(entries.c.case_handle == bindparam("case_handle"), entries.c.verb == bindparam("verb"))
    .order_by(entries.c.number)
)
_LAST_SENT_BACK = Statement(
    select(payloads.c.content)
    .select_from(_WITH_WORDS)
    .where(
        entries.c.case_handle == bindparam("case_handle"),
        entries.c.body == bindparam("body"),
        entries.c.verb == bindparam("verb"),
    )
    .order_by(entries.c.number.desc())
)
