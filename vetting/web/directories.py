"""Pages for coming in by a directory: to an OpenID provider and back, or with an LDAP password."""

from typing import NamedTuple

from flask import Blueprint, abort, make_response, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from werkzeug.wrappers import Response

from vetting.directories.known import DirectoryDown, NotProven, Provider
from vetting.engine.policy import Action
from vetting.engine.refusals import Refusal, Unacceptable
from vetting.usecases.sign_in import Attempt, Entered, SecondStepWanted, TooSoon
from vetting.usecases.sign_in_by_directory import (
    CameBack,
    NotHere,
    sign_in_by_ldap,
    sign_in_by_provider,
)
from vetting.web.addresses import own_address
from vetting.web.desk import ids, shared
from vetting.web.errors import status_of
from vetting.web.filters import said
from vetting.web.forms.sign_in import SignInForm
from vetting.web.gate import FROM_HERE, needs
from vetting.web.languages import keep_language
from vetting.web.log import write
from vetting.web.on_the_way import Going, forget_going, gone, keep_going, set_out
from vetting.web.sessions import keep_token, know_browser, known_browser, this_address
from vetting.web.sign_in import half_way, keep_half, second_step, tell_of_capacity, tell_of_reset

bp = Blueprint("directories", __name__)


class Offered(NamedTuple):
    """Another way to sign in, by the name officers know it by."""

    name: str
    endpoint: str


def offered() -> list[Offered]:
    """Return the directories that officers may sign in with."""
    kept = shared().directories
    return [
        Offered(one.name, endpoint)
        for one, endpoint in ((kept.provider, ".go"), (kept.ldap, ".enter"))
        if one is not None
    ]


@bp.get("/sign-in/provider")
@needs(Action.OPEN)
def go() -> ResponseReturnValue:
    """Send the browser to the provider."""
    provider = _provider()
    wanted = request.args.get("next")
    if request.headers.get("Sec-Fetch-Site", "same-origin") not in FROM_HERE:
        return redirect(url_for("sign_in.enter"), 303)  # no other site begins a sign-in here
    going = set_out(wanted)
    try:
        address = provider.address(going.way)
    except (DirectoryDown, NotProven) as refusal:
        return _refused(refusal, going)
    answer = redirect(address, 303)
    keep_going(answer, going)
    return answer


@bp.get("/sign-in/provider/back")
@needs(Action.OPEN)
def back() -> ResponseReturnValue:
    """Take the provider's answer, in the browser that went for it, once."""
    provider = _provider()
    going = gone()
    if going is None:
        return _refused(NotHere(), None)
    try:
        came = CameBack(
            request.args.get("state", ""),
            "" if "error" in request.args else request.args.get("code", ""),
            request.args.get("iss"),
            this_address(),
        )
        entered = sign_in_by_provider(shared().door, provider, going.way, came)
    except SecondStepWanted as half:
        answer = _lead_on(second_step(going.next), is_in=False)
        keep_half(answer, half)
        return answer
    except Refusal as refusal:
        return _refused(refusal, going)
    return _let_in(_lead_on(going.next, is_in=True), entered)


def _lead_on(address: str, *, is_in: bool) -> Response:
    """Lead on from a page of ours: the session's cookie goes along from no other site."""
    answer = make_response(render_template("signed_in.html", address=address, is_in=is_in))
    answer.headers["Refresh"] = f"0; url={address}"
    forget_going(answer)
    return answer


@bp.route("/sign-in/directory", methods=["GET", "POST"])
@needs(Action.OPEN)
def enter() -> ResponseReturnValue:
    """Ask for log-in and password of the LDAP directory; begin a session."""
    directory = shared().directories.ldap
    if directory is None:
        abort(404)
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
            entered = sign_in_by_ldap(shared().door, directory, attempt)
        except SecondStepWanted as half:
            return half_way(form.next.data, half)
        except (DirectoryDown, NotProven) as refusal:  # which whoever runs this has to see
            write(ids().handle(), status_of(type(refusal)), refusal)
            form.refuse(refusal)
        except (Unacceptable, TooSoon) as refusal:
            form.refuse(refusal)
        else:
            return _let_in(redirect(own_address(form.next.data), 303), entered)
    if request.method == "GET":
        form.next.data = own_address(request.args.get("next"))
    status = status_of(type(form.refusal)) if form.refusal else form.status
    answer = make_response(
        render_template("sign_in_directory.html", form=form, name=directory.name), status
    )
    if form.wait:
        answer.headers["Retry-After"] = str(form.wait)
    return answer


def _let_in(answer: Response, entered: Entered) -> Response:
    tell_of_reset(entered)
    tell_of_capacity(entered)
    keep_token(answer, entered.token)
    know_browser(answer, entered)
    keep_language(answer, entered.language)
    return answer


def _provider() -> Provider:
    provider = shared().directories.provider
    if provider is None:
        abort(404)
    return provider


def _refused(refusal: Refusal, going: Going | None) -> ResponseReturnValue:
    """Say why nobody was let in, with a way back to where it began."""
    status = status_of(type(refusal))
    number = ids().handle()
    write(number, status, refusal)
    answer = make_response(
        render_template(
            "sign_in_refused.html",
            sentence=said(refusal.sentence),
            number=number,
            next=going.next if going else "/",
        ),
        status,
    )
    if isinstance(refusal, TooSoon):
        answer.headers["Retry-After"] = str(refusal.seconds)
    forget_going(answer)
    return answer
