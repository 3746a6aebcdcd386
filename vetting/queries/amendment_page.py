"""What somebody needs to see who amends something that was signed: what stands, and what may be."""

from dataclasses import dataclass

from sqlalchemy import Connection, select

from vetting.engine.amend import refuse_conclusion, refuse_opinion
from vetting.engine.casefile import Amendment, Consultation
from vetting.engine.policy import Principal
from vetting.engine.reading import Definitions
from vetting.engine.refusals import OutOfTurn
from vetting.engine.sentences import say
from vetting.queries.amended import AmendmentLine, amendment_line, named_in_amendments
from vetting.queries.both_names import forms_in
from vetting.queries.case_page import (
    ConclusionLine,
    OpinionLine,
    conclusion_line,
    named_in,
    opinion_line,
)
from vetting.queries.consultation_page import case_of_consultation
from vetting.queries.names_of import names_of_officers
from vetting.queries.opened_case import OpenedCase, open_to_act
from vetting.records.amendments import of_case
from vetting.records.conclusions import conclusions
from vetting.records.consultations import opinions
from vetting.records.database import Row
from vetting.records.legal_bases import legal_bases


@dataclass(frozen=True)
class ConclusionToAmend:
    """A conclusion with all that became of it."""

    opened: OpenedCase
    conclusion: ConclusionLine | None
    bases: tuple[tuple[str, str], ...]  # key, and how it is called


@dataclass(frozen=True)
class OpinionToAmend:
    """A signed opinion with all that became of it, and what waits to be signed."""

    opened: OpenedCase
    asked: Consultation
    opinion: OpinionLine
    amendment: Amendment | None
    bases: tuple[tuple[str, str], ...]

    @property
    def wanted(self) -> int:
        """How many people countersign by the rule of the body."""
        return self.opened.definition.rule_for(self.asked.body).countersigners

    @property
    def lacking(self) -> int:
        """How many of them have not yet."""
        there = len(self.amendment.countersigned_by) if self.amendment else 0
        return max(0, self.wanted - there)

    @property
    def texts(self) -> tuple[tuple[str, str, str], ...]:
        """What is shown to be signed, as the ledger of reads names it."""
        if self.amendment is None:
            return ()
        return ((self.opened.case.handle, self.asked.handle, self.amendment.hash),)


def conclusion_to_amend(
    connection: Connection, principal: Principal, definitions: Definitions, handle: str
) -> ConclusionToAmend:
    """Return a conclusion that somebody of its authority amends."""
    opened = open_to_act(connection, principal, definitions, handle)
    refuse_conclusion(opened.case)
    return ConclusionToAmend(opened, _conclusion(connection, opened), _bases(connection))


def conclusion_told(
    connection: Connection, principal: Principal, definitions: Definitions, handle: str
) -> ConclusionToAmend:
    """Return a conclusion of whose amendment the candidate was told."""
    opened = open_to_act(connection, principal, definitions, handle)
    if not opened.told or opened.case.amended is None:
        raise OutOfTurn(say("Nothing became of the outcome since the unit was told it."))
    return ConclusionToAmend(opened, _conclusion(connection, opened), ())


def opinion_to_amend(
    connection: Connection, principal: Principal, definitions: Definitions, consultation: str
) -> OpinionToAmend:
    """Return a signed opinion that somebody of its own body amends."""
    case = case_of_consultation(connection, principal, consultation)
    opened = open_to_act(connection, principal, definitions, case)
    asked = opened.case.consultation(consultation)
    refuse_opinion(opened.case, asked, None)
    row = (
        connection.execute(select(opinions).where(opinions.c.consultation == consultation))
        .mappings()
        .one()
    )
    amended = [one for one in of_case(connection, case) if one["consultation"] == consultation]
    names, lines = _lines(connection, opened, amended, named_in([row], (), None))
    opinion = opinion_line(row, names, forms_in(connection, case), lines)
    return OpinionToAmend(opened, asked, opinion, asked.amendment, _bases(connection))


def _conclusion(connection: Connection, opened: OpenedCase) -> ConclusionLine | None:
    handle = opened.case.handle
    row = (
        connection.execute(select(conclusions).where(conclusions.c.case_handle == handle))
        .mappings()
        .first()
    )
    amended = [one for one in of_case(connection, handle) if one["consultation"] is None]
    names, lines = _lines(connection, opened, amended, named_in((), (), row))
    return conclusion_line(row, opened, names, forms_in(connection, handle), lines)


def _lines(
    connection: Connection, opened: OpenedCase, amended: list[Row], others: set[str]
) -> tuple[dict[str, str], tuple[AmendmentLine, ...]]:
    names = names_of_officers(connection, others | named_in_amendments(amended))
    forms = forms_in(connection, opened.case.handle)
    return names, tuple(amendment_line(one, opened.definition, names, forms) for one in amended)


def _bases(connection: Connection) -> tuple[tuple[str, str], ...]:
    c = legal_bases.c
    rows = connection.execute(select(c.key, c.number, c.issuer).order_by(c.date.desc(), c.number))
    return tuple((row.key, f"{row.number}, {row.issuer}") for row in rows)
