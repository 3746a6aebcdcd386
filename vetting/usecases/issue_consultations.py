"""Issue consultations: ask the bodies, for one case or a whole round, one letter a body."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from vetting.engine.calendar import refuse_no_day
from vetting.engine.casefile import CaseFile
from vetting.engine.decide import Step
from vetting.engine.facts import (
    BodyAsked,
    BodyLeftOut,
    ConsultationsIssued,
    ConsultationTakenBack,
)
from vetting.engine.policy import Action
from vetting.engine.refusals import OutOfTurn, Unacceptable
from vetting.engine.sentences import Organisations, say
from vetting.engine.vocabulary import Need
from vetting.records import counters, letters, rules
from vetting.records.book import Book
from vetting.usecases.desk import Answer, Desk, Sent
from vetting.usecases.moves import each, step


@dataclass(frozen=True)
class Asking:
    """How the bodies are asked this time."""

    left_out: Mapping[str, str] = field(default_factory=dict)  # body: the reason
    reason: str | None = None  # why again, from the second turn on
    symbol: str | None = None  # the number and symbol on the paper letter, if there is one
    dated: str | None = None
    due_on: str | None = None  # a date set by the Board; without one there is no deadline


def issue_consultations(
    desk: Desk, sent: Sent, cases: Sequence[str], asking: Asking | None = None
) -> Answer:
    """Ask every body that the regulation names, but those left out with a reason."""
    how = asking or Asking()
    for body, reason in how.left_out.items():
        if not reason.strip():
            raise Unacceptable(say("Say why %(body)s is left out.", body=Organisations((body,))))

    def do(book: Book) -> Answer:
        refuse_no_day(how.dated or None, how.due_on or None)
        if how.due_on is not None and how.due_on < book.today:
            raise Unacceptable(say("The day by which an answer is due lies in the past."))
        post = _Post(book, how)

        def consult(case: CaseFile) -> CaseFile:
            if case.turn and not (how.reason or "").strip():
                raise OutOfTurn(say("Say why the bodies are asked again."))
            return _ask(book, case, step(book, case, "consult"), how, post)

        answer = each(book.opened(cases, sent.seen), consult)
        post.write_letters()
        return {**answer, "letters": dict(post.letters)}

    content = {
        "cases": list(cases),
        "left_out": dict(how.left_out),
        "reason": how.reason,
        "symbol": how.symbol,
        "dated": how.dated,
        "due_on": how.due_on,
    }
    return desk.act(Action.ISSUE_CONSULTATIONS, sent, content, do)


class _Post:
    """One letter a body, however many cases it covers."""

    def __init__(self, book: Book, asking: Asking) -> None:
        self._book = book
        self._asking = asking
        self.letters: dict[str, str] = {}
        self._covers: dict[str, int] = defaultdict(int)
        self._bodies: dict[str, Sequence[str]] = {}

    def bodies(self, regulation: str) -> Sequence[str]:
        """Return the bodies that a regulation names."""
        if regulation not in self._bodies:
            self._bodies[regulation] = rules.bodies_of(
                self._book.connection, regulation, self._book.today
            )
        return self._bodies[regulation]

    def letter_to(self, body: str) -> str:
        """Return the handle of the letter to *body*, which covers one case more."""
        self._covers[body] += 1
        if body not in self.letters:
            self.letters[body] = self._book.ids.handle()
        return self.letters[body]

    def write_letters(self) -> None:
        """Give the letters numbers of the sender's register and have them written."""
        book, sender = self._book, self._book.principal.organisation
        year = int(book.today[:4])
        if not self.letters:
            return
        numbers = counters.take(book.connection, f"letter/{sender}/{year}", len(self.letters))
        for number, (body, handle) in zip(numbers, self.letters.items(), strict=True):
            book.insert(
                letters.INSERT,
                {
                    "handle": handle,
                    "direction": "outgoing",
                    "sender": sender,
                    "receiver": body,
                    "year": year,
                    "number": number,
                    "symbol": self._asking.symbol,
                    "dated": self._asking.dated,
                    "covers": self._covers[body],
                    "written_by": book.principal.officer,
                    "written_at": book.at,
                },
            )


def _ask(book: Book, case: CaseFile, made: Step, how: Asking, post: _Post) -> CaseFile:
    if case.regulation is None:
        raise OutOfTurn(say("The case is bound to no coordination regulation."))
    turn = case.turn + 1
    definition = book.definition(case)
    named = post.bodies(case.regulation)
    if unknown := sorted(set(how.left_out) - set(named)):
        raise OutOfTurn(
            say("The regulation does not name %(body)s.", body=Organisations(tuple(unknown[:1])))
        )
    asked = [body for body in named if body not in how.left_out]
    if not any(definition.rule_for(body).need is Need.MUST for body in asked):
        raise OutOfTurn(say("At least one body that must answer has to be asked."))
    case = _released(book, case, how.reason or "")
    case = book.state(case.handle, ConsultationsIssued(made.source, made.target, turn, how.reason))
    for body in named:
        if body in how.left_out:
            case = book.state(case.handle, BodyLeftOut(body, turn, how.left_out[body]))
            continue
        fact = BodyAsked(
            consultation=book.ids.handle(),
            body=body,
            turn=turn,
            need=definition.rule_for(body).need.value,
            letter=post.letter_to(body),
            due_on=how.due_on,
        )
        case = book.state(case.handle, fact)
    book.tell(case.handle, "consult")
    return case


def _released(book: Book, case: CaseFile, reason: str) -> CaseFile:
    """Take back what is still open of the turn before: a body is asked one question at a time."""
    for before in list(case.asked_now()):
        if before.state != "signed":
            fact = ConsultationTakenBack(
                before.state, "withdrawn", before.handle, before.body, reason
            )
            case = book.state(case.handle, fact, move="take_back")
    return case
