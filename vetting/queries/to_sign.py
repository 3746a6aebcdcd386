"""What waits for a signer: drafts that were passed on, with all that a name would stand under."""

from collections.abc import Collection
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from sqlalchemy import ColumnElement, Connection, and_, exists, func, literal, not_, select

from vetting.engine.amend import COUNTERSIGNED, OWN_DRAFT
from vetting.engine.casefile import Amendment, CaseFile, Draft
from vetting.engine.decide import offers_of_consultation
from vetting.engine.facts import OpinionAmendmentDrafted
from vetting.engine.policy import Principal
from vetting.engine.reading import Definitions
from vetting.engine.sentences import Sentence, say
from vetting.engine.vocabulary import CaseType
from vetting.queries.inbox import days_between, held_back, letter_name
from vetting.queries.keyset import PAGE, Page, beyond, paged, read_mark
from vetting.queries.opened_case import actor_of
from vetting.records.cases import cases, participations
from vetting.records.consultations import IS_READY, consultation_of, consultations
from vetting.records.history import entries
from vetting.records.identity import Ids
from vetting.records.letters import letters
from vetting.records.reads import reads
from vetting.records.scope import addressed_to
from vetting.records.tallies import waiting_for

READ_AT_ONCE = 20  # whole texts on a page
SIGN_AT_ONCE = 500  # ticked in one act


class Show(StrEnum):
    """Which drafts are listed."""

    ALL = "all"
    UNREAD = "unread"
    READ = "read"


@dataclass(frozen=True)
class ReadyDraft:
    """One draft that waits for a signature."""

    handle: str
    version: int
    case: str
    reference: str
    name: str
    born: str
    target: str
    position: str | None
    case_type: CaseType
    unit: str
    workflow_version: int
    letter: str | None
    letter_name: str
    due_on: str | None
    overdue: bool
    waiting_days: int
    draft: Draft
    countersigned_by: tuple[str, ...]
    countersigners: int
    opened: bool  # by the reader, as it stands
    held_back: Sentence | None  # why the reader cannot sign it


@dataclass(frozen=True)
class ReadyAmendment:
    """One correction, annulment or revocation that waits for a signature on a page of its own."""

    handle: str  # of the question
    case: str
    reference: str
    name: str
    born: str
    target: str
    case_type: CaseType
    unit: str
    amendment: Amendment
    held_back: Sentence | None  # why the reader cannot sign it


@dataclass(frozen=True)
class ToSign:
    """A page of drafts to sign, and what is to become of opinions that were signed."""

    show: Show
    page: Page[ReadyDraft]
    ready: int  # at the whole body, with the amendments
    amendments: tuple[ReadyAmendment, ...]

    @property
    def handles(self) -> list[str]:
        """The cases shown."""
        drafts = [row.case for row in self.page.rows]
        return drafts + [row.case for row in self.amendments]

    @property
    def texts(self) -> list[tuple[str, str, str]]:
        """The drafts shown, as the ledger of reads names them."""
        return [(row.case, row.handle, row.draft.hash) for row in self.page.rows]

    @property
    def can_sign(self) -> int:
        """How many of those shown can be signed now."""
        return sum(row.opened and row.held_back is None for row in self.page.rows)


_ORDER = (consultations.c.due_order, consultations.c.asked_at, consultations.c.handle)


def to_sign(  # noqa: PLR0913  # what a list is narrowed to
    connection: Connection,
    principal: Principal,
    definitions: Definitions,
    ids: Ids,
    show: Show = Show.ALL,
    *,
    after: str | None = None,
    size: int = PAGE,
    these: Collection[str] = (),
) -> ToSign:
    """Return drafts that wait for a signature, oldest due first, in three statements.

    Or *these* of them alone, by their questions.
    """
    opened = _opened_by(principal)
    clauses: list[ColumnElement[bool]] = [addressed_to(principal.at_work), IS_READY]
    if show is not Show.ALL:
        clauses.append(opened if show is Show.READ else not_(opened))
    if these:
        clauses.append(consultations.c.handle.in_(sorted(these)))
    if mark := read_mark(after, len(_ORDER)):
        clauses.append(beyond(_ORDER, mark))
    k, w = cases.c, letters.c
    rows = (
        connection.execute(
            select(
                consultations,
                opened.label("opened"),
                k.reference,
                k.name,
                k.born,
                k.target,
                k.position,
                k.case_type,
                k.definition_version,
                k.state.label("case_state"),
                k.turn.label("case_turn"),
                k.unit,
                w.symbol,
                w.number,
                w.year,
                participations.c.hat,
            )
            .select_from(
                consultations.join(cases, k.handle == consultations.c.case_handle)
                .outerjoin(letters, w.handle == consultations.c.letter)
                .outerjoin(
                    participations,
                    and_(
                        participations.c.case_handle == consultations.c.case_handle,
                        participations.c.officer == principal.officer,
                    ),
                )
            )
            .where(*clauses)
            .order_by(*_ORDER)
            .limit(size + 1)
        )
        .mappings()
        .all()
    )
    today = ids.today()
    waiting = _amendments(connection, principal)
    return ToSign(
        show=show,
        page=paged(
            rows,
            size,
            after,
            lambda row: (row["due_order"], row["asked_at"], row["handle"]),
            lambda row: _draft(principal, definitions, row, today, ids),
        ),
        ready=_drafts_ready(connection, principal) + len(waiting),
        amendments=waiting if show is Show.ALL and after is None else (),
    )


def count_ready(connection: Connection, principal: Principal) -> int:
    """Return how much waits for a signature at the reader's body: drafts and amendments."""
    amendments = connection.scalar(
        select(func.count())
        .select_from(consultations)
        .where(addressed_to(principal.at_work), *_AMENDMENT_WAITS)
    )
    return _drafts_ready(connection, principal) + (amendments or 0)


def _drafts_ready(connection: Connection, principal: Principal) -> int:
    waiting = waiting_for(connection, principal.at_work)
    return sum(many for (_, state), many in waiting.items() if state == "ready")


# Found by the few entries that drew something up, not among all that a body has signed.
_AMENDMENT_WAITS = (
    consultations.c.amendment.is_not(None),
    consultations.c.case_handle.in_(
        select(entries.c.case_handle).where(entries.c.verb == literal(OpinionAmendmentDrafted.verb))
    ),
)


def _amendments(connection: Connection, principal: Principal) -> tuple[ReadyAmendment, ...]:
    k = cases.c
    rows = connection.execute(
        select(consultations, k.reference, k.name, k.born, k.target, k.case_type, k.unit)
        .join(cases, k.handle == consultations.c.case_handle)
        .where(addressed_to(principal.at_work), *_AMENDMENT_WAITS)
        .order_by(consultations.c.signed_at, consultations.c.handle)
    ).mappings()
    persons = actor_of(principal).persons
    found = []
    for row in rows:
        asked = consultation_of(row)
        if asked.amendment is None:  # pragma: no cover  # the statement says so
            continue
        own = not persons.isdisjoint(asked.amendment.names)
        named = not persons.isdisjoint(asked.amendment.countersigners)
        found.append(
            ReadyAmendment(
                handle=asked.handle,
                case=row["case_handle"],
                reference=row["reference"],
                name=row["name"],
                born=row["born"],
                target=row["target"],
                case_type=CaseType(row["case_type"]),
                unit=row["unit"],
                amendment=asked.amendment,
                held_back=OWN_DRAFT if own else COUNTERSIGNED if named else None,
            )
        )
    return tuple(found)


def _opened_by(principal: Principal) -> ColumnElement[bool]:
    c = reads.c
    return exists().where(
        c.officer == principal.officer,
        c.consultation == consultations.c.handle,
        c.text_hash == consultations.c.draft_hash,
        c.text_hash.is_not(None),
    )


def _draft(
    principal: Principal,
    definitions: Definitions,
    row: Any,  # noqa: ANN401  # a row of the statement above
    today: str,
    ids: Ids,
) -> ReadyDraft:
    asked = consultation_of(row)
    definition = definitions.of(row["case_type"], row["definition_version"])
    draft = asked.draft
    if draft is None:  # pragma: no cover  # a constraint of the table says so
        raise TypeError(f"{asked.handle} is ready without a draft")
    return ReadyDraft(
        handle=asked.handle,
        version=asked.version,
        case=row["case_handle"],
        reference=row["reference"],
        name=row["name"],
        born=row["born"],
        target=row["target"],
        position=row["position"],
        case_type=CaseType(row["case_type"]),
        unit=row["unit"],
        workflow_version=row["definition_version"],
        letter=asked.letter,
        letter_name=letter_name(row["symbol"], row["number"], row["year"]),
        due_on=asked.due_on,
        overdue=asked.due_on is not None and asked.due_on < today,
        waiting_days=days_between(row["asked_at"], today, ids),
        draft=draft,
        countersigned_by=asked.countersigned_by,
        countersigners=definition.rule_for(asked.body).countersigners,
        opened=bool(row["opened"]),
        held_back=held_back(
            principal, row["hat"], row["case_state"], current=row["case_turn"] == asked.turn
        )
        or _engine_says(principal, definitions, row),
    )


def _engine_says(principal: Principal, definitions: Definitions, row: Any) -> Sentence | None:  # noqa: ANN401
    asked = consultation_of(row)
    definition = definitions.of(row["case_type"], row["definition_version"])
    case = CaseFile(
        handle=row["case_handle"],
        case_type=CaseType(row["case_type"]),
        definition_version=row["definition_version"],
        state=row["case_state"],
        unit=row["unit"],
        turn=row["case_turn"],
        consultations=(asked,),
    )
    for offer in offers_of_consultation(
        definitions.consultation(), definition, case, asked, actor_of(principal)
    ):
        if offer.move.name == "sign":
            return offer.held_back
    return say("Your role does not allow this.")
