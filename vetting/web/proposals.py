"""Proposals: draw one up, send it back for rework, submit it."""

from typing import Any

from flask import Blueprint
from flask.typing import ResponseReturnValue

from vetting.engine.policy import Action
from vetting.engine.sentences import mark
from vetting.queries.act_page import outcomes_of
from vetting.usecases.propose import propose as draw_up
from vetting.usecases.propose import rework_proposal, submit_proposals
from vetting.web.acting import About, Act, on_one
from vetting.web.desk import definitions
from vetting.web.forms.acts import ProposeForm, ReasonForm
from vetting.web.gate import needs

bp = Blueprint("proposals", __name__)


def _offer_outcomes(form: ProposeForm, about: About) -> dict[str, Any]:
    kinds = [(line.case_type, line.definition_version) for line in about.lines]
    outcomes = outcomes_of(kinds, definitions(), concluded=False)
    form.offer(outcomes)
    return {"outcomes": outcomes}


PROPOSE = Act(
    "propose",
    Action.PROPOSE,
    "acts/propose.html",
    lambda desk, sent, cases, form: draw_up(
        desk, sent, cases, form.outcome.data, form.reasons.data
    ),
    mark("The proposal is drawn up. The head of the Board submits it."),
    form=ProposeForm,
    prepare=_offer_outcomes,
)
REWORK = Act(
    "rework",
    Action.SUBMIT_PROPOSAL,
    "acts/reason.html",
    lambda desk, sent, cases, form: rework_proposal(desk, sent, cases[0], form.reason.data),
    mark("The proposal goes back to be drawn up again."),
    form=ReasonForm,
)
SUBMIT = Act(
    "submit",
    Action.SUBMIT_PROPOSAL,
    "acts/plain.html",
    lambda desk, sent, cases, _form: submit_proposals(desk, sent, cases),
    mark("The proposal lies before the authority."),
)


@bp.route("/cases/<handle>/propose", methods=["GET", "POST"])
@needs(Action.PROPOSE)
def propose(handle: str) -> ResponseReturnValue:
    """Draw up the proposal on a case."""
    return on_one(PROPOSE, handle)


@bp.route("/cases/<handle>/rework", methods=["GET", "POST"])
@needs(Action.SUBMIT_PROPOSAL)
def rework(handle: str) -> ResponseReturnValue:
    """Send a proposal back to be drawn up again."""
    return on_one(REWORK, handle)


@bp.route("/cases/<handle>/submit", methods=["GET", "POST"])
@needs(Action.SUBMIT_PROPOSAL)
def submit(handle: str) -> ResponseReturnValue:
    """Put a proposal before the authority."""
    return on_one(SUBMIT, handle)
