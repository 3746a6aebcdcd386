"""The past of a case: how it stood at the end of a day, and what changed since, field by field."""

from flask import Blueprint, render_template, request
from flask.typing import ResponseReturnValue

from vetting.engine.policy import Action
from vetting.engine.refusals import Unacceptable, Unknown
from vetting.engine.sentences import say
from vetting.queries.case_on_a_day import CaseOnADay, case_on_a_day, entry_changes
from vetting.queries.case_then import only_for_whom_everything_is
from vetting.queries.opened_case import open_case
from vetting.web.desk import definitions, ids, reading, this_principal
from vetting.web.filters import said
from vetting.web.forms.cases import PastForm
from vetting.web.gate import needs
from vetting.web.looking import looked

bp = Blueprint("past", __name__)
LONGEST_NUMBER = 9  # digits


@bp.get("/cases/<handle>/past")
@needs(Action.SEE_PAST)
def show(handle: str) -> ResponseReturnValue:
    """Show a case as it stood at the end of a day, and what changed since an earlier one."""
    opened = open_case(reading(), this_principal(), definitions(), handle)
    only_for_whom_everything_is(opened)
    form = PastForm.of_address()
    page: CaseOnADay | None = None
    asked = any(name in request.args for name in ("on", "since"))
    well = not asked or form.said_well()  # before a day was asked for nothing is missing
    if well and form.on.data:
        try:
            page = case_on_a_day(
                reading(),
                this_principal(),
                definitions(),
                handle,
                ids(),
                on=form.on.data,
                since=form.since.data or None,
            )
        except Unacceptable as refusal:
            form.form_errors.append(said(refusal.sentence))
            well = False
    looked(Action.SEE_PAST, cases=[handle], asked=_asked(page))
    told = render_template("cases/past.html", case=opened.case, page=page, form=form)
    return told, 200 if well else 422


@bp.get("/cases/<handle>/entries/<number>")
@needs(Action.SEE_PAST)
def entry(handle: str, number: str) -> ResponseReturnValue:
    """Show what one entry changed, field by field."""
    if not (number.isascii() and number.isdigit() and len(number) <= LONGEST_NUMBER):
        raise Unknown(say("There is no such entry."))
    page = entry_changes(reading(), this_principal(), definitions(), handle, int(number))
    if page is None:
        raise Unknown(say("There is no such entry."))
    looked(Action.SEE_PAST, cases=[handle], asked=f"entry={page.line.number}")
    return render_template("cases/entry.html", page=page)


def _asked(page: CaseOnADay | None) -> str | None:
    if page is None:
        return None
    return f"on={page.on}" + (f" since={page.since}" if page.since else "")
