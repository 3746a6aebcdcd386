"""A case as the engine knows it: one candidate, one act, and the consultations about it."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import Self

from vetting.engine.canonical import Json
from vetting.engine.vocabulary import AmendmentKind, CaseType, Ground, Need, Verdict

ERASED = "erased"  # the state of a case, and of its consultations, that was disposed of
HIGHEST_LEVEL = 3  # of restricted cases; 0 is open to everybody whose work it is


@dataclass(frozen=True, slots=True)
class Draft:
    """A body's opinion before it is signed. Every edit makes another hash."""

    verdict: Verdict
    reasons: str
    conditions: tuple[str, ...]
    evidence: tuple[str, ...]
    by: str  # the drafter's handle
    hash: str
    on_behalf_of: str | None = None  # whoever was away, in whose name it was drafted

    @property
    def names(self) -> frozenset[str]:
        """Everybody in whose name it was drafted: none of them signs it."""
        return frozenset({self.by, self.on_behalf_of or self.by})


@dataclass(frozen=True, slots=True)
class Amendment:
    """What is to become of a signed opinion, before a second person has signed that."""

    kind: AmendmentKind
    ground: Ground
    reason: str
    basis: str  # the key of a legal basis
    decided_on: str
    effective_on: str
    document: str | None
    verdict: Verdict | None  # of a correction, with the words that take the place of the others
    reasons: str | None
    conditions: tuple[str, ...]
    evidence: tuple[str, ...]
    by: str  # whoever drew it up
    hash: str
    on_behalf_of: str | None = None
    countersigned_by: tuple[str, ...] = ()
    countersigned_for: tuple[str, ...] = ()  # those in whose name some of them did

    @property
    def countersigners(self) -> frozenset[str]:
        """Everybody whose name stands under it already."""
        return frozenset(self.countersigned_by) | frozenset(self.countersigned_for)

    @property
    def names(self) -> frozenset[str]:
        """Everybody in whose name it was drawn up: none of them signs it."""
        return frozenset({self.by, self.on_behalf_of or self.by})


@dataclass(frozen=True, slots=True)
class Consultation:
    """One body asked about one case, for the first or a later time."""

    handle: str
    body: str  # organisation code
    turn: int
    need: Need
    state: str
    version: int = 1
    officer: str | None = None  # handle of the officer who holds it
    draft: Draft | None = None
    countersigned_by: tuple[str, ...] = ()  # handles, for the present draft only
    countersigned_for: tuple[str, ...] = ()  # those in whose name some of them did
    verdict: Verdict | None = None  # signed
    letter: str | None = None
    due_on: str | None = None
    amended: AmendmentKind | None = None  # what became last of the signed opinion
    amendment: Amendment | None = None  # drawn up, not signed yet

    @property
    def stands(self) -> bool:
        """Tell whether an opinion was signed, and was neither annulled nor revoked."""
        return self.state == "signed" and self.amended in {None, AmendmentKind.CORRECTION}

    first_due_on: str | None = None  # the day that was set first, once another counts
    longer: tuple[str, ...] = ()  # what came after it, each as `more_time` writes it
    time_until: str | None = None  # the day that the body asks for, while nobody has answered
    time_days: int | None = None  # so many working days, where it asked for days
    time_by: str | None = None  # who asked
    time_for: str | None = None  # and in whose name
    clarify: int | None = None  # the entry by which it asks to have something made clear

    @property
    def countersigners(self) -> frozenset[str]:
        """Everybody whose name stands under the present draft."""
        return frozenset(self.countersigned_by) | frozenset(self.countersigned_for)


@dataclass(frozen=True, slots=True)
class CandidateRequest:
    """Something that the candidate asks about their own data: where it stands, and no words."""

    number: int  # of the entry that recorded it
    kind: str
    came_on: str
    rules: int  # the version of the rules under which it began
    acknowledged: int | None = None  # the entry by which the candidate was told that it came
    acknowledged_on: str | None = None
    prepared: int | None = None  # the entry that waits for a second person
    prepared_by: str | None = None
    prepared_for: str | None = None
    until: str | None = None  # the day to which the answer was extended
    extended: int | None = None  # by which entry
    ended: int | None = None  # the entry by which it was answered or refused
    ended_on: str | None = None  # none while a package that was agreed to was not handed over
    granted: bool = False  # answered and not refused
    handed: int | None = None  # the entry that says that the package was handed over

    @property
    def waits(self) -> bool:
        """Tell whether the candidate still waits: for an answer, or to be handed a package."""
        return self.ended_on is None

    @property
    def met(self) -> int | None:
        """The entry with which nothing is owed to the candidate any more, if there is one."""
        return None if self.waits else self.handed or self.ended


@dataclass(frozen=True, slots=True)
class CaseFile:
    """One case: where it stands and all that its rules need to know."""

    handle: str
    case_type: CaseType
    definition_version: int
    state: str
    unit: str
    name: str = ""
    born: str = ""
    target: str = ""
    position: str | None = None
    management_level: str | None = None
    reference: str | None = None
    submission: str | None = None
    round: str | None = None
    regulation: str | None = None
    authority: str | None = None
    admission: str | None = None  # handle of the admission case a full-membership case follows
    stood_in: str | None = None  # where a suspended case goes back to
    turn: int = 0
    recorded: Mapping[str, Json] = field(default_factory=dict)  # dated facts, by name
    missing: tuple[str, ...] = ()  # what the unit was asked to complete
    proposed_outcome: str | None = None
    proposed_by: str | None = None
    proposed_for: str | None = None  # whoever was away, in whose name it was drawn up
    before_authority: bool = False  # the authority has had it since it was first submitted
    outcome: str | None = None  # that stands; none where the conclusion was annulled or revoked
    amended: AmendmentKind | None = None  # what became last of the conclusion
    consultations: tuple[Consultation, ...] = ()
    others_owing: int = 0  # bodies that owe an answer whose questions were kept from who reads it
    recused: frozenset[str] = frozenset()  # handles of those who must not deal with the case
    # Those of whom nobody confirmed yet that somebody else can take what they left.
    conflicts_waiting: frozenset[str] = frozenset()
    level: int = 0  # the clearance that somebody needs to know of it
    named: frozenset[str] = frozenset()  # the only ones who may know of it; empty: not by name
    record_class: str | None = None  # by which it is kept, where somebody said so
    holds: tuple[int, ...] = ()  # the entries that placed a hold which still stands
    disposal: str | None = None  # the hash of the list that somebody asked to have destroyed
    disposal_by: str | None = None  # who asked
    question_sets: int = 0  # so many sets of questions were put to the unit
    open_questions: Mapping[str, Json] = field(default_factory=dict)  # by set: not answered yet
    requests: tuple[CandidateRequest, ...] = ()  # what the candidate asked, in the order it came
    entry_count: int = 0

    def asked_now(self) -> Iterator[Consultation]:
        """Yield the consultations of the present turn that were not taken back."""
        return (c for c in self.consultations if c.turn == self.turn and c.state != "withdrawn")

    @property
    def concluded(self) -> bool:
        """Tell whether the authority concluded, whatever became of that."""
        return self.outcome is not None or self.amended is not None

    def lacking(self) -> tuple[str, ...]:
        """Return the bodies that must answer and whose opinion stands no more."""
        return tuple(
            c.body
            for c in self.asked_now()
            if c.need is Need.MUST and c.state == "signed" and not c.stands
        )

    def owing(self) -> tuple[str, ...]:
        """Return the bodies that must answer and have not."""
        return tuple(
            c.body for c in self.asked_now() if c.need is Need.MUST and c.state != "signed"
        )

    def times_recorded(self, name: str) -> int:
        """Return how often a dated fact or a paper was recorded."""
        records = self.recorded.get(name)
        return len(records) if isinstance(records, list | tuple) else 0

    def last_recorded(self, name: str) -> Mapping[str, Json] | None:
        """Return the latest record of a dated fact or a paper: the one that counts."""
        records = self.recorded.get(name)
        last = records[-1] if isinstance(records, list | tuple) and records else None
        return last if isinstance(last, Mapping) else None

    def consultation(self, handle: str) -> Consultation:
        """Return the consultation called *handle*."""
        return next(c for c in self.consultations if c.handle == handle)

    def request(self, number: int) -> CandidateRequest | None:
        """Return the request that an entry recorded, or None."""
        return next((one for one in self.requests if one.number == number), None)

    @property
    def open_requests(self) -> int:
        """How many requests of the candidate wait for their answer."""
        return sum(one.waits for one in self.requests)

    def with_consultation(self, changed: Consultation) -> Self:
        """Return the case with *changed* in the place of its former self."""
        return replace(
            self,
            consultations=tuple(
                changed if c.handle == changed.handle else c for c in self.consultations
            ),
        )
