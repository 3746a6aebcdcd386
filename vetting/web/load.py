"""Load: what each body, and each officer of one's own organisation, has in hand."""

from flask import Blueprint, render_template, request
from flask.typing import ResponseReturnValue

from vetting.engine.policy import Action
from vetting.queries.load_page import BOARD_ACTS, load_page
from vetting.web.desk import definitions, ids, reading, this_principal
from vetting.web.forms.load import LoadForm
from vetting.web.gate import needs
from vetting.web.looking import looked, nothing_shown
from vetting.web.names import know_officers
from vetting.web.report_tables import written

bp = Blueprint("load", __name__)


@bp.get("/load")
@needs(Action.SEE_LOAD)
def show() -> ResponseReturnValue:
    """Show who has how much, and what came and went in a period."""
    form, found = LoadForm.of_address(), None
    today = ids().today()
    form.fill_in(today)
    well = form.said_well()
    if well:
        found = load_page(reading(), this_principal(), definitions(), form.period(today), ids=ids())
        know_officers(
            [
                *(one.officer for body in found.bodies for one in body.officers),
                *(line.officer for line in found.board),
            ]
        )
        looked(Action.SEE_LOAD, asked=request.query_string.decode()[:500] or None)
    else:
        nothing_shown()
    shown = render_template(
        "load/show.html", form=form, found=found, board_acts=BOARD_ACTS, written=written
    )
    return shown, 200 if well else 422
