"""Pages for recording: a dated fact, and a paper that a file refers to."""

from flask import Blueprint, abort, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from vetting.engine.definition import RecordedFact
from vetting.engine.policy import Action
from vetting.engine.record import REFERENCE, offers_of_facts, tells_outcome
from vetting.engine.refusals import MoveNotOffered
from vetting.engine.sentences import Sentence, say
from vetting.queries.opened_case import OpenedCase, actor_of, open_to_act
from vetting.usecases.record_fact import record_fact, record_paper
from vetting.web.desk import definitions, reading, this_desk, this_principal
from vetting.web.forms.recording import form_for
from vetting.web.gate import needs
from vetting.web.looking import case_at_hand, looked
from vetting.web.trying import tried

bp = Blueprint("recording", __name__)


@bp.route("/cases/<handle>/facts/<name>", methods=["GET", "POST"])
@needs(Action.RECORD_FACT)
def fact(handle: str, name: str) -> ResponseReturnValue:
    """Record a dated fact in one case."""
    opened = open_to_act(reading(), this_principal(), definitions(), handle)
    case_at_hand(handle)
    known, held_back = _offered(opened, name)
    form = form_for(known.fields).of_request(seen=opened.seen)
    if form.sent_well() and tried(
        form, lambda: record_fact(this_desk(), form.sent(), [handle], name, form.details())
    ):
        flash(_("It is on record."))
        return redirect(url_for("cases.show", handle=handle), 303)
    looked(Action.RECORD_FACT, cases=[handle])
    return render_template(
        "cases/record.html",
        form=form,
        case=opened.case,
        title=known.title,
        basis=known.basis,
        fresh_months=None,
        held_back=held_back if request.method == "GET" else None,
    ), form.status


def _offered(opened: OpenedCase, name: str) -> tuple[RecordedFact, Sentence | None]:
    """Return a fact that the reader may record here, with what holds it back."""
    known = opened.definition.fact_by_name.get(name)
    if known is None:
        abort(404)
    if not opened.knows_outcome and tells_outcome(opened.definition, known):
        abort(404)  # whether it can be recorded would tell the outcome
    for offer in offers_of_facts(opened.definition, opened.case, actor_of(this_principal())):
        if offer.fact.name == name:
            return offer.fact, offer.held_back
    raise MoveNotOffered(
        say("“%(fact)s” cannot be recorded while the case stands here.", fact=known.title)
    )


@bp.route("/cases/<handle>/papers/<name>", methods=["GET", "POST"])
@needs(Action.RECORD_FACT)
def paper(handle: str, name: str) -> ResponseReturnValue:
    """Refer to a paper: its number, date, custodian and pages, never what it says."""
    opened = open_to_act(reading(), this_principal(), definitions(), handle)
    case_at_hand(handle)
    known = opened.definition.paper_by_name.get(name)
    if known is None:
        abort(404)
    if this_principal().role not in opened.definition.state_by_name[opened.case.state].acts:
        raise MoveNotOffered(say("Papers are added by whoever has the case now."))
    form = form_for(REFERENCE).of_request(seen=opened.seen)
    if form.sent_well() and tried(
        form, lambda: record_paper(this_desk(), form.sent(), handle, name, form.details())
    ):
        flash(_("The paper is on record."))
        return redirect(url_for("cases.show", handle=handle, _anchor="papers"), 303)
    looked(Action.RECORD_FACT, cases=[handle])
    return render_template(
        "cases/record.html",
        form=form,
        case=opened.case,
        title=known.title,
        basis=known.basis,
        fresh_months=known.fresh_months,
        held_back=None,
    ), form.status
