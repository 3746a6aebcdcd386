"""Setting aside: an officer of the Board has a case out of their own list until a working day."""

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from vetting.engine.policy import Action
from vetting.engine.refusals import Unacceptable
from vetting.queries.opened_case import open_to_act
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
    back, form = TakeUpForm.of_request(), SetAsideForm.of_request()
    if request.form.get("do") == "back":
        if back.sent_well():
            take_case_up_again(this_desk(), handle)
            flash(_("The case is in your list again."))
            return redirect(url_for("cases.show", handle=handle), 303)
    elif form.sent_well():
        try:
            until = set_case_aside(this_desk(), handle, str(form.until.data))
        except Unacceptable as refusal:
            form.refuse_at(form.until, refusal)
        else:
            flash(_("The case comes back into your list on %(when)s.", when=moment(until)))
            return redirect(url_for("cases.show", handle=handle), 303)
    looked(Action.SET_ASIDE, cases=[handle])
    return render_template(
        "work/set_aside.html",
        form=form,
        back=back,
        case=opened.case,
        until=all_aside(reading(), this_principal(), [handle], ids().now()).get(handle),
    ), form.status
