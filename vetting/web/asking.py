"""Asking the bodies: issue consultations, and take one back."""

from typing import Any

from flask import Blueprint, flash, redirect, render_template, request
from flask.typing import ResponseReturnValue
from flask_babel import gettext

from vetting.engine.policy import Action
from vetting.engine.refusals import OutOfTurn, Unknown
from vetting.engine.sentences import mark, say
from vetting.queries.act_page import WhoIsAsked, act_page, who_is_asked
from vetting.records.ailments import successor_of
from vetting.records.rules import consulted_bodies
from vetting.usecases.change_bodies import add_body
from vetting.usecases.interrupt_case import take_back_consultation
from vetting.usecases.issue_consultations import issue_consultations
from vetting.web.acting import About, Act, officers_of, on_one
from vetting.web.desk import definitions, ids, reading, this_desk, this_principal
from vetting.web.forms.acts import ActForm, AddBodyForm, AskForm, ReasonForm, ask_form
from vetting.web.gate import needs
from vetting.web.looking import case_at_hand, looked
from vetting.web.names import know_officers
from vetting.web.trying import tried

bp = Blueprint("asking", __name__)


def _who(about: About) -> WhoIsAsked:
    """Return whom the cases ask; all ticked cases rest on the regulation of the first."""
    first = about.lines[0]
    if first.regulation is None:
        raise OutOfTurn(say("The case is bound to no coordination regulation."))
    return who_is_asked(
        reading(),
        first.regulation,
        definitions().of(first.case_type, first.definition_version),
        ids().today(),
    )


def _form_for(about: About) -> type[ActForm]:
    return ask_form(_who(about), again=any(line.turn for line in about.lines))


def _show_bodies(_form: AskForm, about: About) -> dict[str, Any]:
    return {"regulation": _who(about), "turn": max(line.turn for line in about.lines) + 1}


CONSULT = Act(
    "consult",
    Action.ISSUE_CONSULTATIONS,
    "acts/consult.html",
    lambda desk, sent, cases, form: issue_consultations(desk, sent, cases, form.asking()),
    mark("The bodies were asked. A letter to each is in the register of letters."),
    form_for=_form_for,
    prepare=_show_bodies,
)


@bp.route("/cases/<handle>/consult", methods=["GET", "POST"])
@needs(Action.ISSUE_CONSULTATIONS)
def consult(handle: str) -> ResponseReturnValue:
    """Ask the bodies about a case, for the first or a later time."""
    return on_one(CONSULT, handle)


@bp.route("/cases/<handle>/add-body", methods=["GET", "POST"])
@needs(Action.ADD_BODY)
def add(handle: str) -> ResponseReturnValue:
    """Ask one body more while the others are at work, or one instead of another."""
    page = act_page(reading(), this_principal(), definitions(), handle)
    case_at_hand(handle)
    wanted = request.args.get("instead") or request.form.get("instead")
    instead = next((one for one in page.matrix.now if one.consultation == wanted), None)
    if request.method == "GET" and wanted and (instead is None or not instead.is_open):
        raise OutOfTurn(say("This body does not owe an answer any more."))
    if request.method == "GET" and page.case.state != "consulting":
        raise OutOfTurn(say("Bodies are added while the case waits for opinions."))
    today = ids().today()
    # What is sent once more names a body that was asked by the first click.
    asked = {one.body for one in page.matrix.now} if request.method == "GET" else set()
    form = AddBodyForm.of_request(seen=page.seen, data={"instead": wanted or ""})
    form.offer(one for one in consulted_bodies(reading(), today) if one[0] not in asked)
    if form.sent_well() and tried(
        form,
        lambda: add_body(
            this_desk(),
            form.sent(),
            handle,
            str(form.body.data),
            str(form.reason.data),
            due_on=form.due_on.data or None,
            instead_of=form.instead.data or None,
        ),
    ):
        flash(gettext("The body is asked. A letter to it is in the register of letters."))
        return redirect(f"/cases/{handle}/matrix", 303)
    looked(Action.ADD_BODY, cases=[handle])
    know_officers(officers_of(page))
    found = successor_of(reading(), today, handle, instead.body) if instead else None
    return (
        render_template(
            "acts/add_body.html",
            form=form,
            page=page,
            instead=instead,
            successor=found.code if found else None,
            title=_INSTEAD if instead else _ONE_MORE,
        ),
        form.status,
    )


_ONE_MORE, _INSTEAD = say("Ask one body more"), say("Ask another body instead")


@bp.route("/cases/<handle>/take-back/<consultation>", methods=["GET", "POST"])
@needs(Action.TAKE_BACK_CONSULTATION)
def take_back(handle: str, consultation: str) -> ResponseReturnValue:
    """No longer ask one body."""
    page = act_page(reading(), this_principal(), definitions(), handle)
    case_at_hand(handle)
    asked = next((one for one in page.matrix.now if one.consultation == consultation), None)
    if asked is None:
        raise Unknown(say("There is no such consultation."))
    form = ReasonForm.of_request(seen=page.seen)
    if form.sent_well():
        done = tried(
            form,
            lambda: take_back_consultation(
                this_desk(), form.sent(), handle, consultation, str(form.reason.data)
            ),
        )
        if done is not None:
            flash(gettext("The body is no longer asked."))
            return redirect(f"/cases/{handle}", 303)
    elif not asked.is_open and not form.errors:
        raise OutOfTurn(say("This body does not owe an answer any more."))
    looked(Action.TAKE_BACK_CONSULTATION, cases=[handle])
    know_officers(officers_of(page))
    move = definitions().consultation().moves_by_name["take_back"]
    return (
        render_template("acts/take_back.html", form=form, page=page, asked=asked, title=move.title),
        form.status,
    )
