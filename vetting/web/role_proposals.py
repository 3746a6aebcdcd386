"""Roles that wait: a second administrator confirms or refuses what a first one gave."""

from flask import Blueprint, Flask, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_babel import ngettext
from sqlalchemy.exc import SQLAlchemyError

from vetting.engine.policy import PERMITTED, Action
from vetting.engine.refusals import OutOfTurn, Refusal, Unacceptable
from vetting.queries.officer_list import administrators
from vetting.queries.waiting_roles import count_waiting, waiting_role, waiting_roles
from vetting.usecases.confirm_roles import confirm_roles, refuse_roles, take_back_role
from vetting.web.desk import ids, reading, this_keeper, this_principal
from vetting.web.forms.base import PageForm
from vetting.web.forms.role_proposals import ConfirmRolesForm, RefuseRolesForm
from vetting.web.gate import needs
from vetting.web.sessions import signed_in
from vetting.web.trying import refuse

bp = Blueprint("role_proposals", __name__)


@bp.get("/role-proposals")
@needs(Action.CONFIRM_ROLES)
def index() -> ResponseReturnValue:
    """List what waits, oldest first; what the reader may confirm can be ticked."""
    return _list()


@bp.post("/role-proposals/confirm")
@needs(Action.CONFIRM_ROLES)
def confirm() -> ResponseReturnValue:
    """Confirm the ticked: they are in force from now on."""
    form = ConfirmRolesForm.of_request()
    if not form.sent_well():
        return _list(form), form.status
    shown = form.given.texts()
    try:
        confirm_roles(this_keeper(), shown)
    except (OutOfTurn, Unacceptable) as refusal:
        return _list(form, refusal), _status(refusal)
    flash(
        ngettext(
            "%(num)s role is confirmed and in force.",
            "%(num)s roles are confirmed and in force.",
            len(shown),
        )
    )
    return redirect(url_for(".index"), 303)


@bp.post("/role-proposals/refuse")
@needs(Action.CONFIRM_ROLES)
def refuse_ticked() -> ResponseReturnValue:
    """Refuse the ticked, with one sentence."""
    form = RefuseRolesForm.of_request()
    if not form.sent_well():
        return _list(form), form.status
    shown = form.given.texts()
    try:
        refuse_roles(this_keeper(), shown, str(form.sentence.data))
    except (OutOfTurn, Unacceptable) as refusal:
        return _list(form, refusal), _status(refusal)
    flash(ngettext("%(num)s role is refused.", "%(num)s roles are refused.", len(shown)))
    return redirect(url_for(".index"), 303)


@bp.route("/role-proposals/<proposal>/take-back", methods=["GET", "POST"])
@needs(Action.CONFIRM_ROLES)
def take_back(proposal: str) -> ResponseReturnValue:
    """Take back what one gave oneself, while it waits."""
    form = PageForm.of_request()
    if form.sent_well():
        try:
            take_back_role(this_keeper(), proposal)
        except (OutOfTurn, Unacceptable) as refusal:
            form.refuse(refusal)
        else:
            flash(_("It is taken back; nothing of it came into force."))
            return redirect(url_for(".index"), 303)
    waits = waiting_role(reading(), this_principal(), proposal)
    return render_template("role_proposals/take_back.html", form=form, waits=waits), form.status


def register(app: Flask) -> None:
    """Let the menu say how much waits."""
    app.jinja_env.globals.update(roles_to_confirm=_to_confirm)


def _list(sent: ConfirmRolesForm | None = None, refusal: Refusal | None = None) -> str:
    page = waiting_roles(reading(), this_principal(), request.args.get("after"))
    form = RefuseRolesForm.anew()
    ticked: set[str] = set()
    if sent is not None:
        ticked = set(sent.given.data)
        form.form_errors = [
            *sent.form_errors,
            *(sent.given.errors or ()),
            *(sent.key.errors or ()),
        ]
        if isinstance(sent, RefuseRolesForm):
            form.sentence.data, form.sentence.errors = sent.sentence.data, sent.sentence.errors
        if refusal is not None:
            refuse(form, refusal)
    return render_template(
        "role_proposals/index.html",
        page=page,
        form=form,
        ticked=ticked,
        ways={
            "first": url_for(".index") if page.after else None,
            "next": url_for(".index", after=page.next) if page.next else None,
        },
        alone=len(administrators(reading(), ids().today())) < 2,  # noqa: PLR2004
    )


def _status(refusal: Refusal) -> int:
    return 409 if isinstance(refusal, OutOfTurn) else 422


def _to_confirm() -> int:
    """Return how much waits that the reader could confirm."""
    who = signed_in()
    if who is None or who.session.principal.role not in PERMITTED[Action.CONFIRM_ROLES]:
        return 0
    try:
        connection = reading()
    except SQLAlchemyError:
        return 0
    try:
        return count_waiting(connection, who.session.principal)
    except connection.dialect.loaded_dbapi.Error:  # the page of a failing database has a menu too
        return 0
