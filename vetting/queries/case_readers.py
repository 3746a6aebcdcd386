"""Who can see a case, and who has seen it: now, or as things stood at the end of a legal day.

Who can see it is asked of the policy itself, officer by officer, with the matter as it was then; it
is worked out nowhere else. Who has seen it are the lines of the ledger of reads.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from sqlalchemy import ColumnElement, Connection, and_, exists, func, or_, select, true, tuple_

from vetting.engine.casefile import CaseFile
from vetting.engine.definition import Title
from vetting.engine.facts import CaseDrafted, read_fact
from vetting.engine.follow import follow, opened
from vetting.engine.looks import Group, How, Purpose
from vetting.engine.policy import (
    SEES_EVERY_OPINION,
    Matter,
    Principal,
    Relation,
    is_cleared,
    relation,
    relation_by_role,
)
from vetting.engine.reading import Definitions
from vetting.engine.refusals import Unacceptable
from vetting.engine.sentences import Sentence, say
from vetting.engine.substitutes import SUBSTITUTED, Naming, stand_ins
from vetting.engine.vocabulary import Role
from vetting.queries.both_names import both_names
from vetting.queries.emergency_page import Access, emergencies_of
from vetting.queries.keyset import PAGE, Page, paged, read_mark
from vetting.queries.names_of import names_of_officers, names_of_organisations
from vetting.queries.opened_case import open_case
from vetting.records import history, standing
from vetting.records.absences import away_as_of, namings_as_of
from vetting.records.book import matter_of
from vetting.records.consultations import consultations, opinions
from vetting.records.emergencies import emergencies, emergency_requests
from vetting.records.identity import Ids
from vetting.records.officers import officers, role_assignments
from vetting.records.reads import reads

LONGEST_NUMBER = 18  # digits of a line's number that a database takes
BODY_ROLES = frozenset({Role.BODY_OFFICER, Role.BODY_SIGNER})
WHY = {
    Relation.UNIT: say("works for the unit that filed it"),
    Relation.BOARD: say("works for the Board that coordinates it"),
    Relation.ASKED: say("works for a body that was asked"),
    Relation.AUTHORITY: say("works for the authority that it was put before"),
    Relation.OVERSEER: say("supervises how it is handled"),
    Relation.EMERGENCY: say("may read it for a few hours in an emergency"),
}


@dataclass(frozen=True)
class Reader:
    """Somebody who can see the case, and why."""

    officer: str  # handle
    name: str | Title  # both names where they would see it in somebody's place
    role: Role
    organisation: Title
    seen_as: Relation
    why: Sentence


@dataclass(frozen=True)
class KeptAway:
    """Somebody whose work the case would be, and what keeps it from them."""

    name: str | Title
    role: Role
    organisation: Title
    why: Sentence


@dataclass(frozen=True)
class Look:
    """One line of the ledger: who saw what of the case, when, in which capacity, what for."""

    at: str
    name: str
    on_behalf_of: str | None
    role: Role
    organisation: Title
    how: How | None  # None for a line from before the ledger said so
    groups: tuple[Group, ...]
    purpose: Purpose | str
    method: str | None = None  # how it was proved who took it out


@dataclass(frozen=True)
class CaseReaders:
    """All that the page says."""

    handle: str
    reference: str | None
    name: str
    on: str | None  # the day whose end it tells of, None for now
    can_see: tuple[Reader, ...]
    kept_away: tuple[KeptAway, ...]  # only told to whoever sees every opinion
    untold: Sentence | None  # why nobody can say who could see it then
    emergencies: tuple[Access, ...]  # every access that was agreed to by then
    looks: Page[Look]
    whole: bool  # everybody's; otherwise those of the reader's own organisation


@dataclass(frozen=True)
class LostSight:
    """People of one role in one organisation who will no longer see the case."""

    role: Role
    organisation: Title
    officers: tuple[str, ...]  # handles


def case_readers(  # a page is asked for by all of this
    connection: Connection,
    principal: Principal,
    definitions: Definitions,
    handle: str,
    ids: Ids,
    *,
    on: str | None = None,
    after: str | None = None,
) -> CaseReaders:
    """Return who can see a case and who has seen it, as far as the reader may know."""
    opened_case = open_case(connection, principal, definitions, handle)
    today = ids.today()
    if on is not None and on > today:
        raise Unacceptable(say("That day has not come yet."))
    until = ids.end_of(on) if on not in {None, today} else None
    whole = opened_case.seen_as in SEES_EVERY_OPINION
    then, untold = _as_it_stood(connection, opened_case.case, until)
    can_see: tuple[Reader, ...] = ()
    kept_away: tuple[KeptAway, ...] = ()
    if then is not None:
        capacities = _everybody(connection, handle, on or today, until, until or ids.now())
        if not whole:
            capacities = [one for one in capacities if one.organisation == principal.organisation]
        took_part = _who_took_part(connection, handle, until)
        matter = replace(matter_of(then), took_part=took_part)
        can_see = _who_sees(connection, capacities, matter)
        kept_away = _who_is_kept_away(connection, capacities, matter) if whole else ()
    return CaseReaders(
        handle=handle,
        reference=opened_case.case.reference,
        name=opened_case.case.name,
        on=on if until else None,
        can_see=can_see,
        kept_away=kept_away,
        untold=untold,
        emergencies=emergencies_of(connection, principal, handle, until or ids.now()),
        looks=_looks(connection, _lines(principal, handle, until, whole=whole), after),
        whole=whole,
    )


def who_loses_sight(
    connection: Connection, case: CaseFile, level: int, named: Collection[str], ids: Ids
) -> tuple[LostSight, ...]:
    """Return who sees a case and would not if it were restricted so, by organisation and role.

    The policy is asked of everybody, twice. Whoever sees it in two capacities is told of in each.
    """
    took_part = _who_took_part(connection, case.handle, None)
    now = replace(matter_of(case), took_part=took_part)
    then = replace(now, level=level, named=frozenset(named))
    lost: dict[tuple[str, Role], set[str]] = {}
    for one in _everybody(connection, case.handle, ids.today(), None, ids.now()):
        if relation(one, now) is not Relation.NONE and relation(one, then) is Relation.NONE:
            lost.setdefault((one.organisation, one.role), set()).add(one.officer)
    names = names_of_organisations(connection, {organisation for organisation, _ in lost})
    return tuple(
        LostSight(role, names[organisation], tuple(sorted(officers)))
        for (organisation, role), officers in sorted(lost.items())
    )


def _everybody(
    connection: Connection, handle: str, day: str, until: str | None, at: str
) -> list[Principal]:
    """Return every capacity of a day, with the case open to those who read it in an emergency."""
    capacities = _capacities(connection, day, until)
    capacities += _in_place_of_others(connection, capacities, day, until)
    open_to = _open_to(connection, handle, at)
    return [
        replace(one, emergency=frozenset({handle}))
        if one.on_behalf_of is None and (one.officer, one.role, one.organisation) in open_to
        else one
        for one in capacities
    ]


def _open_to(connection: Connection, case: str, at: str) -> set[tuple[str, Role, str]]:
    """Return to whom a case was open in an emergency at a moment, by officer and capacity."""
    return {
        (one.officer, one.role, one.organisation)
        for one in emergencies(connection, emergency_requests.c.case_handle == case)
        if one.holds_at(at)
    }


def _as_it_stood(
    connection: Connection, case: CaseFile, until: str | None
) -> tuple[CaseFile | None, Sentence | None]:
    """Return the case as it stood at a moment, or the sentence that says why it cannot be told."""
    if until is None:
        return case, None
    then: CaseFile | None = None
    for entry in history.with_payloads(connection, case.handle):
        if entry["at"] > until:
            break
        if entry["content"] is None:
            return None, say(
                "What was written about the case by then was lawfully erased; who could see it on "
                "that day can no longer be told."
            )
        fact = read_fact(entry["verb"], history.read_payload(entry["content"]))
        if isinstance(fact, CaseDrafted) and then is None:
            then = opened(case.handle, fact)
        elif then is not None:
            then = follow(then, fact)
    if then is None:
        return None, say("The case did not exist yet on that day; nobody could see it.")
    return then, None


def _capacities(connection: Connection, day: str, until: str | None) -> list[Principal]:
    """Return every capacity in which somebody could work on a day, by organisation and name."""
    a, o = role_assignments.c, officers.c
    works = o.disabled_at.is_(None)
    rows = connection.execute(
        select(
            a.officer,
            a.organisation,
            a.role,
            o.name,
            o.sort_key,
            func.max(a.clearance).label("clearance"),
        )
        .join(officers, o.handle == a.officer)
        .where(
            a.valid_from <= day,
            or_(a.valid_to.is_(None), a.valid_to >= day),
            works if until is None else or_(works, o.disabled_at > until),
        )
        .group_by(a.officer, a.organisation, a.role, o.name, o.sort_key)
    ).all()
    return [
        Principal(
            row.officer,
            row.name,
            Role(row.role),
            row.organisation,
            "",
            clearance=row.clearance,
        )
        for row in sorted(rows, key=lambda row: (row.organisation, row.sort_key, row.role))
    ]


def _in_place_of_others(
    connection: Connection, capacities: Sequence[Principal], day: str, until: str | None
) -> list[Principal]:
    """Return in which capacities substitutes could work on a day, as it was known at its end."""
    held = {(one.officer, one.organisation, one.role): one for one in capacities}
    namings = namings_as_of(connection, day, until)
    away = away_as_of(connection, day, until)
    found = []
    for one in stand_ins(namings, away, day):
        absent = held.get((one.absent, one.organisation, one.role))
        own = [_works_as(held, link) for link in one.links]
        if absent is None or not all(own):
            continue
        me = own[-1][0]  # the role that they have themself, for which they were named
        found.append(
            replace(
                me,
                role=one.role,
                clearance=min(absent.clearance, me.clearance),
                on_behalf_of=one.absent,
                on_behalf_name=absent.name,
                form=one.form,
                between=one.between,
                case_types=one.case_types,
            )
        )
    return found


def _works_as(held: Mapping[tuple[str, str, Role], Principal], link: Naming) -> list[Principal]:
    """Return in which capacities of the same kind somebody works who was named."""
    return [
        one
        for role in sorted(SUBSTITUTED)
        if link.like(link.organisation, role)
        and (one := held.get((link.substitute, link.organisation, role))) is not None
    ]


def _named(one: Principal) -> str | Title:
    """Return the name of a capacity: both where it is in somebody's place."""
    if one.on_behalf_of is None or one.form is None:
        return one.name
    names = {one.officer: one.name, one.on_behalf_of: one.on_behalf_name or ""}
    return both_names(
        names, one.officer, one.on_behalf_of, {(one.officer, one.on_behalf_of): one.form}
    )


def _who_sees(
    connection: Connection, capacities: Sequence[Principal], matter: Matter
) -> tuple[Reader, ...]:
    """Ask the policy of everybody."""
    seeing = [
        (one, seen_as)
        for one in capacities
        if (seen_as := relation(one, matter)) is not Relation.NONE
    ]
    names = names_of_organisations(connection, {one.organisation for one, _ in seeing})
    return tuple(
        Reader(one.officer, _named(one), one.role, names[one.organisation], seen_as, WHY[seen_as])
        for one, seen_as in seeing
    )


def _who_took_part(connection: Connection, case: str, until: str | None) -> frozenset[str]:
    """Return who did something in the case, or had it done in their name, but for supervising."""
    e = history.entries.c
    wanted = [e.case_handle == case, e.role != Role.SUPERVISOR.value]
    if until is not None:
        wanted.append(e.at <= until)
    with standing.on_purpose(connection, standing.Purpose.WHOLE_HISTORY):
        rows = connection.execute(select(e.officer, e.on_behalf_of).distinct().where(*wanted))
        return frozenset(name for row in rows for name in row if name is not None)


def _who_is_kept_away(
    connection: Connection, capacities: Sequence[Principal], matter: Matter
) -> tuple[KeptAway, ...]:
    """Ask the policy who would see the case by their role and does not."""
    kept = [
        one
        for one in capacities
        if relation_by_role(one, matter) is not Relation.NONE
        and (matter.case_type is None or matter.case_type in one.case_types)
        and relation(one, matter) is Relation.NONE
    ]
    names = names_of_organisations(connection, {one.organisation for one in kept})
    return tuple(
        KeptAway(
            _named(one),
            one.role,
            names[one.organisation],
            _kept_because(one, matter),
        )
        for one in kept
    )


def _kept_because(one: Principal, matter: Matter) -> Sentence:
    if not set(one.persons).isdisjoint(matter.recused):
        return _RECUSED
    return _TOOK_PART if is_cleared(one.officer, one.clearance, matter) else _RESTRICTED


_RECUSED = say("declared a conflict of interest")
_RESTRICTED = say("the case is restricted")
_TOOK_PART = say("took part in it and so does not supervise it")


def _lines(
    principal: Principal, handle: str, until: str | None, *, whole: bool
) -> ColumnElement[bool]:
    """Return the clause that keeps a query on the ledger to what the reader may know of.

    A unit and a body know what their own officers looked at. Whoever sees every opinion knows the
    rest, but not what a body's officers looked at before it signed: who works on its answer, and
    when, is the body's own affair, as it is in the history.
    """
    r, c, o = reads.c, consultations.c, opinions.c
    wanted = [r.case_handle == handle]
    if until is not None:
        wanted.append(r.at <= until)
    if not whole:
        return and_(*wanted, r.organisation == principal.organisation)
    signed = (
        exists()
        .where(o.consultation == c.handle, o.signed_at <= r.at)
        .correlate(reads, consultations)
    )
    answering = (
        exists()
        .where(
            c.case_handle == r.case_handle, c.body == r.organisation, c.asked_at <= r.at, ~signed
        )
        .correlate(reads)
    )
    return and_(*wanted, or_(r.role.not_in([one.value for one in BODY_ROLES]), ~answering))


def looks_before(connection: Connection, principal: Principal, handle: str, at: str) -> list[Look]:
    """Return every look at a case before a moment, oldest first; for whoever sees every opinion."""
    lines = and_(_lines(principal, handle, None, whole=True), reads.c.at < at)
    rows = connection.execute(select(reads).where(lines).order_by(reads.c.at, reads.c.number)).all()
    people = {row.officer for row in rows} | {row.on_behalf_of for row in rows} - {None}
    names = names_of_officers(connection, people)
    places = names_of_organisations(connection, {row.organisation for row in rows})
    return [_look(row, names, places) for row in rows]


def _looks(connection: Connection, lines: ColumnElement[bool], after: str | None) -> Page[Look]:
    """Return a page of the ledger, newest first."""
    r = reads.c
    mark = read_mark(after, 2)
    beyond: ColumnElement[bool] = true()
    if mark is not None:
        at, number = mark
        if not number.isdigit() or len(number) > LONGEST_NUMBER:
            raise Unacceptable(
                say("This link leads to no page of the list. Begin at its first page.")
            )
        beyond = tuple_(r.at, r.number) < (at, int(number))
    rows = connection.execute(
        select(reads).where(lines, beyond).order_by(r.at.desc(), r.number.desc()).limit(PAGE + 1)
    ).all()
    people = {row.officer for row in rows} | {row.on_behalf_of for row in rows} - {None}
    names = names_of_officers(connection, people)
    places = names_of_organisations(connection, {row.organisation for row in rows})
    return paged(
        rows,
        PAGE,
        after,
        lambda row: (row.at, str(row.number)),
        lambda row: _look(row, names, places),
    )


def _look(row: Any, names: Mapping[str, str], places: Mapping[str, Title]) -> Look:  # noqa: ANN401  # a row
    return Look(
        at=row.at,
        name=names.get(row.officer, row.officer),
        on_behalf_of=names.get(row.on_behalf_of) if row.on_behalf_of else None,
        role=Role(row.role),
        organisation=places.get(row.organisation, Title(vi=row.organisation, en=row.organisation)),
        how=How(row.how) if row.how else None,
        groups=tuple(Group(word) for word in row.fields.split()),
        purpose=Purpose(row.purpose) if row.purpose in set(Purpose) else row.purpose,
        method=row.method,
    )
