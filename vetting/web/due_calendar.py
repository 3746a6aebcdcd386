"""The calendar of what falls due: a month with its list or that of one of its days, and a week."""

from datetime import date, timedelta

from flask import Blueprint, render_template, request, url_for
from flask.typing import ResponseReturnValue

from vetting.engine.calendar import FIRST_YEAR
from vetting.engine.policy import Action
from vetting.engine.sentences import mark
from vetting.queries.due_calendar import (
    LAST_YEAR,
    WEEK,
    Span,
    due_calendar,
    month_beside,
    read_span,
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
# The same in weeks.
WEEKS_BESIDE = (
    (-1, mark("Previous week")),
    (None, mark("This week")),
    (1, mark("Next week")),
)


@bp.get("/calendar")
@needs(Action.SEE_CALENDAR)
def show() -> ResponseReturnValue:
    """Show what falls due in a month or a week, in the cases that the reader may know of."""
    today = ids().today()
    asked = request.args
    span = read_span(asked.get("month"), asked.get("day"), asked.get("week"), today)
    found = due_calendar(
        reading(),
        this_principal(),
        definitions(),
        span,
        asked.get("after"),
        today=today,
    )
    looked(
        Action.SEE_CALENDAR, cases=found.handles, asked=request.query_string.decode()[:500] or None
    )
    if span.week_of:
        return render_template(
            "calendar/week.html",
            found=found,
            ways=ways(found.page),
            weeks=[(_week(span.first, many, today), label) for many, label in WEEKS_BESIDE],
            month=_address(span.week_of, 0),
            today=today,
        )
    return render_template(
        "calendar/show.html",
        found=found,
        ways=ways(found.page),
        week=_week_in(span, today),
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


def _week(first: date, weeks: int | None, today: str) -> str | None:
    """Return the address of a week beside another, or of the present one."""
    if weeks is None:
        return url_for(".show", week=today)
    beside = first + weeks * timedelta(days=WEEK)
    if not FIRST_YEAR <= beside.year <= LAST_YEAR:
        return None
    return url_for(".show", week=beside.isoformat())


def _week_in(month: Span, today: str) -> str:
    """Return the address of the week of a month's chosen day, of today, or of its first day."""
    present = today if month.first.isoformat() <= today <= month.last.isoformat() else None
    chosen = month.day.isoformat() if month.day else present
    return url_for(".show", week=chosen or month.first.isoformat())
