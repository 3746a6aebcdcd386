"""Retention: until when records are kept, what holds them, and how two people dispose of one."""

from collections.abc import Callable
from typing import TypeVar

from flask import Blueprint, flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from vetting.engine.policy import Action
from vetting.engine.refusals import Unknown
from vetting.engine.sentences import say
from vetting.queries.opened_case import open_to_act
from vetting.queries.retention_page import RecordPage, record_page, retention_page
from vetting.usecases.desk import Answer
from vetting.usecases.dispose_of_record import answer_disposal, ask_disposal
from vetting.usecases.keep_record import class_record, hold_record, lift_hold
from vetting.web.desk import definitions, ids, reading, this_desk, this_principal
from vetting.web.forms.base import PageForm
from vetting.web.forms.retention import (
    AGREES,
    AnswerDisposalForm,
    AskDisposalForm,
    ClassForm,
    HoldForm,
)
from vetting.web.gate import needs
from vetting.web.looking import looked
from vetting.web.trying import tried

bp = Blueprint("retention", __name__)
LONGEST_NUMBER = 9  # digits


@bp.get("/retention")
@needs(Action.SEE_RETENTION)
def index() -> ResponseReturnValue:
    """Show the records that wait for somebody, those that are held, and those that are gone."""
    page = retention_page(reading(), this_principal(), definitions(), ids())
    looked(Action.SEE_RETENTION, cases=page.cases)
    return render_template("retention/index.html", page=page)


@bp.get("/cases/<handle>/retention")
@needs(Action.SEE_RETENTION)
def show(handle: str) -> ResponseReturnValue:
    """Show until when a record is kept, and what would be destroyed of it."""
    page = _page(handle)
    looked(Action.SEE_RETENTION, cases=[handle])
    return render_template("retention/show.html", page=page)


@bp.route("/cases/<handle>/hold", methods=["GET", "POST"])
@needs(Action.HOLD_RECORD)
def hold(handle: str) -> ResponseReturnValue:
    """Hold a record."""
    page = _page(handle)
    form = HoldForm.of_request(seen=page.opened.seen)
    done = _done(form, lambda: hold_record(this_desk(), form.sent(), handle, str(form.reason.data)))
    if done:
        flash(_("The record is held. Nothing of it is disposed of until the hold is lifted."))
        return redirect(url_for(".show", handle=handle), 303)
    looked(Action.HOLD_RECORD, cases=[handle])
    return render_template("retention/hold.html", form=form, page=page, held=None), form.status


@bp.route("/cases/<handle>/holds/<number>/lift", methods=["GET", "POST"])
@needs(Action.HOLD_RECORD)
def lift(handle: str, number: str) -> ResponseReturnValue:
    """Lift one hold."""
    page = _page(handle)
    held = next((one for one in page.holds if str(one.number) == number), None)
    form = HoldForm.of_request(seen=page.opened.seen)
    # Sent twice, it is not there any more; the act knows whether it is the same one.
    done = (
        number.isdecimal()
        and len(number) <= LONGEST_NUMBER
        and _done(
            form,
            lambda: lift_hold(this_desk(), form.sent(), handle, int(number), str(form.reason.data)),
        )
    )
    if done:
        flash(_("The hold is lifted."))
        return redirect(url_for(".show", handle=handle), 303)
    if held is None or held.number is None:
        raise Unknown(say("There is no such hold."))
    looked(Action.HOLD_RECORD, cases=[handle])
    return render_template("retention/hold.html", form=form, page=page, held=held), form.status


@bp.route("/cases/<handle>/retention-class", methods=["GET", "POST"])
@needs(Action.CLASS_RECORD)
def classify(handle: str) -> ResponseReturnValue:
    """Say by which class a record is kept."""
    page = _page(handle)
    form = ClassForm.of_request(seen=page.opened.seen)
    form.offer(page.classes)
    done = _done(
        form,
        lambda: class_record(
            this_desk(),
            form.sent(),
            handle,
            str(form.record_class.data),
            str(form.reason.data),
        ),
    )
    if done:
        flash(_("The retention class is written down."))
        return redirect(url_for(".show", handle=handle), 303)
    looked(Action.CLASS_RECORD, cases=[handle])
    return render_template("retention/class.html", form=form, page=page), form.status


@bp.route("/cases/<handle>/disposal", methods=["GET", "POST"])
@needs(Action.ASK_DISPOSAL)
def ask(handle: str) -> ResponseReturnValue:
    """Ask that a record be disposed of, and see what would be destroyed."""
    page = _page(handle)
    form = AskDisposalForm.of_request(seen=page.opened.seen, data=_seen_list(page))
    done = _done(
        form,
        lambda: ask_disposal(
            this_desk(), form.sent(), handle, str(form.plan.data), str(form.reason.data)
        ),
    )
    if done:
        flash(_("It is written down, and waits for a second person."))
        return redirect(url_for(".show", handle=handle), 303)
    looked(Action.ASK_DISPOSAL, cases=[handle])
    return render_template("retention/ask.html", form=form, page=page), form.status


@bp.route("/cases/<handle>/disposal/answer", methods=["GET", "POST"])
@needs(Action.ANSWER_DISPOSAL)
def answer(handle: str) -> ResponseReturnValue:
    """Agree as the second person, or refuse."""
    page = _page(handle)
    form = AnswerDisposalForm.of_request(seen=page.opened.seen, data=_seen_list(page))
    # Sent twice, the list waits for nobody any more; the act knows whether it is the same answer.
    form.offer(agreeing=page.as_asked or page.agreed)
    agrees = form.answer.data == AGREES
    done = _done(
        form,
        lambda: answer_disposal(
            this_desk(),
            form.sent(),
            handle,
            str(form.plan.data),
            agrees=agrees,
            reason=str(form.reason.data),
        ),
    )
    if done:
        flash(
            _("Two people have agreed; the record is about to be destroyed.")
            if agrees
            else _("Your answer is written down; the record stays.")
        )
        return redirect(url_for(".index"), 303)
    looked(Action.ANSWER_DISPOSAL, cases=[handle])
    return render_template("retention/answer.html", form=form, page=page), form.status


Form = TypeVar("Form", bound=PageForm)


def _done(form: PageForm, do: Callable[[], Answer]) -> bool:
    return form.sent_well() and bool(tried(form, do))


def _page(handle: str) -> RecordPage:
    opened = open_to_act(reading(), this_principal(), definitions(), handle)
    return record_page(reading(), this_principal(), opened, ids())


def _seen_list(page: RecordPage) -> dict[str, object]:
    return {"plan": page.plan.hash} if page.plan else {}
