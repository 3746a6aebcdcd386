"""Letters, and the questions that each of them covers."""

from flask import Blueprint, render_template, request
from flask.typing import ResponseReturnValue

from vetting.engine.policy import Action
from vetting.queries.letters_page import letter_page, letters_page
from vetting.web.desk import definitions, reading, this_principal
from vetting.web.gate import needs
from vetting.web.looking import looked
from vetting.web.paging import ways

bp = Blueprint("letters", __name__)


@bp.get("/letters")
@needs(Action.SEE_LETTERS)
def index() -> ResponseReturnValue:
    """Show the letters to the reader's body, or from the Board, newest first."""
    page = letters_page(reading(), this_principal(), after=request.args.get("after"))
    looked(Action.SEE_LETTERS, asked="/letters")
    return render_template("letters/index.html", page=page, ways=ways(page))


@bp.get("/letters/<handle>")
@needs(Action.SEE_LETTERS)
def show(handle: str) -> ResponseReturnValue:
    """Show one letter with its questions."""
    found = letter_page(
        reading(),
        this_principal(),
        definitions().consultation(),
        handle,
        after=request.args.get("after"),
    )
    looked(Action.SEE_LETTERS, cases=found.handles, asked=f"/letters/{handle}")
    return render_template(
        "letters/show.html", letter=found.letter, page=found.page, ways=ways(found.page)
    )
