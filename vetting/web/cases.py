"""Pages about one case: where it stands, and what happened to it."""

from flask import Blueprint, render_template, request
from flask.typing import ResponseReturnValue

from vetting.engine.policy import Action
from vetting.queries.case_history import case_history
from vetting.queries.case_page import case_page
from vetting.queries.case_readers import case_readers
from vetting.queries.deadline_page import deadline_page
from vetting.queries.emergency_page import emergencies_of
from vetting.web.act_addresses import address_of_act
from vetting.web.desk import definitions, ids, reading, this_principal
from vetting.web.forms.cases import ReadersForm
from vetting.web.gate import needs
from vetting.web.looking import looked, opened_with_its_notices
from vetting.web.paging import ways

bp = Blueprint("cases", __name__)


@bp.get("/cases/<handle>")
@needs(Action.SEE_CASE)
def show(handle: str) -> ResponseReturnValue:
    """Show one case, as far as the reader may see it."""
    case = case_page(reading(), this_principal(), definitions(), handle, today=ids().today())
    # Other cases of the candidate stand on the page too.
    others = [*(one.handle for one in case.same), *(one.handle for one in case.links)]
    looked(Action.SEE_CASE, cases=[handle, *others])
    opened_with_its_notices(handle)
    return render_template("cases/show.html", case=case, address_of_act=address_of_act)


@bp.get("/cases/<handle>/history")
@needs(Action.SEE_HISTORY)
def history(handle: str) -> ResponseReturnValue:
    """Show what happened to one case, in sentences."""
    page = case_history(reading(), this_principal(), definitions(), handle)
    emergencies = emergencies_of(reading(), this_principal(), handle, ids().now())
    looked(Action.SEE_HISTORY, cases=[handle])
    return render_template("cases/history.html", history=page, emergencies=emergencies)


@bp.get("/cases/<handle>/readers")
@needs(Action.SEE_READERS)
def readers(handle: str) -> ResponseReturnValue:
    """Show who can see one case and who has seen it, now or as of an earlier day."""
    form = ReadersForm.of_address()
    well = form.said_well()
    page = case_readers(
        reading(),
        this_principal(),
        definitions(),
        handle,
        ids(),
        on=(form.on.data or None) if well else None,
        after=request.args.get("after") if well else None,
    )
    looked(Action.SEE_READERS, cases=[handle])
    told = render_template("cases/readers.html", page=page, form=form, ways=ways(page.looks))
    return told, 200 if well else 422


@bp.get("/cases/<handle>/deadlines/<name>")
@needs(Action.SEE_CASE)
def deadline(handle: str, name: str) -> ResponseReturnValue:
    """Show why a date of one case is that date, day by day."""
    page = deadline_page(
        reading(), this_principal(), definitions(), handle, name, today=ids().today()
    )
    looked(Action.SEE_CASE, cases=[handle], asked=f"deadline={name}")
    return render_template("cases/deadline.html", page=page)
