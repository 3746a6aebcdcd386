"""What a unit was asked while its case runs, and what it said: read from the entries.

Nothing of it is kept beside them. Each question has its answer, or none; where the unit referred to
a paper anew, the reference before and the one after.
"""

from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date
from itertools import groupby
from typing import Any

from sqlalchemy import Connection, bindparam, select

from vetting.engine.canonical import Json
from vetting.engine.casefile import CaseFile
from vetting.engine.deadlines import QUESTION, Stop
from vetting.engine.facts import QuestionsAnswered, QuestionsClosed, QuestionsPut, read_fact
from vetting.records.database import Statement
from vetting.records.history import entries, payloads, read_payload
from vetting.records.identity import Ids


@dataclass(frozen=True)
class Said:
    """An answer to one question."""

    text: str
    at: str
    officer: str
    paper: str = ""  # the paper it refers to anew
    nth: int = 0  # which reference to that paper it is


@dataclass
class QuestionSet:
    """One numbered set of questions."""

    number: int
    put: QuestionsPut
    at: str
    officer: str
    said: dict[int, Said] = field(default_factory=dict)  # by the place of the question
    closed_at: str | None = None
    closed_by: str | None = None
    closed_because: str | None = None

    @property
    def left(self) -> tuple[int, ...]:
        """Which questions nobody has answered."""
        places = range(1, len(self.put.questions) + 1)
        return tuple(place for place in places if place not in self.said)

    @property
    def is_open(self) -> bool:
        """Tell whether the Board still waits for an answer."""
        return self.closed_at is None and bool(self.left)

    @property
    def over_at(self) -> str | None:
        """When the last question was answered or the Board waited no longer."""
        if self.is_open:
            return None
        return self.closed_at or max(one.at for one in self.said.values())

    @property
    def last_said_at(self) -> str | None:
        """When something was last answered."""
        return max((one.at for one in self.said.values()), default=None)


def sets_of(connection: Connection, case: str) -> tuple[QuestionSet, ...]:
    """Return every set of questions that the unit of a case was asked, oldest first."""
    return read_sets(_SAID(connection, {"case_handle": case}))


def sets_of_cases(
    connection: Connection, asked: Collection[str]
) -> dict[str, tuple[QuestionSet, ...]]:
    """Return every set of questions of some hundreds of cases, in one statement."""
    if not asked:
        return {}
    rows = connection.execute(
        _TOLD.where(entries.c.case_handle.in_(sorted(asked))).order_by(
            entries.c.case_handle, entries.c.number
        )
    ).all()
    return {case: read_sets(told) for case, told in groupby(rows, key=lambda row: row.case_handle)}


def read_sets(rows: Iterable[Any]) -> tuple[QuestionSet, ...]:
    """Return the sets that entries tell of; of what was lawfully erased there is none."""
    found: dict[int, QuestionSet] = {}
    for row in rows:
        if row.content is None:
            continue
        fact = read_fact(row.verb, read_payload(row.content))
        match fact:
            case QuestionsPut():
                found[fact.number] = QuestionSet(fact.number, fact, row.at, row.officer)
            case QuestionsAnswered():
                _add_answers(found[fact.number], fact, row)
            case QuestionsClosed():
                one = found[fact.number]
                one.closed_at, one.closed_by = row.at, row.officer
                one.closed_because = fact.reason
            case _:
                pass
    return tuple(found.values())


def _add_answers(
    one: QuestionSet,
    fact: QuestionsAnswered,
    row: Any,  # noqa: ANN401  # an entry with what it says
) -> None:
    papers: dict[int, tuple[str, int]] = {}
    for line in fact.papers:
        place, name, which = line.split("/")
        papers[int(place)] = name, int(which)
    for place, text in fact.answers.items():
        paper, nth = papers.get(int(place), ("", 0))
        one.said[int(place)] = Said(str(text), row.at, row.officer, paper, nth)


def before_and_after(
    case: CaseFile, said: Said
) -> tuple[Mapping[str, Json] | None, Mapping[str, Json] | None]:
    """Return the reference to a paper before an answer, and the one that came with it."""
    records = case.recorded.get(said.paper) if said.paper else None
    if not isinstance(records, list | tuple) or not 0 < said.nth <= len(records):
        return None, None
    before = records[said.nth - 2] if said.nth > 1 else None
    after = records[said.nth - 1]
    return (
        before if isinstance(before, Mapping) else None,
        after if isinstance(after, Mapping) else None,
    )


def stops_while_asked(sets: Iterable[QuestionSet]) -> Iterator[Stop]:
    """Yield the times in which the unit was asked, each with who asked and why."""
    ids = Ids()
    for one in sets:
        over = one.over_at
        first = date.fromisoformat(ids.legal_day(one.at))
        stop = Stop(QUESTION, first, None, one.officer, one.put.reason)
        yield stop.ended(date.fromisoformat(ids.legal_day(over))) if over else stop


_TOLD = (
    select(
        entries.c.case_handle, entries.c.verb, entries.c.at, entries.c.officer, payloads.c.content
    )
    .join(
        payloads,
        (payloads.c.case_handle == entries.c.case_handle) & (payloads.c.number == entries.c.number),
    )
    .where(entries.c.verb >= "questions.", entries.c.verb < "questions/")
)
_SAID = Statement(
    _TOLD.where(entries.c.case_handle == bindparam("case_handle")).order_by(entries.c.number)
)
