"""Record: whether a dated fact or a paper may be written down in a case, and in which words."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import date
from re import fullmatch
from unicodedata import category, normalize

from vetting.engine import facts
from vetting.engine.canonical import Json
from vetting.engine.casefile import CaseFile
from vetting.engine.definition import Definition, FactField, Paper, RecordedFact, Title, Titles
from vetting.engine.guards import Actor
from vetting.engine.months import months_after
from vetting.engine.refusals import Forbidden, HeldBack, MoveNotOffered, Unacceptable
from vetting.engine.sentences import Sentence, say
from vetting.engine.vocabulary import Role

LONGEST_TEXT = 4000
MOST = 1_000_000
RECORDS_PAPERS = frozenset({Role.CASE_OFFICER, Role.BOARD_OFFICER, Role.BOARD_HEAD})

# What is written down about a paper: where it is kept, never what it says.
REFERENCE = (
    FactField(
        name="number",
        title=Title(vi="Số, ký hiệu", en="Number and symbol"),
        kind="text",
        required=False,
    ),
    FactField(name="dated_on", title=Title(vi="Ngày của giấy tờ", en="Dated"), kind="date"),
    FactField(name="custodian", title=Title(vi="Nơi lưu giữ", en="Kept by"), kind="text"),
    FactField(name="pages", title=Title(vi="Số trang", en="Pages"), kind="count", required=False),
)


@dataclass(frozen=True, slots=True)
class FactOffer:
    """A dated fact that an officer could record from here, with what holds it back."""

    fact: RecordedFact
    held_back: Sentence | None


def offers_of_facts(definition: Definition, case: CaseFile, actor: Actor) -> tuple[FactOffer, ...]:
    """Return the dated facts that the actor's role could record while the case stands here."""
    return tuple(
        FactOffer(fact, _held_back(definition, case, fact))
        for fact in definition.facts
        if actor.role in fact.by
        and case.state in fact.states
        and not _would_tell(fact, case, actor)
    )


def record_fact(  # everything it rests on is handed in
    definition: Definition,
    case: CaseFile,
    name: str,
    details: Mapping[str, Json],
    actor: Actor,
    *,
    today: date,
) -> facts.FactRecorded:
    """Return the dated fact as it will be kept; refuses with the reason why not."""
    fact = definition.fact_by_name.get(name)
    if fact is None:
        raise MoveNotOffered(say("This workflow has no such fact to record."))
    if actor.role not in fact.by:
        raise Forbidden(say("Your role does not allow this."))
    if case.state not in fact.states or _would_tell(fact, case, actor):
        raise MoveNotOffered(
            say("“%(fact)s” cannot be recorded while the case stands here.", fact=fact.title)
        )
    if held := _held_back(definition, case, fact):
        raise HeldBack(held)
    return facts.FactRecorded(name, _cleaned(fact.fields, details, today))


def record_paper(
    definition: Definition,
    case: CaseFile,
    name: str,
    details: Mapping[str, Json],
    actor: Actor,
    *,
    today: date,
) -> facts.PaperRecorded:
    """Return the reference to a paper as it will be kept; whoever has the case may add it."""
    if name not in definition.paper_by_name:
        raise MoveNotOffered(say("This workflow has no such paper."))
    if actor.role not in RECORDS_PAPERS:
        raise Forbidden(say("Your role does not allow this."))
    if actor.role not in definition.state_by_name[case.state].acts:
        raise MoveNotOffered(say("Papers are added by whoever has the case now."))
    return facts.PaperRecorded(name, _cleaned(REFERENCE, details, today))


def reference_to(details: Mapping[str, Json], today: date) -> dict[str, Json]:
    """Return a reference to a paper as it will be kept; refused where it is none."""
    return _cleaned(REFERENCE, details, today)


def tells_outcome(definition: Definition, fact: RecordedFact) -> bool:
    """Tell whether a dated fact on record, or offered, gives away what was concluded."""
    return bool(fact.outcomes) or any(definition.fact_by_name[name].outcomes for name in fact.after)


def without_outcome(definition: Definition, case: CaseFile) -> CaseFile:
    """Return a case as somebody knows it who was not told yet what was concluded."""
    known = definition.fact_by_name
    return replace(
        case,
        recorded={
            name: records
            for name, records in case.recorded.items()
            if name not in known or not tells_outcome(definition, known[name])
        },
    )


def papers_too_old(definition: Definition, case: CaseFile, on: date) -> tuple[Paper, ...]:
    """Return the papers on record that are older than their rule allows. It warns, no more."""
    return tuple(
        paper
        for paper in definition.papers
        if paper.fresh_months
        and (reference := case.last_recorded(paper.name))
        and months_after(date.fromisoformat(str(reference["dated_on"])), paper.fresh_months) < on
    )


def _held_back(  # noqa: PLR0911  # one return a reason
    definition: Definition, case: CaseFile, fact: RecordedFact
) -> Sentence | None:
    if fact.outcomes and case.outcome not in fact.outcomes:
        titles = [definition.outcome_by_name[name].title for name in fact.outcomes]
        return say("Only after this outcome: %(outcomes)s.", outcomes=Titles(titles=tuple(titles)))
    if fact.answers and case.times_recorded(fact.answers) <= case.times_recorded(fact.name):
        return say("There is nothing left to be answered.")
    if not fact.repeats and fact.name in case.recorded:
        return say("This is already on record.")
    if lacking := [name for name in fact.after if name not in case.recorded]:
        return say("Record first: %(facts)s.", facts=_titles(definition, lacking))
    if fact.after_one_of and not any(name in case.recorded for name in fact.after_one_of):
        return say("Record first one of: %(facts)s.", facts=_titles(definition, fact.after_one_of))
    if waiting := sum(unanswered(definition, case, name) for name in fact.settled):
        return say("Requests still without a reply: %(count)s.", count=waiting)
    return None


def _would_tell(fact: RecordedFact, case: CaseFile, actor: Actor) -> bool:
    """Tell whether an answer about this fact would tell the unit an outcome before it is told."""
    return bool(fact.outcomes) and actor.role is Role.CASE_OFFICER and case.state == "concluded"


def unanswered(definition: Definition, case: CaseFile, name: str) -> int:
    """Return how many records of a repeated fact have no answer yet."""
    answered = sum(
        case.times_recorded(fact.name) for fact in definition.facts if fact.answers == name
    )
    return case.times_recorded(name) - answered


def _titles(definition: Definition, names: Iterable[str]) -> Titles:
    return Titles(titles=tuple(definition.fact_by_name[name].title for name in names))


def _cleaned(
    fields: Iterable[FactField], details: Mapping[str, Json], today: date
) -> dict[str, Json]:
    known = {field.name: field for field in fields}
    if unknown := details.keys() - known.keys():
        raise Unacceptable(say("There is no field “%(field)s” here.", field=min(unknown)))
    cleaned: dict[str, Json] = {}
    for name, field in known.items():
        value = details.get(name)
        if value is None or (isinstance(value, str) and not value.strip()):
            if field.required:
                raise Unacceptable(say("“%(field)s” must be filled in.", field=field.title))
            continue
        cleaned[name] = _read(field, value, today)
    return cleaned


def _read(field: FactField, value: Json, today: date) -> str | int:
    match field.kind:
        case "date":
            return _date(field, value, today)
        case "count":
            return _count(field, value)
        case "text":
            return _text(field, value)


def _date(field: FactField, value: Json, today: date) -> str:
    try:
        written = isinstance(value, str) and fullmatch("[0-9]{4}-[0-9]{2}-[0-9]{2}", value)
        day = date.fromisoformat(written[0]) if written else None
    except ValueError:
        day = None
    if day is None:
        raise Unacceptable(say("“%(field)s” must be a date.", field=field.title))
    if day > today and not field.ahead:
        raise Unacceptable(say("“%(field)s” lies in the future.", field=field.title))
    return day.isoformat()


def _text(field: FactField, value: Json) -> str:
    if not isinstance(value, str) or len(value) > LONGEST_TEXT or not _writable(value):
        raise Unacceptable(
            say(
                "“%(field)s” must be text of at most %(most)s characters.",
                field=field.title,
                most=LONGEST_TEXT,
            )
        )
    return normalize("NFC", value.strip())


def _writable(text: str) -> bool:
    """Tell whether every character can be kept and shown: no half characters, no controls."""
    return all(sign in "\n\r\t" or category(sign) not in {"Cc", "Cs"} for sign in text)


def _count(field: FactField, value: Json) -> int:
    if isinstance(value, str) and value.strip().isascii() and value.strip().isdigit():
        value = int(value) if len(value) < len(str(MOST)) + 1 else -1
    if not isinstance(value, int) or isinstance(value, bool) or not 0 <= value <= MOST:
        raise Unacceptable(say("“%(field)s” must be a whole number, 0 or more.", field=field.title))
    return value
