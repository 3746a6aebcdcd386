"""Absences: one's own, and for the administrator those of every officer."""

from flask import Blueprint, abort, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from vetting.engine.policy import Action
from vetting.engine.refusals import OutOfTurn, Unacceptable, Unknown
from vetting.engine.sentences import say
from vetting.queries.absence_pages import Absence, absence_page, absences_of, offers_for
from vetting.queries.done_in_my_name import done_in_my_name
from vetting.queries.officer_list import officer_page
from vetting.queries.stranded_steps import StrandedSteps, stranded_steps
from vetting.records.stranding import Stranding
from vetting.usecases.record_absence import (
    end_absence,
    name_substitute,
    note_read,
    record_absence,
    revoke_substitute,
)
from vetting.web.desk import definitions, ids, reading, shared, this_principal
from vetting.web.forms.absences import AbsenceForm, SubstituteForm
from vetting.web.forms.cases import ConfirmForm
from vetting.web.gate import needs
from vetting.web.looking import looked, nothing_shown
from vetting.web.paging import ways
from vetting.web.trying import anew

bp = Blueprint("absences", __name__)


@bp.get("/absences")
@needs(Action.SIGNED_IN)
def index() -> ResponseReturnValue:
    """Show one's own absences."""
    found = absences_of(reading(), this_principal().officer, ids().today())
    return render_template("absences/index.html", absences=found)


@bp.route("/absences/new", methods=["GET", "POST"])
@needs(Action.SIGNED_IN)
def new() -> ResponseReturnValue:
    """Record one's own absence."""
    return _record(this_principal().officer, cases_named=True)


@bp.route("/officers/<path:handle>/absences/new", methods=["GET", "POST"])
@needs(Action.KEEP_OFFICERS)
def new_of(handle: str) -> ResponseReturnValue:
    """Record the absence of an officer."""
    return _record(handle)


@bp.get("/absences/<absence>")
@needs(Action.SIGNED_IN)
def show(absence: str) -> ResponseReturnValue:
    """Show one absence and who acts meanwhile."""
    return _page(_found(absence))


@bp.route("/absences/<absence>/substitutes/new", methods=["GET", "POST"])
@needs(Action.SIGNED_IN)
def name(absence: str) -> ResponseReturnValue:
    """Name one more substitute."""
    found = _found(absence)
    form = SubstituteForm.of_request()
    form.offer(offers_for(reading(), found.officer, found.first))
    stranded: list[StrandedSteps] = []
    if form.sent_well():
        kept = shared()
        try:
            name_substitute(
                kept.database,
                kept.ids,
                kept.definitions,
                this_principal(),
                absence,
                form.place(),
                proved_for=kept.door.proved_for,
                in_session=True,
            )
        except Stranding as refusal:
            form.refuse(refusal)
            stranded = stranded_steps(reading(), refusal.steps)
        except (OutOfTurn, Unacceptable) as refusal:
            form.refuse(refusal)
        else:
            flash(_("The substitute is named."))
            return redirect(url_for(".show", absence=absence), 303)
    return (
        render_template("absences/name.html", form=form, absence=found, stranded=stranded),
        form.status,
    )


@bp.post("/absences/<absence>/substitutes/<naming>/revoke")
@needs(Action.SIGNED_IN)
def revoke(absence: str, naming: str) -> ResponseReturnValue:
    """Let a substitute act no more."""
    found = _found(absence)
    if naming not in {one.handle for one in found.substitutes}:
        abort(404)
    form = ConfirmForm.of_request()
    stranded: list[StrandedSteps] = []
    if form.sent_well():
        kept = shared()
        try:
            revoke_substitute(
                kept.database,
                kept.ids,
                kept.definitions,
                this_principal(),
                naming,
                proved_for=kept.door.proved_for,
                in_session=True,
            )
        except Stranding as refusal:
            form.refuse(refusal)
            stranded = stranded_steps(reading(), refusal.steps)
        except OutOfTurn as refusal:
            form.refuse(refusal)
        else:
            flash(_("The substitute acts for the officer no more."))
            return redirect(url_for(".show", absence=absence), 303)
    return _page(found, form, stranded)


@bp.post("/absences/<absence>/end")
@needs(Action.SIGNED_IN)
def end(absence: str) -> ResponseReturnValue:
    """Write down that somebody is back."""
    found = _found(absence)
    form = ConfirmForm.of_request()
    if form.sent_well():
        kept = shared()
        try:
            end_absence(
                kept.database,
                kept.ids,
                this_principal(),
                absence,
                proved_for=kept.door.proved_for,
                in_session=True,
            )
        except OutOfTurn as refusal:
            form.refuse(refusal)
        else:
            flash(_("The absence is over; nobody acts for the officer any more."))
            return redirect(url_for(".show", absence=absence), 303)
    return _page(found, form)


@bp.route("/absences/<absence>/done", methods=["GET", "POST"])
@needs(Action.SIGNED_IN)
def done(absence: str) -> ResponseReturnValue:
    """Show what was done in one's name meanwhile, until it is read."""
    found = _found(absence)
    if found.officer != this_principal().officer:
        raise Unknown(say("There is no such absence."))
    form = ConfirmForm.of_request()
    if form.sent_well():
        note_read(shared().database, ids(), this_principal(), absence, in_session=True)
        return redirect(url_for(".show", absence=absence), 303)
    told = done_in_my_name(
        reading(), this_principal(), definitions(), absence, request.args.get("after")
    )
    looked(Action.SEE_HISTORY, cases=told.handles)
    return (
        render_template(
            "absences/done.html", absence=found, form=form, told=told, ways=ways(told.page)
        ),
        form.status,
    )


def _looked_at(cases: list[str]) -> None:
    """Write down which cases a refusal names to whoever may know of them."""
    if cases:
        looked(Action.SEE_CASE, cases=cases)
    else:
        nothing_shown()


def _found(absence: str) -> Absence:
    return absence_page(reading(), this_principal(), absence, ids().today())


def _page(
    found: Absence, form: ConfirmForm | None = None, stranded: list[StrandedSteps] | None = None
) -> ResponseReturnValue:
    mine = found.officer == this_principal().officer
    return render_template(
        "absences/show.html",
        absence=found,
        officer=None if mine else officer_page(reading(), found.officer),
        form=form,
        confirm=anew(ConfirmForm),
        stranded=stranded or [],
    ), form.status if form else 200


def _record(handle: str, *, cases_named: bool = False) -> ResponseReturnValue:
    mine = handle == this_principal().officer
    officer = None if mine else officer_page(reading(), handle)
    form = AbsenceForm.of_request()
    form.offer(offers_for(reading(), handle, ids().today()))
    stranded: list[StrandedSteps] = []
    if form.sent_well():
        kept = shared()
        try:
            absence = record_absence(
                kept.database,
                kept.ids,
                kept.definitions,
                this_principal(),
                form.absence(handle),
                proved_for=kept.door.proved_for,
                in_session=True,
            )
        except Stranding as refusal:
            form.refuse(refusal)
            reader = this_principal() if cases_named else None
            stranded = stranded_steps(reading(), refusal.steps, reader)
        except (OutOfTurn, Unacceptable) as refusal:
            form.refuse(refusal)
        else:
            flash(_("The absence is written down."))
            return redirect(url_for(".show", absence=absence), 303)
    if cases_named:
        _looked_at([case.handle for one in stranded for case in one.cases])
    return (
        render_template("absences/new.html", form=form, officer=officer, stranded=stranded),
        form.status,
    )
