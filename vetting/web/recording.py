"""Pages for recording: a dated fact in one case or in many, and a paper that a file refers to."""

from collections.abc import Sequence

from flask import Blueprint, abort, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_babel import ngettext

from vetting.engine.definition import Definition, RecordedFact
from vetting.engine.policy import Action
from vetting.engine.record import REFERENCE, offers_of_facts
from vetting.engine.refusals import MoveNotOffered, Unacceptable
from vetting.engine.sentences import Sentence, say
from vetting.queries.opened_case import OpenedCase, actor_of, open_case, tells_outcome
from vetting.queries.ticked_cases import TickedCase, ticked_cases
from vetting.usecases.record_fact import record_fact, record_paper
from vetting.web.addresses import own_address
from vetting.web.desk import definitions, reading, this_desk, this_principal
from vetting.web.forms.recording import form_for
from vetting.web.gate import needs
from vetting.web.looking import looked
from vetting.web.trying import anew, tried

bp = Blueprint("recording", __name__)

MOST = 500


@bp.route("/cases/<handle>/facts/<name>", methods=["GET", "POST"])
@needs(Action.RECORD_FACT)
def fact(handle: str, name: str) -> ResponseReturnValue:
    """Record a dated fact in one case."""
    opened = open_case(reading(), this_principal(), definitions(), handle)
    known, held_back = _offered(opened, name)
    form = form_for(known.fields).of_request(seen=opened.case.entry_count)
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
    opened = open_case(reading(), this_principal(), definitions(), handle)
    known = opened.definition.paper_by_name.get(name)
    if known is None:
        abort(404)
    if this_principal().role not in opened.definition.state_by_name[opened.case.state].acts:
        raise MoveNotOffered(say("Papers are added by whoever has the case now."))
    form = form_for(REFERENCE).of_request(seen=opened.case.entry_count)
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


@bp.post("/facts/<case_type>/<name>")
@needs(Action.RECORD_FACT)
def many(case_type: str, name: str) -> ResponseReturnValue:
    """Record the same fact in many cases ticked in a list.

    The list posts its ticked cases and gets the form; the form posts them again with its answers.
    """
    handles = list(dict.fromkeys(request.form.getlist("case")))
    back = own_address(request.form.get("back"))
    if not handles:
        raise Unacceptable(say("Tick at least one case."))
    if len(handles) > MOST:
        raise Unacceptable(say("At most %(most)s cases at once.", most=MOST))
    cases = ticked_cases(reading(), this_principal(), definitions(), handles)
    known = _same_fact(cases, case_type, name)
    asked = form_for(known.fields)
    filled_in = "key" in request.form
    form = asked.of_request() if filled_in else anew(asked)
    if filled_in and form.sent_well():
        answer = tried(
            form, lambda: record_fact(this_desk(), form.sent(), handles, name, form.details())
        )
        if answer is not None:
            refused = answer.get("refused") or []
            done = len(handles) - len(refused)  # type: ignore[arg-type]
            flash(ngettext("On record in %(num)d case.", "On record in %(num)d cases.", done))
            if not refused:
                return redirect(back, 303)
            return render_template(
                "cases/recorded.html",
                title=known.title,
                refused=refused,
                cases={case.handle: case for case in cases},
                back=back,
            )
    looked(Action.RECORD_FACT, cases=handles)
    return render_template(
        "cases/record_many.html", form=form, cases=cases, title=known.title, back=back
    ), form.status


def _same_fact(cases: Sequence[TickedCase], case_type: str, name: str) -> RecordedFact:
    """Return the fact as all the cases' workflows have it, so that one form asks for all."""
    found: set[Definition] = {case.definition for case in cases}
    facts = {definition.fact_by_name.get(name) for definition in found}
    if {case.case_type.value for case in cases} != {case_type} or len(facts) != 1:
        raise Unacceptable(say("Tick cases of one act that have this to record."))
    known = facts.pop()
    if known is None:
        abort(404)
    if this_principal().role not in known.by:
        raise MoveNotOffered(
            say("“%(fact)s” cannot be recorded while the case stands here.", fact=known.title)
        )
    return known
