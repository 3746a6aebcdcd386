"""The doctor: what is amiss with which case, and the page on which it is mended."""

from flask import Blueprint, flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from vetting.engine.ailments import Ailment
from vetting.engine.policy import Action, may
from vetting.queries.case_lines import chosen
from vetting.queries.doctor import LATEST, Ground, examined_by, examined_case
from vetting.queries.opened_case import open_to_act
from vetting.usecases.repair_case import repair_case
from vetting.web.desk import definitions, ids, reading, shared, this_desk, this_principal
from vetting.web.forms.doctor import RepairForm
from vetting.web.gate import needs
from vetting.web.looking import looked
from vetting.web.trying import tried

bp = Blueprint("doctor", __name__)
MOST_SHOWN = 50  # cases


@bp.get("/doctor")
@needs(Action.SEE_DOCTOR)
def show() -> ResponseReturnValue:
    """Show what is amiss with the cases that exist for the reader; or numbers alone."""
    me = this_principal()
    found = examined_by(_ground(), me)
    handles = list(dict.fromkeys(one.case for one in found.findings))[:MOST_SHOWN]
    lines = {line.handle: line for line in chosen(reading(), me, definitions(), handles)}
    looked(Action.SEE_DOCTOR, cases=list(lines))
    return render_template(
        "doctor/show.html",
        found=found,
        findings=[one for one in found.findings if one.case in lines],
        lines=lines,
        ailments=list(Ailment),
        latest=LATEST,
        numbers_only=not may(me, Action.SEE_CASE),
        repairs=may(me, Action.REPAIR_CASE),
        resumes=may(me, Action.SUSPEND_CASE),
    )


@bp.route("/cases/<handle>/repair", methods=["GET", "POST"])
@needs(Action.REPAIR_CASE)
def repair(handle: str) -> ResponseReturnValue:
    """Show what is amiss with one case, and mend what can safely be mended."""
    opened = open_to_act(reading(), this_principal(), definitions(), handle)
    findings = examined_case(_ground(), handle)
    form = RepairForm.of_request(seen=opened.seen)
    offered = form.offer(findings)
    if form.sent_well():
        remedy, consultation = offered[str(form.what.data)]
        reason = str(form.reason.data)
        if tried(
            form,
            lambda: repair_case(this_desk(), form.sent(), handle, remedy, consultation, reason),
        ):
            flash(_("It is mended, and stands in the history of the case."))
            return redirect(url_for("cases.show", handle=handle), 303)
    looked(Action.REPAIR_CASE, cases=[handle])
    return (
        render_template(
            "doctor/repair.html",
            form=form,
            case=opened.case,
            findings=findings,
            offered=offered,
            resumes=may(this_principal(), Action.SUSPEND_CASE),
        ),
        form.status,
    )


def _ground() -> Ground:
    told_to, folder = this_principal().organisation, shared().settings.folder
    return Ground(reading(), definitions(), ids().today(), told_to, folder)
