"""Recusals: the page on which an officer declares that they must not deal with a case."""

from flask import Blueprint, flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from vetting.engine.policy import Action, may
from vetting.engine.recuse import in_hand_of
from vetting.engine.staffing import Duty
from vetting.queries.opened_case import open_case
from vetting.queries.stranded_steps import stranded_if_recused, stranded_steps
from vetting.records.stranding import Stranding
from vetting.usecases.recuse import recuse_oneself
from vetting.web.desk import definitions, ids, reading, this_desk, this_principal
from vetting.web.forms.cases import ConfirmForm
from vetting.web.gate import needs
from vetting.web.looking import looked
from vetting.web.trying import tried

bp = Blueprint("recusals", __name__)


@bp.route("/cases/<handle>/recuse", methods=["GET", "POST"])
@needs(Action.RECUSE)
def recuse(handle: str) -> ResponseReturnValue:
    """Say what will follow, and declare it."""
    form = ConfirmForm.of_request()
    if form.sent_well() and tried(form, lambda: recuse_oneself(this_desk(), form.sent(), handle)):
        flash(_("It is written down. The case is no longer shown to you."))
        return redirect(url_for("home.start"), 303)
    me = this_principal()
    opened = open_case(reading(), me, definitions(), handle)
    stranded = (
        stranded_steps(reading(), form.refusal.steps)
        if isinstance(form.refusal, Stranding)
        else stranded_if_recused(reading(), definitions(), me, handle, ids().today())
    )
    looked(Action.RECUSE, cases=[handle])
    held = list(in_hand_of(definitions().consultation(), opened.case, me.officer))
    return render_template(
        "cases/recuse.html",
        form=form,
        case=opened.case,
        in_hand=bool(held),
        stranded=stranded,
        may_restrict=may(me, Action.RESTRICT_CASE),
        buried=any(one.duty is Duty.LIFT for one in stranded),
    ), form.status
