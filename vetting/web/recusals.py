"""Recusals: an officer declares that they must not deal with a case, and somebody takes over."""

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from vetting.engine.policy import Action, may
from vetting.engine.recuse import in_hand_of
from vetting.engine.staffing import Duty
from vetting.queries.case_page import conflict_of
from vetting.queries.opened_case import open_case, open_to_act
from vetting.queries.stranded_steps import stranded_if_recused, stranded_steps
from vetting.records.stranding import Stranding
from vetting.usecases.confirm_takeover import confirm_takeover
from vetting.usecases.desk import Answer
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
    waiting = request.form.get("do") == "wait"
    if form.sent_well() and (
        answer := tried(
            form, lambda: recuse_oneself(this_desk(), form.sent(), handle, waiting=waiting)
        )
    ):
        return _declared(answer, handle)
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
        waits=opened.declared,
    ), form.status


@bp.route("/cases/<handle>/takeover", methods=["GET", "POST"])
@needs(Action.CONFIRM_TAKEOVER)
def takeover(handle: str) -> ResponseReturnValue:
    """Show what waits for somebody after a declared conflict, and confirm that there is one."""
    me = this_principal()
    opened = open_to_act(reading(), me, definitions(), handle)
    form = ConfirmForm.of_request(seen=opened.seen)
    if form.sent_well() and tried(form, lambda: confirm_takeover(this_desk(), form.sent(), handle)):
        flash(_("It is written down that somebody can take over."))
        return redirect(url_for("cases.show", handle=handle), 303)
    looked(Action.CONFIRM_TAKEOVER, cases=[handle])
    return render_template(
        "cases/takeover.html",
        form=form,
        case=opened.case,
        conflict=conflict_of(reading(), opened, definitions(), me, ids().today()),
    ), form.status


def _declared(answer: Answer, handle: str) -> ResponseReturnValue:
    """Say what a declaration came to, and lead to where the officer can go on."""
    if answer.get("still_lifts"):
        flash(
            _(
                "It is written down: you do nothing in this case any more. Open its restriction to "
                "another head of the Board, and declare it once more."
            )
        )
        return redirect(url_for("restrictions.restrict", handle=handle), 303)
    if answer.get("waits"):
        flash(
            _(
                "It is written down. The case is no longer shown to you. What you leave waits for "
                "somebody, and those who can see to it were told."
            )
        )
    else:
        flash(_("It is written down. The case is no longer shown to you."))
    return redirect(url_for("home.start"), 303)
