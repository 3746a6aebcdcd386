"""Officers: who may work here, in which roles, for how long."""

from typing import Any

from flask import (
    Blueprint,
    abort,
    flash,
    make_response,
    redirect,
    render_template,
    request,
    url_for,
)
from flask.typing import ResponseReturnValue
from flask_babel import gettext

from vetting.engine.policy import Action
from vetting.engine.refusals import OutOfTurn, Unacceptable
from vetting.engine.vocabulary import Role
from vetting.queries.absence_pages import absences_of
from vetting.queries.held_by import held_by
from vetting.queries.officer_list import Officer, administrators, officer_list, officer_page
from vetting.queries.open_organisations import (
    organisations_to_enter,
    organisations_to_entrust,
)
from vetting.queries.registers_page import organisation_list
from vetting.queries.stranded_steps import (
    StrandedSteps,
    stranded_if_disabled,
    stranded_if_ended,
    stranded_steps,
)
from vetting.records.stranding import Stranding
from vetting.usecases.change_account import (
    GivenBefore,
    give_password,
    let_in_again,
    rename_officer,
)
from vetting.usecases.choose_mail import give_address
from vetting.usecases.keep_officers import (
    OF_ANOTHER,
    assign_role,
    create_officer,
    reset_factors,
)
from vetting.usecases.leave import clear_officer, disable_officer, end_role
from vetting.web.desk import definitions, ids, reading, shared, this_keeper, this_principal
from vetting.web.filters import day
from vetting.web.forms.base import PageForm
from vetting.web.forms.officers import (
    ClearForm,
    EndRoleForm,
    MailAddressForm,
    NameForm,
    OfficerForm,
    RoleForm,
)
from vetting.web.gate import needs

bp = Blueprint("officers", __name__)

LONGEST_NAME = 200  # characters that are looked for


@bp.get("/officers")
@needs(Action.KEEP_OFFICERS)
def index() -> ResponseReturnValue:
    """Show the officers and their roles."""
    organisation = request.args.get("organisation") or None
    words = request.args.get("q", "").strip()[:LONGEST_NAME]
    page = officer_list(reading(), organisation, request.args.get("after"), words)
    asked: dict[str, Any] = {"organisation": organisation, "q": words or None}
    return render_template(
        "officers/index.html",
        page=page,
        organisations=organisation_list(reading()),
        organisation=organisation,
        words=words,
        keyset={
            "first": url_for("officers.index", **asked) if page.after else None,
            "next": url_for("officers.index", **asked, after=page.next) if page.next else None,
        },
    )


@bp.route("/officers/new", methods=["GET", "POST"])
@needs(Action.KEEP_OFFICERS)
def new() -> ResponseReturnValue:
    """Enter an officer with a first role."""
    form = OfficerForm.of_request()
    form.offer((one, False) for one in organisations_to_enter(reading(), ids().today()))
    if form.sent_well():
        try:
            handle = create_officer(this_keeper(), shared().door.passwords, form.new_officer())
        except (OutOfTurn, Unacceptable) as refusal:
            form.refuse(refusal)
        else:
            flash(
                gettext(
                    "The officer is entered. The role waits for a second administrator; once it "
                    "is confirmed they can sign in, and then choose a password of their own."
                )
            )
            return redirect(url_for("officers.show", handle=handle), 303)
    return render_template("officers/new.html", form=form), form.status


@bp.get("/officers/<path:handle>")
@needs(Action.KEEP_OFFICERS)
def show(handle: str) -> ResponseReturnValue:
    """Show one officer."""
    return render_template(
        "officers/show.html",
        officer=officer_page(reading(), handle),
        absences=absences_of(reading(), handle, ids().today()),
    )


@bp.route("/officers/<path:handle>/roles", methods=["GET", "POST"])
@needs(Action.KEEP_OFFICERS)
def entrust(handle: str) -> ResponseReturnValue:
    """Entrust an officer with one more role."""
    officer = _another(handle)
    form = RoleForm.of_request()
    form.offer(organisations_to_entrust(reading(), ids().today()))
    if form.sent_well():
        try:
            assign_role(this_keeper(), handle, form.assignment())
        except (OutOfTurn, Unacceptable) as refusal:
            form.refuse(refusal)
        else:
            flash(gettext("The role is written down and waits for a second administrator."))
            return redirect(url_for("officers.show", handle=handle), 303)
    return render_template("officers/role.html", form=form, officer=officer), form.status


@bp.route("/officers/<path:handle>/disable", methods=["GET", "POST"])
@needs(Action.KEEP_OFFICERS)
def disable(handle: str) -> ResponseReturnValue:
    """Let an officer in no more."""
    officer = _another(handle)
    form = PageForm.of_request()
    if form.sent_well():
        try:
            disable_officer(this_keeper(), definitions(), handle)
        except (OutOfTurn, Unacceptable) as refusal:
            form.refuse(refusal)
        else:
            flash(gettext("The officer cannot sign in any more; every session has ended."))
            return redirect(url_for("officers.show", handle=handle), 303)
    return render_template(
        "officers/disable.html",
        form=form,
        officer=officer,
        stranded=(
            stranded_steps(reading(), form.refusal.steps)
            if isinstance(form.refusal, Stranding)
            else stranded_if_disabled(reading(), definitions(), handle, ids().today())
        ),
        held=held_by(reading(), handle),
        last_but_one=_leaves_one(handle),
    ), form.status


@bp.route("/officers/<path:handle>/roles/end", methods=["GET", "POST"])
@needs(Action.KEEP_OFFICERS)
def dismiss(handle: str) -> ResponseReturnValue:
    """Let a role of an officer end."""
    officer = _another(handle)
    form = EndRoleForm.of_request()
    form.offer(officer.roles)
    stranded: list[StrandedSteps] = []
    if form.sent_well():
        try:
            end_role(this_keeper(), definitions(), handle, *form.ending())
        except Stranding as refusal:
            form.refuse(refusal)
            stranded = stranded_steps(reading(), refusal.steps)
        except (OutOfTurn, Unacceptable) as refusal:
            form.refuse(refusal)
        else:
            last = day(form.last_day.data)
            flash(gettext("The role ends with %(day)s.", day=last))
            return redirect(url_for("officers.show", handle=handle), 303)
    return render_template(
        "officers/end_role.html",
        form=form,
        officer=officer,
        stranded=stranded,
        if_today=_if_ended_today(officer) if not stranded else {},
        held=held_by(reading(), handle),
        last_but_one=_leaves_one(handle),
    ), form.status


@bp.route("/officers/<path:handle>/second-factor", methods=["GET", "POST"])
@needs(Action.KEEP_OFFICERS)
def reset_factor(handle: str) -> ResponseReturnValue:
    """Take off the second factors of an officer who has lost them."""
    officer = _another(handle)
    form = PageForm.of_request()
    if form.sent_well():
        try:
            reset_factors(this_keeper(), handle)
        except (OutOfTurn, Unacceptable) as refusal:
            form.refuse(refusal)
        else:
            flash(gettext("The second factor is taken off; every session has ended."))
            return redirect(url_for("officers.show", handle=handle), 303)
    return render_template("officers/reset_factor.html", form=form, officer=officer), form.status


@bp.route("/officers/<path:handle>/roles/clearance", methods=["GET", "POST"])
@needs(Action.KEEP_OFFICERS)
def clear(handle: str) -> ResponseReturnValue:
    """Say for which level of restricted cases an officer is cleared in a role."""
    officer = _another(handle)
    form = ClearForm.of_request()
    form.offer(officer.roles)
    stranded: list[StrandedSteps] = []
    if form.sent_well():
        try:
            in_force = clear_officer(this_keeper(), definitions(), handle, *form.clearing())
        except Stranding as refusal:
            form.refuse(refusal)
            stranded = stranded_steps(reading(), refusal.steps)
        except (OutOfTurn, Unacceptable) as refusal:
            form.refuse(refusal)
        else:
            flash(
                gettext("The clearance is saved.")
                if in_force
                else gettext("The clearance is written down and waits for a second administrator.")
            )
            return redirect(url_for("officers.show", handle=handle), 303)
    return render_template(
        "officers/clear.html", form=form, officer=officer, stranded=stranded
    ), form.status


@bp.route("/officers/<path:handle>/let-in", methods=["GET", "POST"])
@needs(Action.KEEP_OFFICERS)
def let_in(handle: str) -> ResponseReturnValue:
    """Let an officer in again who was let in no more."""
    officer = _another(handle)
    form = PageForm.of_request()
    if form.sent_well():
        try:
            let_in_again(this_keeper(), handle)
        except (OutOfTurn, Unacceptable) as refusal:
            form.refuse(refusal)
        else:
            flash(gettext("The officer can sign in again."))
            return redirect(url_for("officers.show", handle=handle), 303)
    return render_template(
        "officers/let_in.html", form=form, officer=officer, today=ids().today()
    ), form.status


@bp.route("/officers/<path:handle>/password", methods=["GET", "POST"])
@needs(Action.KEEP_OFFICERS)
def password(handle: str) -> ResponseReturnValue:
    """Give an officer a new password, and show it on this answer and nowhere else."""
    officer = _another(handle)
    form = PageForm.of_request()
    if form.sent_well():
        try:
            key = str(form.key.data)
            given = give_password(this_keeper(), shared().door.passwords, handle, key=key)
        except GivenBefore as refusal:
            return render_template(
                "officers/password_before.html", officer=officer, at=refusal.at
            ), 409
        except (OutOfTurn, Unacceptable) as refusal:
            form.refuse(refusal)
        else:
            return render_template("officers/password_given.html", officer=officer, given=given)
    return render_template("officers/password.html", form=form, officer=officer), form.status


@bp.route("/officers/<path:handle>/name", methods=["GET", "POST"])
@needs(Action.KEEP_OFFICERS)
def rename(handle: str) -> ResponseReturnValue:
    """Change an officer's name and log-in."""
    officer = _another(handle)
    form = NameForm.of_request(data={"name": officer.name, "login": officer.login})
    if form.sent_well():
        try:
            rename_officer(this_keeper(), handle, str(form.name.data), str(form.login.data))
        except (OutOfTurn, Unacceptable) as refusal:
            form.refuse(refusal)
        else:
            flash(gettext("Name and log-in are saved."))
            return redirect(url_for("officers.show", handle=handle), 303)
    return render_template("officers/name.html", form=form, officer=officer), form.status


@bp.route("/officers/<path:handle>/mail", methods=["GET", "POST"])
@needs(Action.KEEP_OFFICERS)
def mail(handle: str) -> ResponseReturnValue:
    """Say where mail for an officer goes."""
    officer = _another(handle)
    form = MailAddressForm.of_request(data={"address": officer.mail_address or ""})
    if form.sent_well():
        try:
            give_address(this_keeper(), handle, form.address.data or "")
        except (OutOfTurn, Unacceptable) as refusal:
            form.refuse(refusal)
        else:
            flash(gettext("The mail address is saved."))
            return redirect(url_for("officers.show", handle=handle), 303)
    return render_template("officers/mail.html", form=form, officer=officer), form.status


def _another(handle: str) -> Officer:
    """Return the officer who is changed; what is one's own is changed by somebody else."""
    officer = officer_page(reading(), handle)
    if handle == this_principal().officer:
        if request.method in {"GET", "HEAD"}:  # nothing was sent that could be refused
            abort(make_response(render_template("officers/own.html", officer=officer), 403))
        raise Unacceptable(OF_ANOTHER)
    return officer


def _if_ended_today(officer: Officer) -> dict[tuple[Role, str], list[StrandedSteps]]:
    """Return by role and organisation which steps would have nobody, were it to end today."""
    today = ids().today()
    held = [
        (one.role, one.organisation)
        for one in officer.roles_from(today)
        if one.valid_from is None or one.valid_from <= today
    ]
    if officer.disabled_at is not None:
        return {}  # they take no step any more
    return stranded_if_ended(reading(), definitions(), officer.handle, held, today)


def _leaves_one(handle: str) -> bool:
    """Tell whether one administrator alone would be left without this officer."""
    found = administrators(reading(), ids().today())
    return handle in found and len(found) == 2  # noqa: PLR2004
