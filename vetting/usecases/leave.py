"""Leave: a role of an officer ends, they are cleared for less, or they are let in no more.

None of it leaves an open step to nobody, and what they had in hand goes back to their body.
"""

from dataclasses import replace

from sqlalchemy import Connection, and_, or_, select, update

from vetting.engine.calendar import refuse_no_day
from vetting.engine.casefile import HIGHEST_LEVEL
from vetting.engine.reading import Definitions
from vetting.engine.recuse import handed_back
from vetting.engine.refusals import OutOfTurn, Unacceptable, Unknown
from vetting.engine.sentences import say
from vetting.engine.staffing import BODY_ROLES, END_OF_TIME, day_after
from vetting.engine.vocabulary import Role
from vetting.records import sessions
from vetting.records.book import Book
from vetting.records.consultations import cases_in_hand
from vetting.records.officer_changes import DISABLED, note_officer_changes
from vetting.records.officers import administering, officers, role_assignments
from vetting.records.role_changes import CLEARED, ENDED, given_at, note_role_changes
from vetting.records.stranding import Cleared, Leaves, RoleEnds, refuse_stranding
from vetting.usecases.keep_officers import Assignment, Keeper, propose_roles, refuse_unknown


class BadLastDay(Unacceptable):
    """A role cannot have ended with that day."""


def end_role(
    keeper: Keeper,
    definitions: Definitions,
    officer: str,
    assignment: Assignment,
    last_day: str,
) -> None:
    """Let a role end after *last_day*, unless that would leave open steps to nobody.

    Where it is over today, what the officer had in hand in it goes back to the body; until a later
    last day it stays with them.
    """
    refuse_no_day(last_day)
    if last_day < assignment.valid_from:
        raise BadLastDay(say("A role cannot end before it begins."))
    with keeper.keeping(officer) as connection:
        today = keeper.ids.today()
        _refuse_before_given(keeper, connection, officer, assignment, last_day)
        if assignment.role is Role.ADMINISTRATOR and last_day < END_OF_TIME:
            next_day = max(day_after(last_day), today)
            _refuse_last_administrator(connection, officer, next_day, assignment)
        body = assignment.organisation
        goes_back = last_day <= today and not _stays(connection, officer, assignment, today)
        if goes_back:
            _hand_back(keeper, connection, definitions, officer, body)
        ending = RoleEnds(
            max(day_after(last_day), today),
            officer=officer,
            organisation=body,
            role=assignment.role,
        )
        if last_day < END_OF_TIME:  # no day is left on which a step would be open
            refuse_stranding(connection, definitions, ending)
        if change_role(connection, officer, assignment, valid_to=last_day):
            done = keeper.change_of(officer, assignment, ENDED, last_day)
            note_role_changes(connection, [done])


def _refuse_before_given(
    keeper: Keeper, connection: Connection, officer: str, ends: Assignment, last_day: str
) -> None:
    """Keep an administrator from ending a role on a day on which nobody had given it yet.

    Whoever runs the system may, on the machine itself, as for a role that was given by mistake.
    """
    if keeper.by is None:
        return
    at = given_at(connection, officer, ends.organisation, ends.role.value, ends.valid_from)
    if at is not None and last_day < keeper.ids.legal_day(at):
        raise BadLastDay(say("The last day cannot be before the role was given."))


def _refuse_last_administrator(
    connection: Connection, officer: str, day: str, ends: Assignment | None = None
) -> None:
    """Keep the last administrator who can sign in on a day from losing that, or that role.

    *ends* is the role that ends; none: all of them.
    """
    a = role_assignments.c
    stays = a.officer != officer
    if ends is not None:
        stays = or_(stays, a.organisation != ends.organisation, a.valid_from != ends.valid_from)
    administers = administering(day)
    mine = connection.scalar(administers.where(a.officer == officer).limit(1))
    if mine is not None and connection.scalar(administers.where(stays).limit(1)) is None:
        raise OutOfTurn(
            say(
                "This is the last administrator who can sign in. Give the role to somebody else "
                "first."
            )
        )


def disable_officer(keeper: Keeper, definitions: Definitions, officer: str) -> None:
    """Let an officer in no more; every session ends at once. What they did stays theirs.

    It is refused where it would leave open steps to nobody; what they had in hand goes back to
    their body.
    """
    with keeper.keeping(officer) as connection:
        refuse_unknown(connection, officer)
        _refuse_last_administrator(connection, officer, keeper.ids.today())
        _hand_back(keeper, connection, definitions, officer)
        leaving = Leaves(keeper.ids.today(), officer=officer)
        refuse_stranding(connection, definitions, leaving)
        done = connection.execute(
            update(officers)
            .where(officers.c.handle == officer, officers.c.disabled_at.is_(None))
            .values(disabled_at=keeper.ids.now())
        )
        if done.rowcount:
            note_officer_changes(connection, [keeper.done_to(officer, DISABLED)])
        sessions.end_all_of(connection, officer, keeper.ids.now())


def clear_officer(
    keeper: Keeper, definitions: Definitions, officer: str, assignment: Assignment, level: int
) -> bool:
    """Say up to which level of restricted cases an officer may know of them in a role.

    It is refused where it would leave open steps of restricted cases to nobody. What an
    administrator gives, a higher level, waits for a second one; what they take is taken at once.
    Tells whether it is in force.
    """
    if not 0 <= level <= HIGHEST_LEVEL:
        raise Unacceptable(say("Choose one of the levels that there are."))
    with keeper.keeping(officer) as connection:
        held = level_in(connection, officer, assignment)
        if keeper.whoever is not None and level > held:
            wanted = replace(assignment, valid_to=None, clearance=level)
            propose_roles(keeper, connection, CLEARED, [(officer, wanted)])
            return False
        refuse_stranding(
            connection,
            definitions,
            Cleared(
                keeper.ids.today(),
                officer=officer,
                organisation=assignment.organisation,
                role=assignment.role,
                since=assignment.valid_from,
                level=level,
            ),
        )
        if change_role(connection, officer, assignment, clearance=level):
            done = keeper.change_of(officer, assignment, CLEARED, str(level))
            note_role_changes(connection, [done])
    return True


def level_in(connection: Connection, officer: str, assignment: Assignment) -> int:
    """Return up to which level an officer is cleared in one of their roles."""
    a = role_assignments.c
    found: int | None = connection.scalar(
        select(a.clearance).where(
            a.officer == officer,
            a.organisation == assignment.organisation,
            a.role == assignment.role.value,
            a.valid_from == assignment.valid_from,
        )
    )
    if found is None:
        raise Unknown(say("The officer has no such role."))
    return found


def change_role(
    connection: Connection, officer: str, assignment: Assignment, **changed: str | int
) -> bool:
    """Change a role of an officer; tells whether it was any other before."""
    a = role_assignments.c
    this = and_(
        a.officer == officer,
        a.organisation == assignment.organisation,
        a.role == assignment.role.value,
        a.valid_from == assignment.valid_from,
    )
    other = or_(*(a[name].is_distinct_from(value) for name, value in changed.items()))
    done = connection.execute(update(role_assignments).where(this, other).values(**changed))
    if done.rowcount:
        return True
    if connection.scalar(select(a.officer).where(this)) is None:
        raise Unknown(say("The officer has no such role."))
    return False


def _stays(connection: Connection, officer: str, ending: Assignment, today: str) -> bool:
    """Tell whether an officer goes on answering for a body when one of their roles there ends."""
    a = role_assignments.c
    others = connection.execute(
        select(a.role, a.valid_from).where(
            a.officer == officer,
            a.organisation == ending.organisation,
            a.role.in_([role.value for role in BODY_ROLES]),
            a.valid_from <= today,
            or_(a.valid_to.is_(None), a.valid_to >= today),
        )
    )
    ends = (ending.role.value, ending.valid_from)
    return any((other.role, other.valid_from) != ends for other in others)


def _hand_back(
    keeper: Keeper,
    connection: Connection,
    definitions: Definitions,
    officer: str,
    body: str | None = None,
) -> None:
    """Give what an officer has in hand back to their bodies, or to one of them.

    A draft that was passed on for signing is no longer in their hand, and stays.
    """
    handles = cases_in_hand(connection, officer, body)
    if not handles:
        return
    by = keeper.by or keeper.named
    if by is None:
        raise OutOfTurn(
            say(
                "The officer still has questions in hand, in %(count)s cases. Say with --by which "
                "administrator gives them back to the body.",
                count=len(handles),
            )
        )
    book = Book(connection, by, definitions, keeper.ids, keeper.ids.now())
    for case in book.of_a_leaver(handles):
        for fact in list(handed_back(book.consulting, case, officer, body)):
            book.state(case.handle, fact)
    book.write()
