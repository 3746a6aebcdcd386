"""Emergency access: ask to read a case that is kept from one, answer, end it, review it."""

from flask import Blueprint, Flask, flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from vetting.engine.policy import Action
from vetting.engine.refusals import Unknown
from vetting.engine.sentences import say
from vetting.queries.emergency_page import Access, Counts, counts, emergency_page, one_access
from vetting.usecases.open_in_emergency import (
    answer_emergency,
    ask_in_emergency,
    end_emergency,
    review_emergency,
)
from vetting.web.desk import ids, reading, this_desk, this_principal
from vetting.web.forms.base import PageForm
from vetting.web.forms.emergencies import AGREES, AnswerForm, AskForm, ReviewForm
from vetting.web.gate import needs
from vetting.web.looking import looked
from vetting.web.sessions import signed_in
from vetting.web.trying import tried

bp = Blueprint("emergencies", __name__)


@bp.get("/emergencies")
@needs(Action.SEE_EMERGENCIES)
def index() -> ResponseReturnValue:
    """Show what the reader asked for, and what they are to answer, review or know of."""
    page = emergency_page(reading(), this_principal(), ids().now())
    looked(Action.SEE_EMERGENCIES, cases=page.cases)
    return render_template("emergencies/index.html", page=page)


@bp.route("/emergencies/new", methods=["GET", "POST"])
@needs(Action.ASK_EMERGENCY)
def new() -> ResponseReturnValue:
    """Ask to read a case for some hours."""
    form = AskForm.of_request()
    form.offer()
    if form.sent_well():
        reference, reason = str(form.reference.data), str(form.reason.data)
        hours = int(form.hours.data)
        if tried(
            form, lambda: ask_in_emergency(this_desk(), form.sent(), reference, reason, hours)
        ):
            flash(_("It is written down, and waits for a second person."))
            return redirect(url_for(".index"), 303)
    return render_template("emergencies/new.html", form=form), form.status


@bp.route("/emergencies/<request>/answer", methods=["GET", "POST"])
@needs(Action.ANSWER_EMERGENCY)
def answer(request: str) -> ResponseReturnValue:
    """Agree or refuse as the second person."""
    access = _access(request)
    form = AnswerForm.of_request()
    form.offer()
    if form.sent_well():
        agrees, sentence = form.answer.data == AGREES, str(form.sentence.data)
        if tried(
            form,
            lambda: answer_emergency(
                this_desk(), form.sent(), request, agrees=agrees, sentence=sentence
            ),
        ):
            flash(_("Your answer is written down."))
            return redirect(url_for(".index"), 303)
    looked(Action.ANSWER_EMERGENCY, cases=_cases(access))
    return render_template("emergencies/answer.html", form=form, access=access), form.status


@bp.route("/emergencies/<request>/end", methods=["GET", "POST"])
@needs(Action.END_EMERGENCY)
def end(request: str) -> ResponseReturnValue:
    """End an access before its limit."""
    access = _access(request)
    form = PageForm.of_request()
    if form.sent_well() and tried(form, lambda: end_emergency(this_desk(), form.sent(), request)):
        flash(_("It is ended; the case is kept from the asker again."))
        return redirect(url_for(".index"), 303)
    looked(Action.END_EMERGENCY, cases=_cases(access))
    return render_template("emergencies/end.html", form=form, access=access), form.status


@bp.route("/emergencies/<request>/review", methods=["GET", "POST"])
@needs(Action.REVIEW_EMERGENCY)
def review(request: str) -> ResponseReturnValue:
    """Write down what a supervisor found about an access."""
    access = _access(request)
    form = ReviewForm.of_request()
    if form.sent_well():
        sentence = str(form.sentence.data)
        if tried(form, lambda: review_emergency(this_desk(), form.sent(), request, sentence)):
            flash(_("The review is written down."))
            return redirect(url_for(".index"), 303)
    looked(Action.REVIEW_EMERGENCY, cases=_cases(access))
    return render_template("emergencies/review.html", form=form, access=access), form.status


def register(app: Flask) -> None:
    """Let first pages say how much waits."""

    def emergency_counts() -> Counts | None:
        who = signed_in()
        if who is None:
            return None
        return counts(reading(), who.session.principal, ids().now())

    app.jinja_env.globals.update(emergency_counts=emergency_counts)


def _access(request: str) -> Access:
    if len(request) > 22:  # noqa: PLR2004  # no handle is longer
        raise Unknown(say("There is no such request."))
    return one_access(reading(), this_principal(), request, ids().now())


def _cases(access: Access) -> list[str]:
    return [access.of_case] if access.of_case is not None else []
