"""Workflows: what each definition says, in words, with its picture and the text that equals it."""

from collections.abc import Mapping

from flask import Blueprint, Response, abort, render_template
from flask.typing import ResponseReturnValue

from vetting.engine.definition import Definition
from vetting.engine.policy import Action
from vetting.engine.sentences import mark
from vetting.queries.workflow_picture import picture
from vetting.web.desk import definitions
from vetting.web.gate import needs
from vetting.web.languages import language

bp = Blueprint("workflows", __name__)

GUARDS: Mapping[str, str] = {
    "candidate_named": mark("the candidate’s name, birth and the title asked for are filled in"),
    "every_must_body_signed": mark("every body that must answer has signed; silence is no answer"),
    "somebody_else_proposed": mark("another person drew the proposal up"),
    "candidate_heard": mark(
        "before an adverse conclusion the candidate’s hearing, or the reason for its absence, is "
        "on record"
    ),
    "candidate_told": mark("it is on record that the candidate was told the outcome"),
    "stood_here_before": mark("the case stood there before it was suspended"),
    "facts_recorded": mark("these facts are on record"),
    "verification_complete": mark("every request to verify has its reply"),
    "no_open_matter": mark("no political matter to consider is open"),
    "required_papers_recorded": mark("every required paper is on record"),
    "follows_an_admission": mark("the case is linked to the admission it follows"),
    "outcome_followed_up": mark("what the outcome leads to is on record"),
    "opinion_is_drafted": mark("there is a draft"),
    "drafter_does_not_sign": mark("another person drafted the opinion"),
    "one_name_once": mark("the same person has not put a name to this draft yet"),
    "enough_countersignatures": mark("as many have countersigned as the rule asks for"),
}
UNITS: Mapping[str, str] = {
    "working_days": mark("working days"),
    "calendar_days": mark("calendar days"),
    "months": mark("months"),
}


@bp.get("/workflows")
@needs(Action.SEE_REGISTERS)
def index() -> ResponseReturnValue:
    """Show every workflow there is."""
    return render_template("workflows/index.html", definitions=list(definitions()))


@bp.get("/workflows/<name>")
@needs(Action.SEE_REGISTERS)
def show(name: str) -> ResponseReturnValue:
    """Show what the newest version of a workflow says."""
    return _shown(_newest(name))


@bp.get("/workflows/<name>/v<int:version>")
@needs(Action.SEE_REGISTERS)
def show_version(name: str, version: int) -> ResponseReturnValue:
    """Show what one version of a workflow says: cases are pinned to it for life."""
    return _shown(_of(name, version))


@bp.get("/workflows/<name>/v<int:version>.svg")
@needs(Action.SEE_REGISTERS)
def draw(name: str, version: int) -> ResponseReturnValue:
    """Draw a version of a workflow."""
    return Response(
        picture(_of(name, version), language()), content_type="image/svg+xml; charset=utf-8"
    )


def _shown(definition: Definition) -> ResponseReturnValue:
    return render_template(
        "workflows/show.html",
        definition=definition,
        versions=[one for one in definitions() if one.case_type == definition.case_type],
        guards=GUARDS,
        units=UNITS,
        titles={state.name: state.title for state in definition.states},
    )


def _newest(name: str) -> Definition:
    found = [one for one in definitions() if one.case_type == name]
    if not found:
        abort(404)
    return max(found, key=lambda one: one.version)


def _of(name: str, version: int) -> Definition:
    try:
        return definitions().of(name, version)
    except LookupError:
        abort(404)
