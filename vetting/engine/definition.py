"""Workflow definitions: what a version of a case type's workflow says.

A definition is data (workflows/<case type>/v<N>.toml). These models read it strictly: an unknown
key, a missing title or a wrong type is an error that names its place. Whether a definition makes
sense as a whole is proved in `prove.py`.
"""

from datetime import date
from functools import cached_property
from typing import Annotated, Literal

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field

from vetting.engine.vocabulary import CaseType, DateKind, Need, Role

CONSULTATION = "consultation"
CONCLUSION = "conclusion"  # as what is told ahead of its end
LONGEST = 20_000  # days or months; a longer term is a slip of the pen


def _as_tuple(value: object) -> object:
    """Let a file write a single name where a list may stand."""
    return (value,) if isinstance(value, str) else value


Names = Annotated[tuple[str, ...], BeforeValidator(_as_tuple)]


class Part(BaseModel):
    """A part of a definition: closed, and never changed once read."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class Title(Part):
    """A title in both languages."""

    vi: str = Field(min_length=1)
    en: str = Field(min_length=1)

    def __str__(self) -> str:
        """Return the title in English, as a sentence has it before it is translated."""
        return self.en

    def said(self, language: str) -> str:
        """Return the title in a language."""
        return self.vi if language == "vi" else self.en


class Titles(Part):
    """Several titles in the gap of a sentence."""

    titles: tuple[Title, ...]

    def __str__(self) -> str:
        """Return the titles in English."""
        return self.said("en")

    def said(self, language: str) -> str:
        """Return the titles in a language."""
        return ", ".join(title.said(language) for title in self.titles)


class Deadline(Part):
    """How long something may take. Where the client has entered nothing there is none."""

    unit: Literal["working_days", "calendar_days", "months"]
    length: int = Field(gt=0, le=LONGEST)
    extension: int = Field(default=0, ge=0)  # one extension of at most so many units
    basis: str = Field(min_length=1)  # the rule it comes from
    stops_in: Names = ()  # the states in which its clock stands still; none: it never does


class Reminder(Part):
    """Somebody is told that something is owed, so many working days after its last day."""

    days: int = Field(ge=-250, le=250)  # below nothing: so many before it
    to: Literal["owing", "head", "coordinator"]  # whoever owes it, the head above them, the Board


class OwnDeadline(Deadline):
    """A deadline of the case itself. Whoever has to keep it is reminded where a schedule says so.

    What an answer of a body is reminded by stands in the workflow, not here.
    """

    kind: DateKind | None = None  # none: nobody said which of the two it is
    reminders: tuple[Reminder, ...] = ()  # none: nobody is reminded


class CaseDeadline(OwnDeadline):
    """A deadline of the case as a whole, counted from something that happened or will happen.

    `start` is a state entered (`accepted`), a date on record (`cell_resolution.passed_on`; the
    latest record counts), a date on record in the case this one follows
    (`admission.ceremony.held_on`), or the end of another deadline, by its name.
    """

    name: str
    title: Title
    start: str
    counted: Literal["after", "before"] = "after"
    met_by: Names = ()  # the states entered or facts recorded that meet it; none for a mere span
    owed_by: Literal["unit", "board", "authority"] | None = None  # none: nobody is reminded
    # Counted once, on the calendar as it stood when what it is counted from was written down:
    # no later calendar, extension or standing still moves it.
    frozen: bool = False


class QuestionTerm(OwnDeadline):
    """How long the unit has to answer what it is asked while its case runs.

    The day is counted when the questions are put, on the calendar as it stands then, and is frozen:
    nobody names another, and its clock does not stand still.
    """

    @property
    def frozen(self) -> bool:
        """Nothing that comes later moves it."""
        return True


class State(Part):
    """A place where a case or a consultation can stand."""

    name: str
    title: Title
    acts: tuple[Role, ...] = ()  # who has it
    final: bool = False
    deadline: OwnDeadline | None = None


class Move(Part):
    """A way from one state to another. Without `by` it is the engine's own."""

    name: str
    source: Names = Field(alias="from")
    target: Names = Field(alias="to")
    title: Title
    by: tuple[Role, ...] = ()
    guards: tuple[str, ...] = ()
    needs: tuple[str, ...] = ()  # the recorded facts the guard `facts_recorded` asks for
    reason: bool = False  # a reason must be given

    @property
    def automatic(self) -> bool:
        """Tell whether the engine makes this move by itself."""
        return not self.by


class MoreTime(Part):
    """The limits within which a body can be given more time; without them the Board decides."""

    times: int | None = Field(default=None, gt=0)  # so often for one answer
    working_days: int | None = Field(default=None, gt=0)  # after the day first set, in all
    basis: str = Field(min_length=1)  # the rule it comes from


class ConsultationRule(Part):
    """How one body, or every body (`*`), is asked."""

    body: str = "*"
    need: Need = Need.MUST
    countersigners: int = Field(default=0, ge=0, le=5)
    silence: Literal["waits"] = "waits"  # silence is never an answer
    deadline: Deadline | None = None
    more_time: MoreTime | None = None  # none: no limit was entered
    stops_in: Names = ()  # while what the clock of the day that was set stands still


class FactField(Part):
    """One thing that is written down about a dated fact."""

    name: str
    title: Title
    kind: Literal["date", "text", "count"]
    required: bool = True
    ahead: bool = False  # a date that may lie in the future, such as the end of a term


class RecordedFact(Part):
    """A dated fact that is recorded in a case, such as a cell's resolution."""

    name: str
    title: Title
    by: tuple[Role, ...] = Field(min_length=1)
    states: tuple[str, ...] = Field(min_length=1)
    fields: tuple[FactField, ...] = Field(min_length=1)
    repeats: bool = False  # may be recorded more than once, such as a verification reply
    answers: str | None = None  # the repeated fact that this one settles, one for one
    after: tuple[str, ...] = ()  # facts that must have been recorded before
    after_one_of: tuple[str, ...] = ()  # facts of which one must have been recorded before
    settled: tuple[str, ...] = ()  # repeated facts that must all have been answered before
    outcomes: tuple[str, ...] = ()  # only once the authority concluded so; none: whatever it was
    basis: str | None = None


class Paper(Part):
    """A paper or statement that the case type asks for."""

    name: str
    title: Title
    mode: Literal["content", "reference"] = "reference"
    required: bool = False
    fresh_months: int | None = Field(default=None, gt=0)
    basis: str | None = None


class Outcome(Part):
    """A way in which the authority can conclude, or the Board propose."""

    name: str
    title: Title
    adverse: bool = False  # the candidate is heard first, or the absence of a hearing reasoned
    proposed: bool = True  # the Board may propose it
    concluded: bool = True  # the authority may conclude it
    closes_after: tuple[str, ...] = ()  # facts on record before a case so concluded can close
    effective: Literal["probation_end"] | None = None  # the date it counts from, where a rule says


class Validity(Part):
    """How long a conclusion holds. Where the client has entered nothing it has no end."""

    unit: Literal["calendar_days", "months"]
    length: int = Field(gt=0)
    basis: str = Field(min_length=1)  # the rule it comes from
    counted_from: Literal["decided", "effective"]  # the day of the decision, or that it counts from
    outcomes: Names = ()  # of which outcomes; none: of each


class Ahead(Part):
    """Somebody is told ahead of a day: that something ceases to hold, or that a term ends.

    `of` is `conclusion`, a paper by its name, or a date that lies ahead (`term_end.ends_on`).
    """

    of: str
    unit: Literal["working_days", "calendar_days", "months"]
    length: int = Field(gt=0)  # so long before
    to: Literal["unit", "board"]
    outcomes: Names = ()  # only where it was concluded so; none: whatever was


class Follows(Part):
    """The earlier case that a case of this type is linked to."""

    case_type: CaseType
    outcome: str  # how that case must have been concluded
    recorded: tuple[str, ...] = ()  # what must be on record there


class Notice(Part):
    """Somebody is told when a move is made."""

    on: str
    to: Literal["unit", "board", "authority", "bodies", "body"]  # `body`: the one that acted
    title: Title


class Definition(Part):
    """One version of a workflow."""

    case_type: CaseType | Literal["consultation"]
    version: int = Field(gt=0)
    title: Title
    valid_from: date | None = None
    legal_bases: tuple[str, ...] = ()
    follows: Follows | None = None
    opens: str
    states: tuple[State, ...]
    moves: tuple[Move, ...]
    consultation: tuple[ConsultationRule, ...] = ()
    facts: tuple[RecordedFact, ...] = ()
    papers: tuple[Paper, ...] = ()
    deadlines: tuple[CaseDeadline, ...] = ()
    questions: QuestionTerm | None = None  # none: an answer of the unit has no last day by a rule
    outcomes: tuple[Outcome, ...] = ()
    notices: tuple[Notice, ...] = ()
    reminders: tuple[Reminder, ...] = ()  # of answers that bodies owe; none: nobody is reminded
    validity: Validity | None = None  # none: a conclusion has no last day
    ahead: tuple[Ahead, ...] = ()  # none: nobody is told that something will end

    def __hash__(self) -> int:
        """Hash by name: hashing every part of a definition at each question would be dear."""
        return hash((self.case_type, self.version))

    @cached_property
    def state_by_name(self) -> dict[str, State]:
        """The states, by name."""
        return {state.name: state for state in self.states}

    @cached_property
    def moves_by_name(self) -> dict[str, Move]:
        """The moves, by name. A name stands for one move, whatever its sources."""
        return {move.name: move for move in self.moves}

    @cached_property
    def fact_by_name(self) -> dict[str, RecordedFact]:
        """The facts that can be recorded, by name."""
        return {fact.name: fact for fact in self.facts}

    @cached_property
    def paper_by_name(self) -> dict[str, Paper]:
        """The papers, by name."""
        return {paper.name: paper for paper in self.papers}

    @cached_property
    def outcome_by_name(self) -> dict[str, Outcome]:
        """The outcomes, by name."""
        return {outcome.name: outcome for outcome in self.outcomes}

    def moves_from(self, state: str) -> tuple[Move, ...]:
        """Return the moves out of *state*, in the order of the file."""
        return self._moves_by_source.get(state, ())

    @cached_property
    def _moves_by_source(self) -> dict[str, tuple[Move, ...]]:
        sources = {source for move in self.moves for source in move.source}
        return {
            source: tuple(move for move in self.moves if source in move.source)
            for source in sources
        }

    def rule_for(self, body: str) -> ConsultationRule:
        """Return how *body* is asked: by its own rule, else by the rule for every body."""
        named = [rule for rule in self.consultation if rule.body == body]
        general = [rule for rule in self.consultation if rule.body == "*"]
        return (named or general or [ConsultationRule()])[0]
