"""Checking a file for completeness: take it up, return it, accept it."""

from typing import Any

from flask import Blueprint
from flask.typing import ResponseReturnValue

from vetting.engine.policy import Action
from vetting.engine.sentences import mark
from vetting.engine.vocabulary import CaseType
from vetting.queries.act_page import competence
from vetting.registers.vocabulary import ManagementLevel
from vetting.usecases.check_completeness import accept_cases, return_case, take_up_cases
from vetting.web.acting import About, Act, on_one
from vetting.web.desk import ids, reading
from vetting.web.forms.acts import AcceptForm, ReturnForm
from vetting.web.gate import needs

bp = Blueprint("checks", __name__)


def _offer_authorities(form: AcceptForm, about: About) -> dict[str, Any]:
    known = competence(reading(), [line.case_type.value for line in about.lines], ids().today())
    form.offer(known)
    return {
        "competence": known,
        "level_titles": {level.value: level for level in ManagementLevel},
        "type_titles": {case_type.value: case_type for case_type in CaseType},
    }


TAKE_UP = Act(
    "take_up",
    Action.TAKE_UP_CASE,
    "acts/plain.html",
    lambda desk, sent, cases, _form: take_up_cases(desk, sent, cases),
    mark("You have taken the case up. Its unit sees that somebody has it."),
)
RETURN = Act(
    "return",
    Action.RETURN_CASE,
    "acts/return.html",
    lambda desk, sent, cases, form: return_case(desk, sent, cases[0], form.reason.data, form.named),
    mark("The case was returned to its unit for completion."),
    form=ReturnForm,
)
ACCEPT = Act(
    "accept",
    Action.ACCEPT_CASE,
    "acts/accept.html",
    lambda desk, sent, cases, form: accept_cases(
        desk,
        sent,
        cases,
        management_level=form.level.data or None,
        authority=form.authority.data or None,
        authority_reason=form.authority_reason.data or None,
    ),
    mark("The case was accepted. The bodies can be asked now."),
    form=AcceptForm,
    prepare=_offer_authorities,
)


@bp.route("/cases/<handle>/take-up", methods=["GET", "POST"])
@needs(Action.TAKE_UP_CASE)
def take_up(handle: str) -> ResponseReturnValue:
    """Begin to check a case."""
    return on_one(TAKE_UP, handle)


@bp.route("/cases/<handle>/return", methods=["GET", "POST"])
@needs(Action.RETURN_CASE)
def send_back(handle: str) -> ResponseReturnValue:
    """Return a case for completion."""
    return on_one(RETURN, handle)


@bp.route("/cases/<handle>/accept", methods=["GET", "POST"])
@needs(Action.ACCEPT_CASE)
def accept(handle: str) -> ResponseReturnValue:
    """Accept a case."""
    return on_one(ACCEPT, handle)
