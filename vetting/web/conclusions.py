"""What lies before the authority: proposals with their annex, and the conclusions on them."""

from typing import Any

from flask import Blueprint, render_template, request, url_for
from flask.typing import ResponseReturnValue

from vetting.engine.policy import Action
from vetting.engine.refusals import Unacceptable
from vetting.engine.sentences import mark, say
from vetting.queries.act_page import outcomes_of
from vetting.queries.submitted import Wanted, handles_of, submitted
from vetting.usecases.conclude import conclude_cases, return_proposal
from vetting.web.acting import About, Act, on_many, on_one
from vetting.web.desk import definitions, reading, this_principal
from vetting.web.filters import said
from vetting.web.forms.acts import ConcludeForm, ReasonForm
from vetting.web.forms.board import SubmittedForm
from vetting.web.gate import needs
from vetting.web.looking import looked
from vetting.web.names import know_officers

bp = Blueprint("conclusions", __name__)


def _offer_outcomes(form: ConcludeForm, about: About) -> dict[str, Any]:
    kinds = [(line.case_type, line.definition_version) for line in about.lines]
    outcomes = outcomes_of(kinds, definitions(), concluded=True)
    form.offer(outcomes)
    return {"outcomes": outcomes, "adverse": [one.title for one in outcomes if one.adverse]}


CONCLUDE = Act(
    "conclude",
    Action.CONCLUDE,
    "acts/conclude.html",
    lambda desk, sent, cases, form: conclude_cases(desk, sent, cases, form.conclusion()),
    mark("The conclusion is recorded. The Board notifies the unit."),
    form=ConcludeForm,
    prepare=_offer_outcomes,
)
RETURN_PROPOSAL = Act(
    "return_proposal",
    Action.RETURN_PROPOSAL,
    "acts/reason.html",
    lambda desk, sent, cases, form: return_proposal(desk, sent, cases[0], form.reason.data),
    mark("The proposal went back to the Board."),
    form=ReasonForm,
)


@bp.get("/submitted")
@needs(Action.SEE_SUBMITTED)
def show() -> ResponseReturnValue:
    """Show what lies before the authority."""
    form = _form()
    wanted = form.wanted()
    found = submitted(reading(), this_principal(), definitions(), wanted, request.args.get("after"))
    looked(Action.SEE_SUBMITTED, cases=found.handles, asked=request.query_string.decode()[:500])
    know_officers(line.proposed_by for line in found.page.rows)
    kept = _kept(wanted)
    return render_template(
        "submitted/show.html",
        form=form,
        wanted=wanted,
        found=found,
        kept=kept,
        addresses={
            stands: url_for("conclusions.show", **{**kept, "stands": stands.value})
            for stands in found.counts
        },
        keyset={
            "first": url_for("conclusions.show", **kept) if found.page.after else None,
            "next": url_for("conclusions.show", **kept, after=found.page.next)
            if found.page.next
            else None,
        },
    )


@bp.route("/submitted/conclude", methods=["GET", "POST"])
@needs(Action.CONCLUDE)
def conclude_many() -> ResponseReturnValue:
    """Record one decision for the cases that were ticked."""

    def ticked() -> list[str]:
        if request.args.get("all") == "1":
            return handles_of(reading(), this_principal(), _form().wanted())
        return request.args.getlist("case")

    return on_many(CONCLUDE, ticked, url_for("conclusions.show"))


@bp.route("/cases/<handle>/conclude", methods=["GET", "POST"])
@needs(Action.CONCLUDE)
def conclude(handle: str) -> ResponseReturnValue:
    """Record the conclusion on a case."""
    return on_one(CONCLUDE, handle)


@bp.route("/cases/<handle>/return-proposal", methods=["GET", "POST"])
@needs(Action.RETURN_PROPOSAL)
def send_back(handle: str) -> ResponseReturnValue:
    """Return a proposal to the Board."""
    return on_one(RETURN_PROPOSAL, handle)


def _form() -> SubmittedForm:
    form = SubmittedForm.of_address()
    outcomes = {
        outcome.name: said(outcome.title)
        for definition in definitions()
        for outcome in definition.outcomes
        if outcome.proposed
    }
    form.offer(outcomes.items())
    if not form.said_well():
        raise Unacceptable(say("This list cannot be narrowed like that. Begin at its first page."))
    return form


def _kept(wanted: Wanted) -> dict[str, Any]:
    kept = {
        "stands": wanted.stands.value,
        "case_type": wanted.case_type.value if wanted.case_type else None,
        "proposed": wanted.proposed,
    }
    return {name: value for name, value in kept.items() if value is not None}
