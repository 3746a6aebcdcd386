"""Pages for coming in, going out, and working in another capacity."""

from flask import (
    Blueprint,
    Flask,
    flash,
    make_response,
    redirect,
    render_template,
    request,
    session,
    url_for,
)
from flask.typing import ResponseReturnValue
from flask_babel import force_locale, ngettext
from flask_babel import gettext as _
from flask_login import current_user
from werkzeug.wrappers import Response

from vetting.engine.devices import seen
from vetting.engine.policy import Action
from vetting.engine.refusals import Unacceptable
from vetting.queries.waiting_elsewhere import Waiting, waiting_for_others, waiting_in
from vetting.usecases.sign_in import (
    HALF_WAY_FOR,
    Attempt,
    BeginAgain,
    Entered,
    SecondStepWanted,
    TooSoon,
    ask_second,
    capacities_of,
    finish_sign_in,
    is_half_way,
    recall,
    sign_in,
    sign_out,
    switch_capacity,
)
from vetting.web.addresses import own_address
from vetting.web.desk import ids, reading, shared
from vetting.web.filters import moment, said
from vetting.web.forms.factors import SecondStepForm
from vetting.web.forms.sign_in import CapacityForm, SignInForm
from vetting.web.gate import needs
from vetting.web.languages import keep_language
from vetting.web.passkeys import answer_of, this_site
from vetting.web.sessions import (
    came_back,
    cookie_name,
    forget_cookie,
    forget_token,
    had_token,
    keep_token,
    know_browser,
    known_browser,
    set_cookie,
    signed_in,
    this_address,
)
from vetting.web.trying import anew

HALF = "half"  # the cookie of whoever is half-way in

bp = Blueprint("sign_in", __name__)


@bp.route("/sign-in", methods=["GET", "POST"])
@needs(Action.OPEN)
def enter() -> ResponseReturnValue:
    """Ask for log-in and password; begin a session."""
    if signed_in() and request.method == "GET":
        return redirect(own_address(request.args.get("next")), 303)
    form = SignInForm.of_request()
    if form.sent_well():
        login = str(form.login.data)
        attempt = Attempt(
            login,
            str(form.password.data),
            this_address(),
            known_browser(login),
        )
        try:
            entered = sign_in(shared().door, attempt)
        except SecondStepWanted as half:
            return half_way(form.next.data, half)
        except (Unacceptable, TooSoon) as refusal:
            form.refuse(refusal)
        else:
            return _let_in(form.next.data, entered)
    ended = had_token() and request.method == "GET"
    if request.method == "GET":
        form.next.data = own_address(request.args.get("next"))
    back = came_back() if ended else None
    answer = make_response(
        render_template("sign_in.html", form=form, ended=ended, came_back=back), form.status
    )
    if form.wait:
        answer.headers["Retry-After"] = str(form.wait)
    if ended:
        forget_token(answer)
    return answer


def second_step(wanted: str | None) -> str:
    """Return the address of the second step, on the way to another."""
    own = own_address(wanted)
    return url_for("sign_in.second", next=own if own != "/" else None)


def half_way(wanted: str | None, half: SecondStepWanted) -> Response:
    """Lead whoever proved the first thing to the second step."""
    answer = redirect(second_step(wanted), 303)
    keep_half(answer, half)
    return answer


def keep_half(answer: Response, half: SecondStepWanted) -> None:
    """Let the browser remember that it is half-way in."""
    set_cookie(answer, HALF, half.token, max_age=int(HALF_WAY_FOR.total_seconds()))


@bp.route("/sign-in/second-step", methods=["GET", "POST"])
@needs(Action.OPEN)
def second() -> ResponseReturnValue:
    """Ask whoever knew the password for the second factor; begin a session."""
    token = request.cookies.get(cookie_name(HALF), "")
    if signed_in() or not is_half_way(shared().door, reading(), token):
        return redirect(url_for(".enter", next=request.args.get("next")), 303)
    form = SecondStepForm.of_request()
    if form.sent_well():
        try:
            offered = answer_of(form.passkey.data) or str(form.code.data)
            entered = finish_sign_in(shared().door, token, offered)
        except BeginAgain:
            return redirect(url_for(".enter", next=form.next.data or None), 303)
        except (Unacceptable, TooSoon) as refusal:
            form.refuse(refusal)
        else:
            return _let_in(form.next.data, entered)
    if request.method == "GET":
        form.next.data = own_address(request.args.get("next"))
    try:
        step = ask_second(shared().door, reading(), token, this_site())
    except BeginAgain:
        return redirect(url_for(".enter", next=form.next.data or None), 303)
    answer = make_response(
        render_template("sign_in_second.html", form=form, step=step), form.status
    )
    if form.wait:
        answer.headers["Retry-After"] = str(form.wait)
    return answer


def tell_of_capacity(entered: Entered) -> None:
    """Tell on the next page as what the officer works now, if they could work as something else.

    Nobody is asked it at the door; the next page may be in another language than the door.
    """
    here = seen(request.remote_addr, request.user_agent.string)
    begun = recall(shared().door, reading(), entered.token, here)
    if begun is None or not begun.has_others:
        return
    with force_locale(entered.language):
        vietnamese = entered.language == "vi"
        flash(
            _(
                "You work now as: %(role)s, %(organisation)s. You have other capacities: “Change "
                "capacity” at the top, or the key c, leads to them.",
                role=said(begun.principal.role),
                organisation=begun.capacity_vi if vietnamese else begun.capacity_en,
            )
        )


def tell_of_reset(entered: Entered) -> None:
    """Tell on the next page that the officer's second factors were taken off."""
    if entered.factors_off_at is not None:
        flash(
            _(
                "An administrator took off your second factor (%(moment)s). If you did not ask for "
                "it, tell them at once. Enter another one under “My account”.",
                moment=moment(entered.factors_off_at),
            )
        )


def _let_in(wanted: str | None, entered: Entered) -> ResponseReturnValue:
    session.clear()
    answer = redirect(own_address(wanted), 303)
    if entered.codes_left is not None:
        flash(
            ngettext(
                "You came in by a recovery code. You have %(num)s left.",
                "You came in by a recovery code. You have %(num)s left.",
                entered.codes_left,
            )
        )
    tell_of_reset(entered)
    tell_of_capacity(entered)
    keep_token(answer, entered.token)
    if cookie_name(HALF) in request.cookies:
        forget_cookie(answer, HALF)
    know_browser(answer, entered)
    keep_language(answer, entered.language)
    return answer


@bp.post("/sign-out")
@needs(Action.SIGNED_IN)
def leave() -> ResponseReturnValue:
    """End the session at once."""
    sign_out(shared().door, reading(), current_user.token)
    session.clear()
    answer = redirect(url_for(".enter"), 303)
    forget_token(answer)
    answer.headers["Clear-Site-Data"] = '"cache", "storage"'
    return answer


@bp.route("/capacity", methods=["GET", "POST"])
@needs(Action.SIGNED_IN)
def capacity() -> ResponseReturnValue:
    """Let an officer with several roles choose the one to work in."""
    mine = capacities_of(shared().door, reading(), current_user.session)
    form = CapacityForm.of_request()
    by = current_user.session.principal
    form.offer(waiting_in(reading(), by, mine, ids()), by)
    if form.sent_well():
        organisation, role, on_behalf_of = form.chosen()
        try:
            token = switch_capacity(
                shared().door,
                reading(),
                current_user.session,
                current_user.token,
                organisation,
                role,
                on_behalf_of=on_behalf_of,
            )
        except Unacceptable as refusal:
            form.refuse(refusal)
        else:
            flash(_("You now work in the capacity you chose."))
            answer = redirect(url_for("home.start"), 303)
            keep_token(answer, token)
            return answer
    return render_template("capacity.html", form=form), form.status


def register(app: Flask) -> None:
    """Let first pages say what waits for whoever acts for somebody else."""
    app.jinja_env.globals.update(waiting_for_others=_waiting_for_others)


def _waiting_for_others() -> list[tuple[Waiting, CapacityForm]]:
    """Return what waits in the place of others, each with the form that leads there."""
    who = signed_in()
    if who is None or not who.session.has_others:
        return []
    found = waiting_for_others(reading(), who.session.principal, ids())
    return [(one, anew(CapacityForm).to(one.capacity)) for one in found]
