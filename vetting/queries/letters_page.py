"""Letters: those that went to a body, or from the Board, and what has been answered of each.

Of a letter those questions are listed and counted that the reader may know of and that are still
asked. A question that was taken back and one of a case that is kept from the reader go from it in
the same way, so that no count tells one from the other.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from sqlalchemy import ColumnElement, Connection, and_, case, exists, false, func, select

from vetting.engine.definition import Definition, Title
from vetting.engine.facts import UnitNotified
from vetting.engine.policy import Principal
from vetting.engine.refusals import Unacceptable, Unknown
from vetting.engine.sentences import Sentence, say
from vetting.engine.vocabulary import AmendmentKind, CaseType, Role, Verdict
from vetting.queries.inbox import ask_something, letter_name, still_asked
from vetting.queries.keyset import PAGE, Page, beyond, paged, read_mark
from vetting.records.cases import cases
from vetting.records.consultations import OPEN_STATES, consultations
from vetting.records.history import entries
from vetting.records.letters import letters

_BODY = frozenset({Role.BODY_OFFICER, Role.BODY_SIGNER})
_BOARD = frozenset({Role.BOARD_OFFICER, Role.BOARD_HEAD})
# What happens inside a body before it signs is its own affair: to others it has the question.
_AMENDED: Mapping[str | None, Sentence] = {
    AmendmentKind.CORRECTION.value: say("Conclusion corrected"),
    AmendmentKind.ANNULMENT.value: say("Conclusion annulled"),
    AmendmentKind.REVOCATION.value: say("Conclusion revoked"),
}
_SHOWN_TO_BOARD = {"drafting": "received", "ready": "received"}


@dataclass(frozen=True)
class LetterLine:
    """One letter and how far it has been answered."""

    handle: str
    number: int
    year: int
    symbol: str | None
    dated: str | None
    written_at: str
    sender: str
    receiver: str
    covers: int  # questions that are asked
    answered: int

    @property
    def name(self) -> str:
        """What the letter is called."""
        return letter_name(self.symbol, self.number, self.year)

    @property
    def waiting(self) -> int:
        """How many of its questions are still open."""
        return self.covers - self.answered


@dataclass(frozen=True)
class AskedInLetter:
    """One question of a letter."""

    handle: str
    case: str
    reference: str
    name: str
    born: str
    target: str
    case_type: CaseType
    unit: str
    state: Title
    is_open: bool
    due_on: str | None
    verdict: Verdict | None
    amended: AmendmentKind | None  # what became last of the opinion
    signed_at: str | None
    conclusion: Sentence | None  # that it was amended, for whom may know what was concluded

    @property
    def stands(self) -> bool:
        """Tell whether there is an opinion that was neither annulled nor revoked."""
        return self.amended in {None, AmendmentKind.CORRECTION}


@dataclass(frozen=True)
class LetterPage:
    """A letter and the questions that it covers."""

    letter: LetterLine
    page: Page[AskedInLetter]

    @property
    def handles(self) -> list[str]:
        """The cases shown."""
        return [row.case for row in self.page.rows]


def letters_page(
    connection: Connection, principal: Principal, *, after: str | None = None
) -> Page[LetterLine]:
    """Return the letters to the reader's body, or from the Board, newest first."""
    c = letters.c
    order = (c.written_at, c.handle)
    statement = select(letters).where(mine(principal))
    if mark := read_mark(after, len(order)):
        statement = statement.where(beyond(order, mark, backwards=True))
    rows = connection.execute(
        statement.order_by(c.written_at.desc(), c.handle.desc()).limit(PAGE + 1)
    ).all()
    answered = _answered(connection, principal, [row.handle for row in rows[:PAGE]])
    return paged(
        rows,
        PAGE,
        after,
        lambda row: (row.written_at, row.handle),
        lambda row: _line(row, answered),
    )


def letter_page(
    connection: Connection,
    principal: Principal,
    consulting: Definition,
    handle: str,
    *,
    after: str | None = None,
) -> LetterPage:
    """Return a letter with its questions, by the candidates' names; not mine: there is none."""
    found = connection.execute(select(letters).where(letters.c.handle == handle, mine(principal)))
    row = found.first()
    if row is None:
        raise Unknown(say("There is no such letter."))
    c, k = consultations.c, cases.c
    order = (k.name_sort, c.handle)
    statement = (
        select(
            c.handle,
            c.case_handle,
            c.state,
            c.due_on,
            c.verdict,
            c.signed_at,
            c.amended,
            k.amended.label("conclusion"),
            exists()
            .where(entries.c.case_handle == k.handle, entries.c.verb == UnitNotified.verb)
            .label("told"),
            k.reference,
            k.name,
            k.name_sort,
            k.born,
            k.target,
            k.case_type,
            k.unit,
        )
        .join(cases, k.handle == c.case_handle)
        .where(c.letter == handle, *still_asked(principal))
    )
    if mark := read_mark(after, 1):
        last = connection.scalar(
            select(k.name_sort)
            .join(consultations, c.case_handle == k.handle)
            .where(c.handle == mark[0], c.letter == handle)
        )
        if last is None:
            raise Unacceptable(
                say("This link leads to no page of the list. Begin at its first page.")
            )
        statement = statement.where(beyond(order, (last, mark[0])))
    rows = connection.execute(statement.order_by(*order).limit(PAGE + 1)).all()
    shown_as = _SHOWN_TO_BOARD if principal.role in _BOARD else {}
    return LetterPage(
        _line(row, _answered(connection, principal, [handle])),
        paged(
            rows,
            PAGE,
            after,
            lambda one: (one.handle,),
            lambda one: AskedInLetter(
                handle=one.handle,
                case=one.case_handle,
                reference=one.reference,
                name=one.name,
                born=one.born,
                target=one.target,
                case_type=CaseType(one.case_type),
                unit=one.unit,
                state=consulting.state_by_name[shown_as.get(one.state, one.state)].title,
                is_open=one.state in OPEN_STATES,
                due_on=one.due_on,
                verdict=Verdict(one.verdict) if one.verdict else None,
                amended=AmendmentKind(one.amended) if one.amended else None,
                signed_at=one.signed_at,
                # The bodies know what was concluded once it was announced.
                conclusion=_AMENDED.get(one.conclusion)
                if one.told or principal.role in _BOARD
                else None,
            ),
        ),
    )


def mine(principal: Principal) -> ColumnElement[bool]:
    """Return the clause that keeps a query on letters to those the reader may know of."""
    if principal.role in _BODY:
        return and_(letters.c.receiver == principal.organisation, ask_something(principal))
    if principal.role in _BOARD:
        return and_(letters.c.sender == principal.organisation, ask_something(principal))
    return false()


class _Stand(NamedTuple):
    """How far a letter is answered, as far as the reader may know of its cases."""

    asked: int = 0
    signed: int = 0


def _answered(
    connection: Connection, principal: Principal, handles: Sequence[str]
) -> dict[str, _Stand]:
    c = consultations.c
    signed = func.sum(case((c.state == "signed", 1), else_=0))
    rows = connection.execute(
        select(c.letter, func.count(), signed)
        .where(c.letter.in_(handles), *still_asked(principal))
        .group_by(c.letter)
    )
    return {letter: _Stand(*map(int, counts)) for letter, *counts in rows}


def _line(row: object, answered: dict[str, _Stand]) -> LetterLine:
    values = {name: getattr(row, name) for name in _OF_ROW}
    stands = answered.get(values["handle"], _Stand())
    return LetterLine(**values, covers=stands.asked, answered=stands.signed)


_OF_ROW = (
    "handle",
    "number",
    "year",
    "symbol",
    "dated",
    "written_at",
    "sender",
    "receiver",
)
