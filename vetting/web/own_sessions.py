"""Pages about one's own log-in sessions and password."""

from flask import (
    Blueprint,
    abort,
    flash,
    make_response,
    redirect,
    render_template,
    url_for,
)
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_login import current_user

from vetting.engine.canonical import moment
from vetting.engine.policy import Action
from vetting.engine.refusals import OutOfTurn, Unacceptable
from vetting.queries.own_sessions import own_login, own_sessions
from vetting.usecases.change_own_password import change_own_password
from vetting.usecases.end_sessions import end_other_sessions, end_session
from vetting.usecases.sign_in import Attempt, TooSoon
from vetting.web.desk import reading, shared, this_principal
from vetting.web.forms.cases import ConfirmForm
from vetting.web.forms.own_password import OwnPasswordForm
from vetting.web.gate import needs
from vetting.web.sessions import keep_token, known_browser, this_address
from vetting.web.trying import anew

bp = Blueprint("own_sessions", __name__)


@bp.get("/sessions")
@needs(Action.SIGNED_IN)
def index() -> ResponseReturnValue:
    """Show the officer's open sessions."""
    door = shared().door
    now = door.ids.clock()
    found = own_sessions(
        reading(),
        this_principal(),
        door.ids.today(),
        seen_since=moment(now - door.idle),
        began_since=moment(now - door.longest),
    )
    return render_template("sessions/index.html", sessions=found, end=anew(ConfirmForm))


@bp.post("/sessions/<mark>/end")
@needs(Action.SIGNED_IN)
def end(mark: str) -> ResponseReturnValue:
    """End one other session."""
    if not ConfirmForm.of_request().sent_well():
        abort(422)
    end_session(shared().door, reading(), current_user.session, mark)
    flash(_("The session has ended."))
    return redirect(url_for(".index"), 303)


@bp.post("/sessions/end-others")
@needs(Action.SIGNED_IN)
def end_others() -> ResponseReturnValue:
    """End all sessions but this one."""
    if not ConfirmForm.of_request().sent_well():
        abort(422)
    end_other_sessions(shared().door, reading(), current_user.session)
    flash(_("All your other sessions have ended."))
    return redirect(url_for(".index"), 303)


@bp.route("/password", methods=["GET", "POST"])
@needs(Action.SIGNED_IN)
def password() -> ResponseReturnValue:
    """Change the officer's own password."""
    form = OwnPasswordForm.of_request()
    login = own_login(reading(), this_principal())
    if form.sent_well():
        attempt = Attempt(
            login,
            str(form.password.data),
            this_address(),
            known_browser(login),
        )
        try:
            token = change_own_password(
                shared().door,
                reading(),
                current_user.session,
                attempt,
                str(form.new_password.data),
            )
        except (OutOfTurn, TooSoon, Unacceptable) as refusal:
            form.refuse(refusal)
        else:
            flash(_("Your password is changed. All your other sessions have ended."))
            answer = redirect(url_for(".index"), 303)
            keep_token(answer, token)
            return answer
    answer = make_response(
        render_template(
            "sessions/password.html",
            form=form,
            login=login,
            given_at=current_user.session.password_given_at,
        ),
        form.status,
    )
    if form.wait:
        answer.headers["Retry-After"] = str(form.wait)
    return answer
