"""What many acts share: a step of the case, and the facts that follow by themselves."""

from collections.abc import Callable, Sequence

from vetting.engine import decide
from vetting.engine.canonical import Json
from vetting.engine.casefile import CaseFile, Consultation
from vetting.engine.decide import Step
from vetting.engine.definition import Title, Titles
from vetting.engine.refusals import OutOfTurn
from vetting.engine.sentences import Organisations, Sentence
from vetting.records.book import Book


def step(
    book: Book, case: CaseFile, move: str, *, reason: str | None = None, outcome: str | None = None
) -> Step:
    """Ask the engine for a step of the case."""
    return decide.step(
        book.definition(case), case, move, book.actor, reason=reason, outcome=outcome
    )


def step_of_consultation(
    book: Book, case: CaseFile, consultation: str, move: str, *, reason: str | None = None
) -> tuple[Step, Consultation]:
    """Ask the engine for a step of one consultation."""
    asked = case.consultation(consultation)
    return (
        decide.step_of_consultation(
            book.consulting, book.definition(case), case, asked, move, book.actor, reason=reason
        ),
        asked,
    )


def settle(book: Book, case: CaseFile) -> CaseFile:
    """State what follows by itself, such as that all replies are in."""
    for fact in list(decide.settle(book.definition(case), case, book.actor)):
        case = book.state(case.handle, fact, move="replies_complete")
    return case


def each(cases: Sequence[CaseFile], do: Callable[[CaseFile], CaseFile]) -> dict[str, Json]:
    """Do the same with many cases; those that cannot follow are named with the reason.

    A single case that cannot follow is a refusal, as it would be anywhere else.
    """
    done: list[Json] = []
    refused: list[Json] = []
    for case in cases:
        try:
            do(case)
        except OutOfTurn as refusal:
            if len(cases) == 1:
                raise
            refused.append({"case": case.handle, **told(refusal.sentence)})
        else:
            done.append(case.handle)
    return {"done": done, "refused": refused}


def told(sentence: Sentence) -> dict[str, Json]:
    """Return a sentence as it is kept in an answer, to be said in the reader's language."""
    return {
        "msgid": sentence.msgid,
        "params": {name: _kept(value) for name, value in sentence.params},
    }


def _kept(value: object) -> Json:
    match value:
        case Title() | Titles():
            return {"vi": value.said("vi"), "en": value.said("en")}
        case Organisations():
            return {"organisations": list(value.codes)}
        case _:
            return str(value)


def each_consultation(
    book: Book, consultations: Sequence[str], seen: int | None, do: Callable[[str], None]
) -> dict[str, Json]:
    """Do the same with many consultations of one's own body; see `each`."""
    if len(consultations) == 1:
        book.case_of(consultations[0], seen)
        do(consultations[0])
        return {"done": list(consultations), "refused": []}
    book.cases_of(consultations)
    done: list[Json] = []
    refused: list[Json] = []
    for consultation in dict.fromkeys(consultations):
        try:
            do(consultation)
        except OutOfTurn as refusal:
            refused.append({"consultation": consultation, **told(refusal.sentence)})
        else:
            done.append(consultation)
    return {"done": done, "refused": refused}
