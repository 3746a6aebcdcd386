"""Clock alarms: where the history says that the clock had gone back, for thirty days.

The order of entries hangs on no clock, and no day moved by it; but whoever looks after the system
has to see to the clock, and whoever supervises has to know that moments may not be what they were.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import Connection, select, true

from vetting.engine.canonical import moment
from vetting.engine.facts import ClockWentBack
from vetting.engine.policy import Principal
from vetting.records.cases import cases
from vetting.records.history import entries, payloads, read_payload
from vetting.records.scope import visible_to
from vetting.records.standing import Purpose, on_purpose

TOLD_FOR = timedelta(days=30)
_e, _p = entries.c, payloads.c


@dataclass(frozen=True)
class ClockAlarm:
    """An act under a clock that had gone back."""

    case: str
    at: str  # where the clock stood
    behind: str  # what was written down already


def clock_alarms(
    connection: Connection,
    now: str,
    principal: Principal | None = None,
    case: str | None = None,
) -> tuple[ClockAlarm, ...]:
    """Return them, newest first, as long as either moment is not longer past than is told.

    A *principal* is told of the cases that they may know of; none: whoever runs the system, of
    all. Where one *case* is named, they are of that one.
    """
    since = moment(datetime.fromisoformat(now) - TOLD_FOR)
    with on_purpose(connection, Purpose.CHECKING):
        rows = connection.execute(
            select(_e.case_handle, _e.at, _p.content)
            .join(payloads, (_p.case_handle == _e.case_handle) & (_p.number == _e.number))
            .join(cases, cases.c.handle == _e.case_handle)
            .where(
                _e.verb == ClockWentBack.verb,
                visible_to(principal) if principal is not None else true(),
                _e.case_handle == case if case is not None else true(),
            )
            .order_by(_e.at.desc(), _e.case_handle, _e.number.desc())
        ).all()
    found = (
        ClockAlarm(row.case_handle, row.at, str(read_payload(row.content)["behind"]))
        for row in rows
        if row.content
    )
    return tuple(one for one in found if max(one.at, one.behind) >= since)
