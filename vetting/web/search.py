"""The page of search."""

from flask import Blueprint, render_template, request, url_for
from flask.typing import ResponseReturnValue

from vetting.engine.policy import Action
from vetting.queries.case_search import LONGEST, search_cases
from vetting.web.desk import definitions, reading, this_principal
from vetting.web.gate import needs
from vetting.web.looking import looked, nothing_shown

bp = Blueprint("search", __name__)


@bp.get("/search")
@needs(Action.SEARCH)
def show() -> ResponseReturnValue:
    """Find cases by reference or name, within what the reader may see."""
    words = request.args.get("q", "")[:LONGEST].strip()
    after = request.args.get("after")
    page = None
    if words:
        page = search_cases(reading(), this_principal(), definitions(), words, after)
        looked(Action.SEARCH, cases=[one.handle for one in page.found], asked=page.words)
    else:
        nothing_shown()
    pages = {
        "first": url_for(".show", q=words) if after else None,
        "next": url_for(".show", q=words, after=page.after) if page and page.after else None,
    }
    return render_template("search/show.html", words=words, page=page, pages=pages)
