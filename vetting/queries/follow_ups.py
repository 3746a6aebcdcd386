"""What a unit has to file next: where a probation has ended, the case of full membership.

The system files nothing: it says that the day has come, and leads to the form.
"""

from dataclasses import dataclass
from datetime import date

from sqlalchemy import Connection

from vetting.engine.casefile import CaseFile
from vetting.engine.deadlines import Derived, Known, derive
from vetting.engine.definition import Definition
from vetting.engine.membership import to_be_followed_from
from vetting.engine.policy import Principal
from vetting.engine.reading import Definitions
from vetting.engine.vocabulary import CaseType
from vetting.queries.due_dates import next_due
from vetting.records.calendars import calendar_of
from vetting.records.cases import cases
from vetting.records.follow_ups import unfollowed
from vetting.records.running_deadlines import rules_of
from vetting.records.scope import visible_to


@dataclass(frozen=True)
class FollowUp:
    """One case to be filed, after another."""

    after: str  # the case that it follows
    reference: str | None
    name: str
    born: str
    case_type: CaseType
    since: str  # the day from which on it can be filed
    explained: bool  # the case that it follows tells how that day came about
    due: Derived | None  # what comes first in it, by its rules


def follow_ups(
    connection: Connection, principal: Principal, definitions: Definitions, *, today: str
) -> tuple[FollowUp, ...]:
    """Return what the reader's unit has to file next, what has waited longest first."""
    on = date.fromisoformat(today)
    found: list[FollowUp] = []
    for following in definitions.following(on):
        mine = (cases.c.unit == principal.organisation, visible_to(principal))
        for rows in unfollowed(connection, following, *mine):
            for earlier in rows:
                since = to_be_followed_from(following, earlier)
                if since is not None and since <= on:
                    found.append(_of(connection, definitions, following, earlier, since, on))
    return tuple(sorted(found, key=lambda one: (one.since, one.name, one.after)))


def _of(  # a task is made of all of this
    connection: Connection,
    definitions: Definitions,
    following: Definition,
    earlier: CaseFile,
    since: date,
    on: date,
) -> FollowUp:
    case_type = CaseType(following.case_type)
    to_be = CaseFile(
        "", case_type, following.version, following.opens, earlier.unit, admission=earlier.handle
    )
    rules = rules_of(definitions, earlier)
    derived = derive(
        following,
        Known(
            case=to_be,
            today=on,
            calendar=calendar_of(connection),
            followed=earlier,
            its_rules=rules,
        ),
    )
    return FollowUp(
        after=earlier.handle,
        reference=earlier.reference,
        name=earlier.name,
        born=earlier.born,
        case_type=case_type,
        since=since.isoformat(),
        explained=any(one.name == "probation" for one in rules.deadlines),
        due=next_due(derived),
    )
