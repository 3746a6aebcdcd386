"""Sign in: prove who one is, and work in one capacity until the session ends.

Whoever is refused learns nothing: the answer and the work are the same for a log-in that does not
exist. Failures make the next attempt wait, by account and by source, and never more than a minute;
a browser from which the officer has signed in before waits for nobody else's failures.

Who has a second factor comes in by two steps. Whoever knows the password is half-way in, which
opens nothing; what failed is forgotten only when the second step is right as well.
"""

import secrets
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any, NamedTuple
from unicodedata import normalize

from sqlalchemy import Connection, update

from vetting.engine.canonical import digest, moment
from vetting.engine.devices import Seen
from vetting.engine.policy import PROVED_FOR
from vetting.engine.refusals import OutOfTurn, Refusal, Unacceptable
from vetting.engine.sentences import say
from vetting.engine.vocabulary import Role
from vetting.records import attempts, factors, half_sign_ins, sessions
from vetting.records.absences import written_types
from vetting.records.attempts import Failures
from vetting.records.database import Database
from vetting.records.factors import FactorKey
from vetting.records.half_sign_ins import HalfSignIn
from vetting.records.identity import Ids
from vetting.records.officers import officers
from vetting.records.passkeys import has_passkey
from vetting.records.passwords import LONGEST, Passwords
from vetting.records.sessions import Capacity, Session, token_hash
from vetting.records.standing import work_for
from vetting.usecases import prove_passkey
from vetting.usecases.prove_factor import BY_RECOVERY_CODE, is_shown_code
from vetting.usecases.prove_passkey import Answer, Site, prove_second

LONGEST_LOGIN = 64
COUNTED_FOR = timedelta(minutes=15)
KEPT_FOR = timedelta(days=1)
FREE_TRIES = 3  # of one log-in from one source
FREE_FOR_LOGIN = 10  # from everywhere
FREE_FOR_SOURCE = 50  # of every log-in: many officers share an address
LONGEST_WAIT = 60
LONGEST_FOR_LOGIN = 30
LONGEST_FOR_SOURCE = 10
HALF_WAY_FOR = timedelta(minutes=10)
TRIES_HALF_WAY = 5  # at the second step, before the password is asked for again
CODES_A_DAY = 50  # wrong ones of an officer, from browsers that the officer never came in from
BY_PASSWORD = "password"  # noqa: S105  # how it was proved who one is
BROWSER = "browser "


class NotRecognised(Unacceptable):
    """The log-in and the password do not belong together, or to nobody who may sign in."""

    def __init__(self) -> None:
        super().__init__(say("The log-in or the password is not right."))


class TooSoon(Refusal):
    """Too many attempts failed; the next one has to wait a little."""

    def __init__(self, seconds: int) -> None:
        super().__init__(
            say("Too many attempts. Wait %(seconds)s seconds and try again.", seconds=seconds)
        )
        self.seconds = seconds


class NoCapacity(Unacceptable):
    """The officer is who they say, but is entrusted with nothing today."""


class SecondStepWanted(Unacceptable):
    """The password was right; the officer has a second factor, which is asked for now."""

    def __init__(self, token: str) -> None:
        super().__init__(say("A second factor is needed to sign in."))
        self.token = token  # of what is half-way


class BeginAgain(Unacceptable):
    """Nothing is half-way any more."""

    def __init__(self) -> None:
        super().__init__(say("That took too long or too many tries. Begin with your password."))


class TooManyCodes(Unacceptable):
    """So many codes were wrong today that those of unknown browsers are not looked at."""

    def __init__(self) -> None:
        super().__init__(
            say(
                "Too many wrong codes were tried today. Use a recovery code, or a browser "
                "from which you have signed in before."
            )
        )


def _new_token() -> str:
    return secrets.token_urlsafe(32)


@dataclass(frozen=True)
class Door:
    """Where people come in, and how long they may stay."""

    database: Database
    passwords: Passwords
    ids: Ids = field(default_factory=Ids)
    idle: timedelta = timedelta(hours=8)
    longest: timedelta = timedelta(hours=12)
    noted_every: timedelta = timedelta(minutes=1)  # how exactly idleness is known
    new_token: Callable[[], str] = _new_token
    proved_for: timedelta = PROVED_FOR  # then a signature asks again
    factor_required: bool = False  # then nobody gives up their last
    # Without the installation's own secret it can open no authenticator's.
    key: FactorKey = field(default_factory=lambda: FactorKey(secrets.token_bytes(32)))


@dataclass(frozen=True)
class Attempt:
    """What somebody offers to get in."""

    login: str
    password: str
    source: str  # the address it comes from
    known_browser: str | None = None  # the mark of a browser that this log-in got in from before


@dataclass(frozen=True)
class Entered:
    """What somebody gets who got in. Only the browser keeps the token."""

    token: str
    officer: str
    login: str
    language: str
    codes_left: int | None = None  # told to whoever came in by a recovery code
    factors_off_at: str | None = (
        None  # told to whoever's factors were taken off, until they enter one
    )


class Proven(NamedTuple):
    """Whose log-in and password were right, and under what the attempt is counted."""

    officer: Any  # a row
    login: str
    counted: str
    source: str
    password: str


class Begun(NamedTuple):
    """When a session began, how it was proved whose it is, and when last."""

    at: str
    method: str
    proved_at: str | None
    proved_with: str | None


def written_login(login: str) -> str:
    """Return a log-in the way it is kept, however it was typed."""
    return normalize("NFC", login).strip().casefold()


def prove(attempt: Attempt, door: Door) -> Proven:
    """Find whose log-in and password these are; the attempt counts as failed until forgotten."""
    login = written_login(attempt.login)[:LONGEST_LOGIN]
    # People type a password where the log-in belongs; what is counted must not keep it.
    counted = counted_as(login)
    source = source_of(attempt.source, attempt.known_browser)
    with door.database.writing() as connection:
        wait = note_or_wait(connection, door, counted, source)
        found = sessions.officer_by_login(connection, login)
    if wait:
        raise TooSoon(wait)
    kept = found.password_hash if found else None
    password = attempt.password if len(attempt.password) <= LONGEST else ""
    if not door.passwords.fits(kept, normalize("NFC", password)) or found is None:
        raise NotRecognised
    return Proven(found, login, counted, source, password)


def counted_as(login: str) -> str:
    """Return under what the attempts of a log-in are counted: none of the words typed in it."""
    return digest("vetting log-in v1", login.encode(errors="replace"))


def source_of(address: str, known_browser: str | None) -> str:
    """Return where an attempt is counted to come from."""
    return f"{BROWSER}{known_browser}" if known_browser else address


def sign_in(door: Door, attempt: Attempt) -> Entered:
    """Begin a session for whoever the log-in and the password belong to.

    Who has a second factor is half-way then, and gets no further here.
    """
    found, login, counted, source, password = prove(attempt, door)
    with door.database.writing() as connection:
        now = sessions.password_now(connection, found.handle)
        if now != found.password_hash and not door.passwords.fits(now, normalize("NFC", password)):
            raise NotRecognised  # given another password while this one was checked
        if door.passwords.is_dated(found.password_hash):
            connection.execute(
                update(officers)
                .where(officers.c.handle == found.handle)
                .values(password_hash=door.passwords.hash(normalize("NFC", password)))
            )
        step = take_step(
            connection, door, HalfSignIn(found.handle, BY_PASSWORD, counted, source, tries=0)
        )
    return Entered(
        step.into_session(),
        found.handle,
        login,
        found.language,
        factors_off_at=step.factors_off_at,
    )


@dataclass(frozen=True)
class Step:
    """What the first proof led to: a session, or half-way to one where there is more to prove."""

    session: str | None
    half: str | None
    factors_off_at: str | None = None

    def into_session(self) -> str:
        """Return the token of the session, or ask for the second step."""
        if self.session is None:
            raise SecondStepWanted(str(self.half))
        return self.session


def take_step(connection: Connection, door: Door, first: HalfSignIn) -> Step:
    """Let an officer in who has proved who they are, or half-way where there is a second factor."""
    half = _begin_half(door, connection, first)
    if half is not None:
        return Step(None, half)
    return Step(
        _come_in(door, connection, first, first.method, first.method),
        None,
        factors.last_reset(connection, first.officer),
    )


def finish_sign_in(door: Door, token: str, offered: str | Answer) -> Entered:
    """Begin a session for whoever is half-way in and proves the second factor too."""
    hashed = token_hash(token)
    code = "" if isinstance(offered, Answer) else offered
    since = moment(door.ids.clock() - HALF_WAY_FOR)
    with door.database.writing() as connection:
        half = half_sign_ins.find_half(connection, hashed, since)
        if half is None or half.tries >= TRIES_HALF_WAY:
            raise BeginAgain
        wait = note_code_or_wait(connection, door, half.officer, half.counted, half.source, code)
        if not wait:
            half_sign_ins.count_try(connection, hashed)
    if wait:
        raise TooSoon(wait)
    with door.database.writing() as connection:
        found = sessions.officer_now(connection, half.officer)
        if found is None or not half_sign_ins.end_half(connection, hashed):
            raise BeginAgain  # shut out, or given another password, in the meantime
        place = prove_passkey.half_way(hashed)
        now = door.ids.clock()
        proof = prove_second(connection, door.key, half.officer, place, offered, now)
        forget_codes(connection, half.officer, half.source)
        entered = _come_in(door, connection, half, f"{half.method}+{proof}", proof)
        left = None
        if proof == BY_RECOVERY_CODE:
            left = factors.recovery_codes_left(connection, half.officer)
    return Entered(entered, half.officer, found.login, found.language, left)


def is_half_way(door: Door, connection: Connection, token: str) -> bool:
    """Tell whether a token stands for a sign-in that can still be finished."""
    since = moment(door.ids.clock() - HALF_WAY_FOR)
    half = half_sign_ins.read_half(connection, token_hash(token), since)
    return half is not None and half.tries < TRIES_HALF_WAY


@dataclass(frozen=True)
class SecondStep:
    """What whoever is half-way in may answer with beside a recovery code."""

    question: str  # for a passkey; empty where there is none
    shows_codes: bool  # an authenticator does


def ask_second(door: Door, connection: Connection, token: str, site: Site | None) -> SecondStep:
    """Put the question of the second step to whoever is half-way in."""
    hashed, now = token_hash(token), door.ids.clock()
    half = half_sign_ins.read_half(connection, hashed, moment(now - HALF_WAY_FOR))
    if half is None:
        raise BeginAgain
    question = ""
    if site is not None and has_passkey(connection, half.officer):
        with door.database.writing(connection):
            question = prove_passkey.question(
                connection, site, half.officer, prove_passkey.half_way(hashed), now
            )
    return SecondStep(question, bool(factors.authenticators_of(connection, half.officer)))


def note_code_or_wait(  # a code is counted twice: with its log-in, and with its officer
    connection: Connection, door: Door, officer: str, counted: str, source: str, code: str
) -> int:
    """Write a try at a second factor down before it is checked, or say how long it has to wait."""
    _refuse_too_many_codes(connection, door, officer, source, code)
    wait = note_or_wait(connection, door, counted, source)
    if not wait and is_shown_code(code):
        attempts.note(connection, _codes_of(officer), source, door.ids.now())
    return wait


def note_code_of(connection: Connection, door: Door, proven: Proven, code: str) -> None:
    """Write a code down that comes in one go with its password, which has waited for both."""
    officer, source = proven.officer.handle, proven.source
    _refuse_too_many_codes(connection, door, officer, source, code)
    for counted in (proven.counted, *([_codes_of(officer)] if is_shown_code(code) else [])):
        attempts.note(connection, counted, source, door.ids.now())


def _refuse_too_many_codes(
    connection: Connection, door: Door, officer: str, source: str, code: str
) -> None:
    if is_shown_code(code) and not source.startswith(BROWSER):
        since = moment(door.ids.clock() - KEPT_FOR)
        failures = attempts.failures_since(connection, _codes_of(officer), source, since)
        if failures.of_login >= CODES_A_DAY:
            raise TooManyCodes


def forget_codes(connection: Connection, officer: str, source: str) -> None:
    """Forget the codes that were tried from somewhere, once one of them was right."""
    attempts.forget(connection, _codes_of(officer), source)


def _codes_of(officer: str) -> str:
    return digest("vetting codes v1", officer.encode())


def _begin_half(door: Door, connection: Connection, first: HalfSignIn) -> str | None:
    """Note that an officer with a second factor is half-way in; return the token of it."""
    if not factors.has_factor(connection, first.officer):
        return None
    now = door.ids.clock()
    token = door.new_token()
    half_sign_ins.end_halves_before(connection, moment(now - HALF_WAY_FOR))
    half_sign_ins.begin_half(connection, token_hash(token), first, moment(now))
    return token


def _come_in(door: Door, connection: Connection, first: HalfSignIn, method: str, proof: str) -> str:
    """Begin the session of an officer who has proved everything; what failed is forgotten."""
    attempts.forget(connection, first.counted, first.source)
    capacity = _first_capacity(door, connection, first.officer)
    now = door.ids.now()
    return _begin(door, connection, first.officer, capacity, Begun(now, method, now, proof))


def recall(
    door: Door, connection: Connection, token: str, seen: Seen | None = None
) -> Session | None:
    """Return the session of a token, unless it ended, idled too long or is too old.

    When it was used last is noted once in a while; from where, as soon as that is another place.
    """
    now = door.ids.clock()
    session = sessions.find(connection, token, door.ids.legal_day(moment(now)), moment(now))
    if session is None:
        return None
    unseen = now - datetime.fromisoformat(session.seen_at)
    if unseen > door.idle or now - datetime.fromisoformat(session.began_at) > door.longest:
        return None
    hashed = token_hash(token)
    if unseen > door.noted_every:
        with door.database.writing(connection):
            sessions.TOUCH(connection, {"token_hash_": hashed, "seen_at": moment(now)})
    if seen is not None and session.seen_from != (seen.address, seen.device):
        with door.database.writing(connection):
            sessions.NOTE_FROM(
                connection,
                {"token_hash_": hashed, "address_": seen.address, "device_": seen.device},
            )
    work_for(connection, session.principal)
    return session


def sign_out(door: Door, connection: Connection, token: str) -> None:
    """End the session of a token; it is dead at once."""
    with door.database.writing(connection):
        sessions.END(connection, {"token_hash_": token_hash(token), "ended_at": door.ids.now()})


def capacities_of(door: Door, connection: Connection, session: Session) -> Sequence[Capacity]:
    """Return what the officer may work as today: their own roles, then those of who is away."""
    officer, today = session.principal.officer, door.ids.today()
    return [
        *sessions.capacities(connection, officer, today),
        *sessions.acting_capacities(connection, officer, today),
    ]


def switch_capacity(  # the old session and the new capacity
    door: Door,
    connection: Connection,
    session: Session,
    token: str,
    organisation: str,
    role: Role,
    *,
    on_behalf_of: str | None = None,
) -> str:
    """Go on in another capacity, in a new session that ends when the old one would have."""
    with door.database.writing(connection):
        wanted = [
            capacity
            for capacity in capacities_of(door, connection, session)
            if (capacity.organisation, capacity.role) == (organisation, role)
            and (capacity.acting.on_behalf_of if capacity.acting else None) == on_behalf_of
        ]
        if not wanted:
            raise Unacceptable(say("Choose one of your own capacities."))
        _refuse_ended(door, connection, session, token)
        sessions.END(connection, {"token_hash_": token_hash(token), "ended_at": door.ids.now()})
        return _begin(
            door,
            connection,
            session.principal.officer,
            wanted[0],
            Begun(
                session.began_at,
                session.principal.method,
                session.principal.proved_at,
                session.principal.proved_with,
            ),
        )


def _refuse_ended(door: Door, connection: Connection, session: Session, token: str) -> None:
    """Let nothing follow from a session that has ended since its token was shown."""
    sessions.password_now(connection, session.principal.officer)  # who ends all has to wait for us
    if sessions.find(connection, token, door.ids.today(), door.ids.now()) is None:
        raise OutOfTurn(say("Your session has ended in the meantime. Nothing was changed."))


def choose_language(door: Door, connection: Connection, session: Session, language: str) -> None:
    """Remember in which language an officer reads."""
    with door.database.writing(connection):
        connection.execute(
            update(officers)
            .where(officers.c.handle == session.principal.officer)
            .values(language=language)
        )
        sessions.refuse_ended(connection, session.principal, door.ids.today())


def wait_before(failures: Failures, now: datetime, *, known: bool) -> int:
    """Return for how many seconds the next attempt has to wait; 0 where it may be made now."""
    wait = 0
    if failures.of_both >= FREE_TRIES:
        wait = min(2 ** min(failures.of_both - FREE_TRIES, 6), LONGEST_WAIT)
    if not known and failures.of_login >= FREE_FOR_LOGIN:
        wait = max(wait, _slower(failures.of_login - FREE_FOR_LOGIN, LONGEST_FOR_LOGIN))
    left = _left(failures.last_of_both, wait, now)
    if not known and failures.of_source >= FREE_FOR_SOURCE:
        wait = _slower(failures.of_source - FREE_FOR_SOURCE, LONGEST_FOR_SOURCE)
        left = max(left, _left(failures.last_of_source, wait, now))
    return left


def note_or_wait(connection: Connection, door: Door, login: str, source: str) -> int:
    """Write the attempt down before it is checked, so that a hundred at once count as a hundred."""
    known = source.startswith(BROWSER)
    now = door.ids.clock()
    since = moment(now - COUNTED_FOR)
    failures = attempts.failures_since(connection, login, source, since)
    wait = wait_before(failures, now, known=known)
    # Whoever comes to an account under attack for the first time knocks, waits once, and is heard.
    knock = not known and not failures.of_both and failures.of_login >= FREE_FOR_LOGIN
    if knock and not wait:
        wait = _slower(failures.of_login - FREE_FOR_LOGIN, LONGEST_FOR_LOGIN)
    if knock or not wait:
        attempts.note(connection, login, source, moment(now))
        attempts.forget_before(connection, moment(now - KEPT_FOR))
    return wait


def _slower(beyond: int, longest: int) -> int:
    doubled: int = 2 ** min(beyond // 5, 6)
    return min(doubled, longest)


def _left(last: str | None, wait: int, now: datetime) -> int:
    if last is None or not wait:
        return 0
    until = datetime.fromisoformat(last).astimezone(UTC) + timedelta(seconds=wait)
    return max(0, -((now - until) // timedelta(seconds=1)))


def _first_capacity(door: Door, connection: Connection, officer: str) -> Capacity:
    """Return what the officer worked as last, or the first of what they may work as."""
    today = sessions.capacities(connection, officer, door.ids.today())
    if not today:
        raise NoCapacity(
            say(
                "You have no role today. One that was given counts once a second administrator has "
                "confirmed it; ask the administrator of your organisation."
            )
        )
    last = sessions.latest_capacity(connection, officer)
    return next(
        (capacity for capacity in today if (capacity.organisation, capacity.role) == last),
        today[0],
    )


def _begin(
    door: Door, connection: Connection, officer: str, capacity: Capacity, begun: Begun
) -> str:
    token, mark, acting = door.new_token(), door.ids.handle(), capacity.acting
    sessions.INSERT(
        connection,
        {
            "token_hash": token_hash(token),
            "mark": mark,
            "officer": officer,
            "organisation": capacity.organisation,
            "role": capacity.role.value,
            "method": begun.method,
            "began_at": begun.at,
            "seen_at": door.ids.now(),
            "ended_at": None,
            "proved_at": begun.proved_at,
            "proved_with": begun.proved_with,
            "on_behalf_of": acting.on_behalf_of if acting else None,
            "form": acting.form.value if acting else None,
            "own_role": acting.own_role.value if acting else None,
            "case_types": written_types(acting.case_types) if acting else None,
            "address": None,  # noted with the first page that is opened in it
            "device": None,
        },
    )
    for naming in acting.links if acting else ():
        sessions.INSERT_LINK(connection, {"session": mark, "naming": naming})
    return token
