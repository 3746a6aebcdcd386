"""Open in an emergency: a case that is kept from an officer is opened to them, to be read.

Whether there is such a case is told to nobody by it. What is asked is written down either way; a
second person answers without the case being opened to them; only then does it open, if there is
one and the asker's role has to do with it. Whoever must not deal with a case never gets in.
"""

import json
from datetime import datetime, timedelta

from sqlalchemy import select

from vetting.engine.canonical import Json, moment
from vetting.engine.emergency import (
    ANSWERED,
    HOURS,
    MOST_WAITING,
    Emergency,
    Standing,
    Step,
    waits_since,
    why_not_answered,
    why_not_ended,
    why_not_reviewed,
)
from vetting.engine.notices import EMERGENCY
from vetting.engine.policy import PERMITTED, Action, Principal
from vetting.engine.refusals import Forbidden, OutOfTurn, Unacceptable, Unknown
from vetting.engine.sentences import Sentence, say
from vetting.engine.vocabulary import Kind
from vetting.records import emergencies
from vetting.records.book import Book
from vetting.records.cases import cases
from vetting.records.database import on_clash
from vetting.records.officers import organisations_of
from vetting.records.organisations import organisation_kinds
from vetting.records.scope import not_kept_for_good
from vetting.records.standing import Purpose, on_purpose
from vetting.records.triggers import SECOND_PERSON
from vetting.usecases.desk import Answer, Desk, Sent

_ANSWERED = OutOfTurn(ANSWERED)
on_clash("pk_emergency_steps", _ANSWERED)
on_clash("uq_emergency_steps_one_answer", _ANSWERED)
on_clash("emergency_steps.request", _ANSWERED)
on_clash(
    SECOND_PERSON,
    OutOfTurn(say("Whoever asks, whoever agrees and whoever reviews are three people.")),
)


def ask_in_emergency(desk: Desk, sent: Sent, reference: str, reason: str, hours: int) -> Answer:
    """Ask to read a case for some hours. The answer is the same whether there is one or not."""

    def do(book: Book) -> Answer:
        by = book.principal
        if by.on_behalf_of is not None:
            raise Forbidden(say("Ask in a capacity of your own, not in place of somebody else."))
        if hours not in HOURS:
            raise Unacceptable(say("Choose for how long."))
        if not reason.strip():
            raise Unacceptable(say("Say why it cannot wait."))
        if (
            emergencies.count_waiting(book.connection, by.officer, waits_since(book.at))
            >= MOST_WAITING
        ):
            raise OutOfTurn(
                say(
                    "%(count)s requests of yours wait for an answer. Ask again once one of them is "
                    "answered, or has waited for a day.",
                    count=MOST_WAITING,
                )
            )
        request = book.ids.handle()
        written = reference.strip().upper()
        with on_purpose(book.connection, Purpose.EMERGENCY):
            case = book.connection.scalar(
                select(cases.c.handle).where(cases.c.reference == written)
            )
        book.insert(
            emergencies.INSERT,
            {
                "handle": request,
                "reference": written,
                "case_handle": case,
                "officer": by.officer,
                "organisation": by.organisation,
                "role": by.role.value,
                "session": by.session,
                "reason": reason.strip(),
                "hours": hours,
                "asked_at": book.at,
            },
        )
        return {"request": request}

    content: dict[str, Json] = {"reference": reference, "reason": reason, "hours": hours}
    return desk.act(Action.ASK_EMERGENCY, sent, content, do)


def answer_emergency(
    desk: Desk, sent: Sent, request: str, *, agrees: bool, sentence: str
) -> Answer:
    """Agree to a request as the second person, or refuse it, with a sentence."""

    def do(book: Book) -> Answer:
        asked, by = _found(book, request), book.principal
        _refuse(why_not_answered(asked, by.persons, by.organisation, book.at))
        _refuse_one_house(book, asked)
        _refuse_declared(book, asked)
        if not agrees:
            _step(book, asked, Step.REFUSED, sentence)
            return {"request": request}
        until = moment(datetime.fromisoformat(book.at) + timedelta(hours=asked.hours))
        _step(book, asked, Step.OPENED, sentence, until)
        _tell(book, asked)
        return {"request": request}

    content: dict[str, Json] = {"request": request, "agrees": agrees, "sentence": sentence}
    return desk.act(Action.ANSWER_EMERGENCY, sent, content, do)


def end_emergency(desk: Desk, sent: Sent, request: str) -> Answer:
    """End an access before its limit: the asker, the second person or a supervisor can.

    The asker can take back so what still waits for an answer.
    """

    def do(book: Book) -> Answer:
        asked = _found(book, request)
        by = book.principal
        supervises = by.role in PERMITTED[Action.REVIEW_EMERGENCY]
        if not (knows_of(by) or asked.officer in by.persons):
            raise Unknown(say("There is no such request."))
        _refuse(why_not_ended(asked, by.persons, book.at, supervises=supervises))
        _step(book, asked, Step.ENDED, "")
        return {"request": request}

    return desk.act(Action.END_EMERGENCY, sent, {"request": request}, do)


def review_emergency(desk: Desk, sent: Sent, request: str, sentence: str) -> Answer:
    """Write down what a supervisor found when they looked at an access."""

    def do(book: Book) -> Answer:
        asked = _found(book, request)
        _refuse(why_not_reviewed(asked, book.principal.persons, book.at))
        _refuse_declared(book, asked)
        _step(book, asked, Step.REVIEWED, sentence)
        return {"request": request}

    content: dict[str, Json] = {"request": request, "sentence": sentence}
    return desk.act(Action.REVIEW_EMERGENCY, sent, content, do)


def end_all_of(book: Book, case: str) -> None:
    """End whatever opens a case to the officer, who has declared that they must not deal with it.

    The declaration alone keeps it from them; so nobody is told that it is still open to them, and
    nobody is asked any more to open it.
    """
    r = emergencies.emergency_requests.c
    of_both = r.officer == book.principal.officer, r.case_handle == case
    for asked in emergencies.emergencies(book.connection, *of_both):
        if asked.standing(book.at) in {Standing.IN_FORCE, Standing.WAITING}:
            _step(book, asked, Step.ENDED, "")


def knows_of(principal: Principal) -> bool:
    """Tell whether somebody knows of the requests of others: who could be a second person."""
    return principal.role in PERMITTED[Action.ANSWER_EMERGENCY]


def _found(book: Book, request: str) -> Emergency:
    """Return a request; for whom its case is off limits there is none."""
    with on_purpose(book.connection, Purpose.EMERGENCY):
        asked = emergencies.find(book.connection, request)
    if asked is None or not (
        asked.officer == book.principal.officer
        or not_kept_for_good(book.connection, book.principal, asked.case)
    ):
        raise Unknown(say("There is no such request."))
    return asked


def _refuse_one_house(book: Book, asked: Emergency) -> None:
    """Refuse whoever works, in any capacity, where the asker does."""
    theirs = organisations_of(book.connection, {asked.officer}, book.today)
    if theirs & organisations_of(book.connection, book.principal.persons, book.today):
        raise OutOfTurn(
            say("You and the asker work in one organisation; somebody else has to answer.")
        )


def _refuse_declared(book: Book, asked: Emergency) -> None:
    """Refuse whoever declared a conflict of interest in the case, and still sees it."""
    with on_purpose(book.connection, Purpose.EMERGENCY):
        kept = book.connection.scalar(
            select(cases.c.conflicts_waiting).where(cases.c.handle == asked.case)
        )
    if kept is not None and not set(json.loads(kept)).isdisjoint(book.principal.persons):
        raise OutOfTurn(say("You have declared that you must not deal with this case."))


def _refuse(reason: Sentence | None) -> None:
    if reason is not None:
        raise OutOfTurn(reason)


def _step(
    book: Book, asked: Emergency, kind: Step, sentence: str, until: str | None = None
) -> None:
    if kind is not Step.ENDED and not sentence.strip():
        raise Unacceptable(say("Write a sentence."))
    if kind in asked.steps:
        raise _ANSWERED
    by = book.principal
    book.insert(
        emergencies.INSERT_STEP,
        {
            "request": asked.handle,
            "kind": kind.value,
            "officer": by.officer,
            "organisation": by.organisation,
            "role": by.role.value,
            "session": by.session,
            "method": by.method,
            "sentence": sentence.strip(),
            "at": book.at,
            "until": until,
            "on_behalf_of": by.on_behalf_of,
        },
    )


def _tell(book: Book, asked: Emergency) -> None:
    """Tell the unit, the Board and the supervisors at once; where there is no case, nobody."""
    if asked.case is None:
        return
    k, o = cases.c, organisation_kinds.c
    with on_purpose(book.connection, Purpose.EMERGENCY):  # it may be kept from whoever agrees, too
        unit = str(book.connection.scalar(select(k.unit).where(k.handle == asked.case)))
    audience_of = {Kind.COORDINATOR.value: "board", Kind.OVERSIGHT.value: "overseer"}
    told = {
        row.organisation: audience_of[row.kind]
        for row in book.connection.execute(
            select(o.organisation, o.kind).where(o.kind.in_(audience_of))
        )
    }
    for organisation, audience in sorted({unit: "unit", **told}.items()):
        key = f"{EMERGENCY}/{asked.handle}/{organisation}"
        book.give_notice(key, EMERGENCY, asked.case, organisation, audience)
