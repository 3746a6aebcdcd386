"""Deadlines: by when something is due in a case, whether it was in time, and why it is that day.

Everything is told: what the workflow says, what is on record, the calendar, and today. Where a rule
or a fact is missing there is no date, and the reason stands in its place.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import date

from vetting.engine.calendar import (
    Calendar,
    Counted,
    Pause,
    Step,
    Uncountable,
    calendar_days_after,
    calendar_days_before,
    merged,
    whole_months_after,
    whole_months_before,
    written,
)
from vetting.engine.casefile import CaseFile
from vetting.engine.definition import (
    CaseDeadline,
    Deadline,
    Definition,
    OwnDeadline,
    QuestionTerm,
    State,
    Title,
)
from vetting.engine.sentences import Sentence, mark, say
from vetting.engine.vocabulary import DateKind, Named, Role

CONCLUDED = "concluded"
FOLLOWED = "admission"  # how a start names the case that this one follows


class Standing(Named):
    """How a deadline stands."""

    NOT_BEGUN = "not_begun", mark("has not begun")
    RUNNING = "running", mark("running")
    LATE = "late", mark("late")
    MET = "met", mark("met")
    MET_LATE = "met_late", mark("met late")
    OVERTAKEN = "overtaken", mark("answered")  # by an answer, and never met for itself
    OVERTAKEN_LATE = "overtaken_late", mark("answered late")
    ENDED = "ended", mark("has ended")  # a span that nothing has to meet
    NO_DATE = "no_date", mark("no date")


MET = frozenset(
    {Standing.MET, Standing.MET_LATE, Standing.OVERTAKEN, Standing.OVERTAKEN_LATE}
)  # nothing is due any more


@dataclass(frozen=True)
class Stop:
    """A time that a case spent in one state, with who brought it there and why."""

    state: str
    first: date
    last: date | None = None  # none while it is still there
    officer: str | None = None
    reason: str | None = None

    def ended(self, day: date) -> "Stop":
        """Return it with its last day, never before the first: a clock may have been set back."""
        return replace(self, last=max(day, self.first))


# Everybody to whom a date is shown sees a case come to these states and leave them; and the unit
# being asked, which is no state.
QUESTION = "question"
QUESTIONS = "questions"  # how the name of a deadline begins that is of a set of them
CAN_STOP = ("returned", "suspended", QUESTION)
ASKED = Title(vi="Đang hỏi lại đơn vị", en="The unit is being asked")


@dataclass(frozen=True)
class AskedSet:
    """A set of questions that the unit was asked, as far as its term hangs on it."""

    number: int
    put_on: date
    due_on: date | None  # as it was written down when it was asked
    answered_on: date | None = None  # the last of its questions
    ended: bool = False  # unanswered, and nobody waits for it any more


@dataclass(frozen=True)
class Known:
    """What deadlines are counted from."""

    case: CaseFile
    today: date | None = None  # none: whether anything is late is not asked
    calendar: Calendar | None = None
    followed: CaseFile | None = None  # the earlier case that this one is linked to
    its_rules: Definition | None = None  # the workflow of that case
    entered: Mapping[str, date] = field(default_factory=dict)  # states: when last entered
    pauses: tuple[Pause, ...] = ()
    extended: Mapping[str, int] = field(default_factory=dict)  # by deadline: the units granted
    # By deadline that was met: the calendar as it then stood. What is settled is not dated anew.
    settled: Mapping[str, Calendar] = field(default_factory=dict)
    stops: tuple[Stop, ...] = ()  # what of them stops a clock its rule says
    titles: Mapping[str, Title] = field(default_factory=dict)  # of states
    asked: tuple[AskedSet, ...] = ()  # what the unit was asked, oldest first

    def stops_of(self, deadline: Deadline) -> tuple[Stop, ...]:
        """Return the times that a deadline's clock stood still, by its rule."""
        return tuple(stop for stop in self.stops if stop.state in deadline.stops_in)

    def pauses_of(self, deadline: Deadline) -> tuple[Pause, ...]:
        """Return the pauses that its days are counted with."""
        stops = self.stops_of(deadline)
        return (
            *self.pauses,
            *(Pause(stop.first, stop.last, self.titles.get(stop.state)) for stop in stops),
        )

    def calendar_for(self, name: str) -> Calendar | None:
        """Return the calendar that a deadline is counted on."""
        return self.settled.get(name, self.calendar)

    def frozen_for(self, name: str) -> "Known":
        """Return what a frozen deadline, and all that it starts from, is counted with."""
        return replace(
            self, calendar=self.calendar_for(name), settled={}, extended={}, pauses=(), stops=()
        )


@dataclass(frozen=True)
class Derived:
    """One deadline of a case: its date, how it stands, and how the date came about."""

    name: str
    title: Title
    standing: Standing
    deadline: Deadline  # the rule
    before: bool  # counted back from a day ahead
    starts: Sentence  # what it is counted from, in words
    begins_on: date | None = None  # none while that has not happened
    due_on: date | None = None  # with what was granted; none where it cannot be counted
    first_due_on: date | None = None  # before anything was granted
    extension: int = 0  # granted, of what the rule allows once
    latest_on: date | None = None  # the day if all of it were granted
    met_on: date | None = None
    runs: bool = True  # something can meet it; otherwise it is a mere span of time
    why_no_date: Sentence | None = None
    counted: Counted | None = None
    pauses: tuple[tuple[date, date | None], ...] = ()  # merged
    stops: tuple[Stop, ...] = ()  # each of them, with who and why
    owed_by: str | None = None  # the unit, the Board or the authority; none: nobody is named

    @property
    def kind(self) -> DateKind | None:
        """Whether it is a statutory date or a target, where somebody said so."""
        return self.deadline.kind if isinstance(self.deadline, OwnDeadline) else None

    @property
    def frozen(self) -> bool:
        """Tell whether nothing that comes later moves it."""
        return isinstance(self.deadline, CaseDeadline | QuestionTerm) and self.deadline.frozen

    @property
    def paused(self) -> int:
        """How many days the clock stood still."""
        return self.counted.paused if self.counted else 0

    @property
    def rule(self) -> Sentence:
        """How long it is, and which way it is counted."""
        return rule_of(self.deadline, before=self.before)

    @property
    def steps(self) -> tuple[Step, ...]:
        """The derivation, day by day, as it was counted."""
        return self.counted.steps if self.counted else ()

    @property
    def met(self) -> bool:
        """Tell whether what it is for has happened, in time or not."""
        return self.standing in MET

    @property
    def open(self) -> bool:
        """Tell whether something still has to happen by its date."""
        return self.runs and not self.met


def derive(definition: Definition, known: Known) -> tuple[Derived, ...]:
    """Return every deadline that the rules give a case where it stands."""
    titles = {state.name: state.title for state in definition.states}
    known = replace(known, titles={**titles, QUESTION: ASKED})
    of_case = (
        *(_of_case(definition, deadline, known) for deadline in definition.deadlines),
        *_of_questions(definition, known),
    )
    state = definition.state_by_name.get(known.case.state)
    if state is None or state.deadline is None:
        return of_case
    return (*of_case, _of_state(state, state.deadline, known))


def has_deadlines(definition: Definition) -> bool:
    """Tell whether a workflow lays down any deadline at all."""
    return any(True for _ in _all(definition))


def freezes(definition: Definition) -> bool:
    """Tell whether a workflow has dates that keep the calendar on which they were first counted."""
    return definition.questions is not None or any(one.frozen for one in definition.deadlines)


def uses_calendar(definition: Definition) -> bool:
    """Tell whether any deadline of a workflow is counted in working days."""
    return any(deadline.unit == "working_days" for deadline in _all(definition))


def needs_entered(definition: Definition) -> bool:
    """Tell whether any deadline of a workflow hangs on when something was written down."""
    if any(deadline.stops_in for deadline in _all(definition)):
        return True
    if freezes(definition):
        return True
    return any(state.deadline for state in definition.states) or any(
        name in definition.state_by_name and name != CONCLUDED
        for deadline in definition.deadlines
        for name in (deadline.start, *deadline.met_by)
    )


def _all(definition: Definition) -> Iterator[Deadline]:
    yield from definition.deadlines
    if definition.questions is not None:
        yield definition.questions
    yield from (state.deadline for state in definition.states if state.deadline)


def root_of(definition: Definition, deadline: CaseDeadline) -> str:
    """Return what a deadline is counted from in the end: a state, or a date on record."""
    by_name = {one.name: one for one in definition.deadlines}
    start, seen = deadline.start, {deadline.name}
    while start in by_name and start not in seen:
        seen.add(start)
        start = by_name[start].start
    return start


def owed_in(state: State) -> str | None:
    """Return who owes what is due while a case stands in a state: whoever has it there."""
    found = {_ORGANISATION_OF_ROLE.get(role) for role in state.acts}
    return found.pop() if len(found) == 1 else None


_ORGANISATION_OF_ROLE = {
    Role.CASE_OFFICER: "unit",
    Role.BOARD_OFFICER: "board",
    Role.BOARD_HEAD: "board",
    Role.SECRETARY: "authority",
}


def _of_case(definition: Definition, deadline: CaseDeadline, known: Known) -> Derived:
    if deadline.frozen:
        known = known.frozen_for(deadline.name)
    begins: date | None = None
    why: Sentence | None = None
    try:
        begins = _begins(definition, deadline, known)
    except Uncountable as none:
        why = none.sentence
    met, met_on = _met(definition, deadline, known)
    return _derived(
        deadline,
        known,
        name=deadline.name,
        title=deadline.title,
        starts=_starts(definition, deadline, known.its_rules),
        begins=begins,
        before=deadline.counted == "before",
        met=met,
        met_on=met_on,
        runs=bool(deadline.met_by),
        why=why,
        owed_by=deadline.owed_by,
    )


def name_of_set(number: int) -> str:
    """Return how the deadline of a set of questions is called in addresses and entries."""
    return f"{QUESTIONS}-{number}"


def set_of_name(name: str) -> int | None:
    """Return which set of questions a deadline is of, or None for any other deadline."""
    kind, _, number = name.partition("-")
    return int(number) if kind == QUESTIONS and number.isdecimal() else None


def title_of_set(number: int) -> Title:
    """Return the title of the deadline of a set of questions."""
    return Title(
        vi=f"Đơn vị trả lời câu hỏi, đợt {number}",
        en=f"Answer of the unit to the questions, set {number}",
    )


def answer_due(
    definition: Definition, case: CaseFile, today: date, calendar: Calendar | None
) -> Derived | None:
    """Return by when the next set of questions is to be answered if it is put today.

    There is none where the workflow states no term.
    """
    if definition.questions is None:
        return None
    asked = AskedSet(case.question_sets + 1, today, None)
    return _of_set(definition.questions, asked, Known(case, today=today, calendar=calendar))


def _of_questions(definition: Definition, known: Known) -> Iterator[Derived]:
    if definition.questions is not None:
        for asked in known.asked:
            yield _of_set(definition.questions, asked, known)


def _of_set(term: QuestionTerm, asked: AskedSet, known: Known) -> Derived:
    """Return the deadline of one set: the day stands as it was written down when it was asked."""
    name = name_of_set(asked.number)
    derived = _derived(
        term,
        known.frozen_for(name),
        name=name,
        title=title_of_set(asked.number),
        starts=say("the day the unit was asked"),
        begins=asked.put_on,
        met=asked.answered_on is not None,
        met_on=asked.answered_on,
        owed_by="unit",
    )
    if asked.due_on is not None and asked.due_on != derived.due_on:
        derived = replace(moved_to(derived, asked.due_on, known.today), why_no_date=None)
    if asked.ended:
        return replace(derived, standing=Standing.ENDED, runs=False)
    return derived


def _of_state(state: State, deadline: Deadline, known: Known) -> Derived:
    return _derived(
        deadline,
        known,
        name=state.name,
        title=state.title,
        starts=say("the day the case came to “%(state)s”", state=state.title),
        begins=known.entered.get(state.name),
        owed_by=owed_in(state),
    )


def _derived(  # noqa: PLR0913  # a deadline is all of this
    deadline: Deadline,
    known: Known,
    *,
    name: str,
    title: Title,
    starts: Sentence,
    begins: date | None,
    before: bool = False,
    met: bool = False,
    met_on: date | None = None,
    runs: bool = True,
    why: Sentence | None = None,
    owed_by: str | None = None,
) -> Derived:
    granted = min(known.extended.get(name, 0), deadline.extension)
    counted = first = latest = None
    if begins is not None:
        try:
            first = _count(deadline, known, begins, name=name, before=before)
            counted = first
            if granted:
                counted = _count(deadline, known, begins, granted, name=name, before=before)
        except Uncountable as none:
            why = none.sentence
        if counted is not None and deadline.extension:
            try:
                more = deadline.extension
                latest = _count(deadline, known, begins, more, name=name, before=before).ends
            except Uncountable:
                latest = None  # the term itself can be counted; its extension cannot yet
    due = counted.ends if counted else None
    return Derived(
        name=name,
        title=title,
        standing=_standing(known.today, begins, due, met, met_on, runs=runs, why=why),
        deadline=deadline,
        before=before,
        starts=starts,
        begins_on=begins,
        due_on=due,
        first_due_on=first.ends if first else None,
        extension=granted,
        latest_on=latest,
        met_on=met_on,
        runs=runs,
        why_no_date=why if due is None else None,
        counted=counted,
        pauses=() if before else merged(known.pauses_of(deadline)),
        stops=() if before else known.stops_of(deadline),
        owed_by=owed_by,
    )


def derive_span(  # noqa: PLR0913  # a deadline is all of this
    deadline: Deadline,
    known: Known,
    *,
    name: str,
    title: Title,
    starts: Sentence,
    begins: date,
    met_on: date | None,
    runs: bool = True,
) -> Derived:
    """Return a deadline that no workflow lays down, counted from a day on record."""
    return _derived(
        deadline,
        known,
        name=name,
        title=title,
        starts=starts,
        begins=begins,
        met=met_on is not None,
        met_on=met_on,
        runs=runs,
    )


def moved_to(derived: Derived, day: date, today: date | None) -> Derived:
    """Return a deadline whose day was moved by a recorded act: nothing was counted to the new one.

    How its first day came about stays, step by step.
    """
    return replace(
        derived,
        due_on=day,
        standing=_standing(
            today, derived.begins_on, day, derived.met, derived.met_on, runs=derived.runs, why=None
        ),
    )


def _standing(
    today: date | None,
    begins: date | None,
    due: date | None,
    met: bool,  # noqa: FBT001
    met_on: date | None,
    *,
    runs: bool,
    why: Sentence | None,
) -> Standing:
    if met:
        late = due is not None and met_on is not None and met_on > due
        return Standing.MET_LATE if late else Standing.MET
    if begins is None:
        return Standing.NO_DATE if why else Standing.NOT_BEGUN
    if due is None:
        return Standing.NO_DATE
    if today is not None and today > due:  # the last day counts whole
        return Standing.LATE if runs else Standing.ENDED
    return Standing.RUNNING


def _count(
    deadline: Deadline, known: Known, begins: date, more: int = 0, *, name: str, before: bool
) -> Counted:
    length = deadline.length + more
    calendar, pauses = known.calendar_for(name), known.pauses_of(deadline)
    match deadline.unit:
        case "months":
            if before:
                return whole_months_before(begins, length)
            return whole_months_after(begins, length, pauses)
        case "calendar_days":
            if before:
                return calendar_days_before(begins, length)
            return calendar_days_after(begins, length, pauses)
        case "working_days":
            if calendar is None:
                raise Uncountable(say("The calendar of working days has not been entered."))
            if before:
                return calendar.working_days_before(begins, length)
            return calendar.working_days_after(begins, length, pauses)


def _begins(definition: Definition, deadline: CaseDeadline, known: Known) -> date | None:
    """Return the day a deadline is counted from, where that day is on record."""
    source, *rest = deadline.start.split(".")
    if source == FOLLOWED and known.followed is not None:
        return _recorded(known.followed, rest)
    if source == FOLLOWED:
        return None
    if rest:
        return _recorded(known.case, [source, *rest])
    for other in definition.deadlines:
        if other.name == source and other.name != deadline.name:
            begun = _begins(definition, other, known)
            if begun is None:
                return None
            granted = min(known.extended.get(other.name, 0), other.extension)
            before = other.counted == "before"
            return _count(other, known, begun, granted, name=other.name, before=before).ends
    return known.entered.get(source)


def _starts(
    definition: Definition, deadline: CaseDeadline, its_rules: Definition | None
) -> Sentence:
    """Say in words what a deadline is counted from."""
    source, *rest = deadline.start.split(".")
    if source == FOLLOWED:
        return (
            say("in the earlier case, %(start)s", start=_day_of(its_rules, rest))
            if its_rules
            else say("a day on record in the earlier case")
        )
    if rest:
        return _day_of(definition, [source, *rest])
    for other in definition.deadlines:
        if other.name == source:
            return say("the end of “%(deadline)s”", deadline=other.title)
    return say("the day the case came to “%(state)s”", state=definition.state_by_name[source].title)


def _day_of(definition: Definition, words: Iterable[str]) -> Sentence:
    name, entry = words
    fact = definition.fact_by_name[name]
    field_ = next(one for one in fact.fields if one.name == entry)
    return say("%(fact)s: %(field)s", fact=fact.title, field=field_.title)


def _met(definition: Definition, deadline: CaseDeadline, known: Known) -> tuple[bool, date | None]:
    """Tell whether what a deadline is for has happened, and on which day."""
    days: list[date] = []
    met = False
    for name in deadline.met_by:
        if name == CONCLUDED:
            if not known.case.concluded:
                continue
            day = known.entered.get(name)
        elif name in definition.fact_by_name:
            if name not in known.case.recorded:
                continue
            dates = [one.name for one in definition.fact_by_name[name].fields if one.kind == "date"]
            day = _recorded(known.case, [name, *dates[:1]]) if dates else None
        elif name in known.entered:
            day = known.entered[name]
        else:
            continue
        met = True
        if day is not None:
            days.append(day)
    return met, min(days, default=None)


def _recorded(case: CaseFile, words: Iterable[str]) -> date | None:
    name, entry = words
    record = case.last_recorded(name)
    value = record.get(entry) if record else None
    return date.fromisoformat(value) if isinstance(value, str) else None


def rule_of(deadline: Deadline, *, before: bool = False) -> Sentence:
    """Say how long a deadline is and which way it is counted."""
    match deadline.unit, before:
        case "months", False:
            return say("%(count)s months", count=deadline.length)
        case "calendar_days", False:
            return say("%(count)s days", count=deadline.length)
        case "working_days", False:
            return say("%(count)s working days", count=deadline.length)
        case "months", True:
            return say("%(count)s months before", count=deadline.length)
        case "calendar_days", True:
            return say("%(count)s days before", count=deadline.length)
        case _:
            return say("%(count)s working days before", count=deadline.length)


def counting_rules(derived: Derived) -> tuple[Sentence, ...]:
    """Say the rules by which this very date was counted."""
    said = [
        say("The day it is counted from does not count; the count goes back from the day before.")
        if derived.before
        else say("The day it begins on does not count; the first day that can is the next one.")
    ]
    if derived.deadline.unit == "working_days":
        said.append(say("Only working days count, and make-up working days are among them."))
    if derived.deadline.unit == "months":
        said.append(
            say("Months end on the day of the same number, or on the last of a shorter month.")
        )
    if derived.pauses:
        said.append(say("Days on which the clock stood still do not count."))
    if derived.frozen:
        said.append(
            say(
                "The date is frozen: it was counted on the calendar as it stood when what it is "
                "counted from was written down, and nothing that came later moves it."
            )
        )
    if derived.due_on and derived.first_due_on and derived.due_on > derived.first_due_on:
        said.append(
            say(
                "It was first due on %(first)s. An act that a second person agreed to moved it to "
                "%(day)s; nothing was counted to that day.",
                first=written(derived.first_due_on),
                day=written(derived.due_on),
            )
            if not (derived.extension or isinstance(derived.deadline, QuestionTerm))
            else say("It was first due on %(first)s.", first=written(derived.first_due_on))
        )
    if derived.due_on and not derived.runs:
        said.append(
            say(
                "The last day counts whole: it has ended from midnight after %(day)s.",
                day=written(derived.due_on),
            )
        )
    elif derived.due_on:
        said.append(
            say(
                "The last day counts whole: it is late from midnight after %(day)s.",
                day=written(derived.due_on),
            )
        )
    return tuple(said)
