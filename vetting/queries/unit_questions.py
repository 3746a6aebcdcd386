"""What the unit of a case was asked while it runs, as its readers see it: question by question.

Where the unit referred to a paper anew, each field is told as it was before and as it is now.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from sqlalchemy import Connection, bindparam, literal, select

from vetting.engine.canonical import Json
from vetting.engine.casefile import CaseFile
from vetting.engine.deadlines import Derived, answer_due, name_of_set
from vetting.engine.definition import Definition, Title
from vetting.engine.facts import (
    AnswerShown,
    ClarificationAsked,
    OpinionDrafted,
    OpinionSigned,
)
from vetting.engine.record import REFERENCE
from vetting.queries.history_sentences import words_of_record
from vetting.queries.names_of import names_of_officers
from vetting.records.asked_unit import QuestionSet, Said, before_and_after, sets_of
from vetting.records.calendars import calendar_of
from vetting.records.database import Statement
from vetting.records.history import entries, payloads, read_payload


@dataclass(frozen=True)
class Difference:
    """One field of a reference to a paper, before and after; a dash where there was nothing."""

    title: Title
    before: str
    after: str

    @property
    def differs(self) -> bool:
        """Tell whether it is another one now."""
        return self.before != self.after


@dataclass(frozen=True)
class QuestionLine:
    """One question, and what was said to it."""

    place: int
    text: str
    about: Title | None  # the paper it is about
    said: str | None  # none: not answered
    said_at: str | None
    said_by: str | None
    paper: tuple[Difference, ...]  # where it refers to the paper anew


@dataclass(frozen=True)
class SetLine:
    """One numbered set of questions."""

    number: int
    at: str
    by: str
    reason: str
    answer_by: str | None
    deadline: str | None  # by which name its derivation is found; none: the Board's own word
    questions: tuple[QuestionLine, ...]
    is_open: bool
    last_said_at: str | None
    closed_at: str | None
    closed_because: str | None


@dataclass(frozen=True)
class News:
    """What came from the unit since a body last wrote or signed."""

    signed: bool  # it has signed; otherwise it has only drafted
    sets: tuple[int, ...]


@dataclass(frozen=True)
class Clarification:
    """What a body wants the Board to ask."""

    consultation: str
    body: str
    questions: tuple[str, ...]
    reason: str
    at: str


def unit_questions(
    connection: Connection, case: CaseFile, definition: Definition
) -> tuple[SetLine, ...]:
    """Return every set of questions of a case, newest first; most cases have none."""
    if not case.question_sets:
        return ()
    sets = sets_of(connection, case.handle)
    people = {one.officer for one in sets} | {
        said.officer for one in sets for said in one.said.values()
    }
    names = names_of_officers(connection, people)
    return tuple(reversed([_line(one, case, definition, names) for one in sets]))


def answer_due_today(
    connection: Connection, definition: Definition, case: CaseFile, today: str
) -> Derived | None:
    """Return by when the unit would have to answer if it were asked today; none: by no rule."""
    if definition.questions is None:
        return None
    return answer_due(definition, case, date.fromisoformat(today), calendar_of(connection))


def _line(
    one: QuestionSet, case: CaseFile, definition: Definition, names: Mapping[str, str]
) -> SetLine:
    return SetLine(
        number=one.number,
        at=one.at,
        by=names.get(one.officer, one.officer),
        reason=one.put.reason,
        answer_by=one.put.answer_by,
        deadline=name_of_set(one.number) if one.put.term is not None else None,
        questions=tuple(_questions(one, case, definition, names)),
        is_open=one.is_open,
        last_said_at=one.last_said_at,
        closed_at=one.closed_at,
        closed_because=one.closed_because,
    )


def _questions(
    one: QuestionSet, case: CaseFile, definition: Definition, names: Mapping[str, str]
) -> Iterator[QuestionLine]:
    for place, text in enumerate(one.put.questions, 1):
        paper = definition.paper_by_name.get(one.put.about[place - 1])
        said = one.said.get(place)
        yield QuestionLine(
            place=place,
            text=text,
            about=paper.title if paper else None,
            said=said.text if said else None,
            said_at=said.at if said else None,
            said_by=names.get(said.officer, said.officer) if said else None,
            paper=tuple(_differences(case, said)) if said else (),
        )


def _differences(case: CaseFile, said: Said) -> Iterator[Difference]:
    before, after = before_and_after(case, said)
    if after is None:
        return
    was, now = _words(before or {}), _words(after)
    for field in REFERENCE:
        if field.name in was or field.name in now:
            yield Difference(field.title, was.get(field.name, "–"), now.get(field.name, "–"))


def _words(record: Mapping[str, Json]) -> dict[str, str]:
    return {
        field.name: str(value)
        for field in REFERENCE
        for _, value in words_of_record((field,), record)
    }


def news_since(connection: Connection, case: CaseFile, consultation: str) -> News | None:
    """Return what came from the unit since a body signed or last drafted; none: nothing did."""
    written: tuple[str, int] | None = None
    sets: list[int] = []
    for row in _OF_QUESTION(connection, {"case_handle": case.handle}):
        said = read_payload(row.content)
        if said.get("consultation") != consultation:
            continue
        if row.verb == AnswerShown.verb:
            if written is not None:
                sets.append(int(str(said["number"])))
        else:
            written, sets = (row.verb, row.number), []
    if written is None or not sets:
        return None
    return News(written[0] == OpinionSigned.verb, tuple(dict.fromkeys(sets)))


def clarifications(connection: Connection, case: CaseFile) -> Sequence[Clarification]:
    """Return what bodies want the Board to ask and nobody has answered."""
    waiting = {one.clarify: one for one in case.asked_now() if one.clarify is not None}
    found = []
    for row in _ASKED(connection, {"case_handle": case.handle}) if waiting else ():
        one = waiting.get(row.number)
        if one is not None:
            said = read_payload(row.content)
            asked = said["questions"]
            found.append(
                Clarification(
                    one.handle,
                    one.body,
                    tuple(map(str, asked)) if isinstance(asked, list) else (),
                    str(said["reason"]),
                    row.at,
                )
            )
    return found


_WITH_WORDS = entries.join(
    payloads,
    (payloads.c.case_handle == entries.c.case_handle) & (payloads.c.number == entries.c.number),
)
_OF_QUESTION = Statement(
    select(entries.c.verb, entries.c.number, payloads.c.content)
    .select_from(_WITH_WORDS)
    .where(
        entries.c.case_handle == bindparam("case_handle"),
        entries.c.verb.in_(
            [literal(verb) for verb in (AnswerShown.verb, OpinionDrafted.verb, OpinionSigned.verb)]
        ),
    )
    .order_by(entries.c.number)
)
_ASKED = Statement(
    select(entries.c.number, entries.c.at, payloads.c.content)
    .select_from(_WITH_WORDS)
    .where(
        entries.c.case_handle == bindparam("case_handle"),
        entries.c.verb == literal(ClarificationAsked.verb),
    )
    .order_by(entries.c.number)
)
