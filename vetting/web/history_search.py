"""The page on which the histories of all cases are searched; its address can be sent."""

from dataclasses import replace

from flask import Blueprint, render_template, request
from flask.typing import ResponseReturnValue

from vetting.engine.policy import Action
from vetting.queries.history_search import (
    choices_of_organisations,
    choices_of_verbs,
    emergencies_found,
    search_history,
)
from vetting.web.desk import definitions, ids, reading, this_principal
from vetting.web.forms.history_search import HistorySearchForm
from vetting.web.gate import needs
from vetting.web.looking import looked, nothing_shown
from vetting.web.paging import ways

bp = Blueprint("history_search", __name__)
LONGEST = 500  # of what is written down about a search


@bp.get("/history")
@needs(Action.SEARCH_HISTORY)
def show() -> ResponseReturnValue:
    """Show which entries fit, newest first, each with its case."""
    form = HistorySearchForm.of_address()
    form.offer(choices_of_organisations(reading()), choices_of_verbs())
    found = None
    well = form.said_well()
    wanted = form.wanted()
    if well and wanted.anything:
        found = search_history(
            reading(), this_principal(), definitions(), wanted, request.args.get("after")
        )
        if wanted.case and not found.page.after:
            case, emergencies = emergencies_found(
                reading(), this_principal(), wanted.case, ids().now()
            )
            found = replace(found, case=case, emergencies=emergencies)
        asked = request.query_string.decode(errors="replace")[:LONGEST]
        looked(Action.SEARCH_HISTORY, cases=found.handles, asked=asked)
    else:
        nothing_shown()
    page = render_template(
        "search/history.html", form=form, found=found, ways=ways(found.page) if found else None
    )
    return page, 200 if well else 422
