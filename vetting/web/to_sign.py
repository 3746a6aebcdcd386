"""What waits for a signer: read each, then sign many in one act."""

from collections.abc import Sequence
from dataclasses import replace

from flask import Blueprint, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from vetting.engine.policy import Action
from vetting.engine.refusals import Refusal, Unacceptable
from vetting.engine.sentences import say
from vetting.queries.keyset import PAGE, Page
from vetting.queries.to_sign import (
    READ_AT_ONCE,
    SIGN_AT_ONCE,
    ReadyDraft,
    Show,
    ToSign,
    to_sign,
)
from vetting.usecases.sign_opinion import send_opinions_back, sign_opinions
from vetting.web.desk import definitions, ids, reading, this_desk, this_principal
from vetting.web.forms.consultations import SendBackManyForm, SignManyForm
from vetting.web.gate import needs
from vetting.web.looking import looked
from vetting.web.names import know_officers
from vetting.web.paging import Ways

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
    return _texts(_found(READ_AT_ONCE))


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
    texts = request.args.getlist("of")[:READ_AT_ONCE]
    if form.only_read and texts:  # the very texts that were read, which count as read by now
        found = _found(READ_AT_ONCE, texts)
        beyond = replace(found.page, next=request.args.get("next"))
        return _texts(replace(found, page=beyond), form)
    if not form.sent_well():
        return _list(form), form.status
    try:
        send_opinions_back(
            this_desk(), form.sent(), list(form.texts.texts()), str(form.reason.data)
        )
    except Unacceptable as refusal:
        return _list(form, refusal), 422
    return redirect(f"/inbox/results/{form.sent().key}", 303)


def _texts(found: ToSign, sent: SendBackManyForm | None = None) -> str:
    form = SendBackManyForm.anew()
    ticked = _ticked()
    if sent is not None:
        ticked, form.reason.data = set(sent.texts.data), sent.reason.data
    looked(Action.SIGN_OPINION, texts=found.texts, asked="/to-sign/read")
    return render_template(
        "to_sign/read.html",
        found=found,
        form=form,
        ways=_ways("to_sign.read", found.page),
        ticked=ticked,
        switch=url_for(
            "to_sign.send_back",
            of=[row.handle for row in found.page.rows],
            next=found.page.next,
            show=_asked_for(),
        ),
    )


def _ways(endpoint: str, page: Page[ReadyDraft]) -> Ways:
    """Return the ways on from a list, also where a form that was sent has shown it."""
    show = _asked_for()
    return Ways(
        first=url_for(endpoint, show=show) if page.after else None,
        next=url_for(endpoint, show=show, after=page.next) if page.next else None,
    )


def _asked_for() -> str | None:
    shown = _wanted()
    return None if shown is Show.ALL else shown.value


def _list(sent: SignManyForm | None = None, refusal: Refusal | None = None) -> str:
    shown = _wanted()
    found = _found(SIGN_AT_ONCE if shown is Show.READ else PAGE)
    form = SendBackManyForm.anew()
    ticked = _ticked()
    if sent is not None:
        ticked = set(sent.texts.data)
        form.form_errors = [
            *sent.form_errors,
            *(sent.texts.errors or ()),
            *(sent.key.errors or ()),
        ]
        if isinstance(sent, SendBackManyForm):
            form.reason.data, form.reason.errors = sent.reason.data, sent.reason.errors
        if refusal is not None:
            form.refuse(refusal)
    looked(Action.SIGN_OPINION, cases=found.handles, asked="/to-sign")
    return render_template(
        "to_sign/show.html",
        found=found,
        form=form,
        ways=_ways("to_sign.show", found.page),
        shown=shown,
        shows=[
            (one, url_for("to_sign.show", show=one.value if one is not Show.ALL else None))
            for one in Show
        ],
        ticked=ticked,
        switch=url_for("to_sign.send_back", show=_asked_for(), after=found.page.after),
        at_once=SIGN_AT_ONCE,
    )


def _found(size: int, these: Sequence[str] = ()) -> ToSign:
    """Return a page of what was asked for, or just *these*, which were read a moment ago."""
    found = to_sign(
        reading(),
        this_principal(),
        definitions(),
        ids(),
        Show.ALL if these else _wanted(),
        after=None if these else request.args.get("after"),
        size=size,
        these=these,
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
