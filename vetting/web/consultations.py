"""Pages about one consultation, for the body that was asked."""

from collections.abc import Callable

from flask import Blueprint, flash, redirect, render_template
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from vetting.engine.policy import Action
from vetting.engine.refusals import OutOfTurn, Refusal, Stale, Unacceptable
from vetting.queries.consultation_page import (
    ConsultationPage,
    consultation_page,
    consultation_to_act,
)
from vetting.usecases.desk import Answer
from vetting.usecases.draft_opinion import draft_and_pass_on, draft_opinion, pass_opinions_on
from vetting.usecases.receive_consultation import assign_consultations, receive_consultations
from vetting.usecases.sign_opinion import countersign_opinion, send_opinions_back, sign_opinion
from vetting.web.desk import definitions, ids, reading, this_desk, this_principal
from vetting.web.errors import status_of
from vetting.web.forms.consultations import (
    AssignForm,
    DraftForm,
    FreshForm,
    NameUnderTextForm,
    PlainForm,
    SendBackForm,
)
from vetting.web.gate import needs
from vetting.web.looking import looked, opened_with_its_notices
from vetting.web.names import know_officers

bp = Blueprint("consultations", __name__)


@bp.get("/consultations/<handle>")
@needs(Action.SEE_CONSULTATION)
def show(handle: str) -> ResponseReturnValue:
    """Show the question, what stands as its answer, and what the officer can do now."""
    return _show(_page(handle))


@bp.post("/consultations/<handle>/receive")
@needs(Action.RECEIVE_CONSULTATION)
def receive(handle: str) -> ResponseReturnValue:
    """Receive the question."""
    form = PlainForm.of_request()
    return _act(
        handle,
        form,
        lambda: receive_consultations(this_desk(), form.sent(), [handle]),
        _("Received."),
    )


@bp.post("/consultations/<handle>/assign")
@needs(Action.ASSIGN_CONSULTATION)
def assign(handle: str) -> ResponseReturnValue:
    """Give the question to an officer of the body."""
    form = AssignForm.of_request()
    return _act(
        handle,
        form,
        lambda: assign_consultations(this_desk(), form.sent(), [handle], str(form.officer.data)),
        _("Given to the officer."),
    )


@bp.post("/consultations/<handle>/pass-on")
@needs(Action.PASS_OPINION_ON)
def pass_on(handle: str) -> ResponseReturnValue:
    """Pass the draft on for signing."""
    form = PlainForm.of_request()
    return _act(
        handle,
        form,
        lambda: pass_opinions_on(this_desk(), form.sent(), [handle]),
        _("Passed on for signing."),
    )


@bp.post("/consultations/<handle>/countersign")
@needs(Action.COUNTERSIGN_OPINION)
def countersign(handle: str) -> ResponseReturnValue:
    """Put a second name under the text that was shown."""
    form = NameUnderTextForm.of_request()
    return _act(
        handle,
        form,
        lambda: countersign_opinion(this_desk(), form.sent(), handle, str(form.text.data)),
        _("Countersigned."),
    )


@bp.post("/consultations/<handle>/sign")
@needs(Action.SIGN_OPINION)
def sign(handle: str) -> ResponseReturnValue:
    """Sign the text that was shown."""
    form = NameUnderTextForm.of_request()
    return _act(
        handle,
        form,
        lambda: sign_opinion(this_desk(), form.sent(), handle, str(form.text.data)),
        _("The opinion is signed."),
    )


@bp.post("/consultations/<handle>/send-back")
@needs(Action.SEND_OPINION_BACK)
def send_back(handle: str) -> ResponseReturnValue:
    """Send the draft back to its drafter, with a reason."""
    form = SendBackForm.of_request()
    return _act(
        handle,
        form,
        lambda: send_opinions_back(this_desk(), form.sent(), [handle], str(form.reason.data)),
        _("Sent back for rework."),
    )


@bp.route("/consultations/<handle>/draft", methods=["GET", "POST"])
@needs(Action.DRAFT_OPINION)
def draft(handle: str) -> ResponseReturnValue:
    """Write the opinion, keep it, and pass it on once it is done."""
    page = _page_to_act(handle)
    form = DraftForm.of_request(seen=page.version, data=_written(page))
    if form.sent_well():
        passing_on = form.then.data == "pass_on"
        act = draft_and_pass_on if passing_on else draft_opinion
        try:
            act(this_desk(), form.sent(), handle, form.opinion())
        except Stale as refusal:
            form.refuse(refusal)
            return _draft_changed(page, form)
        except (OutOfTurn, Unacceptable) as refusal:
            form.refuse(refusal)
        else:
            flash(_("Saved and passed on for signing.") if passing_on else _("Saved."))
            return redirect(f"/consultations/{handle}", 303)
    _looked(page)
    return render_template("consultations/draft.html", page=page, form=form), form.status


def _draft_changed(page: ConsultationPage, form: DraftForm) -> ResponseReturnValue:
    """Show what was typed beside what stands there now."""
    fresh = _page(page.handle)
    _looked(fresh)
    return render_template("consultations/changed.html", page=fresh, form=form), 409


def _page(handle: str) -> ConsultationPage:
    return consultation_page(reading(), this_principal(), definitions(), handle, ids())


def _page_to_act(handle: str) -> ConsultationPage:
    return consultation_to_act(reading(), this_principal(), definitions(), handle, ids())


def _looked(page: ConsultationPage) -> None:
    """Write down that the page was opened, and the text on it if there is one."""
    looked(Action.SEE_CONSULTATION, cases=(page.case,), texts=page.texts)
    opened_with_its_notices(page.case)


def _written(page: ConsultationPage) -> dict[str, str]:
    if page.draft is None:
        return {}
    return {
        "verdict": page.draft.verdict.value,
        "reasons": page.draft.reasons,
        "conditions": "\n".join(page.draft.conditions),
        "evidence": "\n".join(page.draft.evidence),
    }


def _act(handle: str, form: FreshForm, do: Callable[[], Answer], told: str) -> ResponseReturnValue:
    """Do an act; where it is refused, show the page as it stands now with the reason on top."""
    if not form.sent_well():
        return _show(_page_to_act(handle), form), form.status
    try:
        do()
    except (OutOfTurn, Unacceptable) as refusal:
        return _show(_page(handle), form, refusal), status_of(type(refusal))
    flash(told)
    return redirect(f"/consultations/{handle}", 303)


def _show(
    page: ConsultationPage, sent: FreshForm | None = None, refusal: Refusal | None = None
) -> str:
    _looked(page)
    text = page.draft.hash if page.draft else ""
    assigning = AssignForm.anew(page.version)
    assigning.offer(page.officers)
    sending_back = SendBackForm.anew(page.version)
    # What was typed stays; the version, the key and the text's hash are those of this page.
    match sent:
        case SendBackForm():
            sending_back.reason.data = sent.reason.data
            sending_back.reason.errors = sent.reason.errors
        case AssignForm():
            assigning.officer.errors = sent.officer.errors
    if sent is not None and refusal is not None:
        sent.refuse(refusal)
    know_officers(_named_on(page))
    return render_template(
        "consultations/show.html",
        page=page,
        errors=sent,
        receiving=PlainForm.anew(page.version),
        assigning=assigning,
        passing_on=PlainForm.anew(page.version),
        countersigning=NameUnderTextForm.anew(page.version, {"text": text}),
        signing=NameUnderTextForm.anew(page.version, {"text": text}),
        sending_back=sending_back,
    )


def _named_on(page: ConsultationPage) -> list[str | None]:
    """Return whose names the page says."""
    return [
        page.holder,
        page.draft.by if page.draft else None,
        page.kept.by if page.kept else None,
        *(name for one in page.sign_offs for name in (one.officer, one.on_behalf_of)),
        *page.countersigned_by,
        *(
            name
            for one in (page.opinion, *page.earlier)
            if one
            for name in (one.drafted_by, one.signed_by, one.signed_for)
        ),
    ]
