"""Answer a candidate: record what they ask, acknowledge it, answer it, hand over what was asked.

Two people stand behind every answer, refusal and extension: one prepares it, another looks at it
and gives it. What was prepared is kept whole in its entry, and of the package the hash, so it is
that and nothing else that the second person agrees to. The package is kept as it was agreed to.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from datetime import date

from vetting.engine.calendar import is_day
from vetting.engine.candidate_requests import (
    GIVES_DATA,
    NO_RULES,
    Handing,
    Manner,
    RequestKind,
    RequestRules,
    Way,
    chosen_grounds,
    current_rules,
    derive_requests,
    name_of_clock,
    parts_of_package,
    why_not_counted,
    why_not_extended,
)
from vetting.engine.canonical import Json, digest
from vetting.engine.casefile import CandidateRequest, CaseFile
from vetting.engine.facts import (
    RequestAcknowledged,
    RequestAnswered,
    RequestExtended,
    RequestHandedOver,
    RequestPrepared,
    RequestRecorded,
    RequestRefused,
    RequestSentBack,
    as_kept,
    read_fact,
)
from vetting.engine.policy import Action
from vetting.engine.refusals import HeldBack, OutOfTurn, Unacceptable, Unknown
from vetting.engine.sentences import say
from vetting.engine.verify_offline import FILES, MANIFEST
from vetting.records import amendments, history
from vetting.records.book import Book
from vetting.records.calendars import calendar_of
from vetting.records.reads import packages_taken_out
from vetting.usecases.desk import Answer, Desk, Sent

# What makes the files of a package, with a list of them and the seals up to an entry.
Make = Callable[[Handing, int], Mapping[str, bytes]]
NO_SUCH = say("There is no such request.")
ANSWERED = say("This request has been answered.")
TOLD = say("It is on record already that the candidate was told.")
NOT_AGREED = say("There is no package to hand over: two people have not agreed.")
HANDED_OVER = say("Nothing is left to be handed over for this request.")
NOT_TAKEN_OUT = say("The package has not been taken out yet.")
OTHERWISE = say(
    "What the package is made of has changed since it was prepared: a name in a register, a look "
    "that was written down late, this program or the conclusion. Send it back; it is prepared "
    "anew, and two people agree to what it is then."
)


@dataclass(frozen=True)
class Asked:
    """What a candidate asked, as an officer read it in their letter."""

    kind: str
    came_on: str
    letter_reference: str
    received_by: str
    asked_for: str


@dataclass(frozen=True)
class Draft:
    """What somebody prepares for a second person."""

    way: str
    reasons: str
    ground: str = ""
    until: str = ""
    withheld: Mapping[str, str] = field(default_factory=dict)  # part: on which ground


@dataclass(frozen=True)
class HandedOver:
    """How a package came to the candidate."""

    on: str
    by: str
    manner: str
    receipt: str


def record_request(desk: Desk, sent: Sent, case: str, asked: Asked) -> Answer:
    """Write down that a candidate asked for something about their own data."""

    def do(book: Book) -> Answer:
        opened = book.case(case, sent.seen)
        if opened.reference is None:
            raise HeldBack(say("The case has not been filed."))
        if asked.kind not in set(RequestKind):
            raise Unacceptable(say("Say what the candidate asks for."), "kind")
        _refuse_day(asked.came_on, book.today, "came_on")
        for text, name in (
            (asked.letter_reference, "letter"),
            (asked.received_by, "received_by"),
            (asked.asked_for, "asked_for"),
        ):
            if not text.strip():
                raise Unacceptable(say("Name the letter, who received it, and what it asks."), name)
        came_on = date.fromisoformat(asked.came_on)
        known = book.definitions.requests
        rules = current_rules(known, came_on)
        reason = why_not_counted(
            known.get(rules.version, rules), asked.kind, came_on, calendar_of(book.connection)
        )
        if reason is not None:
            raise Unacceptable(reason, "came_on")
        after = book.state(
            case,
            RequestRecorded(
                kind=asked.kind,
                came_on=asked.came_on,
                letter_reference=asked.letter_reference.strip(),
                received_by=asked.received_by.strip(),
                asked_for=asked.asked_for.strip(),
                rules=rules.version,
            ),
        )
        return {"case": case, "number": after.entry_count}

    content: dict[str, Json] = {
        "case": case,
        "kind": asked.kind,
        "came_on": asked.came_on,
        "letter": asked.letter_reference,
        "received_by": asked.received_by,
        "asked_for": asked.asked_for,
    }
    return desk.act(Action.RECORD_REQUEST, sent, content, do)


def acknowledge_request(
    desk: Desk, sent: Sent, case: str, number: int, told_on: str, letter: str
) -> Answer:
    """Write down that the candidate was told that the request came."""

    def do(book: Book) -> Answer:
        _, request = _known(book, sent, case, number)
        if not request.waits:
            raise OutOfTurn(ANSWERED)
        if request.acknowledged is not None:
            raise OutOfTurn(TOLD)
        _refuse_day(told_on, book.today, "told_on")
        if told_on < request.came_on:
            raise Unacceptable(say("That day lies before the request came."), "told_on")
        if not letter.strip():
            raise Unacceptable(say("Name the letter by which the candidate was told."), "letter")
        book.state(case, RequestAcknowledged(number, told_on, letter.strip()))
        return {"case": case}

    content: dict[str, Json] = {
        "case": case,
        "request": number,
        "told_on": told_on,
        "letter": letter,
    }
    return desk.act(Action.ANSWER_REQUEST, sent, content, do)


def prepare_answer(  # what of which case, and what makes the package
    desk: Desk, sent: Sent, case: str, number: int, draft: Draft, make: Make
) -> Answer:
    """Prepare an answer, a refusal or an extension for a second person.

    Where data goes with the answer, *make* makes the package as it is now, within the transaction:
    its hash is what the second person agrees to.
    """

    def do(book: Book) -> Answer:
        opened, request = _open(book, sent, case, number)
        _refuse_draft(book, opened, request, draft)
        withheld = {
            part: ground.strip() for part, ground in draft.withheld.items() if ground.strip()
        }
        refuses = draft.way == Way.REFUSE
        gives = draft.way == Way.ANSWER and request.kind in GIVES_DATA
        fact = RequestPrepared(
            request=number,
            way=draft.way,
            reasons=draft.reasons.strip(),
            by=book.principal.officer,
            on_behalf_of=book.principal.on_behalf_of,
            ground=draft.ground.strip() if refuses else None,
            until=draft.until if draft.way == Way.EXTEND else None,
            withheld=tuple(withheld) if gives else (),
            grounds=tuple(withheld.values()) if gives else (),
        )
        if gives:
            fact = as_kept(fact)  # what is made again later is made from this
            last, chosen = opened.entry_count, chosen_grounds(fact.withheld, fact.grounds)
            what = Handing(number, last, book.at, chosen, fact.reasons)
            fact = replace(fact, manifest=_hash_of(make(what, last)))
        book.state(case, fact)
        return {"case": case}

    content: dict[str, Json] = {
        "case": case,
        "request": number,
        "way": draft.way,
        "reasons": draft.reasons,
        "ground": draft.ground,
        "until": draft.until,
        "withheld": dict(draft.withheld),
    }
    return desk.act(Action.ANSWER_REQUEST, sent, content, do)


def send_answer_back(desk: Desk, sent: Sent, case: str, number: int, reason: str) -> Answer:
    """Do not agree, as the second person: it has to be prepared anew."""

    def do(book: Book) -> Answer:
        _reviewed(book, sent, case, number)
        if not reason.strip():
            raise Unacceptable(say("Give a reason."), "reason")
        book.state(case, RequestSentBack(number, reason.strip()))
        return {"case": case}

    content: dict[str, Json] = {"case": case, "request": number, "reason": reason}
    return desk.act(Action.REVIEW_REQUEST, sent, content, do)


def give_answer(
    desk: Desk, sent: Sent, case: str, number: int, make: Make, typed: str = ""
) -> Answer:
    """Agree, as the second person, to what was prepared: so it is given.

    What was *typed* beside it goes nowhere, but a form with other words in it is another form.
    *make* makes the package that goes with the answer once more: where it is not what was
    prepared, it is not agreed to. Otherwise its very files are kept with the answer.
    """

    def do(book: Book) -> Answer:
        opened, request, drafted, prepared_at = _reviewed(book, sent, case, number)
        files: Mapping[str, bytes] | None = None
        match Way(drafted.way):
            case Way.EXTEND:
                before = _refuse_extension(book, opened, request, str(drafted.until))
                book.state(
                    case,
                    RequestExtended(
                        number,
                        str(drafted.until),
                        before,
                        drafted.reasons,
                        drafted.by,
                        drafted.on_behalf_of,
                    ),
                )
                return {"case": case, "number": None}
            case Way.REFUSE:
                fact: RequestRefused | RequestAnswered = RequestRefused(
                    number,
                    str(drafted.ground),
                    drafted.reasons,
                    drafted.by,
                    book.today,
                    drafted.on_behalf_of,
                )
            case Way.ANSWER:
                if request.kind in GIVES_DATA:
                    files = _made_as_prepared(book, opened, request, drafted, prepared_at, make)
                fact = RequestAnswered(
                    number,
                    drafted.reasons,
                    drafted.by,
                    book.today,
                    drafted.on_behalf_of,
                    withheld=drafted.withheld,
                    grounds=drafted.grounds,
                    manifest=_hash_of(files) if files else None,
                    prepared=request.prepared if files else None,
                )
        after = book.state(case, fact)
        if files:
            book.keep_package(case, files)
        return {"case": case, "number": after.entry_count}

    content: dict[str, Json] = {
        "case": case,
        "request": number,
        "agrees": True,
        "reason": typed,
    }
    return desk.act(Action.REVIEW_REQUEST, sent, content, do)


def hand_over(desk: Desk, sent: Sent, case: str, number: int, done: HandedOver) -> Answer:
    """Write down that the package was handed over: on that day the request is answered."""

    def do(book: Book) -> Answer:
        _, request = _known(book, sent, case, number)
        if request.ended is None or not request.granted:
            raise OutOfTurn(NOT_AGREED)
        if not request.waits:
            raise OutOfTurn(HANDED_OVER)
        taken_out = packages_taken_out(book.connection, case, number)
        if not taken_out:
            raise HeldBack(NOT_TAKEN_OUT)
        _refuse_day(done.on, book.today, "handed_on")
        if done.on < book.ids.legal_day(taken_out[0]):
            raise Unacceptable(
                say("On that day the package had not been taken out yet."), "handed_on"
            )
        if done.manner not in set(Manner):
            raise Unacceptable(say("Say how it was handed over."), "manner")
        for text, name in ((done.by, "handed_by"), (done.receipt, "receipt")):
            if not text.strip():
                raise Unacceptable(say("Name who handed it over, and the receipt or letter."), name)
        fact = RequestHandedOver(
            number, done.on, done.by.strip(), done.manner, done.receipt.strip()
        )
        book.state(case, fact)
        return {"case": case}

    content: dict[str, Json] = {
        "case": case,
        "request": number,
        "handed_on": done.on,
        "by": done.by,
        "manner": done.manner,
        "receipt": done.receipt,
    }
    return desk.act(Action.ANSWER_REQUEST, sent, content, do)


def _known(book: Book, sent: Sent, case: str, number: int) -> tuple[CaseFile, CandidateRequest]:
    opened = book.case(case, sent.seen)
    request = opened.request(number)
    if request is None:
        raise Unknown(NO_SUCH)
    return opened, request


def _open(book: Book, sent: Sent, case: str, number: int) -> tuple[CaseFile, CandidateRequest]:
    """Open a request that still waits for its answer."""
    opened, request = _known(book, sent, case, number)
    if request.ended is not None:
        raise OutOfTurn(ANSWERED)
    return opened, request


def _reviewed(
    book: Book, sent: Sent, case: str, number: int
) -> tuple[CaseFile, CandidateRequest, RequestPrepared, str]:
    """Open a request of which something was prepared by somebody else, and when."""
    opened, request = _open(book, sent, case, number)
    if request.prepared is None:
        raise OutOfTurn(say("Nothing has been prepared for this request."))
    if not {request.prepared_by, request.prepared_for}.isdisjoint(book.principal.persons):
        raise OutOfTurn(say("You prepared this yourself; a second person has to look at it."))
    for row in history.with_payloads(book.connection, case):
        if row["number"] == request.prepared:
            fact = read_fact(row["verb"], history.read_payload(row["content"]))
            if isinstance(fact, RequestPrepared):
                return opened, request, fact, row["at"]
    raise Unknown(NO_SUCH)


def _made_as_prepared(  # what was prepared, and what makes it again
    book: Book,
    opened: CaseFile,
    request: CandidateRequest,
    drafted: RequestPrepared,
    prepared_at: str,
    make: Make,
) -> Mapping[str, bytes]:
    """Return the files of a package that is what was prepared, with the seals up to now."""
    prepared = request.prepared or 0
    withheld = chosen_grounds(drafted.withheld, drafted.grounds)
    what = Handing(request.number, prepared - 1, prepared_at, withheld, drafted.reasons)
    amended = any(
        row["consultation"] is None and row["entry"] > prepared
        for row in amendments.of_case(book.connection, opened.handle)
    )
    if amended or _hash_of(make(what, prepared - 1)) != drafted.manifest:
        raise HeldBack(OTHERWISE)
    return make(what, opened.entry_count)


def _hash_of(files: Mapping[str, bytes]) -> str:
    return digest(FILES, files[MANIFEST])


def _refuse_draft(book: Book, opened: CaseFile, request: CandidateRequest, draft: Draft) -> None:
    if draft.way not in set(Way):
        raise Unacceptable(say("Say whether it is answered, refused or extended."), "way")
    if not draft.reasons.strip():
        raise Unacceptable(say("Write what the candidate is told."), "reasons")
    if draft.way == Way.REFUSE and not draft.ground.strip():
        raise Unacceptable(say("A refusal names its ground in law."), "ground")
    if draft.way == Way.EXTEND:
        _refuse_extension(book, opened, request, draft.until)
    known = {one.name for one in parts_of_package(book.definition(opened), opened)}
    if draft.withheld.keys() - known:
        raise Unacceptable(say("There is no such part of the package."))


def _refuse_extension(book: Book, opened: CaseFile, request: CandidateRequest, until: str) -> str:
    """Refuse an extension that the rule does not allow; returns the day it was due."""
    if not is_day(until):
        raise Unacceptable(say("Name the new day."), "until")
    calendar = calendar_of(book.connection)
    derived = derive_requests(book.definitions.requests, opened, today=None, calendar=calendar)
    name = name_of_clock(request.number, "answer")
    due = next((one for one in derived if one.name == name), None)
    rules: RequestRules = book.definitions.requests.get(request.rules, NO_RULES)
    reason = why_not_extended(rules, request, due, date.fromisoformat(until), calendar)
    if reason is not None:
        raise HeldBack(reason, "until")
    return due.due_on.isoformat() if due and due.due_on else ""


def _refuse_day(day: str, today: str, about: str) -> None:
    if not is_day(day):
        raise Unacceptable(say("Write the date as dd/mm/yyyy."), about)
    if day > today:
        raise Unacceptable(say("That day has not come yet."), about)
