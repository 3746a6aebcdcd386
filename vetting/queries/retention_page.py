"""Until when records are kept: one record with its holds and list, and all that need somebody."""

from dataclasses import dataclass
from datetime import date

from sqlalchemy import ColumnElement, Connection, and_, func, or_, select, tuple_

from vetting.engine.definition import Title
from vetting.engine.facts import (
    DisposalApproved,
    DisposalAsked,
    DisposalRefused,
    HoldLifted,
    RecordClassed,
    RecordHeld,
)
from vetting.engine.policy import Principal
from vetting.engine.reading import Definitions
from vetting.engine.retention import (
    IN_ONES_OWN_NAME,
    OVER,
    Retention,
    RetentionStanding,
    Schedule,
    retention_of,
    why_not_disposed_of,
)
from vetting.engine.sentences import Sentence, say
from vetting.engine.vocabulary import Hat, Role
from vetting.queries.case_history import Line, lines_of
from vetting.queries.names_of import names_of_officers, names_of_organisations
from vetting.queries.opened_case import OpenedCase
from vetting.queries.tombstone import known_to
from vetting.records import history
from vetting.records.cases import case_of, cases, participations
from vetting.records.disposals import Plan, agreed_to, approved, disposals, plan_of, schedules
from vetting.records.identity import Ids
from vetting.records.scope import visible_to
from vetting.records.standing import Purpose, on_purpose

MOST = 200  # records of a kind on one page
_ASKING = frozenset({Role.BOARD_OFFICER, Role.BOARD_HEAD})
_ANSWERING = frozenset({Role.SUPERVISOR})
_OF_THE_RECORD = frozenset(
    fact.verb
    for fact in (
        RecordClassed,
        RecordHeld,
        HoldLifted,
        DisposalAsked,
        DisposalRefused,
        DisposalApproved,
    )
)


@dataclass(frozen=True)
class RecordPage:
    """All that a page says of how one record is kept."""

    opened: OpenedCase
    kept: Retention
    lines: tuple[Line, ...]  # what was done about it, oldest first
    holds: tuple[Line, ...]  # those that stand
    plan: Plan | None  # what would be destroyed, where its schedule has run out
    others: int  # cases about the same name and birth that stay
    why_not: Sentence | None
    asked_by: str | None
    classes: tuple[Schedule, ...]
    agreed: bool  # two people have agreed, and it is about to be destroyed
    barred: Sentence | None  # why this reader can neither ask nor answer, and who can

    @property
    def as_asked(self) -> bool:
        """Whether what would be destroyed is the very list that somebody asked about."""
        return self.plan is not None and self.plan.hash == self.opened.case.disposal


@dataclass(frozen=True)
class Kept:
    """A record, as the list of all of them shows it."""

    handle: str
    reference: str
    name: str
    unit: Title
    kept: Retention


@dataclass(frozen=True)
class Gone:
    """A record that was destroyed, or is about to be."""

    handle: str
    reference: str
    unit: Title
    case_type: str
    record_class: str
    basis: str
    years: int
    runs_out_on: str
    asked_by: str
    approved_by: str
    approved_at: str
    erased_at: str | None
    cleaned_at: str | None  # since when no file of the database has words of it
    items: int
    plan: str


@dataclass(frozen=True)
class RetentionPage:
    """Whatever needs somebody, and what is gone."""

    asked: tuple[Kept, ...]
    run_out: tuple[Kept, ...]
    held: tuple[Kept, ...]
    gone: tuple[Gone, ...]
    classes: tuple[Schedule, ...]

    @property
    def cases(self) -> list[str]:
        """The cases that are named on it."""
        return [one.handle for one in (*self.asked, *self.run_out, *self.held)]


def record_page(
    connection: Connection,
    principal: Principal,
    opened: OpenedCase,
    ids: Ids,
) -> RecordPage:
    """Return how a record is kept, to whom the case is something."""
    case, known = opened.case, schedules(connection)
    kept = retention_of(case, known, ids.legal_day(opened.row["since"]), ids.today())
    rows = [
        row
        for row in history.with_payloads(connection, case.handle)
        if row["verb"] in _OF_THE_RECORD
    ]
    lines = lines_of(connection, principal, opened, rows)
    why_not = why_not_disposed_of(kept)
    plan = plan_of(connection, case.handle) if why_not is None else None
    c = cases.c
    others = connection.scalar(
        select(func.count()).where(
            c.name_folded == opened.row["name_folded"],
            c.born == case.born,
            c.handle != case.handle,
            visible_to(principal),
        )
    )
    asked_by = case.disposal_by
    names = names_of_officers(connection, {asked_by} if asked_by else set())
    with on_purpose(connection, Purpose.FORGETTING):
        agreed = agreed_to(connection, case.handle)
    return RecordPage(
        opened=opened,
        kept=kept,
        lines=lines,
        holds=tuple(line for line in lines if line.number in case.holds),
        plan=plan,
        others=others or 0,
        why_not=why_not,
        asked_by=names.get(asked_by, asked_by) if asked_by else None,
        classes=tuple(known.values()),
        agreed=agreed is not None and plan is not None and agreed.plan == plan.hash,
        barred=_barred(connection, principal, case.handle),
    )


def _barred(connection: Connection, principal: Principal, case: str) -> Sentence | None:
    """Return why somebody whose role disposes of records cannot do so here, and who can."""
    if principal.role not in {*_ASKING, *_ANSWERING}:
        return None
    if principal.on_behalf_of is not None:
        return IN_ONES_OWN_NAME
    c = participations.c
    hat = connection.scalar(
        select(c.hat).where(c.case_handle == case, c.officer == principal.officer)
    )
    if hat is None or hat == Hat.DISPOSE.value:
        return None
    if principal.role in _ANSWERING:
        return say(
            "You had a part in this case yourself, so you cannot answer whether its record is "
            "destroyed. A supervisor who did nothing in the case can answer."
        )
    return say(
        "You had a part in this case yourself, so you cannot ask that its record is destroyed. "
        "An officer or the head of the Board who did nothing in the case can ask."
    )


def retention_page(
    connection: Connection, principal: Principal, definitions: Definitions, ids: Ids
) -> RetentionPage:
    """Return the records that wait for somebody, that ran out, that are held, and are gone."""
    del definitions
    known, c = schedules(connection), cases.c
    over = c.state.in_(sorted(OVER))
    asked = _kept(connection, principal, ids, known, and_(over, c.disposal.is_not(None)))
    held = _kept(connection, principal, ids, known, c.holds != "[]")
    ran_out = [
        one
        for one in _kept(connection, principal, ids, known, and_(over, _ran_out(known, ids)))
        if one.kept.standing is RetentionStanding.RUN_OUT
    ]
    return RetentionPage(
        asked=tuple(one for one in asked if one.kept.standing is RetentionStanding.ASKED),
        run_out=tuple(ran_out),
        held=tuple(held),
        gone=tuple(_gone(connection, principal)),
        classes=tuple(known.values()),
    )


def _ran_out(known: dict[str, Schedule], ids: Ids) -> ColumnElement[bool]:
    """Return a clause for all records whose schedule has run out, and perhaps a few others."""
    c, today = cases.c, date.fromisoformat(ids.today())
    clauses = []
    for code, one in known.items():
        if one.years is None:
            continue
        year = today.year - one.years
        # One day more than enough: a moment is in UTC, and the day is counted here.
        upto = f"{year:04d}-{today:%m-%d}T99"
        meant = and_(c.record_class.is_(None), c.case_type.in_(sorted(one.case_types)))
        clauses.append(and_(or_(c.record_class == code, meant), c.since <= upto))
    return or_(*clauses) if clauses else c.handle.is_(None)


def _kept(
    connection: Connection,
    principal: Principal,
    ids: Ids,
    known: dict[str, Schedule],
    wanted: ColumnElement[bool],
) -> list[Kept]:
    rows = (
        connection.execute(
            select(cases)
            .where(wanted, cases.c.reference.is_not(None), visible_to(principal))
            .order_by(cases.c.since, cases.c.handle)
            .limit(MOST)
        )
        .mappings()
        .all()
    )
    units = names_of_organisations(connection, {row["unit"] for row in rows})
    today = ids.today()
    return [
        Kept(
            row["handle"],
            row["reference"],
            row["name"],
            units.get(row["unit"], Title(vi=row["unit"], en=row["unit"])),
            retention_of(case_of(row), known, ids.legal_day(row["since"]), today),
        )
        for row in rows
    ]


def _gone(connection: Connection, principal: Principal) -> list[Gone]:
    d = disposals.c
    with on_purpose(connection, Purpose.FORGETTING):
        about_to = [(row.case_handle, row.entry) for row in approved(connection)]
        rows = connection.execute(
            select(disposals)
            .where(
                known_to(principal),
                or_(d.erased_at.is_not(None), tuple_(d.case_handle, d.entry).in_(about_to)),
            )
            .order_by(d.approved_at.desc(), d.case_handle)
            .limit(MOST)
        ).all()
    units = names_of_organisations(connection, {row.unit for row in rows})
    people = names_of_officers(
        connection, {one for row in rows for one in (row.asked_by, row.approved_by)}
    )
    return [
        Gone(
            row.case_handle,
            row.reference,
            units.get(row.unit, Title(vi=row.unit, en=row.unit)),
            row.case_type,
            row.record_class,
            row.basis,
            row.years,
            row.runs_out_on,
            people.get(row.asked_by, row.asked_by),
            people.get(row.approved_by, row.approved_by),
            row.approved_at,
            row.erased_at,
            row.cleaned_at,
            row.items,
            row.plan,
        )
        for row in rows
    ]
