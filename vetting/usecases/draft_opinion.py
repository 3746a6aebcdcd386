"""Draft an opinion, and pass it on for signing. Every edit voids what was countersigned before."""

from collections.abc import Sequence
from dataclasses import dataclass

from vetting.engine.facts import OpinionDrafted, OpinionPassedOn
from vetting.engine.policy import Action
from vetting.engine.refusals import Unacceptable
from vetting.engine.seal import signed_bytes
from vetting.engine.sentences import say
from vetting.engine.vocabulary import Verdict
from vetting.records.book import Book
from vetting.usecases.desk import Answer, Desk, Sent
from vetting.usecases.moves import each_consultation, step_of_consultation


@dataclass(frozen=True)
class Opinion:
    """What a body says. There is no default verdict."""

    verdict: Verdict
    reasons: str
    conditions: tuple[str, ...] = ()
    evidence: tuple[str, ...] = ()


def draft_opinion(desk: Desk, sent: Sent, consultation: str, opinion: Opinion) -> Answer:
    """Write or change the draft of an opinion."""

    def do(book: Book) -> Answer:
        return _drafted(book, consultation, opinion, sent.seen)

    return desk.act(Action.DRAFT_OPINION, sent, _content(consultation, opinion), do)


def draft_and_pass_on(desk: Desk, sent: Sent, consultation: str, opinion: Opinion) -> Answer:
    """Write the draft and pass it on for signing in one act."""

    def do(book: Book) -> Answer:
        answer = _drafted(book, consultation, opinion, sent.seen)
        _pass_on(book, consultation)
        return answer

    content = {"pass_on": True, **_content(consultation, opinion)}
    return desk.act(Action.DRAFT_OPINION, sent, content, do)


def pass_opinions_on(desk: Desk, sent: Sent, consultations: Sequence[str]) -> Answer:
    """Pass drafts on for signing."""

    def do(book: Book) -> Answer:
        return each_consultation(
            book, consultations, sent.seen, lambda consultation: _pass_on(book, consultation)
        )

    return desk.act(Action.PASS_OPINION_ON, sent, {"consultations": list(consultations)}, do)


def draft_opinions(desk: Desk, sent: Sent, opinions: Sequence[tuple[str, Opinion]]) -> Answer:
    """Write many drafts and pass them on, as an officer does who has worked through a letter."""

    def do(book: Book) -> Answer:
        book.cases_of(consultation for consultation, _ in opinions)
        for consultation, opinion in opinions:
            _drafted(book, consultation, opinion, None)
            _pass_on(book, consultation)
        return {"done": [consultation for consultation, _ in opinions]}

    content = {"drafts": [_content(consultation, opinion) for consultation, opinion in opinions]}
    return desk.act(Action.DRAFT_OPINION, sent, content, do)


def _drafted(book: Book, consultation: str, opinion: Opinion, seen: int | None) -> Answer:
    if not opinion.reasons.strip():
        raise Unacceptable(say("Give the reasons for the opinion."))
    if (opinion.verdict is Verdict.CONDITIONS) != bool(opinion.conditions):
        raise Unacceptable(
            say("Conditions belong to the verdict “meets, with conditions”, and only to it.")
        )
    case = book.case_of(consultation, seen)
    made, asked = step_of_consultation(book, case, consultation, "draft")
    fact = OpinionDrafted(
        source=made.source,
        target=made.target,
        consultation=consultation,
        body=asked.body,
        verdict=opinion.verdict.value,
        reasons=opinion.reasons,
        hash=content_hash(
            case.handle, f"{case.case_type.value}/v{case.definition_version}", opinion
        ),
        by=book.principal.officer,
        conditions=opinion.conditions,
        evidence=opinion.evidence,
        on_behalf_of=book.principal.on_behalf_of,
    )
    book.state(case.handle, fact, move="draft")
    return {"case": case.handle, "consultation": consultation}


def _pass_on(book: Book, consultation: str) -> None:
    case = book.case_of(consultation)
    made, asked = step_of_consultation(book, case, consultation, "pass_on")
    if asked.draft is None:
        raise Unacceptable(say("There is no draft yet."))
    fact = OpinionPassedOn(made.source, made.target, consultation, asked.body, asked.draft.hash)
    book.state(case.handle, fact, move="pass_on")


def content_hash(case: str, definition: str, opinion: Opinion) -> str:
    """Return the hash of what a signer of this opinion puts a name to."""
    return signed_bytes(
        {
            "case": case,
            "definition": definition,
            "verdict": opinion.verdict.value,
            "reasons": opinion.reasons,
            "conditions": list(opinion.conditions),
            "evidence": list(opinion.evidence),
        }
    )


def _content(consultation: str, opinion: Opinion) -> dict[str, str | list[str]]:
    return {
        "consultation": consultation,
        "verdict": opinion.verdict.value,
        "reasons": opinion.reasons,
        "conditions": list(opinion.conditions),
        "evidence": list(opinion.evidence),
    }
