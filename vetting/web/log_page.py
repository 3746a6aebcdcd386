"""The common log: what it is signed with, who witnesses it, and what checks an export alone."""

from pathlib import Path

import segno
from flask import Blueprint, Response, render_template, request
from flask.typing import ResponseReturnValue

from vetting.engine import verify_offline
from vetting.engine.policy import Action
from vetting.queries.kept_line import check_line
from vetting.queries.log_page import log_page
from vetting.web.desk import reading, shared
from vetting.web.filters import said
from vetting.web.forms.log import KeptLineForm
from vetting.web.gate import needs
from vetting.web.names import know_officers

bp = Blueprint("log_page", __name__)


@bp.get("/log")
@needs(Action.SIGNED_IN)
def show() -> ResponseReturnValue:
    """Show the log's key, its latest checkpoint and its witnesses, and check a line of it."""
    folder = shared().settings.folder
    found = log_page(reading(), folder)
    know_officers(
        name for gap in found.gaps for name in (gap.declared_by, gap.confirmed_by) if name
    )
    form = KeptLineForm.of_address()
    checked = None
    if "line" in request.args and form.said_well():
        checked = check_line(reading(), folder, str(form.line.data))
        if checked.holds is None:
            form.line.errors = [said(checked.sentence)]
    told = render_template(
        "log/show.html",
        found=found,
        picture=_picture(found.last.line) if found.last else None,
        form=form,
        checked=checked if not form.errors else None,
    )
    return told, 422 if form.errors else 200


@bp.get("/log/verify_offline.py")
@needs(Action.SIGNED_IN)
def verifier() -> ResponseReturnValue:
    """Give the program that checks a receipt or a package without this one."""
    return Response(
        Path(verify_offline.__file__).read_text("utf-8"),
        content_type="text/x-python; charset=utf-8",
        headers={"Content-Disposition": 'attachment; filename="verify_offline.py"'},
    )


def _picture(line: str) -> str:
    """Return the line as a QR code, in the page itself."""
    return segno.make(line, error="m", micro=False).svg_data_uri(scale=4, border=4, light="#fff")
