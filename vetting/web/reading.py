"""Who reads how much: for a chief about the own organisation, for the supervisor about all."""

from flask import Blueprint, render_template
from flask.typing import ResponseReturnValue

from vetting.engine.policy import Action
from vetting.queries.reading_page import reading_page
from vetting.web.desk import ids, reading, this_principal
from vetting.web.gate import needs

bp = Blueprint("reading", __name__)


@bp.get("/reading")
@needs(Action.SEE_READING)
def show() -> ResponseReturnValue:
    """Show alarms about reading, and who has seen the most cases."""
    page = reading_page(reading(), this_principal(), ids().today())
    return render_template("reading/show.html", page=page)
