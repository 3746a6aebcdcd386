"""What was signed is corrected, annulled or revoked: each on a page of its own."""

from flask import Blueprint, flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from vetting.engine.amend import COUNTERSIGNED, OWN_DRAFT
from vetting.engine.policy import Action
from vetting.engine.refusals import OutOfTurn
from vetting.engine.sentences import say
from vetting.queries.amendment_page import (
    conclusion_to_amend,
    conclusion_told,
    opinion_to_amend,
)
from vetting.usecases.amend import (
    amend_conclusion,
    countersign_amendment,
    draft_amendment,
    refuse_amendment,
    sign_amendment,
    tell_candidate_again,
)
from vetting.usecases.desk import Answer
from vetting.web.desk import definitions, reading, this_desk, this_principal
from vetting.web.forms.amendments import (
    SIGNS,
    AmendConclusionForm,
    AmendOpinionForm,
    CandidateToldForm,
    CountersignAmendmentForm,
    SignAmendmentForm,
)
from vetting.web.gate import needs
from vetting.web.looking import case_at_hand, looked
from vetting.web.names import know_officers
from vetting.web.trying import tried

bp = Blueprint("amendments", __name__)


@bp.route("/cases/<handle>/amend-conclusion", methods=["GET", "POST"])
@needs(Action.AMEND_CONCLUSION)
def conclusion(handle: str) -> ResponseReturnValue:
    """Correct, annul or revoke a conclusion."""
    case_at_hand(handle)
    page = conclusion_to_amend(reading(), this_principal(), definitions(), handle)
    form = AmendConclusionForm.of_request(seen=page.opened.seen)
    form.offer_bases(page.bases)
    form.offer(page.opened.definition.outcomes)
    if form.sent_well() and tried(
        form,
        lambda: amend_conclusion(this_desk(), form.sent(), handle, form.decision(), form.instead()),
    ):
        flash(_("It is signed. Whoever had the earlier version is told."))
        return redirect(url_for("cases.show", handle=handle), 303)
    looked(Action.AMEND_CONCLUSION, cases=[handle])
    return render_template("amendments/conclusion.html", page=page, form=form), form.status


@bp.route("/cases/<handle>/candidate-told-again", methods=["GET", "POST"])
@needs(Action.RECORD_FACT)
def candidate(handle: str) -> ResponseReturnValue:
    """Write down that the candidate was told what became of the conclusion."""
    case_at_hand(handle)
    page = conclusion_told(reading(), this_principal(), definitions(), handle)
    form = CandidateToldForm.of_request(seen=page.opened.seen)
    if form.sent_well() and tried(
        form,
        lambda: tell_candidate_again(
            this_desk(), form.sent(), handle, str(form.told_on.data), str(form.how.data)
        ),
    ):
        flash(_("It is on record that the candidate was told."))
        return redirect(url_for("cases.show", handle=handle), 303)
    looked(Action.RECORD_FACT, cases=[handle])
    return render_template("amendments/candidate.html", page=page, form=form), form.status


@bp.route("/consultations/<handle>/amendment", methods=["GET", "POST"])
@needs(Action.DRAFT_AMENDMENT)
def opinion(handle: str) -> ResponseReturnValue:
    """Draw up what is to become of a signed opinion."""
    page = opinion_to_amend(reading(), this_principal(), definitions(), handle)
    form = AmendOpinionForm.of_request(seen=page.asked.version)
    form.offer_bases(page.bases)
    if form.sent_well() and tried(
        form,
        lambda: draft_amendment(this_desk(), form.sent(), handle, form.decision(), form.instead()),
    ):
        flash(_("It is drawn up, and waits for a signer other than you."))
        return redirect(url_for("consultations.show", handle=handle), 303)
    looked(Action.DRAFT_AMENDMENT, cases=[page.opened.case.handle])
    return render_template("amendments/opinion.html", page=page, form=form), form.status


@bp.route("/consultations/<handle>/amendment/countersign", methods=["GET", "POST"])
@needs(Action.COUNTERSIGN_AMENDMENT)
def countersign(handle: str) -> ResponseReturnValue:
    """Put a second name to what was drawn up, where the rule of the body asks for it."""
    page = opinion_to_amend(reading(), this_principal(), definitions(), handle)
    drawn_up = page.amendment
    form = CountersignAmendmentForm.of_request(
        seen=page.asked.version, data={"text": drawn_up.hash} if drawn_up else None
    )

    def do() -> Answer:
        return countersign_amendment(this_desk(), form.sent(), handle, str(form.text.data))

    # Once it is signed there is no page to say a refusal on.
    if form.sent_well() and (tried(form, do) if drawn_up else do()):
        flash(_("Countersigned."))
        return redirect(url_for("consultations.show", handle=handle), 303)
    if drawn_up is None:
        raise OutOfTurn(say("Nothing has been drawn up here that could be signed."))
    looked(Action.COUNTERSIGN_AMENDMENT, texts=page.texts)
    know_officers([drawn_up.by, *drawn_up.countersigned_by])
    why_not = None
    if not page.lacking:
        why_not = say("No more countersignatures are needed.")
    elif not drawn_up.names.isdisjoint(this_principal().persons):
        why_not = OWN_DRAFT
    elif not drawn_up.countersigners.isdisjoint(this_principal().persons):
        why_not = COUNTERSIGNED
    return (
        render_template("amendments/countersign.html", page=page, form=form, why_not=why_not),
        form.status,
    )


@bp.route("/consultations/<handle>/amendment/sign", methods=["GET", "POST"])
@needs(Action.SIGN_AMENDMENT)
def sign(handle: str) -> ResponseReturnValue:
    """Sign what was drawn up, or say why not."""
    page = opinion_to_amend(reading(), this_principal(), definitions(), handle)
    drawn_up = page.amendment
    own = drawn_up is not None and not drawn_up.names.isdisjoint(this_principal().persons)
    form = SignAmendmentForm.of_request(
        seen=page.asked.version, data={"text": drawn_up.hash} if drawn_up else None
    )
    form.offer(signing=not own)
    signs = form.answer.data == SIGNS

    def do() -> Answer:
        if signs:
            typed = str(form.reason.data or "")
            return sign_amendment(this_desk(), form.sent(), handle, str(form.text.data), typed)
        return refuse_amendment(this_desk(), form.sent(), handle, str(form.reason.data))

    # Once it is signed there is no page to say a refusal on.
    if form.sent_well() and (tried(form, do) if drawn_up else do()):
        flash(
            _("It is signed. Whoever had the earlier version is told.")
            if signs
            else _("Your answer is written down; the opinion stands as it stood.")
        )
        return redirect(url_for("consultations.show", handle=handle), 303)
    if drawn_up is None:
        raise OutOfTurn(say("Nothing has been drawn up here that could be signed."))
    looked(Action.SIGN_AMENDMENT, texts=page.texts)
    know_officers([drawn_up.by, *drawn_up.countersigned_by])
    return (
        render_template("amendments/sign.html", page=page, form=form, own=own),
        form.status,
    )
