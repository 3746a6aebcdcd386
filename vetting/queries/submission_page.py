"""Lists: one that waits for its officer to file it, and what became of each row of one filed."""

import json
from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, func, or_, select

from vetting.engine.definition import Title
from vetting.engine.names import folded
from vetting.engine.policy import Principal
from vetting.engine.reading import Definitions
from vetting.engine.refusals import Unknown
from vetting.engine.sentences import Sentence, say
from vetting.engine.vocabulary import CaseType, Role
from vetting.lists import Reason
from vetting.queries.opened_case import is_handle
from vetting.queries.same_candidate import SameCandidate, same_candidate
from vetting.records.cases import cases
from vetting.records.organisations import organisations
from vetting.records.scope import visible_to, withheld_from
from vetting.records.submissions import rounds, submission_rows, submissions, waiting_lists

_ALL = frozenset({Role.BOARD_OFFICER, Role.BOARD_HEAD, Role.SUPERVISOR})


@dataclass(frozen=True)
class RowSeen:
    """One row of a list, as it would be filed or refused."""

    row: int
    name: str | None
    born: str | None
    target: str | None
    position: str | None
    refused: Sentence | None
    same: tuple[SameCandidate, ...] = ()


@dataclass(frozen=True)
class WaitingList:
    """A list that was read and not yet filed."""

    handle: str
    file_name: str
    case_type: CaseType
    round: Title | None
    read_at: str
    sheet: str
    names_unit: str | None  # the unit that the list itself names
    own_unit: Title
    rows: tuple[RowSeen, ...]
    not_kept: tuple[str, ...]
    unused: tuple[str, ...]

    @property
    def accepted(self) -> int:
        """How many rows would become cases."""
        return sum(1 for row in self.rows if row.refused is None)

    @property
    def refused(self) -> int:
        """How many rows would not."""
        return len(self.rows) - self.accepted

    @property
    def again(self) -> int:
        """How many rows are about a candidate with an open case for the same act."""
        return sum(1 for row in self.rows if row.same)


def waiting_list(
    connection: Connection, principal: Principal, definitions: Definitions, handle: str
) -> WaitingList:
    """Return a list that waits for the reader to file it."""
    row = is_handle(handle) and (
        connection.execute(
            select(
                waiting_lists,
                rounds.c.name_vi.label("round_vi"),
                rounds.c.name_en.label("round_en"),
                organisations.c.name_vi,
                organisations.c.name_en,
            )
            .join_from(waiting_lists, organisations, organisations.c.code == waiting_lists.c.unit)
            .outerjoin(rounds, rounds.c.handle == waiting_lists.c.round)
            .where(
                waiting_lists.c.handle == handle,
                waiting_lists.c.officer == principal.officer,
                waiting_lists.c.unit == principal.organisation,
            )
        )
        .mappings()
        .first()
    )
    if not row:
        raise Unknown(say("There is no such list waiting; it was filed or let go already."))
    case_type = CaseType(row["case_type"])
    taken = json.loads(row["taken"])
    people = [(one["name"], one["born"]) for one in taken["rows"] if "reason" not in one]
    open_cases: dict[tuple[str, str], list[SameCandidate]] = defaultdict(list)
    for same in same_candidate(connection, principal, definitions, people, case_type):
        open_cases[_known_as(same.name, same.born)].append(same)
    return WaitingList(
        handle=handle,
        file_name=row["file_name"],
        case_type=case_type,
        round=Title(vi=row["round_vi"], en=row["round_en"]) if row["round"] else None,
        read_at=row["read_at"],
        sheet=taken["sheet"],
        names_unit=taken["unit"],
        own_unit=Title(vi=row["name_vi"], en=row["name_en"]),
        rows=tuple(_row_seen(one, open_cases) for one in taken["rows"]),
        not_kept=tuple(taken["not_kept"]),
        unused=tuple(taken["unused"]),
    )


def _row_seen(
    one: Mapping[str, Any], open_cases: Mapping[tuple[str, str], list[SameCandidate]]
) -> RowSeen:
    if "reason" in one:
        message = one["message"]
        said = Sentence(message["msgid"], tuple(message["params"].items()))
        return RowSeen(one["row"], one["name"], None, None, None, said)
    return RowSeen(
        one["row"],
        one["name"],
        one["born"],
        one["target"],
        one["position"],
        None,
        tuple(open_cases.get(_known_as(one["name"], one["born"]), ())),
    )


def _known_as(name: str, born: str) -> tuple[str, str]:
    return folded(name), born


# --------------------------------------------------------------- what became of a list


@dataclass(frozen=True)
class RowFiled:
    """What became of one row."""

    row: int
    case: str | None
    reference: str | None
    name: str | None
    born: str | None
    target: str | None
    reason: Reason | None
    state: Title | None


@dataclass(frozen=True)
class SubmissionPage:
    """A list that was filed, row by row."""

    handle: str
    unit: Title
    file_name: str
    case_type: CaseType
    round: Title | None
    letter_number: str | None
    letter_date: str | None
    filed_at: str
    not_kept: tuple[str, ...]
    accepted: int
    refused: int
    rows: tuple[RowFiled, ...]


def submission_page(
    connection: Connection, principal: Principal, definitions: Definitions, handle: str
) -> SubmissionPage:
    """Return what became of a list: to its unit, and to whoever sees all that was filed."""
    row = is_handle(handle) and (
        connection.execute(
            select(
                submissions,
                rounds.c.name_vi.label("round_vi"),
                rounds.c.name_en.label("round_en"),
                organisations.c.name_vi,
                organisations.c.name_en,
            )
            .join_from(submissions, organisations, organisations.c.code == submissions.c.unit)
            .outerjoin(rounds, rounds.c.handle == submissions.c.round)
            .where(submissions.c.handle == handle)
        )
        .mappings()
        .first()
    )
    if not row or not _may_see(principal, row["unit"]):
        raise Unknown(say("There is no such list."))
    rows = tuple(_rows(connection, principal, definitions, handle))
    return SubmissionPage(
        handle=handle,
        unit=Title(vi=row["name_vi"], en=row["name_en"]),
        file_name=row["file_name"],
        case_type=CaseType(row["case_type"]),
        round=Title(vi=row["round_vi"], en=row["round_en"]) if row["round"] else None,
        letter_number=row["letter_number"],
        letter_date=row["letter_date"],
        filed_at=row["filed_at"],
        not_kept=tuple(json.loads(row["not_kept"])),
        accepted=sum(1 for one in rows if one.case is not None),
        refused=row["refused"],
        rows=rows,
    )


def _may_see(principal: Principal, unit: str) -> bool:
    if principal.role is Role.CASE_OFFICER:
        return unit == principal.organisation
    return principal.role in _ALL


def _rows(
    connection: Connection, principal: Principal, definitions: Definitions, handle: str
) -> list[RowFiled]:
    found = connection.execute(
        select(
            submission_rows.c.row,
            submission_rows.c.reason,
            cases.c.handle,
            cases.c.reference,
            cases.c.name,
            cases.c.born,
            cases.c.target,
            cases.c.state,
            cases.c.case_type,
            cases.c.definition_version,
        )
        .join_from(
            submission_rows,
            cases,
            (cases.c.handle == submission_rows.c.case_handle) & visible_to(principal),
            isouter=True,
        )
        .where(
            submission_rows.c.submission == handle,
            # A row that became a case which is not there for the reader is not there either.
            or_(submission_rows.c.case_handle.is_(None), cases.c.handle.is_not(None)),
        )
        .order_by(submission_rows.c.row)
    )
    # The sheet is the unit's. To others a row that is not there must leave no gap in the numbers.
    own = principal.role is Role.CASE_OFFICER
    return [
        RowFiled(
            row.row if own else place,
            row.handle,
            row.reference,
            row.name,
            row.born,
            row.target,
            Reason(row.reason) if row.reason else None,
            definitions.of(row.case_type, row.definition_version).state_by_name[row.state].title
            if row.handle
            else None,
        )
        for place, row in enumerate(found, 1)
    ]


_REASONS = {
    Reason.NAME_MISSING: say("The row has no name."),
    Reason.NAME_INVALID: say("What stands in the place of the name is no name."),
    Reason.NAME_TOO_LONG: say("The name is too long."),
    Reason.BIRTH_INVALID: say("The date or year of birth is missing or cannot be read."),
    Reason.BIRTH_FUTURE: say("The date of birth lies in the future."),
    Reason.TARGET_MISSING: say("The row does not say which title is asked for."),
    Reason.TARGET_TOO_LONG: say("The title asked for is too long."),
    Reason.DUPLICATE_ROW: say("The row repeats an earlier row."),
}


def why_refused(reason: Reason) -> Sentence:
    """Say why a row was refused."""
    return _REASONS[reason]


def own_submissions(connection: Connection, principal: Principal) -> list[Mapping[str, Any]]:
    """Return the latest lists of the reader's unit, newest first."""
    kept_back = select(func.count()).where(
        cases.c.submission == submissions.c.handle, cases.c.handle.in_(withheld_from(principal))
    )
    found = connection.execute(
        select(
            submissions.c.handle,
            submissions.c.file_name,
            submissions.c.case_type,
            (submissions.c.accepted - kept_back.scalar_subquery()).label("accepted"),
            submissions.c.refused,
            submissions.c.filed_at,
        )
        .where(submissions.c.unit == principal.organisation)
        .order_by(submissions.c.filed_at.desc(), submissions.c.handle)
        .limit(20)
    )
    return [row._asdict() for row in found]
