"""Emergency access: ask to read a case that is kept from one, answer, end it, review it."""

from flask import Blueprint, Flask, flash, g, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from sqlalchemy.exc import SQLAlchemyError

from vetting.engine.policy import PERMITTED, Action
from vetting.engine.refusals import Unacceptable, Unknown
from vetting.engine.sentences import say
from vetting.queries.emergency_page import (
    Access,
    Counts,
    Part,
    counts,
    emergency_page,
    looks_under,
    one_access,
    refuse_what_is_open_anyway,
)
from vetting.queries.keyset import Page
from vetting.usecases.desk import Answer
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
    part, after = request.args.get("part"), request.args.get("after")
    if (part is not None and part not in set(Part)) or (part is None and after is not None):
        raise Unacceptable(say("This link asks for something that the list cannot show."))
    page = emergency_page(
        reading(), this_principal(), ids().now(), Part(part) if part else None, after
    )
    _counts()  # what the menu says is new was new till now
    looked(Action.SEE_EMERGENCIES, cases=page.cases)
    return render_template("emergencies/index.html", page=page, part=part, more=_more)


def _more(part: str, page: Page[Access]) -> str | None:
    """Return where a part of the page goes on."""
    return url_for(".index", part=part, after=page.next) if page.next else None


@bp.route("/emergencies/new", methods=["GET", "POST"])
@needs(Action.ASK_EMERGENCY)
def new() -> ResponseReturnValue:
    """Ask to read a case for some hours."""
    form = AskForm.of_request()
    form.offer()
    if form.sent_well():
        reference, reason = str(form.reference.data), str(form.reason.data)
        hours = int(form.hours.data)

        def ask() -> Answer:
            refuse_what_is_open_anyway(reading(), this_principal(), reference)
            return ask_in_emergency(this_desk(), form.sent(), reference, reason, hours)

        if tried(form, ask):
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
    """End an access before its limit, or take back what nobody has answered yet."""
    access = _access(request)
    form = PageForm.of_request()
    if form.sent_well() and tried(form, lambda: end_emergency(this_desk(), form.sent(), request)):
        flash(
            _("It is taken back; nobody is asked any more.")
            if _access(request).opened is None
            else _("It is ended; the case is kept from the asker again.")
        )
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
    read = looks_under(reading(), access)
    return (
        render_template("emergencies/review.html", form=form, access=access, read=read),
        form.status,
    )


def register(app: Flask) -> None:
    """Let first pages say how much waits."""
    app.jinja_env.globals.update(emergency_counts=_counts)


def _counts() -> Counts | None:
    """Return how much waits for the reader, asked once for a page."""
    who = signed_in()
    if who is None or who.session.principal.role not in PERMITTED[Action.SEE_EMERGENCIES]:
        return None
    if "emergency_counts" not in g:
        try:
            g.emergency_counts = counts(reading(), who.session.principal, ids().now())
        except SQLAlchemyError:  # a page that says that the database fails has a menu too
            g.emergency_counts = None
    found: Counts | None = g.emergency_counts
    return found


def _access(request: str) -> Access:
    if len(request) > 22:  # noqa: PLR2004  # no handle is longer
        raise Unknown(say("There is no such request."))
    return one_access(reading(), this_principal(), request, ids().now())


def _cases(access: Access) -> list[str]:
    return [access.of_case] if access.of_case is not None else []
