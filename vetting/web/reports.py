"""Reports: the list of them, making one, one with its figures and pictures, and taking it out."""

from flask import Blueprint, Response, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext

from vetting.engine.policy import PERMITTED, Action, proven
from vetting.engine.sentences import mark
from vetting.queries.report_pages import ReportPage, behind_figure, report_list, report_page
from vetting.usecases.make_report import make_report, run_again
from vetting.web.desk import ids, reading, shared, this_desk, this_principal
from vetting.web.forms.reports import BehindForm, ReportFileForm, ReportForm, RunForm
from vetting.web.gate import needs
from vetting.web.looking import looked, nothing_shown
from vetting.web.names import know_officers
from vetting.web.paging import ways
from vetting.web.print_report import print_report
from vetting.web.report_tables import (
    particulars,
    picture_of,
    table_of,
    tables_of,
    told_of,
    written,
)
from vetting.web.trying import tried
from vetting.web.write_sheets import XLSX, Sheet, write_book

bp = Blueprint("reports", __name__)
# A sheet has a short name.
SHEETS = {
    "requests": mark("Requests and replies"),
    "movement": mark("Filed and returned"),
    "body_times": mark("Time of the bodies"),
    "case_times": mark("Time of the cases"),
    "rounds": mark("Rounds"),
    "amendments": mark("Amended"),
}
MEDIA = {"pdf": "application/pdf", "xlsx": XLSX}


@bp.get("/reports")
@needs(Action.SEE_REPORTS)
def index() -> ResponseReturnValue:
    """Show which reports were made, newest first."""
    found = report_list(reading(), request.args.get("after"))
    know_officers([one.officer for one in found.rows])
    return render_template(
        "reports/index.html", found=found, ways=ways(found), may_make=_may(Action.MAKE_REPORT)
    )


@bp.route("/reports/new", methods=["GET", "POST"])
@needs(Action.MAKE_REPORT)
def new() -> ResponseReturnValue:
    """Make a report for a period."""
    form = ReportForm.of_request()
    if form.sent_well():
        since, until = str(form.since.data), str(form.until.data)
        answer = tried(
            form,
            lambda: make_report(this_desk(), form.sent(), since, until, form.as_of.data or None),
        )
        if answer is not None:
            flash(gettext("The report is made, and kept as it is."))
            return redirect(url_for("reports.show", handle=answer["report"]), 303)
    return render_template("reports/new.html", form=form), form.status


@bp.get("/reports/<handle>")
@needs(Action.SEE_REPORTS)
def show(handle: str) -> ResponseReturnValue:
    """Show a report as it was kept."""
    return _page(_opened(handle), RunForm.of_request())


@bp.post("/reports/<handle>")
@needs(Action.MAKE_REPORT)
def again(handle: str) -> ResponseReturnValue:
    """Run a report again, and say whether it gives the same."""
    form = RunForm.of_request()
    if form.sent_well():
        answer = tried(form, lambda: run_again(this_desk(), form.sent(), handle))
        if answer is not None:
            flash(
                gettext("It was counted again, and some figures are not the same: see below.")
                if answer["unlike"]
                else gettext("It was counted again: every number and every list is the same.")
            )
            return redirect(url_for("reports.show", handle=handle), 303)
    return _page(_opened(handle), form)


@bp.get("/reports/<handle>/<any(requests, body_times, case_times, rounds):name>.svg")
@needs(Action.SEE_REPORTS)
def picture(handle: str, name: str) -> ResponseReturnValue:
    """Draw a figure."""
    svg = picture_of(_opened(handle), name)
    return Response(svg, content_type="image/svg+xml; charset=utf-8")


@bp.get(
    "/reports/<handle>/<any(requests, movement, body_times, case_times, rounds, amendments):name>"
)
@needs(Action.SEE_REPORTS)
def behind(handle: str, name: str) -> ResponseReturnValue:
    """Show which entries a figure counts, of the cases that the reader may know of."""
    page = report_page(reading(), this_principal(), handle)
    figure = page.figure(name)
    table = table_of(page, figure)
    form = BehindForm.of_address()
    form.offer(
        [(line.row, " · ".join(line.names)) for line in table.lines], figure.definition.measures
    )
    well = form.said_well()
    found = None
    if well:
        found = behind_figure(
            reading(),
            this_principal(),
            page,
            figure.definition,
            form.wanted(),
            request.args.get("after"),
        )
        looked(Action.SEE_REPORTS, cases=found.handles, asked=f"{handle}/{name}")
    else:
        nothing_shown()
    shown = render_template(
        "reports/behind.html",
        page=page,
        table=table,
        form=form,
        found=found,
        ways=ways(found.page) if found else None,
        written=written,
        names={line.row: " · ".join(line.names) for line in table.lines},
    )
    return shown, 200 if well else 422


@bp.route("/reports/<handle>/file", methods=["GET", "POST"])
@needs(Action.EXPORT_REPORT)
def file(handle: str) -> ResponseReturnValue:
    """Give a report out as a file, to whoever says what for and proves who they are."""
    page = report_page(reading(), this_principal(), handle)
    form = ReportFileForm.of_request()
    if form.sent_well():
        proven(this_principal(), Action.EXPORT_REPORT, ids().clock(), shared().door.proved_for)
        kind, purpose = str(form.kind.data), str(form.purpose.data)
        content = print_report(page) if kind == "pdf" else _book(page)
        looked(Action.EXPORT_REPORT, asked=f"{handle}.{kind}", purpose=purpose)
        name = f"report-{page.line.since}-{page.line.until}.{kind}"
        return Response(
            content,
            content_type=MEDIA[kind],
            headers={"Content-Disposition": f'attachment; filename="{name}"'},
        )
    nothing_shown()
    return render_template("reports/file.html", form=form, page=page), form.status


def _opened(handle: str) -> ReportPage:
    page = report_page(reading(), this_principal(), handle)
    looked(Action.SEE_REPORTS, asked=handle)
    return page


def _page(page: ReportPage, form: RunForm) -> ResponseReturnValue:
    know_officers([page.line.officer, *(run.officer for run in page.runs)])
    shown = render_template(
        "reports/show.html",
        page=page,
        form=form,
        tables=tables_of(page),
        particulars=particulars(page),
        told_of=told_of,
        written=written,
        may_make=_may(Action.MAKE_REPORT),
        may_take=_may(Action.EXPORT_REPORT),
    )
    return shown, form.status


def _may(action: Action) -> bool:
    return this_principal().role in PERMITTED[action]


def _book(page: ReportPage) -> bytes:
    """Return a report as a workbook: a sheet a figure, what it leaves out above its table."""
    about = [f"{name}: {told}" for name, told in particulars(page)]
    sheets = []
    for table in tables_of(page):
        definition = table.figure.definition
        above = [
            table.title,
            *about,
            gettext(definition.counts),
            gettext(definition.leaves_out),
            told_of(table.figure),
            "",
        ]
        rows = [[*line.names, *line.cells] for line in table.lines]
        if table.lines:
            blank = [""] * (len(table.headings) - 1)
            rows.append([gettext("All"), *blank, *table.totals])
        title = gettext(SHEETS[definition.name])
        sheets.append(Sheet(title, [*table.headings, *table.columns], rows, above))
    return write_book(sheets)
