"""What a body has signed, and what became of it."""

import json

from flask import Blueprint, Response, render_template, request
from flask.typing import ResponseReturnValue

from vetting.engine.policy import Action
from vetting.engine.refusals import Unacceptable
from vetting.engine.sentences import say
from vetting.queries.consultation_page import case_of_consultation
from vetting.queries.opened_case import open_to_act
from vetting.queries.receipt import receipt_of_opinion
from vetting.queries.signed_opinions import signed_opinions
from vetting.records.sealing_key import read_public_half
from vetting.web.desk import definitions, reading, shared, this_principal
from vetting.web.forms.consultations import SignedFilterForm
from vetting.web.gate import needs
from vetting.web.looking import looked
from vetting.web.names import know_officers
from vetting.web.paging import ways
from vetting.web.proving import TAKEN_OUT

bp = Blueprint("signed", __name__)


@bp.get("/signed")
@needs(Action.SEE_SIGNED)
def show() -> ResponseReturnValue:
    """Show the body's signed opinions, newest first."""
    filters = SignedFilterForm.of_address()
    if not filters.said_well():
        raise Unacceptable(say("This link asks for something that the list cannot show."))
    found = signed_opinions(
        reading(),
        this_principal(),
        definitions(),
        filters.wanted(),
        after=request.args.get("after"),
    )
    filters.offer(found.units)
    know_officers(
        name for row in found.page.rows for name in (row.drafted_by, row.signed_by, row.signed_for)
    )
    looked(Action.SEE_SIGNED, cases=found.handles, asked=request.query_string.decode()[:500])
    return render_template("signed/show.html", found=found, filters=filters, ways=ways(found.page))


@bp.route("/consultations/<handle>/receipt", methods=TAKEN_OUT)
@needs(Action.SEE_SIGNED)
def receipt(handle: str) -> ResponseReturnValue:
    """Give the receipt for what the body signed, to be kept and checked elsewhere."""
    case = case_of_consultation(reading(), this_principal(), handle)
    open_to_act(reading(), this_principal(), definitions(), case)  # what is taken along is no look
    key = read_public_half(shared().settings.folder)
    first = request.args.get("of") == "first"
    found = receipt_of_opinion(reading(), this_principal(), handle, key, first=first)
    looked(Action.SEE_SIGNED, cases=[found.case], asked="receipt")
    return Response(
        json.dumps(found.told, ensure_ascii=False, indent=1),
        content_type="application/json; charset=utf-8",
        headers={"Content-Disposition": f'attachment; filename="{handle}.receipt.json"'},
    )
