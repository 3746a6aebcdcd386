"""The gate: no view answers unless it says which action it is, and the reader may do that."""

from collections.abc import Callable
from typing import Any, TypeVar

from flask import Flask, current_app, request
from flask.typing import ResponseReturnValue
from werkzeug.exceptions import BadRequest, HTTPException

from vetting.engine.policy import PERMITTED, Action, has_two_proofs
from vetting.engine.refusals import Forbidden, Refusal, Unacceptable, Unknown
from vetting.engine.sentences import Sentence, say
from vetting.records.sessions import Session
from vetting.web.desk import shared
from vetting.web.sessions import form_token_fits, signed_in

View = TypeVar("View", bound=Callable[..., Any])

SAFE = frozenset({"GET", "HEAD", "OPTIONS"})
FILES = frozenset({"static", "bootstrap.static"})  # open to everybody, never about anybody
# A list that is too large is told so on its own form, up to the largest that comes by mistake.
ROOM = {"lists.new": 64 * 1024 * 1024}
# Open to whoever still has to enter a second factor, where everybody needs one.
ON_THE_WAY = frozenset({"own_factors.index", "own_factors.add", "own_factors.add_passkey"})
# Open to whoever still has to choose a password in the place of one that was given to them.
CHOOSES = frozenset({"own_sessions.password"})
WAYS_OUT = frozenset({"sign_in.leave"})
FROM_HERE = frozenset({"same-origin", "none"})
# What a form may say more than once: rows, people and case types that are ticked.
TICKED = frozenset(
    {"consultations", "texts", "named", "case_types", "second_case_types", "wanted", "given"}
)
ACTION_OF: dict[Callable[..., Any], Action] = {}


NOT_OF_THE_SESSION = say("This form was not made for your present session. Nothing was done.")
# After these the session goes on under another token: their form, sent again, is of the one before.
MAKES_ANOTHER_TOKEN = frozenset(
    {"own_factors.add", "own_factors.add_passkey", "own_factors.remove", "own_factors.renew"}
)
SENT_AGAIN = say(
    "This form was sent before, or was not made for your present session. Nothing was done now. "
    "Your factors are listed on “My second factor”. Recovery codes are shown once; if you have not "
    "kept them, make others there."
)


class NotFromHere(Forbidden):
    """A form came that no page of this session had made."""


class SignInFirst(Refusal):
    """Nobody is signed in, or not any more."""


class EnterFactorFirst(Forbidden):
    """Everybody needs a second factor here, and whoever this is has none yet."""


class NotVouchedFor(Refusal):
    """The database is not what witnesses signed, or is not guarded as it has to be."""

    def __init__(self, fault: Sentence) -> None:
        super().__init__(
            say(
                "The history in this database is not what was witnessed, or is not guarded as it "
                "has to be. Nothing is shown or taken from it until that is settled."
            )
        )
        self.fault = fault  # for whoever runs the system, not for whoever asks


class ChoosePasswordFirst(Forbidden):
    """Somebody else knows the password by which whoever this is came in."""


def needs(action: Action) -> Callable[[View], View]:
    """Say which action a view is; put it right under the route."""

    def mark(view: View) -> View:
        ACTION_OF[view] = action
        return view

    return mark


def refuse_unvouched() -> None:
    """Answer nothing from a database that nobody vouches for, to whomever; health says so too."""
    if request.endpoint in FILES or request.blueprint == "health":
        return
    fault = shared().vouching.fault()
    if fault is not None:
        raise NotVouchedFor(fault)


def check() -> ResponseReturnValue | None:
    """Let a request through, or refuse it before anything is done for it."""
    endpoint = request.endpoint
    if endpoint is None or endpoint in FILES:
        return None
    action = ACTION_OF[current_app.view_functions[endpoint]]
    unsafe = request.method not in SAFE
    if unsafe and request.headers.get("Sec-Fetch-Site", "same-origin") not in FROM_HERE:
        raise NotFromHere(say("This was sent from another site. Nothing was done."))
    if action is not Action.OPEN:
        who = signed_in()
        if who is None:
            raise SignInFirst(say("You are not signed in any more. Nothing was done."))
        if endpoint not in WAYS_OUT:
            _refuse_unready(who.session, endpoint)
        if who.session.principal.role not in PERMITTED[action]:
            raise Forbidden(say("Your role does not allow this."))
    if endpoint in ROOM and request.mimetype == "multipart/form-data":  # only so does a file come
        request.max_content_length = ROOM[endpoint]
    if unsafe:
        _refuse_forged()
    _refuse_unaskable()
    return None


def _refuse_unready(session: Session, endpoint: str) -> None:
    """Open nothing to whoever has to do something about their own account first."""
    if session.password_given_at is not None:
        if endpoint not in CHOOSES:
            raise ChoosePasswordFirst(say("Choose a password of your own first."))
    elif endpoint not in ON_THE_WAY:
        _refuse_without_factor(session.principal.method)


def _refuse_without_factor(method: str) -> None:
    """Open nothing to whoever came in by one proof where two are needed."""
    if shared().settings.second_factor_required and not has_two_proofs(method):
        raise EnterFactorFirst(say("Enter a second factor first: everybody here needs one."))


def _refuse_forged() -> None:
    """Refuse a form that is not of this session, or that says one thing in two ways."""
    _refuse_unreadable()
    tokens = request.form.getlist("csrf_token")
    if len(tokens) != 1 or not form_token_fits(tokens[0]):
        raise NotFromHere(
            SENT_AGAIN if request.endpoint in MAKES_ANOTHER_TOKEN else NOT_OF_THE_SESSION
        )
    if any(len(told) > 1 and name not in TICKED for name, told in request.form.lists()):
        raise Unacceptable(say("This form says one thing twice. Nothing was done."))


def _refuse_unreadable() -> None:
    """Refuse a form that ends in the middle, or that says something and not what it answers."""
    try:
        names: set[str | None] = {*request.form, *request.files}
    except (HTTPException, OSError, MemoryError):  # told as what it is: too large, or a full disk
        raise
    except Exception as broken:  # what a server makes of pieces that it cannot tell apart
        raise BadRequest from broken
    if None in names:
        raise BadRequest


def _refuse_unaskable() -> None:
    """Refuse an address with a NUL: not every database can even be asked for one."""
    if any("\0" in str(value) for value in (request.view_args or {}).values()):
        raise Unknown(say("There is no such case."))
    if any("\0" in text for pair in request.args.items(multi=True) for text in pair):
        raise Unacceptable(say("This link asks for something that the list cannot show."))


def refuse_unguarded_views(app: Flask) -> None:
    """Stop the start if a view does not say which action it is."""
    unguarded = [
        endpoint
        for endpoint, view in app.view_functions.items()
        if endpoint not in FILES and view not in ACTION_OF
    ]
    if unguarded:
        raise RuntimeError(f"no @needs on: {', '.join(sorted(unguarded))}")
