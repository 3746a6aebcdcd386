"""The inbox of a consulted body."""

from collections.abc import Callable

from flask import Blueprint, flash, redirect, render_template, request
from flask.typing import ResponseReturnValue
from flask_babel import ngettext

from vetting.engine.policy import Action
from vetting.engine.refusals import Unacceptable
from vetting.engine.sentences import say
from vetting.queries.inbox import COUNTED_UP_TO, Tab, inbox
from vetting.usecases.desk import Answer
from vetting.usecases.receive_consultation import assign_consultations, receive_consultations
from vetting.web.addresses import own_address
from vetting.web.desk import definitions, ids, reading, this_desk, this_principal
from vetting.web.forms.consultations import AssignManyForm, InboxFilterForm, TickedForm
from vetting.web.gate import needs
from vetting.web.inbox_results import done_in, refused_in
from vetting.web.looking import looked
from vetting.web.names import know_officers
from vetting.web.paging import address, ways

bp = Blueprint("inbox", __name__)


@bp.get("/inbox")
@needs(Action.SEE_INBOX)
def show() -> ResponseReturnValue:
    """Show what waits: for me, for nobody yet, for my body."""
    return _show(AssignManyForm.anew(data={"back": address(after=request.args.get("after"))}))


@bp.post("/inbox/receive")
@needs(Action.RECEIVE_CONSULTATION)
def receive() -> ResponseReturnValue:
    """Receive the ticked questions."""
    form = TickedForm.of_request()
    return _act(
        form,
        lambda: receive_consultations(this_desk(), form.sent(), form.consultations.data),
        lambda count: ngettext("%(num)s question received.", "%(num)s questions received.", count),
    )


@bp.post("/inbox/assign")
@needs(Action.ASSIGN_CONSULTATION)
def assign() -> ResponseReturnValue:
    """Give the ticked questions to an officer."""
    form = AssignManyForm.of_request()
    return _act(
        form,
        lambda: assign_consultations(
            this_desk(), form.sent(), form.consultations.data, str(form.officer.data)
        ),
        lambda count: ngettext("%(num)s question given.", "%(num)s questions given.", count),
    )


def _act(
    form: TickedForm, do: Callable[[], Answer], tell: Callable[[int], str]
) -> ResponseReturnValue:
    if not form.sent_well():
        return _again(form), 422
    try:
        answer = do()
    except Unacceptable as refusal:
        form.refuse(refusal)
        return _again(form), 422
    if refused_in(answer):
        return redirect(f"/inbox/results/{form.sent().key}", 303)
    flash(tell(done_in(answer)))
    back = own_address(form.back.data)
    return redirect(back if back.startswith("/inbox") else "/inbox", 303)


def _again(form: TickedForm) -> str:
    """Show the inbox under a form that could not be taken; what was ticked stays ticked."""
    again = AssignManyForm.anew(data={"back": form.back.data})
    if isinstance(form, AssignManyForm):
        again.officer.data = form.officer.data
        again.officer.errors = form.officer.errors
    again.consultations.data = form.consultations.data
    again.form_errors = [
        *form.form_errors,
        *(form.consultations.errors or ()),
        *(form.key.errors or ()),
    ]
    return _show(again)


def _show(form: AssignManyForm) -> str:
    wanted_form = InboxFilterForm.of_address()
    if not wanted_form.said_well():
        raise Unacceptable(say("This link asks for something that the list cannot show."))
    found = inbox(
        reading(),
        this_principal(),
        definitions(),
        wanted_form.wanted(),
        after=request.args.get("after"),
        ids=ids(),
    )
    wanted_form.offer(found.letters, found.units)
    form.offer(found.officers)
    know_officers(row.holder for row in found.page.rows if row.holder_name is None)
    looked(Action.SEE_INBOX, cases=found.handles, asked=request.query_string.decode()[:500])
    return render_template(
        "inbox/show.html",
        inbox=found,
        filters=wanted_form,
        form=form,
        ways=ways(found.page),
        aside_address=address(aside="y"),
        tabs=[(tab, f"/inbox?tab={tab.value}", found.counts[tab]) for tab in Tab],
        counted_up_to=COUNTED_UP_TO,
    )
