"""The page of emergency access: what one asked for, is to answer, to know of, and to review."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from functools import lru_cache

from sqlalchemy import (
    ColumnElement,
    Connection,
    and_,
    bindparam,
    exists,
    func,
    literal,
    or_,
    select,
)

from vetting.engine import looks
from vetting.engine.definition import Title
from vetting.engine.emergency import (
    Emergency,
    Said,
    Standing,
    Step,
    waits_since,
    why_not_answered,
    why_not_ended,
    why_not_reviewed,
)
from vetting.engine.looks import Group, How
from vetting.engine.policy import PERMITTED, Action, Principal
from vetting.engine.refusals import OutOfTurn, Unknown
from vetting.engine.sentences import Sentence, say
from vetting.engine.vocabulary import Role
from vetting.queries.both_names import both_names, forms_of_steps
from vetting.queries.keyset import Page, beyond, paged, read_mark
from vetting.queries.names_of import names_of_officers, names_of_organisations
from vetting.records.cases import cases
from vetting.records.database import Statement
from vetting.records.emergencies import (
    emergencies,
    emergency_requests,
    emergency_steps,
    has_step,
)
from vetting.records.reads import reads
from vetting.records.scope import (
    SEE_EVERY_OPINION,
    Bound,
    bound,
    concerns,
    kept_for_good_from,
    not_kept_for_good,
    shape_of,
    values_of,
    visible_to,
)
from vetting.records.standing import Purpose, on_purpose

AT_ONCE = 20  # requests of one part of the page
# Whose case it is, or who coordinates or oversees it, is told of every access to it.
TOLD = frozenset({Role.CASE_OFFICER, Role.BOARD_OFFICER, Role.BOARD_HEAD, Role.SUPERVISOR})


class Part(StrEnum):
    """A part of the page; each can be gone through on its own."""

    WAITING = "waiting"  # for a second person: whoever waits longest first
    TO_REVIEW = "to-review"  # the oldest first too
    REVIEWED = "reviewed"
    TOLD = "told"  # cases of the reader's work that were opened to others
    OWN = "own"


# What is to be done is done in the order in which it came; all else is told newest first.
OLDEST_FIRST = frozenset({Part.WAITING, Part.TO_REVIEW})


@dataclass(frozen=True)
class Person:
    """Who said something, when, and what."""

    name: str | Title  # both names where it was said in somebody's place
    role: Role
    organisation: Title
    at: str
    sentence: str


@dataclass(frozen=True)
class Access:
    """One request as a page shows it."""

    handle: str
    reference: str
    case: str | None  # where the reader may open it
    asked: Person  # the sentence is the reason
    asker: str  # handle
    hours: int
    standing: Standing
    until: str | None
    opened: Person | None
    refused: Person | None
    ended: Person | None
    reviewed: Person | None
    not_ended: Sentence | None  # why the reader cannot end or take back, answer, or review it
    not_answered: Sentence | None
    not_reviewed: Sentence | None
    answers: bool  # the reader can be a second person, or review
    reviews: bool
    of_case: str | None  # told to nobody; the ledger of reads keeps it
    nothing_there: bool = False  # it was agreed to, and opened nothing to the asker who reads this
    opens_nothing: bool = False  # the same, for whoever is told of accesses to cases

    @property
    def may_end(self) -> bool:
        """Tell whether the reader can end it now."""
        return self.not_ended is None

    @property
    def waits(self) -> bool:
        """Tell whether nobody has answered it yet, so that ending it takes it back."""
        return self.standing is Standing.WAITING

    @property
    def may_answer(self) -> bool:
        """Tell whether the reader can agree or refuse now."""
        return self.answers and self.not_answered is None

    @property
    def may_review(self) -> bool:
        """Tell whether the reader can review it now."""
        return self.reviews and self.not_reviewed is None


@dataclass(frozen=True)
class EmergencyPage:
    """All that the page says: its parts, or one of them from a mark on."""

    parts: Mapping[Part, Page[Access]]
    counts: Mapping[Part, int]  # of what is to be done, all of it

    @property
    def cases(self) -> list[str]:
        """The cases of which the page tells something."""
        # What one asked for oneself tells nothing, unless it opened a case.
        return [
            one.of_case
            for part, page in self.parts.items()
            for one in page.rows
            if one.of_case is not None and (part is not Part.OWN or one.case is not None)
        ]


@dataclass(frozen=True)
class Counts:
    """How much waits for a reader, as their first page says it."""

    waiting: int
    to_review: int
    in_force: int
    answered: int = 0  # requests of their own, answered since they last looked

    @property
    def to_do(self) -> int:
        """How much the menu says."""
        return self.waiting + self.to_review + self.answered


def emergency_page(
    connection: Connection,
    principal: Principal,
    now: str,
    part: Part | None = None,
    after: str | None = None,
) -> EmergencyPage:
    """Return what the reader is to know of emergency access; with a part, only that from a mark."""
    asked = _wanted(principal, waits_since(now))
    if part is not None and part not in asked:
        raise Unknown(say("There is no such page."))
    mark = read_mark(after, 2) if part is not None else None
    wanted = asked if part is None else {part: asked[part]}
    with on_purpose(connection, Purpose.EMERGENCY):  # of what is kept for good nobody hears
        found = {one: _part_of(connection, one, clauses, mark) for one, clauses in wanted.items()}
    shown = _Shown(connection, principal, now, [row for rows in found.values() for row in rows])

    def key(row: Emergency) -> tuple[str, str]:
        return row.asked_at, row.handle

    return EmergencyPage(
        {
            one: paged(rows, AT_ONCE, after if part else None, key, shown.access)
            for one, rows in found.items()
        },
        {
            one: _count(connection, clauses)
            for one, clauses in wanted.items()
            if one in OLDEST_FIRST
        },
    )


def _wanted(
    principal: Principal | Bound, since: str | ColumnElement[str]
) -> dict[Part, Sequence[ColumnElement[bool]]]:
    """Return the parts of the reader's page, and what stands in each.

    What was asked before *since* waits no more.
    """
    role, own = principal.role, emergency_requests.c.officer == principal.officer
    reviews = role in PERMITTED[Action.REVIEW_EMERGENCY]
    wanted: dict[Part, Sequence[ColumnElement[bool]]] = {}
    if role in PERMITTED[Action.ANSWER_EMERGENCY]:
        wanted[Part.WAITING] = _waiting(principal, since)
    if reviews:
        wanted[Part.TO_REVIEW] = _to_review(principal)
        wanted[Part.REVIEWED] = (has_step(Step.REVIEWED), ~own, _not_off_limits(principal))
    elif role in TOLD:
        wanted[Part.TOLD] = (*_told(principal), ~own)
    wanted[Part.OWN] = (own,)
    return wanted


def _part_of(
    connection: Connection,
    part: Part,
    clauses: Sequence[ColumnElement[bool]],
    mark: tuple[str, ...] | None,
) -> list[Emergency]:
    r = emergency_requests.c
    oldest_first = part in OLDEST_FIRST
    wanted = list(clauses)
    if mark is not None:
        wanted.append(beyond((r.asked_at, r.handle), mark, backwards=not oldest_first))
    return emergencies(connection, *wanted, limit=AT_ONCE + 1, oldest_first=oldest_first)


def _count(connection: Connection, wanted: Sequence[ColumnElement[bool]]) -> int:
    counted = select(func.count()).select_from(emergency_requests).where(*wanted)
    with on_purpose(connection, Purpose.EMERGENCY):
        return connection.scalar(counted) or 0


def refuse_what_is_open_anyway(
    connection: Connection, principal: Principal, reference: str
) -> None:
    """Raise `OutOfTurn` where somebody asks for a case that they can open without being let in.

    It is looked for among what is their work: of a case that is kept from them this says nothing,
    and an access can be asked for again before it ends.
    """
    written = reference.strip().upper()
    case = select(cases.c.handle).where(cases.c.reference == written)
    if connection.scalar(case.where(visible_to(principal.at_work))) is not None:
        raise OutOfTurn(
            say("You can open this case already; look for it by its reference."), "reference"
        )


def one_access(connection: Connection, principal: Principal, request: str, now: str) -> Access:
    """Return one request for a page about it; for whom its case is off limits there is none."""
    with on_purpose(connection, Purpose.EMERGENCY):
        found = emergencies(connection, emergency_requests.c.handle == request)
    role = principal.role
    if not found:
        raise Unknown(say("There is no such request."))
    [asked] = found
    own = asked.officer == principal.officer
    answers = role in PERMITTED[Action.ANSWER_EMERGENCY]
    if not own and not (answers and not_kept_for_good(connection, principal, asked.case)):
        raise Unknown(say("There is no such request."))
    return _Shown(connection, principal, now, found).of(found)[0]


def emergencies_of(
    connection: Connection, principal: Principal, case: str, until: str
) -> tuple[Access, ...]:
    """Return the accesses, agreed to by a moment, to a case that the reader sees.

    Those to whom every opinion is shown and the unit know of each; a body of its own officers'.
    """
    whole = principal.role in SEE_EVERY_OPINION or principal.role is Role.CASE_OFFICER
    of = None if whole else principal.organisation
    return accesses_of(connection, principal, case, until, of=of)


# Looks at the request itself, and at nothing of the case.
_OF_THE_REQUEST = {Action.SEE_EMERGENCIES.value, Action.END_EMERGENCY.value}
MOST_LOOKS = 500  # of one access, on the page on which it is reviewed


@dataclass(frozen=True)
class UnderIt:
    """One look at the case that the asker had by an access: when, and what was shown."""

    at: str
    how: How
    groups: tuple[Group, ...]


def looks_under(connection: Connection, access: Access) -> list[UnderIt]:
    """Return what was read by an access, in the order in which it was; never what the case says.

    Whoever reviews the access need not be one who may see the case.
    """
    opened, r = access.opened, reads.c
    if access.of_case is None or opened is None or access.until is None:
        return []
    statement = (
        select(r.at, r.how, r.fields)
        .where(
            r.case_handle == access.of_case,
            r.officer == access.asker,
            r.role == access.asked.role.value,
            r.at >= opened.at,
            r.at <= access.until,
            r.purpose == looks.Purpose.EMERGENCY.value,
            r.action.not_in(sorted(_OF_THE_REQUEST)),
        )
        .order_by(r.at, r.number)
        .limit(MOST_LOOKS)
    )
    with on_purpose(connection, Purpose.EMERGENCY):
        rows = connection.execute(statement).all()
    return [
        UnderIt(row.at, How(row.how), tuple(Group(word) for word in row.fields.split()))
        for row in rows
    ]


def accesses_of(
    connection: Connection, principal: Principal, case: str, until: str, *, of: str | None
) -> tuple[Access, ...]:
    """Return every access to a case that was agreed to by a moment, as it stood then.

    *of* keeps it to those of one organisation.
    """
    r = emergency_requests.c
    found = [
        one
        for one in emergencies(connection, r.case_handle == case, has_step(Step.OPENED))
        if one.opened is not None and one.opened.at <= until and of in {None, one.organisation}
    ]
    as_it_stood = [_by(one, until) for one in found]
    return _Shown(connection, principal, until, as_it_stood).of(as_it_stood)


def counts(connection: Connection, principal: Principal, now: str) -> Counts:
    """Return how much waits for the reader, in one statement.

    Every page asks it for its menu, so it is built once for all readers of one shape.
    """
    statement = _count_all(*shape_of(principal))
    given = {**values_of(principal), "now": now, "since": waits_since(now)}
    with on_purpose(connection, Purpose.EMERGENCY):
        [row] = statement(connection, given)
    return Counts(row.waiting, row.to_review, row.in_force, row.answered)


@lru_cache(maxsize=256)
def _count_all(role: Role, persons: int, emergency: int, case_types: int | None) -> Statement:
    principal = bound(role, persons, emergency, case_types)
    asked = _wanted(principal, bindparam("since"))
    now: ColumnElement[str] = bindparam("now")
    known = [and_(*asked[one]) for one in (Part.TOLD, Part.TO_REVIEW) if one in asked]
    wanted = {
        "waiting": asked.get(Part.WAITING),
        "to_review": [*asked[Part.TO_REVIEW], ~_is_open(now)] if Part.TO_REVIEW in asked else None,
        "in_force": [or_(*known), _is_open(now)] if known else None,
        "answered": _answered(principal),
    }
    return Statement(
        select(
            *(
                (literal(0) if clauses is None else _how_many(clauses)).label(name)
                for name, clauses in wanted.items()
            )
        )
    )


def _how_many(wanted: Sequence[ColumnElement[bool]]) -> ColumnElement[int]:
    counted = select(func.count()).select_from(emergency_requests).where(*wanted)
    return counted.scalar_subquery()


def _answered(principal: Bound) -> Sequence[ColumnElement[bool]]:
    """Return the clauses for requests of the reader's, answered since they last saw the page."""
    r, s = emergency_requests.c, emergency_steps.c
    looked_at = (
        select(func.max(reads.c.at))
        .where(
            reads.c.officer == principal.officer,
            reads.c.action == Action.SEE_EMERGENCIES.value,
        )
        .scalar_subquery()
    )
    answer = exists().where(
        s.request == r.handle,
        s.kind.in_([literal(kind.value) for kind in (Step.OPENED, Step.REFUSED)]),
        s.at > func.coalesce(looked_at, literal("")),
    )
    return r.officer == principal.officer, answer


def _by(asked: Emergency, until: str) -> Emergency:
    steps = {kind: said for kind, said in asked.steps.items() if said.at <= until}
    return Emergency(
        asked.handle,
        asked.reference,
        asked.case,
        asked.officer,
        asked.organisation,
        asked.role,
        asked.reason,
        asked.hours,
        asked.asked_at,
        steps,
    )


def _not_off_limits(principal: Principal | Bound) -> ColumnElement[bool]:
    r = emergency_requests.c
    return or_(r.case_handle.is_(None), r.case_handle.not_in(kept_for_good_from(principal)))


def _waiting(
    principal: Principal | Bound, since: str | ColumnElement[str]
) -> Sequence[ColumnElement[bool]]:
    r = emergency_requests.c
    return (
        r.asked_at > since,
        r.officer.not_in(principal.persons),
        r.organisation != principal.organisation,
        ~has_step(Step.OPENED, Step.REFUSED, Step.ENDED),
        _not_off_limits(principal),
    )


def _to_review(principal: Principal | Bound) -> Sequence[ColumnElement[bool]]:
    return (
        has_step(Step.OPENED),
        ~has_step(Step.REVIEWED),
        emergency_requests.c.officer.not_in(principal.persons),
        _not_off_limits(principal),
    )


def _told(principal: Principal | Bound) -> Sequence[ColumnElement[bool]]:
    """Return the clause for accesses to the reader's cases, also those that are kept from them."""
    theirs = select(cases.c.handle).where(concerns(principal))
    return has_step(Step.OPENED), emergency_requests.c.case_handle.in_(theirs)


def _is_open(now: ColumnElement[str]) -> ColumnElement[bool]:
    s, r = emergency_steps.c, emergency_requests.c
    opened = exists().where(s.request == r.handle, s.kind == Step.OPENED.value, s.until > now)
    return and_(opened, ~has_step(Step.ENDED))


def _opens(connection: Connection, asked: Emergency) -> bool:
    """Tell whether what was agreed to opens the case to the asker.

    It does not where they must not deal with it, or where it is none of their role's.
    """
    if asked.case is None:
        return False
    asker = Principal(
        asked.officer,
        "",
        asked.role,
        asked.organisation,
        session="",
        emergency=frozenset({asked.case}),
    )
    k = cases.c
    with on_purpose(connection, Purpose.EMERGENCY):
        found = connection.scalar(select(k.handle).where(k.handle == asked.case, visible_to(asker)))
    return found is not None


class _Shown:
    """What turns requests into lines of a page, reading every name once."""

    def __init__(
        self,
        connection: Connection,
        principal: Principal,
        now: str,
        found: Iterable[Emergency],
    ) -> None:
        found = list(found)
        self._principal, self._now = principal, now
        said = [one for asked in found for one in asked.steps.values()]
        by: list[Emergency | Said] = [*found, *said]
        people = {one.officer for one in found}.union(*(one.persons for one in said))
        self._names = names_of_officers(connection, people)
        self._forms = forms_of_steps(connection, [one.handle for one in found])
        self._places = names_of_organisations(connection, {one.organisation for one in by})
        opened = {one.case for one in found if one.case is not None and one.opened is not None}
        k = cases.c
        self._visible = (
            set(
                connection.scalars(
                    select(k.handle).where(k.handle.in_(sorted(opened)), visible_to(principal))
                )
            )
            if opened
            else set()
        )
        self._nothing = (
            {one.handle for one in found if one.holds_at(now) and not _opens(connection, one)}
            if principal.role in TOLD
            else set()
        )

    def of(self, found: Iterable[Emergency]) -> tuple[Access, ...]:
        return tuple(map(self.access, found))

    def access(self, asked: Emergency) -> Access:
        me, role, of = self._principal.persons, self._principal.role, self._principal.organisation
        reviews = role in PERMITTED[Action.REVIEW_EMERGENCY]
        answers = role in PERMITTED[Action.ANSWER_EMERGENCY]
        own = asked.officer == self._principal.officer
        # Of a case that is kept from them others are told that, to whom and until when it was open.
        whole = own or answers or asked.case in self._visible
        return Access(
            handle=asked.handle,
            reference=asked.reference,
            case=asked.case if asked.case in self._visible else None,
            asked=Person(
                self._names[asked.officer],
                asked.role,
                self._places[asked.organisation],
                asked.asked_at,
                asked.reason if whole else "",
            ),
            asker=asked.officer,
            hours=asked.hours,
            standing=asked.standing(self._now),
            until=asked.ends_at,
            opened=self._person(asked.opened, whole=whole),
            refused=self._person(asked.steps.get(Step.REFUSED), whole=whole),
            ended=self._person(asked.steps.get(Step.ENDED), whole=whole),
            reviewed=self._person(asked.steps.get(Step.REVIEWED), whole=whole),
            not_ended=why_not_ended(asked, me, self._now, supervises=reviews),
            not_answered=why_not_answered(asked, me, of, self._now),
            not_reviewed=why_not_reviewed(asked, me, self._now),
            answers=answers,
            reviews=reviews,
            of_case=asked.case,
            nothing_there=own and asked.holds_at(self._now) and asked.case not in self._visible,
            opens_nothing=not own and asked.handle in self._nothing,
        )

    def _person(self, said: Said | None, *, whole: bool) -> Person | None:
        if said is None:
            return None
        return Person(
            both_names(self._names, said.officer, said.on_behalf_of, self._forms),
            said.role,
            self._places[said.organisation],
            said.at,
            said.sentence if whole else "",
        )
