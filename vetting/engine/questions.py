"""Questions to the unit: asked while a case runs, each answered apart. Pure.

The Board asks a numbered set of questions, by itself or because a body wants something made clear.
A question may be about a paper of the file; with its answer the unit can refer to the paper anew,
and both references are shown beside each other. What is not answered stays unanswered: nothing is
taken from silence, and the case goes where its own rules let it go.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date

from vetting.engine import facts
from vetting.engine.calendar import Calendar, written
from vetting.engine.casefile import CaseFile, Consultation
from vetting.engine.deadlines import answer_due
from vetting.engine.definition import Definition
from vetting.engine.facts import Fact
from vetting.engine.record import reference_to
from vetting.engine.refusals import MoveNotOffered, Unacceptable
from vetting.engine.sentences import Sentence, say
from vetting.engine.vocabulary import Role

MOST_QUESTIONS = 10  # in one set
LONGEST = 2_000  # characters of a question or an answer
_BOARD = frozenset({Role.BOARD_OFFICER, Role.BOARD_HEAD})


@dataclass(frozen=True)
class Question:
    """One question, and the paper of the file that it is about, if it is about one."""

    text: str
    about: str = ""


@dataclass(frozen=True)
class Reply:
    """What the unit says to one question, and its new reference to the paper, if it gives one."""

    said: str
    paper: Mapping[str, str] = field(default_factory=dict)


def why_not_put(definition: Definition, case: CaseFile) -> Sentence | None:
    """Say why the unit cannot be asked now, or nothing.

    It can be while the Board has the case or waits for the bodies, and nothing was concluded.
    """
    acts = definition.state_by_name[case.state].acts
    if case.outcome is not None or case.stood_in is not None or _BOARD.isdisjoint(acts):
        return say("The unit can be asked while the case runs and nothing is concluded.")
    return None


def put(
    definition: Definition,
    case: CaseFile,
    questions: Sequence[Question],
    reason: str,
    *,
    by: str,
    today: date,
    calendar: Calendar | None,
) -> facts.QuestionsPut:
    """Return that the unit is asked a set of questions; *by* is the day it is asked to answer by.

    That day is the Board's word and no deadline of a rule; it may stay empty. Where the workflow
    states a term the day is counted from *today*, and nobody names another.
    """
    if (held := why_not_put(definition, case)) is not None:
        raise MoveNotOffered(held)
    asked = _texts([one.text for one in questions if one.text.strip()])
    about = tuple(one.about for one in questions if one.text.strip())
    if any(name and name not in definition.paper_by_name for name in about):
        raise Unacceptable(say("This workflow has no such paper."))
    if not reason.strip():
        raise Unacceptable(say("Give a reason."))
    number = case.question_sets + 1
    due = answer_due(definition, case, today, calendar)
    if due is None:
        return facts.QuestionsPut(number, asked, about, reason.strip(), by or None)
    if due.due_on is None:
        raise Unacceptable(
            say(
                "The day of the answer cannot be counted: %(why)s",
                why=due.why_no_date or say("There is no date."),
            )
        )
    day = due.due_on.isoformat()
    if by not in {"", day}:
        raise Unacceptable(
            say(
                "The workflow gives %(rule)s for the answer, which is due on %(day)s; no other day "
                "is set.",
                rule=due.rule,
                day=written(due.due_on),
            ),
            "answer_by",
        )
    term = f"{due.deadline.length} {due.deadline.unit}"
    return facts.QuestionsPut(number, asked, about, reason.strip(), day, term, due.deadline.basis)


def answer(
    definition: Definition,
    case: CaseFile,
    asked: facts.QuestionsPut,
    replies: Mapping[int, Reply],
    today: date,
) -> Iterator[Fact]:
    """Yield what the unit's answer states: new references to papers first, then the answer.

    It may answer some of the questions and leave others for later.
    """
    left = open_in(case, asked.number)
    if not left:
        raise MoveNotOffered(say("Nothing is left to be answered here."))
    if case.outcome is not None or definition.state_by_name[case.state].final:
        raise MoveNotOffered(say("The case no longer waits for answers of the unit."))
    said = {number: one for number, one in replies.items() if one.said.strip()}
    if not said:
        raise Unacceptable(say("Answer at least one question."))
    if not set(said) <= set(left):
        raise MoveNotOffered(say("One of these questions has been answered already."))
    papers: list[str] = []
    times = dict.fromkeys(asked.about, 0)
    for number, one in sorted(said.items()):
        _texts([one.said])
        name = asked.about[number - 1]
        given = {key: value for key, value in one.paper.items() if value.strip()}
        if not given:
            continue
        if not name:
            raise Unacceptable(say("This question is about no paper."))
        times[name] += 1
        papers.append(f"{number}/{name}/{case.times_recorded(name) + times[name]}")
        yield facts.PaperRecorded(name, reference_to(given, today))
    yield facts.QuestionsAnswered(
        asked.number,
        {str(number): one.said.strip() for number, one in sorted(said.items())},
        tuple(papers),
    )


def close(case: CaseFile, number: int, reason: str) -> facts.QuestionsClosed:
    """Return that the Board waits no longer; what was not answered stays unanswered."""
    if not open_in(case, number):
        raise MoveNotOffered(say("Nothing is left to be answered here."))
    if not reason.strip():
        raise Unacceptable(say("Give a reason."))
    return facts.QuestionsClosed(number, reason.strip())


def ask_clarification(
    case: CaseFile, consultation: Consultation, questions: Sequence[str], reason: str
) -> facts.ClarificationAsked:
    """Return that a body asks the Board to have something made clear by the unit."""
    if (held := why_not_clarify(case, consultation)) is not None:
        raise MoveNotOffered(held)
    asked = _texts([text for text in questions if text.strip()])
    if not reason.strip():
        raise Unacceptable(say("Give a reason."))
    return facts.ClarificationAsked(consultation.handle, consultation.body, asked, reason.strip())


def why_not_clarify(case: CaseFile, consultation: Consultation) -> Sentence | None:
    """Say why a body cannot ask for it now, or nothing."""
    if (
        case.state != "consulting"
        or consultation.turn != case.turn
        or consultation.state in {"signed", "withdrawn"}
    ):
        return say("The case is no longer waiting for this opinion.")
    if consultation.clarify is not None:
        return say("Your body has asked for this already; the Board has not answered yet.")
    return None


def pass_on(consultation: Consultation, number: int) -> facts.ClarificationPassedOn:
    """Return that the Board asked the unit what a body wanted to know."""
    _refuse_unasked(consultation)
    return facts.ClarificationPassedOn(consultation.handle, consultation.body, number)


def decline(consultation: Consultation, reason: str) -> facts.ClarificationDeclined:
    """Return that the Board does not ask the unit."""
    _refuse_unasked(consultation)
    if not reason.strip():
        raise Unacceptable(say("Give a reason."))
    return facts.ClarificationDeclined(consultation.handle, consultation.body, reason.strip())


def shown_to(case: CaseFile, number: int) -> Iterator[facts.AnswerShown]:
    """Yield that an answer is shown to each body concerned, whether it has signed or not."""
    for one in case.asked_now():
        yield facts.AnswerShown(one.handle, one.body, number)


def open_in(case: CaseFile, number: int) -> tuple[int, ...]:
    """Return which questions of a set nobody has answered, while the Board waits for them."""
    left = case.open_questions.get(str(number), ())
    return tuple(left) if isinstance(left, list | tuple) else ()


def _refuse_unasked(consultation: Consultation) -> None:
    if consultation.clarify is None:
        raise MoveNotOffered(say("This body waits for nothing to be made clear."))


def _texts(texts: Sequence[str]) -> tuple[str, ...]:
    told = tuple(text.strip() for text in texts)
    if not told:
        raise Unacceptable(say("Write at least one question."))
    if len(told) > MOST_QUESTIONS or any(len(text) > LONGEST for text in told):
        raise Unacceptable(
            say(
                "At most %(most)s questions, each of at most %(longest)s characters.",
                most=MOST_QUESTIONS,
                longest=LONGEST,
            )
        )
    return told
