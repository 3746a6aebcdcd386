"""Keep officers: enter them, entrust them with roles for a time, and let them in."""

from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import timedelta
from os import cpu_count
from unicodedata import normalize

from sqlalchemy import Connection, insert, select, update

from vetting.engine.calendar import refuse_no_day
from vetting.engine.names import sort_key
from vetting.engine.policy import PROVED_FOR, Action, Principal, may, proven
from vetting.engine.refusals import Forbidden, OutOfTurn, Unacceptable, Unknown
from vetting.engine.role_proposals import RoleProposal
from vetting.engine.sentences import say
from vetting.engine.vocabulary import KIND_OF_ROLE, Role
from vetting.records import factors, sessions
from vetting.records.database import Database, on_clash
from vetting.records.guessable_passwords import is_guessable
from vetting.records.identity import Ids
from vetting.records.officer_changes import (
    ENTERED,
    PASSWORD,
    OfficerChange,
    note_officer_changes,
)
from vetting.records.officers import NO_PASSWORD, hold_officers, officers, role_assignments
from vetting.records.organisations import organisation_kinds
from vetting.records.passwords import LONGEST, Passwords
from vetting.records.role_changes import GIVEN, RoleChange, note_role_changes
from vetting.records.role_proposals import Hand, note_proposals, waiting_of
from vetting.records.standing import Purpose
from vetting.records.triggers import OWN_RIGHTS
from vetting.usecases.sign_in import LONGEST_LOGIN, written_login

SHORTEST_PASSWORD = 12
LANGUAGES = ("vi", "en")

# What an administrator is told who wants to change what they may do themself.
OF_ANOTHER = say("Your own rights are given and withdrawn by another administrator.")
on_clash(OWN_RIGHTS, Unacceptable(OF_ANOTHER))


class LoginTaken(OutOfTurn):
    """The log-in is another officer's."""


class BadLogin(Unacceptable):
    """What was given is no log-in."""


class BadName(Unacceptable):
    """What was given is no name."""


class BadPassword(Unacceptable):
    """The password is too short, too long, or easy to guess."""


class RoleHeld(OutOfTurn):
    """The officer has the role already."""


class BadRole(Unacceptable):
    """There is no such role in an organisation of this kind."""


_TAKEN = LoginTaken(say("Another officer has this log-in."))
on_clash("uq_officers_login", _TAKEN)
on_clash("officers.login", _TAKEN)
_HELD = RoleHeld(say("The officer has this role already."))
on_clash("pk_role_assignments", _HELD)
on_clash("role_assignments.officer", _HELD)


@dataclass(frozen=True)
class Assignment:
    """A role for an organisation, for a time; without dates it has no end."""

    role: Role
    organisation: str
    valid_from: str = ""
    valid_to: str | None = None
    clearance: int = 0  # the highest level of restricted cases that they may know of in it


@dataclass(frozen=True)
class NewOfficer:
    """Somebody who is to get a log-in. Without a password nobody can sign in as them."""

    login: str
    name: str
    password: str | None
    assignments: tuple[Assignment, ...] = ()
    language: str = "vi"
    robot: bool = False


@dataclass(frozen=True)
class Keeper:
    """Who keeps officers: an administrator, or nobody but who runs a command on the machine."""

    database: Database
    ids: Ids
    by: Principal | None
    proved_for: timedelta = PROVED_FOR
    # In whose name a command hands back what somebody who leaves had in hand.
    named: Principal | None = None

    @property
    def whoever(self) -> Principal | None:
        """In whose name it is done; nobody's: it is in force at once, as done on the machine."""
        return self.by or self.named

    def hand(self, action: Action = Action.KEEP_OFFICERS) -> Hand:
        """Return whose hand it is, with what they proved last."""
        if self.by is not None:
            by = proven(self.by, action, self.ids.clock(), self.proved_for)
            return Hand(by.officer, by.method, by.session)
        if self.named is None:
            raise Unacceptable(say("Say with --by which administrator does this."))
        return Hand(self.named.officer, self.named.method, None)

    @contextmanager
    def keeping(
        self, officer: str | None = None, action: Action = Action.KEEP_OFFICERS
    ) -> Iterator[Connection]:
        """Write one change, by whoever may and has proved a moment ago that it is them.

        Nobody gives anything to themself, or takes anything from themself: *officer* is another.
        """
        if self.by is not None:
            if not may(self.by, action):
                raise Forbidden(say("Your role does not allow this."))
            proven(self.by, action, self.ids.clock(), self.proved_for)
        for one in (self.by, self.named):
            if one is not None and one.officer == officer:
                raise Unacceptable(OF_ANOTHER)
        # What somebody who leaves has in hand goes back, and no step is left to nobody, in cases of
        # which the keeper need not know.
        with self.database.writing(standing=Purpose.STAFFING) as connection:
            if self.by is not None and officer is not None:  # else two who do it to each other wait
                hold_officers(connection, (self.by.officer, officer))
            yield connection
            if self.by is not None:
                sessions.refuse_ended(connection, self.by, self.ids.today())

    def done_to(self, officer: str, kind: str, value: str = "") -> OfficerChange:
        """Return what is kept of what is done to an account, now and by this keeper."""
        by = self.whoever
        return OfficerChange(
            self.ids.handle(),
            officer,
            kind,
            value,
            by.officer if by else None,
            self.by.session if self.by else None,
            self.ids.now(),
        )

    def change_of(self, officer: str, role: Assignment, kind: str, value: str) -> RoleChange:
        """Return what is kept of a change of a role, now and by this keeper."""
        by = self.whoever
        return RoleChange(
            self.ids.handle(),
            officer,
            role.organisation,
            role.role.value,
            kind,
            value,
            by.officer if by else None,
            self.by.session if self.by else None,
            self.ids.now(),
        )


def create_officer(keeper: Keeper, passwords: Passwords, officer: NewOfficer) -> str:
    """Enter an officer and return the handle."""
    return create_officers(keeper, passwords, [officer])[0]


def create_officers(keeper: Keeper, passwords: Passwords, new: Sequence[NewOfficer]) -> list[str]:
    """Enter many officers, all or none; return their handles in the same order.

    Their roles wait for a second administrator where one enters them.

    Whom an administrator enters chooses a password of their own first; who is entered on the
    machine itself is the first administrator, or typed it there.
    """
    ids = keeper.ids
    for officer in new:
        _check(officer)
    with ThreadPoolExecutor(cpu_count() or 1) as several:
        hashes = list(several.map(lambda officer: _hash(passwords, officer), new))
    handles = [ids.handle() for _ in new]
    rows = [
        {
            "handle": handle,
            "login": written_login(officer.login),
            "name": checked_name(officer.name),
            "sort_key": sort_key(checked_name(officer.name)),
            "password_hash": kept,
            "language": officer.language,
            "robot": int(officer.robot),
            "password_given_at": ids.now() if keeper.by and officer.password else None,
        }
        for handle, officer, kept in zip(handles, new, hashes, strict=True)
    ]
    with keeper.keeping() as connection:
        if rows:
            connection.execute(insert(officers), rows)
        note_officer_changes(
            connection,
            [
                keeper.done_to(handle, ENTERED, written_login(officer.login))
                for handle, officer in zip(handles, new, strict=True)
            ],
        )
        _assign(
            keeper,
            connection,
            [
                (handle, assignment)
                for handle, officer in zip(handles, new, strict=True)
                for assignment in officer.assignments
            ],
        )
    return handles


def assign_role(keeper: Keeper, officer: str, assignment: Assignment) -> None:
    """Entrust an officer with one more role; by an administrator, once a second one confirms it."""
    with keeper.keeping(officer) as connection:
        refuse_unknown(connection, officer)
        _assign(keeper, connection, [(officer, assignment)])


def change_password(keeper: Keeper, passwords: Passwords, officer: str, password: str) -> None:
    """Give an officer another password; every session ends.

    Until they have chosen one of their own, it opens nothing else.
    """
    c = officers.c
    with keeper.database.reading() as connection:
        found = connection.execute(select(c.login, c.name).where(c.handle == officer)).first()
    if found is None:
        raise Unknown(say("There is no such officer."))
    check_password(password, found.login, found.name)
    kept = passwords.hash(normalize("NFC", password))
    with keeper.keeping(officer) as connection:
        keep_given(keeper, connection, officer, kept)


def keep_given(
    keeper: Keeper, connection: Connection, officer: str, kept: str, change: str | None = None
) -> None:
    """Keep a password that was given to an officer; every session of theirs ends.

    *change* is the handle under which that is written down; None: a new one.
    """
    now = keeper.ids.now()
    connection.execute(
        update(officers)
        .where(officers.c.handle == officer)
        .values(password_hash=kept, password_given_at=now)
    )
    done = keeper.done_to(officer, PASSWORD)
    note_officer_changes(connection, [replace(done, handle=change) if change else done])
    sessions.end_all_of(connection, officer, now)


def reset_factors(keeper: Keeper, officer: str) -> None:
    """Take off all second factors of an officer who has lost them; every session ends at once.

    From then on their password alone lets them in, and tells them that this was done.
    """
    with keeper.keeping(officer) as connection:
        refuse_unknown(connection, officer)
        sessions.password_now(connection, officer)  # who changes the same has to wait for us
        if not factors.has_factor(connection, officer):
            raise OutOfTurn(say("The officer has no second factor."))
        factors.remove_all_of(connection, officer)
        now = keeper.ids.now()
        factors.note_reset(connection, officer, now, keeper.by.officer if keeper.by else None)
        sessions.end_all_of(connection, officer, now)


def _assign(
    keeper: Keeper, connection: Connection, wanted: Sequence[tuple[str, Assignment]]
) -> None:
    """Give roles: at once on the machine itself; by an administrator, once a second one confirms.

    What a second one could not confirm is refused to the first.
    """
    refuse_senseless(connection, [assignment for _, assignment in wanted], keeper.ids.today())
    if keeper.whoever is None:
        put_in_force(connection, wanted)
        note_role_changes(
            connection,
            [keeper.change_of(officer, one, GIVEN, term(one)) for officer, one in wanted],
        )
    else:
        for officer, one in wanted:
            if has_role(connection, officer, one):
                raise _HELD
        propose_roles(keeper, connection, GIVEN, wanted)


def propose_roles(
    keeper: Keeper, connection: Connection, kind: str, wanted: Sequence[tuple[str, Assignment]]
) -> None:
    """Write down what an administrator gives, for a second one to confirm; once, while it waits."""
    hand, at = keeper.hand(), keeper.ids.now()
    waits = {
        (one.officer, one.organisation, one.role, one.valid_from, one.kind)
        for found in waiting_of(connection, {officer for officer, _ in wanted}).values()
        for one in found
    }
    for officer, one in wanted:
        if (officer, one.organisation, one.role, one.valid_from, kind) in waits:
            raise RoleHeld(say("This waits for a second administrator already."))
    note_proposals(
        connection,
        [
            RoleProposal(
                keeper.ids.handle(),
                officer,
                one.organisation,
                one.role,
                kind,
                one.valid_from,
                one.valid_to,
                one.clearance,
                hand.officer,
                at,
            )
            for officer, one in wanted
        ],
        hand,
    )


def put_in_force(connection: Connection, given: Sequence[tuple[str, Assignment]]) -> None:
    """Entrust officers with roles, from now on."""
    rows = [
        {
            "officer": officer,
            "organisation": one.organisation,
            "role": one.role.value,
            "valid_from": one.valid_from,
            "valid_to": one.valid_to,
            "clearance": one.clearance,
        }
        for officer, one in given
    ]
    if rows:
        connection.execute(insert(role_assignments), rows)


def term(given: Assignment) -> str:
    """Return what is kept of a role that was given: first day, last day, level."""
    return f"{given.valid_from}/{given.valid_to or ''}/{given.clearance}"


def has_role(connection: Connection, officer: str, wanted: Assignment) -> bool:
    """Tell whether an officer has a role from the same day on already."""
    a = role_assignments.c
    found = select(a.officer).where(
        a.officer == officer,
        a.organisation == wanted.organisation,
        a.role == wanted.role.value,
        a.valid_from == wanted.valid_from,
    )
    return connection.scalar(found) is not None


def refuse_senseless(connection: Connection, wanted: Sequence[Assignment], today: str) -> None:
    """Refuse a role that an organisation does not have, or that nobody would ever have.

    That is one that is over before it begins, or over already.
    """
    kinds = _kinds(connection, {assignment.organisation for assignment in wanted})
    for assignment in wanted:
        known = kinds.get(assignment.organisation)
        if known is None:
            raise Unknown(say("There is no organisation “%(code)s”.", code=assignment.organisation))
        kind = KIND_OF_ROLE[assignment.role]
        if kind.value not in known:
            raise BadRole(
                say(
                    "“%(role)s” is a role in another kind of organisation: %(kind)s.",
                    role=assignment.role,
                    kind=kind,
                )
            )
        refuse_no_day(assignment.valid_from or None, assignment.valid_to)
        if assignment.valid_to is not None and assignment.valid_to < assignment.valid_from:
            raise Unacceptable(say("A role cannot end before it begins."), "valid_to")
        if assignment.valid_to is not None and assignment.valid_to < today:
            raise Unacceptable(say("This role would be over already."), "valid_to")


def _kinds(connection: Connection, codes: set[str]) -> dict[str, set[str]]:
    kinds: dict[str, set[str]] = {}
    c = organisation_kinds.c
    for row in connection.execute(select(c.organisation, c.kind)):
        if row.organisation in codes:
            kinds.setdefault(row.organisation, set()).add(row.kind)
    return kinds


def refuse_unknown(connection: Connection, officer: str) -> None:
    """Refuse what is said of nobody."""
    found = connection.scalar(select(officers.c.handle).where(officers.c.handle == officer))
    if found is None:
        raise Unknown(say("There is no such officer."))


def _check(officer: NewOfficer) -> None:
    login, _ = checked_login(officer.login), checked_name(officer.name)
    if officer.language not in LANGUAGES:
        raise Unacceptable(say("There is no such language here."))
    if officer.password is not None:
        check_password(officer.password, login, officer.name)


def checked_login(login: str) -> str:
    """Return a log-in as it is kept, or refuse what is none."""
    written = written_login(login)
    if not written or len(written) > LONGEST_LOGIN or not written.isprintable() or " " in written:
        raise BadLogin(
            say("A log-in is one word of at most %(most)s characters.", most=LONGEST_LOGIN)
        )
    return written


def checked_name(name: str) -> str:
    """Return a name as it is kept, or refuse what is none."""
    written = " ".join(normalize("NFC", name).split())
    if not written:
        raise BadName(say("An officer needs a name."))
    return written


def check_password(password: str, login: str, name: str) -> None:
    """Refuse a password that is too short, too long, or easy to guess for whoever knows of whom."""
    if not SHORTEST_PASSWORD <= len(password) <= LONGEST:
        raise BadPassword(
            say(
                "A password has %(least)s to %(most)s characters.",
                least=SHORTEST_PASSWORD,
                most=LONGEST,
            )
        )
    if is_guessable(password, (login, name)):
        raise BadPassword(
            say(
                "This password is easy to guess. Take several words that have nothing to do with "
                "each other: no names, dates or places, and no common password."
            )
        )


def _hash(passwords: Passwords, officer: NewOfficer) -> str:
    if officer.password is None:
        return NO_PASSWORD
    return passwords.hash(normalize("NFC", officer.password))
