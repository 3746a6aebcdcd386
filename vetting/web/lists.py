"""Pages for lists: upload one, look at what it would become, file it, see what became of it."""

from collections.abc import Iterator

from flask import Blueprint, Response, abort, flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_babel import ngettext

from vetting.engine.policy import Action
from vetting.engine.vocabulary import CaseType
from vetting.lists import Limits
from vetting.queries.own_cases import open_rounds
from vetting.queries.submission_page import (
    SubmissionPage,
    own_submissions,
    submission_page,
    waiting_list,
    why_refused,
)
from vetting.usecases.file_list import Covering, drop_list, file_waiting_list, preview_list
from vetting.web.desk import definitions, ids, reading, this_desk, this_principal
from vetting.web.filters import day, said
from vetting.web.forms.cases import ConfirmForm
from vetting.web.forms.lists import LetterForm, ListForm
from vetting.web.gate import needs
from vetting.web.looking import looked
from vetting.web.proving import TAKEN_OUT
from vetting.web.trying import anew, tried
from vetting.web.write_sheets import XLSX, Cells, write_csv, write_xlsx

bp = Blueprint("lists", __name__)

LONGEST_FILE_NAME = 200


@bp.route("/lists/new", methods=["GET", "POST"])
@needs(Action.FILE_LIST)
def new() -> ResponseReturnValue:
    """Take a file and read it; nothing is filed yet."""
    form = ListForm.of_request()
    today = ids().today()
    form.offer(open_rounds(reading(), None, today))
    form.rounds_of = lambda case_type: dict(open_rounds(reading(), case_type, today))
    if form.sent_well() and (upload := form.upload) is not None:
        covering = Covering(
            CaseType(form.case_type.data),
            form.round.data or None,
            form.management_level.data or None,
        )
        content = upload.read(Limits().file_bytes + 1)  # one byte too many is told as such
        upload.close()
        name = _file_name(upload.filename)
        answer = tried(
            form, lambda: preview_list(this_desk(), form.sent(), content, name, covering)
        )
        if answer is not None:
            return redirect(url_for(".preview", handle=str(answer["list"])), 303)
    return render_template(
        "lists/new.html", form=form, submissions=own_submissions(reading(), this_principal())
    ), form.status


@bp.route("/lists/<handle>", methods=["GET", "POST"])
@needs(Action.FILE_LIST)
def preview(handle: str) -> ResponseReturnValue:
    """Show every row of a list, accepted or refused; file the accepted ones."""
    form = LetterForm.of_request()
    if form.sent_well():
        letter = form.letter_number.data or None, form.letter_date.data or None
        answer = tried(form, lambda: file_waiting_list(this_desk(), form.sent(), handle, *letter))
        if answer is not None:
            filed = int(str(answer["filed"]))
            flash(ngettext("%(num)d case is filed.", "%(num)d cases are filed.", filed))
            return redirect(url_for(".show", handle=str(answer["submission"])), 303)
    waiting = waiting_list(reading(), this_principal(), definitions(), handle)
    looked(Action.FILE_LIST, cases=[same.handle for row in waiting.rows for same in row.same])
    return render_template(
        "lists/preview.html", form=form, waiting=waiting, drop=anew(ConfirmForm)
    ), form.status


@bp.post("/lists/<handle>/drop")
@needs(Action.FILE_LIST)
def drop(handle: str) -> ResponseReturnValue:
    """Let a list go that is not wanted."""
    form = ConfirmForm.of_request()
    if not form.sent_well():
        abort(422)
    drop_list(this_desk(), form.sent(), handle)
    flash(_("The list was let go. Nothing was filed."))
    return redirect(url_for(".new"), 303)


# --------------------------------------------------------------- what became of a list


@bp.get("/submissions/<handle>")
@needs(Action.SEE_SUBMISSION)
def show(handle: str) -> ResponseReturnValue:
    """Show what became of each row."""
    page = _submission(handle)
    return render_template("lists/show.html", page=page, why_refused=why_refused)


@bp.route("/submissions/<handle>.<any(xlsx, csv):kind>", methods=TAKEN_OUT)
@needs(Action.SEE_SUBMISSION)
def download(handle: str, kind: str) -> ResponseReturnValue:
    """Give what became of each row as a file."""
    page = _submission(handle)
    headings = [
        _("Row"),
        _("Result"),
        _("Reference"),
        _("Full name"),
        _("Date or year of birth"),
        _("Title asked for"),
        _("Where it stands"),
    ]
    rows = _cells(page)
    if kind == "xlsx":
        content, media = write_xlsx(_("Result"), headings, rows), XLSX
    else:
        content, media = write_csv(headings, rows), "text/csv; charset=utf-8"
    name = f"{page.handle}.{kind}"
    return Response(
        content,
        mimetype=media,
        headers={"Content-Disposition": f'attachment; filename="{name}"'},
    )


def _submission(handle: str) -> SubmissionPage:
    page = submission_page(reading(), this_principal(), definitions(), handle)
    looked(Action.SEE_SUBMISSION, cases=[row.case for row in page.rows if row.case])
    return page


def _cells(page: SubmissionPage) -> Iterator[Cells]:
    for row in page.rows:
        yield (
            row.row,
            said(why_refused(row.reason)) if row.reason else _("Filed"),
            row.reference or "",
            row.name or "",
            day(row.born),
            row.target or "",
            said(row.state),
        )


def _file_name(name: str | None) -> str:
    """Return a file's name as it can be shown: the last part of its path, no signs unseen."""
    last = (name or "").replace("\\", "/").rpartition("/")[2]
    return "".join(sign for sign in last if sign.isprintable())[:LONGEST_FILE_NAME] or "–"
