"""Telling the outcome: notify the unit, and close the case."""

from flask import Blueprint
from flask.typing import ResponseReturnValue

from vetting.engine.policy import Action
from vetting.engine.sentences import mark
from vetting.usecases.record_fact import record_fact
from vetting.usecases.tell_outcome import close_cases, notify_units
from vetting.web.acting import About, Act, on_one
from vetting.web.desk import definitions
from vetting.web.forms.acts import ActForm
from vetting.web.forms.recording import form_for
from vetting.web.gate import needs

bp = Blueprint("telling", __name__)

NOTIFY = Act(
    "notify",
    Action.NOTIFY_UNIT,
    "acts/plain.html",
    lambda desk, sent, cases, _form: notify_units(desk, sent, cases),
    mark("The unit was notified of the outcome and its reasons."),
)
CLOSE = Act(
    "close",
    Action.CLOSE_CASE,
    "acts/plain.html",
    lambda desk, sent, cases, _form: close_cases(desk, sent, cases),
    mark("The case is closed."),
)
TOLD = "candidate_told"


def _form_for(about: About) -> type[ActForm]:
    """Return the form that asks for what the workflow wants written down."""
    first = about.lines[0]
    fact = definitions().of(first.case_type, first.definition_version).fact_by_name[TOLD]
    return type("TellForm", (form_for(fact.fields), ActForm), {})


TELL = Act(
    TOLD,
    Action.RECORD_FACT,
    "acts/tell.html",
    lambda desk, sent, cases, form: record_fact(desk, sent, cases, TOLD, form.details()),
    mark("It is on record that the candidate was told."),
    form_for=_form_for,
)


@bp.route("/cases/<handle>/notify", methods=["GET", "POST"])
@needs(Action.NOTIFY_UNIT)
def notify(handle: str) -> ResponseReturnValue:
    """Tell the unit the outcome."""
    return on_one(NOTIFY, handle)


@bp.route("/cases/<handle>/close", methods=["GET", "POST"])
@needs(Action.CLOSE_CASE)
def close(handle: str) -> ResponseReturnValue:
    """Close a case."""
    return on_one(CLOSE, handle)
