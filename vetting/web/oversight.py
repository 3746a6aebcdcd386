"""Oversight: how cases stand, what stands still, and whether the history holds."""

from flask import Blueprint, render_template
from flask.typing import ResponseReturnValue

from vetting.engine.facts import ClockWentBack
from vetting.engine.notices import title_of_trigger
from vetting.engine.policy import Action
from vetting.queries.case_lines import chosen
from vetting.queries.clock_alarms import clock_alarms
from vetting.queries.history_check import check_history
from vetting.queries.mail_ledger import mail_ledger
from vetting.queries.opened_case import open_case
from vetting.queries.overview import check_case, known_cases, overview
from vetting.queries.reading_page import alarms_of
from vetting.queries.request_pages import late_requests
from vetting.queries.stuck_jobs import stuck_jobs
from vetting.queries.untold import last_reconciliation, untold
from vetting.records.trigger_faults import trigger_fault
from vetting.records.witnessed import lost_for_good, unlike_witnessed
from vetting.web.desk import definitions, ids, reading, shared, this_principal
from vetting.web.gate import needs
from vetting.web.looking import looked

MOST_NAMED = 500

bp = Blueprint("oversight", __name__)


@bp.get("/oversight")
@needs(Action.SEE_OVERSIGHT)
def show() -> ResponseReturnValue:
    """Show the overview."""
    found = overview(reading(), this_principal(), definitions(), ids().today())
    late = late_requests(reading(), this_principal(), definitions(), ids().today())
    looked(Action.SEE_OVERSIGHT, cases=[*found.handles, *(line.case for line in late)])
    return render_template(
        "oversight/show.html",
        found=found,
        requests=late,
        alarms=alarms_of(reading(), ids().today()),
        reconciled=last_reconciliation(reading()),
        stuck=stuck_jobs(reading(), ids().now()),
        mails=mail_ledger(reading(), ids().now(), mailing=_mailing()),
        today=ids().today(),
        clock=len(clock_alarms(reading(), ids().now(), this_principal())),
        clock_verb=ClockWentBack.verb,
    )


@bp.get("/oversight/history")
@needs(Action.SEE_OVERSIGHT)
def history() -> ResponseReturnValue:
    """Answer whether the history of every case holds."""
    found = check_history(reading())
    lines = chosen(
        reading(), this_principal(), definitions(), [one.case_handle for one in found.broken]
    )
    looked(Action.SEE_OVERSIGHT, cases=[line.handle for line in lines], asked="history")
    unlike = unlike_witnessed(reading(), shared().settings.folder)
    return render_template(
        "oversight/history.html",
        found=found,
        beside=[fault for fault in (trigger_fault(reading()), unlike) if fault],
        lost=lost_for_good(reading(), shared().settings.folder),
        known=known_cases(reading(), this_principal()),
        lines={line.handle: line for line in lines},
        at=ids().now(),
    )


@bp.get("/oversight/notices")
@needs(Action.SEE_OVERSIGHT)
def told() -> ResponseReturnValue:
    """Answer whether everybody was told what the history says they should have been."""
    found = untold(reading(), definitions())
    gaps = found.gaps[:MOST_NAMED]
    lines = chosen(reading(), this_principal(), definitions(), [gap.case for gap in gaps])
    looked(Action.SEE_OVERSIGHT, cases=[line.handle for line in lines], asked="notices")
    return render_template(
        "oversight/notices.html",
        found=found,
        gaps=[(gap, title_of_trigger(gap.on)) for gap in gaps],
        lines={line.handle: line for line in lines},
        mails=mail_ledger(reading(), ids().now(), mailing=_mailing()),
        mailing=_mailing(),
        at=ids().now(),
    )


def _mailing() -> bool:
    return shared().settings.mail is not None


@bp.get("/oversight/cases/<handle>/verify")
@needs(Action.SEE_OVERSIGHT)
def verify(handle: str) -> ResponseReturnValue:
    """Answer whether the history of one case holds."""
    opened = open_case(reading(), this_principal(), definitions(), handle)
    broken = check_case(reading(), this_principal(), handle)
    looked(Action.SEE_OVERSIGHT, cases=[handle], asked="verify")
    return render_template(
        "oversight/verify.html", case=opened.case, broken=broken, row=opened.row, at=ids().now()
    )
