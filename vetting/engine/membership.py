"""Membership: how a full-membership case hangs on the admission it follows.

The length of the probation stands in the workflow (its deadline `probation`), not here.
"""

from datetime import date

from vetting.engine.casefile import CaseFile
from vetting.engine.definition import Definition
from vetting.engine.months import months_after
from vetting.engine.sentences import Sentence, say


def ceremony_of(admission: CaseFile) -> date | None:
    """Return the day of the admission ceremony, as the admission case has it on record."""
    ceremony = admission.last_recorded("ceremony")
    return date.fromisoformat(str(ceremony["held_on"])) if ceremony else None


def probation_end(definition: Definition, ceremony: date) -> date:
    """Return the day on which the probation that began with the ceremony ends."""
    months = next(span.length for span in definition.deadlines if span.name == "probation")
    return months_after(ceremony, months)


def to_be_followed_from(following: Definition, admission: CaseFile) -> date | None:
    """Return the day from which on a case is to be filed after an admission: its probation's end.

    None where the admission is not such that a case follows it, or no rule gives a probation.
    """
    ceremony = ceremony_of(admission)
    has_probation = any(span.name == "probation" for span in following.deadlines)
    if following.follows is None or ceremony is None or not has_probation:
        return None
    if any(name not in admission.recorded for name in following.follows.recorded):
        return None
    return probation_end(following, ceremony)


def effective_on(definition: Definition, outcome: str, ceremony: date) -> date | None:
    """Return the day an outcome counts from, however late it is decided, where a rule says so."""
    if definition.outcome_by_name[outcome].effective != "probation_end":
        return None
    return probation_end(definition, ceremony)


def link_held_back(definition: Definition, case: CaseFile, admission: CaseFile) -> Sentence | None:
    """Say why a case cannot follow this admission, or None where it can."""
    follows = definition.follows
    if follows is None:
        return say("A case of this type follows no other case.")
    if admission.case_type != follows.case_type or admission.outcome != follows.outcome:
        return say("The case to follow is not an admission that was decided favourably.")
    if any(name not in admission.recorded for name in follows.recorded):
        return say("The admission ceremony is not on record in the admission case.")
    if (admission.name, admission.born) != (case.name, case.born):
        return say("The admission case is about another candidate.")
    return None


def considered_too_early(definition: Definition, ceremony: date, on: date) -> Sentence | None:
    """Say so where the cell considered the case before the probation had ended."""
    end = probation_end(definition, ceremony)
    return (
        say("The probation ends on %(day)s; the cell considers after that.", day=end)
        if on < end
        else None
    )
