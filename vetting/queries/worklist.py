"""The Board's work: cases by what they wait for, with counts that equal the lists."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from sqlalchemy import (
    ColumnElement,
    Connection,
    and_,
    case,
    exists,
    func,
    literal_column,
    not_,
    select,
)

from vetting.engine.names import title_key
from vetting.engine.policy import Principal
from vetting.engine.reading import Definitions
from vetting.engine.sentences import mark
from vetting.engine.vocabulary import CaseType, Named
from vetting.queries.case_lines import COLUMNS, CaseLine, lines_of, owing_in, page_of, values_of
from vetting.queries.keyset import PAGE, Page, beyond, read_mark
from vetting.records.cases import cases, participations
from vetting.records.consultations import IS_ASKING, consultations
from vetting.records.organisations import organisations
from vetting.records.scope import visible_to
from vetting.records.set_aside import all_aside, is_set_aside
from vetting.records.submissions import rounds

MOST_AT_ONCE = 5_000  # cases in one act


class Wait(Named):
    """What a case waits for, as the Board sees it."""

    TO_CHECK = "to_check", mark("To be checked")
    CHECKING = "checking", mark("Being checked")
    ACCEPTED = "accepted", mark("Accepted, bodies to be asked")
    WITH_BODIES = "with_bodies", mark("With the bodies")
    ASKED_OF_US = "asked_of_us", mark("A body asks the Board")
    REPLIES_COMPLETE = "replies_complete", mark("Replies complete")
    TO_SUBMIT = "to_submit", mark("Proposal to be submitted")
    WITH_AUTHORITY = "with_authority", mark("With the authority")
    TO_NOTIFY = "to_notify", mark("Unit to be notified")
    TO_TELL = "to_tell", mark("Candidate to be told")
    TO_CLOSE = "to_close", mark("To be closed")
    RETURNED = "returned", mark("Returned to the unit")
    SUSPENDED = "suspended", mark("Suspended")
    CONFLICT = "conflict", mark("Conflict declared, nobody to take over yet")


STATE_OF_WAIT = {
    Wait.TO_CHECK: "filed",
    Wait.CHECKING: "checking",
    Wait.ACCEPTED: "accepted",
    Wait.WITH_BODIES: "consulting",
    Wait.ASKED_OF_US: "consulting",
    Wait.REPLIES_COMPLETE: "assembling",
    Wait.TO_SUBMIT: "proposed",
    Wait.WITH_AUTHORITY: "submitted",
    Wait.TO_NOTIFY: "concluded",
    Wait.TO_TELL: "notified",
    Wait.TO_CLOSE: "notified",
    Wait.RETURNED: "returned",
    Wait.SUSPENDED: "suspended",
}
# What waits for somebody else, and what is counted under another wait as well.
NOT_OURS = frozenset(
    {Wait.WITH_BODIES, Wait.WITH_AUTHORITY, Wait.RETURNED, Wait.SUSPENDED, Wait.CONFLICT}
)
# Whose declaration waits, in whatever state the case stands; the index has the same words.
_CONFLICT = cases.c.conflicts_waiting != literal_column("'[]'")
_WAIT_OF_STATE = {
    state: wait
    for wait, state in STATE_OF_WAIT.items()
    if wait not in {Wait.TO_TELL, Wait.TO_CLOSE, Wait.ASKED_OF_US}
}
# A key of the mapping of recorded facts; inside a text its quotation marks would be escaped.
_TOLD = cases.c.recorded.like('%"candidate\\_told":%', escape="\\")


class Sort(Named):
    """In which order cases are listed."""

    LONGEST = "longest", mark("Longest in this state first")
    NAME = "name", mark("By name")
    REFERENCE = "reference", mark("By reference")


_SORTED_BY = {
    Sort.LONGEST: cases.c.since,
    Sort.NAME: cases.c.name_sort,
    Sort.REFERENCE: cases.c.reference,
}


@dataclass(frozen=True)
class Filter:
    """Which cases of the worklist are wanted."""

    wait: Wait = Wait.TO_CHECK
    case_type: CaseType | None = None
    round: str | None = None
    unit: str | None = None
    mine: bool = False  # those in which the reader has already acted
    aside: bool = False  # those that the reader has set aside, and no others
    at: str | None = None  # what is set aside then is left out; none: nothing is
    sort: Sort = Sort.LONGEST


@dataclass(frozen=True)
class Option:
    """Something a list can be narrowed to."""

    code: str
    name_vi: str
    name_en: str


@dataclass(frozen=True)
class Worklist:
    """A page of the Board's work."""

    counts: dict[Wait, int]
    page: Page[CaseLine]
    units: tuple[Option, ...]
    rounds: tuple[Option, ...]
    until: Mapping[str, str]  # of those set aside, where they are listed: when they come back

    @property
    def handles(self) -> list[str]:
        """The cases shown."""
        return [line.handle for line in self.page.rows]


def worklist(
    connection: Connection,
    principal: Principal,
    definitions: Definitions,
    wanted: Filter,
    after: str | None = None,
) -> Worklist:
    """Return a page of the worklist, in seven statements."""
    by = _SORTED_BY[wanted.sort]
    statement = select(*COLUMNS).where(_clause(principal, wanted))
    if mark_ := read_mark(after, 2):
        statement = statement.where(beyond((by, cases.c.handle), values_of(mark_)))
    rows = (
        connection.execute(statement.order_by(by, cases.c.handle).limit(PAGE + 1)).mappings().all()
    )
    shown = rows[:PAGE]
    owing = owing_in(connection, [row["handle"] for row in shown])
    return Worklist(
        counts=counts(connection, principal, wanted),
        page=page_of(rows, lines_of(shown, definitions, owing), after, by.name),
        units=_units(connection, principal),
        rounds=_rounds(connection),
        until=all_aside(connection, principal, [row["handle"] for row in shown], wanted.at)
        if wanted.aside and wanted.at is not None
        else {},
    )


def counts(connection: Connection, principal: Principal, wanted: Filter) -> dict[Wait, int]:
    """Return how many cases wait for what, under the rest of the filter."""
    told = case((_TOLD, 1), else_=0)
    grouped = (
        select(cases.c.state, told.label("told"))
        .where(visible_to(principal.at_work), *_narrowed(principal, wanted))
        .subquery()
    )
    found = dict.fromkeys(Wait, 0)
    for state, was_told, many in connection.execute(
        select(grouped.c.state, grouped.c.told, func.count()).group_by(
            grouped.c.state, grouped.c.told
        )
    ):
        if state == "notified":
            found[Wait.TO_CLOSE if was_told else Wait.TO_TELL] += many
        elif state in _WAIT_OF_STATE:
            found[_WAIT_OF_STATE[state]] += many
    # These wait for something else as well, and are counted there too.
    for wait in (Wait.ASKED_OF_US, Wait.CONFLICT):
        these = _clause(principal, replace(wanted, wait=wait))
        found[wait] = connection.execute(
            select(func.count()).select_from(cases).where(these)
        ).scalar_one()
    return found


def handles_of(connection: Connection, principal: Principal, wanted: Filter) -> Sequence[str]:
    """Return every case of a filter, for an act on all of them."""
    by = _SORTED_BY[wanted.sort]
    return connection.scalars(
        select(cases.c.handle)
        .where(_clause(principal, wanted))
        .order_by(by, cases.c.handle)
        .limit(MOST_AT_ONCE)
    ).all()


def narrowed_to(wanted: Filter, wait: Wait) -> Filter:
    """Return the same filter for what cases of another list wait for."""
    return replace(wanted, wait=wait)


def _clause(principal: Principal, wanted: Filter) -> ColumnElement[bool]:
    clauses = [
        visible_to(principal.at_work),
        _CONFLICT if wanted.wait is Wait.CONFLICT else cases.c.state == STATE_OF_WAIT[wanted.wait],
        *_narrowed(principal, wanted),
    ]
    if wanted.wait is Wait.TO_TELL:
        clauses.append(not_(_TOLD))
    elif wanted.wait is Wait.TO_CLOSE:
        clauses.append(_TOLD)
    elif wanted.wait is Wait.ASKED_OF_US:
        clauses.append(cases.c.handle.in_(select(consultations.c.case_handle).where(IS_ASKING)))
    return and_(*clauses)


def _narrowed(principal: Principal, wanted: Filter) -> list[ColumnElement[bool]]:
    clauses: list[ColumnElement[bool]] = []
    if wanted.case_type is not None:
        clauses.append(cases.c.case_type == wanted.case_type.value)
    if wanted.round is not None:
        clauses.append(cases.c.round == wanted.round)
    if wanted.unit is not None:
        clauses.append(cases.c.unit == wanted.unit)
    if wanted.at is not None:
        aside = is_set_aside(principal, wanted.at)
        clauses.append(aside if wanted.aside else not_(aside))
    if wanted.mine:
        clauses.append(
            exists().where(
                participations.c.case_handle == cases.c.handle,
                participations.c.officer == principal.officer,
            )
        )
    return clauses


def _units(connection: Connection, principal: Principal) -> tuple[Option, ...]:
    with_cases = select(cases.c.unit).where(visible_to(principal.at_work)).distinct()
    c = organisations.c
    rows = connection.execute(select(c.code, c.name_vi, c.name_en).where(c.code.in_(with_cases)))
    return tuple(Option(*row) for row in sorted(rows, key=lambda row: title_key(row.name_vi)))


def _rounds(connection: Connection) -> tuple[Option, ...]:
    c = rounds.c
    return tuple(
        Option(*row)
        for row in connection.execute(
            select(c.handle, c.name_vi, c.name_en).order_by(c.opened_on.desc(), c.handle)
        )
    )
