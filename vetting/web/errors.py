"""From a refusal to a page. The family decides the status; the words never tell what is inside."""

from typing import NamedTuple

from flask import Flask, g, make_response, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_login import AnonymousUserMixin
from werkzeug.exceptions import HTTPException

from vetting.directories.known import DirectoryDown
from vetting.engine.refusals import (
    Erased,
    Forbidden,
    HeldBack,
    NotWrittenDown,
    OutOfTurn,
    ProveAgain,
    Refusal,
    TooMuchRead,
    TwoHats,
    Unacceptable,
    Unknown,
)
from vetting.engine.sentences import Sentence, mark, say
from vetting.usecases.sign_in import TooSoon
from vetting.web.desk import ids
from vetting.web.filters import said
from vetting.web.forms.base import hidden_names
from vetting.web.gate import (
    MAKES_ANOTHER_TOKEN,
    ChoosePasswordFirst,
    EnterFactorFirst,
    NotFromHere,
    NotVouchedFor,
    SignInFirst,
)
from vetting.web.log import write
from vetting.web.looking import looked_by_refusal

STATUS: dict[type[Refusal], int] = {
    Erased: 410,
    Unknown: 404,
    Forbidden: 403,
    OutOfTurn: 409,
    Unacceptable: 422,
    SignInFirst: 401,
    ProveAgain: 401,
    TooSoon: 429,
    NotWrittenDown: 503,
    NotVouchedFor: 503,
    DirectoryDown: 503,
}
NOT_SHOWN = frozenset(  # beside what forms carry unseen
    {
        "csrf_token",
        "back",
        "code",
        "do",  # which button was pressed
        "proof_code",
        "proof_passkey",
        "then",
    }
)
SECRET = "password"  # noqa: S105  # what has this in its name is never shown
LONGEST_SHOWN = 20_000


class Words(NamedTuple):
    """What an error page says: what happened, and what to do next."""

    heading: str
    next: str


WORDS: dict[int, Words] = {
    400: Words(
        mark("This request cannot be understood"),
        mark("Go back, open the page again and repeat what you did."),
    ),
    401: Words(
        mark("Please sign in again"),
        mark("Sign in, open the page again and repeat what you did."),
    ),
    403: Words(
        mark("You cannot do this"),
        mark("Go back to where you came from. If it is your work, ask who keeps your roles."),
    ),
    404: Words(
        mark("There is nothing here for you"),
        mark("Check the address, or start from your first page."),
    ),
    405: Words(
        mark("This cannot be done from here"),
        mark("Open the page and use what it offers."),
    ),
    409: Words(
        mark("It has changed in the meantime"),
        mark("Nothing was done. Open the page again to see how things stand now."),
    ),
    410: Words(
        mark("This was lawfully destroyed"),
        mark(
            "Nothing of it can be brought back. Who did what in it stays in the history; the "
            "Board, the authority and whoever supervises can read it at this address."
        ),
    ),
    413: Words(
        mark("This is too large"),
        mark("Nothing was kept. Send less at once, or a smaller file."),
    ),
    422: Words(
        mark("This cannot be taken as it is"),
        mark("Nothing was done. Go back, correct it and send it again."),
    ),
    429: Words(
        mark("Please wait a little"),
        mark("Nothing is locked. Try again in a while."),
    ),
    500: Words(
        mark("Something went wrong here, not with you"),
        mark(
            "Nothing half done was kept. Try once more; if it happens again, "
            "tell the administrator the number below."
        ),
    ),
    503: Words(
        mark("This cannot be shown now"),
        mark("Nothing was lost. Try again in a while; if it stays so, tell the administrator."),
    ),
}
# What happened, and what to do next, where the family of the refusal says it wrongly.
HEADING: dict[type[BaseException], str] = {
    HeldBack: mark("This cannot be done yet"),
    NotVouchedFor: mark("Nothing is served now"),
    TwoHats: mark("Somebody else has to do this"),
}
NEXT: dict[type[BaseException], str] = {
    HeldBack: mark("Nothing was done. Open the page again to see what is waited for."),
    NotFromHere: mark("Open the page again to see how things stand now."),
    NotVouchedFor: mark(
        "Nothing was done. Tell the administrator at once, with the number below, and go on when "
        "the system is back."
    ),
    TooMuchRead: mark("Your notices and whatever names no case stay open to you."),
    TwoHats: mark("Nothing was done. Leave it to somebody who had no other part in this case."),
}
NOTHING_HERE = say("Either it does not exist, or it is not yours to see.")


def status_of(refusal: type[Refusal]) -> int:
    """Return the HTTP status of a family of refusals."""
    return next(STATUS[family] for family in refusal.__mro__ if family in STATUS)


def register(app: Flask) -> None:
    """Teach the application to say no politely."""
    app.register_error_handler(Refusal, _refused)
    app.register_error_handler(HTTPException, _stopped)
    app.register_error_handler(Exception, _broken)


def _refused(refusal: Refusal) -> ResponseReturnValue:
    status = status_of(type(refusal))
    if isinstance(refusal, NotVouchedFor):
        g._login_user = AnonymousUserMixin()  # noqa: SLF001  # nor is it asked who this is
    if isinstance(refusal, SignInFirst) and request.method in {"GET", "HEAD"}:
        wanted = request.full_path.rstrip("?") if request.method == "GET" else None
        return redirect(url_for("sign_in.enter", next=wanted if wanted != "/" else None), 303)
    if isinstance(refusal, EnterFactorFirst) and request.method in {"GET", "HEAD"}:
        return redirect(url_for("own_factors.index"), 303)
    if isinstance(refusal, ChoosePasswordFirst) and request.method in {"GET", "HEAD"}:
        return redirect(url_for("own_sessions.password"), 303)
    if status in {409, 422}:
        try:
            looked_by_refusal()  # the sentence may tell how the case stands
        except (NotWrittenDown, TooMuchRead) as worse:
            return page(status_of(type(worse)), worse, worse.sentence)
    return page(status, refusal, NOTHING_HERE if status == 404 else refusal.sentence)  # noqa: PLR2004


def _stopped(error: HTTPException) -> ResponseReturnValue:
    status = error.code or 500
    if status < 400:  # noqa: PLR2004  # a redirect of the router is an answer, not an error
        return error
    answer = make_response(page(status, error, NOTHING_HERE if status == 404 else None))  # noqa: PLR2004
    for name, value in error.get_headers():
        if name in {"Allow", "Retry-After"}:
            answer.headers[name] = value
    return answer


def _broken(error: Exception) -> ResponseReturnValue:
    if "_login_user" not in g:  # asking who this is may be what failed
        g._login_user = AnonymousUserMixin()  # noqa: SLF001
    return page(500, error, None)


def page(status: int, error: BaseException, sentence: Sentence | None) -> ResponseReturnValue:
    """Return the page that says what happened, under a number to quote."""
    g.refused = True
    number = ids().handle()
    write(number, status, error)
    broken = status >= 500 and not isinstance(error, Refusal)  # noqa: PLR2004
    keeps_what_was_typed = status in {401, 409, 422} or isinstance(
        error, NotFromHere | NotVouchedFor
    )
    words = WORDS.get(status, WORDS[500 if broken else 400])
    kind = type(error)
    words = Words(HEADING.get(kind, words.heading), NEXT.get(kind, words.next))
    try:
        return render_template(
            "errors/broken.html" if broken else "errors/refused.html",
            words=words,
            sentence=said(sentence) if sentence else None,
            number=number,
            status=status,
            typed=_typed() if keeps_what_was_typed else [],
            fresh=_to_open_again(error) if keeps_what_was_typed else None,
            stays=error.stays if isinstance(error, Erased) else (),
        ), status
    except Exception as worse:  # noqa: BLE001  # the last word, whatever is broken
        write(number, 500, worse)
        return f"500 {number}\n", 500, {"Content-Type": "text/plain; charset=utf-8"}


def _typed() -> list[tuple[str, str]]:
    """Return what was typed, by the words that stood above it, so that it can be copied."""
    if request.method != "POST":
        return []
    form = g.get("form")
    labels = {field.name: str(field.label.text) for field in form} if form is not None else {}
    unseen = NOT_SHOWN | hidden_names()
    return [
        (labels.get(name, ""), value[:LONGEST_SHOWN])
        for name, values in request.form.lists()
        if name not in unseen and SECRET not in name
        for value in values
        if value.strip()
    ]


def _to_open_again(error: BaseException) -> str | None:
    if isinstance(error, NotFromHere) and request.endpoint in MAKES_ANOTHER_TOKEN:
        return url_for("own_factors.index")
    rule = request.url_rule
    return request.path if rule is not None and "GET" in (rule.methods or ()) else None
