"""A case as a page opens it: whole inside, and only for whom it concerns."""

import re
from dataclasses import dataclass
from functools import lru_cache

from sqlalchemy import Connection, bindparam, select

from vetting.engine.casefile import CaseFile
from vetting.engine.definition import Definition
from vetting.engine.emergency import ONLY_TO_BE_READ
from vetting.engine.guards import Actor
from vetting.engine.policy import Principal, Relation, is_of_body, relation, relation_by_role
from vetting.engine.reading import Definitions
from vetting.engine.recuse import ONLY_TO_BE_LEFT, has_declared
from vetting.engine.refusals import Forbidden, Unknown
from vetting.engine.sentences import say
from vetting.engine.vocabulary import Role
from vetting.queries.tombstone import refuse_erased
from vetting.records import consultations
from vetting.records.book import matter_of
from vetting.records.cases import case_of, cases
from vetting.records.consultations import consultation_of
from vetting.records.database import Row, Statement
from vetting.records.history import entries, noticed
from vetting.records.scope import bound, shape_of, values_of, visible_to

# Once the unit was notified it may know what was concluded, and not before.
TOLD = "case.notified"
_HANDLE = re.compile(r"[A-Za-z0-9_-]{1,22}")


@dataclass(frozen=True)
class OpenedCase:
    """One case, what it is to the reader, and the rows it was read from."""

    case: CaseFile
    definition: Definition
    seen_as: Relation
    row: Row
    asked: tuple[Row, ...]  # the consultations, as they are kept
    told: bool  # the unit was notified of the outcome
    seen: int  # entries that the reader may know of: an act says how many its page had
    emergency: bool = False  # it is kept from the reader and open to be read for a few hours
    declared: bool = False  # the reader must not deal with it, and it is left to nobody else yet

    @property
    def only_read(self) -> bool:
        """Tell whether the reader can do nothing with the case."""
        return self.emergency or self.declared

    @property
    def knows_outcome(self) -> bool:
        """Tell whether the reader may know what was concluded."""
        return may_know_outcome(self.seen_as, told=self.told)


def open_case(
    connection: Connection, principal: Principal, definitions: Definitions, handle: str
) -> OpenedCase:
    """Open a case for a reader; for whom it does not concern there is no such case."""
    if not is_handle(handle):
        raise Unknown(say("There is no such case."))
    found = _visible(*shape_of(principal))(connection, {**values_of(principal), "case": handle})
    row = found.mappings().first()
    if row is None:
        refuse_erased(connection, principal, handle)
        raise Unknown(say("There is no such case."))
    own = is_of_body(principal)  # a body gets its own questions alone
    statement = consultations.OF_CASE_AND_BODY if own else consultations.OF_CASE
    given = {"case_handle": handle, "body": principal.organisation}
    asked = tuple(statement(connection, given).mappings())
    case = case_of(row, [consultation_of(one) for one in asked], of_one_body=own)
    told = case.concluded and (
        _TOLD(connection, {"case_handle": handle, "verb": TOLD}).first() is not None
    )
    matter = matter_of(case)
    seen_as = relation(principal, matter)
    emergency = seen_as is Relation.EMERGENCY
    if emergency:
        seen_as = relation_by_role(principal, matter)
    return OpenedCase(
        case=case,
        definition=definitions.of(case.case_type.value, case.definition_version),
        seen_as=seen_as,
        row=row,
        asked=asked,
        told=told,
        seen=noticed(connection, handle, principal.organisation, seen_as),
        emergency=emergency,
        declared=has_declared(case, principal.persons),
    )


def open_to_act(
    connection: Connection,
    principal: Principal,
    definitions: Definitions,
    handle: str,
    *,
    declared: bool = False,
) -> OpenedCase:
    """Open a case for an act on it, which whoever only reads it in an emergency cannot do.

    Nor can whoever must not deal with it, but for leaving it to somebody who *declared* that.
    """
    opened = open_case(connection, principal, definitions, handle)
    if opened.emergency:
        raise Forbidden(ONLY_TO_BE_READ)
    if opened.declared and not declared:
        raise Forbidden(ONLY_TO_BE_LEFT)
    return opened


def may_know_outcome(seen_as: Relation, *, told: bool) -> bool:
    """Tell whether a reader may know an outcome: the unit and the bodies once it was announced."""
    if seen_as in {Relation.UNIT, Relation.ASKED}:
        return told
    return seen_as in {Relation.BOARD, Relation.AUTHORITY, Relation.OVERSEER}


def is_handle(text: str) -> bool:
    """Tell whether *text* could be a handle at all; no database is asked for anything else."""
    return _HANDLE.fullmatch(text) is not None


def actor_of(principal: Principal) -> Actor:
    """Return the reader as the engine knows whoever acts."""
    return Actor(
        principal.officer,
        principal.role,
        principal.organisation,
        principal.on_behalf_of,
        principal.between,
    )


@lru_cache(maxsize=256)
def _visible(role: Role, persons: int, emergency: int, case_types: int | None) -> Statement:
    """Return the statement that opens a case; built once for all readers of one shape."""
    reader = bound(role, persons, emergency, case_types)
    return Statement(select(cases).where(cases.c.handle == bindparam("case"), visible_to(reader)))


_TOLD = Statement(
    select(entries.c.number).where(
        entries.c.case_handle == bindparam("case_handle"), entries.c.verb == bindparam("verb")
    )
)
