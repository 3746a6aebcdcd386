"""Pages about one's own second factors."""

from base64 import b32encode
from textwrap import wrap

import segno
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
from flask_babel import gettext as _
from flask_login import current_user
from pyotp import TOTP

from vetting.engine.policy import Action
from vetting.engine.refusals import OutOfTurn, Unacceptable
from vetting.queries.own_factors import own_factors
from vetting.queries.own_sessions import own_login
from vetting.usecases.keep_factors import (
    Changed,
    add_authenticator,
    enter_passkey,
    invite_passkey,
    offer_secret,
    offered_secret,
    remove_factor,
    renew_recovery_codes,
)
from vetting.web.desk import reading, shared, this_principal
from vetting.web.forms.cases import ConfirmForm
from vetting.web.forms.factors import AuthenticatorForm, PasskeyForm
from vetting.web.gate import needs
from vetting.web.passkeys import answer_of, this_site
from vetting.web.sessions import go_on_under, keep_token
from vetting.web.trying import anew

bp = Blueprint("own_factors", __name__)


@bp.get("/second-factor")
@needs(Action.KEEP_OWN_FACTORS)
def index() -> ResponseReturnValue:
    """Show the officer's second factors."""
    found = own_factors(reading(), this_principal())
    return render_template(
        "factors/index.html",
        found=found,
        required=shared().settings.second_factor_required,
        confirm=anew(ConfirmForm),
    )


@bp.route("/second-factor/authenticator", methods=["GET", "POST"])
@needs(Action.KEEP_OWN_FACTORS)
def add() -> ResponseReturnValue:
    """Show the secret of a new authenticator as a picture, and take its first code."""
    door, session = shared().door, current_user.session
    if request.method == "GET":
        secret, sealed = offer_secret(door, session)
        form = AuthenticatorForm.of_request(data={"secret": sealed})
    else:
        form = AuthenticatorForm.of_request()
        secret = offered_secret(door, session, str(form.secret.data))
    if form.sent_well():
        try:
            changed = add_authenticator(
                door,
                reading(),
                session,
                str(form.secret.data),
                form.name.data or "",
                str(form.code.data),
            )
        except (OutOfTurn, Unacceptable) as refusal:
            form.refuse(refusal)
        else:
            return _changed(changed, _("The authenticator is entered."))
    written = b32encode(secret).decode()
    address = TOTP(written).provisioning_uri(
        name=own_login(reading(), this_principal()), issuer_name=_("Political-standards vetting")
    )
    return (
        render_template(
            "factors/add.html",
            form=form,
            picture=segno.make(address, error="m").svg_data_uri(scale=4, border=4, light="#fff"),
            written=" ".join(wrap(written, 4)),
        ),
        form.status,
    )


@bp.route("/second-factor/passkey", methods=["GET", "POST"])
@needs(Action.KEEP_OWN_FACTORS)
def add_passkey() -> ResponseReturnValue:
    """Let a device make a passkey, and enter it."""
    door, session = shared().door, current_user.session
    form = PasskeyForm.of_request()
    answer = answer_of(form.passkey.data)
    if form.sent_well() and answer is not None:
        try:
            changed = enter_passkey(door, reading(), session, form.name.data or "", answer)
        except (OutOfTurn, Unacceptable) as refusal:
            form.refuse(refusal)
        else:
            return _changed(changed, _("The passkey is entered."))
    login = own_login(reading(), this_principal())
    question = invite_passkey(door, reading(), session, login, this_site())
    return (
        render_template("factors/passkey.html", form=form, question=question),
        form.status,
    )


@bp.post("/second-factor/<handle>/remove")
@needs(Action.KEEP_OWN_FACTORS)
def remove(handle: str) -> ResponseReturnValue:
    """Remove a second factor."""
    if not ConfirmForm.of_request().sent_well():
        abort(422)
    changed = remove_factor(shared().door, reading(), current_user.session, handle)
    return _changed(changed, _("It is removed."))


@bp.post("/second-factor/recovery-codes")
@needs(Action.KEEP_OWN_FACTORS)
def renew() -> ResponseReturnValue:
    """Make other recovery codes and show them, this once."""
    if not ConfirmForm.of_request().sent_well():
        abort(422)
    changed = renew_recovery_codes(shared().door, reading(), current_user.session)
    return _changed(changed, _("You have new recovery codes."))


def _changed(changed: Changed, told: str) -> ResponseReturnValue:
    """Go on under the session's new token; recovery codes are on this answer and nowhere else."""
    go_on_under(changed.token)
    if changed.codes:
        answer = make_response(
            render_template("factors/codes.html", codes=changed.codes, told=told)
        )
    else:
        flash(_("%(told)s All your other sessions have ended.", told=told))
        answer = make_response(redirect(url_for(".index"), 303))
    keep_token(answer, changed.token)
    return answer
