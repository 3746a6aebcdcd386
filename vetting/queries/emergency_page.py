"""The page of emergency access: what one asked for, is to answer, to know of, and to review."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, Connection, and_, func, or_, select

from vetting.engine.canonical import moment
from vetting.engine.definition import Title
from vetting.engine.emergency import (
    ASKED_FOR,
    Emergency,
    Said,
    Standing,
    Step,
    why_not_answered,
    why_not_ended,
    why_not_reviewed,
)
from vetting.engine.policy import PERMITTED, Action, Principal
from vetting.engine.refusals import Unknown
from vetting.engine.sentences import Sentence, say
from vetting.engine.vocabulary import Role
from vetting.queries.both_names import both_names, forms_of_steps
from vetting.queries.names_of import names_of_officers, names_of_organisations
from vetting.records.cases import cases
from vetting.records.emergencies import emergencies, emergency_requests, has_step
from vetting.records.scope import kept_for_good_from, not_kept_for_good, visible_to
from vetting.records.standing import Purpose, on_purpose

MOST = 50
# Whose case it is, or who coordinates or oversees it, is told of every access to it.
TOLD = frozenset({Role.CASE_OFFICER, Role.BOARD_OFFICER, Role.BOARD_HEAD, Role.SUPERVISOR})


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
    hours: int
    standing: Standing
    until: str | None
    opened: Person | None
    refused: Person | None
    ended: Person | None
    reviewed: Person | None
    not_ended: Sentence | None  # why the reader cannot end it, answer it, or review it
    not_answered: Sentence | None
    not_reviewed: Sentence | None
    answers: bool  # the reader can be a second person, or review
    reviews: bool
    of_case: str | None  # told to nobody; the ledger of reads keeps it

    @property
    def may_end(self) -> bool:
        """Tell whether the reader can end it now."""
        return self.not_ended is None

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
    """All that the page says."""

    own: tuple[Access, ...]
    waiting: tuple[Access, ...]
    to_review: tuple[Access, ...]
    told: tuple[Access, ...]
    answers: bool  # the reader can be a second person
    reviews: bool
    is_told: bool

    @property
    def cases(self) -> list[str]:
        """The cases of which the page tells something."""
        parts = (self.own, self.waiting, self.to_review, self.told)
        # What one asked for oneself tells nothing, unless it opened a case.
        return [
            one.of_case
            for part in parts
            for one in part
            if one.of_case is not None and (part is not self.own or one.case is not None)
        ]


@dataclass(frozen=True)
class Counts:
    """How much waits for a reader, as their first page says it."""

    waiting: int
    to_review: int
    in_force: int


def emergency_page(connection: Connection, principal: Principal, now: str) -> EmergencyPage:
    """Return what the reader is to know of emergency access."""
    own = emergencies(connection, emergency_requests.c.officer == principal.officer, limit=MOST)
    answers = principal.role in PERMITTED[Action.ANSWER_EMERGENCY]
    reviews = principal.role in PERMITTED[Action.REVIEW_EMERGENCY]
    is_told = principal.role in TOLD
    with on_purpose(connection, Purpose.EMERGENCY):  # of what is kept for good nobody hears
        waiting = emergencies(connection, *_waiting(principal, now), limit=MOST) if answers else []
        to_review = emergencies(connection, *_to_review(principal), limit=MOST) if reviews else []
    told = emergencies(connection, *_told(principal), limit=MOST) if is_told else []
    above = {one.handle for one in (*own, *waiting, *to_review)}  # each stands on the page once
    told = [one for one in told if one.handle not in above]
    shown = _Shown(connection, principal, now, [*own, *waiting, *to_review, *told])
    return EmergencyPage(
        own=shown.of(own),
        waiting=shown.of(waiting),
        to_review=shown.of(to_review),
        told=shown.of(told),
        answers=answers,
        reviews=reviews,
        is_told=is_told,
    )


def one_access(connection: Connection, principal: Principal, request: str, now: str) -> Access:
    """Return one request for a page about it; for whom its case is off limits there is none."""
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
    """Return how much waits for the reader, in at most three counts of few rows."""
    role = principal.role

    def count(*wanted: ColumnElement[bool]) -> int:
        counted = select(func.count()).select_from(emergency_requests).where(*wanted)
        with on_purpose(connection, Purpose.EMERGENCY):
            return connection.scalar(counted) or 0

    return Counts(
        waiting=count(*_waiting(principal, now))
        if role in PERMITTED[Action.ANSWER_EMERGENCY]
        else 0,
        to_review=count(*_to_review(principal))
        if role in PERMITTED[Action.REVIEW_EMERGENCY]
        else 0,
        in_force=sum(
            one.standing(now) is Standing.IN_FORCE
            for one in emergencies(connection, _known(principal), limit=MOST)
        )
        if role in TOLD
        else 0,
    )


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


def _not_off_limits(principal: Principal) -> ColumnElement[bool]:
    r = emergency_requests.c
    return or_(r.case_handle.is_(None), r.case_handle.not_in(kept_for_good_from(principal)))


def _waiting(principal: Principal, now: str) -> Sequence[ColumnElement[bool]]:
    r = emergency_requests.c
    since = moment(datetime.fromisoformat(now) - ASKED_FOR)
    return (
        r.asked_at > since,
        r.officer.not_in(principal.persons),
        ~has_step(Step.OPENED, Step.REFUSED),
        _not_off_limits(principal),
    )


def _to_review(principal: Principal) -> Sequence[ColumnElement[bool]]:
    return (
        has_step(Step.OPENED),
        ~has_step(Step.REVIEWED),
        emergency_requests.c.officer.not_in(principal.persons),
        _not_off_limits(principal),
    )


def _told(principal: Principal) -> Sequence[ColumnElement[bool]]:
    seen = select(cases.c.handle).where(visible_to(principal))
    return has_step(Step.OPENED), emergency_requests.c.case_handle.in_(seen)


def _known(principal: Principal) -> ColumnElement[bool]:
    """Whatever the page lists: to a supervisor also what they are to review and cannot see."""
    told = and_(*_told(principal))
    if principal.role not in PERMITTED[Action.REVIEW_EMERGENCY]:
        return told
    return or_(told, and_(*_to_review(principal)))


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

    def of(self, found: Iterable[Emergency]) -> tuple[Access, ...]:
        return tuple(map(self._access, found))

    def _access(self, asked: Emergency) -> Access:
        me, role = self._principal.persons, self._principal.role
        reviews = role in PERMITTED[Action.REVIEW_EMERGENCY]
        return Access(
            handle=asked.handle,
            reference=asked.reference,
            case=asked.case if asked.case in self._visible else None,
            asked=Person(
                self._names[asked.officer],
                asked.role,
                self._places[asked.organisation],
                asked.asked_at,
                asked.reason,
            ),
            hours=asked.hours,
            standing=asked.standing(self._now),
            until=asked.ends_at,
            opened=self._person(asked.opened),
            refused=self._person(asked.steps.get(Step.REFUSED)),
            ended=self._person(asked.steps.get(Step.ENDED)),
            reviewed=self._person(asked.steps.get(Step.REVIEWED)),
            not_ended=why_not_ended(asked, me, self._now, supervises=reviews),
            not_answered=why_not_answered(asked, me, self._now),
            not_reviewed=why_not_reviewed(asked, me),
            answers=role in PERMITTED[Action.ANSWER_EMERGENCY],
            reviews=reviews,
            of_case=asked.case,
        )

    def _person(self, said: Said | None) -> Person | None:
        if said is None:
            return None
        return Person(
            both_names(self._names, said.officer, said.on_behalf_of, self._forms),
            said.role,
            self._places[said.organisation],
            said.at,
            said.sentence,
        )
