"""Restrictions: the page on which the head of the Board keeps a case to some."""

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from vetting.engine.policy import Action
from vetting.queries.case_readers import LostSight, who_loses_sight
from vetting.queries.opened_case import open_to_act
from vetting.queries.restriction_page import nameable
from vetting.queries.stranded_steps import StrandedSteps, stranded_steps
from vetting.records.stranding import Stranding
from vetting.usecases.restrict_case import restrict_case
from vetting.web.desk import definitions, ids, reading, this_desk, this_principal
from vetting.web.forms.restrictions import RestrictForm, mark_of
from vetting.web.gate import needs
from vetting.web.looking import looked
from vetting.web.trying import tried

bp = Blueprint("restrictions", __name__)


@bp.route("/cases/<handle>/restrict", methods=["GET", "POST"])
@needs(Action.RESTRICT_CASE)
def restrict(handle: str) -> ResponseReturnValue:
    """Keep a case to a level and to some by name, or open it again."""
    me = this_principal()
    opened = open_to_act(reading(), me, definitions(), handle, declared=True)
    case = opened.case
    people = nameable(reading(), case, ids().today())
    form = RestrictForm.of_request(seen=opened.seen, data={"level": str(case.level)})
    form.offer(max(me.clearance, case.level), people)
    if request.method == "GET":
        form.named.data = sorted(case.named)
    stranded: list[StrandedSteps] = []
    lost: tuple[LostSight, ...] = ()
    if form.only_read:
        form.shown.data = ""  # who loses sight of the case stands there no more
    if form.sent_well():
        level, named = int(form.level.data), list(form.named.data or ())
        names = {*named, me.officer} if named else set()
        lost = who_loses_sight(reading(), case, level, names, ids())
        mark, shown = mark_of(level, named, lost), form.shown.data
        form.shown.data = mark
        if lost and shown != mark:
            pass  # it is shown first, and then confirmed
        elif tried(form, lambda: restrict_case(this_desk(), form.sent(), handle, level, named)):
            flash(_("It is written down to whom the case is kept."))
            return redirect(url_for("cases.show", handle=handle), 303)
        if isinstance(form.refusal, Stranding):
            stranded = stranded_steps(reading(), form.refusal.steps)
    looked(Action.RESTRICT_CASE, cases=[handle])
    return render_template(
        "cases/restrict.html", form=form, case=case, stranded=stranded, lost=lost
    ), form.status
