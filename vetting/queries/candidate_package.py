"""The candidate's own package: what is handed over to them, part by part, and what is withheld why.

It is the same whoever makes it: it follows from the entries up to one, from the ledger of looks
before a moment, and from what two people agreed to withhold. What the second of them agreed to is
kept as it was (`records/given_packages.py`).
"""

from collections import Counter
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass

from sqlalchemy import Connection

from vetting.engine.candidate_requests import (
    FACT,
    NO_RULES,
    PAPER,
    Handing,
    OwnPart,
    RequestKind,
    SealedPart,
    fields_of_part,
    parts_of_package,
)
from vetting.engine.casefile import CaseFile
from vetting.engine.definition import Definition, Title
from vetting.engine.facts import (
    AmendmentAnnounced,
    CandidateToldAgain,
    CaseAccepted,
    CaseClosed,
    CaseConcluded,
    CaseFiled,
    CaseRefiled,
    CaseResumed,
    CaseReturned,
    CaseSuspended,
    CaseTakenUp,
    CaseWithdrawn,
    ConclusionAmended,
    ConsultationsIssued,
    Fact,
    FactRecorded,
    RequestAcknowledged,
    RequestAnswered,
    RequestExtended,
    RequestHandedOver,
    RequestRecorded,
    RequestRefused,
    UnitNotified,
    read_fact,
)
from vetting.engine.follow import rebuilt
from vetting.engine.looks import How, Purpose
from vetting.engine.policy import Principal
from vetting.engine.reading import Definitions
from vetting.engine.record import tells_outcome
from vetting.engine.refusals import OutOfTurn
from vetting.engine.sentences import Sentence, say
from vetting.engine.vocabulary import AmendmentKind, Role
from vetting.queries.case_readers import looks_before
from vetting.queries.history_sentences import TITLES, words_of_record
from vetting.queries.names_of import basis_written, day_written, names_of_organisations
from vetting.records import history
from vetting.records.database import Row
from vetting.records.identity import Ids
from vetting.records.running_deadlines import rules_of
from vetting.records.validities import validity_as_concluded

Words = tuple[tuple[Sentence | Title, str | Sentence | Title], ...]
# Of these a candidate is told that they happened and when, and nothing that somebody wrote in them.
_STEPS = frozenset(
    fact.verb
    for fact in (
        CaseFiled,
        CaseTakenUp,
        CaseReturned,
        CaseRefiled,
        CaseAccepted,
        ConsultationsIssued,
        CaseSuspended,
        CaseResumed,
        CaseWithdrawn,
        UnitNotified,
        AmendmentAnnounced,
        CandidateToldAgain,
        CaseClosed,
        RequestRecorded,
        RequestAcknowledged,
        RequestExtended,
        RequestAnswered,
        RequestRefused,
        RequestHandedOver,
    )
)
_NO_RULE = {
    SealedPart.OPINIONS: say("Withheld: no rule allows it; it belongs to the body that was asked."),
    SealedPart.PROPOSAL: say(
        "Withheld: no rule allows it; it belongs to the authority that it was made for."
    ),
}
_NOT_YET = say("The outcome has not been announced.")
_AMENDED = {
    AmendmentKind.CORRECTION: say("Conclusion corrected"),
    AmendmentKind.ANNULMENT: say("Conclusion annulled"),
    AmendmentKind.REVOCATION: say("Conclusion revoked"),
}
_REASON = {
    AmendmentKind.CORRECTION: say("Reason for the correction"),
    AmendmentKind.ANNULMENT: say("Reason for the annulment"),
    AmendmentKind.REVOCATION: say("Reason for the revocation"),
}


@dataclass(frozen=True)
class Step:
    """Something that happened, as a candidate may know of it."""

    on: str
    what: Sentence | Title
    organisation: Title


@dataclass(frozen=True)
class Looked:
    """That an organisation looked at the case on a day, in which role and what for: no name."""

    on: str
    organisation: Title
    role: Role
    why: Purpose | How
    times: int


@dataclass(frozen=True)
class PackagePart:
    """One part: what is handed over of it, or on which ground nothing is."""

    name: str
    title: Title | Sentence
    ground: str | Sentence | None = None  # none: it is handed over
    by_rule: bool = False  # a rule says that it is withheld, or none that it may be handed over
    words: Words = ()
    steps: tuple[Step, ...] = ()
    looks: tuple[Looked, ...] = ()


@dataclass(frozen=True)
class CandidatePackage:
    """All that the candidate's package says."""

    handle: str
    reference: str
    name: str
    request: int
    asked_on: str
    letter: str
    made_on: str
    reasons: str
    parts: tuple[PackagePart, ...]

    @property
    def handed_over(self) -> tuple[PackagePart, ...]:
        """The parts that are handed over."""
        return tuple(part for part in self.parts if part.ground is None)

    @property
    def withheld(self) -> tuple[PackagePart, ...]:
        """The parts of which nothing is, each with its ground."""
        return tuple(part for part in self.parts if part.ground is not None)


def candidate_package(
    connection: Connection,
    principal: Principal,
    definitions: Definitions,
    handle: str,
    what: Handing,
) -> CandidatePackage:
    """Return what a package hands over of a case, up to an entry and before a moment."""
    request, upto, at, withheld = what.request, what.upto, what.at, what.withheld
    rows = [row for row in history.with_payloads(connection, handle) if row["number"] <= upto]
    facts = [_fact_of(row) for row in rows]
    case = rebuilt(handle, facts)
    definition = rules_of(definitions, case)
    asked = next(
        fact
        for row, fact in zip(rows, facts, strict=True)
        if row["number"] == request and isinstance(fact, RequestRecorded)
    )
    known = case.request(request)
    rules = definitions.requests.get(known.rules if known else 0, NO_RULES)
    made = _Made(connection, principal, definition, case, rows, facts, at)
    known_parts = parts_of_package(definition, case)
    unsaid = {*withheld, *(part.name for part in known_parts if rules.withheld(part.name))}
    parts = []
    for part in known_parts:
        rule = rules.withheld(part.name)
        if (why := made.not_yet(part.name)) is not None:
            parts.append(PackagePart(part.name, part.title, why, by_rule=True))
        elif rule is not None:
            ground = say("%(ground)s (%(basis)s)", ground=rule.title, basis=rule.basis)
            parts.append(PackagePart(part.name, part.title, ground, by_rule=True))
        elif part.name in withheld:
            parts.append(PackagePart(part.name, part.title, withheld[part.name]))
        else:
            parts.append(made.part(part.name, part.title, unsaid))
    parts += [
        PackagePart(one.value, say(one.title), _NO_RULE[one], by_rule=True) for one in SealedPart
    ]
    return CandidatePackage(
        handle=handle,
        reference=case.reference or "",
        name=case.name,
        request=request,
        asked_on=asked.came_on,
        letter=asked.letter_reference,
        made_on=Ids().legal_day(at),
        reasons=what.reasons,
        parts=tuple(parts),
    )


def _fact_of(row: Row) -> Fact:
    if row["content"] is None:
        raise OutOfTurn(say("What was written about this candidate was lawfully erased."))
    return read_fact(row["verb"], history.read_payload(row["content"]))


@dataclass(frozen=True)
class _Made:
    """What the parts are made from."""

    connection: Connection
    principal: Principal
    definition: Definition
    case: CaseFile
    rows: Sequence[Row]
    facts: Sequence[Fact]
    at: str

    @property
    def told(self) -> UnitNotified | None:
        """The notice of the outcome, once it was given."""
        return next((one for one in reversed(self.facts) if isinstance(one, UnitNotified)), None)

    def not_yet(self, name: str) -> Sentence | None:
        """Say why a part cannot be handed over yet, whatever anybody chooses."""
        if self.told is not None:
            return None
        if name == OwnPart.OUTCOME:
            return _NOT_YET
        if name.startswith(FACT):
            fact = self.definition.fact_by_name[name.removeprefix(FACT)]
            return _NOT_YET if tells_outcome(self.definition, fact) else None
        return None

    def part(self, name: str, title: Title | Sentence, unsaid: Collection[str]) -> PackagePart:
        """Return a part as it is handed over."""
        match name:
            case OwnPart.CANDIDATE:
                return PackagePart(name, title, words=tuple(self._candidate()))
            case OwnPart.TIMELINE:
                return PackagePart(name, title, steps=tuple(self._steps(unsaid)))
            case OwnPart.OUTCOME:
                return PackagePart(name, title, words=tuple(self._outcome()))
            case OwnPart.READERS:
                return PackagePart(name, title, looks=tuple(self._looks()))
            case OwnPart.REQUESTS:
                return PackagePart(name, title, words=tuple(self._requests()))
            case _:
                return PackagePart(name, title, words=tuple(self._recorded(name)))

    def _candidate(self) -> Iterator[tuple[Sentence | Title, str | Sentence | Title]]:
        case = self.case
        yield say("Candidate"), case.name
        yield say("Born"), day_written(case.born)
        if case.position:
            yield say("Present post"), case.position
        yield say("Title asked for"), case.target
        yield say("Act"), say(case.case_type.title)
        yield say("Reference"), case.reference or ""
        names = names_of_organisations(self.connection, {case.unit})
        yield say("Requesting unit"), names.get(case.unit, Title(vi=case.unit, en=case.unit))

    def _outcome(self) -> Iterator[tuple[Sentence | Title, str | Sentence | Title]]:
        """Yield what stands of the conclusion, then every earlier version, named as such."""
        versions = [
            fact for fact in self.facts if isinstance(fact, CaseConcluded | ConclusionAmended)
        ]
        # What was concluded again after a case was taken back takes the place of all before it.
        last = max(
            (at for at, fact in enumerate(versions) if isinstance(fact, CaseConcluded)), default=0
        )
        versions = versions[last:]
        if self.told is None or not versions:
            return
        *earlier, stands = versions
        if isinstance(stands, ConclusionAmended):
            yield from self._amended(stands, earlier[-1])
        else:
            yield say("Outcome"), self._outcome_title(stands.outcome)
            yield say("Reasons"), self.told.reasons
        yield say("Decided on"), day_written(stands.decided_on)
        if stands.document:
            yield say("Document"), stands.document
        if stands.effective_on:
            amended = isinstance(stands, ConclusionAmended)
            label = say("In force from") if amended else say("Counts from")
            yield label, day_written(stands.effective_on)
        yield from self._valid_until(versions[0])
        for one in reversed(earlier):
            yield (
                say("Earlier version of %(day)s", day=day_written(one.decided_on)),
                say("%(outcome)s; no longer stands", outcome=self._outcome_title(one.outcome)),
            )
            yield say("Reasons of the earlier version"), one.reasons or ""

    def _valid_until(
        self, first: CaseConcluded | ConclusionAmended
    ) -> Iterator[tuple[Sentence | Title, str | Sentence | Title]]:
        """Yield until when what stands holds, and by which rule, where there is one."""
        on = Ids().legal_day(self.at)
        valid = validity_as_concluded(
            self.definition, self.case, first.decided_on, first.effective_on, on
        )
        if valid is not None and valid.due_on is not None:
            yield (
                say("Valid until"),
                say(
                    "%(day)s: %(rule)s from %(start)s (%(basis)s)",
                    day=day_written(valid.due_on.isoformat()),
                    rule=valid.rule,
                    start=valid.starts,
                    basis=basis_written(valid.deadline.basis),
                ),
            )

    def _amended(
        self, fact: ConclusionAmended, before: CaseConcluded | ConclusionAmended
    ) -> Iterator[tuple[Sentence | Title, str | Sentence | Title]]:
        day, earlier = day_written(fact.decided_on), self._outcome_title(before.outcome)
        match AmendmentKind(fact.kind):
            case AmendmentKind.CORRECTION:
                yield say("Outcome"), self._outcome_title(fact.outcome)
                yield say("Reasons"), fact.reasons or ""
                became = say("Corrected on %(day)s; earlier: %(outcome)s", day=day, outcome=earlier)
                yield say("Correction of the conclusion"), became
            case AmendmentKind.ANNULMENT:
                yield (
                    say("Outcome"),
                    say(
                        "The conclusion was annulled on %(day)s; earlier: %(outcome)s",
                        day=day,
                        outcome=earlier,
                    ),
                )
            case AmendmentKind.REVOCATION:
                yield (
                    say("Outcome"),
                    say(
                        "The conclusion was revoked on %(day)s; earlier: %(outcome)s",
                        day=day,
                        outcome=earlier,
                    ),
                )
        yield _REASON[AmendmentKind(fact.kind)], fact.reason
        yield say("Legal basis"), basis_written(fact.basis)

    def _outcome_title(self, name: str | None) -> Title:
        known = self.definition.outcome_by_name.get(name or "")
        return known.title if known else Title(vi=name or "", en=name or "")

    def _recorded(self, name: str) -> Iterator[tuple[Sentence | Title, str | Sentence | Title]]:
        kept = self.case.recorded.get(name.removeprefix(FACT).removeprefix(PAPER), ())
        fields = fields_of_part(self.definition, name)
        for record in kept if isinstance(kept, list | tuple) else ():
            if isinstance(record, Mapping):
                yield from words_of_record(fields, record)

    def _requests(self) -> Iterator[tuple[Sentence | Title, str | Sentence | Title]]:
        for row, fact in zip(self.rows, self.facts, strict=True):
            match fact:
                case RequestRecorded():
                    asks = say(RequestKind(fact.kind).title)
                    yield say("Entry %(number)s", number=row["number"]), asks
                    yield say("Came on"), day_written(fact.came_on)
                    yield say("By letter"), fact.letter_reference
                    yield say("What it asks"), fact.asked_for
                case RequestAnswered() | RequestRefused():
                    yield (
                        say("Answer to entry %(number)s", number=fact.request),
                        fact.reasons,
                    )
                    yield say("Answered on"), day_written(fact.answered_on)
                    if isinstance(fact, RequestRefused):
                        yield say("Refused on the ground"), fact.ground
                case RequestHandedOver():
                    yield (
                        say("Package of entry %(number)s handed over on", number=fact.request),
                        day_written(fact.handed_on),
                    )
                case _:
                    pass

    def _steps(self, unsaid: Collection[str]) -> Iterator[Step]:
        names = names_of_organisations(self.connection, {row["organisation"] for row in self.rows})
        ids = Ids()
        for row, fact in zip(self.rows, self.facts, strict=True):
            what: Sentence | Title
            if isinstance(fact, FactRecorded):
                part = f"{FACT}{fact.name}"
                known = self.definition.fact_by_name.get(fact.name)
                if known is None or part in unsaid or self.not_yet(part) is not None:
                    continue
                what = known.title
            elif isinstance(fact, ConclusionAmended):
                # What became of an outcome tells that there was one.
                if OwnPart.OUTCOME in unsaid or self.told is None:
                    continue
                what = _AMENDED[AmendmentKind(fact.kind)]
            elif row["verb"] in _STEPS:
                what = TITLES[row["verb"]]
            else:
                continue
            code = row["organisation"]
            yield Step(ids.legal_day(row["at"]), what, names.get(code, Title(vi=code, en=code)))

    def _looks(self) -> Iterator[Looked]:
        found: Counter[tuple[str, str, str, Role, Purpose | How]] = Counter()
        ids = Ids()
        for look in looks_before(self.connection, self.principal, self.case.handle, self.at):
            why = look.purpose if isinstance(look.purpose, Purpose) else look.how or How.VIEW
            place = look.organisation
            found[ids.legal_day(look.at), place.vi, place.en, look.role, why] += 1
        for (on, vi, en, role, why), times in sorted(found.items()):
            yield Looked(on, Title(vi=vi, en=en), role, why, times)
