"""More time for an answer: a body asks for it, and the Board gives it or does not."""

from flask import Blueprint, flash, redirect, render_template, request
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from vetting.engine.more_time import Owed, beyond_limits, limits_of, why_not_ask
from vetting.engine.policy import Action
from vetting.engine.refusals import MoveNotOffered, Unknown
from vetting.engine.sentences import say
from vetting.queries.act_page import act_page
from vetting.queries.answer_days import answer_days
from vetting.queries.consultation_page import question_to_act
from vetting.queries.opened_case import open_to_act
from vetting.usecases.give_more_time import answer_more_time, ask_more_time
from vetting.web.acting import officers_of
from vetting.web.desk import definitions, ids, reading, this_desk, this_principal
from vetting.web.forms.extending import AnswerForm, MoreTimeForm
from vetting.web.gate import needs
from vetting.web.looking import case_at_hand, looked
from vetting.web.names import know_officers
from vetting.web.trying import tried

bp = Blueprint("extending", __name__)
NOT_ASKED = say("Nobody waits for an answer to a request for more time here.")


@bp.route("/consultations/<handle>/more-time", methods=["GET", "POST"])
@needs(Action.ASK_MORE_TIME)
def ask(handle: str) -> ResponseReturnValue:
    """Ask for a later day for the answer of one's own body."""
    opened, asked = question_to_act(reading(), this_principal(), definitions(), handle)
    case_at_hand(opened.case.handle)
    consultation = opened.case.consultation(handle)
    held = why_not_ask(opened.case, consultation)
    if request.method == "GET" and held is not None:
        raise MoveNotOffered(held)
    form = MoreTimeForm.of_request(seen=consultation.version)
    if form.sent_well() and tried(
        form,
        lambda: ask_more_time(
            this_desk(), form.sent(), handle, form.wanted(), str(form.reason.data)
        ),
    ):
        flash(
            _("The Board was asked for more time. Until it answers, the day that was set stands.")
        )
        return redirect(f"/consultations/{handle}", 303)
    looked(Action.ASK_MORE_TIME, cases=[opened.case.handle])
    days = answer_days(reading(), opened.case.handle, asked)
    know_officers(step.officer for step in days.steps)
    return (
        render_template(
            "consultations/more_time.html",
            form=form,
            case=opened.case,
            handle=handle,
            days=days,
            limits=limits_of(opened.definition, consultation.body),
        ),
        form.status,
    )


@bp.route("/cases/<handle>/more-time/<consultation>", methods=["GET", "POST"])
@needs(Action.ANSWER_MORE_TIME)
def answer(handle: str, consultation: str) -> ResponseReturnValue:
    """Give a body the time that it asked for, or leave its day as it is."""
    page = act_page(reading(), this_principal(), definitions(), handle)
    case_at_hand(handle)
    asked = next((one for one in page.matrix.now if one.consultation == consultation), None)
    if asked is None:
        raise Unknown(say("There is no such consultation."))
    if request.method == "GET" and asked.asks_until is None:
        raise MoveNotOffered(NOT_ASKED)
    form = AnswerForm.of_request(seen=page.seen)
    form.offer()
    if form.sent_well() and tried(
        form,
        lambda: answer_more_time(
            this_desk(),
            form.sent(),
            handle,
            consultation,
            gives=form.gives.data == "yes",
            reason=str(form.reason.data),
        ),
    ):
        flash(
            _("The body has more time. It is told so.")
            if form.gives.data == "yes"
            else _("The day stands. The body is told so.")
        )
        return redirect(f"/cases/{handle}/matrix", 303)
    looked(Action.ANSWER_MORE_TIME, cases=[handle])
    opened = open_to_act(reading(), this_principal(), definitions(), handle)
    row = next(row for row in opened.asked if row["handle"] == consultation)
    days = answer_days(reading(), handle, row)
    know_officers({*officers_of(page), *(step.officer for step in days.steps)})
    owed = Owed(
        page.case,
        page.definition,
        page.case.consultation(consultation),
        days.calendar,
        ids().today(),
    )
    return (
        render_template(
            "acts/more_time.html",
            form=form,
            page=page,
            asked=asked,
            days=days,
            limits=limits_of(page.definition, asked.body),
            held_back=beyond_limits(owed, days.waits.until) if days.waits else None,
            title=TITLE,
        ),
        form.status,
    )


TITLE = say("Answer a request for more time")
