"""The inbox of a consulted body: what waits for an officer, for nobody yet, and for the body.

A page costs the same whether a hundred questions wait or a hundred thousand: it reads one page of
an index, and the numbers on the tabs come from the tallies.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Connection,
    Label,
    and_,
    exists,
    func,
    not_,
    or_,
    select,
    union_all,
)

from vetting.engine.deadlines import QUESTION
from vetting.engine.definition import Title
from vetting.engine.names import title_key
from vetting.engine.policy import Matter, Principal, is_of_body, may_be_told
from vetting.engine.reading import Definitions
from vetting.engine.sentences import Sentence, mark, say
from vetting.engine.vocabulary import HAT_OF_ROLE, CaseType, Kind, Named, Role
from vetting.queries.keyset import PAGE, Page, beyond, paged, read_mark
from vetting.records.cases import cases, participations
from vetting.records.consultations import IS_OPEN, consultations
from vetting.records.identity import Ids
from vetting.records.letters import letters
from vetting.records.officers import officers, role_assignments
from vetting.records.organisations import organisation_kinds, organisations
from vetting.records.scope import addressed_to, not_withheld
from vetting.records.set_aside import (
    all_aside,
    question_is_set_aside,
    set_aside,
    wished_aside,
)
from vetting.records.tallies import NOBODY, waiting_for

COUNTED_UP_TO = 1000  # under a filter; whoever narrows down wants the rows, not a census
LETTERS_OFFERED = 12


class Tab(Named):
    """Whose questions are listed."""

    MINE = "mine", mark("Mine")
    UNASSIGNED = "unassigned", mark("Nobody’s yet")
    BODY = "body", mark("The whole body’s")


class InboxState(Named):
    """The states in which a question waits, to filter by."""

    ASKED = "asked", mark("Not yet received")
    RECEIVED = "received", mark("Received")
    DRAFTING = "drafting", mark("Being drafted")
    READY = "ready", mark("Ready to be signed")


@dataclass(frozen=True)
class Filter:
    """Which questions are listed."""

    tab: Tab = Tab.MINE
    state: InboxState | None = None
    case_type: CaseType | None = None
    letter: str | None = None
    unit: str | None = None
    aside: bool = False  # what the reader has set aside, and nothing else

    @property
    def narrows_by_case(self) -> bool:
        """Whether it asks for more than the tallies count."""
        return bool(self.case_type or self.letter or self.unit)

    def on(self, tab: Tab) -> "Filter":
        """Return the same filter on another tab."""
        return replace(self, tab=tab)


@dataclass(frozen=True)
class InboxRow:
    """One question that waits."""

    handle: str
    case: str
    name: str
    born: str
    target: str
    case_type: CaseType
    unit: str  # code
    asked_at: str
    letter: str | None
    letter_name: str
    state: Title
    holder: str | None  # handle of the officer who has it
    holder_name: str | None  # unless they have left the body
    due_on: str | None
    overdue: bool
    waiting_days: int
    clock_off: Sentence | None  # why its clock stands still; none: it runs
    held_back: Sentence | None  # why nothing can be done with it
    aside_until: str | None = None  # where it is listed as set aside: when it comes back


@dataclass(frozen=True)
class Choice:
    """Something to choose from: a code and what it is called."""

    code: str
    title: Title


@dataclass(frozen=True)
class Inbox:
    """A page of the inbox."""

    wanted: Filter
    page: Page[InboxRow]
    counts: dict[Tab, int]  # of the tabs, without what is filtered by case
    aside: int  # of what waits here the reader has set so many aside
    back_first: str | None  # when the first of them comes back
    found: int | None  # under a filter by case: how many; COUNTED_UP_TO + 1 stands for more
    letters: tuple[Choice, ...]
    units: tuple[Choice, ...]
    officers: tuple[Choice, ...]

    @property
    def handles(self) -> list[str]:
        """The cases shown."""
        return [row.case for row in self.page.rows]


def inbox(
    connection: Connection,
    principal: Principal,
    definitions: Definitions,
    wanted: Filter,
    *,
    after: str | None,
    ids: Ids,
) -> Inbox:
    """Return a page of the inbox in seven statements, and one more for either kind of filter.

    What the reader has set aside is listed apart; the numbers on the tabs are of all that waits.

    Small statements, because a database plans the joining of six tables longer than it runs it.
    """
    consulting = definitions.consultation()
    today = ids.today()
    is_aside = question_is_set_aside(principal, ids.now(), today)
    rows = _rows(connection, principal, wanted, after, is_aside)
    aside, back_first = _aside(connection, principal, wanted, ids.now(), today)
    until = (
        all_aside(connection, principal, [row.case_handle for row in rows], ids.now())
        if wanted.aside
        else {}
    )
    colleagues = officers_of(connection, principal.organisation, today)
    known = {officer.code: officer.title.vi for officer in colleagues}
    called = letters_of(connection, principal, {wanted.letter} | {row.letter for row in rows})
    hats = _hats(connection, principal, [row.case_handle for row in rows])

    def make(row: Any) -> InboxRow:  # noqa: ANN401  # a row of the list
        return InboxRow(
            handle=row.handle,
            case=row.case_handle,
            name=row.name,
            born=row.born,
            target=row.target,
            case_type=CaseType(row.case_type),
            unit=row.unit,
            asked_at=row.asked_at,
            letter=row.letter,
            letter_name=called[row.letter] if row.letter else "",
            state=consulting.state_by_name[row.state].title,
            holder=row.officer,
            holder_name=known.get(row.officer),
            due_on=row.due_on,
            overdue=row.due_on is not None and row.due_on < today,
            waiting_days=days_between(row.asked_at, today, ids),
            clock_off=_clock_off(definitions, principal, row),
            held_back=held_back(
                principal,
                hats.get(row.case_handle),
                row.case_state,
                current=row.turn == row.case_turn,
            ),
            aside_until=until.get(row.case_handle),
        )

    return Inbox(
        wanted=wanted,
        page=paged(rows, PAGE, after, lambda row: (row.due_order, row.asked_at, row.handle), make),
        counts=counts(connection, principal, wanted.state),
        aside=aside,
        back_first=back_first,
        found=_found(connection, principal, wanted, is_aside) if wanted.narrows_by_case else None,
        letters=tuple(
            _same(handle, name)
            for place, (handle, name) in enumerate(called.items())
            if place < LETTERS_OFFERED or handle == wanted.letter
        ),
        units=units_offered(connection),
        officers=colleagues,
    )


def counts(
    connection: Connection, principal: Principal, state: InboxState | None = None
) -> dict[Tab, int]:
    """Return how many questions each tab lists, from the tallies."""
    found = dict.fromkeys(Tab, 0)
    for (holder, stands), waiting in waiting_for(connection, principal.at_work).items():
        if state is not None and stands != state.value:
            continue
        found[Tab.BODY] += waiting
        if holder == principal.officer:
            found[Tab.MINE] += waiting
        elif holder == NOBODY:
            found[Tab.UNASSIGNED] += waiting
    return found


def letter_name(symbol: str | None, number: int | None, year: int | None) -> str:
    """Return what a letter is called: by its symbol, else by its number in the register."""
    return symbol or (f"{number}/{year}" if number is not None else "")


def days_between(at: str, today: str, ids: Ids) -> int:
    """Return how many legal days ago a moment was."""
    return (date.fromisoformat(today) - date.fromisoformat(ids.legal_day(at))).days


def letters_of(
    connection: Connection, principal: Principal, needed: Collection[str | None]
) -> dict[str, str]:
    """Return the latest letters to a body and those needed however old, newest first: names."""
    c = letters.c
    mine = and_(c.receiver == principal.organisation, ask_something(principal))
    latest = select(c.handle).where(mine).order_by(c.written_at.desc()).limit(LETTERS_OFFERED)
    others = select(c.handle).where(mine, c.handle.in_([handle for handle in needed if handle]))
    rows = connection.execute(
        select(c.handle, c.symbol, c.number, c.year)
        .where(c.handle.in_(union_all(select(latest.subquery()), others)))
        .order_by(c.written_at.desc(), c.number.desc())
    )
    return {row.handle: letter_name(row.symbol, row.number, row.year) for row in rows}


def ask_something(principal: Principal) -> ColumnElement[bool]:
    """Return the clause that leaves out letters of which no question is there for the reader."""
    return exists().where(consultations.c.letter == letters.c.handle, *still_asked(principal))


def covered_for(principal: Principal) -> Label[int]:
    """Return how many questions of a letter are there for the reader."""
    of_it = select(func.count()).select_from(consultations)
    of_it = of_it.where(consultations.c.letter == letters.c.handle, *still_asked(principal))
    return of_it.scalar_subquery().label("covers")


def still_asked(principal: Principal) -> tuple[ColumnElement[bool], ...]:
    """Return the clauses that keep the questions of a letter to those there for the reader.

    What was taken back and what is kept from them is left out alike, so that no number of questions
    tells one from the other.
    """
    c = consultations.c
    own = (c.body == principal.organisation,) if is_of_body(principal) else ()
    return (c.state != "withdrawn", not_withheld(principal), *own)


def units_offered(connection: Connection) -> tuple[Choice, ...]:
    """Return the requesting units, by name."""
    c, k = organisations.c, organisation_kinds.c
    rows = connection.execute(
        select(c.code, c.name_vi, c.name_en)
        .join(organisation_kinds, k.organisation == c.code)
        .where(k.kind == Kind.REQUESTING_UNIT.value)
    )
    named = sorted(rows, key=lambda row: title_key(row.name_vi))
    return tuple(Choice(code, title_of(vi, en)) for code, vi, en in named)


def officers_of(
    connection: Connection, body: str, today: str, matter: Matter | None = None
) -> tuple[Choice, ...]:
    """Return the officers of a body to whom a question can be given today.

    Where it is about one case, whoever may not know of it is not among them.
    """
    o, a = officers.c, role_assignments.c
    rows = connection.execute(
        select(o.handle, o.name, o.sort_key, func.max(a.clearance).label("clearance"))
        .group_by(o.handle, o.name, o.sort_key)
        .join(role_assignments, a.officer == o.handle)
        .where(
            a.organisation == body,
            a.role.in_((Role.BODY_OFFICER.value, Role.BODY_SIGNER.value)),
            a.valid_from <= today,
            or_(a.valid_to.is_(None), a.valid_to >= today),
            o.disabled_at.is_(None),
        )
        .order_by(o.sort_key, o.handle)
    )
    return tuple(
        _same(row.handle, row.name)
        for row in rows
        if matter is None or may_be_told(row.handle, row.clearance, matter)
    )


def title_of(vi: str, en: str) -> Title:
    """Return a name in both languages that was checked when it was entered."""
    return Title.model_construct(vi=vi, en=en)


_ORDER = (consultations.c.due_order, consultations.c.asked_at, consultations.c.handle)


def _rows(
    connection: Connection,
    principal: Principal,
    wanted: Filter,
    after: str | None,
    is_aside: ColumnElement[bool],
) -> Sequence[Any]:
    c, k = consultations.c, cases.c
    statement = (
        select(
            c.handle,
            c.case_handle,
            c.asked_at,
            c.state,
            c.officer,
            c.due_on,
            c.due_order,
            c.letter,
            c.turn,
            k.name,
            k.born,
            k.target,
            k.case_type,
            k.unit,
            k.state.label("case_state"),
            k.turn.label("case_turn"),
            k.definition_version,
            k.open_questions,
        )
        .join(cases, k.handle == c.case_handle)
        .where(*_clauses(principal, wanted), is_aside if wanted.aside else not_(is_aside))
        # Where nobody has it the officer stands in the order too, so that one index gives it.
        .order_by(*((c.officer,) if wanted.tab is Tab.UNASSIGNED else ()), *_ORDER)
        .limit(PAGE + 1)
    )
    if mark_ := read_mark(after, len(_ORDER)):
        statement = statement.where(beyond(_ORDER, mark_))
    return connection.execute(statement).all()


def _hats(connection: Connection, principal: Principal, handles: Sequence[str]) -> dict[str, str]:
    c = participations.c
    rows = connection.execute(
        select(c.case_handle, c.hat).where(
            c.case_handle.in_(handles), c.officer == principal.officer
        )
    )
    return {row.case_handle: row.hat for row in rows}


def held_back(
    principal: Principal, hat: str | None, case_state: str, *, current: bool
) -> Sentence | None:
    """Return why an officer can do nothing with a question, whatever its own state."""
    if hat is not None and hat != HAT_OF_ROLE[principal.role].value:
        return say("You already play another part in this case.")
    if case_state == "suspended":
        return say("The Board has suspended this case.")
    if case_state != "consulting" or not current:
        return say("The case is no longer waiting for this opinion.")
    return None


def _clock_off(
    definitions: Definitions,
    principal: Principal,
    row: Any,  # noqa: ANN401  # of the list
) -> Sentence | None:
    """Return why the clock of a question stands still, as the case's row and its rules tell it."""
    if row.case_state == "suspended":
        return say("the case is suspended")
    if row.open_questions == "{}":
        return None
    rules = definitions.of(row.case_type, row.definition_version)
    stops = QUESTION in rules.rule_for(principal.organisation).stops_in
    return say("the unit is being asked") if stops else None


def _clauses(principal: Principal, wanted: Filter) -> Sequence[ColumnElement[bool]]:
    c = consultations.c
    clauses = [addressed_to(principal.at_work), IS_OPEN]
    match wanted.tab:
        case Tab.MINE:
            clauses.append(c.officer == principal.officer)
        case Tab.UNASSIGNED:
            clauses.append(c.officer.is_(None))
        case Tab.BODY:
            pass
    if wanted.state is not None:
        clauses.append(c.state == wanted.state.value)
    if wanted.letter is not None:
        clauses.append(c.letter == wanted.letter)
    if wanted.case_type is not None:
        clauses.append(cases.c.case_type == wanted.case_type.value)
    if wanted.unit is not None:
        clauses.append(cases.c.unit == wanted.unit)
    return clauses


def _aside(
    connection: Connection, principal: Principal, wanted: Filter, now: str, today: str
) -> tuple[int, str | None]:
    """Return how much of what waits here the reader set aside, and when the first comes back."""
    s = set_aside.c
    row = connection.execute(
        select(func.count().label("many"), func.min(s.until).label("first"))
        .select_from(
            set_aside.join(consultations, consultations.c.case_handle == s.case_handle).join(
                cases, cases.c.handle == s.case_handle
            )
        )
        .where(*wished_aside(principal, now, today), *_clauses(principal, wanted))
    ).one()
    return row.many, row.first


def _found(
    connection: Connection, principal: Principal, wanted: Filter, is_aside: ColumnElement[bool]
) -> int:
    some = (
        select(consultations.c.handle)
        .join(cases, cases.c.handle == consultations.c.case_handle)
        .where(*_clauses(principal, wanted), is_aside if wanted.aside else not_(is_aside))
        .limit(COUNTED_UP_TO + 1)
        .subquery()
    )
    return connection.scalar(select(func.count()).select_from(some)) or 0


def _same(code: str, name: str) -> Choice:
    return Choice(code, title_of(name, name))
