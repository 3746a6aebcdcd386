"""Setting aside: an officer has a case out of their own list or inbox until a working day."""

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from vetting.engine.policy import Action, Principal, is_of_body
from vetting.engine.refusals import Unacceptable
from vetting.queries.opened_case import OpenedCase, open_to_act
from vetting.records.set_aside import all_aside
from vetting.usecases.set_aside import set_case_aside, take_case_up_again
from vetting.web.desk import definitions, ids, reading, this_desk, this_principal
from vetting.web.filters import moment
from vetting.web.forms.board import SetAsideForm, TakeUpForm
from vetting.web.gate import needs
from vetting.web.looking import looked

bp = Blueprint("setting_aside", __name__)


@bp.route("/cases/<handle>/set-aside", methods=["GET", "POST"])
@needs(Action.SET_ASIDE)
def set_aside(handle: str) -> ResponseReturnValue:
    """Say until which day, or take the case up again."""
    opened = open_to_act(reading(), this_principal(), definitions(), handle)
    question = question_of(opened, this_principal())
    way = f"/consultations/{question}" if question else url_for("cases.show", handle=handle)
    back, form = TakeUpForm.of_request(), SetAsideForm.of_request()
    if request.form.get("do") == "back":
        if back.sent_well():
            take_case_up_again(this_desk(), handle)
            flash(_("The case is in your list again."))
            return redirect(way, 303)
    elif form.sent_well():
        try:
            until = set_case_aside(this_desk(), handle, str(form.until.data))
        except Unacceptable as refusal:
            form.refuse_at(form.until, refusal)
        else:
            flash(_("The case comes back into your list on %(when)s.", when=moment(until)))
            return redirect(way, 303)
    looked(Action.SET_ASIDE, cases=[handle])
    return render_template(
        "work/set_aside.html",
        form=form,
        back=back,
        case=opened.case,
        question=question,
        way=way,
        until=all_aside(reading(), this_principal(), [handle], ids().now()).get(handle),
    ), form.status


def question_of(opened: OpenedCase, principal: Principal) -> str | None:
    """Return the question that the reader's own body was put last, where the reader is of one."""
    own = [row["handle"] for row in opened.asked if row["body"] == principal.organisation]
    return own[-1] if own and is_of_body(principal) else None
