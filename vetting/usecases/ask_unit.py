"""Ask the unit while its case runs: put questions, answer them, wait no longer, make clear."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict
from datetime import date, timedelta

from vetting.engine import more_time, questions
from vetting.engine.calendar import refuse_no_day
from vetting.engine.canonical import Json
from vetting.engine.casefile import CaseFile, Consultation
from vetting.engine.deadlines import QUESTION
from vetting.engine.facts import AnswerDateMoved, QuestionsPut
from vetting.engine.policy import Action
from vetting.engine.questions import Question, Reply
from vetting.engine.refusals import OutOfTurn, Unacceptable, Unknown
from vetting.engine.sentences import say
from vetting.records.asked_unit import sets_of, stops_while_asked
from vetting.records.book import Book
from vetting.records.calendars import calendar_of
from vetting.usecases.desk import Answer, Desk, Sent


def put_questions(
    desk: Desk,
    sent: Sent,
    case: str,
    asked: Sequence[Question],
    reason: str,
    *,
    answer_by: str | None = None,
    clarifies: str | None = None,
) -> Answer:
    """Ask the unit a set of questions; *clarifies* is the question of the body that wants it."""

    def do(book: Book) -> Answer:
        refuse_no_day(answer_by)
        if answer_by is not None and answer_by < book.today:
            raise Unacceptable(say("The day by which an answer is due lies in the past."))
        now = book.case(case, sent.seen)
        definition = book.definition(now)
        fact = questions.put(
            definition,
            now,
            asked,
            reason,
            by=answer_by or "",
            today=date.fromisoformat(book.today),
            calendar=calendar_of(book.connection) if definition.questions else None,
        )
        now = book.state(case, fact)
        if clarifies is not None:
            book.state(case, questions.pass_on(_of_the_case(now, clarifies), fact.number))
        return {"case": case, "number": fact.number, "due_on": fact.answer_by}

    content: dict[str, Json] = {
        "case": case,
        "questions": [asdict(one) for one in asked],
        "reason": reason,
        "answer_by": answer_by,
        "clarifies": clarifies,
    }
    return desk.act(Action.ASK_UNIT, sent, content, do)


def close_questions(desk: Desk, sent: Sent, case: str, number: int, reason: str) -> Answer:
    """Wait for no more answers to a set of questions, with a reason."""

    def do(book: Book) -> Answer:
        now = book.case(case, sent.seen)
        now = book.state(case, questions.close(now, number, reason))
        _go_on(book, now)
        return {"case": case}

    content: dict[str, Json] = {"case": case, "number": number, "reason": reason}
    return desk.act(Action.ASK_UNIT, sent, content, do)


def answer_questions(
    desk: Desk, sent: Sent, case: str, number: int, replies: Mapping[int, Reply]
) -> Answer:
    """Answer some or all of a set of questions; every body that is asked now is shown it."""

    def do(book: Book) -> Answer:
        now = book.case(case, sent.seen)
        put = _put(book, case, number)
        today = date.fromisoformat(book.today)
        stated = list(questions.answer(book.definition(now), now, put, replies, today))
        for fact in stated:
            now = book.state(case, fact)
        for shown in list(questions.shown_to(now, number)):
            now = book.state(case, shown)
        _go_on(book, now)
        return {"case": case}

    content: dict[str, Json] = {
        "case": case,
        "number": number,
        "replies": {
            str(one): {"said": reply.said, "paper": dict(reply.paper)}
            for one, reply in replies.items()
        },
    }
    return desk.act(Action.ANSWER_QUESTIONS, sent, content, do)


def ask_clarification(
    desk: Desk, sent: Sent, consultation: str, asked: Sequence[str], reason: str
) -> Answer:
    """Ask the Board, for one's own body, to have something made clear by the unit."""

    def do(book: Book) -> Answer:
        case = book.case_of(consultation, sent.seen)
        fact = questions.ask_clarification(case, case.consultation(consultation), asked, reason)
        book.state(case.handle, fact)
        return {"case": case.handle, "consultation": consultation}

    content: dict[str, Json] = {
        "consultation": consultation,
        "questions": list(asked),
        "reason": reason,
    }
    return desk.act(Action.ASK_CLARIFICATION, sent, content, do)


def decline_clarification(
    desk: Desk, sent: Sent, case: str, consultation: str, reason: str
) -> Answer:
    """Not ask the unit what a body wanted to know, with a reason."""

    def do(book: Book) -> Answer:
        now = book.case(case, sent.seen)
        book.state(case, questions.decline(_of_the_case(now, consultation), reason))
        return {"case": case}

    content: dict[str, Json] = {"case": case, "consultation": consultation, "reason": reason}
    return desk.act(Action.ANSWER_CLARIFICATION, sent, content, do)


def _put(book: Book, case: str, number: int) -> QuestionsPut:
    found = next((one.put for one in sets_of(book.connection, case) if one.number == number), None)
    if found is None:
        raise Unknown(say("There is no such question."))
    return found


def _go_on(book: Book, case: CaseFile) -> None:
    """Move the days of answers by the days that their clock stood still, where a rule says so."""
    definition = book.definition(case)
    if case.open_questions:
        return  # it stands still yet
    for owed in list(case.asked_now()):
        stops = QUESTION in definition.rule_for(owed.body).stops_in
        if not stops or owed.due_on is None or not more_time.is_open(case, owed):
            continue
        asked = date.fromisoformat(book.ids.legal_day(book.asked_at(case.handle, owed.handle)))
        sets = sets_of(book.connection, case.handle)
        days = more_time.days_to_add(
            owed, asked, stops_while_asked(sets), date.fromisoformat(book.today)
        )
        if days:
            until = _later(date.fromisoformat(owed.due_on), days)
            book.state(
                case.handle,
                AnswerDateMoved(
                    owed.handle,
                    owed.body,
                    owed.due_on,
                    until.isoformat(),
                    sets[-1].put.reason,
                    days=days,
                ),
            )


def _later(day: date, days: int) -> date:
    try:
        return day + timedelta(days=days)
    except OverflowError as beyond:
        raise OutOfTurn(
            say("The day on which the answer is owed would lie beyond the last year.")
        ) from beyond


def _of_the_case(case: CaseFile, consultation: str) -> Consultation:
    found = next((one for one in case.consultations if one.handle == consultation), None)
    if found is None:
        raise Unknown(say("There is no such consultation."))
    return found
