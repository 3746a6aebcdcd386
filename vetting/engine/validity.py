"""Validity: until when a conclusion or a paper holds, and who is told ahead of that day. Pure.

A workflow says how long a conclusion holds and how old a paper may be; where it says nothing there
is no last day and nobody is told of one. What ceases to hold ceases by itself: nothing is prolonged
and nothing is begun.
"""

from collections.abc import Iterator, Mapping
from datetime import date

from vetting.engine.calendar import (
    Calendar,
    Uncountable,
    calendar_days_before,
    whole_months_before,
)
from vetting.engine.casefile import ERASED, CaseFile
from vetting.engine.deadlines import Derived, Known, derive_span
from vetting.engine.definition import CONCLUSION, Ahead, Deadline, Definition, Paper, Title
from vetting.engine.sentences import say

VALIDITY = "validity."  # before the name of what holds, where a date is asked for by its name
OF_CONCLUSION = f"{VALIDITY}{CONCLUSION}"


def validity_of_conclusion(
    definition: Definition,
    case: CaseFile,
    *,
    decided: date | None,
    effective: date | None,
    today: date,
) -> Derived | None:
    """Return until when the conclusion that stands holds, or None where no rule was entered."""
    rule = definition.validity
    if rule is None or case.outcome is None or case.state == ERASED:
        return None
    if rule.outcomes and case.outcome not in rule.outcomes:
        return None
    begins = decided if rule.counted_from == "decided" else effective
    if begins is None:
        return None
    return derive_span(
        Deadline(unit=rule.unit, length=rule.length, basis=rule.basis),
        Known(case=case, today=today),
        name=OF_CONCLUSION,
        title=Title(vi="Hiệu lực của kết luận", en="Validity of the conclusion"),
        starts=say("the day on which the authority decided")
        if rule.counted_from == "decided"
        else say("the day from which the conclusion counts"),
        begins=begins,
        met_on=None,
        runs=False,
    )


def validity_of_paper(case: CaseFile, paper: Paper, today: date) -> Derived | None:
    """Return until when the paper on record may be used, or None where no rule says so."""
    reference = case.last_recorded(paper.name)
    if reference is None or not paper.fresh_months:
        return None
    return derive_span(
        # The rule of a paper may stand without the text it comes from.
        Deadline.model_construct(
            unit="months", length=paper.fresh_months, basis=paper.basis or "", stops_in=()
        ),
        Known(case=case, today=today),
        name=f"{VALIDITY}{paper.name}",
        title=Title(
            vi=f"Thời hạn sử dụng: {paper.title.vi}",
            en=f"How long it may be used: {paper.title.en}",
        ),
        starts=say("the day of the paper"),
        begins=date.fromisoformat(str(reference["dated_on"])),
        met_on=None,
        runs=False,
    )


def date_on_record(case: CaseFile, of: str) -> date | None:
    """Return the latest date on record of a fact, such as `term_end.ends_on`."""
    name, _, field = of.partition(".")
    record = case.last_recorded(name)
    value = record.get(field) if record else None
    return date.fromisoformat(value) if isinstance(value, str) else None


def told_from(rule: Ahead, day: date, calendar: Calendar | None) -> date:
    """Return from when on somebody is told ahead of a day; raises `Uncountable`."""
    match rule.unit:
        case "months":
            return whole_months_before(day, rule.length).ends
        case "calendar_days":
            return calendar_days_before(day, rule.length).ends
        case "working_days":
            if calendar is None:
                raise Uncountable(say("The calendar of working days has not been entered."))
            return calendar.working_days_before(day, rule.length).ends


def trigger_of_end(of: str) -> str:
    """Return by which trigger the catalogue knows that something ends."""
    if of == CONCLUSION:
        return "conclusion_ends"
    return "term_ends" if "." in of else "paper_ends"


def ahead_due(
    definition: Definition,
    outcome: str | None,
    ends: Mapping[str, date],
    calendar: Calendar | None,
    today: date,
) -> Iterator[tuple[Ahead, date]]:
    """Yield what is to be told today of what ends: of each, to each, the nearest alone.

    *ends* is what ends when. Of what has ended nobody is told any more that it will.
    """
    nearest: dict[tuple[str, str], tuple[date, Ahead]] = {}
    for rule in definition.ahead:
        day = ends.get(rule.of)
        if day is None or today > day or (rule.outcomes and outcome not in rule.outcomes):
            continue
        try:
            since = told_from(rule, day, calendar)
        except Uncountable:
            continue
        before = nearest.get((rule.of, rule.to))
        if since <= today and (before is None or before[0] < since):
            nearest[rule.of, rule.to] = (since, rule)
    for _, rule in nearest.values():
        yield rule, ends[rule.of]
