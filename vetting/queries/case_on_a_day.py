"""The page of a case as it stood at the end of a day, and how two days differ, field by field."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import chain
from typing import TypeAlias

from sqlalchemy import Connection

from vetting.engine.definition import Definition, Title
from vetting.engine.policy import Principal
from vetting.engine.reading import Definitions
from vetting.engine.record import REFERENCE
from vetting.engine.refusals import Unacceptable
from vetting.engine.sentences import Sentence, say
from vetting.queries.case_history import Line, lines_of
from vetting.queries.case_page import all_recorded, outcome_title
from vetting.queries.case_then import (
    CaseThen,
    can_be_followed,
    case_then,
    known_state,
    only_for_whom_everything_is,
    opened_then,
)
from vetting.queries.history_sentences import words_of_record
from vetting.queries.names_of import day_written, names_of_officers, names_of_organisations
from vetting.queries.opened_case import OpenedCase, open_case
from vetting.records import history
from vetting.records.database import Row
from vetting.records.identity import Ids

Said: TypeAlias = str | Sentence | Title
# By a key that stays the same from one day to another: what a field is called, and what it says.
Fields: TypeAlias = Mapping[tuple[str, ...], tuple[tuple[Said, ...], Said]]
Told: TypeAlias = tuple[tuple[str, ...], tuple[Said, ...], Said | None]


@dataclass(frozen=True)
class Changed:
    """One field that is not as it was; the label is one part after the other."""

    label: tuple[Said, ...]
    before: Said | None  # None where it was not there yet
    after: Said | None


@dataclass(frozen=True)
class CaseOnADay:
    """All that the page says."""

    handle: str
    reference: str | None
    name: str
    on: str
    today: bool
    then: CaseThen | None
    untold: Sentence | None  # why there is nothing to show of that day
    since: str | None  # the earlier day that it is compared with
    changes: tuple[Changed, ...]
    between: tuple[Line, ...]  # what was done in the meantime
    unlike_now: int  # entries that the reader may know of and that came later


@dataclass(frozen=True)
class EntryChanges:
    """What one entry changed in its case."""

    handle: str
    reference: str | None
    name: str
    line: Line
    on: str  # the legal day of the entry
    changes: tuple[Changed, ...]
    untold: Sentence | None


def case_on_a_day(
    connection: Connection,
    principal: Principal,
    definitions: Definitions,
    handle: str,
    ids: Ids,
    *,
    on: str,
    since: str | None = None,
) -> CaseOnADay:
    """Return a case as it stood at the end of a day, and what had changed since an earlier one.

    What may be seen of it is what its reader may see today.
    """
    opened = open_case(connection, principal, definitions, handle)
    only_for_whom_everything_is(opened)
    if on > ids.today():
        raise Unacceptable(say("That day has not come yet."))
    if since is not None and since >= on:
        raise Unacceptable(say("The day to compare with has to be earlier."))
    rows = list(history.with_payloads(connection, handle))
    by_then = _until(rows, ids.end_of(on))
    before = _until(rows, ids.end_of(since)) if since is not None else []
    then, untold = None, _why_untold(by_then)
    changes: tuple[Changed, ...] = ()
    if untold is None:
        then = case_then(connection, definitions, opened, by_then, on)
        if since is not None:
            fields = [
                _fields(connection, definitions, opened, known) if known else {}
                for known in (before, by_then)
            ]
            changes = tuple(differences(*fields))
    shown = lines_of(connection, principal, opened, rows)
    between = tuple(
        line
        for line in shown
        if since is not None and line.number and len(before) < line.number <= len(by_then)
    )
    return CaseOnADay(
        handle=handle,
        reference=opened.case.reference,
        name=opened.case.name,
        on=on,
        today=on == ids.today(),
        then=then,
        untold=untold,
        since=since,
        changes=changes,
        between=between,
        unlike_now=sum(1 for line in shown if line.number and line.number > len(by_then)),
    )


def entry_changes(
    connection: Connection,
    principal: Principal,
    definitions: Definitions,
    handle: str,
    number: int,
) -> EntryChanges | None:
    """Return what one entry changed; None where the reader may know of no such entry."""
    opened = open_case(connection, principal, definitions, handle)
    only_for_whom_everything_is(opened)
    rows = [row for row in history.with_payloads(connection, handle) if row["number"] <= number]
    shown = lines_of(connection, principal, opened, rows[-1:])
    if not shown or shown[0].number != number:
        return None
    untold = _why_untold(rows)
    changes: tuple[Changed, ...] = ()
    if untold is None:
        fields = [
            _fields(connection, definitions, opened, known) if known else {}
            for known in (rows[:-1], rows)
        ]
        changes = tuple(differences(*fields))
    return EntryChanges(
        handle=handle,
        reference=opened.case.reference,
        name=opened.case.name,
        line=shown[0],
        on=Ids().legal_day(shown[0].at),
        changes=changes,
        untold=untold,
    )


def differences(before: Fields, after: Fields) -> Iterator[Changed]:
    """Yield the fields that are not as they were, in the order in which they are told."""
    for key, (label, value) in after.items():
        was = before.get(key)
        if was is None or was[1] != value:
            yield Changed(label, was[1] if was else None, value)
    for key, (label, value) in before.items():
        if key not in after:
            yield Changed(label, value, None)


def _until(rows: Sequence[Row], at: str) -> list[Row]:
    return [row for row in rows if row["at"] <= at]


def _why_untold(rows: Sequence[Row]) -> Sentence | None:
    if not rows:
        return say("The case did not exist yet on that day.")
    if not can_be_followed(rows):
        return say(
            "What was written about the case by then was lawfully erased; how it stood can no "
            "longer be told."
        )
    return None


def _fields(
    connection: Connection, definitions: Definitions, opened: OpenedCase, rows: Sequence[Row]
) -> Fields:
    """Return what is told of a case after these entries, field by field, without empty ones.

    A body's inner work before it signs is none of them.
    """
    then, _ = opened_then(opened, definitions, rows)
    case = then.case
    codes = {case.unit, *(one.body for one in case.consultations)}
    if case.authority:
        codes.add(case.authority)
    places = names_of_organisations(connection, codes)
    people = names_of_officers(connection, case.named | case.recused | case.conflicts_waiting)
    told = chain(
        _of_the_case(then, places, people),
        _of_the_bodies(then, definitions.consultation(), places),
        _of_the_record(then),
    )
    return {key: (label, value) for key, label, value in told if value}


def _of_the_case(
    then: OpenedCase, places: Mapping[str, Title], people: Mapping[str, str]
) -> Iterator[Told]:
    case, definition = then.case, then.definition
    proposed, concluded = case.proposed_outcome, case.outcome
    values: tuple[tuple[Sentence, Said | None], ...] = (
        (say("State"), definition.state_by_name[case.state].title),
        (say("Reference"), case.reference),
        (say("Candidate"), case.name),
        (say("Born"), day_written(case.born)),
        (say("Title asked for"), case.target),
        (say("Present post"), case.position),
        (say("Requesting unit"), places.get(case.unit)),
        (say("Competent authority"), places.get(case.authority or "")),
        (say("What is missing"), "; ".join(case.missing)),
        (say("Turn"), str(case.turn or "")),
        (say("Proposal of the Board"), proposed and outcome_title(definition, proposed)),
        (say("Conclusion of the authority"), concluded and outcome_title(definition, concluded)),
        (say("What became of the conclusion"), case.amended and say(case.amended.title)),
        (say("Level"), str(case.level or "")),
        (say("Only these may know of the case"), _names(case.named, people)),
        (say("Declared that they must not deal with it"), _names(case.recused, people)),
        (
            say("Conflict declared, nobody to take over yet"),
            _names(case.conflicts_waiting, people),
        ),
    )
    for label, value in values:
        yield (label.msgid,), (label,), value


def _names(handles: Iterable[str], people: Mapping[str, str]) -> str:
    return ", ".join(sorted(people.get(handle, handle) for handle in handles))


def _of_the_bodies(
    then: OpenedCase, machine: Definition, places: Mapping[str, Title]
) -> Iterator[Told]:
    for one in then.case.consultations:
        body = places.get(one.body) or Title(vi=one.body, en=one.body)
        values: tuple[tuple[Sentence, Said | None], ...] = (
            (say("How far"), machine.state_by_name[known_state(one.state)].title),
            (say("Due"), day_written(one.due_on or "")),
            (say("Opinion"), say(one.verdict.title) if one.verdict else None),
            (say("What became of the opinion"), one.amended and say(one.amended.title)),
        )
        for label, value in values:
            yield (one.handle, label.msgid), (body, label), value


def _of_the_record(then: OpenedCase) -> Iterator[Told]:
    known = [(fact.name, fact.title, fact.fields) for fact in then.definition.facts]
    known += [(paper.name, paper.title, REFERENCE) for paper in then.definition.papers]
    for name, title, fields in known:
        for nth, details in enumerate(all_recorded(then.case, name)):
            for label, value in words_of_record(fields, details):
                yield (name, str(nth), str(label)), (title, label), value
