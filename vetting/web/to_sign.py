"""What waits for a signer: read each, then sign many in one act."""

from flask import Blueprint, redirect, render_template, request
from flask.typing import ResponseReturnValue

from vetting.engine.policy import Action
from vetting.engine.refusals import Refusal, Unacceptable
from vetting.engine.sentences import say
from vetting.queries.keyset import PAGE
from vetting.queries.to_sign import READ_AT_ONCE, SIGN_AT_ONCE, Show, ToSign, to_sign
from vetting.usecases.sign_opinion import send_opinions_back, sign_opinions
from vetting.web.desk import definitions, ids, reading, this_desk, this_principal
from vetting.web.forms.consultations import SendBackManyForm, SignManyForm
from vetting.web.gate import needs
from vetting.web.looking import looked
from vetting.web.names import know_officers
from vetting.web.paging import address, ways

bp = Blueprint("to_sign", __name__)


@bp.get("/to-sign")
@needs(Action.SIGN_OPINION)
def show() -> ResponseReturnValue:
    """List the drafts that wait for a signature; those that were read can be ticked."""
    return _list()


@bp.get("/to-sign/read")
@needs(Action.SIGN_OPINION)
def read() -> ResponseReturnValue:
    """Show whole texts, one under the other; what is shown here has been opened."""
    found = _found(READ_AT_ONCE)
    looked(Action.SIGN_OPINION, texts=found.texts, asked="/to-sign/read")
    return render_template(
        "to_sign/read.html",
        found=found,
        form=SendBackManyForm.anew(),
        ways=ways(found.page),
        ticked=_ticked(),
    )


@bp.post("/to-sign/sign")
@needs(Action.SIGN_OPINION)
def sign() -> ResponseReturnValue:
    """Sign the ticked drafts, each with its own entry."""
    form = SignManyForm.of_request()
    if not form.sent_well():
        return _list(form), form.status
    sign_opinions(this_desk(), form.sent(), form.texts.texts())
    return redirect(f"/inbox/results/{form.sent().key}", 303)


@bp.post("/to-sign/send-back")
@needs(Action.SEND_OPINION_BACK)
def send_back() -> ResponseReturnValue:
    """Send the ticked drafts back with one reason."""
    form = SendBackManyForm.of_request()
    if not form.sent_well():
        return _list(form), form.status
    try:
        send_opinions_back(
            this_desk(), form.sent(), list(form.texts.texts()), str(form.reason.data)
        )
    except Unacceptable as refusal:
        return _list(form, refusal), 422
    return redirect(f"/inbox/results/{form.sent().key}", 303)


def _list(sent: SignManyForm | None = None, refusal: Refusal | None = None) -> str:
    shown = _wanted()
    found = _found(SIGN_AT_ONCE if shown is Show.READ else PAGE)
    form = SendBackManyForm.anew()
    ticked = _ticked()
    if sent is not None:
        ticked = set(sent.texts.data)
        form.form_errors = [*sent.form_errors, *(sent.texts.errors or ())]
        if isinstance(sent, SendBackManyForm):
            form.reason.data, form.reason.errors = sent.reason.data, sent.reason.errors
        if refusal is not None:
            form.refuse(refusal)
    looked(Action.SIGN_OPINION, cases=found.handles, asked="/to-sign")
    return render_template(
        "to_sign/show.html",
        found=found,
        form=form,
        ways=ways(found.page),
        shown=shown,
        shows=[(one, address(show=one.value if one is not Show.ALL else None)) for one in Show],
        ticked=ticked,
        at_once=SIGN_AT_ONCE,
    )


def _found(size: int) -> ToSign:
    found = to_sign(
        reading(),
        this_principal(),
        definitions(),
        ids(),
        _wanted(),
        after=request.args.get("after"),
        size=size,
    )
    know_officers(name for row in found.page.rows for name in (row.draft.by, *row.countersigned_by))
    know_officers(row.amendment.by for row in found.amendments)
    return found


def _wanted() -> Show:
    try:
        return Show(request.args.get("show") or Show.ALL)
    except ValueError:
        raise Unacceptable(say("This link asks for something that the list cannot show.")) from None


def _ticked() -> set[str] | None:
    """Return nothing ticked, or None for everything, as a link without script can ask."""
    return None if request.args.get("tick") == "all" else set()
