"""Looking: a view that shows case data writes it down before it answers.

Every view says in `web/shown.py` what it shows, or why it shows no case. One that shows cases and
has written no line gives no answer: it is stopped on its way out.
"""

from collections.abc import Iterable

from flask import Flask, current_app, g, request
from flask.wrappers import Response

from vetting.engine.looks import Group, How, Showing, showing
from vetting.engine.policy import Action
from vetting.engine.refusals import TooMuchRead
from vetting.usecases.look import look
from vetting.usecases.open_notice import open_notices_of_case
from vetting.web.desk import shared, this_desk
from vetting.web.gate import ACTION_OF, FILES
from vetting.web.shown import SHOWN, NoCase

AFTER_REFUSAL = showing(Group.STANDING)


class NobodyLooked(RuntimeError):
    """A view showed cases and wrote no line about it."""


def looked(
    action: Action,
    *,
    cases: Iterable[str | None] = (),
    texts: Iterable[tuple[str, str, str]] = (),
    asked: str | None = None,
    purpose: str | None = None,
) -> None:
    """Write down what is about to be shown: cases, or drafts opened, or the words asked for.

    A list that shows nothing is written down all the same: somebody asked. A draft counts as opened
    only where its text goes out to somebody who wanted to see it, so that it can be signed.
    """
    shown, texts = tuple(dict.fromkeys(cases)), tuple(texts)
    if texts and not goes_to_a_reader():
        shown, texts = shown or tuple(dict.fromkeys(case for case, _, _ in texts)), ()
    look(
        this_desk(),
        action,
        cases=shown or (None,),
        texts=texts,
        asked=asked,
        showing=_shown_here(),
        purpose=purpose,
        budget=shared().settings.reading,
    )
    g.looked = True


def opened_with_its_notices(case: str) -> None:
    """Write down that somebody who reads the page of a case opened what they were told of it."""
    if goes_to_a_reader():
        open_notices_of_case(this_desk(), case)


def nothing_shown() -> None:
    """Say that this answer of a view that can show cases shows none: a form not filled in yet."""
    g.looked = True


def case_at_hand(handle: str) -> None:
    """Say which case a view has opened: should it refuse, the refusal speaks of that case."""
    g.case_at_hand = handle


def looked_by_refusal() -> None:
    """Write down that a refusal tells how things stand in the case that the view had opened."""
    handle = g.get("case_at_hand")
    if handle is None or g.get("looked"):
        return
    action = ACTION_OF[current_app.view_functions[str(request.endpoint)]]
    look(
        this_desk(),
        action,
        cases=[handle],
        asked="refused",
        showing=AFTER_REFUSAL,
        budget=shared().settings.reading,
    )
    g.looked = True


def named_before_an_act(handle: str) -> bool:
    """Write down that a case is named to whoever is asked who they are before an act on it.

    It tells whether it may be: not where more was read than the budget of reading lets somebody.
    """
    action = ACTION_OF[current_app.view_functions[str(request.endpoint)]]
    try:
        look(
            this_desk(),
            action,
            cases=[handle],
            asked="asked again",
            showing=AFTER_REFUSAL,
            budget=shared().settings.reading,
        )
    except TooMuchRead:
        return False
    g.looked = True
    return True


def register(app: Flask) -> None:
    """Let no answer out that shows cases which nobody wrote down as seen."""
    _refuse_unclassified(app)
    app.after_request(_stop_unseen)


def _stop_unseen(answer: Response) -> Response:
    shows = SHOWN.get(str(request.endpoint))
    ran = request.method != "OPTIONS"  # which is answered without the view
    if not ran or not isinstance(shows, Showing) or g.get("refused"):
        return answer
    redirects = 300 <= answer.status_code < 400  # noqa: PLR2004
    if not (redirects or g.get("looked")):
        raise NobodyLooked(f"{request.endpoint} shows cases and wrote no line")
    if shows.how is not How.EXPORT and "Content-Disposition" in answer.headers:
        raise NobodyLooked(f"{request.endpoint} gives out a file and says that it shows a page")
    return answer


def _refuse_unclassified(app: Flask) -> None:
    """Stop the start if a view does not say what it shows, or one is named that is not there."""
    there = set(app.view_functions) - FILES
    if unknown := sorted(there - SHOWN.keys()):
        raise RuntimeError(
            f"say in vetting/web/shown.py what these show of cases, or why none: {unknown}"
        )
    if gone := sorted(SHOWN.keys() - there):
        raise RuntimeError(f"vetting/web/shown.py names views that are not there: {gone}")


def _shown_here() -> Showing:
    shows = SHOWN[str(request.endpoint)]
    if isinstance(shows, NoCase):
        raise NobodyLooked(f"{request.endpoint} says that it shows no case")
    return shows


def goes_to_a_reader() -> bool:
    """Tell whether somebody will see the page: not where a head alone, or a stock of it, goes."""
    return request.method != "HEAD" and "Sec-Purpose" not in request.headers
