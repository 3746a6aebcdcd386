"""Interruptions: suspend a case, and take it up again where it stood."""

from flask import Blueprint
from flask.typing import ResponseReturnValue

from vetting.engine.policy import Action
from vetting.engine.sentences import mark
from vetting.usecases.interrupt_case import resume_case, suspend_case
from vetting.web.acting import Act, on_one
from vetting.web.forms.acts import ReasonForm
from vetting.web.gate import needs

bp = Blueprint("interruptions", __name__)

SUSPEND = Act(
    "suspend",
    Action.SUSPEND_CASE,
    "acts/reason.html",
    lambda desk, sent, cases, form: suspend_case(desk, sent, cases[0], form.reason.data),
    mark("The case is suspended. No body can answer until it is resumed."),
    form=ReasonForm,
)
RESUME = Act(
    "resume",
    Action.SUSPEND_CASE,
    "acts/reason.html",
    lambda desk, sent, cases, form: resume_case(desk, sent, cases[0], form.reason.data),
    mark("The case goes on where it stood."),
    form=ReasonForm,
)


@bp.route("/cases/<handle>/suspend", methods=["GET", "POST"])
@needs(Action.SUSPEND_CASE)
def suspend(handle: str) -> ResponseReturnValue:
    """Suspend a case."""
    return on_one(SUSPEND, handle)


@bp.route("/cases/<handle>/resume", methods=["GET", "POST"])
@needs(Action.SUSPEND_CASE)
def resume(handle: str) -> ResponseReturnValue:
    """Resume a case."""
    return on_one(RESUME, handle)
