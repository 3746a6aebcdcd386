"""Languages: Vietnamese first, English by a switch that is remembered."""

from typing import Final

from flask import Blueprint, Flask, after_this_request, g, redirect, request
from flask.typing import ResponseReturnValue
from flask_babel import Babel, Locale, get_locale, refresh
from werkzeug.wrappers import Response

from vetting.config import ROOT
from vetting.engine.policy import Action
from vetting.engine.refusals import Unacceptable
from vetting.engine.sentences import say
from vetting.usecases.sign_in import choose_language
from vetting.web.addresses import own_address
from vetting.web.desk import reading, shared
from vetting.web.gate import needs
from vetting.web.sessions import cookie_name, set_cookie, signed_in

LANGUAGES: Final = {"vi": "Tiếng Việt", "en": "English"}  # each in its own words
_LOCALES = {code: Locale.parse(code) for code in LANGUAGES}  # read once, not at every request
READ_IN = "read_in"  # what a form says that is not meant yet, and only read in another language
A_YEAR = 365 * 24 * 3600

bp = Blueprint("languages", __name__)


def register(app: Flask) -> None:
    """Teach the application in which language to answer."""
    if shared(app).settings.language not in LANGUAGES:
        raise SystemExit("VETTING_LANGUAGE must be vi or en.")
    Babel(
        app,
        default_locale=shared(app).settings.language,
        default_translation_directories=str(ROOT / "translations"),
        locale_selector=_language,
    )
    app.jinja_env.globals.update(language=language, languages=LANGUAGES)


def language() -> str:
    """Return the reader's language."""
    return str(get_locale())


@bp.post("/language")
@needs(Action.OPEN)
def choose() -> ResponseReturnValue:
    """Remember the language for the officer, and for the browser before anybody signs in."""
    chosen = _remembered(request.form.get("language", ""))
    answer = redirect(own_address(request.form.get("back")), 303)
    keep_language(answer, chosen)
    return answer


def read_on() -> None:
    """Show a form that is being filled in once more, in another language, as it is filled in.

    It is sent to where it goes anyway, and nothing is done with it: no form was sent well
    (forms/base.py) that is only read.
    """
    if request.method != "POST" or request.endpoint is None or READ_IN not in request.form:
        return
    chosen = _remembered(request.form[READ_IN])
    g.only_read_in = chosen
    refresh()

    @after_this_request
    def keep(answer: Response) -> Response:
        keep_language(answer, chosen)
        return answer


def _remembered(chosen: str) -> str:
    if chosen not in LANGUAGES:
        raise Unacceptable(say("There is no such language here."))
    who = signed_in()
    if who is not None:
        choose_language(shared().door, reading(), who.session, chosen)
    return chosen


def keep_language(answer: Response, chosen: str) -> None:
    """Let the browser remember a language for when nobody is signed in."""
    set_cookie(answer, "language", chosen, A_YEAR)


def _language() -> Locale:
    who = signed_in()
    chosen = g.get("only_read_in") or (
        who.session.language if who else request.cookies.get(cookie_name("language"))
    )
    return _LOCALES.get(chosen or "") or _LOCALES[shared().settings.language]
