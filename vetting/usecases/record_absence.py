"""Record an absence: who is away from when to when, and who acts in their place.

Whoever is away records it, or the administrator does. Nothing is written down that would leave
open steps to nobody, or that would let a chain of substitutes end where it began.
"""

from collections.abc import Collection, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta

from sqlalchemy import ColumnElement, Connection, func, insert, select, update

from vetting.engine.calendar import is_day
from vetting.engine.notices import NAMED, NAMED_NO_MORE
from vetting.engine.policy import PROVED_FOR, Principal, refuse_unproven
from vetting.engine.reading import Definitions
from vetting.engine.refusals import Forbidden, OutOfTurn, Unacceptable, Unknown
from vetting.engine.sentences import say
from vetting.engine.staffing import END_OF_TIME, Entrusted, Staff
from vetting.engine.substitutes import EVERY_TYPE, SUBSTITUTED, Form, Naming, circle, reached
from vetting.engine.vocabulary import KIND_OF_ROLE, CaseType, Role
from vetting.records.absences import absences, namings_at, substitutions, written_types
from vetting.records.database import Database, Row
from vetting.records.identity import Ids
from vetting.records.officers import officers, role_assignments
from vetting.records.outbox import tell_of_naming
from vetting.records.sessions import refuse_ended
from vetting.records.stranding import (
    Absent,
    Named,
    NamingRevoked,
    hold_staff,
    places_of,
    refuse_stranding,
)
from vetting.usecases.keep_officers import OF_ANOTHER


@dataclass(frozen=True)
class Place:
    """What somebody is to do in place of whoever is away."""

    organisation: str
    role: Role
    substitute: str
    form: Form
    case_types: frozenset[CaseType] = EVERY_TYPE


@dataclass(frozen=True)
class Absence:
    """When somebody is away, and who acts in their place."""

    officer: str
    first: str
    last: str
    places: tuple[Place, ...] = ()


def record_absence(
    database: Database,
    ids: Ids,
    definitions: Definitions,
    by: Principal,
    absence: Absence,
    *,
    proved_for: timedelta = PROVED_FOR,
    in_session: bool = False,
) -> str:
    """Write an absence down and return its handle."""
    _refuse_strangers(by, absence.officer)
    if absence.places or by.officer != absence.officer:
        refuse_unproven(by, ids.clock(), proved_for)
    _check_days(absence, ids.today())
    handle = ids.handle()
    namings = _namings(ids, absence)
    with _writing(database, ids, by, in_session=in_session) as connection:
        hold_staff(connection, places_of(connection, absence.officer))
        _refuse_second(connection, absence)
        _check(connection, by, namings)
        change = Absent(
            absence.first, absence.last, officer=absence.officer, namings=tuple(namings)
        )
        refuse_stranding(connection, definitions, change)
        connection.execute(
            insert(absences),
            {
                "handle": handle,
                "officer": absence.officer,
                "first_day": absence.first,
                "last_day": absence.last,
                "recorded_by": by.officer,
                "recorded_at": ids.now(),
            },
        )
        _write(connection, ids, by, handle, namings)
        _tell(connection, ids, by, NAMED, namings)
    return handle


def name_substitute(  # noqa: PLR0913  # the absence, the place, and in which session
    database: Database,
    ids: Ids,
    definitions: Definitions,
    by: Principal,
    absence: str,
    place: Place,
    *,
    proved_for: timedelta = PROVED_FOR,
    in_session: bool = False,
) -> None:
    """Name one more substitute for an absence that is written down."""
    refuse_unproven(by, ids.clock(), proved_for)
    with _writing(database, ids, by, in_session=in_session) as connection:
        known = _known(connection, by, absence, ids.today())
        away = Absence(known["officer"], known["first_day"], known["last_day"], (place,))
        namings = _namings(ids, away)
        _check(connection, by, namings)
        change = Named(
            max(away.first, ids.today()),
            away.last,
            officer=away.officer,
            namings=tuple(namings),
        )
        refuse_stranding(connection, definitions, change)
        _write(connection, ids, by, absence, namings)
        _tell(connection, ids, by, NAMED, namings)


def revoke_substitute(
    database: Database,
    ids: Ids,
    definitions: Definitions,
    by: Principal,
    naming: str,
    *,
    proved_for: timedelta = PROVED_FOR,
    in_session: bool = False,
) -> None:
    """Let somebody act for another no more; their sessions in that capacity end at once."""
    refuse_unproven(by, ids.clock(), proved_for)
    s = substitutions.c
    with _writing(database, ids, by, in_session=in_session) as connection:
        row = connection.execute(select(s.absence, s.absent).where(s.handle == naming)).first()
        if row is None:
            raise Unknown(say("There is no such absence."))
        known = _known(connection, by, row.absence, ids.today())
        change = NamingRevoked(
            max(known["first_day"], ids.today()),
            known["last_day"],
            officer=row.absent,
            naming=naming,
        )
        refuse_stranding(connection, definitions, change)
        ended = _live(connection, s.handle == naming, known["first_day"])
        _tell(connection, ids, by, NAMED_NO_MORE, ended)
        connection.execute(
            update(substitutions)
            .where(s.handle == naming, s.revoked_at.is_(None))
            .values(revoked_by=by.officer, revoked_at=ids.now())
        )


def end_absence(
    database: Database,
    ids: Ids,
    by: Principal,
    absence: str,
    *,
    proved_for: timedelta = PROVED_FOR,
    in_session: bool = False,
) -> None:
    """Write down that somebody is back before the last day; nobody acts for them any more."""
    with _writing(database, ids, by, in_session=in_session) as connection:
        if _known(connection, by, absence, ids.today())["officer"] != by.officer:
            refuse_unproven(by, ids.clock(), proved_for)
        ended = _live(connection, substitutions.c.absence == absence, ids.today())
        _tell(connection, ids, by, NAMED_NO_MORE, ended)
        connection.execute(
            update(absences)
            .where(absences.c.handle == absence)
            .values(ended_by=by.officer, ended_at=ids.now())
        )


def note_read(
    database: Database, ids: Ids, by: Principal, absence: str, *, in_session: bool = False
) -> None:
    """Write down that an officer has read what was done in their name while they were away."""
    a = absences.c
    with _writing(database, ids, by, in_session=in_session) as connection:
        done = connection.execute(
            update(absences)
            .where(a.handle == absence, a.officer == by.officer)
            .values(seen_at=func.coalesce(a.seen_at, ids.now()))
        )
        if not done.rowcount:
            raise Unknown(say("There is no such absence."))


@contextmanager
def _writing(
    database: Database, ids: Ids, by: Principal, *, in_session: bool
) -> Iterator[Connection]:
    """Write, unless the log-in session it was asked in has ended, or lost its capacity, meanwhile.

    It is asked last: until then this may have waited long for what it locks.
    """
    with database.writing() as connection:
        yield connection
        if in_session:
            refuse_ended(connection, by, ids.today())


def _refuse_strangers(by: Principal, officer: str) -> None:
    if by.officer != officer and by.role is not Role.ADMINISTRATOR:
        raise Forbidden(say("Only whoever is away, or the administrator, can write this down."))


def _check_days(absence: Absence, today: str) -> None:
    for day in (absence.first, absence.last):
        if not is_day(day):
            raise Unacceptable(say("There is no such day."))
    if absence.first < today:
        raise Unacceptable(say("An absence cannot begin in the past."), "first_day")
    if absence.last < absence.first:
        raise Unacceptable(say("An absence cannot end before it begins."), "last_day")


def _refuse_second(connection: Connection, absence: Absence) -> None:
    o, a = officers.c, absences.c
    found = connection.execute(
        select(o.handle).where(o.handle == absence.officer, o.disabled_at.is_(None), o.robot == 0)
    ).first()
    if found is None:
        raise Unknown(say("There is no such officer."))
    other = connection.execute(
        select(a.first_day, a.last_day).where(
            a.officer == absence.officer,
            a.ended_at.is_(None),
            a.first_day <= absence.last,
            a.last_day >= absence.first,
        )
    ).first()
    if other is not None:
        raise Unacceptable(
            say(
                "There is already an absence from %(first)s to %(last)s. End it first, or choose "
                "other days.",
                first=_written(other.first_day),
                last=_written(other.last_day),
            ),
            "first_day",
        )


def _written(day: str) -> str:
    return "/".join(reversed(day.split("-")))


def _known(connection: Connection, by: Principal, absence: str, today: str) -> Row:
    """Return an absence that is not over, for whom it may concern."""
    a = absences.c
    officer = connection.scalar(select(a.officer).where(a.handle == absence))
    if officer is None or (by.officer != officer and by.role is not Role.ADMINISTRATOR):
        raise Unknown(say("There is no such absence."))
    _refuse_strangers(by, officer)
    hold_staff(connection, places_of(connection, officer))
    row = connection.execute(select(absences).where(a.handle == absence)).mappings().one()
    if row["ended_at"] is not None or row["last_day"] < today:
        raise OutOfTurn(say("This absence is over."))
    return row


def _namings(ids: Ids, absence: Absence) -> list[Naming]:
    return [
        Naming(
            ids.handle(),
            absence.officer,
            place.substitute,
            place.organisation,
            place.role,
            absence.first,
            absence.last,
            place.case_types,
            place.form,
        )
        for place in absence.places
    ]


def _check(connection: Connection, by: Principal, new: Sequence[Naming]) -> None:
    """Refuse substitutes who cannot be, one after the other.

    A naming gives a role for some days: like a role, nobody gives it to themself, not at the end
    of a chain either.
    """
    if not new:
        return
    places = {one.organisation for one in new}
    staff = _staff(connection, places)
    taken = namings_at(connection, places, min(one.first for one in new))
    for number, one in enumerate(new):
        try:
            _check_one(connection, by, staff, one, taken)
        except Unacceptable as refusal:
            refusal.about = str(number)  # of the substitutes, in the order in which they are named
            raise
        taken.append(one)


def _check_one(
    connection: Connection, by: Principal, staff: Staff, one: Naming, taken: Collection[Naming]
) -> None:
    _check_people(staff, one, taken)
    if by.officer != one.absent and by.officer in reached(taken, one):
        raise Unacceptable(OF_ANOTHER)
    for other in taken:
        same = (other.absent, other.organisation, other.role) == (
            one.absent,
            one.organisation,
            one.role,
        )
        meet = other.first <= one.last and one.first <= other.last
        if same and meet and other.case_types & one.case_types:
            raise Unacceptable(
                say("For one role and one case type only one substitute can be named.")
            )
    if found := circle(taken, one):
        raise Unacceptable(
            say(
                "This would close a circle of substitutes: %(people)s.",
                people=" → ".join(_names(connection, found)),
            )
        )


def _check_people(staff: Staff, one: Naming, taken: Collection[Naming]) -> None:
    if one.substitute == one.absent:
        raise Unacceptable(say("Nobody can be their own substitute."))
    if one.role not in SUBSTITUTED:
        raise Unacceptable(
            say("Nobody stands in for an administrator; give the role to somebody instead.")
        )
    if not one.case_types:
        raise Unacceptable(say("Choose for which case types."))
    # What they act in for somebody else they pass on by naming it, and not with their own role.
    left_to_them = [
        other for other in taken if one.passes_on(other) and other.case_types >= one.case_types
    ]
    if not all(
        any(e.officer == one.absent and e.role is one.role and e.on(day) for e in staff.entrusted)
        or any(other.on(day) for other in left_to_them)
        for day in _days(staff, one, left_to_them)
    ):
        raise Unacceptable(say("Whoever is away does not have this role on all these days."))
    kind = KIND_OF_ROLE[one.role]
    works = (
        any(
            e.officer == one.substitute
            and e.role in SUBSTITUTED
            and KIND_OF_ROLE[e.role] is kind
            and e.on(day)
            for e in staff.entrusted
        )
        for day in _days(staff, one, ())
    )
    if not all(works):
        raise Unacceptable(
            say(
                "A substitute must work in the same organisation, in a role of the same kind, on "
                "every day of the absence."
            )
        )


def _days(staff: Staff, one: Naming, left_to_them: Collection[Naming]) -> Iterator[str]:
    """Yield the days within an absence on which somebody's role begins or has ended."""
    here = [
        entrusted
        for entrusted in staff.entrusted
        if entrusted.organisation == one.organisation
        and entrusted.officer in {one.absent, one.substitute}
    ]
    yield from Staff(here, namings=left_to_them).turning_days(one.first, one.last)


def _staff(connection: Connection, places: Collection[str]) -> Staff:
    a, o = role_assignments.c, officers.c
    rows = connection.execute(
        select(a.officer, a.organisation, a.role, a.valid_from, a.valid_to)
        .join(officers, o.handle == a.officer)
        .where(a.organisation.in_(sorted(places)), o.disabled_at.is_(None), o.robot == 0)
    )
    return Staff(
        [
            Entrusted(
                row.officer,
                row.organisation,
                Role(row.role),
                row.valid_from,
                row.valid_to or END_OF_TIME,
            )
            for row in rows
        ]
    )


def _names(connection: Connection, people: Sequence[str]) -> list[str]:
    o = officers.c
    rows = connection.execute(select(o.handle, o.name).where(o.handle.in_(people)))
    names = {row.handle: row.name for row in rows}
    return [names[one] for one in people]


def _write(
    connection: Connection, ids: Ids, by: Principal, absence: str, namings: Sequence[Naming]
) -> None:
    if not namings:
        return
    connection.execute(
        insert(substitutions),
        [
            {
                "handle": one.handle,
                "absence": absence,
                "absent": one.absent,
                "organisation": one.organisation,
                "role": one.role.value,
                "substitute": one.substitute,
                "form": one.form.value,
                "case_types": written_types(one.case_types),
                "named_by": by.officer,
                "named_at": ids.now(),
            }
            for one in namings
        ],
    )


def _live(connection: Connection, wanted: ColumnElement[bool], since: str) -> list[Naming]:
    """Return the namings that hold so far."""
    s = substitutions.c
    rows = connection.execute(select(s.handle, s.organisation).where(wanted)).all()
    handles = {row.handle for row in rows}
    found = namings_at(connection, {row.organisation for row in rows}, since)
    return [one for one in found if one.handle in handles]


def _tell(
    connection: Connection, ids: Ids, by: Principal, on: str, namings: Sequence[Naming]
) -> None:
    """Tell whoever comes to act by these namings, or by them acts no more, within the act itself.

    Where the substitute is away too, whoever they named for it is told as well. Whoever writes it
    down knows of it.
    """
    if not namings:
        return
    first = min(one.first for one in namings)
    known = namings_at(connection, {one.organisation for one in namings}, first)
    for one in namings:
        people = reached(known, one) - {by.officer}
        tell_of_naming(
            connection, on, one.handle, one.organisation, people, ids.handle(), ids.now()
        )
