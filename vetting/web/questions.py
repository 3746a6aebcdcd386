"""Questions to the unit while its case runs: put, answered, waited for no longer, made clear."""

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from vetting.engine.policy import Action
from vetting.engine.questions import why_not_clarify, why_not_put
from vetting.engine.refusals import MoveNotOffered, Unknown
from vetting.engine.sentences import say
from vetting.queries.consultation_page import question_to_act
from vetting.queries.opened_case import OpenedCase, open_to_act
from vetting.queries.unit_questions import (
    Clarification,
    SetLine,
    answer_due_today,
    clarifications,
    unit_questions,
)
from vetting.usecases.ask_unit import (
    answer_questions,
    ask_clarification,
    close_questions,
    decline_clarification,
    put_questions,
)
from vetting.usecases.desk import Answer
from vetting.web.desk import definitions, ids, reading, this_desk, this_principal
from vetting.web.filters import day
from vetting.web.forms.acts import ReasonForm
from vetting.web.forms.questions import ClarifyForm, PutForm, put_form, reply_form
from vetting.web.gate import needs
from vetting.web.looking import case_at_hand, looked
from vetting.web.trying import tried

bp = Blueprint("questions", __name__)


@bp.route("/cases/<handle>/questions/new", methods=["GET", "POST"])
@needs(Action.ASK_UNIT)
def put(handle: str) -> ResponseReturnValue:
    """Ask the unit a set of questions, of one's own or because a body wants it."""
    opened = _opened(handle)
    if request.method == "GET" and (held := why_not_put(opened.definition, opened.case)):
        raise MoveNotOffered(held)
    wanted = _wanted(opened, request.args.get("for") or request.form.get("clarifies"))
    form = put_form(opened.definition).of_request(
        seen=opened.seen, data=_as_wanted(wanted) if wanted else None
    )
    if form.sent_well() and (answer := tried(form, lambda: _put(form, handle))):
        flash(_("The unit is asked. What it answers is shown to all bodies that are asked."))
        if opened.definition.questions is not None:
            flash(_("Its answer is due on %(day)s.", day=day(str(answer["due_on"]))))
        return redirect(_back(handle), 303)
    looked(Action.ASK_UNIT, cases=[handle])
    due = answer_due_today(reading(), opened.definition, opened.case, ids().today())
    return (
        render_template("questions/put.html", form=form, case=opened.case, wanted=wanted, due=due),
        form.status,
    )


def _put(form: PutForm, handle: str) -> Answer:
    return put_questions(
        this_desk(),
        form.sent(),
        handle,
        form.questions(),
        str(form.reason.data),
        answer_by=(form.answer_by.data or None) if "answer_by" in form else None,
        clarifies=form.clarifies.data or None,
    )


def _wanted(opened: OpenedCase, consultation: str | None) -> Clarification | None:
    if not consultation:
        return None
    for one in clarifications(reading(), opened.case):
        if one.consultation == consultation:
            return one
    if request.method == "POST":
        return None  # it may have been passed on by the first click
    raise MoveNotOffered(say("This body waits for nothing to be made clear."))


def _as_wanted(wanted: Clarification) -> dict[str, object]:
    asked = {f"question_{n}": text for n, text in enumerate(wanted.questions, 1)}
    return {**asked, "reason": wanted.reason, "clarifies": wanted.consultation}


@bp.route("/cases/<handle>/questions/<int:number>/answer", methods=["GET", "POST"])
@needs(Action.ANSWER_QUESTIONS)
def answer(handle: str, number: int) -> ResponseReturnValue:
    """Answer some or all of a set of questions."""
    opened = _opened(handle)
    one = _set(opened, number)
    if request.method == "GET" and not one.is_open:
        raise MoveNotOffered(say("Nothing is left to be answered here."))
    # What is sent once more asks the same again, though it was answered by the first click.
    left = [line for line in one.questions if request.method == "POST" or line.said is None]
    form = reply_form(left).of_request(seen=opened.seen)
    if form.sent_well() and tried(
        form,
        lambda: answer_questions(this_desk(), form.sent(), handle, number, form.replies()),
    ):
        flash(_("Answered. The Board and the bodies that are asked are told so."))
        return redirect(_back(handle), 303)
    looked(Action.ANSWER_QUESTIONS, cases=[handle])
    return (
        render_template("questions/answer.html", form=form, case=opened.case, set=one),
        form.status,
    )


@bp.route("/cases/<handle>/questions/<int:number>/close", methods=["GET", "POST"])
@needs(Action.ASK_UNIT)
def close(handle: str, number: int) -> ResponseReturnValue:
    """Wait for no more answers to a set of questions."""
    opened = _opened(handle)
    one = _set(opened, number)
    if request.method == "GET" and not one.is_open:
        raise MoveNotOffered(say("Nothing is left to be answered here."))
    form = ReasonForm.of_request(seen=opened.seen)
    if form.sent_well() and tried(
        form,
        lambda: close_questions(this_desk(), form.sent(), handle, number, str(form.reason.data)),
    ):
        flash(_("The Board waits no longer. What was not answered stays unanswered."))
        return redirect(_back(handle), 303)
    looked(Action.ASK_UNIT, cases=[handle])
    return (
        render_template("questions/close.html", form=form, case=opened.case, set=one),
        form.status,
    )


@bp.route("/consultations/<handle>/clarify", methods=["GET", "POST"])
@needs(Action.ASK_CLARIFICATION)
def clarify(handle: str) -> ResponseReturnValue:
    """Ask the Board to have something made clear by the unit."""
    opened, _row = question_to_act(reading(), this_principal(), definitions(), handle)
    case_at_hand(opened.case.handle)
    asked = opened.case.consultation(handle)
    if request.method == "GET" and (held := why_not_clarify(opened.case, asked)):
        raise MoveNotOffered(held)
    form = ClarifyForm.of_request(seen=asked.version)
    if form.sent_well() and tried(
        form,
        lambda: ask_clarification(
            this_desk(), form.sent(), handle, form.questions(), str(form.reason.data)
        ),
    ):
        flash(_("The Board was asked. It decides whether the unit is."))
        return redirect(f"/consultations/{handle}", 303)
    looked(Action.ASK_CLARIFICATION, cases=[opened.case.handle])
    return (
        render_template("consultations/clarify.html", form=form, case=opened.case, handle=handle),
        form.status,
    )


@bp.route("/cases/<handle>/clarifications/<consultation>", methods=["GET", "POST"])
@needs(Action.ANSWER_CLARIFICATION)
def decline(handle: str, consultation: str) -> ResponseReturnValue:
    """Answer a body that wants something made clear: ask the unit, or say why not."""
    opened = _opened(handle)
    turn = opened.case.turn
    if all((one.handle, one.turn) != (consultation, turn) for one in opened.case.consultations):
        raise Unknown(say("There is no such consultation."))
    waiting = {one.consultation: one for one in clarifications(reading(), opened.case)}
    if request.method == "GET" and consultation not in waiting:
        raise MoveNotOffered(say("This body waits for nothing to be made clear."))
    form = ReasonForm.of_request(seen=opened.seen)
    if form.sent_well() and tried(
        form,
        lambda: decline_clarification(
            this_desk(), form.sent(), handle, consultation, str(form.reason.data)
        ),
    ):
        flash(_("The unit is not asked. The body is told so, with the reason."))
        return redirect(_back(handle), 303)
    looked(Action.ANSWER_CLARIFICATION, cases=[handle])
    return (
        render_template(
            "questions/decline.html",
            form=form,
            case=opened.case,
            wanted=waiting.get(consultation),
        ),
        form.status,
    )


def _opened(handle: str) -> OpenedCase:
    opened = open_to_act(reading(), this_principal(), definitions(), handle)
    case_at_hand(handle)
    return opened


def _set(opened: OpenedCase, number: int) -> SetLine:
    for one in unit_questions(reading(), opened.case, opened.definition):
        if one.number == number:
            return one
    raise Unknown(say("There is no such question."))


def _back(handle: str) -> str:
    return url_for("cases.show", handle=handle, _anchor="questions")
