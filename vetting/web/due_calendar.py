"""The calendar of what falls due: a month, and the list of it or of one of its days."""

from datetime import date

from flask import Blueprint, render_template, request, url_for
from flask.typing import ResponseReturnValue

from vetting.engine.calendar import FIRST_YEAR
from vetting.engine.policy import Action
from vetting.engine.sentences import mark
from vetting.queries.due_calendar import (
    LAST_YEAR,
    due_calendar,
    month_beside,
    read_month,
)
from vetting.web.desk import definitions, ids, reading, this_principal
from vetting.web.gate import needs
from vetting.web.looking import looked
from vetting.web.paging import ways

bp = Blueprint("due_calendar", __name__)
# Where one can leaf to, in months; none: to the present.
BESIDE = (
    (-12, mark("A year earlier")),
    (-1, mark("Previous month")),
    (None, mark("This month")),
    (1, mark("Next month")),
    (12, mark("A year later")),
)


@bp.get("/calendar")
@needs(Action.SEE_CALENDAR)
def show() -> ResponseReturnValue:
    """Show a month of what falls due in the cases that the reader may know of."""
    today = ids().today()
    month = read_month(request.args.get("month"), request.args.get("day"), today)
    found = due_calendar(
        reading(),
        this_principal(),
        definitions(),
        month,
        request.args.get("after"),
        today=today,
    )
    looked(
        Action.SEE_CALENDAR, cases=found.handles, asked=request.query_string.decode()[:500] or None
    )
    return render_template(
        "calendar/show.html",
        found=found,
        ways=ways(found.page),
        months=[(_address(found.first, many), label) for many, label in BESIDE],
        whole=_address(found.first, 0),
        today=today,
    )


def _address(first: date, months: int | None) -> str | None:
    """Return the address of a month beside another, or of the present one."""
    if months is None:
        return url_for(".show")
    beside = month_beside(first, months)
    if not FIRST_YEAR <= beside.year <= LAST_YEAR:
        return None
    return url_for(".show", month=beside.isoformat()[:7])
