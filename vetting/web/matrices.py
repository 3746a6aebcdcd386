"""The opinion matrix of a case, on a page of its own."""

from flask import Blueprint, render_template
from flask.typing import ResponseReturnValue

from vetting.engine.policy import PERMITTED, Action
from vetting.queries.act_page import matrix_page
from vetting.web.acting import officers_of
from vetting.web.desk import definitions, reading, this_principal
from vetting.web.gate import needs
from vetting.web.looking import looked
from vetting.web.names import know_officers

bp = Blueprint("matrices", __name__)


@bp.get("/cases/<handle>/matrix")
@needs(Action.SEE_MATRIX)
def show(handle: str) -> ResponseReturnValue:
    """Show what every body that was asked has said."""
    page = matrix_page(reading(), this_principal(), definitions(), handle)
    looked(Action.SEE_MATRIX, cases=[handle])
    know_officers(officers_of(page))
    may_take_back = this_principal().role in PERMITTED[Action.TAKE_BACK_CONSULTATION]
    return render_template("cases/matrix.html", page=page, may_take_back=may_take_back)
