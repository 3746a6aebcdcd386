"""Changing a calendar: what it would move is shown first, and saved only as it was shown."""

from flask import Blueprint, flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from flask_babel import ngettext

from vetting.engine.policy import Action
from vetting.engine.refusals import Unacceptable
from vetting.queries.calendar_page import WhatMoves, what_moves
from vetting.usecases.change_calendar import change_calendar
from vetting.web.desk import definitions, reading, this_desk, this_principal
from vetting.web.forms.calendars import CalendarForm
from vetting.web.gate import needs
from vetting.web.looking import looked
from vetting.web.trying import refuse, tried

bp = Blueprint("calendars", __name__)


@bp.route("/registers/calendar/change", methods=["GET", "POST"])
@needs(Action.KEEP_CALENDAR)
def change() -> ResponseReturnValue:
    """Show what a change of a calendar would move; sent again with that list, make it."""
    form = CalendarForm.of_request()
    form.offer(reading())
    moves = None
    if form.sent_well():
        answer = form.shown.data and tried(
            form,
            lambda: change_calendar(
                this_desk(),
                form.sent(),
                form.new_days(),
                str(form.reason.data),
                str(form.shown.data),
            ),
        )
        if answer:
            flash(
                ngettext(
                    "The calendar is changed. %(num)d deadline has moved.",
                    "The calendar is changed. %(num)d deadlines have moved.",
                    int(str(answer["moved"])),
                )
            )
            new = form.new_days()
            return redirect(
                url_for("registers.calendar", year=new.first[:4], calendar=new.calendar), 303
            )
        moves = _looked_at(form)
    form.shown.data = moves.hash if moves else ""
    looked(
        Action.KEEP_CALENDAR,
        cases=dict.fromkeys(one.case.handle for one in moves.moved) if moves else (),
    )
    return render_template("registers/change.html", form=form, moves=moves), form.status


def _looked_at(form: CalendarForm) -> WhatMoves | None:
    """Return what would move, or have the form say why nothing can."""
    try:
        before, after, _days, _kept = form.new_days().on(reading())
    except Unacceptable as refusal:
        if form.refusal is None:
            refuse(form, refusal)
        return None
    return what_moves(reading(), this_principal(), definitions(), before, after)
